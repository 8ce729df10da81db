/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-regex-private.h"

typedef struct {
  guint *items;
  guint n;
} StateSet;

typedef struct {
  const AirCelRegex *regex;
  const char *text, *end;
  guint32 *marks; /* step in which a state was last added */
  guint32 step;
  guint *stack;
} Search;

static inline gboolean
is_word (const char *p)
{
  return g_ascii_isalnum (*p) || *p == '_';
}

static gboolean
at_word_edge (const Search *self, const char *p)
{
  gboolean before = p > self->text && is_word (p - 1), after = p < self->end && is_word (p);

  return before != after;
}

/* Adds a state and all it reaches without reading. TRUE when that is a match. */
static gboolean
add_state (Search *self, StateSet *set, guint state, const char *p)
{
  guint n = 0;

  self->stack[n++] = state;
  while (n > 0)
    {
      guint at = self->stack[--n];
      const Instruction *i = &g_array_index (self->regex->program, Instruction, at);
      gboolean goes = FALSE;

      if (self->marks[at] == self->step)
        continue;
      self->marks[at] = self->step;
      switch (i->op)
        {
        case OP_MATCH:
          return TRUE;
        case OP_JUMP:
          self->stack[n++] = i->x;
          break;
        case OP_SPLIT:
          self->stack[n++] = i->y;
          self->stack[n++] = i->x;
          break;
        case OP_TEXT_START:
          goes = p == self->text;
          break;
        case OP_TEXT_END:
          goes = p == self->end;
          break;
        case OP_LINE_START:
          goes = p == self->text || p[-1] == '\n';
          break;
        case OP_LINE_END:
          goes = p == self->end || *p == '\n';
          break;
        case OP_WORD_EDGE:
          goes = at_word_edge (self, p);
          break;
        case OP_NOT_WORD_EDGE:
          goes = !at_word_edge (self, p);
          break;
        default:
          set->items[set->n++] = at;
          break;
        }
      if (goes)
        self->stack[n++] = at + 1;
    }
  return FALSE;
}

static gboolean
takes (const AirCelRegex *regex, const Instruction *i, gunichar c)
{
  gboolean in = FALSE;

  if (i->op == OP_ANY)
    return i->newline || c != '\n';
  for (guint k = i->x; !in && k < i->x + i->y; k++)
    {
      const Range *range = &g_array_index (regex->ranges, Range, k);

      in = c >= range->first && c <= range->last;
    }
  return in != i->negated;
}

/* Whether the pattern matches anywhere in the text, which is valid UTF-8. */
gboolean
air_cel_regex_search (const AirCelRegex *self, const char *text, gsize length)
{
  guint size = self->program->len;
  g_autofree guint *memory = g_new (guint, size * 6 + 8);
  StateSet now = { memory, 0 }, next = { memory + size, 0 };
  Search search = { self, text, text + length, memory + 2 * size, 0, memory + 3 * size };
  gboolean matched = FALSE;

  memset (search.marks, 0, size * sizeof *search.marks);
  for (const char *p = text; !matched; p = g_utf8_next_char (p))
    {
      StateSet swap;
      gunichar c;

      /* A match may begin here too; what is there already keeps its place. */
      if (p == text)
        search.step++;
      matched = add_state (&search, &now, 0, p);
      if (matched || p >= search.end)
        break;
      c = g_utf8_get_char (p);
      search.step++;
      next.n = 0;
      for (guint i = 0; !matched && i < now.n; i++)
        {
          const Instruction *each = &g_array_index (self->program, Instruction, now.items[i]);

          if (takes (self, each, c))
            matched = add_state (&search, &next, now.items[i] + 1, g_utf8_next_char (p));
        }
      swap = now;
      now = next;
      next = swap;
    }
  return matched;
}
