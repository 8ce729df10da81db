/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-source.h"
#include "air-cli.h"
#include "compiler/air-fix.h"

/* Mends what can be mended and writes the file anew, when there was something. */
static gboolean
fix (const AirCli *cli, const char *path, AirWorkflow **workflow, GPtrArray *packs, AirValue *told, GError **error)
{
  g_autoptr (GPtrArray) applied = NULL;
  g_autoptr (AirWorkflow) mended = air_workflow_fix (*workflow, packs, &applied, error);
  g_autofree char *text = NULL;

  if (mended == NULL)
    return FALSE;
  for (guint i = 0; i < applied->len; i++)
    {
      const AirDiagnostic *diagnostic = g_ptr_array_index (applied, i);

      if (!cli->json)
        air_cli_print ("mended: %s [%s]\n", diagnostic->message, diagnostic->id);
      air_list_append (told, air_diagnostic_to_value (diagnostic));
    }
  if (applied->len == 0)
    return TRUE;
  text = air_workflow_write (mended, error);
  if (text == NULL
      || !g_file_set_contents_full (path, text, strlen (text), G_FILE_SET_CONTENTS_CONSISTENT, 0666, error))
    return FALSE;
  /* Read again: the places are those of what was written. */
  air_workflow_unref (*workflow);
  *workflow = air_cli_load_workflow (path, error);
  return *workflow != NULL;
}

/**
 * air_cmd_lint:
 *
 * `airailsctl lint`: say what is wrong with a workflow, and mend it.
 *
 * Returns: an #AirExit
 */
int
air_cmd_lint (int argc, char **argv)
{
  g_autofree char *packs_folder = NULL;
  gboolean sarif = FALSE, mend = FALSE, strict = FALSE;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "fix", 0, 0, G_OPTION_ARG_NONE, &mend, "mend what has a fix that brings no other finding, and write the file",
      NULL },
    { "sarif", 0, 0, G_OPTION_ARG_NONE, &sarif, "answer in SARIF 2.1.0", NULL },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &strict, "warnings count as errors", NULL },
    { NULL },
  };
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GPtrArray) packs = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  g_autoptr (AirValue) told = air_list_new ();
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "lint", entries, "WORKFLOW",
                      "Says what is wrong with a workflow, where, and how to mend it. Exit status 1 when there are "
                      "errors (with --strict also warnings), 0 when there are none, 3 when the file is no workflow.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (mend && strcmp (cli.args[0], "-") == 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "--fix writes a file; give one"));
  workflow = air_cli_load_workflow (cli.args[0], &error);
  packs = workflow != NULL ? air_cli_load_packs (&cli, cli.args[0], workflow, packs_folder, &error) : NULL;
  if (packs == NULL)
    return air_cli_fail (&cli, error);
  cli.json |= sarif;
  if (mend && !fix (&cli, cli.args[0], &workflow, packs, told, &error))
    return air_cli_fail (&cli, error);
  result = air_compile (workflow, packs, &error);
  if (result == NULL)
    return air_cli_fail (&cli, error);

  if (sarif)
    {
      g_autoptr (AirValue) log = air_diagnostics_to_sarif (result->diagnostics);

      air_cli_print_value (log);
    }
  else if (cli.json)
    {
      g_autoptr (AirValue) value = air_compile_result_to_value (result);

      if (mend)
        air_map_set (value, "mended", air_value_ref (told));
      air_cli_print_value (value);
    }
  else
    air_cli_print_compiled (result, FALSE);
  return result->n_errors > 0 || (strict && result->diagnostics->len > 0) ? AIR_EXIT_REFUSED : AIR_EXIT_OK;
}
