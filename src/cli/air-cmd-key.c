/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <string.h>

#include "air-cli-key.h"
#include "air-cli.h"
#include "keystore/air-keystore.h"

#define REFERENCES                                                                                                     \
  "KEY is a PEM file (PATH or file:PATH), a key in a token (pkcs11:token=…;object=…) or in the\n"                      \
  "keyring (keyring:NAME). A token's PIN comes from \"?pin-source=file:PATH\", from AIRAILS_PIN in\n"                  \
  "the environment, or is asked for at the terminal."

static void
print_key (const AirCli *cli, const char *reference, AirPublicKey *key)
{
  g_autoptr (AirValue) answer = air_map_new ();
  g_autofree char *pem = air_public_key_to_pem (key);
  const char *type = air_key_type_to_string (air_public_key_get_key_type (key));

  if (!cli->json)
    {
      air_cli_print ("%s\ntype %s\nid   %s\n", reference, type, air_public_key_get_id (key));
      return;
    }
  air_map_set_string (answer, "reference", reference);
  air_map_set_string (answer, "type", type);
  air_map_set_string (answer, "id", air_public_key_get_id (key));
  air_map_set_string (answer, "public", pem);
  air_cli_print_value (answer);
}

static int
cmd_generate (int argc, char **argv)
{
  g_autofree char *type_name = NULL, *public_path = NULL, *pem = NULL;
  const GOptionEntry entries[] = {
    { "type", 't', 0, G_OPTION_ARG_STRING, &type_name,
      "p256 (decisions and artifacts; the default), p384 or ed25519 (ledgers)", "TYPE" },
    { "public", 'p', 0, G_OPTION_ARG_FILENAME, &public_path, "also writes the public half here", "FILE" },
    { NULL },
  };
  AirKeyType type = AIR_KEY_ECDSA_P256;
  g_autoptr (AirPrivateKey) key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "key generate", entries, "KEY",
                      "Makes a key where KEY says, never over one that is there.\n" REFERENCES, 1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (type_name != NULL && !air_key_type_from_string (type_name, &type))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "no key type \"%s\"; give p256, p384 or ed25519", type_name));
  if (public_path != NULL && g_file_test (public_path, G_FILE_TEST_EXISTS))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                            "%s: is there; nothing is overwritten: move it away or give another name",
                                            public_path));
  key = air_cli_generate_key (cli.args[0], type, &error);
  if (key == NULL)
    return air_cli_fail (&cli, error);
  pem = air_public_key_to_pem (air_private_key_get_public (key));
  if (public_path != NULL && !air_cli_write_new (public_path, pem, strlen (pem), 0644, &error))
    return air_cli_fail (&cli, error);
  print_key (&cli, cli.args[0], air_private_key_get_public (key));
  return AIR_EXIT_OK;
}

static int
cmd_show (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (AirPrivateKey) key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "key show", entries, "KEY", "Tells the type and the id of a key.\n" REFERENCES, 1, 1, argc,
                      argv))
    return AIR_EXIT_USAGE;
  key = air_cli_open_key (cli.args[0], &error);
  if (key == NULL)
    return air_cli_fail (&cli, error);
  print_key (&cli, cli.args[0], air_private_key_get_public (key));
  return AIR_EXIT_OK;
}

static int
cmd_public (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (AirPrivateKey) key = NULL;
  g_autofree char *pem = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "key public", entries, "KEY",
                      "Writes the public half as PEM, for trust files and other people's tools.\n" REFERENCES, 1, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  key = air_cli_open_key (cli.args[0], &error);
  if (key == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    {
      print_key (&cli, cli.args[0], air_private_key_get_public (key));
      return AIR_EXIT_OK;
    }
  pem = air_public_key_to_pem (air_private_key_get_public (key));
  air_cli_print ("%s", pem);
  return AIR_EXIT_OK;
}

static int
cmd_list (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (AirValue) list = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "key list", entries, "STORE",
                      "Lists the keys of a folder, of a token (pkcs11:token=…) or of the keyring (keyring:).", 1, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  list = air_cli_list_keys (cli.args[0], &error);
  if (list == NULL)
    return air_cli_fail (&cli, error);
  if (cli.json)
    air_cli_print_value (list);
  for (gsize i = 0; !cli.json && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);

      air_cli_print ("%-8s %.16s…  %s\n", air_map_get_string (item, "type"), air_map_get_string (item, "id"),
                     air_map_get_string (item, "reference"));
    }
  return AIR_EXIT_OK;
}

/**
 * air_cmd_key:
 *
 * `airailsctl key`: make, show and list keys: in files, tokens or the keyring.
 *
 * Returns: an #AirExit
 */
int
air_cmd_key (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "generate", cmd_generate, "make a key in a file, a token or the keyring" },
    { "show", cmd_show, "tell the type and the id of a key" },
    { "public", cmd_public, "write the public half of a key" },
    { "list", cmd_list, "list the keys of a folder, a token or the keyring" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl key", argc, argv);
}
