/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "air-http-connection.h"
#include "air-http-reader.h"

#define IDLE_S 50 /* what most servers hold out, and a little less */

struct _AirHttpConnection {
  GIOStream *stream;
  GSocket *socket;
  gint64 expiry;
};

/* --- opening ---------------------------------------------------------------------------------- */

static void
event_cb (GSocketClient *client,
          GSocketClientEvent event,
          GSocketConnectable *connectable,
          GIOStream *stream,
          gpointer user_data)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  GTlsDatabase *authorities = user_data;

  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  if (authorities != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (stream), authorities);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GSocketConnection *stream = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  AirHttpConnection *self;

  if (stream == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self = g_new0 (AirHttpConnection, 1);
  self->socket = g_object_ref (g_socket_connection_get_socket (stream));
  /* A request goes out in one write; nothing is gained by waiting for more. */
  g_socket_set_option (self->socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  self->stream = G_IO_STREAM (stream);
  g_task_return_pointer (task, self, (GDestroyNotify) air_http_connection_free);
}

/**
 * air_http_connection_open_async:
 * @host: a name or an address
 * @port: of TCP
 * @secure: whether TLS is spoken
 * @authorities: (nullable): whom to trust; %NULL for those of the system
 * @cancellable: (nullable): ends it
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Goes straight there: a proxy of the environment is not used.
 */
void
air_http_connection_open_async (const char *host,
                                guint16 port,
                                gboolean secure,
                                GTlsDatabase *authorities,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_task_set_source_tag (task, air_http_connection_open_async);
  /* What goes out is what was built: no proxy of the environment reads along. */
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_tls (client, secure);
  if (secure)
    g_signal_connect_data (client, "event", G_CALLBACK (event_cb),
                           authorities != NULL ? g_object_ref (authorities) : NULL,
                           authorities != NULL ? (GClosureNotify) (void (*) (void)) g_object_unref : NULL, 0);
  g_socket_client_connect_to_host_async (client, host, port, cancellable, connected_cb, g_steal_pointer (&task));
}

/**
 * air_http_connection_open_finish:
 * @result: what the callback got
 * @error: return location
 *
 * Returns: (transfer full): the connection, or %NULL with a %G_IO_ERROR, %G_TLS_ERROR or %G_RESOLVER_ERROR: nothing
 *   was sent
 */
AirHttpConnection *
air_http_connection_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- between exchanges -------------------------------------------------------------------------- */

/**
 * air_http_connection_is_alive:
 * @self: a connection nothing is going on over
 *
 * Returns: %FALSE when the other side has closed it, or said something nobody asked for
 */
gboolean
air_http_connection_is_alive (AirHttpConnection *self)
{
  GInputStream *input = g_io_stream_get_input_stream (self->stream);
  g_autoptr (GError) error = NULL;
  guint8 byte;

  /* Through the stream, since TLS has messages of its own. Bytes here answer nothing that was asked. */
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), &byte, 1, NULL, &error) < 0
         && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/**
 * air_http_connection_get_expiry:
 * @self: a connection
 *
 * Returns: seconds of g_get_monotonic_time() after which it is not used again
 */
gint64
air_http_connection_get_expiry (AirHttpConnection *self)
{
  return self->expiry;
}

/* --- an exchange ---------------------------------------------------------------------------------- */

typedef struct {
  AirHttpConnection *connection;
  AirHttpReader *reader;
  GBytes *message;
  gsize written;
  GError *write_error;
  guint8 buffer[16384];
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  air_http_reader_free (self->reader);
  g_bytes_unref (self->message);
  g_clear_error (&self->write_error);
  g_free (self);
}

static void read_more (GTask *task);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  /* A server may close without TLS's goodbye; an answer that says where it ends is whole all the same, any other not. */
  if (n > 0)
    air_http_reader_push (self->reader, self->buffer, n, &error);
  else if (n == 0)
    air_http_reader_end (self->reader, &error);
  if (error != NULL)
    g_task_return_error (task, self->write_error != NULL ? g_error_copy (self->write_error) : g_steal_pointer (&error));
  else if (air_http_reader_is_done (self->reader))
    g_task_return_pointer (task, air_http_reader_finish (self->reader), (GDestroyNotify) air_http_response_free);
  else
    read_more (g_steal_pointer (&task));
}

static void
read_more (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);

  g_input_stream_read_async (g_io_stream_get_input_stream (self->connection->stream), self->buffer, sizeof self->buffer,
                             G_PRIORITY_DEFAULT, g_task_get_cancellable (task), read_cb, task);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *self = g_task_get_task_data (task);

  /* Who refuses a request need not read all of it: their answer may lie there even when writing failed. */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &self->written, &self->write_error);
  read_more (task);
}

/**
 * air_http_connection_send_async:
 * @self: a connection nothing is going on over
 * @method: the request's
 * @message: the whole request; once this is called, some of it may have left
 * @max_body: of the answer, in bytes
 * @cancellable: (nullable): ends it; the connection is then of no more use
 * @callback: called in the caller's main context
 * @user_data: for @callback
 */
void
air_http_connection_send_async (AirHttpConnection *self,
                                const char *method,
                                GBytes *message,
                                gsize max_body,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Exchange *exchange = g_new0 (Exchange, 1);

  g_task_set_source_tag (task, air_http_connection_send_async);
  g_task_set_check_cancellable (task, FALSE);
  exchange->connection = self;
  exchange->reader = air_http_reader_new (method, max_body);
  exchange->message = g_bytes_ref (message);
  g_task_set_task_data (task, exchange, exchange_free);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->stream), g_bytes_get_data (message, NULL),
                                   g_bytes_get_size (message), G_PRIORITY_DEFAULT, cancellable, written_cb, task);
}

/**
 * air_http_connection_send_finish:
 * @self: the connection
 * @result: what the callback got
 * @ret_reusable: (out): whether another exchange may follow on this connection
 * @error: return location
 *
 * Returns: (transfer full): the whole answer, or %NULL with %AIR_TRANSPORT_ERROR_UNKNOWN, _TOO_LARGE or a %G_IO_ERROR:
 *   the request may have had its effect
 */
AirHttpResponse *
air_http_connection_send_finish (AirHttpConnection *self, GAsyncResult *result, gboolean *ret_reusable, GError **error)
{
  Exchange *exchange = g_task_get_task_data (G_TASK (result));
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;
  guint seconds;

  *ret_reusable = air_http_reader_keeps_open (exchange->reader, &seconds) && exchange->write_error == NULL;
  self->expiry = now + (seconds > 0 ? MIN (seconds - 1, IDLE_S) : IDLE_S);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
air_http_connection_free (AirHttpConnection *self)
{
  if (self == NULL)
    return;
  /* Without TLS's goodbye, which would have to be waited for: nobody reads on. */
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->stream);
  g_free (self);
}
