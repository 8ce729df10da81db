/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person lets a connector act at a vendor: OAuth 2.0 for programs on a person's machine (RFC 8252). The vendor's page
 * sends the browser to a port of the loopback with a code; the code is changed for a refresh token, which goes into the
 * connector's secret file and nowhere else. */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "air-cli.h"
#include "base/air-clock.h"
#include "base/air-hash.h"
#include "components/air-auth.h"
#include "components/air-secret-file.h"
#include "components/air-transport.h"
#include "model/air-document.h"

#define ANSWER_TIMEOUT_MS 30000

typedef struct {
  GMainLoop *loop;
  char *state;
  char *code;  /* what the browser brought */
  char *error; /* or why there is none */
  AirHttpResponse *response;
  GError *failure;
} Talk;

static void
talk_clear (Talk *self)
{
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->state, g_free);
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->response, air_http_response_free);
  g_clear_error (&self->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Talk, talk_clear)

static char *
make_random (void)
{
  guint8 bytes[32];

  air_random_fill (air_random_system (), bytes, sizeof bytes);
  return air_base64url_encode (bytes, sizeof bytes); /* 43 letters */
}

/* Another page of the same browser may call here too: only who knows our state is heard. */
static void
callback_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Talk *self = user_data;
  const char *state = query != NULL ? g_hash_table_lookup (query, "state") : NULL;
  const char *code = query != NULL ? g_hash_table_lookup (query, "code") : NULL;
  const char *error = query != NULL ? g_hash_table_lookup (query, "error") : NULL;
  const char *words = "This connector may act now. You can close this page.\n";
  gboolean ours = state != NULL && strlen (state) == strlen (self->state) && strcmp (state, self->state) == 0
                  && self->code == NULL && self->error == NULL && (code != NULL || error != NULL);

  if (!ours)
    {
      soup_server_message_set_status (message, SOUP_STATUS_BAD_REQUEST, NULL);
      return;
    }
  if (code != NULL && error == NULL)
    self->code = g_strdup (code);
  else
    {
      self->error = g_strescape (error != NULL ? error : "", NULL);
      words = "Nothing was allowed. You can close this page.\n";
    }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC, words, strlen (words));
}

/* The browser has its answer before we go on. */
static void
answered_cb (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  Talk *self = user_data;

  if (self->code != NULL || self->error != NULL)
    g_main_loop_quit (self->loop);
}

static gboolean
timeout_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static SoupServer *
listen_for (Talk *self, guint port, char **ret_redirect, GError **error)
{
  g_autoptr (SoupServer) server = soup_server_new ("server-header", "airails", NULL);
  GSList *uris;

  soup_server_add_handler (server, "/callback", callback_cb, self, NULL);
  g_signal_connect (server, "request-finished", G_CALLBACK (answered_cb), self);
  if (!soup_server_listen_local (server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;
  uris = soup_server_get_uris (server);
  *ret_redirect = g_strdup_printf ("http://127.0.0.1:%d/callback", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return g_steal_pointer (&server);
}

static gboolean
open_page (const char *browser, const char *url, GError **error)
{
  const char *argv[] = { browser, url, NULL };
  g_autoptr (GError) local = NULL;

  if (browser == NULL
      || g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                        &local))
    return TRUE;
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "--browser: %s", local->message);
  return FALSE;
}

/* Until the browser comes back, or nobody agreed in time. */
static gboolean
wait_for_code (Talk *self, gint64 seconds, GError **error)
{
  guint timeout = g_timeout_add_seconds (seconds, timeout_cb, self->loop);

  g_main_loop_run (self->loop);
  g_source_remove (timeout);
  if (self->code != NULL)
    return TRUE;
  if (self->error == NULL)
    g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED,
                 "nobody agreed within %" G_GINT64_FORMAT " seconds; nothing was written", seconds);
  else
    g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED, "the vendor's page says: %s; nothing was written",
                 strlen (self->error) < 64 ? self->error : "no");
  return FALSE;
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Talk *self = user_data;

  self->response = air_transport_send_finish (AIR_TRANSPORT (source), result, &self->failure);
  g_main_loop_quit (self->loop);
}

static char *
redeem (Talk *self,
        const AirAuth *auth,
        AirValue *connector,
        const char *redirect,
        const char *verifier,
        GError **error)
{
  AirValue *list = air_map_get_list (connector, "egress");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) destinations = NULL;
  g_autoptr (AirEgress) egress = NULL;
  g_autoptr (AirTransport) transport = NULL;
  g_autoptr (AirHttpRequest) request = air_auth_build_code_request (auth, self->code, redirect, verifier);
  g_autofree char *token = NULL, *refresh_token = NULL;
  g_autoptr (GError) local = NULL;
  gint64 life;

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    g_strv_builder_add (builder, air_value_get_string (air_list_get (list, i), NULL));
  destinations = g_strv_builder_end (builder);
  egress = air_egress_new ((const char *const *) destinations, error);
  if (egress == NULL)
    return NULL;
  transport = air_http_transport_new (egress, 1);
  air_transport_send_async (transport, request, ANSWER_TIMEOUT_MS, NULL, sent_cb, self);
  g_main_loop_run (self->loop);
  if (self->response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->failure));
      return NULL;
    }
  token = air_auth_read_token (auth, self->response, &life, &refresh_token, &local);
  if (token == NULL || refresh_token == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_REFUSED, "%s; nothing was written",
                   token == NULL
                       ? local->message
                       : "the vendor gave no refresh token; ask for the scope that gives one (offline access)");
      return NULL;
    }
  return g_steal_pointer (&refresh_token);
}

