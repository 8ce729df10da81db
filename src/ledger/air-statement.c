/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-statement-private.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-sd-jwt.h"
#include "base/air-json.h"

/* The clock of a person's machine may be ahead of the runtime's by this much. */
#define MAX_SKEW_US (5 * 60 * G_USEC_PER_SEC)

typedef struct {
  const AirStatement *facts;
  const AirDecision *decision;
  AirPublicKey *key;
  const AirValue *members;
  const AirValue *asked; /* members of what was asked, or of the intent */
  const char *actor;
  gint64 time_us;
} Judgement;

static void
judge (Judgement *self, gboolean holds, const char *field, const char *words)
{
  if (!holds)
    self->facts->fault (field, words, self->facts->user_data);
}

static gboolean
is_type (const AirEntry *entry, const char *type)
{
  return g_str_equal (air_entry_get_type_name (entry), type);
}

gboolean
air_statement_is_word (const AirEntry *entry)
{
  return is_type (entry, AIR_ENTRY_RUN_CONTROLLED)
         && g_strcmp0 (air_map_get_string (air_entry_get_members (entry), "action"), "confirm") == 0;
}

gboolean
air_statement_is_in (const AirEntry *entry)
{
  /* Where time decided, nobody signed. */
  if (is_type (entry, AIR_ENTRY_HUMAN_GATE_DECISIONED))
    return g_strcmp0 (air_map_get_string (air_entry_get_members (entry), "decision"), "expired") != 0;
  return air_statement_is_word (entry);
}

