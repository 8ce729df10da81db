/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-client.h"

static const char *
text_of (const AirValue *map, const char *key)
{
  const char *text = air_map_get_string (map, key);

  return text != NULL ? text : "";
}

static int
show_run (const AirCli *cli, AirClient *client)
{
  g_autofree char *path = air_client_run_path (cli->args[0], NULL);
  g_autoptr (AirValue) run = NULL;
  GError *error = NULL;
  const AirValue *nodes;

  run = air_client_get (client, path, NULL, &error);
  if (run == NULL)
    return air_cli_fail (cli, error);
  if (cli->json)
    {
      air_cli_print_value (run);
      return AIR_EXIT_OK;
    }
  air_cli_print ("%s %s %s %s\n", text_of (run, "id"), text_of (run, "state"), text_of (run, "outcome"),
                 text_of (run, "waiting_on"));
  nodes = air_map_get_map (run, "nodes");
  for (gsize i = 0; nodes != NULL && i < air_map_get_size (nodes); i++)
    {
      const AirValue *node = air_map_get_value_at (nodes, i);

      air_cli_print ("  %-24s %-16s", air_value_get_string (air_map_get_key_at (nodes, i), NULL),
                     text_of (node, "state"));
      if (air_map_get_int (node, "attempts", 0) > 0)
        air_cli_print (" %" G_GINT64_FORMAT " attempts", air_map_get_int (node, "attempts", 0));
      air_cli_print ("\n");
    }
  return AIR_EXIT_OK;
}

static char *
list_path (const char *state, int limit, const char *cursor)
{
  g_autoptr (GString) path = g_string_new (NULL);

  g_string_printf (path, "/v1/runs?limit=%d", limit);
  if (state != NULL)
    {
      g_string_append (path, "&state=");
      g_string_append_uri_escaped (path, state, NULL, FALSE);
    }
  if (cursor != NULL)
    {
      g_string_append (path, "&cursor=");
      g_string_append_uri_escaped (path, cursor, NULL, FALSE);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static int
list_runs (const AirCli *cli, AirClient *client, const char *state, int limit, const char *cursor)
{
  g_autofree char *path = list_path (state, limit, cursor);
  g_autoptr (AirValue) page = NULL;
  GError *error = NULL;
  const AirValue *items;

  page = air_client_get (client, path, NULL, &error);
  if (page == NULL)
    return air_cli_fail (cli, error);
  if (cli->json)
    {
      air_cli_print_value (page);
      return AIR_EXIT_OK;
    }
  items = air_map_get_list (page, "items");
  for (gsize i = 0; items != NULL && i < air_list_get_size (items); i++)
    {
      const AirValue *run = air_list_get (items, i);

      air_cli_print ("%s  %-16s %s%s\n", text_of (run, "id"), text_of (run, "state"), text_of (run, "outcome"),
                     text_of (run, "waiting_on"));
    }
  if (air_map_get_string (page, "next") != NULL)
    air_cli_print ("more: --cursor %s\n", air_map_get_string (page, "next"));
  return AIR_EXIT_OK;
}

/**
 * air_cmd_runs:
 *
 * `airailsctl runs`: list runs, or show one.
 *
 * Returns: an #AirExit
 */
int
air_cmd_runs (int argc, char **argv)
{
  g_autofree char *profile = NULL, *state = NULL, *cursor = NULL;
  int limit = 50;
  const GOptionEntry entries[] = {
    AIR_CLI_PROFILE_ENTRY (&profile),
    { "state", 's', 0, G_OPTION_ARG_STRING, &state, "only those: running, waiting-gate, completed, failed …", "STATE" },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &limit, "at most so many (50)", "N" },
    { "cursor", 0, 0, G_OPTION_ARG_STRING, &cursor, "go on from here", "CURSOR" },
    { NULL },
  };
  g_autoptr (AirClient) client = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "runs", entries, "[RUN]", "Lists runs, newest first, or shows one with its steps.", 0, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  if (limit < 1 || limit > 1000)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "--limit is from 1 to 1000"));
  client = air_cli_open_client (profile, &error);
  if (client == NULL)
    return air_cli_fail (&cli, error);
  return cli.n_args == 1 ? show_run (&cli, client) : list_runs (&cli, client, state, limit, cursor);
}
