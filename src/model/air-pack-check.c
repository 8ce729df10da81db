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

/* Tokens come from somewhere that egress names too. */
static gboolean
check_token_url (const AirDocument *connector, GError **error)
{
  const char *url = air_map_get_string (air_map_get_map (air_document_get_value (connector), "auth"), "token_url");
  g_autofree char *destination = url != NULL ? get_destination (url) : NULL;

  if (url == NULL
      || (destination != NULL
          && list_has (air_map_get_list (air_document_get_value (connector), "egress"), destination)))
    return TRUE;
  air_document_set_error (connector, "/auth/token_url", AIR_MODEL_ERROR_PACK, error,
                          "tokens come from %s, which egress does not name; add it",
                          destination != NULL ? destination : "nowhere");
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
  return check_token_url (connector, error);
}

/* An operation's own list must let it reach its vendor. */
static gboolean
check_reach (const AirDocument *operation, const AirDocument *connector, GError **error)
{
  AirValue *value = air_document_get_value (connector);
  const char *urls[] = { air_map_get_string (value, "base_url"),
                         air_map_get_string (air_map_get_map (value, "auth"), "token_url") };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *destination = urls[i] != NULL ? get_destination (urls[i]) : NULL;

      if (destination == NULL
          || list_has (air_map_get_list (air_document_get_value (operation), "egress"), destination))
        continue;
      air_document_set_error (operation, "/egress", AIR_MODEL_ERROR_PACK, error,
                              "connector '%s' goes to %s, which this egress does not name; add it",
                              air_document_get_id (connector), destination);
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

/* What cannot be sent twice must be found out some other way. */
static gboolean
check_certainty (const AirDocument *operation, GError **error)
{
  static const char *const keyed[] = { "key-header", "key-query", "client-id", NULL };
  AirValue *value = air_document_get_value (operation), *policy = air_map_get_map (value, "policy");
  const char *kind = air_map_get_string (air_map_get_map (value, "idempotency"), "kind");
  gboolean reconciled = air_map_get_map (value, "reconcile") != NULL;
  /* Whoever accepts that it is tried once, has a person find out. Not where money is. */
  gboolean once = air_map_get_bool (policy, "at_most_once", FALSE);
  gboolean irreversible = !once && g_strcmp0 (air_map_get_string (policy, "reversibility"), "irreversible") == 0;

  if (g_str_equal (air_map_get_string (policy, "effect"), "read"))
    return TRUE;
  if (g_str_equal (kind, "none") && !once)
    {
      air_document_set_error (
          operation, "/idempotency/kind", AIR_MODEL_ERROR_PACK, error,
          "a write that the vendor knows by nothing may happen twice; give a key, or accept in policy "
          "that it is tried once: \"at_most_once\": true");
      return FALSE;
    }
  if (g_str_equal (kind, "search-first") && !reconciled)
    {
      air_document_set_error (operation, "/idempotency/kind", AIR_MODEL_ERROR_PACK, error,
                              "search-first needs a search; add \"reconcile\"");
      return FALSE;
    }
  if (!g_strv_contains (keyed, kind) && !reconciled && (air_map_get_map (policy, "money") != NULL || irreversible))
    {
      air_document_set_error (
          operation, "", AIR_MODEL_ERROR_PACK, error,
          "it moves money or cannot be undone, and the vendor honours no key: without \"reconcile\" nobody "
          "finds out what happened after a lost answer; add it");
      return FALSE;
    }
  return TRUE;
}

static gboolean
has_label (const AirValue *schema, guint depth)
{
  if (depth > 16 || schema == NULL)
    return FALSE;
  if (air_value_get_kind (schema) == AIR_VALUE_LIST)
    {
      for (gsize i = 0; i < air_list_get_size (schema); i++)
        if (has_label (air_list_get (schema, i), depth + 1))
          return TRUE;
      return FALSE;
    }
  if (air_value_get_kind (schema) != AIR_VALUE_MAP)
    return FALSE;
  for (gsize i = 0; i < air_map_get_size (schema); i++)
    if (g_strcmp0 (air_value_get_string (air_map_get_key_at (schema, i), NULL), "x-label") == 0
        || has_label (air_map_get_value_at (schema, i), depth + 1))
      return TRUE;
  return FALSE;
}

/* "api.stripe.com:443" is at stripe.com. */
static gboolean
is_at (const char *destination, const char *domain)
{
  g_autofree char *host = g_strndup (destination, strcspn (destination, ":"));
  gsize length = strlen (host), tail = strlen (domain);

  return length >= tail && g_ascii_strcasecmp (host + length - tail, domain) == 0
         && (length == tail || host[length - tail - 1] == '.');
}

/* Labelled data flows to the vendor: the operation says to whom, and it is true. */
static gboolean
check_labels (const AirDocument *operation, GError **error)
{
  AirValue *value = air_document_get_value (operation), *egress = air_map_get_list (value, "egress");
  const char *to = air_map_get_string (air_map_get_map (air_map_get_map (value, "policy"), "data"), "sends_to");

  if (to == NULL && has_label (air_map_get_map (value, "input"), 0))
    {
      air_document_set_error (operation, "/policy", AIR_MODEL_ERROR_PACK, error,
                              "labelled data of its input goes to the vendor, and the policy does not say to whom; add "
                              "\"data\": {\"sends_to\": \"DOMAIN\"}");
      return FALSE;
    }
  for (gsize i = 0; to != NULL && i < air_list_get_size (egress); i++)
    if (is_at (air_value_get_string (air_list_get (egress, i), NULL), to))
      return TRUE;
  if (to == NULL)
    return TRUE;
  air_document_set_error (operation, "/policy/data/sends_to", AIR_MODEL_ERROR_PACK, error,
                          "the data goes where egress says, and %s is not among it; name the vendor's own domain", to);
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
      || !check_compensation (self, operation, error) || !check_idempotency (operation, error)
      || !check_reach (operation, connector, error) || !check_labels (operation, error)
      || !check_certainty (operation, error))
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
