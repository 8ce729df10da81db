/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

static inline const char *
kind_name (const AirCelVal *value)
{
  return air_cel_type_kind_name (value->kind);
}

/* --- names, fields, elements ------------------------------------------------------- */

static gboolean
eval_global (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  gboolean cached = node->slot < CEL_CACHED_GLOBALS;
  AirValue *value;

  if (cached && (frame->have_globals & 1u << node->slot) != 0)
    {
      *ret = frame->globals[node->slot];
      return TRUE;
    }
  value = frame->bindings != NULL ? air_map_get (frame->bindings, node->name) : NULL;
  if (value == NULL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_UNDECLARED, "there is no '%s' here", node->name);
  air_cel_val_from_value (ret, value);
  if (cached)
    {
      frame->globals[node->slot] = *ret;
      frame->have_globals |= 1u << node->slot;
    }
  return TRUE;
}

static gboolean
eval_select (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal target;
  AirValue *value;

  if (!air_cel_eval_node (frame, node->args[0], &target))
    return FALSE;
  if (G_UNLIKELY (target.kind == AIR_CEL_TYPE_OPTIONAL))
    {
      if (!air_cel_optional_field (frame, node, &target, ret))
        return FALSE;
      if (node->op == CEL_HAS)
        air_cel_val_set_bool (ret, ret->box != NULL);
      return TRUE;
    }
  if (G_UNLIKELY (target.kind != AIR_CEL_TYPE_MAP))
    return target.kind == AIR_CEL_TYPE_NULL
               ? air_cel_fail (frame, node, AIR_CEL_ERROR_NO_SUCH_FIELD, "null has no field '%s'", node->name)
               : air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a value of type %s has no field '%s'",
                               kind_name (&target), node->name);
  value = air_map_get (target.box, node->name);
  if (G_UNLIKELY (value == NULL))
    {
      if (node->op == CEL_HAS)
        {
          air_cel_val_set_bool (ret, FALSE);
          return TRUE;
        }
      return air_cel_fail (frame, node, AIR_CEL_ERROR_NO_SUCH_KEY, "no such key: '%s'", node->name);
    }
  if (node->op == CEL_HAS)
    air_cel_val_set_bool (ret, TRUE);
  else
    air_cel_val_from_value (ret, value);
  return TRUE;
}

static gboolean
list_index (const AirCelVal *index, gint64 *ret_index)
{
  switch (index->kind)
    {
    case AIR_CEL_TYPE_INT:
      *ret_index = index->i;
      return TRUE;
    case AIR_CEL_TYPE_UINT:
      *ret_index = index->u <= G_MAXINT64 ? (gint64) index->u : -1;
      return TRUE;
    case AIR_CEL_TYPE_DOUBLE:
      if (!(index->d > -1e15 && index->d < 1e15) || (double) (gint64) index->d != index->d)
        return FALSE;
      *ret_index = (gint64) index->d;
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
eval_index (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal target, index;

  if (!air_cel_eval_node (frame, node->args[0], &target) || !air_cel_eval_node (frame, node->args[1], &index))
    return FALSE;
  if (G_UNLIKELY (node->op == CEL_OPT_INDEX || target.kind == AIR_CEL_TYPE_OPTIONAL))
    return air_cel_optional_index (frame, node, &target, &index, ret);
  if (target.kind == AIR_CEL_TYPE_LIST)
    {
      gint64 i;

      if (!list_index (&index, &i))
        return index.kind == AIR_CEL_TYPE_DOUBLE
                   ? air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "a list's index is a whole number")
                   : air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: list[%s]", kind_name (&index));
      if (i < 0 || (guint64) i >= air_list_get_size (target.box))
        return air_cel_fail (frame, node, AIR_CEL_ERROR_NO_SUCH_KEY,
                             "index %" G_GINT64_FORMAT " is out of range: the list has %" G_GSIZE_FORMAT " items", i,
                             air_list_get_size (target.box));
      air_cel_val_from_value (ret, air_list_get (target.box, (gsize) i));
      return TRUE;
    }
  if (target.kind == AIR_CEL_TYPE_MAP)
    {
      AirValue *value = air_cel_map_find (target.box, &index);
      g_autofree char *text = NULL;
      gsize length;

      if (value != NULL)
        {
          air_cel_val_from_value (ret, value);
          return TRUE;
        }
      if (index.kind == AIR_CEL_TYPE_LIST || index.kind == AIR_CEL_TYPE_MAP || index.kind == AIR_CEL_TYPE_BYTES)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: map[%s]", kind_name (&index));
      text = air_cel_val_to_text (&index, &length);
      return air_cel_fail (frame, node, AIR_CEL_ERROR_NO_SUCH_KEY, "no such key: %s", text != NULL ? text : "null");
    }
  return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s[%s]", kind_name (&target),
                       kind_name (&index));
}

