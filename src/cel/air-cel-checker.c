/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "cel/air-cel-checker.h"

/*
 * Resolves every name and overload once, and gives each expression a static
 * type that carries the labels of all data that flows into it. Where a type is
 * not known (dyn) the evaluator decides.
 */

AirCelType *
air_cel_check_fail (AirCelChecker *self, const AirCelNode *node, int code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->error == NULL)
    air_cel_set_syntax_error (&self->error, code, self->program->source, node->pos, "%s", message);
  return NULL;
}

/* The type of a result made from @sources. */
AirCelType *
air_cel_check_made_of (AirCelTypeKind kind, AirCelType **sources, guint n_sources)
{
  g_autoptr (AirCelType) bare = air_cel_type_new (kind);

  return air_cel_type_labelled_by (bare, sources, n_sources, kind != AIR_CEL_TYPE_BOOL && kind != AIR_CEL_TYPE_TYPE);
}

/* --- names ------------------------------------------------------------------------- */

static guint
slot_of (AirCelChecker *self, const char *name)
{
  GPtrArray *globals = self->program->globals;

  for (guint i = 0; i < globals->len; i++)
    if (strcmp (globals->pdata[i], name) == 0)
      return i;
  g_ptr_array_add (globals, g_strdup (name));
  return globals->len - 1;
}

static gboolean
type_by_name (const char *name, AirCelTypeKind *ret_kind)
{
  static const struct {
    const char *name;
    AirCelTypeKind kind;
  } types[] = {
    { "int", AIR_CEL_TYPE_INT },
    { "uint", AIR_CEL_TYPE_UINT },
    { "double", AIR_CEL_TYPE_DOUBLE },
    { "bool", AIR_CEL_TYPE_BOOL },
    { "string", AIR_CEL_TYPE_STRING },
    { "bytes", AIR_CEL_TYPE_BYTES },
    { "list", AIR_CEL_TYPE_LIST },
    { "map", AIR_CEL_TYPE_MAP },
    { "type", AIR_CEL_TYPE_TYPE },
    { "null_type", AIR_CEL_TYPE_NULL },
    { "google.protobuf.Timestamp", AIR_CEL_TYPE_TIMESTAMP },
    { "google.protobuf.Duration", AIR_CEL_TYPE_DURATION },
    { "optional_type", AIR_CEL_TYPE_OPTIONAL },
    { "net.IP", AIR_CEL_TYPE_IP },
    { "net.CIDR", AIR_CEL_TYPE_CIDR },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, name) == 0)
      {
        *ret_kind = types[i].kind;
        return TRUE;
      }
  return FALSE;
}

static AirCelType *
declared (const AirCelChecker *self, const char *name)
{
  return self->env != NULL ? g_hash_table_lookup (self->env->names, name) : NULL;
}

static char *
known_names (const AirCelChecker *self)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->env->names), (GCompareFunc) strcmp);
  GString *text = g_string_new (NULL);

  for (GList *l = names; l != NULL; l = l->next)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", (const char *) l->data);
  return g_string_free (text, FALSE);
}

static AirCelType *
check_global (AirCelChecker *self, AirCelNode *node)
{
  AirCelType *type;
  AirCelTypeKind kind;

  for (guint i = self->n_locals; !node->rooted && i > 0; i--)
    if (strcmp (self->locals[i - 1].name, node->name) == 0)
      {
        node->op = CEL_LOCAL;
        node->slot = i - 1;
        return air_cel_type_ref (self->locals[i - 1].type);
      }
  type = declared (self, node->name);
  if (type == NULL && type_by_name (node->name, &kind))
    {
      air_cel_node_set_type_constant (node, kind);
      return air_cel_type_new (AIR_CEL_TYPE_TYPE);
    }
  if (type == NULL && self->strict)
    {
      g_autofree char *names = known_names (self);

      return air_cel_check_fail (self, node, AIR_CEL_ERROR_UNDECLARED, "there is no '%s' here; known names: %s",
                                 node->name, names);
    }
  node->slot = slot_of (self, node->name);
  return type != NULL ? air_cel_type_ref (type) : air_cel_type_new (AIR_CEL_TYPE_DYN);
}

