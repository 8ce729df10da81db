/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <string.h>

#include "base/air-json.h"

#include "air-schema-pattern.h"
#include "air-schema-private.h"

/* The standard tells a validator to pass over what it does not know, so a misspelt
 * "requried" would check nothing. Here every keyword is known, with its shape. */

typedef enum {
  SHAPE_ANY,
  SHAPE_SCHEMA,
  SHAPE_SCHEMAS, /* a list, not empty */
  SHAPE_SCHEMA_MAP,
  SHAPE_PATTERN_MAP,
  SHAPE_TYPE,
  SHAPE_STRING,
  SHAPE_REFERENCE,
  SHAPE_PATTERN,
  SHAPE_STRINGS,
  SHAPE_STRINGS_MAP,
  SHAPE_LIST,
  SHAPE_BOOL,
  SHAPE_COUNT,
  SHAPE_NUMBER,
  SHAPE_POSITIVE,
} Shape;

static const struct {
  const char *name;
  Shape shape;
} keywords[] = {
  { "$anchor", SHAPE_STRING },
  { "$comment", SHAPE_STRING },
  { "$defs", SHAPE_SCHEMA_MAP },
  { "$dynamicAnchor", SHAPE_STRING },
  { "$dynamicRef", SHAPE_REFERENCE },
  { "$id", SHAPE_STRING },
  { "$ref", SHAPE_REFERENCE },
  { "$schema", SHAPE_STRING },
  { "additionalProperties", SHAPE_SCHEMA },
  { "allOf", SHAPE_SCHEMAS },
  { "anyOf", SHAPE_SCHEMAS },
  { "const", SHAPE_ANY },
  { "contains", SHAPE_SCHEMA },
  { "contentEncoding", SHAPE_STRING },
  { "contentMediaType", SHAPE_STRING },
  { "contentSchema", SHAPE_SCHEMA },
  { "default", SHAPE_ANY },
  { "dependentRequired", SHAPE_STRINGS_MAP },
  { "dependentSchemas", SHAPE_SCHEMA_MAP },
  { "deprecated", SHAPE_BOOL },
  { "description", SHAPE_STRING },
  { "else", SHAPE_SCHEMA },
  { "enum", SHAPE_LIST },
  { "examples", SHAPE_LIST },
  { "exclusiveMaximum", SHAPE_NUMBER },
  { "exclusiveMinimum", SHAPE_NUMBER },
  { "format", SHAPE_STRING },
  { "if", SHAPE_SCHEMA },
  { "items", SHAPE_SCHEMA },
  { "maxContains", SHAPE_COUNT },
  { "maxItems", SHAPE_COUNT },
  { "maxLength", SHAPE_COUNT },
  { "maxProperties", SHAPE_COUNT },
  { "maximum", SHAPE_NUMBER },
  { "minContains", SHAPE_COUNT },
  { "minItems", SHAPE_COUNT },
  { "minLength", SHAPE_COUNT },
  { "minProperties", SHAPE_COUNT },
  { "minimum", SHAPE_NUMBER },
  { "multipleOf", SHAPE_POSITIVE },
  { "not", SHAPE_SCHEMA },
  { "oneOf", SHAPE_SCHEMAS },
  { "pattern", SHAPE_PATTERN },
  { "patternProperties", SHAPE_PATTERN_MAP },
  { "prefixItems", SHAPE_SCHEMAS },
  { "properties", SHAPE_SCHEMA_MAP },
  { "propertyNames", SHAPE_SCHEMA },
  { "readOnly", SHAPE_BOOL },
  { "required", SHAPE_STRINGS },
  { "then", SHAPE_SCHEMA },
  { "title", SHAPE_STRING },
  { "type", SHAPE_TYPE },
  { "unevaluatedItems", SHAPE_SCHEMA },
  { "unevaluatedProperties", SHAPE_SCHEMA },
  { "uniqueItems", SHAPE_BOOL },
  { "writeOnly", SHAPE_BOOL },
};

static const char *const shape_names[] = {
  [SHAPE_ANY] = "anything",
  [SHAPE_SCHEMA] = "a schema (an object, true or false)",
  [SHAPE_SCHEMAS] = "a list of at least one schema",
  [SHAPE_SCHEMA_MAP] = "an object of schemas",
  [SHAPE_PATTERN_MAP] = "an object of schemas",
  [SHAPE_TYPE] = "one or several of null, boolean, object, array, number, integer, string",
  [SHAPE_STRING] = "a string",
  [SHAPE_REFERENCE] = "a string",
  [SHAPE_PATTERN] = "a string",
  [SHAPE_STRINGS] = "a list of strings, each once",
  [SHAPE_STRINGS_MAP] = "an object of lists of strings",
  [SHAPE_LIST] = "a list",
  [SHAPE_BOOL] = "true or false",
  [SHAPE_COUNT] = "a whole number from 0",
  [SHAPE_NUMBER] = "a number",
  [SHAPE_POSITIVE] = "a number above 0",
};

