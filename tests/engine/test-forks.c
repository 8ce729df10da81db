/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several things at once: parallel, for_each, and what goes wrong beside what goes well. */
#include "config.h"

#include "base/air-json.h"
#include "engine/air-instance-private.h"
#include "test-forks.h"

#define PARALLEL                                                                                                       \
  "'first':{'kind':'parallel','next':{" TO ("a", "ea", "act") "," TO (                                                 \
      "b", "eb", "pay") "}},"                                                                                          \
                        "'act':{'kind':'call','operation':'v.act','with':{'n':1},'retry':{'max':3,'base_ms':100,'max_" \
                        "ms':1000}," UNDO "'next':{" TO (                                                              \
                            "ok", "e1", "meet") "}},"                                                                  \
                                                "'pay':{'kind':'call','operation':'v.pay','with':{'n':2},'retry':{'"   \
                                                "max':3,'base_ms':100,'max_ms':1000}," UNDO "'next':{" TO (            \
                                                    "ok", "e2",                                                        \
                                                    "meet") "}},"                                                      \
                                                            "'meet':{'kind':'join','of':'first','next':{" TO (         \
                                                                "out", "e3",                                           \
                                                                "done") "}}," END ("done", "completed",                \
                                                                                   "{'outcome':'done','a':'${steps."   \
                                                                                   "act.id}','b':'${steps.pay.id}'}")

#define LOOP(concurrency, on_failure)                                                                                  \
  "'first':{'kind':'for_each','items':'${trigger.list}','max_items':5000,'concurrency':" concurrency                   \
  ",'on_failure':'" on_failure "','next':{" TO (                                                                       \
      "each", "e1", "act") "}},"                                                                                       \
                           "'act':{'kind':'call','operation':'v.act','with':{'n':'${each.item}','i':'${each.index}'}," \
                           "'retry':{'max':2,'base_ms':100,'max_ms':1000},'compensate':{'operation':'v.undo','with':{" \
                           "'of':'${each.item}',"                                                                      \
                           "'was':'${steps.act.id}'}},'next':{" TO (                                                   \
                               "ok", "e2", "meet") "}},"                                                               \
                                                   "'meet':{'kind':'join','of':'first','collect':'${ {~n~: "           \
                                                   "each.item, ~id~: steps.act.id} }','next':{" TO (                   \
                                                       "out", "e3",                                                    \
                                                       "last") "}},"                                                   \
                                                               "'last':{'kind':'call','operation':'v.pay','with':{'n'" \
                                                               ":'${size(steps.meet.items)}'},"                        \
                                                               "'next':{" TO ("ok", "e4", "done") "}}," END (          \
                                                                   "done", "completed",                                \
                                                                   "{'outcome':'done','items':'${steps.meet.items}'}")

/* clang-format off */

/* In each round two workflows beside each other. */
#define TWO_A_ROUND                                                                                                    \
  "'first':{'kind':'for_each','items':'${trigger.list}','max_items':9,'on_failure':'continue',"                        \
  "'next':{" TO ("each", "e1", "both") "}},"                                                                           \
  "'both':{'kind':'parallel','next':{" TO ("a", "ea", "a") "," TO ("b", "eb", "b") "}},"                               \
  "'a':{'kind':'workflow','workflow':'notice','with':{},"                                                              \
  "'next':{" TO ("start", "a.e0", "a.act") "," TO ("ok", "e2", "meet") "}},"                                           \
  "'a.act':{'kind':'call','operation':'v.act','with':{'n':1}," UNDO "'next':{" TO ("ok", "a.e1", "a.done") "}},"       \
  END ("a.done", "completed", "{}") ","                                                                                \
  "'b':{'kind':'workflow','workflow':'notice','with':{},"                                                              \
  "'next':{" TO ("start", "b.e0", "b.act") "," TO ("ok", "e3", "meet") "}},"                                           \
  "'b.act':{'kind':'call','operation':'v.act','with':{'n':2}," UNDO "'next':{" TO ("ok", "b.e1", "b.pay") "}},"        \
  "'b.pay':{'kind':'call','operation':'v.pay','with':{'n':2}," UNDO "'next':{" TO ("ok", "b.e2", "b.done") "}},"       \
  END ("b.done", "completed", "{}") ","                                                                                \
  "'meet':{'kind':'join','of':'both','next':{" TO ("out", "e4", "round") "}},"                                         \
  "'round':{'kind':'join','of':'first','next':{" TO ("out", "e5", "done") "}},"                                        \
  END ("done", "completed", "{}")

