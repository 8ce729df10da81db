/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <math.h>
#include <string.h>

#include "cel/air-cel-private.h"

/* Arithmetic and comprehensions, apart from the evaluator's loop. */

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

static gboolean
int_arithmetic (AirCelFrame *frame, const AirCelNode *node, gint64 a, gint64 b, AirCelVal *ret)
{
  gint64 result;
  gboolean overflow = FALSE;

  switch (node->op)
    {
    case CEL_ADD:
      overflow = __builtin_add_overflow (a, b, &result);
      break;
    case CEL_SUB:
      overflow = __builtin_sub_overflow (a, b, &result);
      break;
    case CEL_MUL:
      overflow = __builtin_mul_overflow (a, b, &result);
      break;
    default:
      if (b == 0)
        return fail_zero (frame, node);
      overflow = a == G_MININT64 && b == -1;
      result = overflow ? 0 : node->op == CEL_DIV ? a / b : a % b;
      break;
    }
  if (overflow)
    return fail_overflow (frame, node, "an int");
  air_cel_val_set_int (ret, result);
  return TRUE;
}

static gboolean
uint_arithmetic (AirCelFrame *frame, const AirCelNode *node, guint64 a, guint64 b, AirCelVal *ret)
{
  guint64 result;
  gboolean overflow = FALSE;

  switch (node->op)
    {
    case CEL_ADD:
      overflow = __builtin_add_overflow (a, b, &result);
      break;
    case CEL_SUB:
      overflow = __builtin_sub_overflow (a, b, &result);
      break;
    case CEL_MUL:
      overflow = __builtin_mul_overflow (a, b, &result);
      break;
    default:
      if (b == 0)
        return fail_zero (frame, node);
      result = node->op == CEL_DIV ? a / b : a % b;
      break;
    }
  if (overflow)
    return fail_overflow (frame, node, "a uint");
  ret->kind = AIR_CEL_TYPE_UINT;
  ret->u = result;
  ret->box = NULL;
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
      return int_arithmetic (frame, node, a->i, b->i, ret);
    case AIR_CEL_TYPE_UINT:
      return uint_arithmetic (frame, node, a->u, b->u, ret);
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

/* --- comprehensions ------------------------------------------------------------------ */

/* Evaluates a predicate; an error that may be absorbed later is left in frame->error with *ret_ok FALSE. */
static gboolean
eval_predicate (AirCelFrame *frame, const AirCelNode *predicate, gboolean *ret_value)
{
  AirCelVal value;

  if (!air_cel_eval_node (frame, predicate, &value))
    return FALSE;
  if (value.kind != AIR_CEL_TYPE_BOOL)
    return air_cel_fail (frame, predicate, AIR_CEL_ERROR_TYPE, "the macro's predicate is bool, not %s",
                         air_cel_type_kind_name (value.kind));
  *ret_value = value.b;
  return TRUE;
}

static inline void
set_variable (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize index)
{
  AirValue *item =
      range->kind == AIR_CEL_TYPE_LIST ? air_list_get (range->box, index) : air_map_get_key_at (range->box, index);

  air_cel_val_from_value (&frame->locals[node->slot], item);
}

/* all and exists are && and || over the items: a deciding item absorbs the others' errors. */
static gboolean
eval_quantifier (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize size, AirCelVal *ret)
{
  gboolean decisive = node->op == CEL_COMP_EXISTS;
  GError *first = NULL;

  for (gsize i = 0; i < size; i++)
    {
      gboolean value;

      set_variable (frame, node, range, i);
      if (eval_predicate (frame, node->args[1], &value))
        {
          if (value != decisive)
            continue;
          g_clear_error (&first);
          air_cel_val_set_bool (ret, decisive);
          return TRUE;
        }
      if (frame->fatal)
        {
          g_clear_error (&first);
          return FALSE;
        }
      if (first == NULL)
        first = g_steal_pointer (&frame->error);
      else
        g_clear_error (&frame->error);
    }
  if (first != NULL)
    {
      frame->error = first;
      return FALSE;
    }
  air_cel_val_set_bool (ret, !decisive);
  return TRUE;
}

static gboolean
eval_exists_one (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize size, AirCelVal *ret)
{
  gsize found = 0;

  for (gsize i = 0; i < size; i++)
    {
      gboolean value;

      set_variable (frame, node, range, i);
      if (!eval_predicate (frame, node->args[1], &value))
        return FALSE;
      found += value ? 1 : 0;
    }
  air_cel_val_set_bool (ret, found == 1);
  return TRUE;
}

static gboolean
eval_map_filter (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize size, AirCelVal *ret)
{
  g_autoptr (AirValue) list = air_list_new ();
  const AirCelNode *predicate = node->op == CEL_COMP_FILTER || node->n_args == 3 ? node->args[1] : NULL;
  const AirCelNode *transform = node->op == CEL_COMP_FILTER ? NULL : node->args[node->n_args - 1];

  for (gsize i = 0; i < size; i++)
    {
      AirCelVal value;
      AirValue *boxed;
      gboolean wanted = TRUE;

      set_variable (frame, node, range, i);
      if (predicate != NULL && !eval_predicate (frame, predicate, &wanted))
        return FALSE;
      if (!wanted)
        continue;
      value = frame->locals[node->slot];
      if (transform != NULL && !air_cel_eval_node (frame, transform, &value))
        return FALSE;
      boxed = air_cel_val_box (&value);
      if (boxed == NULL)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a type cannot be an element of a list");
      air_list_append (list, boxed);
    }
  air_cel_val_set_boxed (frame, ret, g_steal_pointer (&list));
  return TRUE;
}

gboolean
air_cel_eval_comprehension (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal range;
  gsize size;

  if (!air_cel_eval_node (frame, node->args[0], &range))
    return FALSE;
  if (range.kind != AIR_CEL_TYPE_LIST && range.kind != AIR_CEL_TYPE_MAP)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "the macro goes over a list or a map, not %s",
                         air_cel_type_kind_name (range.kind));
  size = range.kind == AIR_CEL_TYPE_LIST ? air_list_get_size (range.box) : air_map_get_size (range.box);
  if (!air_cel_charge (frame, node, size))
    return FALSE;
  switch (node->op)
    {
    case CEL_COMP_ALL:
    case CEL_COMP_EXISTS:
      return eval_quantifier (frame, node, &range, size, ret);
    case CEL_COMP_EXISTS_ONE:
      return eval_exists_one (frame, node, &range, size, ret);
    default:
      return eval_map_filter (frame, node, &range, size, ret);
    }
}
