/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../compiler/workflow-maker.h"

#include <string.h>

#include "base/air-json.h"
#include "model/air-pack-directory.h"
#include "model/air-workflow-diff.h"

static AirWorkflow *
load (const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                                            "refunds-and-cancellations.workflow.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) error = NULL;
  AirWorkflow *workflow;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  changed = g_string_new (text);
  if (from != NULL)
    g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  workflow = air_workflow_load (changed->str, changed->len, "r", &error);
  g_assert_no_error (error);
  return workflow;
}

static GPtrArray *
load_packs (const char *pack)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), pack, NULL);
  g_autoptr (GError) error = NULL;
  GPtrArray *packs = air_packs_load_directory (path, &error);

  g_assert_no_error (error);
  return packs;
}

static AirWorkflow *
apply (AirWorkflow *workflow, AirCommand *take_command)
{
  g_autoptr (AirCommand) command = take_command;
  g_autoptr (GError) error = NULL;
  AirWorkflow *after = air_command_apply (command, workflow, NULL, &error);

  g_assert_no_error (error);
  return after;
}

static char *
diff (AirWorkflow *before, AirWorkflow *after, GPtrArray *packs)
{
  g_autoptr (GPtrArray) changes = air_workflow_diff (before, packs, after, packs);

  return air_changes_to_text (changes);
}

/* A payment put between two steps, said as people say it, and first. */
static void
test_payment (void)
{
  g_autoptr (GPtrArray) packs = load_packs ("packs");
  g_autoptr (AirWorkflow) before = load (NULL, NULL), named = NULL, added = NULL, moved = NULL, after = NULL;
  g_autoptr (AirValue) node = NULL;
  g_autofree char *text = NULL;
  const char *source = "{\"id\":\"again\",\"kind\":\"call\",\"title\":\"Pay again\",\"operation\":"
                       "\"stripe.refund.create\",\"with\":{},\"timeout_ms\":5}";
  g_autoptr (GError) error = NULL;

  node = air_json_parse (source, strlen (source), &error);
  g_assert_no_error (error);
  named = apply (before, air_command_new_set ("/nodes/order/title", air_value_new_string ("Check order")));
  added = apply (named, air_command_new_add_node (named, g_steal_pointer (&node), NULL));
  moved = apply (added, air_command_new_set ("/edges/e28/to", air_value_new_string ("again")));
  after = apply (moved, air_command_new_connect (moved, "order", "error:auth", "again", NULL));
  text = diff (named, after, packs);
  g_assert_true (g_str_has_prefix (text, "Risk:\n  adds a money movement 'Pay again' after "));
  g_assert_nonnull (strstr (text, "'Check order'"));
  g_assert_nonnull (strstr (text, "Behaviour:\n"));
  g_assert_nonnull (strstr (text, "leads 'Check order' (error:auth) to 'Pay again'"));
}

static const struct {
  const char *from, *to, *words;
} cases[] = {
  { "\"timeout_ms\": 20000", "\"timeout_ms\": 20001",
    "Behaviour:\n  'timeout_ms' of 'Refund the payment' is now 20001 "
    "instead of 20000\n" },
  { "\"title\": \"Refund the payment\"", "\"title\": \"Pay back\"",
    "Words:\n  'Refund the payment' is now called 'Pay "
    "back'\n" },
  { "        \"reason\": \"requested_by_customer\"", "        \"reason\": \"duplicate\"",
    "Risk:\n  input 'reason' of 'Refund the payment' is now 'duplicate' instead of 'requested_by_customer'\n" },
  { "trigger.kind == 'return'\"\n        },", "trigger.kind != 'cancel'\"\n        },",
    "Risk:\n  gate 'Approval by people' changes when it guards" },
  { "\"latency_class\": \"interactive\"", "\"latency_class\": \"batch\"",
    "Behaviour:\n  changes the latency class from 'interactive' to 'batch'\n" },
  { "    \"request\": [\n      0,", "    \"request\": [\n      99,", "nothing changes\n" },
};

static void
test_words (void)
{
  g_autoptr (GPtrArray) packs = load_packs ("packs");
  g_autoptr (AirWorkflow) before = load (NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirWorkflow) after = load (cases[i].from, cases[i].to);
      g_autofree char *text = diff (before, after, packs);

      if (!g_str_has_prefix (text, cases[i].words))
        g_error ("is:     %s\nshould: %s", text, cases[i].words);
    }
}

/* The order of nodes and edges, positions and the ids of edges say nothing. */
static void
test_position (void)
{
  g_autoptr (AirWorkflow) before = maker_new_workflow (30, 4);
  AirValue *source = air_document_get_value (air_workflow_get_document (before));
  g_autoptr (AirValue) turned = air_map_copy (source), back = air_map_copy (source);
  AirValue *nodes = air_map_get_list (source, "nodes"), *reversed = air_list_new ();
  g_autofree char *text = NULL, *words = NULL;
  g_autoptr (AirWorkflow) after = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = air_list_get_size (nodes); i-- > 0;)
    air_list_append (reversed, air_value_ref (air_list_get (nodes, i)));
  air_map_set (turned, "nodes", reversed);
  text = air_json_write_pretty (turned, &error);
  after = air_workflow_load (text, strlen (text), "t", &error);
  g_assert_no_error (error);
  words = diff (before, after, NULL);
  g_assert_cmpstr (words, ==, "nothing changes\n");
}

