/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-pack-private.h"

#include <gio/gio.h>
#include <string.h>

/* "https://api.example.com/v1" → "api.example.com:443"; NULL when it is no http(s) URL. */
static char *
get_destination (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  int port;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return NULL;
  port = g_uri_get_port (uri);
  if (port < 0)
    port = g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;
  return g_strdup_printf ("%s:%d", g_uri_get_host (uri), port);
}

static gboolean
list_has (AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (list, i), NULL), text) == 0)
      return TRUE;
  return FALSE;
}

gboolean
air_pack_check_connector (const AirDocument *connector, GError **error)
{
  AirValue *value = air_document_get_value (connector);
  g_autofree char *destination = get_destination (air_map_get_string (value, "base_url"));

  if (destination == NULL || !list_has (air_map_get_list (value, "egress"), destination))
    {
      air_document_set_error (connector, "/egress", AIR_MODEL_ERROR_PACK, error,
                              "the base URL goes to %s, which egress does not name; add it",
                              destination != NULL ? destination : "nowhere");
      return FALSE;
    }
  return TRUE;
}

/* Everything in @key of the operation must be in @key of its connector. */
static gboolean
check_subset (const AirDocument *operation, const AirDocument *connector, const char *key, GError **error)
{
  AirValue *list = air_map_get_list (air_document_get_value (operation), key);
  AirValue *allowed = air_map_get_list (air_document_get_value (connector), key);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const char *item = air_value_get_string (air_list_get (list, i), NULL);

      if (!list_has (allowed, item))
        {
          g_autofree char *pointer = g_strdup_printf ("/%s/%" G_GSIZE_FORMAT, key, i);

          air_document_set_error (operation, pointer, AIR_MODEL_ERROR_PACK, error,
                                  "connector '%s' does not declare '%s' in its %s; add it there if it is meant",
                                  air_document_get_id (connector), item, key);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_compensation (const AirPack *self, const AirDocument *operation, GError **error)
{
  AirValue *list = air_map_get_list (air_document_get_value (operation), "compensate");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const char *name = air_map_get_string (air_list_get (list, i), "op");

      if (name != NULL && air_pack_get_operation (self, name) == NULL)
        {
          g_autofree char *pointer = g_strdup_printf ("/compensate/%" G_GSIZE_FORMAT "/op", i);

          air_document_set_error (operation, pointer, AIR_MODEL_ERROR_PACK, error,
                                  "the pack has no operation '%s'; add it, or say what a person must do: \"manual\"",
                                  name);
          return FALSE;
        }
    }
  return TRUE;
}

/* What a key-header operation promises must be in its request. */
static gboolean
check_idempotency (const AirDocument *operation, GError **error)
{
  AirValue *value = air_document_get_value (operation);
  AirValue *idempotency = air_map_get_map (value, "idempotency");
  const char *kind = air_map_get_string (idempotency, "kind");
  const char *header = air_map_get_string (idempotency, "header");
  AirValue *headers = air_map_get_map (air_map_get_map (value, "request"), "headers");

  if (!g_str_equal (kind, "key-header"))
    return TRUE;
  if (header == NULL)
    {
      air_document_set_error (operation, "/idempotency", AIR_MODEL_ERROR_PACK, error,
                              "kind 'key-header' does not say which header; add \"header\"");
      return FALSE;
    }
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    if (g_ascii_strcasecmp (air_value_get_string (air_map_get_key_at (headers, i), NULL), header) == 0
        && strstr (air_value_get_string (air_map_get_value_at (headers, i), NULL), "run.idem") != NULL)
      return TRUE;
  air_document_set_error (operation, "/request", AIR_MODEL_ERROR_PACK, error,
                          "the request does not send the key it promises; add the header \"%s\": \"${run.idem}\"",
                          header);
  return FALSE;
}

gboolean
air_pack_check_operation (const AirPack *self, const AirDocument *operation, GError **error)
{
  AirValue *value = air_document_get_value (operation);
  const char *name = air_map_get_string (value, "connector");
  AirDocument *connector = air_pack_get_connector (self, name);
  const char *method = air_map_get_string (air_map_get_map (value, "request"), "method");
  const char *effect = air_map_get_string (air_map_get_map (value, "policy"), "effect");

  if (connector == NULL)
    {
      air_document_set_error (operation, "/connector", AIR_MODEL_ERROR_PACK, error,
                              "the pack has no connector '%s'; add connectors/%s.json", name, name);
      return FALSE;
    }
  if (!check_subset (operation, connector, "egress", error) || !check_subset (operation, connector, "scopes", error)
      || !check_compensation (self, operation, error) || !check_idempotency (operation, error))
    return FALSE;
  if (g_str_equal (effect, "read") && !g_str_equal (method, "GET") && !g_str_equal (method, "HEAD")
      && !g_str_equal (method, "POST"))
    {
      air_document_set_error (operation, "/policy/effect", AIR_MODEL_ERROR_PACK, error,
                              "a %s request changes something; the effect is \"write\"", method);
      return FALSE;
    }
  return TRUE;
}