/* "a.b.c" of a chain of selections from a global name; NULL for anything else. */
static char *
dotted_name (const AirCelNode *node)
{
  g_autofree char *outer = NULL;

  if (node->op == CEL_GLOBAL)
    return g_strdup (node->name);
  if (node->op != CEL_SELECT)
    return NULL;
  outer = dotted_name (node->args[0]);
  return outer != NULL ? g_strconcat (outer, ".", node->name, NULL) : NULL;
}

static const AirCelNode *
chain_root (const AirCelNode *node)
{
  while (node->op == CEL_SELECT)
    node = node->args[0];
  return node;
}

/* A selection may be one declared name with dots in it, or the name of a type. Returns NULL with no error if not. */
static AirCelType *
check_qualified (AirCelChecker *self, AirCelNode *node)
{
  const AirCelNode *root = chain_root (node);
  g_autofree char *name = NULL;
  AirCelTypeKind kind;
  AirCelType *type;

  if (node->op != CEL_SELECT || root->op != CEL_GLOBAL)
    return NULL;
  if (!root->rooted)
    for (guint i = 0; i < self->n_locals; i++)
      if (strcmp (self->locals[i].name, root->name) == 0)
        return NULL;
  name = dotted_name (node);
  type = name != NULL ? declared (self, name) : NULL;
  if (type == NULL && name != NULL && declared (self, root->name) == NULL && type_by_name (name, &kind))
    {
      air_cel_node_set_type_constant (node, kind);
      return air_cel_type_new (AIR_CEL_TYPE_TYPE);
    }
  if (type == NULL)
    return NULL;
  for (guint i = 0; i < node->n_args; i++)
    air_cel_node_free (node->args[i]);
  g_clear_pointer (&node->args, g_free);
  node->n_args = 0;
  node->op = CEL_GLOBAL;
  node->rooted = TRUE;
  air_cel_node_set_name (node, name, strlen (name));
  node->slot = slot_of (self, name);
  return air_cel_type_ref (type);
}

/* --- fields and elements --------------------------------------------------------------- */

static void
list_field (const char *name, AirCelType *type, gboolean required, gpointer user_data)
{
  GString *text = user_data;

  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", name);
}

static AirCelType *
field_type (AirCelChecker *self, const AirCelNode *node, AirCelType *target, const char *name)
{
  g_autoptr (AirCelType) dyn = air_cel_type_new (AIR_CEL_TYPE_DYN);
  AirCelType *field = NULL;

  switch (air_cel_type_get_kind (target))
    {
    case AIR_CEL_TYPE_DYN:
    case AIR_CEL_TYPE_NULL:
      break;
    case AIR_CEL_TYPE_OPTIONAL:
      return air_cel_check_made_of (AIR_CEL_TYPE_OPTIONAL, &target, 1);
    case AIR_CEL_TYPE_MAP:
      if (air_cel_type_is_object (target))
        field = air_cel_type_get_field (target, name);
      else
        field = air_cel_type_get_item (target);
      if (field == NULL && air_cel_type_is_closed (target) && self->strict)
        {
          g_autoptr (GString) fields = g_string_new (NULL);

          air_cel_type_foreach_field (target, list_field, fields);
          return air_cel_check_fail (self, node, AIR_CEL_ERROR_NO_SUCH_FIELD,
                                     "there is no field '%s'; known fields: %s", name,
                                     fields->len > 0 ? fields->str : "none");
        }
      break;
    default:
      if (self->strict || self->env == NULL)
        {
          g_autofree char *type = air_cel_type_to_string (target);

          return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "a value of type %s has no field '%s'", type,
                                     name);
        }
      break;
    }
  /* What is inside something labelled is labelled. */
  return air_cel_type_with_labels (field != NULL ? field : dyn, air_cel_type_get_labels (target));
}

static AirCelType *
check_select (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) target = NULL;
  g_autoptr (AirCelType) type = NULL;

  if (node->op == CEL_SELECT)
    {
      type = check_qualified (self, node);
      if (type != NULL)
        return g_steal_pointer (&type);
    }
  target = air_cel_check_node (self, node->args[0]);
  if (target == NULL)
    return NULL;
  type = field_type (self, node, target, node->name);
  if (type == NULL || node->op == CEL_SELECT)
    return g_steal_pointer (&type);
  return air_cel_check_made_of (AIR_CEL_TYPE_BOOL, &type, 1);
}

