/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a decision into a run: what the ledger says of the gate, what the
 * policy makes of that, and the judgement of what a person signed. */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-gate-dossier.h"

#include <string.h>

#include "base/air-clock.h"
#include "hosting/air-admission-private.h"
#include "ledger/air-entry.h"
#include "policy/air-gate-edit.h"
#include "policy/air-gate.h"

/* --- what the ledger says --- */

static void
decided_free (AirGateDecided *self)
{
  g_free (self->decision);
  g_free (self->actor);
  g_free (self->key);
  g_free (self->role);
  g_free (self->outcome);
  g_free (self->reason);
  g_free (self->nonce);
  g_free (self->envelope);
  g_free (self);
}

void
air_gate_dossier_free (AirGateDossier *self)
{
  g_clear_pointer (&self->leaf, g_bytes_unref);
  g_clear_pointer (&self->disclosures, g_ptr_array_unref);
  g_clear_pointer (&self->members, air_value_unref);
  g_clear_pointer (&self->disclosed, air_value_unref);
  g_clear_pointer (&self->decisions, g_ptr_array_unref);
  g_free (self->leaf_hash);
  g_free (self);
}

static void
add_decided (AirGateDossier *self, guint64 index, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry);
  const char *envelope = air_map_get_string (disclosed, "envelope");
  AirGateDecided *decided = g_new0 (AirGateDecided, 1);

  decided->index = index;
  decided->time_us = air_entry_get_time_us (entry);
  decided->decision = g_strdup (air_map_get_string (members, "decision"));
  decided->actor = g_strdup (air_map_get_string (members, "actor"));
  decided->key = g_strdup (air_map_get_string (members, "key"));
  decided->role = g_strdup (air_map_get_string (members, "role"));
  decided->outcome = g_strdup (air_map_get_string (members, "outcome"));
  decided->reason = g_strdup (air_map_get_string (disclosed, "reason"));
  if (envelope != NULL)
    {
      decided->envelope = air_envelope_digest (envelope);
      decided->nonce = air_envelope_dup_nonce (envelope);
    }
  g_ptr_array_add (self->decisions, decided);
}

gboolean
air_gate_dossier_take (AirGateDossier **inout_dossier,
                       const char *step,
                       guint64 index,
                       GBytes *leaf,
                       GPtrArray *disclosures,
                       GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (leaf, error);
  g_autoptr (AirValue) disclosed = NULL;
  AirGateDossier *self;
  gboolean asks;

  if (entry == NULL)
    return FALSE;
  asks = strcmp (air_entry_get_type_name (entry), AIR_ENTRY_HUMAN_GATE_REQUESTED) == 0;
  if ((!asks && strcmp (air_entry_get_type_name (entry), AIR_ENTRY_HUMAN_GATE_DECISIONED) != 0)
      || !air_members_name_step (air_entry_get_members (entry), step) || (!asks && *inout_dossier == NULL))
    return TRUE;
  disclosed = air_entry_open (entry, disclosures, error);
  if (disclosed == NULL)
    return FALSE;
  if (!asks)
    {
      add_decided (*inout_dossier, index, entry, disclosed);
      return TRUE;
    }
  g_clear_pointer (inout_dossier, air_gate_dossier_free);
  self = *inout_dossier = g_new0 (AirGateDossier, 1);
  self->index = index;
  self->leaf = g_bytes_ref (leaf);
  self->leaf_hash = air_digest_to_hex (air_entry_get_hash (entry));
  self->disclosures = disclosures != NULL ? g_ptr_array_ref (disclosures) : NULL;
  self->members = air_value_ref (air_entry_get_members (entry));
  self->disclosed = g_steal_pointer (&disclosed);
  self->decisions = g_ptr_array_new_with_free_func ((GDestroyNotify) decided_free);
  return TRUE;
}

/* --- what policy is asked --- */

typedef struct {
  AirGateRequest request;
  GStrv exclude;
  GStrv people;
  GArray *levels;          /* AirGateEscalation */
  GPtrArray *level_people; /* GStrv */
  AirGateCounted *counted;
  gsize n_counted;
  gboolean expired;
} Case;

static void
case_clear (Case *self)
{
  g_strfreev (self->exclude);
  g_strfreev (self->people);
  g_clear_pointer (&self->levels, g_array_unref);
  g_clear_pointer (&self->level_people, g_ptr_array_unref);
  g_free (self->counted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, case_clear)

static GStrv
strings_of (AirValue *list)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (air_value_get_kind (air_list_get (list, i)) == AIR_VALUE_STRING)
      g_strv_builder_add (builder, air_value_get_string (air_list_get (list, i), NULL));
  return g_strv_builder_end (builder);
}

