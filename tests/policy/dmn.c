/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "dmn.h"

#include <string.h>

#include "base/air-json.h"

/* --- XML ---------------------------------------------------------------------------------- */

static const char *
plain (const char *name)
{
  const char *colon = strchr (name, ':');

  return colon != NULL ? colon + 1 : name;
}

static void
start_cb (GMarkupParseContext *context,
          const char *name,
          const char **keys,
          const char **values,
          gpointer user_data,
          GError **error)
{
  DmnNode **at = user_data;
  DmnNode *node = g_new0 (DmnNode, 1);

  node->name = g_strdup (plain (name));
  node->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  node->text = g_string_new (NULL);
  node->children = g_ptr_array_new_with_free_func ((GDestroyNotify) dmn_free);
  node->parent = *at;
  for (; *keys != NULL; keys++, values++)
    g_hash_table_replace (node->attributes, g_strdup (plain (*keys)), g_strdup (*values));
  if (*at != NULL)
    g_ptr_array_add ((*at)->children, node);
  *at = node;
}

static void
end_cb (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  DmnNode **at = user_data;

  if ((*at)->parent != NULL)
    *at = (*at)->parent;
}

static void
text_cb (GMarkupParseContext *context, const char *text, gsize length, gpointer user_data, GError **error)
{
  DmnNode **at = user_data;

  if (*at != NULL)
    g_string_append_len ((*at)->text, text, length);
}

DmnNode *
dmn_load (const char *path, GError **error)
{
  static const GMarkupParser parser = { .start_element = start_cb, .end_element = end_cb, .text = text_cb };
  DmnNode *root = NULL;
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &root, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  if (!g_markup_parse_context_parse (context, text, length, error)
      || !g_markup_parse_context_end_parse (context, error))
    {
      while (root != NULL && root->parent != NULL)
        root = root->parent;
      g_clear_pointer (&root, dmn_free);
      return NULL;
    }
  return root;
}

void
dmn_free (DmnNode *self)
{
  g_free (self->name);
  g_hash_table_unref (self->attributes);
  g_string_free (self->text, TRUE);
  g_ptr_array_unref (self->children);
  g_free (self);
}

DmnNode *
dmn_child (const DmnNode *self, const char *name)
{
  for (guint i = 0; self != NULL && i < self->children->len; i++)
    if (strcmp (((DmnNode *) self->children->pdata[i])->name, name) == 0)
      return self->children->pdata[i];
  return NULL;
}

const char *
dmn_attribute (const DmnNode *self, const char *name)
{
  return self != NULL ? g_hash_table_lookup (self->attributes, name) : NULL;
}

char *
dmn_text (const DmnNode *self, const char *name)
{
  const DmnNode *text = dmn_child (name != NULL ? dmn_child (self, name) : self, "text");

  return text != NULL ? g_strstrip (g_strdup (text->text->str)) : NULL;
}

/* --- FEEL ----------------------------------------------------------------------------------- */

static gboolean
is_letter (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* The longest of @names that starts here. */
static const char *
match_name (const char *text, GHashTable *names, gsize *ret_length)
{
  const char *found = NULL;
  GHashTableIter iter;
  gpointer name, cel;

  *ret_length = 0;
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, &cel))
    {
      gsize length = strlen (name);

      if (length > *ret_length && strncmp (text, name, length) == 0
          && !(is_letter (text[length]) && is_letter (text[length - 1])))
        {
          *ret_length = length;
          found = cel;
        }
    }
  return found;
}

static void
append_number (GString *cel, const char **text)
{
  const char *start = *text;

  while (g_ascii_isdigit (**text) || (**text == '.' && g_ascii_isdigit ((*text)[1])))
    (*text)++;
  g_string_append_len (cel, start, *text - start);
  if (memchr (start, '.', *text - start) == NULL)
    g_string_append (cel, ".0");
  else if (*start == '.')
    g_string_insert (cel, cel->len - (*text - start), "0");
}

/* if a then b else c */
static char *
conditional (const char *cel)
{
  const char *then = strstr (cel, " then "), *otherwise = then != NULL ? strstr (then, " else ") : NULL;
  g_autofree char *condition = NULL, *yes = NULL, *no = NULL;

  if (!g_str_has_prefix (cel, "if ") || otherwise == NULL)
    return g_strdup (cel);
  condition = g_strndup (cel + 3, then - cel - 3);
  yes = g_strndup (then + 6, otherwise - then - 6);
  no = conditional (otherwise + 6);
  return g_strdup_printf ("((%s) ? (%s) : (%s))", condition, yes, no);
}

