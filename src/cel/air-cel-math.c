/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-hash.h"
#include "cel/air-cel-private.h"

/* The extensions "math" and "base64". */

#define T(x) AIR_CEL_TYPE_##x

/* --- extremes ---------------------------------------------------------------------- */

static gboolean
do_identity (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  *ret = args[0];
  return TRUE;
}

/* Of a list; the checker makes one of several arguments. */
static gboolean
do_extreme (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  int sign = strcmp (node->name, "math.greatest") == 0 ? 1 : -1;
  gsize size = air_list_get_size (args[0].box);

  if (!air_cel_charge (frame, node, size))
    return FALSE;
  if (size == 0)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "%s() of an empty list", node->name);
  for (gsize i = 0; i < size; i++)
    {
      AirCelVal item;

      air_cel_val_from_value (&item, air_list_get (args[0].box, i));
      if (item.kind != AIR_CEL_TYPE_INT && item.kind != AIR_CEL_TYPE_UINT && item.kind != AIR_CEL_TYPE_DOUBLE)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "%s() takes numbers, not %s", node->name,
                             air_cel_type_kind_name (item.kind));
      if (i == 0 || air_cel_val_compare (&item, ret) == sign)
        *ret = item;
    }
  return TRUE;
}

/* --- doubles -------------------------------------------------------------------------- */

/* do_ceil() and its like: a function of C99 over a double. */
#define DOUBLE_FUNCTION(name, set, expression)                                                                         \
  static gboolean do_##name (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)        \
  {                                                                                                                    \
    set (ret, expression);                                                                                             \
    return TRUE;                                                                                                       \
  }

DOUBLE_FUNCTION (ceil, air_cel_val_set_double, ceil (args[0].d))
DOUBLE_FUNCTION (floor, air_cel_val_set_double, floor (args[0].d))
DOUBLE_FUNCTION (round, air_cel_val_set_double, round (args[0].d))
DOUBLE_FUNCTION (trunc, air_cel_val_set_double, trunc (args[0].d))
DOUBLE_FUNCTION (is_nan, air_cel_val_set_bool, isnan (args[0].d) != 0)
DOUBLE_FUNCTION (is_inf, air_cel_val_set_bool, isinf (args[0].d) != 0)
DOUBLE_FUNCTION (is_finite, air_cel_val_set_bool, isfinite (args[0].d) != 0)

static gboolean
do_sqrt (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  air_cel_val_set_double (ret, sqrt (args[0].kind == AIR_CEL_TYPE_INT    ? (double) args[0].i
                                     : args[0].kind == AIR_CEL_TYPE_UINT ? (double) args[0].u
                                                                         : args[0].d));
  return TRUE;
}

/* --- signs ------------------------------------------------------------------------------ */

static void
set_uint (AirCelVal *ret, guint64 value)
{
  ret->kind = AIR_CEL_TYPE_UINT;
  ret->u = value;
  ret->box = NULL;
}

static gboolean
do_abs (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (args[0].kind == AIR_CEL_TYPE_UINT)
    set_uint (ret, args[0].u);
  else if (args[0].kind == AIR_CEL_TYPE_DOUBLE)
    air_cel_val_set_double (ret, fabs (args[0].d));
  else if (args[0].i == G_MININT64)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "integer overflow: the result does not fit into an int");
  else
    air_cel_val_set_int (ret, ABS (args[0].i));
  return TRUE;
}

static gboolean
do_sign (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (args[0].kind == AIR_CEL_TYPE_UINT)
    set_uint (ret, args[0].u != 0);
  else if (args[0].kind == AIR_CEL_TYPE_DOUBLE)
    air_cel_val_set_double (ret, isnan (args[0].d) ? args[0].d : (args[0].d > 0) - (args[0].d < 0));
  else
    air_cel_val_set_int (ret, (args[0].i > 0) - (args[0].i < 0));
  return TRUE;
}

/* --- bits ----------------------------------------------------------------------------------- */

/* An int and a uint hold the same bits. */
static void
set_bits (AirCelVal *ret, const AirCelVal *like, guint64 bits)
{
  if (like->kind == AIR_CEL_TYPE_UINT)
    set_uint (ret, bits);
  else
    air_cel_val_set_int (ret, (gint64) bits);
}

static gboolean
do_bit_and (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  set_bits (ret, &args[0], args[0].u & args[1].u);
  return TRUE;
}

static gboolean
do_bit_or (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  set_bits (ret, &args[0], args[0].u | args[1].u);
  return TRUE;
}

static gboolean
do_bit_xor (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  set_bits (ret, &args[0], args[0].u ^ args[1].u);
  return TRUE;
}

static gboolean
do_bit_not (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  set_bits (ret, &args[0], ~args[0].u);
  return TRUE;
}

