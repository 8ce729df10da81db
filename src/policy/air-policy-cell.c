/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "policy/air-policy-private.h"

/*
 * The cells of a decision table: DMN's unary tests, each turned into one CEL
 * condition over the table's inputs.
 *
 *   -                      anything
 *   <= 10000               a relation: < <= > >= = !=
 *   [1..5)                 an interval; ( or ] on the left and ) or [ on the right leave the end out
 *   'a', 'b', [1..5]       any of these
 *   names                  where that is a list: one of its items
 *   not('a', 'b')          none of these
 *   ? owner != customer    CEL over all inputs
 */

typedef struct {
  const char *input;
  const AirCelEnv *env;
} Writer;

static char *write_tests (const Writer *self, const char *text, gsize length, GError **error);

static char *fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static char *
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT, message);
  return NULL;
}

static void
strip (const char **text, gsize *length)
{
  while (*length > 0 && g_ascii_isspace (**text))
    (*text)++, (*length)--;
  while (*length > 0 && g_ascii_isspace ((*text)[*length - 1]))
    (*length)--;
}

/* Past a quoted string that starts at @i; the end of the text if it does not close. */
static gsize
skip_string (const char *text, gsize length, gsize i)
{
  char quote = text[i++];

  for (; i < length && text[i] != quote; i++)
    if (text[i] == '\\')
      i++;
  return MIN (i + 1, length);
}

/* Where @stop stands outside of strings and brackets, from @from on; @length if nowhere. */
static gsize
find_outside (const char *text, gsize length, gsize from, const char *stop)
{
  gsize n = strlen (stop);
  int depth = 0;

  for (gsize i = from; i < length;)
    {
      if (depth == 0 && length - i >= n && memcmp (text + i, stop, n) == 0)
        return i;
      if (text[i] == '\'' || text[i] == '"')
        {
          i = skip_string (text, length, i);
          continue;
        }
      if (strchr ("([{", text[i]) != NULL)
        depth++;
      else if (strchr (")]}", text[i]) != NULL && --depth < 0)
        return length;
      i++;
    }
  return length;
}

/* One operand. It must be an expression by itself, so that no cell can reach out of its place. */
static char *
operand (const Writer *self, const char *text, gsize length, GError **error)
{
  g_autofree char *source = NULL, *enclosed = NULL;
  g_autoptr (AirCelProgram) program = NULL, whole = NULL;
  g_autoptr (GError) local = NULL;

  strip (&text, &length);
  source = g_strndup (text, length);
  if (length == 0)
    return fail (error, "a value is missing");
  program = air_cel_compile (source, self->env, &local);
  if (program == NULL)
    return fail (error, "\"%s\": %s", source, local->message);
  enclosed = g_strdup_printf ("(%s)", source);
  whole = air_cel_compile (enclosed, self->env, NULL);
  if (whole == NULL)
    return fail (error, "\"%s\": a comment hides what stands behind it; leave it out", source);
  return g_steal_pointer (&enclosed);
}

static gboolean
relation_of (const char *text, gsize length, const char **ret_cel, gsize *ret_skip)
{
  static const struct {
    const char *text;
    const char *cel;
  } relations[] = { { "<=", "<=" }, { ">=", ">=" }, { "!=", "!=" }, { "==", "==" },
                    { "<", "<" },   { ">", ">" },   { "=", "==" } };

  for (gsize i = 0; i < G_N_ELEMENTS (relations); i++)
    {
      gsize n = strlen (relations[i].text);

      if (length >= n && memcmp (text, relations[i].text, n) == 0)
        {
          *ret_cel = relations[i].cel;
          *ret_skip = n;
          return TRUE;
        }
    }
  return FALSE;
}

/* An interval that starts the text? Its length, with its end; 0 if it is none (a list such as [1, 2]). */
static gsize
interval_length (const char *text, gsize length, gsize *ret_dots)
{
  gsize dots;

  if (length < 4 || strchr ("[(]", text[0]) == NULL)
    return 0;
  dots = find_outside (text, length, 1, "..");
  if (dots == length)
    return 0;
  *ret_dots = dots;
  for (gsize i = dots + 2, depth = 0; i < length;)
    {
      if (text[i] == '\'' || text[i] == '"')
        {
          i = skip_string (text, length, i);
          continue;
        }
      if (depth == 0 && strchr (")][", text[i]) != NULL)
        return i + 1;
      if (text[i] == '(')
        depth++;
      else if (text[i] == ')')
        depth--;
      i++;
    }
  return 0;
}

