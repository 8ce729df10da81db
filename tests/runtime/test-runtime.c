/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"
#include "ledger/air-verifier.h"
#include "runtime/air-api.h"
#include "site.h"

#define ORDER                                                                                                          \
  "{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"t\",\"type\":\"test.order\",\"data\":{\"id\":\"x\",\"order\":"   \
  "\"o\",\"who\":\"w\",\"amount\":5}}"

static void
assert_problem (AirValue *answer, guint status, guint expected)
{
  g_assert_cmpuint (status, ==, expected);
  g_assert_nonnull (answer);
  g_assert_cmpint (air_map_get_int (answer, "status", 0), ==, expected);
  g_assert_nonnull (air_map_get_string (answer, "title"));
  g_assert_nonnull (air_map_get_string (answer, "detail"));
}

/* --- what does not even start --- */

static void
assert_refused (Site *site, const char *words)
{
  g_autofree char *said = NULL, *state = site_file (site, "state/ledger.sqlite");

  g_assert_cmpint (site_run_refused (site, &said), ==, 65);
  if (strstr (said, words) == NULL || strstr (said, "refused: ") == NULL)
    g_error ("it says \"%s\" and not \"%s\"", said, words);
  g_assert_false (g_file_test (state, G_FILE_TEST_EXISTS));
}

static void
test_unsigned (void)
{
  g_autoptr (Site) site = site_new (NULL);

  site_sign_artifact (site, NULL);
  assert_refused (site, "sign");
}

static void
test_wrongly_signed (void)
{
  g_autoptr (Site) site = site_new (NULL);

  site_sign_artifact (site, site->stranger);
  assert_refused (site, "sign");
}

/* One byte of the plan's blob. */
static void
test_changed (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *blobs = site_file (site, "artifact/blobs/sha256");
  g_autoptr (GDir) dir = g_dir_open (blobs, 0, NULL);
  const char *name;
  gboolean changed = FALSE;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (blobs, name, NULL), *text = NULL;
      gsize length;
      char *found;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      found = memmem (text, length, "<= 100", 6);
      if (found == NULL)
        continue;
      found[5] = '9';
      g_assert_true (g_file_set_contents (path, text, length, NULL));
      changed = TRUE;
    }
  g_assert_true (changed);
  assert_refused (site, "sha256");
}

static void
test_bad_config (void)
{
  g_autoptr (Site) site = site_new (NULL);

  g_assert_true (g_file_set_contents (site->config, "{\"v\":1,\"artefact\":\"x\"}", -1, NULL));
  assert_refused (site, "artefact");
  g_assert_true (g_file_set_contents (site->config, "{\"v\":1,", -1, NULL));
  assert_refused (site, "runtime.json:1:8: ");
}

static void
test_state_in_use (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *said = NULL;

  site_start (site);
  g_assert_cmpint (site_run_refused (site, &said), ==, 74);
  g_assert_nonnull (strstr (said, "in use by another runtime"));
}

/* --- who gets in --- */

static void
test_clients (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (AirValue) role = NULL, nobody = NULL, health = NULL;
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint status;

  site_start (site);
  g_assert_null (site_request (site, -1, "GET", "/v1/health", NULL, NULL, &status, NULL));
  g_assert_cmpuint (status, ==, 0);
  g_assert_null (site_request (site, -2, "GET", "/v1/health", NULL, NULL, &status, NULL));
  g_assert_cmpuint (status, ==, 0);

  health = site_get (site, SITE_AUDE, "/v1/health");
  g_assert_cmpstr (air_map_get_string (health, "artifact"), ==, site->artifact_digest);
  g_assert_false (air_map_get_bool (health, "confidential", TRUE));

  nobody = site_request (site, -3, "GET", "/v1/health", NULL, NULL, &status, NULL);
  assert_problem (nobody, status, 403);
  role = site_request (site, SITE_AUDE, "POST", "/v1/triggers/start", "application/json", ORDER, &status, NULL);
  assert_problem (role, status, 403);
  g_assert_cmpstr (air_map_get_string (role, "rule"), ==, "access.role-missing");
  /* Whom a route refuses is told at once, and the entry follows. */
  while (site_count_refused (site, "access.role-missing") < 1 || site_count_refused (site, "access.unknown-person") < 1)
    g_assert_cmpint (g_get_monotonic_time (), <, until);
}

/* --- bad input of every route --- */

