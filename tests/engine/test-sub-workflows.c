/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workflow as a step of another: names of its own, its effects reversed when it fails, time, people, crashes. */
#include "config.h"

#include "base/air-json.h"
#include "engine/air-instance-private.h"
#include "test-forks.h"

/* clang-format off */

/* pay, then the booking: act and look; then one more call. `steps` and `trigger` inside are the booking's. */
#define BOOKING(more, inside)                                                                                          \
  "'first':{'kind':'call','operation':'v.pay','with':{'n':'${trigger.n}'}," UNDO                                       \
  "'next':{" TO ("ok", "e1", "book") "}},"                                                                             \
  "'book':{'kind':'workflow','workflow':'booking','title':'Book',"                                                     \
  "'with':{'n':'${trigger.n + 1}'}," more                                                                              \
  "'next':{" TO ("start", "book.e0", "book.act") "," TO ("ok", "e2", "last") "," TO ("error", "e3", "sorry") "}},"     \
  "'book.act':{'kind':'call','operation':'v.act','with':{'n':'${trigger.n}'},"                                         \
  "'compensate':{'operation':'v.undo','with':{'of':'${trigger.n}','was':'${steps.act.id}'}},"                          \
  "'next':{" TO ("ok", "book.e1", "book.look") "," TO ("error", "book.e9", "book.failed") "}},"                        \
  inside                                                                                                               \
  "'book.failed':{'kind':'end','outcome':'failed','title':'No room'},"                                                 \
  END ("book.done", "completed", "{'id':'${steps.act.id}','asked':'${trigger.n}','knows':'${size(steps)}'}") ","       \
  "'last':{'kind':'call','operation':'v.once','with':{'n':'${steps.book.asked}'},"                                     \
  "'next':{" TO ("ok", "e4", "done") "," TO ("error", "e5", "broken") "}},"                                            \
  END ("done", "completed", "{'outcome':'done','book':'${steps.book}'}") ","                                           \
  END ("sorry", "completed", "{'outcome':'sorry','error':'${steps.book.error}'}") ","                                  \
  END ("broken", "failed", "{'outcome':'broken'}")

#define LOOK                                                                                                           \
  "'book.look':{'kind':'call','operation':'v.look','with':{'id':'${steps.act.id}'},"                                   \
  "'retry':{'max':3,'base_ms':100,'max_ms':1000},"                                                                     \
  "'next':{" TO ("ok", "book.e2", "book.done") "}},"

/* People decide inside, over a call inside. */
#define GATE                                                                                                           \
  "'book.look':{'kind':'gate','policy':'quorum','with':{'n':'${trigger.n}'},'guards':[{'node':'book.sure'}],"          \
  "'next':{" TO ("approved", "book.e2", "book.sure") "," TO ("denied", "book.e3", "book.failed") "}},"                 \
  "'book.sure':{'kind':'call','operation':'v.pay','with':{'n':'${trigger.n}'}," UNDO                                   \
  "'next':{" TO ("ok", "book.e4", "book.done") "}},"

#define SIGNAL                                                                                                         \
  "'book.look':{'kind':'wait','signal':'ready','timeout_ms':60000,"                                                    \
  "'next':{" TO ("out", "book.e2", "book.done") "," TO ("timeout", "book.e3", "book.failed") "}},"

/* Each of three, two at once, in a workflow in a workflow; beside it another call. */
#define DEEP                                                                                                           \
  "'book.look':{'kind':'parallel','next':{" TO ("a", "book.ea", "book.tell") "," TO ("b", "book.eb", "book.side") "}},"\
  "'book.side':{'kind':'call','operation':'v.look','with':{},'next':{" TO ("ok", "book.e5", "book.meet") "}},"         \
  "'book.tell':{'kind':'workflow','workflow':'notice','with':{'to':'${[1, 2, 3]}'},"                                   \
  "'next':{" TO ("start", "book.tell.e0", "book.tell.all") "," TO ("ok", "book.e2", "book.meet") ","                   \
  TO ("error", "book.e3", "book.lost") "}},'book.lost':{'kind':'end','outcome':'failed','title':'Nobody'},"            \
  "'book.tell.all':{'kind':'for_each','items':'${trigger.to}','max_items':9,'concurrency':2,"                          \
  "'next':{" TO ("each", "book.tell.e1", "book.tell.one") "}},"                                                        \
  "'book.tell.one':{'kind':'call','operation':'v.pay','with':{'n':'${each.item}'}," UNDO                               \
  "'next':{" TO ("ok", "book.tell.e2", "book.tell.told") "}},"                                                         \
  "'book.tell.told':{'kind':'join','of':'book.tell.all','collect':'${steps.one.id}',"                                  \
  "'next':{" TO ("out", "book.tell.e3", "book.tell.done") "}},"                                                        \
  END ("book.tell.done", "completed", "{'n':'${size(steps.told.items)}'}") ","                                         \
  "'book.meet':{'kind':'join','of':'book.look','next':{" TO ("out", "book.e6", "book.done") "}},"

