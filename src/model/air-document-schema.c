/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-document-private.h"

#include <string.h>

#include "base/air-json.h"

/*
 * Turns what the schema checker found into what a person can act on. The
 * checker says where and which keyword; this file walks our own schemas to the
 * same place to say which keys or values are known there. It understands the
 * few constructs our schemas use: properties, items, additionalProperties,
 * $ref into $defs, allOf, oneOf, and if/then/else over a constant member.
 */

typedef struct {
  AirValue *root;
  GPtrArray *here; /* schemas (borrowed AirValue) that apply at one place */
} Walk;

/* NULL where there is no map: schemas may be bools, and what is checked may be anything. */
static AirValue *
get_member (const AirValue *map, const char *key)
{
  return map != NULL && air_value_get_kind (map) == AIR_VALUE_MAP ? air_map_get (map, key) : NULL;
}

static gboolean
condition_holds (const AirValue *condition, const AirValue *instance)
{
  AirValue *properties = air_map_get_map (condition, "properties");

  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    {
      AirValue *wanted = get_member (air_map_get_value_at (properties, i), "const");
      AirValue *is = get_member (instance, air_value_get_string (air_map_get_key_at (properties, i), NULL));

      if (wanted == NULL || is == NULL || !air_value_equal (wanted, is))
        return FALSE;
    }
  return TRUE;
}

static void
gather (Walk *walk, AirValue *schema, const AirValue *instance)
{
  static const char *const combinators[] = { "allOf", "oneOf", "anyOf" };
  const char *reference;

  if (schema == NULL || air_value_get_kind (schema) != AIR_VALUE_MAP)
    return;
  g_ptr_array_add (walk->here, schema);
  reference = air_map_get_string (schema, "$ref");
  if (reference != NULL && reference[0] == '#')
    gather (walk, air_value_at (walk->root, reference + 1), instance);
  for (gsize i = 0; i < G_N_ELEMENTS (combinators); i++)
    {
      AirValue *list = air_map_get_list (schema, combinators[i]);

      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        gather (walk, air_list_get (list, k), instance);
    }
  if (get_member (schema, "if") != NULL)
    gather (walk, get_member (schema, condition_holds (get_member (schema, "if"), instance) ? "then" : "else"),
            instance);
}

static void
step (Walk *walk, const char *token, gboolean in_list, const AirValue *instance)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&walk->here);

  walk->here = g_ptr_array_new ();
  for (guint i = 0; i < before->len; i++)
    {
      AirValue *schema = g_ptr_array_index (before, i);

      if (in_list)
        gather (walk, get_member (schema, "items"), instance);
      else
        {
          AirValue *member = get_member (get_member (schema, "properties"), token);

          gather (walk, member != NULL ? member : get_member (schema, "additionalProperties"), instance);
        }
    }
}

