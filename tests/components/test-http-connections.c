/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of kept-alive connections, against a vendor that speaks bytes and counts what reaches it. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/air-key.h"
#include "base/air-x509.h"
#include "components/air-transport.h"
#include "wire/air-tls.h"

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

typedef struct {
  GSocketService *service;
  GTlsCertificate *certificate; /* nullable: plain */
  GTlsDatabase *database;
  char *base;
  AirTransport *transport;
  GMutex lock;
  guint connections, requests; /* under the lock */
  GString *order;              /* the same: the last letter of each path */
} Vendor;

/* One request, to its end; its path, or NULL when the other side went away. */
static char *
read_request (GDataInputStream *input)
{
  g_autofree char *first = g_data_input_stream_read_line (input, NULL, NULL, NULL);
  g_auto (GStrv) words = NULL;
  gsize length = 0;

  if (first == NULL)
    return NULL;
  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (input, NULL, NULL, NULL);

      if (line == NULL)
        return NULL;
      if (*line == '\0')
        break;
      if (g_ascii_strncasecmp (line, "content-length:", 15) == 0)
        length = g_ascii_strtoull (line + 15, NULL, 10);
    }
  while (length > 0)
    {
      char buffer[4096];
      gssize n = g_input_stream_read (G_INPUT_STREAM (input), buffer, MIN (length, sizeof buffer), NULL, NULL);

      if (n <= 0)
        return NULL;
      length -= n;
    }
  words = g_strsplit (first, " ", 3);
  return g_strdup (words[1]);
}

/* FALSE: the connection ends here. */
static gboolean
answer (Vendor *self, const char *path, GOutputStream *output)
{
  const char *text = ANSWER;
  gboolean stays = TRUE;

  if (g_str_has_prefix (path, "/drop"))
    return FALSE;
  if (g_str_has_prefix (path, "/cut"))
    {
      text = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\":";
      stays = FALSE;
    }
  else if (g_str_has_prefix (path, "/leave")) /* says nothing of it */
    stays = FALSE;
  else if (g_str_has_prefix (path, "/brief"))
    text = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\n{}";
  else if (g_str_has_prefix (path, "/extra"))
    text = ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong";
  else if (g_str_has_prefix (path, "/slow"))
    g_usleep (50000);
  return g_output_stream_write_all (output, text, strlen (text), NULL, NULL, NULL) && stays;
}

static gboolean
run_cb (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  Vendor *self = user_data;
  g_autoptr (GIOStream) stream = G_IO_STREAM (g_object_ref (connection));
  g_autoptr (GDataInputStream) input = NULL;
  gboolean stays = TRUE;

  if (self->certificate != NULL)
    {
      g_object_unref (stream);
      stream = g_tls_server_connection_new (G_IO_STREAM (connection), self->certificate, NULL);
    }
  g_mutex_lock (&self->lock);
  self->connections++;
  g_mutex_unlock (&self->lock);
  input = g_data_input_stream_new (g_io_stream_get_input_stream (stream));
  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  while (stays)
    {
      g_autofree char *path = read_request (input);

      if (path == NULL)
        break;
      g_mutex_lock (&self->lock);
      self->requests++;
      g_string_append_c (self->order, path[strlen (path) - 1]);
      g_mutex_unlock (&self->lock);
      stays = answer (self, path, g_io_stream_get_output_stream (stream));
    }
  g_io_stream_close (stream, NULL, NULL);
  return TRUE;
}

static void
make_certificate (Vendor *self)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *ca = air_x509_issue_ca (ca_key, "Test", now - 60, now + 3600, &error);
  g_autofree char *pem = air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (key), "vendor", NULL, names,
                                              now - 60, now + 3600, &error);
  g_autofree char *key_pem = air_private_key_to_pem (key);

  g_assert_no_error (error);
  self->certificate = air_tls_certificate_new (pem, key_pem, &error);
  self->database = air_tls_database_new (ca, &error);
  g_assert_no_error (error);
}

