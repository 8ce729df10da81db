/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/*
 * Recursive descent over the grammar of the language definition, with the
 * binary operators by precedence. Macros are expanded here, as the definition
 * wants: they are syntax, not functions.
 */

typedef struct {
  AirCelLexer lexer;
  guint depth;
  guint n_nodes;
} Parser;

static AirCelNode *parse_expression (Parser *self, GError **error);

#define PUNCT(c) ((guint) CEL_TOKEN_PUNCT + (c))

static inline gboolean
at (const Parser *self, guint kind)
{
  return self->lexer.kind == kind;
}

static gboolean
advance (Parser *self, GError **error)
{
  return air_cel_lexer_next (&self->lexer, error);
}

static char *
describe_token (const Parser *self)
{
  const AirCelLexer *lexer = &self->lexer;

  if (lexer->kind == CEL_TOKEN_END)
    return g_strdup ("the end");
  return g_strdup_printf ("'%.*s'", (int) MIN (lexer->end - lexer->start, 40), lexer->text + lexer->start);
}

static gpointer
fail_at (Parser *self, gsize pos, int code, GError **error, const char *message)
{
  air_cel_set_syntax_error (error, code, self->lexer.text, pos, "%s", message);
  return NULL;
}

static gpointer
fail_expected (Parser *self, const char *what, GError **error)
{
  g_autofree char *found = describe_token (self);

  air_cel_set_syntax_error (error, AIR_CEL_ERROR_SYNTAX, self->lexer.text, self->lexer.start, "expected %s, found %s",
                            what, found);
  return NULL;
}

static gboolean
expect (Parser *self, char c, GError **error)
{
  const char what[] = { '\'', c, '\'', '\0' };

  if (!at (self, PUNCT (c)))
    {
      fail_expected (self, what, error);
      return FALSE;
    }
  return advance (self, error);
}

/* Takes the node; counts and measures it. */
static AirCelNode *
finish (Parser *self, AirCelNode *take_node, GError **error)
{
  g_autoptr (AirCelNode) node = take_node;

  air_cel_node_measure (node);
  if (node->depth > AIR_CEL_MAX_DEPTH)
    return fail_at (self, node->pos, AIR_CEL_ERROR_DEPTH, error, "the expression nests too deep; split it up");
  if (++self->n_nodes > CEL_MAX_NODES)
    return fail_at (self, node->pos, AIR_CEL_ERROR_DEPTH, error, "the expression is too long; split it up");
  return g_steal_pointer (&node);
}

static AirCelNode *
finish_with (Parser *self, AirCelOp op, gsize pos, GPtrArray *args, GError **error)
{
  AirCelNode *node = air_cel_node_new (op, (guint32) pos, args->len);

  for (guint i = 0; i < args->len; i++)
    node->args[i] = g_steal_pointer (&args->pdata[i]);
  return finish (self, node, error);
}

static GPtrArray *
new_args (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) air_cel_node_free);
}

/* Up to @close, which is consumed; a trailing comma only where @trailing. */
static gboolean
parse_arguments (Parser *self, char close, gboolean trailing, GPtrArray *args, GError **error)
{
  while (!at (self, PUNCT (close)))
    {
      gboolean optional = close == ']' && at (self, PUNCT ('?'));
      AirCelNode *node;

      if (optional && !advance (self, error))
        return FALSE;
      node = parse_expression (self, error);
      if (node == NULL)
        return FALSE;
      node->optional = optional;
      g_ptr_array_add (args, node);
      if (at (self, PUNCT (close)))
        break;
      if (!at (self, PUNCT (',')))
        {
          const char what[] = { '\'', ',', '\'', ' ', 'o', 'r', ' ', '\'', close, '\'', '\0' };

          fail_expected (self, what, error);
          return FALSE;
        }
      if (!advance (self, error))
        return FALSE;
      if (!trailing && at (self, PUNCT (close)))
        {
          fail_expected (self, "an expression", error);
          return FALSE;
        }
    }
  return advance (self, error);
}

/* --- macros ---------------------------------------------------------------- */

static AirCelNode *
expand_has (Parser *self, gsize pos, GPtrArray *args, GError **error)
{
  AirCelNode *select = g_ptr_array_index (args, 0);

  if (select->op != CEL_SELECT)
    return fail_at (self, select->pos, AIR_CEL_ERROR_SYNTAX, error, "has() takes a field, as in has(order.id)");
  select->op = CEL_HAS;
  select->pos = (guint32) pos;
  return g_steal_pointer (&args->pdata[0]);
}

