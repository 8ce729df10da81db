/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/air-json.h"
#include "keystore/air-keystore.h"

#define DEFAULT_MAX_EFFECTS 128
#define DEFAULT_MAX_OPEN    65536
#define DEFAULT_TIMESTAMP_S 3600

static const char *const members[] = { "v",           "artifact",  "trust",      "state",      "listen", "certificate",
                                       "private_key", "origin",    "ledger_key", "connectors", "egress", "max_effects",
                                       "max_open",    "witnesses", "timestamps", NULL };

static void
connector_free (AirConnectorConfig *self)
{
  g_free (self->id);
  g_free (self->base_url);
  g_free (self->secret_file);
  g_free (self);
}

static gboolean
invalid (const char *path, GError **error, const char *words)
{
  g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: %s", path, words);
  return FALSE;
}

static gboolean
get_text (AirValue *document, const char *member, const char *path, char **ret_text, GError **error)
{
  const char *text = air_map_get_string (document, member);

  if (text == NULL || *text == '\0')
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: \"%s\" is missing or no text; add it", path,
                   member);
      return FALSE;
    }
  *ret_text = g_strdup (text);
  return TRUE;
}

static gboolean
get_path (AirValue *document, const char *member, const char *path, char **ret_path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *text = NULL;

  if (!get_text (document, member, path, &text, error))
    return FALSE;
  *ret_path = g_canonicalize_filename (text, folder);
  return TRUE;
}

static gboolean
get_key (AirValue *document, const char *member, const char *path, char **ret_reference, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *text = NULL;

  if (!get_text (document, member, path, &text, error))
    return FALSE;
  *ret_reference = air_keystore_resolve (text, folder);
  return TRUE;
}

static gboolean
get_connectors (AirConfig *self, AirValue *map, const char *path, GError **error)
{
  static const char *const known[] = { "base_url", "secret_file", NULL };
  g_autofree char *folder = g_path_get_dirname (path);

  for (gsize i = 0; map != NULL && i < air_map_get_size (map); i++)
    {
      AirValue *item = air_map_get_value_at (map, i);
      AirConnectorConfig *connector = g_new0 (AirConnectorConfig, 1);
      const char *secret = air_map_get_string (item, "secret_file");

      g_ptr_array_add (self->connectors, connector);
      if (air_value_get_kind (item) != AIR_VALUE_MAP || air_map_find_unknown (item, known) != NULL
          || (air_map_get (item, "base_url") != NULL && air_map_get_string (item, "base_url") == NULL)
          || (air_map_get (item, "secret_file") != NULL && secret == NULL))
        return invalid (path, error, "a connector is {\"base_url\": …, \"secret_file\": …}");
      connector->id = g_strdup (air_value_get_string (air_map_get_key_at (map, i), NULL));
      connector->base_url = g_strdup (air_map_get_string (item, "base_url"));
      connector->secret_file = secret != NULL ? g_canonicalize_filename (secret, folder) : NULL;
    }
  return TRUE;
}

static gboolean
get_egress (AirConfig *self, AirValue *list, const char *path, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const char *item = air_list_get_string (list, i);

      if (item == NULL)
        return invalid (path, error, "\"egress\" holds what is no text; give \"host:port\"");
      g_strv_builder_add (builder, item);
    }
  self->egress = g_strv_builder_end (builder);
  return TRUE;
}

static void
witness_free (AirWitnessConfig *self)
{
  g_free (self->url);
  g_clear_pointer (&self->key, air_vkey_free);
  g_free (self);
}

static gboolean
get_witnesses (AirConfig *self, AirValue *list, const char *path, GError **error)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *url = air_map_get_string (item, "url"), *key = air_map_get_string (item, "key");
      AirWitnessConfig *witness;

      if (url == NULL || key == NULL || !g_uri_is_valid (url, G_URI_FLAGS_NONE, NULL))
        return invalid (path, error, "a witness is no {\"url\": …, \"key\": VKEY}; give its address and its key");
      witness = g_new0 (AirWitnessConfig, 1);
      g_ptr_array_add (self->witnesses, witness);
      witness->url = g_strdup (url);
      while (g_str_has_suffix (witness->url, "/"))
        witness->url[strlen (witness->url) - 1] = '\0';
      witness->key = air_vkey_parse (key, error);
      if (witness->key == NULL)
        {
          g_prefix_error (error, "%s: the key of witness %s: ", path, url);
          return FALSE;
        }
      if (air_vkey_get_key_type (witness->key) != AIR_NOTE_KEY_COSIGNATURE)
        return invalid (path, error, "the key of a witness is no cosigner's (type 4); give the one the witness prints");
    }
  return TRUE;
}

