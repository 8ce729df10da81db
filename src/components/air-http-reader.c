/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-http-reader.h"
#include "air-operation-private.h"
#include "air-transport.h"

#define MAX_HEAD  65536
#define MAX_LINE  8192 /* of a chunk's size, or of a trailer */
#define MAX_EARLY 16   /* answers with a status of 100 to 199 */

typedef enum {
  STATE_HEAD,
  STATE_LENGTH, /* a body of so many bytes */
  STATE_CLOSE,  /* a body up to the end of the connection */
  STATE_CHUNK_SIZE,
  STATE_CHUNK_DATA,
  STATE_CHUNK_END,
  STATE_TRAILER,
  STATE_DONE,
} State;

struct _AirHttpReader {
  gboolean head_only; /* HEAD */
  gsize max_body;
  State state;
  GString *line; /* the head, or a line of the chunked form */
  gsize left;    /* of the body or of the chunk */
  GByteArray *body;
  AirHttpResponse *response;
  gboolean close;
  gboolean more; /* bytes came after the end */
  guint n_early;
  gsize trailer_bytes;
  guint keep_seconds;
};

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN, "no sound HTTP answer: %s", what);
  return FALSE;
}

/**
 * air_http_reader_new:
 * @method: the request's: an answer to HEAD has no body
 * @max_body: bytes; more is %AIR_TRANSPORT_ERROR_TOO_LARGE
 *
 * Returns: (transfer full): a reader for one answer
 */
AirHttpReader *
air_http_reader_new (const char *method, gsize max_body)
{
  AirHttpReader *self = g_new0 (AirHttpReader, 1);

  self->head_only = g_str_equal (method, "HEAD");
  self->max_body = max_body;
  self->line = g_string_new (NULL);
  self->body = g_byte_array_new ();
  return self;
}

/* --- the head -------------------------------------------------------------------------------- */

/* "HTTP/1.1 200 OK" */
static int
parse_status (const char *line)
{
  if (!g_str_has_prefix (line, "HTTP/1.") || !g_ascii_isdigit (line[7]) || line[8] != ' ' || !g_ascii_isdigit (line[9])
      || !g_ascii_isdigit (line[10]) || !g_ascii_isdigit (line[11]) || (line[12] != ' ' && line[12] != '\0'))
    return -1;
  return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

static gboolean
has_token (const char *list, const char *token)
{
  g_auto (GStrv) items = g_strsplit (list, ",", -1);

  for (guint i = 0; items[i] != NULL; i++)
    if (g_ascii_strcasecmp (g_strstrip (items[i]), token) == 0)
      return TRUE;
  return FALSE;
}

/* "timeout=5, max=1000" */
static guint
parse_keep_alive (const char *list)
{
  g_auto (GStrv) items = g_strsplit (list, ",", -1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      const char *item = g_strstrip (items[i]);
      guint64 seconds;

      if (g_ascii_strncasecmp (item, "timeout=", 8) == 0
          && g_ascii_string_to_unsigned (item + 8, 10, 1, 86400, &seconds, NULL))
        return seconds;
    }
  return 0;
}

/* Bytes over 0x7f may stand in a value (RFC 9110, 5.5); whoever reads them gets valid UTF-8. */
static gboolean
add_header (AirHttpReader *self, char *line, GError **error)
{
  char *colon = strchr (line, ':');
  g_autofree char *valid = NULL;
  char *value;

  if (colon == NULL)
    return refuse (error, "a header has no colon");
  *colon = '\0';
  if (!air_http_header_name_is_valid (line))
    return refuse (error, "a header's name is none");
  value = g_strstrip (colon + 1);
  for (const char *p = value; *p != '\0'; p++)
    if (((guchar) *p < 0x20 && *p != '\t') || *p == 0x7f)
      return refuse (error, "a header holds control characters");
  valid = g_utf8_make_valid (value, -1);
  air_http_response_add_header (self->response, line, valid);
  return TRUE;
}

static gboolean
parse_length (const char *text, gsize *ret_length)
{
  guint64 length;

  /* "5, 5" is allowed to be taken for 5, and refused here: nobody honest sends it. */
  if (!g_ascii_isdigit (*text) || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &length, NULL))
    return FALSE;
  *ret_length = length;
  return TRUE;
}