static AirAuth *
load_auth (const char *path, const char *secrets_path, AirDocument **ret_document, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GBytes) bytes = air_cli_read (path, error);
  g_autoptr (AirValue) secrets = NULL, invented = NULL;
  g_autoptr (AirAuth) draft = NULL;
  AirValue *value, *document;
  const char *text;
  gsize length;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &length);
  *ret_document = air_document_load (AIR_DOCUMENT_CONNECTOR, text != NULL ? text : "", length, name, error);
  if (*ret_document == NULL)
    return NULL;
  value = air_document_get_value (*ret_document);
  document = air_map_get_map (value, "auth");
  secrets =
      g_file_test (secrets_path, G_FILE_TEST_EXISTS) ? air_secret_file_load (secrets_path, error) : air_map_new ();
  if (secrets == NULL)
    return NULL;
  /* The one secret that need not be there yet. */
  invented = air_connector_invent_secrets (value);
  draft = air_auth_new (document, invented, air_document_get_id (*ret_document), error);
  if (draft == NULL)
    return NULL;
  if (air_auth_get_refresh_secret (draft) != NULL)
    air_map_set_string (secrets, air_auth_get_refresh_secret (draft), "not yet");
  return air_auth_new (document, secrets, air_document_get_id (*ret_document), error);
}

/**
 * air_cmd_authorize:
 *
 * `airailsctl authorize`: lets a person authorize a connector in the browser (OAuth 2.0 with PKCE), and keeps its
 * refresh token.
 *
 * Returns: an #AirExit
 */
int
air_cmd_authorize (int argc, char **argv)
{
  g_autofree char *secrets = NULL, *browser = NULL;
  int port = 0, wait = 300;
  const GOptionEntry entries[] = {
    { "secrets", 's', 0, G_OPTION_ARG_FILENAME, &secrets,
      "the connector's secret file: client_secret is read from it, the refresh token goes into it", "FILE" },
    { "browser", 'b', 0, G_OPTION_ARG_FILENAME, &browser, "opens the page with this program (xdg-open); else you do",
      "PROGRAM" },
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "where the browser comes back to, on this machine (any free one)",
      "PORT" },
    { "wait", 0, 0, G_OPTION_ARG_INT, &wait, "how long to wait for you (300)", "SECONDS" },
    { NULL },
  };
  g_autofree char *redirect = NULL, *verifier = make_random (), *url = NULL, *refresh_token = NULL;
  g_autoptr (AirDocument) document = NULL;
  g_autoptr (AirAuth) auth = NULL;
  g_autoptr (SoupServer) server = NULL;
  g_auto (Talk) talk = { 0 };
  g_auto (AirCli) cli = { 0 };
  GError *error = NULL;

  if (!air_cli_parse (&cli, "authorize", entries, "CONNECTOR",
                      "Lets a connector act at a vendor in your name: you agree at the vendor's page, and the refresh "
                      "token it gives\ngoes into the connector's secret file. For connectors with the grant "
                      "\"refresh_token\" and an \"authorize_url\".",
                      1, 1, argc, argv))
    return AIR_EXIT_USAGE;
  if (secrets == NULL || port < 0 || port > 65535 || wait < 1 || wait > 86400)
    return air_cli_fail (&cli, g_error_new (AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s",
                                            secrets == NULL            ? "where to? Give --secrets FILE"
                                            : wait < 1 || wait > 86400 ? "--wait is 1 to 86400 seconds"
                                                                       : "--port is 0 to 65535"));
  auth = load_auth (cli.args[0], secrets, &document, &error);
  if (auth != NULL && air_auth_get_refresh_secret (auth) == NULL)
    g_set_error (&error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                 "connector '%s' takes no refresh token; give its auth the grant \"refresh_token\" and "
                 "\"refresh_token\": \"${secret.NAME}\"",
                 air_document_get_id (document));
  talk.loop = g_main_loop_new (NULL, FALSE);
  talk.state = make_random ();
  server = error == NULL ? listen_for (&talk, port, &redirect, &error) : NULL;
  url = server != NULL ? air_auth_build_authorize_url (auth, redirect, talk.state, verifier, &error) : NULL;
  if (url == NULL)
    return air_cli_fail (&cli, error);
  g_printerr ("Agree at this page:\n%s\n", url);
  if (open_page (browser, url, &error) && wait_for_code (&talk, wait, &error))
    refresh_token = redeem (&talk, auth, air_document_get_value (document), redirect, verifier, &error);
  if (refresh_token == NULL
      || !air_secret_file_set (secrets, air_auth_get_refresh_secret (auth), refresh_token, &error))
    return air_cli_fail (&cli, error);

  if (cli.json)
    {
      g_autoptr (AirValue) answer = air_map_new ();

      air_map_set_string (answer, "connector", air_document_get_id (document));
      air_map_set_string (answer, "secret", air_auth_get_refresh_secret (auth));
      air_map_set_string (answer, "file", secrets);
      air_cli_print_value (answer);
    }
  else
    air_cli_print ("connector '%s' may act; its secret '%s' is in %s\n", air_document_get_id (document),
                   air_auth_get_refresh_secret (auth), secrets);
  return AIR_EXIT_OK;
}
