/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "base/air-x509.h"
#include "wire/air-http-server.h"
#include "wire/air-idempotency.h"
#include "wire/air-tls.h"

#define BO  "airails://test/people/bo"
#define ANA "airails://test/people/ana"

/* --- routes --- */

static void
nothing_cb (AirRequest *request, gpointer user_data)
{
}

static void
test_router (void)
{
  static const AirRoute routes[] = {
    { "GET", "/v1/runs", 0, AIR_BODY_NONE, nothing_cb },
    { "GET", "/v1/runs/{run}", 0, AIR_BODY_NONE, nothing_cb },
    { "POST", "/v1/runs/{run}", 0, AIR_BODY_JSON, nothing_cb },
    { "GET", "/v1/tile/{path...}", 0, AIR_BODY_NONE, nothing_cb },
  };
  g_autoptr (AirRouter) router = air_router_new (routes, G_N_ELEMENTS (routes));
  g_autoptr (GHashTable) params = NULL, rest = NULL;
  g_autofree char *allow = NULL, *none = NULL;

  g_assert_true (air_router_match (router, "GET", "/v1/runs/a%2Fb", &params, &allow) == &routes[1]);
  g_assert_cmpstr (g_hash_table_lookup (params, "run"), ==, "a%2Fb");
  g_assert_true (air_router_match (router, "GET", "/v1/tile/0/x001/234", &rest, &allow) == &routes[3]);
  g_assert_cmpstr (g_hash_table_lookup (rest, "path"), ==, "0/x001/234");
  g_assert_null (air_router_match (router, "PUT", "/v1/runs/a", NULL, &allow));
  g_assert_cmpstr (allow, ==, "GET, POST");
  g_assert_null (air_router_match (router, "GET", "/v1/runs/", NULL, &none));
  g_assert_null (none);
  g_assert_null (air_router_match (router, "GET", "/v1/runs/a/b", NULL, &none));
  g_assert_null (none);
}

static void
test_idempotency (void)
{
  g_autoptr (AirIdempotency) answers = air_idempotency_new (2);
  g_autoptr (GBytes) one = g_bytes_new_static ("1", 1), two = g_bytes_new_static ("2", 1);
  const AirAnswer *answer = NULL;

  g_assert_cmpint (air_idempotency_begin (answers, "k", one, &answer), ==, AIR_IDEMPOTENCY_NEW);
  g_assert_cmpint (air_idempotency_begin (answers, "k", one, &answer), ==, AIR_IDEMPOTENCY_BUSY);
  air_idempotency_store (answers, "k", 202, "text/plain", two);
  g_assert_cmpint (air_idempotency_begin (answers, "k", two, &answer), ==, AIR_IDEMPOTENCY_CHANGED);
  g_assert_cmpint (air_idempotency_begin (answers, "k", one, &answer), ==, AIR_IDEMPOTENCY_REPEATED);
  g_assert_cmpuint (answer->status, ==, 202);
  g_assert_true (g_bytes_equal (answer->body, two));
  g_assert_cmpint (air_idempotency_begin (answers, "l", one, &answer), ==, AIR_IDEMPOTENCY_NEW);
  g_assert_cmpint (air_idempotency_begin (answers, "m", one, &answer), ==, AIR_IDEMPOTENCY_NEW);
  g_assert_cmpint (air_idempotency_begin (answers, "k", one, &answer), ==, AIR_IDEMPOTENCY_NEW); /* the oldest went */
}

static void
test_problem (void)
{
  g_autoptr (GError) error = g_error_new_literal (AIR_WIRE_ERROR, AIR_WIRE_ERROR_TLS, "line 3: no such thing; add it");
  g_autoptr (AirProblem) made = air_problem_new_error (422, "bad", error), other = air_problem_parse (500, "<html>", 6);
  g_autofree char *text = air_problem_to_text (made);

  g_assert_cmpstr (made->detail, ==, "line 3: no such thing");
  g_assert_cmpstr (made->mend, ==, "add it");
  g_assert_cmpstr (text, ==, "line 3: no such thing; add it");
  g_assert_cmpuint (other->status, ==, 500);
  g_assert_nonnull (other->detail);
}