/* The booking once for each. */
#define EACH(on_failure)                                                                                               \
  "'first':{'kind':'for_each','items':'${trigger.list}','max_items':9,'concurrency':2,'on_failure':'" on_failure "',"  \
  "'next':{" TO ("each", "e1", "book") "}},"                                                                           \
  "'book':{'kind':'workflow','workflow':'booking','with':{'n':'${each.item}'},'timeout_ms':600000,"                    \
  "'next':{" TO ("start", "book.e0", "book.act") "," TO ("ok", "e2", "meet") "," TO ("error", "e3", "gone") "}},"      \
  "'book.act':{'kind':'call','operation':'v.act','with':{'n':'${trigger.n}'}," UNDO                                    \
  "'next':{" TO ("ok", "book.e1", "book.look") "}},"                                                                   \
  "'book.look':{'kind':'call','operation':'v.pay','with':{'n':'${trigger.n}'}," UNDO                                   \
  "'next':{" TO ("ok", "book.e2", "book.done") "}},"                                                                   \
  END ("book.done", "completed", "{'id':'${steps.look.id}'}") ","                                                      \
  "'gone':{'kind':'end','outcome':'failed'},"                                                                          \
  "'meet':{'kind':'join','of':'first','collect':'${steps.book.id}','next':{" TO ("out", "e4", "done") "}},"            \
  END ("done", "completed", "{'items':'${steps.meet.items}'}")

/* A booking, and beside it something else that acts. */
#define BESIDE                                                                                                         \
  "'first':{'kind':'parallel','next':{" TO ("a", "ea", "book") "," TO ("b", "eb", "side") "}},"                        \
  "'side':{'kind':'call','operation':'v.pay','with':{'n':1}," UNDO "'next':{" TO ("ok", "e1", "meet") "}},"            \
  "'book':{'kind':'workflow','workflow':'notice','with':{},"                                                           \
  "'next':{" TO ("start", "book.e0", "book.act") "," TO ("ok", "e2", "meet") "," TO ("error", "e3", "meet") "}},"      \
  "'book.act':{'kind':'call','operation':'v.act','with':{'n':2}," UNDO "'next':{" TO ("ok", "book.e1", "book.look")    \
  "}},'book.look':{'kind':'call','operation':'v.look','with':{},'next':{" TO ("ok", "book.e2", "book.done") "}},"      \
  END ("book.done", "completed", "{}") ","                                                                             \
  "'meet':{'kind':'join','of':'first','next':{" TO ("out", "e4", "last") "}},"                                         \
  "'last':{'kind':'wait','signal':'never','timeout_ms':60000,'next':{" TO ("out", "e5", "done") ","                    \
  TO ("timeout", "e6", "done") "}}," END ("done", "completed", "{}")

