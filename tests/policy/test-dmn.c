/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decision tables of the DMN Technology Compatibility Kit, whose folder
 * TestCases is looked for in AIRAILS_DMN_VECTORS and in ../shared/vectors/dmn.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"
#include "cel/air-cel.h"
#include "dmn.h"
#include "policy/air-policy.h"

typedef struct {
  DmnNode *root;
  AirValue *context; /* CEL name → value: inputs and decisions made */
  GHashTable *names; /* FEEL name → CEL name */
  guint depth;
} Model;

typedef struct {
  guint passed;
  guint failed;
  guint left_out;
  guint tables;
} Tally;

/* "no value" as DMN has it: null. Ours refuses to decide, which the caller counts as the same. */
static AirValue *
undecided (const GError *error)
{
  return error->domain == AIR_POLICY_ERROR && error->code != AIR_POLICY_ERROR_DOCUMENT ? air_value_new_null () : NULL;
}

static void
learn (Model *self, const char *feel, AirValue *take_value)
{
  g_autofree char *cel = g_strdup_printf ("v%u", g_hash_table_size (self->names));
  const char *known = g_hash_table_lookup (self->names, feel);

  air_map_set (self->context, known != NULL ? known : cel, take_value);
  if (known == NULL)
    g_hash_table_insert (self->names, g_strdup (feel), g_strdup (cel));
}

static AirValue *
evaluate_feel (Model *self, const char *feel, char **ret_reason)
{
  g_autofree char *cel = dmn_feel (feel, self->names);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirCelProgram) program = air_cel_compile (cel, NULL, &error);
  AirValue *value = program != NULL ? air_cel_eval (program, self->context, 0, &error) : NULL;

  if (value == NULL)
    *ret_reason = g_strdup_printf ("FEEL beyond unary tests: %s", feel);
  return value;
}

/* --- tables -------------------------------------------------------------------------------- */

static AirValue *
give_inputs (Model *self, const DmnNode *table, char **ret_reason)
{
  g_autoptr (AirValue) inputs = air_map_copy (self->context);
  guint n = 0;

  air_map_set (inputs, "c0", air_value_new_null ());
  for (guint i = 0; i < table->children->len; i++)
    {
      const DmnNode *input = table->children->pdata[i];
      g_autofree char *id = NULL, *text = NULL;
      AirValue *value;

      if (strcmp (input->name, "input") != 0)
        continue;
      id = g_strdup_printf ("c%u", n++);
      text = dmn_text (input, "inputExpression");
      value = evaluate_feel (self, text != NULL ? text : "null", ret_reason);
      if (value == NULL)
        return NULL;
      air_map_set (inputs, id, value);
    }
  return g_steal_pointer (&inputs);
}

/* {"o0": x} is x where the table has one output; else by the outputs' names. */
static AirValue *
name_outputs (const DmnNode *table, const AirValue *output)
{
  AirValue *named;
  guint n = 0, count = 0;

  if (air_value_get_kind (output) == AIR_VALUE_LIST)
    {
      named = air_list_new ();
      for (gsize i = 0; i < air_list_get_size (output); i++)
        air_list_append (named, name_outputs (table, air_list_get (output, i)));
      return named;
    }
  if (air_map_get (output, "count") != NULL)
    return air_value_new_double (air_map_get_int (output, "count", 0));
  for (guint i = 0; i < table->children->len; i++)
    count += strcmp (((DmnNode *) table->children->pdata[i])->name, "output") == 0;
  if (count == 1 || air_map_get_size (output) == 1)
    return air_value_ref (air_map_get (output, "o0"));
  named = air_map_new ();
  for (guint i = 0; i < table->children->len; i++)
    {
      const DmnNode *column = table->children->pdata[i];
      g_autofree char *id = NULL;

      if (strcmp (column->name, "output") != 0)
        continue;
      id = g_strdup_printf ("o%u", n++);
      air_map_set (named, dmn_attribute (column, "name"), air_value_ref (air_map_get (output, id)));
    }
  return named;
}

static AirValue *
evaluate_table (Model *self, const DmnNode *table, char **ret_reason)
{
  g_autoptr (AirValue) document = NULL, inputs = NULL;
  g_autoptr (AirPolicy) policy = NULL;
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autoptr (GError) error = NULL;

  inputs = give_inputs (self, table, ret_reason);
  if (inputs == NULL)
    return NULL;
  document = dmn_table (self->root, table, self->names, ret_reason);
  if (document == NULL)
    return NULL;
  policy = air_policy_load (document, &error);
  if (policy == NULL)
    {
      *ret_reason = g_strdup_printf ("FEEL beyond unary tests: %s", error->message);
      return NULL;
    }
  decision = air_policy_evaluate (policy, inputs, &error);
  if (decision == NULL)
    return undecided (error);
  return name_outputs (table, decision->output);
}

