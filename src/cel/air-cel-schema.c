/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/*
 * Static types from JSON Schema. A schema says more than a type can and less
 * than a checker wants: whatever is not certain becomes dyn, never a wrong type.
 */

#define MAX_DEPTH 24

typedef struct {
  const AirValue *root;
  guint depth;
  const AirValue *open[MAX_DEPTH]; /* targets of references being read */
  guint n_open;
} Reader;

static AirCelType *read_schema (Reader *self, const AirValue *schema, GError **error);

static AirCelType *
fail (GError **error, const char *message)
{
  g_set_error_literal (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT, message);
  return NULL;
}

static void
collect_document_labels (const AirValue *value, GPtrArray *labels, guint depth)
{
  if (depth > 64)
    return;
  if (air_value_get_kind (value) == AIR_VALUE_LIST)
    for (gsize i = 0; i < air_list_get_size (value); i++)
      collect_document_labels (air_list_get (value, i), labels, depth + 1);
  if (air_value_get_kind (value) != AIR_VALUE_MAP)
    return;
  for (gsize i = 0; i < air_map_get_size (value); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (value, i), NULL);
      const AirValue *member = air_map_get_value_at (value, i);

      if (strcmp (key, "x-label") == 0 && air_value_get_kind (member) == AIR_VALUE_STRING)
        g_ptr_array_add (labels, (gpointer) air_value_get_string (member, NULL));
      else if (strcmp (key, "x-label") == 0 && air_value_get_kind (member) == AIR_VALUE_LIST)
        for (gsize k = 0; k < air_list_get_size (member); k++)
          {
            if (air_value_get_kind (air_list_get (member, k)) == AIR_VALUE_STRING)
              g_ptr_array_add (labels, (gpointer) air_value_get_string (air_list_get (member, k), NULL));
          }
      else
        collect_document_labels (member, labels, depth + 1);
    }
}

/* Where a schema turns back into itself we stop; what lies beyond may carry any label of the document. */
static AirCelType *
read_endless (Reader *self)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new ();
  g_autoptr (AirCelType) dyn = air_cel_type_new (AIR_CEL_TYPE_DYN);

  collect_document_labels (self->root, labels, 0);
  g_ptr_array_add (labels, NULL);
  return air_cel_type_with_labels (dyn, (const char *const *) labels->pdata);
}

static AirCelType *
read_reference (Reader *self, const char *reference, GError **error)
{
  AirValue *target = reference[0] == '#' ? air_value_at (self->root, reference + 1) : NULL;
  AirCelType *type;

  if (target == NULL)
    return read_endless (self); /* an anchor, or out of the document: it may lead anywhere */
  for (guint i = 0; i < self->n_open; i++)
    if (self->open[i] == target)
      return read_endless (self);
  if (self->n_open >= MAX_DEPTH)
    return read_endless (self);
  self->open[self->n_open++] = target;
  type = read_schema (self, target, error);
  self->n_open--;
  return type;
}

static AirCelType *
read_object (Reader *self, const AirValue *schema, GError **error)
{
  const AirValue *properties = air_map_get_map (schema, "properties");
  const AirValue *required = air_map_get_list (schema, "required");
  const AirValue *patterns = air_map_get_map (schema, "patternProperties");
  AirValue *additional = air_map_get (schema, "additionalProperties");
  g_autoptr (AirCelType) rest = NULL;
  g_autoptr (AirCelType) object = NULL;

  if (additional != NULL && air_value_get_kind (additional) == AIR_VALUE_MAP)
    {
      rest = read_schema (self, additional, error);
      if (rest == NULL)
        return NULL;
    }
  else if (additional == NULL || air_value_get_kind (additional) != AIR_VALUE_BOOL || air_value_get_bool (additional)
           || patterns != NULL)
    rest = air_cel_type_new (AIR_CEL_TYPE_DYN);
  for (gsize i = 0; patterns != NULL && i < air_map_get_size (patterns); i++)
    {
      g_autoptr (AirCelType) type = read_schema (self, air_map_get_value_at (patterns, i), error);
      AirCelType *joined;

      if (type == NULL)
        return NULL;
      joined = air_cel_type_join (rest, type);
      air_cel_type_unref (rest);
      rest = joined;
    }

  if (properties == NULL && rest != NULL)
    {
      g_autoptr (AirCelType) key = air_cel_type_new (AIR_CEL_TYPE_STRING);

      return air_cel_type_new_map (key, rest);
    }
  object = air_cel_type_new_object (rest);
  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (properties, i), NULL);
      g_autoptr (AirCelType) type = read_schema (self, air_map_get_value_at (properties, i), error);
      gboolean is_required = FALSE;

      if (type == NULL)
        {
          g_prefix_error (error, "property '%s': ", name);
          return NULL;
        }
      for (gsize k = 0; required != NULL && k < air_list_get_size (required); k++)
        {
          const AirValue *item = air_list_get (required, k);

          is_required = is_required
                        || (air_value_get_kind (item) == AIR_VALUE_STRING
                            && strcmp (air_value_get_string (item, NULL), name) == 0);
        }
      air_cel_type_add_field (object, name, type, is_required);
    }
  return g_steal_pointer (&object);
}

