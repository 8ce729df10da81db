/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People's hands on a run, and signals from outside. */
#include "config.h"

#include "base/air-json.h"
#include "test-forks.h"

#define ACTOR "airails://demo/people/olga"

#define ONE(operation)                                                                                                 \
  "'first':{'kind':'call','operation':'" operation "','title':'The step','with':{'n':1},"                              \
  "'retry':{'max':3,'base_ms':100,'max_ms':1000},'next':{" TO (                                                        \
      "ok", "e1", "then") "}},"                                                                                        \
                          "'then':{'kind':'call','operation':'v.act','with':{'n':2},'next':{" TO (                     \
                              "ok", "e2", "done") "}}," END ("done", "completed", "{'outcome':'done'}")

#define WAIT(kind)                                                                                                     \
  "'first':{'kind':'call','operation':'v.look','with':{},'next':{" TO (                                                \
      "ok", "e0", "wait") "}},"                                                                                        \
                          "'wait':{'kind':'wait','title':'The wait'," kind                                             \
                          ",'next':{" TO ("out", "e1", "done") "," TO ("timeout", "e2", "late") "}}," END (            \
                              "done", "completed",                                                                     \
                              "{'outcome':'done','ref':'${has(steps.wait) ? steps.wait.ref : "                         \
                              "~~}'}") "," END ("late", "completed", "{'outcome':'late'}")

#define SIGNAL                                                                                                         \
  "'signal':'paid','timeout_ms':60000,'input':{'type':'object','required':['ref'],"                                    \
  "'properties':{'ref':{'type':'string'}}}"

static void
assert_state (TestHost *host, AirInstanceState state)
{
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (host->instance)), ==,
                   air_instance_state_to_string (state));
}

static void
assert_outcome (TestHost *host, const char *outcome)
{
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (host->instance), "outcome"), ==, outcome);
  test_host_check (host);
}

static gboolean
control (TestHost *host, AirControl what, const char *node, GError **error)
{
  const AirEvent event = { .kind = AIR_EVENT_CONTROL,
                           .control = { .control = what, .actor = ACTOR, .node = node, .reason = "as agreed" } };

  return test_host_try (host, &event, error);
}

static gboolean
confirm (TestHost *host, gboolean happened, const char *envelope, GError **error)
{
  g_autoptr (AirValue) output = air_map_new ();
  const AirEvent event = { .kind = AIR_EVENT_CONTROL,
                           .control = { .control = AIR_CONTROL_CONFIRM,
                                        .actor = ACTOR,
                                        .reason = "seen in the vendor's books",
                                        .happened = happened,
                                        .output = output,
                                        .key = "k",
                                        .role = "operator",
                                        .envelope = envelope } };

  air_map_set_string (output, "id", "found");
  return test_host_try (host, &event, error);
}

static gboolean
send_signal (TestHost *host, const char *id, const char *json, GError **error)
{
  g_autoptr (AirValue) data = json != NULL ? air_json_parse (json, strlen (json), NULL) : NULL;
  const AirEvent event = { .kind = AIR_EVENT_SIGNAL,
                           .signal = { .name = "paid", .id = id, .data = data, .actor = ACTOR } };

  return test_host_try (host, &event, error);
}

