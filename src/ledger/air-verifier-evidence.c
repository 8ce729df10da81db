/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-sd-jwt.h"
#include "air-statement-private.h"
#include "air-verifier-private.h"

#define EVIDENCE AIR_CHECK_EVIDENCE
#define FAULT    AIR_FINDING_FAULT

/* --- commitments ------------------------------------------------------------------ */

/* A member such as "action_digest" must be one of the entry's own commitments, and
 * where what it commits to is disclosed under that name, the commitment to just that. */
static void
check_references (AirVerification *self, const AirBundleItem *item)
{
  const AirValue *members = air_entry_get_members (item->entry);
  g_autofree char *file = air_verifier_entry_file (item);

  for (guint i = 0; i < item->disclosures->len; i++)
    {
      const char *text = g_ptr_array_index (item->disclosures, i);
      g_autoptr (AirDisclosure) disclosure = air_sd_parse (text, NULL);
      g_autofree char *field = disclosure != NULL ? g_strconcat (disclosure->name, "_digest", NULL) : NULL;
      const char *reference = field != NULL ? air_map_get_string (members, field) : NULL;
      char digest[AIR_SD_DIGEST_SIZE + 1];

      air_sd_digest (text, digest);
      if (reference != NULL && !g_str_equal (reference, digest))
        air_report_add (self->report, EVIDENCE, FAULT, file, field, "it is not the commitment to what is disclosed");
    }
  for (gsize i = 0; i < air_map_get_size (members); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (members, i), NULL);
      const char *text = air_map_get_string (members, key);

      if ((g_str_equal (key, "action_digest") || g_str_equal (key, "envelope_digest"))
          && (text == NULL || !air_entry_commits_to (item->entry, text)))
        air_report_add (self->report, EVIDENCE, FAULT, file, key, "it is none of the entry's commitments");
    }
}

static void
check_commitments (AirVerification *self)
{
  gsize committed = 0, opened = 0;

  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);

      committed += air_entry_get_n_committed (item->entry);
      opened += item->disclosures->len;
      check_references (self, item);
    }
  /* That each disclosure is one its entry commits to, the reading has shown. */
  air_report_add (self->report, EVIDENCE, AIR_FINDING_OK, "disclosures.json", NULL,
                  "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " commitments are opened and true", opened, committed);
  if (opened < committed && self->redaction != NULL)
    {
      const AirValue *members = air_entry_get_members (self->redaction->entry);
      g_autofree char *file = air_verifier_entry_file (self->redaction);

      air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, file, NULL,
                      "redacted, committed: %" G_GSIZE_FORMAT " fields were erased by %s at %s; legal basis: %s",
                      committed - opened, air_map_get_string (members, "actor"),
                      air_entry_get_time (self->redaction->entry), air_map_get_string (members, "legal_basis"));
    }
  else if (opened < committed)
    air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, "disclosures.json", NULL,
                    "%" G_GSIZE_FORMAT " fields are kept back or redacted: committed, not shown", committed - opened);
}

/* --- what people signed -------------------------------------------------------------- */

typedef struct {
  AirVerification *verification;
  char *file;
} Place;

static void
fault_cb (const char *field, const char *words, gpointer user_data)
{
  Place *self = user_data;

  air_report_add (self->verification->report, EVIDENCE, FAULT, self->file, field, "%s", words);
}

static gboolean
is_of_step (const AirEntry *entry, const char *step)
{
  g_autofree char *own = air_statement_dup_step (entry);

  return g_strcmp0 (own, step) == 0;
}

