/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process has planned and loses with its end: tasks, timers, turns. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

typedef struct {
  AirSimTicket *ticket;
  void (*run) (AirSimHost *self, gpointer data);
  gpointer data;
  GDestroyNotify destroy;
} Task;

/* --- tasks that end with the process --- */

AirSimTicket *
air_sim_ticket_ref (AirSimTicket *ticket)
{
  g_ref_count_inc (&ticket->references);
  return ticket;
}

void
air_sim_ticket_unref (AirSimTicket *ticket)
{
  if (g_ref_count_dec (&ticket->references))
    g_free (ticket);
}

static void
task_free (gpointer data)
{
  Task *task = data;

  if (task->destroy != NULL)
    g_clear_pointer (&task->data, task->destroy);
  air_sim_ticket_unref (task->ticket);
  g_free (task);
}

static void
task_cb (gpointer data)
{
  Task *task = data;
  AirSimHost *self = task->ticket->host;

  if (self != NULL && !self->dead)
    task->run (self, task->data);
}

void
air_sim_host_plan (AirSimHost *self,
                   gint64 in_us,
                   void (*run) (AirSimHost *, gpointer),
                   gpointer data,
                   GDestroyNotify destroy)
{
  Task *task = g_new (Task, 1);

  *task = (Task) { air_sim_ticket_ref (self->ticket), run, data, destroy };
  air_sim_world_plan (self->sim->world, in_us, task_cb, task, task_free);
}

/* A fault. */
void
air_sim_host_fidget (AirSimHost *self, gpointer data)
{
  air_sim_host_plan (self, MS, air_sim_host_fidget, NULL, NULL);
}

/* --- timers --- */

static void look_at_timers (AirSimHost *self, gpointer data);

void
air_sim_host_arm (AirSimHost *self)
{
  gint64 at_us, now = air_sim_world_wall (self->sim->world);

  if (!air_timer_heap_peek (self->timers, &at_us) || (self->armed_us != 0 && self->armed_us <= at_us))
    return;
  self->armed_us = at_us;
  air_sim_host_plan (self, at_us - now, look_at_timers, NULL, NULL);
}

static void
look_at_timers (AirSimHost *self, gpointer data)
{
  gint64 now = air_sim_world_wall (self->sim->world);

  self->armed_us = 0;
  for (;;)
    {
      g_autofree char *id = NULL, *timer = NULL;
      AirMessage *message;

      if (!air_timer_heap_pop (self->timers, now, &id, &timer))
        break;
      message = air_message_new (AIR_EVENT_TIMER);
      message->timer = g_steal_pointer (&timer);
      air_sim_host_post (self, id, message);
    }
  air_sim_host_arm (self);
}

void
air_sim_host_clock_set (AirSimHost *self)
{
  self->armed_us = 0;
  air_sim_host_arm (self);
}

gboolean
air_sim_host_has_timer (AirSimHost *self, const char *run)
{
  return air_timer_heap_next_of (self->timers, run, NULL) != 0;
}

/* --- turns by concurrency key --- */

void
air_sim_host_drop_run (AirSimHost *self, AirSimRun *run)
{
  g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->id), *next = NULL;

  if (run->queued)
    g_queue_remove (&self->ready, run);
  air_sim_host_put_away (self, run);
  next = key != NULL ? air_sim_lines_leave (self->lines, key, id) : NULL;
  if (next != NULL)
    {
      AirSimRun *begins = g_hash_table_lookup (self->runs, next);

      g_return_if_fail (begins != NULL);
      begins->held = FALSE;
      air_sim_host_post (self, next, air_message_new (AIR_EVENT_RECOVERED));
    }
}
