/* SPDX-License-Identifier: GPL-3.0-or-later */
/* airailsctl run pause|resume|cancel|retry|skip|confirm|signal: a person's hand on runs. */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-client.h"
#include "air-cli-key.h"
#include "base/air-json.h"
#include "client/air-client-control.h"

typedef struct {
  char *profile;
  char *node;
  char *reason;
  gboolean all;
  char *state;
  char *from;
  char *to;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->profile);
  g_free (self->node);
  g_free (self->reason);
  g_free (self->state);
  g_free (self->from);
  g_free (self->to);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static void
print_controlled (const AirCli *cli, AirValue *answer)
{
  const char *waiting = air_map_get_string (answer, "waiting_on");

  const char *retry_of = air_map_get_string (answer, "retry_of");

  if (cli->json)
    air_cli_print_value (answer);
  else if (retry_of != NULL)
    air_cli_print ("%s %s%s%s: does the work of %s again%s\n", air_map_get_string (answer, "id"),
                   air_map_get_string (answer, "state"), waiting != NULL ? ": " : "", waiting != NULL ? waiting : "",
                   retry_of, air_map_get_bool (answer, "duplicate", FALSE) ? ", since it was retried before" : "");
  else
    air_cli_print ("%s %s%s%s\n", air_map_get_string (answer, "id"), air_map_get_string (answer, "state"),
                   waiting != NULL ? ": " : "", waiting != NULL ? waiting : "");
}

static void
print_selection (const AirCli *cli, AirValue *answer)
{
  AirValue *refusals = air_map_get_list (answer, "refusals");

  if (cli->json)
    {
      air_cli_print_value (answer);
      return;
    }
  for (gsize i = 0; refusals != NULL && i < air_list_get_size (refusals); i++)
    air_cli_print ("%s: %s\n", air_map_get_string (air_list_get (refusals, i), "run"),
                   air_map_get_string (air_list_get (refusals, i), "reason"));
  air_cli_print ("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " runs; selection %s\n",
                 air_map_get_int (answer, "applied", 0), air_map_get_int (answer, "matched", 0),
                 air_map_get_string (answer, "selection"));
}

/* What the options and the named runs select; NULL when it is one run by its name. */
static AirValue *
build_filter (const Options *options, const AirCli *cli)
{
  AirValue *filter = air_map_new ();

  if (options->all)
    air_map_set_bool (filter, "all", TRUE);
  if (options->state != NULL)
    air_map_set_string (filter, "state", options->state);
  if (options->from != NULL)
    air_map_set_string (filter, "started_from", options->from);
  if (options->to != NULL)
    air_map_set_string (filter, "started_to", options->to);
  if (air_map_get_size (filter) == 0 && cli->n_args == 1)
    g_clear_pointer (&filter, air_value_unref);
  else if (cli->n_args > 0)
    {
      AirValue *runs = air_list_new ();

      for (guint i = 0; i < cli->n_args; i++)
        air_list_append (runs, air_value_new_string (cli->args[i]));
      air_map_set (filter, "runs", runs);
    }
  return filter;
}

