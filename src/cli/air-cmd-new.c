/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-source.h"
#include "air-cli.h"
#include "model/air-workflow-new.h"

/* The template called @name ("PACK/WORKFLOW" or "WORKFLOW"), or all of them into @list. */
static AirDocument *
find_template (GPtrArray *packs, const char *name, const AirCli *cli, AirValue *list)
{
  for (guint i = 0; i < packs->len; i++)
    {
      const AirPack *pack = g_ptr_array_index (packs, i);
      AirValue *workflows = air_map_get_list (air_document_get_value (air_pack_get_document (pack)), "workflows");

      for (gsize k = 0; workflows != NULL && k < air_list_get_size (workflows); k++)
        {
          const char *id = air_value_get_string (air_list_get (workflows, k), NULL);
          g_autofree char *full = g_strdup_printf ("%s/%s", air_pack_get_id (pack), id);
          AirDocument *document = air_pack_get_workflow (pack, id);
          const char *title = air_map_get_string (air_document_get_value (document), "title");

          if (name != NULL && (strcmp (name, full) == 0 || strcmp (name, id) == 0))
            return document;
          if (list != NULL)
            {
              AirValue *item = air_map_new ();

              if (!cli->json)
                air_cli_print ("%s  %s\n", full, title);
              air_map_set_string (item, "template", full);
              air_map_set_string (item, "title", title);
              air_list_append (list, item);
            }
        }
    }
  return NULL;
}

/* Those the new file will lie among, else those of where we are. */
static GPtrArray *
load_packs (const AirCli *cli, const char *path, const char *packs_folder, GError **error)
{
  g_autofree char *near = packs_folder == NULL && path != NULL ? air_cli_find_packs (path) : NULL;

  return air_cli_load_packs (cli, "./new", NULL, near != NULL ? near : packs_folder, error);
}

static AirWorkflow *
load_template (const AirCli *cli, const char *name, const char *path, const char *packs_folder, GError **error)
{
  g_autoptr (GPtrArray) packs = load_packs (cli, path, packs_folder, error);
  AirDocument *document = packs != NULL ? find_template (packs, name, cli, NULL) : NULL;
  const char *text;
  gsize length;

  if (packs == NULL)
    return NULL;
  if (document == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "no pack has a template \"%s\"; \"airailsctl new --list\" names them", name);
      return NULL;
    }
  text = air_document_get_text (document, &length);
  return air_workflow_load (text, length, air_document_get_file_name (document), error);
}

static int
list_templates (const AirCli *cli, const char *packs_folder)
{
  g_autoptr (AirValue) list = air_list_new ();
  GError *error = NULL;
  g_autoptr (GPtrArray) packs = load_packs (cli, NULL, packs_folder, &error);

  if (packs == NULL)
    return air_cli_fail (cli, error);
  find_template (packs, NULL, cli, list);
  if (cli->json)
    air_cli_print_value (list);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_new:
 *
 * `airailsctl new`: begin a workflow, from a template of a pack or blank.
 *
 * Returns: an #AirExit
 */
int
air_cmd_new (int argc, char **argv)
{
  g_autofree char *packs_folder = NULL, *template_name = NULL, *id = NULL, *title = NULL, *owner = NULL,
                  *owner_uri = NULL, *text = NULL, *name = NULL;
  gboolean list = FALSE;
  const GOptionEntry entries[] = {
    { "template", 't', 0, G_OPTION_ARG_STRING, &template_name, "begin with a template of a pack (else blank)",
      "[PACK/]WORKFLOW" },
    { "id", 0, 0, G_OPTION_ARG_STRING, &id, "its id (else the template's)", "ID" },
    { "title", 0, 0, G_OPTION_ARG_STRING, &title, "its title", "TEXT" },
    { "owner", 0, 0, G_OPTION_ARG_STRING, &owner, "who answers for it", "NAME" },
    { "owner-uri", 0, 0, G_OPTION_ARG_STRING, &owner_uri, "their identity", "URI" },
    { "packs", 0, 0, G_OPTION_ARG_FILENAME, &packs_folder, "where the packs lie (else the nearest folder \"packs\")",
      "FOLDER" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &list, "list the templates", NULL },
    { NULL },
  };
  g_autoptr (AirWorkflow) template = NULL, workflow = NULL;
  AirWorkflowStart start;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "new", entries, "FILE",
                      "Writes the source of a new workflow, NAME.workflow.json. Never over a file that is there.", 0, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  if (list)
    return list_templates (&cli, packs_folder);
  if (cli.n_args == 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "where to? Give a file, or --list"));
  name = g_path_get_basename (cli.args[0]);
  if (template_name != NULL)
    {
      template = load_template (&cli, template_name, cli.args[0], packs_folder, &error);
      if (template == NULL)
        return air_cli_fail (&cli, error);
    }
  start = (AirWorkflowStart) { .id = id, .title = title, .owner = owner, .owner_uri = owner_uri };
  workflow = air_workflow_new_start (template, &start, name, &error);
  text = workflow != NULL ? air_workflow_write (workflow, &error) : NULL;
  if (text == NULL || !air_cli_write_new (cli.args[0], text, strlen (text), 0666, &error))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "workflow", air_workflow_get_id (workflow));
      air_map_set_string (answer, "file", cli.args[0]);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s: %s; see what is left to do with \"airailsctl lint %s\"\n", cli.args[0],
                   air_workflow_get_title (workflow), cli.args[0]);
  return AIR_EXIT_OK;
}
