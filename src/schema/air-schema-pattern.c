/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-schema"

#include "config.h"

#include <string.h>

#include "air-schema-pattern.h"
#include "base/air-regex.h"

#define MAX_DEPTH  50
#define MAX_LENGTH 8192
#define MAX_REPEAT 1000 /* RE2's */

struct _AirPattern {
  AirPatternNode *root;
  AirRegex *regex;
};

typedef struct {
  const char *start;
  const char *p;
  guint depth;
  char *message;
} Parser;

static AirPatternNode *parse_choice (Parser *self);

/* --- nodes --------------------------------------------------------------------- */

static void
node_free (AirPatternNode *self)
{
  g_clear_pointer (&self->ranges, g_array_unref);
  g_clear_pointer (&self->properties, g_ptr_array_unref);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPatternNode, node_free)

static AirPatternNode *
node_new (AirPatternOp op)
{
  AirPatternNode *self = g_new0 (AirPatternNode, 1);

  self->op = op;
  if (op == AIR_PATTERN_SET)
    {
      self->ranges = g_array_new (FALSE, FALSE, sizeof (AirPatternRange));
      self->properties = g_ptr_array_new_with_free_func (g_free);
    }
  else if (op == AIR_PATTERN_SEQUENCE || op == AIR_PATTERN_CHOICE || op == AIR_PATTERN_REPEAT)
    self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return self;
}

static void
add_range (AirPatternNode *self, gunichar first, gunichar last)
{
  AirPatternRange range = { first, last };

  g_array_append_val (self->ranges, range);
}

/* --- character classes ----------------------------------------------------------- */

static const AirPatternRange digits[] = { { '0', '9' } };
static const AirPatternRange words[] = { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } };
static const AirPatternRange spaces[] = {
  { '\t', '\r' },     { ' ', ' ' },       { 0xa0, 0xa0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200a },
  { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 }, { 0xfeff, 0xfeff },
};
static const AirPatternRange breaks[] = { { '\n', '\n' }, { '\r', '\r' }, { 0x2028, 0x2029 } };

static void
add_class (AirPatternNode *self, const AirPatternRange *ranges, guint n, gboolean negated)
{
  gunichar next = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!negated)
        add_range (self, ranges[i].first, ranges[i].last);
      else if (ranges[i].first > next)
        add_range (self, next, ranges[i].first - 1);
      next = ranges[i].last + 1;
    }
  if (negated)
    add_range (self, next, 0x10ffff);
}

static gboolean
add_named_class (AirPatternNode *self, char letter)
{
  switch (letter)
    {
    case 'd':
    case 'D':
      add_class (self, digits, G_N_ELEMENTS (digits), letter == 'D');
      return TRUE;
    case 'w':
    case 'W':
      add_class (self, words, G_N_ELEMENTS (words), letter == 'W');
      return TRUE;
    case 's':
    case 'S':
      add_class (self, spaces, G_N_ELEMENTS (spaces), letter == 'S');
      return TRUE;
    default:
      return FALSE;
    }
}

/* Unicode's general categories, in the order of GUnicodeType. */
static const char categories[][3] = {
  "Cc", "Cf", "Cn", "Co", "Cs", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl",
  "No", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs",
};

static const struct {
  const char *name;
  const char *category;
} long_names[] = {
  { "Letter", "L" },
  { "Lowercase_Letter", "Ll" },
  { "Uppercase_Letter", "Lu" },
  { "Titlecase_Letter", "Lt" },
  { "Modifier_Letter", "Lm" },
  { "Other_Letter", "Lo" },
  { "Mark", "M" },
  { "Number", "N" },
  { "Decimal_Number", "Nd" },
  { "digit", "Nd" },
  { "Letter_Number", "Nl" },
  { "Other_Number", "No" },
  { "Punctuation", "P" },
  { "punct", "P" },
  { "Symbol", "S" },
  { "Currency_Symbol", "Sc" },
  { "Math_Symbol", "Sm" },
  { "Separator", "Z" },
  { "Space_Separator", "Zs" },
  { "Control", "Cc" },
  { "Format", "Cf" },
};

static gboolean
is_category (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (categories) && name[0] != '\0'; i++)
    if (strcmp (name, categories[i]) == 0 || (name[1] == '\0' && name[0] == categories[i][0]))
      return TRUE;
  return FALSE;
}