typedef struct {
  const AirValue *root;
  GString *pointer;
} Check;

static gboolean check_schema (Check *self, const AirValue *schema, GError **error);

static void
push (Check *self, const char *token)
{
  g_string_append_c (self->pointer, '/');
  for (; *token != '\0'; token++)
    {
      if (*token == '~')
        g_string_append (self->pointer, "~0");
      else if (*token == '/')
        g_string_append (self->pointer, "~1");
      else
        g_string_append_c (self->pointer, *token);
    }
}

static gboolean
is_type_name (const AirValue *value)
{
  static const char *const names[] = { "null", "boolean", "object", "array", "number", "integer", "string", NULL };

  return air_value_get_kind (value) == AIR_VALUE_STRING && g_strv_contains (names, air_value_get_string (value, NULL));
}

static gboolean
is_strings (const AirValue *value, gboolean (*is_item) (const AirValue *))
{
  if (air_value_get_kind (value) != AIR_VALUE_LIST)
    return FALSE;
  for (gsize i = 0; i < air_list_get_size (value); i++)
    {
      if (air_value_get_kind (air_list_get (value, i)) != AIR_VALUE_STRING
          || (is_item != NULL && !is_item (air_list_get (value, i))))
        return FALSE;
      for (gsize j = 0; j < i; j++)
        if (air_value_equal (air_list_get (value, i), air_list_get (value, j)))
          return FALSE;
    }
  return TRUE;
}

static gboolean
is_strings_map (const AirValue *value)
{
  if (air_value_get_kind (value) != AIR_VALUE_MAP)
    return FALSE;
  for (gsize i = 0; i < air_map_get_size (value); i++)
    if (!is_strings (air_map_get_value_at (value, i), NULL))
      return FALSE;
  return TRUE;
}

static gboolean
has_shape (Shape shape, const AirValue *value)
{
  AirValueKind kind = air_value_get_kind (value);

  switch (shape)
    {
    case SHAPE_ANY:
      return TRUE;
    case SHAPE_SCHEMA:
      return kind == AIR_VALUE_MAP || kind == AIR_VALUE_BOOL;
    case SHAPE_SCHEMAS:
      return kind == AIR_VALUE_LIST && air_list_get_size (value) > 0;
    case SHAPE_SCHEMA_MAP:
    case SHAPE_PATTERN_MAP:
      return kind == AIR_VALUE_MAP;
    case SHAPE_TYPE:
      return is_type_name (value) || (is_strings (value, is_type_name) && air_list_get_size (value) > 0);
    case SHAPE_STRING:
    case SHAPE_REFERENCE:
    case SHAPE_PATTERN:
      return kind == AIR_VALUE_STRING;
    case SHAPE_STRINGS:
      return is_strings (value, NULL);
    case SHAPE_STRINGS_MAP:
      return is_strings_map (value);
    case SHAPE_LIST:
      return kind == AIR_VALUE_LIST;
    case SHAPE_BOOL:
      return kind == AIR_VALUE_BOOL;
    case SHAPE_COUNT:
      return kind == AIR_VALUE_INT && air_value_get_int (value) >= 0;
    case SHAPE_NUMBER:
      return kind == AIR_VALUE_INT || kind == AIR_VALUE_UINT || kind == AIR_VALUE_DOUBLE;
    case SHAPE_POSITIVE:
      return kind == AIR_VALUE_UINT || (kind == AIR_VALUE_INT && air_value_get_int (value) > 0)
             || (kind == AIR_VALUE_DOUBLE && air_value_get_double (value) > 0);
    }
  g_assert_not_reached ();
}

