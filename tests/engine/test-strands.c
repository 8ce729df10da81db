/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What could leave a run standing still, or never resting: nothing here may end without an end, a name or a reason. */
#include "config.h"

#include "base/air-json.h"
#include "engine/air-instance-private.h"
#include "test-forks.h"

#define ACTOR "airails://demo/people/olga"

/* clang-format off */

#define UNTIL                                                                                                          \
  "'first':{'kind':'wait','until':'${trigger.at}','next':{" TO ("out", "e1", "done") "}}," END ("done", "completed", "{}")

/* A workflow that acts and fails, and so is reversed while the run goes on. */
#define REVERSING                                                                                                      \
  "'first':{'kind':'workflow','workflow':'notice','with':{},"                                                          \
  "'next':{" TO ("start", "first.e0", "first.act") "," TO ("ok", "e1", "done") "," TO ("error", "e2", "done") "}},"    \
  "'first.act':{'kind':'call','operation':'v.act','with':{'n':2}," UNDO                                                \
  "'next':{" TO ("ok", "first.e1", "first.look") "}},"                                                                 \
  "'first.look':{'kind':'call','operation':'v.look','with':{},'next':{" TO ("ok", "first.e2", "first.done") "}},"      \
  END ("first.done", "completed", "{}") "," END ("done", "completed", "{}")

#define TWO                                                                                                            \
  CALL ("first", "v.act", "{'n':1}", UNDO "'next':{" TO ("ok", "e1", "second") "}") ","                                \
  CALL ("second", "v.act", "{'n':2}", UNDO "'next':{" TO ("ok", "e2", "third") "}") ","                                \
  CALL ("third", "v.look", "{}", "'next':{" TO ("ok", "e3", "done") "}") "," END ("done", "completed", "{}")

/* A wait, a gate and a retry, all at once. */
#define ALL_KINDS                                                                                                      \
  "'first':{'kind':'parallel','next':{" TO ("a", "ea", "wait") "," TO ("b", "eb", "gate") "," TO ("c", "ec", "call")   \
  "}},'wait':{'kind':'wait','duration_ms':50000,'next':{" TO ("out", "e1", "meet") "}},"                               \
  "'gate':{'kind':'gate','policy':'quorum','with':{'n':1},'guards':[],"                                                \
  "'next':{" TO ("approved", "e2", "meet") "," TO ("denied", "e3", "meet") "}},"                                       \
  CALL ("call", "v.look", "{}", "'next':{" TO ("ok", "e4", "meet") "}") ","                                            \
  "'meet':{'kind':'join','of':'first','next':{" TO ("out", "e5", "done") "}}," END ("done", "completed", "{}")

#define COLLECT                                                                                                        \
  CALL ("first", "v.look", "{}", "'next':{" TO ("ok", "e1", "second") "}") ","                                         \
  CALL ("second", "v.look", "{}", "'next':{" TO ("ok", "e2", "third") "}") ","                                         \
  CALL ("third", "v.look", "{}", "'next':{" TO ("ok", "e3", "proof") "}") ","                                          \
  "'proof':{'kind':'evidence','collect':['first','second','third'],'next':{" TO ("out", "e4", "done") "}},"            \
  END ("done", "completed", "{}")

/* clang-format on */

static void
assert_state (TestHost *host, AirInstanceState state)
{
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (host->instance)), ==,
                   air_instance_state_to_string (state));
}

static gboolean
control (TestHost *host, AirControl what, const char *node, GError **error)
{
  const AirEvent event = { .kind = AIR_EVENT_CONTROL,
                           .control = { .control = what, .actor = ACTOR, .node = node, .reason = "as agreed" } };

  return test_host_try (host, &event, error);
}

static void
step_until (TestHost *host, AirInstanceState state)
{
  for (guint i = 0; air_instance_get_state (host->instance) != state; i++)
    {
      g_assert_cmpuint (i, <, 100);
      g_assert_true (test_host_step (host));
    }
}

/* --- times ------------------------------------------------------------------------------------- */

/* What vendors write for "never": the beginning of the epoch is a time like any other, and has passed. */
static void
test_long_ago (void)
{
  static const char *const times[] = { "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z",
                                       "1970-01-01T00:00:00.0001Z" };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    for (guint restart = 0; restart < 2; restart++)
      {
        g_autoptr (TestHost) host = test_forks_new (UNTIL);
        g_autofree char *json = g_strdup_printf ("{\"at\":\"%s\"}", times[i]);

        test_host_trigger (host, json);
        assert_state (host, AIR_INSTANCE_WAITING_TIMER);
        if (restart)
          {
            g_hash_table_remove_all (host->timers);
            test_host_restart (host);
            test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
          }
        g_assert_cmpuint (g_hash_table_size (host->timers), ==, 1);
        test_host_run (host);
        assert_state (host, AIR_INSTANCE_COMPLETED);
        test_host_check (host);
      }
}

/* --- pausing ----------------------------------------------------------------------------------- */