static char *
write_interval (const Writer *self, const char *text, gsize length, gsize dots, GError **error)
{
  g_autofree char *low = operand (self, text + 1, dots - 1, error);
  g_autofree char *high = low != NULL ? operand (self, text + dots + 2, length - dots - 3, error) : NULL;

  if (high == NULL)
    return NULL;
  return g_strdup_printf ("(%s %s %s && %s %s %s)", self->input, text[0] == '[' ? ">=" : ">", low, self->input,
                          text[length - 1] == ']' ? "<=" : "<", high);
}

/* A value alone: the input is it, or, where the value is a list, is in it. */
static char *
write_equal (const Writer *self, const char *value)
{
  g_autoptr (AirCelProgram) program = air_cel_compile (value, self->env, NULL);
  g_autoptr (AirCelProgram) input = air_cel_compile (self->input, self->env, NULL);
  AirCelTypeKind kind = air_cel_type_get_kind (air_cel_program_get_type (program));
  AirCelTypeKind own = input != NULL ? air_cel_type_get_kind (air_cel_program_get_type (input)) : AIR_CEL_TYPE_DYN;

  if (kind == AIR_CEL_TYPE_LIST && own != AIR_CEL_TYPE_LIST && own != AIR_CEL_TYPE_DYN)
    return g_strdup_printf ("(%s in %s)", self->input, value);
  if ((kind == AIR_CEL_TYPE_LIST || kind == AIR_CEL_TYPE_DYN) && own != AIR_CEL_TYPE_LIST)
    return g_strdup_printf ("(type(%s) == list ? dyn(%s) == dyn(%s) || dyn(%s) in dyn(%s) : %s == dyn(%s))", value,
                            self->input, value, self->input, value, self->input, value);
  return g_strdup_printf ("(%s == %s)", self->input, value);
}

static char *
write_test (const Writer *self, const char *text, gsize length, GError **error)
{
  g_autofree char *value = NULL;
  const char *relation;
  gsize dots, skip;

  strip (&text, &length);
  if (length == 0)
    return fail (error, "a test is empty; write \"-\" for anything");
  if (length >= 5 && memcmp (text, "not(", 4) == 0 && text[length - 1] == ')')
    {
      value = write_tests (self, text + 4, length - 5, error);
      return value != NULL ? g_strdup_printf ("!(%s)", value) : NULL;
    }
  if (relation_of (text, length, &relation, &skip))
    {
      value = operand (self, text + skip, length - skip, error);
      return value != NULL ? g_strdup_printf ("(%s %s %s)", self->input, relation, value) : NULL;
    }
  if (interval_length (text, length, &dots) == length)
    return write_interval (self, text, length, dots, error);
  value = operand (self, text, length, error);
  return value != NULL ? write_equal (self, value) : NULL;
}

/* Tests with commas between them: any of them. */
static char *
write_tests (const Writer *self, const char *text, gsize length, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);
  gsize start = 0;

  while (start <= length)
    {
      g_autofree char *test = NULL;
      const char *rest = text + start;
      gsize rest_length = length - start, dots, end;

      while (rest_length > 0 && g_ascii_isspace (*rest))
        rest++, rest_length--;
      /* An interval's brackets need not pair up: look past it before looking for the comma. */
      end = (gsize) (rest - text) + interval_length (rest, rest_length, &dots);
      end = find_outside (text, length, MAX (end, start), ",");
      test = write_test (self, text + start, end - start, error);
      if (test == NULL)
        return NULL;
      g_string_append_printf (all, "%s%s", all->len > 0 ? " || " : "", test);
      start = end + 1;
    }
  return g_string_free (g_steal_pointer (&all), FALSE);
}

char *
air_policy_cell_to_cel (const char *input, const char *cell, const AirCelEnv *env, GError **error)
{
  const Writer self = { input, env };
  gsize length = strlen (cell);

  strip (&cell, &length);
  if (length == 1 && *cell == '-')
    return NULL;
  if (length > 0 && *cell == '?')
    return g_strndup (cell + 1, length - 1);
  return write_tests (&self, cell, length, error);
}

gboolean
air_policy_compile_edit (const char *cell, AirCelProgram **ret_program, GError **error)
{
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (GError) local = NULL;
  g_autofree char *source = NULL;

  air_cel_env_declare (env, "value", NULL);
  air_cel_env_declare (env, "before", NULL);
  *ret_program = NULL;
  source = air_policy_cell_to_cel ("value", cell, env, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (source == NULL)
    return TRUE;
  *ret_program = air_cel_compile (source, env, &local);
  if (*ret_program == NULL)
    fail (error, "\"%s\": %s", cell, local->message);
  return *ret_program != NULL;
}