static void
set_up (Vendor *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *destination = NULL;
  g_autoptr (AirEgress) egress = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  guint16 port;

  g_mutex_init (&self->lock);
  self->order = g_string_new (NULL);
  if (data != NULL)
    make_certificate (self);
  self->service = g_threaded_socket_service_new (20);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  g_signal_connect (self->service, "run", G_CALLBACK (run_cb), self);
  g_socket_service_start (self->service);
  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->base = g_strdup_printf ("%s://127.0.0.1:%u", data != NULL ? "https" : "http", port);
  destination = g_strdup_printf ("127.0.0.1:%u", port);
  egress = air_egress_new ((const char *[]) { destination, NULL }, &error);
  g_assert_no_error (error);
  self->transport = air_http_transport_new (egress, 1);
  if (self->database != NULL)
    air_http_transport_set_authorities (AIR_HTTP_TRANSPORT (self->transport), self->database);
}

static void
tear_down (Vendor *self, gconstpointer data)
{
  g_clear_object (&self->transport);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  g_clear_object (&self->certificate);
  g_clear_object (&self->database);
  /* The threads see their connections end. */
  g_usleep (20000);
  g_string_free (self->order, TRUE);
  g_free (self->base);
  g_mutex_clear (&self->lock);
}

typedef struct {
  guint ended;
  GString *order;
} Asked;

typedef struct {
  Asked *asked;
  char letter;
  AirHttpResponse *response;
  GError *error;
} Question;

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;

  question->response = air_transport_send_finish (AIR_TRANSPORT (source), result, &question->error);
  question->asked->ended++;
  g_string_append_c (question->asked->order, question->letter);
}

static void
ask (Vendor *self,
     Question *question,
     const char *method,
     const char *path,
     guint timeout_ms,
     GCancellable *cancellable)
{
  g_autofree char *url = g_strconcat (self->base, path, NULL);
  AirHttpRequest *request = air_http_request_new (method, url);

  if (!g_str_equal (method, "GET"))
    request->body = g_bytes_new_static ("{}", 2);
  question->letter = path[strlen (path) - 1];
  air_transport_send_async (self->transport, request, timeout_ms, cancellable, asked_cb, question);
  air_http_request_free (request);
}

static void
wait_for (Asked *asked, guint n)
{
  while (asked->ended < n)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
ask_one (Vendor *self, const char *method, const char *path, GError **error)
{
  Asked asked = { 0, g_string_new (NULL) };
  Question question = { &asked };
  gboolean ok;

  ask (self, &question, method, path, 5000, NULL);
  wait_for (&asked, 1);
  ok = question.response != NULL;
  air_http_response_free (question.response);
  if (question.error != NULL)
    g_propagate_error (error, question.error);
  g_string_free (asked.order, TRUE);
  return ok;
}

static void
assert_counts (Vendor *self, guint connections, guint requests)
{
  g_mutex_lock (&self->lock);
  g_assert_cmpuint (self->connections, ==, connections);
  g_assert_cmpuint (self->requests, ==, requests);
  g_mutex_unlock (&self->lock);
}

static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "PATCH" };

static void
test_kept (Vendor *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_assert_true (ask_one (self, methods[i], "/ok", &error));
  assert_counts (self, 1, G_N_ELEMENTS (methods));
}

/* Whatever the method: it reached the vendor, so nobody here sends it again. */
static void
test_dropped (Vendor *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (ask_one (self, methods[i], "/ok", &error));
      g_assert_false (ask_one (self, methods[i], i % 2 == 0 ? "/drop" : "/cut", &error));
      g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN);
      assert_counts (self, i + 1, 2 * (i + 1));
    }
}

/* A vendor that leaves between two requests costs nobody an answer. */
static void
test_left (Vendor *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (ask_one (self, methods[i], i % 2 == 0 ? "/leave" : "/brief", &error));
      g_usleep (20000);
      g_assert_no_error (error);
    }
  assert_counts (self, G_N_ELEMENTS (methods), G_N_ELEMENTS (methods));
}

/* What nobody asked for is never taken for an answer. */
static void
test_extra (Vendor *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ask_one (self, "GET", "/extra", &error));
  g_assert_true (ask_one (self, "GET", "/ok", &error));
  assert_counts (self, 2, 2);
}

