/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-request-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"

AirRequest *
air_request_new (SoupServerMessage *message, const char *peer)
{
  AirRequest *self = g_new0 (AirRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->message = g_object_ref (message);
  self->peer = g_strdup (peer);
  return self;
}

AirRequest *
air_request_ref (AirRequest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_request_unref (AirRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->answer_key != NULL && !self->answered)
    air_idempotency_forget (self->answers, self->answer_key);
  if (self->open != NULL)
    (*self->open)--;
  g_clear_object (&self->message);
  g_clear_pointer (&self->params, g_hash_table_unref);
  g_clear_pointer (&self->query, g_hash_table_unref);
  g_clear_pointer (&self->json, air_value_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->refused, air_problem_free);
  g_free (self->answer_key);
  g_free (self->peer);
  g_free (self);
}

/**
 * air_request_get_route:
 * @self: a request
 *
 * Returns: (transfer none): the line of the routing table that matched
 */
const AirRoute *
air_request_get_route (AirRequest *self)
{
  return self->route;
}

/**
 * air_request_get_path:
 * @self: a request
 *
 * Returns: (transfer none): the path of its URL
 */
const char *
air_request_get_path (AirRequest *self)
{
  return g_uri_get_path (soup_server_message_get_uri (self->message));
}

/**
 * air_request_get_peer:
 * @self: a request
 *
 * Returns: (transfer none): URI of the verified client certificate: who asks
 */
const char *
air_request_get_peer (AirRequest *self)
{
  return self->peer;
}

/**
 * air_request_get_param:
 * @self: a request
 * @name: a "{name}" of the route's pattern
 *
 * Returns: (transfer none) (nullable): what stands there in the path, percent-encoding undone
 */
const char *
air_request_get_param (AirRequest *self, const char *name)
{
  return self->params != NULL ? g_hash_table_lookup (self->params, name) : NULL;
}

/**
 * air_request_get_query:
 * @self: a request
 * @name: a name the route knows
 *
 * Returns: (transfer none) (nullable): its value in the query, decoded
 */
const char *
air_request_get_query (AirRequest *self, const char *name)
{
  return self->query != NULL ? g_hash_table_lookup (self->query, name) : NULL;
}

/**
 * air_request_get_header:
 * @self: a request
 * @name: without regard to case
 *
 * Returns: (transfer none) (nullable): the header's value
 */
const char *
air_request_get_header (AirRequest *self, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message), name);
}

/**
 * air_request_get_json:
 * @self: a request on a route with %AIR_BODY_JSON
 *
 * Returns: (transfer none): the body, read strictly
 */
AirValue *
air_request_get_json (AirRequest *self)
{
  return self->json;
}

/**
 * air_request_get_body:
 * @self: a request
 *
 * Returns: (transfer none): the body's exact bytes
 */
GBytes *
air_request_get_body (AirRequest *self)
{
  return self->body;
}

/**
 * air_request_get_page:
 * @self: a request
 * @max_limit: the most items a page may have
 * @ret_limit: (out): how many are wanted
 * @ret_after: (out) (nullable): the item the page starts behind
 * @ret_problem: (out): why not
 *
 * Reads "limit" and "cursor" of a collection. A cursor is opaque to clients: base64url of the last item's key.
 *
 * Returns: %FALSE with @ret_problem
 */
gboolean
air_request_get_page (AirRequest *self, guint max_limit, guint *ret_limit, char **ret_after, AirProblem **ret_problem)
{
  const char *limit = air_request_get_query (self, "limit");
  const char *cursor = air_request_get_query (self, "cursor");
  guint64 number = MIN (max_limit, 100);

  if (limit != NULL && !g_ascii_string_to_unsigned (limit, 10, 1, max_limit, &number, NULL))
    {
      *ret_problem = air_problem_new (400, "bad-limit", "give a whole number within these bounds",
                                      "limit \"%s\" is not between 1 and %u", limit, max_limit);
      return FALSE;
    }
  *ret_limit = number;
  *ret_after = NULL;
  if (cursor != NULL)
    {
      gsize length;
      g_autofree guint8 *bytes = air_base64url_decode (cursor, strlen (cursor), &length);

      if (bytes == NULL || length == 0 || !g_utf8_validate ((char *) bytes, length, NULL))
        {
          *ret_problem = air_problem_new (400, "bad-cursor", "give the \"next\" of an earlier page as it was",
                                          "cursor \"%s\" is none of ours", cursor);
          return FALSE;
        }
      *ret_after = g_strndup ((char *) bytes, length);
    }
  return TRUE;
}

/**
 * air_request_set_header:
 * @self: a request that is not answered yet
 * @name: of the answer
 * @value: replaces what was there
 */