static void
test_members (void)
{
  static const AirMember members[] = { { "action", AIR_MEMBER_TEXT, TRUE }, { "reason", AIR_MEMBER_TEXT }, { NULL } };
  static const struct {
    const char *body;
    gboolean good;
  } cases[] = {
    { "{\"action\":\"a\"}", TRUE },
    { "{\"action\":\"a\",\"reason\":\"b\"}", TRUE },
    { "{\"reason\":\"b\"}", FALSE },
    { "{\"action\":\"a\",\"more\":1}", FALSE },
    { "{\"action\":\"a\",\"reason\\u0000\":\"b\"}", FALSE },
    { "{\"action\":\"a\\u0000b\"}", FALSE },
    { "{\"action\":7}", FALSE },
    { "[]", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) body = air_json_parse (cases[i].body, strlen (cases[i].body), NULL);
      g_autoptr (AirProblem) problem = air_members_check (members, body);

      g_test_message ("%s: %s", cases[i].body, problem != NULL ? problem->detail : "fine");
      g_assert_cmpint (problem == NULL, ==, cases[i].good);
    }
}

/* --- the front door --- */

typedef struct {
  char *ca;
  GTlsDatabase *database;
  AirPrivateKey *ca_key;
  GTlsCertificate *server_certificate, *client_certificate;
  AirHttpServer *server;
  guint asked;
} Door;

static void
hello_cb (AirRequest *request, gpointer user_data)
{
  Door *self = user_data;

  self->asked++;
  if (strcmp (air_request_get_peer (request), BO) != 0)
    g_assert_cmpstr (air_request_get_peer (request), ==, ANA);
  air_request_respond_text (request, 200, "text/plain", "hello");
}

static const AirRoute hello_routes[] = { { "GET", "/hello", 0, AIR_BODY_NONE, hello_cb } };

static GTlsCertificate *
issue_for (AirPrivateKey *ca_key, const char *ca, const char *uri, const char *const *names, gint64 from_s, gint64 to_s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *pem = air_x509_issue_leaf (ca_key, ca, air_private_key_get_public (key), "x", uri, names,
                                              now + from_s, now + to_s, &error);
  g_autofree char *key_pem = air_private_key_to_pem (key);
  GTlsCertificate *certificate;

  g_assert_no_error (error);
  certificate = air_tls_certificate_new (pem, key_pem, &error);
  g_assert_no_error (error);
  return certificate;
}

static GTlsCertificate *
issue (AirPrivateKey *ca_key, const char *ca, const char *uri, const char *const *names)
{
  return issue_for (ca_key, ca, uri, names, -60, 3600);
}

static void
door_set_up (Door *self, gconstpointer data)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, &error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  AirHttpServerOptions options = { .routes = hello_routes, .n_routes = 1, .user_data = self };

  options.max_connections = GPOINTER_TO_UINT (data);
  self->ca_key = air_private_key_ref (key);
  self->ca = air_x509_issue_ca (key, "Test", now - 60, now + 3600, &error);
  self->database = air_tls_database_new (self->ca, &error);
  g_assert_no_error (error);
  self->server_certificate = issue (key, self->ca, NULL, names);
  self->client_certificate = issue (key, self->ca, ANA, NULL);
  options.certificate = self->server_certificate;
  options.clients = self->database;
  self->server = air_http_server_new (&options);
  air_http_server_listen (self->server, "127.0.0.1:0", &error);
  g_assert_no_error (error);
}

static void
door_tear_down (Door *self, gconstpointer data)
{
  air_http_server_close (self->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->server);
  g_object_unref (self->database);
  g_object_unref (self->server_certificate);
  g_object_unref (self->client_certificate);
  air_private_key_unref (self->ca_key);
  g_free (self->ca);
}

typedef struct {
  gboolean done;
  gboolean keep; /* the connection stays open */
  GIOStream *connection;
  char *text;
  GError *error;
} Talk;

