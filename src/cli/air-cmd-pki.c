/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "air-cli-key.h"
#include "air-cli.h"
#include "base/air-file.h"
#include "base/air-x509.h"

#define DAY_S  G_GINT64_CONSTANT (86400)
#define SKEW_S 300 /* clocks differ */

/* Both files or none, and the secret one first. */
static gboolean
write_pair (const char *secret_path, const char *secret, const char *public_path, const char *text, GError **error)
{
  if (g_file_test (public_path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "%s: is there; nothing is overwritten: move it away or give another name", public_path);
      return FALSE;
    }
  if (!air_cli_write_new (secret_path, secret, strlen (secret), 0600, error))
    return FALSE;
  if (air_cli_write_new (public_path, text, strlen (text), 0644, error))
    return TRUE;
  g_unlink (secret_path);
  return FALSE;
}

static gboolean
parse_type (const char *text, AirKeyType *ret_type, GError **error)
{
  *ret_type = AIR_KEY_ECDSA_P256;
  if (text == NULL || air_key_type_from_string (text, ret_type))
    return TRUE;
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "no key type \"%s\"; give p256, p384 or ed25519", text);
  return FALSE;
}

static gboolean
check_days (int days, GError **error)
{
  if (days >= 1 && days <= 7300)
    return TRUE;
  g_set_error_literal (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "--days is from 1 to 7300");
  return FALSE;
}

static void
print_made (const AirCli *cli, const char *certificate, const char *key_path, AirPublicKey *key, const char *uri)
{
  if (cli->json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "public", certificate);
      if (key_path != NULL)
        air_map_set_string (answer, "private_key", key_path);
      air_map_set_string (answer, "key", air_public_key_get_id (key));
      if (uri != NULL)
        air_map_set_string (answer, "uri", uri);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("%s\n%s%skey %s\n", certificate, key_path != NULL ? key_path : "",
                   key_path != NULL ? " (keep it secret)\n" : "", air_public_key_get_id (key));
}

static int
cmd_ca (int argc, char **argv)
{
  g_autofree char *output = NULL, *certificate_path = NULL, *key_path = NULL, *pem = NULL, *secret = NULL;
  int days = 3650;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "the folder for ca.pem and ca-key.pem", "FOLDER" },
    { "days", 0, 0, G_OPTION_ARG_INT, &days, "how long it is valid (3650)", "N" },
    { NULL },
  };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (AirPrivateKey) key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "pki ca", entries, "NAME", "Makes a certificate authority.", 1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (output == NULL)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "where to? Give --output FOLDER"));
  if (!check_days (days, &error))
    return air_cli_fail (&cli, error);
  key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  pem = key != NULL ? air_x509_issue_ca (key, cli.args[0], now - SKEW_S, now + days * DAY_S, &error) : NULL;
  if (pem == NULL)
    return air_cli_fail (&cli, error);
  if (g_mkdir_with_parents (output, 0700) < 0)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s", output, g_strerror (errno)));
  secret = air_private_key_to_pem (key);
  certificate_path = g_build_filename (output, "ca.pem", NULL);
  key_path = g_build_filename (output, "ca-key.pem", NULL);
  if (!write_pair (key_path, secret, certificate_path, pem, &error))
    return air_cli_fail (&cli, error);
  print_made (&cli, certificate_path, key_path, air_private_key_get_public (key), NULL);
  return AIR_EXIT_OK;
}

static gboolean
check_uri (const char *uri, GError **error)
{
  g_autoptr (GUri) parsed = NULL;

  if (uri == NULL)
    {
      g_set_error_literal (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                           "for whom? Give --uri, say airails://example/people/ana");
      return FALSE;
    }
  parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  if (parsed == NULL || g_strcmp0 (g_uri_get_scheme (parsed), "airails") != 0 || g_uri_get_host (parsed) == NULL
      || *g_uri_get_host (parsed) == '\0' || strlen (g_uri_get_path (parsed)) < 2)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                   "\"%s\" is no identity; write airails://TENANT/people/NAME", uri);
      return FALSE;
    }
  return TRUE;
}