static gboolean
eval_in (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal item, container;
  gsize size;

  if (!air_cel_eval_node (frame, node->args[0], &item) || !air_cel_eval_node (frame, node->args[1], &container))
    return FALSE;
  if (container.kind == AIR_CEL_TYPE_MAP)
    {
      if (item.kind == AIR_CEL_TYPE_LIST || item.kind == AIR_CEL_TYPE_MAP)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s in map", kind_name (&item));
      air_cel_val_set_bool (ret, air_cel_map_find (container.box, &item) != NULL);
      return TRUE;
    }
  if (container.kind != AIR_CEL_TYPE_LIST)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s in %s", kind_name (&item),
                         kind_name (&container));
  size = air_list_get_size (container.box);
  if (!air_cel_charge (frame, node, size))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      AirCelVal other;
      gboolean equal;

      air_cel_val_from_value (&other, air_list_get (container.box, i));
      if (!air_cel_val_equal (frame, node, &item, &other, &equal))
        return FALSE;
      if (equal)
        {
          air_cel_val_set_bool (ret, TRUE);
          return TRUE;
        }
    }
  air_cel_val_set_bool (ret, FALSE);
  return TRUE;
}

/* --- logic --------------------------------------------------------------------------- */

/*
 * && and || are commutative in errors: an operand that decides the answer
 * absorbs the errors of all the others. @decisive is FALSE for &&, TRUE for ||.
 */
static gboolean
eval_logic (AirCelFrame *frame, const AirCelNode *node, gboolean decisive, AirCelVal *ret)
{
  GError *first = NULL;

  for (guint i = 0; i < node->n_args; i++)
    {
      AirCelVal value;
      gboolean ok = air_cel_eval_node (frame, node->args[i], &value);

      if (ok && value.kind != AIR_CEL_TYPE_BOOL)
        ok = air_cel_fail (frame, node->args[i], AIR_CEL_ERROR_TYPE, "%s takes bool, not %s", decisive ? "||" : "&&",
                           kind_name (&value));
      if (ok && !value.b == !decisive)
        {
          g_clear_error (&first);
          air_cel_val_set_bool (ret, decisive);
          return TRUE;
        }
      if (!ok && !air_cel_absorb (frame, &first))
        return FALSE;
    }
  return air_cel_undecided (frame, first, decisive, ret);
}

static gboolean
eval_conditional (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal condition;

  if (!air_cel_eval_node (frame, node->args[0], &condition))
    return FALSE;
  if (condition.kind != AIR_CEL_TYPE_BOOL)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "the condition of ?: is bool, not %s",
                         kind_name (&condition));
  return air_cel_eval_node (frame, node->args[condition.b ? 1 : 2], ret);
}

static gboolean
eval_relation (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  static const char *const names[] = { "==", "!=", "<", "<=", ">", ">=" };
  AirCelVal a, b;
  gboolean equal;
  int c;

  if (!air_cel_eval_node (frame, node->args[0], &a) || !air_cel_eval_node (frame, node->args[1], &b))
    return FALSE;
  if (node->op == CEL_EQ || node->op == CEL_NE)
    {
      if (!air_cel_val_equal (frame, node, &a, &b, &equal))
        return FALSE;
      air_cel_val_set_bool (ret, equal == (node->op == CEL_EQ));
      return TRUE;
    }
  c = air_cel_val_compare (&a, &b);
  if (c == 3)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s %s %s", kind_name (&a),
                         names[node->op - CEL_EQ], kind_name (&b));
  air_cel_val_set_bool (ret, c != 2
                                 && (node->op == CEL_LT   ? c < 0
                                     : node->op == CEL_LE ? c <= 0
                                     : node->op == CEL_GT ? c > 0
                                                          : c >= 0));
  return TRUE;
}

/* --- literals, calls -------------------------------------------------------------------- */

static AirValue *
box_for_container (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *value)
{
  AirValue *boxed = air_cel_val_box (value);

  if (boxed == NULL)
    air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "a value of type %s cannot be an element of a list or map",
                  kind_name (value));
  return boxed;
}

static gboolean
eval_list (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  g_autoptr (AirValue) list = air_list_new ();

  if (!air_cel_charge (frame, node, node->n_args))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    {
      AirCelVal item;
      AirValue *boxed;
      gboolean present = TRUE;

      if (!air_cel_eval_node (frame, node->args[i], &item))
        return FALSE;
      if (node->args[i]->optional && !air_cel_optional_open (frame, node->args[i], &item, &present))
        return FALSE;
      if (!present)
        continue;
      boxed = box_for_container (frame, node->args[i], &item);
      if (boxed == NULL)
        return FALSE;
      air_list_append (list, boxed);
    }
  air_cel_val_set_boxed (frame, ret, g_steal_pointer (&list));
  return TRUE;
}

