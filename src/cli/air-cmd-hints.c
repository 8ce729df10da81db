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
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GPtrArray) packs = NULL;
  g_autoptr (GPtrArray) hints = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  int status;

  if (!air_cli_parse_source (
          &cli, "hints",
          "Says for each risky step which template of the pack policy-gates fits and why, and which gate "
          "guards it already.",
          argc, argv, &workflow, &packs, &status))
    return status;
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
