/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include "air-schema-private.h"

struct _AirSchema {
  gatomicrefcount ref_count;
  AirJsoncons *compiled;
  gboolean has_patterns;
};

G_DEFINE_QUARK (air-schema-error-quark, air_schema_error)

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
  AirJsoncons *compiled;
  gboolean has_patterns;
  AirSchema *self;

  g_return_val_if_fail (schema != NULL, NULL);

  if (!air_schema_check (schema, &has_patterns, error))
    return NULL;
  compiled = air_jsoncons_new (schema, error);
  if (compiled == NULL)
    return NULL;
  self = g_new0 (AirSchema, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->compiled = compiled;
  self->has_patterns = has_patterns;
  return self;
}

static AirSchemaIssue *
issue_too_long (const GString *pointer)
{
  AirSchemaIssue *issue = g_new0 (AirSchemaIssue, 1);

  issue->pointer = g_strdup (pointer->str);
  issue->keyword = g_strdup ("pattern");
  issue->message = g_strdup_printf ("a string of more than %d bytes cannot be checked against a pattern; shorten it",
                                    AIR_SCHEMA_MAX_PATTERN_SUBJECT);
  return issue;
}

static void
push_token (GString *pointer, const char *token)
{
  g_string_append_c (pointer, '/');
  for (; *token != '\0'; token++)
    {
      if (*token == '~')
        g_string_append (pointer, "~0");
      else if (*token == '/')
        g_string_append (pointer, "~1");
      else
        g_string_append_c (pointer, *token);
    }
}

static void
find_long_strings (const AirValue *value, GString *pointer, GPtrArray *issues)
{
  gsize before = pointer->len, length;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      air_value_get_string (value, &length);
      if (length > AIR_SCHEMA_MAX_PATTERN_SUBJECT)
        g_ptr_array_add (issues, issue_too_long (pointer));
      break;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value); i++)
        {
          g_string_append_printf (pointer, "/%" G_GSIZE_FORMAT, i);
          find_long_strings (air_list_get (value, i), pointer, issues);
          g_string_truncate (pointer, before);
        }
      break;
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value); i++)
        {
          const AirValue *key = air_map_get_key_at (value, i);

          if (air_value_get_kind (key) != AIR_VALUE_STRING)
            continue;
          push_token (pointer, air_value_get_string (key, &length));
          if (length > AIR_SCHEMA_MAX_PATTERN_SUBJECT)
            g_ptr_array_add (issues, issue_too_long (pointer));
          find_long_strings (air_map_get_value_at (value, i), pointer, issues);
          g_string_truncate (pointer, before);
        }
      break;
    default:
      break;
    }
}

gboolean
air_schema_validate (const AirSchema *self, const AirValue *instance, GPtrArray **ret_issues, GError **error)
{
  g_autoptr (GPtrArray) issues = g_ptr_array_new_with_free_func ((GDestroyNotify) air_schema_issue_free);

  g_return_val_if_fail (self != NULL && instance != NULL, FALSE);

  if (self->has_patterns)
    {
      g_autoptr (GString) pointer = g_string_new (NULL);

      find_long_strings (instance, pointer, issues);
    }
  if (issues->len == 0 && !air_jsoncons_validate (self->compiled, instance, issues, error))
    return FALSE;
  if (issues->len == 0)
    return TRUE;
  if (ret_issues != NULL)
    *ret_issues = g_steal_pointer (&issues);
  return FALSE;
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
