/* SPDX-License-Identifier: GPL-3.0-or-later */
/* airailsctl run pause|resume|cancel|retry|skip at the runtime as it ships. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-site.h"

/* --- retry ------------------------------------------------------------------------------------ */

static void
test_retry_one (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *adam = self->profiles[SITE_ADAM];
  g_autofree char *old = cli_site_fail (self, "one"), *new = NULL, *words = NULL, *state = NULL;
  g_autoptr (AirValue) answer = NULL, again = NULL;

  cli_run (cli, 5, "run", "retry", old, "-p", self->profiles[SITE_AUDE], NULL);
  cli_assert_says (cli, "needs the role operator or admin");
  cli_run (cli, 5, "run", "retry", old, "--node", "act", "-p", adam, NULL);
  cli_assert_says (cli, "it is retried from its beginning");

  cli_run (cli, 0, "run", "retry", old, "--json", "-m", "the vendor is mended", "-p", adam, NULL);
  answer = cli_get_json (cli);
  new = g_strdup (air_map_get_string (answer, "id"));
  g_assert_cmpstr (new, !=, old);
  g_assert_cmpstr (air_map_get_string (answer, "retry_of"), ==, old);
  g_assert_false (air_map_get_bool (answer, "duplicate", TRUE));
  air_value_unref (site_wait (self->site, new, "completed"));

  /* Twice is once. */
  cli_run (cli, 0, "run", "retry", old, "--json", "-p", adam, NULL);
  again = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (again, "id"), ==, new);
  g_assert_true (air_map_get_bool (again, "duplicate", FALSE));
  cli_run (cli, 0, "run", "retry", old, "-p", adam, NULL);
  words = g_strdup_printf ("%s completed: does the work of %s again, since it was retried before\n", new, old);
  g_assert_cmpstr (cli->out, ==, words);
  g_assert_cmpuint (site_get_acted (self->site), ==, 1);
  state = cli_site_member (self, old, "state");
  g_assert_cmpstr (state, ==, "failed");
}

static void
test_retry_refused (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *olga = self->profiles[SITE_OLGA];
  g_autofree char *open = cli_site_order (self, "open", 500, "waiting-gate");
  g_autofree char *done = cli_site_order (self, "done", 50, "completed");
  g_autoptr (AirValue) error = NULL;

  cli_run (cli, 2, "run", "retry", "-p", olga, NULL);
  cli_assert_says (cli, "which runs?");
  cli_run (cli, 5, "run", "retry", "01NOBODY", "-p", olga, NULL);
  cli_assert_says (cli, "there is no run \"01NOBODY\"; list the runs");
  cli_run (cli, 5, "run", "retry", open, "-p", olga, NULL);
  cli_assert_says (cli, "there is nothing to retry");
  cli_run (cli, 5, "run", "retry", done, "--json", "-p", olga, NULL);
  error = air_json_parse (cli->err, strlen (cli->err), NULL);
  g_assert_nonnull (strstr (air_map_get_string (air_map_get_map (error, "error"), "message"), "trigger it again"));
  g_assert_cmpuint (site_get_acted (self->site), ==, 1);
}

