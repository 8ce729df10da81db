/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-ledger-error.h"

#include <string.h>

#include "air-ledger-private.h"
#include "base/air-hash.h"

G_DEFINE_QUARK (air-ledger-error-quark, air_ledger_error)

gboolean
air_ledger_malformed (GError **error, const char *what, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "%s: %s", what, words);
  return FALSE;
}

gboolean
air_ledger_is_name (const char *text, gsize max_length)
{
  gsize length;

  for (length = 0; text[length] != '\0'; length++)
    {
      char c = text[length];
      if (length >= max_length || !(g_ascii_isalnum (c) || c == '_' || c == '.' || c == '-'))
        return FALSE;
    }
  return length > 0;
}

gboolean
air_ledger_is_instance (const char *text)
{
  return text != NULL && g_ascii_isalnum (text[0]) && air_ledger_is_name (text, 128);
}

gboolean
air_ledger_has_double (const AirValue *value)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_DOUBLE:
      return TRUE;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value); i++)
        if (air_ledger_has_double (air_list_get (value, i)))
          return TRUE;
      return FALSE;
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value); i++)
        if (air_ledger_has_double (air_map_get_value_at (value, i)))
          return TRUE;
      return FALSE;
    default:
      return FALSE;
    }
}

gboolean
air_ledger_parse_decimal (const char *text, gsize length, guint64 *ret_number)
{
  guint64 number = 0;

  if (length == 0 || (length > 1 && text[0] == '0'))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      guint digit = (guint) (text[i] - '0');

      if (!g_ascii_isdigit (text[i]) || number > (G_MAXINT64 - digit) / 10)
        return FALSE;
      number = number * 10 + digit;
    }

  *ret_number = number;
  return TRUE;
}

gboolean
air_ledger_is_sha256_uri (const char *text)
{
  AirDigest digest;

  if (text == NULL || !g_str_has_prefix (text, "sha256:") || strlen (text) != 7 + 64)
    return FALSE;
  for (const char *c = text + 7; *c != '\0'; c++)
    if (g_ascii_isupper (*c))
      return FALSE;
  return air_digest_from_hex (text + 7, &digest);
}

gboolean
air_ledger_next_line (const char **text, const char *end, const char **ret_line, gsize *ret_length)
{
  const char *newline = *text < end ? memchr (*text, '\n', (gsize) (end - *text)) : NULL;

  if (newline == NULL)
    return FALSE;
  *ret_line = *text;
  *ret_length = (gsize) (newline - *text);
  *text = newline + 1;
  return TRUE;
}

const char *
air_ledger_unknown_key (const AirValue *map, const char *const *known)
{
  return air_map_find_unknown (map, known);
}