/* RFC 9112, 6.3: where the body ends. */
static gboolean
choose_framing (AirHttpReader *self, gboolean old, GError **error)
{
  const char *coding = NULL, *length = NULL;
  int status = self->response->status;

  self->close = old;
  for (guint i = 0; i < self->response->headers->len; i++)
    {
      const AirHttpHeader *header = g_ptr_array_index (self->response->headers, i);

      if (g_ascii_strcasecmp (header->name, "Transfer-Encoding") == 0)
        {
          if (coding != NULL)
            return refuse (error, "two Transfer-Encoding headers");
          coding = header->value;
        }
      else if (g_ascii_strcasecmp (header->name, "Content-Length") == 0)
        {
          if (length != NULL && !g_str_equal (length, header->value))
            return refuse (error, "two lengths");
          length = header->value;
        }
      else if (g_ascii_strcasecmp (header->name, "Connection") == 0)
        {
          if (has_token (header->value, "close"))
            self->close = TRUE;
          else if (old && has_token (header->value, "keep-alive"))
            self->close = FALSE;
        }
      else if (g_ascii_strcasecmp (header->name, "Keep-Alive") == 0)
        self->keep_seconds = parse_keep_alive (header->value);
    }
  if (coding != NULL && (length != NULL || old))
    return refuse (error, "its length is told in two ways");
  if (coding != NULL && g_ascii_strcasecmp (coding, "chunked") != 0)
    return refuse (error, "a transfer coding nobody asked for");
  if (length != NULL && !parse_length (length, &self->left))
    return refuse (error, "its length is no number");

  if (self->head_only || status == 204 || status == 304)
    self->state = STATE_DONE;
  else if (coding != NULL)
    self->state = STATE_CHUNK_SIZE;
  else if (length != NULL)
    self->state = self->left > 0 ? STATE_LENGTH : STATE_DONE;
  else
    {
      self->state = STATE_CLOSE;
      self->close = TRUE;
    }
  if (self->state == STATE_LENGTH && self->left > self->max_body)
    {
      g_set_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_TOO_LARGE,
                   "the answer is larger than %" G_GSIZE_FORMAT " bytes", self->max_body);
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_head (AirHttpReader *self, GError **error)
{
  g_auto (GStrv) lines = NULL;
  int status;

  if (memchr (self->line->str, '\0', self->line->len) != NULL)
    return refuse (error, "a zero byte in the head");
  lines = g_strsplit (self->line->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gsize length = strlen (lines[i]);

      if (length > 0 && lines[i][length - 1] == '\r')
        lines[i][length - 1] = '\0';
    }
  status = parse_status (lines[0]);
  if (status < 100)
    return refuse (error, "its first line is no status line");
  g_clear_pointer (&self->response, air_http_response_free);
  self->response = air_http_response_new (status, NULL);
  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      if (*lines[i] == ' ' || *lines[i] == '\t')
        return refuse (error, "a header goes over two lines");
      if (!add_header (self, lines[i], error))
        return FALSE;
    }
  if (status < 200)
    {
      /* Nobody asked for another protocol; whoever changes to one is not understood any more. */
      if (status == 101 || ++self->n_early > MAX_EARLY)
        return refuse (error, "it is none");
      g_string_truncate (self->line, 0);
      return TRUE;
    }
  g_string_truncate (self->line, 0);
  return choose_framing (self, g_str_has_prefix (lines[0], "HTTP/1.0"), error);
}

/* Up to and with the empty line; how many bytes were taken. */
static gsize
take_head (AirHttpReader *self, const guint8 *data, gsize length, gboolean *ret_whole)
{
  for (gsize i = 0; i < length; i++)
    {
      gsize n;

      g_string_append_c (self->line, data[i]);
      n = self->line->len;
      if (data[i] == '\n'
          && ((n >= 2 && self->line->str[n - 2] == '\n')
              || (n >= 4 && memcmp (self->line->str + n - 4, "\r\n\r\n", 4) == 0)))
        {
          *ret_whole = TRUE;
          return i + 1;
        }
    }
  return length;
}

/* --- the body -------------------------------------------------------------------------------- */

static gsize
take_line (AirHttpReader *self, const guint8 *data, gsize length, gboolean *ret_whole)
{
  const guint8 *end = memchr (data, '\n', length);
  gsize n = end != NULL ? (gsize) (end - data) + 1 : length;

  g_string_append_len (self->line, (const char *) data, n);
  if (end != NULL)
    {
      g_string_truncate (self->line, self->line->len - 1);
      if (self->line->len > 0 && self->line->str[self->line->len - 1] == '\r')
        g_string_truncate (self->line, self->line->len - 1);
      *ret_whole = TRUE;
    }
  return n;
}

/* "1a" or "1A;name=value" */
static gboolean
parse_chunk_size (AirHttpReader *self, GError **error)
{
  gsize n = 0, size = 0;

  for (; n < self->line->len && g_ascii_isxdigit (self->line->str[n]); n++)
    {
      if (n >= 8)
        return refuse (error, "a chunk is too large");
      size = size * 16 + g_ascii_xdigit_value (self->line->str[n]);
    }
  if (n == 0 || (self->line->str[n] != '\0' && strchr ("; \t", self->line->str[n]) == NULL))
    return refuse (error, "a chunk's size is no number");
  g_string_truncate (self->line, 0);
  self->left = size;
  self->state = size > 0 ? STATE_CHUNK_DATA : STATE_TRAILER;
  return TRUE;
}