/* clang-format on */

static void
assert_state (TestHost *host, AirInstanceState state)
{
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (host->instance)), ==,
                   air_instance_state_to_string (state));
}

static void
answer (TestHost *host, guint nth, AirOutcomeClass outcome_class, const char *id)
{
  g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, nth);
  g_autoptr (AirOutcome) outcome = NULL;
  AirValue *output = air_map_new ();

  air_map_set_string (output, "id", id != NULL ? id : "");
  if (outcome_class == AIR_OUTCOME_OK)
    outcome = air_outcome_new_ok (200, g_steal_pointer (&output), NULL);
  else
    outcome = air_outcome_new (outcome_class, outcome_class == AIR_OUTCOME_UNKNOWN ? 0 : 400, "no");
  g_clear_pointer (&output, air_value_unref);
  host->now_us += 5000;
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                      .outcome = { .node = effect->node,
                                                   .attempt = effect->call.attempt,
                                                   .purpose = effect->call.purpose,
                                                   .outcome = outcome } });
}

static const char *
pending_step (TestHost *host, guint nth)
{
  return ((AirEffect *) g_ptr_array_index (host->pending, nth))->node;
}

static char *
output_text (TestHost *host)
{
  return air_jcs_write (air_instance_get_output (host->instance), NULL, NULL);
}

/* --- parallel --------------------------------------------------------------------------- */

static void
test_parallel (void)
{
  g_autoptr (TestHost) host = test_forks_new (PARALLEL);
  g_autofree char *output = NULL;

  test_host_trigger (host, "{}");
  g_assert_cmpuint (host->pending->len, ==, 2);
  assert_state (host, AIR_INSTANCE_RUNNING);
  answer (host, 1, AIR_OUTCOME_OK, "p");
  assert_state (host, AIR_INSTANCE_RUNNING);
  answer (host, 0, AIR_OUTCOME_OK, "a");
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==, "{\"a\":\"a\",\"b\":\"p\",\"outcome\":\"done\"}");
  test_host_check (host);
}

/* What is in flight is let come back before anything is reversed; what completed last is reversed first. */
static void
test_parallel_failure (void)
{
  g_autoptr (TestHost) host = test_forks_new (PARALLEL);
  AirRecord *rollback;

  test_host_trigger (host, "{}");
  answer (host, 1, AIR_OUTCOME_REJECTED, NULL);
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 0);
  answer (host, 0, AIR_OUTCOME_OK, "a");
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpstr (air_instance_get_reason (host->instance), ==, "pay: rejected");
  rollback = test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, 0);
  g_assert_cmpstr (air_map_get_string (rollback->members, "node"), ==, "act");
  g_assert_cmpstr (air_map_get_string (rollback->members, "outcome"), ==, "done");
  g_assert_null (test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, 1));
  test_host_check (host);
}

static void
test_cancel_in_flight (void)
{
  g_autoptr (TestHost) host = test_forks_new (PARALLEL);

  test_host_trigger (host, "{}");
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_CANCEL, .cancel = { .actor = "airails://demo/people/olga" } });
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  answer (host, 1, AIR_OUTCOME_OK, "p");
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 0);
  answer (host, 0, AIR_OUTCOME_OK, "a");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_CANCELLED);
  /* act completed last. */
  g_assert_cmpstr (air_map_get_string (test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, 0)->members, "node"), ==,
                   "act");
  g_assert_cmpstr (air_map_get_string (test_host_find (host, AIR_RECORD_ROLLBACK_APPLIED, 1)->members, "node"), ==,
                   "pay");
  test_host_check (host);
}