/* The time of a reversal came while the run was paused; then it is cancelled. */
static void
test_cancel_paused_reversal (void)
{
  g_autoptr (TestHost) host = test_forks_new (REVERSING);

  test_host_script (host, "v.look", "404");
  test_host_script (host, "v.undo", "503");
  test_host_trigger (host, "{}");
  step_until (host, AIR_INSTANCE_WAITING_TIMER);
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 1);
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_true (control (host, AIR_CONTROL_CANCEL, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  g_assert_cmpuint (test_host_count (host, "v.undo"), ==, 1);
  test_host_check (host);
}

/* No time of the run's own passes while it is paused, so nothing wakes it in vain; what people have to decide by does. */
static void
test_paused_timers (void)
{
  g_autoptr (TestHost) host = test_forks_new (ALL_KINDS);

  test_host_script (host, "v.look", "503");
  test_host_trigger (host, "{}");
  g_assert_true (test_host_step (host));
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 3);
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 1);
  g_assert_true (g_hash_table_contains (host->timers, "deadline/gate"));
  test_host_restart (host);
  g_hash_table_remove_all (host->timers);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 1);
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 3);
  g_assert_true (test_host_decide (host, "gate", TRUE, ACTOR, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 0);
  test_host_check (host);
}

/* What is no more at work wakes nobody. */
static void
test_dropped_timers (void)
{
  g_autoptr (TestHost) host = test_forks_new (ALL_KINDS);

  test_host_script (host, "v.look", "404");
  test_host_trigger (host, "{}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 0);
}

/* --- signals ----------------------------------------------------------------------------------- */

/* Two waits for one name take different data: what comes early is for the one it fits. */
static void
test_signal_for_the_other (void)
{
  g_autoptr (TestHost) host = test_forks_new (
      "'first':{'kind':'wait','signal':'paid','timeout_ms':60000,'input':{'type':'integer'},'next':"
      "{" TO ("out", "e1", "second") "," TO (
          "timeout", "e2",
          "late") "}},"
                  "'second':{'kind':'wait','signal':'paid','timeout_ms':60000,'input':{'type':'string'}"
                  ",'next':{" TO ("out", "e3", "done") "," TO ("timeout", "e4", "late") "}}," END (
                      "late", "failed", "{}") "," END ("done", "completed",
                                                       "{'first':'${steps.first}','second':'${steps.second}'}"));
  g_autoptr (AirValue) number = air_value_new_int (7), text = air_value_new_string ("seven");
  AirEvent event = { .kind = AIR_EVENT_SIGNAL, .signal = { .name = "paid", .data = text, .actor = ACTOR } };

  test_host_trigger (host, "{}");
  /* The first waits, and does not take a text. */
  g_assert_false (test_host_try (host, &event, NULL));
  g_assert_true (control (host, AIR_CONTROL_PAUSE, NULL, NULL));
  event.signal.data = number;
  g_assert_true (test_host_try (host, &event, NULL));
  /* Now nobody waits: it is kept for the second. */
  g_assert_false (test_host_try (
      host, &(AirEvent) { .kind = AIR_EVENT_SIGNAL, .signal = { .name = "paid", .actor = ACTOR } }, NULL));
  g_assert_true (test_host_try (host, &event, NULL));
  event.signal.data = text;
  g_assert_true (test_host_try (host, &event, NULL));
  g_assert_true (control (host, AIR_CONTROL_RESUME, NULL, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (host->instance), "second"), ==, "seven");
  test_host_check (host);
}

/* --- reversals --------------------------------------------------------------------------------- */

/* Who names a step means that one: the reversal of another is not left out by mistake. */
static void
test_another_reversal (void)
{
  g_autoptr (TestHost) host = test_forks_new (TWO);
  g_autoptr (GError) error = NULL;

  test_host_script (host, "v.look", "404");
  test_host_script (host, "v.undo", "ok,503");
  test_host_trigger (host, "{}");
  for (guint i = 0; i < 5; i++)
    g_assert_true (test_host_step (host));
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  g_assert_false (control (host, AIR_CONTROL_SKIP, "second", &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_assert_nonnull (strstr (error->message, "first"));
  g_clear_error (&error);
  g_assert_false (control (host, AIR_CONTROL_RETRY, "nobody", &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_assert_true (control (host, AIR_CONTROL_RETRY, "first", NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count (host, "v.undo"), ==, 2);
  test_host_check (host);
}

/* --- what no entry can hold -------------------------------------------------------------------- */

static gsize
measure (const AirValue *value)
{
  g_autofree char *text = value != NULL ? air_jcs_write (value, NULL, NULL) : NULL;

  return text != NULL ? strlen (text) : 0;
}

static void
answer_large (TestHost *host, const char *node)
{
  g_autofree char *text = g_strnfill (900 * 1024, 'e');
  AirValue *evidence = air_map_new ();
  g_autoptr (AirOutcome) outcome = air_outcome_new_ok (200, NULL, evidence);

  air_map_set_string (evidence, "page", text);
  g_ptr_array_set_size (host->pending, 0);
  test_host_send (
      host,
      &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                    .outcome = { .node = node, .attempt = 1, .purpose = AIR_PURPOSE_EXECUTE, .outcome = outcome } });
}

/* What several steps proved is too much for one entry: the step fails and says so. */
static void
test_large_evidence (void)
{
  g_autoptr (TestHost) host = test_forks_new (COLLECT);

  test_host_trigger (host, "{}");
  answer_large (host, "first");
  answer_large (host, "second");
  answer_large (host, "third");
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpstr (air_instance_get_reason (host->instance), ==, "proof: fatal");
  test_host_check (host);
}

/* An entry is at most 64 KiB: a loop of small steps with long names fills several. */
static void
test_many_long_steps (void)
{
  g_autofree char *name = g_strnfill (400, 'n');
  g_autoptr (GString) nodes = g_string_new (
      "'first':{'kind':'for_each','items':'${trigger.items}','max_items':900,'concurrency':1,'next':{" TO (
          "each", "e1", "NAME") "}},'NAME':{'kind':'branch','cases':[{'id':'x','when':'true'}],'default':'x','next':"
                                "{" TO ("x", "e2",
                                        "join") "}},"
                                                "'join':{'kind':'join','of':'first','collect':'${each.item}','next':"
                                                "{" TO ("out", "e3", "done") "}}," END ("done", "completed", "{}"));
  g_autoptr (GString) json = g_string_new ("{\"items\":[");
  g_autoptr (TestHost) host = NULL;

  g_string_replace (nodes, "NAME", name, 0);
  for (guint i = 0; i < 800; i++)
    g_string_append_printf (json, "%s%u", i > 0 ? "," : "", i);
  g_string_append (json, "]}");
  host = test_forks_new (nodes->str);
  test_host_trigger (host, json->str);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  for (guint i = 0; i < host->records->len; i++)
    {
      const AirRecord *record = host->records->pdata[i];
      gsize size =
          measure (record->members) + (record->disclosed != NULL ? air_map_get_size (record->disclosed) * 46 : 0);

      g_assert_cmpuint (size, <, 60 * 1024);
    }
  test_host_check (host);
}

/* What iterations leave behind is held in memory once more while it is written: not all of it at once. */
static void
test_large_steps (void)
{
  g_autofree char *page = g_strnfill (300 * 1024, 'p');
  g_autofree char *json = g_strdup_printf ("{\"page\":\"%s\"}", page);
  g_autoptr (TestHost) host = test_forks_new (
      "'first':{'kind':'for_each','items':'${[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}','max_items':20,"
      "'concurrency':1,'next':{" TO (
          "each", "e1", "join") "}},"
                                "'join':{'kind':'join','of':'first','collect':'${trigger.page}','next':{" TO (
                                    "out", "e3", "done") "}}," END ("done", "completed", "{}"));

  test_host_trigger (host, json);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  for (guint i = 0; i < host->records->len; i++)
    g_assert_cmpuint (measure (((AirRecord *) host->records->pdata[i])->disclosed), <, 3 * 1024 * 1024);
  test_host_check (host);
}

/* --- circles ----------------------------------------------------------------------------------- */

/* A run has an end: a plan with a way that leads in a circle is refused, whatever it is made of. */
static void
test_circles (void)
{
  static const char *const plans[] = {
    "'first':{'kind':'call','operation':'v.look','with':{'n':'${trigger.nothing}'},'next':{" TO (
        "ok", "e1", "done") "," TO ("error", "e2", "first") "}}," END ("done", "completed", "{}"),
    "'first':{'kind':'evidence','collect':[],'next':{" TO (
        "out", "e1", "second") "}},"
                               "'second':{'kind':'evidence','collect':[],'next':{" TO (
                                   "out", "e2",
                                   "third") "}},"
                                            "'third':{'kind':'call','operation':'v.look','with':{},'next':{" TO (
                                                "ok", "e3", "second") "," TO ("error", "e4",
                                                                              "done") "}}," END ("done", "completed",
                                                                                                 "{}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (test_forks_try (plans[i], &error));
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_PLAN);
      g_assert_nonnull (strstr (error->message, "back to it"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/strands/long-ago", test_long_ago);
  g_test_add_func ("/engine/strands/cancel-paused-reversal", test_cancel_paused_reversal);
  g_test_add_func ("/engine/strands/paused-timers", test_paused_timers);
  g_test_add_func ("/engine/strands/dropped-timers", test_dropped_timers);
  g_test_add_func ("/engine/strands/signal-for-the-other", test_signal_for_the_other);
  g_test_add_func ("/engine/strands/another-reversal", test_another_reversal);
  g_test_add_func ("/engine/strands/large-evidence", test_large_evidence);
  g_test_add_func ("/engine/strands/many-long-steps", test_many_long_steps);
  g_test_add_func ("/engine/strands/large-steps", test_large_steps);
  g_test_add_func ("/engine/strands/circles", test_circles);
  return g_test_run ();
}
