/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-gatekeeper.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "ledger/air-decision.h"
#include "ledger/air-entry.h"
#include "ledger/air-sd-jwt.h"
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

/* Equal for identical envelopes only. */
static char *
envelope_digest (const char *envelope)
{
  AirDigest digest = air_sha256 (envelope, strlen (envelope));

  return air_digest_to_hex (&digest);
}

static void
add_decided (AirGateDossier *self, const AirStoredEntry *stored, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry);
  const char *envelope = air_map_get_string (disclosed, "envelope");
  AirGateDecided *decided = g_new0 (AirGateDecided, 1);

  decided->index = stored->index;
  decided->time_us = air_entry_get_time_us (entry);
  decided->decision = g_strdup (air_map_get_string (members, "decision"));
  decided->actor = g_strdup (air_map_get_string (members, "actor"));
  decided->key = g_strdup (air_map_get_string (members, "key"));
  decided->role = g_strdup (air_map_get_string (members, "role"));
  decided->outcome = g_strdup (air_map_get_string (members, "outcome"));
  decided->reason = g_strdup (air_map_get_string (disclosed, "reason"));
  if (envelope != NULL)
    {
      g_autofree char *key_id = NULL;
      g_autoptr (AirDecision) decision = air_decision_peek (envelope, strlen (envelope), &key_id, NULL);

      decided->envelope = envelope_digest (envelope);
      decided->nonce = decision != NULL ? g_strdup (decision->nonce) : NULL;
    }
  g_ptr_array_add (self->decisions, decided);
}

static AirGateDossier *
dossier_new (const AirStoredEntry *stored, const AirEntry *entry, AirValue *take_disclosed)
{
  AirGateDossier *self = g_new0 (AirGateDossier, 1);

  self->index = stored->index;
  self->leaf = g_bytes_ref (stored->leaf);
  self->leaf_hash = air_digest_to_hex (air_entry_get_hash (entry));
  self->disclosures = stored->disclosures != NULL ? g_ptr_array_ref (stored->disclosures) : NULL;
  self->members = air_value_ref (air_entry_get_members (entry));
  self->disclosed = take_disclosed;
  self->decisions = g_ptr_array_new_with_free_func ((GDestroyNotify) decided_free);
  return self;
}

/* "<node>", in a loop "<node>@<iteration>". */
static gboolean
names_step (AirValue *members, const char *step)
{
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");
  gsize length = node != NULL ? strlen (node) : 0;

  if (node == NULL || strncmp (step, node, length) != 0)
    return FALSE;
  if (iteration == NULL)
    return step[length] == '\0';
  return step[length] == '@' && strcmp (step + length + 1, iteration) == 0;
}

/**
 * air_gate_dossier_read:
 *
 * Reads the last time @node asked for decisions, out of the run's entries. The
 * instance would tell most of it too, but a decision is about exact bytes.
 */
AirGateDossier *
air_gate_dossier_read (AirHost *host, const char *run, const char *node, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (host, run, error);
  g_autoptr (AirGateDossier) dossier = NULL;

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      AirStoredEntry *stored = entries->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, error);
      g_autoptr (AirValue) disclosed = NULL;
      const char *type;

      if (entry == NULL)
        return NULL;
      type = air_entry_get_type_name (entry);
      if (!names_step (air_entry_get_members (entry), node)
          || (strcmp (type, AIR_ENTRY_HUMAN_GATE_REQUESTED) != 0
              && strcmp (type, AIR_ENTRY_HUMAN_GATE_DECISIONED) != 0))
        continue;
      disclosed = air_entry_open (entry, stored->disclosures, error);
      if (disclosed == NULL)
        return NULL;
      if (strcmp (type, AIR_ENTRY_HUMAN_GATE_REQUESTED) == 0)
        {
          g_clear_pointer (&dossier, air_gate_dossier_free);
          dossier = dossier_new (stored, entry, g_steal_pointer (&disclosed));
        }
      else if (dossier != NULL)
        add_decided (dossier, stored, entry, disclosed);
    }
  return g_steal_pointer (&dossier);
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
enrolment_of (AirHost *host, const AirPerson *person)
{
  const char *key_id = air_public_key_get_id (person->key);

  return (AirGateEnrolment) { person->uri, key_id, (const char *const *) person->roles,
                              air_host_get_enrolled (host, key_id), 0 };
}