/* In a workflow each of two, both ways of it at once; beside them a call. */
#define ALL_AT_ONCE                                                                                                    \
  "'first':{'kind':'workflow','workflow':'notice','with':{},"                                                          \
  "'next':{" TO ("start", "first.e0", "first.fork") "," TO ("ok", "e1", "done") "," TO ("error", "e2", "sorry") "}},"  \
  "'first.fork':{'kind':'parallel','next':{" TO ("a", "first.ea", "first.all") "," TO ("b", "first.eb", "first.side")  \
  "}},'first.side':{'kind':'call','operation':'v.look','with':{},'next':{" TO ("ok", "first.e1", "first.meet") "}},"   \
  "'first.all':{'kind':'for_each','items':'${[1, 2]}','max_items':9,'concurrency':1,'on_failure':'continue',"          \
  "'next':{" TO ("each", "first.e2", "first.both") "}},"                                                               \
  "'first.both':{'kind':'parallel','next':{" TO ("x", "first.ex", "first.pay") "," TO ("y", "first.ey", "first.act")   \
  "}},'first.pay':{'kind':'call','operation':'v.pay','with':{'n':1}," UNDO                                             \
  "'next':{" TO ("ok", "first.e3", "first.met") "}},"                                                                  \
  "'first.act':{'kind':'call','operation':'v.act','with':{'n':1}," UNDO                                                \
  "'next':{" TO ("ok", "first.e4", "first.met") "}},"                                                                  \
  "'first.met':{'kind':'join','of':'first.both','next':{" TO ("out", "first.e5", "first.every") "}},"                  \
  "'first.every':{'kind':'join','of':'first.all','next':{" TO ("out", "first.e6", "first.meet") "}},"                  \
  "'first.meet':{'kind':'join','of':'first.fork','next':{" TO ("out", "first.e7", "first.done") "}},"                  \
  END ("first.done", "completed", "{}") "," END ("done", "completed", "{}") "," END ("sorry", "completed", "{}")

/* clang-format on */

static void
assert_state (TestHost *host, AirInstanceState state)
{
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (host->instance)), ==,
                   air_instance_state_to_string (state));
}

static void
assert_output (TestHost *host, const char *expected)
{
  g_autofree char *text = air_jcs_write (air_instance_get_output (host->instance), NULL, NULL);

  g_assert_cmpstr (text, ==, expected);
}

/* The steps whose effects were reversed, in that order. */
static void
assert_reversed (TestHost *host, const char *const *steps)
{
  guint n = 0;

  for (; steps[n] != NULL; n++)
    {
      AirRecord *record = test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, n);
      const char *iteration;
      g_autofree char *step = NULL;

      g_assert_nonnull (record);
      iteration = air_map_get_string (record->members, "iteration");
      step =
          g_strconcat (air_map_get_string (record->members, "node"), iteration != NULL ? "@" : NULL, iteration, NULL);
      g_assert_cmpstr (step, ==, steps[n]);
    }
  g_assert_null (test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, n));
}

static guint
position_of (TestHost *host, const char *type, const char *node)
{
  for (guint i = 0; i < host->records->len; i++)
    {
      AirRecord *record = g_ptr_array_index (host->records, i);
      AirValue *steps = air_map_get_list (record->members, "steps");

      if (!g_str_equal (record->type, type))
        continue;
      if (g_strcmp0 (air_map_get_string (record->members, "node"), node) == 0)
        return i;
      for (gsize k = 0; steps != NULL && k < air_list_get_size (steps); k++)
        if (g_strcmp0 (air_map_get_string (air_list_get (steps, k), "node"), node) == 0)
          return i;
    }
  g_error ("no %s of '%s'", type, node);
}

static void
run_until (TestHost *host, AirInstanceState state)
{
  for (guint i = 0; i < 100 && air_instance_get_state (host->instance) != state; i++)
    g_assert_true (test_host_step (host));
  assert_state (host, state);
}

static void
fire (TestHost *host, const char *timer)
{
  gint64 *at_us = g_hash_table_lookup (host->timers, timer);

  g_assert_nonnull (at_us);
  host->now_us = MAX (host->now_us, *at_us);
  g_hash_table_remove (host->timers, timer);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_TIMER, .timer.id = timer });
}

static void
send_control (TestHost *host, AirControl control, const char *node)
{
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_CONTROL,
                                      .control = { .control = control,
                                                   .node = node,
                                                   .actor = "airails://demo/people/olga",
                                                   .reason = "looked into it" } });
}

/* --- going well -------------------------------------------------------------------------- */

