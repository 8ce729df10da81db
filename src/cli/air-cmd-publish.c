/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-source.h"
#include "air-cli.h"
#include "artifact/air-registry.h"

int
air_cmd_publish (int argc, char **argv)
{
  g_autofree char *location = NULL, *trust = NULL;
  const GOptionEntry entries[] = {
    { "registry", 'r', 0, G_OPTION_ARG_FILENAME, &location, "where to: a folder", "FOLDER" },
    { "trust", 't', 0, G_OPTION_ARG_FILENAME, &trust, "the trust roots: who may sign", "FILE" },
    { NULL },
  };
  g_autoptr (AirRegistry) registry = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GPtrArray) signers = NULL;
  g_autofree char *path = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "publish", entries, "FOLDER",
                      "Puts a signed artifact into a registry. A version that is there never changes.", 1, 1, argc,
                      argv))
    return AIR_EXIT_USAGE;
  if (location == NULL || trust == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                            location == NULL ? "where to? Give --registry FOLDER"
                                                             : "whose signature counts? Give --trust FILE"));
  signers = air_cli_load_signers (trust, &error);
  if (signers == NULL)
    return air_cli_fail (&cli, error);
  registry = air_registry_open (location, NULL, &error);
  artifact = registry != NULL ? air_artifact_load (cli.args[0], &error) : NULL;
  path = artifact != NULL ? air_registry_publish (registry, artifact, signers, &error) : NULL;
  if (path == NULL)
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, "folder", path);
      air_map_set_string (answer, "signer", artifact->signer);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s %s, signed by %s\n%s\nin %s\n", artifact->workflow, artifact->version, artifact->signer,
                   artifact->digest, path);
  return AIR_EXIT_OK;
}
