/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People's hands on runs, from outside, against the daemon. */
#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"
#include "ledger/air-decision.h"
#include "ledger/air-verifier.h"
#include "runtime/air-ledger-check.h"
#include "site.h"

#define ONCE                                                                                                           \
  "\"idempotency\": {\"kind\": \"key-header\", \"header\": \"Idempotency-Key\", \"max_len\": 255, \"window_s\": "      \
  "86400}"

/* An operation that can neither be repeated nor asked about, and does not wait long. */
static const char *const in_doubt[] = { ONCE, "\"idempotency\": {\"kind\": \"none\"}", "\"timeout_ms\": 4000",
                                        "\"timeout_ms\": 300", NULL };

static AirValue *
post (Site *site, SitePerson person, const char *run, const char *rest, const char *body, guint expected)
{
  g_autofree char *path = run != NULL ? g_strdup_printf ("/v1/runs/%s/%s", run, rest) : g_strdup (rest);
  guint status;
  AirValue *answer = site_request (site, person, "POST", path, "application/json", body, &status, NULL);

  if (status != expected)
    g_error ("%s %s: %u and not %u: %s", path, body, status, expected, air_map_get_string (answer, "detail"));
  return answer;
}

static void
control (Site *site, const char *run, const char *body, guint expected)
{
  air_value_unref (post (site, SITE_OLGA, run, "control", body, expected));
}

static void
approve (Site *site, const char *run)
{
  g_autofree char *envelope = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  guint status;
  g_autoptr (AirValue) answer = site_decide (site, SITE_ANA, run, envelope, &status);

  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (answer, "outcome"), ==, "approved");
}

/* The members of the entry of this type, the nth. */
static AirValue *
find_entry (Site *site, const char *run, const char *type, guint nth)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/entries", run);
  g_autoptr (AirValue) page = site_get (site, SITE_AUDE, path);
  AirValue *items = air_map_get_list (page, "items");

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      AirValue *item = air_list_get (items, i);
      const char *leaf = air_map_get_string (item, "leaf");

      if (g_strcmp0 (air_map_get_string (item, "type"), type) == 0 && nth-- == 0)
        return air_json_parse (leaf, strlen (leaf), NULL);
    }
  return NULL;
}

static void
settle (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  while (g_get_monotonic_time () < until)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (1000);
    }
}

/* --- pause, resume, selections --- */