void
air_request_set_header (AirRequest *self, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name, value);
}

/* The first answer counts; there is no second. */
static gboolean
begin_answer (AirRequest *self, guint status)
{
  g_return_val_if_fail (!self->answered, FALSE);
  self->answered = TRUE;
  if (self->open != NULL)
    {
      (*self->open)--;
      self->open = NULL;
    }
  if (self->gone)
    return FALSE;
  soup_server_message_set_status (self->message, status, NULL);
  return TRUE;
}

/**
 * air_request_respond_bytes:
 * @self: a request
 * @status: of HTTP
 * @content_type: of @bytes
 * @bytes: the body
 *
 * Answers it. With an Idempotency-Key the answer is remembered, unless it is our own failure (5xx, 429).
 */
void
air_request_respond_bytes (AirRequest *self, guint status, const char *content_type, GBytes *bytes)
{
  if (self->answer_key != NULL)
    {
      /* Our own failures are worth another try; every other answer stands. */
      if (status < 500 && status != 429)
        air_idempotency_store (self->answers, self->answer_key, status, content_type, bytes);
      else
        air_idempotency_forget (self->answers, self->answer_key);
    }
  if (!begin_answer (self, status))
    return;
  soup_message_headers_set_content_type (soup_server_message_get_response_headers (self->message), content_type, NULL);
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), bytes);
  soup_message_body_complete (soup_server_message_get_response_body (self->message));
  soup_server_message_unpause (self->message);
}

/**
 * air_request_respond_text:
 * @self: a request
 * @status: of HTTP
 * @content_type: of @text
 * @text: the body, UTF-8
 *
 * Answers it.
 */
void
air_request_respond_text (AirRequest *self, guint status, const char *content_type, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  air_request_respond_bytes (self, status, content_type, bytes);
}

static void
respond_json (AirRequest *self, guint status, const char *content_type, const AirValue *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = air_jcs_write_bytes (value, &error);

  if (bytes == NULL)
    {
      g_warning ("the answer to %s cannot be written: %s", air_request_get_path (self), error->message);
      bytes = g_bytes_new_static ("{\"status\":500,\"title\":\"Internal Server Error\",\"type\":\"about:blank\"}", 67);
      status = 500;
      content_type = AIR_PROBLEM_CONTENT_TYPE;
    }
  air_request_respond_bytes (self, status, content_type, bytes);
}

/**
 * air_request_respond_value:
 * @self: a request
 * @status: of HTTP
 * @value: the body, written as JSON
 *
 * Answers it; like all of these once, and to no harm after the client has gone.
 */
void
air_request_respond_value (AirRequest *self, guint status, const AirValue *value)
{
  respond_json (self, status, "application/json", value);
}

/**
 * air_request_respond_problem:
 * @self: a request
 * @take_problem: (transfer full): why not
 *
 * Answers with application/problem+json (RFC 9457), and with Retry-After where the problem says when.
 */
void
air_request_respond_problem (AirRequest *self, AirProblem *take_problem)
{
  g_autoptr (AirProblem) problem = take_problem;
  g_autoptr (AirValue) value = air_problem_to_value (problem);

  if (problem->retry_after_s > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%u", problem->retry_after_s);

      air_request_set_header (self, "Retry-After", seconds);
    }
  respond_json (self, problem->status, AIR_PROBLEM_CONTENT_TYPE, value);
}

/**
 * air_request_respond_page:
 * @self: a request
 * @take_items: (transfer full): a list
 * @after: (nullable): the key of the last item, when there are more
 *
 * Answers {items: [...], next: cursor or null}.
 */
void
air_request_respond_page (AirRequest *self, AirValue *take_items, const char *after)
{
  g_autoptr (AirValue) page = air_map_new ();

  air_map_set (page, "items", take_items);
  if (after != NULL)
    {
      g_autofree char *cursor = air_base64url_encode (after, strlen (after));

      air_map_set_string (page, "next", cursor);
    }
  else
    air_map_set (page, "next", air_value_new_null ());
  air_request_respond_value (self, 200, page);
}

/**
 * air_request_respond_events:
 * @self: a request
 *
 * Answers with a stream of server-sent events that stays open.
 *
 * Returns: (transfer full): the stream; closed already when the client has gone
 */
AirEventSink *
air_request_respond_events (AirRequest *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  gboolean here = begin_answer (self, 200);
  AirEventSink *stream = air_event_sink_new (self->message, self->peer);

  if (!here)
    {
      air_event_sink_close (stream);
      return stream;
    }
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  air_event_sink_send (stream, NULL, NULL);
  return stream;
}