/* What policies ask for is part of what a version does. */
static void
test_quorum (void)
{
  g_autoptr (GPtrArray) packs = load_packs ("tests/compiler/packs");
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", "good", "gated-payment.workflow.json", NULL);
  g_autofree char *text = NULL, *words = NULL;
  g_autoptr (AirWorkflow) before = NULL, after = NULL, unguarded = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  before = air_workflow_load (text, strlen (text), "g", &error);
  g_assert_no_error (error);
  after = apply (before, air_command_new_set ("/nodes/ask/policy", air_value_new_string ("lab-gate-said")));
  words = diff (before, after, packs);
  g_assert_nonnull (strstr (words, "gate 'ask' now needs 0 to 1 (it was 1)"));
  g_clear_pointer (&words, g_free);
  unguarded = apply (before, air_command_new_set ("/nodes/ask/guards", air_list_new ()));
  words = diff (before, unguarded, packs);
  g_assert_cmpstr (words, ==, "Risk:\n  gate 'ask' no longer guards 'pay'\n");
}

/* Whatever the edit, taking it back leaves nothing to tell, and its undoing is told too. */
static void
test_edits (void)
{
  g_autoptr (GPtrArray) packs = load_packs ("tests/compiler/packs");
  guint n_told = 0;

  for (guint seed = 0; seed < 60; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (AirWorkflow) before = maker_new_workflow (12, seed), after = NULL, undone = NULL;
      g_autoptr (AirCommand) edit = maker_new_edit (before, rand), inverse = NULL;
      g_autofree char *there = NULL, *back = NULL, *nothing = NULL;

      after = air_command_apply (edit, before, &inverse, NULL);
      if (after == NULL)
        continue;
      undone = air_command_apply (inverse, after, NULL, NULL);
      g_assert_nonnull (undone);
      there = diff (before, after, packs);
      back = diff (after, before, packs);
      nothing = diff (before, undone, packs);
      g_assert_cmpstr (nothing, ==, "nothing changes\n");
      if (g_str_equal (there, "nothing changes\n") != g_str_equal (back, "nothing changes\n"))
        g_error ("there: %s\nback: %s", there, back);
      n_told += !g_str_equal (there, "nothing changes\n");
    }
  g_assert_cmpuint (n_told, >, 20);
}

/* What changes in a workflow that is a step changes what this one does, and is said. */
static void
test_sub_workflow (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                                            "order-recall.workflow.json", NULL);
  g_autofree char *step_path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations",
                                                 "workflows", "order-withdrawal.workflow.json", NULL);
  g_autofree char *text = NULL, *step_text = NULL, *same = NULL, *without = NULL, *other = NULL;
  g_autoptr (GPtrArray) packs = load_packs ("packs"), new_packs = load_packs ("packs"), changes = NULL;
  g_autoptr (GPtrArray) beside = g_ptr_array_new_with_free_func ((GDestroyNotify) air_document_unref);
  g_autoptr (AirWorkflow) before = NULL, removed = NULL, newer = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  before = air_workflow_load (text, length, "r", &error);
  g_assert_no_error (error);
  same = diff (before, before, packs);
  g_assert_cmpstr (same, ==, "nothing changes\n");
  removed = apply (before, air_command_new_remove_node (before, "withdraw"));
  without = diff (before, removed, packs);
  g_assert_nonnull (strstr (without, "removes a sub-workflow that writes 'Withdraw it' after 'Each order'"));

  /* The version that is named lies beside, and cancels no more. */
  g_file_get_contents (step_path, &step_text, NULL, &error);
  g_assert_no_error (error);
  changed = g_string_new (step_text);
  g_assert_cmpuint (
      g_string_replace (changed, "\"version\": \"1.0.0\",\n  \"title\"", "\"version\": \"1.1.0\",\n  \"title\"", 1), ==,
      1);
  g_assert_cmpuint (g_string_replace (changed, "\"shop.order.cancel\"", "\"stripe.refund.create\"", 1), ==, 1);
  g_ptr_array_add (beside, air_document_load (AIR_DOCUMENT_WORKFLOW, changed->str, changed->len, "s", &error));
  g_assert_no_error (error);
  g_ptr_array_add (new_packs, air_pack_new_beside (beside));
  newer = apply (before, air_command_new_set ("/nodes/withdraw/version", air_value_new_string ("1.1.0")));
  changes = air_workflow_diff (before, packs, newer, new_packs);
  other = air_changes_to_text (changes);
  g_assert_nonnull (
      strstr (other, "'Withdraw it' now runs 'order-withdrawal' 1.1.0 instead of 'order-withdrawal' 1.0.0"));
  g_assert_nonnull (strstr (other, "in 'Withdraw it': 'Cancel the order' now calls 'stripe.refund.create' (a money "
                                   "movement) instead of 'shop.order.cancel'"));
  for (guint i = 0; i < changes->len; i++)
    if (strstr (((AirChange *) g_ptr_array_index (changes, i))->words, "a money movement") != NULL)
      g_assert_cmpstr (((AirChange *) g_ptr_array_index (changes, i))->node, ==, "withdraw.cancel");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/diff/payment", test_payment);
  g_test_add_func ("/model/diff/words", test_words);
  g_test_add_func ("/model/diff/position", test_position);
  g_test_add_func ("/model/diff/quorum", test_quorum);
  g_test_add_func ("/model/diff/edits", test_edits);
  g_test_add_func ("/model/diff/sub-workflow", test_sub_workflow);
  return g_test_run ();
}