static void
test_order (Vendor *self, gconstpointer data)
{
  static const char *const paths[] = { "/slow/a", "/b", "/slow/c", "/d", "/e" };
  Asked asked = { 0, g_string_new (NULL) };
  Question questions[5] = { 0 };

  for (guint i = 0; i < 5; i++)
    {
      questions[i].asked = &asked;
      ask (self, &questions[i], "POST", paths[i], 5000, NULL);
    }
  wait_for (&asked, 5);
  g_assert_cmpstr (asked.order->str, ==, "abcde");
  g_assert_cmpstr (self->order->str, ==, "abcde");
  assert_counts (self, 1, 5);
  for (guint i = 0; i < 5; i++)
    air_http_response_free (questions[i].response);
  g_string_free (asked.order, TRUE);
}

/* One is on its way, one waits, one came too late: only the first can have happened. */
static void
test_given_up (Vendor *self, gconstpointer data)
{
  Asked asked = { 0, g_string_new (NULL) };
  Question going = { &asked }, waiting = { &asked }, late = { &asked }, dead = { &asked };
  g_autoptr (GCancellable) cancellable = g_cancellable_new (), cancelled = g_cancellable_new ();

  g_assert_true (ask_one (self, "GET", "/ok", NULL));
  g_cancellable_cancel (cancelled);
  ask (self, &dead, "GET", "/dead", 5000, cancelled);
  wait_for (&asked, 1);
  ask (self, &going, "POST", "/slow/g", 5000, cancellable);
  ask (self, &waiting, "POST", "/w", 5000, cancellable);
  ask (self, &late, "POST", "/l", 10, NULL);
  wait_for (&asked, 2);
  g_cancellable_cancel (cancellable);
  wait_for (&asked, 4);
  g_assert_error (dead.error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT);
  g_assert_error (going.error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_UNKNOWN);
  g_assert_error (waiting.error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT);
  g_assert_error (late.error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT);
  g_assert_cmpuint (asked.order->str[1], ==, 'l');
  /* The next one is served. */
  g_assert_true (ask_one (self, "GET", "/ok", NULL));
  g_clear_error (&dead.error);
  g_clear_error (&going.error);
  g_clear_error (&waiting.error);
  g_clear_error (&late.error);
  g_string_free (asked.order, TRUE);
}

static void
test_stranger (Vendor *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* Not an authority of the system. */
  air_http_transport_set_authorities (AIR_HTTP_TRANSPORT (self->transport), NULL);
  g_assert_false (ask_one (self, "POST", "/ok", &error));
  g_assert_error (error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_NOT_SENT);
  g_mutex_lock (&self->lock);
  g_assert_cmpuint (self->requests, ==, 0);
  g_mutex_unlock (&self->lock);
}

static void
test_refused (Vendor *self, gconstpointer data)
{
  static const char *const headers[][2] = {
    { "Host", "elsewhere" }, { "Content-Length", "0" }, { "Transfer-Encoding", "chunked" }, { "X", "a\r\nB: c" },
    { "X Y", "z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      Asked asked = { 0, g_string_new (NULL) };
      Question question = { &asked };
      AirHttpRequest *request = air_http_request_new ("POST", self->base);

      air_http_request_add_header (request, headers[i][0], headers[i][1], FALSE);
      air_transport_send_async (self->transport, request, 1000, NULL, asked_cb, &question);
      wait_for (&asked, 1);
      g_assert_error (question.error, AIR_TRANSPORT_ERROR, AIR_TRANSPORT_ERROR_REFUSED);
      g_clear_error (&question.error);
      air_http_request_free (request);
      g_string_free (asked.order, TRUE);
    }
  assert_counts (self, 0, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, tls, func) g_test_add ("/components/connections/" path, Vendor, tls, set_up, func, tear_down)
  ADD ("kept", NULL, test_kept);
  ADD ("dropped", NULL, test_dropped);
  ADD ("left", NULL, test_left);
  ADD ("extra", NULL, test_extra);
  ADD ("order", NULL, test_order);
  ADD ("given-up", NULL, test_given_up);
  ADD ("refused", NULL, test_refused);
  ADD ("tls/kept", "tls", test_kept);
  ADD ("tls/dropped", "tls", test_dropped);
  ADD ("tls/left", "tls", test_left);
  ADD ("tls/stranger", "tls", test_stranger);
#undef ADD
  return g_test_run ();
}