static void
test_pause (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL;
  g_autoptr (AirValue) paused = NULL, entry = NULL;
  guint status;

  site_start (site);
  run = site_order (site, "one", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  /* Who only looks may not touch. */
  air_value_unref (post (site, SITE_AUDE, run, "control", "{\"action\":\"pause\"}", 403));
  control (site, run, "{\"action\":\"stop\"}", 422);
  control (site, run, "{\"action\":\"resume\"}", 409);
  control (site, run, "{\"action\":\"pause\",\"reason\":\"the vendor asked us to\"}", 200);
  control (site, run, "{\"action\":\"pause\"}", 409);
  /* What is decided meanwhile counts, and nothing begins. */
  approve (site, run);
  settle (200);
  paused = site_wait (site, run, "paused");
  g_assert_nonnull (strstr (air_map_get_string (paused, "waiting_on"), "paused by "));
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  /* Still so after a restart that nobody announced. */
  site_kill (site);
  site_start (site);
  air_value_unref (site_wait (site, run, "paused"));
  control (site, run, "{\"action\":\"resume\"}", 200);
  air_value_unref (site_wait (site, run, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 1);

  entry = find_entry (site, run, "RUN_CONTROLLED", 0);
  g_assert_cmpstr (air_map_get_string (entry, "action"), ==, "pause");
  g_assert_cmpstr (air_map_get_string (entry, "actor"), ==, site_uri (SITE_OLGA));
  /* Why is a disclosure: it can be erased. */
  g_assert_null (air_map_get (entry, "reason"));
  g_assert_nonnull (air_map_get (entry, "_sd"));
  control (site, run, "{\"action\":\"pause\"}", 409);
  air_value_unref (
      site_request (site, SITE_OLGA, "POST", "/v1/runs/nobody/control", NULL, "{\"action\":\"pause\"}", &status, NULL));
  g_assert_cmpuint (status, >=, 400);
  site_stop (site);
}

/* The answer to an order is lost in a crash, and it is sent again: it counts once. */
static void
test_told_twice (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL;

  site_start (site);
  run = site_order (site, "o-1", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  site->order_key = "order-1";
  control (site, run, "{\"action\":\"pause\"}", 200);
  site->order_key = NULL;
  site_kill (site);
  site_start (site);
  control (site, run, "{\"action\":\"resume\"}", 200);
  site->order_key = "order-1";
  control (site, run, "{\"action\":\"pause\"}", 200);
  site->order_key = NULL;
  air_value_unref (site_wait (site, run, "waiting-gate"));
  g_assert_null (find_entry (site, run, "RUN_CONTROLLED", 2));
}

static void
test_selection (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (AirValue) all = NULL, some = NULL, rest = NULL, entry = NULL;
  char *runs[4];
  g_autofree char *named = NULL;

  site_start (site);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      runs[i] = site_order (site, id, 500);
      air_value_unref (site_wait (site, runs[i], "waiting-gate"));
    }
  air_value_unref (post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{}}", 422));
  air_value_unref (post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"al\":true}}", 422));
  /* Nothing but the word itself means all of them. */
  air_value_unref (
      post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"all\":false}}", 422));
  air_value_unref (
      post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"all\":\"no\"}}", 422));
  air_value_unref (
      post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"runs\":[7]}}", 422));
  air_value_unref (post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"runs\":[]}}", 200));
  air_value_unref (post (site, SITE_OLGA, NULL, "/v1/control",
                         "{\"action\":\"pause\",\"filter\":{\"started_to\":\"1970-01-01T00:00:00Z\"}}", 200));
  /* Some, by name; then everything: those that are paused already are counted and say so. */
  named = g_strdup_printf ("{\"action\":\"pause\",\"filter\":{\"runs\":[\"%s\"]}}", runs[0]);
  some = post (site, SITE_OLGA, NULL, "/v1/control", named, 200);
  g_assert_cmpint (air_map_get_int (some, "applied", 0), ==, 1);
  all = post (site, SITE_OLGA, NULL, "/v1/control", "{\"action\":\"pause\",\"filter\":{\"all\":true}}", 200);
  g_assert_cmpint (air_map_get_int (all, "matched", 0), ==, 4);
  g_assert_cmpint (air_map_get_int (all, "applied", 0), ==, 3);
  g_assert_cmpint (air_map_get_int (all, "refused", 0), ==, 1);
  entry = find_entry (site, runs[2], "RUN_CONTROLLED", 0);
  g_assert_cmpstr (air_map_get_string (entry, "selection"), ==, air_map_get_string (all, "selection"));
  rest = post (site, SITE_OLGA, NULL, "/v1/control",
               "{\"action\":\"cancel\",\"reason\":\"a wrong list\",\"filter\":{\"state\":\"paused\"}}", 200);
  g_assert_cmpint (air_map_get_int (rest, "applied", 0), ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      air_value_unref (site_wait (site, runs[i], "cancelled"));
      g_free (runs[i]);
    }
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  site_stop (site);
}

/* --- outcomes nobody knows --- */

static char *
word (Site *site, SitePerson person, AirValue *unknown, const char *decision, const char *role, gboolean other)
{
  gint64 now = g_get_real_time ();
  g_autoptr (AirDecision) made = NULL;
  g_autofree char *envelope = NULL;
  AirDigest request;

  g_assert_true (air_digest_from_hex (air_map_get_string (unknown, "leaf_hash"), &request));
  if (other)
    request.bytes[0] ^= 1;
  made = air_decision_new (decision, air_map_get_string (unknown, "subject"), &request,
                           air_map_get_string (unknown, "artifact"), air_map_get_string (unknown, "action_digest"),
                           "seen in the vendor's books", role, now, now + 600 * G_USEC_PER_SEC, air_random_system ());
  envelope = air_decision_sign (made, site->decision_keys[person], NULL);
  return g_strdup_printf ("{\"envelope\":%s,\"output\":{\"receipt\":\"found\"}}", envelope);
}

