/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-http-server.h"

#include <libsoup/soup.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"
#include "wire/air-handshakes-private.h"
#include "wire/air-request-private.h"
#include "wire/air-tls.h"

/* Without a byte either way; longer than the clients' own, so that it is they who close. */
#define IDLE_TIMEOUT_S 120
/* What one identity may have of the connections: a share, so that nobody shuts out the others. */
#define SHARE               4
#define DEFAULT_MAX_BODY    (1024 * 1024)
#define DEFAULT_CONNECTIONS 1024
#define KEPT_ANSWERS        4096
#define MAX_KEY_LENGTH      255
#define MAX_PATH_LENGTH     2048

struct _AirHttpServer {
  GObject parent_instance;

  SoupServer *soup;
  GSocketService *service;
  AirRouter *router;
  GTlsCertificate *certificate;
  GTlsDatabase *clients;
  AirAuthorize authorize;
  gpointer user_data;
  gsize max_body;
  guint max_connections;
  guint connections;
  GHashTable *peers; /* URI → how many connections, as a pointer */
  AirHandshakes *handshakes;
  guint64 accepted;
  guint open;
  AirIdempotency *answers;
  char *address;
};

G_DEFINE_FINAL_TYPE (AirHttpServer, air_http_server, G_TYPE_OBJECT)

/* What an open connection counts for. */
typedef struct {
  AirHttpServer *server;
  char *peer; /* "" when its certificate names nobody */
} Place;

static GQuark
peer_quark (void)
{
  return g_quark_from_static_string ("air-peer-uri");
}

static GQuark
request_quark (void)
{
  return g_quark_from_static_string ("air-request");
}

/* --- requests --- */

static AirProblem *
check_headers (AirHttpServer *self, AirRequest *request)
{
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  g_autofree char *allow = NULL;
  AirProblem *problem;

  if (request->peer == NULL)
    return air_problem_new (401, "no-identity", "connect with a certificate that carries one URI in subjectAltName",
                            "the client certificate names nobody");
  /* libsoup has undone the percent-encoding. */
  if (!g_utf8_validate (path, -1, NULL))
    return air_problem_new (400, "bad-path", "send UTF-8, percent-encoded", "the path holds bytes that are no text");
  /* Answers are kept under it. */
  if (strlen (path) > MAX_PATH_LENGTH)
    return air_problem_new (414, "path-too-long", "ask for what there is", "the path is longer than %d bytes",
                            MAX_PATH_LENGTH);
  request->route =
      air_router_match (self->router, soup_server_message_get_method (message), path, &request->params, &allow);
  if (request->route == NULL && allow == NULL)
    return air_problem_new (404, "no-such-resource", "see the API description for what there is", "nothing is at %s",
                            path);
  if (request->route == NULL)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow", allow);
      return air_problem_new (405, "method-not-allowed", NULL, "%s has no %s, only %s", path,
                              soup_server_message_get_method (message), allow);
    }
  if (self->authorize != NULL && (problem = self->authorize (request, self->user_data)) != NULL)
    return problem;

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    return air_problem_new (411, "length-required", "send the body with a Content-Length",
                            "a body of unknown length is refused");
  if (soup_message_headers_get_content_length (headers) > (goffset) self->max_body)
    return air_problem_new (413, "body-too-large", "send less",
                            "the body has %" G_GOFFSET_FORMAT " bytes, more than the %" G_GSIZE_FORMAT " allowed",
                            soup_message_headers_get_content_length (headers), self->max_body);
  if (request->route->body == AIR_BODY_JSON)
    {
      const char *type = soup_message_headers_get_content_type (headers, NULL);

      if (type == NULL || !(strcmp (type, "application/json") == 0 || g_str_has_suffix (type, "+json")))
        return air_problem_new (415, "not-json", "send it with Content-Type: application/json", "the body's type is %s",
                                type != NULL ? type : "not given");
    }
  return NULL;
}

/* The headers are here, the body is not: whatever they alone rule out is refused before the body is read. */
static void
early_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  AirHttpServer *self = user_data;
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  const char *peer = remote != NULL ? g_object_get_qdata (G_OBJECT (remote), peer_quark ()) : NULL;
  AirRequest *request = air_request_new (message, peer);

  request->open = &self->open;
  self->open++;
  request->refused = check_headers (self, request);
  if (request->refused != NULL)
    {
      /* A status set here makes libsoup throw the body away as it comes. */
      soup_server_message_set_status (message, request->refused->status, NULL);
      if (request->refused->status == 413)
        soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
      air_request_respond_problem (request, g_steal_pointer (&request->refused));
      air_request_unref (request);
      return;
    }
  g_object_set_qdata_full (G_OBJECT (message), request_quark (), request, (GDestroyNotify) air_request_unref);
}