static AirCelType *
read_named (Reader *self, const AirValue *schema, const char *name, GError **error)
{
  if (strcmp (name, "object") == 0)
    return read_object (self, schema, error);
  if (strcmp (name, "array") == 0)
    {
      AirValue *items = air_map_get_map (schema, "items");
      g_autoptr (AirCelType) item = NULL;

      if (items != NULL)
        {
          item = read_schema (self, items, error);
          if (item == NULL)
            return NULL;
        }
      return air_cel_type_new_list (item);
    }
  if (strcmp (name, "string") == 0)
    return air_cel_type_new (AIR_CEL_TYPE_STRING);
  if (strcmp (name, "integer") == 0)
    return air_cel_type_new (AIR_CEL_TYPE_INT);
  if (strcmp (name, "boolean") == 0)
    return air_cel_type_new (AIR_CEL_TYPE_BOOL);
  if (strcmp (name, "null") == 0)
    return air_cel_type_new (AIR_CEL_TYPE_NULL);
  /* 1 is an int and 1.5 a double once read: only dyn is true of both. */
  if (strcmp (name, "number") == 0)
    return air_cel_type_new (AIR_CEL_TYPE_DYN);
  g_set_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT, "'%s' is no JSON Schema type", name);
  return NULL;
}

static AirCelType *
read_constants (const AirValue *values)
{
  g_autoptr (AirCelType) type = NULL;

  for (gsize i = 0; i < air_list_get_size (values); i++)
    {
      g_autoptr (AirCelType) one = air_cel_type_new ((AirCelTypeKind) air_value_get_kind (air_list_get (values, i)));
      AirCelType *joined = air_cel_type_join (type, one);

      g_clear_pointer (&type, air_cel_type_unref);
      type = joined;
    }
  return type != NULL ? g_steal_pointer (&type) : air_cel_type_new (AIR_CEL_TYPE_DYN);
}

/* allOf, anyOf, oneOf: the type is dyn, the labels of all branches stay. */
static AirCelType *
with_branches (Reader *self, const AirValue *schema, AirCelType *take_type, GError **error)
{
  static const char *const keywords[] = { "allOf", "anyOf", "oneOf" };
  g_autoptr (AirCelType) type = take_type;

  for (gsize k = 0; k < G_N_ELEMENTS (keywords); k++)
    {
      const AirValue *branches = air_map_get_list (schema, keywords[k]);

      for (gsize i = 0; branches != NULL && i < air_list_get_size (branches); i++)
        {
          g_autoptr (AirCelType) branch = read_schema (self, air_list_get (branches, i), error);
          AirCelType *labelled;

          if (branch == NULL)
            return NULL;
          labelled = air_cel_type_labelled_by (type, &branch, 1, TRUE);
          air_cel_type_unref (type);
          type = labelled;
        }
    }
  return g_steal_pointer (&type);
}

