/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "air-json-private.h"
#include "air-value-private.h"

/* RFC 8785, the JSON Canonicalization Scheme. */

#define MAX_EXACT   (G_GINT64_CONSTANT (1) << 53)
#define SORT_INLINE 24

static gboolean append_value (GString *out, const AirValue *value, guint depth, GError **error);

void
air_json_append_string (GString *out, const char *text, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  gsize start = 0;

  g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    {
      guint8 c = text[i];
      char escape[7] = { '\\', 'u', '0', '0', 0, 0, 0 };

      if (G_LIKELY (c >= 0x20 && c != '"' && c != '\\'))
        continue;
      g_string_append_len (out, text + start, i - start);
      start = i + 1;
      switch (c)
        {
        case '"':
        case '\\':
          escape[1] = c;
          break;
        case '\b':
          escape[1] = 'b';
          break;
        case '\t':
          escape[1] = 't';
          break;
        case '\n':
          escape[1] = 'n';
          break;
        case '\f':
          escape[1] = 'f';
          break;
        case '\r':
          escape[1] = 'r';
          break;
        default:
          escape[4] = digits[c >> 4];
          escape[5] = digits[c & 15];
          break;
        }
      g_string_append_len (out, escape, escape[1] == 'u' ? 6 : 2);
    }
  g_string_append_len (out, text + start, length - start);
  g_string_append_c (out, '"');
}

static gboolean
append_checked_string (GString *out, const AirValue *value, GError **error)
{
  const char *text = value->text; /* long ones run on past the member */
  gboolean ascii = TRUE;

  for (gsize i = 0; i < value->size && ascii; i++)
    ascii = (guint8) text[i] < 0x80;
  /* NULs are fine; g_utf8_validate_len() alone would stop at them. */
  for (gsize i = 0; !ascii && i < value->size;)
    {
      const char *end;

      if (g_utf8_validate_len (value->text + i, value->size - i, &end))
        break;
      if (end < value->text + value->size && *end == '\0')
        {
          i = end + 1 - value->text;
          continue;
        }
      g_set_error_literal (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE,
                           "a string is no valid UTF-8; JSON cannot carry it, encode it as base64");
      return FALSE;
    }
  air_json_append_string (out, value->text, value->size);
  return TRUE;
}

static void
append_int (GString *out, gint64 value)
{
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;
  char text[24];
  gsize at = sizeof text;

  do
    text[--at] = '0' + rest % 10;
  while ((rest /= 10) != 0);
  if (value < 0)
    text[--at] = '-';
  g_string_append_len (out, text + at, sizeof text - at);
}

/* yyjson finds the shortest digits that read back as the same double; this lays
 * them out as ECMA-262, section Number::toString, does. */
void
air_json_append_double (GString *out, double value)
{
  g_autofree char *shortest = NULL;
  yyjson_val number = { 0 };
  char digits[32];
  int n_digits = 0, point = 0, exponent = 0;
  gboolean in_fraction = FALSE;
  const char *p;
  char *written;

  if (value == 0)
    {
      g_string_append_c (out, '0');
      return;
    }
  yyjson_set_real (&number, fabs (value));
  written = yyjson_val_write (&number, 0, NULL);
  shortest = g_strdup (written);
  free (written);

  /* value = 0.DIGITS * 10^point */
  for (p = shortest; *p != '\0' && *p != 'e' && *p != 'E'; p++)
    {
      if (*p == '.')
        in_fraction = TRUE;
      else if (n_digits == 0 && *p == '0')
        point -= in_fraction;
      else
        {
          digits[n_digits++] = *p;
          point += !in_fraction;
        }
    }
  if (*p != '\0')
    exponent = atoi (p + 1);
  point += exponent;
  while (n_digits > 1 && digits[n_digits - 1] == '0')
    n_digits--;

  if (value < 0)
    g_string_append_c (out, '-');
  if (point > 0 && point <= 21)
    {
      g_string_append_len (out, digits, MIN (n_digits, point));
      for (int i = n_digits; i < point; i++)
        g_string_append_c (out, '0');
      if (n_digits > point)
        {
          g_string_append_c (out, '.');
          g_string_append_len (out, digits + point, n_digits - point);
        }
    }
  else if (point > -6 && point <= 0)
    {
      g_string_append (out, "0.");
      for (int i = point; i < 0; i++)
        g_string_append_c (out, '0');
      g_string_append_len (out, digits, n_digits);
    }
  else
    {
      g_string_append_c (out, digits[0]);
      if (n_digits > 1)
        {
          g_string_append_c (out, '.');
          g_string_append_len (out, digits + 1, n_digits - 1);
        }
      g_string_append_printf (out, "e%c%d", point > 0 ? '+' : '-', abs (point - 1));
    }
}

/* UTF-8 sorts as UTF-16 but for one thing: characters past U+FFFF are surrogates
 * there, below U+E000. */
static int
compare_utf16 (const AirValue *a, const AirValue *b)
{
  const char *one = a->text, *other = b->text;
  gsize n = MIN (a->size, b->size);

  for (gsize i = 0; i < n; i++)
    {
      guint8 x = one[i], y = other[i];

      if (x == y)
        continue;
      if (x == 0xee || x == 0xef)
        x += 0x10;
      if (y == 0xee || y == 0xef)
        y += 0x10;
      return x < y ? -1 : 1;
    }
  return a->size == b->size ? 0 : a->size < b->size ? -1 : 1;
}

static int
compare_entries (const void *a, const void *b)
{
  const AirMapEntry *const *x = a, *const *y = b;

  return compare_utf16 ((*x)->key, (*y)->key);
}