static void
finished_cb (SoupServerMessage *message, gpointer user_data)
{
  AirRequest *request = user_data;

  request->gone = TRUE;
  /* The handler holds the request and the request the message: neither would ever go, nor the connection. */
  g_signal_handlers_disconnect_by_func (message, finished_cb, request);
}

static AirProblem *
check_body (AirRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (request->route->body != AIR_BODY_JSON)
    {
      if (g_bytes_get_size (request->body) > 0)
        return air_problem_new (400, "unexpected-body", "send none", "this request takes no body");
      return NULL;
    }
  request->json = air_json_parse_named (request->body, "body", &error);
  if (request->json == NULL)
    return air_problem_new_error (400, "bad-json", error);
  return request->route->members != NULL ? air_members_check (request->route->members, request->json) : NULL;
}

static AirProblem *
check_query (AirRequest *request)
{
  const char *const *known = request->route->query;
  GHashTableIter iter;
  gpointer name, value;

  if (request->query == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, request->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!g_utf8_validate (name, -1, NULL) || !g_utf8_validate (value, -1, NULL))
      return air_problem_new (400, "bad-query", "send UTF-8, percent-encoded",
                              "the query holds bytes that are no text");
    else if (known == NULL || !g_strv_contains (known, name))
      {
        g_autofree char *names = known != NULL ? g_strjoinv (", ", (char **) known) : NULL;
        g_autofree char *mend =
            names != NULL ? g_strconcat ("ask with ", names, NULL) : g_strdup ("ask without a query");

        return air_problem_new (400, "bad-query", mend, "nobody knows the parameter \"%s\" here", (char *) name);
      }
  return NULL;
}

/* TRUE: the handler is to run. */
static gboolean
check_repeated (AirHttpServer *self, AirRequest *request)
{
  const char *key = air_request_get_header (request, "Idempotency-Key");
  g_autofree char *full = NULL;
  const AirAnswer *answer = NULL;

  if (key == NULL || strcmp (request->route->method, "POST") != 0)
    return TRUE;
  if (*key == '\0' || strlen (key) > MAX_KEY_LENGTH)
    {
      air_request_respond_problem (request, air_problem_new (400, "bad-idempotency-key", "give 1 to 255 characters",
                                                             "the Idempotency-Key is empty or too long"));
      return FALSE;
    }
  full = g_strjoin ("\n", request->peer, air_request_get_path (request), key, NULL);
  switch (air_idempotency_begin (self->answers, full, request->body, &answer))
    {
    case AIR_IDEMPOTENCY_NEW:
      request->answers = self->answers;
      request->answer_key = g_steal_pointer (&full);
      return TRUE;
    case AIR_IDEMPOTENCY_REPEATED:
      air_request_set_header (request, "Idempotent-Replayed", "true");
      air_request_respond_bytes (request, answer->status, answer->content_type, answer->body);
      return FALSE;
    case AIR_IDEMPOTENCY_BUSY:
      {
        AirProblem *problem = air_problem_new (409, "still-at-work", "ask again in a moment",
                                               "the first request with this Idempotency-Key is not answered yet");

        problem->retry_after_s = 1;
        air_request_respond_problem (request, problem);
        return FALSE;
      }
    case AIR_IDEMPOTENCY_CHANGED:
      air_request_respond_problem (request,
                                   air_problem_new (422, "idempotency-key-reused", "take a new key for a new request",
                                                    "this Idempotency-Key came with another body before"));
      return FALSE;
    default:
      g_assert_not_reached ();
    }
}

static void
request_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  AirHttpServer *self = user_data;
  g_autoptr (AirRequest) request = g_object_steal_qdata (G_OBJECT (message), request_quark ());
  AirProblem *problem;

  if (request == NULL) /* refused early */
    return;
  request->query = query != NULL ? g_hash_table_ref (query) : NULL;
  request->body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  soup_server_message_pause (message);
  g_signal_connect_data (message, "finished", G_CALLBACK (finished_cb), air_request_ref (request),
                         (GClosureNotify) (void (*) (void)) air_request_unref, 0);

  if ((problem = check_query (request)) != NULL || (problem = check_body (request)) != NULL)
    air_request_respond_problem (request, problem);
  else if (check_repeated (self, request))
    request->route->handler (request, self->user_data);
}

/* --- connections --- */

