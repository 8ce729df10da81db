/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes to an instance, and the instance it comes to. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

void
air_sim_message_set_sender (AirMessage *message, AirSimReplied replied, gpointer user_data)
{
  const AirSimSender sender = { replied, user_data };

  message->sender = g_memdup2 (&sender, sizeof sender);
}

void
air_sim_message_reply (AirMessage *message, AirSimAnswerKind kind, const char *run)
{
  g_autofree AirSimSender *sender = g_steal_pointer (&message->sender);

  if (sender != NULL)
    sender->replied (kind, run, sender->user_data);
}

AirSimRun *
air_sim_run_new (const char *id)
{
  AirSimRun *self = g_new0 (AirSimRun, 1);

  self->id = g_strdup (id);
  self->latency = AIR_LATENCY_NORMAL;
  self->last = -1;
  self->stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  return self;
}

void
air_sim_run_free (AirSimRun *self)
{
  g_queue_clear_full (&self->inbox, (GDestroyNotify) air_message_free);
  g_clear_pointer (&self->current, air_message_free);
  g_clear_pointer (&self->instance, air_instance_free);
  g_clear_pointer (&self->effects, g_ptr_array_unref);
  g_clear_pointer (&self->journal, g_array_unref);
  g_ptr_array_unref (self->stored);
  g_free (self->key);
  g_free (self->id);
  g_free (self);
}
