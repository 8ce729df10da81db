/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all kinds of policies have in common: strict reading, columns, parameters. */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "policy/air-policy-private.h"

void
air_policy_column_free (AirPolicyColumn *self)
{
  g_free (self->id);
  g_free (self->title);
  g_clear_pointer (&self->type, air_cel_type_unref);
  g_clear_pointer (&self->values, air_value_unref);
  g_free (self);
}

/* --- strict reading ------------------------------------------------------------------- */

gboolean
air_policy_fail (GError **error, const char *place, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT, "%s%s%s", place, place[0] != '\0' ? ": " : "",
               message);
  return FALSE;
}

/* "rules[3].then" and "amount": the message stands at "rules[3].then.amount". */
gboolean
air_policy_fail_below (GError **error, const char *place, const char *name, const char *message)
{
  g_autofree char *below = g_strconcat (place, ".", name, NULL);

  return message != NULL ? air_policy_fail (error, below, "%s", message) : air_policy_fail (error, "", "%s", below);
}

/* @known: names with commas between them. */
gboolean
air_policy_check_keys (const AirValue *map, const char *place, const char *known, GError **error)
{
  g_auto (GStrv) names = g_strsplit (known, ",", -1);

  if (map == NULL || air_value_get_kind (map) != AIR_VALUE_MAP)
    return air_policy_fail (error, place, "must be an object");
  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);

      if (!g_strv_contains ((const char *const *) names, key))
        return air_policy_fail (error, place, "unknown key \"%s\"; known keys: %s", key, known);
    }
  return TRUE;
}

gboolean
air_policy_read_string (const AirValue *map, const char *place, const char *key, char **ret_text, GError **error)
{
  const char *text = air_map_get_string (map, key);

  if (text == NULL || text[0] == '\0')
    return air_policy_fail (error, place, "\"%s\" must be a text that is not empty", key);
  *ret_text = g_strdup (text);
  return TRUE;
}

gboolean
air_policy_is_name (const char *text)
{
  if (!g_ascii_islower (text[0]))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && *text != '_')
      return FALSE;
  return TRUE;
}

static AirCelType *
type_from_name (const char *name)
{
  static const struct {
    const char *name;
    AirCelTypeKind kind;
  } types[] = {
    { "string", AIR_CEL_TYPE_STRING }, { "int", AIR_CEL_TYPE_INT }, { "bool", AIR_CEL_TYPE_BOOL },
    { "list", AIR_CEL_TYPE_LIST },     { "map", AIR_CEL_TYPE_MAP }, { "dyn", AIR_CEL_TYPE_DYN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (types[i].name, name) == 0)
      return air_cel_type_new (types[i].kind);
  return NULL;
}

gboolean
air_policy_value_fits (const AirPolicyColumn *column, const AirValue *value)
{
  AirCelTypeKind kind = air_cel_type_get_kind (column->type);

  return kind == AIR_CEL_TYPE_DYN || (int) air_value_get_kind (value) == (int) kind;
}

AirPolicyColumn *
air_policy_find_column (const GPtrArray *columns, const char *id)
{
  for (guint i = 0; i < columns->len; i++)
    {
      AirPolicyColumn *column = g_ptr_array_index (columns, i);

      if (strcmp (column->id, id) == 0)
        return column;
    }
  return NULL;
}

static gboolean
read_values (AirPolicyColumn *column, AirValue *values, const char *place, GError **error)
{
  if (air_value_get_kind (values) != AIR_VALUE_LIST || air_list_get_size (values) == 0)
    return air_policy_fail (error, place, "\"values\" must be a list that is not empty");
  for (gsize i = 0; i < air_list_get_size (values); i++)
    if (!air_policy_value_fits (column, air_list_get (values, i)))
      return air_policy_fail (error, place, "\"values\"[%" G_GSIZE_FORMAT "] is not of the column's type", i);
  column->values = air_value_ref (values);
  return TRUE;
}

gboolean
air_policy_read_columns (const AirValue *document, const char *key, gboolean output, GPtrArray *columns, GError **error)
{
  const AirValue *list = air_map_get_list (document, key);
  const char *kind = air_map_get_string (document, "kind");
  /* One line for everything needs no inputs. */
  gboolean may_be_empty = !output && (g_strcmp0 (kind, "limit") == 0 || g_strcmp0 (kind, "budget") == 0);

  if (list == NULL || (air_list_get_size (list) == 0 && !may_be_empty))
    return air_policy_fail (error, key, "must be a list of at least one column");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", key, i);
      g_autoptr (AirPolicyColumn) column = g_new0 (AirPolicyColumn, 1);
      const AirValue *item = air_list_get (list, i);

      if (!air_policy_check_keys (item, place, output ? "id,title,type,values" : "id,title,type", error)
          || !air_policy_read_string (item, place, "id", &column->id, error))
        return FALSE;
      if (!air_policy_is_name (column->id))
        return air_policy_fail (error, place, "\"id\": \"%s\" is no name; use a-z, 0-9 and _", column->id);
      if (air_policy_find_column (columns, column->id) != NULL)
        return air_policy_fail (error, place, "\"id\": \"%s\" stands twice", column->id);
      column->title = g_strdup (air_map_get_string (item, "title"));
      column->type = type_from_name (air_map_get_string (item, "type"));
      if (column->type == NULL)
        return air_policy_fail (error, place, "\"type\" must be one of string, int, bool, list, map, dyn");
      if (air_map_get (item, "values") != NULL && !read_values (column, air_map_get (item, "values"), place, error))
        return FALSE;
      g_ptr_array_add (columns, g_steal_pointer (&column));
    }
  return TRUE;
}

