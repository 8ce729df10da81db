/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * bad/NAME.workflow.json is a workflow with one mistake; bad/NAME.txt is what
 * the compiler says of it, whole. NAME starts with the id of the finding.
 * AIRAILS_UPDATE=1 in the environment writes the .txt files anew: read the diff.
 * good/ holds workflows close to a mistake of which nothing must be said.
 * steps/ holds the workflows that both use as steps.
 */

#include "compiler/air-compiler.h"
#include "engine/air-plan.h"
#include "model/air-command.h"
#include "model/air-pack-directory.h"

#include <string.h>

static char *folder;
static GPtrArray *packs;

/* The packs, and what lies in steps/ as if it lay beside the workflow. */
static GPtrArray *
with_steps (AirWorkflow *workflow)
{
  g_autofree char *steps = g_build_filename (folder, "steps", NULL);
  GPtrArray *given = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autoptr (GError) error = NULL;
  AirPack *beside;

  for (guint i = 0; i < packs->len; i++)
    g_ptr_array_add (given, air_pack_ref (g_ptr_array_index (packs, i)));
  beside = air_pack_load_beside (workflow, steps, &error);
  g_assert_no_error (error);
  g_ptr_array_add (given, beside);
  return given;
}

static AirCompileResult *
compile (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autofree char *full = g_build_filename (folder, path, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) given = NULL;
  AirCompileResult *result;
  gsize length;

  g_file_get_contents (full, &text, &length, &error);
  g_assert_no_error (error);
  workflow = air_workflow_load (text, length, path, &error);
  g_assert_no_error (error);
  given = with_steps (workflow);
  result = air_compile (workflow, given, &error);
  g_assert_no_error (error);
  return result;
}

static gboolean
has_finding (const AirCompileResult *result, const char *id)
{
  for (guint i = 0; i < result->diagnostics->len; i++)
    if (g_str_equal (((AirDiagnostic *) g_ptr_array_index (result->diagnostics, i))->id, id))
      return TRUE;
  return FALSE;
}

static void
test_bad (gconstpointer data)
{
  const char *name = data;
  g_autofree char *source = g_strdup_printf ("bad/%s.workflow.json", name);
  g_autofree char *golden = g_strdup_printf ("%s/bad/%s.txt", folder, name);
  g_autofree char *id = g_strndup (name, strlen ("AIR000"));
  g_autoptr (AirCompileResult) result = compile (source);
  g_autofree char *text = air_compile_result_to_text (result);
  g_autofree char *wanted = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (has_finding (result, id));
  /* A lint's example makes this one mistake. (Structure and types often bring others along.) */
  if (strcmp (id, "AIR100") < 0)
    for (guint i = 0; i < result->diagnostics->len; i++)
      g_assert_cmpstr (((AirDiagnostic *) g_ptr_array_index (result->diagnostics, i))->id, ==, id);
  /* Nothing is made of what has errors. */
  g_assert_true ((result->plan == NULL) == (result->n_errors > 0));
  g_assert_true ((result->manifest == NULL) == (result->n_errors > 0));

  if (g_getenv ("AIRAILS_UPDATE") != NULL)
    g_assert_true (g_file_set_contents (golden, text, -1, NULL));
  g_file_get_contents (golden, &wanted, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, wanted);
}

static guint
count (const AirCompileResult *result, const char *id)
{
  guint n = 0;

  for (guint i = 0; i < result->diagnostics->len; i++)
    n += g_str_equal (((AirDiagnostic *) g_ptr_array_index (result->diagnostics, i))->id, id);
  return n;
}

