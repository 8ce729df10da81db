/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every fixture of the core pack: the request must be the written one, the
 * answer must mean what is written. */
#include "config.h"

#include "base/air-json.h"
#include "components/air-operation.h"
#include "engine/air-member.h"

static const char *const destinations[] = { "shop.example.com:443", "api.stripe.com:443", NULL };

static AirValue *
load (const char *folder, const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", folder, name, NULL);
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_load_file (path, &error);

  g_assert_no_error (error);
  return value;
}

/* Every member of @expected is in @actual, and equal. */
static void
assert_holds (const AirValue *actual, const AirValue *expected)
{
  for (gsize i = 0; expected != NULL && i < air_map_get_size (expected); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (expected, i), NULL);
      AirValue *found = air_member (actual, name);

      if (found == NULL || !air_value_equal (found, air_map_get_value_at (expected, i)))
        {
          g_autofree char *text = found != NULL ? air_jcs_write (found, NULL, NULL) : g_strdup ("nothing");
          g_autofree char *wanted = air_jcs_write (air_map_get_value_at (expected, i), NULL, NULL);

          g_error ("'%s' is %s, not %s", name, text, wanted);
        }
    }
}

static void
check_query (const char *text, const AirValue *expected)
{
  g_autoptr (GHashTable) pairs = NULL;
  g_autoptr (GError) error = NULL;

  pairs = g_uri_parse_params (text, -1, "&", G_URI_PARAMS_WWW_FORM, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (pairs), ==, air_map_get_size (expected));
  for (gsize i = 0; i < air_map_get_size (expected); i++)
    g_assert_cmpstr (g_hash_table_lookup (pairs, air_value_get_string (air_map_get_key_at (expected, i), NULL)), ==,
                     air_value_get_string (air_map_get_value_at (expected, i), NULL));
}

static void
check_request (const AirHttpRequest *request, const AirValue *expected)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL);
  AirValue *headers = air_member (expected, "headers");
  AirValue *query = air_member (expected, "query");
  AirValue *body = air_member (expected, "body");
  AirValue *form = air_member (expected, "form");
  gsize length = 0;
  const char *bytes = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;

  g_assert_cmpstr (request->method, ==, air_map_get_string (expected, "method"));
  g_assert_cmpstr (g_uri_get_path (uri), ==, air_map_get_string (expected, "path"));
  if (query != NULL)
    check_query (g_uri_get_query (uri), query);
  else
    g_assert_null (g_uri_get_query (uri));
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    g_assert_cmpstr (
        air_http_request_get_header (request, air_value_get_string (air_map_get_key_at (headers, i), NULL)), ==,
        air_value_get_string (air_map_get_value_at (headers, i), NULL));
  g_assert_cmpstr (air_http_request_get_header (request, "Authorization"), ==, "Bearer t0k3n");
  if (body != NULL)
    {
      g_autoptr (AirValue) sent = air_json_parse (bytes, length, NULL);

      g_assert_nonnull (sent);
      g_assert_true (air_value_equal (sent, body));
    }
  else if (form != NULL)
    {
      g_autofree char *text = g_strndup (bytes, length);

      check_query (text, form);
    }
  else
    g_assert_null (bytes);
}

static AirHttpResponse *
make_response (const AirValue *document)
{
  AirValue *headers = air_member (document, "headers");
  AirValue *body = air_member (document, "body");
  g_autoptr (GBytes) bytes = NULL;
  AirHttpResponse *response;

  if (body != NULL && air_value_get_kind (body) == AIR_VALUE_STRING)
    bytes = g_bytes_new (air_value_get_string (body, NULL), strlen (air_value_get_string (body, NULL)));
  else if (body != NULL)
    bytes = air_jcs_write_bytes (body, NULL);
  response = air_http_response_new (air_map_get_int (document, "status", 0), bytes);
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    air_http_response_add_header (response, air_value_get_string (air_map_get_key_at (headers, i), NULL),
                                  air_value_get_string (air_map_get_value_at (headers, i), NULL));
  return response;
}