gboolean
air_gate_dossier_may (const AirGateDossier *self, AirHost *host, const char *uri, char **ret_role, char **ret_reason)
{
  AirTrust *trust = air_host_get_trust (host);
  const AirPerson *person = trust != NULL ? air_trust_find_uri (trust, uri) : NULL;
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
  if (person != NULL && person->key != NULL)
    {
      enrolment = enrolment_of (host, person);
      *ret_role = g_strdup (air_gate_request_get_role_of (&facts.request, uri, enrolment.roles, g_get_real_time ()));
    }
  return air_gate_request_may_decide (&facts.request, enrolment.uri != NULL ? &enrolment : NULL, facts.counted,
                                      facts.n_counted, g_get_real_time (), &rule, ret_reason);
}

/* --- the judgement --- */

typedef struct {
  AirAnswered answered;
  gpointer user_data;
  AirProblem *problem;
} Refusal;

static void
logged_cb (gpointer user_data)
{
  g_autofree Refusal *refusal = user_data;

  refusal->answered (NULL, NULL, refusal->problem, refusal->user_data);
}

/* The refusal is told when it is in the ledger; by then the run may have left the memory. */
static void
refuse (AirHost *host, AirRun *run, AirMessage *message, guint status, const char *rule, const char *words)
{
  g_autoptr (GError) error = g_error_new_literal (AIR_HOST_ERROR, AIR_HOST_ERROR_LEDGER, words);
  g_autofree char *gate = g_strdup_printf ("gate %s/%s", run->chain->id, message->node);
  Refusal *refusal = g_new (Refusal, 1);

  *refusal =
      (Refusal) { message->answered, message->user_data, air_problem_new_error (status, "decision-refused", error) };
  air_problem_set_rule (refusal->problem, rule);
  air_host_log_refusal (host, message->actor, gate, rule, words, logged_cb, refusal);
}

static guint
status_of (AirGateRule rule)
{
  switch (rule)
    {
    case AIR_GATE_RULE_CLOSED:
    case AIR_GATE_RULE_REPLAYED:
    case AIR_GATE_RULE_ALREADY_DECIDED:
      return 409;
    case AIR_GATE_RULE_EXPIRED:
    case AIR_GATE_RULE_AFTER_DEADLINE:
      return 410;
    case AIR_GATE_RULE_WRONG_SUBJECT:
    case AIR_GATE_RULE_WRONG_ARTIFACT:
    case AIR_GATE_RULE_WRONG_ACTION:
    case AIR_GATE_RULE_UNKNOWN_DECISION:
    case AIR_GATE_RULE_NOT_YET_VALID:
      return 422;
    case AIR_GATE_RULE_UNKNOWN_KEY:
    case AIR_GATE_RULE_KEY_NOT_VALID:
    case AIR_GATE_RULE_EXCLUDED:
    case AIR_GATE_RULE_ROLE_MISSING:
    default:
      return 403;
    }
}

/* The signature must hold before a word of the statement counts. */
static AirDecision *
open_decision (AirHost *host, AirRun *run, AirMessage *message, const AirPerson **ret_person, char **ret_key_id)
{
  AirTrust *trust = air_host_get_trust (host);
  gsize length = strlen (message->envelope);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirDecision) decision = air_decision_peek (message->envelope, length, ret_key_id, &error);

  if (decision == NULL)
    {
      refuse (host, run, message, 422, "gate.malformed", error->message);
      return NULL;
    }
  *ret_person = trust != NULL ? air_trust_find_key (trust, *ret_key_id) : NULL;
  if (*ret_person == NULL)
    return g_steal_pointer (&decision); /* judged as a key nobody enrolled; nothing else of it is used */
  g_clear_pointer (&decision, air_decision_free);
  decision = air_decision_open (message->envelope, length, (*ret_person)->key, &error);
  if (decision == NULL)
    refuse (host, run, message, 403, "gate.bad-signature", error->message);
  return g_steal_pointer (&decision);
}

