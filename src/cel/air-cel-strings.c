/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

/* The standard string functions and the strings extension. Positions count code points, as the definition wants. */

#define T(x) AIR_CEL_TYPE_##x

/* Every function here reads its receiver once or so. */
static inline gboolean
charge_text (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *text)
{
  return air_cel_charge (frame, node, 1 + text->s.n / 16);
}

/* Searching is length × needle at worst. */
static inline gboolean
charge_search (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *text, const AirCelVal *needle)
{
  return air_cel_charge (frame, node, 1 + text->s.n / 16 + text->s.n * MIN (needle->s.n, 4096) / 256);
}

static const char *
find (const char *text, gsize length, const AirCelVal *needle)
{
  return needle->s.n == 0 ? text : memmem (text, length, needle->s.p, needle->s.n);
}

/* Bytes from the start to code point @index; FALSE past the end (the end itself is fine). */
static gboolean
offset_of (const AirCelVal *text, gint64 index, gsize *ret_offset)
{
  const char *p = text->s.p, *end = p + text->s.n;

  if (index < 0)
    return FALSE;
  for (; index > 0 && p < end; index--)
    p = g_utf8_next_char (p);
  *ret_offset = (gsize) (p - text->s.p);
  return index == 0;
}

static gint64
index_of (const AirCelVal *text, const char *position)
{
  return air_cel_utf8_length (text->s.p, (gsize) (position - text->s.p));
}

static gboolean
fail_index (AirCelFrame *frame, const AirCelNode *node, gint64 index)
{
  return air_cel_fail (frame, node, AIR_CEL_ERROR_ARGUMENT, "%s(): index %" G_GINT64_FORMAT " is out of range",
                       node->name, index);
}

/* A string inside another one: nothing is copied. */
static void
set_slice (AirCelVal *ret, const char *text, gsize length)
{
  ret->kind = AIR_CEL_TYPE_STRING;
  ret->s.p = text;
  ret->s.n = length;
  ret->box = NULL;
}

static gboolean
set_text (AirCelFrame *frame, const AirCelNode *node, AirCelVal *ret, GString *text)
{
  if (!air_cel_charge (frame, node, text->len / 16))
    return FALSE;
  air_cel_val_set_boxed (frame, ret, air_value_new_string_len (text->str, text->len));
  return TRUE;
}

/* --- standard ---------------------------------------------------------------------------- */

static gboolean
do_contains (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  if (!charge_search (frame, node, &args[0], &args[1]))
    return FALSE;
  air_cel_val_set_bool (ret, find (args[0].s.p, args[0].s.n, &args[1]) != NULL);
  return TRUE;
}

static gboolean
do_starts_with (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  air_cel_val_set_bool (ret, args[0].s.n >= args[1].s.n && memcmp (args[0].s.p, args[1].s.p, args[1].s.n) == 0);
  return charge_text (frame, node, &args[1]);
}

static gboolean
do_ends_with (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  air_cel_val_set_bool (ret, args[0].s.n >= args[1].s.n
                                 && memcmp (args[0].s.p + args[0].s.n - args[1].s.n, args[1].s.p, args[1].s.n) == 0);
  return charge_text (frame, node, &args[1]);
}

/* --- positions ------------------------------------------------------------------------------ */

static gboolean
do_char_at (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  const char *p;
  gsize offset;

  if (!charge_text (frame, node, &args[0]))
    return FALSE;
  if (!offset_of (&args[0], args[1].i, &offset))
    return fail_index (frame, node, args[1].i);
  p = args[0].s.p + offset;
  set_slice (ret, p, offset < args[0].s.n ? (gsize) (g_utf8_next_char (p) - p) : 0);
  return TRUE;
}

static gboolean
do_index_of (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gsize offset = 0;
  const char *found;

  if (!charge_search (frame, node, &args[0], &args[1]))
    return FALSE;
  if (node->n_args == 3 && !offset_of (&args[0], args[2].i, &offset))
    return fail_index (frame, node, args[2].i);
  found = find (args[0].s.p + offset, args[0].s.n - offset, &args[1]);
  air_cel_val_set_int (ret, found != NULL ? index_of (&args[0], found) : -1);
  return TRUE;
}