/* a.?b: what b holds, or nothing; a field that nobody declared is a mistake here too. */
static AirCelType *
check_optional_select (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) target = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) field = target != NULL ? field_type (self, node, target, node->name) : NULL;

  return field != NULL ? air_cel_check_made_of (AIR_CEL_TYPE_OPTIONAL, &field, 1) : NULL;
}

static AirCelType *
check_optional_index (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) target = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) index = target != NULL ? air_cel_check_node (self, node->args[1]) : NULL;
  AirCelType *sources[] = { target, index };

  return index != NULL ? air_cel_check_made_of (AIR_CEL_TYPE_OPTIONAL, sources, 2) : NULL;
}

static AirCelType *
check_index (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) target = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) index = target != NULL ? air_cel_check_node (self, node->args[1]) : NULL;
  g_autoptr (AirCelType) dyn = air_cel_type_new (AIR_CEL_TYPE_DYN);
  AirCelType *item;

  if (index == NULL)
    return NULL;
  if (air_cel_type_is_object (target))
    {
      const AirCelNode *key = node->args[1];

      if (key->op == CEL_LITERAL && key->value.kind == AIR_CEL_TYPE_STRING)
        {
          g_autofree char *name = g_strndup (key->value.s.p, key->value.s.n);

          return field_type (self, node, target, name);
        }
      /* Any field may come out. */
      return air_cel_type_labelled_by (dyn, &target, 1, TRUE);
    }
  if (self->strict
      && ((!air_cel_check_may_be (target, AIR_CEL_TYPE_LIST) && !air_cel_check_may_be (target, AIR_CEL_TYPE_MAP)
           && !air_cel_check_may_be (target, AIR_CEL_TYPE_OPTIONAL))
          || (air_cel_type_get_kind (target) == AIR_CEL_TYPE_LIST && !air_cel_check_may_be (index, AIR_CEL_TYPE_INT)
              && !air_cel_check_may_be (index, AIR_CEL_TYPE_UINT)
              && !air_cel_check_may_be (index, AIR_CEL_TYPE_DOUBLE))))
    {
      g_autofree char *a = air_cel_type_to_string (target);
      g_autofree char *b = air_cel_type_to_string (index);

      return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "a value of type %s has no element [%s]", a, b);
    }
  if (air_cel_type_get_kind (target) == AIR_CEL_TYPE_OPTIONAL)
    return air_cel_check_made_of (AIR_CEL_TYPE_OPTIONAL, &target, 1);
  item = air_cel_type_get_item (target);
  return air_cel_type_with_labels (item != NULL ? item : dyn, air_cel_type_get_labels (target));
}

/* --- operators ---------------------------------------------------------------------------- */

static AirCelType *
fail_operands (AirCelChecker *self, const AirCelNode *node, const AirCelType *a, const AirCelType *b)
{
  static const char *const names[] = { "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%" };
  g_autofree char *left = air_cel_type_to_string (a);
  g_autofree char *right = air_cel_type_to_string (b);

  return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "no such overload: %s %s %s", left,
                             names[node->op - CEL_EQ], right);
}

static inline gboolean
is_numeric (AirCelTypeKind kind)
{
  return kind == AIR_CEL_TYPE_INT || kind == AIR_CEL_TYPE_UINT || kind == AIR_CEL_TYPE_DOUBLE;
}

static gboolean
comparable (const AirCelNode *node, const AirCelType *a, const AirCelType *b)
{
  AirCelTypeKind x = air_cel_type_get_kind (a), y = air_cel_type_get_kind (b);

  if (x == AIR_CEL_TYPE_DYN || y == AIR_CEL_TYPE_DYN || (is_numeric (x) && is_numeric (y)))
    return TRUE;
  if (node->op == CEL_EQ || node->op == CEL_NE)
    return x == y || x == AIR_CEL_TYPE_NULL || y == AIR_CEL_TYPE_NULL;
  return x == y && x != AIR_CEL_TYPE_NULL && x != AIR_CEL_TYPE_LIST && x != AIR_CEL_TYPE_MAP && x != AIR_CEL_TYPE_TYPE;
}

