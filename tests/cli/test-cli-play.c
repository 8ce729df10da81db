/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of the runtime as it ships, played again by airailsctl: rounds of a for_each that overtake each other, in each a
 * signal and a workflow that is a step with a gate in it, and another way beside them; people's hands; changed actions. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-site.h"

static const char *const editable[] = { "\"on_expiry\": \"expire\"",
                                        "\"on_expiry\": \"expire\", \"edit\": {\"act.amount\": \"(0..before]\"}",
                                        NULL };

/* The gate's policy as it stands in the plan; with @from replaced by @to where they are given. */
static void
write_policy (CliSite *self, const char *name, const char *from, const char *to)
{
  g_autofree char *path = site_file (self->site, "plan.json"), *text = NULL;
  g_autoptr (AirValue) plan = air_json_load_file (path, NULL);
  g_autoptr (GString) changed = NULL;

  text = air_json_write_pretty (air_value_at (plan, "/policies/quorum"), NULL);
  changed = g_string_new (text);
  if (from != NULL)
    g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  cli_write (&self->cli, name, changed->str);
}

/* From 1.02 on two are asked. */
static void
write_strict (CliSite *self)
{
  g_autofree char *path = cli_path (&self->cli, "strict.policy.json"), *text = NULL;
  g_autoptr (GString) changed = NULL;

  write_policy (self, "strict.policy.json", "(100..1000]", "(100..101]");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, "> 1000", "> 101", 1), ==, 1);
  cli_write (&self->cli, "strict.policy.json", changed->str);
}

/* Exports it, and has it verified and decided anew. */
static void export (CliSite *self, const char *run, const char *file)
{
  cli_run (&self->cli, 0, "export", run, "-o", file, "-p", self->profiles[SITE_AUDE], NULL);
  cli_run (&self->cli, 0, "verify", file, NULL);
  cli_run (&self->cli, 0, "replay", file, NULL);
}

/* Played again under the same policy it decides the same, and moves the same money. */
static void
assert_as_before (CliSite *self, const char *file, const char *money)
{
  g_autofree char *words = g_strdup_printf (
      "1 runs: 1 as before, 0 otherwise, 0 not played\nmoney out: %s, now %s EUR (0.00)\n", money, money);

  write_policy (self, "same.policy.json", NULL, NULL);
  cli_run (&self->cli, 0, "backtest", "same.policy.json", "--over", file, NULL);
  g_assert_cmpstr (self->cli.out, ==, words);
}

static void
signal_round (CliSite *self, const char *run, const char *round, const char *json)
{
  cli_write (&self->cli, "data.json", json);
  cli_run (&self->cli, 0, "run", "signal", run, "ready", "--iteration", round, "--data", "data.json", "-p",
           self->profiles[SITE_OLGA], NULL);
}

static void
decide_round (CliSite *self, const char *run, const char *round, const char *how)
{
  g_autofree char *gate = g_strdup_printf ("%s/pay.approval@%s", run, round);
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  const char *const show[] = { "gate", "show", gate, "-p", self->profiles[SITE_ANA], NULL };

  do
    cli_run_any (&self->cli, show);
  while (self->cli.status != 0 && g_get_monotonic_time () < until);
  cli_run (&self->cli, 0, "gate", "decide", gate, how, "-m", "looked at it", "-y", "-p", self->profiles[SITE_ANA],
           NULL);
}

static void
test_rounds (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-signal");
  g_autoptr (AirValue) answer = NULL;
  const AirValue *changed, *changes;
  guint asked = 0;

  /* The last round comes first. */
  signal_round (self, run, "2", "{\"ref\":\"c\"}");
  decide_round (self, run, "2", "--deny");
  signal_round (self, run, "1", "{\"ref\":\"b\"}");
  signal_round (self, run, "0", "{\"ref\":\"a\"}");
  decide_round (self, run, "0", "--approve");
  cli_run (cli, 0, "run", "signal", run, "go", "-p", self->profiles[SITE_OLGA], NULL);
  air_value_unref (site_wait (self->site, run, "completed"));
  g_assert_cmpuint (site_get_acted (self->site), ==, 2);
  export (self, run, "run.zip");
  cli_assert_out (cli, "o-one-a");
  assert_as_before (self, "run.zip", "5.50");

  /* Who needs two now does not get them, in the one round in which somebody approved. */
  write_strict (self);
  cli_run (cli, 0, "backtest", "strict.policy.json", "--over", "run.zip", "--json", NULL);
  answer = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (answer, "same", -1), ==, 0);
  changed = air_list_get (air_map_get_list (answer, "changed"), 0);
  g_assert_null (air_map_get (changed, "made_up"));
  changes = air_map_get_list (changed, "changes");
  for (gsize i = 0; i < air_list_get_size (changes); i++)
    {
      const AirValue *change = air_list_get (changes, i);

      if (strstr (air_map_get_string (change, "after_words") != NULL ? air_map_get_string (change, "after_words") : "",
                  " asks for 2 ")
          != NULL)
        asked++;
      g_assert_cmpstr (air_map_get_string (change, "step"), !=, "pay.approval@1");
    }
  g_assert_cmpuint (asked, ==, 2);
}

