/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "base/air-hash.h"
#include "components/air-encode.h"
#include "components/air-operation.h"
#include "engine/air-member.h"

static const char connector_text[] =
    "{\"id\":\"v\",\"base_url\":\"https://v.example.com/api/"
    "\",\"api_version\":\"7\",\"auth\":{\"kind\":\"bearer\",\"token\":\"${secret.token}\"}}";

static const char operation_text[] =
    "{\"id\":\"v.put\",\"version\":\"1.0.0\",\"connector\":\"v\","
    "\"input\":{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\"},\"n\":{\"type\":"
    "\"integer\"},"
    "\"note\":{\"type\":\"string\"}},\"additionalProperties\":false},"
    "\"output\":{\"type\":\"object\",\"required\":[\"id\"],\"properties\":{\"id\":{\"type\":\"string\"}}},"
    "\"policy\":{\"effect\":\"write\"},\"idempotency\":{\"kind\":\"none\"},"
    "\"request\":{\"method\":\"POST\",\"path\":\"/things/${input.id}/x\",\"query\":{\"q\":\"${?input.note}\"},"
    "\"headers\":{\"X-Note\":\"${?input.note}\",\"X-Version\":\"${connector.api_version}\"},\"encoding\":\"json\","
    "\"body\":{\"z\":1,\"id\":\"${input.id}\",\"n\":\"${?input.n}\"}},"
    "\"response\":{\"ok\":\"status == 200\",\"output\":{\"id\":\"${body.id}\"},\"assert\":[\"body.id == input.id\"],"
    "\"errors\":[{\"when\":\"status == 400 && body.code == 'x'\",\"class\":\"conflict\",\"alarm\":\"odd\"},"
    "{\"when\":\"status == 404\",\"class\":\"not_found\"},{\"when\":\"status == 429 || status >= "
    "500\",\"class\":\"retry\"},{\"when\":\"status == 400\",\"class\":\"rejected\"}]},"
    "\"evidence\":{\"ids\":{\"thing\":\"${body.id}\"},\"seen\":\"${header['x-seen'] == "
    "'yes'}\",\"bind\":[\"request.digest\",\"response.digest\",\"run.idem\"]},"
    "\"reconcile\":{\"request\":{\"method\":\"GET\",\"path\":\"/things\",\"query\":{\"run\":\"${run.step}\"}},"
    "\"found\":\"body.data.filter(t, t.run == run.step)\",\"as\":\"response\"}}";

typedef struct {
  AirEgress *egress;
  AirConnector *connector;
  AirOperation *operation;
  AirValue *input;
  AirValue *run;
} Fixture;

static AirValue *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

static AirOperation *
try_operation (Fixture *self, const char *from, const char *to, GError **error)
{
  g_autoptr (GString) text = g_string_new (operation_text);
  g_autoptr (AirValue) document = NULL;

  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 0), >, 0);
  document = parse (text->str);
  return air_operation_new (document, self->connector, error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const char *const destinations[] = { "v.example.com:443", NULL };
  g_autoptr (AirValue) document = parse (connector_text);
  g_autoptr (AirValue) secrets = parse ("{\"token\":\"s3cr3t\"}");
  g_autoptr (GError) error = NULL;

  self->egress = air_egress_new (destinations, &error);
  g_assert_no_error (error);
  self->connector = air_connector_new (document, NULL, secrets, &error);
  g_assert_no_error (error);
  self->operation = try_operation (self, NULL, NULL, &error);
  g_assert_no_error (error);
  self->input = parse ("{\"id\":\"#W 1/é\",\"n\":3}");
  self->run = parse ("{\"id\":\"r\",\"step\":\"put\",\"idem\":\"k\",\"started\":\"2026-11-22T09:30:00.000Z\"}");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  air_operation_free (self->operation);
  air_connector_free (self->connector);
  air_egress_free (self->egress);
  air_value_unref (self->input);
  air_value_unref (self->run);
}

static AirOutcome *
answer (Fixture *self, AirPurpose purpose, int status, const char *body, const char *header, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpRequest) request =
      air_operation_build_request (self->operation, purpose, self->input, self->run, self->egress, &error);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (AirHttpResponse) response = air_http_response_new (status, bytes);

  g_assert_no_error (error);
  if (header != NULL)
    air_http_response_add_header (response, header, value);
  return air_operation_interpret (self->operation, purpose, self->input, self->run, request, response);
}

