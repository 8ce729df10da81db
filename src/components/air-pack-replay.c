/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-pack-replay.h"
#include "base/air-json.h"
#include "engine/air-member.h"

typedef struct {
  const AirDocument *fixtures;
  char *pointer; /* of the case, or of the exchange */
  GError **error;
} Place;

typedef struct {
  AirPackRequestFunc func;
  gpointer user_data;
} Observer;

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (const Place *place, const char *below, const char *format, ...)
{
  g_autofree char *pointer = g_strconcat (place->pointer, below, NULL), *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  air_document_set_error (place->fixtures, pointer, AIR_MODEL_ERROR_PACK, place->error,
                          "%s; mend the operation or the fixture", what);
  return FALSE;
}

static char *
to_text (const AirValue *value)
{
  char *text = value != NULL ? air_jcs_write (value, NULL, NULL) : NULL;

  return text != NULL ? text : g_strdup ("nothing");
}

static gboolean
must_equal (const Place *place, const char *below, const AirValue *actual, const AirValue *expected)
{
  g_autofree char *is = NULL, *wanted = NULL;

  if (actual != NULL && expected != NULL && air_value_equal (actual, expected))
    return TRUE;
  is = to_text (actual);
  wanted = to_text (expected);
  return refuse (place, below, "the engine gives %s, here stands %s", is, wanted);
}

static AirValue *
parse_pairs (const char *text)
{
  g_autoptr (GHashTable) pairs = text != NULL ? g_uri_parse_params (text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL) : NULL;
  AirValue *map = air_map_new ();
  GHashTableIter iter;
  gpointer name, value;

  if (pairs == NULL)
    return map;
  g_hash_table_iter_init (&iter, pairs);
  while (g_hash_table_iter_next (&iter, &name, &value))
    air_map_set_string (map, name, value);
  return map;
}

static gboolean
check_pairs (const Place *place, const char *below, const char *text, const AirValue *expected)
{
  g_autoptr (AirValue) actual = parse_pairs (text);
  g_autoptr (AirValue) none = air_map_new ();

  return must_equal (place, below, actual, expected != NULL ? expected : none);
}

static gboolean
check_body (const Place *place, const AirHttpRequest *request, const AirValue *expected)
{
  AirValue *body = air_member (expected, "body"), *form = air_member (expected, "form");
  gsize length = 0;
  const char *bytes = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;

  if (body != NULL && air_value_get_kind (body) == AIR_VALUE_STRING)
    {
      g_autoptr (AirValue) sent = bytes != NULL ? air_value_new_string_len (bytes, length) : NULL;

      return must_equal (place, "/request/body", sent, body);
    }
  if (body != NULL)
    {
      g_autoptr (AirValue) sent = bytes != NULL ? air_json_parse (bytes, length, NULL) : NULL;

      return must_equal (place, "/request/body", sent, body);
    }
  if (form != NULL)
    {
      g_autofree char *text = g_strndup (bytes != NULL ? bytes : "", length);

      return check_pairs (place, "/request/form", text, form);
    }
  return length == 0
         || refuse (place, "/request", "the engine sends a body of %" G_GSIZE_FORMAT " bytes, here stands none",
                    length);
}

static gboolean
check_request (const Place *place, const AirHttpRequest *request, const AirValue *expected)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL);
  AirValue *headers = air_member (expected, "headers");
  const char *method = air_map_get_string (expected, "method"), *path = air_map_get_string (expected, "path");

  if (g_strcmp0 (request->method, method) != 0)
    return refuse (place, "/request/method", "the engine sends %s, here stands %s", request->method, method);
  if (uri == NULL || g_strcmp0 (g_uri_get_path (uri), path) != 0)
    return refuse (place, "/request/path", "the engine sends %s, here stands %s",
                   uri != NULL ? g_uri_get_path (uri) : "", path);
  if (!check_pairs (place, "/request", g_uri_get_query (uri), air_member (expected, "query")))
    return FALSE;
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (headers, i), NULL);
      const char *sent = air_http_request_get_header (request, name);

      if (g_strcmp0 (sent, air_value_get_string (air_map_get_value_at (headers, i), NULL)) != 0)
        return refuse (place, "/request/headers", "the header %s is sent as \"%s\"", name, sent != NULL ? sent : "");
    }
  return check_body (place, request, expected);
}

