/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/*
 * The regular expressions of matches(), in RE2's syntax without captures. CEL
 * promises time linear in the text; a backtracking engine (GRegex) breaks that
 * promise with "(a+)+$" and can only be cut off with an error. So: a Thompson
 * automaton, all states at once, never more work than text × pattern.
 */

#define MAX_PROGRAM 4096
#define MAX_REPEAT 1000
#define MAX_NESTING 100

typedef enum {
  OP_RANGES, /* one code point in (or, negated, out of) the ranges */
  OP_ANY,
  OP_SPLIT, /* to x and y */
  OP_JUMP,  /* to x */
  OP_TEXT_START,
  OP_TEXT_END,
  OP_LINE_START,
  OP_LINE_END,
  OP_WORD_EDGE,
  OP_NOT_WORD_EDGE,
  OP_MATCH,
} Op;

typedef struct {
  Op op;
  guint x, y;          /* SPLIT, JUMP; RANGES: first and count of its ranges */
  gboolean negated;    /* RANGES */
  gboolean newline;    /* ANY: takes \n too */
} Instruction;

typedef struct {
  gunichar first, last;
} Range;

struct _AirCelRegex {
  GArray *program; /* Instruction */
  GArray *ranges;  /* Range */
};

typedef struct {
  const char *start, *p, *end;
  AirCelRegex *regex;
  gboolean ignore_case, dot_newline, multi_line, ungreedy;
  guint depth;
  GError **error;
} Compiler;

static gboolean compile_alternatives (Compiler *self);

static gboolean
fail (Compiler *self, const char *message)
{
  if (self->error != NULL && *self->error == NULL)
    g_set_error (self->error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT, "regular expression, character %ld: %s",
                 g_utf8_pointer_to_offset (self->start, self->p) + 1, message);
  return FALSE;
}

static inline guint
here (const Compiler *self)
{
  return self->regex->program->len;
}

static inline Instruction *
instruction (const Compiler *self, guint i)
{
  return &g_array_index (self->regex->program, Instruction, i);
}

static gboolean
emit (Compiler *self, Instruction i)
{
  if (here (self) >= MAX_PROGRAM)
    return fail (self, "the pattern is too large");
  g_array_append_val (self->regex->program, i);
  return TRUE;
}

/* Opens a gap before @at; targets from there on move along. */
static gboolean
insert (Compiler *self, guint at, Instruction i)
{
  if (here (self) >= MAX_PROGRAM)
    return fail (self, "the pattern is too large");
  for (guint k = at; k < here (self); k++)
    {
      Instruction *each = instruction (self, k);

      if (each->op == OP_SPLIT || each->op == OP_JUMP)
        {
          each->x += each->x >= at ? 1 : 0;
          each->y += each->op == OP_SPLIT && each->y >= at ? 1 : 0;
        }
    }
  g_array_insert_val (self->regex->program, at, i);
  return TRUE;
}

/* --- classes ---------------------------------------------------------------------- */

static void
add_range (Compiler *self, gunichar first, gunichar last)
{
  Range range = { first, last };

  g_array_append_val (self->regex->ranges, range);
  if (!self->ignore_case || last - first > 0x400)
    return;
  for (gunichar c = first; c <= last; c++)
    {
      gunichar other = g_unichar_tolower (c) != c ? g_unichar_tolower (c) : g_unichar_toupper (c);
      Range one = { other, other };

      if (other != c)
        g_array_append_val (self->regex->ranges, one);
    }
}

static void
add_ranges (Compiler *self, const char *pairs, gboolean negated)
{
  gunichar from = 0;

  /* Pairs are sorted ASCII: what is between them is the complement. */
  for (; *pairs != '\0'; pairs += 2)
    {
      Range range = { (guchar) pairs[0], (guchar) pairs[1] };

      if (negated)
        range = (Range){ from, (gunichar) (guchar) pairs[0] - 1 };
      from = (gunichar) (guchar) pairs[1] + 1;
      if (range.first <= range.last && range.last != (gunichar) -1)
        g_array_append_val (self->regex->ranges, range);
    }
  if (negated)
    {
      Range range = { from, 0x10ffff };

      g_array_append_val (self->regex->ranges, range);
    }
}

