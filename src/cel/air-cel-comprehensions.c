/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include "cel/air-cel-private.h"

/* The macros that go over lists and maps, and cel.bind(). */

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

/* One variable is the item of a list or the key of a map; two are its index or key, and what stands there. */
static inline void
set_variables (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize index)
{
  AirCelVal *first = &frame->locals[node->slot];

  if (range->kind == AIR_CEL_TYPE_MAP)
    {
      air_cel_val_from_value (first, air_map_get_key_at (range->box, index));
      if (node->second_name != NULL)
        air_cel_val_from_value (first + 1, air_map_get_value_at (range->box, index));
    }
  else if (node->second_name != NULL)
    {
      air_cel_val_set_int (first, (gint64) index);
      air_cel_val_from_value (first + 1, air_list_get (range->box, index));
    }
  else
    air_cel_val_from_value (first, air_list_get (range->box, index));
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

      set_variables (frame, node, range, i);
      if (eval_predicate (frame, node->args[1], &value))
        {
          if (value != decisive)
            continue;
          g_clear_error (&first);
          air_cel_val_set_bool (ret, decisive);
          return TRUE;
        }
      else if (!air_cel_absorb (frame, &first))
        return FALSE;
    }
  return air_cel_undecided (frame, first, decisive, ret);
}

static gboolean
eval_exists_one (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize size, AirCelVal *ret)
{
  gsize found = 0;

  for (gsize i = 0; i < size; i++)
    {
      gboolean value;

      set_variables (frame, node, range, i);
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

      set_variables (frame, node, range, i);
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

static gboolean
eval_transform_map (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *range, gsize size, AirCelVal *ret)
{
  g_autoptr (AirValue) map = air_map_new ();
  const AirCelNode *predicate = node->n_args == 3 ? node->args[1] : NULL;

  for (gsize i = 0; i < size; i++)
    {
      AirCelVal value;
      AirValue *boxed;
      gboolean wanted = TRUE;

      set_variables (frame, node, range, i);
      if (predicate != NULL && !eval_predicate (frame, predicate, &wanted))
        return FALSE;
      if (!wanted)
        continue;
      if (!air_cel_eval_node (frame, node->args[node->n_args - 1], &value))
        return FALSE;
      boxed = air_cel_val_box (&value);
      if (boxed == NULL)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a value of type %s cannot be a map's",
                             air_cel_type_kind_name (value.kind));
      air_map_set_value (map, air_cel_val_box (&frame->locals[node->slot]), boxed);
    }
  air_cel_val_set_boxed (frame, ret, g_steal_pointer (&map));
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
    case CEL_COMP_TRANSFORM_MAP:
      return eval_transform_map (frame, node, &range, size, ret);
    default:
      return eval_map_filter (frame, node, &range, size, ret);
    }
}

/* cel.bind (x, value, body) */
gboolean
air_cel_eval_bind (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal value;

  if (!air_cel_eval_node (frame, node->args[0], &value))
    return FALSE;
  frame->locals[node->slot] = value;
  return air_cel_eval_node (frame, node->args[1], ret);
}
