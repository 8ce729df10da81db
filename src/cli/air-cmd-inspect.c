/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-registry.h"
#include "artifact/air-oci.h"
#include "base/air-json.h"

static AirValue *
describe (const AirArtifact *artifact)
{
  static const char *const names[AIR_N_LAYERS] = { "plan", "source", "lock", "policies", "tests" };
  AirValue *answer = air_map_new (), *layers = air_map_new (), *attestations = air_list_new (), *manifest;
  g_autoptr (AirValue) lock = air_json_parse_bytes (artifact->layers[AIR_LAYER_LOCK], NULL);
  AirValue *workflows = air_map_get_map (lock, "workflows");

  air_map_set_string (answer, "workflow", artifact->workflow);
  air_map_set_string (answer, "version", artifact->version);
  air_map_set_string (answer, "artifact", artifact->digest);
  air_map_set_string (answer, "reference", artifact->reference);
  air_map_set_int (answer, "signatures", artifact->signatures->len);
  for (guint i = 0; i < artifact->attestations->len; i++)
    air_list_append (attestations, air_value_new_string (
                                       ((AirArtifactAttestation *) artifact->attestations->pdata[i])->predicate_type));
  air_map_set (answer, "attestations", attestations);
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    air_map_set (layers, names[i], air_oci_descriptor (names[i], artifact->layers[i]));
  air_map_set (answer, "layers", layers);
  if (workflows != NULL)
    air_map_set (answer, "workflows", air_value_ref (workflows));
  manifest = air_json_parse_bytes (artifact->config, NULL);
  if (manifest != NULL)
    air_map_set (answer, "deployment", manifest);
  return answer;
}

static int
show_artifact (const AirCli *cli, const AirArtifact *artifact)
{
  g_autoptr (AirValue) answer = describe (artifact);
  const AirValue *layers = air_map_get_map (answer, "layers"), *workflows = air_map_get_map (answer, "workflows");

  if (cli->json)
    {
      air_cli_print_value (answer);
      return AIR_EXIT_OK;
    }
  air_cli_print ("%s %s\n%s\n%u signatures, %u attestations (none checked here; see verify)\n", artifact->workflow,
                 artifact->version, artifact->digest, artifact->signatures->len, artifact->attestations->len);
  for (gsize i = 0; i < air_map_get_size (layers); i++)
    {
      const AirValue *layer = air_map_get_value_at (layers, i);

      air_cli_print ("  %-9s %8" G_GINT64_FORMAT " bytes  %s\n",
                     air_value_get_string (air_map_get_key_at (layers, i), NULL), air_map_get_int (layer, "size", 0),
                     air_map_get_string (layer, "digest"));
    }
  for (gsize i = 0; workflows != NULL && i < air_map_get_size (workflows); i++)
    {
      const AirValue *workflow = air_map_get_value_at (workflows, i);

      air_cli_print ("as a step: %s %s  %s\n", air_value_get_string (air_map_get_key_at (workflows, i), NULL),
                     air_map_get_string (workflow, "version"), air_map_get_string (workflow, "digest"));
    }
  if (air_map_get_map (answer, "deployment") != NULL)
    {
      g_autofree char *text = air_json_write_pretty (air_map_get_map (answer, "deployment"), NULL);

      air_cli_print ("deployment %s", text);
    }
  return AIR_EXIT_OK;
}

/* Without a version: which there are. */
static int
show_versions (const AirCli *cli, const AirCliRegistry *options, const char *location, const char *workflow)
{
  GError *error = NULL;
  g_autoptr (AirRegistry) registry = air_cli_registry_open (cli, options, location, &error);
  g_auto (GStrv) versions = registry != NULL ? air_registry_list (registry, workflow, &error) : NULL;
  g_autoptr (AirValue) answer = air_map_new ();
  AirValue *list = air_list_new (), *channels = air_list_new ();

  air_map_set_string (answer, "workflow", workflow);
  air_map_set (answer, "versions", list);
  air_map_set (answer, "channels", channels);
  if (versions == NULL)
    return air_cli_fail (cli, error);
  for (guint i = 0; versions[i] != NULL; i++)
    {
      gboolean channel = air_registry_is_channel (versions[i]);

      air_list_append (channel ? channels : list, air_value_new_string (versions[i]));
      if (!cli->json)
        air_cli_print ("%s%s\n", versions[i], channel ? " (channel)" : "");
    }
  if (cli->json)
    air_cli_print_value (answer);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_inspect:
 *
 * `airailsctl inspect`: tell what an artifact holds, or what a registry has.
 *
 * Returns: an #AirExit
 */
int
air_cmd_inspect (int argc, char **argv)
{
  g_auto (AirCliRegistry) options = { 0 };
  const GOptionEntry entries[] = { AIR_CLI_REGISTRY_ENTRIES (&options), { NULL } };
  g_autofree char *location = NULL, *workflow = NULL, *reference = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "inspect", entries, "FOLDER|oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW[:VERSION]",
                      "Tells what an artifact holds, in a folder or in a registry; without a version, which there are.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (air_cli_is_registry (cli.args[0]))
    {
      if (!air_registry_parse (cli.args[0], &location, &workflow, &reference, &error))
        return air_cli_fail (&cli, error);
      if (reference == NULL)
        return show_versions (&cli, &options, location, workflow);
    }
  artifact = air_cli_load_artifact (&cli, &options, cli.args[0], &error);
  return artifact != NULL ? show_artifact (&cli, artifact) : air_cli_fail (&cli, error);
}
