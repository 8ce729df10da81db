/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-client.h"
#include "ledger/air-verifier.h"

/* A bundle proves that nothing is missing, which of a run that goes on nobody can say. */
static gboolean
check_ended (AirClient *client, const char *run, GError **error)
{
  static const char *const over[] = { "completed", "failed", "cancelled", NULL };
  g_autofree char *path = air_client_run_path (run, NULL);
  g_autoptr (AirValue) document = air_client_get (client, path, NULL, error);
  const char *state = document != NULL ? air_map_get_string (document, "state") : NULL;

  if (document == NULL)
    return FALSE;
  if (state == NULL || g_strv_contains (over, state))
    return TRUE;
  g_set_error (
      error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
      "run %s has not come to its end (%s), and only of one that has it can be proved that nothing is missing; "
      "export it then. \"airailsctl replay --run %s\" tells how far it is",
      run, state, run);
  return FALSE;
}

/**
 * air_cmd_export:
 *
 * `airailsctl export`: save the proof of a run as a bundle.
 *
 * Returns: an #AirExit
 */
int
air_cmd_export (int argc, char **argv)
{
  g_autofree char *profile = NULL, *output = NULL, *path = NULL;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the file to write (RUN.zip)", "FILE" },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_autoptr (AirReport) report = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  gsize length;

  if (!air_cli_parse (
          &cli, "export", entries, "RUN",
          "Saves everything that proves a run as one file that \"airailsctl verify\" and standard tools check.", 1, 1,
          argc, argv))
    return AIR_EXIT_USAGE;
  if (output == NULL)
    output = g_strconcat (cli.args[0], ".zip", NULL);
  if (g_file_test (output, G_FILE_TEST_EXISTS))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                            "%s: is there; move it away or give another name with --output", output));
  client = air_cli_open_client (profile, &error);
  if (client == NULL || !check_ended (client, cli.args[0], &error))
    return air_cli_fail (&cli, error);
  path = air_client_run_path (cli.args[0], "bundle");
  zip = air_client_get_bytes (client, path, NULL, &error);
  if (zip == NULL)
    return air_cli_fail (&cli, error);

  report = air_verifier_check_zip (zip, NULL);
  if (!air_report_passed (report))
    {
      g_autofree char *text = air_report_to_text (report);

      return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                                              "what the runtime gave does not hold; nothing was saved\n%s", text));
    }
  if (!air_cli_write_new (output, g_bytes_get_data (zip, &length), g_bytes_get_size (zip), 0600, &error))
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "file", output);
      air_map_set_int (answer, "bytes", g_bytes_get_size (zip));
      air_map_set (answer, "report", air_report_to_value (report));
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s, %" G_GSIZE_FORMAT " bytes; check it with \"airailsctl verify --trust TRUST %s\"\n", output,
                   g_bytes_get_size (zip), output);
  return AIR_EXIT_OK;
}
