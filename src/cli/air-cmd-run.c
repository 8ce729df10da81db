/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-client.h"
#include "air-cli-describe.h"
#include "base/air-json.h"

#define POLL_US 200000

/* What the runtime would refuse too, said before anything is sent. */
static gboolean
check_event (GBytes *bytes, const char *path, GError **error)
{
  static const char *const needed[] = { "specversion", "id", "source", "type" };
  g_autoptr (AirValue) event = air_json_parse_named (bytes, path, error);

  if (event == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (air_map_get_string (event, needed[i]) == NULL)
      {
        g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                     "%s:1:1: no CloudEvent: \"%s\" is missing; write {\"specversion\":\"1.0\", \"id\", \"source\", "
                     "\"type\", \"data\"}",
                     path, needed[i]);
        return FALSE;
      }
  return TRUE;
}

/* Until it is over or somebody must do something. */
static AirValue *
wait_for_run (AirClient *client, const char *run, int seconds, GError **error)
{
  static const char *const over[] = { "completed",      "failed",          "cancelled", "waiting-gate",
                                      "waiting-signal", "unknown-outcome", "paused",    NULL };
  gint64 deadline = g_get_monotonic_time () + seconds * G_GINT64_CONSTANT (1000000);
  g_autofree char *path = air_client_run_path (run, NULL);

  for (;;)
    {
      g_autoptr (AirValue) document = air_client_get (client, path, NULL, error);
      const char *state;

      if (document == NULL)
        return NULL;
      state = air_map_get_string (document, "state");
      if ((state != NULL && g_strv_contains (over, state)) || g_get_monotonic_time () > deadline)
        return g_steal_pointer (&document);
      g_usleep (POLL_US);
    }
}

/**
 * air_cmd_run:
 *
 * `airailsctl run`: start a run by a trigger, or one of air_cmd_run_commands.
 *
 * Returns: an #AirExit
 */
int
air_cmd_run (int argc, char **argv)
{
  g_autofree char *profile = NULL;
  int wait_s = 0;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "wait", 'w', 0, G_OPTION_ARG_INT, &wait_s, "wait up to so long until the run is over or a gate waits",
      "SECONDS" },
    { NULL },
  };
  g_autofree char *escaped = NULL, *path = NULL;
  g_autoptr (AirValue) answer = NULL;
  g_autoptr (AirClient) client = NULL;
  g_autoptr (GBytes) event = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  const char *run, *state;

  for (const AirCliCommand *command = air_cmd_run_commands; argc > 1 && command->name != NULL; command++)
    if (strcmp (command->name, argv[1]) == 0)
      return command->run (argc - 1, argv + 1);
  if (!air_cli_parse (&cli, "run", entries, "TRIGGER EVENT",
                      "Sends a CloudEvent (a JSON file, or - for standard input) to a trigger of the workflow.\n"
                      "run pause, resume, cancel, retry, skip, confirm and signal act on runs; each has its --help.",
                      2, 2, argc, argv))
    {
      if (air_cli_is_describing ())
        air_cli_describe_table (air_cmd_run_commands);
      return AIR_EXIT_USAGE;
    }
  event = air_cli_read (cli.args[1], &error);
  if (event == NULL || !check_event (event, cli.args[1], &error))
    return air_cli_fail (&cli, error);
  client = air_cli_open_client (profile, &error);
  if (client == NULL)
    return air_cli_fail (&cli, error);
  escaped = g_uri_escape_string (cli.args[0], NULL, FALSE);
  path = g_strconcat ("/v1/triggers/", escaped, NULL);
  answer = air_client_post (client, path, "application/cloudevents+json", event, NULL, &error);
  if (answer == NULL)
    return air_cli_fail (&cli, error);
  run = air_map_get_string (answer, "run");
  if (run == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                                            "the answer names no run; is this a runtime of another version?"));
  if (wait_s > 0)
    {
      AirValue *document = wait_for_run (client, run, wait_s, &error);

      if (document == NULL)
        return air_cli_fail (&cli, error);
      air_value_unref (answer);
      answer = document;
      run = air_map_get_string (answer, "id");
    }
  state = air_map_get_string (answer, "state");
  if (cli.json)
    air_cli_print_value (answer);
  else
    air_cli_print ("%s%s%s%s\n", run != NULL ? run : "", state != NULL ? " " : "", state != NULL ? state : "",
                   air_map_get_bool (answer, "duplicate", FALSE) ? " (this event was there already)" : "");
  return g_strcmp0 (state, "failed") == 0 ? AIR_EXIT_REFUSED : AIR_EXIT_OK;
}
