/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "air-cli-key.h"
#include "keystore/air-keyring.h"
#include "keystore/air-keystore.h"

/* Asks at the terminal, which shows nothing of what is typed; NULL where nobody can be asked. */
static char *
ask_pin (const char *token, gpointer user_data)
{
  struct termios before, silent;
  char line[256];
  char *pin = NULL;

  if (!isatty (STDIN_FILENO) || tcgetattr (STDIN_FILENO, &before) < 0)
    return NULL;
  fprintf (stderr, "PIN of token \"%s\": ", token != NULL ? token : "");
  fflush (stderr);
  silent = before;
  silent.c_lflag &= ~ECHO;
  if (tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent) < 0)
    return NULL;
  if (fgets (line, sizeof line, stdin) != NULL)
    {
      line[strcspn (line, "\r\n")] = '\0';
      pin = *line != '\0' ? g_strdup (line) : NULL;
    }
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  fputc ('\n', stderr);
  explicit_bzero (line, sizeof line);
  return pin;
}

static void
prepare (void)
{
  air_keystore_set_pin_func (ask_pin, NULL);
  air_keyring_use ();
}

/**
 * air_cli_open_key:
 * @reference: PATH, file:PATH, pkcs11:…, keyring:NAME
 * @error: return location
 *
 * As air_keystore_open(); a PIN is asked for at the terminal.
 *
 * Returns: (transfer full): the key, or %NULL with an %AIR_KEYSTORE_ERROR, %AIR_CRYPTO_ERROR or %G_FILE_ERROR
 */
AirPrivateKey *
air_cli_open_key (const char *reference, GError **error)
{
  prepare ();
  return air_keystore_open (reference, error);
}

/**
 * air_cli_generate_key:
 * @reference: where it is to be kept
 * @type: what kind
 * @error: return location
 *
 * As air_keystore_generate(); a PIN is asked for at the terminal.
 *
 * Returns: (transfer full): the key, or %NULL with an %AIR_KEYSTORE_ERROR or %AIR_CRYPTO_ERROR
 */
AirPrivateKey *
air_cli_generate_key (const char *reference, AirKeyType type, GError **error)
{
  prepare ();
  return air_keystore_generate (reference, type, error);
}

/**
 * air_cli_list_keys:
 * @store: a folder, a token or "keyring:"
 * @error: return location
 *
 * As air_keystore_list(); a PIN is asked for at the terminal.
 *
 * Returns: (transfer full): {reference, type, id} of each, or %NULL with an %AIR_KEYSTORE_ERROR or %G_FILE_ERROR
 */
AirValue *
air_cli_list_keys (const char *store, GError **error)
{
  prepare ();
  return air_keystore_list (store, error);
}
