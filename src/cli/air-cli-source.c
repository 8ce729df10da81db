/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "components/air-pack-replay.h"
#include "model/air-pack-directory.h"

/**
 * air_cli_find_packs:
 * @path: of a workflow
 *
 * Returns: (transfer full) (nullable): the folder "packs" it lies in or beside; %NULL when there is none
 */
char *
air_cli_find_packs (const char *path)
{
  /* packs/<pack>/workflows/x.workflow.json lies under the folder it needs; a workflow of one's own lies beside it. */
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

/**
 * air_cli_load_workflow:
 * @path: of the workflow
 * @error: return location
 *
 * Returns: (transfer full): the workflow, or %NULL with an %AIR_MODEL_ERROR, %AIR_CLI_ERROR_INPUT or %G_FILE_ERROR
 */
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

/**
 * air_cli_add_beside:
 * @packs: (element-type AirPack): gets what lies beside @path and is a step of @workflow
 * @path: of the workflow
 * @workflow: the workflow
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_MODEL_ERROR
 */
gboolean
air_cli_add_beside (GPtrArray *packs, const char *path, AirWorkflow *workflow, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  AirPack *beside = air_pack_load_beside (workflow, folder, error);

  if (beside != NULL)
    g_ptr_array_add (packs, beside);
  return beside != NULL;
}

/**
 * air_cli_load_packs_directory:
 * @cli: whose progress is shown
 * @folder: of packs
 * @ret_n_replayed: (out) (optional): how many fixtures were replayed
 * @error: return location
 *
 * Fails closed: a pack one of whose fixtures does not replay is none.
 *
 * Returns: (transfer full) (element-type AirPack): every pack in it, or %NULL with an %AIR_MODEL_ERROR
 */
GPtrArray *
air_cli_load_packs_directory (const AirCli *cli, const char *folder, guint *ret_n_replayed, GError **error)
{
  g_autoptr (GPtrArray) packs = air_packs_load_directory (folder, error);
  guint n_replayed = 0;

  for (guint i = 0; packs != NULL && i < packs->len; i++)
    {
      guint n;

      air_cli_progress (cli, "checking packs", i, packs->len);
      if (!air_pack_replay (packs->pdata[i], NULL, NULL, &n, error))
        return NULL;
      n_replayed += n;
    }
  if (ret_n_replayed != NULL)
    *ret_n_replayed = n_replayed;
  return g_steal_pointer (&packs);
}

/**
 * air_cli_load_packs:
 * @cli: whose progress is shown
 * @path: of a workflow
 * @workflow: (nullable): whose steps are looked for beside @path, too
 * @packs_folder: (nullable): where packs lie; %NULL for the nearest folder "packs" above or beside @path
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirPack): the packs, and the workflows beside @path that are steps of
 *   @workflow; or %NULL with %AIR_CLI_ERROR_INPUT or an %AIR_MODEL_ERROR
 */
GPtrArray *
air_cli_load_packs (const AirCli *cli,
                    const char *path,
                    AirWorkflow *workflow,
                    const char *packs_folder,
                    GError **error)
{
  g_autofree char *found = NULL;
  g_autoptr (GPtrArray) packs = NULL;

  if (packs_folder == NULL)
    packs_folder = found = air_cli_find_packs (path);
  if (packs_folder == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "%s: there is no folder \"packs\" beside or above it; give --packs", path);
      return NULL;
    }
  packs = air_cli_load_packs_directory (cli, packs_folder, NULL, error);
  if (packs == NULL || (workflow != NULL && !air_cli_add_beside (packs, path, workflow, error)))
    return NULL;
  return g_steal_pointer (&packs);
}

/**
 * air_cli_parse_source:
 * @cli: the command, which reads one workflow among its packs
 * @command: its name
 * @summary: what it does
 * @ret_workflow: (out) (transfer full): the workflow
 * @ret_packs: (out) (transfer full) (element-type AirPack): as air_cli_load_packs()
 * @ret_exit: (out): the exit status, when it is to end here
 *
 * Reads the command line, the workflow and the packs.
 *
 * Returns: %FALSE when one of them was not to be had, which was said
 */
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
  *ret_packs =
      *ret_workflow != NULL ? air_cli_load_packs (cli, cli->args[0], *ret_workflow, packs_folder, &error) : NULL;
  if (*ret_packs != NULL)
    return TRUE;
  *ret_exit = air_cli_fail (cli, error);
  return FALSE;
}

/**
 * air_cli_compile:
 * @cli: whose progress is shown
 * @path: of a workflow
 * @packs_folder: (nullable): as air_cli_load_packs()
 * @ret_packs: (out) (optional) (transfer full) (element-type AirPack): what it was compiled with
 * @error: return location
 *
 * Reads a workflow and the packs it lies among, and compiles them.
 *
 * Returns: (transfer full): the result, which may hold errors; or %NULL with %AIR_CLI_ERROR_INPUT, an %AIR_MODEL_ERROR
 *   or a %G_FILE_ERROR
 */
AirCompileResult *
air_cli_compile (const AirCli *cli, const char *path, const char *packs_folder, GPtrArray **ret_packs, GError **error)
{
  g_autoptr (AirWorkflow) workflow = air_cli_load_workflow (path, error);
  g_autoptr (GPtrArray) packs = workflow != NULL ? air_cli_load_packs (cli, path, workflow, packs_folder, error) : NULL;
  AirCompileResult *result = packs != NULL ? air_compile (workflow, packs, error) : NULL;

  if (result != NULL && ret_packs != NULL)
    *ret_packs = g_steal_pointer (&packs);
  return result;
}

/**
 * air_cli_print_compiled:
 * @result: what was found
 * @json: whether as JSON
 */
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

/**
 * air_cli_load_trust:
 * @path: of a trust.json
 * @error: return location
 *
 * Returns: (transfer full): what it says, read against its schema; or %NULL with an %AIR_MODEL_ERROR or a %G_FILE_ERROR
 */
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

/**
 * air_cli_load_signers:
 * @trust_path: of a trust.json
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirSigner): its pinned signers, or %NULL with %AIR_ARTIFACT_ERROR_SIGNER, an
 *   %AIR_MODEL_ERROR or a %G_FILE_ERROR
 */
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