static int
control (const char *action, const char *summary, int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&options.profile),
    { "node", 'n', 0, G_OPTION_ARG_STRING, &options.node, "the step, where several can be meant (charge, charge@3)",
      "STEP" },
    { "reason", 'm', 0, G_OPTION_ARG_STRING, &options.reason, "why; it goes into the ledger", "TEXT" },
    { "all", 'a', 0, G_OPTION_ARG_NONE, &options.all, "every open run of the workflow", NULL },
    { "state", 's', 0, G_OPTION_ARG_STRING, &options.state, "those in this state", "STATE" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &options.from, "those that began then or later", "TIME" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &options.to, "those that began earlier", "TIME" },
    { NULL },
  };
  g_autofree char *command = g_strconcat ("run ", action, NULL);
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirValue) filter = NULL, answer = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, command, entries, "[RUN…]", summary, 0, G_MAXUINT, argc, argv))
    return AIR_EXIT_USAGE;
  if (cli.n_args == 0 && !options.all && options.state == NULL && options.from == NULL && options.to == NULL)
    return air_cli_fail (&cli, g_error_new_literal (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                                    "which runs? Name them, or give --state, --from, --to or --all"));
  if (strcmp (action, "skip") == 0 && options.reason == NULL)
    return air_cli_fail (&cli, g_error_new_literal (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                                    "why? Give --reason TEXT; it goes into the ledger"));
  client = air_cli_open_client (options.profile, &error);
  if (client == NULL)
    return air_cli_fail (&cli, error);
  filter = build_filter (&options, &cli);
  answer = filter != NULL
               ? air_client_control_runs (client, action, filter, options.node, options.reason, NULL, &error)
               : air_client_control_run (client, cli.args[0], action, options.node, options.reason, NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  if (filter == NULL)
    {
      print_controlled (&cli, answer);
      return AIR_EXIT_OK;
    }
  print_selection (&cli, answer);
  return air_map_get_int (answer, "refused", 0) > 0 ? AIR_EXIT_DENIED : AIR_EXIT_OK;
}

static int
cmd_pause (int argc, char **argv)
{
  return control ("pause", "Lets what is in flight come back, and begins nothing new.", argc, argv);
}

static int
cmd_resume (int argc, char **argv)
{
  return control ("resume", "Goes on where runs were paused.", argc, argv);
}

static int
cmd_cancel (int argc, char **argv)
{
  return control ("cancel", "Ends runs and reverses what they did, where it can be reversed.", argc, argv);
}

static int
cmd_retry (int argc, char **argv)
{
  return control (
      "retry",
      "Tries now what waits for its next attempt; does the work of runs that failed or were cancelled again, each in a "
      "new run (--state failed: all that were not retried yet).",
      argc, argv);
}

static int
cmd_skip (int argc, char **argv)
{
  return control ("skip", "Leaves a step out that cannot go on. A gate is never left out.", argc, argv);
}

/* --- confirm --- */

static AirValue *
find_unknown (AirValue *items, const char *step, GError **error)
{
  gsize n = air_list_get_size (items);

  if (step == NULL && n == 1)
    return air_list_get (items, 0);
  for (gsize i = 0; step != NULL && i < n; i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (items, i), "step"), step) == 0)
      return air_list_get (items, i);
  if (step == NULL)
    g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                 n == 0 ? "no outcome of this run is in doubt" : "several outcomes are in doubt; give --node STEP");
  else
    g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED, "the outcome of \"%s\" is not in doubt", step);
  return NULL;
}

