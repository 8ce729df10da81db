/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.json changes while the daemon runs: SIGHUP. */
#include "config.h"

#include <libsoup/soup.h>
#include <signal.h>
#include <string.h>

#include "base/air-json.h"
#include "ledger/air-verifier.h"
#include "site.h"
#include "wire/air-tls.h"

static AirValue *
read_trust (Site *site)
{
  g_autofree char *path = site_file (site, "trust.json");
  g_autoptr (GError) error = NULL;
  AirValue *trust = air_json_load_file (path, &error);

  g_assert_no_error (error);
  return trust;
}

static void
write_text (Site *site, const char *text)
{
  g_autofree char *path = site_file (site, "trust.json");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
write_trust (Site *site, const AirValue *trust)
{
  g_autofree char *text = air_json_write_pretty (trust, NULL);

  write_text (site, text);
}

/* A copy in which @person is @replacement, or is not there. */
static AirValue *
with_person (const AirValue *trust, const char *list, SitePerson person, AirValue *take_replacement)
{
  AirValue *copy = air_map_copy (trust), *people = air_list_new ();
  const AirValue *before = air_map_get_list (trust, list);

  for (gsize i = 0; i < air_list_get_size (before); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (before, i), "uri"), site_uri (person)) != 0)
      air_list_append (people, air_value_ref (air_list_get (before, i)));
    else if (take_replacement != NULL)
      air_list_append (people, take_replacement);
  air_map_set (copy, list, people);
  return copy;
}

static AirValue *
person_of (SitePerson person, const char *role, AirPrivateKey *key)
{
  AirValue *value = air_map_new (), *roles = air_list_new ();
  g_autofree char *pem = air_public_key_to_pem (air_private_key_get_public (key));

  air_list_append (roles, air_value_new_string (role));
  air_map_set_string (value, "uri", site_uri (person));
  air_map_set (value, "roles", roles);
  air_map_set_string (value, "key", pem);
  return value;
}

/* The main loop of the daemon has gone round since. */
static void
hang_up (Site *site)
{
  g_subprocess_send_signal (site->daemon, SIGHUP);
  for (guint i = 0; i < 3; i++)
    air_value_unref (site_get (site, SITE_AUDE, "/v1/health"));
}

/* Until the ledger says so as often; the test's own timeout is meson's. */
static void
wait_for_entries (Site *site, const char *type, guint n)
{
  while (site_count_entries (site, type) < n)
    g_usleep (2000);
  g_assert_cmpuint (site_count_entries (site, type), ==, n);
}

static char *
ask (Site *site, const char *id)
{
  char *run = site_order (site, id, 500);

  air_value_unref (site_wait (site, run, "waiting-gate"));
  return run;
}

static guint
decide (Site *site, SitePerson person, const char *run, AirValue **ret_answer)
{
  g_autofree char *envelope = site_envelope (site, person, run, "approve", "approver", SITE_RIGHT);
  g_autoptr (AirValue) answer = NULL;
  guint status;

  answer = site_decide (site, person, run, envelope, &status);
  if (ret_answer != NULL)
    *ret_answer = g_steal_pointer (&answer);
  return status;
}

static guint
see_gate (Site *site, SitePerson person, const char *run)
{
  g_autofree char *path = g_strdup_printf ("/v1/gates/%s/%s", run, site->gate);
  guint status;
  AirValue *gate = site_request (site, person, "GET", path, NULL, NULL, &status, NULL);

  g_clear_pointer (&gate, air_value_unref);
  return status;
}

static void
assert_proven (Site *site, const char *run)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/bundle", run), *text = NULL;
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (AirReport) report = NULL;
  AirValue *none;
  guint status;

  none = site_request (site, SITE_AUDE, "GET", path, NULL, NULL, &status, &bundle);
  g_clear_pointer (&none, air_value_unref);
  g_assert_cmpuint (status, ==, 200);
  report = air_verifier_check_zip (bundle, NULL);
  text = air_report_to_text (report);
  if (!air_report_passed (report))
    g_error ("refused:\n%s", text);
}