/* An order that is sent again, since its answer was lost, counts once: before and after a restart. */
static void
test_told_twice (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));
  const AirEvent pause = { .kind = AIR_EVENT_CONTROL,
                           .control = { .control = AIR_CONTROL_PAUSE, .actor = ACTOR, .id = "order-1" } };
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, "{}");
  g_assert_true (test_host_try (host, &pause, NULL));
  g_assert_false (test_host_try (host, &pause, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE);
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  g_clear_error (&error);
  g_assert_false (test_host_try (host, &pause, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE);
  test_host_restart (host);
  g_clear_error (&error);
  g_assert_false (test_host_try (host, &pause, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE);
  test_host_run (host);
  assert_outcome (host, "done");
}

static void
assert_waits_on (TestHost *host, const char *words)
{
  g_autofree char *waiting = air_instance_get_waiting_on (host->instance);

  if (waiting == NULL || strstr (waiting, words) == NULL)
    g_error ("it waits on \"%s\", not on \"%s\"", waiting, words);
}

/* --- pause and resume -------------------------------------------------------------------- */

static void
test_pause (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, "{}");
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  assert_state (host, AIR_INSTANCE_PAUSED);
  assert_waits_on (host, "paused by " ACTOR);
  /* What is in flight comes back and is written down; nothing new begins. */
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_TOOL_ACTION_EXECUTED), ==, 1);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_TOOL_ACTION_STARTED), ==, 1);
  test_host_check (host);
  g_assert_false (control (host, AIR_CONTROL_PAUSE, NULL, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  test_host_run (host);
  assert_outcome (host, "done");
}

/* A timer that comes while the run is paused is not lost. */
static void
test_pause_over_a_timer (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));

  test_host_script (host, "v.look", "503");
  test_host_trigger (host, "{}");
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 0);
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  test_host_run (host);
  assert_outcome (host, "done");
}

static void
test_pause_over_a_restart (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.pay"));

  test_host_script (host, "v.pay", "act-drop");
  test_host_trigger (host, "{}");
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  g_ptr_array_set_size (host->pending, 0);
  test_host_restart (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  test_host_run (host);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 1);
  assert_outcome (host, "done");
}

static void
test_cancel_paused (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.act"));

  test_host_trigger (host, "{}");
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  test_host_run (host);
  g_assert_true (control (host, AIR_CONTROL_CANCEL, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  test_host_check (host);
}

/* The time of the next attempt comes while the run is paused, and then somebody cancels it: what is in doubt is
 * cleared up all the same. */
static void
test_cancel_paused_in_doubt (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.act"));
  g_autoptr (AirOutcome) outcome = air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer");

  test_host_trigger (host, "{}");
  air_effect_free (g_ptr_array_steal_index (host->pending, 0));
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                      .outcome = { .node = "first", .attempt = 1, .outcome = outcome } });
  assert_state (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_true (control (host, AIR_CONTROL_CANCEL, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  test_host_check (host);
}

/* --- retry, skip, confirm ------------------------------------------------------------------ */

static void
test_retry_now (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));
  g_autoptr (GError) error = NULL;
  gint64 before;

  g_assert_false (control (host, AIR_CONTROL_RETRY, NULL, NULL));
  test_host_script (host, "v.look", "429");
  test_host_trigger (host, "{}");
  g_assert_false (control (host, AIR_CONTROL_RETRY, "first", &error));
  g_assert_nonnull (strstr (error->message, "does not wait"));
  /* Seven seconds are asked for; a person does not wait. */
  before = host->now_us;
  {
    g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
    g_autoptr (AirOutcome) outcome = air_outcome_new (AIR_OUTCOME_RETRY, 429, "too fast");

    outcome->retry_after_ms = 7000;
    test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                        .outcome = { .node = "first", .attempt = 1, .outcome = outcome } });
  }
  test_host_script (host, "v.look", "ok");
  assert_state (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_true (control (host, AIR_CONTROL_RETRY, NULL, NULL));
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_run (host);
  g_assert_cmpint (host->now_us - before, <, 7 * G_USEC_PER_SEC);
  assert_outcome (host, "done");
}