static void
test_names (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
  AirRecord *record;
  AirValue *step;
  guint begun;

  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  /* It saw its own trigger, and of steps only its own two. */
  record = g_ptr_array_index (host->records, position_of (host, AIR_RECORD_TOOL_ACTION_STARTED, "book.act"));
  g_assert_cmpint (air_map_get_int (air_member (record->disclosed, "input"), "n", 0), ==, 8);
  g_assert_null (air_map_get_string (record->members, "iteration"));
  g_assert_cmpint (air_map_get_int (air_map_get_map (air_instance_get_output (host->instance), "book"), "knows", 0), ==,
                   2);
  g_assert_cmpint (air_map_get_int (air_map_get_map (air_instance_get_output (host->instance), "book"), "asked", 0), ==,
                   8);
  /* The chain says which workflow ran: its version and its digest. */
  begun = position_of (host, AIR_RECORD_STEP_DECIDED, "book");
  record = g_ptr_array_index (host->records, begun);
  step = air_list_get (air_map_get_list (record->members, "steps"), 0);
  g_assert_cmpstr (air_map_get_string (step, "workflow"), ==, "booking@1.2.0");
  g_assert_true (g_str_has_prefix (air_map_get_string (step, "digest"), "sha256:"));
  g_assert_cmpuint (strlen (air_map_get_string (step, "digest")), ==, strlen ("sha256:") + 64);
  g_assert_cmpuint (host->instance->scopes->len, ==, 0);
  test_host_check (host);
}

/* What it is given is not what it takes: it does not begin. */
static void
test_input (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
  AirValue *error;

  test_host_trigger (host, "{\"n\":99}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  error = air_map_get_map (air_instance_get_output (host->instance), "error");
  g_assert_cmpstr (air_map_get_string (error, "class"), ==, "fatal");
  g_assert_nonnull (strstr (air_map_get_string (error, "message"), "booking@1.2.0 does not take this input: /n"));
  g_assert_cmpuint (test_host_count (host, "v.act"), ==, 0);
  test_host_check (host);
}

static void
test_deep (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", DEEP));
  AirRecord *record;

  test_host_trigger (host, "{\"n\":1}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  record = g_ptr_array_index (host->records, position_of (host, AIR_RECORD_TOOL_ACTION_STARTED, "book.tell.one"));
  g_assert_cmpstr (air_map_get_string (record->members, "iteration"), ==, "0");
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 4);
  test_host_check (host);
}

static void
test_each (void)
{
  g_autoptr (TestHost) host = test_forks_new (EACH ("stop"));
  AirRecord *record;

  test_host_trigger (host, "{\"list\":[5,6,7]}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 3);
  record = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 1);
  g_assert_cmpstr (air_map_get_string (record->members, "node"), ==, "book.act");
  g_assert_cmpstr (air_map_get_string (record->members, "iteration"), ==, "1");
  /* Its timers are taken off. */
  g_assert_cmpuint (g_hash_table_size (host->timers), ==, 0);
  test_host_check (host);
}

/* --- failing -------------------------------------------------------------------------------- */

/* It takes back what it did, then its error port is gone; what is outside stays. */
static void
test_failure (void)
{
  static const char *const reversed[] = { "book.act", NULL };
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
  AirRecord *undo;

  test_host_script (host, "v.look", "404");
  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_reversed (host, reversed);
  g_assert_cmpstr (air_map_get_string (air_map_get_map (air_instance_get_output (host->instance), "error"), "class"),
                   ==, "not_found");
  /* By its own names, which were gone when the run's are asked. */
  undo = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 3);
  g_assert_cmpstr (air_map_get_string (undo->members, "purpose"), ==, "compensate");
  g_assert_cmpint (air_map_get_int (air_member (undo->disclosed, "input"), "of", 0), ==, 8);
  test_host_check (host);
}

/* It came to an end where it fails. */
static void
test_failed_end (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));

  test_host_script (host, "v.act", "404");
  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_output (host, "{\"error\":{\"class\":\"fatal\",\"message\":\"No room\",\"status\":0},\"outcome\":\"sorry\"}");
  test_host_check (host);
}

