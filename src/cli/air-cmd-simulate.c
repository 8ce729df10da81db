/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-sim.h"
#include "base/air-json.h"
#include "trial/air-outlook.h"

/* The data of events, one JSON object a line; a CloudEvent counts for its data. */
static GPtrArray *
read_events (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  g_autoptr (GPtrArray) lines = bytes != NULL ? air_json_parse_lines (bytes, path, error) : NULL;
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);

  if (lines == NULL)
    return NULL;
  for (guint i = 0; i < lines->len; i++)
    {
      AirValue *data = air_map_get_string (lines->pdata[i], "specversion") != NULL
                           ? air_map_get_map (lines->pdata[i], "data")
                           : NULL;

      g_ptr_array_add (events, air_value_ref (data != NULL ? data : lines->pdata[i]));
    }
  if (events->len > 0)
    return g_steal_pointer (&events);
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: there is no event in it; write one JSON object a line",
               path);
  return NULL;
}

static gboolean
progress_cb (guint done, guint runs, gpointer user_data)
{
  air_cli_progress (user_data, "playing runs", done, runs);
  return TRUE;
}

/**
 * air_cmd_simulate:
 *
 * `airailsctl simulate`: play many runs of a workflow, and what they come to.
 *
 * Returns: an #AirExit
 */
int
air_cmd_simulate (int argc, char **argv)
{
  g_autofree char *packs = NULL, *data = NULL;
  gint runs = 1000, fail = 50, approve = 900, minutes = 30;
  gint64 seed = 1;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "runs", 'n', 0, G_OPTION_ARG_INT, &runs, "how many runs (1000)", "N" },
    { "seed", 's', 0, G_OPTION_ARG_INT64, &seed, "the same seed plays the same runs (1)", "SEED" },
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "events to play, one JSON object a line (else made up)", "FILE" },
    { "fail", 0, 0, G_OPTION_ARG_INT, &fail,
      "of a thousand calls so many get a fixture that fails, of signals so many do not come (50)", "N" },
    { "approve", 0, 0, G_OPTION_ARG_INT, &approve, "of a thousand decisions so many approve (900)", "N" },
    { "minutes", 0, 0, G_OPTION_ARG_INT, &minutes, "what an approver, or a signal, takes, in the middle (30)", "N" },
    { NULL },
  };
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (AirValue) outlook = NULL;
  g_auto (AirCliPlay) play = { 0 };
  g_auto (AirCli) cli = { 0 };
  AirOutlookOptions options;
  GError *error = NULL;
  int status;

  if (!air_cli_parse (&cli, "simulate", entries, "WORKFLOW",
                      "Plays many runs of a workflow and tells what they come to: events are made up from the "
                      "trigger's schema,\nvendors answer from the fixtures of packs, people decide as they may. "
                      "Nothing is sent.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (runs < 1 || runs > 10000000 || seed < 0 || fail < 0 || fail > 1000 || approve < 0 || approve > 1000
      || minutes < 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "--runs is from 1 to 10,000,000; --fail and --approve from 0 to 1000; "
                                            "--seed and --minutes not negative"));
  if (!air_cli_play_init (&play, &cli, cli.args[0], packs, &status))
    return status;
  if (data != NULL && (events = read_events (data, &error)) == NULL)
    return air_cli_fail (&cli, error);
  options = (AirOutlookOptions) {
    .plan = play.plan,
    .mocks = play.mocks,
    .runs = runs,
    .seed = seed,
    .events = events,
    .fail_permille = fail,
    .approve_permille = approve,
    .decide_us = (gint64) minutes * 60 * G_USEC_PER_SEC,
    .progress = progress_cb,
    .user_data = &cli,
  };
  outlook = air_outlook_run (&options, &error);
  if (outlook == NULL && events != NULL)
    {
      g_autoptr (GError) cause = error;

      error = g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s; mend the event", data, cause->message);
    }
  if (outlook == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    air_cli_print_value (outlook);
  else
    {
      g_autofree char *text = air_outlook_to_text (outlook);

      air_cli_print ("%s", text);
    }
  return AIR_EXIT_OK;
}