static TestHost *
new_stuck (const char *behaviour)
{
  TestHost *host = test_forks_new (ONE ("v.once"));

  test_host_script (host, "v.once", behaviour);
  test_host_trigger (host, "{}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_UNKNOWN_OUTCOME);
  assert_waits_on (host, "nobody knows whether 'The step'");
  return host;
}

static void
test_retry_in_doubt (void)
{
  g_autoptr (TestHost) host = new_stuck ("act-drop");
  g_autoptr (GError) error = NULL;

  g_assert_false (control (host, AIR_CONTROL_RETRY, "first", &error));
  g_assert_nonnull (strstr (error->message, "could happen twice"));
  g_assert_cmpuint (test_host_count (host, "v.once"), ==, 1);
  test_host_check (host);
}

static void
test_confirm_happened (void)
{
  g_autoptr (TestHost) host = new_stuck ("act-drop");
  AirRecord *record;

  g_assert_false (confirm (host, TRUE, NULL, NULL));
  g_assert_true (confirm (host, TRUE, "{\"payload\":\"\"}", NULL));
  test_host_run (host);
  g_assert_cmpuint (test_host_count (host, "v.once"), ==, 1);
  record = test_host_find (host, AIR_RECORD_RUN_CONTROLLED, 0);
  g_assert_true (air_map_get_bool (record->members, "happened", FALSE));
  g_assert_cmpstr (air_map_get_string (record->members, "node"), ==, "first");
  g_assert_cmpstr (air_map_get_string (record->members, "envelope_digest"), ==, "sd:envelope");
  assert_outcome (host, "done");
}

/* An operation that may never be sent a second time fails; it was said that it did not happen. */
static void
test_confirm_did_not (void)
{
  g_autoptr (TestHost) host = new_stuck ("drop");

  g_assert_true (confirm (host, FALSE, "{\"payload\":\"\"}", NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count (host, "v.once"), ==, 0);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 0);
  test_host_check (host);
}

/* What may have happened is named when the run ends badly, though its step was left out. */
static void
test_skip_in_doubt (void)
{
  g_autoptr (TestHost) host = new_stuck ("act-drop");
  AirRecord *rollback;

  g_assert_true (control (host, AIR_CONTROL_SKIP, "first", NULL));
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_script (host, "v.act", "404");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  rollback = test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, 0);
  g_assert_cmpstr (air_map_get_string (rollback->members, "outcome"), ==, "unknown");
  test_host_check (host);
}

static void
test_skip_a_wait (void)
{
  g_autoptr (TestHost) host = test_forks_new (WAIT ("'duration_ms':86400000"));
  gint64 before;

  test_host_trigger (host, "{}");
  test_host_run (host); /* goes through the wait by its timer */
  assert_outcome (host, "done");

  g_clear_pointer (&host, test_host_free);
  host = test_forks_new (WAIT ("'duration_ms':86400000"));
  test_host_trigger (host, "{}");
  before = host->now_us;
  {
    g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
    g_autoptr (AirOutcome) outcome = air_outcome_new_ok (200, air_map_new (), NULL);

    test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                        .outcome = { .node = "first", .attempt = 1, .outcome = outcome } });
  }
  assert_state (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_true (control (host, AIR_CONTROL_SKIP, NULL, NULL));
  g_assert_cmpint (host->now_us, ==, before);
  assert_outcome (host, "done");
}

/* --- signals -------------------------------------------------------------------------------- */

static void
test_signal (void)
{
  g_autoptr (TestHost) host = test_forks_new (WAIT (SIGNAL));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, "{}");
  {
    g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
    g_autoptr (AirOutcome) outcome = air_outcome_new_ok (200, air_map_new (), NULL);

    test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                        .outcome = { .node = "first", .attempt = 1, .outcome = outcome } });
  }
  assert_state (host, AIR_INSTANCE_WAITING_SIGNAL);
  assert_waits_on (host, "the signal 'paid' for 'The wait' until ");
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 1);
  g_assert_false (send_signal (host, "1", "{\"ref\":5}", &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_assert_true (send_signal (host, "2", "{\"ref\":\"r-1\"}", NULL));
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 0);
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (host->instance), "ref"), ==, "r-1");
  assert_outcome (host, "done");
}

static void
test_signal_early (void)
{
  g_autoptr (TestHost) host = test_forks_new (WAIT (SIGNAL));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, "{}");
  g_assert_true (send_signal (host, "1", "{\"ref\":\"early\"}", NULL));
  g_assert_false (send_signal (host, "1", "{\"ref\":\"early\"}", &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE);
  test_host_check (host);
  test_host_run (host);
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (host->instance), "ref"), ==, "early");
  assert_outcome (host, "done");
}