static void
connection_gone (gpointer data, GObject *where_the_object_was)
{
  g_autofree Place *place = data;
  g_autoptr (AirHttpServer) self = place->server;
  g_autofree char *peer = place->peer;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->peers, peer));

  self->connections--;
  if (n > 1)
    g_hash_table_replace (self->peers, g_steal_pointer (&peer), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (self->peers, peer);
}

/* FALSE: all are taken, or all that one identity may have. */
static gboolean
take_place (AirHttpServer *self, GObject *tls, const char *uri)
{
  const char *peer = uri != NULL ? uri : "";
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->peers, peer));
  Place *place;

  if (self->connections >= self->max_connections || n >= MAX (self->max_connections / SHARE, 1))
    {
      g_message ("%u connections are open, %u of them of one identity; one more is refused", self->connections, n);
      return FALSE;
    }
  self->connections++;
  g_hash_table_replace (self->peers, g_strdup (peer), GUINT_TO_POINTER (n + 1));
  place = g_new (Place, 1);
  *place = (Place) { g_object_ref (self), g_strdup (peer) };
  g_object_weak_ref (tls, connection_gone, place);
  return TRUE;
}

/* GIO asks about every client certificate, good ones too: without an answer it refuses them all. */
static gboolean
accept_certificate_cb (GTlsConnection *tls,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  return errors == 0;
}

static void
greeted_cb (GTlsConnection *tls, GSocketConnection *socket, gpointer user_data)
{
  AirHttpServer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) local = NULL, remote = NULL;
  g_autofree char *uri = NULL;

  if (g_tls_connection_get_protocol_version (tls) != G_TLS_PROTOCOL_VERSION_TLS_1_3)
    {
      g_message ("a client without TLS 1.3 is refused");
      return;
    }
  uri = air_tls_certificate_get_uri (g_tls_connection_get_peer_certificate (tls), &error);
  if (uri == NULL)
    g_message ("a client certificate names nobody: %s", error->message);
  g_clear_error (&error);
  local = g_socket_connection_get_local_address (socket, NULL);
  remote = g_socket_connection_get_remote_address (socket, NULL);
  if (local == NULL || remote == NULL || self->soup == NULL) /* closed while the handshake was under way */
    return;
  if (!take_place (self, G_OBJECT (tls), uri))
    return;
  g_socket_set_timeout (g_socket_connection_get_socket (socket), IDLE_TIMEOUT_S);
  /* The identity is checked once a connection and found again by each request through the address object. */
  g_object_set_qdata_full (G_OBJECT (remote), peer_quark (), g_steal_pointer (&uri), g_free);
  if (!soup_server_accept_iostream (self->soup, G_IO_STREAM (tls), local, remote, &error))
    g_message ("a connection was lost: %s", error->message);
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  AirHttpServer *self = user_data;
  g_autoptr (GIOStream) tls = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_set_option (g_socket_connection_get_socket (connection), 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, NULL);
  g_socket_set_keepalive (g_socket_connection_get_socket (connection), TRUE);
  tls = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, &error);
  if (tls == NULL)
    {
      g_warning ("no TLS for a connection: %s", error->message);
      return TRUE;
    }
  g_object_set (tls, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, "database", self->clients,
                "require-close-notify", FALSE, NULL);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  self->accepted++;

  air_handshakes_add (self->handshakes, G_TLS_CONNECTION (tls), connection);
  return TRUE;
}

static void
air_http_server_dispose (GObject *object)
{
  AirHttpServer *self = AIR_HTTP_SERVER (object);

  air_http_server_close (self);
  G_OBJECT_CLASS (air_http_server_parent_class)->dispose (object);
}

static void
air_http_server_finalize (GObject *object)
{
  AirHttpServer *self = AIR_HTTP_SERVER (object);

  g_clear_object (&self->certificate);
  g_clear_object (&self->clients);
  g_clear_pointer (&self->router, air_router_free);
  g_clear_pointer (&self->answers, air_idempotency_free);
  g_clear_pointer (&self->peers, g_hash_table_unref);
  g_free (self->address);
  G_OBJECT_CLASS (air_http_server_parent_class)->finalize (object);
}

static void
air_http_server_class_init (AirHttpServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = air_http_server_dispose;
  G_OBJECT_CLASS (klass)->finalize = air_http_server_finalize;
}

static void
air_http_server_init (AirHttpServer *self)
{
  self->answers = air_idempotency_new (KEPT_ANSWERS);
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->handshakes = air_handshakes_new (greeted_cb, self);
}