/* --- for_each ----------------------------------------------------------------------------- */

static void
test_for_each (void)
{
  g_autoptr (TestHost) host = test_forks_new (LOOP ("2", "stop"));
  g_autofree char *output = NULL;
  AirRecord *record;

  test_host_trigger (host, "{\"list\":[7,8,9]}");
  g_assert_cmpuint (host->pending->len, ==, 2);
  g_assert_cmpstr (pending_step (host, 0), ==, "act@0");
  g_assert_cmpstr (pending_step (host, 1), ==, "act@1");
  answer (host, 1, AIR_OUTCOME_OK, "second");
  g_assert_cmpuint (host->pending->len, ==, 2);
  g_assert_cmpstr (pending_step (host, 1), ==, "act@2");
  test_host_check (host);
  answer (host, 1, AIR_OUTCOME_OK, "third");
  answer (host, 0, AIR_OUTCOME_OK, "first");
  g_assert_cmpstr (pending_step (host, 0), ==, "last");
  answer (host, 0, AIR_OUTCOME_OK, "paid");
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==,
                   "{\"items\":[{\"id\":\"first\",\"n\":7},{\"id\":\"second\",\"n\":8},{\"id\":\"third\",\"n\":9}],"
                   "\"outcome\":\"done\"}");
  record = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 1);
  g_assert_cmpstr (air_map_get_string (record->members, "node"), ==, "act");
  g_assert_cmpstr (air_map_get_string (record->members, "iteration"), ==, "1");
  test_host_check (host);
}

static void
test_empty (void)
{
  g_autoptr (TestHost) host = test_forks_new (LOOP ("2", "stop"));

  test_host_trigger (host, "{\"list\":[]}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);
}

static void
test_too_many (void)
{
  g_autoptr (TestHost) host = test_forks_new (LOOP ("2", "stop"));
  g_autoptr (GString) list = g_string_new ("{\"list\":[0");

  for (guint i = 1; i < 5001; i++)
    g_string_append_printf (list, ",%u", i);
  g_string_append (list, "]}");
  test_host_trigger (host, list->str);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpstr (air_instance_get_reason (host->instance), ==, "first: fatal");
  test_host_check (host);
}

/* Every effect of every iteration, in the reverse order of completion, with its own iteration's outputs. */
static void
test_saga (void)
{
  static const char *const order[] = { "0", "2", "1" };
  g_autoptr (TestHost) host = test_forks_new (LOOP ("2", "stop"));

  test_host_trigger (host, "{\"list\":[7,8,9]}");
  answer (host, 1, AIR_OUTCOME_OK, "second");
  answer (host, 1, AIR_OUTCOME_OK, "third");
  answer (host, 0, AIR_OUTCOME_OK, "first");
  answer (host, 0, AIR_OUTCOME_REJECTED, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      AirEffect *undo = g_ptr_array_index (host->pending, 0);
      g_autofree char *step = g_strconcat ("act@", order[i], NULL);

      g_assert_cmpstr (undo->node, ==, step);
      g_assert_cmpint (air_map_get_int (undo->call.input, "of", 0), ==, 7 + atoi (order[i]));
      g_assert_cmpstr (air_map_get_string (undo->call.input, "was"), ==,
                       i == 0   ? "first"
                       : i == 1 ? "third"
                                : "second");
      test_host_check (host);
      answer (host, 0, AIR_OUTCOME_OK, "undone");
    }
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 3);
  test_host_check (host);
}