static void
test_retry_many (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *adam = self->profiles[SITE_ADAM];
  g_autofree char *first = cli_site_fail (self, "o-1"), *second = cli_site_fail (self, "o-2");
  g_autofree char *third = cli_site_fail (self, "o-3"), *fourth = cli_site_fail (self, "o-4");
  g_autofree char *open = cli_site_order (self, "open", 500, "waiting-gate"), *words = NULL;
  const char *const all[] = { first, second, third, fourth };
  g_autoptr (AirValue) some = NULL;
  const AirValue *refusals;

  /* Some by name; what cannot be is named with its reason, and the exit status tells. */
  cli_run (cli, 5, "run", "retry", first, open, "01NOBODY", "--json", "-p", adam, NULL);
  some = cli_get_json (cli);
  g_assert_cmpint (air_map_get_int (some, "matched", 0), ==, 3);
  g_assert_cmpint (air_map_get_int (some, "applied", 0), ==, 1);
  refusals = air_map_get_list (some, "refusals");
  g_assert_cmpuint (air_list_get_size (refusals), ==, 2);
  g_assert_cmpstr (air_map_get_string (air_list_get (refusals, 0), "reason"), ==, "there is no such run");
  g_assert_cmpstr (air_map_get_string (air_list_get (refusals, 1), "run"), ==, open);
  cli_run (cli, 0, "run", "retry", second, third, "-p", adam, NULL);
  cli_assert_out (cli, "2 of 2 runs; selection ");

  /* Those that failed and were not retried yet; then there are none. */
  cli_run (cli, 0, "run", "retry", "--state", "failed", "-p", adam, NULL);
  cli_assert_out (cli, "1 of 1 runs; selection ");
  cli_run (cli, 0, "run", "retry", "--state", "failed", "-p", adam, NULL);
  cli_assert_out (cli, "0 of 0 runs; selection ");
  cli_run (cli, 5, "run", "retry", first, second, "-p", adam, NULL);
  cli_assert_out (cli, "does its work again already\n");
  /* Every open run: ended ones are not meant. */
  cli_run (cli, 5, "run", "retry", "--all", "-p", adam, NULL);
  words = g_strdup_printf ("%s: no step waits for its next attempt: there is nothing to retry\n0 of 1 runs", open);
  cli_assert_out (cli, words);

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *by = cli_site_member (self, all[i], "retried_by");

      air_value_unref (site_wait (self->site, by, "completed"));
    }
  g_assert_cmpuint (site_get_acted (self->site), ==, 4);
}

/* --- the others ------------------------------------------------------------------------------- */

static void
test_hands (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *olga = self->profiles[SITE_OLGA];
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate");
  g_autofree char *done = cli_site_order (self, "done", 50, "completed");
  g_autofree char *words = g_strdup_printf ("%s: it has come to its end (completed)\n1 of 2 runs", done);

  cli_run (cli, 0, "run", "pause", run, "-p", olga, NULL);
  cli_assert_out (cli, " paused: ");
  cli_run (cli, 5, "run", "pause", run, "-p", olga, NULL);
  cli_assert_says (cli, "it is paused already");
  cli_run (cli, 5, "run", "pause", done, "-p", olga, NULL);
  cli_assert_says (cli, "has come to its end (completed); retry it, if it failed, or trigger it anew");
  cli_run (cli, 5, "run", "resume", run, done, "-p", olga, NULL);
  cli_assert_out (cli, words);
  cli_run (cli, 5, "run", "resume", run, "-p", olga, NULL);
  cli_assert_says (cli, "it is not paused");
  cli_run (cli, 2, "run", "skip", run, "-p", olga, NULL);
  cli_assert_says (cli, "Give --reason");
  cli_run (cli, 5, "run", "skip", run, "-m", "no need", "-p", olga, NULL);
  cli_assert_says (cli, "there is nothing to skip");
  cli_run (cli, 5, "run", "pause", "--state", "sleeping", "-p", olga, NULL);
  cli_assert_says (cli, "\"sleeping\"; it is one of received, running, ");
  cli_run (cli, 5, "run", "pause", "--from", "yesterday", "-p", olga, NULL);
  cli_assert_says (cli, "write it as 2026-");
  cli_run (cli, 0, "run", "cancel", run, "-m", "not wanted any more", "--json", "-p", olga, NULL);
  air_value_unref (site_wait (self->site, run, "cancelled"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/control/retry-one", CliSite, NULL, cli_site_set_up, test_retry_one, cli_site_tear_down);
  g_test_add ("/cli/control/retry-refused", CliSite, NULL, cli_site_set_up, test_retry_refused, cli_site_tear_down);
  g_test_add ("/cli/control/retry-many", CliSite, NULL, cli_site_set_up, test_retry_many, cli_site_tear_down);
  g_test_add ("/cli/control/hands", CliSite, NULL, cli_site_set_up, test_hands, cli_site_tear_down);
  return g_test_run ();
}