static gboolean
get_timestamps (AirConfig *self, AirValue *map, const char *absolute, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (absolute);
  const char *url = map != NULL ? air_map_get_string (map, "url") : NULL;
  const char *authorities = map != NULL ? air_map_get_string (map, "authorities") : NULL;
  gint64 interval = map != NULL ? air_map_get_int (map, "interval_s", DEFAULT_TIMESTAMP_S) : DEFAULT_TIMESTAMP_S;

  if (map == NULL)
    return TRUE;
  if (url == NULL || !g_uri_is_valid (url, G_URI_FLAGS_NONE, NULL) || interval < 1 || interval > 31536000)
    return invalid (path, error,
                    "\"timestamps\" is no {\"url\": …, \"authorities\": PEM file, \"interval_s\": seconds}");
  self->timestamp_url = g_strdup (url);
  self->timestamp_authorities = authorities != NULL ? g_canonicalize_filename (authorities, folder) : NULL;
  self->timestamp_interval_s = interval;
  return TRUE;
}

/* What is there is of its kind: else it would read as if nothing were said. */
static gboolean
check_kinds (AirValue *document, const char *path, GError **error)
{
  static const struct {
    const char *name;
    AirValueKind kind;
  } kinds[] = { { "connectors", AIR_VALUE_MAP },
                { "egress", AIR_VALUE_LIST },
                { "witnesses", AIR_VALUE_LIST },
                { "timestamps", AIR_VALUE_MAP },
                { "max_effects", AIR_VALUE_INT } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const AirValue *value = air_map_get (document, kinds[i].name);

      if (value == NULL || air_value_get_kind (value) == kinds[i].kind)
        continue;
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID, "%s: \"%s\" is a %s and not a %s; mend it", path,
                   kinds[i].name, air_value_kind_to_string (air_value_get_kind (value)),
                   air_value_kind_to_string (kinds[i].kind));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_members (AirValue *document, const char *path, GError **error)
{
  const char *unknown;

  if (air_value_get_kind (document) != AIR_VALUE_MAP || air_map_get_int (document, "v", 0) != 1)
    return invalid (path, error, "not a configuration of this version; give an object with \"v\": 1");
  unknown = air_map_find_unknown (document, members);
  if (unknown != NULL)
    {
      g_set_error (error, AIR_CONFIG_ERROR, AIR_CONFIG_ERROR_INVALID,
                   "%s: nobody reads \"%s\"; remove it or mend its spelling", path, unknown);
      return FALSE;
    }
  return check_kinds (document, path, error);
}

static gboolean
get_bound (const AirValue *document,
           const char *name,
           gint64 if_unset,
           gint64 most,
           const char *path,
           guint *ret_bound,
           GError **error)
{
  const AirValue *value = air_map_get (document, name);
  gint64 bound = value == NULL ? if_unset : air_value_get_kind (value) == AIR_VALUE_INT ? air_value_get_int (value) : 0;
  g_autofree char *words = NULL;

  if (bound >= 1 && bound <= most)
    {
      *ret_bound = bound;
      return TRUE;
    }
  words = g_strdup_printf ("\"%s\" is not between 1 and %" G_GINT64_FORMAT "; mend it", name, most);
  invalid (path, error, words);
  return FALSE;
}

/**
 * air_config_load:
 * @path: runtime.json
 *
 * Returns: (transfer full): the configuration, or NULL with AIR_CONFIG_ERROR, AIR_JSON_ERROR or G_FILE_ERROR
 */
AirConfig *
air_config_load (const char *path, GError **error)
{
  g_autoptr (AirConfig) self = g_new0 (AirConfig, 1);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (AirValue) document = air_json_load_file (absolute, error);

  self->connectors = g_ptr_array_new_with_free_func ((GDestroyNotify) connector_free);
  self->witnesses = g_ptr_array_new_with_free_func ((GDestroyNotify) witness_free);
  if (document == NULL || !check_members (document, path, error)
      || !get_path (document, "artifact", absolute, &self->artifact, error)
      || !get_path (document, "trust", absolute, &self->trust, error)
      || !get_path (document, "state", absolute, &self->state, error)
      || !get_text (document, "listen", absolute, &self->listen, error)
      || !get_path (document, "certificate", absolute, &self->certificate, error)
      || !get_path (document, "private_key", absolute, &self->private_key, error)
      || !get_text (document, "origin", absolute, &self->origin, error)
      || !get_key (document, "ledger_key", absolute, &self->ledger_key, error)
      || !get_connectors (self, air_map_get_map (document, "connectors"), absolute, error)
      || !get_egress (self, air_map_get_list (document, "egress"), path, error)
      || !get_witnesses (self, air_map_get_list (document, "witnesses"), path, error)
      || !get_timestamps (self, air_map_get_map (document, "timestamps"), absolute, path, error)
      || !get_bound (document, "max_effects", DEFAULT_MAX_EFFECTS, 100000, path, &self->max_effects, error)
      || !get_bound (document, "max_open", DEFAULT_MAX_OPEN, 10000000, path, &self->max_open, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
air_config_free (AirConfig *self)
{
  g_free (self->artifact);
  g_free (self->trust);
  g_free (self->state);
  g_free (self->listen);
  g_free (self->certificate);
  g_free (self->private_key);
  g_free (self->origin);
  g_free (self->ledger_key);
  g_clear_pointer (&self->connectors, g_ptr_array_unref);
  g_strfreev (self->egress);
  g_clear_pointer (&self->witnesses, g_ptr_array_unref);
  g_free (self->timestamp_url);
  g_free (self->timestamp_authorities);
  g_free (self);
}
