/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-encode.h"
#include "air-operation.h"
#include "base/air-json.h"

#define MAX_FORM_DEPTH 8

/**
 * air_encode_text:
 * @value: any value
 *
 * A text with a NUL has no place in an address, a header or a form: all that reads it further on would see less than
 * was approved.
 *
 * Returns: (transfer full) (nullable): the text of a value where a protocol wants text: strings as they are, numbers
 *   and booleans as JSON; %NULL for what has none
 */
char *
air_encode_text (const AirValue *value)
{
  const char *text;
  gsize length;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      text = air_value_get_string (value, &length);
      return strlen (text) == length ? g_strdup (text) : NULL;
    case AIR_VALUE_BOOL:
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
    case AIR_VALUE_DOUBLE:
      return air_jcs_write (value, NULL, NULL);
    case AIR_VALUE_NULL:
    case AIR_VALUE_BYTES:
    case AIR_VALUE_LIST:
    case AIR_VALUE_MAP:
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      break;
    }
  return NULL;
}

static void
escape (GString *out, const char *text, gsize length, gboolean form)
{
  for (gsize i = 0; i < length; i++)
    {
      guchar c = text[i];

      if (g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || (c == '~' && !form) || (c == '*' && form))
        g_string_append_c (out, c);
      else if (c == ' ' && form)
        g_string_append_c (out, '+');
      else
        g_string_append_printf (out, "%%%02X", c);
    }
}

/**
 * air_encode_percent:
 * @out: where to append
 * @text: any bytes
 * @length: how many
 *
 * Escapes everything but the unreserved characters of RFC 3986.
 */
void
air_encode_percent (GString *out, const char *text, gsize length)
{
  escape (out, text, length, FALSE);
}

static gboolean
append_pair (GString *out, const char *key, const AirValue *value, gboolean form, GError **error)
{
  g_autofree char *text = air_encode_text (value);

  if (text == NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT,
                   "'%s' is a %s that has no place in this encoding; send a number, or a text without U+0000", key,
                   air_value_kind_to_string (air_value_get_kind (value)));
      return FALSE;
    }
  if (out->len > 0)
    g_string_append_c (out, '&');
  escape (out, key, strlen (key), form);
  g_string_append_c (out, '=');
  escape (out, text, strlen (text), form);
  return TRUE;
}

/**
 * air_encode_query:
 * @out: where to append
 * @map: a flat map; lists repeat the key, nulls are left out
 * @error: return location
 *
 * Appends "a=1&b=2", after an "&" where @out is not empty.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_INPUT for a value that has no text
 */
gboolean
air_encode_query (GString *out, const AirValue *map, GError **error)
{
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);
      AirValue *value = air_map_get_value_at (map, i);

      if (air_value_get_kind (value) == AIR_VALUE_LIST)
        {
          for (gsize k = 0; k < air_list_get_size (value); k++)
            if (!append_pair (out, key, air_list_get (value, k), FALSE, error))
              return FALSE;
        }
      else if (!air_value_is_null (value) && !append_pair (out, key, value, FALSE, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
append_form (GString *out, const char *key, const AirValue *value, gboolean brackets, guint depth, GError **error)
{
  AirValueKind kind = air_value_get_kind (value);
  gsize n;

  if (kind == AIR_VALUE_NULL)
    return TRUE;
  if (!brackets || (kind != AIR_VALUE_MAP && kind != AIR_VALUE_LIST))
    return append_pair (out, key, value, TRUE, error);
  if (depth == 0)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT, "'%s' nests deeper than %d", key,
                   MAX_FORM_DEPTH);
      return FALSE;
    }
  n = kind == AIR_VALUE_MAP ? air_map_get_size (value) : air_list_get_size (value);
  for (gsize i = 0; i < n; i++)
    {
      const char *name = kind == AIR_VALUE_MAP ? air_value_get_string (air_map_get_key_at (value, i), NULL) : NULL;
      g_autofree char *inner =
          name != NULL ? g_strdup_printf ("%s[%s]", key, name) : g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", key, i);
      AirValue *item = kind == AIR_VALUE_MAP ? air_map_get_value_at (value, i) : air_list_get (value, i);

      /* "a][b" would be read as two levels, and be another field than the one that was approved. */
      if (name != NULL && (*name == '\0' || strpbrk (name, "[]") != NULL))
        {
          g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT,
                       "'%s' holds a field '%s', whose name this encoding cannot carry; take the brackets out", key,
                       name);
          return FALSE;
        }
      if (!append_form (out, inner, item, brackets, depth - 1, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * air_encode_form:
 * @out: where to append
 * @map: what is sent
 * @brackets: lets maps and lists nest as a[b][0]=c
 * @error: return location
 *
 * application/x-www-form-urlencoded, as the URL standard has it.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_INPUT for a value that has no text, or nests where it may not
 */
gboolean
air_encode_form (GString *out, const AirValue *map, gboolean brackets, GError **error)
{
  for (gsize i = 0; i < air_map_get_size (map); i++)
    if (!append_form (out, air_value_get_string (air_map_get_key_at (map, i), NULL), air_map_get_value_at (map, i),
                      brackets, MAX_FORM_DEPTH, error))
      return FALSE;
  return TRUE;
}