/* It went well and the run fails later: its effects and those outside are reversed together, the last one first. */
static void
test_saga (void)
{
  static const char *const reversed[] = { "book.act", "first", NULL };
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
  AirRecord *undo;

  test_host_script (host, "v.once", "404");
  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  assert_reversed (host, reversed);
  undo = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 4);
  g_assert_cmpstr (air_map_get_string (undo->members, "node"), ==, "book.act");
  g_assert_cmpint (air_map_get_int (air_member (undo->disclosed, "input"), "of", 0), ==, 8);
  g_assert_nonnull (air_map_get_string (air_member (undo->disclosed, "input"), "was"));
  test_host_check (host);
}

/* One of several fails: it is taken back while the others go on. */
static void
test_failure_beside (void)
{
  static const char *const reversed[] = { "book.act@1", NULL };
  g_autoptr (TestHost) host = test_forks_new (EACH ("continue"));

  test_host_script (host, "v.pay", "ok,404,ok");
  test_host_trigger (host, "{\"list\":[5,6,7]}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_reversed (host, reversed);
  test_host_check (host);
}

/* One of several fails and the run with it: all that was done is reversed, and the end that was come to is named. */
static void
test_stop (void)
{
  g_autoptr (TestHost) host = test_forks_new (EACH ("stop"));
  AirRecord *closing;

  test_host_script (host, "v.pay", "ok,404");
  test_host_trigger (host, "{\"list\":[5,6,7]}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  closing = test_host_find (host, AIR_RECORD_WORKFLOW_FAILED, 0);
  g_assert_cmpstr (air_map_get_string (closing->members, "node"), ==, "gone");
  g_assert_cmpuint (test_host_count (host, "v.undo"), ==,
                    test_host_count (host, "v.act") + test_host_count (host, "v.pay"));
  test_host_check (host);
}

/* The reversal of one is at work when the run is cancelled: it is finished, then comes the rest. */
static void
test_cancel_while_reversing (void)
{
  static const char *const reversed[] = { "book.act", "first", NULL };
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
  g_autofree char *waits = NULL;

  test_host_script (host, "v.look", "404");
  test_host_script (host, "v.undo", "503,503,ok");
  test_host_trigger (host, "{\"n\":7}");
  for (guint i = 0; i < 100 && test_host_count_records (host, AIR_RECORD_TOOL_ACTION_STARTED) < 4; i++)
    test_host_step (host);
  assert_state (host, AIR_INSTANCE_RUNNING);
  waits = air_instance_get_waiting_on (host->instance);
  g_assert_nonnull (strstr (waits, "reversal"));
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_CANCEL, .cancel = { .actor = "airails://demo/people/olga" } });
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  assert_reversed (host, reversed);
  test_host_check (host);
}

static void
answer (TestHost *host, const char *step, AirOutcomeClass outcome_class)
{
  g_autoptr (AirEffect) effect = NULL;
  g_autoptr (AirOutcome) outcome = NULL;
  AirValue *output = air_map_new ();

  for (guint i = 0; i < host->pending->len && effect == NULL; i++)
    if (g_str_equal (((AirEffect *) g_ptr_array_index (host->pending, i))->node, step))
      effect = g_ptr_array_steal_index (host->pending, i);
  g_assert_nonnull (effect);
  air_map_set_string (output, "id", step);
  outcome = outcome_class == AIR_OUTCOME_OK ? air_outcome_new_ok (200, air_value_ref (output), NULL)
                                            : air_outcome_new (outcome_class, 400, "no");
  air_value_unref (output);
  host->now_us += 5000;
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                      .outcome = { .node = effect->node,
                                                   .attempt = effect->call.attempt,
                                                   .purpose = effect->call.purpose,
                                                   .outcome = outcome } });
}

/* What is being reversed is finished first, also when the run has done something since and now ends itself. */
static void
test_overtaken (void)
{
  static const char *const reversed[] = { "book.act", "side", NULL };
  g_autoptr (TestHost) host = test_forks_new (BESIDE);

  test_host_trigger (host, "{}");
  answer (host, "book.act", AIR_OUTCOME_OK);
  answer (host, "book.look", AIR_OUTCOME_REJECTED);
  g_assert_cmpuint (host->pending->len, ==, 2); /* side, and the reversal */
  answer (host, "side", AIR_OUTCOME_OK);
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_CANCEL, .cancel = { .actor = "airails://demo/people/olga" } });
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  assert_reversed (host, reversed);
  test_host_check (host);
}

