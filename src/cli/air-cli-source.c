/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "components/air-pack-replay.h"
#include "model/air-pack-directory.h"

/* packs/<pack>/workflows/x.workflow.json lies under the folder it needs; a workflow of one's own lies beside it. */
char *
air_cli_find_packs (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);

  for (;;)
    {
      g_autofree char *name = g_path_get_basename (folder), *beside = g_build_filename (folder, "packs", NULL);
      char *parent;

      if (g_str_equal (name, "packs"))
        return g_steal_pointer (&folder);
      if (g_file_test (beside, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&beside);
      parent = g_path_get_dirname (folder);
      if (g_str_equal (parent, folder))
        {
          g_free (parent);
          return NULL;
        }
      g_free (folder);
      folder = parent;
    }
}

AirWorkflow *
air_cli_load_workflow (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  const char *text;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  /* By its own name only: what is found goes into the artifact, and must not tell where it was made. */
  return air_workflow_load (text != NULL ? text : "", length, name, error);
}

GPtrArray *
air_cli_load_packs_directory (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) packs = air_packs_load_directory (folder, error);

  for (guint i = 0; packs != NULL && i < packs->len; i++)
    {
      guint n;

      if (!air_pack_replay (packs->pdata[i], NULL, NULL, &n, error))
        return NULL;
    }
  return g_steal_pointer (&packs);
}

GPtrArray *
air_cli_load_packs (const char *path, const char *packs_folder, GError **error)
{
  g_autofree char *found = NULL;

  if (packs_folder == NULL)
    packs_folder = found = air_cli_find_packs (path);
  if (packs_folder == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "%s: there is no folder \"packs\" beside or above it; give --packs", path);
      return NULL;
    }
  return air_cli_load_packs_directory (packs_folder, error);
}

gboolean
air_cli_parse_source (AirCli *cli,
                      const char *command,
                      const char *summary,
                      int argc,
                      char **argv,
                      AirWorkflow **ret_workflow,
                      GPtrArray **ret_packs,
                      int *ret_exit)
{
  g_autofree char *packs_folder = NULL;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { NULL },
  };
  GError *error = NULL;

  *ret_exit = AIR_EXIT_USAGE;
  if (!air_cli_parse (cli, command, entries, "WORKFLOW", summary, 1, 1, argc, argv))
    return FALSE;
  *ret_workflow = air_cli_load_workflow (cli->args[0], &error);
  *ret_packs = *ret_workflow != NULL ? air_cli_load_packs (cli->args[0], packs_folder, &error) : NULL;
  if (*ret_packs != NULL)
    return TRUE;
  *ret_exit = air_cli_fail (cli, error);
  return FALSE;
}

AirCompileResult *
air_cli_compile (const char *path, const char *packs_folder, AirWorkflow **ret_workflow, GError **error)
{
  g_autoptr (AirWorkflow) workflow = air_cli_load_workflow (path, error);
  g_autoptr (GPtrArray) packs = workflow != NULL ? air_cli_load_packs (path, packs_folder, error) : NULL;
  AirCompileResult *result = packs != NULL ? air_compile (workflow, packs, error) : NULL;

  if (result != NULL && ret_workflow != NULL)
    *ret_workflow = g_steal_pointer (&workflow);
  return result;
}

void
air_cli_print_compiled (const AirCompileResult *result, gboolean json)
{
  if (json)
    {
      g_autoptr (AirValue) value = air_compile_result_to_value (result);

      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_compile_result_to_text (result);

      air_cli_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
    }
}

AirValue *
air_cli_load_trust (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  g_autoptr (AirDocument) document = NULL;
  const char *text;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  document = air_document_load (AIR_DOCUMENT_TRUST, text != NULL ? text : "", length, path, error);
  return document != NULL ? air_value_ref (air_document_get_value (document)) : NULL;
}

GPtrArray *
air_cli_load_signers (const char *trust_path, GError **error)
{
  g_autoptr (AirValue) trust = air_cli_load_trust (trust_path, error);
  GPtrArray *signers;

  if (trust == NULL)
    return NULL;
  signers = air_signers_from_trust (trust, error);
  if (signers == NULL)
    g_prefix_error (error, "%s: ", trust_path);
  return signers;
}
