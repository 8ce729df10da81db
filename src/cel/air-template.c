/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"
#include "cel/air-template.h"

typedef enum {
  NODE_CONSTANT,
  NODE_EXPRESSION, /* the whole string */
  NODE_TEXT,       /* pieces: constants and expressions */
  NODE_LIST,
  NODE_MAP,
} NodeKind;

typedef struct _Node Node;
struct _Node {
  NodeKind kind;
  gboolean optional;  /* EXPRESSION, TEXT with one in it */
  AirValue *constant; /* CONSTANT */
  AirValue *key;      /* the key under which a MAP holds it */
  AirCelProgram *program;
  char *pointer;       /* EXPRESSION, TEXT */
  GPtrArray *children; /* Node*: of TEXT, LIST, MAP */
};

struct _AirTemplate {
  gatomicrefcount ref_count;
  Node *root;
  AirCelType *type;
};

/* The tree comes from a JSON reader with the same bound; this is for trees made otherwise. */
#define MAX_DEPTH 64

typedef struct {
  const AirCelEnv *env;
  GString *pointer;
  guint depth;
} Compiler;

static Node *compile_tree (Compiler *self, AirValue *tree, AirCelType **ret_type, GError **error);

static void
node_free (Node *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->constant, air_value_unref);
  g_clear_pointer (&self->key, air_value_unref);
  g_clear_pointer (&self->program, air_cel_program_unref);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self->pointer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Node, node_free)

static Node *
node_new (NodeKind kind)
{
  Node *self = g_new0 (Node, 1);

  self->kind = kind;
  if (kind >= NODE_TEXT)
    self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return self;
}

static Node *
node_new_constant (AirValue *take_value)
{
  Node *self = node_new (NODE_CONSTANT);

  self->constant = take_value;
  return self;
}

/* --- compiling ------------------------------------------------------------------------- */

/* @at is behind "${"; finds the brace that closes it, past strings and inner braces. */
static gboolean
find_close (const char *text, gsize length, gsize at, gsize *ret_close, GError **error)
{
  AirCelLexer lexer;
  guint depth = 0;
  gboolean found = FALSE, ok = TRUE;

  air_cel_lexer_init (&lexer, text, length);
  lexer.pos = at;
  while (!found && (ok = air_cel_lexer_next (&lexer, error)) && lexer.kind != CEL_TOKEN_END)
    {
      if (lexer.kind == (guint) CEL_TOKEN_PUNCT + '{')
        depth++;
      else if (lexer.kind == (guint) CEL_TOKEN_PUNCT + '}' && depth-- == 0)
        found = TRUE;
    }
  *ret_close = lexer.start;
  air_cel_lexer_clear (&lexer);
  if (ok && !found)
    air_cel_set_syntax_error (error, AIR_CEL_ERROR_SYNTAX, text, at - 2,
                              "'${' is not closed; write '}', or '$$' for a dollar sign");
  return found;
}

static Node *
compile_expression (Compiler *self, const char *text, gsize length, GError **error)
{
  g_autoptr (Node) node = node_new (NODE_EXPRESSION);
  g_autofree char *source = NULL;

  if (memchr (text, '\0', length) != NULL)
    {
      g_set_error_literal (error, AIR_CEL_ERROR, AIR_CEL_ERROR_SYNTAX,
                           "a NUL character does not belong into an expression");
      return NULL;
    }
  node->optional = length > 0 && text[0] == '?';
  source = g_strndup (text + node->optional, length - (gsize) node->optional);
  node->pointer = g_strdup (self->pointer->str);
  node->program = air_cel_compile (source, self->env, error);
  if (node->program == NULL)
    {
      g_prefix_error (error, "in ${%s}: ", source);
      return NULL;
    }
  return g_steal_pointer (&node);
}

static void
flush_text (GString *text, GPtrArray *pieces)
{
  if (text->len == 0)
    return;
  g_ptr_array_add (pieces, node_new_constant (air_value_new_string_len (text->str, text->len)));
  g_string_truncate (text, 0);
}

