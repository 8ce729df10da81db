/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-sse.h"

#include <string.h>

#define MAX_EVENT (1024 * 1024)

struct _AirSseParser {
  AirSseFunc func;
  gpointer user_data;
  GString *line;
  GString *event;
  GString *data;
  GString *id;
  gint64 retry_ms;
  gboolean has_data;
  gboolean after_cr;
  gboolean started;
};

/**
 * air_sse_parser_new:
 * @func: called for each event
 * @user_data: for @func
 *
 * Returns: (transfer full): a parser
 */
AirSseParser *
air_sse_parser_new (AirSseFunc func, gpointer user_data)
{
  AirSseParser *self = g_new0 (AirSseParser, 1);

  self->func = func;
  self->user_data = user_data;
  self->line = g_string_new (NULL);
  self->event = g_string_new (NULL);
  self->data = g_string_new (NULL);
  self->id = g_string_new (NULL);
  self->retry_ms = -1;
  return self;
}

void
air_sse_parser_free (AirSseParser *self)
{
  g_string_free (self->line, TRUE);
  g_string_free (self->event, TRUE);
  g_string_free (self->data, TRUE);
  g_string_free (self->id, TRUE);
  g_free (self);
}

/**
 * air_sse_parser_reset:
 * @self: a parser
 *
 * A new connection: half an event of the old one is void, the last id stays.
 */
void
air_sse_parser_reset (AirSseParser *self)
{
  g_string_truncate (self->line, 0);
  g_string_truncate (self->event, 0);
  g_string_truncate (self->data, 0);
  self->has_data = self->after_cr = self->started = FALSE;
}

static void
dispatch (AirSseParser *self)
{
  if (self->has_data)
    {
      /* Each data line added a newline; the last one is not part of the event. */
      g_string_truncate (self->data, self->data->len - 1);
      self->func (self->event->len > 0 ? self->event->str : "message", self->data->str, self->id->str, self->user_data);
    }
  g_string_truncate (self->event, 0);
  g_string_truncate (self->data, 0);
  self->has_data = FALSE;
}

static void
end_line (AirSseParser *self)
{
  const char *line = self->line->str, *value;
  gsize name_length;

  if (self->line->len == 0)
    {
      dispatch (self);
      return;
    }
  value = strchr (line, ':');
  name_length = value != NULL ? (gsize) (value - line) : self->line->len;
  value = value != NULL ? value + 1 : "";
  if (*value == ' ')
    value++;
  if (name_length == 4 && memcmp (line, "data", 4) == 0)
    {
      g_string_append (self->data, value);
      g_string_append_c (self->data, '\n');
      self->has_data = TRUE;
    }
  else if (name_length == 5 && memcmp (line, "event", 5) == 0)
    g_string_assign (self->event, value);
  else if (name_length == 2 && memcmp (line, "id", 2) == 0)
    g_string_assign (self->id, value);
  else if (name_length == 5 && memcmp (line, "retry", 5) == 0)
    {
      guint64 ms;

      if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT, &ms, NULL))
        self->retry_ms = (gint64) ms;
    }
  g_string_truncate (self->line, 0);
}

/**
 * air_sse_parser_feed:
 * @self: a parser
 * @data: bytes as they came
 * @length: how many
 *
 * Calls the parser's function for each event that became whole.
 *
 * Returns: %FALSE when one event grew past a mebibyte; the stream is to be dropped
 */
gboolean
air_sse_parser_feed (AirSseParser *self, const char *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      char c = data[i];
      gboolean after_cr = self->after_cr;

      self->after_cr = FALSE;
      if (c == '\n' && after_cr)
        continue;
      if (c == '\n' || c == '\r')
        {
          if (!self->started && g_str_has_prefix (self->line->str, "\xef\xbb\xbf"))
            g_string_erase (self->line, 0, 3);
          self->started = TRUE;
          self->after_cr = c == '\r';
          end_line (self);
          continue;
        }
      if (c == '\0')
        continue;
      g_string_append_c (self->line, c);
      if (self->line->len + self->data->len > MAX_EVENT)
        return FALSE;
    }
  return TRUE;
}

/**
 * air_sse_parser_get_last_id:
 * @self: a parser
 *
 * Returns: (transfer none): for Last-Event-ID; "" when none came yet
 */
const char *
air_sse_parser_get_last_id (AirSseParser *self)
{
  return self->id->str;
}

/**
 * air_sse_parser_get_retry_ms:
 * @self: a parser
 *
 * Returns: milliseconds the server wants us to wait before the next try; -1: none given
 */
gint64
air_sse_parser_get_retry_ms (AirSseParser *self)
{
  return self->retry_ms;
}