static void
test_signal_never (void)
{
  g_autoptr (TestHost) host = test_forks_new (WAIT (SIGNAL));

  test_host_trigger (host, "{}");
  test_host_run (host);
  assert_outcome (host, "late");
}

static void
test_signal_unknown (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, "{}");
  g_assert_false (send_signal (host, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "no step of 'forks' waits for a signal 'paid'"));
}

static void
test_until (void)
{
  g_autoptr (TestHost) host = test_forks_new (WAIT ("'until':'${trigger.at}'"));
  g_autofree char *at = air_time_format (host->now_us + 600 * G_USEC_PER_SEC);
  g_autofree char *data = g_strdup_printf ("{\"at\":\"%s\"}", at);
  gint64 start = host->now_us;

  test_host_trigger (host, data);
  test_host_run (host);
  g_assert_cmpint (host->now_us - start, >=, 600 * G_USEC_PER_SEC);
  assert_outcome (host, "done");

  g_clear_pointer (&host, test_host_free);
  host = test_forks_new (WAIT ("'until':'${trigger.at}'"));
  test_host_trigger (host, "{\"at\":\"tomorrow\"}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  test_host_check (host);
}

/* An answer too large for an entry ends the run; it does not keep it from ending. */
static void
test_oversized_run_ends (void)
{
  g_autoptr (TestHost) host = test_forks_new (ONE ("v.look"));
  g_autofree char *large = g_strnfill (4 * 1024 * 1024, 'x');
  g_autoptr (AirOutcome) outcome = NULL;
  AirValue *output = air_map_new ();
  AirRecord *record;

  test_host_trigger (host, "{}");
  g_ptr_array_set_size (host->pending, 0);
  air_map_set_string (output, "text", large);
  outcome = air_outcome_new_ok (200, output, NULL);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                      .outcome = { .node = "first", .attempt = 1, .outcome = outcome } });
  record = test_host_find (host, AIR_RECORD_TOOL_ACTION_EXECUTED, 0);
  g_assert_cmpstr (air_map_get_string (record->members, "alarm"), ==, "unwritable");
  assert_state (host, AIR_INSTANCE_FAILED);
  test_host_check (host);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/hands/pause", test_pause);
  g_test_add_func ("/engine/hands/told-twice", test_told_twice);
  g_test_add_func ("/engine/hands/pause-over-a-timer", test_pause_over_a_timer);
  g_test_add_func ("/engine/hands/pause-over-a-restart", test_pause_over_a_restart);
  g_test_add_func ("/engine/hands/cancel-paused", test_cancel_paused);
  g_test_add_func ("/engine/hands/cancel-paused-in-doubt", test_cancel_paused_in_doubt);
  g_test_add_func ("/engine/hands/retry-now", test_retry_now);
  g_test_add_func ("/engine/hands/retry-in-doubt", test_retry_in_doubt);
  g_test_add_func ("/engine/hands/confirm-happened", test_confirm_happened);
  g_test_add_func ("/engine/hands/confirm-did-not", test_confirm_did_not);
  g_test_add_func ("/engine/hands/skip-in-doubt", test_skip_in_doubt);
  g_test_add_func ("/engine/hands/skip-a-wait", test_skip_a_wait);
  g_test_add_func ("/engine/hands/signal", test_signal);
  g_test_add_func ("/engine/hands/signal-early", test_signal_early);
  g_test_add_func ("/engine/hands/signal-never", test_signal_never);
  g_test_add_func ("/engine/hands/signal-unknown", test_signal_unknown);
  g_test_add_func ("/engine/hands/until", test_until);
  g_test_add_func ("/engine/regressions/an-oversized-run-cannot-be-ended", test_oversized_run_ends);
  return g_test_run ();
}