/* --- decisions ------------------------------------------------------------------------------ */

static const DmnNode *
find (const Model *self, const char *kind, const char *key, const char *value)
{
  for (guint i = 0; i < self->root->children->len; i++)
    {
      const DmnNode *child = self->root->children->pdata[i];

      if (strcmp (child->name, kind) == 0 && g_strcmp0 (dmn_attribute (child, key), value) == 0)
        return child;
    }
  return NULL;
}

static AirValue *
decide (Model *self, const DmnNode *decision, char **ret_reason)
{
  const DmnNode *table = dmn_child (decision, "decisionTable"), *literal = dmn_child (decision, "literalExpression");

  if (++self->depth > 32)
    {
      *ret_reason = g_strdup ("decisions require each other in a circle");
      return NULL;
    }
  for (guint i = 0; i < decision->children->len; i++)
    {
      const DmnNode *requirement = decision->children->pdata[i], *other, *required;
      AirValue *value;

      if (strcmp (requirement->name, "knowledgeRequirement") == 0)
        {
          *ret_reason = g_strdup ("it invokes a business knowledge model");
          return NULL;
        }
      required = dmn_child (requirement, "requiredDecision");
      if (required == NULL)
        continue;
      other = find (self, "decision", "id", dmn_attribute (required, "href") + 1);
      if (other == NULL)
        {
          *ret_reason = g_strdup ("it requires a decision of another model");
          return NULL;
        }
      if (g_hash_table_contains (self->names, dmn_attribute (other, "name")))
        continue;
      value = decide (self, other, ret_reason);
      if (value == NULL)
        return NULL;
      learn (self, dmn_attribute (other, "name"), value);
    }
  if (table != NULL)
    return evaluate_table (self, table, ret_reason);
  if (literal != NULL)
    {
      g_autofree char *text = dmn_text (literal, NULL);

      return evaluate_feel (self, text != NULL ? text : "null", ret_reason);
    }
  *ret_reason = g_strdup ("its logic is a context, an invocation, a relation or missing");
  return NULL;
}

/* --- test cases ------------------------------------------------------------------------------ */

static gboolean
is_nothing (const AirValue *value)
{
  return air_value_is_null (value) || (air_value_get_kind (value) == AIR_VALUE_LIST && air_list_get_size (value) == 0);
}

static gboolean
same (const AirValue *got, const AirValue *want)
{
  if (is_nothing (got) && is_nothing (want))
    return TRUE;
  if (air_value_get_kind (want) == AIR_VALUE_DOUBLE)
    {
      double a = air_value_get_double (want),
             b = air_value_get_kind (got) == AIR_VALUE_DOUBLE ? air_value_get_double (got)
                 : air_value_get_kind (got) == AIR_VALUE_INT  ? (double) air_value_get_int (got)
                                                              : NAN;

      return fabs (a - b) <= 1e-8 * MAX (1, fabs (a));
    }
  if (air_value_get_kind (want) != air_value_get_kind (got))
    return FALSE;
  if (air_value_get_kind (want) == AIR_VALUE_LIST)
    {
      gboolean equal = air_list_get_size (want) == air_list_get_size (got);

      for (gsize i = 0; equal && i < air_list_get_size (want); i++)
        equal = same (air_list_get (got, i), air_list_get (want, i));
      return equal;
    }
  if (air_value_get_kind (want) == AIR_VALUE_MAP)
    {
      gboolean equal = air_map_get_size (want) == air_map_get_size (got);

      for (gsize i = 0; equal && i < air_map_get_size (want); i++)
        {
          const AirValue *other = air_map_get (got, air_value_get_string (air_map_get_key_at (want, i), NULL));

          equal = other != NULL && same (other, air_map_get_value_at (want, i));
        }
      return equal;
    }
  return air_value_equal (got, want);
}

