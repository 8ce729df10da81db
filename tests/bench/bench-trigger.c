/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-bench"

#include "config.h"

#include "bench.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/air-json.h"
#include "base/air-key.h"
#include "base/air-x509.h"
#include "runtime/air-api.h"
#include "wire/air-http-server.h"
#include "wire/air-tls.h"

/* The whole front door: mutual TLS 1.3, HTTP, JSON, schema, dedup, and the trigger durable before the answer. The client has a thread of its own. */
#define CLIENT "airails://bench/systems/shop"

static const char plan_text[] =
    "{\"v\":1,\"workflow\":\"bench\",\"version\":\"1.0.0\",\"title\":\"Bench\",\"trigger\":\"begin\",\"nodes\":{"
    "\"begin\":{\"id\":\"begin\",\"kind\":\"trigger\",\"trigger\":{\"type\":\"webhook\",\"event_type\":\"bench.asked\","
    "\"dedup\":\"event.data.id\","
    "\"input\":{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\"},\"amount_"
    "minor\":{\"type\":\"integer\"}}}},"
    "\"next\":{\"out\":{\"edge\":\"e\",\"to\":\"done\"}}},"
    "\"done\":{\"id\":\"done\",\"kind\":\"end\",\"outcome\":\"completed\",\"output\":{\"id\":\"${trigger.id}\"}}},"
    "\"operations\":{},\"connectors\":{},\"policies\":{},\"guards\":{}}";

typedef struct {
  char *url;
  GTlsDatabase *database;
  GTlsCertificate *certificate;
  guint concurrency;
  double seconds;
  SoupSession *session;
  GMainLoop *loop;
  guint running;
  guint64 sent;
  gint64 until_us;
  BenchSamples samples;
  double took;
  GMainContext *server;
  gboolean *done;
} Client;

typedef struct {
  Client *client;
  gint64 began_us;
} Post;

static void post (Client *self);

static void
posted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Post *request = user_data;
  Client *self = request->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);

  if (error != NULL || soup_message_get_status (message) != 202)
    g_error ("a trigger was not taken: %s",
             error != NULL ? error->message : (const char *) g_bytes_get_data (bytes, NULL));
  bench_samples_add (&self->samples, g_get_monotonic_time () - request->began_us);
  self->running--;
  if (g_get_monotonic_time () < self->until_us)
    post (self);
  else if (self->running == 0)
    g_main_loop_quit (self->loop);
}

static void
post (Client *self)
{
  g_autoptr (SoupMessage) message = soup_message_new ("POST", self->url);
  g_autofree char *body = g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"%" G_GUINT64_FORMAT
                                           "\",\"source\":\"bench\",\"type\":\"bench.asked\","
                                           "\"data\":{\"id\":\"r-%" G_GUINT64_FORMAT "\",\"amount_minor\":4999}}",
                                           self->sent, self->sent);
  g_autofree char *key = g_strdup_printf ("k-%" G_GUINT64_FORMAT, self->sent++);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  Post *request = g_new (Post, 1);

  soup_message_set_tls_client_certificate (message, self->certificate);
  soup_message_set_request_body_from_bytes (message, "application/cloudevents+json", bytes);
  soup_message_headers_append (soup_message_get_request_headers (message), "Idempotency-Key", key);
  /* The connection is kept for a POST only when it may be sent again, which its key makes harmless. */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  request->client = self;
  request->began_us = g_get_monotonic_time ();
  self->running++;
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, NULL, posted_cb, request);
}

static gpointer
client_thread (gpointer data)
{
  Client *self = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  gint64 start;

  g_main_context_push_thread_default (context);
  self->loop = g_main_loop_new (context, FALSE);
  self->session = g_object_new (SOUP_TYPE_SESSION, "proxy-resolver", NULL, "tls-database", self->database, "max-conns",
                                (int) self->concurrency, "max-conns-per-host", (int) self->concurrency, NULL);
  for (guint round = 0; round < 2; round++) /* the first opens the connections */
    {
      bench_samples_clear (&self->samples);
      start = g_get_monotonic_time ();
      self->until_us = start + (round == 0 ? MIN (1, self->seconds / 4) : self->seconds) * G_USEC_PER_SEC;
      for (guint i = 0; i < self->concurrency; i++)
        post (self);
      g_main_loop_run (self->loop);
      self->took = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
    }
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_main_loop_unref (self->loop);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (self->done, TRUE);
  g_main_context_wakeup (self->server);
  return NULL;
}

/* --- the server --- */

static AirProblem *
authorize (AirRequest *request, gpointer user_data)
{
  return NULL;
}

static const char *
connector_of (gpointer performer, const char *id)
{
  return NULL;
}

typedef struct {
  AirPrivateKey *ca_key;
  char *ca;
  GTlsDatabase *database;
  GTlsCertificate *server;
  GTlsCertificate *client;
} Papers;

static GTlsCertificate *
issue (Papers *self, const char *uri, const char *const *names, GError **error)
{
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ECDSA_P256, error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *pem = NULL, *key_pem = NULL;

  if (key == NULL)
    return NULL;
  pem = air_x509_issue_leaf (self->ca_key, self->ca, air_private_key_get_public (key), "bench", uri, names, now - 60,
                             now + 3600, error);
  key_pem = air_private_key_to_pem (key);
  return pem != NULL ? air_tls_certificate_new (pem, key_pem, error) : NULL;
}

