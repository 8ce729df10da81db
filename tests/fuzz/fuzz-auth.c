/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "components/air-auth-private.h"
#include "fuzz.h"

static const char secrets_text[] = "{\"token\":\"t\",\"user\":\"u\",\"password\":\"p\"}";

/* {"auth": …, "query": "…", "status": n, "answer": "…"}: a connector's credentials go into a request, or are refused;
 * the token server's answer is a token that fits into a header, or none; a query's decoded parts are text. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static AirValue *secrets;
  g_autoptr (AirValue) document = air_json_parse ((const char *) data, size, NULL);
  const char *query = document != NULL ? air_map_get_string (document, "query") : NULL;
  const char *text = document != NULL ? air_map_get_string (document, "answer") : NULL;
  g_autoptr (AirAuth) auth = NULL;
  g_autoptr (AirHttpRequest) request = NULL, asked = NULL;
  g_autoptr (GError) error = NULL;

  if (document == NULL || air_value_get_kind (document) != AIR_VALUE_MAP)
    return 0;
  if (secrets == NULL)
    secrets = air_json_parse (secrets_text, strlen (secrets_text), NULL);
  for (guint form = 0; form < 2; form++)
    {
      g_autoptr (GPtrArray) parts = air_auth_parse_query (query, form != 0);

      for (guint i = 0; parts != NULL && i < parts->len; i++)
        g_assert_nonnull (((AirHttpHeader *) parts->pdata[i])->value);
    }
  auth = air_auth_new (air_map_get_map (document, "auth"), secrets, "v", &error);
  g_assert_true ((auth == NULL) == (error != NULL));
  if (auth == NULL)
    return 0;
  request = air_http_request_new ("POST", "https://v.example/a?b=c&d");
  if (air_auth_apply (auth, "https://v.example", request, NULL))
    (void) air_auth_sign (auth, request, G_GINT64_CONSTANT (1795339800000000), "nonce", NULL);
  if (air_auth_needs_token (auth))
    asked = air_auth_build_token_request (auth, NULL, G_GINT64_CONSTANT (1795339800000000), "nonce", NULL);
  if (text != NULL)
    {
      g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
      g_autoptr (AirHttpResponse) response =
          air_http_response_new ((int) CLAMP (air_map_get_int (document, "status", 200), 100, 599), body);
      gint64 seconds = -1;
      g_autofree char *renewed = NULL;
      g_autofree char *token = air_auth_read_token (auth, response, &seconds, &renewed, NULL);

      if (token != NULL)
        {
          g_assert_cmpint (seconds, >=, 0);
          g_assert_true (strpbrk (token, "\r\n") == NULL);
          air_auth_add_token (auth, request, token);
        }
    }
  return 0;
}
