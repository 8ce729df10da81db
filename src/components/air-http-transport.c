/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vendors' connections: a few for each host, kept alive, shared in the order of asking. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-http-connection.h"
#include "air-operation-private.h"
#include "air-transport.h"

#define MAX_BODY (4 * 1024 * 1024)
#define SWEEP_S  10

struct _AirHttpTransport {
  GObject parent_instance;

  AirEgress *egress;
  guint max_connections; /* for one origin */
  GTlsDatabase *authorities;
  GHashTable *origins; /* "https host port" → Origin */
  GSource *sweep;
};

/* One host and port. */
typedef struct {
  char *host;
  guint16 port;
  gboolean secure;
  guint n_connections; /* idle, busy and being opened */
  GQueue idle;         /* AirHttpConnection; the last used first */
  GQueue waiting;      /* GTask, in the order they came */
} Origin;

/* One request on its way. Its connection is its own until the end. */
typedef struct {
  Origin *origin;
  const char *method;
  GBytes *message;
  GCancellable *cancellable; /* ours: time and the caller's both cancel it */
  GCancellable *outer;       /* nullable */
  gulong outer_id;
  GSource *timeout;
  GSource *abandoned;
  gboolean timed_out;
  gboolean sent; /* a byte of it may have left */
  AirHttpConnection *connection;
} Exchange;

static void air_http_transport_iface_init (AirTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AirHttpTransport,
                               air_http_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (AIR_TYPE_TRANSPORT, air_http_transport_iface_init))

static void dispatch (AirHttpTransport *self, Origin *origin);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  clear_source (&self->timeout);
  clear_source (&self->abandoned);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->outer_id);
  g_clear_object (&self->outer);
  g_clear_object (&self->cancellable);
  g_bytes_unref (self->message);
  g_clear_pointer (&self->connection, air_http_connection_free);
  g_free (self);
}

static void
origin_free (gpointer data)
{
  Origin *self = data;

  g_queue_clear_full (&self->idle, (GDestroyNotify) air_http_connection_free);
  g_assert (g_queue_is_empty (&self->waiting));
  g_free (self->host);
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
  else if (error->domain == AIR_TRANSPORT_ERROR)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN, "no complete answer: %s",
                             error->message);
}

/* --- idle connections -------------------------------------------------------------------------- */

static gboolean
sweep_cb (gpointer user_data)
{
  AirHttpTransport *self = user_data;
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;
  gboolean any = FALSE;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->origins);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Origin *origin = value;

      for (GList *l = origin->idle.head, *next; l != NULL; l = next)
        {
          next = l->next;
          if (air_http_connection_get_expiry (l->data) > now && air_http_connection_is_alive (l->data))
            continue;
          air_http_connection_free (l->data);
          g_queue_delete_link (&origin->idle, l);
          origin->n_connections--;
        }
      any = any || !g_queue_is_empty (&origin->idle);
    }
  if (any)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->sweep, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
keep (AirHttpTransport *self, Origin *origin, AirHttpConnection *connection)
{
  g_queue_push_head (&origin->idle, connection);
  if (self->sweep != NULL)
    return;
  self->sweep = g_timeout_source_new_seconds (SWEEP_S);
  g_source_set_callback (self->sweep, sweep_cb, self, NULL);
  g_source_attach (self->sweep, g_main_context_get_thread_default ());
}

/* One that still lives, or NULL: then the next may be opened in the place of those that do not. */
static AirHttpConnection *
take_idle (Origin *origin)
{
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;
  AirHttpConnection *connection;

  while ((connection = g_queue_pop_head (&origin->idle)) != NULL)
    {
      if (air_http_connection_get_expiry (connection) > now && air_http_connection_is_alive (connection))
        return connection;
      air_http_connection_free (connection);
      origin->n_connections--;
    }
  return NULL;
}

/* --- the way there and back ------------------------------------------------------------------- */

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AirHttpTransport *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  Origin *origin = exchange->origin;
  g_autoptr (GError) error = NULL;
  gboolean reusable;
  AirHttpResponse *response = air_http_connection_send_finish (exchange->connection, result, &reusable, &error);

  if (reusable)
    keep (self, origin, g_steal_pointer (&exchange->connection));
  else
    {
      g_clear_pointer (&exchange->connection, air_http_connection_free);
      origin->n_connections--;
    }
  /* Whoever waits goes first: what the answer leads to comes after them. */
  dispatch (self, origin);
  if (response != NULL)
    g_task_return_pointer (task, response, (GDestroyNotify) air_http_response_free);
  else
    fail (task, error);
}