static gboolean
has_property (const char *property, gunichar c)
{
  gboolean negated = property[0] == '^';
  const char *name = property + negated, *category = categories[g_unichar_type (c)];

  return (name[0] == category[0] && (name[1] == '\0' || name[1] == category[1])) != negated;
}

/**
 * air_pattern_set_has:
 * @set: a node of characters
 * @c: a character
 *
 * Returns: whether the set holds it, its negation and Unicode properties included
 */
gboolean
air_pattern_set_has (const AirPatternNode *set, gunichar c)
{
  gboolean has = FALSE;

  g_return_val_if_fail (set != NULL && set->op == AIR_PATTERN_SET, FALSE);

  for (guint i = 0; i < set->ranges->len && !has; i++)
    {
      const AirPatternRange *range = &g_array_index (set->ranges, AirPatternRange, i);

      has = c >= range->first && c <= range->last;
    }
  for (guint i = 0; i < set->properties->len && !has; i++)
    has = has_property (g_ptr_array_index (set->properties, i), c);
  return has != set->negated;
}

/* --- the parser ------------------------------------------------------------------- */

G_GNUC_PRINTF (2, 3)
static AirPatternNode *
fail (Parser *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  if (self->message != NULL)
    return NULL;
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  self->message = g_strdup_printf ("at character %ld: %s", g_utf8_pointer_to_offset (self->start, self->p) + 1, what);
  return NULL;
}

static gunichar
next (Parser *self)
{
  gunichar c = g_utf8_get_char (self->p);

  self->p = g_utf8_next_char (self->p);
  return c;
}

static gboolean
read_hex (Parser *self, guint digits_min, guint digits_max, gunichar *ret_c)
{
  gunichar c = 0;
  guint n;

  for (n = 0; n < digits_max && g_ascii_isxdigit (self->p[n]); n++)
    c = c << 4 | g_ascii_xdigit_value (self->p[n]);
  if (n < digits_min || c > 0x10ffff)
    return FALSE;
  self->p += n;
  *ret_c = c;
  return TRUE;
}

/* After "\u". */
static gboolean
read_unicode (Parser *self, gunichar *ret_c)
{
  gunichar low;

  if (*self->p == '{')
    {
      self->p++;
      if (!read_hex (self, 1, 6, ret_c) || *self->p != '}')
        return FALSE;
      self->p++;
      return TRUE;
    }
  if (!read_hex (self, 4, 4, ret_c))
    return FALSE;
  if (*ret_c >= 0xd800 && *ret_c < 0xdc00 && self->p[0] == '\\' && self->p[1] == 'u')
    {
      const char *before = self->p;

      self->p += 2;
      if (read_hex (self, 4, 4, &low) && low >= 0xdc00 && low < 0xe000)
        *ret_c = 0x10000 + ((*ret_c - 0xd800) << 10) + (low - 0xdc00);
      else
        self->p = before;
    }
  return TRUE;
}

/* After "\p" or "\P". */
static gboolean
read_property (Parser *self, AirPatternNode *set, gboolean negated)
{
  const char *end = *self->p == '{' ? strchr (self->p, '}') : NULL;
  g_autofree char *name = end != NULL ? g_strndup (self->p + 1, end - self->p - 1) : NULL;
  const char *value = name;

  if (name == NULL)
    {
      fail (self, "\\p needs a name in braces, like \\p{L}");
      return FALSE;
    }
  if (g_str_has_prefix (name, "gc="))
    value = name + 3;
  else if (g_str_has_prefix (name, "General_Category="))
    value = name + 17;
  for (guint i = 0; i < G_N_ELEMENTS (long_names); i++)
    if (strcmp (long_names[i].name, value) == 0)
      value = long_names[i].category;
  if (!is_category (value))
    {
      fail (self, "no category \"%s\" is known; use one like L, Lu, Nd or P", name);
      return FALSE;
    }
  g_ptr_array_add (set->properties, g_strconcat (negated ? "^" : "", value, NULL));
  self->p = end + 1;
  return TRUE;
}

