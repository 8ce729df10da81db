/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "air-verifier-private.h"
#include "base/air-json.h"

#define EVIDENCE AIR_CHECK_EVIDENCE
#define FAULT    AIR_FINDING_FAULT

/* The clock of an approver's machine may be ahead of the runtime's by this much. */
#define MAX_SKEW_US (5 * 60 * G_USEC_PER_SEC)

/* A decision entry under judgement, and all that it refers to. */
typedef struct {
  AirVerification *verification;
  const AirBundleItem *item;
  const AirBundleItem *request;
  const AirValue *members;
  const AirValue *asked; /* members of the request */
  AirDecision *decision;
  AirPublicKey *key;
  char *file;
} Judgement;

static void
judge (Judgement *self, gboolean holds, const char *field, const char *words)
{
  if (!holds)
    air_report_add (self->verification->report, EVIDENCE, FAULT, self->file, field, "%s", words);
}

static gboolean
list_has (const AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && text != NULL && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) == AIR_VALUE_STRING && g_str_equal (air_value_get_string (item, NULL), text))
        return TRUE;
    }
  return FALSE;
}

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

/* --- decisions --------------------------------------------------------------------- */

static const AirBundleItem *
find_request (AirVerification *self, const AirBundleItem *decision, const char *gate)
{
  const AirBundleItem *found = NULL;

  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);

      if (item == decision)
        break;
      if (air_verifier_is_of_run (self, item) && air_verifier_is_type (item, AIR_ENTRY_HUMAN_GATE_REQUESTED)
          && g_strcmp0 (air_map_get_string (air_entry_get_members (item->entry), "gate"), gate) == 0)
        found = item;
    }
  return found;
}

/* The last word of the ledger on a key before a decision: enrolled, revoked, or nothing. */
static const AirBundleItem *
find_enrolment (AirVerification *self, const AirBundleItem *decision, const char *key_id)
{
  const AirBundleItem *found = NULL;

  for (guint i = 0; i < self->bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (self->bundle->items, i);

      if (item == decision)
        break;
      if (!air_verifier_is_of_run (self, item)
          && (air_verifier_is_type (item, AIR_ENTRY_KEY_ENROLLED) || air_verifier_is_type (item, AIR_ENTRY_KEY_REVOKED))
          && g_strcmp0 (air_map_get_string (air_entry_get_members (item->entry), "key"), key_id) == 0)
        found = item;
    }
  return found;
}

/* "a+b": both. */
static gboolean
holds_role (const char *const *held, const AirValue *list, const char *role)
{
  g_auto (GStrv) parts = g_strsplit (role, "+", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (held != NULL ? !g_strv_contains (held, parts[i]) : !list_has (list, parts[i]))
      return FALSE;
  return TRUE;
}

static void
check_enrolment (Judgement *self, const char *key_id, const char *actor)
{
  AirVerification *verification = self->verification;
  const AirVerifierTrust *trust = verification->trust;
  const AirBundleItem *enrolment = find_enrolment (verification, self->item, key_id);
  const AirValue *members = enrolment != NULL ? air_entry_get_members (enrolment->entry) : NULL;

  if (trust != NULL && trust->has_people)
    {
      const AirTrustedKey *person = air_verifier_find_key (trust->people, key_id);

      judge (self, person != NULL, "key", "the people you pinned have no such key");
      judge (self, person == NULL || g_strcmp0 (person->uri, actor) == 0, "actor",
             "the people you pinned give that key to somebody else");
      judge (self, person == NULL || holds_role ((const char *const *) person->roles, NULL, self->decision->role),
             "role", "the people you pinned do not give that role to the approver");
    }

  judge (self, enrolment != NULL, "key", "no KEY_ENROLLED entry in the bundle says that this key may decide");
  if (enrolment == NULL)
    return;
  judge (self, air_verifier_is_type (enrolment, AIR_ENTRY_KEY_ENROLLED), "key", "the key was revoked before");
  if (air_verifier_is_type (enrolment, AIR_ENTRY_KEY_ENROLLED))
    {
      GBytes *spki = air_public_key_get_spki (self->key);
      g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));

      judge (self, g_strcmp0 (air_map_get_string (members, "spki"), text) == 0, "key", "another key was enrolled");
      judge (self, g_strcmp0 (air_map_get_string (members, "uri"), actor) == 0, "actor",
             "the key was enrolled for somebody else");
      judge (self, holds_role (NULL, air_map_get_list (members, "roles"), self->decision->role), "role",
             "the approver was not enrolled in that role");
    }
}

