/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <math.h>
#include <string.h>

#include "cel/air-cel-private.h"

/* The strings extension's format(): %s %d %f %e %b %o %x %X %%, with a precision for %f and %e. */

#define MAX_PRECISION 100

static gboolean append_value (AirCelFrame *frame, const AirCelNode *node, GString *out, const AirCelVal *value);

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Entries in the order of their keys' text, so that equal maps give equal text. */
static gboolean
append_map (AirCelFrame *frame, const AirCelNode *node, GString *out, const AirValue *map)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      g_autoptr (GString) entry = g_string_new (NULL);
      AirCelVal key, value;

      air_cel_val_from_value (&key, air_map_get_key_at (map, i));
      air_cel_val_from_value (&value, air_map_get_value_at (map, i));
      if (!append_value (frame, node, entry, &key))
        return FALSE;
      g_string_append (entry, ": ");
      if (!append_value (frame, node, entry, &value))
        return FALSE;
      g_ptr_array_add (entries, g_strdup (entry->str));
    }
  g_ptr_array_sort (entries, compare_entries);
  g_string_append_c (out, '{');
  for (guint i = 0; i < entries->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", (const char *) entries->pdata[i]);
  g_string_append_c (out, '}');
  return TRUE;
}

static void
append_double (GString *out, double value)
{
  g_autofree char *text = NULL;

  if (isinf (value))
    {
      g_string_append (out, value > 0 ? "Infinity" : "-Infinity");
      return;
    }
  text = air_cel_double_to_string (value);
  g_string_append (out, text);
}

static gboolean
append_value (AirCelFrame *frame, const AirCelNode *node, GString *out, const AirCelVal *value)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!air_cel_charge (frame, node, 1))
    return FALSE;
  switch (value->kind)
    {
    case AIR_CEL_TYPE_NULL:
      g_string_append (out, "null");
      return TRUE;
    case AIR_CEL_TYPE_DOUBLE:
      append_double (out, value->d);
      return TRUE;
    case AIR_CEL_TYPE_MAP:
      return append_map (frame, node, out, value->box);
    case AIR_CEL_TYPE_LIST:
      g_string_append_c (out, '[');
      for (gsize i = 0; i < air_list_get_size (value->box); i++)
        {
          AirCelVal item;

          air_cel_val_from_value (&item, air_list_get (value->box, i));
          if (i > 0)
            g_string_append (out, ", ");
          if (!append_value (frame, node, out, &item))
            return FALSE;
        }
      g_string_append_c (out, ']');
      return TRUE;
    default:
      text = air_cel_val_to_text (value, &length);
      if (text == NULL)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "format(): %%s cannot write this %s",
                             air_cel_type_kind_name (value->kind));
      g_string_append_len (out, text, (gssize) length);
      return air_cel_charge (frame, node, length / 16);
    }
}

static gboolean
fail_verb (AirCelFrame *frame, const AirCelNode *node, char verb, const AirCelVal *value)
{
  return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "format(): %%%c does not write a value of type %s", verb,
                       air_cel_type_kind_name (value->kind));
}

static gboolean
split_sign (const AirCelVal *value, gboolean *ret_negative, guint64 *ret_magnitude)
{
  *ret_negative = FALSE;
  if (value->kind == AIR_CEL_TYPE_UINT)
    *ret_magnitude = value->u;
  else if (value->kind == AIR_CEL_TYPE_INT)
    {
      *ret_negative = value->i < 0;
      *ret_magnitude = value->i < 0 ? 0 - (guint64) value->i : (guint64) value->i;
    }
  else
    return FALSE;
  return TRUE;
}

static void
append_radix (GString *out, gboolean negative, guint64 magnitude, guint shift, gboolean upper)
{
  const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  char buffer[65];
  guint n = sizeof buffer;

  do
    {
      buffer[--n] = digits[magnitude & ((1u << shift) - 1)];
      magnitude >>= shift;
  } while (magnitude != 0);
  if (negative)
    g_string_append_c (out, '-');
  g_string_append_len (out, buffer + n, (gssize) (sizeof buffer - n));
}