static void
run_case (const AirOperation *operation, const AirEgress *egress, AirValue *document)
{
  AirValue *exchanges = air_member (document, "exchanges");
  AirValue *expect = air_member (document, "expect");
  AirValue *input = air_member (document, "input");
  AirValue *run = air_member (document, "run");
  g_autoptr (AirOutcome) outcome = NULL;

  g_test_message ("%s", air_map_get_string (document, "id"));
  for (gsize i = 0; i < air_list_get_size (exchanges); i++)
    {
      AirValue *exchange = air_list_get (exchanges, i);
      AirValue *answer = air_member (exchange, "response");
      g_autoptr (AirHttpRequest) request = NULL;
      g_autoptr (AirHttpResponse) response = NULL;
      g_autoptr (GError) error = NULL;
      AirPurpose purpose;

      g_assert_true (air_purpose_from_string (air_map_get_string (exchange, "purpose"), &purpose));
      request = air_operation_build_request (operation, purpose, input, run, egress, &error);
      g_assert_no_error (error);
      check_request (request, air_member (exchange, "request"));
      if (answer == NULL)
        continue;
      response = make_response (answer);
      g_clear_pointer (&outcome, air_outcome_free);
      outcome = air_operation_interpret (operation, purpose, input, run, request, response);
    }
  g_assert_nonnull (outcome);
  if (g_strcmp0 (air_outcome_class_to_string (outcome->outcome_class), air_map_get_string (expect, "class")) != 0)
    g_error ("%s: class is %s (%s)", air_map_get_string (document, "id"),
             air_outcome_class_to_string (outcome->outcome_class), outcome->message);
  g_assert_cmpint (outcome->status, ==, air_map_get_int (expect, "status", 0));
  if (air_member (expect, "alarm") != NULL)
    g_assert_cmpstr (outcome->alarm, ==, air_map_get_string (expect, "alarm"));
  if (air_member (expect, "output") != NULL)
    g_assert_true (air_value_equal (outcome->output, air_member (expect, "output")));
  assert_holds (outcome->evidence, air_member (expect, "evidence"));
  g_assert_true (
      g_str_has_prefix (air_map_get_string (air_member (outcome->evidence, "bind"), "request.digest"), "sha256:"));
}

static void
test_operation (gconstpointer data)
{
  const char *name = data;
  g_autoptr (AirValue) fixtures = load ("fixtures", name);
  g_autoptr (AirValue) document = load ("ops", name);
  g_autofree char *connector_name = g_strconcat (air_map_get_string (document, "connector"), ".json", NULL);
  g_autoptr (AirValue) connector_document = load ("connectors", connector_name);
  g_autoptr (AirValue) secrets = air_json_parse ("{\"token\":\"t0k3n\"}", 17, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirEgress) egress = air_egress_new (destinations, &error);
  g_autoptr (AirConnector) connector = air_connector_new (connector_document, NULL, secrets, &error);
  g_autoptr (AirOperation) operation = NULL;
  AirValue *cases = air_member (fixtures, "cases");

  g_assert_no_error (error);
  operation = air_operation_new (document, connector, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_operation_get_id (operation), ==, air_map_get_string (fixtures, "operation"));
  g_assert_cmpuint (air_list_get_size (cases), >, 0);
  for (gsize i = 0; i < air_list_get_size (cases); i++)
    run_case (operation, egress, air_list_get (cases, i));
}

int
main (int argc, char *argv[])
{
  static const char *const names[] = {
    "shop.customer.lookup.json", "shop.notification.send.json", "shop.order.cancel.json",
    "shop.order.lookup.json",    "shop.order.reinstate.json",   "shop.return.create.json",
    "shop.return.withdraw.json", "stripe.refund.create.json",   "stripe.refund.lookup.json",
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/components/fixtures/%s", names[i]);

      g_test_add_data_func (path, names[i], test_operation);
    }
  return g_test_run ();
}