/* What the ledger says before the entry: the last word of each kind counts. */
static const AirBundleItem *
gather (AirVerification *self, const AirBundleItem *item, AirStatement *ret_facts)
{
  const AirValue *members = air_entry_get_members (item->entry);
  const char *key_id = air_map_get_string (members, "key"), *gate = air_map_get_string (members, "gate");
  gboolean word = air_statement_is_word (item->entry);
  g_autofree char *step = air_statement_dup_step (item->entry);
  const AirBundleItem *asked = NULL;

  *ret_facts = (AirStatement) { .entry = item->entry, .opened = item->opened, .fault = fault_cb };
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *other = g_ptr_array_index (self->bundle->items, i);
      const AirValue *said = air_entry_get_members (other->entry);

      if (other == item)
        break;
      if (!air_verifier_is_of_run (self, other))
        {
          if ((air_verifier_is_type (other, AIR_ENTRY_KEY_ENROLLED)
               || air_verifier_is_type (other, AIR_ENTRY_KEY_REVOKED))
              && g_strcmp0 (air_map_get_string (said, "key"), key_id) == 0)
            ret_facts->enrolment = other->entry;
        }
      else if (air_verifier_is_type (other, AIR_ENTRY_TRIGGER_RECEIVED))
        ret_facts->trigger = other->entry;
      else if (!word && air_verifier_is_type (other, AIR_ENTRY_HUMAN_GATE_REQUESTED)
               && g_strcmp0 (air_map_get_string (said, "gate"), gate) == 0)
        asked = other;
      else if (word && air_verifier_is_type (other, AIR_ENTRY_TOOL_ACTION_STARTED)
               && g_strcmp0 (air_map_get_string (said, "purpose"), "execute") == 0 && is_of_step (other->entry, step))
        {
          asked = other;
          if (air_map_get_int (said, "attempt", 0) == 1)
            ret_facts->first = other->entry;
        }
    }
  ret_facts->asked = asked != NULL ? asked->entry : NULL;
  return asked;
}

static void
check_pinned (AirVerification *self, const char *file, const char *key_id, const char *actor, const char *role)
{
  const AirTrustedKey *person = air_verifier_find_key (self->trust->people, key_id);
  g_auto (GStrv) parts = g_strsplit (role, "+", -1);
  gboolean holds = TRUE;

  if (person == NULL)
    {
      air_report_add (self->report, EVIDENCE, FAULT, file, "key", "the people you pinned have no such key");
      return;
    }
  for (guint i = 0; parts[i] != NULL; i++)
    holds = holds && g_strv_contains ((const char *const *) person->roles, parts[i]);
  if (g_strcmp0 (person->uri, actor) != 0)
    air_report_add (self->report, EVIDENCE, FAULT, file, "actor",
                    "the people you pinned give that key to somebody else");
  if (!holds)
    air_report_add (self->report, EVIDENCE, FAULT, file, "role",
                    "the people you pinned do not give that role to who signed");
}

static void
say_hidden (AirVerification *self, const AirBundleItem *item, const char *file)
{
  static const char words[] = "the signed decision is not disclosed: who decided cannot be checked";
  const char *decision = air_map_get_string (air_entry_get_members (item->entry), "decision");

  /* An edit and what came of an action hold the requester's data and go with it; no other decision is ever erased. */
  if (air_statement_is_word (item->entry) || g_strcmp0 (decision, "edit") == 0)
    air_verifier_hidden (self, EVIDENCE, file, "envelope", "%s", words);
  else
    air_report_add (self->report, EVIDENCE, FAULT, file, "envelope", "%s", words);
}