static gboolean
is_among (const AirValue *people, const char *actor)
{
  return people == NULL || list_has (people, actor);
}

/* The role the gate asks for, or one that may decide too by that time. */
static gboolean
role_was_asked (const AirValue *asked, const char *role, const char *actor, gint64 time_us)
{
  const AirValue *levels = air_map_get_list (asked, "escalation");

  if (g_strcmp0 (role, air_map_get_string (asked, "role")) == 0 && is_among (air_map_get_list (asked, "people"), actor))
    return TRUE;
  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      const AirValue *level = air_list_get (levels, i);
      const char *at = air_map_get_string (level, "at");
      gint64 from_us;

      if (at != NULL && air_time_parse (at, &from_us) && from_us <= time_us
          && g_strcmp0 (role, air_map_get_string (level, "role")) == 0
          && is_among (air_map_get_list (level, "people"), actor))
        return TRUE;
    }
  return FALSE;
}

/* Somebody who changed the action signed exactly what was made of it. */
static void
check_edit (Judgement *self)
{
  const AirValue *edited = air_map_get_list (self->item->opened, "edited");
  g_autofree char *hex = NULL, *digest = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AirDigest hash;

  if (self->decision->edits == NULL)
    return;
  if (edited == NULL)
    {
      judge (self, FALSE, "edited", "what the action was changed to is not disclosed");
      return;
    }
  bytes = air_jcs_write_bytes (edited, NULL);
  hash = air_sha256 (bytes != NULL ? g_bytes_get_data (bytes, NULL) : "", bytes != NULL ? g_bytes_get_size (bytes) : 0);
  hex = air_digest_to_hex (&hash);
  digest = g_strconcat ("sha256:", hex, NULL);
  judge (self, g_strcmp0 (digest, self->decision->edited_digest) == 0, "edited",
         "the person signed another change than the one in the ledger");
}

static void
check_against_request (Judgement *self, const char *actor)
{
  const AirDecision *decision = self->decision;
  gint64 deadline;
  const char *deadline_text = air_map_get_string (self->asked, "deadline");
  gint64 time = air_entry_get_time_us (self->item->entry);

  judge (self, air_digest_equal (&decision->request, air_entry_get_hash (self->request->entry)), "subject",
         "the person signed another request than the one in the ledger");
  judge (self, g_strcmp0 (decision->artifact, air_map_get_string (self->asked, "artifact")) == 0, "artifact",
         "the person decided about another version of the workflow");
  judge (self, g_strcmp0 (decision->action_digest, air_map_get_string (self->asked, "action_digest")) == 0,
         "action_digest", "the person decided about another action");
  judge (self, role_was_asked (self->asked, decision->role, actor, time), "role",
         "the gate asks for another role, or for other people");
  judge (self, !list_has (air_map_get_list (self->asked, "exclude"), actor), "actor",
         "the gate excludes this person (separation of duties)");
  judge (self, deadline_text == NULL || (air_time_parse (deadline_text, &deadline) && time <= deadline), "time",
         "it came after the gate's deadline");
  judge (self, time <= decision->expires_us, "expires", "the signed decision had expired when it was counted");
  judge (self, decision->issued_us <= time + MAX_SKEW_US, "issued", "it was signed after it was counted");
}

