/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-keystore"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "air-keystore-private.h"

#define FILE_SCHEME   "file:"
#define PKCS11_SCHEME "pkcs11:"

static const AirKeystoreKind *further_kind;

G_DEFINE_QUARK (air-keystore-error-quark, air_keystore_error)

/**
 * air_keystore_add_kind:
 * @kind: static
 *
 * One kind can be added; a second call replaces it. Call it in main(), before threads.
 */
void
air_keystore_add_kind (const AirKeystoreKind *kind)
{
  g_return_if_fail (kind != NULL);

  further_kind = kind;
}

AirValue *
air_keystore_describe (const char *reference, AirPublicKey *key)
{
  AirValue *item = air_map_new ();

  air_map_set_string (item, "reference", reference);
  air_map_set_string (item, "type", air_key_type_to_string (air_public_key_get_key_type (key)));
  air_map_set_string (item, "id", air_public_key_get_id (key));
  return item;
}

/* What follows the further kind's scheme, or NULL. */
static const char *
name_in_kind (const char *reference)
{
  return further_kind != NULL && g_str_has_prefix (reference, further_kind->scheme)
             ? reference + strlen (further_kind->scheme)
             : NULL;
}

static const char *
path_of (const char *reference, GError **error)
{
  if (g_str_has_prefix (reference, FILE_SCHEME))
    return reference + strlen (FILE_SCHEME);
  if (g_str_has_prefix (reference, "keyring:"))
    {
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE,
                   "%s: a keyring belongs to a person's session, and this program runs without one; keep this key in a "
                   "file or in a token (pkcs11:…)",
                   reference);
      return NULL;
    }
  if (*reference == '\0')
    {
      g_set_error_literal (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE,
                           "no key is named; write PATH, file:PATH, pkcs11:… or keyring:NAME");
      return NULL;
    }
  return reference;
}

/**
 * air_keystore_resolve:
 * @reference: as written in a file of @folder
 * @folder: where that file lies; a relative path becomes one from there
 *
 * Pure: looks at no file and no token.
 *
 * Returns: (transfer full): a reference that holds anywhere: an absolute path, or @reference itself where it names no
 *   file
 */
char *
air_keystore_resolve (const char *reference, const char *folder)
{
  g_autofree char *absolute = NULL;

  g_return_val_if_fail (reference != NULL && folder != NULL, NULL);

  if (g_str_has_prefix (reference, PKCS11_SCHEME) || g_str_has_prefix (reference, "keyring:"))
    return g_strdup (reference);
  if (g_str_has_prefix (reference, FILE_SCHEME))
    reference += strlen (FILE_SCHEME);
  absolute = g_canonicalize_filename (folder, NULL);
  return g_canonicalize_filename (reference, absolute);
}

/**
 * air_keystore_open:
 * @reference: PATH, "file:PATH", "pkcs11:…" or "keyring:NAME"
 *
 * Returns: (transfer full): the key, or %NULL with an %AIR_KEYSTORE_ERROR, %AIR_CRYPTO_ERROR or %G_FILE_ERROR
 */
AirPrivateKey *
air_keystore_open (const char *reference, GError **error)
{
  const char *name, *path;

  g_return_val_if_fail (reference != NULL, NULL);

  if (g_str_has_prefix (reference, PKCS11_SCHEME))
    return air_keystore_pkcs11_open (reference, error);
  name = name_in_kind (reference);
  if (name != NULL)
    return further_kind->open (name, error);
  path = path_of (reference, error);
  return path != NULL ? air_private_key_load (path, error) : NULL;
}

/* The file is the owner's alone, there whole or not at all, and never one that was there. */
static gboolean
write_key (const char *path, const char *pem, GError **error)
{
  gsize length = strlen (pem), done = 0;
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  int failure = fd < 0 ? errno : 0;

  if (failure == EEXIST)
    {
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_EXISTS,
                   "%s: is there; nothing is overwritten: move it away or give another name", path);
      return FALSE;
    }
  while (failure == 0 && done < length)
    {
      gssize n = write (fd, pem + done, length - done);

      if (n > 0)
        done += n;
      else if (n < 0 && errno != EINTR)
        failure = errno;
    }
  if (failure == 0 && fsync (fd) < 0)
    failure = errno;
  if (fd >= 0 && close (fd) < 0 && failure == 0)
    failure = errno;
  if (failure == 0)
    return TRUE;
  if (fd >= 0)
    g_unlink (path);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (failure), "%s: %s", path, g_strerror (failure));
  return FALSE;
}

/* The copy is wiped; GLib's free is not enough for a secret. */
static gboolean
write_key_file (const char *path, AirPrivateKey *key, GError **error)
{
  char *pem = air_private_key_to_pem (key);
  gboolean ok = write_key (path, pem, error);

  explicit_bzero (pem, strlen (pem));
  g_free (pem);
  return ok;
}

/**
 * air_keystore_generate:
 * @reference: where it is to be kept: PATH, "file:PATH", "pkcs11:token=…;object=…" or "keyring:NAME"
 * @type: what kind of key
 *
 * A key in a token is made there and cannot leave it.
 *
 * Returns: (transfer full): the key, or %NULL with an %AIR_KEYSTORE_ERROR (%AIR_KEYSTORE_ERROR_EXISTS when a key is
 *   there already), an %AIR_CRYPTO_ERROR or a %G_FILE_ERROR
 */
AirPrivateKey *
air_keystore_generate (const char *reference, AirKeyType type, GError **error)
{
  g_autoptr (AirPrivateKey) key = NULL;
  const char *name, *path;

  g_return_val_if_fail (reference != NULL, NULL);

  if (g_str_has_prefix (reference, PKCS11_SCHEME))
    return air_keystore_pkcs11_generate (reference, type, error);
  name = name_in_kind (reference);
  path = name == NULL ? path_of (reference, error) : NULL;
  if (name == NULL && path == NULL)
    return NULL;
  key = air_private_key_generate (type, error);
  if (key == NULL)
    return NULL;
  if (name != NULL ? !further_kind->store (name, key, error) : !write_key_file (path, key, error))
    return NULL;
  return g_steal_pointer (&key);
}

/* --- listing ---------------------------------------------------------------------- */

static AirValue *
list_folder (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr (AirValue) list = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  list = air_list_new ();
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);
      g_autofree char *reference = g_strconcat (FILE_SCHEME, path, NULL);
      g_autoptr (AirPrivateKey) key =
          g_file_test (path, G_FILE_TEST_IS_REGULAR) ? air_private_key_load (path, NULL) : NULL;

      if (key != NULL)
        air_list_append (list, air_keystore_describe (reference, air_private_key_get_public (key)));
    }
  return g_steal_pointer (&list);
}

/**
 * air_keystore_list:
 * @store: a folder, "file:FOLDER", a token "pkcs11:…", or "keyring:"
 *
 * Blocks on the file system, the token or the keyring.
 *
 * Returns: (transfer full): {reference, type, id} of each private key there, in the order of their references; or
 *   %NULL with an %AIR_KEYSTORE_ERROR or a %G_FILE_ERROR
 */
AirValue *
air_keystore_list (const char *store, GError **error)
{
  const char *path;

  g_return_val_if_fail (store != NULL, NULL);

  if (g_str_has_prefix (store, PKCS11_SCHEME))
    return air_keystore_pkcs11_list (store, error);
  if (name_in_kind (store) != NULL)
    return further_kind->list (error);
  path = path_of (store, error);
  return path != NULL ? list_folder (path, error) : NULL;
}