static AirValue *
get_unknown (Site *site, const char *run)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/unknown", run);
  g_autoptr (AirValue) page = site_get (site, SITE_AUDE, path);
  AirValue *items = air_map_get_list (page, "items");

  g_assert_cmpuint (air_list_get_size (items), ==, 1);
  return air_value_ref (air_list_get (items, 0));
}

static char *
make_doubtful (Site *site, const char *id)
{
  char *run;
  g_autoptr (AirValue) stuck = NULL;

  site->silent = TRUE;
  run = site_order (site, id, 50);
  stuck = site_wait (site, run, "unknown-outcome");
  site->silent = FALSE;
  g_assert_nonnull (strstr (air_map_get_string (stuck, "waiting_on"), "nobody knows whether"));
  return run;
}

/* The bundle passes, and its report says @words. */
static void
verify_bundle (Site *site, const char *run, const char *words)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/bundle", run), *text = NULL;
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (AirReport) report = NULL;
  guint status;

  g_assert_null (site_request (site, SITE_AUDE, "GET", path, NULL, NULL, &status, &bundle));
  g_assert_cmpuint (status, ==, 200);
  report = air_verifier_check_zip (bundle, NULL);
  text = air_report_to_text (report);
  if (!air_report_passed (report) || strstr (text, words) == NULL)
    g_error ("refused, or it does not say \"%s\":\n%s", words, text);
}

/* The whole ledger, too: as many signatures, and no fault. */
static void
check_ledger (Site *site, guint n_signed)
{
  g_autofree char *path = site_file (site, "ledger.key"), *state = site_file (site, "state");
  g_autoptr (AirTlogPolicy) policy = air_tlog_policy_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPrivateKey) key = air_private_key_load (path, &error);
  g_autoptr (AirVkey) vkey = NULL;
  g_autoptr (AirFsckReport) report = NULL;

  g_assert_no_error (error);
  vkey = air_vkey_new ("airails.example/test/orders", AIR_NOTE_KEY_ED25519, air_private_key_get_public (key), &error);
  g_assert_true (air_tlog_policy_add_log (policy, vkey, NULL, &error));
  report = air_ledger_check (state, policy, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < report->faults->len; i++)
    g_error ("%s", ((AirFsckFault *) report->faults->pdata[i])->words);
  g_assert_cmpuint (report->n_statements, ==, n_signed);
}

static void
test_confirm (void)
{
  g_autoptr (Site) site = site_new_edited (in_doubt);
  g_autofree char *run = NULL, *right = NULL, *role = NULL, *self_made = NULL, *other = NULL, *gate = NULL;
  g_autoptr (AirValue) unknown = NULL, ended = NULL, entry = NULL;

  site_start (site);
  run = make_doubtful (site, "one");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  /* Nothing sends it a second time. */
  control (site, run, "{\"action\":\"retry\"}", 409);
  control (site, run, "{\"action\":\"skip\"}", 409);
  control (site, run, "{\"action\":\"confirm\"}", 422);
  unknown = get_unknown (site, run);
  g_assert_cmpstr (air_map_get_string (unknown, "step"), ==, "act");

  role = word (site, SITE_ANA, unknown, "happened", "approver", FALSE);
  air_value_unref (post (site, SITE_OLGA, run, "unknown/act/confirm", role, 403));
  /* Olga started the run. */
  self_made = word (site, SITE_OLGA, unknown, "happened", "operator", FALSE);
  air_value_unref (post (site, SITE_OLGA, run, "unknown/act/confirm", self_made, 403));
  other = word (site, SITE_ADAM, unknown, "happened", "admin", TRUE);
  air_value_unref (post (site, SITE_ADAM, run, "unknown/act/confirm", other, 422));
  gate = word (site, SITE_ADAM, unknown, "approve", "admin", FALSE);
  air_value_unref (post (site, SITE_ADAM, run, "unknown/act/confirm", gate, 422));
  g_assert_cmpuint (site_count_refused (site, "unknown.role"), ==, 1);
  g_assert_cmpuint (site_count_refused (site, "unknown.duties"), ==, 1);

  right = word (site, SITE_ADAM, unknown, "happened", "admin", FALSE);
  /* Adam's word, with what somebody else says it left behind. */
  air_value_unref (post (site, SITE_OLGA, run, "unknown/act/confirm", right, 403));
  g_assert_cmpuint (site_count_refused (site, "unknown.output"), ==, 1);
  air_value_unref (post (site, SITE_ADAM, run, "unknown/act/confirm", right, 200));
  ended = site_wait (site, run, "completed");
  g_assert_cmpstr (air_map_get_string (air_map_get_map (ended, "output"), "receipt"), ==, "found");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  entry = find_entry (site, run, "RUN_CONTROLLED", 0);
  g_assert_cmpstr (air_map_get_string (entry, "actor"), ==, site_uri (SITE_ADAM));
  g_assert_true (air_map_get_bool (entry, "happened", FALSE));
  verify_bundle (site, run, "signed \"happened\" at ");
  site_stop (site);
  check_ledger (site, 1);
}

