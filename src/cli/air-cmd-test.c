/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-sim.h"
#include "trial/air-cases.h"

/**
 * air_cmd_test:
 *
 * `airailsctl test`: play the test cases of a workflow.
 *
 * Returns: an #AirExit
 */
int
air_cmd_test (int argc, char **argv)
{
  g_autofree char *packs = NULL, *junit = NULL, *only = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "case", 0, 0, G_OPTION_ARG_STRING, &only, "this case only", "ID" },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &junit, "write the results as JUnit XML, too", "FILE" },
    { NULL },
  };
  g_autoptr (AirCaseReport) report = NULL;
  g_auto (AirCliPlay) play = { 0 };
  g_auto (AirCli) cli = { 0 };
  AirCliWork work = { &cli, "playing cases" };
  GError *error = NULL;
  int status;

  if (!air_cli_parse (
          &cli, "test", entries, "WORKFLOW",
          "Plays the test cases that stand in a workflow: vendors answer from the fixtures of packs, people "
          "decide as the case\nsays, nothing is sent. Exit status 1 when a case does not hold.",
          1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (!air_cli_play_init (&play, &cli, cli.args[0], packs, &status))
    return status;
  report = air_cases_run (play.compiled->workflow, play.plan, play.mocks, only, air_cli_work_progress, &work);
  if (report->cases->len == 0)
    return air_cli_fail (
        &cli, only != NULL ? g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                          "%s has no test case \"%s\"; without --case it names all", cli.args[0], only)
                           : g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                          "%s has no test cases; write some under \"tests\"", cli.args[0]));
  if (junit != NULL)
    {
      g_autofree char *xml = air_case_report_to_junit (report);

      if (!air_cli_write (junit, xml, &error))
        return air_cli_fail (&cli, error);
    }
  if (cli.json)
    {
      g_autoptr (AirValue) value = air_case_report_to_value (report);

      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_case_report_to_text (report);

      air_cli_print ("%s", text);
    }
  return report->passed == report->cases->len ? AIR_EXIT_OK : AIR_EXIT_REFUSED;
}