static gboolean
do_last_index_of (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gsize offset = args[0].s.n, n = args[1].s.n;

  if (!charge_search (frame, node, &args[0], &args[1]))
    return FALSE;
  if (node->n_args == 3 && !offset_of (&args[0], args[2].i, &offset))
    return fail_index (frame, node, args[2].i);
  air_cel_val_set_int (ret, -1);
  if (n > args[0].s.n)
    return TRUE;
  for (gsize i = MIN (offset, args[0].s.n - n) + 1; i > 0; i--)
    if (memcmp (args[0].s.p + i - 1, args[1].s.p, n) == 0)
      {
        air_cel_val_set_int (ret, index_of (&args[0], args[0].s.p + i - 1));
        break;
      }
  return TRUE;
}

static gboolean
do_substring (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gsize start, end = args[0].s.n;

  if (!charge_text (frame, node, &args[0]))
    return FALSE;
  if (!offset_of (&args[0], args[1].i, &start))
    return fail_index (frame, node, args[1].i);
  if (node->n_args == 3 && (!offset_of (&args[0], args[2].i, &end) || end < start))
    return fail_index (frame, node, args[2].i);
  set_slice (ret, args[0].s.p + start, end - start);
  return TRUE;
}

/* --- making text --------------------------------------------------------------------------------- */

static gboolean
do_join (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = air_list_get_size (args[0].box);

  for (gsize i = 0; i < size; i++)
    {
      AirCelVal item;

      air_cel_val_from_value (&item, air_list_get (args[0].box, i));
      if (item.kind != AIR_CEL_TYPE_STRING)
        return air_cel_fail (frame, node, AIR_CEL_ERROR_TYPE,
                             "join() takes a list of strings; item %" G_GSIZE_FORMAT " is %s", i,
                             air_cel_type_kind_name (item.kind));
      if (i > 0 && node->n_args == 2)
        g_string_append_len (text, args[1].s.p, (gssize) args[1].s.n);
      g_string_append_len (text, item.s.p, (gssize) item.s.n);
      if (!air_cel_charge (frame, node, 1 + (item.s.n + (node->n_args == 2 ? args[1].s.n : 0)) / 16))
        return FALSE;
    }
  return set_text (frame, node, ret, text);
}

static gboolean
do_ascii_case (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  gboolean lower = node->name[0] == 'l';
  char *text;

  if (!charge_text (frame, node, &args[0]))
    return FALSE;
  text = g_malloc (args[0].s.n + 1);
  for (gsize i = 0; i < args[0].s.n; i++)
    text[i] = lower ? g_ascii_tolower (args[0].s.p[i]) : g_ascii_toupper (args[0].s.p[i]);
  text[args[0].s.n] = '\0';
  air_cel_val_set_string (frame, ret, text, args[0].s.n);
  return TRUE;
}

static gboolean
do_replace (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *p = args[0].s.p, *end = p + args[0].s.n;
  gint64 left = node->n_args == 4 ? args[3].i : -1;

  if (!charge_search (frame, node, &args[0], &args[1]))
    return FALSE;
  while (left != 0)
    {
      const char *found = find (p, (gsize) (end - p), &args[1]);

      if (found == NULL)
        break;
      if (!air_cel_charge (frame, node, 1 + args[2].s.n / 16))
        return FALSE;
      g_string_append_len (text, p, found - p);
      g_string_append_len (text, args[2].s.p, (gssize) args[2].s.n);
      p = found + args[1].s.n;
      /* The empty string stands before every character and at the end. */
      if (args[1].s.n == 0)
        {
          const char *next = p < end ? g_utf8_next_char (p) : p;

          g_string_append_len (text, p, next - p);
          if (p == end)
            break;
          p = next;
        }
      if (left > 0)
        left--;
    }
  g_string_append_len (text, p, end - p);
  return set_text (frame, node, ret, text);
}

static gboolean
do_split (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  g_autoptr (AirValue) list = air_list_new ();
  const char *p = args[0].s.p, *end = p + args[0].s.n;
  gint64 left = node->n_args == 3 ? args[2].i : -1;

  if (!charge_search (frame, node, &args[0], &args[1]) || !air_cel_charge (frame, node, args[0].s.n))
    return FALSE;
  if (left != 0 && args[1].s.n == 0)
    {
      for (; p < end && (left < 0 || left > 1); left -= left > 0 ? 1 : 0)
        {
          const char *next = g_utf8_next_char (p);

          air_list_append (list, air_value_new_string_len (p, (gsize) (next - p)));
          p = next;
        }
      if (p < end)
        air_list_append (list, air_value_new_string_len (p, (gsize) (end - p)));
    }
  else if (left != 0)
    {
      const char *found;

      for (; left != 1 && (found = find (p, (gsize) (end - p), &args[1])) != NULL; left -= left > 0 ? 1 : 0)
        {
          air_list_append (list, air_value_new_string_len (p, (gsize) (found - p)));
          p = found + args[1].s.n;
        }
      air_list_append (list, air_value_new_string_len (p, (gsize) (end - p)));
    }
  air_cel_val_set_boxed (frame, ret, g_steal_pointer (&list));
  return TRUE;
}

