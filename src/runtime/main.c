/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/air-memory.h"
#include "runtime/air-deployment.h"
#include "runtime/air-performer.h"
#include "wire/air-http-server.h"
#include "wire/air-tls.h"

/* sysexits.h, so that whoever starts us can tell a refusal from an accident. */
#define EXIT_USAGE   64
#define EXIT_REFUSED 65 /* the artifact, the trust roots or the configuration */
#define EXIT_STATE   74 /* the state directory or its ledger */
#define EXIT_ADDRESS 69

#define DRAIN_LIMIT_S  20
#define DRAIN_CHECK_MS 20

typedef struct {
  AirDeployment *deployment;
  AirOperations *operations;
  AirHost *host;
  AirApi *api;
  AirNotary *notary;
  AirHttpServer *server;
  GMainLoop *loop;
  char *address_file;
  gint64 drain_until_us;
  gboolean stopping;
} Runtime;

static void
runtime_clear (Runtime *self)
{
  if (self->address_file != NULL)
    unlink (self->address_file);
  if (self->server != NULL)
    air_http_server_close (self->server);
  g_clear_pointer (&self->notary, air_notary_free); /* exports that wait for it end now */
  g_clear_pointer (&self->api, air_api_free);
  g_clear_pointer (&self->host, air_host_free);
  g_clear_object (&self->server);
  g_clear_pointer (&self->operations, air_operations_free);
  g_clear_pointer (&self->deployment, air_deployment_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self->address_file);
}