/* --- requests ---------------------------------------------------------------------------- */

static void
test_request (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpRequest) request =
      air_operation_build_request (self->operation, AIR_PURPOSE_EXECUTE, self->input, self->run, self->egress, &error);
  g_autofree char *words = NULL;
  gsize length;
  const char *body;

  g_assert_no_error (error);
  g_assert_cmpstr (request->url, ==, "https://v.example.com/api/things/%23W%201%2F%C3%A9/x");
  g_assert_cmpstr (air_http_request_get_header (request, "authorization"), ==, "Bearer s3cr3t");
  g_assert_cmpstr (air_http_request_get_header (request, "x-version"), ==, "7");
  g_assert_null (air_http_request_get_header (request, "X-Note"));
  body = g_bytes_get_data (request->body, &length);
  g_assert_cmpmem (body, length, "{\"id\":\"#W 1/é\",\"n\":3,\"z\":1}", strlen ("{\"id\":\"#W 1/é\",\"n\":3,\"z\":1}"));
  words = air_http_request_describe (request);
  g_assert_null (strstr (words, "s3cr3t"));
}

static void
test_request_refuses (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *input;
    const char *words;
  } cases[] = {
    { "{\"id\":3}", "/id does not meet 'type'" },
    { "{\"id\":\"a\",\"other\":1}", "input" },
    { "{\"id\":\"\"}", "path is empty" },
    { "{\"id\":\"..\"}", "path is '..'" },
    { "{\"id\":\"a\",\"note\":\"x\\r\\nEvil: 1\"}", "one line" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) input = parse (cases[i].input);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirHttpRequest) request =
          air_operation_build_request (self->operation, AIR_PURPOSE_EXECUTE, input, self->run, self->egress, &error);

      g_assert_null (request);
      g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("'%s' does not say '%s'", error->message, cases[i].words);
    }
}

static void
test_egress (Fixture *self, gconstpointer data)
{
  static const char *const other[] = { "v.example.com:8443", "[::1]:443", NULL };
  static const char *const wrong[] = { "*.example.com:443", NULL };
  static const char *const refused[] = { "http://v.example.com/",    "https://v.example.com:444/",
                                         "https://a@v.example.com/", "https://v.example.com.evil.org/",
                                         "ftp://v.example.com:443/", "https:///x" };
  g_autoptr (AirEgress) egress = air_egress_new (other, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirHttpRequest) request =
      air_operation_build_request (self->operation, AIR_PURPOSE_EXECUTE, self->input, self->run, egress, &error);

  g_assert_null (request);
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_EGRESS);
  g_assert_null (strstr (error->message, "s3cr3t"));
  g_assert_true (air_egress_check (self->egress, "https://V.example.com./x?y", NULL));
  g_assert_true (air_egress_check (egress, "https://[::1]/", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_false (air_egress_check (self->egress, refused[i], NULL));
  g_assert_null (air_egress_new (wrong, NULL));
}

static void
test_encodings (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirOperation) form =
      try_operation (self, "\"encoding\":\"json\",\"body\":{\"z\":1,\"id\":\"${input.id}\",\"n\":\"${?input.n}\"}",
                     "\"encoding\":\"form-brackets\",\"body\":{\"a "
                     "b\":\"${input.id}\",\"m\":{\"k\":true,\"l\":[1,{\"x\":\"~*\"}],\"none\":null}}",
                     &error);
  g_autoptr (AirHttpRequest) request = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  request = air_operation_build_request (form, AIR_PURPOSE_EXECUTE, self->input, self->run, self->egress, &error);
  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
  g_assert_cmpstr (text, ==, "a+b=%23W+1%2F%C3%A9&m%5Bk%5D=true&m%5Bl%5D%5B0%5D=1&m%5Bl%5D%5B1%5D%5Bx%5D=%7E*");
  g_assert_cmpstr (air_http_request_get_header (request, "Content-Type"), ==, "application/x-www-form-urlencoded");
}