static gboolean
split_text (Compiler *self, const char *text, gsize length, GPtrArray *pieces, GError **error)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    {
      gsize close;
      Node *node;

      if (text[i] != '$' || i + 1 == length || (text[i + 1] != '$' && text[i + 1] != '{'))
        {
          g_string_append_c (plain, text[i]);
          continue;
        }
      if (text[i + 1] == '$')
        {
          g_string_append_c (plain, '$');
          i++;
          continue;
        }
      flush_text (plain, pieces);
      /* The '?' of "${?" is no token of the expression, but one the lexer can read. */
      if (!find_close (text, length, i + 2, &close, error))
        return FALSE;
      node = compile_expression (self, text + i + 2, close - i - 2, error);
      if (node == NULL)
        return FALSE;
      g_ptr_array_add (pieces, node);
      i = close;
    }
  flush_text (plain, pieces);
  return TRUE;
}

static gboolean
can_be_text (const AirCelType *type)
{
  AirCelTypeKind kind = air_cel_type_get_kind (type);

  return kind != AIR_CEL_TYPE_NULL && kind != AIR_CEL_TYPE_LIST && kind != AIR_CEL_TYPE_MAP && kind != AIR_CEL_TYPE_TYPE
         && kind != AIR_CEL_TYPE_BYTES;
}

static Node *
compile_string (Compiler *self, AirValue *string, AirCelType **ret_type, GError **error)
{
  g_autoptr (Node) node = node_new (NODE_TEXT);
  g_autoptr (AirCelType) type = air_cel_type_new (AIR_CEL_TYPE_STRING);
  gsize length;
  const char *text = air_value_get_string (string, &length);

  if (memchr (text, '$', length) == NULL)
    {
      *ret_type = g_steal_pointer (&type);
      return node_new_constant (air_value_ref (string));
    }
  if (!split_text (self, text, length, node->children, error))
    return NULL;
  if (node->children->len == 1)
    {
      Node *only = g_ptr_array_index (node->children, 0);

      *ret_type = only->kind == NODE_CONSTANT ? g_steal_pointer (&type)
                  : only->optional            ? air_cel_type_nullable (air_cel_program_get_type (only->program))
                                              : air_cel_type_ref (air_cel_program_get_type (only->program));
      return g_ptr_array_steal_index (node->children, 0);
    }
  for (guint i = 0; i < node->children->len; i++)
    {
      const Node *piece = g_ptr_array_index (node->children, i);
      AirCelType *source, *labelled;

      if (piece->kind == NODE_CONSTANT)
        continue;
      node->optional = node->optional || piece->optional;
      source = air_cel_program_get_type (piece->program);
      if (!can_be_text (source))
        {
          g_autofree char *name = air_cel_type_to_string (source);

          g_set_error (
              error, AIR_CEL_ERROR, AIR_CEL_ERROR_TYPE,
              "in ${%s}: a value of type %s cannot stand inside text; pick one of its fields, or let ${…} be the "
              "whole string",
              air_cel_program_get_source (piece->program), name);
          return NULL;
        }
      labelled = air_cel_type_labelled_by (type, &source, 1, TRUE);
      air_cel_type_unref (type);
      type = labelled;
    }
  node->pointer = g_strdup (self->pointer->str);
  *ret_type = g_steal_pointer (&type);
  return g_steal_pointer (&node);
}

/* "/" and "~" of a key, by RFC 6901. */
static void
push_key (GString *pointer, const char *key)
{
  g_string_append_c (pointer, '/');
  for (; *key != '\0'; key++)
    if (*key == '~')
      g_string_append (pointer, "~0");
    else if (*key == '/')
      g_string_append (pointer, "~1");
    else
      g_string_append_c (pointer, *key);
}

static gboolean
all_constant (const Node *node)
{
  for (guint i = 0; i < node->children->len; i++)
    if (((Node *) node->children->pdata[i])->kind != NODE_CONSTANT)
      return FALSE;
  return TRUE;
}

static Node *
compile_list (Compiler *self, AirValue *list, AirCelType **ret_type, GError **error)
{
  g_autoptr (Node) node = node_new (NODE_LIST);
  g_autoptr (AirCelType) item = NULL;
  gsize mark = self->pointer->len;

  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autoptr (AirCelType) type = NULL;
      AirCelType *joined;
      Node *child;

      g_string_append_printf (self->pointer, "/%" G_GSIZE_FORMAT, i);
      child = compile_tree (self, air_list_get (list, i), &type, error);
      if (child == NULL)
        return NULL;
      g_string_truncate (self->pointer, mark);
      g_ptr_array_add (node->children, child);
      joined = air_cel_type_join (item, type);
      g_clear_pointer (&item, air_cel_type_unref);
      item = joined;
    }
  *ret_type = air_cel_type_new_list (item);
  return all_constant (node) ? node_new_constant (air_value_ref (list)) : g_steal_pointer (&node);
}