/* Where a fix is offered the finding is gone after it, and no other came; undone, all is as it was. */
static void
test_fix (gconstpointer data)
{
  g_autofree char *source = g_strdup_printf ("bad/%s.workflow.json", (const char *) data);
  g_autoptr (AirCompileResult) before = compile (source);
  guint n_fixes = 0;

  for (guint i = 0; i < before->diagnostics->len; i++)
    {
      const AirDiagnostic *diagnostic = g_ptr_array_index (before->diagnostics, i);
      g_autoptr (AirWorkflow) mended = NULL, undone = NULL;
      g_autoptr (AirCompileResult) after = NULL;
      g_autoptr (GPtrArray) given = NULL;
      g_autoptr (AirCommand) inverse = NULL;
      g_autofree char *was = NULL, *is = NULL;
      g_autoptr (GError) error = NULL;

      if (diagnostic->fix == NULL)
        continue;
      n_fixes++;
      mended = air_command_apply (diagnostic->fix, before->workflow, &inverse, &error);
      g_assert_no_error (error);
      given = with_steps (mended);
      after = air_compile (mended, given, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count (after, diagnostic->id), <, count (before, diagnostic->id));
      for (guint k = 0; k < after->diagnostics->len; k++)
        {
          const AirDiagnostic *left = g_ptr_array_index (after->diagnostics, k);

          if (count (before, left->id) < count (after, left->id))
            g_error ("the fix of %s brings %s: %s", diagnostic->id, left->id, left->message);
        }
      undone = air_command_apply (inverse, mended, NULL, &error);
      g_assert_no_error (error);
      was = air_workflow_write (before->workflow, &error);
      is = air_workflow_write (undone, &error);
      g_assert_cmpstr (is, ==, was);
    }
  g_test_message ("%u fixes are offered", n_fixes);
}

/* Nothing is said of it, and the engine takes what is made of it. */
static void
test_good (gconstpointer data)
{
  g_autofree char *source = g_strdup_printf ("good/%s.workflow.json", (const char *) data);
  g_autoptr (AirCompileResult) result = compile (source);
  g_autofree char *text = air_compile_result_to_text (result);
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (text, ==, "lab-work 1.0.0: 0 errors, 0 warnings\n");
  g_assert_nonnull (result->plan);
  plan = air_plan_load (result->plan, "sha256:none", &error);
  g_assert_no_error (error);
}

/* Every id there is has an example, and no example an id there is not. */
static void
test_complete (gconstpointer data)
{
  GPtrArray *names = (GPtrArray *) data;
  const AirDiagnosticKind *kinds;
  gsize n;

  kinds = air_diagnostic_get_kinds (&n);
  for (gsize i = 0; i < n; i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < names->len && !found; k++)
        found = g_str_has_prefix (g_ptr_array_index (names, k), kinds[i].id);
      /* A lint has a mended example too. */
      if (strcmp (kinds[i].id, "AIR100") < 0)
        {
          g_autofree char *good = g_strdup_printf ("%s/good/%s.workflow.json", folder, kinds[i].id);

          if (!g_file_test (good, G_FILE_TEST_EXISTS))
            g_error ("%s has no mended example", kinds[i].id);
        }
      /* A pack with a bad policy: see test-compiler.c. */
      if (!found && !g_str_equal (kinds[i].id, "AIR111"))
        g_error ("%s has no example", kinds[i].id);
      g_assert_true (i == 0 || strcmp (kinds[i - 1].id, kinds[i].id) < 0);
    }
}