static gboolean
append_map (GString *out, const AirValue *map, guint depth, GError **error)
{
  const AirMapEntry *few[SORT_INLINE];
  g_autofree const AirMapEntry **many = NULL;
  const AirMapEntry **sorted = few;

  if (map->size > SORT_INLINE)
    sorted = many = g_new (const AirMapEntry *, map->size);
  for (gsize i = 0; i < map->size; i++)
    {
      const AirMapEntry *entry = &map->map.entries[i];
      gsize at = i;

      if (entry->key->kind != AIR_VALUE_STRING)
        {
          g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE,
                       "a map has a key of type %s; JSON keys are strings, convert it with string()",
                       air_value_kind_to_string (entry->key->kind));
          return FALSE;
        }
      if (many == NULL)
        for (; at > 0 && compare_utf16 (entry->key, sorted[at - 1]->key) < 0; at--)
          sorted[at] = sorted[at - 1];
      sorted[at] = entry;
    }
  if (many != NULL)
    qsort (many, map->size, sizeof *many, compare_entries);

  g_string_append_c (out, '{');
  for (gsize i = 0; i < map->size; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (!append_checked_string (out, sorted[i]->key, error))
        return FALSE;
      g_string_append_c (out, ':');
      if (!append_value (out, sorted[i]->value, depth + 1, error))
        return FALSE;
    }
  g_string_append_c (out, '}');
  return TRUE;
}

static gboolean
append_list (GString *out, const AirValue *list, guint depth, GError **error)
{
  g_string_append_c (out, '[');
  for (gsize i = 0; i < list->size; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (!append_value (out, list->items[i], depth + 1, error))
        return FALSE;
    }
  g_string_append_c (out, ']');
  return TRUE;
}

static gboolean
append_value (GString *out, const AirValue *value, guint depth, GError **error)
{
  switch ((AirValueKind) value->kind)
    {
    case AIR_VALUE_NULL:
      g_string_append (out, "null");
      return TRUE;
    case AIR_VALUE_BOOL:
      g_string_append (out, value->i != 0 ? "true" : "false");
      return TRUE;
    case AIR_VALUE_INT:
    case AIR_VALUE_UINT:
      if (value->i > MAX_EXACT || value->i < (value->kind == AIR_VALUE_INT ? -MAX_EXACT : 0))
        {
          g_set_error_literal (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE,
                               "an integer is past 2^53, where JSON readers round; write it as a string");
          return FALSE;
        }
      append_int (out, value->i);
      return TRUE;
    case AIR_VALUE_DOUBLE:
      if (!isfinite (value->d))
        {
          g_set_error_literal (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE,
                               "a number is infinite or not a number; JSON has no such number");
          return FALSE;
        }
      air_json_append_double (out, value->d);
      return TRUE;
    case AIR_VALUE_STRING:
      return append_checked_string (out, value, error);
    case AIR_VALUE_LIST:
    case AIR_VALUE_MAP:
      if (depth > AIR_JSON_MAX_DEPTH)
        {
          g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_DEPTH, "nested deeper than %d levels; flatten the value",
                       AIR_JSON_MAX_DEPTH);
          return FALSE;
        }
      return value->kind == AIR_VALUE_MAP ? append_map (out, value, depth, error)
                                          : append_list (out, value, depth, error);
    case AIR_VALUE_BYTES:
    case AIR_VALUE_TIMESTAMP:
    case AIR_VALUE_DURATION:
      break;
    }
  g_set_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE, "JSON has no %s; convert it to a string first",
               air_value_kind_to_string (value->kind));
  return FALSE;
}

/**
 * air_jcs_append:
 * @out: where to append
 * @value: a value
 *
 * Appends @value as RFC 8785 has it. On failure @out is as it was.
 *
 * Returns: %FALSE with an %AIR_JSON_ERROR: %AIR_JSON_ERROR_UNWRITABLE or %AIR_JSON_ERROR_DEPTH
 */
gboolean
air_jcs_append (GString *out, const AirValue *value, GError **error)
{
  gsize before;

  g_return_val_if_fail (out != NULL && value != NULL, FALSE);

  before = out->len;
  if (append_value (out, value, 1, error))
    return TRUE;
  g_string_truncate (out, before);
  return FALSE;
}

/**
 * air_jcs_write:
 * @value: a value
 * @ret_length: (out) (optional): bytes of the text, the final NUL not counted
 *
 * Writes RFC 8785, the JSON Canonicalization Scheme: what is hashed and signed.
 *
 * Returns: (transfer full): the text, or %NULL with %AIR_JSON_ERROR_UNWRITABLE (bytes, NaN, infinity, a key that is no
 *   string, an integer past 2^53) or %AIR_JSON_ERROR_DEPTH
 */
char *
air_jcs_write (const AirValue *value, gsize *ret_length, GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (256);

  if (!air_jcs_append (out, value, error))
    return NULL;
  if (ret_length != NULL)
    *ret_length = out->len;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * air_jcs_write_bytes:
 * @value: a value
 *
 * Like air_jcs_write(), as bytes.
 *
 * Returns: (transfer full): RFC 8785, without a final NUL; or %NULL with %AIR_JSON_ERROR_UNWRITABLE or
 *   %AIR_JSON_ERROR_DEPTH
 */
GBytes *
air_jcs_write_bytes (const AirValue *value, GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (256);

  if (!air_jcs_append (out, value, error))
    return NULL;
  return g_string_free_to_bytes (g_steal_pointer (&out));
}