static Node *
compile_map (Compiler *self, AirValue *map, AirCelType **ret_type, GError **error)
{
  g_autoptr (Node) node = node_new (NODE_MAP);
  g_autoptr (AirCelType) object = air_cel_type_new_object (NULL);
  gsize mark = self->pointer->len;

  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      AirValue *key = air_map_get_key_at (map, i);
      g_autoptr (AirCelType) type = NULL;
      Node *child;

      if (air_value_get_kind (key) != AIR_VALUE_STRING)
        {
          g_set_error_literal (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT, "a template's keys are strings");
          return NULL;
        }
      push_key (self->pointer, air_value_get_string (key, NULL));
      child = compile_tree (self, air_map_get_value_at (map, i), &type, error);
      if (child == NULL)
        return NULL;
      g_string_truncate (self->pointer, mark);
      child->key = air_value_ref (key);
      g_ptr_array_add (node->children, child);
      air_cel_type_add_field (object, air_value_get_string (key, NULL), type, !child->optional);
    }
  *ret_type = g_steal_pointer (&object);
  return all_constant (node) ? node_new_constant (air_value_ref (map)) : g_steal_pointer (&node);
}

static Node *
compile_tree (Compiler *self, AirValue *tree, AirCelType **ret_type, GError **error)
{
  Node *node;

  if (++self->depth > MAX_DEPTH)
    {
      g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_DEPTH, "the template nests deeper than %d", MAX_DEPTH);
      return NULL;
    }
  switch (air_value_get_kind (tree))
    {
    case AIR_VALUE_STRING:
      node = compile_string (self, tree, ret_type, error);
      break;
    case AIR_VALUE_LIST:
      node = compile_list (self, tree, ret_type, error);
      break;
    case AIR_VALUE_MAP:
      node = compile_map (self, tree, ret_type, error);
      break;
    default:
      node = node_new_constant (air_value_ref (tree));
      *ret_type = air_cel_type_new ((AirCelTypeKind) air_value_get_kind (tree));
      break;
    }
  self->depth--;
  return node;
}

/**
 * air_template_compile:
 * @tree: a JSON tree
 * @env: (nullable): the names its expressions may use
 *
 * Compiles every expression once. Parts without expressions are shared with @tree, not copied.
 *
 * Returns: (transfer full): the template, or %NULL with an %AIR_CEL_ERROR as air_cel_compile(), the message starting
 *   with the pointer of the string
 */
AirTemplate *
air_template_compile (const AirValue *tree, const AirCelEnv *env, GError **error)
{
  g_autoptr (AirTemplate) self = g_new0 (AirTemplate, 1);
  Compiler compiler = { .env = env, .pointer = g_string_new (NULL) };

  g_atomic_ref_count_init (&self->ref_count);
  self->root = compile_tree (&compiler, (AirValue *) tree, &self->type, error);
  if (self->root == NULL && compiler.pointer->len > 0)
    g_prefix_error (error, "%s: ", compiler.pointer->str);
  g_string_free (compiler.pointer, TRUE);
  return self->root != NULL ? g_steal_pointer (&self) : NULL;
}

AirTemplate *
air_template_ref (AirTemplate *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_template_unref (AirTemplate *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  node_free (self->root);
  g_clear_pointer (&self->type, air_cel_type_unref);
  g_free (self);
}

/* --- rendering --------------------------------------------------------------------------- */

static gboolean
is_absence (const GError *error)
{
  return g_error_matches (error, AIR_CEL_ERROR, AIR_CEL_ERROR_NO_SUCH_KEY)
         || g_error_matches (error, AIR_CEL_ERROR, AIR_CEL_ERROR_NO_SUCH_FIELD)
         || g_error_matches (error, AIR_CEL_ERROR, AIR_CEL_ERROR_UNDECLARED);
}

/* TRUE with *ret_value NULL: an optional expression yields nothing. */
static gboolean
render_expression (const Node *node, const AirValue *bindings, AirValue **ret_value, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (AirValue) value = air_cel_eval (node->program, bindings, 0, &local);

  *ret_value = NULL;
  if (value != NULL && node->optional && air_value_is_null (value))
    return TRUE;
  if (value != NULL)
    {
      *ret_value = g_steal_pointer (&value);
      return TRUE;
    }
  if (node->optional && is_absence (local))
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s%sin ${%s}: ", node->pointer,
                              node->pointer[0] != '\0' ? ": " : "", air_cel_program_get_source (node->program));
  return FALSE;
}

