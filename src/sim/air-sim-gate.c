/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of what people sign into a run: read, verified and judged by the code that ships, over the exact entries. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "hosting/air-gate-dossier.h"
#include "hosting/air-unknown.h"
#include "sim/air-sim-private.h"

/* A fault: whoever has a key may decide, whatever they signed. */
static AirAdmission *
admit_anything (const AirMessage *message)
{
  AirAdmission *admission = g_new0 (AirAdmission, 1);
  AirVoter voter;

  admission->kind = AIR_REFUSED_PERSON;
  admission->rule = "none";
  admission->statement = air_decision_peek (message->envelope, strlen (message->envelope), &admission->key_id, NULL);
  if (!air_sim_people_find_voter (admission->key_id, &voter, NULL))
    return admission;
  admission->kind = AIR_ADMITTED;
  admission->uri = g_strdup (voter.uri);
  return admission;
}

gboolean
air_sim_stored_is (const AirSimStored *stored, const char *type)
{
  gsize length;
  const char *text = g_bytes_get_data (stored->leaf, &length);
  g_autofree char *member = g_strconcat ("\"type\":\"", type, NULL);

  return g_strstr_len (text, length, member) != NULL;
}

static AirAdmission *
judge_decision (AirSim *sim, AirSimRun *run, const AirMessage *message)
{
  g_autoptr (AirGateDossier) dossier = NULL;

  if (air_sim_has_fault (sim, AIR_SIM_FAULT_UNJUDGED))
    return admit_anything (message);
  for (guint i = 0; i < run->stored->len; i++)
    {
      const AirSimStored *stored = run->stored->pdata[i];

      if (air_sim_stored_is (stored, "HUMAN_GATE_")
          && !air_gate_dossier_take (&dossier, message->node, i, stored->leaf, stored->disclosures, NULL))
        return NULL;
    }
  return dossier != NULL ? air_gate_dossier_judge (dossier, message->envelope, air_sim_people_find_voter, NULL,
                                                   air_sim_world_wall (sim->world))
                         : NULL;
}

static AirAdmission *
judge_word (AirSim *sim, AirSimRun *run, const AirMessage *message)
{
  g_autoptr (AirUnknown) unknown = air_unknown_new (message->node);

  for (guint i = 0; i < run->stored->len; i++)
    {
      const AirSimStored *stored = run->stored->pdata[i];

      if (!air_unknown_take (unknown, i, stored->leaf, stored->disclosures, NULL))
        return NULL;
    }
  if (!air_unknown_is_sent (unknown))
    return NULL;
  return air_unknown_judge (unknown, run->instance, message->envelope, air_sim_people_find_voter, NULL,
                            air_sim_world_wall (sim->world));
}

gboolean
air_sim_gate_admit (AirSim *sim, AirSimRun *run, AirMessage *message, AirSimAnswerKind *ret_kind)
{
  g_autoptr (AirAdmission) admission =
      message->kind == AIR_EVENT_DECISION ? judge_decision (sim, run, message) : judge_word (sim, run, message);

  if (admission != NULL)
    air_sim_trace (sim, "judge  %s/%s: %s", run->id, message->node, admission->rule);
  *ret_kind = admission != NULL && admission->kind == AIR_ADMITTED_BEFORE ? AIR_SIM_DUPLICATE : AIR_SIM_REFUSED;
  if (admission == NULL || admission->kind != AIR_ADMITTED)
    {
      sim->report->refused += *ret_kind == AIR_SIM_REFUSED;
      return FALSE;
    }
  g_set_str (&message->actor, admission->uri);
  g_set_str (&message->role, admission->statement->role);
  g_set_str (&message->reason, admission->statement->reason);
  g_set_str (&message->key_id, admission->key_id);
  if (admission->statement->edits != NULL)
    message->edits = air_value_ref (admission->statement->edits);
  message->asks = strcmp (admission->statement->decision, "request-info") == 0;
  message->approve = !message->asks && strcmp (admission->statement->decision, "deny") != 0;
  message->happened = strcmp (admission->statement->decision, "happened") == 0;
  return TRUE;
}