/* Envelope and entry must say the same. */
static void
check_against_entry (Judgement *self)
{
  const AirDecision *decision = self->decision;
  const char *reason = air_map_get_string (self->item->opened, "reason");

  judge (self, g_strcmp0 (decision->decision, air_map_get_string (self->members, "decision")) == 0, "decision",
         "the entry says another decision than the person signed");
  judge (self, g_strcmp0 (decision->gate, air_map_get_string (self->members, "gate")) == 0, "gate",
         "the person signed for another gate");
  judge (self, g_strcmp0 (decision->role, air_map_get_string (self->members, "role")) == 0, "role",
         "the entry says another role than the person signed");
  judge (self, reason == NULL || g_str_equal (reason, decision->reason), "reason",
         "the entry says another reason than the person signed");
}

static void
check_decision (AirVerification *verification, const AirBundleItem *item, GHashTable *nonces)
{
  g_autofree char *entry_file = air_verifier_entry_file (item);
  g_autofree char *file = g_strdup_printf ("decisions/%" G_GUINT64_FORMAT ".dsse.json", item->index);
  const AirValue *members = air_entry_get_members (item->entry);
  const char *key_id = air_map_get_string (members, "key");
  const char *actor = air_map_get_string (members, "actor");
  const char *envelope = air_bundle_item_get_envelope (item);
  g_autoptr (AirDecision) decision = NULL;
  g_autoptr (GError) error = NULL;
  Judgement self = { verification, item, NULL, members, NULL, NULL, NULL, file };

  if (g_strcmp0 (air_map_get_string (members, "decision"), "expired") == 0)
    return; /* time decided, nobody signed */
  if (envelope == NULL || key_id == NULL || actor == NULL)
    {
      /* An edit holds the requester's data and goes with it; no other decision is ever erased. */
      if (g_strcmp0 (air_map_get_string (members, "decision"), "edit") == 0)
        air_verifier_hidden (verification, EVIDENCE, entry_file, "envelope",
                             "the signed decision is not disclosed: who decided cannot be checked");
      else
        air_report_add (verification->report, EVIDENCE, FAULT, entry_file, "envelope",
                        "the signed decision is not disclosed: who decided cannot be checked");
      return;
    }
  self.key = air_bundle_find_approver (verification->bundle, key_id);
  if (self.key == NULL)
    {
      air_report_add (verification->report, EVIDENCE, FAULT, entry_file, "key", "approvers/%s.pem is missing", key_id);
      return;
    }
  decision = air_decision_open (envelope, strlen (envelope), self.key, &error);
  if (decision == NULL)
    {
      air_report_add (verification->report, EVIDENCE, FAULT, file, NULL, "%s", error->message);
      return;
    }
  self.decision = decision;
  self.request = find_request (verification, item, decision->gate);
  if (self.request == NULL)
    {
      air_report_add (verification->report, EVIDENCE, FAULT, file, "gate",
                      "no HUMAN_GATE_REQUESTED entry before it asks at %s", decision->gate);
      return;
    }
  self.asked = air_entry_get_members (self.request->entry);

  check_against_entry (&self);
  check_against_request (&self, actor);
  check_edit (&self);
  check_enrolment (&self, key_id, actor);
  judge (&self, g_hash_table_add (nonces, g_strdup (decision->nonce)), "nonce",
         "the same signed decision is counted twice");
  air_report_add (verification->report, EVIDENCE, AIR_FINDING_NOTE, file, NULL,
                  "%s signed \"%s\" at %s in the role %s over the request in entries/%" G_GUINT64_FORMAT ".json", actor,
                  decision->decision, decision->gate, decision->role, self.request->index);
}

/* --- the time ------------------------------------------------------------------------ */

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
    air_report_add (self->report, EVIDENCE, AIR_FINDING_OK, "checkpoint.tsr", NULL,
                    "%s stamped the checkpoint at %s: all its entries are older", stamp->authority, time);
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

      if (air_verifier_is_of_run (self, item) && air_verifier_is_type (item, AIR_ENTRY_HUMAN_GATE_DECISIONED))
        check_decision (self, item, nonces);
    }
  check_timestamp (self);
}