static void
send_now (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);

  /* From here on it may have happened. */
  self->sent = TRUE;
  air_http_connection_send_async (self->connection, self->method, self->message, MAX_BODY, self->cancellable, sent_cb,
                                  task);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  AirHttpTransport *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  exchange->connection = air_http_connection_open_finish (result, &error);
  if (exchange->connection != NULL)
    {
      send_now (g_steal_pointer (&task));
      return;
    }
  exchange->origin->n_connections--;
  dispatch (self, exchange->origin);
  fail (task, error);
}

/* As many of those who wait as there may be connections, in their order. */
static void
dispatch (AirHttpTransport *self, Origin *origin)
{
  while (!g_queue_is_empty (&origin->waiting))
    {
      AirHttpConnection *connection = take_idle (origin);
      g_autoptr (GError) error = NULL;
      Exchange *exchange;
      GTask *task;

      if (connection == NULL && origin->n_connections >= self->max_connections)
        return;
      task = g_queue_pop_head (&origin->waiting);
      exchange = g_task_get_task_data (task);
      clear_source (&exchange->abandoned);
      if (g_cancellable_set_error_if_cancelled (exchange->cancellable, &error))
        {
          if (connection != NULL)
            g_queue_push_head (&origin->idle, connection);
          fail (task, error);
          g_object_unref (task);
          continue;
        }
      exchange->connection = connection;
      if (connection != NULL)
        {
          send_now (task);
          continue;
        }
      origin->n_connections++;
      air_http_connection_open_async (origin->host, origin->port, origin->secure, self->authorities,
                                      exchange->cancellable, opened_cb, task);
    }
}

/* --- who gives up -------------------------------------------------------------------------------- */

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

/* While it waits for its turn, nothing else would notice. */
static gboolean
abandoned_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_queue_remove (&exchange->origin->waiting, task))
    g_return_val_if_reached (G_SOURCE_REMOVE);
  g_cancellable_set_error_if_cancelled (cancellable, &error);
  fail (task, error);
  return G_SOURCE_REMOVE;
}

/* --- from a request to bytes ------------------------------------------------------------------------ */

static Origin *
get_origin (AirHttpTransport *self, const GUri *uri)
{
  gboolean secure = g_str_equal (g_uri_get_scheme ((GUri *) uri), "https");
  int port = g_uri_get_port ((GUri *) uri);
  g_autofree char *host = g_ascii_strdown (g_uri_get_host ((GUri *) uri), -1);
  g_autofree char *name = NULL;
  Origin *origin;

  if (port < 0)
    port = secure ? 443 : 80;
  name = g_strdup_printf ("%s %s %d", secure ? "https" : "http", host, port);
  origin = g_hash_table_lookup (self->origins, name);
  if (origin != NULL)
    return origin;
  origin = g_new0 (Origin, 1);
  origin->host = g_steal_pointer (&host);
  origin->port = port;
  origin->secure = secure;
  g_queue_init (&origin->idle);
  g_queue_init (&origin->waiting);
  g_hash_table_insert (self->origins, g_steal_pointer (&name), origin);
  return origin;
}

static gboolean
is_ours (const char *name)
{
  static const char *const ours[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect"
  };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (g_ascii_strcasecmp (name, ours[i]) == 0)
      return TRUE;
  return FALSE;
}

/* RFC 9112, 3: the request line, its headers and the body in one piece. */
static GBytes *
write_message (const AirHttpRequest *request, const GUri *uri, GError **error)
{
  const char *host = g_uri_get_host ((GUri *) uri), *path = g_uri_get_path ((GUri *) uri);
  const char *query = g_uri_get_query ((GUri *) uri);
  GString *text = g_string_sized_new (1024);

  g_string_append_printf (text, "%s %s%s%s HTTP/1.1\r\n", request->method, *path != '\0' ? path : "/",
                          query != NULL ? "?" : "", query != NULL ? query : "");
  g_string_append_printf (text, strchr (host, ':') != NULL ? "Host: [%s]" : "Host: %s", host);
  if (g_uri_get_port ((GUri *) uri) >= 0)
    g_string_append_printf (text, ":%d", g_uri_get_port ((GUri *) uri));
  g_string_append (text, "\r\nUser-Agent: airails/" AIR_VERSION "\r\n");
  for (guint i = 0; i < request->headers->len; i++)
    {
      const AirHttpHeader *header = g_ptr_array_index (request->headers, i);

      if (is_ours (header->name) || !air_http_header_name_is_valid (header->name)
          || !air_http_header_value_is_valid (header->value))
        {
          g_set_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED,
                       "the header '%s' may not be sent so; take it out of the operation", header->name);
          g_string_free (text, TRUE);
          return NULL;
        }
      g_string_append_printf (text, "%s: %s\r\n", header->name, header->value);
    }
  if (request->body != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (request->body, &length);

      g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", length);
      g_string_append_len (text, data, length);
    }
  else if (g_str_equal (request->method, "GET") || g_str_equal (request->method, "HEAD"))
    g_string_append (text, "\r\n");
  else
    g_string_append (text, "Content-Length: 0\r\n\r\n");
  return g_string_free_to_bytes (text);
}

