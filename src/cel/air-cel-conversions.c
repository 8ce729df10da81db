/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cel/air-cel-private.h"

#define T(x)   AIR_CEL_TYPE_##x
#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

static gboolean
fail_range (AirCelFrame *frame, const AirCelNode *node)
{
  return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "range: the value does not fit into %s",
                       g_str_has_prefix (node->name, "u") ? "a uint" : "an int");
}

static gboolean
fail_text (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *text)
{
  return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "%s() cannot read \"%.*s\"", node->name,
                       (int) MIN (text->s.n, 40), text->s.p);
}

/* --- numbers ---------------------------------------------------------------------------- */

/**
 * air_cel_double_to_string:
 *
 * Returns: (transfer full): the shortest decimal that reads back as @value; with
 *   an exponent below 1e-4 and from 1e21 on
 */
char *
air_cel_double_to_string (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  char digits[24];
  GString *out;
  int exponent, n = 0;

  if (isnan (value))
    return g_strdup ("NaN");
  if (isinf (value))
    return g_strdup (value > 0 ? "+Inf" : "-Inf");
  for (int precision = 0; precision <= 16; precision++)
    {
      char format[] = { '%', '.', (char) ('0' + precision / 10), (char) ('0' + precision % 10), 'e', '\0' };

      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  out = g_string_new (buffer[0] == '-' ? "-" : NULL);
  for (const char *p = buffer; *p != 'e'; p++)
    if (g_ascii_isdigit (*p))
      digits[n++] = *p;
  exponent = atoi (strchr (buffer, 'e') + 1);
  while (n > 1 && digits[n - 1] == '0')
    n--;
  if (exponent < -4 || exponent >= 21)
    {
      g_string_append_c (out, digits[0]);
      if (n > 1)
        {
          g_string_append_c (out, '.');
          g_string_append_len (out, digits + 1, n - 1);
        }
      g_string_append_printf (out, "e%c%02d", exponent < 0 ? '-' : '+', ABS (exponent));
    }
  else
    {
      int whole = exponent + 1;

      for (int i = MIN (whole, 0); i < MAX (whole, n); i++)
        {
          if (i == whole && whole > 0)
            g_string_append_c (out, '.');
          else if (i == MIN (whole, 0) && whole <= 0)
            g_string_append (out, "0.");
          g_string_append_c (out, i >= 0 && i < n ? digits[i] : '0');
        }
    }
  return g_string_free (out, FALSE);
}

static gboolean
parse_uint (const char *text, gsize length, guint64 *ret_value)
{
  guint64 value = 0;

  if (length == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i]) || __builtin_mul_overflow (value, (guint64) 10, &value)
        || __builtin_add_overflow (value, (guint64) (text[i] - '0'), &value))
      return FALSE;
  *ret_value = value;
  return TRUE;
}

static gboolean
do_int (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  const AirCelVal *arg = &args[0];
  guint64 magnitude;
  gboolean negative;

  switch (arg->kind)
    {
    case AIR_CEL_TYPE_UINT:
      if (arg->u > G_MAXINT64)
        return fail_range (frame, node);
      air_cel_val_set_int (ret, (gint64) arg->u);
      return TRUE;
    case AIR_CEL_TYPE_DOUBLE:
      /* The edges are not exact in a double: refused, as the definition allows. */
      if (!(arg->d > -TWO_63 && arg->d < TWO_63))
        return fail_range (frame, node);
      air_cel_val_set_int (ret, (gint64) arg->d);
      return TRUE;
    case AIR_CEL_TYPE_TIMESTAMP:
      air_cel_val_set_int (ret, arg->i / G_USEC_PER_SEC - (arg->i % G_USEC_PER_SEC < 0 ? 1 : 0));
      return TRUE;
    case AIR_CEL_TYPE_STRING:
      negative = arg->s.n > 0 && arg->s.p[0] == '-';
      if (!parse_uint (arg->s.p + negative, arg->s.n - (gsize) negative, &magnitude)
          || magnitude > (guint64) G_MAXINT64 + (guint64) negative)
        return fail_text (frame, node, arg);
      air_cel_val_set_int (ret, negative ? (gint64) (0 - magnitude) : (gint64) magnitude);
      return TRUE;
    default:
      *ret = *arg;
      return TRUE;
    }
}

