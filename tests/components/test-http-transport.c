/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real transport against a vendor on the loopback that misbehaves. */
#include "config.h"

#include <libsoup/soup.h>

#include "base/air-json.h"
#include "components/air-transport.h"

typedef struct {
  SoupServer *server;
  char *base;
  guint port;
  guint requests;
  GHashTable *connections;
  SoupServerMessage *held;
  GRand *dice;
  guint most_busy;
  guint busy; /* requests that came and are not answered yet */
  AirTransport *transport;
} Fixture;

typedef struct {
  Fixture *fixture;
  SoupServerMessage *message;
} Later;

static gboolean
later_cb (gpointer user_data)
{
  g_autofree Later *later = user_data;

  later->fixture->busy--;
  soup_server_message_set_status (later->message, 200, NULL);
  soup_server_message_set_response (later->message, "application/json", SOUP_MEMORY_STATIC, "{}", 2);
  soup_server_message_unpause (later->message);
  g_object_unref (later->message);
  return G_SOURCE_REMOVE;
}

static void
vendor_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;
  GInetSocketAddress *remote;

  self->requests++;
  remote = G_INET_SOCKET_ADDRESS (soup_server_message_get_remote_address (message));
  g_hash_table_add (self->connections, GUINT_TO_POINTER (g_inet_socket_address_get_port (remote)));
  if (g_str_equal (path, "/some") && g_rand_int_range (self->dice, 0, 100) < 30)
    {
      g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
      soup_server_message_set_status (message, 500, NULL);
      return;
    }
  if (g_str_equal (path, "/slow"))
    {
      Later *later = g_new0 (Later, 1);

      later->fixture = self;
      later->message = g_object_ref (message);
      self->busy++;
      soup_server_message_pause (message);
      g_timeout_add (1, later_cb, later);
      return;
    }
  if (g_str_equal (path, "/hold"))
    {
      soup_server_message_pause (message);
      g_set_object (&self->held, message);
      return;
    }
  if (g_str_equal (path, "/drop") || (g_str_equal (path, "/drop-once") && self->requests == 1))
    {
      g_socket_close (soup_server_message_get_socket (message), NULL);
      return;
    }
  if (g_str_equal (path, "/redirect"))
    {
      soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, "/ok");
      return;
    }
  if (g_str_equal (path, "/large"))
    {
      g_autofree char *large = g_malloc0 (5 * 1024 * 1024);

      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, large, 5 * 1024 * 1024);
      soup_server_message_set_status (message, 200, NULL);
      return;
    }
  soup_message_headers_append (soup_server_message_get_response_headers (message), "X-Request-Id", "rq-1");
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "{\"id\":1}", 8);
  soup_server_message_set_status (message, 201, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirEgress) egress = NULL;
  g_autofree char *destination = NULL;
  GSList *uris;

  self->connections = g_hash_table_new (NULL, NULL);
  self->dice = g_rand_new_with_seed (7);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, vendor_cb, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  self->base = g_strdup_printf ("http://127.0.0.1:%u", self->port);
  destination = g_strdup_printf ("127.0.0.1:%u", self->port);
  egress = air_egress_new ((const char *[]) { destination, "127.0.0.1:1", NULL }, &error);
  g_assert_no_error (error);
  self->transport = air_http_transport_new (egress, 4);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->held);
  g_clear_object (&self->transport);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_hash_table_unref (self->connections);
  g_rand_free (self->dice);
  g_free (self->base);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static AirHttpResponse *