/* Who else may decide after some time, as the request says. */
static void
read_levels (Case *self, const AirValue *list)
{
  self->levels = g_array_new (FALSE, FALSE, sizeof (AirGateEscalation));
  self->level_people = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      AirValue *people = air_map_get_list (item, "people");
      AirGateEscalation level = {
        .quorum = air_map_get_int (item, "quorum", 1),
        .role = air_map_get_string (item, "role"),
      };

      if (level.role == NULL || !air_time_parse (air_map_get_string (item, "at"), &level.at_us))
        continue;
      if (people != NULL)
        {
          GStrv names = strings_of (people);

          g_ptr_array_add (self->level_people, names);
          level.people = (const char *const *) names;
        }
      g_array_append_val (self->levels, level);
    }
  self->request.levels = (const AirGateEscalation *) self->levels->data;
  self->request.n_levels = self->levels->len;
}

static void
case_init (Case *self, const AirGateDossier *dossier)
{
  AirValue *members = dossier->members;
  const char *deadline = air_map_get_string (members, "deadline"), *time = air_map_get_string (members, "time");

  memset (self, 0, sizeof *self);
  self->exclude = strings_of (air_map_get_list (members, "exclude"));
  self->request.gate = air_map_get_string (members, "gate");
  self->request.request_hash = dossier->leaf_hash;
  self->request.artifact = air_map_get_string (members, "artifact");
  self->request.action_digest = air_map_get_string (members, "action_digest");
  self->request.quorum = air_map_get_int (members, "quorum", 1);
  self->request.role = air_map_get_string (members, "role");
  self->request.exclude = (const char *const *) self->exclude;
  if (air_map_get_list (members, "people") != NULL)
    {
      self->people = strings_of (air_map_get_list (members, "people"));
      self->request.people = (const char *const *) self->people;
    }
  if (air_map_get_list (members, "escalation") != NULL)
    read_levels (self, air_map_get_list (members, "escalation"));
  self->request.editable = air_map_get_map (members, "edit") != NULL;
  self->request.edited = air_map_get_string (members, "edited_by") != NULL;
  if (time != NULL)
    air_time_parse (time, &self->request.requested_us);
  if (deadline != NULL)
    air_time_parse (deadline, &self->request.deadline_us);
  self->counted = g_new0 (AirGateCounted, dossier->decisions->len + 1);
  for (guint i = 0; i < dossier->decisions->len; i++)
    {
      const AirGateDecided *decided = dossier->decisions->pdata[i];

      if (decided->actor == NULL)
        {
          self->expired = TRUE;
          continue;
        }
      self->counted[self->n_counted++] =
          (AirGateCounted) { decided->actor, decided->decision, decided->nonce, decided->envelope };
    }
}

static AirGateEnrolment
enrolment_of (const AirVoter *voter)
{
  return (AirGateEnrolment) { voter->uri, air_public_key_get_id (voter->key), voter->roles, voter->enrolled_us, 0 };
}

/**
 * air_gate_dossier_may:
 * @self: what the ledger says of a gate
 * @voter: (nullable): who it is; %NULL: nobody with a key
 * @uri: who it is
 * @now_us: microseconds since the Unix epoch
 * @ret_role: (out) (nullable) (transfer full): to decide in
 * @ret_reason: (out) (transfer full): why or why not, in words
 *
 * Returns: whether they may decide now
 */
gboolean
air_gate_dossier_may (const AirGateDossier *self,
                      const AirVoter *voter,
                      const char *uri,
                      gint64 now_us,
                      char **ret_role,
                      char **ret_reason)
{
  g_auto (Case) facts = { 0 };
  AirGateEnrolment enrolment = { 0 };
  AirGateRule rule;

  case_init (&facts, self);
  *ret_role = NULL;
  if (facts.expired)
    {
      *ret_reason = g_strdup ("the deadline has passed");
      return FALSE;
    }
  if (voter != NULL && voter->key != NULL)
    {
      enrolment = enrolment_of (voter);
      *ret_role = g_strdup (air_gate_request_get_role_of (&facts.request, uri, enrolment.roles, now_us));
    }
  return air_gate_request_may_decide (&facts.request, enrolment.uri != NULL ? &enrolment : NULL, facts.counted,
                                      facts.n_counted, now_us, &rule, ret_reason);
}

/* --- the judgement --- */

static AirAdmissionKind
kind_of (AirGateRule rule)
{
  switch (rule)
    {
    case AIR_GATE_RULE_ACCEPTED:
      return AIR_ADMITTED;
    case AIR_GATE_RULE_DUPLICATE:
      return AIR_ADMITTED_BEFORE;
    case AIR_GATE_RULE_CLOSED:
    case AIR_GATE_RULE_REPLAYED:
    case AIR_GATE_RULE_ALREADY_DECIDED:
      return AIR_REFUSED_STATE;
    case AIR_GATE_RULE_EXPIRED:
    case AIR_GATE_RULE_AFTER_DEADLINE:
      return AIR_REFUSED_EXPIRED;
    case AIR_GATE_RULE_WRONG_SUBJECT:
    case AIR_GATE_RULE_WRONG_ARTIFACT:
    case AIR_GATE_RULE_WRONG_ACTION:
    case AIR_GATE_RULE_UNKNOWN_DECISION:
    case AIR_GATE_RULE_NOT_YET_VALID:
      return AIR_REFUSED_MALFORMED;
    case AIR_GATE_RULE_UNKNOWN_KEY:
    case AIR_GATE_RULE_KEY_NOT_VALID:
    case AIR_GATE_RULE_EXCLUDED:
    case AIR_GATE_RULE_ROLE_MISSING:
    default:
      return AIR_REFUSED_PERSON;
    }
}

