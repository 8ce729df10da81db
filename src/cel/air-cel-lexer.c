/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "cel/air-cel-private.h"

/* Identifiers no expression may use, so that hosts may embed CEL in their own languages. */
static const char *const reserved_words[] = {
  "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
  "let", "loop",  "package", "namespace", "return", "var", "void",     "while",
};

void
air_cel_lexer_init (AirCelLexer *self, const char *text, gsize length)
{
  memset (self, 0, sizeof *self);
  self->text = text;
  self->length = length;
  self->string = g_string_new (NULL);
}

void
air_cel_lexer_clear (AirCelLexer *self)
{
  if (self->string != NULL)
    g_string_free (g_steal_pointer (&self->string), TRUE);
}

gboolean
air_cel_is_reserved (const char *name, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reserved_words); i++)
    if (strlen (reserved_words[i]) == length && memcmp (reserved_words[i], name, length) == 0)
      return TRUE;
  return FALSE;
}

char *
air_cel_place (const char *text, gsize pos)
{
  guint line = 1, column = 1;
  gboolean more_lines = strchr (text, '\n') != NULL;

  for (gsize i = 0; i < pos && text[i] != '\0'; i++)
    {
      if (text[i] == '\n')
        line++, column = 1;
      else if (((guchar) text[i] & 0xc0) != 0x80)
        column++;
    }
  return more_lines ? g_strdup_printf ("line %u, column %u", line, column) : g_strdup_printf ("column %u", column);
}

void
air_cel_set_syntax_error (GError **error, int code, const char *text, gsize pos, const char *format, ...)
{
  g_autofree char *place = air_cel_place (text, pos);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_CEL_ERROR, code, "%s: %s", place, message);
}

static gboolean
lexer_fail (AirCelLexer *self, gsize pos, const char *message, GError **error)
{
  air_cel_set_syntax_error (error, AIR_CEL_ERROR_SYNTAX, self->text, pos, "%s", message);
  return FALSE;
}

static inline guchar
peek (const AirCelLexer *self, gsize ahead)
{
  return self->pos + ahead < self->length ? (guchar) self->text[self->pos + ahead] : 0;
}

static void
skip_space (AirCelLexer *self)
{
  for (;;)
    {
      guchar c = peek (self, 0);

      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')
        self->pos++;
      else if (c == '/' && peek (self, 1) == '/')
        while (self->pos < self->length && self->text[self->pos] != '\n')
          self->pos++;
      else
        return;
    }
}

static gboolean
read_hex (AirCelLexer *self, guint digits, guint32 *ret_value)
{
  guint32 value = 0;

  for (guint i = 0; i < digits; i++)
    {
      guchar c = peek (self, 0);

      if (!g_ascii_isxdigit (c))
        return FALSE;
      value = value << 4 | (guint32) g_ascii_xdigit_value (c);
      self->pos++;
    }
  *ret_value = value;
  return TRUE;
}

/* After the backslash. \x and octal are octets in bytes and code points in strings. */
static gboolean
read_escape (AirCelLexer *self, gboolean bytes, GError **error)
{
  static const char plain[] = "abfnrtv\\?\"'`";
  static const char values[] = "\a\b\f\n\r\t\v\\?\"'`";
  gsize at = self->pos - 1;
  guchar c = peek (self, 0);
  const char *found = c != 0 ? strchr (plain, c) : NULL;
  guint32 code = 0;

  if (found != NULL)
    {
      self->pos++;
      g_string_append_c (self->string, values[found - plain]);
      return TRUE;
    }
  switch (c)
    {
    case 'x':
    case 'X':
      self->pos++;
      if (!read_hex (self, 2, &code))
        return lexer_fail (self, at, "\\x needs two hexadecimal digits", error);
      break;
    case 'u':
    case 'U':
      if (bytes)
        return lexer_fail (self, at, "\\u and \\U do not belong into a bytes literal; use \\x", error);
      self->pos++;
      if (!read_hex (self, c == 'u' ? 4 : 8, &code))
        return lexer_fail (
            self, at, c == 'u' ? "\\u needs four hexadecimal digits" : "\\U needs eight hexadecimal digits", error);
      break;
    case '0':
    case '1':
    case '2':
    case '3':
      for (guint i = 0; i < 3; i++)
        {
          guchar digit = peek (self, i);

          if (digit < '0' || digit > '7')
            return lexer_fail (self, at, "an octal escape needs three digits, \\000 to \\377", error);
          code = code << 3 | (guint32) (digit - '0');
        }
      self->pos += 3;
      break;
    default:
      return lexer_fail (self, at, "unknown escape; write \\\\ for a backslash", error);
    }
  if (bytes)
    g_string_append_c (self->string, (char) code);
  else if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return lexer_fail (self, at, "the escape is no Unicode code point (surrogates are not)", error);
  else
    g_string_append_unichar (self->string, code);
  return TRUE;
}