/* An iteration that had failed before the workflow around it did begins no other. */
static void
test_failing_in_failing (void)
{
  static const char *const reversed[] = { "first.act@0", NULL };
  g_autoptr (TestHost) host = test_forks_new (ALL_AT_ONCE);

  test_host_trigger (host, "{}");
  answer (host, "first.pay@0", AIR_OUTCOME_REJECTED);
  answer (host, "first.side", AIR_OUTCOME_REJECTED);
  test_host_check (host);
  answer (host, "first.act@0", AIR_OUTCOME_OK);
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_reversed (host, reversed);
  g_assert_cmpuint (host->instance->scopes->len, ==, 0);
  for (guint i = 0; i < host->records->len; i++)
    {
      AirRecord *record = g_ptr_array_index (host->records, i);
      g_autofree char *text = air_jcs_write (record->members, NULL, NULL);

      g_assert_null (strstr (text, "\"iteration\":\"1\""));
    }
  test_host_check (host);
}

/* Its reversal stands still until another attempt: a person sends it at once, by its name or because nothing else can
 * be meant. */
static void
test_hands_on_reversal (void)
{
  static const char *const reversed[] = { "book.act", NULL };

  for (guint named = 0; named < 2; named++)
    {
      g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));
      g_autoptr (GError) error = NULL;
      const AirEvent wrong = {
        .kind = AIR_EVENT_CONTROL,
        .control = { .control = AIR_CONTROL_RETRY, .node = "first", .actor = "airails://demo/people/olga" }
      };

      test_host_script (host, "v.look", "404");
      test_host_script (host, "v.undo", "503,ok");
      test_host_trigger (host, "{\"n\":7}");
      run_until (host, AIR_INSTANCE_WAITING_TIMER);
      g_assert_false (test_host_try (host, &wrong, &error));
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
      send_control (host, AIR_CONTROL_RETRY, named ? "book.act" : NULL);
      g_assert_cmpuint (host->pending->len, ==, 1);
      test_host_run (host);
      assert_state (host, AIR_INSTANCE_COMPLETED);
      assert_reversed (host, reversed);
      test_host_check (host);
    }
}

/* --- time, people, signals --------------------------------------------------------------------- */

static void
test_timeout (void)
{
  static const char *const reversed[] = { "book.act", NULL };
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("'timeout_ms':5000,", GATE));
  AirValue *error;

  test_host_trigger (host, "{\"n\":7}");
  run_until (host, AIR_INSTANCE_WAITING_GATE);
  test_host_check (host);
  /* A host that forgot all timers is told of this one again. */
  g_hash_table_remove_all (host->timers);
  test_host_restart (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  g_assert_true (g_hash_table_contains (host->timers, "timeout/book"));
  fire (host, "timeout/book");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_reversed (host, reversed);
  error = air_map_get_map (air_instance_get_output (host->instance), "error");
  g_assert_cmpstr (air_map_get_string (error, "message"), ==, "it had not come to its end after 5000 ms");
  g_assert_cmpuint (host->gates_closed, ==, 1);
  test_host_check (host);
}

static void
test_in_time (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("'timeout_ms':5000,", LOOK));

  test_host_trigger (host, "{\"n\":7}");
  test_host_step (host);
  g_assert_true (g_hash_table_contains (host->timers, "timeout/book"));
  while (host->pending->len > 0)
    test_host_step (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_false (g_hash_table_contains (host->timers, "timeout/book"));
  test_host_check (host);
}