static const char *
perl_class (char c)
{
  switch (g_ascii_tolower (c))
    {
    case 'd':
      return "09";
    case 'w':
      return "09AZ__az";
    case 's':
      return "\t\n\f\r  ";
    default:
      return NULL;
    }
}

static gboolean
add_named_class (Compiler *self)
{
  static const struct {
    const char *name;
    const char *pairs;
  } classes[] = {
    { "alnum", "09AZaz" }, { "alpha", "AZaz" }, { "ascii", "\x01\x7f" }, { "blank", "\t\t  " },
    { "cntrl", "\x01\x1f\x7f\x7f" }, { "digit", "09" }, { "graph", "!~" }, { "lower", "az" },
    { "print", " ~" }, { "punct", "!/:@[`{~" }, { "space", "\t\r  " }, { "upper", "AZ" },
    { "word", "09AZ__az" }, { "xdigit", "09AFaf" },
  };
  gboolean negated = self->p < self->end && *self->p == '^';

  self->p += negated;
  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gsize n = strlen (classes[i].name);

      if ((gsize) (self->end - self->p) >= n + 2 && memcmp (self->p, classes[i].name, n) == 0
          && memcmp (self->p + n, ":]", 2) == 0)
        {
          self->p += n + 2;
          add_ranges (self, classes[i].pairs, negated);
          return TRUE;
        }
    }
  return fail (self, "there is no such character class");
}

static int
hex_value (Compiler *self, guint max_digits)
{
  int value = 0;
  guint n = 0;

  for (; n < max_digits && self->p < self->end && g_ascii_isxdigit (*self->p); n++)
    value = value * 16 + g_ascii_xdigit_value (*self->p++);
  return n > 0 ? value : -1;
}

/* After the backslash, a single character. */
static gboolean
read_escaped_char (Compiler *self, gunichar *ret_c)
{
  static const char names[] = "aftnrv";
  static const char values[] = "\a\f\t\n\r\v";
  const char *found;
  int value;

  if (self->p >= self->end)
    return fail (self, "the pattern ends in a backslash");
  found = strchr (names, *self->p);
  if (*self->p != '\0' && found != NULL)
    {
      *ret_c = (gunichar) values[found - names];
      self->p++;
      return TRUE;
    }
  if (*self->p == 'x')
    {
      gboolean braces = ++self->p < self->end && *self->p == '{';

      self->p += braces;
      value = hex_value (self, braces ? 6 : 2);
      if (value < 0 || value > 0x10ffff || (braces && (self->p >= self->end || *self->p++ != '}')))
        return fail (self, "\\x needs hexadecimal digits");
      *ret_c = (gunichar) value;
      return TRUE;
    }
  if (g_ascii_isalnum (*self->p))
    return fail (self, g_ascii_isdigit (*self->p) ? "back-references are not supported" : "unknown escape");
  *ret_c = g_utf8_get_char (self->p);
  self->p = g_utf8_next_char (self->p);
  return TRUE;
}

static gboolean
finish_class (Compiler *self, guint first, gboolean negated)
{
  return emit (self, (Instruction){ OP_RANGES, first, self->regex->ranges->len - first, negated });
}

static gboolean
compile_char (Compiler *self, gunichar c)
{
  guint first = self->regex->ranges->len;

  add_range (self, c, c);
  return finish_class (self, first, FALSE);
}