static int
cmd_confirm (int argc, char **argv)
{
  g_autofree char *profile = NULL, *node = NULL, *reason = NULL, *key_name = NULL, *output_path = NULL, *role = NULL;
  gboolean happened = FALSE, did_not = FALSE, show = FALSE;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "node", 'n', 0, G_OPTION_ARG_STRING, &node, "the step, where several are in doubt", "STEP" },
    { "happened", 0, 0, G_OPTION_ARG_NONE, &happened, "it happened: you have seen it", NULL },
    { "did-not-happen", 0, 0, G_OPTION_ARG_NONE, &did_not, "it did not happen", NULL },
    { "show", 0, 0, G_OPTION_ARG_NONE, &show, "only show what is in doubt", NULL },
    { "reason", 'm', 0, G_OPTION_ARG_STRING, &reason, "how you know; it goes into the ledger", "TEXT" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output_path, "what it left behind, as JSON, where it happened",
      "FILE" },
    { "key", 'k', 0, G_OPTION_ARG_STRING, &key_name,
      "your decision key (else the profile's): a file, pkcs11:… or keyring:NAME", "KEY" },
    { "role", 0, 0, G_OPTION_ARG_STRING, &role, "in which role you say it (operator)", "ROLE" },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (AirValue) items = NULL, answer = NULL, output = NULL;
  g_auto (AirCli) cli = { 0 };
  AirValue *unknown;
  GError *error = NULL;

  if (!air_cli_parse (&cli, "run confirm", entries, "RUN",
                      "Says, signed with your own key, whether an action of unknown outcome happened.", 1, 1, argc,
                      argv))
    return AIR_EXIT_USAGE;
  if (!show && (happened == did_not || reason == NULL || *reason == '\0'))
    return air_cli_fail (&cli,
                         g_error_new_literal (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                              happened == did_not
                                                  ? "did it? Give --happened or --did-not-happen"
                                                  : "how do you know? Give --reason TEXT; it goes into the ledger"));
  client = air_cli_open_client (profile, &error);
  items = client != NULL ? air_client_list_unknown (client, cli.args[0], NULL, &error) : NULL;
  if (items == NULL)
    return air_cli_fail (&cli, error);
  if (show)
    {
      g_autofree char *text = cli.json ? NULL : air_json_write_pretty (items, NULL);

      if (cli.json)
        air_cli_print_value (items);
      else
        air_cli_print ("%s", text);
      return AIR_EXIT_OK;
    }
  unknown = find_unknown (items, node, &error);
  if (unknown == NULL || (output_path != NULL && (output = air_cli_read_json (output_path, &error)) == NULL))
    return air_cli_fail (&cli, error);
  if (key_name == NULL)
    key_name = g_strdup (air_client_profile_get_decision_key (air_client_get_profile (client)));
  if (key_name == NULL)
    return air_cli_fail (&cli,
                         g_error_new_literal (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                              "with which key? Give --key KEY, or \"decision_key\" in the profile"));
  key = air_cli_open_key (key_name, &error);
  if (key != NULL)
    answer = air_client_confirm_unknown (client, cli.args[0], unknown, happened, reason, output, key,
                                         role != NULL ? role : "operator", NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  print_controlled (&cli, answer);
  return AIR_EXIT_OK;
}

static int
cmd_signal (int argc, char **argv)
{
  g_autofree char *profile = NULL, *id = NULL, *iteration = NULL, *data_path = NULL;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "data", 'd', 0, G_OPTION_ARG_FILENAME, &data_path, "what it carries, as JSON (- for standard input)", "FILE" },
    { "id", 0, 0, G_OPTION_ARG_STRING, &id, "its own name: sent twice, it counts once", "ID" },
    { "iteration", 'i', 0, G_OPTION_ARG_STRING, &iteration,
      "of the for_each whose step waits for it (2, or 2.0 in a loop in a loop)", "N" },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirValue) data = NULL, answer = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "run signal", entries, "RUN NAME", "Sends a run the signal a step of it waits for.", 2, 2,
                      argc, argv))
    return AIR_EXIT_USAGE;
  if (data_path != NULL && (data = air_cli_read_json (data_path, &error)) == NULL)
    return air_cli_fail (&cli, error);
  client = air_cli_open_client (profile, &error);
  if (client != NULL)
    answer = air_client_signal_run (client, cli.args[0], cli.args[1], id, iteration, data, NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  print_controlled (&cli, answer);
  return AIR_EXIT_OK;
}

const AirCliCommand air_cmd_run_commands[] = {
  { "pause", cmd_pause, "let what is in flight come back, begin nothing new" },
  { "resume", cmd_resume, "go on where runs were paused" },
  { "cancel", cmd_cancel, "end runs and reverse what they did" },
  { "retry", cmd_retry, "try now what waits; do the work of failed runs again" },
  { "skip", cmd_skip, "leave out a step that cannot go on" },
  { "confirm", cmd_confirm, "say, signed, whether an action of unknown outcome happened" },
  { "signal", cmd_signal, "send a run the signal it waits for" },
  { NULL },
};