static gboolean
make_papers (Papers *self, GError **error)
{
  static const char *const names[] = { "127.0.0.1", NULL };
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  self->ca_key = air_private_key_generate (AIR_KEY_ECDSA_P256, error);
  if (self->ca_key == NULL
      || (self->ca = air_x509_issue_ca (self->ca_key, "Bench", now - 60, now + 3600, error)) == NULL)
    return FALSE;
  self->database = air_tls_database_new (self->ca, error);
  return self->database != NULL && (self->server = issue (self, NULL, names, error)) != NULL
         && (self->client = issue (self, CLIENT, NULL, error)) != NULL;
}

static void
papers_clear (Papers *self)
{
  g_clear_pointer (&self->ca_key, air_private_key_unref);
  g_clear_pointer (&self->ca, g_free);
  g_clear_object (&self->database);
  g_clear_object (&self->server);
  g_clear_object (&self->client);
}

static void
report (Bench *bench, Client *client, double cpu, guint64 commits, guint64 connections)
{
  double n = client->samples.n, rate = n / client->took, p50 = bench_samples_quantile (&client->samples, 0.5),
         p99 = bench_samples_quantile (&client->samples, 0.99);
  AirValue *row = air_map_new ();

  g_print ("%5u %12.0f %8.2f %8.2f %8.3f %9.3f %9" G_GUINT64_FORMAT "\n", client->concurrency, rate, p50, p99,
           cpu * 1000 / n, commits / n, connections);
  air_map_set_string (row, "name", "trigger");
  air_map_set_int (row, "concurrency", client->concurrency);
  air_map_set (row, "requests_per_s", air_value_new_double (rate));
  air_map_set (row, "p50_ms", air_value_new_double (p50));
  air_map_set (row, "p99_ms", air_value_new_double (p99));
  air_map_set (row, "cpu_ms_per_request", air_value_new_double (cpu * 1000 / n));
  air_map_set_int (row, "connections_opened", connections);
  air_list_append (bench->rows, row);
}

static void
measure (Bench *bench, AirHost *host, AirHttpServer *server, Papers *papers, guint concurrency)
{
  gboolean done = FALSE;
  Client client = { .database = papers->database,
                    .certificate = papers->client,
                    .concurrency = concurrency,
                    .seconds = bench->seconds,
                    .server = g_main_context_default (),
                    .done = &done };
  AirWriterCounters before, after;
  GThread *thread;
  double cpu = bench_cpu_seconds ();
  guint64 opened = air_http_server_get_accepted (server);

  client.url = g_strdup_printf ("https://%s/v1/triggers/begin", air_http_server_get_address (server));
  client.sent = (guint64) concurrency << 32;
  air_writer_get_counters (air_host_get_writer (host), &before);
  thread = g_thread_new ("client", client_thread, &client);
  while (!g_atomic_int_get (&done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  air_writer_get_counters (air_host_get_writer (host), &after);
  report (bench, &client, bench_cpu_seconds () - cpu, after.commits - before.commits,
          air_http_server_get_accepted (server) - opened);
  bench_samples_clear (&client.samples);
  g_free (client.url);
}

gboolean
bench_trigger (Bench *bench, GError **error)
{
  static const guint concurrencies[] = { 1, 16, 64 };
  g_autofree char *state = g_build_filename (bench->directory, "trigger", NULL);
  g_autoptr (AirValue) document = air_json_parse (plan_text, strlen (plan_text), error);
  g_autoptr (AirPrivateKey) key = air_private_key_generate (AIR_KEY_ED25519, error);
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (AirHttpServer) server = NULL;
  AirPerformer performer = { connector_of, NULL, NULL };
  AirHostOptions host_options = {
    .performer = &performer, .state = state, .origin = "bench.example/trigger", .ledger_key = key
  };
  AirHttpServerOptions options = { .authorize = authorize };
  AirArtifactView view = { 0 };
  Papers papers = { 0 };
  AirHost *host = NULL;
  AirApi *api = NULL;
  gboolean done;

  done = document != NULL && key != NULL
         && (host_options.plan = plan = air_plan_load (
                 document, "sha256:0000000000000000000000000000000000000000000000000000000000000000", error))
                != NULL
         && make_papers (&papers, error) && (host = air_host_new (&host_options, error)) != NULL
         && air_host_start (host, error);
  if (done)
    {
      api = air_api_new (host, &view);
      options.routes = air_api_get_routes (&options.n_routes);
      options.certificate = papers.server;
      options.clients = papers.database;
      options.user_data = api;
      server = air_http_server_new (&options);
      done = air_http_server_listen (server, "127.0.0.1:0", error);
    }
  if (done)
    {
      g_print ("\nA trigger over mutual TLS 1.3 on kept-alive connections, durable before the answer; client and "
               "server share the machine.\n");
      g_print ("%5s %12s %8s %8s %8s %9s %9s\n", "conns", "requests/s", "p50 ms", "p99 ms", "cpu ms", "syncs/rq",
               "opened");
      for (guint i = 0; i < G_N_ELEMENTS (concurrencies); i++)
        if (bench->concurrency == 0 || bench->concurrency == (int) concurrencies[i])
          measure (bench, host, server, &papers, concurrencies[i]);
    }
  if (server != NULL)
    air_http_server_close (server);
  g_clear_pointer (&api, air_api_free);
  g_clear_pointer (&host, air_host_free);
  papers_clear (&papers);
  bench_remove (state);
  return done;
}