static void
test_gate (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", GATE));
  g_auto (AirGateFacts) facts = { 0 };
  g_auto (GStrv) gates = NULL;

  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  gates = air_instance_dup_waiting_gates (host->instance);
  g_assert_cmpstr (gates[0], ==, "book.look");
  g_assert_true (air_instance_get_gate (host->instance, "book.look", &facts));
  g_assert_true (g_str_has_suffix (facts.gate, "/book.look"));
  g_assert_cmpstr (air_map_get_string (air_list_get (facts.action, 0), "node"), ==, "book.sure");
  g_assert_cmpint (air_map_get_int (air_map_get_map (air_list_get (facts.action, 0), "input"), "n", 0), ==, 8);
  g_assert_true (test_host_decide (host, "book.look", TRUE, "airails://demo/people/ana", NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);
}

static void
test_denied (void)
{
  static const char *const reversed[] = { "book.act", NULL };
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", GATE));

  test_host_trigger (host, "{\"n\":7}");
  test_host_run (host);
  g_assert_true (test_host_decide (host, "book.look", FALSE, "airails://demo/people/ana", NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_reversed (host, reversed);
  test_host_check (host);
}

static void
test_signal (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", SIGNAL));

  test_host_trigger (host, "{\"n\":7}");
  run_until (host, AIR_INSTANCE_WAITING_SIGNAL);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_SIGNAL,
                                      .signal = { .name = "ready", .actor = "airails://demo/services/shop" } });
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);
}

static void
test_hands (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("'timeout_ms':5000,", SIGNAL));

  test_host_trigger (host, "{\"n\":7}");
  run_until (host, AIR_INSTANCE_WAITING_SIGNAL);
  send_control (host, AIR_CONTROL_PAUSE, NULL);
  assert_state (host, AIR_INSTANCE_PAUSED);
  /* No time of its own passes: not even that of a timer that was on its way. */
  g_assert_false (g_hash_table_contains (host->timers, "timeout/book"));
  host->now_us += 6 * G_USEC_PER_SEC;
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_TIMER, .timer.id = "timeout/book" });
  assert_state (host, AIR_INSTANCE_PAUSED);
  g_assert_false (g_hash_table_contains (host->timers, "timeout/book"));
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 0);
  send_control (host, AIR_CONTROL_RESUME, NULL);
  test_host_check (host);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 1);
  test_host_check (host);
}

static void
test_skip (void)
{
  g_autoptr (TestHost) host = test_forks_new (BOOKING ("", LOOK));

  test_host_script (host, "v.look", "503,503,503");
  test_host_trigger (host, "{\"n\":7}");
  run_until (host, AIR_INSTANCE_WAITING_TIMER);
  send_control (host, AIR_CONTROL_SKIP, "book.look");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);
}

/* --- crashes at every entry ------------------------------------------------------------------ */

static void
test_crashes (void)
{
  static const char *const people[] = { "airails://demo/people/ana", NULL };
  static const struct {
    const char *nodes;
    const char *data;
    const char *operation, *script;
  } cases[] = {
    { BOOKING ("", LOOK), "{\"n\":7}", NULL, NULL },
    { BOOKING ("", LOOK), "{\"n\":99}", NULL, NULL },
    { BOOKING ("'timeout_ms':600000,", LOOK), "{\"n\":7}", "v.look", "503,404" },
    { BOOKING ("", LOOK), "{\"n\":7}", "v.once", "404" },
    { BOOKING ("", GATE), "{\"n\":7}", NULL, NULL },
    { BOOKING ("'timeout_ms':5000,", GATE), "{\"n\":7}", NULL, NULL },
    { BOOKING ("", DEEP), "{\"n\":7}", NULL, NULL },
    { BOOKING ("", DEEP), "{\"n\":7}", "v.pay", "ok,ok,404" },
    { EACH ("stop"), "{\"list\":[5,6,7]}", "v.pay", "ok,404" },
    { BESIDE, "{}", "v.look", "404" },
    { ALL_AT_ONCE, "{}", "v.pay", "404" },
    { ALL_AT_ONCE, "{}", "v.look", "404" },
    { EACH ("continue"), "{\"list\":[5,6,7,8]}", "v.pay", "404,ok,404" },
  };
  guint crashes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint how = 0; how < 2; how++)
      for (guint at = 1; at < 200; at++)
        {
          g_autoptr (TestHost) host = test_forks_new (cases[i].nodes);

          host->crash_at = at;
          host->crash_how = how;
          host->approvers = people;
          if (cases[i].script != NULL)
            test_host_script (host, cases[i].operation, cases[i].script);
          test_host_trigger (host, cases[i].data);
          test_host_run (host);
          /* v.once can neither be repeated nor asked about: then a person is asked, and it says so. */
          if (!air_instance_is_finished (host->instance))
            assert_state (host, AIR_INSTANCE_UNKNOWN_OUTCOME);
          test_host_check (host);
          if (host->crashes == 0)
            break;
          crashes++;
        }
  g_test_message ("%u crashes", crashes);
  g_assert_cmpuint (crashes, >, 200);
}