/* --- a gate inside of a for_each ------------------------------------------------------------ */

/* The order is done twice, and each time somebody is asked. */
static const char *const in_rounds[] = {
  "{\"edge\": \"e1\", \"to\": \"approval\"}}},",
  "{\"edge\": \"e1\", \"to\": \"loop\"}}}, \"loop\": {\"id\": \"loop\", \"kind\": \"for_each\", \"items\": "
  "\"${[1, 2]}\", \"max_items\": 5, \"concurrency\": 2, \"next\": {\"each\": {\"edge\": \"e7\", \"to\": "
  "\"approval\"}}}, \"joined\": {\"id\": \"joined\", \"kind\": \"join\", \"of\": \"loop\", \"next\": {\"out\": "
  "{\"edge\": \"e8\", \"to\": \"done\"}}},",
  "\"to\": \"no\"}",
  "\"to\": \"joined\"}",
  "\"to\": \"late\"}",
  "\"to\": \"joined\"}",
  "{\"edge\": \"e5\", \"to\": \"done\"}",
  "{\"edge\": \"e5\", \"to\": \"joined\"}",
  ", \"receipt\": \"${steps.act.receipt}\"",
  "",
  NULL,
};

static void
approve_round (Site *site, const char *run, guint round)
{
  g_autofree char *path =
      g_strdup_printf (round == 0 ? "/v1/gates/%s/approval@%u" : "/v1/gates/%s/approval%%40%u", run, round);
  g_autofree char *to = g_strconcat (path, "/decisions", NULL), *envelope = NULL;
  g_autoptr (AirValue) gate = site_get (site, SITE_ANA, path);
  g_autoptr (AirDecision) decision = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time ();
  AirDigest request;

  g_assert_true (air_digest_from_hex (air_map_get_string (air_map_get_map (gate, "requested"), "leaf_hash"), &request));
  decision =
      air_decision_new ("approve", air_map_get_string (gate, "gate"), &request, air_map_get_string (gate, "artifact"),
                        air_map_get_string (gate, "action_digest"), "looked at it", "approver", now,
                        now + 600 * (gint64) G_USEC_PER_SEC, air_random_system ());
  envelope = air_decision_sign (decision, site->decision_keys[SITE_ANA], &error);
  g_assert_no_error (error);
  air_value_unref (post (site, SITE_ANA, NULL, to, envelope, 200));
}

static void
test_gate_in_rounds (void)
{
  g_autoptr (Site) site = site_new_edited (in_rounds);
  g_autoptr (AirValue) waiting = NULL, ended = NULL;
  g_autofree char *run = NULL;

  site_start (site);
  run = site_order (site, "one", 500);
  waiting = site_wait (site, run, "waiting-gate");
  approve_round (site, run, 1);
  approve_round (site, run, 0);
  ended = site_wait (site, run, "completed");
  g_assert_cmpuint (site_get_acted (site), ==, 2);
  verify_bundle (site, run, "/approval@1 in the role approver");
  site_stop (site);
  check_ledger (site, 2);
}