/* Who is taken out is nobody here any more, at once and without a restart; and what they decided before stays proven. */
static void
test_removed (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autofree char *run = NULL, *second = NULL, *third = NULL;
  g_autoptr (AirValue) trust = NULL, without = NULL;
  guint status;

  site_start (site);
  trust = read_trust (site);
  without = with_person (trust, "people", SITE_ANA, NULL);
  run = ask (site, "a");
  second = ask (site, "b");
  g_assert_cmpuint (decide (site, SITE_ANA, run, NULL), ==, 200);
  air_value_unref (site_wait (site, run, "completed"));
  /* Refusals before it must not hide what the chain says of keys after them. */
  air_value_unref (site_request (site, SITE_AUDE, "POST", "/v1/control", "application/json",
                                 "{\"action\":\"pause\",\"filter\":{\"all\":true}}", &status, NULL));
  g_assert_cmpuint (status, ==, 403);
  write_trust (site, without);
  hang_up (site);
  wait_for_entries (site, "TRUST_CHANGED", 1);
  wait_for_entries (site, "KEY_REVOKED", 1);
  g_assert_cmpuint (see_gate (site, SITE_ANA, second), ==, 403);
  g_assert_cmpuint (decide (site, SITE_BO, second, NULL), ==, 200);
  air_value_unref (site_wait (site, second, "completed"));
  assert_proven (site, run);
  assert_proven (site, second);
  /* Back again, under a new entry. */
  third = ask (site, "c");
  write_trust (site, trust);
  hang_up (site);
  wait_for_entries (site, "TRUST_CHANGED", 2);
  g_assert_cmpuint (decide (site, SITE_ANA, third, NULL), ==, 200);
  air_value_unref (site_wait (site, third, "completed"));
  assert_proven (site, third);
  /* The next epoch begins from there: nobody is revoked a second time. */
  site_stop (site);
  site_start (site);
  g_assert_cmpuint (site_count_entries (site, "KEY_REVOKED"), ==, 1);
  assert_proven (site, run);
}

/* A key that was lost is taken away, and its owner has another. */
static void
test_another_key (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autofree char *run = NULL;
  g_autoptr (AirValue) trust = NULL, changed = NULL, answer = NULL;
  AirPrivateKey *lost;

  site_start (site);
  trust = read_trust (site);
  lost = site->decision_keys[SITE_ANA];
  site->decision_keys[SITE_ANA] = air_private_key_generate (AIR_KEY_ECDSA_P256, NULL);
  changed = with_person (trust, "people", SITE_ANA, person_of (SITE_ANA, "approver", site->decision_keys[SITE_ANA]));
  run = ask (site, "a");
  write_trust (site, changed);
  hang_up (site);
  wait_for_entries (site, "TRUST_CHANGED", 1);
  {
    AirPrivateKey *fresh = site->decision_keys[SITE_ANA];

    site->decision_keys[SITE_ANA] = lost;
    g_assert_cmpuint (decide (site, SITE_ANA, run, &answer), ==, 403);
    g_assert_cmpstr (air_map_get_string (answer, "rule"), ==, "gate.unknown-key");
    site->decision_keys[SITE_ANA] = fresh;
  }
  air_private_key_unref (lost);
  g_assert_cmpuint (decide (site, SITE_ANA, run, NULL), ==, 200);
  air_value_unref (site_wait (site, run, "completed"));
  assert_proven (site, run);
}

/* The same key for another role: what was taken away is gone, what was given is there, and the ledger says which. */
static void
test_another_role (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autofree char *run = NULL;
  g_autoptr (AirValue) trust = NULL, changed = NULL, both = NULL;
  guint enrolled, status;

  site_start (site);
  trust = read_trust (site);
  run = ask (site, "a");
  enrolled = site_count_entries (site, "KEY_ENROLLED");
  changed = with_person (trust, "people", SITE_ANA, person_of (SITE_ANA, "operator", site->decision_keys[SITE_ANA]));
  both = with_person (changed, "people", SITE_OLGA, person_of (SITE_OLGA, "approver", site->decision_keys[SITE_OLGA]));
  write_trust (site, both);
  hang_up (site);
  wait_for_entries (site, "TRUST_CHANGED", 1);
  wait_for_entries (site, "KEY_ENROLLED", enrolled + 2);
  g_assert_cmpuint (decide (site, SITE_ANA, run, NULL), ==, 403);
  /* Olga started the run: a new role does not make her somebody else. */
  g_assert_cmpuint (decide (site, SITE_OLGA, run, NULL), ==, 403);
  air_value_unref (site_request (site, SITE_OLGA, "POST", "/v1/control", "application/json",
                                 "{\"action\":\"pause\",\"filter\":{\"all\":true}}", &status, NULL));
  g_assert_cmpuint (status, ==, 403);
  g_assert_cmpuint (decide (site, SITE_BO, run, NULL), ==, 200);
  air_value_unref (site_wait (site, run, "completed"));
  assert_proven (site, run);
}

