/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "air-cli.h"
#include "air-witness-server.h"
#include "base/air-file.h"
#include "base/air-json.h"

static gboolean
quit_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
told_cb (guint status, const char *words, gpointer user_data)
{
  const AirCli *cli = user_data;

  if (cli->json)
    {
      g_autoptr (AirValue) line = air_map_new ();
      g_autofree char *text = NULL;

      air_map_set_int (line, "status", status);
      air_map_set_string (line, "words", words);
      text = air_jcs_write (line, NULL, NULL);
      air_cli_print ("%s\n", text);
    }
  else
    air_cli_print ("%u %s\n", status, words);
  fflush (stdout);
}

/* Verifier keys, or files with one each. */
static GPtrArray *
read_logs (char **texts, GError **error)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_vkey_free);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_autofree char *content = NULL;
      GError *cause = NULL;
      AirVkey *key;

      if (g_file_test (texts[i], G_FILE_TEST_EXISTS) && !air_file_load (texts[i], &content, NULL, error))
        return NULL;
      key = air_vkey_parse (content != NULL ? g_strstrip (content) : texts[i], &cause);
      if (key == NULL)
        return air_cli_bad_key (cause, "--log", error);
      g_ptr_array_add (logs, key);
    }
  return g_steal_pointer (&logs);
}

static int
serve (AirCli *cli,
       AirWitnessServer *server,
       AirPrivateKey *key,
       const char *name,
       const char *listen,
       GTlsCertificate *certificate)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *address = NULL, *file = g_build_filename (cli->args[0], "address", NULL), *text = NULL;
  g_autoptr (AirVkey) vkey = NULL;
  GError *error = NULL;

  air_witness_server_set_told (server, told_cb, cli);
  vkey = air_vkey_new (name, AIR_NOTE_KEY_COSIGNATURE, air_private_key_get_public (key), &error);
  address = vkey != NULL ? air_witness_server_listen (server, listen, certificate, &error) : NULL;
  if (address == NULL || !air_cli_write (file, address, &error))
    return air_cli_fail (cli, error);
  text = air_vkey_to_string (vkey);
  if (cli->json)
    {
      g_autoptr (AirValue) answer = air_map_new ();
      g_autofree char *line = NULL;

      air_map_set_string (answer, "address", address);
      air_map_set_string (answer, "key", text);
      line = air_jcs_write (answer, NULL, NULL);
      air_cli_print ("%s\n", line);
    }
  else
    air_cli_print ("listening on %s://%s as\n%s\n", certificate != NULL ? "https" : "http", address, text);
  fflush (stdout);
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);
  g_main_loop_run (loop);
  g_unlink (file);
  return AIR_EXIT_OK;
}

/**
 * air_cmd_ledger_witness:
 *
 * `airailsctl ledger witness`: run a witness that cosigns heads.
 *
 * Returns: an #AirExit
 */
int
air_cmd_ledger_witness (int argc, char **argv)
{
  g_autofree char *name = NULL, *key_path = NULL, *listen = g_strdup ("127.0.0.1:0"), *certificate_path = NULL,
                  *tls_key_path = NULL;
  g_auto (GStrv) log_texts = NULL;
  const GOptionEntry entries[] = {
    { "name", 'n', 0, G_OPTION_ARG_STRING, &name, "the name of the witness's key", "NAME" },
    { "key", 'k', 0, G_OPTION_ARG_FILENAME, &key_path, "its Ed25519 key", "FILE" },
    { "log", 'l', 0, G_OPTION_ARG_STRING_ARRAY, &log_texts, "a ledger to witness: its verifier key, or a file with it",
      "VKEY" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, "address and port (127.0.0.1:0: any free one)", "ADDRESS" },
    { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &certificate_path, "serve HTTPS with this certificate", "FILE" },
    { "private-key", 0, 0, G_OPTION_ARG_FILENAME, &tls_key_path, "and its key", "FILE" },
    { NULL },
  };
  g_autoptr (AirPrivateKey) key = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (AirWitnessServer) server = NULL;
  g_autoptr (GPtrArray) logs = NULL;
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (
          &cli, "ledger witness", entries, "STATE",
          "Runs a witness (C2SP tlog-witness): it cosigns a ledger's checkpoints as long as each contains "
          "the one before,\nand never two of one size. STATE is its memory: keep it; a witness that forgets "
          "is none.",
          1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (name == NULL || key_path == NULL || log_texts == NULL || (certificate_path == NULL) != (tls_key_path == NULL))
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE,
                                            "give --name, --key and at least one "
                                            "--log; --certificate goes with "
                                            "--private-key"));
  key = air_private_key_load (key_path, &error);
  if (key != NULL && air_public_key_get_key_type (air_private_key_get_public (key)) != AIR_KEY_ED25519)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                                            "%s: this is no Ed25519 key, and no other cosigns; make one with "
                                            "\"airailsctl pki key --type ed25519\"",
                                            key_path));
  logs = key != NULL ? read_logs (log_texts, &error) : NULL;
  if (logs == NULL)
    return air_cli_fail (&cli, error);
  if (certificate_path != NULL
      && (certificate = g_tls_certificate_new_from_files (certificate_path, tls_key_path, &error)) == NULL)
    return air_cli_fail (&cli, error);
  server = air_witness_server_new (cli.args[0], name, key, logs, &error);
  if (server == NULL)
    return air_cli_fail (&cli, error);
  return serve (&cli, server, key, name, listen, certificate);
}