/* What was approved is what is sent: nothing is cut off, and no name becomes another field. */
static void
test_confusions (void)
{
  static const char *const refused[] = {
    "{\"id\":\"W1\\u0000-more\"}", "{\"meta\":{\"a\":\"W1\\u0000\"}}", "{\"meta\":{\"a][amount\":1}}",
    "{\"meta\":{\"\":1}}",         "{\"meta\":[{\"x]\":1}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (AirValue) map = air_json_parse (refused[i], strlen (refused[i]), NULL);
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (air_encode_form (out, map, TRUE, &error));
      g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT);
      g_test_message ("%s", error->message);
    }
}

/* --- documents ------------------------------------------------------------------------------ */

static void
test_document_refuses (Fixture *self, gconstpointer data)
{
  static const struct {
    const char *from;
    const char *to;
    const char *words;
  } cases[] = {
    { "${connector.api_version}", "${secret.token}", "secret" },
    { "\"connector\":\"v\"", "\"connector\":\"w\"", "connector" },
    { "status == 200", "status ==", "response.ok" },
    { "\"method\":\"POST\"", "\"method\":\"BREW\"", "method" },
    { "/things/${input.id}/x", "/things/${input.id/x", "end" },
    { "/things/${input.id}/x", "/things?x=${input.id}", "query" },
    { "\"encoding\":\"json\",", "", "encoding" },
    { "\"class\":\"rejected\"", "\"class\":\"ok\"", "class" },
    { "\"run.idem\"]", "\"secret\"]", "bind" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirOperation) operation = try_operation (self, cases[i].from, cases[i].to, &error);

      g_assert_null (operation);
      g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("'%s' does not say '%s'", error->message, cases[i].words);
    }
}

static void
test_connector (Fixture *self, gconstpointer data)
{
  g_autoptr (AirValue) document = parse (connector_text);
  g_autoptr (AirValue) basic = parse ("{\"id\":\"b\",\"base_url\":\"http://127.0.0.1:1\",\"auth\":{\"kind\":\"basic\","
                                      "\"user\":\"u\",\"password\":\"${secret.p}\"}}");
  g_autoptr (AirValue) key =
      parse ("{\"id\":\"b\",\"base_url\":\"http://127.0.0.1:1\",\"auth\":{\"kind\":\"header-key\","
             "\"header\":\"X-Key\",\"key\":\"${secret.p}\"}}");
  g_autoptr (AirValue) secrets = parse ("{\"p\":\"w\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirConnector) connector = NULL;
  g_autoptr (AirConnector) of_basic = NULL;
  g_autoptr (AirConnector) of_key = NULL;

  connector = air_connector_new (document, NULL, NULL, &error);
  g_assert_null (connector);
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET);
  g_clear_error (&error);
  connector = air_connector_new (document, "not a url", secrets, &error);
  g_assert_null (connector);
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT);
  g_clear_error (&error);
  of_basic = air_connector_new (basic, NULL, secrets, &error);
  g_assert_no_error (error);
  of_key = air_connector_new (key, NULL, secrets, &error);
  g_assert_no_error (error);
}

/* --- answers ------------------------------------------------------------------------------------ */

static void
test_ok (Fixture *self, gconstpointer data)
{
  g_autoptr (AirOutcome) outcome = answer (self, AIR_PURPOSE_EXECUTE, 200, "{\"id\":\"#W 1/é\"}", "X-Seen", "yes");
  AirValue *bind;

  g_assert_cmpint (outcome->outcome_class, ==, AIR_OUTCOME_OK);
  g_assert_cmpstr (air_map_get_string (outcome->output, "id"), ==, "#W 1/é");
  g_assert_cmpstr (air_map_get_string (air_member (outcome->evidence, "ids"), "thing"), ==, "#W 1/é");
  g_assert_true (air_map_get_bool (outcome->evidence, "seen", FALSE));
  bind = air_member (outcome->evidence, "bind");
  g_assert_cmpstr (air_map_get_string (bind, "run.idem"), ==, "k");
  /* printf '{"id":"#W 1/é"}' | sha256sum */
  g_assert_cmpstr (air_map_get_string (bind, "response.digest"), ==,
                   "sha256:c237f5a9dbda6a4f99b77727126c30e01dee0f2db1b97d92ed8829466548e3b5");
}

