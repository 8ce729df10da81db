/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <string.h>

#include "air-schema-private.h"

#define MAX_DEPTH 64

/* --- where a reference leads ------------------------------------------------------- */

static const AirValue *
find_anchor (const AirValue *value, const char *name, guint depth)
{
  const AirValue *found = NULL;

  if (depth > MAX_DEPTH)
    return NULL;
  if (air_value_get_kind (value) == AIR_VALUE_LIST)
    for (gsize i = 0; i < air_list_get_size (value) && found == NULL; i++)
      found = find_anchor (air_list_get (value, i), name, depth + 1);
  if (air_value_get_kind (value) != AIR_VALUE_MAP)
    return found;
  if (g_strcmp0 (air_map_get_string (value, "$anchor"), name) == 0
      || g_strcmp0 (air_map_get_string (value, "$dynamicAnchor"), name) == 0)
    return value;
  for (gsize i = 0; i < air_map_get_size (value) && found == NULL; i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (value, i), NULL);

      if (strcmp (key, "enum") != 0 && strcmp (key, "const") != 0)
        found = find_anchor (air_map_get_value_at (value, i), name, depth + 1);
    }
  return found;
}

const AirValue *
air_schema_follow (const AirValue *root, const char *reference)
{
  g_autofree char *fragment = NULL;

  if (reference[0] != '#')
    return NULL;
  fragment = g_uri_unescape_string (reference + 1, NULL);
  if (fragment == NULL)
    return NULL;
  return fragment[0] == '\0' || fragment[0] == '/' ? air_value_at (root, fragment) : find_anchor (root, fragment, 0);
}

/* --- annotations ------------------------------------------------------------------- */

static gboolean
is_index (const char *token)
{
  return *token != '\0' && token[strspn (token, "0123456789")] == '\0';
}

/* The schemas that speak of member @token of what @schema describes. */
static void
descend (const AirValue *schema, const char *token, GPtrArray *ret)
{
  const AirValue *members = air_map_get_map (schema, "properties"), *prefix = air_map_get_list (schema, "prefixItems");
  guint64 index = is_index (token) ? g_ascii_strtoull (token, NULL, 10) : 0;
  const AirValue *found = members != NULL ? air_map_get (members, token) : NULL;

  if (found == NULL && is_index (token) && prefix != NULL && index < air_list_get_size (prefix))
    found = air_list_get (prefix, index);
  if (found == NULL && is_index (token))
    found = air_map_get_map (schema, "items");
  if (found == NULL)
    found = air_map_get_map (schema, "additionalProperties");
  if (found != NULL && air_value_get_kind (found) == AIR_VALUE_MAP)
    g_ptr_array_add (ret, (gpointer) found);
}

/* Adds what @schema refers to or is composed of, each once. */
static void
spread (const AirValue *root, const AirValue *schema, GPtrArray *ret)
{
  static const char *const keywords[] = { "allOf", "anyOf", "oneOf" };
  static const char *const singles[] = { "then", "else" };
  const char *reference;

  if (schema == NULL || air_value_get_kind (schema) != AIR_VALUE_MAP || g_ptr_array_find (ret, schema, NULL))
    return;
  g_ptr_array_add (ret, (gpointer) schema);
  reference = air_map_get_string (schema, "$ref");
  if (reference == NULL)
    reference = air_map_get_string (schema, "$dynamicRef");
  if (reference != NULL)
    spread (root, air_schema_follow (root, reference), ret);
  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    {
      const AirValue *list = air_map_get_list (schema, keywords[i]);

      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        spread (root, air_list_get (list, k), ret);
    }
  for (guint i = 0; i < G_N_ELEMENTS (singles); i++)
    spread (root, air_map_get_map (schema, singles[i]), ret);
}

/**
 * air_schema_get_annotation:
 * @self: a schema
 * @pointer: RFC 6901, a place in an instance: "/customer/email"
 * @keyword: "x-label", "x-unit", "title", …
 *
 * Returns: (nullable): what the schema says of that place: the first found, references and
 *   alternatives included; borrowed from the schema's document
 */
const AirValue *
air_schema_get_annotation (const AirSchema *self, const char *pointer, const char *keyword)
{
  g_autoptr (GPtrArray) here = g_ptr_array_new ();
  g_auto (GStrv) tokens = NULL;
  const AirValue *root;

  g_return_val_if_fail (self != NULL && pointer != NULL && keyword != NULL, NULL);

  root = air_schema_get_document (self);
  spread (root, root, here);
  if (*pointer != '\0' && *pointer != '/')
    return NULL;
  tokens = g_strsplit (*pointer == '/' ? pointer + 1 : pointer, "/", MAX_DEPTH);
  for (guint i = 0; *pointer == '/' && tokens[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) below = g_ptr_array_new (), wide = g_ptr_array_new ();
      g_autoptr (GString) token = g_string_new (tokens[i]);

      g_string_replace (token, "~1", "/", 0);
      g_string_replace (token, "~0", "~", 0);
      for (guint k = 0; k < here->len; k++)
        descend (g_ptr_array_index (here, k), token->str, below);
      for (guint k = 0; k < below->len; k++)
        spread (root, g_ptr_array_index (below, k), wide);
      g_ptr_array_unref (here);
      here = g_steal_pointer (&wide);
    }
  for (guint k = 0; k < here->len; k++)
    {
      const AirValue *value = air_map_get (g_ptr_array_index (here, k), keyword);

      if (value != NULL)
        return value;
    }
  return NULL;
}
