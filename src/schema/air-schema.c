/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include "air-schema-private.h"
#include "base/air-json.h"

struct _AirSchema {
  gatomicrefcount ref_count;
  AirJsoncons *compiled;
  AirValue *document;
};

G_DEFINE_QUARK (air-schema-error-quark, air_schema_error)

static AirSchema *
new_compiled (const AirValue *schema, AirSchemaDialect dialect, const AirValue *documents, GError **error)
{
  AirJsoncons *compiled = air_jsoncons_new (schema, dialect, documents, error);
  AirSchema *self;

  if (compiled == NULL)
    return NULL;
  self = g_new0 (AirSchema, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->compiled = compiled;
  self->document = air_value_ref ((AirValue *) schema);
  return self;
}

/**
 * air_schema_compile:
 * @schema: a JSON Schema 2020-12: a map or a bool
 *
 * Stricter than the standard where silence would hide a mistake: a keyword that is neither
 * of the 2020-12 vocabularies nor begins with "x-" is refused, and so is any reference
 * out of the document. "format" is an annotation and asserts nothing.
 *
 * Returns: (transfer full): the schema, or %NULL with an %AIR_SCHEMA_ERROR whose message begins with the
 *   pointer to the place in @schema
 */
AirSchema *
air_schema_compile (const AirValue *schema, GError **error)
{
  g_return_val_if_fail (schema != NULL, NULL);

  if (!air_schema_check (schema, error))
    return NULL;
  return new_compiled (schema, AIR_SCHEMA_DIALECT_2020_12, NULL, error);
}

/**
 * air_schema_compile_foreign:
 * @schema: a JSON Schema: a map or a bool
 * @dialect: what it is where it has no "$schema"
 * @documents: (nullable): other schemas it may refer to, by their URI
 *
 * For schemas that somebody else wrote: a keyword that is not known says nothing. References lead into the
 * document, into @documents or to the standard's own schemas; nothing is ever fetched.
 *
 * Returns: (transfer full): the schema, or %NULL with an %AIR_SCHEMA_ERROR
 */
AirSchema *
air_schema_compile_foreign (const AirValue *schema, AirSchemaDialect dialect, const AirValue *documents, GError **error)
{
  g_autofree char *text = NULL, *others = NULL;

  g_return_val_if_fail (schema != NULL, NULL);

  /* What cannot be written cannot be handed on either; and it bounds the depth. */
  text = air_json_write_pretty (schema, error);
  if (text == NULL)
    return NULL;
  if (documents != NULL && (others = air_json_write_pretty (documents, error)) == NULL)
    return NULL;
  return new_compiled (schema, dialect, documents, error);
}

/**
 * air_schema_validate:
 * @self: a schema
 * @instance: what is checked
 * @ret_issues: (out) (optional) (transfer full) (element-type AirSchemaIssue): what is wrong, never empty; set only
 *   when the instance was checked and is not valid
 *
 * Bounded in steps and depth, whatever the schema and the instance say. Safe from several threads.
 *
 * Returns: %TRUE when @instance is valid; %FALSE and no error when it is not; %FALSE with %AIR_SCHEMA_ERROR_INSTANCE,
 *   _COST or _FAILED when it could not be checked
 */
gboolean
air_schema_validate (const AirSchema *self, const AirValue *instance, GPtrArray **ret_issues, GError **error)
{
  g_autoptr (GPtrArray) issues = g_ptr_array_new_with_free_func ((GDestroyNotify) air_schema_issue_free);

  g_return_val_if_fail (self != NULL && instance != NULL, FALSE);

  if (!air_jsoncons_validate (self->compiled, instance, issues, error))
    return FALSE;
  if (issues->len == 0)
    return TRUE;
  if (ret_issues != NULL)
    *ret_issues = g_steal_pointer (&issues);
  return FALSE;
}

/**
 * air_schema_get_document:
 * @self: a schema
 *
 * Returns: (transfer none): what it was compiled from
 */
const AirValue *
air_schema_get_document (const AirSchema *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->document;
}

AirSchema *
air_schema_ref (AirSchema *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_schema_unref (AirSchema *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  air_jsoncons_free (self->compiled);
  air_value_unref (self->document);
  g_free (self);
}

void
air_schema_issue_free (AirSchemaIssue *self)
{
  g_free (self->pointer);
  g_free (self->keyword);
  g_free (self->message);
  g_free (self);
}
