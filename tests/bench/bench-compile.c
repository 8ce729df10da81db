/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "../compiler/workflow-maker.h"
#include "base/air-json.h"
#include "bench.h"
#include "compiler/air-compile-session.h"
#include "model/air-pack-directory.h"

/* What a compile costs with the size of the workflow, and an edit after it: airails-bench compile. */

/* Of this process: a compile does no I/O and has one thread, so that on an idle machine this is the time it takes,
 * and on a busy one nearly so. */
static double
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* The best of several: a busy machine only ever adds. */
static double
measure_load (const char *text, guint rounds)
{
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < rounds; i++)
    {
      double start = now_ms ();
      g_autoptr (AirWorkflow) workflow = air_workflow_load (text, strlen (text), "made", NULL);

      g_assert_nonnull (workflow);
      best = MIN (best, now_ms () - start);
    }
  return best;
}

static double
measure_compile (AirWorkflow *workflow, GPtrArray *packs, guint rounds)
{
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < rounds; i++)
    {
      double start = now_ms ();
      g_autoptr (AirCompileResult) result = air_compile (workflow, packs, NULL);

      best = MIN (best, now_ms () - start);
      g_assert_cmpuint (result->diagnostics->len, ==, 0);
    }
  return best;
}

/* An input, a title and a wire, here and there, each taken back. */
static double
measure_edits (AirWorkflow *workflow, GPtrArray *packs, guint n, double *ret_nodes)
{
  g_autoptr (AirCompileSession) session = air_compile_session_new (workflow, packs, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  double total = 0;
  guint n_checked = 0, n_edits = 0;

  while (n_edits < n)
    {
      guint index = g_rand_int_range (rand, 1, air_workflow_get_n_nodes (workflow) - 2);
      const AirWorkflowNode *node = air_workflow_get_node (workflow, index);
      gboolean is_call = node->kind == AIR_WORKFLOW_NODE_CALL;
      g_autofree char *at = g_strdup_printf ("/nodes/%s/%s", node->id, is_call ? "timeout_ms" : "title");
      g_autoptr (AirCommand) edit =
          is_call ? air_command_new_unset (at) : air_command_new_set (at, air_value_new_string ("Other"));
      g_autoptr (AirCommand) inverse = NULL;
      double start = now_ms ();

      g_assert_true (air_compile_session_apply (session, edit, &inverse, NULL));
      total += now_ms () - start;
      n_checked += air_compile_session_get_n_checked (session);
      n_edits++;
      g_assert_true (air_compile_session_apply (session, inverse, NULL, NULL));
    }
  *ret_nodes = (double) n_checked / n_edits;
  return total / n_edits;
}

gboolean
bench_compile (Bench *bench, GError **error)
{
  static const guint sizes[] = { 10, 100, 1000, 10000 };
  g_autofree char *folder = g_build_filename (AIR_BENCH_SOURCE, "tests", "compiler", "packs", NULL);
  g_autoptr (GPtrArray) packs = air_packs_load_directory (folder, error);
  double thousand = 0;

  if (packs == NULL)
    return FALSE;
  g_print (
      "\ncompile: a workflow of n nodes (reads, writes, decisions, payments behind gates), no finding; CPU time\n");
  g_print ("%8s %12s %12s %12s %14s %10s\n", "nodes", "read ms", "compile ms", "per node us", "edit ms", "looked at");
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = maker_write_workflow (sizes[i], 1);
      g_autoptr (AirWorkflow) workflow = air_workflow_load (text, strlen (text), "made", error);
      guint rounds = CLAMP (3000 / sizes[i], 3, 50);
      double load, compile, edit, nodes;
      g_autofree char *name = NULL;
      AirValue *row;

      if (workflow == NULL)
        return FALSE;
      if (bench->concurrency > 0 && bench->concurrency != (int) sizes[i]) /* --concurrency 1000: this size only */
        continue;
      load = measure_load (text, rounds);
      compile = measure_compile (workflow, packs, bench->concurrency > 0 ? 100 : rounds);
      edit = measure_edits (workflow, packs, CLAMP (20000 / sizes[i], 5, 50), &nodes);
      if (sizes[i] == 1000)
        thousand = compile;
      g_print ("%8u %12.2f %12.2f %12.1f %14.2f %10.1f\n", sizes[i], load, compile, compile * 1000 / sizes[i], edit,
               nodes);
      row = air_map_new ();
      name = g_strdup_printf ("compile %u", sizes[i]);
      air_map_set_string (row, "name", name);
      air_map_set_int (row, "nodes", sizes[i]);
      air_map_set_int (row, "read_us", lround (load * 1000));
      air_map_set_int (row, "compile_us", lround (compile * 1000));
      air_map_set_int (row, "edit_us", lround (edit * 1000));
      air_map_set_int (row, "edit_looked_at_x10", lround (nodes * 10));
      air_list_append (bench->rows, row);
      if (sizes[i] == 10000)
        g_print ("10,000 nodes take %.1f times as long as 1,000\n", compile / thousand);
    }
  return TRUE;
}