char *
air_statement_dup_step (const AirEntry *entry)
{
  const AirValue *members = air_entry_get_members (entry);
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");

  return node != NULL ? g_strconcat (node, iteration != NULL ? "@" : NULL, iteration, NULL) : NULL;
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

gboolean
air_statement_holds_role (const AirValue *held, const char *role)
{
  g_auto (GStrv) parts = g_strsplit (role, "+", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (!list_has (held, parts[i]))
      return FALSE;
  return TRUE;
}

/* --- who --------------------------------------------------------------------------------------- */

static void
check_enrolment (Judgement *self)
{
  const AirEntry *enrolment = self->facts->enrolment;
  const AirValue *members = enrolment != NULL ? air_entry_get_members (enrolment) : NULL;
  GBytes *spki = air_public_key_get_spki (self->key);
  g_autofree char *text = g_base64_encode (g_bytes_get_data (spki, NULL), g_bytes_get_size (spki));

  judge (self, enrolment != NULL, "key", "no KEY_ENROLLED entry before it says that this key may decide");
  if (enrolment == NULL)
    return;
  if (!is_type (enrolment, AIR_ENTRY_KEY_ENROLLED))
    {
      judge (self, FALSE, "key", "the key was revoked before");
      return;
    }
  judge (self, g_strcmp0 (air_map_get_string (members, "spki"), text) == 0, "key", "another key was enrolled");
  /* Under another id, a revocation would miss it. */
  judge (self, g_strcmp0 (air_map_get_string (self->members, "key"), air_public_key_get_id (self->key)) == 0, "key",
         "it is not the id of the key that signed");
  judge (self, g_strcmp0 (air_map_get_string (members, "uri"), self->actor) == 0, "actor",
         "the key was enrolled for somebody else");
  judge (self, air_statement_holds_role (air_map_get_list (members, "roles"), self->decision->role), "role",
         "the person was not enrolled in that role");
}

/* "<instance>/<step>": where the entry stands. */
static char *
dup_subject (const Judgement *self)
{
  g_autofree char *step = air_statement_dup_step (self->facts->entry);

  return g_strconcat (air_entry_get_instance (self->facts->entry), "/", step != NULL ? step : "", NULL);
}

/* --- what was signed, beside the entry that counts it -------------------------------------------- */

static void
check_both (Judgement *self)
{
  const AirDecision *decision = self->decision;
  const char *reason = air_map_get_string (self->facts->opened, "reason");

  judge (self, g_strcmp0 (decision->role, air_map_get_string (self->members, "role")) == 0, "role",
         "the entry says another role than the person signed");
  judge (self, reason == NULL || g_str_equal (reason, decision->reason), "reason",
         "the entry says another reason than the person signed");
  judge (self, air_digest_equal (&decision->request, air_entry_get_hash (self->facts->asked)), "subject",
         air_statement_is_word (self->facts->entry)
             ? "the person signed about another attempt than the last one before it in the ledger"
             : "the person signed another request than the one in the ledger");
  judge (self, self->time_us <= decision->expires_us, "expires", "the signed decision had expired when it was counted");
  judge (self, decision->issued_us <= self->time_us + MAX_SKEW_US, "issued", "it was signed after it was counted");
}

/* --- a decision at a gate ------------------------------------------------------------------------- */

static gboolean
is_among (const AirValue *people, const char *actor)
{
  return people == NULL || list_has (people, actor);
}

/* The role the gate asks for, or one that may decide too by that time. */
static gboolean
role_was_asked (const Judgement *self)
{
  const AirValue *levels = air_map_get_list (self->asked, "escalation");
  const char *role = self->decision->role;

  if (g_strcmp0 (role, air_map_get_string (self->asked, "role")) == 0
      && is_among (air_map_get_list (self->asked, "people"), self->actor))
    return TRUE;
  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      const AirValue *level = air_list_get (levels, i);
      const char *at = air_map_get_string (level, "at");
      gint64 from_us;

      if (at != NULL && air_time_parse (at, &from_us) && from_us <= self->time_us
          && g_strcmp0 (role, air_map_get_string (level, "role")) == 0
          && is_among (air_map_get_list (level, "people"), self->actor))
        return TRUE;
    }
  return FALSE;
}

/* Somebody who changed the action signed exactly what was made of it. */
static void
check_edit (Judgement *self)
{
  const AirValue *edited = air_map_get_list (self->facts->opened, "edited");
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
check_decision (Judgement *self)
{
  const AirDecision *decision = self->decision;
  const char *deadline_text = air_map_get_string (self->asked, "deadline");
  g_autofree char *subject = dup_subject (self);
  gint64 deadline;

  judge (self, g_strcmp0 (decision->decision, air_map_get_string (self->members, "decision")) == 0, "decision",
         "the entry says another decision than the person signed");
  judge (self, g_strcmp0 (decision->gate, air_map_get_string (self->members, "gate")) == 0, "gate",
         "the person signed for another gate");
  judge (self, g_str_equal (decision->gate, subject), "gate", "it is counted at another gate than it was signed for");
  judge (self, g_strcmp0 (decision->artifact, air_map_get_string (self->asked, "artifact")) == 0, "artifact",
         "the person decided about another version of the workflow");
  judge (self, g_strcmp0 (decision->action_digest, air_map_get_string (self->asked, "action_digest")) == 0,
         "action_digest", "the person decided about another action");
  judge (self, role_was_asked (self), "role", "the gate asks for another role, or for other people");
  judge (self, !list_has (air_map_get_list (self->asked, "exclude"), self->actor), "actor",
         "the gate excludes this person (separation of duties)");
  judge (self, deadline_text == NULL || (air_time_parse (deadline_text, &deadline) && self->time_us < deadline), "time",
         "it came at or after the gate's deadline");
  check_edit (self);
}

/* --- a word on an outcome --------------------------------------------------------------------------- */

static void
check_word (Judgement *self)
{
  static const char *const roles[] = { "operator", "admin", NULL }; /* who may say that: docs/proofs.md */
  const AirDecision *decision = self->decision;
  const AirValue *trigger = self->facts->trigger != NULL ? air_entry_get_members (self->facts->trigger) : NULL;
  gboolean happened = air_map_get_bool (self->members, "happened", FALSE);
  g_autofree char *subject = dup_subject (self);

  judge (self, g_str_equal (decision->decision, happened ? "happened" : "did-not-happen"), "happened",
         "the entry says another outcome than the person signed");
  judge (self, g_strcmp0 (decision->gate, subject) == 0, "node", "the person signed about another step");
  judge (self, g_strcmp0 (decision->artifact, air_map_get_string (trigger, "artifact")) == 0, "artifact",
         "the person signed about another version of the workflow");
  /* The first attempt commits to the input; a later one repeats it under the same key. */
  judge (self, self->facts->first != NULL && air_entry_commits_to (self->facts->first, decision->action_digest),
         "action_digest", "the person signed about another input");
  judge (self, decision->issued_us >= air_entry_get_time_us (self->facts->asked) - MAX_SKEW_US, "issued",
         "it was signed before the action was sent");
  judge (self, g_strv_contains (roles, decision->role), "role", "only an operator or an admin may say that");
  /* A run that does an ended one's work again names who brought that. */
  judge (self,
         g_strcmp0 (air_map_get_string (trigger, "actor"), self->actor) != 0
             && !list_has (air_map_get_list (trigger, "triggered_by"), self->actor),
         "actor", "this person started the run (separation of duties)");
}

AirDecision *
air_statement_judge (const AirStatement *facts, const char *envelope, AirPublicKey *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDecision) decision = air_decision_open (envelope, strlen (envelope), key, &error);
  Judgement self = { .facts = facts, .decision = decision, .key = key };
  gboolean word = air_statement_is_word (facts->entry);

  if (decision == NULL)
    {
      facts->fault (NULL, error->message, facts->user_data);
      return NULL;
    }
  self.members = air_entry_get_members (facts->entry);
  self.actor = air_map_get_string (self.members, "actor");
  self.time_us = air_entry_get_time_us (facts->entry);
  check_enrolment (&self);
  if (facts->asked == NULL)
    {
      g_autofree char *words =
          word ? g_strdup_printf ("no TOOL_ACTION_STARTED entry before it is an attempt of %s", decision->gate)
               : g_strdup_printf ("no HUMAN_GATE_REQUESTED entry before it asks at %s", decision->gate);

      facts->fault (word ? "node" : "gate", words, facts->user_data);
      return g_steal_pointer (&decision);
    }
  self.asked = air_entry_get_members (facts->asked);
  check_both (&self);
  if (word)
    check_word (&self);
  else
    check_decision (&self);
  return g_steal_pointer (&decision);
}
