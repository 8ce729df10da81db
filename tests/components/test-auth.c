/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures and tokens, by the examples their makers published. */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "base/air-json.h"
#include "base/air-key.h"
#include "components/air-auth.h"
#include "components/air-operation.h"

static AirAuth *
make_auth (const char *text, GError **error)
{
  g_autoptr (AirValue) auth = air_json_parse (text, strlen (text), NULL);
  g_autoptr (AirValue) secrets = air_map_new ();

  g_assert_nonnull (auth);
  air_map_set_string (secrets, "token", "t0k3n");
  air_map_set_string (secrets, "bot", "123:AB c");
  return air_auth_new (auth, secrets, "v", error);
}

static AirAuth *
good_auth (const char *text)
{
  g_autoptr (GError) error = NULL;
  AirAuth *auth = make_auth (text, &error);

  g_assert_no_error (error);
  return auth;
}

static gint64
at (const char *time)
{
  gint64 us;

  g_assert_true (air_time_parse (time, &us));
  return us;
}

/* The suite AWS publishes for Signature Version 4, and the worked example of its reference. */
static void
test_sigv4 (void)
{
#define SUITE                                                                                                          \
  "{\"kind\":\"sigv4\",\"access_key\":\"AKIDEXAMPLE\",\"secret_key\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\","    \
  "\"region\":\"us-east-1\",\"service\":"
  static const struct {
    const char *auth, *method, *url, *type, *signature;
  } cases[] = {
    /* get-vanilla, post-vanilla */
    { SUITE "\"service\"}", "GET", "https://example.amazonaws.com/", NULL,
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
    { SUITE "\"service\"}", "POST", "https://example.amazonaws.com/", NULL,
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
    /* get-vanilla-query-order-key-case */
    { SUITE "\"service\"}", "GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", NULL,
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
    { SUITE "\"iam\"}", "GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
      "application/x-www-form-urlencoded; charset=utf-8",
      "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirAuth) auth = good_auth (cases[i].auth);
      g_autoptr (AirHttpRequest) request = air_http_request_new (cases[i].method, cases[i].url);
      g_autoptr (GError) error = NULL;
      const char *value;

      if (cases[i].type != NULL)
        air_http_request_add_header (request, "Content-Type", cases[i].type, FALSE);
      g_assert_true (air_auth_sign (auth, request, at ("2015-08-30T12:36:00Z"), "n", &error));
      value = air_http_request_get_header (request, "Authorization");
      g_test_message ("%s", value);
      g_assert_nonnull (strstr (value, "Credential=AKIDEXAMPLE/20150830/us-east-1/"));
      g_assert_true (g_str_has_suffix (value, cases[i].signature));
    }
}

/* RFC 5849, 1.2: the request for the photo. */
static void
test_oauth1 (void)
{
  static const char text[] =
      "{\"kind\":\"oauth1\",\"consumer_key\":\"dpf43f3p2l4k3l03\",\"consumer_secret\":\"kd94hf93k423kf44\","
      "\"token\":\"nnch734d00sl2jdk\",\"token_secret\":\"pfkkdhi9sl3r4s00\",\"realm\":\"Photos\"}";
  g_autoptr (AirAuth) auth = good_auth (text);
  g_autoptr (AirHttpRequest) request =
      air_http_request_new ("GET", "http://photos.example.net/photos?file=vacation.jpg&size=original");
  const char *value;

  g_assert_true (air_auth_sign (auth, request, G_GINT64_CONSTANT (137131202) * G_USEC_PER_SEC, "chapoH", NULL));
  value = air_http_request_get_header (request, "Authorization");
  g_assert_true (g_str_has_prefix (value, "OAuth realm=\"Photos\", oauth_consumer_key=\"dpf43f3p2l4k3l03\""));
  /* The example leaves oauth_version out; it is optional, ours says it, so the base string is computed anew here. */
  g_assert_nonnull (strstr (value, "oauth_version=\"1.0\""));
  g_assert_nonnull (strstr (value, "oauth_signature=\""));
}

/* The worked example of the X (Twitter) reference, which sends oauth_version and a form. */
static void
test_oauth1_form (void)
{
  static const char text[] = "{\"kind\":\"oauth1\",\"consumer_key\":\"xvz1evFS4wEEPTGEFPHBog\",\"consumer_secret\":"
                             "\"kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw\",\"token\":\"370773112-"
                             "GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb\","
                             "\"token_secret\":\"LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE\"}";
  static const char form[] = "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21";
  g_autoptr (AirAuth) auth = good_auth (text);
  g_autoptr (AirHttpRequest) request =
      air_http_request_new ("POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true");
  const char *value;

  air_http_request_add_header (request, "Content-Type", "application/x-www-form-urlencoded", FALSE);
  request->body = g_bytes_new_static (form, strlen (form));
  g_assert_true (air_auth_sign (auth, request, G_GINT64_CONSTANT (1318622958) * G_USEC_PER_SEC,
                                "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", NULL));
  value = air_http_request_get_header (request, "Authorization");
  g_test_message ("%s", value);
  g_assert_nonnull (strstr (value, "oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""));
}

/* RFC 4231, test case 2, as a vendor might use it: over the body alone. */
static void
test_hmac (void)
{
  g_autoptr (AirAuth) auth = good_auth (
      "{\"kind\":\"hmac\",\"secret\":\"Jefe\",\"header\":\"X-Signature\",\"message\":\"body\",\"prefix\":\"v0=\"}");
  g_autoptr (AirAuth) whole = good_auth (
      "{\"kind\":\"hmac\",\"secret\":\"Jefe\",\"header\":\"X-Signature\",\"message\":\"timestamp method path body\","
      "\"separator\":\":\",\"timestamp_header\":\"X-Time\",\"encoding\":\"base64\",\"algorithm\":\"sha512\"}");
  g_autoptr (AirAuth) wrong =
      good_auth ("{\"kind\":\"hmac\",\"secret\":\"Jefe\",\"header\":\"X-Signature\",\"message\":\"moon\"}");
  g_autoptr (AirHttpRequest) request = air_http_request_new ("POST", "https://v.example/a?b=c");
  g_autoptr (AirHttpRequest) second = air_http_request_new ("POST", "https://v.example/a?b=c");
  g_autofree char *expected = NULL;
  g_autofree char *hex = g_compute_hmac_for_string (G_CHECKSUM_SHA512, (const guchar *) "Jefe", 4,
                                                    "1700000000:POST:/a:what do ya want for nothing?", -1);
  g_autofree guint8 *raw = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  request->body = g_bytes_new_static ("what do ya want for nothing?", 28);
  second->body = g_bytes_ref (request->body);
  g_assert_true (air_auth_sign (auth, request, 0, "n", NULL));
  g_assert_cmpstr (air_http_request_get_header (request, "X-Signature"), ==,
                   "v0=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  g_assert_true (air_auth_sign (whole, second, G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC, "n", NULL));
  raw = air_hex_decode (hex, &length);
  expected = g_base64_encode (raw, length);
  g_assert_cmpstr (air_http_request_get_header (second, "X-Signature"), ==, expected);
  g_assert_cmpstr (air_http_request_get_header (second, "X-Time"), ==, "1700000000");
  g_assert_false (air_auth_sign (wrong, second, 0, "n", &error));
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT);
}

static void
test_keys (void)
{
  g_autoptr (AirAuth) query =
      good_auth ("{\"kind\":\"query-key\",\"parameter\":\"api_key\",\"key\":\"${secret.bot}\"}");
  g_autoptr (AirAuth) path = good_auth ("{\"kind\":\"path-key\",\"prefix\":\"bot\",\"key\":\"${secret.bot}\"}");
  g_autoptr (AirAuth) basic = good_auth ("{\"kind\":\"basic\",\"user\":\"Aladdin\",\"password\":\"open sesame\"}");
  g_autoptr (AirHttpRequest) first = air_http_request_new ("GET", "https://v.example/base/op?x=1");
  g_autoptr (AirHttpRequest) second = air_http_request_new ("GET", "https://v.example/base/op");
  g_autoptr (AirHttpRequest) third = air_http_request_new ("GET", "https://v.example/");
  g_autofree char *words = NULL, *others = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (air_auth_apply (query, "https://v.example/base", first, NULL));
  g_assert_cmpstr (first->url, ==, "https://v.example/base/op?x=1&api_key=123%3AAB%20c");
  g_assert_cmpstr (first->shown_url, ==, "https://v.example/base/op?x=1");
  g_assert_true (air_auth_apply (path, "https://v.example/base", second, NULL));
  g_assert_cmpstr (second->url, ==, "https://v.example/base/bot123:AB%20c/op");
  /* Neither is ever said aloud. */
  words = air_http_request_describe (first);
  others = air_http_request_describe (second);
  g_assert_null (strstr (words, "123"));
  g_assert_null (strstr (others, "123"));
  /* RFC 7617, 2 */
  g_assert_true (air_auth_apply (basic, "https://v.example", third, NULL));
  g_assert_cmpstr (air_http_request_get_header (third, "Authorization"), ==, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  g_assert_false (air_auth_apply (basic, "https://v.example", third, &error));
  g_assert_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT);
}

static char *
body_of (const AirHttpRequest *request)
{
  return g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
}

/* RFC 6749, 4.4.2 and 6, with the client of its examples. */
static void
test_token_request (void)
{
#define CLIENT                                                                                                         \
  "\"token_url\":\"https://server.example.com/token\",\"client_id\":\"s6BhdRkqt3\",\"client_secret\":\"gX1fBat3bV\""
  g_autoptr (AirAuth) client =
      good_auth ("{\"kind\":\"oauth2\",\"grant\":\"client_credentials\",\"scope\":\"a b\"," CLIENT "}");
  g_autoptr (AirAuth) refresh = good_auth (
      "{\"kind\":\"oauth2\",\"grant\":\"refresh_token\",\"refresh_token\":\"tGzv3JOkF0XG5Qx2TlKWIA\",\"client_auth\":"
      "\"body\"," CLIENT "}");
  g_autoptr (AirHttpRequest) first = air_auth_build_token_request (client, NULL, 0, "n", NULL);
  g_autoptr (AirHttpRequest) second = air_auth_build_token_request (refresh, NULL, 0, "n", NULL);
  g_autofree char *first_body = body_of (first), *second_body = body_of (second);

  g_assert_true (air_auth_needs_token (client));
  g_assert_cmpstr (first->method, ==, "POST");
  g_assert_cmpstr (first->url, ==, "https://server.example.com/token");
  g_assert_cmpstr (air_http_request_get_header (first, "Authorization"), ==, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
  g_assert_cmpstr (first_body, ==, "grant_type=client_credentials&scope=a%20b");
  g_assert_null (air_http_request_get_header (second, "Authorization"));
  g_assert_cmpstr (
      second_body, ==,
      "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV");
}

/* RFC 7523: whoever has our public key can check it. */
static void
test_assertion (void)
{
  for (guint i = 0; i < 20; i++)
    {
      AirKeyType type = i % 2 == 0 ? AIR_KEY_ECDSA_P256 : AIR_KEY_ED25519;
      g_autoptr (AirPrivateKey) key = air_private_key_generate (type, NULL);
      g_autofree char *pem = air_private_key_to_pem (key), *body = NULL, *claims = NULL;
      g_autoptr (AirValue) auth_value = air_map_new (), parsed = NULL;
      g_autoptr (AirAuth) auth = NULL;
      g_autoptr (AirHttpRequest) request = NULL;
      g_auto (GStrv) parts = NULL;
      g_autofree guint8 *text = NULL, *raw = NULL;
      const char *assertion;
      gsize length;

      air_map_set_string (auth_value, "kind", "oauth2");
      air_map_set_string (auth_value, "grant", "jwt_bearer");
      air_map_set_string (auth_value, "token_url", "https://authz.example.net/token.oauth2");
      air_map_set_string (auth_value, "issuer", "https://jwt-idp.example.com");
      air_map_set_string (auth_value, "subject", "mailto:mike@example.com");
      air_map_set_string (auth_value, "key", pem);
      auth = air_auth_new (auth_value, NULL, "v", NULL);
      request = air_auth_build_token_request (auth, NULL, at ("2026-11-22T10:00:00Z"), "id4711", NULL);
      body = body_of (request);
      assertion = strstr (body, "&assertion=");
      g_assert_true (
          g_str_has_prefix (body, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="));
      parts = g_strsplit (assertion + strlen ("&assertion="), ".", 3);
      text = air_base64url_decode (parts[1], strlen (parts[1]), &length);
      parsed = air_json_parse ((const char *) text, length, NULL);
      g_assert_cmpstr (air_map_get_string (parsed, "iss"), ==, "https://jwt-idp.example.com");
      g_assert_cmpstr (air_map_get_string (parsed, "sub"), ==, "mailto:mike@example.com");
      g_assert_cmpstr (air_map_get_string (parsed, "aud"), ==, "https://authz.example.net/token.oauth2");
      g_assert_cmpstr (air_map_get_string (parsed, "jti"), ==, "id4711");
      g_assert_cmpint (air_map_get_int (parsed, "exp", 0) - air_map_get_int (parsed, "iat", 0), ==, 300);
      raw = air_base64url_decode (parts[2], strlen (parts[2]), &length);
      g_assert_cmpuint (length, ==, 64);
      claims = g_strconcat (parts[0], ".", parts[1], NULL);
      if (type == AIR_KEY_ED25519)
        g_assert_true (
            air_public_key_verify (air_private_key_get_public (key), claims, strlen (claims), raw, length, NULL));
    }
}

static void
test_token_answers (void)
{
  static const struct {
    int status;
    const char *body;
    const char *token;
    gint64 seconds;
    int code;
  } cases[] = {
    { 200, "{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\",\"token_type\":\"Bearer\",\"expires_in\":3600}",
      "2YotnFZFEjr1zCsicMWpAA", 3570, 0 },
    { 200, "{\"access_token\":\"a\"}", "a", 270, 0 },
    { 200, "{\"access_token\":\"a\",\"expires_in\":5}", "a", 0, 0 },
    { 200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 200, "{\"access_token\":\"a\\r\\nX: y\"}", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 200, "{}", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 200, "oops", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 400, "{\"error\":\"invalid_client\"}", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 401, "", NULL, 0, AIR_OPERATION_ERROR_SECRET },
    { 503, "", NULL, 0, AIR_OPERATION_ERROR_INPUT },
    { 429, "[]", NULL, 0, AIR_OPERATION_ERROR_INPUT },
  };
  g_autoptr (AirAuth) auth = good_auth ("{\"kind\":\"oauth2\",\"grant\":\"client_credentials\"," CLIENT "}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (cases[i].body, strlen (cases[i].body));
      g_autoptr (AirHttpResponse) response = air_http_response_new (cases[i].status, body);
      g_autoptr (GError) error = NULL;
      gint64 seconds = -1;
      g_autofree char *refresh_token = NULL,
                      *token = air_auth_read_token (auth, response, &seconds, &refresh_token, &error);

      g_assert_cmpstr (token, ==, cases[i].token);
      if (token == NULL)
        g_assert_error (error, AIR_OPERATION_ERROR, cases[i].code);
      else
        g_assert_cmpint (seconds, ==, cases[i].seconds);
    }
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "{}",
    "{\"kind\":\"magic\"}",
    "{\"kind\":\"bearer\"}",
    "{\"kind\":\"bearer\",\"token\":\"${secret.absent}\"}",
    "{\"kind\":\"bearer\",\"token\":\"a\\nb\"}",
    "{\"kind\":\"header-key\",\"header\":\"A B\",\"key\":\"x\"}",
    "{\"kind\":\"sigv4\",\"access_key\":\"a\",\"secret_key\":\"b\",\"region\":\"c\"}",
    "{\"kind\":\"oauth2\",\"grant\":\"password\",\"token_url\":\"https://x\"}",
    "{\"kind\":\"oauth2\",\"grant\":\"jwt_bearer\",\"token_url\":\"https://x\"}",
    "{\"kind\":\"oauth2\",\"grant\":\"refresh_token\",\"token_url\":\"https://x\",\"client_id\":\"y\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (make_auth (texts[i], &error));
      g_assert_true (error->domain == AIR_OPERATION_ERROR);
      g_assert_null (strstr (error->message, "t0k3n"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/components/auth/sigv4", test_sigv4);
  g_test_add_func ("/components/auth/oauth1", test_oauth1);
  g_test_add_func ("/components/auth/oauth1-form", test_oauth1_form);
  g_test_add_func ("/components/auth/hmac", test_hmac);
  g_test_add_func ("/components/auth/keys", test_keys);
  g_test_add_func ("/components/auth/token-request", test_token_request);
  g_test_add_func ("/components/auth/assertion", test_assertion);
  g_test_add_func ("/components/auth/token-answers", test_token_answers);
  g_test_add_func ("/components/auth/refused", test_refused);
  return g_test_run ();
}
