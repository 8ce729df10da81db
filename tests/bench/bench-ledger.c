/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/air-record.h"
#include "ledger/air-checkpoint.h"
#include "ledger/air-tlog-policy.h"
#include "runtime/air-ledger-check.h"
#include "runtime/air-writer.h"

/* The ledger alone: entries that come by the clock, whether those before them are durable or not. */

#define ORIGIN     "bench.example/ledger"
#define RUN_LENGTH 12 /* entries of one run */
#define OFFERED    60000
#define TICK_MS    1

typedef struct {
  AirWriter *writer;
  AirPrivateKey *key;
  GMainLoop *loop;
  BenchSamples samples;
  GQueue chains; /* AirChain with nothing under way */
  guint64 made;
  guint64 submitted, durable;
  guint64 due; /* all that are to be offered */
  double rate; /* 0: as fast as they become durable */
  gint64 start_us;
} Load;

static AirRecord *
make_record (Load *self, const AirChain *chain)
{
  AirValue *members = air_map_new (), *disclosed = air_map_new (), *output = air_map_new ();

  if (chain->head.seq == RUN_LENGTH - 1)
    {
      air_map_set_string (members, "outcome", "refunded");
      air_map_set_int (members, "count", RUN_LENGTH);
    }
  else
    air_map_set_string (members, "node", "refund");
  air_map_set_int (members, "attempt", 1);
  air_map_set_string (output, "order", "#W2378156");
  air_map_set_int (output, "amount_minor", 4999);
  air_map_set_string (output, "currency", "EUR");
  air_map_set (disclosed, "output", output);
  return air_record_new (chain->head.seq == 0                ? AIR_RECORD_TRIGGER_RECEIVED
                         : chain->head.seq == RUN_LENGTH - 1 ? AIR_RECORD_WORKFLOW_COMPLETED
                                                             : AIR_RECORD_TOOL_ACTION_EXECUTED,
                         members, disclosed);
}

static AirIndexRow *
make_row (const AirChain *chain, gint64 now)
{
  AirIndexRow *row = g_new0 (AirIndexRow, 1);

  row->id = g_strdup (chain->id);
  row->state = g_strdup (chain->head.seq == 0 ? "running" : "completed");
  row->open = chain->head.seq == 0;
  row->started_us = row->updated_us = now;
  return row;
}

static void offer (Load *self, guint n);

static void
durable_cb (AirCommit *commit, const GError *error, gpointer user_data)
{
  Load *self = commit->owner;
  AirChain *chain = user_data;

  if (error != NULL)
    g_error ("an entry was not taken: %s", error->message);
  if (chain == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  self->durable++;
  bench_samples_add (&self->samples, g_get_real_time () - commit->time_us);
  if (chain->head.seq < RUN_LENGTH)
    g_queue_push_tail (&self->chains, chain);
  else
    air_chain_free (chain);
  if (self->durable == self->due)
    g_main_loop_quit (self->loop);
}

static void
offer (Load *self, guint n)
{
  AirCommit *first = NULL, **tail = &first;
  gint64 now = g_get_real_time ();

  for (; n > 0; n--, self->submitted++)
    {
      AirChain *chain = g_queue_pop_head (&self->chains);
      GPtrArray *records = g_ptr_array_new_full (1, (GDestroyNotify) air_record_free);
      AirCommit *commit;

      if (chain == NULL)
        {
          g_autofree char *id = g_strdup_printf ("run-%010" G_GUINT64_FORMAT, self->made++);

          chain = air_chain_new (id);
        }
      g_ptr_array_add (records, make_record (self, chain));
      commit = air_commit_new (chain, records, now, durable_cb, chain);
      commit->owner = self;
      if (chain->head.seq == 0 || chain->head.seq == RUN_LENGTH - 1)
        commit->row = make_row (chain, now);
      *tail = commit;
      tail = &commit->next;
    }
  if (first != NULL)
    air_writer_submit_list (self->writer, first);
}

static gboolean
tick_cb (gpointer user_data)
{
  Load *self = user_data;
  guint64 due = (g_get_monotonic_time () - self->start_us) / 1e6 * self->rate;

  due = MIN (due, self->due);
  if (due > self->submitted)
    offer (self, due - self->submitted);
  return self->submitted < self->due ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Entries/s until the last of @n is durable. */
static double
run_load (Load *self, double rate, guint64 n)
{
  bench_samples_clear (&self->samples);
  self->rate = rate;
  self->submitted = self->durable = 0;
  self->due = n;
  self->start_us = g_get_monotonic_time ();
  g_timeout_add_full (G_PRIORITY_HIGH, TICK_MS, tick_cb, self, NULL);
  g_main_loop_run (self->loop);
  return n / ((g_get_monotonic_time () - self->start_us) / 1e6);
}

/* A signed head over all of it, as fsck wants to see. */
static gboolean
put_checkpoint (Load *self, GError **error)
{
  g_autofree AirTreeEdge *edge = g_new (AirTreeEdge, 1);
  g_autoptr (AirCheckpoint) checkpoint = NULL;
  AirCommit *commit;
  AirDigest root;

  air_writer_get_edge (self->writer, edge);
  root = air_tree_root (&edge->tree);
  checkpoint = air_checkpoint_new (ORIGIN, edge->tree.size, &root);
  commit = air_commit_new (NULL, NULL, 0, durable_cb, NULL);
  commit->owner = self;
  commit->checkpoint = edge->tree.size;
  commit->note = air_checkpoint_sign (checkpoint, self->key, error);
  if (commit->note == NULL)
    {
      air_commit_free (commit);
      return FALSE;
    }
  air_writer_submit (self->writer, commit);
  g_main_loop_run (self->loop);
  return TRUE;
}

static void
add_row (Bench *bench, const char *name, const char *const *keys, const double *values, guint n)
{
  AirValue *row = air_map_new ();

  air_map_set_string (row, "name", name);
  for (guint i = 0; i < n; i++)
    air_map_set (row, keys[i], air_value_new_double (values[i]));
  air_list_append (bench->rows, row);
}

static gboolean
measure_appends (Bench *bench, Load *load, GError **error)
{
  static const char *const keys[] = { "offered_per_s", "durable_per_s",    "p50_ms",
                                      "p99_ms",        "cpu_us_per_entry", "entries_per_sync" };
  double rate = OFFERED;

  g_print ("ledger: one entry a commit, offered by the clock; time until it is durable.\n");
  g_print ("%10s %12s %9s %9s %9s %12s\n", "offered/s", "durable/s", "p50 ms", "p99 ms", "cpu us", "entries/sync");
  run_load (load, OFFERED / 4, OFFERED / 8);
  for (guint i = 0; i < 2; i++)
    {
      AirWriterCounters before, after;
      double cpu = bench_cpu_seconds (), reached;
      guint64 n = rate * bench->seconds;

      air_writer_get_counters (load->writer, &before);
      reached = run_load (load, rate, n);
      air_writer_get_counters (load->writer, &after);
      cpu = bench_cpu_seconds () - cpu;
      {
        const double values[] = { rate,
                                  reached,
                                  bench_samples_quantile (&load->samples, 0.5),
                                  bench_samples_quantile (&load->samples, 0.99),
                                  cpu * 1e6 / n,
                                  n / (double) MAX (1, after.commits - before.commits) };

        g_print ("%10.0f %12.0f %9.2f %9.2f %9.1f %12.1f\n", values[0], values[1], values[2], values[3], values[4],
                 values[5]);
        add_row (bench, i == 0 ? "ledger-append" : "ledger-append-half", keys, values, G_N_ELEMENTS (keys));
      }
      rate = reached / 2;
    }
  return TRUE;
}

/* In a process of its own, whose memory is that of the verification alone. */
static gboolean
measure_check (Bench *bench, const char *state, const char *vkey, guint64 entries, gint64 bytes, GError **error)
{
  static const char *const keys[] = { "entries", "seconds", "memory_mb", "bytes_per_entry" };
  const char *argv[] = { bench->program, "--verify", state, "--vkey", vkey, NULL };
  g_autofree char *out = NULL;
  double values[] = { entries, 0, 0, bytes / (double) entries };
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, error)
      || !g_spawn_check_wait_status (status, error))
    return FALSE;
  sscanf (out, "%lf %lf", &values[1], &values[2]);
  g_print ("verified: %.0f entries in %.1f s, %.0f MB at most; %.0f bytes on disk an entry\n", values[0], values[1],
           values[2], values[3]);
  add_row (bench, "ledger-verify", keys, values, G_N_ELEMENTS (keys));
  return TRUE;
}