static gboolean
append_integer (AirCelFrame *frame, const AirCelNode *node, GString *out, char verb, const AirCelVal *value)
{
  gboolean negative, upper = verb == 'X';
  guint64 magnitude;

  if (split_sign (value, &negative, &magnitude))
    {
      if (verb == 'd')
        g_string_append_printf (out, "%s%" G_GUINT64_FORMAT, negative ? "-" : "", magnitude);
      else
        append_radix (out, negative, magnitude, verb == 'b' ? 1 : verb == 'o' ? 3 : 4, upper);
      return TRUE;
    }
  if (verb == 'd' && value->kind == AIR_CEL_TYPE_DOUBLE)
    {
      append_double (out, value->d);
      return TRUE;
    }
  if (verb == 'b' && value->kind == AIR_CEL_TYPE_BOOL)
    {
      g_string_append_c (out, value->b ? '1' : '0');
      return TRUE;
    }
  if ((verb == 'x' || upper) && (value->kind == AIR_CEL_TYPE_STRING || value->kind == AIR_CEL_TYPE_BYTES))
    {
      for (gsize i = 0; i < value->s.n; i++)
        g_string_append_printf (out, upper ? "%02X" : "%02x", (guint) (guchar) value->s.p[i]);
      return air_cel_charge (frame, node, value->s.n / 8);
    }
  return fail_verb (frame, node, verb, value);
}

static gboolean
append_real (AirCelFrame *frame, const AirCelNode *node, GString *out, char verb, int precision, const AirCelVal *value)
{
  char format[16], buffer[512];
  double real;

  if (value->kind == AIR_CEL_TYPE_DOUBLE)
    real = value->d;
  else if (value->kind == AIR_CEL_TYPE_INT)
    real = (double) value->i;
  else if (value->kind == AIR_CEL_TYPE_UINT)
    real = (double) value->u;
  else
    return fail_verb (frame, node, verb, value);
  if (isnan (real) || isinf (real))
    {
      append_double (out, real);
      return TRUE;
    }
  g_snprintf (format, sizeof format, "%%.%d%c", precision, verb);
  g_ascii_formatd (buffer, sizeof buffer, format, real);
  g_string_append (out, buffer);
  return TRUE;
}

/* At the character after '%'. Returns the verb, or 0. */
static char
read_verb (const char **p, const char *end, int *ret_precision)
{
  *ret_precision = 6;
  if (*p < end && **p == '.')
    {
      *ret_precision = 0;
      for ((*p)++; *p < end && g_ascii_isdigit (**p); (*p)++)
        {
          *ret_precision = *ret_precision * 10 + (**p - '0');
          if (*ret_precision > MAX_PRECISION)
            return 0;
        }
    }
  return *p < end ? *(*p)++ : 0;
}

gboolean
air_cel_format (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *p = args[0].s.p, *end = p + args[0].s.n;
  gsize next = 0, size = air_list_get_size (args[1].box);

  if (!air_cel_charge (frame, node, 1 + args[0].s.n / 16))
    return FALSE;
  while (p < end)
    {
      AirCelVal value;
      int precision;
      gboolean ok;
      char verb;

      if (*p != '%')
        {
          g_string_append_c (out, *p++);
          continue;
        }
      p++;
      verb = read_verb (&p, end, &precision);
      if (verb == '%')
        {
          g_string_append_c (out, '%');
          continue;
        }
      if (verb == 0 || strchr ("sdfebxXo", verb) == NULL)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "format(): after %% comes one of s d f e b o x X %%");
      if (next >= size)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT,
                             "format(): the list has %" G_GSIZE_FORMAT " items, the text asks for more", size);
      air_cel_val_from_value (&value, air_list_get (args[1].box, next++));
      if (verb == 's')
        ok = append_value (frame, node, out, &value);
      else if (verb == 'f' || verb == 'e')
        ok = append_real (frame, node, out, verb, precision, &value);
      else
        ok = append_integer (frame, node, out, verb, &value);
      if (!ok)
        return FALSE;
    }
  air_cel_val_set_boxed (frame, ret, air_value_new_string_len (out->str, out->len));
  return TRUE;
}