send_method (Fixture *self, const char *method, const char *path, guint timeout_ms, GError **error)
{
  g_autofree char *url = g_str_has_prefix (path, "http") ? g_strdup (path) : g_strconcat (self->base, path, NULL);
  g_autoptr (AirHttpRequest) request = air_http_request_new (method, url);
  g_autoptr (GAsyncResult) result = NULL;

  request->body = g_bytes_new_static ("{}", 2);
  air_http_request_add_header (request, "Content-Type", "application/json", FALSE);
  air_transport_send_async (self->transport, request, timeout_ms, NULL, sent_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return air_transport_send_finish (self->transport, result, error);
}

static AirHttpResponse *
send_request (Fixture *self, const char *path, guint timeout_ms, GError **error)
{
  return send_method (self, "POST", path, timeout_ms, error);
}

static void
test_ok (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirHttpResponse) response = send_request (self, "/ok", 5000, &error);

      g_assert_no_error (error);
      g_assert_cmpint (response->status, ==, 201);
      g_assert_cmpstr (air_http_response_get_header (response, "x-request-id"), ==, "rq-1");
      g_assert_cmpmem (g_bytes_get_data (response->body, NULL), g_bytes_get_size (response->body), "{\"id\":1}", 8);
    }
  /* One connection, kept alive. */
  g_assert_cmpuint (g_hash_table_size (self->connections), ==, 1);
}

static void
test_timeout (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = send_request (self, "/hold", 100, &error);

  g_assert_null (response);
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_TIMEOUT);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = send_request (self, "/drop", 5000, &error);

  g_assert_null (response);
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN);
  g_assert_cmpuint (self->requests, ==, 1);
}

/* Whether to send it again is the engine's to say, even where that does no harm. */
static void
test_dropped_kept_alive (Fixture *self, gconstpointer data)
{
  static const char *const methods[] = { "POST", "PUT", "GET" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirHttpResponse) first = send_method (self, methods[i], "/ok", 5000, &error);
      g_autoptr (AirHttpResponse) second = NULL;

      g_assert_no_error (error);
      self->requests = 0;
      second = send_method (self, methods[i], "/drop-once", 5000, &error);
      g_assert_null (second);
      g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN);
      g_assert_cmpuint (self->requests, ==, 1);
    }
}

static void
test_not_sent (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = send_request (self, "http://127.0.0.1:1/", 5000, &error);

  g_assert_null (response);
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT);
}

static void
test_egress (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strdup_printf ("http://localhost:%u/ok", self->port);
  g_autoptr (AirHttpResponse) response = send_request (self, url, 5000, &error);

  g_assert_null (response);
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED);
  g_assert_cmpuint (self->requests, ==, 0);
}

static void
test_redirect (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = send_request (self, "/redirect", 5000, &error);

  g_assert_no_error (error);
  g_assert_cmpint (response->status, ==, 302);
  g_assert_cmpuint (self->requests, ==, 1);
}

static void
test_large (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpResponse) response = send_request (self, "/large", 5000, &error);

  g_assert_null (response);
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_TOO_LARGE);
}

/* --- the whole way of an operation ---------------------------------------------------------- */

static const char operation_text[] =
    "{\"id\":\"v.do\",\"version\":\"1.0.0\",\"connector\":\"v\",\"input\":{\"type\":\"object\",\"required\":[\"path\"]}"
    ","
    "\"output\":{\"type\":\"object\"},\"policy\":{\"effect\":\"write\"},\"idempotency\":{\"kind\":\"none\"},"
    "\"request\":{\"method\":\"POST\",\"path\":\"/${input.path}\"},"
    "\"response\":{\"ok\":\"status == "
    "201\",\"output\":{\"id\":\"${body.id}\"},\"errors\":[{\"when\":\"true\",\"class\":\"fatal\"}]}}";

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(AirOutcome **) user_data = air_operation_run_finish (result);
}

