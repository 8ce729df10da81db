/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* Which steps the texts of a node may read. Found without parsing, so there may be more than are read and never
 * fewer: a type for each would be made for every other node of a workflow of ten thousand. */

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

static void
scan_text (AirCompilation *self, const char *text, GHashTable *steps, gboolean *all)
{
  for (const char *at = text; (at = strstr (at, "steps")) != NULL;)
    {
      const char *start = at, *name;
      gsize length = 0;
      g_autofree char *id = NULL;

      at += strlen ("steps");
      if ((start > text && is_word (start[-1])) || is_word (*at))
        continue;
      name = skip_spaces (at);
      if (*name == '.')
        name = skip_spaces (name + 1);
      else if (*name == '[' && (*skip_spaces (name + 1) == '\'' || *skip_spaces (name + 1) == '"'))
        name = skip_spaces (name + 1) + 1;
      else
        {
          *all = TRUE;
          continue;
        }
      while (is_word (name[length]))
        length++;
      id = g_strndup (name, length);
      g_hash_table_add (steps, g_steal_pointer (&id));
    }
}

static void
scan_value (AirCompilation *self, const AirValue *value, GHashTable *steps, gboolean *all)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      scan_text (self, air_value_get_string (value, NULL), steps, all);
      break;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value); i++)
        scan_value (self, air_list_get (value, i), steps, all);
      break;
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value); i++)
        scan_value (self, air_map_get_value_at (value, i), steps, all);
      break;
    default:
      break;
    }
}

GHashTable *
air_compile_find_steps (AirCompilation *self, const AirValue *value, gboolean *ret_all)
{
  GHashTable *steps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  *ret_all = FALSE;
  scan_value (self, value, steps, ret_all);
  return steps;
}