static int
cmd_issue (int argc, char **argv)
{
  g_autofree char *ca = NULL, *uri = NULL, *name = NULL, *output = NULL, *ca_path = NULL, *ca_key_path = NULL,
                  *ca_pem = NULL, *ca_key_reference = NULL;
  g_autofree char *certificate_path = NULL, *key_path = NULL, *pem = NULL, *secret = NULL, *base = NULL;
  g_auto (GStrv) servers = NULL;
  int days = 90;
  const GOptionEntry entries[] = {
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &ca, "the folder \"pki ca\" wrote", "FOLDER" },
    { "ca-key", 0, 0, G_OPTION_ARG_STRING, &ca_key_reference,
      "the authority's key where it is not in that folder: a file, pkcs11:… or keyring:NAME", "KEY" },
    { "uri", 'u', 0, G_OPTION_ARG_STRING, &uri, "the identity: airails://TENANT/people/NAME", "URI" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, "the common name (else the end of the URI)", "NAME" },
    { "server", 's', 0, G_OPTION_ARG_STRING_ARRAY, &servers,
      "a host name or address: makes a server's certificate; may be repeated", "HOST" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "writes OUTPUT.pem and OUTPUT-key.pem", "OUTPUT" },
    { "days", 0, 0, G_OPTION_ARG_INT, &days, "how long it is valid (90)", "N" },
    { NULL },
  };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (AirPrivateKey) ca_key = NULL, key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "pki issue", entries, "", "Issues a certificate for a person or a server, with a new key.",
                      0, 0, argc, argv))
    return AIR_EXIT_USAGE;
  if (ca == NULL || output == NULL)
    return air_cli_fail (&cli,
                         g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                      ca == NULL ? "by whom? Give --ca FOLDER" : "where to? Give --output OUTPUT"));
  if (!check_uri (uri, &error) || !check_days (days, &error))
    return air_cli_fail (&cli, error);
  ca_path = g_build_filename (ca, "ca.pem", NULL);
  ca_key_path = g_build_filename (ca, "ca-key.pem", NULL);
  if (!air_file_load (ca_path, &ca_pem, NULL, &error))
    return air_cli_fail (&cli, error);
  ca_key = air_cli_open_key (ca_key_reference != NULL ? ca_key_reference : ca_key_path, &error);
  key = ca_key != NULL ? air_private_key_generate (AIR_KEY_ECDSA_P256, &error) : NULL;
  if (key == NULL)
    return air_cli_fail (&cli, error);
  base = g_path_get_basename (uri);
  pem = air_x509_issue_leaf (ca_key, ca_pem, air_private_key_get_public (key), name != NULL ? name : base, uri,
                             (const char *const *) servers, now - SKEW_S, now + days * DAY_S, &error);
  if (pem == NULL)
    return air_cli_fail (&cli, error);
  secret = air_private_key_to_pem (key);
  certificate_path = g_strconcat (output, ".pem", NULL);
  key_path = g_strconcat (output, "-key.pem", NULL);
  if (!write_pair (key_path, secret, certificate_path, pem, &error))
    return air_cli_fail (&cli, error);
  print_made (&cli, certificate_path, key_path, air_private_key_get_public (key), uri);
  return AIR_EXIT_OK;
}

static int
cmd_key (int argc, char **argv)
{
  g_autofree char *type_name = NULL, *secret = NULL, *text = NULL, *public_path = NULL;
  const GOptionEntry entries[] = {
    { "type", 't', 0, G_OPTION_ARG_STRING, &type_name,
      "p256 (decisions and artifacts; the default), p384 or ed25519 (ledgers)", "TYPE" },
    { NULL },
  };
  g_autoptr (AirPrivateKey) key = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;
  AirKeyType type;

  if (!air_cli_parse (&cli, "pki key", entries, "FILE", "Makes a signing key: FILE, and FILE.pub for others.", 1, 1,
                      argc, argv))
    return AIR_EXIT_USAGE;
  if (!parse_type (type_name, &type, &error))
    return air_cli_fail (&cli, error);
  key = air_private_key_generate (type, &error);
  if (key == NULL)
    return air_cli_fail (&cli, error);
  secret = air_private_key_to_pem (key);
  text = air_public_key_to_pem (air_private_key_get_public (key));
  public_path = g_strconcat (cli.args[0], ".pub", NULL);
  if (!write_pair (cli.args[0], secret, public_path, text, &error))
    return air_cli_fail (&cli, error);
  print_made (&cli, public_path, cli.args[0], air_private_key_get_public (key), NULL);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_pki:
 *
 * `airailsctl pki`: make an authority, certificates, keys and trust roots.
 *
 * Returns: an #AirExit
 */
int
air_cmd_pki (int argc, char **argv)
{
  static const AirCliCommand commands[] = {
    { "ca", cmd_ca, "make a certificate authority" },
    { "issue", cmd_issue, "issue a certificate for a person or a server" },
    { "key", cmd_key, "make a signing key" },
    { "trust", air_cmd_pki_trust, "write down whom to believe (trust.json)" },
    { NULL },
  };

  return air_cli_dispatch (commands, "airailsctl pki", argc, argv);
}
