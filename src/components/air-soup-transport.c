/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <libsoup/soup.h>

#include "air-operation-private.h"
#include "air-transport.h"

#define MAX_BODY       (4 * 1024 * 1024)
#define IDLE_TIMEOUT_S 60

struct _AirSoupTransport {
  GObject parent_instance;

  SoupSession *session;
  AirEgress *egress;
};

static void air_soup_transport_iface_init (AirTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AirSoupTransport,
                               air_soup_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AIR_TYPE_TRANSPORT, air_soup_transport_iface_init))

/* One exchange. */
typedef struct {
  SoupMessage *message;
  GCancellable *cancellable; /* ours: time and the caller's both cancel it */
  GCancellable *outer;       /* nullable */
  gulong outer_id;
  GSource *timeout;
  gboolean timed_out;
  gboolean sent; /* a byte of it may have left */
  GByteArray *body;
  GInputStream *stream;
  guint8 buffer[16384];
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  if (self->timeout != NULL)
    g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->outer_id);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->outer);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->message);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_free (self);
}

/* --- ends ---------------------------------------------------------------------------------- */

static void
fail (GTask *task, const GError *error)
{
  Exchange *self = g_task_get_task_data (task);

  if (self->timed_out)
    g_task_return_new_error (task, AIR_TRANSPORT_ERROR,
                             self->sent ? AIR_TRANSPORT_ERROR_TIMEOUT : AIR_TRANSPORT_ERROR_NOT_SENT,
                             self->sent ? "no answer in time" : "no connection in time");
  else if (!self->sent)
    g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT, "not sent: %s", error->message);
  else
    g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN, "no complete answer: %s",
                             error->message);
}

static void
add_header (const char *name, const char *value, gpointer user_data)
{
  air_http_response_add_header (user_data, name, value);
}

static void
succeed (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GBytes) body = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  AirHttpResponse *response = air_http_response_new (soup_message_get_status (self->message), body);

  soup_message_headers_foreach (soup_message_get_response_headers (self->message), add_header, response);
  g_task_return_pointer (task, response, (GDestroyNotify) air_http_response_free);
}

/* --- the way there and back ------------------------------------------------------------------- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    {
      fail (task, error);
      return;
    }
  if (n == 0)
    {
      succeed (task);
      return;
    }
  if (self->body->len + n > MAX_BODY)
    {
      /* Answered, but with more than we take: it may have happened. */
      g_cancellable_cancel (self->cancellable);
      g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_TOO_LARGE,
                               "the answer is larger than %d bytes", MAX_BODY);
      return;
    }
  g_byte_array_append (self->body, self->buffer, n);
  g_input_stream_read_async (self->stream, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT, self->cancellable,
                             read_cb, g_steal_pointer (&task));
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL)
    {
      fail (task, error);
      return;
    }
  g_input_stream_read_async (self->stream, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT, self->cancellable,
                             read_cb, g_steal_pointer (&task));
}

/* From here on it may have happened. */
static void
starting_cb (SoupMessage *message, gpointer user_data)
{
  Exchange *self = user_data;

  self->sent = TRUE;
}

/* libsoup takes a message of these methods up again by itself when a kept-alive connection turns out to be
 * closed, asked or not. It forgets who was told what, and one such message in some thousands corrupts its memory
 * (3.6.5). So they never ride on a connection that was used before; whether to try again is the engine's to say. */
static gboolean
may_be_restarted (const char *method)
{
  static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", NULL };

  return g_strv_contains (methods, method);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Exchange *self = user_data;

  self->timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
outer_cancelled_cb (GCancellable *outer, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
air_soup_transport_send_async (AirTransport *transport,
                               const AirHttpRequest *request,
                               guint timeout_ms,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  AirSoupTransport *self = AIR_SOUP_TRANSPORT (transport);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  SoupMessageHeaders *headers;
  Exchange *exchange;

  g_task_set_source_tag (task, air_soup_transport_send_async);
  /* Whoever built the request has checked; the door checks again. */
  if (!air_egress_check (self->egress, request->url, &error))
    {
      g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED, "%s", error->message);
      return;
    }
  message = soup_message_new (request->method, request->url);
  if (message == NULL)
    {
      g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED, "the address cannot be read");
      return;
    }
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  headers = soup_message_get_request_headers (message);
  for (guint i = 0; i < request->headers->len; i++)
    {
      const AirHttpHeader *header = g_ptr_array_index (request->headers, i);

      soup_message_headers_replace (headers, header->name, header->value);
    }
  if (may_be_restarted (request->method))
    {
      soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
      soup_message_headers_replace (headers, "Connection", "close");
    }
  /* With this flag a POST may ride on a kept-alive connection, and fails with it: for what the vendor knows by its key. */
  else if (request->resendable)
    soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, soup_message_headers_get_content_type (headers, NULL),
                                              request->body);

  exchange = g_new0 (Exchange, 1);
  exchange->message = g_object_ref (message);
  exchange->cancellable = g_cancellable_new ();
  exchange->body = g_byte_array_new ();
  g_signal_connect (message, "starting", G_CALLBACK (starting_cb), exchange);
  exchange->timeout = g_timeout_source_new (timeout_ms);
  g_source_set_callback (exchange->timeout, timeout_cb, exchange, NULL);
  g_source_attach (exchange->timeout, g_main_context_get_thread_default ());
  g_task_set_task_data (task, exchange, exchange_free);
  if (cancellable != NULL)
    {
      exchange->outer = g_object_ref (cancellable);
      exchange->outer_id =
          g_cancellable_connect (cancellable, G_CALLBACK (outer_cancelled_cb), exchange->cancellable, NULL);
    }
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, exchange->cancellable, sent_cb,
                           g_steal_pointer (&task));
}

static AirHttpResponse *
air_soup_transport_send_finish (AirTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
air_soup_transport_iface_init (AirTransportInterface *iface)
{
  iface->send_async = air_soup_transport_send_async;
  iface->send_finish = air_soup_transport_send_finish;
}

static void
air_soup_transport_finalize (GObject *object)
{
  AirSoupTransport *self = AIR_SOUP_TRANSPORT (object);

  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->egress, air_egress_free);

  G_OBJECT_CLASS (air_soup_transport_parent_class)->finalize (object);
}

static void
air_soup_transport_class_init (AirSoupTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = air_soup_transport_finalize;
}

static void
air_soup_transport_init (AirSoupTransport *self)
{
}

/**
 * air_soup_transport_new:
 * @egress: what may be reached; copied
 * @max_connections_per_host: how many connections to one vendor at once
 *
 * Uses no proxy, keeps no cookies, follows no redirect: what goes out is what was built.
 *
 * Returns: (transfer full): the transport
 */
AirTransport *
air_soup_transport_new (const AirEgress *egress, guint max_connections_per_host)
{
  AirSoupTransport *self = g_object_new (AIR_TYPE_SOUP_TRANSPORT, NULL);

  self->egress = air_egress_copy (egress);
  self->session = soup_session_new_with_options (
      "max-conns", MAX (max_connections_per_host * 4, 16), "max-conns-per-host", MAX (max_connections_per_host, 1),
      "idle-timeout", IDLE_TIMEOUT_S, "timeout", 0, "proxy-resolver", NULL, "user-agent", "airails/" AIR_VERSION, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  return AIR_TRANSPORT (self);
}