static gboolean
drained_cb (gpointer user_data)
{
  Runtime *self = user_data;
  gboolean idle = air_host_is_idle (self->host) && air_http_server_get_open (self->server) == 0;

  if (!idle && g_get_monotonic_time () < self->drain_until_us)
    return G_SOURCE_CONTINUE;
  if (!idle)
    g_message ("what is still under way is left to the next start");
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* Takes no more, finishes what vendors were asked, and goes; what is open the next start takes up. */
static gboolean
stop_cb (gpointer user_data)
{
  Runtime *self = user_data;

  if (self->stopping)
    return G_SOURCE_CONTINUE;
  self->stopping = TRUE;
  g_message ("stopping");
  air_http_server_stop (self->server);
  air_api_close (self->api);
  air_host_drain (self->host);
  self->drain_until_us = g_get_monotonic_time () + DRAIN_LIMIT_S * G_USEC_PER_SEC;
  g_timeout_add (DRAIN_CHECK_MS, drained_cb, self);
  return G_SOURCE_CONTINUE;
}

/* The trust roots anew: all of them, or none. */
static gboolean
reload_cb (gpointer user_data)
{
  Runtime *self = user_data;
  g_autoptr (GError) error = NULL;
  AirTrust *trust, *before = self->deployment->trust;

  if (self->stopping)
    return G_SOURCE_CONTINUE;
  trust = air_deployment_reload_trust (self->deployment, &error);
  if (trust == NULL)
    {
      g_warning ("the trust roots stay as they were: %s", error->message);
      return G_SOURCE_CONTINUE;
    }
  if (air_digest_equal (&trust->digest, &before->digest))
    {
      g_message ("the trust roots are what they were");
      air_trust_free (trust);
      return G_SOURCE_CONTINUE;
    }
  self->deployment->trust = trust;
  air_host_change_trust (self->host, trust);
  air_trust_free (before);
  air_api_trust_changed (self->api);
  g_message ("the trust roots were changed: %u people, %u signers", trust->people->len, trust->signers->len);
  return G_SOURCE_CONTINUE;
}

static int
open_host (Runtime *self, GError **error)
{
  AirDeployment *deployment = self->deployment;
  AirPerformer performer;
  AirHostOptions options;

  self->operations = air_operations_new (deployment->plan, deployment->config, error);
  if (self->operations == NULL)
    return EXIT_REFUSED;
  performer = air_operations_get_performer (self->operations);
  options = (AirHostOptions) {
    .plan = deployment->plan,
    .performer = &performer,
    .state = deployment->config->state,
    .origin = deployment->config->origin,
    .ledger_key = deployment->ledger_key,
    .trust = deployment->trust,
    .policy = deployment->policy,
    .max_effects = deployment->config->max_effects,
    .max_open = deployment->config->max_open,
    .latency_class = deployment->latency_class,
  };
  self->host = air_host_new (&options, error);
  return self->host != NULL && air_host_start (self->host, error) ? EXIT_SUCCESS : EXIT_STATE;
}

static int
listen_for_clients (Runtime *self, GError **error)
{
  AirConfig *config = self->deployment->config;
  g_autoptr (GTlsCertificate) certificate = air_tls_certificate_load (config->certificate, config->private_key, error);
  g_autoptr (GTlsDatabase) clients = NULL;
  AirHttpServerOptions options = { 0 };
  GError *local = NULL;

  if (certificate == NULL || (clients = air_tls_database_new (self->deployment->trust->ca, error)) == NULL)
    return EXIT_REFUSED;
  self->notary = air_notary_new (self->host, config, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return EXIT_REFUSED;
    }
  self->api = air_api_new (self->host, &self->deployment->view);
  air_api_set_notary (self->api, self->notary);
  options.routes = air_api_get_routes (&options.n_routes);
  options.certificate = certificate;
  options.clients = clients;
  options.authorize = air_api_authorize;
  options.user_data = self->api;
  self->server = air_http_server_new (&options);
  if (!air_http_server_listen (self->server, config->listen, error))
    return EXIT_ADDRESS;
  self->address_file = g_build_filename (config->state, "address", NULL);
  return g_file_set_contents (self->address_file, air_http_server_get_address (self->server), -1, error) ? EXIT_SUCCESS
                                                                                                         : EXIT_STATE;
}

static int
run (Runtime *self, const char *config_path, gboolean check, GError **error)
{
  int status;

  self->deployment = air_deployment_load (config_path, error);
  if (self->deployment == NULL)
    return EXIT_REFUSED;
  g_message ("%s %s, %s, signed by %s", self->deployment->artifact->workflow, self->deployment->artifact->version,
             self->deployment->artifact->digest, self->deployment->artifact->signer);
  if (check)
    return EXIT_SUCCESS;
  if ((status = open_host (self, error)) != EXIT_SUCCESS || (status = listen_for_clients (self, error)) != EXIT_SUCCESS)
    return status;

  self->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, stop_cb, self);
  g_unix_signal_add (SIGINT, stop_cb, self);
  g_unix_signal_add (SIGHUP, reload_cb, self);
  g_message ("listening on %s; not confidential: a plain process", air_http_server_get_address (self->server));
  g_main_loop_run (self->loop);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autofree char *config = NULL;
  gboolean check = FALSE, version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "runtime.json", "FILE" },
    { "check", 0, 0, G_OPTION_ARG_NONE, &check, "Verify the artifact and the configuration, and end", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- run one signed workflow version");
  g_autoptr (GError) error = NULL;
  Runtime runtime = { 0 };
  int status;

  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  umask (0077);
  air_memory_tune ();
  air_memory_hide ();
  air_tls_require_1_3 ();
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || (config == NULL && !version))
    {
      g_printerr ("airails-runtime: %s\n",
                  error != NULL ? error->message : "no configuration; give --config runtime.json");
      return EXIT_USAGE;
    }
  if (version)
    {
      g_print ("airails-runtime %s\n", AIR_VERSION);
      return EXIT_SUCCESS;
    }

  status = run (&runtime, config, check, &error);
  if (error != NULL)
    g_printerr ("airails-runtime: %s: %s\n", status == EXIT_REFUSED ? "refused" : "stopped", error->message);
  runtime_clear (&runtime);
  return status;
}
