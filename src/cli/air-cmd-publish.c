/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-registry.h"
#include "air-cli-source.h"

/**
 * air_cmd_publish:
 *
 * `airailsctl publish`: put a signed artifact into a registry.
 *
 * Returns: an #AirExit
 */
int
air_cmd_publish (int argc, char **argv)
{
  g_autofree char *location = NULL, *trust = NULL, *channel = NULL;
  g_auto (AirCliRegistry) options = { 0 };
  const GOptionEntry entries[] = {
    { "registry", 'r', 0, G_OPTION_ARG_FILENAME, &location, "where to: a folder, or oci://HOST[:PORT][/NAMESPACE]",
      "REGISTRY" },
    { "trust", 't', 0, G_OPTION_ARG_FILENAME, &trust, "the trust roots: who may sign", "FILE" },
    { "channel", 0, 0, G_OPTION_ARG_STRING, &channel, "lets this channel lead to it: stage, prod", "NAME" },
    AIR_CLI_REGISTRY_ENTRIES (&options),
    { NULL },
  };
  g_autoptr (AirRegistry) registry = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GPtrArray) signers = NULL;
  g_autofree char *where = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "publish", entries, "FOLDER",
                      "Puts a signed artifact into a registry: a folder, or one of the OCI distribution specification, "
                      "where it\nbecomes [NAMESPACE/]airails/WORKFLOW:VERSION. A version that is there never changes.",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (location == NULL || trust == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                            location == NULL ? "where to? Give --registry FOLDER or oci://HOST"
                                                             : "whose signature counts? Give --trust FILE"));
  signers = air_cli_load_signers (trust, &error);
  if (signers == NULL)
    return air_cli_fail (&cli, error);
  registry = air_cli_registry_open (&cli, &options, location, &error);
  artifact = registry != NULL ? air_artifact_load (cli.args[0], &error) : NULL;
  where = artifact != NULL ? air_registry_publish (registry, artifact, signers, &error) : NULL;
  if (where == NULL || (channel != NULL && !air_registry_set_channel (registry, artifact, channel, &error)))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, air_cli_is_registry (location) ? "reference" : "folder", where);
      air_map_set_string (answer, "signer", artifact->signer);
      if (channel != NULL)
        air_map_set_string (answer, "channel", channel);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s %s, signed by %s\n%s\nin %s\n%s%s%s", artifact->workflow, artifact->version, artifact->signer,
                   artifact->digest, where, channel != NULL ? "channel " : "", channel != NULL ? channel : "",
                   channel != NULL ? " leads to it\n" : "");
  return AIR_EXIT_OK;
}