/* Only the decisions that a table makes, by itself or through those it requires. */
static gboolean
uses_table (const Model *self, const DmnNode *decision, guint depth)
{
  if (decision == NULL || depth > 32)
    return FALSE;
  if (dmn_child (decision, "decisionTable") != NULL)
    return TRUE;
  for (guint i = 0; i < decision->children->len; i++)
    {
      const DmnNode *required = dmn_child (decision->children->pdata[i], "requiredDecision");

      if (required != NULL
          && uses_table (self, find (self, "decision", "id", dmn_attribute (required, "href") + 1), depth + 1))
        return TRUE;
    }
  return FALSE;
}

static void
run_result (DmnNode *root, const DmnNode *test, const DmnNode *result, const char *label, Tally *tally)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (AirValue) context = air_map_new (), want = dmn_value (dmn_child (result, "expected")), got = NULL;
  g_autofree char *reason = NULL;
  Model self = { root, context, names, 0 };
  const DmnNode *decision = find (&self, "decision", "name", dmn_attribute (result, "name"));

  if (!uses_table (&self, decision, 0))
    return;
  for (guint i = 0; i < test->children->len; i++)
    {
      const DmnNode *input = test->children->pdata[i];

      if (strcmp (input->name, "inputNode") == 0)
        learn (&self, dmn_attribute (input, "name"), dmn_value (input));
    }
  /* An input that the case leaves out is null. */
  for (guint i = 0; i < root->children->len; i++)
    {
      const DmnNode *input = root->children->pdata[i];

      if (strcmp (input->name, "inputData") == 0 && !g_hash_table_contains (names, dmn_attribute (input, "name")))
        learn (&self, dmn_attribute (input, "name"), air_value_new_null ());
    }
  got = decide (&self, decision, &reason);
  if (got == NULL)
    {
      tally->left_out++;
      g_test_message ("left out: %s: %s", label, reason);
      return;
    }
  if (same (got, want))
    {
      tally->passed++;
      return;
    }
  tally->failed++;
  {
    g_autofree char *a = air_json_write_pretty (got, NULL), *b = air_json_write_pretty (want, NULL);

    g_test_message ("FAILED: %s: got %s, want %s", label, a, b);
  }
}

static void
run_file (const char *folder, const char *file, Tally *tally)
{
  g_autofree char *path = g_build_filename (folder, file, NULL), *model_path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DmnNode) tests = dmn_load (path, &error), root = NULL;
  const DmnNode *name = dmn_child (tests, "modelName");

  g_assert_no_error (error);
  if (name == NULL)
    return;
  model_path = g_build_filename (folder, name->text->str, NULL);
  root = dmn_load (model_path, &error);
  if (root == NULL)
    {
      g_test_message ("left out: %s: %s", file, error->message);
      return;
    }
  for (guint i = 0; i < tests->children->len; i++)
    {
      const DmnNode *test = tests->children->pdata[i];

      for (guint k = 0; strcmp (test->name, "testCase") == 0 && k < test->children->len; k++)
        {
          const DmnNode *result = test->children->pdata[k];
          g_autofree char *label = NULL;

          if (strcmp (result->name, "resultNode") != 0)
            continue;
          label =
              g_strdup_printf ("%s case %s, \"%s\"", file, dmn_attribute (test, "id"), dmn_attribute (result, "name"));
          run_result (root, test, result, label, tally);
        }
    }
}

static void
run_folder (const char *folder, Tally *tally)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        run_folder (path, tally);
      else if (g_str_has_suffix (name, ".xml") && strstr (name, "-test-") != NULL)
        run_file (folder, name, tally);
    }
}

static void
test_tck (void)
{
  const char *given = g_getenv ("AIRAILS_DMN_VECTORS");
  g_autofree char *shared =
      g_build_filename (g_getenv ("AIRAILS_SOURCE_ROOT") != NULL ? g_getenv ("AIRAILS_SOURCE_ROOT") : ".", "..",
                        "shared", "vectors", "dmn", NULL);
  const char *folder = given != NULL ? given : shared;
  g_autofree char *cases = g_build_filename (folder, "TestCases", NULL);
  Tally tally = { 0 };

  if (g_file_test (cases, G_FILE_TEST_IS_DIR))
    folder = cases;
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("the DMN Technology Compatibility Kit is not there; name its folder in AIRAILS_DMN_VECTORS");
      return;
    }
  run_folder (folder, &tally);
  g_test_message ("%u decisions of tables pass, %u fail, %u left out", tally.passed, tally.failed, tally.left_out);
  g_assert_cmpuint (tally.failed, ==, 0);
  g_assert_cmpuint (tally.passed, >=, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/policy/dmn/tck", test_tck);
  return g_test_run ();
}