static gboolean
find_macro (const char *name, gsize length, guint n_args, AirCelOp *ret_op, guint *ret_n_variables)
{
  static const struct {
    const char *name;
    guint min_args;
    guint max_args;
    AirCelOp op;
    guint n_variables;
  } macros[] = {
    { "all", 2, 2, CEL_COMP_ALL, 1 },
    { "exists", 2, 2, CEL_COMP_EXISTS, 1 },
    { "exists_one", 2, 2, CEL_COMP_EXISTS_ONE, 1 },
    { "existsOne", 2, 2, CEL_COMP_EXISTS_ONE, 1 },
    { "map", 2, 3, CEL_COMP_MAP, 1 },
    { "filter", 2, 2, CEL_COMP_FILTER, 1 },
    { "all", 3, 3, CEL_COMP_ALL, 2 },
    { "exists", 3, 3, CEL_COMP_EXISTS, 2 },
    { "exists_one", 3, 3, CEL_COMP_EXISTS_ONE, 2 },
    { "existsOne", 3, 3, CEL_COMP_EXISTS_ONE, 2 },
    { "transformList", 3, 4, CEL_COMP_MAP, 2 },
    { "transformMap", 3, 4, CEL_COMP_TRANSFORM_MAP, 2 },
    { "optMap", 2, 2, CEL_OPT_MAP, 1 },
    { "optFlatMap", 2, 2, CEL_OPT_FLAT_MAP, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (macros); i++)
    if (strlen (macros[i].name) == length && memcmp (macros[i].name, name, length) == 0 && n_args >= macros[i].min_args
        && n_args <= macros[i].max_args)
      {
        *ret_op = macros[i].op;
        *ret_n_variables = macros[i].n_variables;
        return TRUE;
      }
  return FALSE;
}

/* args: the range, the variable or both, then the body or (map with a filter) the predicate and the body. */
static AirCelNode *
expand_comprehension (Parser *self, AirCelOp op, guint n_variables, gsize pos, GPtrArray *args, GError **error)
{
  AirCelNode *node;

  for (guint i = 1; i <= n_variables; i++)
    {
      const AirCelNode *variable = g_ptr_array_index (args, i);

      if (variable->op != CEL_GLOBAL || variable->rooted)
        return fail_at (self, variable->pos, AIR_CEL_ERROR_SYNTAX, error,
                        "the macro's first argument is the name of its variable, as in items.all(item, item > 0)");
    }
  node = air_cel_node_new (op, (guint32) pos, args->len - n_variables);
  node->args[0] = g_steal_pointer (&args->pdata[0]);
  for (guint i = 1; i < node->n_args; i++)
    node->args[i] = g_steal_pointer (&args->pdata[i + n_variables]);
  air_cel_node_set_name (node, ((AirCelNode *) args->pdata[1])->name, ((AirCelNode *) args->pdata[1])->name_length);
  if (n_variables == 2)
    node->second_name = g_strdup (((AirCelNode *) args->pdata[2])->name);
  return finish (self, node, error);
}

/* cel.bind (x, value, body): args are "cel" and those three. */
static AirCelNode *
expand_bind (Parser *self, gsize pos, GPtrArray *args, GError **error)
{
  const AirCelNode *variable = g_ptr_array_index (args, 1);
  AirCelNode *node;

  if (variable->op != CEL_GLOBAL || variable->rooted)
    return fail_at (self, variable->pos, AIR_CEL_ERROR_SYNTAX, error,
                    "the first argument is the name of its variable, as in cel.bind(x, 1, x + x)");
  node = air_cel_node_new (CEL_BIND, (guint32) pos, 2);
  node->args[0] = g_steal_pointer (&args->pdata[2]);
  node->args[1] = g_steal_pointer (&args->pdata[3]);
  air_cel_node_set_name (node, variable->name, variable->name_length);
  return finish (self, node, error);
}

static gboolean
is_bind (const AirCelNode *target, const char *name, guint n_args)
{
  return target->op == CEL_GLOBAL && strcmp (target->name, "cel") == 0 && strcmp (name, "bind") == 0 && n_args == 3;
}

/* --- primaries and members -------------------------------------------------- */

static AirCelNode *
parse_literal (Parser *self, GError **error)
{
  AirCelLexer *lexer = &self->lexer;
  g_autoptr (AirCelNode) node = air_cel_node_new (CEL_LITERAL, (guint32) lexer->start, 0);
  AirValue *value;

  switch (lexer->kind)
    {
    case CEL_TOKEN_INT:
      if (lexer->number > G_MAXINT64)
        return fail_at (self, lexer->start, AIR_CEL_ERROR_SYNTAX, error,
                        "the number does not fit into an int; write it as a uint with 'u'");
      value = air_value_new_int ((gint64) lexer->number);
      break;
    case CEL_TOKEN_UINT:
      value = air_value_new_uint (lexer->number);
      break;
    case CEL_TOKEN_DOUBLE:
      value = air_value_new_double (lexer->real);
      break;
    case CEL_TOKEN_STRING:
      value = air_value_new_string_len (lexer->string->str, lexer->string->len);
      break;
    case CEL_TOKEN_BYTES:
      value = air_value_new_bytes (lexer->string->str, lexer->string->len);
      break;
    case CEL_TOKEN_TRUE:
    case CEL_TOKEN_FALSE:
      value = air_value_new_bool (lexer->kind == CEL_TOKEN_TRUE);
      break;
    case CEL_TOKEN_NULL:
      value = air_value_new_null ();
      break;
    default:
      return fail_expected (self, "an expression", error);
    }
  air_cel_node_set_constant (node, value);
  if (!advance (self, error))
    return NULL;
  return finish (self, g_steal_pointer (&node), error);
}

static AirCelNode *
parse_map (Parser *self, GError **error)
{
  g_autoptr (GPtrArray) args = new_args ();
  gsize pos = self->lexer.start;

  if (!advance (self, error))
    return NULL;
  while (!at (self, PUNCT ('}')))
    {
      gboolean optional = at (self, PUNCT ('?'));
      AirCelNode *node;

      if (optional && !advance (self, error))
        return NULL;
      node = parse_expression (self, error);
      if (node == NULL)
        return NULL;
      node->optional = optional;
      g_ptr_array_add (args, node);
      if (!expect (self, ':', error))
        return NULL;
      node = parse_expression (self, error);
      if (node == NULL)
        return NULL;
      g_ptr_array_add (args, node);
      if (at (self, PUNCT ('}')))
        break;
      if (!at (self, PUNCT (',')))
        return fail_expected (self, "',' or '}'", error);
      if (!advance (self, error))
        return NULL;
    }
  if (!advance (self, error))
    return NULL;
  return finish_with (self, CEL_MAP, pos, args, error);
}

static AirCelNode *
parse_name (Parser *self, gboolean rooted, GError **error)
{
  AirCelLexer *lexer = &self->lexer;
  const char *name = lexer->text + lexer->start;
  gsize length = lexer->end - lexer->start, pos = lexer->start;
  g_autoptr (AirCelNode) node = NULL;

  if (!at (self, CEL_TOKEN_IDENT))
    return fail_expected (self, "a name", error);
  if (air_cel_is_reserved (name, length))
    {
      air_cel_set_syntax_error (error, AIR_CEL_ERROR_SYNTAX, lexer->text, pos,
                                "'%.*s' is a reserved word; use another name", (int) length, name);
      return NULL;
    }
  if (!advance (self, error))
    return NULL;
  if (at (self, PUNCT ('(')))
    {
      g_autoptr (GPtrArray) args = new_args ();

      if (!advance (self, error) || !parse_arguments (self, ')', FALSE, args, error))
        return NULL;
      if (!rooted && length == 3 && memcmp (name, "has", 3) == 0 && args->len == 1)
        return expand_has (self, pos, args, error);
      node = finish_with (self, CEL_CALL, pos, args, error);
    }
  else
    node = finish (self, air_cel_node_new (CEL_GLOBAL, (guint32) pos, 0), error);
  if (node == NULL)
    return NULL;
  node->rooted = rooted;
  air_cel_node_set_name (node, name, length);
  return g_steal_pointer (&node);
}

static AirCelNode *
parse_primary (Parser *self, GError **error)
{
  gsize pos = self->lexer.start;

  switch (self->lexer.kind)
    {
    case PUNCT ('('):
      {
        g_autoptr (AirCelNode) node = NULL;

        if (!advance (self, error))
          return NULL;
        node = parse_expression (self, error);
        if (node == NULL || !expect (self, ')', error))
          return NULL;
        return g_steal_pointer (&node);
      }
    case PUNCT ('['):
      {
        g_autoptr (GPtrArray) args = new_args ();

        if (!advance (self, error) || !parse_arguments (self, ']', TRUE, args, error))
          return NULL;
        return finish_with (self, CEL_LIST, pos, args, error);
      }
    case PUNCT ('{'):
      return parse_map (self, error);
    case PUNCT ('.'):
      return advance (self, error) ? parse_name (self, TRUE, error) : NULL;
    case CEL_TOKEN_IDENT:
      return parse_name (self, FALSE, error);
    default:
      return parse_literal (self, error);
    }
}

/* After the dot; takes the target. */
static AirCelNode *
parse_selection (Parser *self, AirCelNode *take_target, GError **error)
{
  g_autoptr (GPtrArray) args = new_args ();
  g_autoptr (AirCelNode) node = NULL;
  g_autofree char *name = NULL;
  AirCelLexer *lexer = &self->lexer;
  gsize pos = lexer->start;
  gboolean optional = at (self, PUNCT ('?')), quoted;
  guint n_variables;
  AirCelOp op;

  g_ptr_array_add (args, take_target);
  if (optional && !advance (self, error))
    return NULL;
  quoted = at (self, CEL_TOKEN_ESCAPED_IDENT);
  if (quoted)
    name = g_strndup (lexer->string->str, lexer->string->len);
  else if (at (self, CEL_TOKEN_IDENT))
    name = g_strndup (lexer->text + lexer->start, lexer->end - lexer->start);
  else
    return fail_expected (self, "a field's name", error);
  if (!advance (self, error))
    return NULL;

  if (quoted || optional || !at (self, PUNCT ('(')))
    node = finish_with (self, optional ? CEL_OPT_SELECT : CEL_SELECT, pos, args, error);
  else
    {
      if (!advance (self, error) || !parse_arguments (self, ')', FALSE, args, error))
        return NULL;
      if (is_bind (g_ptr_array_index (args, 0), name, args->len - 1))
        return expand_bind (self, pos, args, error);
      if (find_macro (name, strlen (name), args->len - 1, &op, &n_variables))
        return expand_comprehension (self, op, n_variables, pos, args, error);
      node = finish_with (self, CEL_CALL, pos, args, error);
      if (node != NULL)
        node->member = TRUE;
    }
  if (node == NULL)
    return NULL;
  air_cel_node_set_name (node, name, strlen (name));
  return g_steal_pointer (&node);
}

static gboolean
is_qualified_name (const AirCelNode *node)
{
  while (node->op == CEL_SELECT)
    node = node->args[0];
  return node->op == CEL_GLOBAL;
}

static AirCelNode *
parse_member (Parser *self, GError **error)
{
  g_autoptr (AirCelNode) node = parse_primary (self, error);

  while (node != NULL)
    {
      gsize pos = self->lexer.start;

      if (at (self, PUNCT ('.')))
        {
          if (!advance (self, error))
            return NULL;
          node = parse_selection (self, g_steal_pointer (&node), error);
        }
      else if (at (self, PUNCT ('[')))
        {
          g_autoptr (GPtrArray) args = new_args ();
          AirCelNode *index;
          gboolean optional;

          g_ptr_array_add (args, g_steal_pointer (&node));
          if (!advance (self, error))
            return NULL;
          optional = at (self, PUNCT ('?'));
          if (optional && !advance (self, error))
            return NULL;
          index = parse_expression (self, error);
          if (index == NULL)
            return NULL;
          g_ptr_array_add (args, index);
          if (!expect (self, ']', error))
            return NULL;
          node = finish_with (self, optional ? CEL_OPT_INDEX : CEL_INDEX, pos, args, error);
        }
      else if (at (self, PUNCT ('{')) && is_qualified_name (node))
        return fail_at (self, node->pos, AIR_CEL_ERROR_UNSUPPORTED, error,
                        "messages do not exist here; write a map: {'name': value}");
      else
        break;
    }
  return g_steal_pointer (&node);
}

static AirCelNode *
parse_unary (Parser *self, GError **error)
{
  g_autoptr (AirCelNode) node = NULL;
  char sign = at (self, PUNCT ('!')) ? '!' : '-';
  gsize pos = self->lexer.start;
  guint n = 0;

  if (!at (self, PUNCT (sign)))
    return parse_member (self, error);
  for (; at (self, PUNCT (sign)); n++)
    {
      if (n > AIR_CEL_MAX_DEPTH)
        return fail_at (self, pos, AIR_CEL_ERROR_DEPTH, error, "too many signs in a row");
      if (!advance (self, error))
        return NULL;
    }
  /* The smallest int has no positive counterpart: the sign belongs to the literal. */
  if (sign == '-' && at (self, CEL_TOKEN_INT) && self->lexer.number == (guint64) G_MAXINT64 + 1)
    {
      node = air_cel_node_new (CEL_LITERAL, (guint32) pos, 0);
      air_cel_node_set_constant (node, air_value_new_int (G_MININT64));
      if (!advance (self, error))
        return NULL;
      n--;
    }
  else
    node = parse_member (self, error);
  for (; node != NULL && n > 0; n--)
    {
      AirCelNode *outer = air_cel_node_new (sign == '!' ? CEL_NOT : CEL_NEG, (guint32) pos, 1);

      outer->args[0] = g_steal_pointer (&node);
      node = finish (self, outer, error);
    }
  return g_steal_pointer (&node);
}

/* --- operators ----------------------------------------------------------------- */

static gboolean
binary_operator (guint kind, AirCelOp *ret_op, guint *ret_level)
{
  static const struct {
    guint kind;
    AirCelOp op;
    guint level;
  } operators[] = {
    { CEL_TOKEN_OR, CEL_OR, 1 }, { CEL_TOKEN_AND, CEL_AND, 2 }, { CEL_TOKEN_EQ, CEL_EQ, 3 },
    { CEL_TOKEN_NE, CEL_NE, 3 }, { PUNCT ('<'), CEL_LT, 3 },    { CEL_TOKEN_LE, CEL_LE, 3 },
    { PUNCT ('>'), CEL_GT, 3 },  { CEL_TOKEN_GE, CEL_GE, 3 },   { CEL_TOKEN_IN, CEL_IN, 3 },
    { PUNCT ('+'), CEL_ADD, 4 }, { PUNCT ('-'), CEL_SUB, 4 },   { PUNCT ('*'), CEL_MUL, 5 },
    { PUNCT ('/'), CEL_DIV, 5 }, { PUNCT ('%'), CEL_MOD, 5 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (operators); i++)
    if (operators[i].kind == kind)
      {
        *ret_op = operators[i].op;
        *ret_level = operators[i].level;
        return TRUE;
      }
  return FALSE;
}

static AirCelNode *
parse_binary (Parser *self, guint min_level, GError **error)
{
  g_autoptr (AirCelNode) left = parse_unary (self, error);
  AirCelOp op;
  guint level;

  while (left != NULL && binary_operator (self->lexer.kind, &op, &level) && level >= min_level)
    {
      g_autoptr (AirCelNode) right = NULL;
      AirCelNode *node;
      gsize pos = self->lexer.start;

      if (!advance (self, error))
        return NULL;
      right = parse_binary (self, level + 1, error);
      if (right == NULL)
        return NULL;
      /* Long chains of && and || become one flat node: no depth, and evaluation stops at the first answer. */
      if ((op == CEL_AND || op == CEL_OR) && left->op == op && left->n_args < CEL_MAX_NODES)
        {
          left->args = g_renew (AirCelNode *, left->args, left->n_args + 1);
          left->args[left->n_args++] = g_steal_pointer (&right);
          left = finish (self, g_steal_pointer (&left), error);
          continue;
        }
      node = air_cel_node_new (op, (guint32) pos, 2);
      node->args[0] = g_steal_pointer (&left);
      node->args[1] = g_steal_pointer (&right);
      left = finish (self, node, error);
    }
  return g_steal_pointer (&left);
}

static AirCelNode *
parse_conditional (Parser *self, GError **error)
{
  g_autoptr (AirCelNode) node = parse_binary (self, 1, error);
  AirCelNode *conditional;

  if (node == NULL || !at (self, PUNCT ('?')))
    return g_steal_pointer (&node);
  conditional = air_cel_node_new (CEL_COND, (guint32) self->lexer.start, 3);
  conditional->args[0] = g_steal_pointer (&node);
  node = conditional;
  if (!advance (self, error))
    return NULL;
  node->args[1] = parse_binary (self, 1, error);
  if (node->args[1] == NULL || !expect (self, ':', error))
    return NULL;
  node->args[2] = parse_expression (self, error);
  if (node->args[2] == NULL)
    return NULL;
  return finish (self, g_steal_pointer (&node), error);
}

static AirCelNode *
parse_expression (Parser *self, GError **error)
{
  AirCelNode *node;

  if (++self->depth > AIR_CEL_MAX_DEPTH)
    return fail_at (self, self->lexer.start, AIR_CEL_ERROR_DEPTH, error, "the expression nests too deep; split it up");
  node = parse_conditional (self, error);
  self->depth--;
  return node;
}

/* Fails with SYNTAX, DEPTH or UNSUPPORTED; the message starts with the column. */
AirCelNode *
air_cel_parse (const char *text, gsize length, GError **error)
{
  Parser self = { 0 };
  g_autoptr (AirCelNode) node = NULL;

  air_cel_lexer_init (&self.lexer, text, length);
  if (advance (&self, error))
    node = parse_expression (&self, error);
  if (node != NULL && !at (&self, CEL_TOKEN_END))
    {
      fail_expected (&self, "an operator or the end", error);
      g_clear_pointer (&node, air_cel_node_free);
    }
  air_cel_lexer_clear (&self.lexer);
  return g_steal_pointer (&node);
}
