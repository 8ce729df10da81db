/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading plans, and reading the events that begin instances. */
#include "config.h"

#include "base/air-json.h"
#include "test-host.h"

static void
test_facts (void)
{
  g_autoptr (AirPlan) plan = test_plan_new (NULL);
  guint node;

  g_assert_cmpstr (air_plan_get_workflow (plan), ==, "order");
  g_assert_cmpstr (air_plan_get_version (plan), ==, "1.0.0");
  g_assert_cmpstr (air_plan_get_trigger (plan), ==, "start");
  g_assert_cmpuint (air_plan_get_n_nodes (plan), ==, 14);
  g_assert_true (air_plan_find_node (plan, "pay", &node));
  g_assert_cmpint (air_plan_get_node_kind (plan, node), ==, AIR_NODE_CALL);
  g_assert_cmpstr (air_plan_get_node_title (plan, node), ==, "Pay");
  g_assert_false (air_plan_find_node (plan, "nobody", NULL));
  g_assert_false (air_plan_find_node (plan, NULL, NULL));
  g_assert_nonnull (air_plan_get_operation (plan, "v.pay"));
  g_assert_null (air_plan_get_operation (plan, "v.none"));
  g_assert_true (g_str_has_prefix (air_plan_get_policy_digest (plan, "quorum"), "sha256:"));
}

static void
test_refuses (void)
{
  static const struct {
    const char *from;
    const char *to;
    const char *words;
  } cases[] = {
    { "\"v\":1", "\"v\":2", "version 1" },
    { "\"trigger\":\"start\",", "\"trigger\":\"look\",", "no trigger node" },
    { "\"kind\":\"evidence\"", "\"kind\":\"oracle\"", "'oracle'" },
    { "\"kind\":\"evidence\"", "\"kind\":\"parallel\"", "no join" },
    { "\"to\":\"proof\"", "\"to\":\"nowhere\"", "'nowhere'" },
    { "\"to\":\"proof\"", "\"to\":\"start\"", "trigger" },
    { "\"operation\":\"v.look\"", "\"operation\":\"v.none\"", "'v.none'" },
    { "\"policy\":\"band\"", "\"policy\":\"quorum\"", "kind" },
    { "\"policy\":\"band\"", "\"policy\":\"none\"", "'none'" },
    { "\"when\":\"trigger.pay\"}],\"default\"", "\"when\":\"trigger.\"}],\"default\"", "paying" },
    { ",\"denied\":{\"edge\":\"e8\",\"to\":\"no\"}", "", "'denied'" },
    { "\"default\":\"no\",\"next\":{\"yes\":{\"edge\":\"e12\"", "\"next\":{\"yes\":{\"edge\":\"e12\"", "default" },
    { "\"outcome\":\"failed\",\"output\"", "\"outcome\":\"maybe\",\"output\"", "outcome" },
    { "\"compensate\":{\"operation\":\"v.undo\"", "\"compensate\":{\"operation\":\"v.none\"", "'v.none'" },
    { "\"duration_ms\":1000,", "", "duration_ms" },
    { "\"max\":4,\"base_ms\":100", "\"max\":4,\"base_ms\":0", "retry" },
    { "\"pay\":\"approval\"}", "\"pay\":\"rules\"}", "gate" },
    { "\"policy\":{\"effect\":\"read\"}", "\"policy\":{}", "effect" },
    { "${trigger.order}", "${trigger.", "look" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const edits[] = { cases[i].from, cases[i].to, NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPlan) plan = test_plan_try (edits, &error);

      g_assert_null (plan);
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_PLAN);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("'%s' does not say '%s'", error->message, cases[i].words);
    }
}

static gboolean
read_trigger (const AirPlan *plan, const char *node, const char *json, AirTriggerKeys *ret_keys, GError **error)
{
  g_autoptr (AirValue) event = air_json_parse (json, strlen (json), NULL);

  g_assert_nonnull (event);
  return air_plan_read_trigger (plan, node, event, ret_keys, error);
}

#define EVENT(type, data)                                                                                              \
  "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"s\",\"type\":\"" type "\",\"data\":" data "}"

static void
test_trigger (void)
{
  static const char *const edits[] = {
    "\"requester\":\"event.data.who\"",
    "\"requester\":\"event.data.who\",\"input\":{\"type\":\"object\",\"required\":[\"id\"],"
    "\"properties\":{\"id\":{\"type\":\"string\"}}}",
    NULL
  };
  static const struct {
    const char *node;
    const char *json;
    const char *words;
  } cases[] = {
    { "look", EVENT ("test.order", "{}"), "'look' is no trigger" },
    { "start", "{}", "specversion" },
    { "start", EVENT ("other", "{}"), "'test.order'" },
    { "start", "{\"specversion\":\"1.0\",\"type\":\"test.order\"}", "no data" },
    { "start", EVENT ("test.order", "{}"), "data" },
    { "start", EVENT ("test.order", "{\"id\":3}"), "/id" },
    { "start", EVENT ("test.order", "{\"id\":\"i\"}"), "concurrency key" },
    { "start", EVENT ("test.order", "{\"id\":\"i\",\"order\":\"\",\"who\":\"w\"}"), "concurrency key" },
    { "start", EVENT ("test.order", "{\"id\":\"i\",\"order\":[],\"who\":\"w\"}"), "concurrency key" },
    { "start", EVENT ("test.order", "{\"id\":\"i\",\"order\":9007199254740993,\"who\":\"w\"}"), "2^53" },
    { "start", "[]", "specversion" },
  };
  g_autoptr (AirPlan) plan = test_plan_new (edits);
  g_auto (AirTriggerKeys) keys = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (
      read_trigger (plan, "start", EVENT ("test.order", "{\"id\":\"i\",\"order\":7,\"who\":\"w\"}"), &keys, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (keys.dedup_key, ==, "i");
  g_assert_cmpstr (keys.concurrency_key, ==, "7");
  g_assert_cmpstr (keys.requester, ==, "w");
  g_assert_cmpint (air_map_get_int (keys.data, "order", 0), ==, 7);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (AirTriggerKeys) none = { 0 };

      g_assert_false (read_trigger (plan, cases[i].node, cases[i].json, &none, &error));
      g_assert_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_TRIGGER);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("'%s' does not say '%s'", error->message, cases[i].words);
      g_assert_null (none.data);
      g_clear_error (&error);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/plan/facts", test_facts);
  g_test_add_func ("/engine/plan/refuses", test_refuses);
  g_test_add_func ("/engine/plan/trigger", test_trigger);
  return g_test_run ();
}