/* After the backslash: one character, or a class added to @set. */
static gboolean
read_escape (Parser *self, AirPatternNode *set, gboolean in_class, gboolean *ret_is_class, gunichar *ret_c)
{
  static const char controls[] = "t\tn\nv\vf\fr\r";
  const char *control;
  char letter = *self->p;

  *ret_is_class = FALSE;
  if (letter == '\0')
    {
      fail (self, "a backslash ends it; write \\\\ for one");
      return FALSE;
    }
  if (letter == 'p' || letter == 'P')
    {
      self->p++;
      *ret_is_class = TRUE;
      return read_property (self, set, letter == 'P');
    }
  if (add_named_class (set, letter))
    {
      self->p++;
      *ret_is_class = TRUE;
      return TRUE;
    }
  control = letter != '\0' ? strchr (controls, letter) : NULL;
  if (g_ascii_isalpha (letter) && control != NULL)
    *ret_c = control[1];
  else if (letter == 'b' && in_class)
    *ret_c = '\b';
  else if (letter == '0' && !g_ascii_isdigit (self->p[1]))
    *ret_c = 0;
  else if (letter == 'c' && g_ascii_isalpha (self->p[1]))
    {
      *ret_c = self->p[1] % 32;
      self->p++;
    }
  else if (letter == 'x' || letter == 'u')
    {
      self->p++;
      if (letter == 'x' ? read_hex (self, 2, 2, ret_c) : read_unicode (self, ret_c))
        return TRUE;
      fail (self, "\\%c needs hexadecimal digits after it", letter);
      return FALSE;
    }
  else if (g_ascii_isdigit (letter) || letter == 'k')
    {
      fail (self, "a back reference cannot be matched in linear time; write out what may stand there");
      return FALSE;
    }
  else if (g_ascii_isalpha (letter))
    {
      fail (self, "\\%c means nothing in a pattern; write the character itself", letter);
      return FALSE;
    }
  else
    {
      *ret_c = next (self);
      return TRUE;
    }
  self->p++;
  return TRUE;
}

static AirPatternNode *
parse_class (Parser *self)
{
  g_autoptr (AirPatternNode) set = node_new (AIR_PATTERN_SET);

  if (*self->p == '^')
    {
      set->negated = TRUE;
      self->p++;
    }
  while (*self->p != ']')
    {
      gunichar bounds[2] = { 0 };
      gboolean is_class[2] = { FALSE };
      guint n = 0;

      do
        {
          if (*self->p == '\0')
            return fail (self, "a [ is never closed");
          if (*self->p != '\\')
            bounds[n] = next (self);
          else
            {
              self->p++;
              if (!read_escape (self, set, TRUE, &is_class[n], &bounds[n]))
                return NULL;
            }
          n++;
      } while (n < 2 && !is_class[0] && self->p[0] == '-' && self->p[1] != ']' && self->p[1] != '\0' && self->p++);

      if (n == 2 && is_class[1])
        {
          add_range (set, bounds[0], bounds[0]);
          add_range (set, '-', '-');
        }
      else if (n == 2 && bounds[0] > bounds[1])
        return fail (self, "a range goes backwards; write the lower character first");
      else if (!is_class[0])
        add_range (set, bounds[0], bounds[n - 1]);
    }
  self->p++;
  return g_steal_pointer (&set);
}

static AirPatternNode *
parse_group (Parser *self)
{
  AirPatternNode *inner;

  if (self->p[0] == '?')
    {
      if (self->p[1] == ':')
        self->p += 2;
      else if (self->p[1] == '<' && g_ascii_isalpha (self->p[2]) && strchr (self->p, '>') != NULL)
        self->p = strchr (self->p, '>') + 1;
      else if (self->p[1] == '=' || self->p[1] == '!' || self->p[1] == '<')
        return fail (self,
                     "looking ahead or behind cannot be matched in linear time; say it with \"allOf\" and \"not\"");
      else
        return fail (self, "no group begins with (?%.1s", self->p + 1);
    }
  if (++self->depth > MAX_DEPTH)
    return fail (self, "groups nest deeper than %d levels", MAX_DEPTH);
  inner = parse_choice (self);
  self->depth--;
  if (inner != NULL && *self->p != ')')
    {
      node_free (inner);
      return fail (self, "a ( is never closed");
    }
  self->p++;
  return inner;
}