static gboolean
render_text (const Node *node, const AirValue *bindings, AirValue **ret_value, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  *ret_value = NULL;
  for (guint i = 0; i < node->children->len; i++)
    {
      const Node *piece = g_ptr_array_index (node->children, i);
      g_autoptr (AirValue) value = NULL;
      g_autofree char *written = NULL;
      AirCelVal val;
      gsize length;

      if (piece->kind == NODE_CONSTANT)
        value = air_value_ref (piece->constant);
      else if (!render_expression (piece, bindings, &value, error))
        return FALSE;
      if (value == NULL)
        return TRUE;
      air_cel_val_from_value (&val, value);
      if (val.kind == AIR_CEL_TYPE_STRING)
        {
          g_string_append_len (text, val.s.p, (gssize) val.s.n);
          continue;
        }
      if (val.kind != AIR_CEL_TYPE_BYTES)
        written = air_cel_val_to_text (&val, &length);
      if (written == NULL)
        {
          g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_TYPE,
                       "%s: in ${%s}: a value of type %s cannot stand inside text%s", piece->pointer,
                       air_cel_program_get_source (piece->program), air_cel_type_kind_name (val.kind),
                       val.kind == AIR_CEL_TYPE_NULL ? "; write ${?…} to drop the key" : "");
          return FALSE;
        }
      g_string_append_len (text, written, (gssize) length);
    }
  *ret_value = air_value_new_string_len (text->str, text->len);
  return TRUE;
}

static gboolean
render_node (const Node *node, const AirValue *bindings, AirValue **ret_value, GError **error)
{
  g_autoptr (AirValue) result = NULL;

  switch (node->kind)
    {
    case NODE_CONSTANT:
      *ret_value = air_value_ref (node->constant);
      return TRUE;
    case NODE_EXPRESSION:
      return render_expression (node, bindings, ret_value, error);
    case NODE_TEXT:
      return render_text (node, bindings, ret_value, error);
    default:
      result = node->kind == NODE_LIST ? air_list_new () : air_map_new ();
      for (guint i = 0; i < node->children->len; i++)
        {
          const Node *child = g_ptr_array_index (node->children, i);
          AirValue *value;

          if (!render_node (child, bindings, &value, error))
            return FALSE;
          if (value == NULL)
            continue;
          if (node->kind == NODE_LIST)
            air_list_append (result, value);
          else
            air_map_set_value (result, air_value_ref (child->key), value);
        }
      *ret_value = g_steal_pointer (&result);
      return TRUE;
    }
}

/**
 * air_template_render:
 * @self: a template
 * @bindings: (nullable): a map from names to values
 *
 * Returns: (transfer full): the tree with every expression replaced; null when the whole template is one "${?…}"
 *   without a value. Or %NULL with an %AIR_CEL_ERROR as air_cel_eval(), the message starting with the pointer of the
 *   string.
 */
AirValue *
air_template_render (const AirTemplate *self, const AirValue *bindings, GError **error)
{
  AirValue *value;

  if (!render_node (self->root, bindings, &value, error))
    return NULL;
  return value != NULL ? value : air_value_new_null ();
}

/**
 * air_template_is_constant:
 * @self: a template
 *
 * Returns: whether it holds no expression, so that it always renders to the tree it was made from
 */
gboolean
air_template_is_constant (const AirTemplate *self)
{
  return self->root->kind == NODE_CONSTANT;
}

/**
 * air_template_get_type:
 * @self: a template
 *
 * Returns: (transfer none): the type of what it renders, labels included: for a
 *   map each field has its own
 */
AirCelType *
air_template_get_type (const AirTemplate *self)
{
  return self->type;
}

static void
foreach_node (const Node *node, AirTemplateFunc func, gpointer user_data)
{
  if (node->kind == NODE_EXPRESSION)
    func (node->pointer, node->program, node->optional, user_data);
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    foreach_node (node->children->pdata[i], func, user_data);
}

/**
 * air_template_foreach_expression:
 * @self: a template
 * @func: called for each expression, in the order of the tree
 * @user_data: handed to @func
 */
void
air_template_foreach_expression (const AirTemplate *self, AirTemplateFunc func, gpointer user_data)
{
  foreach_node (self->root, func, user_data);
}