/* A run may come to its end inside of an iteration: the closing record names it. */
static void
test_end_inside (void)
{
  g_autoptr (TestHost) host = test_forks_new (
      "'first':{'kind':'for_each','items':'${trigger.list}','max_items':9,'concurrency':2,'next':{" TO ("each", "e1", "act") "}}," CALL (
          "act", "v.act", "{'n':'${each.item}'}",
          UNDO "'next':{" TO (
              "ok", "e2",
              "enough") "}") ","
                             "'enough':{'kind':'branch','cases':[{'id':'yes','when':'each.index == "
                             "1'}],'default':'no','next':{" TO ("yes", "e3", "bad") "," TO (
                                 "no", "e4",
                                 "meet") "}}," END ("bad", "failed",
                                                    "{'at':'${each.index}'}") ","
                                                                              "'meet':{'kind':'join','of':'first','"
                                                                              "next':{" TO (
                                                                                  "out", "e5",
                                                                                  "done") "}}," END ("done",
                                                                                                     "completed",
                                                                                                     "{}"));
  AirRecord *closing;

  test_host_trigger (host, "{\"list\":[7,8,9]}");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  closing = test_host_find (host, AIR_RECORD_WORKFLOW_FAILED, 0);
  g_assert_cmpstr (air_map_get_string (closing->members, "node"), ==, "bad");
  g_assert_cmpstr (air_map_get_string (closing->members, "iteration"), ==, "1");
  g_assert_cmpint (air_map_get_int (air_instance_get_output (host->instance), "at", -1), ==, 1);
  test_host_check (host);
}

/* The one that fails is still being reversed when the other one takes the round along: its answer comes first. */
static void
test_round_while_reversing (void)
{
  g_autoptr (TestHost) host = test_forks_new (TWO_A_ROUND);

  test_host_trigger (host, "{\"list\":[5]}");
  answer (host, 1, AIR_OUTCOME_OK, "b");
  answer (host, 1, AIR_OUTCOME_REJECTED, NULL);
  answer (host, 0, AIR_OUTCOME_REJECTED, NULL);
  assert_state (host, AIR_INSTANCE_RUNNING);
  g_assert_cmpuint (host->pending->len, ==, 1);
  test_host_check (host);
  answer (host, 0, AIR_OUTCOME_OK, "undone");
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 1);
  test_host_check (host);
}

static void
test_stop (void)
{
  g_autoptr (TestHost) host = test_forks_new (LOOP ("3", "stop"));

  test_host_trigger (host, "{\"list\":[7,8,9,10]}");
  answer (host, 1, AIR_OUTCOME_REJECTED, NULL);
  assert_state (host, AIR_INSTANCE_COMPENSATING);
  g_assert_cmpuint (host->pending->len, ==, 2);
  answer (host, 1, AIR_OUTCOME_OK, "third");
  answer (host, 0, AIR_OUTCOME_OK, "first");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpstr (air_instance_get_reason (host->instance), ==, "act@1: rejected");
  g_assert_cmpuint (test_host_count_records (host, AIR_RECORD_ROLLBACK_APPLIED), ==, 2);
  test_host_check (host);
}

static void
test_continue (void)
{
  g_autoptr (TestHost) host = test_forks_new (LOOP ("2", "continue"));
  g_autofree char *output = NULL;

  test_host_trigger (host, "{\"list\":[7,8]}");
  answer (host, 0, AIR_OUTCOME_REJECTED, NULL);
  assert_state (host, AIR_INSTANCE_RUNNING);
  answer (host, 0, AIR_OUTCOME_OK, "second");
  answer (host, 0, AIR_OUTCOME_OK, "paid");
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==,
                   "{\"items\":[{\"error\":{\"class\":\"rejected\",\"message\":\"no\",\"status\":400}},"
                   "{\"id\":\"second\",\"n\":8}],\"outcome\":\"done\"}");
  test_host_check (host);
}