static void
test_not_what_was_asked (Fixture *self, gconstpointer data)
{
  g_autoptr (AirOutcome) other = answer (self, AIR_PURPOSE_EXECUTE, 200, "{\"id\":\"b\"}", NULL, NULL);
  g_autoptr (AirOutcome) lacking = answer (self, AIR_PURPOSE_EXECUTE, 200, "{}", NULL, NULL);
  g_autoptr (AirOutcome) html = answer (self, AIR_PURPOSE_EXECUTE, 200, "<html>", NULL, NULL);

  g_assert_cmpint (other->outcome_class, ==, AIR_OUTCOME_FATAL);
  g_assert_nonnull (strstr (other->message, "body.id == input.id"));
  g_assert_cmpstr (other->alarm, ==, "assert");
  g_assert_cmpint (lacking->outcome_class, ==, AIR_OUTCOME_FATAL);
  g_assert_cmpint (html->outcome_class, ==, AIR_OUTCOME_FATAL);
  g_assert_cmpstr (lacking->alarm, ==, "assert");
  g_assert_nonnull (html->alarm);
}

static void
test_errors (Fixture *self, gconstpointer data)
{
  static const struct {
    int status;
    const char *body;
    AirOutcomeClass outcome_class;
  } cases[] = {
    { 400, "{\"code\":\"x\"}", AIR_OUTCOME_CONFLICT },
    { 400, "{\"code\":\"y\"}", AIR_OUTCOME_REJECTED },
    { 400, "{}", AIR_OUTCOME_REJECTED },
    { 400, "", AIR_OUTCOME_REJECTED },
    { 502, "<html>", AIR_OUTCOME_RETRY },
    { 418, "{}", AIR_OUTCOME_FATAL },
    { 302, "", AIR_OUTCOME_FATAL },
    { 400, "\xff\xfe", AIR_OUTCOME_REJECTED },
    { 400, "[[[[", AIR_OUTCOME_REJECTED },
    { 204, "", AIR_OUTCOME_FATAL },
    { 404, "", AIR_OUTCOME_NOT_FOUND },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirOutcome) outcome = answer (self, AIR_PURPOSE_EXECUTE, cases[i].status, cases[i].body, NULL, NULL);

      g_assert_cmpint (outcome->outcome_class, ==, cases[i].outcome_class);
      g_assert_cmpint (outcome->status, ==, cases[i].status);
      g_assert_nonnull (outcome->message);
      g_assert_cmpstr (outcome->alarm, ==, i == 0 ? "odd" : NULL);
    }
}

static void
test_retry_after (Fixture *self, gconstpointer data)
{
  g_autoptr (AirOutcome) seconds = answer (self, AIR_PURPOSE_EXECUTE, 429, "", "retry-after", "7");
  g_autoptr (AirOutcome) date =
      answer (self, AIR_PURPOSE_EXECUTE, 429, "", "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
  g_autoptr (AirHttpRequest) request =
      air_operation_build_request (self->operation, AIR_PURPOSE_EXECUTE, self->input, self->run, self->egress, NULL);
  g_autoptr (AirHttpResponse) response = air_http_response_new (503, NULL);
  g_autoptr (AirOutcome) both = NULL;

  g_assert_cmpint (seconds->retry_after_ms, ==, 7000);
  g_assert_cmpint (date->retry_after_ms, ==, 0);
  air_http_response_add_header (response, "Date", "Sun, 06 Nov 1994 08:49:07 GMT");
  air_http_response_add_header (response, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
  both = air_operation_interpret (self->operation, AIR_PURPOSE_EXECUTE, self->input, self->run, request, response);
  g_assert_cmpint (both->retry_after_ms, ==, 30000);
}

static void
test_reconcile (Fixture *self, gconstpointer data)
{
  static const struct {
    int status;
    const char *body;
    AirOutcomeClass outcome_class;
  } cases[] = {
    { 200, "{\"data\":[{\"id\":\"x\",\"run\":\"other\"},{\"id\":\"#W 1/é\",\"run\":\"put\"}]}", AIR_OUTCOME_OK },
    { 200, "{\"data\":[{\"id\":\"x\",\"run\":\"other\"}]}", AIR_OUTCOME_NOT_FOUND },
    { 200, "{\"data\":[],\"has_more\":true}", AIR_OUTCOME_FATAL },
    { 200, "{\"data\":[{\"id\":\"#W 1/é\",\"run\":\"put\"},{\"id\":\"#W 1/é\",\"run\":\"put\"}]}", AIR_OUTCOME_FATAL },
    { 200, "{\"data\":[{\"id\":\"another\",\"run\":\"put\"}]}", AIR_OUTCOME_FATAL },
    { 200, "not json", AIR_OUTCOME_FATAL },
    { 404, "{}", AIR_OUTCOME_FATAL },
    { 503, "{}", AIR_OUTCOME_RETRY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirOutcome) outcome = answer (self, AIR_PURPOSE_RECONCILE, cases[i].status, cases[i].body, NULL, NULL);

      if (outcome->outcome_class != cases[i].outcome_class)
        g_error ("case %u: %s (%s)", i, air_outcome_class_to_string (outcome->outcome_class), outcome->message);
    }
}

/* The bytes are the same for the same input, and the boundary stands in no part. */
static void
test_multipart (void)
{
  static const char input[] =
      "{\"file\":{\"content_type\":\"text/csv\",\"data\":\"a,b\\r\\n\",\"filename\":\"x\\\".csv\"},"
      "\"n\":5,\"none\":null}";
  g_autoptr (AirValue) map = air_json_parse (input, strlen (input), NULL);
  g_autoptr (GString) first = g_string_new (NULL), second = g_string_new (NULL), expected = g_string_new (NULL);
  g_autofree char *type = NULL, *again = NULL;
  const char *boundary;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) wrong = air_json_parse ("{\"a\":{\"filename\":\"x\"}}", 22, NULL);

  g_assert_true (air_encode_multipart (first, map, &type, &error));
  g_assert_true (air_encode_multipart (second, map, &again, &error));
  g_assert_cmpstr (first->str, ==, second->str);
  boundary = type + strlen ("multipart/form-data; boundary=");
  g_string_append_printf (
      expected,
      "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x%%22.csv\"\r\n"
      "Content-Type: text/csv\r\n\r\na,b\r\n\r\n--%s\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n"
      "5\r\n--%s--\r\n",
      boundary, boundary, boundary);
  g_assert_cmpstr (first->str, ==, expected->str);
  g_assert_false (air_encode_multipart (second, wrong, &again, &error));
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT);
}

