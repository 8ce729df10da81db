/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates that remind, escalate, let an approver change the action, and obey several policies at once. */
#include "config.h"

#include "base/air-json.h"
#include "test-engine.h"

#define CIA      "airails://demo/people/cia"
#define GATE_END "\"deadline_ms\":60000,\"on_expiry\":\"deny\"}"
#define EDIT     "\"edit\":{\"pay.amount\":\"(0..before]\"},"

static const char *const rounds[] = {
  GATE_END,
  "\"reminders_ms\":[10000,20000],\"escalation\":[{\"after_ms\":30000,\"role\":\"head\",\"quorum\":1}]," GATE_END, NULL
};
static const char *const editable[] = { GATE_END, EDIT GATE_END, NULL };
static const char *const two_policies[] = {
  "\"policy\":\"quorum\",\"with\":{\"amount\":\"${trigger.amount}\"},",
  "\"policy\":\"quorum\",\"also\":[\"strict\"],\"with\":{\"amount\":\"${trigger.amount}\"},", "\"policies\":{",
  "\"policies\":{\"strict\":{\"$schema\":\"airails:policy/"
  "1\",\"id\":\"strict\",\"version\":\"1.0.0\",\"kind\":\"gate\",\"title\":\"Strict\","
  "\"inputs\":[{\"id\":\"amount\",\"type\":\"int\"}],\"outputs\":[{\"id\":\"quorum\",\"type\":\"int\"},{\"id\":"
  "\"role\",\"type\":\"string\"},"
  "{\"id\":\"verdict\",\"type\":\"string\"}],\"hit\":\"F\",\"rules\":["
  "{\"id\":\"never\",\"when\":{\"amount\":\"> "
  "4000\"},\"then\":{\"quorum\":0,\"role\":\"\",\"verdict\":\"deny\"},\"why\":\"too much\"},"
  "{\"id\":\"two\",\"when\":{},\"then\":{\"quorum\":2,\"role\":\"finance\",\"verdict\":\"ask\"},\"why\":\"two of "
  "finance\"}],"
  "\"gate\":{\"exclude\":[],\"deadline_ms\":30000,\"on_expiry\":\"deny\"}},",
  NULL
};

static gboolean
decide_as (TestHost *host, const char *actor, const char *role, const char *edits, GError **error)
{
  g_autofree char *envelope = g_strdup_printf ("{\"by\":\"%s\",\"at\":%u}", actor, host->records->len);
  g_autoptr (AirValue) patch = edits != NULL ? air_json_parse (edits, strlen (edits), NULL) : NULL;

  host->now_us += 1000;
  return test_host_try (host,
                        &(AirEvent) { .kind = AIR_EVENT_DECISION,
                                      .decision = { .node = "approval",
                                                    .approve = TRUE,
                                                    .actor = actor,
                                                    .key = "k",
                                                    .role = role,
                                                    .envelope = envelope,
                                                    .edits = patch } },
                        error);
}

static void
fire (TestHost *host, const char *timer)
{
  const gint64 *at = g_hash_table_lookup (host->timers, timer);

  g_assert_nonnull (at);
  host->now_us = *at;
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_TIMER, .timer.id = timer });
}

static void
wait_at_gate (TestHost *host, const char *data)
{
  /* Reminders would be fired on the way: only the calls before the gate are performed. */
  test_host_trigger (host, data);
  while (host->pending->len > 0)
    {
      g_autoptr (AirEffect) effect = g_ptr_array_steal_index (host->pending, 0);
      g_autoptr (AirValue) output = air_map_new ();
      g_autoptr (AirOutcome) outcome = NULL;

      air_map_set_string (output, "id", "x");
      outcome = air_outcome_new_ok (200, g_steal_pointer (&output), NULL);
      test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                          .outcome = { .node = effect->node,
                                                       .attempt = effect->call.attempt,
                                                       .purpose = effect->call.purpose,
                                                       .outcome = outcome } });
    }
}

