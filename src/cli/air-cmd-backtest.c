/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-recorded.h"
#include "air-cli-sim.h"
#include "base/air-json.h"
#include "trial/air-backtest.h"

/* A policy document, or NULL when the file is something else (a workflow). */
static AirValue *
read_policy (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  g_autoptr (AirDocument) document = NULL;
  g_autoptr (AirValue) value = bytes != NULL ? air_json_parse_bytes (bytes, NULL) : NULL;
  const char *schema = air_map_get_string (value, "$schema");
  gsize length;
  const char *text;

  if (schema == NULL || !g_str_has_prefix (schema, "airails:policy/"))
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  document = air_document_load (AIR_DOCUMENT_POLICY, text, length, path, error);
  return document != NULL ? air_value_ref (air_document_get_value (document)) : NULL;
}

static gboolean
add_with_policy (AirBacktest *backtest, AirRecorded *recorded, const AirValue *policy, GPtrArray *packs, GError **error)
{
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (AirMocks) mocks = NULL;

  if (recorded->plan == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "a policy needs the plan each run was on, which a ledger does not keep; give exported bundles");
      return FALSE;
    }
  plan = air_backtest_replace_policy (recorded->plan, policy, error);
  mocks = plan != NULL ? air_mocks_new (plan, packs, error) : NULL;
  if (mocks == NULL)
    return FALSE;
  air_backtest_add (backtest, recorded, plan, mocks);
  return TRUE;
}

static int
print (const AirCli *cli, AirBacktest *backtest, GPtrArray *skipped)
{
  if (cli->json)
    {
      g_autoptr (AirValue) value = air_backtest_to_value (backtest);
      AirValue *list = air_list_new ();

      for (guint i = 0; i < skipped->len; i++)
        air_list_append (list, air_value_new_string (skipped->pdata[i]));
      air_map_set (value, "skipped", list);
      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_backtest_to_text (backtest);

      for (guint i = 0; i < skipped->len; i++)
        air_cli_print ("left out: %s\n", (char *) skipped->pdata[i]);
      air_cli_print ("%s", text);
    }
  return AIR_EXIT_OK;
}

/**
 * air_cmd_backtest:
 *
 * `airailsctl backtest`: a new version or policy over recorded runs.
 *
 * Returns: an #AirExit
 */
int
air_cmd_backtest (int argc, char **argv)
{
  g_autofree char *packs = NULL;
  g_auto (GStrv) over = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "over", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &over,
      "recorded runs: a bundle, a folder of bundles, or a runtime's state folder; may be given again", "PATH" },
    { NULL },
  };
  g_autoptr (GPtrArray) skipped = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AirBacktest) backtest = air_backtest_new ();
  g_autoptr (AirValue) policy = NULL;
  g_auto (AirCliPlay) play = { 0 };
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  int status;

  if (!air_cli_parse (&cli, "backtest", entries, "WORKFLOW|POLICY",
                      "Plays recorded runs again with a new version of their workflow, or of one policy: the same "
                      "events, answers and\ndecisions of people. Tells what would be decided otherwise, and the money.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (over == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "over which runs? Give --over PATH"));
  policy = read_policy (cli.args[0], &error);
  if (error != NULL)
    return air_cli_fail (&cli, error);
  if (policy == NULL && !air_cli_play_init (&play, &cli, cli.args[0], packs, &status))
    return status;
  for (guint i = 0; over[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) runs = air_cli_read_runs (over[i], skipped, &error);

      if (runs == NULL)
        return air_cli_fail (&cli, error);
      for (guint j = 0; j < runs->len; j++)
        {
          air_cli_progress (&cli, "playing runs", j, runs->len);
          if (policy == NULL)
            air_backtest_add (backtest, runs->pdata[j], play.plan, play.mocks);
          else if (!add_with_policy (backtest, runs->pdata[j], policy, NULL, &error))
            return air_cli_fail (&cli, error);
        }
    }
  return print (&cli, backtest, skipped);
}