static void
test_bad_input (void)
{
  static const struct {
    const char *method, *path, *type, *body;
    guint status;
  } cases[] = {
    { "POST", "/v1/triggers/start", "application/json", "{\"a\":", 400 },
    { "POST", "/v1/triggers/start", "application/json", "{\"a\":1,\"a\":2}", 400 },
    { "POST", "/v1/triggers/start", "application/json", "[]", 422 },
    { "POST", "/v1/triggers/start", "application/json",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"other\",\"data\":{}}", 422 },
    { "POST", "/v1/triggers/start", "application/json",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"test.order\",\"data\":{\"id\":1}}", 422 },
    { "POST", "/v1/triggers/start", "text/plain", "hello", 415 },
    { "POST", "/v1/triggers/elsewhere", "application/json", ORDER, 404 },
    { "GET", "/v1/triggers/start", NULL, NULL, 405 },
    { "GET", "/v1/nothing", NULL, NULL, 404 },
    { "GET", "/v1/runs?limit=0", NULL, NULL, 400 },
    { "GET", "/v1/runs?limit=many", NULL, NULL, 400 },
    { "GET", "/v1/runs?cursor=%2B%2B", NULL, NULL, 400 },
    { "GET", "/v1/runs/nobody", NULL, NULL, 404 },
    { "GET", "/v1/runs/nobody/entries", NULL, NULL, 404 },
    { "GET", "/v1/runs/nobody/bundle", NULL, NULL, 404 },
    { "POST", "/v1/runs/nobody/cancel", "application/json", "{}", 404 },
    { "POST", "/v1/runs/nobody/cancel", "application/json", "1", 422 },
    { "GET", "/v1/gates?state=closed", NULL, NULL, 400 },
    { "GET", "/v1/gates/nobody/approval", NULL, NULL, 404 },
    { "POST", "/v1/gates/nobody/approval/decisions", "application/json", "{}", 404 },
    { "POST", "/v1/gates/nobody/approval/decisions", "application/json", "{", 400 },
    { "GET", "/v1/ledger/tile/0/x0", NULL, NULL, 400 },
    { "GET", "/v1/ledger/tile/0/999", NULL, NULL, 404 },
    { "GET", "/v1/ledger/proof", NULL, NULL, 400 },
    { "GET", "/v1/ledger/proof?index=-1", NULL, NULL, 400 },
    { "GET", "/v1/ledger/proof?index=1000000", NULL, NULL, 404 },
    { "DELETE", "/v1/workflow", NULL, NULL, 405 },
    { "POST", "/v1/events", "application/json", "{}", 405 },
  };
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (AirValue) before = NULL, after = NULL, big = NULL;
  g_autofree char *large = g_strnfill (2 * 1024 * 1024, ' ');
  guint status;

  site_start (site);
  before = site_get (site, SITE_AUDE, "/v1/stats");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) answer =
          site_request (site, SITE_OLGA, cases[i].method, cases[i].path, cases[i].type, cases[i].body, &status, NULL);

      if (status != cases[i].status)
        g_error ("%s %s answers %u and not %u", cases[i].method, cases[i].path, status, cases[i].status);
      assert_problem (answer, status, cases[i].status);
    }
  big = site_request (site, SITE_OLGA, "POST", "/v1/triggers/start", "application/json", large, &status, NULL);
  g_assert_true (status == 413 || status == 0);
  after = site_get (site, SITE_AUDE, "/v1/stats");
  g_assert_cmpint (air_map_get_int (before, "entries", -1), ==, air_map_get_int (after, "entries", -2));
}

/* --- the whole way --- */

static void
test_whole_way (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *small = NULL, *again = NULL, *run = NULL, *path = NULL, *ana = NULL;
  g_autoptr (AirValue) done = NULL, waiting = NULL, gates = NULL, answer = NULL, same = NULL, list = NULL, none = NULL;
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (AirReport) report = NULL;
  AirValue *gate;
  guint status;
  gint64 index;

  site_start (site);
  small = site_order (site, "small", 50);
  again = site_order (site, "small", 50);
  g_assert_cmpstr (small, ==, again);
  done = site_wait (site, small, "completed");
  g_assert_cmpstr (air_map_get_string (air_map_get_map (done, "output"), "outcome"), ==, "done");
  g_assert_cmpuint (site_get_acted (site), ==, 1);

  run = site_order (site, "medium", 500);
  waiting = site_wait (site, run, "waiting-gate");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  gates = site_get (site, SITE_ANA, "/v1/gates?state=waiting");
  g_assert_cmpuint (air_list_get_size (air_map_get_list (gates, "items")), ==, 1);
  gate = air_list_get (air_map_get_list (gates, "items"), 0);
  g_assert_cmpint (air_map_get_int (gate, "amount_minor", 0), ==, 500);
  g_assert_cmpstr (air_map_get_string (gate, "currency"), ==, "eur");
  ana = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  answer = site_decide (site, SITE_ANA, run, ana, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (answer, "outcome"), ==, "approved");
  index = air_map_get_int (answer, "index", -1);
  g_assert_cmpint (index, >, 0);
  g_clear_pointer (&done, air_value_unref);
  done = site_wait (site, run, "completed");
  g_assert_cmpuint (site_get_acted (site), ==, 2);

  list = site_get (site, SITE_AUDE, "/v1/runs?limit=1");
  g_assert_cmpuint (air_list_get_size (air_map_get_list (list, "items")), ==, 1);
  g_assert_nonnull (air_map_get_string (list, "next"));

  path = g_strdup_printf ("/v1/runs/%s/bundle", run);
  none = site_request (site, SITE_AUDE, "GET", path, NULL, NULL, &status, &bundle);
  g_assert_cmpuint (status, ==, 200);
  report = air_verifier_check_zip (bundle, NULL);
  if (!air_report_passed (report))
    {
      g_autofree char *text = air_report_to_text (report);

      g_error ("the bundle is refused: %s", text);
    }
  site_stop (site);
}

