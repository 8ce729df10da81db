/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "model/air-pack-directory.h"

static AirValue *
describe (const AirPack *pack)
{
  AirValue *document = air_document_get_value (air_pack_get_document (pack)), *answer = air_map_new ();
  static const char *const keys[] = { "title", "connectors", "operations", "policies", "workflows", "components" };

  air_map_set_string (answer, "id", air_pack_get_id (pack));
  air_map_set_string (answer, "version", air_pack_get_version (pack));
  air_map_set_string (answer, "digest", air_pack_get_digest (pack));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      AirValue *value = air_map_get (document, keys[i]);

      if (value != NULL)
        air_map_set (answer, keys[i], air_value_ref (value));
    }
  return answer;
}

static guint
count (const AirPack *pack, const char *key)
{
  AirValue *list = air_map_get_list (air_document_get_value (air_pack_get_document (pack)), key);

  return list != NULL ? air_list_get_size (list) : 0;
}

static int
show (const AirCli *cli, GPtrArray *packs, guint n_replayed)
{
  g_autoptr (AirValue) answer = air_map_new ();
  AirValue *list = air_list_new ();

  air_map_set (answer, "packs", list);
  for (guint i = 0; i < packs->len; i++)
    {
      const AirPack *pack = packs->pdata[i];

      if (cli->json)
        air_list_append (list, describe (pack));
      else
        air_cli_print ("%s %s: %u operations, %u components, %u policies, %u workflows\n  %s\n", air_pack_get_id (pack),
                       air_pack_get_version (pack), count (pack, "operations"), count (pack, "components"),
                       count (pack, "policies"), count (pack, "workflows"), air_pack_get_digest (pack));
    }
  if (n_replayed > 0)
    air_map_set_int (answer, "fixtures", n_replayed);
  if (cli->json)
    air_cli_print_value (answer);
  else if (n_replayed > 0)
    air_cli_print ("%u fixtures replayed\n", n_replayed);
  return AIR_EXIT_OK;
}

static int
cmd_check (int argc, char **argv)
{
  g_autoptr (GPtrArray) packs = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  guint n_replayed = 0;

  if (!air_cli_parse (
          &cli, "pack check", NULL, "FOLDER",
          "Checks a pack, or every pack in a folder: documents, expressions, egress, scopes, labels, and each "
          "fixture\nreplayed through the operation engine. Says the file, the line and the mend.",
          1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  packs = air_cli_load_packs_directory (&cli, cli.args[0], &n_replayed, &error);
  return packs != NULL ? show (&cli, packs, n_replayed) : air_cli_fail (&cli, error);
}

static int
cmd_list (int argc, char **argv)
{
  g_autoptr (GPtrArray) packs = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "pack list", NULL, "FOLDER", "Lists the packs in a folder and what they hold.", 1, 1, argc,
                      argv))
    return AIR_EXIT_USAGE;
  packs = air_packs_load_directory (cli.args[0], &error);
  return packs != NULL ? show (&cli, packs, 0) : air_cli_fail (&cli, error);
}

/**
 * air_cmd_pack:
 *
 * `airailsctl pack`: check and list packs of operations.
 *
 * Returns: an #AirExit
 */
int
air_cmd_pack (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "check", cmd_check, "check a pack and replay its fixtures" },
    { "list", cmd_list, "list packs" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl pack", argc, argv);
}
