/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

/* What many nodes ask for and need only be made once: types and schemas by the value they are read from, policies
 * and outputs by their document. The keys are kept alive, so that an address is never another's. */

struct _AirCompileCache {
  GHashTable *types;     /* AirValue → AirCelType, NULL where there is none */
  GHashTable *schemas;   /* AirValue → AirSchema, NULL where there is none */
  GHashTable *policies;  /* AirDocument → AirPolicy */
  GHashTable *outputs;   /* AirDocument → AirCelType */
  GHashTable *workflows; /* AirDocument → AirWorkflow */
};

static void
unref_type (gpointer data)
{
  g_clear_pointer ((AirCelType **) &data, air_cel_type_unref);
}

static void
unref_schema (gpointer data)
{
  g_clear_pointer ((AirSchema **) &data, air_schema_unref);
}

AirCompileCache *
air_compile_cache_new (void)
{
  AirCompileCache *self = g_new0 (AirCompileCache, 1);

  self->types = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) air_value_unref, unref_type);
  self->schemas = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) air_value_unref, unref_schema);
  self->policies =
      g_hash_table_new_full (NULL, NULL, (GDestroyNotify) air_document_unref, (GDestroyNotify) air_policy_unref);
  self->outputs = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) air_document_unref, unref_type);
  self->workflows =
      g_hash_table_new_full (NULL, NULL, (GDestroyNotify) air_document_unref, (GDestroyNotify) air_workflow_unref);
  return self;
}

void
air_compile_cache_free (AirCompileCache *self)
{
  g_hash_table_unref (self->types);
  g_hash_table_unref (self->schemas);
  g_hash_table_unref (self->policies);
  g_hash_table_unref (self->outputs);
  g_hash_table_unref (self->workflows);
  g_free (self);
}

AirCelType *
air_compile_cache_get_type (AirCompileCache *self, AirValue *schema)
{
  gpointer type;

  if (!g_hash_table_lookup_extended (self->types, schema, NULL, &type))
    {
      type = air_cel_type_from_schema (schema, NULL);
      g_hash_table_insert (self->types, air_value_ref (schema), type);
    }
  return type;
}

AirSchema *
air_compile_cache_get_schema (AirCompileCache *self, AirValue *schema)
{
  gpointer compiled;

  if (!g_hash_table_lookup_extended (self->schemas, schema, NULL, &compiled))
    {
      compiled = air_schema_compile (schema, NULL);
      g_hash_table_insert (self->schemas, air_value_ref (schema), compiled);
    }
  return compiled;
}

AirPolicy *
air_compile_cache_get_policy (AirCompileCache *self, AirDocument *document, GError **error)
{
  AirPolicy *policy = g_hash_table_lookup (self->policies, document);

  if (policy != NULL)
    return policy;
  policy = air_policy_load (air_document_get_value (document), error);
  if (policy != NULL)
    g_hash_table_insert (self->policies, air_document_ref (document), policy);
  return policy;
}

AirWorkflow *
air_compile_cache_get_workflow (AirCompileCache *self, AirDocument *document, GError **error)
{
  AirWorkflow *workflow = g_hash_table_lookup (self->workflows, document);

  if (workflow != NULL)
    return workflow;
  workflow = air_workflow_new (document, error);
  if (workflow != NULL)
    g_hash_table_insert (self->workflows, air_document_ref (document), workflow);
  return workflow;
}

static void
copy_field_cb (const char *name, AirCelType *type, gboolean required, gpointer user_data)
{
  air_cel_type_add_field (user_data, name, type, required);
}

/* An operation's output is what its document maps and nothing more, even where
 * the schema leaves the object open: so a misspelled field is found. */
AirCelType *
air_compile_cache_get_output (AirCompileCache *self, AirDocument *operation)
{
  AirCelType *output = g_hash_table_lookup (self->outputs, operation);
  AirCelType *open;

  if (output != NULL)
    return output;
  open = air_compile_cache_get_type (self, air_map_get (air_document_get_value (operation), "output"));
  if (open == NULL) /* its pack would not have loaded */
    return NULL;
  output = air_cel_type_new_object (NULL);
  air_cel_type_foreach_field (open, copy_field_cb, output);
  g_hash_table_insert (self->outputs, air_document_ref (operation), output);
  return output;
}
