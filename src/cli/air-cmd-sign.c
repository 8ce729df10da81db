/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-key.h"
#include "air-cli.h"
#include "artifact/air-artifact.h"

/**
 * air_cmd_sign:
 *
 * `airailsctl sign`: sign an artifact.
 *
 * Returns: an #AirExit
 */
int
air_cmd_sign (int argc, char **argv)
{
  g_autofree char *key_path = NULL;
  const GOptionEntry entries[] = {
    { "key", 'k', 0, G_OPTION_ARG_STRING, &key_path, "your signing key (ECDSA P-256): a file, pkcs11:… or keyring:NAME",
      "KEY" },
    { NULL },
  };
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "sign", entries, "FOLDER",
                      "Signs an artifact, and what its checks gave. cosign verifies both:\n"
                      "  cosign verify --key KEY.pub --insecure-ignore-tlog=true --local-image FOLDER",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (key_path == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "by whom? Give --key KEY"));
  key = air_cli_open_key (key_path, &error);
  if (key == NULL)
    return air_cli_fail (&cli, error);
  artifact = air_artifact_load (cli.args[0], &error);
  if (artifact == NULL || !air_artifact_sign (artifact, key, &error)
      || !air_artifact_write (artifact, cli.args[0], &error))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "artifact", artifact->digest);
      air_map_set_string (answer, "reference", artifact->reference);
      air_map_set_string (answer, "key", air_public_key_get_id (air_private_key_get_public (key)));
      air_map_set_int (answer, "signatures", artifact->signatures->len);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s %s\n%s\nsigned by key %s\n", artifact->workflow, artifact->version, artifact->digest,
                   air_public_key_get_id (air_private_key_get_public (key)));
  return AIR_EXIT_OK;
}
