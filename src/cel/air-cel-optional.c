/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include "cel/air-cel-private.h"

/*
 * Optional values: a.?b and a[?b] give one, empty where nothing is there, and a chain of them
 * ends in orValue(). They live within an expression only; no document holds one.
 */

#define T(x) AIR_CEL_TYPE_##x

/* @value is borrowed; NULL makes an empty one. */
void
air_cel_val_set_optional (AirCelVal *ret, AirValue *value)
{
  ret->kind = AIR_CEL_TYPE_OPTIONAL;
  ret->box = value;
}

static gboolean
set_of (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *value, AirCelVal *ret)
{
  AirValue *boxed = air_cel_val_box (value);

  if (boxed == NULL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a value of type %s cannot be within an optional",
                         air_cel_type_kind_name (value->kind));
  air_cel_val_set_optional (ret, air_cel_keep (frame, boxed));
  return TRUE;
}

gboolean
air_cel_optional_open (AirCelFrame *frame, const AirCelNode *node, AirCelVal *value, gboolean *ret_present)
{
  if (value->kind != AIR_CEL_TYPE_OPTIONAL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "an entry with '?' takes an optional, not %s",
                         air_cel_type_kind_name (value->kind));
  *ret_present = value->box != NULL;
  if (value->box != NULL)
    air_cel_val_from_value (value, value->box);
  return TRUE;
}

/* The element of an optional, or of a plain list or map by [?…]: an optional each time. */
gboolean
air_cel_optional_index (AirCelFrame *frame,
                        const AirCelNode *node,
                        const AirCelVal *target,
                        const AirCelVal *index,
                        AirCelVal *ret)
{
  AirValue *container = target->box, *found = NULL;
  guint8 kind = target->kind;

  if (kind == AIR_CEL_TYPE_OPTIONAL)
    {
      if (container == NULL)
        {
          air_cel_val_set_optional (ret, NULL);
          return TRUE;
        }
      kind = (guint8) air_value_get_kind (container);
    }
  if (kind == AIR_CEL_TYPE_MAP)
    found = air_cel_map_find (container, index);
  else if (kind == AIR_CEL_TYPE_LIST && index->kind == AIR_CEL_TYPE_INT)
    found = index->i >= 0 && (guint64) index->i < air_list_get_size (container)
                ? air_list_get (container, (gsize) index->i)
                : NULL;
  else
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s[?%s]", air_cel_type_kind_name (kind),
                         air_cel_type_kind_name (index->kind));
  air_cel_val_set_optional (ret, found);
  return TRUE;
}

/* A field of an optional, or of a map by a.?b: an optional each time. */
gboolean
air_cel_optional_field (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *target, AirCelVal *ret)
{
  guint8 kind = target->kind;

  if (kind == AIR_CEL_TYPE_OPTIONAL && target->box != NULL)
    kind = (guint8) air_value_get_kind (target->box);
  if (kind == AIR_CEL_TYPE_MAP)
    air_cel_val_set_optional (ret, air_map_get (target->box, node->name));
  else if (kind == AIR_CEL_TYPE_OPTIONAL)
    air_cel_val_set_optional (ret, NULL);
  else
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a value of type %s has no field '%s'",
                         air_cel_type_kind_name (kind), node->name);
  return TRUE;
}

static gboolean
eval_select (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal target;

  if (!air_cel_eval_node (frame, node->args[0], &target))
    return FALSE;
  return air_cel_optional_field (frame, node, &target, ret);
}

/* optMap and optFlatMap: the body over what is there. */
static gboolean
eval_map (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal target, value;

  if (!air_cel_eval_node (frame, node->args[0], &target))
    return FALSE;
  if (target.kind != AIR_CEL_TYPE_OPTIONAL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "the macro goes into an optional, not %s",
                         air_cel_type_kind_name (target.kind));
  if (target.box == NULL)
    {
      *ret = target;
      return TRUE;
    }
  air_cel_val_from_value (&frame->locals[node->slot], target.box);
  if (!air_cel_eval_node (frame, node->args[1], &value))
    return FALSE;
  if (node->op == CEL_OPT_MAP)
    return set_of (frame, node, &value, ret);
  if (value.kind != AIR_CEL_TYPE_OPTIONAL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "optFlatMap() wants an optional from its body, not %s",
                         air_cel_type_kind_name (value.kind));
  *ret = value;
  return TRUE;
}

gboolean
air_cel_eval_optional (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  return node->op == CEL_OPT_SELECT ? eval_select (frame, node, ret) : eval_map (frame, node, ret);
}

/* --- functions --------------------------------------------------------------------------- */

static gboolean
do_of (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  return set_of (frame, node, &args[0], ret);
}

static gboolean
do_none (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  air_cel_val_set_optional (ret, NULL);
  return TRUE;
}

static gboolean
is_zero (const AirCelVal *value)
{
  switch (value->kind)
    {
    case AIR_CEL_TYPE_NULL:
      return TRUE;
    case AIR_CEL_TYPE_BOOL:
      return !value->b;
    case AIR_CEL_TYPE_DOUBLE:
      return value->d == 0;
    case AIR_CEL_TYPE_STRING:
    case AIR_CEL_TYPE_BYTES:
      return value->s.n == 0;
    case AIR_CEL_TYPE_LIST:
      return air_list_get_size (value->box) == 0;
    case AIR_CEL_TYPE_MAP:
      return air_map_get_size (value->box) == 0;
    default:
      return value->i == 0;
    }
}

static gboolean
do_of_non_zero (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (args[0].kind <= AIR_CEL_TYPE_DURATION && is_zero (&args[0]))
    return do_none (frame, node, args, ret);
  return set_of (frame, node, &args[0], ret);
}

static gboolean
do_has_value (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  air_cel_val_set_bool (ret, args[0].box != NULL);
  return TRUE;
}

static gboolean
do_value (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (args[0].box == NULL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "optional.none() has no value; use orValue()");
  air_cel_val_from_value (ret, args[0].box);
  return TRUE;
}

static gboolean
do_or (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  *ret = args[0].box != NULL ? args[0] : args[1];
  return TRUE;
}

static gboolean
do_or_value (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (args[0].box != NULL)
    air_cel_val_from_value (ret, args[0].box);
  else
    *ret = args[1];
  return TRUE;
}

const AirCelFunction air_cel_optional_functions[] = {
  { "optional.of", FALSE, 1, { T (DYN) }, T (OPTIONAL), do_of },
  { "optional.none", FALSE, 0, { 0 }, T (OPTIONAL), do_none },
  { "optional.ofNonZeroValue", FALSE, 1, { T (DYN) }, T (OPTIONAL), do_of_non_zero },
  { "hasValue", TRUE, 1, { T (OPTIONAL) }, T (BOOL), do_has_value },
  { "value", TRUE, 1, { T (OPTIONAL) }, T (DYN), do_value },
  { "or", TRUE, 2, { T (OPTIONAL), T (OPTIONAL) }, T (OPTIONAL), do_or },
  { "orValue", TRUE, 2, { T (OPTIONAL), T (DYN) }, T (DYN), do_or_value },
  { NULL },
};
