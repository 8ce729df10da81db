/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-trust.h"

#include <gio/gio.h>
#include <string.h>

#include "base/air-json.h"

G_DEFINE_QUARK (air-config-error-quark, air_config_error)

static void
person_free (AirPerson *self)
{
  g_free (self->uri);
  g_free (self->name);
  g_strfreev (self->roles);
  g_clear_pointer (&self->key, air_public_key_unref);
  g_free (self);
}

/* Roles a gate asks for may be any word; the five above open routes. */
static gboolean
read_roles (AirPerson *person, AirValue *list, const char *path, const char *place, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *role = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;

      if (role == NULL || *role == '\0')
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                       "%s: %s has a role that is no text; give role names", path, place);
          return FALSE;
        }
      g_strv_builder_add (builder, role);
      person->mask |= air_role_from_string (role);
    }
  person->roles = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
read_people (GPtrArray *people,
             AirValue *list,
             gboolean needs_key,
             const char *path,
             const char *member,
             GError **error)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *uri = air_map_get_string (item, "uri"), *pem = air_map_get_string (item, "key");
      g_autofree char *place = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", member, i);
      AirPerson *person = g_new0 (AirPerson, 1);
      g_autoptr (GError) local = NULL;

      g_ptr_array_add (people, person);
      if (uri == NULL || *uri == '\0' || (needs_key && pem == NULL))
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: %s lacks \"%s\"; add it", path, place,
                       uri == NULL || *uri == '\0' ? "uri" : "key");
          return FALSE;
        }
      person->uri = g_strdup (uri);
      person->name = g_strdup (air_map_get_string (item, "name"));
      if (!read_roles (person, air_map_get_list (item, "roles"), path, place, error))
        return FALSE;
      if (pem != NULL && (person->key = air_public_key_from_pem (pem, &local)) == NULL)
        {
          g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: the key of %s: %s", path, place,
                       local->message);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * air_trust_load:
 * @path: trust.json
 *
 * Returns: (transfer full): the trust roots, or NULL with AIR_CONFIG_ERROR or AIR_JSON_ERROR
 */
AirTrust *
air_trust_load (const char *path, GError **error)
{
  g_autoptr (AirTrust) self = g_new0 (AirTrust, 1);
  g_autofree char *text = NULL;
  gsize length;

  self->signers = g_ptr_array_new_with_free_func ((GDestroyNotify) person_free);
  self->people = g_ptr_array_new_with_free_func ((GDestroyNotify) person_free);
  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  self->document = air_json_parse (text, length, error);
  if (self->document == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  self->digest = air_sha256 (text, length);
  self->tenant = g_strdup (air_map_get_string (self->document, "tenant"));
  self->ca = g_strdup (air_map_get_string (self->document, "ca"));
  if (air_map_get_int (self->document, "v", 0) != 1 || self->tenant == NULL || self->ca == NULL)
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                   "%s: trust roots need \"v\": 1, \"tenant\" and \"ca\"; add what lacks", path);
      return NULL;
    }
  if (!read_people (self->signers, air_map_get_list (self->document, "signers"), TRUE, path, "signers", error)
      || !read_people (self->people, air_map_get_list (self->document, "people"), FALSE, path, "people", error))
    return NULL;
  return g_steal_pointer (&self);
}

const AirPerson *
air_trust_find_uri (const AirTrust *self, const char *uri)
{
  for (guint i = 0; i < self->people->len; i++)
    if (strcmp (((AirPerson *) self->people->pdata[i])->uri, uri) == 0)
      return self->people->pdata[i];
  for (guint i = 0; i < self->signers->len; i++)
    if (strcmp (((AirPerson *) self->signers->pdata[i])->uri, uri) == 0)
      return self->signers->pdata[i];
  return NULL;
}

const AirPerson *
air_trust_find_key (const AirTrust *self, const char *key_id)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      const AirPerson *person = self->people->pdata[i];

      if (person->key != NULL && strcmp (air_public_key_get_id (person->key), key_id) == 0)
        return person;
    }
  return NULL;
}

void
air_trust_free (AirTrust *self)
{
  g_free (self->tenant);
  g_free (self->ca);
  g_clear_pointer (&self->signers, g_ptr_array_unref);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  g_clear_pointer (&self->document, air_value_unref);
  g_free (self);
}