static void
test_skip (void)
{
  g_autoptr (Site) site = site_new_edited (in_doubt);
  g_autofree char *run = NULL;

  site_start (site);
  run = make_doubtful (site, "one");
  /* What was in doubt stays so over a restart. */
  site_kill (site);
  site_start (site);
  air_value_unref (site_wait (site, run, "unknown-outcome"));
  air_value_unref (post (site, SITE_OLGA, run, "control",
                         "{\"action\":\"skip\",\"node\":\"act\",\"reason\":\"paid by hand\","
                         "\"output\":{\"receipt\":\"by hand\"}}",
                         200));
  air_value_unref (site_wait (site, run, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  site_stop (site);
}

/* --- what other engines got wrong, with people in it --- */

static void
test_approval_resumes (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL;

  site_start (site);
  run = site_order (site, "one", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  /* The run is in nobody's memory when the approval comes. */
  site_kill (site);
  site_start (site);
  approve (site, run);
  air_value_unref (site_wait (site, run, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  site_stop (site);
}

static void
test_approved_action_executes (void)
{
  g_autoptr (Site) site = site_new (NULL);

  site_start (site);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i), *run = site_order (site, id, 500);

      air_value_unref (site_wait (site, run, "waiting-gate"));
      approve (site, run);
      /* The approval is acknowledged; whatever happens now, what it lets pass is done, and once. */
      settle (i * 3);
      site_kill (site);
      site_start (site);
      air_value_unref (site_wait (site, run, "completed"));
      g_assert_cmpuint (site_get_acted (site), ==, i + 1);
    }
  site_stop (site);
}

/* --- vendors that rest --- */

static void
test_resting (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (AirValue) health = NULL;
  gboolean open = FALSE, named = FALSE;
  char *runs[12];

  site_start (site);
  site->refuse = 40;
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      runs[i] = site_order (site, id, 50);
    }
  for (guint i = 0; i < 2000 && !(open && named); i++)
    {
      g_autoptr (AirValue) now = site_get (site, SITE_AUDE, "/v1/health");
      g_autoptr (AirValue) page = site_get (site, SITE_AUDE, "/v1/runs?limit=50");
      AirValue *connectors = air_map_get_list (now, "connectors"), *items = air_map_get_list (page, "items");

      for (gsize k = 0; k < air_list_get_size (connectors); k++)
        open |= g_strcmp0 (air_map_get_string (air_list_get (connectors, k), "state"), "open") == 0;
      for (gsize k = 0; k < air_list_get_size (items); k++)
        {
          const char *waiting = air_map_get_string (air_list_get (items, k), "waiting_on");

          named |= waiting != NULL && strstr (waiting, "connector v is resting until ") != NULL;
        }
      settle (2);
    }
  g_assert_true (open);
  g_assert_true (named);
  site->refuse = 0;
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/v1/runs/%s", runs[i]);
      g_autoptr (AirValue) run = NULL;

      for (guint k = 0; k < 1000; k++)
        {
          g_clear_pointer (&run, air_value_unref);
          run = site_get (site, SITE_AUDE, path);
          if (g_strcmp0 (air_map_get_string (run, "state"), "completed") == 0
              || g_strcmp0 (air_map_get_string (run, "state"), "unknown-outcome") == 0)
            break;
          settle (10);
        }
      /* It is done, or a person is asked: nothing hangs. */
      g_assert_true (g_strcmp0 (air_map_get_string (run, "state"), "completed") == 0
                     || air_map_get_string (run, "waiting_on") != NULL);
      g_free (runs[i]);
    }
  site_stop (site);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/control/pause", test_pause);
  g_test_add_func ("/runtime/control/told-twice", test_told_twice);
  g_test_add_func ("/runtime/control/selection", test_selection);
  g_test_add_func ("/runtime/control/confirm", test_confirm);
  g_test_add_func ("/runtime/control/gate-in-rounds", test_gate_in_rounds);
  g_test_add_func ("/runtime/control/skip", test_skip);
  g_test_add_func ("/runtime/control/resting", test_resting);
  g_test_add_func ("/runtime/regressions/an-approval-arrives-and-the-run-does-not-resume", test_approval_resumes);
  g_test_add_func ("/runtime/regressions/an-approved-action-never-executes", test_approved_action_executes);
  return g_test_run ();
}