static AirCelType *
read_type (Reader *self, const AirValue *schema, GError **error)
{
  AirValue *type = air_map_get (schema, "type");
  AirValue *constant = air_map_get (schema, "const");
  AirValue *values = air_map_get_list (schema, "enum");
  const char *reference = air_map_get_string (schema, "$ref");

  if (reference != NULL)
    return read_reference (self, reference, error);
  if (type != NULL && air_value_get_kind (type) == AIR_VALUE_STRING)
    return read_named (self, schema, air_value_get_string (type, NULL), error);
  if (type != NULL && air_value_get_kind (type) == AIR_VALUE_LIST)
    {
      g_autoptr (AirCelType) joined = NULL;

      for (gsize i = 0; i < air_list_get_size (type); i++)
        {
          AirValue *name = air_list_get (type, i);
          g_autoptr (AirCelType) one = NULL;
          AirCelType *both;

          if (air_value_get_kind (name) != AIR_VALUE_STRING)
            return fail (error, "\"type\" is a string or a list of strings");
          one = read_named (self, schema, air_value_get_string (name, NULL), error);
          if (one == NULL)
            return NULL;
          both = air_cel_type_join (joined, one);
          g_clear_pointer (&joined, air_cel_type_unref);
          joined = both;
        }
      return joined != NULL ? g_steal_pointer (&joined) : air_cel_type_new (AIR_CEL_TYPE_DYN);
    }
  if (type != NULL)
    return fail (error, "\"type\" is a string or a list of strings");
  if (constant != NULL)
    return air_cel_type_new ((AirCelTypeKind) air_value_get_kind (constant));
  if (values != NULL)
    return read_constants (values);
  if (air_map_get_map (schema, "properties") != NULL)
    return read_object (self, schema, error);
  return air_cel_type_new (AIR_CEL_TYPE_DYN);
}

static AirCelType *
with_own_labels (const AirValue *schema, AirCelType *take_type, GError **error)
{
  g_autoptr (AirCelType) type = take_type;
  AirValue *label = air_map_get (schema, "x-label");
  g_autoptr (GPtrArray) labels = NULL;

  if (label == NULL)
    return g_steal_pointer (&type);
  labels = g_ptr_array_new ();
  if (air_value_get_kind (label) == AIR_VALUE_STRING)
    g_ptr_array_add (labels, (gpointer) air_value_get_string (label, NULL));
  else if (air_value_get_kind (label) == AIR_VALUE_LIST)
    for (gsize i = 0; i < air_list_get_size (label); i++)
      {
        AirValue *item = air_list_get (label, i);

        if (air_value_get_kind (item) != AIR_VALUE_STRING)
          return fail (error, "\"x-label\" is a string or a list of strings");
        g_ptr_array_add (labels, (gpointer) air_value_get_string (item, NULL));
      }
  else
    return fail (error, "\"x-label\" is a string or a list of strings");
  g_ptr_array_add (labels, NULL);
  return air_cel_type_with_labels (type, (const char *const *) labels->pdata);
}

static AirCelType *
read_schema (Reader *self, const AirValue *schema, GError **error)
{
  g_autoptr (AirCelType) type = NULL;

  if (schema != NULL && air_value_get_kind (schema) == AIR_VALUE_BOOL)
    return air_cel_type_new (AIR_CEL_TYPE_DYN);
  if (schema == NULL || air_value_get_kind (schema) != AIR_VALUE_MAP)
    return fail (error, "a schema is an object, true or false");
  if (self->depth >= MAX_DEPTH)
    return read_endless (self);
  self->depth++;
  type = read_type (self, schema, error);
  if (type != NULL)
    type = with_branches (self, schema, g_steal_pointer (&type), error);
  if (type != NULL)
    type = with_own_labels (schema, g_steal_pointer (&type), error);
  self->depth--;
  return g_steal_pointer (&type);
}

/**
 * air_cel_type_from_schema:
 * @json_schema: a JSON Schema 2020-12
 *
 * What an expression may rely on about values the schema accepts, with the
 * data labels of `x-label` (a string or a list). Only local `$ref`s are
 * followed; all else that is uncertain is dyn.
 *
 * Returns: (transfer full): the type; fails with %AIR_CEL_ERROR_ARGUMENT
 */
AirCelType *
air_cel_type_from_schema (const AirValue *json_schema, GError **error)
{
  Reader self = { .root = json_schema };

  return read_schema (&self, json_schema, error);
}