/* docs/lints.md is this, for every finding in the order of the ids. AIRAILS_UPDATE=1 writes it anew. */
static char *
write_lints (void)
{
  g_autoptr (GString) text = g_string_new (
      "# What the compiler finds\n\n"
      "`airailsctl lint WORKFLOW` lists these with place and mend, as text, JSON or SARIF 2.1.0; `--fix` mends those "
      "that\n"
      "have a fix. An artifact is made only of what has no error. The ids never change their meaning.\n"
      "`tests/compiler/bad` holds an example of each, `tests/compiler/good` the same mended.\n"
      "This file is written from the compiler's own table (`AIRAILS_UPDATE=1`, `test-compiler-findings`).\n");
  gsize n;
  const AirDiagnosticKind *kinds = air_diagnostic_get_kinds (&n);

  for (gsize i = 0; i < n; i++)
    {
      if (i == 0 || kinds[i].id[3] != kinds[i - 1].id[3])
        g_string_append_printf (text, "\n## %s\n",
                                kinds[i].id[3] == '0'   ? "Lints: what it does to the world"
                                : kinds[i].id[3] == '1' ? "Structure"
                                                        : "Types");
      g_string_append_printf (text, "\n**%s %s** (%s). %s\n", kinds[i].id, kinds[i].title,
                              air_severity_to_string (kinds[i].severity), kinds[i].explanation);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_documented (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "docs", "lints.md", NULL);
  g_autofree char *wanted = write_lints (), *is = NULL;
  g_autoptr (GError) error = NULL;

  if (g_getenv ("AIRAILS_UPDATE") != NULL)
    g_assert_true (g_file_set_contents (path, wanted, -1, NULL));
  g_file_get_contents (path, &is, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (is, ==, wanted);
}

/* The log names every kind as a rule, and each result its place. */
static void
test_sarif (void)
{
  g_autoptr (AirCompileResult) result = compile ("bad/AIR005.workflow.json");
  g_autoptr (AirValue) log = air_diagnostics_to_sarif (result->diagnostics);
  const AirDiagnostic *diagnostic = g_ptr_array_index (result->diagnostics, 0);
  AirValue *found = air_value_at (log, "/runs/0/results/0");
  AirValue *region = air_value_at (found, "/locations/0/physicalLocation/region");
  g_autofree char *rule = NULL;
  gsize n;

  air_diagnostic_get_kinds (&n);
  g_assert_cmpstr (air_map_get_string (log, "version"), ==, "2.1.0");
  g_assert_cmpuint (air_list_get_size (air_value_at (log, "/runs/0/tool/driver/rules")), ==, n);
  g_assert_cmpuint (air_list_get_size (air_value_at (log, "/runs/0/results")), ==, result->diagnostics->len);
  g_assert_cmpint (air_map_get_int (region, "startLine", 0), ==, diagnostic->line);
  g_assert_cmpint (air_map_get_int (region, "startColumn", 0), ==, diagnostic->column);
  rule =
      g_strdup_printf ("/runs/0/tool/driver/rules/%" G_GINT64_FORMAT "/id", air_map_get_int (found, "ruleIndex", -1));
  g_assert_cmpstr (air_value_get_string (air_value_at (log, rule), NULL), ==, diagnostic->id);
}

static GPtrArray *
list_names (const char *below)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (folder, below, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".workflow.json"))
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (".workflow.json")));
  g_ptr_array_sort_values (names, (GCompareFunc) strcmp);
  return names;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) bad = NULL;
  g_autoptr (GPtrArray) good = NULL;
  g_autofree char *lab = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", NULL);
  lab = g_build_filename (folder, "packs", NULL);
  packs = air_packs_load_directory (lab, &error);
  g_assert_no_error (error);

  bad = list_names ("bad");
  good = list_names ("good");
  for (guint i = 0; i < bad->len; i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/bad/", g_ptr_array_index (bad, i), NULL);

      g_autofree char *fix = g_strconcat ("/compiler/fix/", g_ptr_array_index (bad, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (bad, i), test_bad);
      g_test_add_data_func (fix, g_ptr_array_index (bad, i), test_fix);
    }
  for (guint i = 0; i < good->len; i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/good/", g_ptr_array_index (good, i), NULL);

      g_test_add_data_func (path, g_ptr_array_index (good, i), test_good);
    }
  g_test_add_func ("/compiler/every-finding-is-documented", test_documented);
  g_test_add_func ("/compiler/sarif", test_sarif);
  g_test_add_data_func ("/compiler/every-finding-has-an-example", bad, test_complete);
  status = g_test_run ();
  g_ptr_array_unref (packs);
  g_free (folder);
  return status;
}
