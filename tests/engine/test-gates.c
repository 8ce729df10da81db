/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates: who is asked, who may answer, and that what was approved is what is done. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "test-engine.h"

static const char *const both[] = { ANN, BEN, NULL };

static void
test_gate_one (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  g_auto (AirGateFacts) facts = { 0 };
  g_autofree char *words = NULL;
  AirRecord *record;
  AirValue *item;

  test_host_trigger (host, MEDIUM);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  words = air_instance_get_waiting_on (host->instance);
  g_assert_cmpstr (words, ==, "decision 1 of 1 by the role 'approver' on 'Approval'");
  g_assert_cmpuint (host->gates_opened, ==, 1);
  g_assert_cmpuint (host->effects->len, ==, 0);
  test_host_check (host);

  g_assert_true (air_instance_get_gate (host->instance, "approval", &facts));
  g_assert_true (facts.waiting);
  g_assert_cmpuint (facts.quorum, ==, 1);
  g_assert_cmpuint (air_list_get_size (facts.exclude), ==, 3);
  g_assert_cmpint (facts.deadline_us - facts.requested_us, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (air_list_get_size (facts.action), ==, 2);
  item = air_list_get (facts.action, 1);
  g_assert_cmpstr (air_map_get_string (item, "node"), ==, "pay");
  g_assert_cmpint (air_map_get_int (air_member (item, "input"), "amount", 0), ==, 500);

  record = test_host_find (host, AIR_RECORD_HUMAN_GATE_REQUESTED, 0);
  g_assert_cmpstr (air_map_get_string (record->members, "action_digest"), ==, "sd:action");
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL));
  g_assert_cmpuint (host->gates_closed, ==, 1);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  /* What was approved is what was done, key and all. */
  record = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, 2);
  g_assert_cmpstr (air_map_get_string (record->members, "idem"), ==, air_map_get_string (item, "idempotency_key"));
  test_host_check (host);
}

static void
test_gate_two (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  g_autoptr (GError) error = NULL;
  AirRecord *record;

  test_host_trigger (host, LARGE);
  test_host_run (host);
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL));
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  g_assert_cmpuint (host->gates_closed, ==, 0);
  test_host_check (host);

  g_assert_false (test_host_decide (host, "approval", TRUE, ANN, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE);
  g_assert_true (test_host_decide (host, "approval", TRUE, BEN, NULL));
  record = test_host_find (host, AIR_RECORD_HUMAN_GATE_DECISIONED, 1);
  g_assert_cmpint (air_map_get_int (record->members, "counted", 0), ==, 2);
  g_assert_cmpstr (air_map_get_string (record->members, "outcome"), ==, "approved");
  g_assert_cmpstr (air_map_get_string (record->members, "envelope_digest"), ==, "sd:envelope");
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);

  g_clear_error (&error);
  g_assert_false (test_host_decide (host, "approval", TRUE, BEN, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_FINISHED);
  test_host_check (host);
}

/* Who asks for information leaves the gate as it is, may ask again, and may decide. */
static void
test_gate_question (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  AirEvent event = { .kind = AIR_EVENT_DECISION,
                     .decision = { .node = "approval",
                                   .asks = TRUE,
                                   .actor = ANN,
                                   .key = "k",
                                   .role = "approver",
                                   .reason = "Which parcel?",
                                   .envelope = "{}" } };
  AirRecord *record;

  test_host_trigger (host, MEDIUM);
  test_host_run (host);
  for (guint i = 0; i < 2; i++)
    {
      test_host_send (host, &event);
      record = test_host_find (host, AIR_RECORD_HUMAN_GATE_DECISIONED, i);
      g_assert_cmpstr (air_map_get_string (record->members, "decision"), ==, "request-info");
      g_assert_cmpstr (air_map_get_string (record->members, "outcome"), ==, "waiting");
      g_assert_cmpint (air_map_get_int (record->members, "counted", -1), ==, 0);
      assert_state (host, AIR_INSTANCE_WAITING_GATE);
    }
  g_assert_cmpuint (host->gates_closed, ==, 0);
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);
}

/* A run that does an ended one's work again: all who ever brought it are kept from its gate, and it replays. */
static void
test_gate_retried (void)
{
  static const char *const brought[] = { "airails://demo/systems/shop", "airails://demo/people/olga",
                                         "airails://demo/people/adam" };
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  g_autoptr (AirValue) data = air_json_parse (MEDIUM, strlen (MEDIUM), NULL);
  g_autoptr (AirValue) before = air_list_new (), all = NULL;
  g_auto (AirGateFacts) facts = { 0 };
  AirEvent event = { .kind = AIR_EVENT_TRIGGER,
                     .trigger = { .data = data,
                                  .actor = brought[2],
                                  .dedup_key = AIR_RETRY_KEY_PREFIX "old",
                                  .requester = "airails://demo/people/rita",
                                  .retry_of = "old",
                                  .triggered_by = before,
                                  .reason = "the vendor is well again",
                                  .selection = "s-1" } };

  air_list_append (before, air_value_new_string (brought[0]));
  air_list_append (before, air_value_new_string (brought[1]));
  test_host_send (host, &event);
  test_host_run (host);
  g_assert_cmpstr (air_instance_get_retry_of (host->instance), ==, "old");
  all = air_instance_dup_triggered_by (host->instance);
  g_assert_cmpuint (air_list_get_size (all), ==, 3);
  g_assert_true (air_instance_get_gate (host->instance, "approval", &facts));
  for (guint i = 0; i < G_N_ELEMENTS (brought); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (air_list_holds (facts.exclude, brought[i]));
      g_assert_true (air_instance_is_triggered_by (host->instance, brought[i]));
      g_assert_false (test_host_decide (host, "approval", TRUE, brought[i], &error));
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
    }
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_restart (host);
  g_assert_true (air_instance_is_triggered_by (host->instance, brought[1]));
  test_host_check (host);
}