/* At the quote. */
static gboolean
read_string (AirCelLexer *self, gboolean raw, gboolean bytes, GError **error)
{
  guchar quote = peek (self, 0);
  gboolean triple = peek (self, 1) == quote && peek (self, 2) == quote;

  g_string_truncate (self->string, 0);
  self->pos += triple ? 3 : 1;
  for (;;)
    {
      guchar c = peek (self, 0);

      if (self->pos >= self->length)
        return lexer_fail (self, self->start, "the string does not end; close the quote", error);
      if (c == quote && (!triple || (peek (self, 1) == quote && peek (self, 2) == quote)))
        break;
      if (!triple && (c == '\n' || c == '\r'))
        return lexer_fail (self, self->start, "the string does not end on its line; close the quote or use \\n", error);
      self->pos++;
      if (c == '\\' && !raw)
        {
          if (!read_escape (self, bytes, error))
            return FALSE;
        }
      else
        g_string_append_c (self->string, (char) c);
    }
  self->pos += triple ? 3 : 1;
  self->kind = bytes ? CEL_TOKEN_BYTES : CEL_TOKEN_STRING;
  return TRUE;
}

static gboolean
read_number (AirCelLexer *self, GError **error)
{
  const char *text = self->text + self->pos;
  gboolean hexadecimal = peek (self, 0) == '0' && (peek (self, 1) == 'x' || peek (self, 1) == 'X');
  gboolean real = FALSE;
  gsize n = 0;

  if (hexadecimal)
    {
      n = 2;
      while (g_ascii_isxdigit (peek (self, n)))
        n++;
      if (n == 2)
        return lexer_fail (self, self->start, "0x needs hexadecimal digits", error);
    }
  else
    {
      while (g_ascii_isdigit (peek (self, n)))
        n++;
      if (peek (self, n) == '.' && g_ascii_isdigit (peek (self, n + 1)))
        {
          real = TRUE;
          for (n++; g_ascii_isdigit (peek (self, n));)
            n++;
        }
      if (peek (self, n) == 'e' || peek (self, n) == 'E')
        {
          gsize exponent = n + 1;

          if (peek (self, exponent) == '+' || peek (self, exponent) == '-')
            exponent++;
          if (!g_ascii_isdigit (peek (self, exponent)))
            return lexer_fail (self, self->start, "the exponent needs digits", error);
          real = TRUE;
          for (n = exponent; g_ascii_isdigit (peek (self, n));)
            n++;
        }
    }

  if (real)
    {
      g_autofree char *copy = g_strndup (text, n);

      self->kind = CEL_TOKEN_DOUBLE;
      self->real = g_ascii_strtod (copy, NULL);
    }
  else
    {
      guint base = hexadecimal ? 16 : 10;

      self->number = 0;
      for (gsize i = hexadecimal ? 2 : 0; i < n; i++)
        if (__builtin_mul_overflow (self->number, (guint64) base, &self->number)
            || __builtin_add_overflow (self->number, (guint64) g_ascii_xdigit_value (text[i]), &self->number))
          return lexer_fail (self, self->start, "the number does not fit into 64 bits", error);
      self->kind = CEL_TOKEN_INT;
      if (peek (self, n) == 'u' || peek (self, n) == 'U')
        {
          self->kind = CEL_TOKEN_UINT;
          n++;
        }
    }
  self->pos += n;
  if (g_ascii_isalnum (peek (self, 0)) || peek (self, 0) == '_')
    return lexer_fail (self, self->start, "a name cannot start with a digit", error);
  return TRUE;
}

