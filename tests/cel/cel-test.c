/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"
#include "cel-test.h"

static void
append_string (GString *out, const char *text, gsize length)
{
  g_string_append_c (out, '"');
  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
      g_string_append_printf (out, "\\x%02x", (guint) (guchar) text[i]);
    else
      g_string_append_c (out, text[i]);
  g_string_append_c (out, '"');
}

static void
dump (const AirValue *value, GString *out)
{
  gsize n;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_NULL:
      g_string_append (out, "null");
      break;
    case AIR_VALUE_BOOL:
      g_string_append (out, air_value_get_bool (value) ? "true" : "false");
      break;
    case AIR_VALUE_INT:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, air_value_get_int (value));
      break;
    case AIR_VALUE_UINT:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT "u", air_value_get_uint (value));
      break;
    case AIR_VALUE_DOUBLE:
      {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];

        g_ascii_dtostr (buffer, sizeof buffer, air_value_get_double (value));
        g_string_append (out, buffer);
        if (strpbrk (buffer, ".en") == NULL)
          g_string_append (out, ".0");
        break;
      }
    case AIR_VALUE_STRING:
      {
        const char *text = air_value_get_string (value, &n);

        append_string (out, text, n);
        break;
      }
    case AIR_VALUE_BYTES:
      {
        const guint8 *bytes = air_value_get_bytes (value, &n);

        g_string_append (out, "b\"");
        for (gsize i = 0; i < n; i++)
          g_string_append_printf (out, "%02x", bytes[i]);
        g_string_append_c (out, '"');
        break;
      }
    case AIR_VALUE_LIST:
      g_string_append_c (out, '[');
      for (gsize i = 0; i < air_list_get_size (value); i++)
        {
          if (i > 0)
            g_string_append (out, ", ");
          dump (air_list_get (value, i), out);
        }
      g_string_append_c (out, ']');
      break;
    case AIR_VALUE_MAP:
      g_string_append_c (out, '{');
      for (gsize i = 0; i < air_map_get_size (value); i++)
        {
          if (i > 0)
            g_string_append (out, ", ");
          dump (air_map_get_key_at (value, i), out);
          g_string_append (out, ": ");
          dump (air_map_get_value_at (value, i), out);
        }
      g_string_append_c (out, '}');
      break;
    case AIR_VALUE_TIMESTAMP:
      g_string_append_printf (out, "ts(%" G_GINT64_FORMAT ")", air_value_get_us (value));
      break;
    case AIR_VALUE_DURATION:
      g_string_append_printf (out, "dur(%" G_GINT64_FORMAT ")", air_value_get_us (value));
      break;
    default:
      g_assert_not_reached ();
    }
}

char *
cel_test_dump (const AirValue *value)
{
  GString *out = g_string_new (NULL);

  dump (value, out);
  return g_string_free (out, FALSE);
}

static const char *
error_name (const GError *error)
{
  static const char *const names[] = {
    "!SYNTAX",   "!TYPE", "!UNDECLARED", "!NO_SUCH_KEY", "!NO_SUCH_FIELD", "!OVERFLOW",
    "!DIVISION", "!COST", "!DEPTH",      "!ARGUMENT",    "!UNSUPPORTED",
  };

  g_assert_true (error->domain == AIR_CEL_ERROR);
  return names[error->code];
}

void
cel_test_rows (const CelTestRow *rows, gsize n_rows, const AirCelEnv *env, const AirValue *bindings)
{
  guint wrong = 0;

  for (gsize i = 0; i < n_rows; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (rows[i].expression, env, &error);
      g_autoptr (AirValue) value = program != NULL ? air_cel_eval (program, bindings, 0, &error) : NULL;
      g_autofree char *got = value != NULL ? cel_test_dump (value) : g_strdup (error_name (error));

      g_assert_true ((value == NULL) == (error != NULL));
      if (strcmp (got, rows[i].want) == 0)
        continue;
      g_test_message ("%s\n  want %s\n  got  %s%s%s", rows[i].expression, rows[i].want, got, error != NULL ? ": " : "",
                      error != NULL ? error->message : "");
      wrong++;
    }
  if (wrong > 0)
    {
      g_test_message ("%u of %" G_GSIZE_FORMAT " rows are wrong", wrong, n_rows);
      g_test_fail ();
    }
}

AirValue *
cel_test_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (json, strlen (json), &error);

  g_assert_no_error (error);
  return value;
}