static AirCelType *
arithmetic_type (AirCelChecker *self, const AirCelNode *node, AirCelType *a, AirCelType *b)
{
  AirCelTypeKind x = air_cel_type_get_kind (a), y = air_cel_type_get_kind (b);
  AirCelType *both[] = { a, b };
  gboolean sum = node->op == CEL_ADD, difference = node->op == CEL_SUB;

  if (x == AIR_CEL_TYPE_DYN || y == AIR_CEL_TYPE_DYN)
    return air_cel_check_made_of (AIR_CEL_TYPE_DYN, both, 2);
  if (x == AIR_CEL_TYPE_TIMESTAMP && ((y == AIR_CEL_TYPE_DURATION && (sum || difference))))
    return air_cel_check_made_of (AIR_CEL_TYPE_TIMESTAMP, both, 2);
  if (x == AIR_CEL_TYPE_DURATION && y == AIR_CEL_TYPE_TIMESTAMP && sum)
    return air_cel_check_made_of (AIR_CEL_TYPE_TIMESTAMP, both, 2);
  if ((x == AIR_CEL_TYPE_TIMESTAMP && y == x && difference)
      || (x == AIR_CEL_TYPE_DURATION && y == x && (sum || difference)))
    return air_cel_check_made_of (AIR_CEL_TYPE_DURATION, both, 2);
  if (x == y && sum && x == AIR_CEL_TYPE_LIST)
    return air_cel_type_join (a, b);
  if (x == y && sum && (x == AIR_CEL_TYPE_STRING || x == AIR_CEL_TYPE_BYTES))
    return air_cel_check_made_of (x, both, 2);
  if (x == y && is_numeric (x) && !(x == AIR_CEL_TYPE_DOUBLE && node->op == CEL_MOD))
    return air_cel_check_made_of (x, both, 2);
  return self->strict ? fail_operands (self, node, a, b) : air_cel_check_made_of (AIR_CEL_TYPE_DYN, both, 2);
}

static AirCelType *
check_binary (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) a = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) b = a != NULL ? air_cel_check_node (self, node->args[1]) : NULL;
  AirCelType *both[] = { a, b };

  if (b == NULL)
    return NULL;
  if (node->op >= CEL_ADD)
    return arithmetic_type (self, node, a, b);
  if (self->strict)
    {
      if (node->op == CEL_IN
              ? !air_cel_check_may_be (b, AIR_CEL_TYPE_LIST) && !air_cel_check_may_be (b, AIR_CEL_TYPE_MAP)
              : !comparable (node, a, b))
        return fail_operands (self, node, a, b);
    }
  return air_cel_check_made_of (AIR_CEL_TYPE_BOOL, both, 2);
}

static AirCelType *
check_logic (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) all = air_cel_type_new (AIR_CEL_TYPE_BOOL);

  for (guint i = 0; i < node->n_args; i++)
    {
      g_autoptr (AirCelType) one = air_cel_check_node (self, node->args[i]);
      AirCelType *labelled;

      if (one == NULL)
        return NULL;
      if (self->strict && !air_cel_check_may_be (one, AIR_CEL_TYPE_BOOL))
        {
          g_autofree char *type = air_cel_type_to_string (one);

          return air_cel_check_fail (self, node->args[i], AIR_CEL_ERROR_TYPE, "%s takes bool, not %s",
                                     node->op == CEL_AND  ? "&&"
                                     : node->op == CEL_OR ? "||"
                                                          : "!",
                                     type);
        }
      labelled = air_cel_type_labelled_by (all, &one, 1, FALSE);
      air_cel_type_unref (all);
      all = labelled;
    }
  return g_steal_pointer (&all);
}

static AirCelType *
check_negation (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) type = air_cel_check_node (self, node->args[0]);
  AirCelTypeKind kind;

  if (type == NULL)
    return NULL;
  kind = air_cel_type_get_kind (type);
  if (self->strict && kind != AIR_CEL_TYPE_INT && kind != AIR_CEL_TYPE_DOUBLE && kind != AIR_CEL_TYPE_DYN)
    {
      g_autofree char *text = air_cel_type_to_string (type);

      return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "no such overload: -%s", text);
    }
  return air_cel_check_made_of (kind, &type, 1);
}

