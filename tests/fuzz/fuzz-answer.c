/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "components/air-http-reader.h"
#include "components/air-operation.h"
#include "fuzz.h"

static const char connector_text[] = "{\"id\":\"v\",\"base_url\":\"https://v.example\",\"auth\":{\"kind\":\"none\"}}";
static const char run_text[] = "{\"id\":\"r\",\"step\":\"s\",\"idem\":\"k\"}";
static const char operation_text[] =
    "{\"id\":\"v.do\",\"connector\":\"v\",\"input\":{\"type\":\"object\",\"properties\":{}},"
    "\"output\":{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\"}}},"
    "\"policy\":{\"effect\":\"write\"},\"idempotency\":{\"kind\":\"none\"},\"request\":{\"method\":\"POST\",\"path\":"
    "\"/a\"},"
    "\"response\":{\"ok\":\"status == 200\",\"output\":{\"id\":\"${body.id}\"},\"assert\":[\"body.n > 0\"],\"errors\":["
    "{\"when\":\"status == 429 || header['x-a'] == 'b'\",\"class\":\"retry\"},{\"when\":\"body.error.code == "
    "'x'\",\"class\":"
    "\"conflict\",\"alarm\":\"x\"},{\"when\":\"true\",\"class\":\"fatal\"}]},"
    "\"evidence\":{\"ids\":{\"id\":\"${body.id}\"},\"request_id\":\"${?header['x-a']}\",\"bind\":[\"request.digest\","
    "\"response.digest\"]},"
    "\"reconcile\":{\"request\":{\"method\":\"GET\",\"path\":\"/a\"},\"found\":\"body.data.filter(d, d.k == "
    "run.id)\",\"as\":"
    "\"response\"},"
    "\"paginate\":{\"next\":\"body.more ? body.next : null\",\"parameter\":\"after\"}}";

/* What comes over the wire becomes an answer, and that an outcome, or is refused; in one piece or in two. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirOperation *operation;
  static AirHttpRequest *request;
  static AirValue *input, *run;
  g_autoptr (AirHttpReader) reader = air_http_reader_new ("POST", 65536), halves = air_http_reader_new ("POST", 65536);
  g_autoptr (AirHttpResponse) response = NULL;
  gboolean whole, split;

  if (operation == NULL)
    {
      g_autoptr (AirValue) connector_document = air_json_parse (connector_text, sizeof connector_text - 1, NULL);
      g_autoptr (AirValue) document = air_json_parse (operation_text, sizeof operation_text - 1, NULL);
      AirConnector *connector = air_connector_new (connector_document, NULL, NULL, NULL);
      g_autoptr (GError) error = NULL;

      operation = air_operation_new (document, connector, &error);
      g_assert_no_error (error);
      request = air_http_request_new ("POST", "https://v.example/a");
      input = air_map_new ();
      run = air_json_parse (run_text, sizeof run_text - 1, NULL);
    }
  whole = air_http_reader_push (reader, data, size, NULL) && air_http_reader_end (reader, NULL);
  split = air_http_reader_push (halves, data, size / 2, NULL)
          && air_http_reader_push (halves, data + size / 2, size - size / 2, NULL)
          && air_http_reader_end (halves, NULL);
  g_assert_cmpint (whole, ==, split);
  if (!whole)
    return 0;
  response = air_http_reader_finish (reader);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (AirOutcome) outcome = air_operation_interpret (
          operation, i == 0 ? AIR_PURPOSE_EXECUTE : AIR_PURPOSE_RECONCILE, input, run, request, response);
      g_autofree char *page = air_operation_get_next_page (operation, input, run, response);

      g_assert_nonnull (outcome);
      g_assert_true ((outcome->outcome_class == AIR_OUTCOME_OK) == (outcome->output != NULL));
    }
  return 0;
}