static gboolean
do_uint (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  const AirCelVal *arg = &args[0];
  guint64 value = 0;

  switch (arg->kind)
    {
    case AIR_CEL_TYPE_INT:
      if (arg->i < 0)
        return fail_range (frame, node);
      value = (guint64) arg->i;
      break;
    case AIR_CEL_TYPE_DOUBLE:
      if (!(arg->d >= 0 && arg->d < TWO_64))
        return fail_range (frame, node);
      value = (guint64) arg->d;
      break;
    case AIR_CEL_TYPE_STRING:
      if (!parse_uint (arg->s.p, arg->s.n, &value))
        return fail_text (frame, node, arg);
      break;
    default:
      value = arg->u;
      break;
    }
  ret->kind = AIR_CEL_TYPE_UINT;
  ret->u = value;
  ret->box = NULL;
  return TRUE;
}

static gboolean
do_double (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  const AirCelVal *arg = &args[0];
  g_autofree char *text = NULL;
  char *end = NULL;
  double value;

  switch (arg->kind)
    {
    case AIR_CEL_TYPE_INT:
      air_cel_val_set_double (ret, (double) arg->i);
      return TRUE;
    case AIR_CEL_TYPE_UINT:
      air_cel_val_set_double (ret, (double) arg->u);
      return TRUE;
    case AIR_CEL_TYPE_STRING:
      if (arg->s.n == 0 || arg->s.n > 400 || g_ascii_isspace (arg->s.p[0]) || memchr (arg->s.p, 'x', arg->s.n) != NULL
          || memchr (arg->s.p, 'X', arg->s.n) != NULL || memchr (arg->s.p, '(', arg->s.n) != NULL)
        return fail_text (frame, node, arg);
      text = g_strndup (arg->s.p, arg->s.n);
      value = g_ascii_strtod (text, &end);
      if (end != text + arg->s.n)
        return fail_text (frame, node, arg);
      air_cel_val_set_double (ret, value);
      return TRUE;
    default:
      *ret = *arg;
      return TRUE;
    }
}

/* --- the others ---------------------------------------------------------------------------- */

static gboolean
do_string (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gsize length;
  char *text;

  if (args[0].kind == AIR_CEL_TYPE_STRING)
    {
      *ret = args[0];
      return TRUE;
    }
  text = air_cel_val_to_text (&args[0], &length);
  if (text == NULL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "the bytes are not UTF-8");
  air_cel_val_set_string (frame, ret, text, length);
  return air_cel_charge (frame, node, length / 16);
}

static gboolean
do_bytes (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  ret->kind = AIR_CEL_TYPE_BYTES;
  ret->s = args[0].s;
  ret->box = args[0].kind == AIR_CEL_TYPE_BYTES ? args[0].box : NULL;
  return TRUE;
}

static gboolean
do_bool (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  static const char *const yes[] = { "1", "t", "T", "TRUE", "true", "True" };
  static const char *const no[] = { "0", "f", "F", "FALSE", "false", "False" };

  if (args[0].kind == AIR_CEL_TYPE_BOOL)
    {
      *ret = args[0];
      return TRUE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (yes); i++)
    for (int truth = 0; truth < 2; truth++)
      {
        const char *word = truth ? yes[i] : no[i];

        if (strlen (word) == args[0].s.n && memcmp (word, args[0].s.p, args[0].s.n) == 0)
          {
            air_cel_val_set_bool (ret, truth);
            return TRUE;
          }
      }
  return fail_text (frame, node, &args[0]);
}

