/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-http.h"

static void
header_free (gpointer data)
{
  AirHttpHeader *header = data;

  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

static void
add (GPtrArray *headers, const char *name, const char *value, gboolean secret)
{
  AirHttpHeader *header = g_new0 (AirHttpHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  header->secret = secret;
  g_ptr_array_add (headers, header);
}

static const char *
get (const GPtrArray *headers, const char *name)
{
  for (guint i = 0; i < headers->len; i++)
    {
      const AirHttpHeader *header = g_ptr_array_index (headers, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return header->value;
    }
  return NULL;
}

/**
 * air_http_request_new:
 * @method: in capitals
 * @url: absolute
 *
 * Returns: (transfer full): a request without headers and body
 */
AirHttpRequest *
air_http_request_new (const char *method, const char *url)
{
  AirHttpRequest *self = g_new0 (AirHttpRequest, 1);

  self->method = g_intern_string (method);
  self->url = g_strdup (url);
  self->headers = g_ptr_array_new_with_free_func (header_free);
  return self;
}

/**
 * air_http_request_add_header:
 * @self: a request
 * @name: a header's name
 * @value: without line breaks: the caller has checked
 * @secret: whether it is left out of every log and digest
 */
void
air_http_request_add_header (AirHttpRequest *self, const char *name, const char *value, gboolean secret)
{
  add (self->headers, name, value, secret);
}

/**
 * air_http_request_get_header:
 * @self: a request
 * @name: without regard to case
 *
 * Returns: (transfer none) (nullable): the value of the first of that name
 */
const char *
air_http_request_get_header (const AirHttpRequest *self, const char *name)
{
  return get (self->headers, name);
}

/**
 * air_http_request_describe:
 * @self: a request
 *
 * Returns: (transfer full): "POST https://host/path (312 bytes)": no query, no header, no body, so nothing secret or
 *   personal
 */
char *
air_http_request_describe (const AirHttpRequest *self)
{
  const char *url = self->shown_url != NULL ? self->shown_url : self->url;
  const char *query = strchr (url, '?');

  return g_strdup_printf ("%s %.*s (%" G_GSIZE_FORMAT " bytes)", self->method,
                          query != NULL ? (int) (query - url) : (int) strlen (url), url,
                          self->body != NULL ? g_bytes_get_size (self->body) : 0);
}

void
air_http_request_free (AirHttpRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->url);
  g_free (self->shown_url);
  g_ptr_array_unref (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/**
 * air_http_response_new:
 * @status: of HTTP
 * @body: (nullable): referenced; %NULL for none
 *
 * Returns: (transfer full): an answer without headers
 */
AirHttpResponse *
air_http_response_new (int status, GBytes *body)
{
  AirHttpResponse *self = g_new0 (AirHttpResponse, 1);

  self->status = status;
  self->headers = g_ptr_array_new_with_free_func (header_free);
  self->body = body != NULL ? g_bytes_ref (body) : g_bytes_new (NULL, 0);
  return self;
}

/**
 * air_http_response_add_header:
 * @self: an answer
 * @name: a header's name
 * @value: its value
 */
void
air_http_response_add_header (AirHttpResponse *self, const char *name, const char *value)
{
  add (self->headers, name, value, FALSE);
}

/**
 * air_http_response_get_header:
 * @self: an answer
 * @name: without regard to case
 *
 * Returns: (transfer none) (nullable): the value of the first of that name
 */
const char *
air_http_response_get_header (const AirHttpResponse *self, const char *name)
{
  return get (self->headers, name);
}

void
air_http_response_free (AirHttpResponse *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}
