/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"

static int
list_kinds (const AirCli *cli)
{
  g_autoptr (AirValue) list = air_list_new ();
  gsize n;
  const AirDiagnosticKind *kinds = air_diagnostic_get_kinds (&n);

  for (gsize i = 0; i < n; i++)
    {
      AirValue *item = air_map_new ();

      if (!cli->json)
        air_cli_print ("%-8s %-8s %s\n         %s\n", kinds[i].id, air_severity_to_string (kinds[i].severity),
                       kinds[i].title, kinds[i].explanation);
      air_map_set_string (item, "id", kinds[i].id);
      air_map_set_string (item, "severity", air_severity_to_string (kinds[i].severity));
      air_map_set_string (item, "title", kinds[i].title);
      air_map_set_string (item, "explanation", kinds[i].explanation);
      air_list_append (list, item);
    }
  if (cli->json)
    air_cli_print_value (list);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_check:
 *
 * `airailsctl check`: check a workflow: structure, types, lints.
 *
 * Returns: an #AirExit
 */
int
air_cmd_check (int argc, char **argv)
{
  g_autofree char *packs = NULL;
  gboolean list = FALSE;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &list, "list everything that is checked", NULL },
    { NULL },
  };
  g_autoptr (AirCompileResult) result = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "check", entries, "WORKFLOW",
                      "Checks a workflow and writes nothing. Exit status 1 when there are errors.", 0, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (list)
    return list_kinds (&cli);
  if (cli.n_args == 0)
    return air_cli_fail (&cli,
                         g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "which workflow? Give its file, or --list"));
  result = air_cli_compile (&cli, cli.args[0], packs, NULL, &error);
  if (result == NULL)
    return air_cli_fail (&cli, error);
  air_cli_print_compiled (result, cli.json);
  return result->n_errors > 0 ? AIR_EXIT_REFUSED : AIR_EXIT_OK;
}
