/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person lets a connector act: the real command, curl as the browser, and an authorization server that insists on PKCE. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"
#include "token-server.h"

typedef struct {
  Cli cli;
  TokenServer tokens;
  VendorServer *server;
} Fixture;

/* Each is a browser: a program that is given the page. */
static const char *const browsers[][2] = {
  { "browser", "#!/bin/sh\nexec curl -sSL \"$1\"\n" },
  /* A page of somebody else's calls first, with a code of theirs. */
  { "attacked",
    "#!/bin/sh\nback=$(printf %s \"$1\" | sed 's/.*redirect_uri=\\([^&]*\\).*/\\1/; s/%3A/:/g; s/%2F/\\//g')\n"
    "curl -sS \"$back?code=theirs&state=theirs\"\ncurl -sS \"$back?code=theirs\"\nexec curl -sSL \"$1\"\n" },
  { "asleep", "#!/bin/sh\nexit 0\n" },
};

static void
write_connector (Fixture *self, const char *auth)
{
  const char *address = vendor_server_get_address (self->server);
  g_autofree char *text = g_strdup_printf (
      "{\"$schema\":\"airails:connector/1\",\"id\":\"v\",\"version\":\"1.0.0\",\"title\":\"V\",\"base_url\":\"http://"
      "%s\","
      "\"auth\":{\"kind\":\"oauth2\",%s,\"token_url\":\"http://%s/token\",\"authorize_url\":\"http://%s/authorize\"},"
      "\"scopes\":[],\"egress\":[\"%s\"]}",
      address, auth, address, address, address);

  cli_write (&self->cli, "v.json", text);
}

#define REFRESH                                                                                                        \
  "\"grant\":\"refresh_token\",\"client_id\":\"airails\",\"client_secret\":\"${secret.client_secret}\","               \
  "\"refresh_token\":\"${secret.refresh_token}\""

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  cli_set_up (&self->cli, NULL);
  token_server_init (&self->tokens);
  self->server = vendor_server_new (token_server_handle, &self->tokens);
  g_assert_true (vendor_server_listen (self->server, &error));
  for (guint i = 0; i < G_N_ELEMENTS (browsers); i++)
    {
      g_autofree char *path = cli_path (&self->cli, browsers[i][0]);

      cli_write (&self->cli, browsers[i][0], browsers[i][1]);
      g_assert_cmpint (g_chmod (path, 0700), ==, 0);
    }
  write_connector (self, REFRESH);
  cli_write (&self->cli, "secrets.json", "{\"client_secret\":\"c0nfidential\",\"other\":\"stays\"}");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  vendor_server_free (self->server);
  token_server_clear (&self->tokens);
  cli_tear_down (&self->cli, NULL);
}

static char *
read_secrets (Fixture *self)
{
  g_autofree char *path = cli_path (&self->cli, "secrets.json");
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_agreed (Fixture *self, gconstpointer data)
{
  g_autofree char *path = cli_path (&self->cli, "secrets.json"), *text = NULL;
  g_autoptr (AirValue) secrets = NULL;
  GStatBuf status;

  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  cli_run (&self->cli, 0, "authorize", "v.json", "--secrets", "secrets.json", "--browser", data, "--wait", "20",
           "--json", NULL);
  text = read_secrets (self);
  secrets = air_json_parse (text, strlen (text), NULL);
  g_assert_cmpstr (air_map_get_string (secrets, "refresh_token"), ==, self->tokens.refresh_token);
  g_assert_cmpstr (air_map_get_string (secrets, "client_secret"), ==, "c0nfidential");
  g_assert_cmpstr (air_map_get_string (secrets, "other"), ==, "stays");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0600);
  /* Never said. */
  g_assert_null (strstr (self->cli.out, self->tokens.refresh_token));
  g_assert_null (strstr (self->cli.err, self->tokens.refresh_token));
  g_assert_null (strstr (self->cli.err, "c0nfidential"));
  {
    g_autoptr (AirValue) answer = cli_get_json (&self->cli);

    g_assert_cmpstr (air_map_get_string (answer, "connector"), ==, "v");
    g_assert_cmpstr (air_map_get_string (answer, "secret"), ==, "refresh_token");
  }
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autofree char *before = read_secrets (self), *after = NULL;

  self->tokens.denies = TRUE;
  cli_run (&self->cli, 1, "authorize", "v.json", "-s", "secrets.json", "-b", "./browser", "--wait", "20", NULL);
  cli_assert_says (&self->cli, "access_denied");
  self->tokens.denies = FALSE;
  cli_run (&self->cli, 1, "authorize", "v.json", "-s", "secrets.json", "-b", "./asleep", "--wait", "1", NULL);
  cli_assert_says (&self->cli, "nobody agreed within 1 seconds");
  cli_run (&self->cli, 3, "authorize", "v.json", "-s", "secrets.json", "-b", "no-such-browser", NULL);
  self->tokens.fault_status = 400;
  self->tokens.fault_body = "{\"error\":\"invalid_grant\"}";
  cli_run (&self->cli, 1, "authorize", "v.json", "-s", "secrets.json", "-b", "./browser", "--wait", "20", NULL);
  cli_assert_says (&self->cli, "invalid_grant");
  self->tokens.fault_status = 200;
  self->tokens.fault_body = "{\"access_token\":\"a\"}";
  cli_run (&self->cli, 1, "authorize", "v.json", "-s", "secrets.json", "-b", "./browser", "--wait", "20", NULL);
  cli_assert_says (&self->cli, "no refresh token");
  self->tokens.fault_status = 0;
  cli_run (&self->cli, 3, "authorize", "absent.json", "-s", "secrets.json", NULL);
  cli_run (&self->cli, 2, "authorize", "v.json", NULL);
  cli_assert_says (&self->cli, "--secrets");
  cli_run (&self->cli, 2, "authorize", "v.json", "-s", "secrets.json", "--wait", "0", NULL);
  write_connector (self, "\"grant\":\"client_credentials\",\"client_id\":\"airails\"");
  cli_run (&self->cli, 3, "authorize", "v.json", "-s", "secrets.json", NULL);
  cli_assert_says (&self->cli, "takes no refresh token");
  write_connector (self, REFRESH);
  after = read_secrets (self);
  g_assert_cmpstr (before, ==, after);
  cli_write (&self->cli, "secrets.json", "{\"other\":\"stays\"}");
  cli_run (&self->cli, 3, "authorize", "v.json", "-s", "secrets.json", NULL);
  cli_assert_says (&self->cli, "client_secret");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/cli/authorize/agreed", Fixture, "./browser", set_up, test_agreed, tear_down);
  g_test_add ("/cli/authorize/attacked", Fixture, "./attacked", set_up, test_agreed, tear_down);
  g_test_add ("/cli/authorize/refused", Fixture, NULL, set_up, test_refused, tear_down);
  return g_test_run ();
}
