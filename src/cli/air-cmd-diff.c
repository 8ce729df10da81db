/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "model/air-workflow-diff.h"

static gpointer
copy_pack (gconstpointer pack, gpointer user_data)
{
  return air_pack_ref ((AirPack *) pack);
}

/**
 * air_cmd_diff:
 *
 * `airailsctl diff`: say in words what changes between two versions.
 *
 * Returns: an #AirExit
 */
int
air_cmd_diff (int argc, char **argv)
{
  g_autofree char *packs_folder = NULL, *old_packs_folder = NULL;
  gboolean status = FALSE;
  const GOptionEntry entries[] = {
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "old-packs", 0, 0, G_OPTION_ARG_FILENAME, &old_packs_folder, "where the packs of OLD lie (else as for NEW)",
      "FOLDER" },
    { "exit-code", 0, 0, G_OPTION_ARG_NONE, &status, "exit status 1 when something changes", NULL },
    { NULL },
  };
  g_autoptr (AirWorkflow) before = NULL, after = NULL;
  g_autoptr (GPtrArray) packs = NULL, old_packs = NULL, changes = NULL;
  const char *old_path, *new_path;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  /* git gives an external diff seven words: path old-file old-hex old-mode new-file new-hex new-mode. */
  if (!air_cli_parse (
          &cli, "diff", entries, "OLD NEW",
          "Says in words what changes from one version of a workflow to the next, risks first; positions do "
          "not count. Also as git's external diff: git config diff.airails.command \"airailsctl diff\".",
          2, 7, argc, argv))
    return AIR_EXIT_USAGE;
  if (cli.n_args != 2 && cli.n_args != 7)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "give two files: OLD NEW"));
  old_path = cli.args[cli.n_args == 7 ? 1 : 0];
  new_path = cli.args[cli.n_args == 7 ? 4 : 1];
  before = air_cli_load_workflow (old_path, &error);
  after = before != NULL ? air_cli_load_workflow (new_path, &error) : NULL;
  if (after == NULL)
    return air_cli_fail (&cli, error);
  /* Packs tell what operations do and policies ask for; without any the difference is told in the source's words. */
  if (packs_folder == NULL)
    packs_folder = air_cli_find_packs (cli.n_args == 7 ? cli.args[0] : new_path);
  if (packs_folder == NULL)
    packs_folder = air_cli_find_packs (old_path);
  if (packs_folder != NULL)
    packs = air_cli_load_packs_directory (&cli, packs_folder, NULL, &error);
  if (packs_folder != NULL && packs == NULL)
    return air_cli_fail (&cli, error);
  if (old_packs_folder != NULL)
    old_packs = air_cli_load_packs_directory (&cli, old_packs_folder, NULL, &error);
  else if (packs != NULL)
    old_packs = g_ptr_array_copy (packs, copy_pack, NULL);
  if (old_packs_folder != NULL && old_packs == NULL)
    return air_cli_fail (&cli, error);
  if (old_packs != NULL)
    g_ptr_array_set_free_func (old_packs, (GDestroyNotify) air_pack_unref);
  /* And what lies beside each of the two and is a step of it. git's old file lies in no folder of its own. */
  if ((old_packs != NULL && !air_cli_add_beside (old_packs, cli.n_args == 7 ? cli.args[0] : old_path, before, &error))
      || (packs != NULL && !air_cli_add_beside (packs, cli.n_args == 7 ? cli.args[0] : new_path, after, &error)))
    return air_cli_fail (&cli, error);

  changes = air_workflow_diff (before, old_packs, after, packs);
  if (cli.json)
    {
      g_autoptr (AirValue) value = air_changes_to_value (changes);

      air_cli_print_value (value);
    }
  else
    {
      g_autofree char *text = air_changes_to_text (changes);

      air_cli_print ("%s", text);
    }
  return status && changes->len > 0 ? AIR_EXIT_REFUSED : AIR_EXIT_OK;
}
