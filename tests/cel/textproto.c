/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "textproto.h"

typedef struct {
  const char *text, *p, *end;
} Reader;

static AirValue *read_message (Reader *self, char close);

static void
skip (Reader *self)
{
  while (self->p < self->end && (g_ascii_isspace (*self->p) || *self->p == '#'))
    if (*self->p == '#')
      while (self->p < self->end && *self->p != '\n')
        self->p++;
    else
      self->p++;
}

static gboolean
accept (Reader *self, char c)
{
  skip (self);
  if (self->p >= self->end || *self->p != c)
    return FALSE;
  self->p++;
  return TRUE;
}

static gboolean
read_escape (Reader *self, GString *out)
{
  static const char names[] = "abfnrtv\\'\"?", values[] = "\a\b\f\n\r\t\v\\'\"?";
  const char *found = strchr (names, *self->p);
  guint digits = *self->p == 'u' ? 4 : *self->p == 'U' ? 8 : 0, code = 0;

  if (found != NULL && *found != '\0')
    {
      g_string_append_c (out, values[found - names]);
      self->p++;
      return TRUE;
    }
  if (*self->p == 'x' || digits > 0)
    {
      self->p++;
      for (guint i = 0; i < (digits > 0 ? digits : 2) && g_ascii_isxdigit (*self->p); i++)
        code = code * 16 + (guint) g_ascii_xdigit_value (*self->p++);
      if (digits > 0)
        g_string_append_unichar (out, code);
      else
        g_string_append_c (out, (char) code);
      return TRUE;
    }
  if (*self->p < '0' || *self->p > '7')
    return FALSE;
  for (guint i = 0; i < 3 && *self->p >= '0' && *self->p <= '7'; i++)
    code = code * 8 + (guint) (*self->p++ - '0');
  g_string_append_c (out, (char) code);
  return TRUE;
}

/* NUL included. */
static gboolean
is_utf8 (const GString *text)
{
  const char *p = text->str, *end = p + text->len;

  while (p < end && !g_utf8_validate (p, end - p, &p) && *p == '\0')
    p++;
  return p == end;
}

/* Adjacent strings are one. Bytes and strings look alike: the reader of the field knows. */
static AirValue *
read_string (Reader *self)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while (self->p < self->end && (*self->p == '"' || *self->p == '\''))
    {
      char quote = *self->p++;

      while (self->p < self->end && *self->p != quote)
        if (*self->p != '\\')
          g_string_append_c (out, *self->p++);
        else
          {
            self->p++;
            if (!read_escape (self, out))
              return NULL;
          }
      self->p++;
      skip (self);
    }
  return is_utf8 (out) ? air_value_new_string_len (out->str, out->len) : air_value_new_bytes (out->str, out->len);
}

static AirValue *
read_scalar (Reader *self)
{
  const char *start = self->p;
  g_autofree char *word = NULL;
  char *end;
  gint64 i;

  while (self->p < self->end && (g_ascii_isalnum (*self->p) || strchr ("+-._", *self->p) != NULL))
    self->p++;
  word = g_strndup (start, (gsize) (self->p - start));
  if (word[0] == '\0')
    return NULL;
  i = g_ascii_strtoll (word, &end, 0);
  if (*end == '\0' && !(i == G_MAXINT64 && strcmp (word, "9223372036854775807") != 0))
    return air_value_new_int (i);
  if (word[0] != '-')
    {
      guint64 u = g_ascii_strtoull (word, &end, 0);

      if (*end == '\0')
        return air_value_new_uint (u);
    }
  if (g_ascii_isdigit (word[0]) || strchr ("+-.", word[0]) != NULL || strcmp (word, "inf") == 0
      || strcmp (word, "nan") == 0 || strcmp (word, "infinity") == 0)
    {
      double d = g_ascii_strtod (word, &end);

      if (*end == '\0')
        return air_value_new_double (d);
    }
  if (strcmp (word, "true") == 0 || strcmp (word, "false") == 0)
    return air_value_new_bool (word[0] == 't');
  return air_value_new_string (word);
}

static AirValue *
read_value (Reader *self)
{
  skip (self);
  if (self->p < self->end && (*self->p == '"' || *self->p == '\''))
    return read_string (self);
  if (accept (self, '{'))
    return read_message (self, '}');
  if (accept (self, '<'))
    return read_message (self, '>');
  return read_scalar (self);
}

static void
add (AirValue *message, const char *name, AirValue *take_value)
{
  AirValue *list = air_map_get (message, name);
  AirValue *copy = air_list_new ();

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    air_list_append (copy, air_value_ref (air_list_get (list, i)));
  air_list_append (copy, take_value);
  air_map_set (message, name, copy);
}

static gboolean
read_field (Reader *self, AirValue *message)
{
  const char *start;
  g_autofree char *name = NULL;
  AirValue *value;

  skip (self);
  start = self->p;
  if (*self->p == '[')
    while (self->p < self->end && *self->p++ != ']')
      ;
  else
    while (self->p < self->end && (g_ascii_isalnum (*self->p) || *self->p == '_'))
      self->p++;
  name = g_strndup (start, (gsize) (self->p - start));
  if (name[0] == '\0')
    return FALSE;
  accept (self, ':');
  if (accept (self, '['))
    while (!accept (self, ']'))
      {
        value = read_value (self);
        if (value == NULL)
          return FALSE;
        add (message, name, value);
        accept (self, ',');
      }
  else
    {
      value = read_value (self);
      if (value == NULL)
        return FALSE;
      add (message, name, value);
    }
  if (!accept (self, ','))
    accept (self, ';');
  return TRUE;
}

static AirValue *
read_message (Reader *self, char close)
{
  g_autoptr (AirValue) message = air_map_new ();

  for (;;)
    {
      skip (self);
      if (close != '\0' ? accept (self, close) : self->p >= self->end)
        return g_steal_pointer (&message);
      if (self->p >= self->end || !read_field (self, message))
        return NULL;
    }
}

AirValue *
textproto_parse (const char *text, gsize length, gsize *ret_at)
{
  Reader self = { text, text, text + length };
  AirValue *message = read_message (&self, '\0');

  *ret_at = (gsize) (self.p - text);
  return message;
}