static void
check_statement (AirVerification *self, const AirBundleItem *item, GHashTable *nonces)
{
  g_autofree char *entry_file = air_verifier_entry_file (item);
  g_autofree char *file = g_strdup_printf ("decisions/%" G_GUINT64_FORMAT ".dsse.json", item->index);
  const AirValue *members = air_entry_get_members (item->entry);
  const char *key_id = air_map_get_string (members, "key");
  const char *actor = air_map_get_string (members, "actor");
  const char *envelope = air_bundle_item_get_envelope (item);
  Place place = { self, file };
  g_autoptr (AirDecision) decision = NULL;
  const AirBundleItem *asked;
  AirPublicKey *key;
  AirStatement facts;

  if (envelope == NULL || key_id == NULL || actor == NULL)
    {
      say_hidden (self, item, entry_file);
      return;
    }
  key = air_bundle_find_approver (self->bundle, key_id);
  if (key == NULL)
    {
      air_report_add (self->report, EVIDENCE, FAULT, entry_file, "key", "approvers/%s.pem is missing", key_id);
      return;
    }
  asked = gather (self, item, &facts);
  facts.user_data = &place;
  decision = air_statement_judge (&facts, envelope, key);
  if (decision == NULL)
    return;
  if (self->trust != NULL && self->trust->has_people)
    check_pinned (self, file, key_id, actor, decision->role);
  if (!g_hash_table_add (nonces, g_strdup (decision->nonce)))
    air_report_add (self->report, EVIDENCE, FAULT, file, "nonce", "the same signed decision is counted twice");
  if (asked != NULL)
    air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, file, NULL,
                    "%s signed \"%s\" at %s in the role %s over the %s in entries/%" G_GUINT64_FORMAT ".json", actor,
                    decision->decision, decision->gate, decision->role,
                    air_statement_is_word (item->entry) ? "attempt" : "request", asked->index);
}

/* --- the time ------------------------------------------------------------------------ */

/* The clocks of ledger and authority may differ by this much. */
#define MAX_SKEW_US (5 * 60 * G_USEC_PER_SEC)

/* What was stamped was there before: an entry that says it was made later lies about when. */
static void
check_entry_times (AirVerification *self, gint64 stamped_us, const char *stamped)
{
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);
      g_autofree char *file = NULL;

      if (air_entry_get_time_us (item->entry) <= stamped_us + MAX_SKEW_US)
        continue;
      file = air_verifier_entry_file (item);
      air_report_add (self->report, EVIDENCE, FAULT, file, "time",
                      "it says it was made after the checkpoint that holds it was stamped, at %s", stamped);
    }
}

static void
check_timestamp (AirVerification *self)
{
  const char *note = self->bundle->checkpoint;
  const AirTimestampTrust *trust = self->trust != NULL ? self->trust->timestamps : NULL;
  AirDigest digest = air_sha256 (note, strlen (note));
  g_autoptr (AirTimestamp) stamp = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *time = NULL;

  if (self->bundle->timestamp == NULL)
    {
      if (trust != NULL)
        air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, "checkpoint.tsr", NULL,
                        "there is none, though you pinned whose would count");
      return;
    }
  stamp = trust != NULL ? air_timestamp_open (self->bundle->timestamp, trust, &error)
                        : air_timestamp_parse (self->bundle->timestamp, &error);
  if (stamp == NULL)
    {
      air_report_add (self->report, EVIDENCE, FAULT, "checkpoint.tsr", NULL, "%s", error->message);
      return;
    }
  if (!air_digest_equal (&stamp->imprint, &digest))
    {
      air_report_add (self->report, EVIDENCE, FAULT, "checkpoint.tsr", "messageImprint",
                      "what was stamped is not this checkpoint");
      return;
    }
  time = air_time_format (stamp->time_us);
  if (trust != NULL)
    {
      air_report_add (self->report, EVIDENCE, AIR_FINDING_OK, "checkpoint.tsr", NULL,
                      "%s stamped the checkpoint at %s: all its entries are older",
                      stamp->authority != NULL ? stamp->authority : "the authority you pinned", time);
      check_entry_times (self, stamp->time_us, time);
    }
  else
    air_report_add (self->report, EVIDENCE, AIR_FINDING_NOTE, "checkpoint.tsr", NULL,
                    "it says %s; whose word that is was not judged: pin the authority's certificate to have it checked",
                    time);
}

void
air_verify_evidence (AirVerification *self)
{
  g_autoptr (GHashTable) nonces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  check_commitments (self);
  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);

      if (air_verifier_is_of_run (self, item) && air_statement_is_in (item->entry))
        check_statement (self, item, nonces);
    }
  check_timestamp (self);
}
