/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include "cel/air-cel-checker.h"

/* Types of the macros: each binds names that its body may use. */

static AirCelType *
comprehension_type (const AirCelNode *node, AirCelType *range, AirCelType *item, AirCelType *first, AirCelType *second)
{
  AirCelType *tests[] = { range, first };
  g_autoptr (AirCelType) list = NULL;

  switch (node->op)
    {
    case CEL_COMP_FILTER:
      list = air_cel_type_new_list (item);
      return air_cel_type_labelled_by (list, &first, 1, FALSE);
    case CEL_COMP_TRANSFORM_MAP:
      list =
          air_cel_type_new_map (air_cel_type_get_kind (range) == AIR_CEL_TYPE_MAP ? air_cel_type_get_key (range) : NULL,
                                second != NULL ? second : first);
      return air_cel_type_labelled_by (list, second != NULL ? tests : &range, second != NULL ? 2 : 1, FALSE);
    case CEL_COMP_MAP:
      list = air_cel_type_new_list (second != NULL ? second : first);
      return second != NULL ? air_cel_type_labelled_by (list, &first, 1, FALSE) : g_steal_pointer (&list);
    default:
      return air_cel_check_made_of (AIR_CEL_TYPE_BOOL, tests, 2);
    }
}

/* The body sees a name; with the type of what it stands for. */
static AirCelType *
check_body (AirCelChecker *self, const AirCelNode *node, AirCelNode *body, AirCelType *type)
{
  AirCelType *result;

  if (self->n_locals == CEL_MAX_LOCALS)
    return air_cel_check_fail (self, node, AIR_CEL_ERROR_DEPTH, "macros nest deeper than %d", CEL_MAX_LOCALS);
  self->locals[self->n_locals++] = (AirCelCheckedLocal) { node->name, type };
  result = air_cel_check_node (self, body);
  self->n_locals--;
  return result;
}

/**
 * air_cel_check_bind:
 * @self: the checker
 * @node: cel.bind() of the bindings extension
 *
 * Returns: (transfer full) (nullable): its type, or %NULL with @self's error set to an %AIR_CEL_ERROR
 */
AirCelType *
air_cel_check_bind (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) value = air_cel_check_node (self, node->args[0]);

  node->slot = self->n_locals;
  return value != NULL ? check_body (self, node, node->args[1], value) : NULL;
}

/**
 * air_cel_check_optional_map:
 * @self: the checker
 * @node: optMap or optFlatMap of the optionals extension
 *
 * Returns: (transfer full) (nullable): its type, or %NULL with @self's error set to an %AIR_CEL_ERROR
 */
AirCelType *
air_cel_check_optional_map (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) target = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) inner = target != NULL ? air_cel_check_made_of (AIR_CEL_TYPE_DYN, &target, 1) : NULL;
  g_autoptr (AirCelType) body = NULL;
  AirCelType *sources[2];

  node->slot = self->n_locals;
  if (target != NULL && self->strict && !air_cel_check_may_be (target, AIR_CEL_TYPE_OPTIONAL))
    {
      g_autofree char *type = air_cel_type_to_string (target);

      return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "the macro goes into an optional, not %s", type);
    }
  body = inner != NULL ? check_body (self, node, node->args[1], inner) : NULL;
  if (body == NULL)
    return NULL;
  sources[0] = target;
  sources[1] = body;
  return air_cel_check_made_of (AIR_CEL_TYPE_OPTIONAL, sources, 2);
}

/* The type of a comprehension's one or first variable. */
static AirCelType *
first_variable (const AirCelNode *node, AirCelType *range, AirCelType *dyn)
{
  AirCelType *inner = NULL;
  g_autoptr (AirCelType) index = NULL;

  if (air_cel_type_get_kind (range) == AIR_CEL_TYPE_MAP)
    inner = air_cel_type_get_key (range);
  else if (node->second_name == NULL)
    inner = air_cel_type_get_item (range);
  else if (air_cel_type_get_kind (range) == AIR_CEL_TYPE_LIST)
    inner = index = air_cel_type_new (AIR_CEL_TYPE_INT);
  return air_cel_type_with_labels (inner != NULL ? inner : dyn, air_cel_type_get_labels (range));
}

/* That of the second: any value of an object may come out. */
static AirCelType *
second_variable (AirCelType *range, AirCelType *dyn)
{
  AirCelType *item = air_cel_type_get_item (range);

  if (air_cel_type_is_object (range) || item == NULL)
    return air_cel_type_labelled_by (dyn, &range, 1, TRUE);
  return air_cel_type_with_labels (item, air_cel_type_get_labels (range));
}

/**
 * air_cel_check_comprehension:
 * @self: the checker
 * @node: all, exists, exists_one, map, filter or a two-variable macro
 *
 * Returns: (transfer full) (nullable): its type, or %NULL with @self's error set to an %AIR_CEL_ERROR
 */
AirCelType *
air_cel_check_comprehension (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) range = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) dyn = air_cel_type_new (AIR_CEL_TYPE_DYN);
  g_autoptr (AirCelType) item = NULL;
  g_autoptr (AirCelType) first = NULL;
  g_autoptr (AirCelType) second = NULL;
  g_autoptr (AirCelType) other = NULL;
  guint before;

  if (range == NULL)
    return NULL;
  if (self->strict && !air_cel_check_may_be (range, AIR_CEL_TYPE_LIST)
      && !air_cel_check_may_be (range, AIR_CEL_TYPE_MAP))
    {
      g_autofree char *type = air_cel_type_to_string (range);

      return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "the macro goes over a list or a map, not %s", type);
    }
  if (self->n_locals + 2 > CEL_MAX_LOCALS)
    return air_cel_check_fail (self, node, AIR_CEL_ERROR_DEPTH, "macros nest deeper than %d", CEL_MAX_LOCALS);
  before = self->n_locals;
  item = first_variable (node, range, dyn);
  node->slot = self->n_locals;
  self->locals[self->n_locals++] = (AirCelCheckedLocal) { node->name, item };
  if (node->second_name != NULL)
    {
      other = second_variable (range, dyn);
      self->locals[self->n_locals++] = (AirCelCheckedLocal) { node->second_name, other };
    }
  first = air_cel_check_node (self, node->args[1]);
  if (first != NULL && node->n_args == 3)
    second = air_cel_check_node (self, node->args[2]);
  self->n_locals = before;
  if (first == NULL || (node->n_args == 3 && second == NULL))
    return NULL;
  if (self->strict && !air_cel_check_may_be (first, AIR_CEL_TYPE_BOOL)
      && ((node->op != CEL_COMP_MAP && node->op != CEL_COMP_TRANSFORM_MAP) || second != NULL))
    {
      g_autofree char *type = air_cel_type_to_string (first);

      return air_cel_check_fail (self, node->args[1], AIR_CEL_ERROR_TYPE, "the macro's predicate is bool, not %s",
                                 type);
    }
  return comprehension_type (node, range, item, first, second);
}