#define NESTED                                                                                                                              \
  "'first':{'kind':'for_each','items':'${trigger.list}','max_items':10,'concurrency':2,'next':{" TO (                                       \
      "each", "e1",                                                                                                                         \
      "inner") "}},"                                                                                                                        \
               "'inner':{'kind':'for_each','items':'${each.item}','max_items':10,'concurrency':2,'on_failure':'"                            \
               "continue',"                                                                                                                 \
               "'next':{" TO (                                                                                                              \
                   "each", "e2",                                                                                                            \
                   "fork") "}},"                                                                                                            \
                           "'fork':{'kind':'parallel','next':{" TO ("x", "ex", "act") "," TO (                                              \
                               "y", "ey",                                                                                                   \
                               "look") "}},"                                                                                                \
                                       "'act':{'kind':'call','operation':'v.act','with':{'n':'${each.item}','row':'${"                      \
                                       "each.outer.index}'}," UNDO "'next':{" TO (                                                          \
                                           "ok", "e3",                                                                                      \
                                           "both") "}},"                                                                                    \
                                                   "'look':{'kind':'call','operation':'v.look','with':{},'next':"                           \
                                                   "{" TO (                                                                                 \
                                                       "ok", "e4",                                                                          \
                                                       "both") "}},"                                                                        \
                                                               "'both':{'kind':'join','of':'fork','next':{" TO (                            \
                                                                   "out", "e5",                                                             \
                                                                   "inner_done") "}},"                                                      \
                                                                                 "'inner_done':{'kind':'join','of':'"                       \
                                                                                 "inner','collect':'${each.item}','"                        \
                                                                                 "next':{" TO (                                             \
                                                                                     "out", "e6",                                           \
                                                                                     "outer_done") "}},"                                    \
                                                                                                   "'outer_done':{'"                        \
                                                                                                   "kind':'join','of'"                      \
                                                                                                   ":'first','"                             \
                                                                                                   "collect':'${"                           \
                                                                                                   "steps.inner_done."                      \
                                                                                                   "items}','next':"                        \
                                                                                                   "{" TO ("out", "e7", "done") "}}," END ( \
                                                                                                       "done",                              \
                                                                                                       "completed",                         \
                                                                                                       "{'outcome':'"                       \
                                                                                                       "done','items'"                      \
                                                                                                       ":'${steps."                         \
                                                                                                       "outer_done."                        \
                                                                                                       "items}'}")

static void
test_nested (void)
{
  g_autoptr (TestHost) host = test_forks_new (NESTED);
  g_autofree char *output = NULL;
  const AirRecord *record;

  test_host_trigger (host, "{\"list\":[[1,2,3],[4],[]]}");
  /* 0.0, 0.1 and 1.0, each with two branches. */
  g_assert_cmpuint (host->pending->len, ==, 6);
  test_host_check (host);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==, "{\"items\":[[1,2,3],[4],[]],\"outcome\":\"done\"}");
  record = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 4);
  g_assert_cmpstr (air_map_get_string (record->members, "iteration"), ==, "1.0");
  g_assert_cmpint (air_map_get_int (air_member (record->disclosed, "input"), "row", -1), ==, 1);
  test_host_check (host);
}

/* One branch of an inner iteration fails: the other is let come back, then the item is an error. */
static void
test_nested_failure (void)
{
  g_autoptr (TestHost) host = test_forks_new (NESTED);
  g_autofree char *output = NULL;

  test_host_trigger (host, "{\"list\":[[1]]}");
  g_assert_cmpuint (host->pending->len, ==, 2);
  answer (host, 1, AIR_OUTCOME_AUTH, NULL);
  assert_state (host, AIR_INSTANCE_RUNNING);
  answer (host, 0, AIR_OUTCOME_OK, "acted");
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==,
                   "{\"items\":[[{\"error\":{\"class\":\"auth\",\"message\":\"no\",\"status\":400}}]],"
                   "\"outcome\":\"done\"}");
  test_host_check (host);
}

