/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-keystore"

#include "config.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs11.h>
#include <string.h>

#include "air-keystore-private.h"
#include "base/air-key-private.h"

/* Keys in tokens, over GnuTLS and p11-kit. */

#define MAX_TRIES 2 /* a token locks itself after a few wrong PINs: never ask in a loop */

static struct {
  GMutex lock;
  GHashTable *modules;     /* paths that were loaded */
  GHashTable *pin_sources; /* token label, "" for any → path */
  AirPinFunc ask;
  gpointer user_data;
} state;

/**
 * air_keystore_set_pin_func:
 * @func: (nullable): who is asked for a PIN that neither a pin-source nor AIRAILS_PIN gives; %NULL for nobody
 * @user_data: handed to @func
 *
 * One for the whole process; the last call holds.
 */
void
air_keystore_set_pin_func (AirPinFunc func, gpointer user_data)
{
  g_mutex_lock (&state.lock);
  state.ask = func;
  state.user_data = user_data;
  g_mutex_unlock (&state.lock);
}

/* The first line of the file that a reference named for this token. */
static char *
read_pin_source (const char *token)
{
  g_autofree char *path = NULL;
  char *text = NULL;
  const char *found;

  g_mutex_lock (&state.lock);
  found = g_hash_table_lookup (state.pin_sources, token != NULL ? token : "");
  if (found == NULL)
    found = g_hash_table_lookup (state.pin_sources, "");
  path = g_strdup (found);
  g_mutex_unlock (&state.lock);
  if (path == NULL || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  text[strcspn (text, "\r\n")] = '\0';
  return text;
}

static int
give_pin (void *user_data,
          int attempt,
          const char *token_url,
          const char *token_label,
          unsigned int flags,
          char *pin,
          size_t pin_max)
{
  char *answer = NULL;
  int r = GNUTLS_E_PKCS11_PIN_ERROR;

  if (attempt >= MAX_TRIES || (flags & GNUTLS_PIN_FINAL_TRY) != 0)
    return GNUTLS_E_PKCS11_PIN_ERROR;
  answer = read_pin_source (token_label);
  if (answer == NULL)
    answer = g_strdup (g_getenv ("AIRAILS_PIN"));
  /* What is written down does not get better by a second try; a person may have mistyped. */
  if (answer != NULL && (flags & GNUTLS_PIN_WRONG) != 0)
    {
      explicit_bzero (answer, strlen (answer));
      g_free (answer);
      return GNUTLS_E_PKCS11_PIN_ERROR;
    }
  if (answer == NULL && state.ask != NULL)
    answer = state.ask (token_label, state.user_data);
  if (answer != NULL && strlen (answer) < pin_max)
    {
      g_strlcpy (pin, answer, pin_max);
      r = 0;
    }
  if (answer != NULL)
    explicit_bzero (answer, strlen (answer));
  g_free (answer);
  return r;
}

static void
set_error_from_gnutls (GError **error, const char *uri, const char *what, int r)
{
  AirKeystoreError code = AIR_KEYSTORE_ERROR_UNAVAILABLE;
  const char *mend = "; see what p11-kit knows with \"p11tool --list-tokens\"";

  if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
    {
      code = AIR_KEYSTORE_ERROR_NOT_FOUND;
      mend = "; look at the token with \"airailsctl key list\"";
    }
  else if (r == GNUTLS_E_PKCS11_PIN_ERROR || r == GNUTLS_E_PKCS11_PIN_EXPIRED || r == GNUTLS_E_PKCS11_PIN_LOCKED
           || r == GNUTLS_E_PKCS11_USER_ERROR)
    {
      code = AIR_KEYSTORE_ERROR_PIN;
      mend = "; give the PIN by \"?pin-source=file:PATH\" in the reference or by AIRAILS_PIN in the environment";
    }
  g_set_error (error, AIR_KEYSTORE_ERROR, code, "%s: %s: %s%s", uri, what, gnutls_strerror (r), mend);
}

/* The value of an attribute of the reference, decoded; NULL when it is not there. */
static char *
get_attribute (const char *uri, const char *name)
{
  g_auto (GStrv) parts = g_strsplit_set (uri + strlen ("pkcs11:"), ";?&", -1);
  gsize length = strlen (name);

  for (guint i = 0; parts[i] != NULL; i++)
    if (strncmp (parts[i], name, length) == 0 && parts[i][length] == '=')
      return g_uri_unescape_string (parts[i] + length + 1, NULL);
  return NULL;
}

/* GnuTLS knows no "module-path", and "pin-source" not everywhere: both are served here, and then left out. */
static char *
without_query (const char *uri)
{
  g_auto (GStrv) halves = g_strsplit (uri, "?", 2);
  g_autoptr (GString) out = g_string_new (halves[0]);
  g_auto (GStrv) query = halves[1] != NULL ? g_strsplit (halves[1], "&", -1) : NULL;
  char separator = '?';

  for (guint i = 0; query != NULL && query[i] != NULL; i++)
    if (!g_str_has_prefix (query[i], "module-path=") && !g_str_has_prefix (query[i], "pin-source="))
      {
        g_string_append_c (out, separator);
        g_string_append (out, query[i]);
        separator = '&';
      }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
load_module (const char *uri, GError **error)
{
  g_autofree char *module = get_attribute (uri, "module-path"), *token = get_attribute (uri, "token");
  g_autofree char *pin_source = get_attribute (uri, "pin-source");
  int r = 0;

  g_mutex_lock (&state.lock);
  if (state.modules == NULL)
    {
      state.modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      state.pin_sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      gnutls_pkcs11_set_pin_function (give_pin, NULL);
    }
  if (module != NULL && !g_hash_table_contains (state.modules, module))
    {
      /* Else the first use would load p11-kit's modules, and this one a second time. */
      if (g_hash_table_size (state.modules) == 0)
        (void) gnutls_pkcs11_init (GNUTLS_PKCS11_FLAG_MANUAL, NULL);
      r = gnutls_pkcs11_add_provider (module, NULL);
      if (r >= 0)
        g_hash_table_add (state.modules, g_strdup (module));
    }
  if (pin_source != NULL)
    g_hash_table_insert (state.pin_sources, g_strdup (token != NULL ? token : ""),
                         g_strdup (pin_source + (g_str_has_prefix (pin_source, "file:") ? 5 : 0)));
  g_mutex_unlock (&state.lock);
  if (r < 0)
    set_error_from_gnutls (error, module, "this PKCS#11 module cannot be loaded", r);
  return r >= 0;
}

/* The reference GnuTLS is to have, or NULL. */
static char *
prepare (const char *uri, GError **error)
{
  g_autofree char *pin = get_attribute (uri, "pin-value");

  if (pin != NULL)
    {
      g_set_error_literal (
          error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE,
          "a reference with \"pin-value\" is not taken: others could read the PIN; write it into a file "
          "and give \"?pin-source=file:PATH\"");
      return NULL;
    }
  return load_module (uri, error) ? without_query (uri) : NULL;
}

/* A token need not hold the public half beside the private one, but most do. */
static gnutls_pubkey_t
find_public (const char *uri)
{
  g_autoptr (GString) text = g_string_new (uri);
  gnutls_pubkey_t key = NULL;

  if (gnutls_pubkey_init (&key) < 0)
    g_error ("out of memory");
  if (g_string_replace (text, "type=private", "type=public", 0) == 0)
    {
      const char *query = strchr (text->str, '?');

      g_string_insert (text, query != NULL ? query - text->str : (gssize) text->len, ";type=public");
    }
  if (gnutls_pubkey_import_url (key, text->str, 0) >= 0)
    return key;
  gnutls_pubkey_deinit (key);
  return NULL;
}

AirPrivateKey *
air_keystore_pkcs11_open (const char *reference, GError **error)
{
  g_autofree char *uri = prepare (reference, error);
  gnutls_privkey_t key = NULL;
  AirPrivateKey *self;
  int r;

  if (uri == NULL)
    return NULL;
  if (gnutls_privkey_init (&key) < 0)
    g_error ("out of memory");
  r = gnutls_privkey_import_url (key, uri, 0);
  if (r < 0)
    {
      gnutls_privkey_deinit (key);
      set_error_from_gnutls (error, uri, "no private key is had", r);
      return NULL;
    }
  self = air_private_key_new_abstract (key, find_public (uri), error);
  if (self == NULL)
    g_prefix_error (error, "%s: ", uri);
  return self;
}

static gboolean
is_there (const char *uri)
{
  gnutls_privkey_t key = NULL;
  gboolean found;

  if (gnutls_privkey_init (&key) < 0)
    g_error ("out of memory");
  found = gnutls_privkey_import_url (key, uri, 0) >= 0;
  gnutls_privkey_deinit (key);
  return found;
}

AirPrivateKey *
air_keystore_pkcs11_generate (const char *reference, AirKeyType type, GError **error)
{
  static const struct {
    gnutls_pk_algorithm_t algorithm;
    gnutls_ecc_curve_t curve;
  } kinds[] = {
    [AIR_KEY_ED25519] = { GNUTLS_PK_EDDSA_ED25519, GNUTLS_ECC_CURVE_ED25519 },
    [AIR_KEY_ECDSA_P256] = { GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP256R1 },
    [AIR_KEY_ECDSA_P384] = { GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP384R1 },
  };
  g_autofree char *uri = prepare (reference, error);
  g_autofree char *label = uri != NULL ? get_attribute (uri, "object") : NULL;
  int r;

  if (uri == NULL)
    return NULL;
  if (label == NULL)
    {
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE, "%s: names no object; add \";object=NAME\"",
                   uri);
      return NULL;
    }
  if (is_there (uri))
    {
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_EXISTS,
                   "%s: this key is there; give the new one another name", uri);
      return NULL;
    }
  r = gnutls_pkcs11_privkey_generate3 (uri, kinds[type].algorithm, GNUTLS_CURVE_TO_BITS (kinds[type].curve), label,
                                       NULL, GNUTLS_X509_FMT_DER, NULL, GNUTLS_KEY_DIGITAL_SIGNATURE,
                                       GNUTLS_PKCS11_OBJ_FLAG_LOGIN | GNUTLS_PKCS11_OBJ_FLAG_MARK_SENSITIVE);
  if (r < 0)
    {
      set_error_from_gnutls (error, uri, "the token makes no such key", r);
      return NULL;
    }
  return air_keystore_pkcs11_open (reference, error);
}