/* Says hello over a connection of our own; the library under test must not decide what it is told. */
static gpointer
talk_thread (gpointer data)
{
  struct {
    Door *door;
    GTlsCertificate *certificate;
    Talk *talk;
  } *job = data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) socket = NULL;
  g_autoptr (GSocketConnectable) identity = g_network_address_new ("127.0.0.1", 0);
  g_autoptr (GIOStream) tls = NULL;
  Talk *talk = job->talk;
  char buffer[4096] = "";
  gssize n;

  g_socket_client_set_enable_proxy (client, FALSE);
  socket =
      g_socket_client_connect_to_host (client, air_http_server_get_address (job->door->server), 0, NULL, &talk->error);
  g_assert_no_error (talk->error);
  tls = g_tls_client_connection_new (G_IO_STREAM (socket), identity, NULL);
  g_tls_connection_set_database (G_TLS_CONNECTION (tls), job->door->database);
  if (job->certificate != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (tls), job->certificate);
  if (g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, &talk->error)
      && g_output_stream_write_all (g_io_stream_get_output_stream (tls), "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 32,
                                    NULL, NULL, &talk->error)
      && (n = g_input_stream_read (g_io_stream_get_input_stream (tls), buffer, sizeof buffer - 1, NULL, &talk->error))
             > 0)
    talk->text = g_strndup (buffer, n);
  if (talk->keep && talk->text != NULL)
    talk->connection = g_steal_pointer (&tls);
  g_atomic_int_set (&talk->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* @close: the server closes as soon as the connection is there, in the middle of its handshake. */
static Talk
talk_and_close (Door *self, GTlsCertificate *certificate, gboolean keep, gboolean close)
{
  Talk talk = { .keep = keep };
  struct {
    Door *door;
    GTlsCertificate *certificate;
    Talk *talk;
  } job = { self, certificate, &talk };
  GThread *thread = g_thread_new ("talk", talk_thread, &job);

  while (close && air_http_server_get_accepted (self->server) == 0)
    g_main_context_iteration (NULL, TRUE);
  if (close)
    air_http_server_close (self->server);
  while (!g_atomic_int_get (&talk.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  return talk;
}

static Talk
talk (Door *self, GTlsCertificate *certificate)
{
  return talk_and_close (self, certificate, FALSE, FALSE);
}

static void
talk_clear (Talk *self)
{
  g_clear_error (&self->error);
  if (self->connection != NULL)
    g_io_stream_close (self->connection, NULL, NULL);
  g_clear_object (&self->connection);
  g_free (self->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Talk, talk_clear)

static void
test_known_client (Door *self, gconstpointer data)
{
  g_auto (Talk) answer = talk (self, self->client_certificate);

  g_assert_no_error (answer.error);
  g_assert_true (g_str_has_prefix (answer.text, "HTTP/1.1 200"));
  g_assert_cmpuint (self->asked, ==, 1);
}

static void
test_no_certificate (Door *self, gconstpointer data)
{
  g_auto (Talk) answer = talk (self, NULL);

  g_assert_null (answer.text);
  g_assert_cmpuint (self->asked, ==, 0);
}

static void
test_closed_in_handshake (Door *self, gconstpointer data)
{
  g_auto (Talk) answer = talk_and_close (self, self->client_certificate, FALSE, TRUE);

  g_assert_null (answer.text);
  g_assert_cmpuint (self->asked, ==, 0);
}

/* Signed by whom we trust, or seeming so, and good for nothing here. */
static void
test_bad_certificates (Door *self, gconstpointer data)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  g_autoptr (AirPrivateKey) other = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *same_name = air_x509_issue_ca (other, "Test", now - 60, now + 3600, NULL);
  const struct {
    const char *what;
    GTlsCertificate *certificate;
  } cases[] = {
    { "expired", issue_for (self->ca_key, self->ca, ANA, NULL, -7200, -3600) },
    { "not valid yet", issue_for (self->ca_key, self->ca, ANA, NULL, 3600, 7200) },
    { "a server's", issue (self->ca_key, self->ca, ANA, names) },
    { "of another authority of that name", issue (other, same_name, ANA, NULL) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Talk) answer = talk (self, cases[i].certificate);

      g_test_message ("%s: %s", cases[i].what, answer.error != NULL ? answer.error->message : answer.text);
      g_assert_true (answer.text == NULL || g_str_has_prefix (answer.text, "HTTP/1.1 401"));
      g_object_unref (cases[i].certificate);
    }
  g_assert_cmpuint (self->asked, ==, 0);
}

/* More of them than there may be connections, none of whom says who they are. */
static void
test_silent_strangers (Door *self, gconstpointer data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GPtrArray) strangers = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (Talk) answer = { 0 };

  g_socket_client_set_enable_proxy (client, FALSE);
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GError) error = NULL;
      GSocketConnection *stranger =
          g_socket_client_connect_to_host (client, air_http_server_get_address (self->server), 0, NULL, &error);

      g_assert_no_error (error);
      /* Some begin to speak, some in another tongue. */
      if (i % 3 == 0)
        g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (stranger)), "\x16\x03\x01\x02\x00\x01", 6,
                               NULL, NULL);
      else if (i % 3 == 1)
        g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (stranger)), "GET / HTTP/1.1\r\n\r\n", 18,
                               NULL, NULL);
      g_ptr_array_add (strangers, stranger);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  answer = talk (self, self->client_certificate);
  g_assert_no_error (answer.error);
  g_assert_true (g_str_has_prefix (answer.text, "HTTP/1.1 200"));
}