/* A run over many items holds as many steps as are at work, and no entry outgrows its bounds. */
static void
test_many (void)
{
  g_autoptr (TestHost) host = test_forks_new (
      "'first':{'kind':'for_each','items':'${trigger.list}','max_items':5000,'concurrency':10,'next':{" TO (
          "each", "e1",
          "sort") "}},"
                  "'sort':{'kind':'branch','cases':[{'id':'odd','when':'each.item % 2 == "
                  "1'}],'default':'even','next':{" TO ("odd", "e2", "meet") "," TO (
                      "even", "e3",
                      "meet") "}},"
                              "'meet':{'kind':'join','of':'first','collect':'${each.item * 2}','next':{" TO (
                                  "out", "e4", "done") "}}," END ("done", "completed",
                                                                  "{'n':'${size(steps.meet.items)}'}"));
  g_autoptr (GString) list = g_string_new ("{\"list\":[0");
  g_autofree char *output = NULL;

  for (guint i = 1; i < 5000; i++)
    g_string_append_printf (list, ",%u", i);
  g_string_append (list, "]}");
  test_host_trigger (host, list->str);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  output = output_text (host);
  g_assert_cmpstr (output, ==, "{\"n\":5000}");
  g_assert_cmpuint (host->instance->slots->len, <=, host->instance->plan->nodes->len + 10 * 2);
  g_assert_cmpuint (host->instance->scopes->len, ==, 0);
  for (guint i = 0; i < host->records->len; i++)
    {
      AirRecord *record = g_ptr_array_index (host->records, i);
      g_autofree char *text = air_jcs_write (record->members, NULL, NULL);

      /* A leaf holds this and 46 bytes for each disclosure. */
      g_assert_cmpuint (strlen (text) + (record->disclosed != NULL ? 46 * air_map_get_size (record->disclosed) : 0), <,
                        48 * 1024);
    }
  test_host_check (host);
}