static gboolean
eval_map (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  g_autoptr (AirValue) map = air_map_new ();

  if (!air_cel_charge (frame, node, node->n_args))
    return FALSE;
  for (guint i = 0; i + 1 < node->n_args; i += 2)
    {
      const AirCelNode *key_node = node->args[i];
      AirCelVal key, value;
      AirValue *boxed;
      gboolean present = TRUE;

      if (!air_cel_eval_node (frame, key_node, &key) || !air_cel_eval_node (frame, node->args[i + 1], &value))
        return FALSE;
      if (key.kind != AIR_CEL_TYPE_STRING && key.kind != AIR_CEL_TYPE_INT && key.kind != AIR_CEL_TYPE_UINT
          && key.kind != AIR_CEL_TYPE_BOOL)
        return air_cel_fail (frame, key_node, AIR_CEL_ERROR_TYPE, "a map's key is a string, int, uint or bool, not %s",
                             kind_name (&key));
      if (air_cel_map_find (map, &key) != NULL)
        return air_cel_fail (frame, key_node, AIR_CEL_ERROR_ARGUMENT, "the map has this key twice");
      if (key_node->optional && !air_cel_optional_open (frame, node->args[i + 1], &value, &present))
        return FALSE;
      if (!present)
        continue;
      boxed = box_for_container (frame, node->args[i + 1], &value);
      if (boxed == NULL)
        return FALSE;
      air_map_set_value (map, air_cel_val_box (&key), boxed);
    }
  air_cel_val_set_boxed (frame, ret, g_steal_pointer (&map));
  return TRUE;
}

static gboolean
fail_no_overload (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = node->member ? 1 : 0; i < node->n_args; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", kind_name (&args[i]));
  return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s%s%s(%s)",
                       node->member ? kind_name (&args[0]) : "", node->member ? "." : "", node->name, text->str);
}

static gboolean
eval_call (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal args[CEL_MAX_ARGS];

  if (node->n_overloads == 0)
    return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "there is no function %s() with %u arguments", node->name,
                         node->n_args - (node->member ? 1 : 0));
  for (guint i = 0; i < node->n_args; i++)
    if (!air_cel_eval_node (frame, node->args[i], &args[i]))
      return FALSE;
  for (guint k = 0; k < node->n_overloads; k++)
    {
      const AirCelFunction *function = node->overloads[k];
      guint i = 0;

      while (i < node->n_args && (function->args[i] == AIR_CEL_TYPE_DYN || function->args[i] == args[i].kind))
        i++;
      if (i == node->n_args)
        return function->func (frame, node, args, ret);
    }
  return fail_no_overload (frame, node, args);
}

static gboolean
eval_unary (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal value;

  if (!air_cel_eval_node (frame, node->args[0], &value))
    return FALSE;
  if (node->op == CEL_NOT && value.kind == AIR_CEL_TYPE_BOOL)
    {
      air_cel_val_set_bool (ret, !value.b);
      return TRUE;
    }
  if (node->op == CEL_NEG && value.kind == AIR_CEL_TYPE_DOUBLE)
    {
      air_cel_val_set_double (ret, -value.d);
      return TRUE;
    }
  if (node->op == CEL_NEG && value.kind == AIR_CEL_TYPE_INT)
    {
      if (value.i == G_MININT64)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_OVERFLOW,
                             "integer overflow: the result does not fit into an int");
      air_cel_val_set_int (ret, -value.i);
      return TRUE;
    }
  return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE, "no such overload: %s%s", node->op == CEL_NOT ? "!" : "-",
                       kind_name (&value));
}

static gboolean
eval_binary (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  AirCelVal a, b;

  return air_cel_eval_node (frame, node->args[0], &a) && air_cel_eval_node (frame, node->args[1], &b)
         && air_cel_eval_arithmetic (frame, node, &a, &b, ret);
}