/* Which value was chosen tells of the condition: its labels go along, but "untrusted", which the choice is not. */
static AirCelType *
check_conditional (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) condition = air_cel_check_node (self, node->args[0]);
  g_autoptr (AirCelType) a = condition != NULL ? air_cel_check_node (self, node->args[1]) : NULL;
  g_autoptr (AirCelType) b = a != NULL ? air_cel_check_node (self, node->args[2]) : NULL;
  g_autoptr (AirCelType) joined = NULL;

  if (b == NULL)
    return NULL;
  if (self->strict && !air_cel_check_may_be (condition, AIR_CEL_TYPE_BOOL))
    {
      g_autofree char *type = air_cel_type_to_string (condition);

      return air_cel_check_fail (self, node->args[0], AIR_CEL_ERROR_TYPE, "the condition of ?: is bool, not %s", type);
    }
  joined = air_cel_type_join (a, b);
  return air_cel_type_labelled_by (joined, &condition, 1, FALSE);
}

/* An entry with "?" holds what its optional does. */
static gboolean
open_optional (AirCelChecker *self, const AirCelNode *node, AirCelType **type)
{
  AirCelType *inner;

  if (self->strict && !air_cel_check_may_be (*type, AIR_CEL_TYPE_OPTIONAL))
    {
      g_autofree char *text = air_cel_type_to_string (*type);

      air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "an entry with '?' takes an optional, not %s", text);
      return FALSE;
    }
  inner = air_cel_check_made_of (AIR_CEL_TYPE_DYN, type, 1);
  air_cel_type_unref (*type);
  *type = inner;
  return TRUE;
}

static AirCelType *
check_list (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) item = NULL;

  for (guint i = 0; i < node->n_args; i++)
    {
      g_autoptr (AirCelType) one = air_cel_check_node (self, node->args[i]);
      AirCelType *joined;

      if (one == NULL || (node->args[i]->optional && !open_optional (self, node->args[i], &one)))
        return NULL;
      joined = air_cel_type_join (item, one);
      g_clear_pointer (&item, air_cel_type_unref);
      item = joined;
    }
  return air_cel_type_new_list (item);
}

/* Maps of constant string keys become objects: their fields keep their own types and labels. */
static AirCelType *
check_map (AirCelChecker *self, AirCelNode *node)
{
  g_autoptr (AirCelType) object = air_cel_type_new_object (NULL);
  g_autoptr (AirCelType) keys = NULL;
  g_autoptr (AirCelType) values = NULL;
  gboolean constant_keys = TRUE;

  for (guint i = 0; i + 1 < node->n_args; i += 2)
    {
      const AirCelNode *key_node = node->args[i];
      g_autoptr (AirCelType) key = air_cel_check_node (self, node->args[i]);
      g_autoptr (AirCelType) value = key != NULL ? air_cel_check_node (self, node->args[i + 1]) : NULL;
      g_autofree char *name = NULL;
      AirCelType *joined;

      if (value == NULL || (key_node->optional && !open_optional (self, node->args[i + 1], &value)))
        return NULL;
      joined = air_cel_type_join (keys, key);
      g_clear_pointer (&keys, air_cel_type_unref);
      keys = joined;
      joined = air_cel_type_join (values, value);
      g_clear_pointer (&values, air_cel_type_unref);
      values = joined;
      if (key_node->op == CEL_LITERAL && key_node->value.kind == AIR_CEL_TYPE_STRING)
        name = g_strndup (key_node->value.s.p, key_node->value.s.n);
      constant_keys = constant_keys && name != NULL && air_cel_type_get_field (object, name) == NULL;
      if (constant_keys)
        air_cel_type_add_field (object, name, value, !key_node->optional);
    }
  if (constant_keys && node->n_args > 0)
    return g_steal_pointer (&object);
  return air_cel_type_new_map (keys, values);
}

/* --- calls and macros ------------------------------------------------------------------------- */

static gboolean
overload_fits (const AirCelFunction *function, AirCelType **args, guint n_args)
{
  for (guint i = 0; i < n_args; i++)
    {
      AirCelTypeKind kind = air_cel_type_get_kind (args[i]);

      if (function->args[i] != AIR_CEL_TYPE_DYN && kind != AIR_CEL_TYPE_DYN && function->args[i] != kind)
        return FALSE;
    }
  return TRUE;
}