/* What operators did is done again. */
static void
test_hands (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *olga = self->profiles[SITE_OLGA];
  g_autofree char *run = cli_site_order (self, "one", 50, "waiting-signal");

  signal_round (self, run, "0", "{\"ref\":\"a\"}");
  cli_run (cli, 0, "run", "pause", run, "-p", olga, NULL);
  cli_run (cli, 0, "run", "resume", run, "-p", olga, NULL);
  cli_run (cli, 0, "run", "skip", run, "--node", "go", "-m", "nobody calls", "-p", olga, NULL);
  signal_round (self, run, "2", "{\"ref\":\"c\"}");
  decide_round (self, run, "2", "--approve");
  signal_round (self, run, "1", "{\"ref\":\"b\"}");
  air_value_unref (site_wait (self->site, run, "completed"));
  export (self, run, "run.zip");
  assert_as_before (self, "run.zip", "3.50");
}

/* Who approved less is taken to approve less, and no longer where the policy forbids it. */
static void
test_edited (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate");
  g_autofree char *gate = g_strconcat (run, "/approval", NULL);

  cli_run (cli, 0, "gate", "decide", gate, "--ask", "-m", "How much?", "-y", "-p", self->profiles[SITE_ANA], NULL);
  cli_run (cli, 0, "gate", "decide", gate, "--approve", "--set", "act.amount=320", "-m", "as agreed", "-y", "-p",
           self->profiles[SITE_ANA], NULL);
  air_value_unref (site_wait (self->site, run, "completed"));
  export (self, run, "run.zip");
  assert_as_before (self, "run.zip", "3.20");
  write_policy (self, "fixed.policy.json", "act.amount", "act.order");
  cli_run (cli, 0, "backtest", "fixed.policy.json", "--over", "run.zip", NULL);
  cli_assert_out (cli, "1 runs: 0 as before, 1 otherwise, 0 not played\nmoney out: 3.20, now 0.00 EUR");
}

/* One that still waits is played as far as it came, and not into a future in which nobody decides. */
static void
test_open (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate");
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/bundle", run), *file = cli_path (cli, "run.zip");
  g_autoptr (GBytes) bundle = NULL;
  AirValue *none;
  guint status;

  /* Nothing that would be taken for a proof; but people may have it. */
  cli_run (cli, 1, "export", run, "-o", "run.zip", "-p", self->profiles[SITE_AUDE], NULL);
  cli_assert_says (cli, "has not come to its end (waiting-gate)");
  g_assert_false (cli_exists (cli, "run.zip"));
  none = site_request (self->site, SITE_AUDE, "GET", path, NULL, NULL, &status, &bundle);
  g_clear_pointer (&none, air_value_unref);
  g_assert_true (g_file_set_contents (file, g_bytes_get_data (bundle, NULL), (gssize) g_bytes_get_size (bundle), NULL));
  cli_run (cli, 0, "replay", "run.zip", NULL);
  write_policy (self, "same.policy.json", NULL, NULL);
  cli_run (cli, 0, "backtest", "same.policy.json", "--over", "run.zip", NULL);
  g_assert_cmpstr (cli->out, ==, "1 runs: 1 as before, 0 otherwise, 0 not played\n");
  write_strict (self);
  cli_run (cli, 0, "backtest", "strict.policy.json", "--over", "run.zip", NULL);
  cli_assert_out (cli, "now: 'approval' asks for 2");
  cli_assert_out (cli, "1 runs: 0 as before, 1 otherwise");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/play/rounds", CliSite, "rounds.plan.json", cli_site_set_up_plan, test_rounds, cli_site_tear_down);
  g_test_add ("/cli/play/hands", CliSite, "rounds.plan.json", cli_site_set_up_plan, test_hands, cli_site_tear_down);
  g_test_add ("/cli/play/open", CliSite, NULL, cli_site_set_up, test_open, cli_site_tear_down);
  g_test_add ("/cli/play/edited", CliSite, editable, cli_site_set_up, test_edited, cli_site_tear_down);
  return g_test_run ();
}
