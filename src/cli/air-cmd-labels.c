/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "compiler/air-labels.h"

/**
 * air_cmd_labels:
 *
 * `airailsctl labels`: say which data reaches which vendor.
 *
 * Returns: an #AirExit
 */
int
air_cmd_labels (int argc, char **argv)
{
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GPtrArray) packs = NULL;
  g_autoptr (AirValue) labels = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  int status;

  if (!air_cli_parse_source (&cli, "labels",
                             "Says which data label reaches which parameter of which operation, and so which domain.",
                             argc, argv, &workflow, &packs, &status))
    return status;
  labels = air_compile_labels (workflow, packs, &error);
  if (labels == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    air_cli_print_value (labels);
  else
    {
      g_autofree char *text = air_labels_to_text (labels);

      air_cli_print ("%s", text);
    }
  return AIR_EXIT_OK;
}