static AirPatternNode *
new_assertion (char c)
{
  AirPatternNode *node = node_new (AIR_PATTERN_ASSERTION);

  node->assertion = c;
  return node;
}

static AirPatternNode *
parse_atom (Parser *self)
{
  g_autoptr (AirPatternNode) set = NULL;
  gboolean is_class;
  gunichar c;

  switch (*self->p)
    {
    case '(':
      self->p++;
      return parse_group (self);
    case '[':
      self->p++;
      return parse_class (self);
    case '^':
    case '$':
      return new_assertion (*self->p++);
    case '*':
    case '+':
    case '?':
      return fail (self, "nothing stands before the %c to be repeated", *self->p);
    case '.':
      self->p++;
      set = node_new (AIR_PATTERN_SET);
      add_class (set, breaks, G_N_ELEMENTS (breaks), TRUE);
      return g_steal_pointer (&set);
    case '\\':
      if (self->p[1] == 'b' || self->p[1] == 'B')
        {
          self->p += 2;
          return new_assertion (self->p[-1]);
        }
      self->p++;
      set = node_new (AIR_PATTERN_SET);
      if (!read_escape (self, set, FALSE, &is_class, &c))
        return NULL;
      if (!is_class)
        add_range (set, c, c);
      return g_steal_pointer (&set);
    default:
      set = node_new (AIR_PATTERN_SET);
      c = next (self);
      add_range (set, c, c);
      return g_steal_pointer (&set);
    }
}

/* "{2}", "{2,}", "{2,5}"; FALSE and nothing read when it is text. */
static gboolean
read_braces (Parser *self, guint *ret_min, guint *ret_max)
{
  const char *p = self->p + 1;
  guint64 min, max;
  char *end;

  if (!g_ascii_isdigit (*p))
    return FALSE;
  min = max = g_ascii_strtoull (p, &end, 10);
  if (*end == ',')
    {
      p = end + 1;
      if (*p == '}')
        {
          max = G_MAXUINT;
          end = (char *) p;
        }
      else if (g_ascii_isdigit (*p))
        max = g_ascii_strtoull (p, &end, 10);
    }
  if (*end != '}')
    return FALSE;
  self->p = end + 1;
  *ret_min = MIN (min, G_MAXUINT);
  *ret_max = MIN (max, G_MAXUINT);
  return TRUE;
}

static AirPatternNode *
parse_repeated (Parser *self)
{
  g_autoptr (AirPatternNode) atom = parse_atom (self);
  AirPatternNode *repeat;
  guint min, max;

  if (atom == NULL)
    return NULL;
  if (*self->p == '*' || *self->p == '+' || *self->p == '?')
    {
      min = *self->p == '+' ? 1 : 0;
      max = *self->p == '?' ? 1 : G_MAXUINT;
      self->p++;
    }
  else if (*self->p != '{' || !read_braces (self, &min, &max))
    return g_steal_pointer (&atom);
  if (*self->p == '?') /* lazy: the same texts match */
    self->p++;
  if (min > max || min > MAX_REPEAT || (max != G_MAXUINT && max > MAX_REPEAT))
    return fail (self, "a repetition is from 0 to %d times; use minLength and maxLength for more", MAX_REPEAT);
  repeat = node_new (AIR_PATTERN_REPEAT);
  repeat->min = min;
  repeat->max = max;
  g_ptr_array_add (repeat->children, g_steal_pointer (&atom));
  return repeat;
}

static AirPatternNode *
parse_choice (Parser *self)
{
  g_autoptr (AirPatternNode) choice = node_new (AIR_PATTERN_CHOICE);

  for (;;)
    {
      g_autoptr (AirPatternNode) sequence = node_new (AIR_PATTERN_SEQUENCE);

      while (*self->p != '\0' && *self->p != '|' && *self->p != ')')
        {
          AirPatternNode *part = parse_repeated (self);

          if (part == NULL)
            return NULL;
          g_ptr_array_add (sequence->children, part);
        }
      g_ptr_array_add (choice->children, g_steal_pointer (&sequence));
      if (*self->p != '|')
        return g_steal_pointer (&choice);
      self->p++;
    }
}

/* --- in RE2's syntax ---------------------------------------------------------------- */

