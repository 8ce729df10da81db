/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-command-private.h"

#include <string.h>

/* `steps.order` becomes `steps.purchase` wherever an expression reads it, and
 * nowhere else: not in a string, not in `x.steps.order`, not in `steps.order_id`. */

typedef struct {
  GString *out;
  const char *from, *to;
  gboolean changed;
} Rewrite;

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static const char *
skip_spaces (const char *at)
{
  while (*at != '\0' && strchr (" \t\r\n", *at) != NULL)
    at++;
  return at;
}

/* Past the string literal at @at, which stands on its first quote. */
static const char *
skip_literal (const char *at, gboolean raw)
{
  char quote = *at;
  gboolean triple = at[1] == quote && at[2] == quote;

  at += triple ? 3 : 1;
  while (*at != '\0')
    {
      if (*at == '\\' && !raw && at[1] != '\0')
        at += 2;
      else if (*at == quote && !triple)
        return at + 1;
      else if (*at == quote && at[1] == quote && at[2] == quote)
        return at + 3;
      else
        at++;
    }
  return at;
}

/* After the word `steps`: the name it selects is copied over, changed or not. */
static const char *
rewrite_selection (Rewrite *self, const char *at)
{
  const char *dot = skip_spaces (at);
  gsize length = strlen (self->from);

  if (*dot == '.')
    {
      const char *name = skip_spaces (dot + 1);

      if (strncmp (name, self->from, length) == 0 && !is_word (name[length]))
        {
          g_string_append_len (self->out, at, name - at);
          g_string_append (self->out, self->to);
          self->changed = TRUE;
          return name + length;
        }
    }
  else if (*dot == '[')
    {
      const char *name = skip_spaces (dot + 1);
      const char *end = name + 1 + length;

      if ((*name == '\'' || *name == '"') && strncmp (name + 1, self->from, length) == 0 && *end == *name
          && *skip_spaces (end + 1) == ']')
        {
          g_string_append_len (self->out, at, name + 1 - at);
          g_string_append (self->out, self->to);
          g_string_append_c (self->out, *end);
          self->changed = TRUE;
          return end + 1;
        }
    }
  return at;
}

/* Copies an expression up to its end, or in a template up to the brace that closes it. */
static const char *
rewrite_expression (Rewrite *self, const char *at, gboolean in_template)
{
  guint depth = 0;
  char before = '\0'; /* the last that is no space */

  while (*at != '\0' && !(in_template && *at == '}' && depth == 0))
    {
      const char *start = at;

      if (is_word (*at))
        {
          while (is_word (*at))
            at++;
          if ((*at == '"' || *at == '\'') && at - start <= 2)
            {
              gboolean raw = memchr (start, 'r', at - start) != NULL || memchr (start, 'R', at - start) != NULL;

              at = skip_literal (at, raw);
              g_string_append_len (self->out, start, at - start);
            }
          else
            {
              g_string_append_len (self->out, start, at - start);
              if (at - start == strlen ("steps") && strncmp (start, "steps", at - start) == 0 && before != '.')
                at = rewrite_selection (self, at);
            }
        }
      else
        {
          if (*at == '"' || *at == '\'')
            at = skip_literal (at, FALSE);
          else
            {
              depth += *at == '{';
              depth -= *at == '}' && depth > 0;
              at++;
            }
          g_string_append_len (self->out, start, at - start);
        }
      if (strchr (" \t\r\n", at[-1]) == NULL)
        before = at[-1];
    }
  return at;
}

char *
air_rename_in_expression (const char *source, const char *from, const char *to)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Rewrite self = { out, from, to, FALSE };

  rewrite_expression (&self, source, FALSE);
  return self.changed ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

static char *
rename_in_text (const char *text, const char *from, const char *to)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Rewrite self = { out, from, to, FALSE };

  for (const char *at = text; *at != '\0';)
    {
      if (at[0] == '$' && at[1] == '$')
        {
          g_string_append (out, "$$");
          at += 2;
        }
      else if (at[0] == '$' && at[1] == '{')
        {
          g_string_append (out, "${");
          at += 2;
          if (*at == '?')
            g_string_append_c (out, *at++);
          at = rewrite_expression (&self, at, TRUE);
        }
      else
        g_string_append_c (out, *at++);
    }
  return self.changed ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

AirValue *
air_rename_in_template (AirValue *tree, const char *from, const char *to)
{
  g_autoptr (AirValue) copy = NULL;
  gboolean changed = FALSE;

  if (air_value_get_kind (tree) == AIR_VALUE_STRING)
    {
      g_autofree char *text = rename_in_text (air_value_get_string (tree, NULL), from, to);

      return text != NULL ? air_value_new_string (text) : NULL;
    }
  if (air_value_get_kind (tree) == AIR_VALUE_LIST)
    {
      copy = air_list_new ();
      for (gsize i = 0; i < air_list_get_size (tree); i++)
        {
          AirValue *item = air_rename_in_template (air_list_get (tree, i), from, to);

          changed |= item != NULL;
          air_list_append (copy, item != NULL ? item : air_value_ref (air_list_get (tree, i)));
        }
    }
  else if (air_value_get_kind (tree) == AIR_VALUE_MAP)
    {
      copy = air_map_new ();
      for (gsize i = 0; i < air_map_get_size (tree); i++)
        {
          AirValue *item = air_rename_in_template (air_map_get_value_at (tree, i), from, to);

          changed |= item != NULL;
          air_map_set_value (copy, air_value_ref (air_map_get_key_at (tree, i)),
                             item != NULL ? item : air_value_ref (air_map_get_value_at (tree, i)));
        }
    }
  return changed ? g_steal_pointer (&copy) : NULL;
}
