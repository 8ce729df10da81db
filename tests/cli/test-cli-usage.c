/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

static void
test_help (Cli *cli, gconstpointer data)
{
  static const char *const commands[] = { "check", "compile", "sign",   "publish", "verify", "run",
                                          "runs",  "gate",    "export", "ledger",  "pki" };

  cli_run (cli, 2, NULL, NULL);
  cli_run (cli, 0, "help", NULL);
  cli_assert_out (cli, "exit status:");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      cli_assert_out (cli, commands[i]);
      cli_run (cli, 0, commands[i], "--help", NULL);
      cli_assert_out (cli, i == 7 || i > 8 ? "COMMAND" : "--json");
      cli_run (cli, 0, "help", NULL);
    }
  cli_run (cli, 0, "--version", NULL);
  cli_assert_out (cli, AIR_VERSION);
}

static void
test_wrong (Cli *cli, gconstpointer data)
{
  cli_run (cli, 2, "frobnicate", NULL);
  cli_assert_says (cli, "no command \"frobnicate\"");
  cli_run (cli, 2, "gate", "frobnicate", NULL);
  cli_run (cli, 2, "check", NULL);
  cli_assert_says (cli, "which workflow?");
  cli_run (cli, 2, "check", "a", "b", NULL);
  cli_assert_says (cli, "too many arguments");
  cli_run (cli, 2, "check", "--no-such-option", NULL);
  cli_assert_says (cli, "check --help");
  cli_run (cli, 2, "compile", "x", NULL);
  cli_assert_says (cli, "--output");
  cli_run (cli, 2, "sign", "x", NULL);
  cli_assert_says (cli, "--key");
  cli_run (cli, 2, "publish", "x", "--registry", "r", NULL);
  cli_assert_says (cli, "--trust");
  cli_run (cli, 2, "ledger", "prove", "minus-one", NULL);
  cli_run (cli, 2, "ledger", "fsck", ".", NULL);
  cli_assert_says (cli, "--key VKEY");
  cli_run (cli, 2, "runs", "--limit", "0", NULL);
  cli_run (cli, 2, "gate", "show", "no-slash", NULL);
  cli_assert_says (cli, "RUN/NODE");
  cli_run (cli, 2, "gate", "decide", "run/node", NULL);
  cli_assert_says (cli, "one of --approve, --deny and --ask");
  cli_run (cli, 2, "gate", "decide", "run/node", "--approve", "--deny", NULL);
  cli_run (cli, 2, "gate", "decide", "run/node", "--approve", NULL);
  cli_assert_says (cli, "--reason");
  cli_run (cli, 2, "gate", "decide", "run/node", "--approve", "-m", "fine", NULL);
  cli_assert_says (cli, "--yes");
}

/* An error in JSON is one line of JSON that carries the exit status. */
static void
test_json_errors (Cli *cli, gconstpointer data)
{
  g_autoptr (AirValue) value = NULL;
  const AirValue *error;

  cli_run (cli, 3, "check", "--json", "absent.workflow.json", NULL);
  g_assert_cmpstr (cli->out, ==, "");
  value = air_json_parse (cli->err, strlen (cli->err), NULL);
  g_assert_nonnull (value);
  error = air_map_get_map (value, "error");
  g_assert_cmpint (air_map_get_int (error, "exit", -1), ==, 3);
  g_assert_cmpstr (air_map_get_string (error, "command"), ==, "check");
  g_assert_nonnull (strstr (air_map_get_string (error, "message"), "absent.workflow.json"));
}

/* Also where the command line itself is wrong, whatever stands before --json. */
static void
test_json_usage (Cli *cli, gconstpointer data)
{
  static const char *const lines[][4] = { { "check", "--frobnicate", "--json" },
                                          { "check", "a", "b", "--json" },
                                          { "frobnicate", "--json" },
                                          { "ledger", "frobnicate", "--json" } };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (AirValue) value = NULL;

      cli_run (cli, 2, lines[i][0], lines[i][1], lines[i][2], lines[i][3], NULL);
      value = air_json_parse (cli->err, strlen (cli->err), NULL);
      g_assert_cmpint (air_map_get_int (air_map_get_map (value, "error"), "exit", -1), ==, 2);
    }
  /* Behind "--" it is a file's name. */
  cli_run (cli, 3, "check", "--", "--json", NULL);
  cli_assert_says (cli, "airailsctl check: --json: ");
}

/* What a stranger named must not move the cursor, turn text around or hide it. */
static void
test_terminal (Cli *cli, gconstpointer data)
{
  static const char name[] = "a\033[2J\xe2\x80\xae"
                             "b\xc2\x9b"
                             "31m.json"; /* ESC, right-to-left override, C1's CSI */
  g_autoptr (AirValue) value = NULL;

  cli_run (cli, 3, "check", name, NULL);
  cli_assert_says (cli, "a\\u{1b}[2J\\u{202e}b\\u{9b}31m.json");
  g_assert_null (strchr (cli->err, '\033'));
  cli_run (cli, 3, "check", "--json", name, NULL);
  g_assert_null (strchr (cli->err, '\033'));
  g_assert_null (strstr (cli->err, "\xe2\x80\xae"));
  value = air_json_parse (cli->err, strlen (cli->err), NULL);
  g_assert_nonnull (strstr (air_map_get_string (air_map_get_map (value, "error"), "message"), name));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/usage/help", Cli, NULL, cli_set_up, test_help, cli_tear_down);
  g_test_add ("/cli/usage/wrong", Cli, NULL, cli_set_up, test_wrong, cli_tear_down);
  g_test_add ("/cli/usage/terminal", Cli, NULL, cli_set_up, test_terminal, cli_tear_down);
  g_test_add ("/cli/usage/json-errors", Cli, NULL, cli_set_up, test_json_errors, cli_tear_down);
  g_test_add ("/cli/usage/json-usage", Cli, NULL, cli_set_up, test_json_usage, cli_tear_down);

  return g_test_run ();
}