static gboolean
is_plain (const char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    if ((guchar) *text <= 0x20 || (guchar) *text >= 0x7f)
      return FALSE;
  return TRUE;
}

static void
air_http_transport_send_async (AirTransport *transport,
                               const AirHttpRequest *request,
                               guint timeout_ms,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  AirHttpTransport *self = AIR_HTTP_TRANSPORT (transport);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GError) error = NULL;
  Exchange *exchange;

  g_task_set_source_tag (task, air_http_transport_send_async);
  /* Whoever built the request has checked; the door checks again. */
  if (!air_egress_check (self->egress, request->url, &error))
    {
      g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED, "%s", error->message);
      return;
    }
  uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL || !is_plain (request->url))
    {
      g_task_return_new_error (task, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED, "the address cannot be read");
      return;
    }
  message = write_message (request, uri, &error);
  if (message == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  exchange = g_new0 (Exchange, 1);
  exchange->origin = get_origin (self, uri);
  exchange->method = request->method;
  exchange->message = g_steal_pointer (&message);
  exchange->cancellable = g_cancellable_new ();
  exchange->timeout = g_timeout_source_new (timeout_ms);
  g_source_set_callback (exchange->timeout, timeout_cb, exchange, NULL);
  g_source_attach (exchange->timeout, g_main_context_get_thread_default ());
  exchange->abandoned = g_cancellable_source_new (exchange->cancellable);
  g_source_set_callback (exchange->abandoned, G_SOURCE_FUNC (abandoned_cb), task, NULL);
  g_source_attach (exchange->abandoned, g_main_context_get_thread_default ());
  g_task_set_task_data (task, exchange, exchange_free);
  if (cancellable != NULL)
    {
      exchange->outer = g_object_ref (cancellable);
      exchange->outer_id =
          g_cancellable_connect (cancellable, G_CALLBACK (outer_cancelled_cb), exchange->cancellable, NULL);
    }
  g_queue_push_tail (&exchange->origin->waiting, g_steal_pointer (&task));
  dispatch (self, exchange->origin);
}

static AirHttpResponse *
air_http_transport_send_finish (AirTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
air_http_transport_iface_init (AirTransportInterface *iface)
{
  iface->send_async = air_http_transport_send_async;
  iface->send_finish = air_http_transport_send_finish;
}

static void
air_http_transport_finalize (GObject *object)
{
  AirHttpTransport *self = AIR_HTTP_TRANSPORT (object);

  clear_source (&self->sweep);
  g_clear_pointer (&self->origins, g_hash_table_unref);
  g_clear_pointer (&self->egress, air_egress_free);
  g_clear_object (&self->authorities);

  G_OBJECT_CLASS (air_http_transport_parent_class)->finalize (object);
}

static void
air_http_transport_class_init (AirHttpTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = air_http_transport_finalize;
}

static void
air_http_transport_init (AirHttpTransport *self)
{
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, origin_free);
}

/**
 * air_http_transport_new:
 * @egress: what may be reached; copied
 * @max_connections_per_host: how many connections to one vendor at once
 *
 * Uses no proxy, keeps no cookies, follows no redirect, sends nothing twice: what goes out is what was built, once.
 * Its requests all belong to the thread-default main context of the thread that sends them.
 *
 * Returns: (transfer full): the transport
 */
AirTransport *
air_http_transport_new (const AirEgress *egress, guint max_connections_per_host)
{
  AirHttpTransport *self = g_object_new (AIR_TYPE_HTTP_TRANSPORT, NULL);

  self->egress = air_egress_copy (egress);
  self->max_connections = MAX (max_connections_per_host, 1);
  return AIR_TRANSPORT (self);
}

/**
 * air_http_transport_set_authorities:
 * @self: a transport that has sent nothing yet
 * @authorities: (nullable): whose certificates a vendor may show; %NULL for the system's
 */
void
air_http_transport_set_authorities (AirHttpTransport *self, GTlsDatabase *authorities)
{
  g_return_if_fail (AIR_IS_HTTP_TRANSPORT (self));

  g_set_object (&self->authorities, authorities);
}
