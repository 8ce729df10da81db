/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <math.h>
#include <string.h>

#include "cel/air-cel-private.h"

/* Arithmetic, apart from the evaluator's loop. */

static gboolean
fail_overload (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *a, const AirCelVal *b)
{
  static const char *const names[] = { "+", "-", "*", "/", "%" };

  return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s %s %s", air_cel_type_kind_name (a->kind),
                       names[node->op - CEL_ADD], air_cel_type_kind_name (b->kind));
}

static gboolean
fail_overflow (AirCelFrame *frame, const AirCelNode *node, const char *what)
{
  return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "integer overflow: the result does not fit into %s", what);
}

static gboolean
fail_zero (AirCelFrame *frame, const AirCelNode *node)
{
  return node->op == CEL_MOD ? air_cel_fail (frame, node, AIR_CEL_ERROR_DIVISION, "modulus by zero")
                             : air_cel_fail (frame, node, AIR_CEL_ERROR_DIVISION, "division by zero");
}

__extension__ typedef __int128 Wide;

/* Of two ints or two uints: in 128 bits, which hold every sum, difference, quotient and remainder of both. */
static gboolean
integer_arithmetic (AirCelFrame *frame, const AirCelNode *node, guint8 kind, Wide a, Wide b, AirCelVal *ret)
{
  const Wide min = kind == AIR_CEL_TYPE_INT ? (Wide) G_MININT64 : 0;
  const Wide max = kind == AIR_CEL_TYPE_INT ? (Wide) G_MAXINT64 : (Wide) G_MAXUINT64;
  gboolean overflow = FALSE;
  Wide result;

  switch (node->op)
    {
    case CEL_ADD:
      result = a + b;
      break;
    case CEL_SUB:
      result = a - b;
      break;
    case CEL_MUL:
      overflow = __builtin_mul_overflow (a, b, &result);
      break;
    default:
      if (b == 0)
        return fail_zero (frame, node);
      /* The quotient is out of range, and with it the remainder, as the definition has it. */
      overflow = a / b > max;
      result = node->op == CEL_DIV ? a / b : a % b;
      break;
    }
  if (overflow || result < min || result > max)
    return fail_overflow (frame, node, kind == AIR_CEL_TYPE_INT ? "an int" : "a uint");
  ret->kind = kind;
  ret->box = NULL;
  if (kind == AIR_CEL_TYPE_INT)
    ret->i = (gint64) result;
  else
    ret->u = (guint64) result;
  return TRUE;
}

static gboolean
time_arithmetic (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *a, const AirCelVal *b, AirCelVal *ret)
{
  gboolean a_time = a->kind == AIR_CEL_TYPE_TIMESTAMP, b_time = b->kind == AIR_CEL_TYPE_TIMESTAMP;
  gint64 us;
  gboolean overflow;

  if ((node->op == CEL_ADD && a_time && b_time) || (node->op == CEL_SUB && !a_time && b_time))
    return fail_overload (frame, node, a, b);
  overflow = node->op == CEL_ADD ? __builtin_add_overflow (a->i, b->i, &us) : __builtin_sub_overflow (a->i, b->i, &us);
  ret->kind = a_time != b_time ? AIR_CEL_TYPE_TIMESTAMP : AIR_CEL_TYPE_DURATION;
  if (ret->kind == AIR_CEL_TYPE_TIMESTAMP && (overflow || us < CEL_MIN_TIMESTAMP_US || us > CEL_MAX_TIMESTAMP_US))
    return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "the timestamp leaves the years 0001 to 9999");
  if (ret->kind == AIR_CEL_TYPE_DURATION && (overflow || us < -CEL_MAX_DURATION_US || us > CEL_MAX_DURATION_US))
    return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW, "the duration is longer than 292 years");
  ret->i = us;
  ret->box = NULL;
  return TRUE;
}

static gboolean
concatenate (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *a, const AirCelVal *b, AirCelVal *ret)
{
  if (a->kind == AIR_CEL_TYPE_LIST)
    {
      gsize n = air_list_get_size (a->box), m = air_list_get_size (b->box);
      AirValue *list;

      if (!air_cel_charge (frame, node, n + m))
        return FALSE;
      list = air_list_new ();
      for (gsize i = 0; i < n; i++)
        air_list_append (list, air_value_ref (air_list_get (a->box, i)));
      for (gsize i = 0; i < m; i++)
        air_list_append (list, air_value_ref (air_list_get (b->box, i)));
      air_cel_val_set_boxed (frame, ret, list);
      return TRUE;
    }
  else
    {
      gsize length = a->s.n + b->s.n;
      g_autofree char *text = NULL;

      if (!air_cel_charge (frame, node, 1 + length / 16))
        return FALSE;
      text = g_malloc (length + 1);
      memcpy (text, a->s.p, a->s.n);
      memcpy (text + a->s.n, b->s.p, b->s.n);
      air_cel_val_set_boxed (frame, ret,
                             a->kind == AIR_CEL_TYPE_STRING ? air_value_new_string_len (text, length)
                                                            : air_value_new_bytes (text, length));
      return TRUE;
    }
}

gboolean
air_cel_eval_arithmetic (AirCelFrame *frame,
                         const AirCelNode *node,
                         const AirCelVal *a,
                         const AirCelVal *b,
                         AirCelVal *ret)
{
  AirCelVal result;
  gboolean a_time = a->kind == AIR_CEL_TYPE_TIMESTAMP || a->kind == AIR_CEL_TYPE_DURATION;
  gboolean b_time = b->kind == AIR_CEL_TYPE_TIMESTAMP || b->kind == AIR_CEL_TYPE_DURATION;

  if (a_time && b_time && (node->op == CEL_ADD || node->op == CEL_SUB))
    {
      if (!time_arithmetic (frame, node, a, b, &result))
        return FALSE;
      *ret = result;
      return TRUE;
    }
  if (a->kind != b->kind)
    return fail_overload (frame, node, a, b);
  switch (a->kind)
    {
    case AIR_CEL_TYPE_INT:
      return integer_arithmetic (frame, node, a->kind, a->i, b->i, ret);
    case AIR_CEL_TYPE_UINT:
      return integer_arithmetic (frame, node, a->kind, a->u, b->u, ret);
    case AIR_CEL_TYPE_DOUBLE:
      if (node->op == CEL_MOD)
        return fail_overload (frame, node, a, b);
      air_cel_val_set_double (ret, node->op == CEL_ADD   ? a->d + b->d
                                   : node->op == CEL_SUB ? a->d - b->d
                                   : node->op == CEL_MUL ? a->d * b->d
                                                         : a->d / b->d);
      return TRUE;
    case AIR_CEL_TYPE_STRING:
    case AIR_CEL_TYPE_BYTES:
    case AIR_CEL_TYPE_LIST:
      if (node->op == CEL_ADD)
        return concatenate (frame, node, a, b, ret);
      G_GNUC_FALLTHROUGH;
    default:
      return fail_overload (frame, node, a, b);
    }
}