/* What the person signed must be what the engine will make of the edit. */
static gboolean
check_edit (AirHost *host, AirRun *run, AirMessage *message, const AirGateDossier *dossier, const AirDecision *decision)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) edited =
      air_gate_edit_apply (air_map_get_list (dossier->disclosed, "action"), air_map_get_map (dossier->members, "edit"),
                           decision->edits, &error);
  g_autofree char *digest = edited != NULL ? air_gate_edit_digest (edited) : NULL;

  if (edited == NULL)
    {
      refuse (host, run, message, 422, "gate.edit-not-allowed", error->message);
      return FALSE;
    }
  if (g_strcmp0 (digest, decision->edited_digest) == 0)
    return TRUE;
  refuse (host, run, message, 422, "gate.wrong-action",
          "the decision is signed over another change than the one it makes; fetch the gate again");
  return FALSE;
}

gboolean
air_gatekeeper_admit (AirHost *host, AirRun *run, AirMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGateDossier) dossier = air_gate_dossier_read (host, run->chain->id, message->node, &error);
  g_autoptr (AirDecision) decision = NULL;
  g_autoptr (AirGateVerdict) verdict = NULL;
  g_autofree char *key_id = NULL, *digest = NULL, *subject = NULL;
  g_auto (Case) facts = { 0 };
  AirGateStatement statement = { 0 };
  AirGateEnrolment enrolment = { 0 };
  const AirPerson *person = NULL;

  if (dossier == NULL)
    {
      message->answered (run, NULL,
                         error != NULL
                             ? air_problem_new_error (503, "not-readable", error)
                             : air_problem_new (404, "no-such-gate", "see GET /v1/gates?state=waiting",
                                                "\"%s\" of run %s asks for no decision", message->node, run->chain->id),
                         message->user_data);
      return FALSE;
    }
  decision = open_decision (host, run, message, &person, &key_id);
  if (decision == NULL)
    return FALSE;

  case_init (&facts, dossier);
  digest = envelope_digest (message->envelope);
  subject = air_digest_to_hex (&decision->request);
  statement = (AirGateStatement) {
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
  if (person != NULL)
    enrolment = enrolment_of (host, person);
  verdict = air_gate_judge (&facts.request, &statement, person != NULL ? &enrolment : NULL, facts.counted,
                            facts.n_counted, FALSE, g_get_real_time ());
  if (!verdict->accepted)
    {
      refuse (host, run, message, status_of (verdict->rule), air_gate_rule_get_id (verdict->rule), verdict->message);
      return FALSE;
    }
  if (verdict->rule == AIR_GATE_RULE_DUPLICATE)
    {
      message->answered (run, NULL, NULL, message->user_data);
      return FALSE;
    }
  if (decision->edits != NULL && !check_edit (host, run, message, dossier, decision))
    return FALSE;
  if (facts.expired)
    {
      refuse (host, run, message, 410, air_gate_rule_get_id (AIR_GATE_RULE_AFTER_DEADLINE),
              "the gate's deadline has passed; nothing can be decided any more");
      return FALSE;
    }
  /* What the entry names is the person whose key signed, whoever brought it. */
  g_set_str (&message->actor, person->uri);
  message->asks = strcmp (decision->decision, "request-info") == 0;
  message->approve = !message->asks && strcmp (decision->decision, "deny") != 0;
  message->edits = decision->edits != NULL ? air_value_ref (decision->edits) : NULL;
  message->key_id = g_steal_pointer (&key_id);
  message->role = g_strdup (decision->role);
  message->reason = g_strdup (decision->reason);
  return TRUE;
}
