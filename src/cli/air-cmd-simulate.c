/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-sim.h"
#include "base/air-json.h"
#include "trial/air-outlook.h"

/* The data of events, one JSON object a line; a CloudEvent counts for its data. */
static GPtrArray *
read_events (const char *path, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;

  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (strlen (text) < g_bytes_get_size (bytes))
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: this is no text; write one JSON object a line",
                   path);
      return NULL;
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (AirValue) value = NULL;
      AirValue *data;

      if (*g_strstrip (lines[i]) == '\0')
        continue;
      value = air_json_parse (lines[i], strlen (lines[i]), error);
      if (value == NULL || air_value_get_kind (value) != AIR_VALUE_MAP)
        {
          if (value != NULL)
            g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "it is no object; write one JSON object a line");
          g_prefix_error (error, "%s, line %u: ", path, i + 1);
          return NULL;
        }
      data = air_map_get_string (value, "specversion") != NULL ? air_map_get_map (value, "data") : NULL;
      g_ptr_array_add (events, air_value_ref (data != NULL ? data : value));
    }
  if (events->len > 0)
    return g_steal_pointer (&events);
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s holds no event; write one JSON object a line", path);
  return NULL;
}

static gboolean
progress_cb (guint done, guint runs, gpointer user_data)
{
  if (done % 100 == 0)
    air_cli_progress (user_data, done < runs ? "playing runs" : NULL, done, runs);
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
    { "fail", 0, 0, G_OPTION_ARG_INT, &fail, "of a thousand calls so many get a fixture that fails (50)", "N" },
    { "approve", 0, 0, G_OPTION_ARG_INT, &approve, "of a thousand decisions so many approve (900)", "N" },
    { "minutes", 0, 0, G_OPTION_ARG_INT, &minutes, "what an approver takes, in the middle (30)", "N" },
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
  air_cli_progress (&cli, NULL, 0, 0);
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