static void
test_cancel (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL, *path = NULL;
  g_autoptr (AirValue) waiting = NULL, answer = NULL, ended = NULL, late = NULL;
  guint status;

  site_start (site);
  run = site_order (site, "one", 500);
  waiting = site_wait (site, run, "waiting-gate");
  path = g_strdup_printf ("/v1/runs/%s/cancel", run);
  answer = site_request (site, SITE_OLGA, "POST", path, "application/json", "{\"reason\":\"sent by mistake\"}", &status,
                         NULL);
  g_assert_cmpuint (status, ==, 200);
  ended = site_wait (site, run, "cancelled");
  late = site_request (site, SITE_OLGA, "POST", path, "application/json", "{}", &status, NULL);
  assert_problem (late, status, 409);
  g_assert_cmpuint (site_get_acted (site), ==, 0);
}

/* --- decisions that do not count --- */

static void
refuse (Site *site,
        SitePerson person,
        const char *run,
        const char *role,
        SiteWrong wrong,
        guint expected,
        const char *rule)
{
  g_autofree char *envelope = site_envelope (site, person, run, "approve", role, wrong);
  guint status, before = site_count_refused (site, rule);
  g_autoptr (AirValue) answer = site_decide (site, person, run, envelope, &status);

  g_test_message ("%s: %u %s", rule, status, air_map_get_string (answer, "detail"));
  assert_problem (answer, status, expected);
  g_assert_cmpstr (air_map_get_string (answer, "rule"), ==, rule);
  g_assert_cmpuint (site_count_refused (site, rule), ==, before + 1);
}

