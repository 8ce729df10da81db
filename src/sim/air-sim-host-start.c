/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start of a process on what the disk holds, and its end. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

/* Groups what the disk holds by run, each in the order of its first entry. */
static gboolean
read_runs (AirSimHost *self, GPtrArray *stored, GPtrArray *order)
{
  for (guint i = 0; i < stored->len; i++)
    {
      const AirSimStored *entry = stored->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (AirEntry) parsed = air_entry_parse (entry->leaf, &error);
      AirSimRun *run;

      if (parsed == NULL)
        {
          air_sim_violate (self->sim, AIR_SIM_CHAIN, "entry %u cannot be read: %s", i, error->message);
          return FALSE;
        }
      run = g_hash_table_lookup (self->runs, air_entry_get_instance (parsed));
      if (run == NULL)
        {
          run = air_sim_run_new (air_entry_get_instance (parsed));
          g_hash_table_insert (self->runs, run->id, run);
          g_ptr_array_add (order, run);
        }
      run->head.seq = air_entry_get_seq (parsed) + 1;
      run->head.prev = *air_entry_get_hash (parsed);
      g_ptr_array_add (run->stored, air_sim_stored_new (entry->leaf, entry->disclosures));
    }
  return TRUE;
}

/* What limits have used, as the entries of all runs say. */
static gboolean
fold_usage (AirSimHost *self, GPtrArray *stored)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = air_sim_journal_open (stored, times, &error);

  if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_FORGET_USAGE))
    return TRUE;
  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      const AirRecord *record = records->pdata[i];

      air_usage_book_apply (self->usage, record->type, record->members, record->disclosed,
                            g_array_index (times, gint64, i));
    }
  if (records == NULL)
    air_sim_violate (self->sim, AIR_SIM_CHAIN, "what limits have used cannot be read: %s", error->message);
  return records != NULL;
}

/* Takes up what was open: first those at work, then those that wait for their turn, by arrival. */
static void
take_up (AirSimHost *self, GPtrArray *order)
{
  for (guint i = 0; i < order->len; i++)
    {
      AirSimRun *run = order->pdata[i];

      if (!air_sim_host_fold (self, run))
        {
          self->dead = TRUE;
          return;
        }
      if (air_instance_get_dedup_key (run->instance) != NULL)
        g_hash_table_insert (self->dedup, g_strdup (air_instance_get_dedup_key (run->instance)), g_strdup (run->id));
      if (air_instance_is_finished (run->instance))
        {
          g_hash_table_remove (self->runs, run->id);
          order->pdata[i] = NULL;
          continue;
        }
      run->key = g_strdup (air_instance_get_concurrency_key (run->instance));
      run->held = !air_instance_has_begun (run->instance);
      if (!run->held && run->key != NULL)
        air_sim_lines_enter (self->lines, run->key, run->id);
    }
  for (guint i = 0; i < order->len; i++)
    {
      AirSimRun *run = order->pdata[i];

      if (run == NULL)
        continue;
      if (run->held && (run->key == NULL || air_sim_lines_enter (self->lines, run->key, run->id)))
        run->held = FALSE;
      g_clear_pointer (&run->instance, air_instance_free);
      if (!run->held)
        air_sim_host_post (self, run->id, air_message_new (AIR_EVENT_RECOVERED));
    }
}

AirSimHost *
air_sim_host_new (AirSim *sim)
{
  AirSimHost *self = g_new0 (AirSimHost, 1);
  g_autoptr (GPtrArray) transactions = air_sim_disk_read (sim->disk);
  g_autoptr (GPtrArray) stored = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_stored_free);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  gint64 now = air_sim_world_now (sim->world);
  guint max = sim->report->most_in_flight;

  self->sim = sim;
  self->ticket = g_new0 (AirSimTicket, 1);
  g_ref_count_init (&self->ticket->references);
  self->ticket->host = self;
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) air_sim_run_free);
  self->dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->lines = air_sim_lines_new ();
  self->submitted = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_commit_free);
  self->effects = air_effect_queue_new (
      max, air_sim_has_fault (sim, AIR_SIM_FAULT_NO_RAMP) ? now - G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC : now);
  self->timers = air_timer_heap_new ();
  self->usage = air_usage_book_new ();
  self->sync_us = air_sim_random_between (&sim->world_chance, 200, 12000);
  for (guint i = 0; i < transactions->len; i++)
    air_sim_journal_decode (transactions->pdata[i], stored);
  air_sim_checker_recovered (sim->checker, stored);
  air_sim_checker_booted (sim->checker);
  if (read_runs (self, stored, order) && (!air_plan_has_limits (sim->plan) || fold_usage (self, stored)))
    take_up (self, order);
  else
    self->dead = TRUE;
  return self;
}

void
air_sim_host_free (AirSimHost *self)
{
  self->ticket->host = NULL;
  air_sim_ticket_unref (self->ticket);
  g_queue_clear (&self->ready);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_ptr_array_unref (self->submitted);
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->dedup);
  air_sim_lines_free (self->lines);
  air_effect_queue_free (self->effects);
  air_timer_heap_free (self->timers);
  air_usage_book_free (self->usage);
  g_free (self);
}

gboolean
air_sim_host_is_dead (AirSimHost *self)
{
  return self->dead;
}

void
air_sim_host_kill (AirSimHost *self)
{
  self->dead = TRUE;
}

AirSimRun *
air_sim_host_find (AirSimHost *self, const char *run)
{
  return g_hash_table_lookup (self->runs, run);
}

GHashTable *
air_sim_host_get_runs (AirSimHost *self)
{
  return self->runs;
}

AirSim *
air_sim_host_get_sim (AirSimHost *self)
{
  return self->sim;
}
