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
      AirSimMessage *message;

      if (!air_timer_heap_pop (self->timers, now, &id, &timer))
        break;
      message = air_sim_message_new (AIR_EVENT_TIMER);
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

/* --- concurrency keys --- */

void
air_sim_line_free (AirSimLine *self)
{
  g_free (self->holder);
  g_queue_clear_full (&self->held, g_free);
  g_free (self);
}

gboolean
air_sim_host_enter_line (AirSimHost *self, const char *key, const char *id)
{
  AirSimLine *line = g_hash_table_lookup (self->lines, key);

  if (line != NULL)
    {
      g_queue_push_tail (&line->held, g_strdup (id));
      return FALSE;
    }
  line = g_new0 (AirSimLine, 1);
  line->holder = g_strdup (id);
  g_hash_table_insert (self->lines, g_strdup (key), line);
  return TRUE;
}

static void
leave_line (AirSimHost *self, const char *key, const char *id)
{
  AirSimLine *line = g_hash_table_lookup (self->lines, key);

  if (line == NULL)
    return;
  if (g_strcmp0 (line->holder, id) != 0)
    {
      GList *link = g_queue_find_custom (&line->held, id, (GCompareFunc) g_strcmp0);

      if (link != NULL)
        {
          g_free (link->data);
          g_queue_delete_link (&line->held, link);
        }
      return;
    }
  g_free (line->holder);
  line->holder = g_queue_pop_head (&line->held);
  if (line->holder == NULL)
    g_hash_table_remove (self->lines, key);
  else
    {
      AirSimRun *next = g_hash_table_lookup (self->runs, line->holder);

      g_return_if_fail (next != NULL);
      next->held = FALSE;
      air_sim_host_post (self, next->id, air_sim_message_new (AIR_EVENT_RECOVERED));
    }
}

void
air_sim_host_drop_run (AirSimHost *self, AirSimRun *run)
{
  g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->id);

  if (run->queued)
    g_queue_remove (&self->ready, run);
  g_hash_table_remove (self->runs, id);
  if (key != NULL)
    leave_line (self, key, id);
}