static char *
unescape (const char *token, gsize length)
{
  g_autofree char *copy = g_strndup (token, length);
  g_autoptr (GString) text = g_string_new (copy);

  g_string_replace (text, "~1", "/", 0);
  g_string_replace (text, "~0", "~", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The schemas that apply to the value at @pointer. */
static GPtrArray *
walk_to (const AirDocument *self, const char *pointer)
{
  Walk walk = { .root = air_document_kind_get_schema_value (air_document_get_kind (self)) };
  AirValue *value = air_document_get_value (self);
  const char *at = pointer;

  walk.here = g_ptr_array_new ();
  gather (&walk, walk.root, value);
  while (*at == '/')
    {
      gsize length = strcspn (at + 1, "/");
      g_autofree char *token = unescape (at + 1, length);
      g_autofree char *prefix = NULL;
      gboolean in_list = value != NULL && air_value_get_kind (value) == AIR_VALUE_LIST;

      at += 1 + length;
      prefix = g_strndup (pointer, at - pointer);
      value = air_value_at (air_document_get_value (self), prefix);
      step (&walk, token, in_list, value);
    }
  return walk.here;
}

static gboolean
knows_key (GPtrArray *schemas, const char *key)
{
  for (guint i = 0; i < schemas->len; i++)
    if (get_member (get_member (g_ptr_array_index (schemas, i), "properties"), key) != NULL)
      return TRUE;
  return FALSE;
}

static char *
describe_keys (GPtrArray *schemas)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < schemas->len; i++)
    {
      AirValue *properties = air_map_get_map (g_ptr_array_index (schemas, i), "properties");

      for (gsize k = 0; properties != NULL && k < air_map_get_size (properties); k++)
        {
          const char *key = air_value_get_string (air_map_get_key_at (properties, k), NULL);

          if (g_hash_table_add (seen, (gpointer) key))
            g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", key);
        }
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
escape (const char *key)
{
  g_autoptr (GString) text = g_string_new (key);

  g_string_replace (text, "~", "~0", 0);
  g_string_replace (text, "/", "~1", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
report_unknown_key (const AirDocument *self, const char *pointer, GError **error)
{
  AirValue *object = air_value_at (air_document_get_value (self), pointer);
  g_autoptr (GPtrArray) schemas = walk_to (self, pointer);
  const char *slash;

  for (gsize i = 0; object != NULL && air_value_get_kind (object) == AIR_VALUE_MAP && i < air_map_get_size (object);
       i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (object, i), NULL);

      if (!knows_key (schemas, key))
        {
          g_autofree char *known = describe_keys (schemas);
          g_autofree char *escaped = escape (key);
          g_autofree char *place = g_strdup_printf ("%s/%s", pointer, escaped);

          air_document_set_error (self, place, AIR_MODEL_ERROR_SCHEMA, error,
                                  "unknown key \"%s\"; remove it or use one of: %s", key, known);
          return TRUE;
        }
    }
  /* Some checkers name the member, some the object it is in. */
  slash = strrchr (pointer, '/');
  if (slash != NULL && !(object != NULL && air_value_get_kind (object) == AIR_VALUE_MAP && schemas->len > 0))
    {
      g_autofree char *parent = g_strndup (pointer, slash - pointer);

      return report_unknown_key (self, parent, error);
    }
  return FALSE;
}

static gboolean
report_missing_key (const AirDocument *self, const char *pointer, GError **error)
{
  AirValue *object = air_value_at (air_document_get_value (self), pointer);
  g_autoptr (GPtrArray) schemas = walk_to (self, pointer);

  for (guint i = 0; i < schemas->len; i++)
    {
      AirValue *required = air_map_get_list (g_ptr_array_index (schemas, i), "required");

      for (gsize k = 0; required != NULL && k < air_list_get_size (required); k++)
        {
          const char *key = air_value_get_string (air_list_get (required, k), NULL);

          if (get_member (object, key) == NULL)
            {
              air_document_set_error (self, pointer, AIR_MODEL_ERROR_SCHEMA, error, "key \"%s\" is missing; add it",
                                      key);
              return TRUE;
            }
        }
    }
  return FALSE;
}

static char *
print (const AirValue *value)
{
  g_autofree char *text = air_jcs_write (value, NULL, NULL);

  if (text == NULL)
    return g_strdup ("this value");
  if (g_utf8_strlen (text, -1) > 60)
    {
      g_autofree char *start = g_utf8_substring (text, 0, 57);

      return g_strconcat (start, "...", NULL);
    }
  return g_steal_pointer (&text);
}

/* The value of @keyword among the schemas that apply, with the description that stands beside it. */
static AirValue *
find_keyword (GPtrArray *schemas, const char *keyword, const char **ret_description)
{
  for (guint i = 0; i < schemas->len; i++)
    {
      AirValue *schema = g_ptr_array_index (schemas, i);
      AirValue *value = get_member (schema, keyword);

      if (value != NULL)
        {
          *ret_description = air_map_get_string (schema, "description");
          return value;
        }
    }
  return NULL;
}

static void
report_value (const AirDocument *self, const AirSchemaIssue *issue, GError **error)
{
  AirValue *value = air_value_at (air_document_get_value (self), issue->pointer);
  g_autoptr (GPtrArray) schemas = walk_to (self, issue->pointer);
  const char *description = NULL;
  AirValue *wanted = find_keyword (schemas, issue->keyword, &description);
  g_autofree char *is = value != NULL ? print (value) : g_strdup ("this");
  g_autofree char *should = wanted != NULL ? print (wanted) : NULL;

  if (should == NULL)
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error, "%s; see %s.schema.json",
                            issue->message, air_document_kind_to_string (air_document_get_kind (self)));
  else if (g_str_equal (issue->keyword, "enum"))
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error, "%s is not known here; use one of %s",
                            is, should);
  else if (g_str_equal (issue->keyword, "const"))
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error, "%s is not known here; write %s", is,
                            should);
  else if (g_str_equal (issue->keyword, "type"))
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error,
                            "%s is of the wrong type; give one of type %s", is, should);
  else if (g_str_equal (issue->keyword, "pattern"))
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error,
                            "%s is not well formed%s%s; it must match %s", is, description != NULL ? ": " : "",
                            description != NULL ? description : "", should);
  else
    air_document_set_error (self, issue->pointer, AIR_MODEL_ERROR_SCHEMA, error, "%s breaks \"%s\"; it must be %s", is,
                            issue->keyword, should);
}

/* Of several findings the innermost first in the text: what combinators say is only a consequence. */
static const AirSchemaIssue *
choose (const AirDocument *self, GPtrArray *issues)
{
  const AirSchemaIssue *best = NULL;
  guint best_line = 0, best_column = 0;
  gboolean best_is_consequence = FALSE;

  for (guint i = 0; i < issues->len; i++)
    {
      static const char *const combinators[] = { "allOf", "anyOf", "oneOf", "if",         "then", "else",
                                                 "not",   "$ref",  "items", "properties", NULL };
      const AirSchemaIssue *issue = g_ptr_array_index (issues, i);
      gboolean is_consequence = g_strv_contains (combinators, issue->keyword);
      guint line, column;

      air_document_locate (self, issue->pointer, &line, &column);
      if (best == NULL || (best_is_consequence && !is_consequence)
          || (best_is_consequence == is_consequence
              && (line < best_line || (line == best_line && column < best_column))))
        {
          best = issue;
          best_line = line;
          best_column = column;
          best_is_consequence = is_consequence;
        }
    }
  return best;
}

/* Reports the first thing that is wrong; the rest often follows from it. */
gboolean
air_document_check_schema (const AirDocument *self, GError **error)
{
  const AirSchema *schema = air_document_kind_get_compiled (air_document_get_kind (self));
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) cause = NULL;
  const AirSchemaIssue *issue;

  if (air_schema_validate (schema, air_document_get_value (self), &issues, &cause))
    return TRUE;
  if (issues == NULL || issues->len == 0)
    {
      air_document_set_error (self, "", AIR_MODEL_ERROR_SCHEMA, error, "the document could not be checked: %s",
                              cause != NULL ? cause->message : "no reason given");
      return FALSE;
    }
  issue = choose (self, issues);
  if ((g_str_equal (issue->keyword, "additionalProperties") || g_str_equal (issue->keyword, "false"))
      && report_unknown_key (self, issue->pointer, error))
    return FALSE;
  if (g_str_equal (issue->keyword, "required") && report_missing_key (self, issue->pointer, error))
    return FALSE;
  report_value (self, issue, error);
  return FALSE;
}
