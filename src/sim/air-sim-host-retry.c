/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that have ended, and their retry by new ones, by the rules that ship. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "hosting/air-retry.h"
#include "sim/air-sim-host-private.h"

void
air_sim_host_put_away (AirSimHost *self, AirSimRun *run)
{
  g_hash_table_steal (self->runs, run->id);
  g_clear_pointer (&run->instance, air_instance_free);
  run->queued = FALSE;
  if (run->stored->len > 0)
    g_hash_table_insert (self->ended, run->id, run);
  else
    air_sim_run_free (run);
}

GPtrArray *
air_sim_host_list_ended (AirSimHost *self)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->ended);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (ids, g_strdup (key));
  g_ptr_array_sort_values (ids, (GCompareFunc) strcmp);
  return ids;
}

void
air_sim_host_retry (AirSimHost *self,
                    const char *id,
                    const AirMessage *order,
                    AirSimReplied replied,
                    gpointer user_data)
{
  AirSim *sim = self->sim;
  AirSimRun *run = g_hash_table_lookup (self->ended, id);
  g_autofree char *standing = NULL;
  AirRetryRule rule = AIR_RETRY_OPEN;
  AirMessage *message;

  if (run != NULL && air_sim_host_fold (self, run))
    rule = air_retry_judge (run->instance, &standing);
  if (rule == AIR_RETRY_STANDS && air_sim_has_fault (sim, AIR_SIM_FAULT_RETRY_STANDING))
    rule = AIR_RETRY_MAY;
  if (rule != AIR_RETRY_MAY)
    {
      air_sim_trace (sim, "retry  %s: no, %s", id,
                     standing != NULL              ? standing
                     : rule == AIR_RETRY_COMPLETED ? "it completed"
                                                   : "it has not ended");
      replied (AIR_SIM_REFUSED, id, user_data);
      if (run != NULL)
        g_clear_pointer (&run->instance, air_instance_free);
      return;
    }
  message = air_retry_new_message (run->instance, id, order->actor, order->reason, order->selection);
  g_clear_pointer (&run->instance, air_instance_free);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_RETRY_TWICE))
    {
      g_free (message->dedup);
      message->dedup = g_strconcat (id, " ", order->id, NULL);
    }
  air_sim_message_set_sender (message, replied, user_data);
  air_sim_host_trigger (self, message);
}
