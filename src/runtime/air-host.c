/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host from its making to its end. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

G_DEFINE_QUARK (air-host-error-quark, air_host_error)

static gboolean
tick_cb (gpointer user_data)
{
  AirHost *self = user_data;

  air_stats_tick (&self->stats, g_get_monotonic_time ());
  air_host_watch_files (self);
  air_checkpointer_tick (self->checkpointer);
  air_host_expire_usage (self);
  air_host_sweep_lines (self);
  air_writer_forget_recent (self->writer);
  air_host_erase_again (self, FALSE);
  return G_SOURCE_CONTINUE;
}

/* One runtime to one state: two would write two ledgers under one name. */
static gboolean
take_lock (AirHost *self, const char *state, GError **error)
{
  g_autofree char *path = g_build_filename (state, "lock", NULL);

  if (g_mkdir_with_parents (state, 0700) != 0 || (self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "%s: %s; check the state directory and its permissions", path, g_strerror (errno));
      return FALSE;
    }
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error, AIR_HOST_ERROR, AIR_HOST_ERROR_IN_USE,
               "%s is in use by another runtime; stop that one or give another state directory", state);
  return FALSE;
}

/**
 * air_host_new:
 * @options: borrowed for the call, but for what says so
 *
 * Opens the ledger of a state directory, brings its index up to date and checks it against the last checkpoint.
 *
 * Returns: (transfer full): a host that runs nothing yet, or %NULL with an %AIR_HOST_ERROR, %AIR_STORE_ERROR,
 *   %AIR_LEDGER_ERROR or %G_FILE_ERROR
 */
AirHost *
air_host_new (const AirHostOptions *options, GError **error)
{
  g_autoptr (AirHost) self = g_new0 (AirHost, 1);
  g_autofree char *path = g_build_filename (options->state, "ledger.sqlite", NULL);

  self->lock = -1;
  self->plan = air_plan_ref (options->plan);
  self->trust = options->trust;
  self->ledger = g_strdup (path);
  self->random = options->random != NULL ? options->random : air_random_system ();
  self->ledger_key = air_private_key_ref (options->ledger_key);
  self->origin = g_strdup (options->origin);
  self->policy = g_strdup (options->policy);
  self->latency = AIR_LATENCY_NORMAL;
  air_latency_class_from_string (options->latency_class, &self->latency);
  self->faults = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, air_host_fault_free);
  self->max_open = options->max_open > 0 ? options->max_open : 65536;
  self->runs = g_hash_table_new (g_str_hash, g_str_equal);
  self->dedup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_key_line_free);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->timers = air_timers_new (air_host_timer_cb, self);
  self->effects = air_effects_new (options->performer, options->max_effects > 0 ? options->max_effects : 128,
                                   &self->stats.actions, air_host_performed_cb, self);
  self->pump = air_host_pump_new (self);
  self->stats.started_us = g_get_real_time ();
  self->stats.window_start_us = g_get_monotonic_time ();

  if (!take_lock (self, options->state, error) || !air_host_check_state (options->state, error)
      || (self->writer = air_writer_new (path, self->random, error)) == NULL
      || (self->store = air_store_open (path, TRUE, error)) == NULL)
    return NULL;
  air_host_note_files (self);
  self->checkpointer = air_checkpointer_new (self);
  if (!air_checkpointer_check (self->checkpointer, error) || !air_host_open_subjects (self, options->state, error)
      || !air_host_recover_index (self, error) || !air_store_count_states (self->store, self->states, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
air_host_start (AirHost *self, GError **error)
{
  if (!air_host_fold_usage (self, error) || !air_host_start_epoch (self, error) || !air_host_recover_runs (self, error))
    return FALSE;
  self->tick = g_timeout_add (1000, tick_cb, self);
  return TRUE;
}

void
air_host_drain (AirHost *self)
{
  self->draining = TRUE;
  air_effects_drain (self->effects);
}

/* Nothing is being committed and no vendor is asked: a stop now leaves nothing unknown. */
gboolean
air_host_is_idle (AirHost *self)
{
  return self->committing == 0 && (self->ready.length == 0 || self->retry != 0)
         && air_effects_get_in_flight (self->effects) == 0;
}

/* Who waits for an answer hears that there is none: what is open the next start takes up. */
static void
let_go (AirRun *run)
{
  AirMessage *message;

  while ((message = g_queue_pop_head (&run->inbox)) != NULL)
    {
      if (message->sender != NULL)
        air_message_answer (
            message, run, NULL,
            air_problem_new (503, "stopping", "send it again a little later", "the runtime is stopping"));
      air_message_free (message);
    }
}

void
air_host_free (AirHost *self)
{
  GHashTableIter iter;
  gpointer run;

  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->retry, g_source_remove);
  self->listener = NULL;
  self->draining = TRUE;
  air_effects_drain (self->effects);
  if (self->writer != NULL)
    air_writer_free (self->writer); /* completes what is under way, and tells us */
  g_clear_handle_id (&self->retry, g_source_remove);
  air_effects_free (self->effects);
  air_timers_free (self->timers);
  g_source_destroy (self->pump);
  g_source_unref (self->pump);
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    {
      let_go (run);
      air_run_free (run);
    }
  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->faults);
  g_hash_table_unref (self->dedup);
  air_host_clear_lines (self);
  g_hash_table_unref (self->states);
  g_clear_pointer (&self->to_erase, g_hash_table_unref);
  g_clear_pointer (&self->usage, air_usage_book_free);
  g_clear_pointer (&self->checkpointer, air_checkpointer_free);
  g_clear_pointer (&self->system, air_system_chain_free);
  air_host_close_subjects (self);
  g_clear_pointer (&self->store, air_store_free);
  air_plan_unref (self->plan);
  air_private_key_unref (self->ledger_key);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->ledger);
  g_free (self->origin);
  g_free (self->policy);
  g_free (self->session);
  g_free (self);
}