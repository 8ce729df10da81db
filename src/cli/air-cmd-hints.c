/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "compiler/air-hints.h"

/**
 * air_cmd_hints:
 *
 * `airailsctl hints`: say which policy fits each risky step.
 *
 * Returns: an #AirExit
 */
int
air_cmd_hints (int argc, char **argv)
{
  g_autofree char *packs_folder = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { NULL },
  };
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GPtrArray) packs = NULL;
  g_autoptr (GPtrArray) hints = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "hints", entries, "WORKFLOW",
                      "Says for each risky step which template of the pack policy-gates fits and why, and which gate "
                      "guards it already.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  workflow = air_cli_load_workflow (cli.args[0], &error);
  packs = workflow != NULL ? air_cli_load_packs (cli.args[0], workflow, packs_folder, &error) : NULL;
  if (packs == NULL)
    return air_cli_fail (&cli, error);
  hints = air_compile_hints (workflow, packs, &error);
  if (hints == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      g_autoptr (AirValue) value = air_hints_to_value (hints);

      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_hints_to_text (hints);

      air_cli_print ("%s", text);
    }
  return AIR_EXIT_OK;
}