static gboolean
check_reference (Check *self, const char *reference, GError **error)
{
  if (reference[0] != '#')
    {
      g_set_error (
          error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_REFERENCE,
          "%s: \"%s\" points out of this document, and nothing is fetched; copy that schema into \"$defs\" and refer "
          "to \"#/$defs/…\"",
          self->pointer->str, reference);
      return FALSE;
    }
  if (air_schema_follow (self->root, reference) == NULL)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_REFERENCE,
                   "%s: nothing stands at \"%s\"; correct the reference or add that definition", self->pointer->str,
                   reference);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_members (Check *self, const AirValue *map, GError **error)
{
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      gsize before = self->pointer->len;

      push (self, air_value_get_string (air_map_get_key_at (map, i), NULL));
      if (!check_schema (self, air_map_get_value_at (map, i), error))
        return FALSE;
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

static gboolean
check_items (Check *self, const AirValue *list, GError **error)
{
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      gsize before = self->pointer->len;

      g_string_append_printf (self->pointer, "/%" G_GSIZE_FORMAT, i);
      if (!check_schema (self, air_list_get (list, i), error))
        return FALSE;
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

static gboolean
check_pattern (Check *self, const AirValue *value, GError **error)
{
  g_autofree char *message = NULL;
  g_autoptr (AirPattern) pattern = NULL;
  gsize length;
  const char *text = air_value_get_string (value, &length);

  if (strlen (text) != length)
    message = g_strdup ("it holds a NUL; write \\0");
  else
    pattern = air_pattern_new (text, &message);
  if (pattern == NULL)
    g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_PATTERN, "%s: the pattern \"%.80s\": %s", self->pointer->str,
                 text, message);
  return pattern != NULL;
}

static gboolean
check_keyword (Check *self, const char *name, const AirValue *value, GError **error)
{
  Shape shape = SHAPE_ANY;
  guint i;

  if (g_str_has_prefix (name, "x-"))
    return TRUE;
  for (i = 0; i < G_N_ELEMENTS (keywords) && strcmp (keywords[i].name, name) != 0; i++)
    ;
  if (i == G_N_ELEMENTS (keywords))
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_KEYWORD,
                   "%s: \"%s\" is no keyword of JSON Schema 2020-12; correct it, or begin it with \"x-\"",
                   self->pointer->str, name);
      return FALSE;
    }
  shape = keywords[i].shape;
  if (strcmp (name, "$id") == 0 && strcmp (self->pointer->str, "#/$id") != 0)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_REFERENCE,
                   "%s: a schema within a schema has no \"$id\" of its own here; give it an \"$anchor\"",
                   self->pointer->str);
      return FALSE;
    }
  if (!has_shape (shape, value))
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_KEYWORD, "%s: \"%s\" must be %s, and is of type %s",
                   self->pointer->str, name, shape_names[shape], air_value_kind_to_string (air_value_get_kind (value)));
      return FALSE;
    }

  switch (shape)
    {
    case SHAPE_SCHEMA:
      return check_schema (self, value, error);
    case SHAPE_SCHEMAS:
      return check_items (self, value, error);
    case SHAPE_PATTERN_MAP:
      for (gsize k = 0; k < air_map_get_size (value); k++)
        if (!check_pattern (self, air_map_get_key_at (value, k), error))
          return FALSE;
      return check_members (self, value, error);
    case SHAPE_SCHEMA_MAP:
      return check_members (self, value, error);
    case SHAPE_PATTERN:
      return check_pattern (self, value, error);
    case SHAPE_REFERENCE:
      return check_reference (self, air_value_get_string (value, NULL), error);
    default:
      return TRUE;
    }
}

static gboolean
check_schema (Check *self, const AirValue *schema, GError **error)
{
  if (air_value_get_kind (schema) == AIR_VALUE_BOOL)
    return TRUE;
  if (air_value_get_kind (schema) != AIR_VALUE_MAP)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_KEYWORD,
                   "%s: a schema must be an object, true or false; write one of them", self->pointer->str);
      return FALSE;
    }
  for (gsize i = 0; i < air_map_get_size (schema); i++)
    {
      const AirValue *key = air_map_get_key_at (schema, i);
      gsize before = self->pointer->len;

      if (air_value_get_kind (key) != AIR_VALUE_STRING)
        {
          g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_KEYWORD, "%s: a keyword is no string",
                       self->pointer->str);
          return FALSE;
        }
      push (self, air_value_get_string (key, NULL));
      if (!check_keyword (self, air_value_get_string (key, NULL), air_map_get_value_at (schema, i), error))
        return FALSE;
      g_string_truncate (self->pointer, before);
    }
  return TRUE;
}

gboolean
air_schema_check (const AirValue *schema, GError **error)
{
  static const char dialect[] = "https://json-schema.org/draft/2020-12/schema";
  g_autoptr (GString) pointer = g_string_new ("#");
  Check self = { schema, pointer };
  g_autofree char *text = NULL;
  const char *declared;

  /* What cannot be written cannot be handed on either; and it bounds the depth. */
  text = air_json_write_pretty (schema, error);
  if (text == NULL || !check_schema (&self, schema, error))
    return FALSE;
  declared = air_map_get_string (schema, "$schema");
  if (declared != NULL && strcmp (declared, dialect) != 0)
    {
      g_set_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_KEYWORD, "#/$schema: \"%s\" is not understood; use \"%s\"",
                   declared, dialect);
      return FALSE;
    }
  return TRUE;
}