static void
test_gate_deny (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, LARGE);
  test_host_run (host);
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL));
  g_assert_true (test_host_decide (host, "approval", FALSE, BEN, NULL));
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  assert_output (host, "no");
  g_assert_cmpuint (host->effects->len, ==, 0);
  test_host_check (host);
}

static void
test_gate_refuses (void)
{
  static const char *const excluded[] = { "airails://demo/systems/shop", "airails://demo/people/dora",
                                          "airails://demo/people/rita" };
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  AirEvent event = {
    .kind = AIR_EVENT_DECISION,
    .decision = { .node = "approval", .approve = TRUE, .actor = ANN, .key = "k", .role = "auditor", .envelope = "{}" }
  };
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, MEDIUM);
  g_assert_false (test_host_decide (host, "approval", TRUE, ANN, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_CLOSED);
  test_host_run (host);
  for (guint i = 0; i < G_N_ELEMENTS (excluded); i++)
    {
      g_clear_error (&error);
      g_assert_false (test_host_decide (host, "approval", TRUE, excluded[i], &error));
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
    }
  g_clear_error (&error);
  g_assert_false (test_host_try (host, &event, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_clear_error (&error);
  event.decision.role = "approver";
  event.decision.envelope = NULL;
  g_assert_false (test_host_try (host, &event, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  test_host_check (host);
}

static void
test_gate_expiry (void)
{
  const AirEvent due = { .kind = AIR_EVENT_TIMER, .timer.id = "deadline/approval" };
  g_autoptr (TestHost) host = test_host_new (test_plan_new (NULL));
  g_autoptr (GError) error = NULL;

  test_host_trigger (host, MEDIUM);
  test_host_run (host);
  host->now_us += 59 * G_USEC_PER_SEC;
  g_hash_table_remove_all (host->timers);
  test_host_send (host, &due);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  g_assert_true (g_hash_table_contains (host->timers, "deadline/approval"));

  host->now_us += 2 * G_USEC_PER_SEC;
  g_assert_false (test_host_decide (host, "approval", TRUE, ANN, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_EXPIRED);
  test_host_send (host, &due);
  test_host_run (host);
  assert_output (host, "late");
  g_assert_cmpuint (host->effects->len, ==, 0);
  test_host_check (host);
}

/* Without a way of its own, expiry goes the way of denial. */
static void
test_gate_expiry_denies (void)
{
  static const char *const edits[] = { ",\"expired\":{\"edge\":\"e9\",\"to\":\"late\"}", "", NULL };
  const AirEvent due = { .kind = AIR_EVENT_TIMER, .timer.id = "deadline/approval" };
  g_autoptr (TestHost) host = test_host_new (test_plan_new (edits));

  test_host_trigger (host, MEDIUM);
  test_host_run (host);
  host->now_us += 60 * G_USEC_PER_SEC;
  test_host_send (host, &due);
  test_host_run (host);
  assert_output (host, "no");
  test_host_check (host);
}

/* The payment's input depends on what comes back after the approval. */
static void
test_approval_void (void)
{
  static const char *const edits[] = {
    "\"with\":{\"amount\":\"${trigger.amount}\"},\"timeout_ms\"",
    "\"with\":{\"amount\":\"${has(steps.act) ? trigger.amount + 1 : trigger.amount}\"},"
    "\"timeout_ms\"",
    NULL
  };
  static const char *const bands[] = { SMALL, MEDIUM };

  for (guint i = 0; i < G_N_ELEMENTS (bands); i++)
    {
      g_autoptr (TestHost) host = test_host_new (test_plan_new (edits));
      AirValue *output;
      guint node;

      host->approvers = both;
      test_host_trigger (host, bands[i]);
      test_host_run (host);
      assert_state (host, AIR_INSTANCE_FAILED);
      g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 0);
      g_assert_cmpuint (test_host_count (host, "v.undo"), ==, 1);
      g_assert_true (air_plan_find_node (host->plan, "pay", &node));
      output = air_member (air_instance_get_node_output (host->instance, node), "error");
      g_assert_cmpstr (air_map_get_string (output, "class"), ==, "fatal");
      g_assert_true (g_str_has_prefix (air_map_get_string (output, "message"), "approval void"));
      test_host_check (host);
    }
}

/* A guarded call reached around its gate is never sent. */
static void
test_gate_bypassed (void)
{
  static const char *const edits[] = { "\"yes\":{\"edge\":\"e5\",\"to\":\"approval\"}",
                                       "\"yes\":{\"edge\":\"e5\",\"to\":\"act\"}", NULL };
  g_autoptr (TestHost) host = test_host_new (test_plan_new (edits));

  test_host_trigger (host, SMALL);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_FAILED);
  g_assert_cmpuint (host->effects->len, ==, 0);
  test_host_check (host);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/engine/gate/one", test_gate_one);
  g_test_add_func ("/engine/gate/retried", test_gate_retried);
  g_test_add_func ("/engine/gate/two", test_gate_two);
  g_test_add_func ("/engine/gate/question", test_gate_question);
  g_test_add_func ("/engine/gate/deny", test_gate_deny);
  g_test_add_func ("/engine/gate/refuses", test_gate_refuses);
  g_test_add_func ("/engine/gate/expiry", test_gate_expiry);
  g_test_add_func ("/engine/gate/expiry-denies", test_gate_expiry_denies);
  g_test_add_func ("/engine/gate/approval-void", test_approval_void);
  g_test_add_func ("/engine/gate/bypassed", test_gate_bypassed);
  return g_test_run ();
}