static void
test_run (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *input;
    AirOutcomeClass outcome_class;
    gboolean closed;
  } cases[] = {
    { "{\"path\":\"ok\"}", AIR_OUTCOME_OK, FALSE },         { "{\"path\":\"hold\"}", AIR_OUTCOME_UNKNOWN, FALSE },
    { "{\"path\":\"drop\"}", AIR_OUTCOME_UNKNOWN, FALSE },  { "{\"path\":\"redirect\"}", AIR_OUTCOME_FATAL, FALSE },
    { "{\"path\":\"large\"}", AIR_OUTCOME_UNKNOWN, FALSE }, { "{}", AIR_OUTCOME_FATAL, FALSE },
    { "{\"path\":\"ok\"}", AIR_OUTCOME_RETRY, TRUE },
  };
  g_autofree char *text =
      g_strdup_printf ("{\"id\":\"v\",\"base_url\":\"%s\",\"auth\":{\"kind\":\"none\"}}", self->base);
  g_autoptr (AirValue) connector_document = air_json_parse (text, strlen (text), NULL);
  g_autoptr (AirValue) document = air_json_parse (operation_text, strlen (operation_text), NULL);
  g_autoptr (AirValue) run = air_map_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *destination = g_strdup_printf ("127.0.0.1:%u", self->port);
  g_autoptr (AirEgress) egress = air_egress_new ((const char *[]) { destination, "127.0.0.1:1", NULL }, NULL);
  g_autoptr (AirConnector) connector = air_connector_new (connector_document, NULL, NULL, &error);
  g_autoptr (AirConnector) nobody = air_connector_new (connector_document, "http://127.0.0.1:1", NULL, &error);
  g_autoptr (AirOperation) operation = air_operation_new (document, connector, &error);
  g_autoptr (AirOperation) unreachable = air_operation_new (document, nobody, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) input = air_json_parse (cases[i].input, strlen (cases[i].input), NULL);
      g_autoptr (AirOutcome) outcome = NULL;

      air_operation_run_async (cases[i].closed ? unreachable : operation, self->transport, egress, AIR_PURPOSE_EXECUTE,
                               input, run, 200, NULL, run_cb, &outcome);
      while (outcome == NULL)
        g_main_context_iteration (NULL, TRUE);
      if (outcome->outcome_class != cases[i].outcome_class)
        g_error ("case %u: %s (%s)", i, air_outcome_class_to_string (outcome->outcome_class), outcome->message);
    }
}

typedef struct {
  guint ended;
  guint answered;
} Crowd;

static void
crowd_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (AirHttpResponse) response = air_transport_send_finish (AIR_TRANSPORT (source), result, NULL);

  crowd->ended++;
  crowd->answered += response != NULL;
}

static void
send_crowd (Fixture *self, const char *path, guint n, Crowd *crowd)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *url = g_strconcat (self->base, path, NULL);
      g_autoptr (AirHttpRequest) request = air_http_request_new (i % 2 == 0 ? "GET" : "POST", url);

      air_transport_send_async (self->transport, request, 30000, NULL, crowd_cb, crowd);
    }
  while (crowd->ended < n)
    {
      g_main_context_iteration (NULL, TRUE);
      self->most_busy = MAX (self->most_busy, self->busy);
    }
}

/* Far more at once than there may be connections. */
static void
test_crowd (Fixture *self, gconstpointer data)
{
  Crowd crowd = { 0 };

  send_crowd (self, "/slow", 200, &crowd);
  g_assert_cmpuint (crowd.answered, ==, 200);
  g_assert_cmpuint (self->most_busy, >, 1);
  g_assert_cmpuint (self->most_busy, <=, 4);
}

/* The same, and the vendor closes connections as it likes: each request ends once. */
static void
test_crowd_dropped (Fixture *self, gconstpointer data)
{
  Crowd crowd = { 0 };

  send_crowd (self, "/some", 3000, &crowd);
  g_assert_cmpuint (crowd.ended, ==, 3000);
  g_assert_cmpuint (crowd.answered, >, 1500);
  g_assert_cmpuint (crowd.answered, <, 3000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add ("/components/transport/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("ok", test_ok);
  ADD ("timeout", test_timeout);
  ADD ("dropped", test_dropped);
  ADD ("dropped/kept-alive", test_dropped_kept_alive);
  ADD ("not-sent", test_not_sent);
  ADD ("egress", test_egress);
  ADD ("redirect", test_redirect);
  ADD ("large", test_large);
  ADD ("crowd", test_crowd);
  ADD ("crowd/dropped", test_crowd_dropped);
  ADD ("run", test_run);
#undef ADD
  return g_test_run ();
}
