/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"

/**
 * air_cmd_manifest:
 *
 * `airailsctl manifest`: say what a deployment needs.
 *
 * Returns: an #AirExit
 */
int
air_cmd_manifest (int argc, char **argv)
{
  g_autofree char *packs_folder = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { NULL },
  };
  g_autoptr (AirCompileResult) result = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "manifest", entries, "WORKFLOW",
                      "Says in JSON what a deployment of the workflow needs: CPU, memory, GPU, secrets by name, egress "
                      "domains, cost limits, latency class, minimum attestation.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  result = air_cli_compile (&cli, cli.args[0], packs_folder, NULL, &error);
  if (result == NULL)
    return air_cli_fail (&cli, error);
  if (result->n_errors > 0)
    {
      air_cli_print_compiled (result, cli.json);
      return AIR_EXIT_REFUSED;
    }
  air_cli_print_value (result->manifest);
  return AIR_EXIT_OK;
}
