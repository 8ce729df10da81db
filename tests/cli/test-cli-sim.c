/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

/* The template's own cases hold, and walk every way its trigger allows. */
static void
test_template (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow (), *xml = NULL, *path = cli_path (cli, "results.xml");
  g_autoptr (AirValue) value = NULL;
  AirValue *coverage;

  cli_run (cli, 0, "test", workflow, "--json", "--junit", "results.xml", NULL);
  value = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (value, "failed", -1), ==, 0);
  g_assert_cmpint (air_map_get_int (value, "passed", 0), >=, 20);
  coverage = air_map_get_map (value, "coverage");
  g_assert_cmpint (air_map_get_int (coverage, "nodes_covered", 0), ==, air_map_get_int (coverage, "nodes", -1));
  g_assert_cmpuint (air_list_get_size (air_map_get_list (coverage, "uncovered")), ==, 1);
  g_assert_true (g_file_get_contents (path, &xml, NULL, NULL));
  g_assert_nonnull (strstr (xml, "failures=\"0\""));
  g_assert_nonnull (strstr (xml, "name=\"refund-fails\""));
  cli_run (cli, 0, "test", workflow, "--case", "gift-card", NULL);
  cli_assert_out (cli, "1 passed, 0 failed");
  cli_run (cli, 3, "test", workflow, "--case", "nothing-like-it", NULL);
  cli_assert_says (cli, "has no test case");
}

/* The template with one text in place of another. */
static void
write_changed (Cli *cli, const char *name, const char *from, const char *to)
{
  g_autofree char *workflow = cli_workflow (), *text = NULL;
  g_autoptr (GString) changed = NULL;

  g_assert_true (g_file_get_contents (workflow, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  cli_write (cli, name, changed->str);
}

/* What does not hold is said in words, and is the exit status. */
static void
test_failing (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs ();

  write_changed (cli, "a.workflow.json", "steps.rules.verdict == 'allow'", "steps.rules.verdict != 'allow'");
  cli_run (cli, 1, "test", "a.workflow.json", "--packs", packs, "--case", "refused-by-rules", NULL);
  cli_assert_out (cli, "not ok refused-by-rules");
  cli_assert_out (cli, "path: 'allowed' is left as 'allowed:yes'; expected 'allowed:no'");
  cli_run (cli, 1, "test", "a.workflow.json", "--packs", packs, "--junit", "r.xml", NULL);
  g_assert_true (cli_exists (cli, "r.xml"));
  write_changed (cli, "b.workflow.json", "\"fixture\": \"cancel.conflict\"", "\"fixture\": \"cancel.never\"");
  cli_run (cli, 1, "test", "b.workflow.json", "--packs", packs, "--case", "cancel-refused-by-shop", NULL);
  cli_assert_out (cli, "names fixture 'cancel.never', which operation 'shop.order.cancel' does not have");
  write_changed (cli, "c.workflow.json", "\"outcome\": \"completed\",\n        \"path\"",
                 "\"outcome\": \"perfect\",\n        \"path\"");
  cli_run (cli, 3, "test", "c.workflow.json", "--packs", packs, NULL);
}

static void
copy_template (Cli *cli, const char *id)
{
  g_autofree char *packs = cli_packs (), *text = NULL, *name = g_strconcat (id, ".workflow.json", NULL);
  g_autofree char *path = g_build_filename (packs, "customer-operations", "workflows", name, NULL);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  cli_write (cli, name, text);
}

/* A workflow that runs another as its step: from the pack, and from the file beside it. */
static void
test_sub_workflow (Cli *cli, gconstpointer data)
{
  static const char step[] = "order-withdrawal.workflow.json";
  g_autofree char *packs = cli_packs (), *text = NULL, *path = NULL;
  g_autofree char *recall =
      g_build_filename (packs, "customer-operations", "workflows", "order-recall.workflow.json", NULL);
  g_autoptr (AirValue) value = NULL, first = NULL, second = NULL, simulated = NULL;
  g_autoptr (GString) changed = NULL;

  cli_run (cli, 0, "test", recall, "--json", NULL);
  value = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (value, "passed", 0), ==, 2);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (air_map_get_map (value, "coverage"), "uncovered")), ==, 0);
  cli_run (cli, 0, "simulate", recall, "--runs", "40", "--fail", "0", "--json", NULL);
  simulated = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (air_list_get (air_map_get_list (simulated, "outcomes"), 0), "runs", 0), ==, 40);

  /* Beside the caller it is the same, with the same bytes; what is changed there is another artifact. */
  copy_template (cli, "order-recall");
  copy_template (cli, "order-withdrawal");
  cli_run (cli, 0, "compile", "order-recall.workflow.json", "--packs", packs, "-o", "one", "--json", NULL);
  first = cli_get_json (cli);
  cli_run (cli, 0, "compile", recall, "-o", "two", "--json", NULL);
  second = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (first, "artifact"), ==, air_map_get_string (second, "artifact"));
  cli_run (cli, 0, "inspect", "one", NULL);
  cli_assert_out (cli, "as a step: order-withdrawal 1.0.0  sha256:");
  cli_run (cli, 0, "manifest", "order-recall.workflow.json", "--packs", packs, NULL);
  cli_assert_out (cli, "shop.example.com:443");

  path = cli_path (cli, step);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, "Cancel the order", "Stop the order", 1), ==, 1);
  cli_write (cli, step, changed->str);
  cli_run (cli, 1, "lint", "order-recall.workflow.json", "--packs", packs, NULL);
  cli_assert_out (cli, "there are two that differ [AIR120]");
  g_string_replace (changed, "\"version\": \"1.0.0\",\n  \"title\"", "\"version\": \"1.1.0\",\n  \"title\"", 1);
  cli_write (cli, step, changed->str);
  cli_run (cli, 0, "lint", "order-recall.workflow.json", "--packs", packs, NULL);

  /* One that is broken is named, in its own file. */
  cli_write (cli, step, "{");
  cli_run (cli, 3, "lint", "order-recall.workflow.json", "--packs", packs, NULL);
  cli_assert_says (cli, "order-withdrawal.workflow.json:1:");
}