/* One end of a range inside [...]; @ret_class when it was a class such as \d. */
static gboolean
read_class_item (Compiler *self, gunichar *ret_c, gboolean *ret_class)
{
  *ret_class = FALSE;
  if (*self->p == '[' && self->p + 1 < self->end && self->p[1] == ':')
    {
      *ret_class = TRUE;
      self->p += 2;
      return add_named_class (self);
    }
  if (*self->p != '\\')
    {
      *ret_c = g_utf8_get_char (self->p);
      self->p = g_utf8_next_char (self->p);
      return TRUE;
    }
  self->p++;
  if (self->p < self->end && perl_class (*self->p) != NULL)
    {
      *ret_class = TRUE;
      add_ranges (self, perl_class (*self->p), g_ascii_isupper (*self->p));
      self->p++;
      return TRUE;
    }
  return read_escaped_char (self, ret_c);
}

static gboolean
compile_class (Compiler *self)
{
  guint first = self->regex->ranges->len;
  gboolean negated = self->p < self->end && *self->p == '^';
  gboolean any = FALSE;

  self->p += negated;
  while (self->p < self->end && (*self->p != ']' || !any))
    {
      gunichar low = 0, high = 0;
      gboolean is_class;

      any = TRUE;
      if (!read_class_item (self, &low, &is_class))
        return FALSE;
      if (is_class)
        continue;
      high = low;
      if (self->p + 1 < self->end && *self->p == '-' && self->p[1] != ']')
        {
          self->p++;
          if (!read_class_item (self, &high, &is_class))
            return FALSE;
          if (is_class || high < low)
            return fail (self, "the range in [...] is upside down");
        }
      add_range (self, low, high);
    }
  if (self->p >= self->end)
    return fail (self, "'[' is not closed");
  self->p++;
  return finish_class (self, first, negated);
}

/* --- atoms --------------------------------------------------------------------------- */

static gboolean
compile_escape (Compiler *self)
{
  gunichar c;
  guint first = self->regex->ranges->len;

  if (self->p < self->end)
    switch (*self->p)
      {
      case 'A':
        self->p++;
        return emit (self, (Instruction){ OP_TEXT_START });
      case 'z':
        self->p++;
        return emit (self, (Instruction){ OP_TEXT_END });
      case 'b':
      case 'B':
        return emit (self, (Instruction){ *self->p++ == 'b' ? OP_WORD_EDGE : OP_NOT_WORD_EDGE });
      default:
        break;
      }
  if (self->p < self->end && perl_class (*self->p) != NULL)
    {
      add_ranges (self, perl_class (*self->p), g_ascii_isupper (*self->p));
      self->p++;
      return finish_class (self, first, FALSE);
    }
  return read_escaped_char (self, &c) && compile_char (self, c);
}

/* After "(?": flags, a name, or nothing. @ret_open: a group follows. */
static gboolean
read_group_prefix (Compiler *self, gboolean *ret_open)
{
  gboolean on = TRUE;

  *ret_open = TRUE;
  if (*self->p == 'P' || *self->p == '<')
    {
      const char *close = memchr (self->p, '>', (gsize) (self->end - self->p));

      self->p += *self->p == 'P';
      if (close == NULL || self->p >= self->end || *self->p != '<' || self->p[1] == '=' || self->p[1] == '!')
        return fail (self, "look-behind is not supported; a name is written (?P<name>…)");
      self->p = close + 1;
      return TRUE;
    }
  for (; self->p < self->end; self->p++)
    switch (*self->p)
      {
      case 'i':
        self->ignore_case = on;
        break;
      case 's':
        self->dot_newline = on;
        break;
      case 'm':
        self->multi_line = on;
        break;
      case 'U':
        self->ungreedy = on;
        break;
      case '-':
        on = FALSE;
        break;
      case ')':
        *ret_open = FALSE;
        G_GNUC_FALLTHROUGH;
      case ':':
        self->p++;
        return TRUE;
      default:
        return fail (self, "unknown group; look-around is not supported");
      }
  return fail (self, "'(' is not closed");
}