static AirCelType *
fail_call (AirCelChecker *self, const AirCelNode *node, AirCelType **args)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *receiver = node->member ? air_cel_type_to_string (args[0]) : NULL;

  for (guint i = node->member ? 1 : 0; i < node->n_args; i++)
    {
      g_autofree char *type = air_cel_type_to_string (args[i]);

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", type);
    }
  return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "no such overload: %s%s%s(%s)",
                             receiver != NULL ? receiver : "", receiver != NULL ? "." : "", node->name, text->str);
}

static gboolean
is_summed (const AirCelType *item)
{
  switch (air_cel_type_get_kind (item))
    {
    case AIR_CEL_TYPE_INT:
    case AIR_CEL_TYPE_UINT:
    case AIR_CEL_TYPE_DOUBLE:
    case AIR_CEL_TYPE_DURATION:
      return TRUE;
    default:
      return FALSE;
    }
}

/* sum(), min(), max(): of the kind the items are of; the sum of none is the zero of that kind. */
static AirCelType *
item_type (AirCelChecker *self, AirCelNode *node, AirCelType **args)
{
  AirCelType *item = air_cel_type_get_item (args[0]);

  if (strcmp (node->name, "sum") == 0 && air_cel_type_get_kind (item) != AIR_CEL_TYPE_DYN)
    {
      if (!is_summed (item))
        return self->strict ? fail_call (self, node, args)
                            : air_cel_check_made_of (AIR_CEL_TYPE_DYN, args, node->n_args);
      node->value = (AirCelVal) { .kind = air_cel_type_get_kind (item) };
    }
  return air_cel_type_labelled_by (item, args, node->n_args, TRUE);
}

static AirCelType *
call_type (AirCelChecker *self, AirCelNode *node, AirCelType **args)
{
  AirCelTypeKind result = AIR_CEL_TYPE_DYN;
  gboolean found = FALSE, item_result = FALSE;

  for (guint i = 0; i < node->n_overloads; i++)
    {
      const AirCelFunction *function = node->overloads[i];

      if (!overload_fits (function, args, node->n_args))
        continue;
      result = !found || result == function->result ? (AirCelTypeKind) function->result : AIR_CEL_TYPE_DYN;
      item_result = function->item_result;
      found = TRUE;
    }
  if (!found && self->strict)
    return fail_call (self, node, args);
  if (item_result && air_cel_type_get_item (args[0]) != NULL)
    return item_type (self, node, args);
  return air_cel_check_made_of (result, args, node->n_args);
}

/* Any number of arguments becomes one list of them. */
static void
gather_arguments (AirCelNode *node)
{
  AirCelNode *list = air_cel_node_new (CEL_LIST, node->pos, 0);

  list->args = g_steal_pointer (&node->args);
  list->n_args = node->n_args;
  air_cel_node_measure (list);
  node->args = g_new0 (AirCelNode *, 1);
  node->args[0] = list;
  node->n_args = 1;
  air_cel_node_measure (node);
}

/* "strings.quote(x)": a global function with a dot in its name looks like a method of a name. */
static void
unqualify_call (AirCelChecker *self, AirCelNode *node)
{
  g_autofree char *name = NULL;

  if (!node->member || node->args[0]->op != CEL_GLOBAL || declared (self, node->args[0]->name) != NULL)
    return;
  name = g_strconcat (node->args[0]->name, ".", node->name, NULL);
  if (air_cel_know_function (name, FALSE) < 2)
    return;
  air_cel_node_free (node->args[0]);
  node->n_args--;
  memmove (node->args, node->args + 1, node->n_args * sizeof node->args[0]);
  node->member = FALSE;
  air_cel_node_set_name (node, name, strlen (name));
  if (node->n_args > 1 && (strcmp (name, "math.greatest") == 0 || strcmp (name, "math.least") == 0))
    gather_arguments (node);
}

static gboolean
compile_pattern (AirCelChecker *self, AirCelNode *node)
{
  const AirCelNode *pattern = node->n_args == 2 ? node->args[1] : NULL;
  g_autofree char *message = NULL;

  if (strcmp (node->name, "matches") != 0 || pattern == NULL || pattern->op != CEL_LITERAL
      || pattern->value.kind != AIR_CEL_TYPE_STRING)
    return TRUE;
  node->regex = air_regex_new (pattern->value.s.p, pattern->value.s.n, &message);
  if (node->regex == NULL)
    air_cel_check_fail (self, pattern, AIR_CEL_ERROR_ARGUMENT, "regular expression \"%.80s\": %s", pattern->value.s.p,
                        message);
  return node->regex != NULL;
}