char *
dmn_feel (const char *feel, GHashTable *names)
{
  g_autoptr (GString) cel = g_string_new (NULL);
  g_autofree char *lines = g_strdelimit (g_strdup (feel), "\n\r\t", ' ');
  gboolean in_name = FALSE;

  for (const char *p = lines; *p != '\0';)
    {
      gsize length;
      const char *name = in_name ? NULL : match_name (p, names, &length);

      if (*p == '"')
        {
          const char *start = p++;

          while (*p != '\0' && *p != '"')
            p += *p == '\\' && p[1] != '\0' ? 2 : 1;
          p += *p == '"';
          g_string_append_len (cel, start, p - start);
        }
      else if (name != NULL)
        {
          g_string_append (cel, name);
          p += length;
        }
      else if (!in_name
               && (g_ascii_isdigit (*p) || (*p == '.' && g_ascii_isdigit (p[1]) && (p == lines || p[-1] != '.'))))
        append_number (cel, &p);
      else if (!in_name && g_str_has_prefix (p, "date("))
        {
          g_string_append_c (cel, '(');
          p += strlen ("date(");
        }
      else if (!in_name && g_str_has_prefix (p, "and "))
        {
          g_string_append (cel, "&& ");
          p += 4;
        }
      else if (!in_name && g_str_has_prefix (p, "or "))
        {
          g_string_append (cel, "|| ");
          p += 3;
        }
      else
        {
          in_name = is_letter (*p);
          g_string_append_c (cel, *p++);
          continue;
        }
      in_name = FALSE;
    }
  return conditional (cel->str);
}

/* "=" of FEEL outside of strings, where CEL wants "==". Cells take "=" as it is. */
static char *
equals (const char *cel)
{
  GString *text = g_string_new (NULL);
  char quote = '\0';

  for (const char *p = cel; *p != '\0'; p++)
    {
      if (quote != '\0')
        quote = *p == quote ? '\0' : quote;
      else if (*p == '"')
        quote = *p;
      else if (*p == '=' && p[1] != '=' && (p == cel || strchr ("<>!=", p[-1]) == NULL))
        g_string_append_c (text, '=');
      g_string_append_c (text, *p);
    }
  return g_string_free (text, FALSE);
}

/* --- values ---------------------------------------------------------------------------------- */

/* "P1DT2H" in seconds, "P1Y2M" in months: a number of either compares as durations do. */
static double
duration_of (const char *text)
{
  double sum = 0, sign = *text == '-' ? -1 : 1;
  gboolean time = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      char *end;
      double number;

      if (*p == 'T')
        time = TRUE;
      if (!g_ascii_isdigit (*p))
        continue;
      number = g_ascii_strtod (p, &end);
      p = end;
      sum += number * (*p == 'Y' ? 12 : *p == 'M' ? (time ? 60 : 1) : *p == 'D' ? 86400 : *p == 'H' ? 3600 : 1);
    }
  return sign * sum;
}

static AirValue *
scalar (const DmnNode *value)
{
  const char *type = dmn_attribute (value, "type");
  g_autofree char *text = g_strdup (value->text->str);
  const char *kind = type != NULL ? plain (type) : "string";

  if (g_strcmp0 (dmn_attribute (value, "nil"), "true") == 0)
    return air_value_new_null ();
  if (strcmp (kind, "boolean") == 0)
    return air_value_new_bool (strcmp (g_strstrip (text), "true") == 0);
  if (strcmp (kind, "decimal") == 0 || strcmp (kind, "double") == 0 || strcmp (kind, "integer") == 0)
    return air_value_new_double (g_ascii_strtod (g_strstrip (text), NULL));
  if (g_str_has_suffix (kind, "uration"))
    return air_value_new_double (duration_of (text));
  return air_value_new_string (text);
}

AirValue *
dmn_value (const DmnNode *self)
{
  const DmnNode *list = dmn_child (self, "list"), *value = dmn_child (self, "value");
  AirValue *result;

  if (list != NULL)
    {
      result = air_list_new ();
      for (guint i = 0; i < list->children->len; i++)
        air_list_append (result, dmn_value (list->children->pdata[i]));
      return result;
    }
  if (dmn_child (self, "component") != NULL)
    {
      result = air_map_new ();
      for (guint i = 0; i < self->children->len; i++)
        {
          const DmnNode *child = self->children->pdata[i];

          if (strcmp (child->name, "component") == 0)
            air_map_set (result, dmn_attribute (child, "name"), dmn_value (child));
        }
      return result;
    }
  return value != NULL ? scalar (value) : air_value_new_null ();
}

/* --- tables ---------------------------------------------------------------------------------- */

/* The allowed values of an output, the highest priority first: its own, or those of its type. */
static AirValue *
read_values (const DmnNode *root, const DmnNode *table, const DmnNode *output)
{
  g_autofree char *text = dmn_text (output, "outputValues"), *json = NULL;
  const char *type = dmn_attribute (output, "typeRef");

  if (type == NULL)
    type = dmn_attribute (dmn_child (table->parent, "variable"), "typeRef");
  for (guint i = 0; text == NULL && type != NULL && i < root->children->len; i++)
    {
      const DmnNode *item = root->children->pdata[i];

      if (strcmp (item->name, "itemDefinition") == 0 && g_strcmp0 (dmn_attribute (item, "name"), type) == 0)
        text = dmn_text (item, "allowedValues");
    }
  if (text == NULL)
    return NULL;
  json = g_strdup_printf ("[%s]", text);
  return air_json_parse (json, strlen (json), NULL);
}

