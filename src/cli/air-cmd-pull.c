/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-registry.h"
#include "air-cli-source.h"

/**
 * air_cmd_pull:
 *
 * `airailsctl pull`: take an artifact out of a registry.
 *
 * Returns: an #AirExit
 */
int
air_cmd_pull (int argc, char **argv)
{
  g_autofree char *output = NULL, *trust = NULL;
  g_auto (AirCliRegistry) options = { 0 };
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the folder to write, an OCI layout", "FOLDER" },
    { "trust", 't', 0, G_OPTION_ARG_FILENAME, &trust, "the trust roots: who may sign", "FILE" },
    AIR_CLI_REGISTRY_ENTRIES (&options),
    { NULL },
  };
  g_autoptr (AirArtifact) artifact = NULL;
  g_autoptr (GPtrArray) signers = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "pull", entries, "oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW:VERSION",
          "Takes an artifact with its signatures out of a registry. A channel or a digest may stand for the "
          "version.\nEverything is checked against its digest; nothing is written that a designer of the "
          "trust roots did not sign.",
          1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (output == NULL || trust == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                            output == NULL ? "where to? Give --output FOLDER"
                                                           : "whose signature counts? Give --trust FILE"));
  signers = air_cli_load_signers (trust, &error);
  if (signers == NULL)
    return air_cli_fail (&cli, error);
  artifact = air_cli_load_artifact (&cli, &options, cli.args[0], &error);
  if (artifact == NULL || !air_artifact_verify (artifact, signers, &error)
      || !air_artifact_write (artifact, output, &error))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "workflow", artifact->workflow);
      air_map_set_string (answer, "version", artifact->version);
      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, "signer", artifact->signer);
      air_map_set_string (answer, "folder", output);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s %s, signed by %s\n%s\nin %s\n", artifact->workflow, artifact->version, artifact->signer,
                   artifact->digest, output);
  return AIR_EXIT_OK;
}