static void
test_refused_decisions (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL, *other = NULL, *first = NULL, *second = NULL, *third = NULL, *elsewhere = NULL,
                  *path = NULL;
  g_autoptr (AirValue) waiting = NULL, answer = NULL, same = NULL, gate = NULL, twice = NULL, replayed = NULL,
                       last = NULL, done = NULL, closed = NULL;
  guint status;

  site_start (site);
  run = site_order (site, "large", 5000);
  waiting = site_wait (site, run, "waiting-gate");
  refuse (site, SITE_ANA, run, "approver", SITE_WRONG_KEY, 403, "gate.unknown-key");
  refuse (site, SITE_ANA, run, "approver", SITE_TAMPERED, 403, "gate.bad-signature");
  refuse (site, SITE_AUDE, run, "approver", SITE_RIGHT, 403, "gate.role-missing");
  refuse (site, SITE_AUDE, run, "auditor", SITE_RIGHT, 403, "gate.role-missing");
  refuse (site, SITE_REQUESTER, run, "approver", SITE_RIGHT, 403, "gate.excluded");
  refuse (site, SITE_ANA, run, "approver", SITE_OTHER_DIGEST, 422, "gate.wrong-action");
  refuse (site, SITE_ANA, run, "approver", SITE_OTHER_SUBJECT, 422, "gate.wrong-subject");
  refuse (site, SITE_ANA, run, "approver", SITE_EXPIRED, 410, "gate.expired");
  g_assert_cmpuint (site_get_acted (site), ==, 0);

  first = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  answer = site_decide (site, SITE_ANA, run, first, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (answer, "outcome"), ==, "waiting");
  g_assert_cmpint (air_map_get_int (answer, "counted", 0), ==, 1);

  /* Sent twice it is one decision; another one by the same person is refused. */
  same = site_decide (site, SITE_ANA, run, first, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpint (air_map_get_int (same, "counted", 0), ==, 1);
  g_assert_cmpint (air_map_get_int (same, "index", -1), ==, air_map_get_int (answer, "index", -2));
  refuse (site, SITE_ANA, run, "approver", SITE_RIGHT, 409, "gate.already-decided");

  /* For one run, brought to another. */
  other = site_order (site, "other", 500);
  g_clear_pointer (&waiting, air_value_unref);
  waiting = site_wait (site, other, "waiting-gate");
  replayed = site_decide (site, SITE_ANA, other, first, &status);
  assert_problem (replayed, status, 422);
  g_assert_cmpstr (air_map_get_string (replayed, "rule"), ==, "gate.wrong-subject");

  second = site_envelope (site, SITE_BO, run, "approve", "approver", SITE_RIGHT);
  last = site_decide (site, SITE_BO, run, second, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (last, "outcome"), ==, "approved");
  done = site_wait (site, run, "completed");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  third = site_envelope (site, SITE_REQUESTER, run, "approve", "approver", SITE_RIGHT);
  closed = site_decide (site, SITE_REQUESTER, run, third, &status);
  assert_problem (closed, status, 409);
}

static void
test_deadline (void)
{
  g_autoptr (Site) site = site_new ("700");
  g_autofree char *run = NULL, *envelope = NULL;
  g_autoptr (AirValue) waiting = NULL, ended = NULL, late = NULL;
  guint status;

  site_start (site);
  run = site_order (site, "late", 500);
  waiting = site_wait (site, run, "waiting-gate");
  envelope = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  ended = site_wait (site, run, "completed");
  g_assert_cmpstr (air_map_get_string (air_map_get_map (ended, "output"), "outcome"), ==, "late");
  late = site_decide (site, SITE_ANA, run, envelope, &status);
  g_assert_true (status == 409 || status == 410);
  g_assert_cmpuint (site_get_acted (site), ==, 0);
}

/* --- what a crash leaves --- */

static void
test_crash (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL, *waits = NULL, *envelope = NULL, *again = NULL, *behind = NULL;
  g_autoptr (AirValue) done = NULL, waiting = NULL, answer = NULL, stats = NULL;
  gint64 until = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint status;

  /* It acts and does not answer; then the power goes. */
  site->silent = TRUE;
  site_start (site);
  waits = site_order (site, "waits", 500);
  waiting = site_wait (site, waits, "waiting-gate");
  run = site_order (site, "cut", 50);
  while (site_get_acted (site) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_main_context_iteration (NULL, TRUE);
    }
  site_kill (site);
  site->silent = FALSE;
  site_start (site);

  /* Unknown, asked again with the same key: done once. */
  done = site_wait (site, run, "completed");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  again = site_order (site, "cut", 50);
  g_assert_cmpstr (again, ==, run);

  /* And what waited still waits, and goes on. */
  envelope = site_envelope (site, SITE_ANA, waits, "approve", "approver", SITE_RIGHT);
  answer = site_decide (site, SITE_ANA, waits, envelope, &status);
  g_assert_cmpuint (status, ==, 200);
  air_value_unref (site_wait (site, waits, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 2);
  stats = site_get (site, SITE_AUDE, "/v1/stats");
  g_assert_cmpint (air_map_get_int (stats, "unknowns", -1), >=, 0);
}

/* --- the description --- */

static void
test_described (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "data", "openapi", "runtime.yaml", NULL),
                  *text = NULL;
  const AirRoute *routes;
  gsize n;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  routes = air_api_get_routes (&n);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GString) pattern = g_string_new (routes[i].pattern);
      g_autofree char *key = NULL, *verb = g_ascii_strdown (routes[i].method, -1),
                      *wanted = g_strdup_printf ("\n    %s:\n", verb);
      char *place, *next;

      g_string_replace (pattern, "...}", "}", 0);
      key = g_strdup_printf ("\n  %s:\n", pattern->str);
      place = strstr (text, key);
      if (place == NULL)
        g_error ("runtime.yaml does not describe %s", pattern->str);
      next = strstr (place + 1, "\n  /");
      if (g_strstr_len (place, next != NULL ? next - place : -1, wanted) == NULL)
        g_error ("runtime.yaml does not describe %s %s", routes[i].method, pattern->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/artifact/unsigned", test_unsigned);
  g_test_add_func ("/runtime/artifact/wrongly-signed", test_wrongly_signed);
  g_test_add_func ("/runtime/artifact/changed", test_changed);
  g_test_add_func ("/runtime/bad-config", test_bad_config);
  g_test_add_func ("/runtime/state-in-use", test_state_in_use);
  g_test_add_func ("/runtime/clients", test_clients);
  g_test_add_func ("/runtime/bad-input", test_bad_input);
  g_test_add_func ("/runtime/whole-way", test_whole_way);
  g_test_add_func ("/runtime/cancel", test_cancel);
  g_test_add_func ("/runtime/decisions/refused", test_refused_decisions);
  g_test_add_func ("/runtime/decisions/deadline", test_deadline);
  g_test_add_func ("/runtime/crash", test_crash);
  g_test_add_func ("/runtime/described", test_described);
  return g_test_run ();
}