static gboolean
compile_group (Compiler *self)
{
  gboolean i = self->ignore_case, s = self->dot_newline, m = self->multi_line, u = self->ungreedy, open = TRUE;

  if (self->p + 1 < self->end && *self->p == '?')
    {
      self->p++;
      if (!read_group_prefix (self, &open))
        return FALSE;
      if (!open)
        return TRUE; /* flags for the rest of the enclosing group */
    }
  if (++self->depth > MAX_NESTING)
    return fail (self, "groups nest too deep");
  if (!compile_alternatives (self))
    return FALSE;
  self->depth--;
  if (self->p >= self->end)
    return fail (self, "'(' is not closed");
  self->p++;
  self->ignore_case = i;
  self->dot_newline = s;
  self->multi_line = m;
  self->ungreedy = u;
  return TRUE;
}

static gboolean
compile_atom (Compiler *self)
{
  gunichar c = g_utf8_get_char (self->p);

  self->p = g_utf8_next_char (self->p);
  switch (c)
    {
    case '(':
      return compile_group (self);
    case '[':
      return compile_class (self);
    case '\\':
      return compile_escape (self);
    case '.':
      return emit (self, (Instruction){ .op = OP_ANY, .newline = self->dot_newline });
    case '^':
      return emit (self, (Instruction){ self->multi_line ? OP_LINE_START : OP_TEXT_START });
    case '$':
      return emit (self, (Instruction){ self->multi_line ? OP_LINE_END : OP_TEXT_END });
    case '*':
    case '+':
    case '?':
      self->p--;
      return fail (self, "there is nothing to repeat");
    default:
      return compile_char (self, c);
    }
}

/* --- repetition ------------------------------------------------------------------------ */

/* {n}, {n,}, {n,m}; anything else is plain text, as in RE2. max -1: no end. */
static gboolean
read_counts (Compiler *self, int *ret_min, int *ret_max)
{
  const char *p = self->p + 1;
  int counts[2] = { -1, -1 };
  int n = 0;

  for (; n < 2; n++)
    {
      if (p < self->end && g_ascii_isdigit (*p))
        for (counts[n] = 0; p < self->end && g_ascii_isdigit (*p); p++)
          counts[n] = MIN (counts[n] * 10 + (*p - '0'), MAX_REPEAT + 1);
      if (p >= self->end || *p != ',')
        break;
      if (n == 0)
        p++;
    }
  if (p >= self->end || *p != '}' || counts[0] < 0)
    return FALSE;
  *ret_min = counts[0];
  *ret_max = n == 0 ? counts[0] : counts[1];
  self->p = p + 1;
  return TRUE;
}