/* --- parameters --------------------------------------------------------------------------- */

gboolean
air_policy_read_params (AirPolicy *self, const AirValue *document, GError **error)
{
  const AirValue *list = air_map_get (document, "parameters");

  if (list == NULL)
    return TRUE;
  if (air_value_get_kind (list) != AIR_VALUE_LIST)
    return air_policy_fail (error, "parameters", "must be a list");
  self->params = air_map_new ();
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("parameters[%" G_GSIZE_FORMAT "]", i), *id = NULL;
      const AirValue *item = air_list_get (list, i);
      AirValue *value;

      if (!air_policy_check_keys (item, place, "id,title,value,description", error)
          || !air_policy_read_string (item, place, "id", &id, error))
        return FALSE;
      value = air_map_get (item, "value");
      if (!air_policy_is_name (id) || air_map_get (self->params, id) != NULL)
        return air_policy_fail (error, place, "\"id\": \"%s\" is no name, or stands twice; use a-z, 0-9 and _", id);
      if (value == NULL)
        return air_policy_fail (error, place, "\"value\" is missing; a parameter always has one");
      air_map_set (self->params, id, air_value_ref (value));
    }
  return TRUE;
}

AirValue *
air_policy_fill (const AirPolicy *self, const AirValue *tree, const char *place, GError **error)
{
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (AirValue) bindings = air_map_new ();
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (GError) local = NULL;
  AirValue *filled = NULL;

  if (self->params != NULL)
    {
      air_cel_env_declare (env, "param", NULL);
      air_map_set (bindings, "param", air_value_ref (self->params));
    }
  template = air_template_compile (tree, env, &local);
  if (template != NULL)
    filled = air_template_render (template, bindings, &local);
  if (filled == NULL)
    air_policy_fail (error, place, "%s", local->message);
  return filled;
}

AirCelEnv *
air_policy_make_env (const AirPolicy *self)
{
  AirCelEnv *env = air_cel_env_new ();

  for (guint i = 0; i < self->inputs->len; i++)
    {
      const AirPolicyColumn *column = g_ptr_array_index (self->inputs, i);

      air_cel_env_declare (env, column->id, column->type);
    }
  if (self->params != NULL)
    air_cel_env_declare (env, "param", NULL);
  return env;
}

AirValue *
air_policy_bind (const AirPolicy *self, const AirValue *inputs)
{
  AirValue *bindings;

  if (self->params == NULL)
    return air_value_ref ((AirValue *) inputs);
  bindings = air_map_copy (inputs);
  air_map_set (bindings, "param", air_value_ref (self->params));
  return bindings;
}