/* --- plans that are none --------------------------------------------------------------------------- */

static void
test_refused (void)
{
  static const struct {
    const char *nodes;
    const char *words;
  } cases[] = {
    { "'first':{'kind':'workflow','workflow':'nobody','next':{}}", "names workflow 'nobody'" },
    { "'first':{'kind':'workflow','workflow':'booking','next':{" TO ("start", "e1",
                                                                     "done") "}}," END ("done", "completed", "{}"),
      "no edge from its port 'ok'" },
    { "'first':{'kind':'workflow','workflow':'booking','next':{" TO ("start", "e1", "done") "," TO (
          "ok", "e2", "done") "}}," END ("done", "completed", "{}"),
      "border" },
    { "'first':{'kind':'workflow','workflow':'booking','next':{" TO ("start", "e1", "first.x") "," TO (
          "ok", "e2", "done") "}}," CALL ("first.x", "v.look", "{}",
                                          "'next':{" TO ("ok", "e3", "done") "}") "," END ("done", "completed", "{}"),
      "border" },
    { CALL ("first", "v.look", "{}", "'next':{" TO ("ok", "e1", "other.x") "}") "," END ("other.x", "completed", "{}"),
      "lies in no workflow" },
    { "'first':{'kind':'workflow','workflow':'booking','timeout_ms':-1,'next':{" TO ("start", "e1", "first.x") "," TO (
          "ok", "e2", "done") "}}," END ("first.x", "completed", "{}") "," END ("done", "completed", "{}"),
      "timeout_ms" },
    { "'first':{'kind':'workflow','workflow':'booking','next':{" TO ("start", "e1", "first.x") "," TO (
          "ok", "e2",
          "done") "}},'first.x':{'kind':'parallel','next':{" TO ("a", "e3",
                                                                 "first.y") "}}," END ("first.y", "completed",
                                                                                       "{}") "," END ("done",
                                                                                                      "completed",
                                                                                                      "{}"),
      "no join" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPlan) plan = test_forks_try (cases[i].nodes, &error);

      g_assert_null (plan);
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_PLAN);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("%u: %s", i, error->message);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/sub-workflows/names", test_names);
  g_test_add_func ("/engine/sub-workflows/input", test_input);
  g_test_add_func ("/engine/sub-workflows/deep", test_deep);
  g_test_add_func ("/engine/sub-workflows/each", test_each);
  g_test_add_func ("/engine/sub-workflows/failure", test_failure);
  g_test_add_func ("/engine/sub-workflows/failed-end", test_failed_end);
  g_test_add_func ("/engine/sub-workflows/saga", test_saga);
  g_test_add_func ("/engine/sub-workflows/failure-beside", test_failure_beside);
  g_test_add_func ("/engine/sub-workflows/stop", test_stop);
  g_test_add_func ("/engine/sub-workflows/cancel-while-reversing", test_cancel_while_reversing);
  g_test_add_func ("/engine/sub-workflows/overtaken", test_overtaken);
  g_test_add_func ("/engine/sub-workflows/failing-in-failing", test_failing_in_failing);
  g_test_add_func ("/engine/sub-workflows/hands-on-reversal", test_hands_on_reversal);
  g_test_add_func ("/engine/sub-workflows/timeout", test_timeout);
  g_test_add_func ("/engine/sub-workflows/in-time", test_in_time);
  g_test_add_func ("/engine/sub-workflows/gate", test_gate);
  g_test_add_func ("/engine/sub-workflows/denied", test_denied);
  g_test_add_func ("/engine/sub-workflows/signal", test_signal);
  g_test_add_func ("/engine/sub-workflows/hands", test_hands);
  g_test_add_func ("/engine/sub-workflows/skip", test_skip);
  g_test_add_func ("/engine/sub-workflows/crashes", test_crashes);
  g_test_add_func ("/engine/sub-workflows/refused", test_refused);
  return g_test_run ();
}
