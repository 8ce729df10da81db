/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a decision into a run: the signature is verified by the ledger's
 * code and judged by the policy's, over the exact entries, as the runtime does. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "ledger/air-decision.h"
#include "policy/air-gate.h"
#include "sim/air-sim-private.h"

typedef struct {
  AirEntry *request;
  GPtrArray *counted; /* AirGateCounted, their strings in @keep */
  GPtrArray *keep;    /* gpointer to be freed: entries and disclosed maps */
  gboolean expired;
} Dossier;

static void
keep_value (Dossier *self, AirValue *take_value)
{
  g_ptr_array_add (self->keep, take_value);
}

static char *
envelope_digest (const char *envelope)
{
  AirDigest digest = air_sha256 (envelope, strlen (envelope));

  return air_digest_to_hex (&digest);
}

static void
counted_free (gpointer data)
{
  AirGateCounted *counted = data;

  g_free ((char *) counted->uri);
  g_free ((char *) counted->decision);
  g_free ((char *) counted->nonce);
  g_free ((char *) counted->envelope);
  g_free (counted);
}

static void
add_decided (Dossier *self, const AirEntry *entry, const AirValue *disclosed)
{
  AirValue *members = air_entry_get_members (entry);
  const char *envelope = air_map_get_string (disclosed, "envelope");
  AirGateCounted *counted;

  if (envelope == NULL)
    {
      self->expired = TRUE;
      return;
    }
  counted = g_new0 (AirGateCounted, 1);
  counted->uri = g_strdup (air_map_get_string (members, "actor"));
  counted->decision = g_strdup (air_map_get_string (members, "decision"));
  counted->envelope = envelope_digest (envelope);
  {
    g_autofree char *key_id = NULL;
    g_autoptr (AirDecision) decision = air_decision_peek (envelope, strlen (envelope), &key_id, NULL);

    counted->nonce = decision != NULL ? g_strdup (decision->nonce) : NULL;
  }
  g_ptr_array_add (self->counted, counted);
}

static void
read_dossier (Dossier *self, AirSimRun *run, const char *node)
{
  for (guint i = 0; i < run->stored->len; i++)
    {
      const AirSimStored *stored = run->stored->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, NULL);
      const char *type;
      AirValue *disclosed;

      if (entry == NULL || !air_sim_journal_is_of (entry, node))
        continue;
      type = air_entry_get_type_name (entry);
      if (strcmp (type, AIR_ENTRY_HUMAN_GATE_REQUESTED) == 0)
        {
          g_clear_pointer (&self->request, air_entry_free);
          g_ptr_array_set_size (self->counted, 0);
          self->expired = FALSE;
          self->request = g_steal_pointer (&entry);
        }
      else if (strcmp (type, AIR_ENTRY_HUMAN_GATE_DECISIONED) == 0 && self->request != NULL)
        {
          disclosed = air_entry_open (entry, stored->disclosures, NULL);
          if (disclosed == NULL)
            continue;
          add_decided (self, entry, disclosed);
          keep_value (self, disclosed);
        }
    }
}

static GStrv
strings_of (AirValue *list)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    g_strv_builder_add (builder, air_value_get_string (air_list_get (list, i), NULL));
  return g_strv_builder_end (builder);
}

static AirGateVerdict *
judge (AirSim *sim, Dossier *dossier, const AirDecision *decision, const char *key_id, const char *envelope)
{
  AirValue *members = air_entry_get_members (dossier->request);
  g_autofree char *digest = envelope_digest (envelope), *subject = air_digest_to_hex (&decision->request),
                  *hash = air_digest_to_hex (air_entry_get_hash (dossier->request));
  g_auto (GStrv) exclude = strings_of (air_map_get_list (members, "exclude"));
  g_autofree AirGateCounted *counted = g_new0 (AirGateCounted, dossier->counted->len + 1);
  const char *deadline = air_map_get_string (members, "deadline");
  const char *uri = NULL, *const *roles = NULL;
  AirGateRequest request = {
    .gate = air_map_get_string (members, "gate"),
    .request_hash = hash,
    .artifact = air_map_get_string (members, "artifact"),
    .action_digest = air_map_get_string (members, "action_digest"),
    .quorum = air_map_get_int (members, "quorum", 1),
    .role = air_map_get_string (members, "role"),
    .exclude = (const char *const *) exclude,
    .requested_us = air_entry_get_time_us (dossier->request),
  };
  AirGateStatement statement = {
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
  gboolean enrolled = air_sim_people_find_key (key_id, &uri, &roles) != NULL;

  if (deadline != NULL)
    air_time_parse (deadline, &request.deadline_us);
  for (guint i = 0; i < dossier->counted->len; i++)
    counted[i] = *(AirGateCounted *) dossier->counted->pdata[i];
  enrolment = (AirGateEnrolment) { uri, key_id, roles, 1, 0 };
  return air_gate_judge (&request, &statement, enrolled ? &enrolment : NULL, counted, dossier->counted->len, FALSE,
                         air_sim_world_wall (sim->world));
}

gboolean
air_sim_gate_admit (AirSim *sim, AirSimRun *run, AirSimMessage *message, AirSimAnswerKind *ret_kind)
{
  Dossier dossier = { 0 };
  gsize length = strlen (message->envelope);
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) decision = air_decision_peek (message->envelope, length, &key_id, NULL);
  AirPublicKey *key = key_id != NULL ? air_sim_people_find_key (key_id, NULL, NULL) : NULL;
  gboolean counts = FALSE;

  *ret_kind = AIR_SIM_REFUSED;
  g_clear_pointer (&decision, air_decision_free);
  /* The signature must hold before a word of the statement counts. */
  if (key == NULL || (decision = air_decision_open (message->envelope, length, key, NULL)) == NULL)
    return FALSE;
  dossier.counted = g_ptr_array_new_with_free_func (counted_free);
  dossier.keep = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  read_dossier (&dossier, run, message->node);
  if (dossier.request != NULL)
    {
      g_autoptr (AirGateVerdict) verdict = judge (sim, &dossier, decision, key_id, message->envelope);

      air_sim_trace (sim, "judge  %s/%s: %s", run->id, message->node, air_gate_rule_get_id (verdict->rule));
      if (verdict->accepted && verdict->rule == AIR_GATE_RULE_DUPLICATE)
        *ret_kind = AIR_SIM_DUPLICATE;
      else
        counts = verdict->accepted && !dossier.expired;
    }
  if (counts)
    {
      const char *uri = NULL;

      air_sim_people_find_key (key_id, &uri, NULL);
      g_set_str (&message->actor, uri);
      message->approve = strcmp (decision->decision, "approve") == 0;
      message->role = g_strdup (decision->role);
      message->reason = g_strdup (decision->reason);
      message->key_id = g_steal_pointer (&key_id);
    }
  else if (*ret_kind == AIR_SIM_REFUSED)
    sim->report->refused++;
  g_clear_pointer (&dossier.request, air_entry_free);
  g_ptr_array_unref (dossier.counted);
  g_ptr_array_unref (dossier.keep);
  return counts;
}
