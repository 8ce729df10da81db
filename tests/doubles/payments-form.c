/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include "payments-form.h"

#include <string.h>

G_DEFINE_QUARK (payments-form-error-quark, payments_form_error)

static char *
decode (const char *text, gsize length, GError **error)
{
  g_autoptr (GString) plain = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    {
      int high, low;

      if (text[i] == '+')
        {
          g_string_append_c (plain, ' ');
          continue;
        }
      if (text[i] != '%')
        {
          g_string_append_c (plain, text[i]);
          continue;
        }
      if (i + 2 >= length || (high = g_ascii_xdigit_value (text[i + 1])) < 0
          || (low = g_ascii_xdigit_value (text[i + 2])) < 0 || high * 16 + low == 0)
        {
          g_set_error (error, PAYMENTS_FORM_ERROR, PAYMENTS_FORM_ERROR_ENCODING, "Invalid percent-encoding in '%.*s'",
                       (int) length, text);
          return NULL;
        }
      g_string_append_c (plain, (char) (high * 16 + low));
      i += 2;
    }
  if (!g_utf8_validate_len (plain->str, plain->len, NULL))
    {
      g_set_error (error, PAYMENTS_FORM_ERROR, PAYMENTS_FORM_ERROR_ENCODING, "Invalid UTF-8 in the request body");
      return NULL;
    }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

/* "metadata[airails_run]" → {"metadata", "airails_run"}; NULL when the brackets do not pair. */
static char **
split_key (const char *key)
{
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();
  const char *bracket = strchr (key, '[');
  const char *p = bracket;

  if (bracket == key || *key == '\0')
    return NULL;
  if (bracket == NULL)
    {
      g_strv_builder_add (parts, key);
      return g_strv_builder_end (parts);
    }
  g_strv_builder_take (parts, g_strndup (key, bracket - key));
  while (*p != '\0')
    {
      const char *end = *p == '[' ? strchr (p, ']') : NULL;

      if (end == NULL || end == p + 1)
        return NULL;
      g_strv_builder_take (parts, g_strndup (p + 1, end - p - 1));
      p = end + 1;
    }
  return g_strv_builder_end (parts);
}

static gboolean
place (AirValue *root, const char *key, const char *value, GError **error)
{
  g_auto (GStrv) parts = split_key (key);
  AirValue *map = root;
  gsize last;

  if (parts == NULL)
    {
      g_set_error (error, PAYMENTS_FORM_ERROR, PAYMENTS_FORM_ERROR_STRUCTURE, "Invalid parameter name '%s'", key);
      return FALSE;
    }
  last = g_strv_length (parts) - 1;
  for (gsize i = 0; i <= last; i++)
    {
      AirValue *there = air_map_get (map, parts[i]);

      if (there != NULL && (i == last || air_value_get_kind (there) != AIR_VALUE_MAP))
        {
          g_set_error (error, PAYMENTS_FORM_ERROR, PAYMENTS_FORM_ERROR_STRUCTURE, "Parameter '%s' is given twice", key);
          return FALSE;
        }
      if (i == last)
        air_map_set_string (map, parts[i], value);
      else if (there == NULL)
        {
          there = air_map_new ();
          air_map_set (map, parts[i], there);
        }
      map = there;
    }
  return TRUE;
}

/* application/x-www-form-urlencoded with brackets for objects, as Stripe reads it: a map of text
 * and maps. Stricter than Stripe: a key given twice is refused. Fails with PAYMENTS_FORM_ERROR. */
AirValue *
payments_form_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (AirValue) root = air_map_new ();
  const char *end = text + length, *p = text;

  while (p < end)
    {
      const char *stop = memchr (p, '&', end - p), *equals;
      g_autofree char *key = NULL, *value = NULL;

      stop = stop != NULL ? stop : end;
      equals = memchr (p, '=', stop - p);
      key = decode (p, (equals != NULL ? equals : stop) - p, error);
      value = key == NULL ? NULL : equals == NULL ? g_strdup ("") : decode (equals + 1, stop - equals - 1, error);
      if (value == NULL || !place (root, key, value, error))
        return NULL;
      p = stop + 1;
    }
  return g_steal_pointer (&root);
}
