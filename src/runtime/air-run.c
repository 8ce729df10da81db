/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-run.h"

/**
 * air_message_set_sender:
 * @self: a message
 * @answered: called once, when its records are durable or it is refused
 * @user_data: for @answered
 */
void
air_message_set_sender (AirMessage *self, AirAnswered answered, gpointer user_data)
{
  const AirSender sender = { answered, user_data };

  g_free (self->sender);
  self->sender = g_memdup2 (&sender, sizeof sender);
}

/**
 * air_message_answer:
 * @self: a message
 * @run: (nullable): its run
 * @commit: (nullable): what made it durable
 * @take_problem: (nullable) (transfer full): why it was refused
 *
 * Tells whoever waits; nothing when nobody does.
 */
void
air_message_answer (const AirMessage *self, AirRun *run, AirCommit *commit, AirProblem *take_problem)
{
  const AirSender *sender = self->sender;

  if (sender != NULL)
    sender->answered (run, commit, take_problem, sender->user_data);
  else
    g_clear_pointer (&take_problem, air_problem_free);
}

/**
 * air_run_new:
 * @id: the instance's
 *
 * Returns: (transfer full): a run without entries
 */
AirRun *
air_run_new (const char *id)
{
  AirRun *self = g_new0 (AirRun, 1);

  self->chain = air_chain_new (id);
  self->durable = -1;
  self->resident.data = self;
  self->ready.data = self;
  g_queue_init (&self->inbox);
  return self;
}

void
air_run_free (AirRun *self)
{
  g_queue_clear_full (&self->inbox, (GDestroyNotify) air_message_free);
  g_clear_pointer (&self->current, air_message_free);
  g_clear_pointer (&self->instance, air_instance_free);
  g_clear_pointer (&self->effects, g_ptr_array_unref);
  g_clear_pointer (&self->journal, g_array_unref);
  g_clear_pointer (&self->row, air_index_row_free);
  air_chain_free (self->chain);
  g_free (self->subject);
  g_free (self->key);
  g_free (self);
}
