/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody with a certificate may try against the daemon as it ships. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "site.h"

static AirValue *
post (Site *site, SitePerson person, const char *path, const char *body, guint *ret_status)
{
  return site_request (site, person, "POST", path, body != NULL ? "application/json" : NULL, body, ret_status, NULL);
}

/* --- words too long for an entry ------------------------------------------------------------- */

/* They must not keep those after them out of the ledger. */
static void
test_long_words (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autofree char *words = g_strnfill (70000, 'x'), *run = NULL, *decisions = NULL, *envelope = NULL, *glass = NULL;
  guint status;

  site_start (site);
  run = site_order (site, "a", 5000);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  decisions = g_strdup_printf ("/v1/gates/%s/approval/decisions", run);
  envelope = g_strdup_printf (
      "{\"payload\":\"e30=\",\"payloadType\":\"%s\",\"signatures\":[{\"keyid\":\"x\",\"sig\":\"eA==\"}]}", words);
  glass = g_strdup_printf ("{\"role\":\"operator\",\"minutes\":5,\"reason\":\"%s\"}", words);
  air_value_unref (post (site, SITE_AUDE, decisions, envelope, &status));
  g_assert_cmpuint (status, ==, 422);
  air_value_unref (post (site, SITE_DORA, "/v1/break-glass", glass, &status));
  g_assert_cmpuint (status, ==, 422);
  air_value_unref (post (site, SITE_AUDE, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"all\":true}}", &status));
  g_assert_cmpuint (status, ==, 403);
  g_assert_cmpuint (site_count_refused (site, "gate.malformed"), ==, 1);
  g_assert_cmpuint (site_count_refused (site, "glass.reason"), ==, 1);
  g_assert_cmpuint (site_count_refused (site, "access.role-missing"), ==, 1);
}

/* --- files that say something, and not what they seem to ----------------------------------------- */

static void
assert_refused (Site *site, const char *file, const char *from, const char *to, const char *wanted)
{
  g_autofree char *path = site_file (site, file), *text = NULL, *words = NULL;
  g_autoptr (GString) edited = NULL;
  int status;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  edited = g_string_new (text);
  if (g_string_replace (edited, from, to, 1) != 1)
    g_error ("%s holds no %s", file, from);
  g_assert_true (g_file_set_contents (path, edited->str, -1, NULL));
  status = site_run_refused (site, &words);
  g_test_message ("%s", words);
  g_assert_cmpint (status, ==, 65);
  if (strstr (words, wanted) == NULL)
    g_error ("%s: \"%s\" tells nothing of \"%s\"", file, words, wanted);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A right that is misspelt is no wider one, and a bar that is misspelt no bar less. */
static void
test_documents (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *token = site_file (site, "v.token"), *words = NULL;

  assert_refused (site, "trust.json", "\"v\": 1", "\"separaton\": [[\"designer\", \"approver\"]], \"v\": 1",
                  "separaton");
  assert_refused (site, "trust.json", "\"v\": 1", "\"separation\": {\"designer\": \"approver\"}, \"v\": 1",
                  "separation");
  assert_refused (site, "trust.json", "\"roles\": [",
                  "\"grants\": [{\"role\": \"admin\", \"workflow\": [\"other\"]}], \"roles\": [", "workflow");
  assert_refused (site, "trust.json", "\"roles\": [",
                  "\"grants\": [{\"role\": \"admin\", \"tenant\": 5}], \"roles\": [", "a grant is");
  assert_refused (site, "trust.json", "\"roles\": [", "\"rolls\": [\"admin\"], \"roles\": [", "rolls");
  assert_refused (site, "trust.json", "\"roles\": [", "\"grants\": {\"role\": \"admin\"}, \"roles\": [", "a person is");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"witnesses\":{\"url\":\"x\"},\"egress\":[", "witnesses");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"timestamps\":\"https://tsa.example\",\"egress\":[",
                  "timestamps");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"max_effects\":\"5\",\"egress\":[", "max_effects");
  assert_refused (site, "runtime.json", "\"secret_file\":", "\"secretfile\":\"x\",\"secret_file\":", "a connector is");

  /* What a secret file holds is not told, whatever is wrong with it. */
  g_assert_true (g_file_set_contents (token, "{\"token\": 31415926535897932384626433832795028841971}", -1, NULL));
  g_assert_cmpint (site_run_refused (site, &words), !=, 0);
  g_test_message ("%s", words);
  g_assert_null (strstr (words, "31415"));
  g_assert_nonnull (strstr (words, "v.token"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/attacks/long-words", test_long_words);
  g_test_add_func ("/runtime/attacks/documents", test_documents);
  return g_test_run ();
}
