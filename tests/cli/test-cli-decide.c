/* SPDX-License-Identifier: GPL-3.0-or-later */
/* airailsctl gate decide at the runtime as it ships: questions, and actions that are approved as changed. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-site.h"

/* An approver may make it less. */
static const char *const editable[] = { "\"on_expiry\": \"expire\"",
                                        "\"on_expiry\": \"expire\", \"edit\": {\"act.amount\": \"(0..before]\"}",
                                        NULL };

static char *
gate_of (const char *run)
{
  return g_strconcat (run, "/approval", NULL);
}

/* The last entry of this type in a run. */
static AirValue *
last_entry (CliSite *self, const char *run, const char *type)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/entries", run);
  g_autoptr (AirValue) page = site_get (self->site, SITE_AUDE, path);
  AirValue *items = air_map_get_list (page, "items"), *found = NULL;

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      const char *leaf = air_map_get_string (air_list_get (items, i), "leaf");
      g_autoptr (AirValue) entry = air_json_parse (leaf, strlen (leaf), NULL);

      if (g_strcmp0 (air_map_get_string (entry, "type"), type) == 0)
        {
          g_clear_pointer (&found, air_value_unref);
          found = g_steal_pointer (&entry);
        }
    }
  g_assert_nonnull (found);
  return found;
}

/* A question is signed and in the ledger, decides nothing, and who asked decides later. */
static void
test_ask (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *ana = self->profiles[SITE_ANA];
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate"), *gate = gate_of (run);
  g_autoptr (AirValue) answer = NULL, entry = NULL;

  cli_run (cli, 2, "gate", "decide", gate, "--ask", "-y", "-p", ana, NULL);
  cli_assert_says (cli, "what do you ask? Give --reason");
  cli_run (cli, 2, "gate", "decide", gate, "--ask", "--approve", "-m", "x", "-y", "-p", ana, NULL);
  cli_assert_says (cli, "one of --approve, --deny and --ask");
  cli_run (cli, 2, "gate", "decide", gate, "--ask", "--set", "act.amount=1", "-m", "x", "-y", "-p", ana, NULL);
  cli_assert_says (cli, "only who approves changes something");
  cli_run (cli, 5, "gate", "decide", gate, "--ask", "-m", "May I?", "-y", "-p", self->profiles[SITE_AUDE], NULL);

  cli_run (cli, 0, "gate", "decide", gate, "--ask", "-m", "Which order is it?", "-y", "--json", "-p", ana, NULL);
  answer = cli_get_json (cli);
  g_assert_cmpstr (air_map_get_string (answer, "decision"), ==, "request-info");
  g_assert_cmpstr (air_map_get_string (air_map_get_map (answer, "answer"), "outcome"), ==, "waiting");
  g_assert_cmpint (air_map_get_int (air_map_get_map (answer, "answer"), "counted", -1), ==, 0);
  entry = last_entry (self, run, "HUMAN_GATE_DECISIONED");
  g_assert_cmpstr (air_map_get_string (entry, "decision"), ==, "request-info");
  g_assert_cmpstr (air_map_get_string (entry, "actor"), ==, site_uri (SITE_ANA));
  air_value_unref (site_wait (self->site, run, "waiting-gate"));
  g_assert_cmpuint (site_get_acted (self->site), ==, 0);

  cli_run (cli, 0, "gate", "decide", gate, "--approve", "-m", "It is that one", "-y", "-p", ana, NULL);
  air_value_unref (site_wait (self->site, run, "completed"));
  g_assert_cmpuint (site_get_acted (self->site), ==, 1);
  cli_run (cli, 0, "export", run, "-o", "run.zip", "-p", self->profiles[SITE_AUDE], NULL);
  cli_run (cli, 0, "verify", "run.zip", NULL);
  cli_run (cli, 0, "replay", "run.zip", NULL);
  cli_assert_out (cli, "Which order is it?");
}