/* A SoupServer without a listener closes every connection after its first answer, those it was handed too. This
 * gives it one that nobody can reach: its name is gone before anyone could use it. */
static gboolean
keep_connections (SoupServer *soup, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("airails-XXXXXX", error);
  g_autofree char *path = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  gboolean bound;

  if (folder == NULL)
    return FALSE;
  path = g_build_filename (folder, "s", NULL);
  address = g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  bound = socket != NULL && g_socket_bind (socket, address, FALSE, error);
  if (bound)
    g_unlink (path);
  g_rmdir (folder);
  return bound && g_socket_listen (socket, error) && soup_server_listen_socket (soup, socket, 0, error);
}

/**
 * air_http_server_new:
 * @options: what it serves and to whom; routes are borrowed and must outlive it
 *
 * A server of JSON over mutual TLS 1.3. The handshake is done here and not by
 * libsoup, because the negotiated version and the client's identity are
 * checked once a connection, before the first byte of HTTP is read.
 *
 * Returns: (transfer full): a server that does not listen yet
 */
AirHttpServer *
air_http_server_new (const AirHttpServerOptions *options)
{
  AirHttpServer *self = g_object_new (AIR_TYPE_HTTP_SERVER, NULL);

  self->router = air_router_new (options->routes, options->n_routes);
  self->certificate = g_object_ref (options->certificate);
  self->clients = g_object_ref (options->clients);
  self->authorize = options->authorize;
  self->user_data = options->user_data;
  self->max_body = options->max_body > 0 ? options->max_body : DEFAULT_MAX_BODY;
  self->max_connections = options->max_connections > 0 ? options->max_connections : DEFAULT_CONNECTIONS;
  self->soup = g_object_new (SOUP_TYPE_SERVER, "server-header", "airails", NULL);
  soup_server_add_early_handler (self->soup, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, request_cb, self, NULL);
  return self;
}

/**
 * air_http_server_listen:
 * @self: a server
 * @address: "host:port"; port 0 takes a free one
 *
 * Returns: TRUE, or AIR_WIRE_ERROR_LISTEN
 */
gboolean
air_http_server_listen (AirHttpServer *self, const char *address, GError **error)
{
  g_autoptr (GSocketConnectable) parsed = g_network_address_parse (address, 0, NULL);
  g_autoptr (GSocketAddress) wanted = NULL, effective = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *host = NULL;

  if (parsed != NULL)
    wanted = g_inet_socket_address_new_from_string (g_network_address_get_hostname (G_NETWORK_ADDRESS (parsed)),
                                                    g_network_address_get_port (G_NETWORK_ADDRESS (parsed)));
  if (wanted == NULL)
    {
      g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_LISTEN,
                   "\"%s\" is no address to listen on; give a numeric one with its port, say \"127.0.0.1:0\"", address);
      return FALSE;
    }
  if (!keep_connections (self->soup, &local))
    {
      g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_LISTEN, "connections cannot be kept: %s", local->message);
      return FALSE;
    }
  self->service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (self->service), 256);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &effective, &local))
    {
      g_set_error (error, AIR_WIRE_ERROR, AIR_WIRE_ERROR_LISTEN,
                   "cannot listen on %s: %s; choose another address or port 0", address, local->message);
      return FALSE;
    }
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  g_socket_service_start (self->service);
  self->address = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (effective));
  return TRUE;
}

/**
 * air_http_server_get_address:
 * @self: a server that listens
 *
 * Returns: (transfer none): "127.0.0.1:41234", with the port that was given by the system where 0 was asked for
 */
const char *
air_http_server_get_address (AirHttpServer *self)
{
  return self->address;
}

/**
 * air_http_server_get_open:
 * @self: a server
 *
 * Returns: requests not answered yet
 */
guint
air_http_server_get_open (AirHttpServer *self)
{
  return self->open;
}

/**
 * air_http_server_get_accepted:
 * @self: a server
 *
 * Returns: connections so far, those whose handshake failed too
 */
guint64
air_http_server_get_accepted (AirHttpServer *self)
{
  return self->accepted;
}

/**
 * air_http_server_stop:
 * @self: a server
 *
 * Accepts no more; what is open goes on.
 */
void
air_http_server_stop (AirHttpServer *self)
{
  if (self->service == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
}

/**
 * air_http_server_close:
 * @self: a server
 *
 * Accepts no more and ends every connection.
 */
void
air_http_server_close (AirHttpServer *self)
{
  air_http_server_stop (self);
  g_clear_pointer (&self->handshakes, air_handshakes_free);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
}
