/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-document-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/air-json.h"

/*
 * Where the items of the lists at the top of a document begin ("/nodes/17",
 * "/edges/3"), found in one pass. Without it every finding in a long workflow
 * would scan the text from its start again.
 */

typedef struct {
  gsize offset;
  guint line, column;
} Place;

typedef struct {
  char *key;
  GArray *items; /* Place */
} Section;

struct _AirDocumentIndex {
  GPtrArray *sections;
};

static void
section_free (gpointer data)
{
  Section *section = data;

  g_free (section->key);
  g_array_unref (section->items);
  g_free (section);
}

void
air_document_index_free (AirDocumentIndex *self)
{
  g_ptr_array_unref (self->sections);
  g_free (self);
}

/* @text was accepted by the parser, so its syntax is taken for granted. Only plain
 * keys are kept: those of our formats hold nothing to unescape. */
AirDocumentIndex *
air_document_index_new (const char *text, gsize length)
{
  AirDocumentIndex *self = g_new0 (AirDocumentIndex, 1);
  guint depth = 0, line = 1, column = 1;
  gboolean awaits = FALSE; /* an item may begin here */
  const char *key = NULL;
  gsize key_length = 0;
  Section *open = NULL;

  self->sections = g_ptr_array_new_with_free_func (section_free);
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (c == '\n')
        {
          line++;
          column = 1;
          continue;
        }
      if (open != NULL && depth == 2 && awaits && strchr (" \t\r,]", c) == NULL)
        {
          Place place = { i, line, column };

          g_array_append_val (open->items, place);
          awaits = FALSE;
        }
      if (c == '"')
        {
          gsize start = i + 1;

          for (i++, column++; i < length && text[i] != '"'; i++)
            {
              if (text[i] == '\\')
                i++, column++;
              if (i < length && ((guint8) text[i] & 0xc0) != 0x80)
                column++;
            }
          if (depth == 1)
            {
              key = text + start;
              key_length = i - start;
            }
        }
      else if (c == '{' || c == '[')
        {
          depth++;
          if (depth == 2 && c == '[' && key != NULL)
            {
              open = g_new0 (Section, 1);
              open->key = g_strndup (key, key_length);
              open->items = g_array_new (FALSE, FALSE, sizeof (Place));
              g_ptr_array_add (self->sections, open);
              awaits = TRUE;
            }
        }
      else if (c == '}' || c == ']')
        {
          depth--;
          if (depth == 1)
            open = NULL;
        }
      else if (c == ',' && depth == 2)
        awaits = TRUE;
      if (((guint8) c & 0xc0) != 0x80)
        column++;
    }
  return self;
}

static const Place *
find_item (const AirDocumentIndex *self, const char *pointer, const char **ret_rest)
{
  const char *slash = pointer[0] == '/' ? strchr (pointer + 1, '/') : NULL;
  char *end;
  gulong index;

  if (slash == NULL || !g_ascii_isdigit (slash[1]))
    return NULL;
  index = strtoul (slash + 1, &end, 10);
  if (*end != '\0' && *end != '/')
    return NULL;
  for (guint i = 0; i < self->sections->len; i++)
    {
      const Section *section = g_ptr_array_index (self->sections, i);

      if (strncmp (section->key, pointer + 1, slash - pointer - 1) == 0 && section->key[slash - pointer - 1] == '\0')
        {
          *ret_rest = end;
          return index < section->items->len ? &g_array_index (section->items, Place, index) : NULL;
        }
    }
  return NULL;
}

gboolean
air_document_index_locate (const AirDocumentIndex *self,
                           const char *text,
                           gsize length,
                           const char *pointer,
                           guint *ret_line,
                           guint *ret_column)
{
  const char *rest = NULL;
  const Place *place = find_item (self, pointer, &rest);
  guint line, column;

  if (place == NULL)
    return air_json_locate (text, length, pointer, ret_line, ret_column);
  if (!air_json_locate (text + place->offset, length - place->offset, rest, &line, &column))
    return FALSE;
  *ret_line = place->line + line - 1;
  *ret_column = line == 1 ? place->column + column - 1 : column;
  return TRUE;
}
