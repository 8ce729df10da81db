/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/air-workflow.h"

#include <string.h>

static char *
read_refunds (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                                            "refunds-and-cancellations.workflow.json", NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
test_refunds (void)
{
  g_autofree char *text = read_refunds ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = air_workflow_load (text, strlen (text), "r.json", &error);
  const AirWorkflowNode *order, *gate;
  const AirWorkflowEdge *edge;
  g_auto (GStrv) order_ports = NULL;
  g_auto (GStrv) gate_ports = NULL;
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (air_workflow_get_id (workflow), ==, "refunds-and-cancellations");
  order = air_workflow_find_node (workflow, "order");
  g_assert_cmpint (order->kind, ==, AIR_WORKFLOW_NODE_CALL);
  g_assert_true (order->has_position);
  g_assert_cmpint (order->x, ==, 840);
  order_ports = air_workflow_node_dup_ports (workflow, order);
  joined = g_strjoinv (" ", order_ports);
  g_assert_cmpstr (joined, ==, "ok error error:not_found");
  gate = air_workflow_find_node (workflow, "approval");
  gate_ports = air_workflow_node_dup_ports (workflow, gate);
  g_assert_true (g_strv_contains ((const char *const *) gate_ports, "expired"));
  edge = air_workflow_find_edge (workflow, order->index, "error:not_found");
  g_assert_cmpstr (air_workflow_get_node (workflow, edge->to)->id, ==, "rules");
  /* An edge that names no port leaves by the main one. */
  edge = air_workflow_find_edge (workflow, air_workflow_find_node (workflow, "request")->index, "out");
  g_assert_nonnull (edge);
}

static void
test_round_trip (void)
{
  g_autofree char *text = read_refunds ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = air_workflow_load (text, strlen (text), "r.json", &error);
  g_autofree char *written = air_workflow_write (workflow, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, text);
}

static const char small[] = "{\"version\":\"1.0.0\",\"id\":\"w\",\"$schema\":\"airails:workflow/1\",\"title\":\"W\","
                            "\"packs\":{},\"owner\":{\"uri\":\"a:b\",\"name\":\"D\"},"
                            "\"layout\":{\"b\":[1,2],\"a\":[0,0]},"
                            "\"edges\":[{\"to\":\"b\",\"from\":\"a\",\"id\":\"e1\"}],"
                            "\"nodes\":[{\"kind\":\"wait\",\"duration_ms\":5,\"id\":\"a\"},"
                            "{\"outcome\":\"completed\",\"id\":\"b\",\"kind\":\"end\",\"output\":{\"z\":1,\"a\":2}}]}";

/* However it was written before, it is written one way after, and that is stable. */
static void
test_stable_order (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = air_workflow_load (small, strlen (small), "w.json", &error);
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;
  g_autoptr (AirWorkflow) again = NULL;
  const char *keys[] = { "\"$schema\"", "\"id\"",    "\"version\"", "\"title\"",
                         "\"owner\"",   "\"nodes\"", "\"edges\"",   "\"layout\"" };
  const char *at;

  g_assert_no_error (error);
  once = air_workflow_write (workflow, &error);
  g_assert_no_error (error);
  at = once;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      at = strstr (at, keys[i]);
      g_assert_nonnull (at);
    }
  g_assert_true (strstr (once, "\"a\": [") < strstr (once, "\"b\": [")); /* layout in the order of the nodes */
  g_assert_true (strstr (once, "\"z\": 1") < strstr (once, "\"a\": 2")); /* free form as written */
  again = air_workflow_load (once, strlen (once), "w.json", &error);
  g_assert_no_error (error);
  twice = air_workflow_write (again, &error);
  g_assert_cmpstr (once, ==, twice);
}

static const struct {
  const char *name;
  const char *from, *to;
  const char *message;
} dangling[] = {
  { "edge-to", "\"to\":\"b\"", "\"to\":\"bb\"", "edge 'e1' goes to 'bb', which is no node of this workflow" },
  { "edge-from", "\"from\":\"a\"", "\"from\":\"x\"", "edge 'e1' goes from 'x', which is no node" },
  { "same-node", "\"id\":\"b\",\"kind\"", "\"id\":\"a\",\"kind\"", "a second node is called 'a'" },
  { "no-port", "\"from\":\"a\"", "\"from\":\"b\"", "edge 'e1' leaves the end 'b'; nothing comes after an end" },
  { "layout", "\"layout\":{\"b\"", "\"layout\":{\"c\"", "the layout places 'c', which is no node" },
  { "collect", "{\"kind\":\"wait\",\"duration_ms\":5,", "{\"kind\":\"evidence\",\"collect\":[\"q\"],",
    "'a' collects 'q', which is no node" },
  { "guard", "{\"kind\":\"wait\",\"duration_ms\":5,",
    "{\"kind\":\"gate\",\"policy\":\"p\",\"with\":{},\"guards\":[{\"node\":\"q\"}],",
    "edge 'e1' does not say by which port" },
};

static void
test_dangling (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GString) text = g_string_new (small);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_string_replace (text, dangling[i].from, dangling[i].to, 1), ==, 1);
  g_assert_null (air_workflow_load (text->str, text->len, "w.json", &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
  g_assert_true (g_str_has_prefix (error->message, "w.json:1:"));
  if (strstr (error->message, dangling[i].message) == NULL)
    g_error ("is:     %s\nshould: %s", error->message, dangling[i].message);
}

static void
test_did_you_mean (void)
{
  g_autofree char *text = read_refunds ();
  g_autoptr (GString) changed = g_string_new (text);
  g_autoptr (GError) error = NULL;

  g_string_replace (changed, "\"to\": \"customer\"", "\"to\": \"custmer\"", 1);
  g_assert_null (air_workflow_load (changed->str, changed->len, "r.json", &error));
  g_assert_nonnull (strstr (error->message, "did you mean 'customer'?"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/workflow/refunds", test_refunds);
  g_test_add_func ("/model/workflow/round-trip", test_round_trip);
  g_test_add_func ("/model/workflow/stable-order", test_stable_order);
  for (gsize i = 0; i < G_N_ELEMENTS (dangling); i++)
    {
      g_autofree char *path = g_strconcat ("/model/workflow/dangling/", dangling[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_dangling);
    }
  g_test_add_func ("/model/workflow/did-you-mean", test_did_you_mean);
  return g_test_run ();
}