static void
test_mail (void)
{
  static const char input[] =
      "{\"headers\":{\"Subject\":\"Grüße\",\"To\":\"ana@example.com\"},\"text\":\"Hallo\\n\",\"threadId\":\"t1\"}";
  static const char *const bad[] = {
    "{\"text\":\"x\"}",
    "{\"headers\":{\"To\":\"a@b\\r\\nBcc: c@d\"},\"text\":\"x\"}",
    "{\"headers\":{\"To\":\"grüße@b\"},\"text\":\"x\"}",
    "{\"headers\":{\"T o\":\"x\"},\"text\":\"x\"}",
  };
  g_autoptr (AirValue) map = air_json_parse (input, strlen (input), NULL), sent = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree guint8 *raw = NULL;
  g_autofree char *mail = NULL;
  const char *text;
  gsize length;

  g_assert_true (air_encode_mail (out, map, NULL));
  sent = air_json_parse (out->str, out->len, NULL);
  g_assert_cmpstr (air_map_get_string (sent, "threadId"), ==, "t1");
  text = air_map_get_string (sent, "raw");
  raw = air_base64url_decode (text, strlen (text), &length);
  mail = g_strndup ((const char *) raw, length);
  g_assert_cmpstr (mail, ==,
                   "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\nTo: ana@example.com\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbG8K\r\n");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (AirValue) value = air_json_parse (bad[i], strlen (bad[i]), NULL);
      g_autoptr (GString) text_out = g_string_new (NULL);

      g_assert_false (air_encode_mail (text_out, value, NULL));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add ("/components/operation/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("request", test_request);
  ADD ("request/refuses", test_request_refuses);
  ADD ("egress", test_egress);
  ADD ("encodings", test_encodings);
  ADD ("document/refuses", test_document_refuses);
  ADD ("connector", test_connector);
  ADD ("ok", test_ok);
  ADD ("not-what-was-asked", test_not_what_was_asked);
  ADD ("errors", test_errors);
  ADD ("retry-after", test_retry_after);
  ADD ("reconcile", test_reconcile);
#undef ADD
  g_test_add_func ("/components/operation/confusions", test_confusions);
  g_test_add_func ("/components/operation/multipart", test_multipart);
  g_test_add_func ("/components/operation/mail", test_mail);
  return g_test_run ();
}