static AirHttpResponse *
make_response (const AirValue *document)
{
  AirValue *headers = air_member (document, "headers"), *body = air_member (document, "body");
  g_autoptr (GBytes) bytes = NULL;
  AirHttpResponse *response;

  if (body != NULL && air_value_get_kind (body) == AIR_VALUE_STRING)
    bytes = g_bytes_new (air_value_get_string (body, NULL), strlen (air_value_get_string (body, NULL)));
  else if (body != NULL && !air_value_is_null (body))
    bytes = air_jcs_write_bytes (body, NULL);
  response = air_http_response_new (air_map_get_int (document, "status", 0), bytes);
  for (gsize i = 0; headers != NULL && i < air_map_get_size (headers); i++)
    air_http_response_add_header (response, air_value_get_string (air_map_get_key_at (headers, i), NULL),
                                  air_value_get_string (air_map_get_value_at (headers, i), NULL));
  return response;
}

static gboolean
check_outcome (const Place *place, const AirOutcome *outcome, const AirValue *expect)
{
  const char *is = air_outcome_class_to_string (outcome->outcome_class), *wanted = air_map_get_string (expect, "class");
  const char *alarm = air_map_get_string (expect, "alarm");
  AirValue *evidence = air_member (expect, "evidence");

  if (g_strcmp0 (is, wanted) != 0)
    return refuse (place, "/expect/class", "the outcome is %s (%s), here stands %s", is,
                   outcome->message != NULL ? outcome->message : "", wanted);
  if (air_member (expect, "status") != NULL && outcome->status != air_map_get_int (expect, "status", 0))
    return refuse (place, "/expect/status", "the status is %d", outcome->status);
  if (alarm != NULL && g_strcmp0 (outcome->alarm, alarm) != 0)
    return refuse (place, "/expect/alarm", "the alarm is \"%s\"", outcome->alarm != NULL ? outcome->alarm : "");
  if (air_member (expect, "output") != NULL
      && !must_equal (place, "/expect/output", outcome->output, air_member (expect, "output")))
    return FALSE;
  for (gsize i = 0; evidence != NULL && i < air_map_get_size (evidence); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (evidence, i), NULL);
      AirValue *kept = outcome->evidence != NULL ? air_member (outcome->evidence, name) : NULL;

      if (!must_equal (place, "/expect/evidence", kept, air_map_get_value_at (evidence, i)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
replay_case (const AirOperation *operation,
             const AirEgress *egress,
             const AirDocument *fixtures,
             gsize index,
             const Observer *observer,
             GError **error)
{
  AirValue *document = air_list_get (air_map_get_list (air_document_get_value (fixtures), "cases"), index);
  AirValue *exchanges = air_member (document, "exchanges"), *input = air_member (document, "input");
  AirValue *run = air_member (document, "run");
  g_autofree char *pointer = g_strdup_printf ("/cases/%" G_GSIZE_FORMAT, index);
  Place whole = { fixtures, pointer, error };
  g_autoptr (AirOutcome) outcome = NULL;
  g_autofree char *page = NULL;

  for (gsize i = 0; i < air_list_get_size (exchanges); i++)
    {
      AirValue *exchange = air_list_get (exchanges, i), *answer = air_member (exchange, "response");
      g_autofree char *below = g_strdup_printf ("%s/exchanges/%" G_GSIZE_FORMAT, pointer, i);
      Place place = { fixtures, below, error };
      g_autoptr (AirHttpRequest) request = NULL;
      g_autoptr (AirHttpResponse) response = NULL;
      g_autoptr (GError) local = NULL;
      AirPurpose purpose;

      if (!air_purpose_from_string (air_map_get_string (exchange, "purpose"), &purpose))
        return refuse (&place, "/purpose", "no such purpose");
      request = page != NULL ? air_operation_build_page (operation, input, run, egress, page, &local)
                             : air_operation_build_request (operation, purpose, input, run, egress, &local);
      if (request == NULL)
        return refuse (&place, "/request", "the engine cannot make the request: %s", local->message);
      if (observer->func != NULL)
        observer->func (operation, air_map_get_string (document, "id"), request, observer->user_data);
      if (!check_request (&place, request, air_member (exchange, "request")))
        return FALSE;
      if (page == NULL)
        g_clear_pointer (&outcome, air_outcome_free);
      if (answer == NULL)
        {
          /* What the transport says of it. */
          gboolean lost = g_strcmp0 (air_map_get_string (exchange, "failure"), "timeout") == 0;

          g_clear_pointer (&page, g_free);
          g_clear_pointer (&outcome, air_outcome_free);
          outcome = air_outcome_new (lost ? AIR_OUTCOME_UNKNOWN : AIR_OUTCOME_RETRY, 0, "no answer");
          continue;
        }
      response = make_response (answer);
      outcome = air_operation_join_pages (g_steal_pointer (&outcome),
                                          air_operation_interpret (operation, purpose, input, run, request, response));
      g_clear_pointer (&page, g_free);
      if (purpose == AIR_PURPOSE_RECONCILE)
        page = air_operation_get_next_page (operation, input, run, response);
    }
  if (page != NULL)
    return refuse (&whole, "/exchanges", "there is another page, %s, and no exchange for it", page);
  if (outcome == NULL)
    return refuse (&whole, "", "there is no exchange");
  return check_outcome (&whole, outcome, air_member (document, "expect"));
}

static gboolean
replay_operation (const AirPack *pack, const char *id, const Observer *observer, guint *n, GError **error)
{
  const AirDocument *document = air_pack_get_operation (pack, id), *fixtures = air_pack_get_fixtures (pack, id);
  AirValue *value = air_document_get_value (document);
  const AirDocument *connector_document = air_pack_get_connector (pack, air_map_get_string (value, "connector"));
  AirValue *connector_value = air_document_get_value (connector_document), *cases, *list;
  g_autoptr (AirValue) secrets = air_connector_invent_secrets (connector_value);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) destinations = NULL;
  g_autoptr (AirConnector) connector = NULL;
  g_autoptr (AirOperation) operation = NULL;
  g_autoptr (AirEgress) egress = NULL;
  g_autoptr (GError) local = NULL;

  list = air_map_get_list (value, "egress");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    g_strv_builder_add (builder, air_value_get_string (air_list_get (list, i), NULL));
  destinations = g_strv_builder_end (builder);
  egress = air_egress_new ((const char *const *) destinations, &local);
  connector = egress != NULL ? air_connector_new (connector_value, NULL, secrets, &local) : NULL;
  operation = connector != NULL ? air_operation_new (value, connector, &local) : NULL;
  if (operation == NULL)
    {
      air_document_set_error (document, "", AIR_MODEL_ERROR_PACK, error, "the engine cannot run it: %s",
                              local->message);
      return FALSE;
    }
  cases = air_map_get_list (air_document_get_value (fixtures), "cases");
  for (gsize i = 0; i < air_list_get_size (cases); i++)
    {
      if (!replay_case (operation, egress, fixtures, i, observer, error))
        return FALSE;
      (*n)++;
    }
  return TRUE;
}

gboolean
air_pack_replay (const AirPack *pack, AirPackRequestFunc func, gpointer user_data, guint *ret_n, GError **error)
{
  const Observer observer = { func, user_data };
  AirValue *operations = air_map_get_list (air_document_get_value (air_pack_get_document (pack)), "operations");

  *ret_n = 0;
  for (gsize i = 0; operations != NULL && i < air_list_get_size (operations); i++)
    if (!replay_operation (pack, air_value_get_string (air_list_get (operations, i), NULL), &observer, ret_n, error))
      return FALSE;
  return TRUE;
}