static gboolean
do_timestamp (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gint64 us;

  ret->kind = AIR_CEL_TYPE_TIMESTAMP;
  if (args[0].kind == AIR_CEL_TYPE_TIMESTAMP)
    *ret = args[0];
  else if (args[0].kind == AIR_CEL_TYPE_INT)
    {
      if (__builtin_mul_overflow (args[0].i, (gint64) G_USEC_PER_SEC, &us) || us < CEL_MIN_TIMESTAMP_US
          || us > CEL_MAX_TIMESTAMP_US)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "the timestamp leaves the years 0001 to 9999");
      ret->i = us;
      ret->box = NULL;
    }
  else
    {
      if (!air_cel_timestamp_parse (args[0].s.p, args[0].s.n, &us))
        return fail_text (frame, node, &args[0]);
      ret->i = us;
      ret->box = NULL;
    }
  return TRUE;
}

static gboolean
do_duration (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gboolean overflow = FALSE;
  gint64 us;

  if (args[0].kind == AIR_CEL_TYPE_DURATION)
    {
      *ret = args[0];
      return TRUE;
    }
  if (!air_cel_duration_parse (args[0].s.p, args[0].s.n, &us, &overflow))
    return overflow ? air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "the duration is longer than 292 years")
                    : fail_text (frame, node, &args[0]);
  ret->kind = AIR_CEL_TYPE_DURATION;
  ret->i = us;
  ret->box = NULL;
  return TRUE;
}

const AirCelFunction air_cel_conversion_functions[] = {
  { "int", FALSE, 1, { T (INT) }, T (INT), do_int },
  { "int", FALSE, 1, { T (UINT) }, T (INT), do_int },
  { "int", FALSE, 1, { T (DOUBLE) }, T (INT), do_int },
  { "int", FALSE, 1, { T (STRING) }, T (INT), do_int },
  { "int", FALSE, 1, { T (TIMESTAMP) }, T (INT), do_int },
  { "uint", FALSE, 1, { T (UINT) }, T (UINT), do_uint },
  { "uint", FALSE, 1, { T (INT) }, T (UINT), do_uint },
  { "uint", FALSE, 1, { T (DOUBLE) }, T (UINT), do_uint },
  { "uint", FALSE, 1, { T (STRING) }, T (UINT), do_uint },
  { "double", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_double },
  { "double", FALSE, 1, { T (INT) }, T (DOUBLE), do_double },
  { "double", FALSE, 1, { T (UINT) }, T (DOUBLE), do_double },
  { "double", FALSE, 1, { T (STRING) }, T (DOUBLE), do_double },
  { "string", FALSE, 1, { T (STRING) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (BOOL) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (INT) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (UINT) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (DOUBLE) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (BYTES) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (TIMESTAMP) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (DURATION) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (IP) }, T (STRING), do_string },
  { "string", FALSE, 1, { T (CIDR) }, T (STRING), do_string },
  { "bytes", FALSE, 1, { T (BYTES) }, T (BYTES), do_bytes },
  { "bytes", FALSE, 1, { T (STRING) }, T (BYTES), do_bytes },
  { "bool", FALSE, 1, { T (BOOL) }, T (BOOL), do_bool },
  { "bool", FALSE, 1, { T (STRING) }, T (BOOL), do_bool },
  { "timestamp", FALSE, 1, { T (TIMESTAMP) }, T (TIMESTAMP), do_timestamp },
  { "timestamp", FALSE, 1, { T (STRING) }, T (TIMESTAMP), do_timestamp },
  { "timestamp", FALSE, 1, { T (INT) }, T (TIMESTAMP), do_timestamp },
  { "duration", FALSE, 1, { T (DURATION) }, T (DURATION), do_duration },
  { "duration", FALSE, 1, { T (STRING) }, T (DURATION), do_duration },
  { NULL },
};