static void
write_set (GString *out, const AirPatternNode *set)
{
  if (set->ranges->len == 0 && set->properties->len == 0)
    {
      g_string_append (out, set->negated ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{0}-\\x{10FFFF}]");
      return;
    }
  g_string_append (out, set->negated ? "[^" : "[");
  for (guint i = 0; i < set->ranges->len; i++)
    {
      const AirPatternRange *range = &g_array_index (set->ranges, AirPatternRange, i);

      g_string_append_printf (out, "\\x{%X}", range->first);
      if (range->last > range->first)
        g_string_append_printf (out, "-\\x{%X}", range->last);
    }
  for (guint i = 0; i < set->properties->len; i++)
    {
      const char *property = g_ptr_array_index (set->properties, i);

      g_string_append_printf (out, "\\%c{%s}", *property == '^' ? 'P' : 'p', property + (*property == '^'));
    }
  g_string_append_c (out, ']');
}

static void
write_node (GString *out, const AirPatternNode *node)
{
  switch (node->op)
    {
    case AIR_PATTERN_SET:
      write_set (out, node);
      break;
    case AIR_PATTERN_ASSERTION:
      if (node->assertion == 'b' || node->assertion == 'B')
        g_string_append_c (out, '\\');
      g_string_append_c (out, node->assertion);
      break;
    case AIR_PATTERN_SEQUENCE:
      for (guint i = 0; i < node->children->len; i++)
        write_node (out, g_ptr_array_index (node->children, i));
      break;
    case AIR_PATTERN_CHOICE:
      g_string_append (out, "(?:");
      for (guint i = 0; i < node->children->len; i++)
        {
          if (i > 0)
            g_string_append_c (out, '|');
          write_node (out, g_ptr_array_index (node->children, i));
        }
      g_string_append_c (out, ')');
      break;
    case AIR_PATTERN_REPEAT:
      g_string_append (out, "(?:");
      write_node (out, g_ptr_array_index (node->children, 0));
      if (node->max == G_MAXUINT)
        g_string_append_printf (out, "){%u,}", node->min);
      else
        g_string_append_printf (out, "){%u,%u}", node->min, node->max);
      break;
    }
}

/**
 * air_pattern_new:
 * @text: ECMA-262 with the flag "u", UTF-8
 * @ret_message: (out) (transfer full): what is wrong and how to mend it, when it fails
 *
 * Reads what can be matched in linear time: no backreferences, no lookaround.
 *
 * Returns: (transfer full) (nullable): the pattern, or %NULL when @text is wrong, too long or not to be matched in
 *   linear time
 */
AirPattern *
air_pattern_new (const char *text, char **ret_message)
{
  Parser parser = { text, text, 0, NULL };
  g_autoptr (AirPattern) self = g_new0 (AirPattern, 1);
  g_autoptr (GString) re2 = g_string_new (NULL);

  g_return_val_if_fail (text != NULL && ret_message != NULL, NULL);

  if (strlen (text) > MAX_LENGTH)
    {
      *ret_message = g_strdup_printf ("longer than %d bytes; split it", MAX_LENGTH);
      return NULL;
    }
  self->root = parse_choice (&parser);
  if (self->root != NULL && *parser.p == ')')
    fail (&parser, "a ) closes nothing; write \\) for one");
  if (parser.message != NULL)
    {
      *ret_message = parser.message;
      return NULL;
    }
  write_node (re2, self->root);
  self->regex = air_regex_new (re2->str, re2->len, ret_message);
  return self->regex != NULL ? g_steal_pointer (&self) : NULL;
}

void
air_pattern_free (AirPattern *self)
{
  g_clear_pointer (&self->root, node_free);
  g_clear_pointer (&self->regex, air_regex_free);
  g_free (self);
}

/**
 * air_pattern_get_root:
 * @self: a pattern
 *
 * Returns: (transfer none): its tree, for those who make texts that match
 */
const AirPatternNode *
air_pattern_get_root (const AirPattern *self)
{
  return self->root;
}

/**
 * air_pattern_search:
 * @self: a pattern
 * @text: valid UTF-8
 * @length: bytes of @text
 *
 * Returns: whether it matches anywhere in @text: JSON Schema does not anchor patterns
 */
gboolean
air_pattern_search (const AirPattern *self, const char *text, gsize length)
{
  return air_regex_search (self->regex, text, length);
}