/* Copies [from, to) to the end, its inner targets moved along. */
static gboolean
copy_block (Compiler *self, guint from, guint to)
{
  guint shift = here (self) - from;

  for (guint i = from; i < to; i++)
    {
      Instruction copy = *instruction (self, i);

      if (copy.op == OP_SPLIT || copy.op == OP_JUMP)
        copy.x += shift;
      if (copy.op == OP_SPLIT)
        copy.y += shift;
      if (!emit (self, copy))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_star (Compiler *self, guint from)
{
  guint jump;

  if (!insert (self, from, (Instruction){ OP_SPLIT, from + 1, 0 }))
    return FALSE;
  jump = here (self);
  if (!emit (self, (Instruction){ OP_JUMP, from }))
    return FALSE;
  instruction (self, from)->x = from + 1;
  instruction (self, from)->y = jump + 1;
  return TRUE;
}

static gboolean
make_optional (Compiler *self, guint from)
{
  if (!insert (self, from, (Instruction){ OP_SPLIT, from + 1, 0 }))
    return FALSE;
  instruction (self, from)->x = from + 1;
  instruction (self, from)->y = here (self);
  return TRUE;
}

static gboolean
repeat (Compiler *self, guint from, int min, int max)
{
  guint length = here (self) - from;

  if (min > MAX_REPEAT || max > MAX_REPEAT)
    return fail (self, "a repetition of more than 1000 is not supported");
  if (max >= 0 && max < min)
    return fail (self, "the repetition is upside down");
  /* The copies must come from an untouched block. */
  for (int i = 1; i < MAX (min, 1); i++)
    if (!copy_block (self, from, from + length))
      return FALSE;
  if (max < 0)
    {
      guint last = here (self);

      if (min == 0)
        return make_star (self, from);
      return copy_block (self, from, from + length) && make_star (self, last);
    }
  for (int i = MAX (min, 1); i < max; i++)
    {
      guint last = here (self);

      if (!copy_block (self, from, from + length) || !make_optional (self, last))
        return FALSE;
    }
  if (max == 0)
    {
      g_array_set_size (self->regex->program, from);
      return TRUE;
    }
  return min > 0 || make_optional (self, from);
}

static gboolean
compile_repeated (Compiler *self)
{
  guint from = here (self);
  int min, max;
  guint n = 0;

  if (!compile_atom (self))
    return FALSE;
  while (self->p < self->end)
    {
      if (*self->p == '*')
        min = 0, max = -1, self->p++;
      else if (*self->p == '+')
        min = 1, max = -1, self->p++;
      else if (*self->p == '?')
        min = 0, max = 1, self->p++;
      else if (*self->p != '{' || !read_counts (self, &min, &max))
        break;
      if (++n > 1)
        return fail (self, "two repetitions in a row");
      if (self->p < self->end && *self->p == '?')
        self->p++; /* lazy or greedy: whether it matches is the same */
      if (!repeat (self, from, min, max))
        return FALSE;
    }
  return TRUE;
}

static gboolean
compile_sequence (Compiler *self)
{
  while (self->p < self->end && *self->p != '|' && *self->p != ')')
    if (!compile_repeated (self))
      return FALSE;
  return TRUE;
}

static gboolean
compile_alternatives (Compiler *self)
{
  guint from = here (self), end_jump;

  if (!compile_sequence (self))
    return FALSE;
  while (self->p < self->end && *self->p == '|')
    {
      self->p++;
      /* split → the alternatives so far, or the next one */
      if (!insert (self, from, (Instruction){ OP_SPLIT, from + 1, 0 }))
        return FALSE;
      end_jump = here (self);
      if (!emit (self, (Instruction){ OP_JUMP, 0 }))
        return FALSE;
      instruction (self, from)->x = from + 1;
      instruction (self, from)->y = here (self);
      if (!compile_sequence (self))
        return FALSE;
      instruction (self, end_jump)->x = here (self);
    }
  return TRUE;
}

/* --- public -------------------------------------------------------------------------------- */

void
air_cel_regex_free (AirCelRegex *self)
{
  g_array_unref (self->program);
  g_array_unref (self->ranges);
  g_free (self);
}

guint
air_cel_regex_get_size (const AirCelRegex *self)
{
  return self->program->len;
}

/**
 * air_cel_regex_new:
 *
 * Returns: (transfer full): the automaton; fails with %AIR_CEL_ERROR_ARGUMENT
 *   on what RE2 refuses too (back-references, look-around) and on Unicode
 *   classes (\p)
 */
AirCelRegex *
air_cel_regex_new (const char *pattern, gsize length, GError **error)
{
  g_autoptr (AirCelRegex) regex = g_new0 (AirCelRegex, 1);
  Compiler self = { .start = pattern, .p = pattern, .end = pattern + length, .regex = regex, .error = error };

  regex->program = g_array_new (FALSE, TRUE, sizeof (Instruction));
  regex->ranges = g_array_new (FALSE, TRUE, sizeof (Range));
  if (!compile_alternatives (&self))
    return NULL;
  if (self.p < self.end)
    {
      fail (&self, "')' without '('");
      return NULL;
    }
  if (!emit (&self, (Instruction){ OP_MATCH }))
    return NULL;
  return g_steal_pointer (&regex);
}

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
