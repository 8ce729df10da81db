/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person says of an unknown outcome: read out of the store, judged by what hosts share, refused in the ledger. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-unknown.h"

#include "runtime/air-gatekeeper.h"

#include <string.h>

/**
 * air_host_read_unknown:
 * @host: the host
 * @run: a run's id
 * @step: the step
 * @error: return location
 *
 * Returns: (transfer full) (nullable): what the ledger says; %NULL without an error when the run started no such
 *   action, or with an %AIR_STORE_ERROR or %AIR_LEDGER_ERROR
 */
AirUnknown *
air_host_read_unknown (AirHost *host, const char *run, const char *step, GError **error)
{
  g_autoptr (GPtrArray) entries = air_host_read_entries (host, run, error);
  g_autoptr (AirUnknown) self = air_unknown_new (step);

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const AirStoredEntry *stored = entries->pdata[i];

      if (!air_unknown_take (self, stored->index, stored->leaf, stored->disclosures, error))
        return NULL;
    }
  return air_unknown_is_sent (self) ? g_steal_pointer (&self) : NULL;
}

/**
 * air_host_admit_word:
 * @host: the host
 * @run: the action's run
 * @message: a person's word, its envelope not verified yet; filled in when it counts
 *
 * Verifies the signature against the enrolled keys and judges, as air_unknown_judge() does.
 *
 * Returns: %TRUE: it counts. %FALSE: it is answered, and the refusal is in the ledger
 */
gboolean
air_host_admit_word (AirHost *host, AirRun *run, AirMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirUnknown) unknown = air_host_read_unknown (host, run->chain->id, message->node, &error);
  g_autoptr (AirAdmission) admission = NULL;

  if (unknown == NULL)
    {
      air_message_answer (message, run, NULL,
                          error != NULL
                              ? air_problem_new_error (503, "not-readable", error)
                              : air_problem_new (404, "no-such-action", "see GET /v1/runs/{run}/unknown",
                                                 "step \"%s\" of run %s sent nothing", message->node, run->chain->id));
      return FALSE;
    }
  admission =
      air_unknown_judge (unknown, run->instance, message->envelope, air_host_find_voter, host, g_get_real_time ());
  /* What it left behind is not under the signature; so nobody may put other words to it on the way. */
  if (admission->kind == AIR_ADMITTED && message->data != NULL && g_strcmp0 (message->actor, admission->uri) != 0)
    {
      admission->kind = AIR_REFUSED_PERSON;
      admission->rule = "unknown.output";
      g_set_str (&admission->message,
                 "what the action left behind is told by the person who signed, over their own connection");
    }
  if (admission->kind != AIR_ADMITTED)
    {
      air_host_refuse (host, run, message, "word on", "word-refused", admission);
      return FALSE;
    }
  air_host_take_statement (message, admission);
  message->happened = strcmp (admission->statement->decision, "happened") == 0;
  return TRUE;
}