AirValue *
air_keystore_pkcs11_list (const char *reference, GError **error)
{
  g_autofree char *uri = prepare (reference, error);
  gnutls_pkcs11_obj_t *objects = NULL;
  unsigned int n = 0;
  g_autoptr (AirValue) list = NULL;
  int r;

  if (uri == NULL)
    return NULL;
  r = gnutls_pkcs11_obj_list_import_url4 (&objects, &n, uri,
                                          GNUTLS_PKCS11_OBJ_FLAG_PRIVKEY | GNUTLS_PKCS11_OBJ_FLAG_LOGIN);
  if (r < 0)
    {
      set_error_from_gnutls (error, uri, "its keys are not told", r);
      return NULL;
    }
  list = air_list_new ();
  for (unsigned int i = 0; i < n; i++)
    {
      char *url = NULL;

      if (gnutls_pkcs11_obj_export_url (objects[i], GNUTLS_PKCS11_URL_GENERIC, &url) >= 0)
        {
          g_autoptr (AirPrivateKey) key = air_keystore_pkcs11_open (url, NULL);

          if (key != NULL)
            air_list_append (list, air_keystore_describe (url, air_private_key_get_public (key)));
          gnutls_free (url);
        }
      gnutls_pkcs11_obj_deinit (objects[i]);
    }
  gnutls_free (objects);
  return g_steal_pointer (&list);
}
