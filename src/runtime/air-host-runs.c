/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs that are in memory: those at work, and some to which something happened lately. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <string.h>

#define MAX_RESIDENT 128

static void
not_resident (AirHost *self, AirRun *run)
{
  if (run->resident.next != NULL || run->resident.prev != NULL || self->resident.head == &run->resident)
    g_queue_unlink (&self->resident, &run->resident);
}

void
air_host_drop_run (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->queued)
    air_run_lanes_remove (&self->ready, run);
  g_hash_table_remove (self->runs, run->chain->id);
  air_run_free (run);
}

/* What is left of it is its row: when to wake it, and which key it holds, is found there. */
static void
leave_memory (AirHost *self, AirRun *run)
{
  g_autofree char *key = run->held ? NULL : g_steal_pointer (&run->key);

  air_timers_park (self->timers, run->chain->id, run->row->wake_us);
  air_host_drop_run (self, run);
  if (key != NULL)
    air_host_rest_line (self, key);
}

static gboolean
is_at_work (const AirIndexRow *row)
{
  return strcmp (row->state, "running") == 0 || strcmp (row->state, "compensating") == 0;
}

/* Its turn came while it was paused: nothing was written, so its row does not show that. */
static gboolean
is_to_begin (const AirRun *run)
{
  return !run->held && strcmp (run->row->state, "received") == 0;
}

/* A run to which nothing happens may leave the memory: its row and its entries say all. */
void
air_host_park (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->committing || run->queued || run->inbox.length > 0 || run->in_flight > 0 || run->row == NULL
      || run->row->head != run->chain->last || is_at_work (run->row) || is_to_begin (run))
    return;
  g_queue_push_tail_link (&self->resident, &run->resident);
  while (self->resident.length > MAX_RESIDENT)
    leave_memory (self, self->resident.head->data);
}

/**
 * air_host_open_run:
 * @self: a host
 * @id: a run's id
 * @error: return location
 *
 * The run in memory; one that had left comes back, its instance being folded when something happens.
 *
 * Returns: (transfer none) (nullable): the open run; %NULL without an error when there is none, or with an
 *   %AIR_STORE_ERROR
 */
AirRun *
air_host_open_run (AirHost *self, const char *id, GError **error)
{
  AirRun *run = g_hash_table_lookup (self->runs, id);
  AirIndexRow *row;

  if (run != NULL)
    return run;
  if (!air_writer_settle_run (self->writer, id))
    {
      g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_BUSY,
                           "the ledger's file cannot follow its journal now; make space on the volume of the state "
                           "directory");
      return NULL;
    }
  row = air_store_find_row (self->store, id, error);
  if (row == NULL || !row->open)
    {
      g_clear_pointer (&row, air_index_row_free);
      return NULL;
    }
  run = air_run_new (id);
  run->durable = run->chain->last = row->head;
  run->chain->head.seq = row->count;
  run->chain->head.prev = row->hash;
  run->key = g_strdup (row->key);
  run->held = strcmp (row->state, "received") == 0;
  run->latency = self->latency;
  run->row = row;
  g_hash_table_insert (self->runs, run->chain->id, run);
  if (run->key != NULL && !run->held)
    air_host_hold_line (self, run->key, id);
  air_timers_cancel (self->timers, id, NULL);
  /* Before anything else happens to it its timers are set anew; and what it was at work on before a restart is unknown. */
  if (row->wake_us != 0 || is_at_work (row))
    g_queue_push_tail (&run->inbox, air_message_new (AIR_EVENT_RECOVERED));
  return run;
}

void
air_host_schedule (AirHost *self, AirRun *run)
{
  not_resident (self, run);
  if (run->queued || run->committing || run->inbox.length == 0 || self->retry != 0)
    return;
  run->queued = TRUE;
  air_run_lanes_push (&self->ready, run);
  g_source_set_ready_time (self->pump, 0);
}

void
air_host_post (AirHost *self, AirRun *run, AirMessage *take_message)
{
  g_queue_push_tail (&run->inbox, take_message);
  air_host_schedule (self, run);
}

void
air_host_finish_run (AirHost *self, AirRun *run)
{
  g_autofree char *key = g_steal_pointer (&run->key), *id = g_strdup (run->chain->id);

  self->stats.finished++;
  air_histogram_add (&self->stats.runs, run->row->updated_us - run->row->started_us);
  air_timers_forget (self->timers, id);
  if (self->finished != NULL)
    self->finished (id, run->row->outcome, run->began_us != 0 ? g_get_monotonic_time () - run->began_us : 0,
                    self->finished_data);
  while (run->inbox.length > 0)
    {
      g_autoptr (AirMessage) message = g_queue_pop_head (&run->inbox);

      air_message_answer (message, run, NULL,
                          air_problem_new (409, "finished", NULL, "run %s has come to its end", id));
    }
  air_host_drop_run (self, run);
  if (key != NULL)
    air_host_leave_line (self, key, id);
}