static void
test_gate_in_a_loop (void)
{
  static const char *const people[] = { "airails://demo/people/ana", NULL };
  g_autoptr (TestHost) host = test_forks_new (
      "'first':{'kind':'for_each','items':'${trigger.list}','max_items':50,'concurrency':2,'next':{" TO (
          "each", "e1",
          "ask") "}},"
                 "'ask':{'kind':'gate','policy':'quorum','with':{'n':'${each.item}'},'guards':[{'node':'act'}],'next':"
                 "{" TO ("approved", "e2", "act") "," TO (
                     "denied", "e3",
                     "meet") "}},"
                             "'act':{'kind':'call','operation':'v.act','with':{'n':'${each.item}'},'next':{" TO (
                                 "ok", "e4",
                                 "meet") "}},"
                                         "'meet':{'kind':'join','of':'first','collect':'${each.item}','next':{" TO (
                                             "out", "e5", "done") "}}," END ("done", "completed",
                                                                             "{'n':'${size(steps.meet.items)}'}"));
  g_auto (AirGateFacts) facts = { 0 };
  g_auto (GStrv) gates = NULL;

  test_host_trigger (host, "{\"list\":[1,2,3]}");
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  gates = air_instance_dup_waiting_gates (host->instance);
  g_assert_cmpuint (g_strv_length (gates), ==, 2);
  g_assert_cmpstr (gates[1], ==, "ask@1");
  g_assert_true (air_instance_get_gate (host->instance, "ask@1", &facts));
  g_assert_true (g_str_has_suffix (facts.gate, "/ask@1"));
  g_assert_true (test_host_decide (host, "ask@1", TRUE, people[0], NULL));
  g_assert_cmpstr (pending_step (host, 0), ==, "act@1");
  test_host_check (host);
  g_assert_true (test_host_decide (host, "ask@0", FALSE, people[0], NULL));
  test_host_run (host);
  g_assert_true (test_host_decide (host, "ask@2", TRUE, people[0], NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count (host, "v.act"), ==, 2);
  test_host_check (host);
}

/* --- crashes at every entry ------------------------------------------------------------------ */

static void
test_crashes (void)
{
  static const struct {
    const char *nodes;
    const char *data;
    const char *operation, *script;
  } cases[] = {
    { PARALLEL, "{}", NULL, NULL },
    { PARALLEL, "{}", "v.pay", "404" },
    { PARALLEL, "{}", "v.act", "act-drop,503,404" },
    { LOOP ("2", "stop"), "{\"list\":[1,2,3,4]}", NULL, NULL },
    { LOOP ("3", "stop"), "{\"list\":[1,2,3,4]}", "v.pay", "404" },
    { LOOP ("3", "stop"), "{\"list\":[1,2,3,4]}", "v.act", "ok,ok,503,auth" },
    { LOOP ("3", "continue"), "{\"list\":[1,2,3,4]}", "v.act", "ok,404,ok,ok" },
    { NESTED, "{\"list\":[[1,2],[3]]}", "v.look", "auth" },
  };
  guint crashes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint how = 0; how < 2; how++)
      for (guint at = 1; at < 200; at++)
        {
          g_autoptr (TestHost) host = test_forks_new (cases[i].nodes);

          host->crash_at = at;
          host->crash_how = how;
          if (cases[i].script != NULL)
            test_host_script (host, cases[i].operation, cases[i].script);
          test_host_trigger (host, cases[i].data);
          test_host_run (host);
          /* Attempts run out under so many crashes: then a person is asked, and it says so. */
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

/* --- plans that could come to stand ------------------------------------------------------------ */

static void
test_refused (void)
{
  static const struct {
    const char *nodes;
    const char *words;
  } cases[] = {
    { "'first':{'kind':'parallel','next':{" TO ("a", "e1", "done") "}}," END ("done", "completed", "{}"), "no join" },
    { "'first':{'kind':'join','of':'start','next':{" TO ("out", "e1", "done") "}}," END ("done", "completed", "{}"),
      "does not fork" },
    { "'first':{'kind':'parallel','next':{" TO ("a", "e1", "meet") "," TO (
          "b", "e2", "done") "}},"
                             "'meet':{'kind':'join','of':'first','next':{" TO ("out", "e3", "done") "}}," END (
                                 "done", "completed", "{}"),
      "border" },
    { "'first':{'kind':'for_each','items':'${[1]}','max_items':5,'next':{" TO ("each", "e1", "look") "}}," CALL (
          "look", "v.look", "{}",
          "'next':{" TO ("ok", "e2", "meet") "," TO (
              "error", "e4",
              "other") "}") ","
                            "'meet':{'kind':'join','of':'first','next':{" TO ("out", "e3", "other") "}}," CALL (
                                "other", "v.look", "{}",
                                "'next':{" TO ("ok", "e5", "done") "}") "," END ("done", "completed", "{}"),
      "border" },
    { "'first':{'kind':'for_each','items':'${[1]}','max_items':0,'next':{" TO (
          "each", "e1", "meet") "}},"
                                "'meet':{'kind':'join','of':'first','next':{" TO ("out", "e3", "done") "}}," END (
                                    "done", "completed", "{}"),
      "max_items" },
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
  g_test_add_func ("/engine/forks/parallel", test_parallel);
  g_test_add_func ("/engine/forks/parallel-failure", test_parallel_failure);
  g_test_add_func ("/engine/forks/cancel-in-flight", test_cancel_in_flight);
  g_test_add_func ("/engine/forks/for-each", test_for_each);
  g_test_add_func ("/engine/forks/empty", test_empty);
  g_test_add_func ("/engine/forks/too-many", test_too_many);
  g_test_add_func ("/engine/forks/saga", test_saga);
  g_test_add_func ("/engine/forks/stop", test_stop);
  g_test_add_func ("/engine/forks/round-while-reversing", test_round_while_reversing);
  g_test_add_func ("/engine/forks/end-inside", test_end_inside);
  g_test_add_func ("/engine/forks/continue", test_continue);
  g_test_add_func ("/engine/forks/nested", test_nested);
  g_test_add_func ("/engine/forks/nested-failure", test_nested_failure);
  g_test_add_func ("/engine/forks/many", test_many);
  g_test_add_func ("/engine/forks/gate-in-a-loop", test_gate_in_a_loop);
  g_test_add_func ("/engine/forks/crashes", test_crashes);
  g_test_add_func ("/engine/forks/refused", test_refused);
  return g_test_run ();
}
