/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../compiler/workflow-maker.h"

#include <string.h>

#include "base/air-json.h"

static char *
write_workflow (AirWorkflow *workflow)
{
  g_autoptr (GError) error = NULL;
  char *text = air_workflow_write (workflow, &error);

  g_assert_no_error (error);
  return text;
}

/* load → save gives the same bytes, whatever the size. */
static void
test_round_trip (void)
{
  for (guint seed = 0; seed < 12; seed++)
    {
      g_autoptr (AirWorkflow) made = maker_new_workflow (4 + seed, seed);
      g_autofree char *once = write_workflow (made), *twice = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (AirWorkflow) read = air_workflow_load (once, strlen (once), "r", &error);

      g_assert_no_error (error);
      twice = write_workflow (read);
      g_assert_cmpstr (twice, ==, once);
    }
}

/* How many lines of @b are not in @a at their place, where both have as many. */
static guint
count_changed_lines (const char *a, const char *b)
{
  g_auto (GStrv) left = g_strsplit (a, "\n", -1), right = g_strsplit (b, "\n", -1);
  guint n = 0;

  g_assert_cmpuint (g_strv_length (left), ==, g_strv_length (right));
  for (guint i = 0; left[i] != NULL; i++)
    n += !g_str_equal (left[i], right[i]);
  return n;
}

/* One changed field is one changed line. */
static void
test_one_line (void)
{
  for (guint seed = 0; seed < 12; seed++)
    {
      g_autoptr (AirWorkflow) workflow = maker_new_workflow (30, seed);
      g_autofree char *before = write_workflow (workflow);

      for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
        {
          const AirWorkflowNode *node = air_workflow_get_node (workflow, i);
          g_autofree char *at = g_strdup_printf ("/nodes/%s/%s", node->id,
                                                 node->kind == AIR_WORKFLOW_NODE_CALL   ? "timeout_ms"
                                                 : node->kind == AIR_WORKFLOW_NODE_WAIT ? "duration_ms"
                                                                                        : "title");
          g_autoptr (AirCommand) command = air_command_new_set (
              at, g_str_has_suffix (at, "_ms") ? air_value_new_int (77) : air_value_new_string ("Other"));
          g_autoptr (GError) error = NULL;
          g_autoptr (AirWorkflow) edited = NULL;
          g_autofree char *after = NULL;

          if (node->kind == AIR_WORKFLOW_NODE_END)
            continue;
          edited = air_command_apply (command, workflow, NULL, &error);
          g_assert_no_error (error);
          after = write_workflow (edited);
          g_assert_cmpuint (count_changed_lines (before, after), ==, 1);
        }
    }
}

/* undo (apply (x)) is x, byte for byte, over long random sequences; what the edit makes can be
 * read back; a refused edit changes nothing; and JSON carries the command. */
static void
test_undo (void)
{
  guint n_applied = 0, n_refused = 0;

  for (guint seed = 0; seed < 30; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (AirWorkflow) workflow = maker_new_workflow (5 + seed % 20, seed);
      g_autoptr (GPtrArray) inverses = g_ptr_array_new_with_free_func ((GDestroyNotify) air_command_unref);
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

      for (guint step = 0; step < 20; step++)
        {
          g_autoptr (AirCommand) edit = maker_new_edit (workflow, rand), inverse = NULL, read = NULL;
          g_autoptr (AirValue) value = air_command_to_value (edit);
          g_autoptr (AirWorkflow) after = NULL, again = NULL, loaded = NULL;
          g_autoptr (GError) error = NULL;
          g_autofree char *before = write_workflow (workflow), *is = NULL, *same = NULL;

          after = air_command_apply (edit, workflow, &inverse, &error);
          same = write_workflow (workflow);
          g_assert_cmpstr (same, ==, before);
          if (after == NULL)
            {
              g_assert_true (error->domain == AIR_MODEL_ERROR);
              n_refused++;
              continue;
            }
          n_applied++;
          is = write_workflow (after);
          loaded = air_workflow_load (is, strlen (is), "made.workflow.json", &error);
          g_assert_no_error (error);
          g_assert_true (air_value_equal (air_document_get_value (air_workflow_get_document (loaded)),
                                          air_document_get_value (air_workflow_get_document (after))));

          read = air_command_from_value (value, &error);
          g_assert_no_error (error);
          again = air_command_apply (read, workflow, NULL, &error);
          g_assert_no_error (error);
          g_free (same);
          same = write_workflow (again);
          g_assert_cmpstr (same, ==, is);

          g_ptr_array_add (inverses, g_steal_pointer (&inverse));
          g_ptr_array_add (texts, g_steal_pointer (&before));
          g_clear_pointer (&workflow, air_workflow_unref);
          workflow = g_steal_pointer (&after);
        }
      while (inverses->len > 0)
        {
          g_autoptr (AirCommand) inverse = g_ptr_array_steal_index (inverses, inverses->len - 1);
          g_autofree char *wanted = g_ptr_array_steal_index (texts, texts->len - 1), *is = NULL;
          g_autoptr (GError) error = NULL;
          AirWorkflow *before = air_command_apply (inverse, workflow, NULL, &error);

          g_assert_no_error (error);
          is = write_workflow (before);
          g_assert_cmpstr (is, ==, wanted);
          g_clear_pointer (&workflow, air_workflow_unref);
          workflow = before;
        }
    }
  g_test_message ("%u edits applied and undone, %u refused", n_applied, n_refused);
  g_assert_cmpuint (n_applied, >, 200);
  g_assert_cmpuint (n_refused, >, 50);
}

