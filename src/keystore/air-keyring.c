/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-keystore"

#include "config.h"

#include <libsecret/secret.h>
#include <string.h>

#include "air-keyring.h"
#include "air-keystore-private.h"

#define SCHEME "keyring:"

/* Keys in the session's keyring: PEM texts under a name. */
static const SecretSchema schema = {
  "dev.airails.Airails.Key",
  SECRET_SCHEMA_NONE,
  {
      { "name", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "type", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { "id", SECRET_SCHEMA_ATTRIBUTE_STRING },
      { NULL, 0 },
  },
};

static gboolean
check_name (const char *name, GError **error)
{
  if (*name != '\0' && g_utf8_validate (name, -1, NULL) && strlen (name) <= 200)
    return TRUE;
  g_set_error_literal (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_REFERENCE,
                       "a key in the keyring has a name: keyring:NAME");
  return FALSE;
}

static void
set_unavailable (GError **error, const char *name, GError *failure)
{
  g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_UNAVAILABLE,
               SCHEME "%s: the keyring does not answer: %s; unlock it, or keep the key in a file", name,
               failure->message);
  g_error_free (failure);
}

static AirPrivateKey *
keyring_open (const char *name, GError **error)
{
  GError *failure = NULL;
  AirPrivateKey *key;
  char *pem;

  if (!check_name (name, error))
    return NULL;
  pem = secret_password_lookup_nonpageable_sync (&schema, NULL, &failure, "name", name, NULL);
  if (failure != NULL)
    {
      set_unavailable (error, name, failure);
      return NULL;
    }
  if (pem == NULL)
    {
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_NOT_FOUND,
                   SCHEME "%s: no such key; make it with \"airailsctl key generate " SCHEME "%s\"", name, name);
      return NULL;
    }
  key = air_private_key_from_pem (pem, error);
  secret_password_free (pem);
  if (key == NULL)
    g_prefix_error (error, SCHEME "%s: ", name);
  return key;
}

static gboolean
keyring_store (const char *name, AirPrivateKey *key, GError **error)
{
  AirPublicKey *public_key = air_private_key_get_public (key);
  g_autofree char *label = g_strdup_printf ("AI Rails key “%s”", name);
  GError *failure = NULL;
  char *pem, *old;
  gboolean ok;

  if (!check_name (name, error))
    return FALSE;
  old = secret_password_lookup_sync (&schema, NULL, &failure, "name", name, NULL);
  if (failure != NULL)
    {
      set_unavailable (error, name, failure);
      return FALSE;
    }
  if (old != NULL)
    {
      secret_password_free (old);
      g_set_error (error, AIR_KEYSTORE_ERROR, AIR_KEYSTORE_ERROR_EXISTS,
                   SCHEME "%s: this key is there; give the new one another name", name);
      return FALSE;
    }
  pem = air_private_key_to_pem (key);
  ok = secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, label, pem, NULL, &failure, "name", name, "type",
                                   air_key_type_to_string (air_public_key_get_key_type (public_key)), "id",
                                   air_public_key_get_id (public_key), NULL);
  explicit_bzero (pem, strlen (pem));
  g_free (pem);
  if (!ok)
    set_unavailable (error, name, failure);
  return ok;
}

static int
compare_references (gconstpointer a, gconstpointer b)
{
  return strcmp (air_map_get_string (a, "reference"), air_map_get_string (b, "reference"));
}

static AirValue *
keyring_list (GError **error)
{
  GError *failure = NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  g_autoptr (AirValue) list = NULL;
  GList *items = secret_password_search_sync (&schema, SECRET_SEARCH_ALL, NULL, &failure, NULL, NULL);

  if (failure != NULL)
    {
      set_unavailable (error, "", failure);
      return NULL;
    }
  for (GList *l = items; l != NULL; l = l->next)
    {
      g_autoptr (GHashTable) attributes = secret_retrievable_get_attributes (l->data);
      const char *name = g_hash_table_lookup (attributes, "name"), *type = g_hash_table_lookup (attributes, "type");
      const char *id = g_hash_table_lookup (attributes, "id");
      g_autofree char *reference = name != NULL ? g_strconcat (SCHEME, name, NULL) : NULL;
      AirValue *item;

      if (name == NULL || type == NULL || id == NULL)
        continue;
      item = air_map_new ();
      air_map_set_string (item, "reference", reference);
      air_map_set_string (item, "type", type);
      air_map_set_string (item, "id", id);
      g_ptr_array_add (found, item);
    }
  g_list_free_full (items, g_object_unref);
  g_ptr_array_sort_values (found, compare_references);
  list = air_list_new ();
  for (guint i = 0; i < found->len; i++)
    air_list_append (list, air_value_ref (g_ptr_array_index (found, i)));
  return g_steal_pointer (&list);
}

static const AirKeystoreKind keyring = { SCHEME, keyring_open, keyring_store, keyring_list };

/**
 * air_keyring_use:
 *
 * From here on "keyring:NAME" is the Secret Service of this session. For programs with a person in front of them; call
 * it once in main(), before any key is opened.
 */
void
air_keyring_use (void)
{
  air_keystore_add_kind (&keyring);
}