/* Half a file, or one that would take the ground away: all stays as it was. */
static void
test_bad_files (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autoptr (AirValue) trust = NULL, without_dora = NULL, tenant = NULL, ca = NULL, without_bo = NULL;
  g_autofree char *whole = NULL, *half = NULL, *unsigned_text = NULL, *tenant_text = NULL, *ca_text = NULL;

  site_start (site);
  trust = read_trust (site);
  whole = air_json_write_pretty (trust, NULL);
  half = g_strndup (whole, strlen (whole) / 2);
  without_dora = with_person (trust, "signers", SITE_DORA, NULL);
  tenant = air_map_copy (trust);
  air_map_set_string (tenant, "tenant", "other");
  ca = air_map_copy (trust);
  air_map_set_string (ca, "ca", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  unsigned_text = air_json_write_pretty (without_dora, NULL);
  tenant_text = air_json_write_pretty (tenant, NULL);
  ca_text = air_json_write_pretty (ca, NULL);
  {
    const char *const texts[] = { "", "{}", "[]", half, unsigned_text, tenant_text, ca_text, whole };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        g_autofree char *id = g_strdup_printf ("o%u", i), *run = NULL;

        write_text (site, texts[i]);
        hang_up (site);
        run = ask (site, id);
        g_assert_cmpuint (decide (site, SITE_ANA, run, NULL), ==, 200);
      }
  }
  g_assert_cmpuint (site_count_entries (site, "TRUST_CHANGED"), ==, 0);
  g_assert_cmpuint (site_count_entries (site, "KEY_REVOKED"), ==, 0);
  /* And a good one after them counts. */
  without_bo = with_person (trust, "people", SITE_BO, NULL);
  write_trust (site, without_bo);
  hang_up (site);
  wait_for_entries (site, "TRUST_CHANGED", 1);
  wait_for_entries (site, "KEY_REVOKED", 1);
}

/* --- who watches ------------------------------------------------------------------------------ */

typedef struct {
  GInputStream *stream;
  gssize last; /* read at once; 0: it has ended */
  guint status;
  char buffer[256];
} Watch;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->last = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  if (watch->last > 0)
    g_input_stream_read_async (watch->stream, watch->buffer, sizeof watch->buffer, G_PRIORITY_DEFAULT, NULL, read_cb,
                               watch);
  else
    watch->last = 0;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->status = soup_message_get_status (soup_session_get_async_result_message (SOUP_SESSION (source), result));
  watch->stream = soup_session_send_finish (SOUP_SESSION (source), result, NULL);
  g_assert_nonnull (watch->stream);
  g_input_stream_read_async (watch->stream, watch->buffer, sizeof watch->buffer, G_PRIORITY_DEFAULT, NULL, read_cb,
                             watch);
}

static void
open_stream (Site *site, SoupSession *session, const char *name, Watch *ret_watch)
{
  g_autofree char *url = g_strdup_printf ("https://%s/v1/events", site->address);
  g_autofree char *crt_name = g_strconcat (name, ".crt", NULL), *key_name = g_strconcat (name, ".key", NULL);
  g_autofree char *crt = site_file (site, crt_name), *key = site_file (site, key_name);
  g_autoptr (GTlsCertificate) certificate = air_tls_certificate_load (crt, key, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);

  *ret_watch = (Watch) { .last = 1 };
  soup_message_set_tls_client_certificate (message, certificate);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, NULL, opened_cb, ret_watch);
  while (ret_watch->status == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ret_watch->status, ==, 200);
}

/* A stream that was opened before tells nobody any more who may not watch now; the others go on. */
static void
test_watchers (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autoptr (GTlsDatabase) database = air_tls_database_new (site->ca, NULL);
  g_autoptr (SoupSession) ana = soup_session_new_with_options ("tls-database", database, "proxy-resolver", NULL, NULL);
  g_autoptr (SoupSession) bo = soup_session_new_with_options ("tls-database", database, "proxy-resolver", NULL, NULL);
  g_autoptr (AirValue) trust = NULL, without = NULL;
  Watch of_ana, of_bo;

  site_start (site);
  trust = read_trust (site);
  without = with_person (trust, "people", SITE_ANA, NULL);
  open_stream (site, ana, "ana", &of_ana);
  open_stream (site, bo, "bo", &of_bo);
  write_trust (site, without);
  hang_up (site);
  while (of_ana.last > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (of_bo.last, >, 0);
  soup_session_abort (bo);
  while (of_bo.last > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (of_ana.stream);
  g_object_unref (of_bo.stream);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/runtime/trust-reload/removed", test_removed);
  g_test_add_func ("/runtime/trust-reload/another-key", test_another_key);
  g_test_add_func ("/runtime/trust-reload/another-role", test_another_role);
  g_test_add_func ("/runtime/trust-reload/bad-files", test_bad_files);
  g_test_add_func ("/runtime/trust-reload/watchers", test_watchers);
  return g_test_run ();
}