static gboolean
holds (const AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (list, i), NULL), text) == 0)
      return TRUE;
  return FALSE;
}

/* Signals for the rounds of a for_each, in any order, beside another way: written ones in cases, made-up ones in many
 * runs; and by which way a wait was left is told. */
static void
test_signals (Cli *cli, gconstpointer data)
{
  g_autofree char *packs = cli_packs ();
  g_autofree char *workflow = g_test_build_filename (G_TEST_DIST, "cli", "told-recall.workflow.json", NULL);
  g_autoptr (AirValue) tested = NULL, simulated = NULL, deaf = NULL;
  const AirValue *uncovered, *never;

  cli_run (cli, 0, "test", workflow, "--packs", packs, "--json", NULL);
  tested = cli_get_json (cli);
  uncovered = air_map_get_list (air_map_get_map (tested, "coverage"), "uncovered");
  g_assert_cmpuint (air_list_get_size (uncovered), ==, 1); /* withdraw:error */
  cli_run (cli, 0, "simulate", workflow, "--packs", packs, "--runs", "200", "--json", NULL);
  simulated = cli_get_json (cli);
  never = air_map_get_list (simulated, "never");
  g_assert_false (holds (never, "told:out") || holds (never, "told:timeout") || holds (never, "both:e2"));
  g_assert_false (holds (never, "go_ahead:out") || holds (never, "withdraw:ok"));
  /* Where no signal comes, nothing is withdrawn. */
  cli_run (cli, 0, "simulate", workflow, "--packs", packs, "--runs", "20", "--fail", "1000", "--json", NULL);
  deaf = cli_get_json (cli);
  never = air_map_get_list (deaf, "never");
  g_assert_true (holds (never, "told:out") && holds (never, "go_ahead:out") && !holds (never, "told:timeout"));
  g_assert_cmpint (air_map_get_int (air_map_get_map (deaf, "calls"), "sent", -1), ==, 0);
}

static void
test_simulate (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow (), *first = NULL;
  g_autoptr (AirValue) value = NULL;

  cli_run (cli, 0, "simulate", workflow, "--runs", "150", "--seed", "7", "--json", NULL);
  value = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (value, "runs", 0), ==, 150);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "paths")), >, 3);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "money")), ==, 1);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (value, "gates")), ==, 1);
  g_assert_cmpint (air_map_get_int (air_map_get_map (value, "duration_ms"), "p99", 0), >, 0);
  first = g_strdup (cli->out);
  cli_run (cli, 0, "simulate", workflow, "--runs", "150", "--seed", "7", "--json", NULL);
  g_assert_cmpstr (cli->out, ==, first);
  cli_run (cli, 0, "simulate", workflow, "--runs", "150", "--seed", "8", "--json", NULL);
  g_assert_cmpstr (cli->out, !=, first);
  cli_run (cli, 0, "simulate", workflow, "--runs", "20", NULL);
  cli_assert_out (cli, "a run takes");
  cli_run (cli, 2, "simulate", workflow, "--runs", "0", NULL);
}

