/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a registry and its token server say of who may come in. */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>

#include "artifact/air-artifact.h"
#include "artifact/air-oci-auth.h"

static void
test_tokens (void)
{
  static const struct {
    const char *answer;
    const char *token;
  } cases[] = {
    { "{\"token\":\"abc\"}", "abc" },
    { "{\"access_token\":\"abc\"}", "abc" },
    { "{\"token\":\"a b\"}", NULL },
    { "{\"token\":\"ab\\r\\nX: y\"}", NULL },
    { "{\"token\":\"\\u00e4\"}", NULL },
    { "{\"token\":\"a\\u0000b\"}", NULL },
    { "{\"token\":\"\"}", NULL },
    { "{\"token\":7}", NULL },
    { "[]", NULL },
    { "", NULL },
  };
  g_autofree char *letters = g_strnfill (70000, 'a'), *text = g_strdup_printf ("{\"token\":\"%s\"}", letters);
  g_autoptr (GBytes) longest = g_bytes_new (text, strlen (text));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].answer, strlen (cases[i].answer));
      g_autoptr (GError) error = NULL;
      g_autofree char *token = air_oci_token_parse (bytes, &error);

      g_assert_cmpstr (token, ==, cases[i].token);
      g_assert_true ((token == NULL) == g_error_matches (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS));
    }
  g_assert_null (air_oci_token_parse (longest, NULL));
}

static void
test_challenges (void)
{
  static const struct {
    const char *header;
    const char *url;
  } cases[] = {
    { "Bearer realm=\"https://t.example/token\",service=\"r\",scope=\"repository:a:pull\"",
      "https://t.example/token?service=r&scope=repository%3Aa%3Apull" },
    { "Bearer realm=\"file:///etc/passwd\"", NULL },
    { "Bearer realm=\"https://user:pw@t.example/\"", NULL },
    { "Bearer realm=\"https://\"", NULL },
    { "Bearer realm=\"https://t.example/?a=b\",scope=\"x&y=z\"", "https://t.example/?a=b&scope=x%26y%3Dz" },
    { "Bearer realm=\"unended", NULL },
    { "Bearer", NULL },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirOciChallenge) challenge = air_oci_challenge_parse (cases[i].header);
      g_autofree char *url = challenge != NULL ? air_oci_challenge_get_url (challenge) : NULL;

      g_assert_cmpstr (url, ==, cases[i].url);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/artifact/oci-auth/tokens", test_tokens);
  g_test_add_func ("/artifact/oci-auth/challenges", test_challenges);
  return g_test_run ();
}
