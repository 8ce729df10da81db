/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody with a certificate may try against the daemon as it ships. */
#include "config.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "base/air-json.h"
#include "site.h"
#include "wire/air-tls.h"

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
  /* It is told in the log, where a line of somebody else's making has no place. */
  air_value_unref (post (
      site, SITE_DORA, "/v1/break-glass",
      "{\"role\":\"operator\",\"minutes\":5,\"reason\":\"all is well\\nair-runtime-Message: stopping\"}", &status));
  g_assert_cmpuint (status, ==, 422);
  air_value_unref (post (site, SITE_AUDE, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"all\":true}}", &status));
  g_assert_cmpuint (status, ==, 403);
  g_assert_cmpuint (site_count_refused (site, "gate.malformed"), ==, 1);
  g_assert_cmpuint (site_count_refused (site, "glass.reason"), ==, 2);
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
  g_assert_true (status == 65 || status == 69);
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
                  "wrong type");
  assert_refused (site, "trust.json", "\"roles\": [",
                  "\"grants\": [{\"role\": \"admin\", \"workflow\": [\"other\"]}], \"roles\": [", "workflow");
  assert_refused (site, "trust.json", "\"roles\": [",
                  "\"grants\": [{\"role\": \"admin\", \"tenant\": 5}], \"roles\": [", "wrong type");
  assert_refused (site, "trust.json", "\"roles\": [", "\"rolls\": [\"admin\"], \"roles\": [", "rolls");
  assert_refused (site, "trust.json", "\"roles\": [", "\"grants\": {\"role\": \"admin\"}, \"roles\": [", "wrong type");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"witnesses\":{\"url\":\"x\"},\"egress\":[", "witnesses");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"timestamps\":\"https://tsa.example\",\"egress\":[",
                  "timestamps");
  assert_refused (site, "runtime.json", "\"egress\":[", "\"max_effects\":\"5\",\"egress\":[", "max_effects");
  assert_refused (site, "runtime.json", "\"secret_file\":", "\"secretfile\":\"x\",\"secret_file\":", "a connector is");

  /* That others may read it is. */
  g_assert_cmpint (g_chmod (token, 0644), ==, 0);
  assert_refused (site, "runtime.json", "\"listen\":\"127.0.0.1:0\"", "\"listen\":\"nowhere\"",
                  "v.token may be read by others");
  g_assert_cmpint (g_chmod (token, 0600), ==, 0);

  /* What a secret file holds is not told, whatever is wrong with it. */
  g_assert_true (g_file_set_contents (token, "{\"token\": 31415926535897932384626433832795028841971}", -1, NULL));
  g_assert_cmpint (site_run_refused (site, &words), !=, 0);
  g_test_message ("%s", words);
  g_assert_null (strstr (words, "31415"));
  g_assert_nonnull (strstr (words, "v.token"));
}

/* --- watchers ---------------------------------------------------------------------------------- */

/* Opens a stream and reads nothing of it. */
static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *status = user_data;
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (GError) error = NULL;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr (GInputStream) stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  g_assert_no_error (error);
  *status = soup_message_get_status (message);
  g_object_set_data_full (source, id, g_steal_pointer (&stream), g_object_unref);
}

static guint
watch (Site *site, SoupSession *session)
{
  g_autofree char *url = g_strdup_printf ("https://%s/v1/events", site->address);
  g_autofree char *crt = site_file (site, "aude.crt"), *key = site_file (site, "aude.key");
  g_autoptr (GTlsCertificate) certificate = air_tls_certificate_load (crt, key, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  guint status = 0;

  soup_message_set_tls_client_certificate (message, certificate);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, NULL, opened_cb, &status);
  while (status == 0)
    g_main_context_iteration (NULL, TRUE);
  return status;
}

/* Somebody who watches and never reads may do so a few times only. */
static void
test_watchers (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (GTlsDatabase) database = air_tls_database_new (site->ca, NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options (
      "tls-database", database, "max-conns", 40, "max-conns-per-host", 40, "proxy-resolver", NULL, NULL);
  g_autofree char *longest = g_strnfill (5000, 'a'), *path = g_strconcat ("/v1/runs/", longest, NULL);
  guint status;

  site_start (site);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpuint (watch (site, session), ==, 200);
  g_assert_cmpuint (watch (site, session), ==, 429);
  soup_session_abort (session);

  air_value_unref (site_request (site, SITE_AUDE, "GET", path, NULL, NULL, &status, NULL));
  g_assert_cmpuint (status, ==, 414);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/attacks/long-words", test_long_words);
  g_test_add_func ("/runtime/attacks/documents", test_documents);
  g_test_add_func ("/runtime/attacks/watchers", test_watchers);
  return g_test_run ();
}
