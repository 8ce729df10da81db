/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

G_DEFINE_QUARK (air-cel-error-quark, air_cel_error)

/* --- environments ---------------------------------------------------------------- */

/**
 * air_cel_env_new:
 *
 * Returns: (transfer full): an environment of no names that checks strictly
 */
AirCelEnv *
air_cel_env_new (void)
{
  AirCelEnv *self = g_new0 (AirCelEnv, 1);

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_cel_type_unref);
  self->checked = TRUE;
  return self;
}

AirCelEnv *
air_cel_env_copy (const AirCelEnv *self)
{
  AirCelEnv *copy = air_cel_env_new ();
  GHashTableIter iter;
  gpointer name, type;

  copy->checked = self->checked;
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, &type))
    air_cel_env_declare (copy, name, type);
  return copy;
}

void
air_cel_env_free (AirCelEnv *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->names);
  g_free (self);
}

/**
 * air_cel_env_declare:
 * @self: an environment
 * @name: a name, or several with dots ("a.b"), which the bindings then hold under that whole name
 * @type: (nullable): its type, %NULL for dyn
 */
void
air_cel_env_declare (AirCelEnv *self, const char *name, AirCelType *type)
{
  g_hash_table_replace (self->names, g_strdup (name),
                        type != NULL ? air_cel_type_ref (type) : air_cel_type_new (AIR_CEL_TYPE_DYN));
}

/**
 * air_cel_env_set_checked:
 * @self: an environment
 * @checked: whether air_cel_compile() refuses them, as at first
 *
 * Without checking, names that are not declared and types that do not fit are
 * errors of the evaluation only, as the language definition allows.
 */
void
air_cel_env_set_checked (AirCelEnv *self, gboolean checked)
{
  self->checked = checked;
}

/* --- programs -------------------------------------------------------------------------- */

/**
 * air_cel_compile:
 * @expression: CEL, UTF-8, at most %AIR_CEL_MAX_LENGTH bytes and %AIR_CEL_MAX_DEPTH levels
 * @env: (nullable): the names it may use; %NULL: any name, of any type
 *
 * Parses, resolves and checks: CEL's language definition but for messages and named time zones. Compile once, evaluate
 * often.
 *
 * Returns: (transfer full): the program, or %NULL with %AIR_CEL_ERROR_SYNTAX, _TYPE, _UNDECLARED, _NO_SUCH_FIELD,
 *   _DEPTH, _ARGUMENT or _UNSUPPORTED, the message starting with the place
 */
AirCelProgram *
air_cel_compile (const char *expression, const AirCelEnv *env, GError **error)
{
  g_autoptr (AirCelProgram) self = NULL;
  gsize length = strlen (expression);
  const char *end;

  if (length > AIR_CEL_MAX_LENGTH)
    {
      g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_DEPTH,
                   "the expression has %" G_GSIZE_FORMAT " bytes, more than %d; split it up", length,
                   AIR_CEL_MAX_LENGTH);
      return NULL;
    }
  if (!g_utf8_validate (expression, (gssize) length, &end))
    {
      air_cel_set_syntax_error (error, AIR_CEL_ERROR_SYNTAX, expression, (gsize) (end - expression),
                                "this is not UTF-8");
      return NULL;
    }
  self = g_new0 (AirCelProgram, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->source = g_strdup (expression);
  self->globals = g_ptr_array_new_with_free_func (g_free);
  self->references = g_ptr_array_new_with_free_func (g_free);
  self->root = air_cel_parse (expression, length, error);
  if (self->root == NULL)
    return NULL;
  self->type = air_cel_check (self, env, error);
  if (self->type == NULL)
    return NULL;
  self->labels = air_cel_type_dup_all_labels (self->type);
  air_cel_node_fold (self->root);
  return g_steal_pointer (&self);
}

AirCelProgram *
air_cel_program_ref (AirCelProgram *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_cel_program_unref (AirCelProgram *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->root, air_cel_node_free);
  g_clear_pointer (&self->type, air_cel_type_unref);
  g_strfreev (self->labels);
  g_ptr_array_unref (self->globals);
  g_ptr_array_unref (self->references);
  g_free (self->source);
  g_free (self);
}

/**
 * air_cel_program_get_source:
 * @self: a program
 *
 * Returns: (transfer none): the expression as it was given
 */
const char *
air_cel_program_get_source (const AirCelProgram *self)
{
  return self->source;
}

AirCelType *
air_cel_program_get_type (const AirCelProgram *self)
{
  return self->type;
}

/**
 * air_cel_program_get_labels:
 * @self: a program
 *
 * The labels of all data that can flow into the result, sorted. The truth of a
 * comparison carries what it looked at, but never "untrusted": a bool cannot
 * smuggle text.
 *
 * Returns: (transfer none): a %NULL-terminated array
 */
const char *const *
air_cel_program_get_labels (const AirCelProgram *self)
{
  return (const char *const *) self->labels;
}

/**
 * air_cel_program_foreach_reference:
 * @self: a program
 * @func: called for each
 *
 * Calls @func for every path of names the expression reads, "steps.order.total",
 * each once.
 */
void
air_cel_program_foreach_reference (const AirCelProgram *self, AirCelReferenceFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->references->len; i++)
    func (self->references->pdata[i], user_data);
}
