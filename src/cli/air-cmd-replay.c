/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-client.h"
#include "air-cli-recorded.h"
#include "air-cli.h"
#include "trial/air-account.h"

static GBytes *
fetch (const char *run, const char *profile, GError **error)
{
  g_autoptr (AirClient) client = air_cli_open_client (profile, error);
  g_autofree char *path = air_client_run_path (run, "bundle");

  return client != NULL ? air_client_get_bytes (client, path, NULL, error) : NULL;
}

static int
print (const AirCli *cli, const AirRecorded *recorded, gboolean same, guint at, const char *difference)
{
  g_autoptr (GPtrArray) lines = air_account_read (recorded->plan, recorded->records, recorded->times_us);

  if (cli->json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "run", recorded->id);
      air_map_set_string (answer, "workflow", air_plan_get_workflow (recorded->plan));
      air_map_set_string (answer, "version", air_plan_get_version (recorded->plan));
      air_map_set_string (answer, "artifact", air_plan_get_artifact (recorded->plan));
      air_map_set_int (answer, "entries", recorded->records->len);
      air_map_set_bool (answer, "same", same);
      if (!same)
        {
          air_map_set_int (answer, "entry", at);
          air_map_set_string (answer, "difference", difference);
        }
      air_map_set (answer, "account", air_account_to_value (lines));
      air_cli_print_value (answer);
    }
  else
    {
      g_autofree char *text = air_account_to_text (lines);

      air_cli_print ("run %s of %s %s\n%s", recorded->id, air_plan_get_workflow (recorded->plan),
                     air_plan_get_version (recorded->plan), text);
      if (same)
        air_cli_print ("decided anew from what came from outside: the same %u entries\n", recorded->records->len);
      else
        air_cli_print ("decided anew, entry %u comes out otherwise: %s\n", at, difference);
    }
  return same ? AIR_EXIT_OK : AIR_EXIT_REFUSED;
}

/**
 * air_cmd_replay:
 *
 * `airailsctl replay`: decide a recorded run anew, and tell it.
 *
 * Returns: an #AirExit
 */
int
air_cmd_replay (int argc, char **argv)
{
  g_autofree char *profile = NULL, *run = NULL;
  const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_STRING, &run, "a run of a runtime, instead of a file", "RUN" },
    { "profile", 'p', 0, G_OPTION_ARG_FILENAME, &profile, "which runtime, and as whom", "FILE" },
    { NULL },
  };
  g_autoptr (AirRecorded) recorded = NULL;
  g_autoptr (GError) difference = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_auto (AirCli) cli = { 0 };
  AirCliWork work = { &cli, "deciding entries" };
  GError *error = NULL;
  gboolean same;
  guint at = 0;

  if (!air_cli_parse (
          &cli, "replay", entries, "[BUNDLE]",
          "Decides a recorded run anew, from what came from outside, and tells it decision by decision. "
          "Exit status 1 when\nanything comes out otherwise than it was recorded. What the bundle proves is "
          "for \"airailsctl verify\" to say.",
          0, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if ((cli.n_args == 0) == (run == NULL))
    return air_cli_fail (
        &cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "which run? Give a bundle, or --run RUN of a runtime"));
  zip = run != NULL ? fetch (run, profile, &error) : air_cli_read (cli.args[0], &error);
  recorded = zip != NULL ? air_cli_read_bundle (zip, cli.n_args > 0 ? cli.args[0] : run, &error) : NULL;
  if (recorded == NULL)
    return air_cli_fail (&cli, error);
  if (recorded->plan == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                            "the bundle does not hold the plan of run %s, so nothing can be decided "
                                            "anew; export it again",
                                            recorded->id));
  same = air_instance_replay_full (recorded->plan, recorded->id, recorded->records, (gint64 *) recorded->times_us->data,
                                   air_cli_work_progress, &work, &at, &difference);
  return print (&cli, recorded, same, at, difference != NULL ? difference->message : NULL);
}