static const char *
hit_of (const DmnNode *table)
{
  static const struct {
    const char *policy;
    const char *aggregation;
    const char *hit;
  } hits[] = {
    { "UNIQUE", NULL, "U" },    { "ANY", NULL, "A" },         { "PRIORITY", NULL, "P" },
    { "FIRST", NULL, "F" },     { "RULE ORDER", NULL, "R" },  { "OUTPUT ORDER", NULL, "O" },
    { "COLLECT", NULL, "C" },   { "COLLECT", "SUM", "C+" },   { "COLLECT", "MIN", "C<" },
    { "COLLECT", "MAX", "C>" }, { "COLLECT", "COUNT", "C#" },
  };
  const char *policy = dmn_attribute (table, "hitPolicy"), *aggregation = dmn_attribute (table, "aggregation");

  for (gsize i = 0; i < G_N_ELEMENTS (hits); i++)
    if (strcmp (hits[i].policy, policy != NULL ? policy : "UNIQUE") == 0
        && g_strcmp0 (hits[i].aggregation, aggregation) == 0)
      return hits[i].hit;
  return NULL;
}

static AirValue *
column (const char *id, AirValue *take_values)
{
  AirValue *map = air_map_new ();

  air_map_set_string (map, "id", id);
  air_map_set_string (map, "type", "dyn");
  if (take_values != NULL)
    air_map_set (map, "values", take_values);
  return map;
}

static AirValue *
expression (const char *feel, GHashTable *names)
{
  g_autofree char *cel = dmn_feel (feel, names), *equal = equals (cel), *text = g_strdup_printf ("${%s}", equal);

  return air_value_new_string (text);
}

AirValue *
dmn_table (const DmnNode *root, const DmnNode *table, GHashTable *names, char **ret_reason)
{
  g_autoptr (AirValue) document = air_map_new ();
  AirValue *inputs = air_list_new (), *outputs = air_list_new (), *rules = air_list_new (), *fallback = NULL;
  const char *hit = hit_of (table);
  guint n_outputs = 0, n_inputs = 0;

  air_map_set_string (document, "$schema", "airails:policy/1");
  air_map_set_string (document, "id", "dmn");
  air_map_set_string (document, "version", "1.0.0");
  air_map_set_string (document, "kind", "table");
  air_map_set_string (document, "title", "DMN");
  air_map_set (document, "inputs", inputs);
  air_map_set (document, "outputs", outputs);
  air_map_set (document, "rules", rules);
  if (hit == NULL)
    {
      *ret_reason = g_strdup ("its hit policy is none of DMN's");
      return NULL;
    }
  air_map_set_string (document, "hit", hit);
  /* Names the cells may use are inputs too. */
  for (guint i = 0; i < table->children->len; i++)
    {
      const DmnNode *child = table->children->pdata[i];

      if (strcmp (child->name, "input") == 0)
        {
          g_autofree char *id = g_strdup_printf ("c%u", n_inputs++);

          air_list_append (inputs, column (id, NULL));
        }
      else if (strcmp (child->name, "output") == 0)
        {
          g_autofree char *id = g_strdup_printf ("o%u", n_outputs++),
                          *otherwise = dmn_text (child, "defaultOutputEntry");

          air_list_append (outputs, column (id, read_values (root, table, child)));
          if (otherwise != NULL)
            {
              if (fallback == NULL)
                fallback = air_map_new ();
              air_map_set (fallback, id, expression (otherwise, names));
            }
        }
      else if (strcmp (child->name, "rule") == 0)
        {
          g_autofree char *id = g_strdup_printf ("r%" G_GSIZE_FORMAT, air_list_get_size (rules));
          AirValue *rule = air_map_new (), *when = air_map_new (), *then = air_map_new ();
          guint in = 0, out = 0;

          air_map_set_string (rule, "id", id);
          air_map_set (rule, "when", when);
          air_map_set (rule, "then", then);
          air_list_append (rules, rule);
          for (guint k = 0; k < child->children->len; k++)
            {
              const DmnNode *entry = child->children->pdata[k];
              g_autofree char *text = dmn_text (entry, NULL), *name = NULL;

              if (strcmp (entry->name, "inputEntry") == 0)
                {
                  g_autofree char *cell = dmn_feel (text != NULL && *text != '\0' ? text : "-", names);

                  name = g_strdup_printf ("c%u", in++);
                  air_map_set_string (when, name, cell);
                }
              else if (strcmp (entry->name, "outputEntry") == 0)
                {
                  name = g_strdup_printf ("o%u", out++);
                  air_map_set (then, name, expression (text != NULL && *text != '\0' ? text : "null", names));
                }
            }
        }
    }
  if (fallback != NULL)
    {
      AirValue *item = air_map_new ();

      air_map_set (item, "then", fallback);
      air_map_set (document, "default", item);
    }
  if (n_inputs == 0)
    air_list_append (inputs, column ("c0", NULL));
  {
    GHashTableIter iter;
    gpointer cel;

    g_hash_table_iter_init (&iter, names);
    while (g_hash_table_iter_next (&iter, NULL, &cel))
      air_list_append (inputs, column (cel, NULL));
  }
  return g_steal_pointer (&document);
}
