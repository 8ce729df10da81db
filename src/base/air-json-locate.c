/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <string.h>

#include "air-json-private.h"

/* The parser keeps no positions, for speed. Whoever has an error to report runs
 * these scanners over the text again; they take its syntax for granted, yet stay within it. */

typedef struct {
  const char *text;
  gsize length;
  gsize at;
} Scanner;

void
air_json_position (const char *text, gsize offset, guint *ret_line, guint *ret_column)
{
  guint line = 1, column = 1;

  for (gsize i = 0; i < offset; i++)
    {
      if (text[i] == '\n')
        {
          line++;
          column = 1;
        }
      else if (((guint8) text[i] & 0xc0) != 0x80)
        column++;
    }
  *ret_line = line;
  *ret_column = column;
}

static char
peek (const Scanner *self)
{
  return self->at < self->length ? self->text[self->at] : '\0';
}

static void
skip_to_token (Scanner *self)
{
  while (self->at < self->length && strchr (" \t\r\n,:]}", self->text[self->at]) != NULL)
    self->at++;
}

static void
skip_space (Scanner *self)
{
  while (self->at < self->length && strchr (" \t\r\n", self->text[self->at]) != NULL)
    self->at++;
}

static void
skip_string (Scanner *self)
{
  for (self->at++; self->at < self->length && self->text[self->at] != '"'; self->at++)
    if (self->text[self->at] == '\\')
      self->at++;
  self->at = MIN (self->at + 1, self->length);
}

static void
skip_scalar (Scanner *self)
{
  if (peek (self) == '"')
    skip_string (self);
  else
    while (self->at < self->length && strchr (" \t\r\n,:]}", self->text[self->at]) == NULL)
      self->at++;
}

static void
skip_value (Scanner *self)
{
  guint depth = 0;

  do
    {
      char c;

      skip_space (self);
      c = peek (self);
      if (c == '{' || c == '[')
        depth++, self->at++;
      else if (c == '}' || c == ']')
        depth--, self->at++;
      else if (c == ',' || c == ':')
        self->at++;
      else
        skip_scalar (self);
  } while (depth > 0 && self->at < self->length);
}

gsize
air_json_token_offset (const char *text, gsize length, guint64 number)
{
  Scanner self = { text, length, 0 };

  for (skip_to_token (&self); number > 0 && self.at < length; number--, skip_to_token (&self))
    {
      char c = peek (&self);

      if (c == '{' || c == '[')
        self.at++;
      else
        skip_scalar (&self);
    }
  return self.at;
}

/* Reads the key at the scanner as the parser does. */
static gboolean
key_equals (Scanner *self, const char *token)
{
  g_autoptr (AirValue) key = NULL;
  gsize start = self->at, key_length;
  const char *text;

  skip_string (self);
  key = air_json_parse (self->text + start, self->at - start, NULL);
  if (key == NULL || air_value_get_kind (key) != AIR_VALUE_STRING)
    return FALSE;
  text = air_value_get_string (key, &key_length);
  return key_length == strlen (token) && memcmp (text, token, key_length) == 0;
}

static gboolean
enter_member (Scanner *self, const char *token)
{
  self->at++;
  for (;;)
    {
      gboolean found;

      skip_space (self);
      if (peek (self) == ',')
        {
          self->at++;
          continue;
        }
      if (peek (self) != '"')
        return FALSE;
      found = key_equals (self, token);
      skip_space (self);
      self->at++; /* the colon */
      skip_space (self);
      if (found)
        return TRUE;
      skip_value (self);
    }
}

static gboolean
enter_item (Scanner *self, const char *token)
{
  guint64 index;

  if (!g_ascii_string_to_unsigned (token, 10, 0, G_MAXUINT32, &index, NULL))
    return FALSE;
  self->at++;
  for (;; index--)
    {
      skip_space (self);
      if (peek (self) == ',')
        {
          self->at++;
          skip_space (self);
        }
      if (peek (self) == ']' || self->at >= self->length)
        return FALSE;
      if (index == 0)
        return TRUE;
      skip_value (self);
    }
}

/**
 * air_json_locate:
 * @text: text that air_json_parse() accepted
 * @length: bytes of @text
 * @pointer: an RFC 6901 pointer
 * @ret_line: (out): the line, from 1
 * @ret_column: (out): the column in characters, from 1
 *
 * Returns: %FALSE, and nothing set, when nothing stands at @pointer
 */
gboolean
air_json_locate (const char *text, gsize length, const char *pointer, guint *ret_line, guint *ret_column)
{
  Scanner self = { text, length, 0 };
  g_auto (GStrv) tokens = NULL;

  g_return_val_if_fail (text != NULL && pointer != NULL, FALSE);

  skip_space (&self);
  if (*pointer != '\0' && *pointer != '/')
    return FALSE;
  tokens = g_strsplit (*pointer == '/' ? pointer + 1 : pointer, "/", -1);
  if (*pointer == '\0')
    g_clear_pointer (&tokens, g_strfreev);

  for (guint i = 0; tokens != NULL && tokens[i] != NULL; i++)
    {
      g_autoptr (GString) token = g_string_new (tokens[i]);
      gboolean found = FALSE;

      g_string_replace (token, "~1", "/", 0);
      g_string_replace (token, "~0", "~", 0);
      if (peek (&self) == '{')
        found = enter_member (&self, token->str);
      else if (peek (&self) == '[')
        found = enter_item (&self, token->str);
      if (!found)
        return FALSE;
    }
  if (self.at >= length)
    return FALSE;
  air_json_position (text, self.at, ret_line, ret_column);
  return TRUE;
}