/* Events of one's own; one that the trigger does not take is named. */
static void
test_events (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow ();
  g_autoptr (AirValue) value = NULL;

  cli_write (cli, "events.jsonl",
             "{\"request_id\":\"r\",\"customer\":{\"user_id\":\"ana_lopez_1001\",\"email\":\"ana.lopez@example.com\"},"
             "\"kind\":\"cancel\",\"order_id\":\"#W1234567\",\"message\":\"m\",\"reason\":\"no longer needed\"}\n");
  cli_run (cli, 0, "simulate", workflow, "--runs", "50", "--data", "events.jsonl", "--fail", "0", "--approve", "1000",
           "--json", NULL);
  value = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (air_list_get (air_map_get_list (value, "ends"), 0), "end"), ==, "refunded");
  cli_write (cli, "wrong.jsonl", "{\"request_id\":\"r\"}\n");
  cli_run (cli, 3, "simulate", workflow, "--runs", "5", "--data", "wrong.jsonl", NULL);
  cli_assert_says (cli, "run 0 (seed 1)");
  cli_write (cli, "torn.jsonl", "\n{\"request_id\":\n");
  cli_run (cli, 3, "simulate", workflow, "--data", "torn.jsonl", NULL);
  cli_assert_says (cli, "torn.jsonl:2:15: ");
}

/* A line that is written over and gone at the end; only on a terminal, and never beside JSON. */
static void
test_progress (Cli *cli, gconstpointer data)
{
  static const char line[] = "\r\033[K0 of ";
  g_autofree char *workflow = cli_workflow ();

  cli_run_terminal (cli, 0, "test", workflow, NULL);
  cli_assert_says (cli, line);
  cli_assert_says (cli, "  playing cases");
  g_assert_true (g_str_has_suffix (cli->err, "\r\033[K"));
  g_assert_null (strchr (cli->err, '\n'));
  cli_run_terminal (cli, 0, "compile", workflow, "-o", "built", NULL);
  cli_assert_says (cli, "  checking packs");
  cli_run_terminal (cli, 0, "simulate", workflow, "--runs", "50", NULL);
  cli_assert_says (cli, "  playing runs");
  /* What is wrong stands on a line of its own. */
  cli_run_terminal (cli, 3, "test", workflow, "--case", "none", NULL);
  cli_assert_says (cli, "\r\033[Kairailsctl test: ");
  cli_run_terminal (cli, 0, "test", workflow, "--json", NULL);
  g_assert_cmpstr (cli->err, ==, "");
  cli_run (cli, 0, "test", workflow, NULL);
  g_assert_cmpstr (cli->err, ==, "");
}

static void
test_recorded (Cli *cli, gconstpointer data)
{
  g_autofree char *workflow = cli_workflow ();

  cli_run (cli, 2, "replay", NULL);
  cli_run (cli, 3, "replay", "none.zip", NULL);
  cli_write (cli, "bad.zip", "this is no bundle");
  cli_run (cli, 3, "replay", "bad.zip", NULL);
  cli_run (cli, 2, "backtest", workflow, NULL);
  cli_assert_says (cli, "--over");
  cli_run (cli, 3, "backtest", workflow, "--over", "none.zip", NULL);
  cli_write (cli, "empty/note", "nothing");
  cli_run (cli, 3, "backtest", workflow, "--over", "empty", NULL);
  cli_assert_says (cli, "neither a ledger nor bundles");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/sim/template", Cli, NULL, cli_set_up, test_template, cli_tear_down);
  g_test_add ("/cli/sim/failing", Cli, NULL, cli_set_up, test_failing, cli_tear_down);
  g_test_add ("/cli/sim/sub-workflow", Cli, NULL, cli_set_up, test_sub_workflow, cli_tear_down);
  g_test_add ("/cli/sim/signals", Cli, NULL, cli_set_up, test_signals, cli_tear_down);
  g_test_add ("/cli/sim/simulate", Cli, NULL, cli_set_up, test_simulate, cli_tear_down);
  g_test_add ("/cli/sim/events", Cli, NULL, cli_set_up, test_events, cli_tear_down);
  g_test_add ("/cli/sim/progress", Cli, NULL, cli_set_up, test_progress, cli_tear_down);
  g_test_add ("/cli/sim/recorded", Cli, NULL, cli_set_up, test_recorded, cli_tear_down);
  return g_test_run ();
}
