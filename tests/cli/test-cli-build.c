/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

/* The commands that make a workflow and judge it; and what they do with what is no workflow. */

static char *
read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
test_new (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs (), *before = NULL, *after = NULL;
  g_autofree char *path = cli_path (cli, "a.workflow.json"), *mine = cli_path (cli, "b.workflow.json");
  g_autofree char *bad = cli_path (cli, "c.workflow.json");

  cli_run (cli, 0, "new", path, "--title", "Mine", NULL);
  before = read_file (path);
  g_assert_nonnull (strstr (before, "\"title\": \"Mine\""));
  cli_run (cli, 3, "new", path, NULL);
  cli_assert_says (cli, "nothing is overwritten");
  after = read_file (path);
  g_assert_cmpstr (after, ==, before);
  /* What is left to do is to say who answers for it. */
  cli_run (cli, 0, "lint", path, "--packs", packs, NULL);
  cli_assert_out (cli, "[AIR021]");
  cli_assert_out (cli, "0 errors, 1 warning");
  cli_run (cli, 1, "lint", path, "--packs", packs, "--strict", NULL);

  cli_run (cli, 0, "new", "--list", "--packs", packs, NULL);
  cli_assert_out (cli, "customer-operations/refunds-and-cancellations");
  cli_run (cli, 0, "new", mine, "-t", "customer-operations/refunds-and-cancellations", "--id", "mine", "--owner", "Ann",
           "--owner-uri", "airails://x/ann", "--packs", packs, NULL);
  cli_run (cli, 0, "lint", mine, "--packs", packs, "--strict", NULL);
  cli_assert_out (cli, "mine 0.1.0: 0 errors, 0 warnings");
  cli_run (cli, 3, "new", bad, "-t", "no-such", "--packs", packs, NULL);
  cli_run (cli, 3, "new", bad, "--id", "Not An Id", NULL);
  g_assert_false (cli_exists (cli, "c.workflow.json"));
}

static void
test_lint (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs (), *workflow = cli_workflow (), *text = read_file (workflow), *mended = NULL;
  g_autofree char *path = cli_path (cli, "w.workflow.json");
  g_autoptr (GString) changed = g_string_new (text);
  g_autoptr (AirValue) log = NULL, value = NULL;

  g_assert_cmpuint (g_string_replace (changed, "      \"timeout_ms\": 20000,\n", "", 1), ==, 1);
  cli_write (cli, "w.workflow.json", changed->str);
  cli_run (cli, 0, "lint", path, "--packs", packs, NULL);
  cli_assert_out (cli, "[AIR005]");
  cli_run (cli, 0, "lint", path, "--packs", packs, "--sarif", NULL);
  log = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (air_value_at (log, "/runs/0/results/0"), "ruleId"), ==, "AIR005");
  cli_run (cli, 0, "lint", path, "--packs", packs, "--fix", "--json", NULL);
  value = cli_get_json (cli);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "mended")), ==, 1);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "diagnostics")), ==, 0);
  mended = read_file (path);
  g_assert_nonnull (strstr (mended, "\"timeout_ms\": 10000"));
  cli_run (cli, 0, "diff", "--packs", packs, workflow, path, NULL);
  cli_assert_out (cli, "'timeout_ms' of 'Refund the payment' is now 10000 instead of 20000");
  cli_run (cli, 1, "diff", "--exit-code", "--packs", packs, workflow, path, NULL);
  cli_run (cli, 0, "diff", "--exit-code", "--packs", packs, path, path, NULL);
  cli_assert_out (cli, "nothing changes");
}

static void
test_tell (Cli *cli, gconstpointer data)
{
  static const char *const members[] = { "resources",     "secrets",     "egress",   "cost_limits",
                                         "latency_class", "attestation", "data_flow" };
  g_autofree char *packs = cli_packs (), *workflow = cli_workflow ();
  g_autoptr (AirValue) manifest = NULL, labels = NULL, hints = NULL;

  cli_run (cli, 0, "hints", "--packs", packs, workflow, "--json", NULL);
  hints = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (air_list_get (hints, 0), "policy"), ==, "money-movement");
  g_assert_cmpstr (air_map_get_string (air_list_get (hints, 0), "gate"), ==, "approval");
  cli_run (cli, 0, "labels", "--packs", packs, workflow, "--json", NULL);
  labels = cli_get_json (cli);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (labels, "parameters")), >=, 5);
  cli_run (cli, 0, "manifest", "--packs", packs, workflow, NULL);
  manifest = cli_get_json (cli);
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_nonnull (air_map_get (manifest, members[i]));
  g_assert_cmpint (air_map_get_int (air_map_get (manifest, "resources"), "gpu", -1), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/build/new", Cli, NULL, cli_set_up, test_new, cli_tear_down);
  g_test_add ("/cli/build/lint", Cli, NULL, cli_set_up, test_lint, cli_tear_down);
  g_test_add ("/cli/build/tell", Cli, NULL, cli_set_up, test_tell, cli_tear_down);
  return g_test_run ();
}
