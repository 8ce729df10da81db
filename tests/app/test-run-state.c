/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the entries of a run say of the nodes that are drawn, where one of them runs another workflow. */
#include "config.h"

#include <string.h>

#include "app/air-run-state.h"
#include "base/air-json.h"
#include "ledger/air-entry.h"

static const char caller[] =
    "{'$schema':'airails:workflow/1','id':'trip','version':'1.0.0','title':'Trip','owner':{'name':'A','uri':'airails://"
    "a/b'},"
    "'packs':{},'nodes':[{'id':'asked','kind':'trigger','trigger':{'type':'webhook','event_type':'a.b','dedup':'event."
    "id',"
    "'input':{'type':'object','properties':{}}}},"
    "{'id':'book','kind':'workflow','title':'Book it','workflow':'booking','version':'1.0.0','with':{}},"
    "{'id':'done','kind':'end','outcome':'completed'},{'id':'sorry','kind':'end','outcome':'completed'}],"
    "'edges':[{'id':'e1','from':'asked','to':'book'},{'id':'e2','from':'book','to':'done'},"
    "{'id':'e3','from':'book','port':'error','to':'sorry'}]}";

typedef struct {
  AirChainHead head;
  AirValue *items;
} Chain;

static void
append (Chain *self, const char *type, const char *json)
{
  g_autoptr (GString) text = g_string_new (json);
  g_autoptr (AirValue) members = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirSealedEntry) sealed = NULL;
  AirValue *item = air_map_new ();

  g_string_replace (text, "'", "\"", 0);
  members = air_json_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  sealed = air_entry_seal (&self->head, "01JD9ZK3QW8Y7V6T5S4R3Q2P1N", type, members, NULL,
                           G_GINT64_CONSTANT (1700000000000000), air_random_system (), &error);
  g_assert_no_error (error);
  {
    g_autofree char *leaf = g_strndup (g_bytes_get_data (sealed->leaf, NULL), g_bytes_get_size (sealed->leaf));

    air_map_set_string (item, "leaf", leaf);
  }
  air_map_set (item, "disclosures", air_list_new ());
  air_list_append (self->items, item);
}

static AirRunState *
fold (const char *const *entries)
{
  g_autoptr (GString) text = g_string_new (caller);
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (GError) error = NULL;
  Chain chain = { .items = air_list_new () };
  AirRunState *state;

  g_string_replace (text, "'", "\"", 0);
  workflow = air_workflow_load (text->str, text->len, "trip", &error);
  g_assert_no_error (error);
  for (gsize i = 0; entries[i] != NULL; i += 2)
    append (&chain, entries[i], entries[i + 1]);
  state = air_run_state_new (workflow, chain.items, &error);
  g_assert_no_error (error);
  air_value_unref (chain.items);
  return state;
}

#define BEGUN                                                                                                          \
  "TRIGGER_RECEIVED", "{'node':'asked','actor':'airails://a/b','artifact':'sha256:aa'}", "STEP_DECIDED",               \
      "{'steps':[{'node':'book','workflow':'booking@1.0.0','digest':'sha256:bb'}]}", "TOOL_ACTION_STARTED",            \
      "{'node':'book.charge','attempt':1,'purpose':'execute','operation':'a.b@1.0.0','idem':'K'}"

static void
test_at_work (void)
{
  static const char *const entries[] = { BEGUN, NULL };
  g_autoptr (AirRunState) state = fold (entries);
  g_autoptr (AirRunEntry) last = g_list_model_get_item (air_run_state_get_entries (state), 2);

  g_assert_cmpint (air_run_state_get_status (state, "book"), ==, AIR_NODE_STATUS_RUNNING);
  g_assert_false (air_run_state_is_taken (state, "e2"));
  /* What is drawn for it is the step it is in; its words say both. */
  g_assert_cmpstr (air_run_entry_get_node (last), ==, "book");
  g_assert_nonnull (strstr (air_run_entry_get_title (last), "Book it › "));
  g_assert_cmpstr (air_run_state_get_last_node (state), ==, "book");
}

static void
test_waiting (void)
{
  static const char *const entries[] = { BEGUN, "HUMAN_GATE_REQUESTED",
                                         "{'node':'book.sure','gate':'g','quorum':1,'role':'approver'}", NULL };
  g_autoptr (AirRunState) state = fold (entries);

  g_assert_cmpint (air_run_state_get_status (state, "book"), ==, AIR_NODE_STATUS_WAITING);
}

static void
test_done (void)
{
  static const char *const entries[] = {
    BEGUN,
    "TOOL_ACTION_EXECUTED",
    "{'node':'book.charge','attempt':1,'purpose':'execute','outcome':'ok'}",
    "STEP_DECIDED",
    "{'steps':[{'node':'book.booked'}]}",
    "WORKFLOW_COMPLETED",
    "{'node':'done','outcome':'completed','count':6}",
    NULL,
  };
  g_autoptr (AirRunState) state = fold (entries);

  g_assert_cmpint (air_run_state_get_status (state, "book"), ==, AIR_NODE_STATUS_DONE);
  g_assert_true (air_run_state_is_taken (state, "e2"));
  g_assert_false (air_run_state_is_taken (state, "e3"));
  g_assert_cmpint (air_run_state_get_status (state, "done"), ==, AIR_NODE_STATUS_DONE);
}

/* It was taken back and left by its error port: that it is undone inside is not that the step is. */
static void
test_failed (void)
{
  static const char *const entries[] = {
    BEGUN,
    "TOOL_ACTION_EXECUTED",
    "{'node':'book.charge','attempt':1,'purpose':'execute','outcome':'ok'}",
    "ROLLBACK_APPLIED",
    "{'node':'book.charge','outcome':'done'}",
    "WORKFLOW_COMPLETED",
    "{'node':'sorry','outcome':'completed','count':6}",
    NULL,
  };
  g_autoptr (AirRunState) state = fold (entries);

  g_assert_cmpint (air_run_state_get_status (state, "book"), ==, AIR_NODE_STATUS_FAILED);
  g_assert_true (air_run_state_is_taken (state, "e3"));
  g_assert_false (air_run_state_is_taken (state, "e2"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/app/run-state/at-work", test_at_work);
  g_test_add_func ("/app/run-state/waiting", test_waiting);
  g_test_add_func ("/app/run-state/done", test_done);
  g_test_add_func ("/app/run-state/failed", test_failed);
  return g_test_run ();
}
