/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start of a process on what the disk holds, and its end. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

/* Which the journal carries too. */
#define LEDGER G_GUINT64_CONSTANT (0x41495253494d0001)

typedef struct {
  AirSim *sim;
  gboolean starting;
} Recovery;

static gboolean
recover_cb (const AirFrame *frame, gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;

  if (!air_sim_store_apply (recovery->sim->store, frame, error))
    return FALSE;
  if (recovery->starting)
    recovery->sim->report->recovered++;
  if (!recovery->starting || !air_sim_may_crash (recovery->sim, "during recovery"))
    return TRUE;
  g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "the process ends");
  return FALSE;
}

static gboolean
sync_cb (gpointer user_data, GError **error)
{
  Recovery *recovery = user_data;
  AirSim *sim = recovery->sim;
  gboolean ends = recovery->starting && air_sim_may_crash (sim, "after recovery, before the store's sync");

  if (!ends && !air_sim_has_fault (sim, AIR_SIM_FAULT_BEGIN_EARLY))
    air_sim_store_sync (sim->store);
  if (!ends && (!recovery->starting || !air_sim_may_crash (sim, "after recovery, before the journal begins anew")))
    return TRUE;
  g_set_error_literal (error, AIR_STORE_ERROR, AIR_STORE_ERROR_IO, "the process ends");
  return FALSE;
}

/* The journal, and in the store what only it had; NULL with AIR_STORE_ERROR. */
static AirJournal *
recover (AirSim *sim, gboolean starting, GError **error)
{
  g_autoptr (AirJournal) journal = air_journal_open (air_sim_disk_get_file (sim->disk), sim->half_size, LEDGER, error);
  guint64 applied = air_sim_store_get_applied (sim->store);
  Recovery recovery = { sim, starting };

  if (air_sim_has_fault (sim, AIR_SIM_FAULT_APPLY_TWICE) && applied > 0)
    applied--;
  if (journal == NULL || !air_journal_resume (journal, applied, recover_cb, sync_cb, &recovery, error))
    return NULL;
  return g_steal_pointer (&journal);
}

/* What a start would find in the end. */
GPtrArray *
air_sim_ledger_read (AirSim *sim)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirJournal) journal = recover (sim, FALSE, &error);

  if (journal == NULL && !sim->refused)
    air_sim_violate (sim, AIR_SIM_NOTHING_LOST, "nothing could start on what is there: %s", error->message);
  return air_sim_store_get_entries (sim->store);
}

static gboolean
open_ledger (AirSimHost *self)
{
  AirSim *sim = self->sim;
  g_autoptr (GError) error = NULL;

  self->journal = recover (sim, TRUE, &error);
  if (self->dead)
    return FALSE;
  self->released = air_sim_store_get_applied (sim->store);
  if (self->journal != NULL)
    return TRUE;
  if (g_error_matches (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL))
    {
      air_sim_end_start (sim, error->message);
      return FALSE;
    }
  air_sim_violate (sim, AIR_SIM_NOTHING_LOST, "a start is refused: %s", error->message);
  self->dead = sim->refused = TRUE;
  return FALSE;
}

static void
ignore_tile (guint level, guint64 index, const AirDigest hashes[AIR_TILE_WIDTH], gpointer user_data)
{
}

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
      run->last = i;
      air_tree_edge_append (&self->edge, air_entry_get_hash (parsed), ignore_tile, NULL);
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
          air_sim_host_put_away (self, run);
          order->pdata[i] = NULL;
          continue;
        }
      air_latency_class_from_string (air_instance_get_latency_class (run->instance), &run->latency);
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

/* What is durable, taken up. */
static void
start (AirSimHost *self)
{
  AirSim *sim = self->sim;
  GPtrArray *stored;
  g_autoptr (GPtrArray) order = g_ptr_array_new ();

  if (!open_ledger (self))
    return;
  stored = air_sim_store_get_entries (sim->store);
  air_sim_checker_recovered (sim->checker, stored);
  air_sim_checker_booted (sim->checker);
  if (read_runs (self, stored, order) && (!air_plan_has_limits (sim->plan) || fold_usage (self, stored)))
    take_up (self, order);
  else
    self->dead = sim->refused = TRUE;
  air_tree_edge_copy (&self->durable, &self->edge);
}

void
air_sim_host_start (AirSim *sim)
{
  AirSimHost *self = g_new0 (AirSimHost, 1);
  AirSimRandom *random = &sim->disk_chance;
  gint64 now = air_sim_world_now (sim->world);
  guint max = sim->report->most_in_flight;

  sim->host = self;
  self->sim = sim;
  self->ticket = g_new0 (AirSimTicket, 1);
  g_ref_count_init (&self->ticket->references);
  self->ticket->host = self;
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) air_sim_run_free);
  self->ended = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) air_sim_run_free);
  self->dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->lines = air_sim_lines_new ();
  self->submitted = g_ptr_array_new_with_free_func ((GDestroyNotify) air_sim_commit_free);
  self->effects = air_effect_queue_new (
      max, air_sim_has_fault (sim, AIR_SIM_FAULT_NO_RAMP) ? now - G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC : now);
  self->timers = air_timer_heap_new ();
  self->usage = air_usage_book_new ();
  self->sync_us = air_sim_random_between (&sim->world_chance, 200, 12000);
  self->gather_us = air_sim_random_between (random, 1, 20 * MS);
  self->most_bytes = air_sim_random_chance (random, 300) ? air_sim_random_between (random, 1, 32) << 10 : 1 << 20;
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_RESTLESS))
    air_sim_host_fidget (self, NULL);
  start (self);
}

void
air_sim_host_free (AirSimHost *self)
{
  self->ticket->host = NULL;
  air_sim_ticket_unref (self->ticket);
  g_queue_clear (&self->ready);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_ptr_array_unref (self->submitted);
  g_clear_pointer (&self->frame, air_frame_free);
  g_queue_clear_full (&self->frames, (GDestroyNotify) air_frame_free);
  g_clear_pointer (&self->journal, air_journal_free);
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->ended);
  g_hash_table_unref (self->dedup);
  air_sim_lines_free (self->lines);
  air_effect_queue_free (self->effects);
  air_timer_heap_free (self->timers);
  air_usage_book_free (self->usage);
  g_free (self);
}

/* In order: all is in the store, and the journal is no more. FALSE while there is something to be done first. */
gboolean
air_sim_host_stop (AirSimHost *self)
{
  AirSim *sim = self->sim;

  if (self->batch != NULL || self->submitted->len > 0 || self->frames.length > 0)
    return FALSE;
  air_sim_store_sync (sim->store);
  if (air_sim_may_crash (sim, "before the journal is removed"))
    return TRUE;
  air_sim_disk_remove (sim->disk);
  self->dead = TRUE;
  return TRUE;
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