gboolean
air_cel_eval_node (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret)
{
  if (!air_cel_charge (frame, node, 1))
    return FALSE;
  switch (node->op)
    {
    case CEL_LITERAL:
      *ret = node->value;
      return TRUE;
    case CEL_GLOBAL:
      return eval_global (frame, node, ret);
    case CEL_LOCAL:
      *ret = frame->locals[node->slot];
      return TRUE;
    case CEL_SELECT:
    case CEL_HAS:
      return eval_select (frame, node, ret);
    case CEL_INDEX:
    case CEL_OPT_INDEX:
      return eval_index (frame, node, ret);
    case CEL_CALL:
      return eval_call (frame, node, ret);
    case CEL_LIST:
      return eval_list (frame, node, ret);
    case CEL_MAP:
      return eval_map (frame, node, ret);
    case CEL_AND:
      return eval_logic (frame, node, FALSE, ret);
    case CEL_OR:
      return eval_logic (frame, node, TRUE, ret);
    case CEL_NOT:
    case CEL_NEG:
      return eval_unary (frame, node, ret);
    case CEL_COND:
      return eval_conditional (frame, node, ret);
    case CEL_EQ:
    case CEL_NE:
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE:
      return eval_relation (frame, node, ret);
    case CEL_IN:
      return eval_in (frame, node, ret);
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV:
    case CEL_MOD:
      return eval_binary (frame, node, ret);
    case CEL_COMP_ALL:
    case CEL_COMP_EXISTS:
    case CEL_COMP_EXISTS_ONE:
    case CEL_COMP_MAP:
    case CEL_COMP_FILTER:
    case CEL_COMP_TRANSFORM_MAP:
      return air_cel_eval_comprehension (frame, node, ret);
    case CEL_BIND:
      return air_cel_eval_bind (frame, node, ret);
    case CEL_OPT_SELECT:
    case CEL_OPT_MAP:
    case CEL_OPT_FLAT_MAP:
      return air_cel_eval_optional (frame, node, ret);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* --- public ------------------------------------------------------------------------- */

/* locals and globals are written before they are read: no need to clear half a kilobyte each time. */
static void
frame_init (AirCelFrame *frame, const AirCelProgram *program, const AirValue *bindings, guint64 cost_limit)
{
  frame->program = program;
  frame->bindings = bindings;
  frame->cost = 0;
  frame->limit = cost_limit != 0 ? cost_limit : AIR_CEL_DEFAULT_COST_LIMIT;
  frame->error = NULL;
  frame->fatal = FALSE;
  frame->have_globals = 0;
  frame->n_kept = 0;
  frame->kept_size = G_N_ELEMENTS (frame->kept_inline);
  frame->kept = frame->kept_inline;
}

/**
 * air_cel_eval:
 * @self: a program
 * @bindings: (nullable): a map from the names the program uses to their values
 * @cost_limit: how many steps it may take, 0 for %AIR_CEL_DEFAULT_COST_LIMIT
 *
 * Evaluates; any number of threads may do so at once. Deterministic: the same
 * bindings give the same value or the same error.
 *
 * Returns: (transfer full): the value (the name of a type where the result is
 *   one); fails with any %AIR_CEL_ERROR but SYNTAX
 */
AirValue *
air_cel_eval (const AirCelProgram *self, const AirValue *bindings, guint64 cost_limit, GError **error)
{
  AirCelFrame frame;
  AirCelVal ret;
  AirValue *value = NULL;

  frame_init (&frame, self, bindings, cost_limit);
  if (!air_cel_eval_node (&frame, self->root, &ret))
    g_propagate_error (error, g_steal_pointer (&frame.error));
  else if (ret.kind == AIR_CEL_TYPE_TYPE)
    value = air_value_new_string (air_cel_type_kind_name (ret.type));
  else
    {
      value = air_cel_val_box (&ret);
      if (value == NULL)
        {
          air_cel_fail (&frame, self->root, AIR_CEL_ERROR_TYPE,
                        "the result is of type %s, which no document can hold; %s", kind_name (&ret),
                        ret.kind == AIR_CEL_TYPE_OPTIONAL ? "end it with .orValue(…)"
                                                          : "make a text of it with string(…)");
          g_propagate_error (error, g_steal_pointer (&frame.error));
        }
    }
  air_cel_frame_clear (&frame);
  return value;
}

/**
 * air_cel_eval_bool:
 * @self: a program
 * @bindings: (nullable): a map from the names the program uses to their values
 * @cost_limit: how many steps it may take, 0 for %AIR_CEL_DEFAULT_COST_LIMIT
 * @ret_value: (out): what it comes to
 *
 * As air_cel_eval() for a condition: nothing is allocated. Another type than
 * bool fails with %AIR_CEL_ERROR_TYPE.
 *
 * Returns: %FALSE with an %AIR_CEL_ERROR, and @ret_value untouched
 */
gboolean
air_cel_eval_bool (const AirCelProgram *self,
                   const AirValue *bindings,
                   guint64 cost_limit,
                   gboolean *ret_value,
                   GError **error)
{
  AirCelFrame frame;
  AirCelVal ret;
  gboolean ok;

  frame_init (&frame, self, bindings, cost_limit);
  ok = air_cel_eval_node (&frame, self->root, &ret);
  if (ok && ret.kind != AIR_CEL_TYPE_BOOL)
    ok =
        air_cel_fail (&frame, self->root, AIR_CEL_ERROR_TYPE, "a condition is true or false, not %s", kind_name (&ret));
  if (ok)
    *ret_value = ret.b;
  else
    g_propagate_error (error, g_steal_pointer (&frame.error));
  air_cel_frame_clear (&frame);
  return ok;
}