static gboolean
take_body (AirHttpReader *self, const guint8 *data, gsize length, GError **error)
{
  if (length > self->max_body - self->body->len)
    {
      g_set_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_TOO_LARGE,
                   "the answer is larger than %" G_GSIZE_FORMAT " bytes", self->max_body);
      return FALSE;
    }
  g_byte_array_append (self->body, data, length);
  return TRUE;
}

static gboolean
end_line (AirHttpReader *self, GError **error)
{
  switch (self->state)
    {
    case STATE_CHUNK_SIZE:
      return parse_chunk_size (self, error);
    case STATE_CHUNK_END:
      if (self->line->len > 0)
        return refuse (error, "a chunk is longer than it says");
      self->state = STATE_CHUNK_SIZE;
      return TRUE;
    case STATE_TRAILER:
      /* What stands here is not read: a header that matters stands in the head. */
      if (self->line->len == 0)
        self->state = STATE_DONE;
      self->trailer_bytes += self->line->len;
      g_string_truncate (self->line, 0);
      return self->trailer_bytes <= MAX_HEAD || refuse (error, "its trailer is too long");
    case STATE_HEAD:
    case STATE_LENGTH:
    case STATE_CLOSE:
    case STATE_CHUNK_DATA:
    case STATE_DONE:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/**
 * air_http_reader_push:
 * @self: a reader
 * @data: what came, in pieces of any size
 * @length: bytes of @data
 * @error: return location
 *
 * Returns: %FALSE with %AIR_TRANSPORT_ERROR_UNKNOWN or _TOO_LARGE: the connection cannot be used any more
 */
gboolean
air_http_reader_push (AirHttpReader *self, const guint8 *data, gsize length, GError **error)
{
  while (length > 0 && self->state != STATE_DONE)
    {
      gboolean whole = FALSE;
      gsize n = length;

      switch (self->state)
        {
        case STATE_HEAD:
          n = take_head (self, data, length, &whole);
          if (self->line->len > MAX_HEAD)
            return refuse (error, "its head is too long");
          if (whole && !parse_head (self, error))
            return FALSE;
          break;
        case STATE_LENGTH:
        case STATE_CHUNK_DATA:
          n = MIN (length, self->left);
          if (!take_body (self, data, n, error))
            return FALSE;
          self->left -= n;
          if (self->left == 0)
            self->state = self->state == STATE_LENGTH ? STATE_DONE : STATE_CHUNK_END;
          break;
        case STATE_CLOSE:
          if (!take_body (self, data, n, error))
            return FALSE;
          break;
        case STATE_CHUNK_SIZE:
        case STATE_CHUNK_END:
        case STATE_TRAILER:
          n = take_line (self, data, length, &whole);
          if (self->line->len > MAX_LINE)
            return refuse (error, "a line of it is too long");
          if (whole && !end_line (self, error))
            return FALSE;
          break;
        case STATE_DONE:
          break;
        }
      data += n;
      length -= n;
    }
  self->more = self->more || length > 0;
  return TRUE;
}

/**
 * air_http_reader_end:
 * @self: a reader
 * @error: return location
 *
 * The other side closed: that may be how the answer ends.
 *
 * Returns: %FALSE with %AIR_TRANSPORT_ERROR_UNKNOWN when the answer is not whole
 */
gboolean
air_http_reader_end (AirHttpReader *self, GError **error)
{
  self->close = TRUE;
  if (self->state == STATE_CLOSE)
    self->state = STATE_DONE;
  if (self->state == STATE_DONE)
    return TRUE;
  return refuse (error, self->response == NULL ? "the connection closed before it" : "the connection closed within it");
}

/**
 * air_http_reader_is_done:
 * @self: a reader
 *
 * Returns: whether the answer is whole
 */
gboolean
air_http_reader_is_done (const AirHttpReader *self)
{
  return self->state == STATE_DONE;
}

/**
 * air_http_reader_keeps_open:
 * @self: a reader
 * @ret_seconds: (out): for how long after this answer, where the other side said so, else 0
 *
 * Returns: whether another exchange may follow: it is done, it said itself where it ends, nothing follows it, and the
 *   other side keeps the connection
 */
gboolean
air_http_reader_keeps_open (const AirHttpReader *self, guint *ret_seconds)
{
  *ret_seconds = self->keep_seconds;
  return self->state == STATE_DONE && !self->close && !self->more;
}

/**
 * air_http_reader_finish:
 * @self: a reader that is done
 *
 * Returns: (transfer full): the answer
 */
AirHttpResponse *
air_http_reader_finish (AirHttpReader *self)
{
  g_return_val_if_fail (self->state == STATE_DONE && self->response != NULL, NULL);

  g_bytes_unref (self->response->body);
  self->response->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  self->body = g_byte_array_new ();
  return g_steal_pointer (&self->response);
}

void
air_http_reader_free (AirHttpReader *self)
{
  if (self == NULL)
    return;
  g_string_free (self->line, TRUE);
  g_byte_array_unref (self->body);
  g_clear_pointer (&self->response, air_http_response_free);
  g_free (self);
}