/* --verify STATE: what "airailsctl ledger fsck" does; prints seconds and megabytes. */
gboolean
bench_verify (const char *state, const char *vkey, GError **error)
{
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autoptr (AirVkey) key = air_vkey_parse (vkey, error);
  g_autoptr (AirFsckReport) report = NULL;
  gint64 start = g_get_monotonic_time ();

  if (key == NULL || !air_tlog_policy_add_log (policy, key, NULL, error))
    return FALSE;
  report = air_ledger_check (state, policy, NULL, NULL, NULL, error);
  if (report == NULL)
    return FALSE;
  if (report->faults->len > 0)
    g_error ("%u faults in a ledger without any", report->faults->len);
  g_print ("%.3f %.1f\n", (g_get_monotonic_time () - start) / 1e6, bench_peak_mb ());
  return TRUE;
}

gboolean
bench_ledger (Bench *bench, GError **error)
{
  g_autofree char *state = g_build_filename (bench->directory, "ledger", NULL),
                  *path = g_build_filename (state, "ledger.sqlite", NULL), *text = NULL;
  g_autoptr (AirVkey) vkey = NULL;
  Load load = { 0 };
  gboolean done;
  guint64 size;
  GStatBuf info;

  load.key = air_private_key_generate (AIR_KEY_ED25519, error);
  if (load.key == NULL)
    return FALSE;
  vkey = air_vkey_new (ORIGIN, AIR_NOTE_KEY_ED25519, air_private_key_get_public (load.key), error);
  if (vkey == NULL || g_mkdir (state, 0700) != 0
      || (load.writer = air_writer_new (path, air_random_system (), error)) == NULL)
    {
      air_private_key_unref (load.key);
      return FALSE;
    }
  text = air_vkey_to_string (vkey);
  load.loop = g_main_loop_new (NULL, FALSE);
  done = measure_appends (bench, &load, error);
  size = air_writer_get_size (load.writer);
  if (size < bench->entries)
    run_load (&load, OFFERED, bench->entries - size);
  done = done && put_checkpoint (&load, error);
  size = air_writer_get_size (load.writer);
  air_writer_free (load.writer);
  if (done && g_stat (path, &info) == 0)
    done = measure_check (bench, state, text, size, info.st_size, error);
  g_queue_clear_full (&load.chains, (GDestroyNotify) air_chain_free);
  bench_samples_clear (&load.samples);
  g_main_loop_unref (load.loop);
  air_private_key_unref (load.key);
  bench_remove (state);
  return done;
}