static gboolean
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x85 || c == 0xa0 || c == 0x0b || c == 0x1680 || (c >= 0x2000 && c <= 0x200a)
         || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static gboolean
do_trim (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  const char *start = args[0].s.p, *end = start + args[0].s.n;

  while (start < end && is_space (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  while (end > start)
    {
      const char *before = g_utf8_prev_char (end);

      if (!is_space (g_utf8_get_char (before)))
        break;
      end = before;
    }
  set_slice (ret, start, (gsize) (end - start));
  return charge_text (frame, node, &args[0]);
}

static gboolean
do_reverse (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  char *text;

  if (!charge_text (frame, node, &args[0]))
    return FALSE;
  text = g_utf8_strreverse (args[0].s.p, (gssize) args[0].s.n);
  air_cel_val_set_string (frame, ret, text, args[0].s.n);
  return TRUE;
}

static gboolean
do_quote (AirCelFrame *frame, const AirCelNode *node, const AirCelVal *args, AirCelVal *ret)
{
  static const char plain[] = "\a\b\f\n\r\t\v\\\"";
  static const char escapes[] = "abfnrtv\\\"";
  g_autoptr (GString) text = g_string_new ("\"");

  if (!charge_text (frame, node, &args[0]))
    return FALSE;
  for (gsize i = 0; i < args[0].s.n; i++)
    {
      char c = args[0].s.p[i];
      const char *found = c != '\0' ? strchr (plain, c) : NULL;

      if (found != NULL)
        g_string_append_c (text, '\\');
      g_string_append_c (text, found != NULL ? escapes[found - plain] : c);
    }
  g_string_append_c (text, '"');
  return set_text (frame, node, ret, text);
}

const AirCelFunction air_cel_string_functions[] = {
  { "contains", TRUE, 2, { T (STRING), T (STRING) }, T (BOOL), do_contains },
  { "startsWith", TRUE, 2, { T (STRING), T (STRING) }, T (BOOL), do_starts_with },
  { "endsWith", TRUE, 2, { T (STRING), T (STRING) }, T (BOOL), do_ends_with },
  { "charAt", TRUE, 2, { T (STRING), T (INT) }, T (STRING), do_char_at },
  { "indexOf", TRUE, 2, { T (STRING), T (STRING) }, T (INT), do_index_of },
  { "indexOf", TRUE, 3, { T (STRING), T (STRING), T (INT) }, T (INT), do_index_of },
  { "lastIndexOf", TRUE, 2, { T (STRING), T (STRING) }, T (INT), do_last_index_of },
  { "lastIndexOf", TRUE, 3, { T (STRING), T (STRING), T (INT) }, T (INT), do_last_index_of },
  { "substring", TRUE, 2, { T (STRING), T (INT) }, T (STRING), do_substring },
  { "substring", TRUE, 3, { T (STRING), T (INT), T (INT) }, T (STRING), do_substring },
  { "join", TRUE, 1, { T (LIST) }, T (STRING), do_join },
  { "join", TRUE, 2, { T (LIST), T (STRING) }, T (STRING), do_join },
  { "lowerAscii", TRUE, 1, { T (STRING) }, T (STRING), do_ascii_case },
  { "upperAscii", TRUE, 1, { T (STRING) }, T (STRING), do_ascii_case },
  { "replace", TRUE, 3, { T (STRING), T (STRING), T (STRING) }, T (STRING), do_replace },
  { "replace", TRUE, 4, { T (STRING), T (STRING), T (STRING), T (INT) }, T (STRING), do_replace },
  { "split", TRUE, 2, { T (STRING), T (STRING) }, T (LIST), do_split },
  { "split", TRUE, 3, { T (STRING), T (STRING), T (INT) }, T (LIST), do_split },
  { "trim", TRUE, 1, { T (STRING) }, T (STRING), do_trim },
  { "reverse", TRUE, 1, { T (STRING) }, T (STRING), do_reverse },
  { "strings.quote", FALSE, 1, { T (STRING) }, T (STRING), do_quote },
  { "format", TRUE, 2, { T (STRING), T (LIST) }, T (STRING), air_cel_format },
  { NULL },
};