/* As one: applied whole, undone whole, or not at all. */
static void
test_transaction (void)
{
  g_autoptr (AirWorkflow) workflow = maker_new_workflow (12, 3);
  g_autofree char *before = write_workflow (workflow);
  g_autoptr (GPtrArray) commands = g_ptr_array_new_with_free_func ((GDestroyNotify) air_command_unref);
  g_autoptr (AirCommand) both = NULL, inverse = NULL, broken = NULL;
  g_autoptr (AirWorkflow) after = NULL, undone = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *is = NULL;

  g_ptr_array_add (commands, air_command_new_set ("/title", air_value_new_string ("Other")));
  g_ptr_array_add (commands, air_command_new_set ("/nodes/n1/timeout_ms", air_value_new_int (1)));
  both = air_command_new_transaction ("Both", commands);
  after = air_command_apply (both, workflow, &inverse, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_workflow_get_title (after), ==, "Other");
  undone = air_command_apply (inverse, after, NULL, &error);
  g_assert_no_error (error);
  is = write_workflow (undone);
  g_assert_cmpstr (is, ==, before);

  g_ptr_array_add (commands, air_command_new_remove ("/nodes/nobody"));
  broken = air_command_new_transaction ("Broken", commands);
  g_assert_null (air_command_apply (broken, workflow, NULL, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
  g_assert_nonnull (strstr (error->message, "/nodes/nobody"));
}

/* The result keeps the schema, and what does not is refused with its place. */
static void
test_refused (void)
{
  g_autoptr (AirWorkflow) workflow = maker_new_workflow (12, 3);
  g_autoptr (AirCommand) command = air_command_new_set ("/nodes/n1/timeout_ms", air_value_new_int (-1));
  g_autoptr (AirCommand) deep = NULL, odd = NULL;
  AirValue *nested = air_map_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (air_command_apply (command, workflow, NULL, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_SCHEMA);
  g_assert_true (g_str_has_prefix (error->message, "made.workflow.json:"));
  g_assert_nonnull (strstr (error->message, "minimum"));
  g_clear_error (&error);

  for (guint i = 0; i < 70; i++)
    {
      AirValue *outer = air_map_new ();

      air_map_set (outer, "a", nested);
      nested = outer;
    }
  deep = air_command_new_set ("/nodes/n1/with/id", nested);
  g_assert_null (air_command_apply (deep, workflow, NULL, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
  g_clear_error (&error);

  odd = air_command_new_set ("/nodes/n1/with/id", air_value_new_bytes ("x", 1));
  g_assert_null (air_command_apply (odd, workflow, NULL, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
}

static const struct {
  const char *before, *after;
} renames[] = {
  { "steps.order.x", "steps.buy.x" },
  { "steps . order", "steps . buy" },
  { "steps['order'] + steps[\"order\"].y", "steps['buy'] + steps[\"buy\"].y" },
  { "has(steps.order.x) ? steps.order.x : 'steps.order'", "has(steps.buy.x) ? steps.buy.x : 'steps.order'" },
  { "steps.order_id", "steps.order_id" },
  { "trigger.steps.order", "trigger.steps.order" },
  { "mysteps.order", "mysteps.order" },
  { "r'\\' + steps.order + \"\\\"steps.order\"", "r'\\' + steps.buy + \"\\\"steps.order\"" },
  { "'''steps.order ' ''' + steps.order", "'''steps.order ' ''' + steps.buy" },
};

static void
test_rename (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (renames); i++)
    for (guint in_template = 0; in_template < 2; in_template++)
      {
        g_autofree char *text = g_strdup_printf (
            "{\"$schema\":\"airails:workflow/"
            "1\",\"id\":\"w\",\"version\":\"1.0.0\",\"title\":\"W\",\"owner\":{\"name\":"
            "\"D\",\"uri\":\"a:b\"},\"packs\":{},\"nodes\":[{\"id\":\"order\",\"kind\":\"branch\",\"cases\":[{\"id\":"
            "\"c\",\"when\":\"x\"}]},{\"id\":\"pay\",\"kind\":\"gate\",\"policy\":\"p\",\"with\":{},\"guards\":"
            "[{\"node\":\"order\"}]},{\"id\":\"keep\",\"kind\":\"evidence\",\"collect\":[\"order\",\"pay\"]}],"
            "\"edges\":[{\"id\":\"e1\",\"from\":\"order\",\"port\":\"c\",\"to\":\"pay\"}],\"tests\":[{\"id\":\"t\","
            "\"trigger\":{},\"mocks\":{\"order/compensate\":[{\"class\":\"ok\"}]},\"gates\":{\"order\":[]},\"expect\":"
            "{\"path\":[\"order:c\",\"pay\"],\"outputs\":{\"order\":{}},\"gates\":[\"order\"]}}],"
            "\"layout\":{\"order\":[1,2]}}");
        g_autoptr (GError) error = NULL;
        g_autoptr (AirWorkflow) plain = air_workflow_load (text, strlen (text), "w", &error), first = NULL,
                                after = NULL;
        g_autoptr (AirCommand) set = NULL, rename = NULL;
        g_autofree char *source =
            in_template ? g_strdup_printf ("a ${%s} $${steps.order}", renames[i].before) : g_strdup (renames[i].before);
        g_autofree char *wanted =
            in_template ? g_strdup_printf ("a ${%s} $${steps.order}", renames[i].after) : g_strdup (renames[i].after);
        const char *at = in_template ? "/nodes/pay/with/x" : "/nodes/order/cases/c/when";
        AirValue *is;

        g_assert_no_error (error);
        set = air_command_new_set (at, air_value_new_string (source));
        first = air_command_apply (set, plain, NULL, &error);
        g_assert_no_error (error);
        rename = air_command_new_rename_node (first, "order", "buy");
        after = air_command_apply (rename, first, NULL, &error);
        g_assert_no_error (error);
        is = air_document_get_value (air_workflow_get_document (after));
        g_assert_cmpstr (
            air_value_get_string (air_value_at (is, in_template ? "/nodes/1/with/x" : "/nodes/0/cases/0/when"), NULL),
            ==, wanted);
        g_assert_cmpstr (air_map_get_string (air_value_at (is, "/edges/0"), "from"), ==, "buy");
        g_assert_cmpstr (air_map_get_string (air_value_at (is, "/nodes/1/guards/0"), "node"), ==, "buy");
        g_assert_cmpstr (air_value_get_string (air_value_at (is, "/nodes/2/collect/0"), NULL), ==, "buy");
        g_assert_nonnull (air_value_at (is, "/layout/buy"));
        g_assert_nonnull (air_value_at (is, "/tests/0/mocks/buy~1compensate"));
        g_assert_nonnull (air_value_at (is, "/tests/0/gates/buy"));
        g_assert_nonnull (air_value_at (is, "/tests/0/expect/outputs/buy"));
        g_assert_cmpstr (air_value_get_string (air_value_at (is, "/tests/0/expect/path/0"), NULL), ==, "buy:c");
        g_assert_cmpstr (air_value_get_string (air_value_at (is, "/tests/0/expect/gates/0"), NULL), ==, "buy");
      }
}

/* Places found by the index are those a plain search finds. */
static void
test_places (void)
{
  g_autoptr (AirWorkflow) workflow = maker_new_workflow (60, 5);
  AirDocument *document = air_workflow_get_document (workflow);
  gsize length;
  const char *text = air_document_get_text (document, &length);

  for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/nodes/%u/with/id", i);
      guint line, column, at_line, at_column;
      AirValue *there = air_value_at (air_document_get_value (document), pointer);

      air_document_locate (document, pointer, &line, &column);
      if (there == NULL)
        continue;
      g_assert_true (air_json_locate (text, length, pointer, &at_line, &at_column));
      g_assert_cmpuint (line, ==, at_line);
      g_assert_cmpuint (column, ==, at_column);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/model/command/round-trip", test_round_trip);
  g_test_add_func ("/model/command/one-line", test_one_line);
  g_test_add_func ("/model/command/undo", test_undo);
  g_test_add_func ("/model/command/transaction", test_transaction);
  g_test_add_func ("/model/command/refused", test_refused);
  g_test_add_func ("/model/command/rename", test_rename);
  g_test_add_func ("/model/command/places", test_places);
  return g_test_run ();
}
