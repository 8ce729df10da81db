/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vendor whose refresh token changes with each use: the runtime that is started next comes with the right one. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"
#include "components/air-secret-file.h"
#include "runtime/air-performer.h"
#include "token-server.h"

typedef struct {
  TokenServer tokens;
  VendorServer *server;
  char *folder, *secrets;
  AirConnectorConfig binding;
  AirConfig config;
  AirPlan *plan;
} Fixture;

static AirPlan *
make_plan (const char *address)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "runtime", "plan.json", NULL);
  g_autofree char *auth_text = g_strdup_printf (
      "{\"kind\":\"oauth2\",\"grant\":\"refresh_token\",\"token_url\":\"http://%s/token\",\"client_id\":\"airails\","
      "\"client_secret\":\"${secret.client_secret}\",\"refresh_token\":\"${secret.refresh_token}\"}",
      address);
  g_autoptr (AirValue) document = air_json_load_file (path, NULL);
  g_autoptr (GError) error = NULL;
  AirValue *connector = air_value_at (document, "/connectors/v"), *request, *response, *egress = air_list_new ();
  AirPlan *plan;

  air_map_set (connector, "auth", air_json_parse (auth_text, strlen (auth_text), NULL));
  air_list_append (egress, air_value_new_string (address));
  air_map_set (connector, "egress", egress);
  request = air_value_at (document, "/operations/v.act/request");
  response = air_value_at (document, "/operations/v.act/response");
  air_map_set_string (request, "path", "/things");
  air_map_set_string (response, "ok", "status == 201");
  air_map_set (response, "output", air_json_parse ("{\"receipt\":\"${string(body.id)}\"}", 32, NULL));
  plan = air_plan_load (document, "sha256:00000000000000000000000000000000000000000000000000000000000000aa", &error);
  g_assert_no_error (error);
  return plan;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const char *address;

  token_server_init (&self->tokens);
  self->tokens.rotates = TRUE;
  self->tokens.refresh_token = g_strdup ("refresh-first");
  self->server = vendor_server_new (token_server_handle, &self->tokens);
  g_assert_true (vendor_server_listen (self->server, NULL));
  address = vendor_server_get_address (self->server);
  self->folder = g_dir_make_tmp ("performer-XXXXXX", NULL);
  self->secrets = g_build_filename (self->folder, "v.secret.json", NULL);
  g_assert_true (g_file_set_contents (
      self->secrets, "{\"client_secret\":\"c0nfidential\",\"refresh_token\":\"refresh-first\"}", -1, NULL));
  self->plan = make_plan (address);
  self->binding = (AirConnectorConfig) { (char *) "v", g_strconcat ("http://", address, NULL), self->secrets };
  self->config.connectors = g_ptr_array_new ();
  g_ptr_array_add (self->config.connectors, &self->binding);
  self->config.egress = g_new0 (char *, 2);
  self->config.egress[0] = g_strdup (address);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  air_plan_unref (self->plan);
  g_ptr_array_unref (self->config.connectors);
  g_strfreev (self->config.egress);
  vendor_server_free (self->server);
  token_server_clear (&self->tokens);
  g_free (self->binding.base_url);
  g_free (self->secrets);
  g_free (self->folder);
}

static void
performed_cb (AirOutcome *take_outcome, gpointer user_data)
{
  *(AirOutcome **) user_data = take_outcome;
}

/* A process that starts, acts once, and ends. */
static void
start_and_act (Fixture *self, AirOutcomeClass wanted)
{
  g_autoptr (AirValue) run = air_map_new (), input = air_map_new ();
  AirEffect effect = { .kind = AIR_EFFECT_CALL, .node = "act" };
  g_autoptr (AirOperations) operations = NULL;
  g_autoptr (AirOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;
  AirPerformer performer;

  operations = air_operations_new (self->plan, &self->config, &error);
  g_assert_no_error (error);
  performer = air_operations_get_performer (operations);
  air_map_set_string (run, "id", "r");
  air_map_set_string (run, "idem", "k");
  air_map_set_string (input, "order", "o");
  air_map_set_int (input, "amount", 1);
  effect.call.operation = "v.act";
  effect.call.purpose = AIR_PURPOSE_EXECUTE;
  effect.call.input = input;
  effect.call.run = run;
  effect.call.timeout_ms = 10000;
  performer.perform (performer.performer, "r", &effect, NULL, performed_cb, &outcome);
  while (outcome == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (outcome->outcome_class != wanted)
    g_error ("%s: %s", air_outcome_class_to_string (outcome->outcome_class), outcome->message);
}

static void
test_restart (Fixture *self, gconstpointer data)
{
  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr (AirValue) kept = NULL;

      start_and_act (self, AIR_OUTCOME_OK);
      g_assert_cmpuint (self->tokens.n_asked, ==, i);
      kept = air_secret_file_load (self->secrets, NULL);
      g_assert_cmpstr (air_map_get_string (kept, "refresh_token"), ==, self->tokens.refresh_token);
      g_assert_cmpstr (air_map_get_string (kept, "client_secret"), ==, "c0nfidential");
    }
}

/* Without its secrets nothing starts. */
static void
test_no_file (Fixture *self, gconstpointer data)
{
  g_autoptr (AirOperations) operations = NULL;

  g_assert_cmpint (g_unlink (self->secrets), ==, 0);
  g_assert_cmpint (g_mkdir (self->secrets, 0700), ==, 0);
  operations = air_operations_new (self->plan, &self->config, NULL);
  g_assert_null (operations); /* a folder is no secret file: it does not start */
  g_assert_cmpint (g_rmdir (self->secrets), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add ("/runtime/performer/restart", Fixture, NULL, set_up, test_restart, tear_down);
  g_test_add ("/runtime/performer/no-file", Fixture, NULL, set_up, test_no_file, tear_down);
  return g_test_run ();
}