static AirGateVerdict *
judge (const Case *facts,
       const AirDecision *decision,
       const char *key_id,
       const char *envelope,
       const AirVoter *voter,
       gint64 now_us)
{
  g_autofree char *digest = air_envelope_digest (envelope), *subject = air_digest_to_hex (&decision->request);
  const AirGateStatement statement = {
    .subject_name = decision->gate,
    .subject_digest = subject,
    .decision = decision->decision,
    .gate = decision->gate,
    .artifact = decision->artifact,
    .action_digest = decision->action_digest,
    .role = decision->role,
    .nonce = decision->nonce,
    .key_id = key_id,
    .issued_us = decision->issued_us,
    .expires_us = decision->expires_us,
    .envelope = digest,
  };
  AirGateEnrolment enrolment = { 0 };

  if (voter != NULL)
    enrolment = enrolment_of (voter);
  return air_gate_judge (&facts->request, &statement, voter != NULL ? &enrolment : NULL, facts->counted,
                         facts->n_counted, FALSE, now_us);
}

/* What the person signed must be what the engine will make of the edit. */
static AirAdmission *
check_edit (const AirGateDossier *self, const AirDecision *decision)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) edited = air_gate_edit_apply (air_map_get_list (self->disclosed, "action"),
                                                     air_map_get_map (self->members, "edit"), decision->edits, &error);
  g_autofree char *digest = edited != NULL ? air_gate_edit_digest (edited) : NULL;

  if (edited == NULL)
    return air_admission_new_refused (AIR_REFUSED_MALFORMED, "gate.edit-not-allowed", error->message);
  if (g_strcmp0 (digest, decision->edited_digest) == 0)
    return NULL;
  return air_admission_new_refused (
      AIR_REFUSED_MALFORMED, "gate.wrong-action",
      "the decision is signed over another change than the one it makes; fetch the gate again");
}

/**
 * air_gate_dossier_judge:
 * @self: what the ledger says of a gate
 * @envelope: a DSSE envelope with a decision, from anybody
 * @find: who knows whose key it is
 * @user_data: for @find
 * @now_us: microseconds since the Unix epoch
 *
 * Verifies the signature, then judges as air_gate_judge() does, the action that an edit makes included.
 *
 * Returns: (transfer full): what the host makes of it
 */
AirAdmission *
air_gate_dossier_judge (const AirGateDossier *self,
                        const char *envelope,
                        AirFindVoter find,
                        gpointer user_data,
                        gint64 now_us)
{
  gsize length = strlen (envelope);
  g_autoptr (GError) error = NULL;
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) decision = air_decision_peek (envelope, length, &key_id, &error);
  g_autoptr (AirGateVerdict) verdict = NULL;
  g_auto (Case) facts = { 0 };
  AirAdmission *admission;
  AirVoter voter = { 0 };
  gboolean known;

  if (decision == NULL)
    return air_admission_new_refused (AIR_REFUSED_MALFORMED, "gate.malformed", error->message);
  /* Without a key it is judged as of a key nobody enrolled; nothing else of it is used. */
  known = find (key_id, &voter, user_data);
  if (known)
    {
      g_clear_pointer (&decision, air_decision_free);
      decision = air_decision_open (envelope, length, voter.key, &error);
      if (decision == NULL)
        return air_admission_new_refused (AIR_REFUSED_PERSON, "gate.bad-signature", error->message);
    }
  case_init (&facts, self);
  verdict = judge (&facts, decision, key_id, envelope, known ? &voter : NULL, now_us);
  if (!verdict->accepted || verdict->rule == AIR_GATE_RULE_DUPLICATE)
    return air_admission_new_refused (kind_of (verdict->rule), air_gate_rule_get_id (verdict->rule), verdict->message);
  if (decision->edits != NULL && (admission = check_edit (self, decision)) != NULL)
    return admission;
  if (facts.expired)
    return air_admission_new_refused (AIR_REFUSED_EXPIRED, air_gate_rule_get_id (AIR_GATE_RULE_AFTER_DEADLINE),
                                      "the gate's deadline has passed; nothing can be decided any more");
  admission = g_new0 (AirAdmission, 1);
  admission->kind = AIR_ADMITTED;
  admission->rule = air_gate_rule_get_id (verdict->rule);
  admission->statement = g_steal_pointer (&decision);
  admission->key_id = g_steal_pointer (&key_id);
  admission->uri = g_strdup (voter.uri);
  return admission;
}
