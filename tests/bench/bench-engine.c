/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench-host.h"
#include "bench.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "base/air-key.h"

/* A workflow of ten actions under policy: what a step of a real one costs, without the vendor. */
#define STEPS 10

typedef struct {
  AirHost *host;
  GMainLoop *loop;
  BenchSamples samples;
  guint running;
  guint64 sent;
  gint64 until_us;
} Load;

/* --- the load --- */

static void send_one (Load *self);

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  if (take_problem != NULL)
    g_error ("a trigger was refused: %s", take_problem->detail);
}

static void
finished_cb (const char *run, const char *outcome, gint64 duration_us, gpointer user_data)
{
  Load *self = user_data;

  if (g_strcmp0 (outcome, "completed") != 0)
    g_error ("a run ended as %s", outcome);
  bench_samples_add (&self->samples, duration_us);
  self->running--;
  if (g_get_monotonic_time () < self->until_us)
    send_one (self);
  else if (self->running == 0)
    g_main_loop_quit (self->loop);
}

static void
send_one (Load *self)
{
  self->running++;
  bench_trigger_run (self->host, ++self->sent, NULL, 4999, triggered_cb, NULL);
}

static void
run_load (Load *self, guint concurrency, double seconds)
{
  bench_samples_clear (&self->samples);
  self->until_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  for (guint i = 0; i < concurrency; i++)
    send_one (self);
  g_main_loop_run (self->loop);
}

/* What the ledger on disk takes for an entry: leaves and disclosures alone, and with all that is kept beside them. */
typedef struct {
  double kept;
  double all;
} Size;

static Size
measure_size (const char *state)
{
  g_autofree char *path = g_build_filename (state, "ledger.sqlite", NULL);
  sqlite3_stmt *statement = NULL;
  Size size = { 0 };
  sqlite3 *db = NULL;
  GStatBuf info;

  if (g_stat (path, &info) == 0 && sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK
      && sqlite3_prepare_v2 (db, "SELECT sum (length (leaf) + ifnull (length (disclosures), 0)), count (*) FROM entry",
                             -1, &statement, NULL)
             == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    {
      double entries = MAX (1, sqlite3_column_int64 (statement, 1));

      size = (Size) { sqlite3_column_int64 (statement, 0) / entries, info.st_size / entries };
    }
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return size;
}

static AirHost *
open_host (Load *load, AirPlan *plan, const char *state, GError **error)
{
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, error);
  AirHostOptions options = { .plan = plan,
                             .performer = bench_get_performer (),
                             .state = state,
                             .origin = "bench.example/engine",
                             .ledger_key = key,
                             .max_effects = 1024 };

  return key != NULL ? bench_open_host (&options, finished_cb, load, error) : NULL;
}

/* Takes what was measured apart by workflow, and sets it beside the plain loop. */
static void
report (Bench *bench,
        const char *name,
        guint concurrency,
        Load *load,
        double seconds,
        double cpu,
        const AirWriterCounters *before,
        const AirWriterCounters *after,
        Size size,
        double floor)
{
  double n = load->samples.n, rate = n / seconds, p50 = bench_samples_quantile (&load->samples, 0.5),
         p99 = bench_samples_quantile (&load->samples, 0.99), entries = (after->entries - before->entries) / n;
  AirValue *row = air_map_new ();

  g_print ("%5u %12.0f %10.0f %8.2f %8.2f %8.3f %9.2f %9.0f %9.0f %12.0f\n", concurrency, rate, rate * STEPS, p50, p99,
           cpu * 1000 / n, (after->commits - before->commits) / n / STEPS, size.kept * entries / STEPS,
           size.all * entries / STEPS, floor);
  air_map_set_string (row, "name", name);
  air_map_set_int (row, "concurrency", concurrency);
  air_map_set (row, "workflows_per_s", air_value_new_double (rate));
  air_map_set (row, "steps_per_s", air_value_new_double (rate * STEPS));
  air_map_set (row, "p50_ms", air_value_new_double (p50));
  air_map_set (row, "p99_ms", air_value_new_double (p99));
  air_map_set (row, "cpu_ms_per_workflow", air_value_new_double (cpu * 1000 / n));
  air_map_set (row, "syncs_per_workflow", air_value_new_double ((after->commits - before->commits) / n));
  air_map_set (row, "entries_per_workflow", air_value_new_double (entries));
  air_map_set (row, "bytes_per_step", air_value_new_double (size.kept * entries / STEPS));
  air_map_set (row, "file_bytes_per_step", air_value_new_double (size.all * entries / STEPS));
  air_map_set (row, "floor_workflows_per_s", air_value_new_double (floor));
  air_list_append (bench->rows, row);
}

static gboolean
measure (Bench *bench, AirPlan *plan, const char *name, guint concurrency, GError **error)
{
  g_autofree char *state = g_strdup_printf ("%s/%s-%u", bench->directory, name, concurrency);
  Load load = { 0 };
  AirWriterCounters before, after;
  double cpu, floor, seconds;
  gint64 start;
  gsize bytes;

  load.host = open_host (&load, plan, state, error);
  if (load.host == NULL)
    return FALSE;
  load.loop = g_main_loop_new (NULL, FALSE);
  run_load (&load, concurrency, MIN (1, bench->seconds / 4)); /* warm: caches, the log's file at its size */

  air_writer_get_counters (air_host_get_writer (load.host), &before);
  cpu = bench_cpu_seconds ();
  start = g_get_monotonic_time ();
  run_load (&load, concurrency, bench->seconds);
  seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  cpu = bench_cpu_seconds () - cpu;
  air_writer_get_counters (air_host_get_writer (load.host), &after);
  bytes = after.leaf_bytes - before.leaf_bytes + after.disclosure_bytes - before.disclosure_bytes;

  floor = bench_floor (state, concurrency, STEPS + 1, (after.entries - before.entries) / MAX (1, load.samples.n),
                       bytes / MAX (1, after.entries - before.entries), bench->seconds / 2);
  air_host_free (load.host);
  report (bench, name, concurrency, &load, seconds, cpu, &before, &after, measure_size (state), floor);
  g_main_loop_unref (load.loop);
  bench_samples_clear (&load.samples);
  bench_remove (state);
  return TRUE;
}

static gboolean
measure_all (Bench *bench, const char *name, gboolean decide, const char *words, GError **error)
{
  static const guint concurrencies[] = { 1, 16, 64 };
  g_autoptr (AirPlan) plan = bench_load_plan (decide, STEPS, error);

  if (plan == NULL)
    return FALSE;
  g_print ("%s: %u actions, %s; each outcome durable before the next action.\n", name, STEPS, words);
  g_print ("%5s %12s %10s %8s %8s %8s %9s %9s %9s %12s\n", "conc", "workflows/s", "steps/s", "p50 ms", "p99 ms",
           "cpu ms", "syncs/st", "bytes/st", "file/st", "plain loop/s");
  for (guint i = 0; i < G_N_ELEMENTS (concurrencies); i++)
    if ((bench->concurrency == 0 || bench->concurrency == (int) concurrencies[i])
        && !measure (bench, plan, name, concurrencies[i], error))
      return FALSE;
  return TRUE;
}

/* The real engine, ledger, store and policy. */
gboolean
bench_engine (Bench *bench, GError **error)
{
  return measure_all (bench, "engine", FALSE, "a policy's gate decides once and guards each", error)
         && measure_all (bench, "engine-decide", TRUE, "a decision table before each, each decision an entry", error);
}