static AirCelType *
check_call (AirCelChecker *self, AirCelNode *node)
{
  AirCelType *args[CEL_MAX_ARGS] = { NULL };
  AirCelType *type = NULL;
  gboolean ok = TRUE;

  unqualify_call (self, node);
  if (node->n_args <= CEL_MAX_ARGS)
    node->overloads = air_cel_find_functions (node->name, node->member, node->n_args, &node->n_overloads);
  /* Not checked: the evaluation says so, unless && or || absorb it. */
  if (node->n_overloads == 0 && self->env != NULL && !self->strict)
    {
      for (guint i = 0; ok && i < node->n_args; i++)
        {
          g_autoptr (AirCelType) arg = air_cel_check_node (self, node->args[i]);

          ok = arg != NULL;
        }
      return ok ? air_cel_type_new (AIR_CEL_TYPE_DYN) : NULL;
    }
  if (node->n_overloads == 0)
    {
      guint known = air_cel_know_function (node->name, node->member);

      if (known == 2)
        return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE, "%s() does not take %u arguments", node->name,
                                   node->n_args - (node->member ? 1 : 0));
      if (known == 1)
        return air_cel_check_fail (self, node, AIR_CEL_ERROR_TYPE,
                                   node->member ? "%s() is not called on a value; write %s(…)"
                                                : "%s() is called on a value; write value.%s(…)",
                                   node->name, node->name);
      return air_cel_check_fail (self, node, AIR_CEL_ERROR_UNDECLARED, "there is no function %s()", node->name);
    }
  for (guint i = 0; ok && i < node->n_args; i++)
    {
      args[i] = air_cel_check_node (self, node->args[i]);
      ok = args[i] != NULL;
    }
  if (ok && compile_pattern (self, node))
    type = call_type (self, node, args);
  for (guint i = 0; i < node->n_args; i++)
    g_clear_pointer (&args[i], air_cel_type_unref);
  return type;
}

static AirCelType *
literal_type (const AirCelNode *node)
{
  return air_cel_type_new ((AirCelTypeKind) node->value.kind);
}

AirCelType *
air_cel_check_node (AirCelChecker *self, AirCelNode *node)
{
  switch (node->op)
    {
    case CEL_LITERAL:
      return literal_type (node);
    case CEL_GLOBAL:
    case CEL_LOCAL:
      return check_global (self, node);
    case CEL_SELECT:
    case CEL_HAS:
      return check_select (self, node);
    case CEL_INDEX:
      return check_index (self, node);
    case CEL_OPT_SELECT:
      return check_optional_select (self, node);
    case CEL_OPT_INDEX:
      return check_optional_index (self, node);
    case CEL_OPT_MAP:
    case CEL_OPT_FLAT_MAP:
      return air_cel_check_optional_map (self, node);
    case CEL_BIND:
      return air_cel_check_bind (self, node);
    case CEL_CALL:
      return check_call (self, node);
    case CEL_LIST:
      return check_list (self, node);
    case CEL_MAP:
      return check_map (self, node);
    case CEL_AND:
    case CEL_OR:
    case CEL_NOT:
      return check_logic (self, node);
    case CEL_NEG:
      return check_negation (self, node);
    case CEL_COND:
      return check_conditional (self, node);
    case CEL_COMP_ALL:
    case CEL_COMP_EXISTS:
    case CEL_COMP_EXISTS_ONE:
    case CEL_COMP_MAP:
    case CEL_COMP_FILTER:
    case CEL_COMP_TRANSFORM_MAP:
      return air_cel_check_comprehension (self, node);
    default:
      return check_binary (self, node);
    }
}

AirCelType *
air_cel_check (AirCelProgram *program, const AirCelEnv *env, GError **error)
{
  AirCelChecker self = { .program = program, .env = env, .strict = env != NULL && env->checked };
  AirCelType *type = air_cel_check_node (&self, program->root);

  if (type == NULL)
    g_propagate_error (error, self.error);
  else
    air_cel_collect_references (program->root, program->references);
  return type;
}