/* What is signed, written and done is the action as it was changed. */
static void
test_patch (CliSite *self, gconstpointer data)
{
  Cli *cli = &self->cli;
  const char *ana = self->profiles[SITE_ANA];
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate"), *gate = gate_of (run);
  g_autoptr (AirValue) entry = NULL;

  cli_write (cli, "patch.json", "[{\"op\": \"replace\", \"path\": \"/0/input/amount\", \"value\": 320}]");
  cli_run (cli, 0, "gate", "decide", gate, "--approve", "--patch", "patch.json", "-m", "The rest was sent back", "-y",
           "-p", ana, NULL);
  cli_assert_out (cli, "you approve instead: ");
  cli_assert_out (cli, "\"amount\": 320");
  air_value_unref (site_wait (self->site, run, "completed"));
  entry = last_entry (self, run, "HUMAN_GATE_DECISIONED");
  g_assert_cmpstr (air_map_get_string (entry, "decision"), ==, "edit");
  g_assert_cmpuint (site_get_acted (self->site), ==, 1);
  cli_run (cli, 0, "replay", "--run", run, "-p", self->profiles[SITE_AUDE], NULL);
  cli_assert_out (cli, "\"amount\":320");
}

/* Refused with the place and the mend, and nothing is signed. */
static void
test_bad_patch (CliSite *self, gconstpointer data)
{
  static const struct {
    const char *patch;
    int status;
    const char *words;
  } cases[] = {
    { "{}", 3, "patch.json:1:1: a JSON Patch is a list of changes; write [{" },
    { "[]", 3, "patch.json:1:1: a JSON Patch is a list of changes; write [{" },
    { "[\n}", 3, "patch.json:2:1: " },
    { "[{\"op\": \"remove\", \"path\": \"/0/input/amount\"}]", 1, "patch.json: an edit replaces: {" },
    { "[{\"op\": \"replace\", \"path\": \"/0/input/amount\", \"value\": 501}]", 1, "act.amount" },
    { "[{\"op\": \"replace\", \"path\": \"/0/input/amount\", \"value\": \"1\"}]", 1, "is of type int" },
    { "[{\"op\": \"replace\", \"path\": \"/0/input/order\", \"value\": \"o-2\"}]", 1,
      "the policy lets nobody change \"act.order\"" },
    { "[{\"op\": \"replace\", \"path\": \"/1/input/amount\", \"value\": 1}]", 1, "leads to no field" },
  };
  Cli *cli = &self->cli;
  const char *ana = self->profiles[SITE_ANA];
  g_autofree char *run = cli_site_order (self, "one", 500, "waiting-gate"), *gate = gate_of (run), *state = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      cli_write (cli, "patch.json", cases[i].patch);
      cli_run (cli, cases[i].status, "gate", "decide", gate, "--approve", "--patch", "patch.json", "-m", "x", "-y",
               "-p", ana, NULL);
      cli_assert_says (cli, cases[i].words);
    }
  cli_run (cli, 3, "gate", "decide", gate, "--approve", "--patch", "none.json", "-m", "x", "-y", "-p", ana, NULL);
  cli_run (cli, 1, "gate", "decide", gate, "--approve", "--set", "act.amount=501", "-m", "x", "-y", "-p", ana, NULL);
  cli_assert_says (cli, "--set: ");
  state = cli_site_member (self, run, "state");
  g_assert_cmpstr (state, ==, "waiting-gate");
  g_assert_cmpuint (site_count_entries (self->site, "HUMAN_GATE_DECISIONED"), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/cli/decide/ask", CliSite, NULL, cli_site_set_up, test_ask, cli_site_tear_down);
  g_test_add ("/cli/decide/patch", CliSite, editable, cli_site_set_up, test_patch, cli_site_tear_down);
  g_test_add ("/cli/decide/bad-patch", CliSite, editable, cli_site_set_up, test_bad_patch, cli_site_tear_down);
  return g_test_run ();
}