static void
test_reminders_and_escalation (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (rounds));
  g_auto (AirGateFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  AirRecord *record;

  wait_at_gate (host, LARGE);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  record = test_host_find (host, AIR_RECORD_HUMAN_GATE_REQUESTED, 0);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (record->members, "reminders")), ==, 2);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (record->members, "escalation")), ==, 1);
  g_assert_false (decide_as (host, CIA, "head", NULL, &error)); /* not yet */
  g_clear_error (&error);
  fire (host, "reminder/approval");
  fire (host, "reminder/approval");
  g_assert_false (g_hash_table_lookup (host->timers, "reminder/approval") != NULL
                  && *(gint64 *) g_hash_table_lookup (host->timers, "reminder/approval") > host->now_us);
  g_assert_cmpuint (host->gates_opened, ==, 3);
  g_assert_true (test_host_decide (host, "approval", TRUE, ANN, NULL)); /* one of two */
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  fire (host, "escalation/approval");
  assert_state (host, AIR_INSTANCE_WAITING_GATE); /* time alone opens nothing */
  g_assert_true (air_instance_get_gate (host->instance, "approval", &facts));
  g_assert_cmpuint (facts.reminded, ==, 2);
  g_assert_cmpuint (facts.escalated, ==, 1);
  g_assert_true (decide_as (host, CIA, "head", NULL, &error));
  g_assert_no_error (error);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpuint (test_host_count (host, "v.pay"), ==, 1);
  test_host_check (host);
}

#define LESS  "[{\"op\":\"replace\",\"path\":\"/1/input/amount\",\"value\":300}]"
#define LEAST "[{\"op\":\"replace\",\"path\":\"/1/input/amount\",\"value\":200}]"
#define MORE  "[{\"op\":\"replace\",\"path\":\"/1/input/amount\",\"value\":600}]"
#define OTHER "[{\"op\":\"replace\",\"path\":\"/0/input/order\",\"value\":\"x\"}]"

static gint64
paid (TestHost *host)
{
  for (guint i = 0;; i++)
    {
      AirRecord *record = test_host_find (host, AIR_RECORD_TOOL_ACTION_STARTED, i);

      if (record == NULL)
        return -1;
      if (g_strcmp0 (air_map_get_string (record->members, "node"), "pay") == 0)
        return air_map_get_int (air_member (record->disclosed, "input"), "amount", -1);
    }
}

static void
test_edit (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (editable));
  g_autoptr (GError) error = NULL;
  AirRecord *record;
  AirValue *item;

  wait_at_gate (host, MEDIUM);
  g_assert_false (decide_as (host, ANN, "approver", MORE, &error));
  g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT);
  g_clear_error (&error);
  g_assert_false (decide_as (host, ANN, "approver", OTHER, &error));
  g_clear_error (&error);
  g_assert_true (decide_as (host, ANN, "approver", LESS, &error));
  g_assert_no_error (error);
  record = test_host_find (host, AIR_RECORD_HUMAN_GATE_DECISIONED, 0);
  g_assert_cmpstr (air_map_get_string (record->members, "decision"), ==, "edit");
  g_assert_cmpstr (air_map_get_string (record->members, "edited_digest"), ==, "sd:edited");
  /* The entry shows both. */
  item = air_list_get (air_map_get_list (record->disclosed, "edited"), 1);
  g_assert_cmpint (air_map_get_int (air_member (item, "input"), "amount", 0), ==, 300);
  g_assert_cmpint (air_map_get_int (air_member (item, "was"), "amount", 0), ==, 500);
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (paid (host), ==, 300);
  test_host_check (host);
}