static gboolean
do_bit_shift (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gboolean left = strcmp (node->name, "math.bitShiftLeft") == 0;
  gint64 by = args[1].i;

  if (by < 0)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "%s() by a negative number; shift the other way",
                         node->name);
  set_bits (ret, &args[0], by > 63 ? 0 : left ? args[0].u << by : args[0].u >> by);
  return TRUE;
}

/* --- base64 ------------------------------------------------------------------------------------- */

static gboolean
do_base64_encode (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  char *text;

  if (!air_cel_charge (frame, node, 1 + args[0].s.n / 16))
    return FALSE;
  text = g_base64_encode ((const guchar *) args[0].s.p, args[0].s.n);
  air_cel_val_set_string (frame, ret, text, strlen (text));
  return TRUE;
}

/* The padding may be left out, or must be right. */
static gboolean
do_base64_decode (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (GString) text = g_string_new_len (args[0].s.p, (gssize) args[0].s.n);
  g_autofree guint8 *bytes = NULL;
  gsize n;

  if (!air_cel_charge (frame, node, 1 + args[0].s.n / 16))
    return FALSE;
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  bytes = air_base64_decode (text->str, text->len, &n);
  if (bytes == NULL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "the text is not base64");
  air_cel_val_set_boxed (frame, ret, air_value_new_bytes (bytes, n));
  return TRUE;
}

const AirCelFunction air_cel_math_functions[] = {
  { "math.greatest", FALSE, 1, { T (INT) }, T (INT), do_identity },
  { "math.greatest", FALSE, 1, { T (UINT) }, T (UINT), do_identity },
  { "math.greatest", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_identity },
  { "math.greatest", FALSE, 1, { T (LIST) }, T (DYN), do_extreme, TRUE },
  { "math.least", FALSE, 1, { T (INT) }, T (INT), do_identity },
  { "math.least", FALSE, 1, { T (UINT) }, T (UINT), do_identity },
  { "math.least", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_identity },
  { "math.least", FALSE, 1, { T (LIST) }, T (DYN), do_extreme, TRUE },
  { "math.ceil", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_ceil },
  { "math.floor", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_floor },
  { "math.round", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_round },
  { "math.trunc", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_trunc },
  { "math.sqrt", FALSE, 1, { T (INT) }, T (DOUBLE), do_sqrt },
  { "math.sqrt", FALSE, 1, { T (UINT) }, T (DOUBLE), do_sqrt },
  { "math.sqrt", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_sqrt },
  { "math.isNaN", FALSE, 1, { T (DOUBLE) }, T (BOOL), do_is_nan },
  { "math.isInf", FALSE, 1, { T (DOUBLE) }, T (BOOL), do_is_inf },
  { "math.isFinite", FALSE, 1, { T (DOUBLE) }, T (BOOL), do_is_finite },
  { "math.abs", FALSE, 1, { T (INT) }, T (INT), do_abs },
  { "math.abs", FALSE, 1, { T (UINT) }, T (UINT), do_abs },
  { "math.abs", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_abs },
  { "math.sign", FALSE, 1, { T (INT) }, T (INT), do_sign },
  { "math.sign", FALSE, 1, { T (UINT) }, T (UINT), do_sign },
  { "math.sign", FALSE, 1, { T (DOUBLE) }, T (DOUBLE), do_sign },
  { "math.bitAnd", FALSE, 2, { T (INT), T (INT) }, T (INT), do_bit_and },
  { "math.bitAnd", FALSE, 2, { T (UINT), T (UINT) }, T (UINT), do_bit_and },
  { "math.bitOr", FALSE, 2, { T (INT), T (INT) }, T (INT), do_bit_or },
  { "math.bitOr", FALSE, 2, { T (UINT), T (UINT) }, T (UINT), do_bit_or },
  { "math.bitXor", FALSE, 2, { T (INT), T (INT) }, T (INT), do_bit_xor },
  { "math.bitXor", FALSE, 2, { T (UINT), T (UINT) }, T (UINT), do_bit_xor },
  { "math.bitNot", FALSE, 1, { T (INT) }, T (INT), do_bit_not },
  { "math.bitNot", FALSE, 1, { T (UINT) }, T (UINT), do_bit_not },
  { "math.bitShiftLeft", FALSE, 2, { T (INT), T (INT) }, T (INT), do_bit_shift },
  { "math.bitShiftLeft", FALSE, 2, { T (UINT), T (INT) }, T (UINT), do_bit_shift },
  { "math.bitShiftRight", FALSE, 2, { T (INT), T (INT) }, T (INT), do_bit_shift },
  { "math.bitShiftRight", FALSE, 2, { T (UINT), T (INT) }, T (UINT), do_bit_shift },
  { "base64.encode", FALSE, 1, { T (BYTES) }, T (STRING), do_base64_encode },
  { "base64.decode", FALSE, 1, { T (STRING) }, T (BYTES), do_base64_decode },
  { NULL },
};