/* A connection that has ended is gone, with all that was asked over it: many come after each other. */
static void
test_many_after_each_other (Door *self, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_auto (Talk) answer = talk_and_close (self, self->client_certificate, TRUE, FALSE);

      g_assert_no_error (answer.error);
      g_assert_true (g_str_has_prefix (answer.text, "HTTP/1.1 200"));
    }
}

/* Who takes all they can get leaves enough for the others. */
static void
test_one_identity (Door *self, gconstpointer data)
{
  g_autoptr (GTlsCertificate) bo = issue (self->ca_key, self->ca, BO, NULL);
  Talk first = talk_and_close (self, self->client_certificate, TRUE, FALSE),
       second = talk_and_close (self, self->client_certificate, TRUE, FALSE);
  g_auto (Talk) third = talk (self, self->client_certificate), other = talk (self, bo), again = { 0 };

  g_assert_nonnull (first.text);
  g_assert_nonnull (second.text);
  g_assert_null (third.text);
  g_assert_true (g_str_has_prefix (other.text, "HTTP/1.1 200"));
  talk_clear (&first);
  for (guint tries = 0; again.text == NULL && tries < 100; tries++)
    {
      talk_clear (&again);
      again = (Talk) { 0 };
      again = talk (self, self->client_certificate);
    }
  g_assert_nonnull (again.text);
  talk_clear (&second);
}

/* This process offers TLS 1.2 and nothing newer, and so the handshake itself would come to it. */
static void
test_old_tls (void)
{
  Door door = { 0 };

  if (g_test_subprocess ())
    {
      g_auto (Talk) answer = { 0 };

      g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.2", TRUE);
      door_set_up (&door, NULL);
      answer = talk (&door, door.client_certificate);
      g_assert_null (answer.text);
      g_assert_cmpuint (door.asked, ==, 0);
      door_tear_down (&door, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*without TLS 1.3*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/wire/router", test_router);
  g_test_add_func ("/wire/idempotency", test_idempotency);
  g_test_add_func ("/wire/problem", test_problem);
  g_test_add_func ("/wire/members", test_members);
  g_test_add ("/wire/door/known", Door, NULL, door_set_up, test_known_client, door_tear_down);
  g_test_add ("/wire/door/no-certificate", Door, NULL, door_set_up, test_no_certificate, door_tear_down);
  g_test_add ("/wire/door/closed-in-handshake", Door, NULL, door_set_up, test_closed_in_handshake, door_tear_down);
  g_test_add ("/wire/door/bad-certificates", Door, NULL, door_set_up, test_bad_certificates, door_tear_down);
  g_test_add ("/wire/door/silent-strangers", Door, GUINT_TO_POINTER (8), door_set_up, test_silent_strangers,
              door_tear_down);
  g_test_add ("/wire/door/many-after-each-other", Door, GUINT_TO_POINTER (16), door_set_up, test_many_after_each_other,
              door_tear_down);
  g_test_add ("/wire/door/one-identity", Door, GUINT_TO_POINTER (8), door_set_up, test_one_identity, door_tear_down);
  g_test_add_func ("/wire/door/old-tls", test_old_tls);
  return g_test_run ();
}