/* The second person approves what the first made of it, or it does not happen. */
static void
test_edit_by_two (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (editable));
  g_auto (AirGateFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  AirRecord *again;

  wait_at_gate (host, LARGE);
  g_assert_true (decide_as (host, BEN, "approver", NULL, &error));
  g_assert_true (decide_as (host, ANN, "approver", LESS, &error));
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  again = test_host_find (host, AIR_RECORD_HUMAN_GATE_REQUESTED, 1);
  g_assert_cmpint (air_map_get_int (again->members, "quorum", 0), ==, 1);
  g_assert_cmpstr (air_map_get_string (again->members, "edited_by"), ==, ANN);
  g_assert_true (air_instance_get_gate (host->instance, "approval", &facts));
  g_assert_true (facts.edited);
  g_assert_false (decide_as (host, ANN, "approver", NULL, &error)); /* not twice */
  g_clear_error (&error);
  test_host_check (host);
  /* Ben approved something else before; now he approves this. */
  g_assert_true (decide_as (host, BEN, "approver", NULL, &error));
  g_assert_no_error (error);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (paid (host), ==, 300);
  test_host_check (host);
}

/* What two must approve is not settled by the second who changes it: who made the first change has not seen that. */
static void
test_edit_of_an_edit (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (editable));
  g_autoptr (GError) error = NULL;
  AirRecord *again;

  wait_at_gate (host, LARGE);
  g_assert_true (decide_as (host, ANN, "approver", LESS, &error));
  g_assert_true (decide_as (host, BEN, "approver", LEAST, &error));
  g_assert_no_error (error);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  again = test_host_find (host, AIR_RECORD_HUMAN_GATE_REQUESTED, 2);
  g_assert_cmpint (air_map_get_int (again->members, "quorum", 0), ==, 1);
  g_assert_cmpstr (air_map_get_string (again->members, "edited_by"), ==, BEN);
  test_host_check (host);
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  g_assert_false (decide_as (host, BEN, "approver", NULL, &error)); /* it is his */
  g_clear_error (&error);
  g_assert_true (decide_as (host, ANN, "approver", NULL, &error));
  g_assert_no_error (error);
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  g_assert_cmpint (paid (host), ==, 200);
  test_host_check (host);
}

static void
test_several_policies (void)
{
  g_autoptr (TestHost) host = test_host_new (test_plan_new (two_policies)), refused = NULL;
  g_auto (AirGateFacts) facts = { 0 };
  g_autoptr (GError) error = NULL;
  AirRecord *record;

  wait_at_gate (host, MEDIUM);
  assert_state (host, AIR_INSTANCE_WAITING_GATE);
  g_assert_true (air_instance_get_gate (host->instance, "approval", &facts));
  g_assert_cmpuint (facts.quorum, ==, 2);
  g_assert_cmpstr (facts.role, ==, "approver+finance");
  g_assert_cmpint (facts.deadline_us - facts.requested_us, ==, 30 * G_USEC_PER_SEC);
  g_assert_cmpuint (air_list_get_size (facts.exclude), ==, 3);
  record = test_host_find (host, AIR_RECORD_POLICY_EVALUATED, 1);
  g_assert_cmpuint (air_list_get_size (air_map_get_list (record->members, "policies")), ==, 2);
  g_assert_false (decide_as (host, ANN, "approver", NULL, &error));
  g_clear_error (&error);
  g_assert_true (decide_as (host, ANN, "approver+finance", NULL, &error));
  g_assert_true (decide_as (host, BEN, "approver+finance", NULL, &error));
  test_host_send (host, &(AirEvent) { .kind = AIR_EVENT_RECOVERED });
  test_host_run (host);
  assert_state (host, AIR_INSTANCE_COMPLETED);
  test_host_check (host);

  refused = test_host_new (test_plan_new (two_policies));
  test_host_trigger (refused, LARGE);
  test_host_run (refused);
  assert_state (refused, AIR_INSTANCE_COMPLETED);
  assert_output (refused, "no");
  g_assert_cmpuint (test_host_count_records (refused, AIR_RECORD_HUMAN_GATE_REQUESTED), ==, 0);
  test_host_check (refused);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/rounds/reminders-and-escalation", test_reminders_and_escalation);
  g_test_add_func ("/engine/rounds/edit", test_edit);
  g_test_add_func ("/engine/rounds/edit-by-two", test_edit_by_two);
  g_test_add_func ("/engine/rounds/edit-of-an-edit", test_edit_of_an_edit);
  g_test_add_func ("/engine/rounds/several-policies", test_several_policies);
  return g_test_run ();
}