static gboolean
read_word (AirCelLexer *self)
{
  const char *text = self->text + self->pos;
  gsize n = 0;

  while (g_ascii_isalnum (peek (self, n)) || peek (self, n) == '_')
    n++;
  self->pos += n;
  if (n == 2 && memcmp (text, "in", 2) == 0)
    self->kind = CEL_TOKEN_IN;
  else if (n == 4 && memcmp (text, "true", 4) == 0)
    self->kind = CEL_TOKEN_TRUE;
  else if (n == 5 && memcmp (text, "false", 5) == 0)
    self->kind = CEL_TOKEN_FALSE;
  else if (n == 4 && memcmp (text, "null", 4) == 0)
    self->kind = CEL_TOKEN_NULL;
  else
    self->kind = CEL_TOKEN_IDENT;
  return TRUE;
}

static gboolean
read_escaped_identifier (AirCelLexer *self, GError **error)
{
  gsize n = 1;

  while (g_ascii_isalnum (peek (self, n)) || (peek (self, n) != 0 && strchr ("_.-/ ", peek (self, n)) != NULL))
    n++;
  if (n == 1 || peek (self, n) != '`')
    return lexer_fail (self, self->start, "a quoted name is letters, digits, _ . - / and spaces between backquotes",
                       error);
  g_string_truncate (self->string, 0);
  g_string_append_len (self->string, self->text + self->pos + 1, (gssize) n - 1);
  self->pos += n + 1;
  self->kind = CEL_TOKEN_ESCAPED_IDENT;
  return TRUE;
}

/* r, b, rb, br before a quote. Returns the prefix's length, or 0. */
static guint
string_prefix (const AirCelLexer *self, gboolean *ret_raw, gboolean *ret_bytes)
{
  guint n = 0;

  *ret_raw = *ret_bytes = FALSE;
  for (; n < 2; n++)
    {
      guchar c = peek (self, n);

      if ((c == 'r' || c == 'R') && !*ret_raw)
        *ret_raw = TRUE;
      else if ((c == 'b' || c == 'B') && !*ret_bytes)
        *ret_bytes = TRUE;
      else
        break;
    }
  return n > 0 && (peek (self, n) == '"' || peek (self, n) == '\'') ? n : 0;
}

static gboolean
read_token (AirCelLexer *self, GError **error)
{
  static const struct {
    char text[3];
    AirCelTokenKind kind;
  } pairs[] = {
    { "==", CEL_TOKEN_EQ }, { "!=", CEL_TOKEN_NE },  { "<=", CEL_TOKEN_LE },
    { ">=", CEL_TOKEN_GE }, { "&&", CEL_TOKEN_AND }, { "||", CEL_TOKEN_OR },
  };
  guchar c = peek (self, 0);
  gboolean raw, bytes;
  guint prefix;

  if (self->pos >= self->length)
    {
      self->kind = CEL_TOKEN_END;
      return TRUE;
    }
  if (c == '"' || c == '\'')
    return read_string (self, FALSE, FALSE, error);
  prefix = string_prefix (self, &raw, &bytes);
  if (prefix > 0)
    {
      self->pos += prefix;
      return read_string (self, raw, bytes, error);
    }
  if (g_ascii_isalpha (c) || c == '_')
    return read_word (self);
  if (g_ascii_isdigit (c) || (c == '.' && g_ascii_isdigit (peek (self, 1))))
    return read_number (self, error);
  if (c == '`')
    return read_escaped_identifier (self, error);
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (c == (guchar) pairs[i].text[0] && peek (self, 1) == (guchar) pairs[i].text[1])
      {
        self->pos += 2;
        self->kind = pairs[i].kind;
        return TRUE;
      }
  if (c == '=')
    return lexer_fail (self, self->pos, "'=' is no operator; compare with ==", error);
  if (c == '&' || c == '|')
    return lexer_fail (self, self->pos, "bitwise operators do not exist; write && or ||", error);
  if (c == 0 || c >= 0x80 || strchr ("()[]{}.,:?+-*/%!<>", c) == NULL)
    return lexer_fail (self, self->pos, "this character does not belong into an expression", error);
  self->pos++;
  self->kind = (guint) CEL_TOKEN_PUNCT + c;
  return TRUE;
}

/* Moves to the next token. Fails with SYNTAX. */
gboolean
air_cel_lexer_next (AirCelLexer *self, GError **error)
{
  skip_space (self);
  self->start = self->pos;
  if (!read_token (self, error))
    return FALSE;
  self->end = self->pos;
  return TRUE;
}
