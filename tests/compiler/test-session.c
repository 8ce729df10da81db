/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a session finds after any edits is what a full compile of the source written out finds. */

#include "workflow-maker.h"

#include <string.h>

#include "base/air-json.h"
#include "compiler/air-compile-session.h"
#include "model/air-pack-directory.h"

static GPtrArray *packs;

static char *
print_diagnostics (GPtrArray *diagnostics)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      g_autoptr (AirValue) value = air_diagnostic_to_value (g_ptr_array_index (diagnostics, i));
      g_autofree char *line = air_jcs_write (value, NULL, NULL);

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
compile_written (AirWorkflow *workflow)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = air_workflow_write (workflow, &error);
  g_autoptr (AirWorkflow) read = air_workflow_load (text, strlen (text), "made.workflow.json", &error);
  g_autoptr (AirCompileResult) result = NULL;

  g_assert_no_error (error);
  result = air_compile (read, packs, &error);
  g_assert_no_error (error);
  return print_diagnostics (result->diagnostics);
}

static void
test_equal (void)
{
  guint n_edits = 0, n_checked = 0, n_nodes = 0, n_findings = 0;

  for (guint seed = 0; seed < 12; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (AirWorkflow) workflow = maker_new_workflow (8 + seed * 2, seed);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCompileSession) session = air_compile_session_new (workflow, packs, &error);

      g_assert_no_error (error);
      /* What is made is sound: otherwise an edit would change little. */
      g_assert_cmpuint (air_compile_session_get_diagnostics (session)->len, ==, 0);
      for (guint step = 0; step < 30; step++)
        {
          g_autoptr (AirCommand) edit = maker_new_edit (air_compile_session_get_workflow (session), rand);
          g_autoptr (AirCommand) inverse = NULL;
          g_autofree char *is = NULL, *wanted = NULL;
          AirWorkflow *now;

          if (!air_compile_session_apply (session, edit, &inverse, NULL))
            continue;
          n_edits++;
          now = air_compile_session_get_workflow (session);
          n_checked += air_compile_session_get_n_checked (session);
          n_nodes += air_workflow_get_n_nodes (now);
          n_findings += air_compile_session_get_diagnostics (session)->len;
          is = print_diagnostics (air_compile_session_get_diagnostics (session));
          wanted = compile_written (now);
          g_assert_cmpstr (is, ==, wanted);
          /* Half of them are taken back, as people do. */
          if (g_rand_boolean (rand))
            {
              g_assert_true (air_compile_session_apply (session, inverse, NULL, &error));
              g_assert_no_error (error);
            }
        }
    }
  g_test_message ("%u edits, %u of %u nodes looked at, %u findings compared", n_edits, n_checked, n_nodes, n_findings);
  g_assert_cmpuint (n_edits, >, 150);
  g_assert_cmpuint (n_checked * 3, <, n_nodes);
}

/* In a thousand nodes an edit of one makes few be looked at. */
static void
test_few (void)
{
  g_autoptr (AirWorkflow) workflow = maker_new_workflow (1000, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirCompileSession) session = air_compile_session_new (workflow, packs, &error);
  g_autoptr (AirCommand) edit = air_command_new_unset ("/nodes/n1/timeout_ms");

  g_assert_no_error (error);
  g_assert_cmpuint (air_compile_session_get_n_checked (session), ==, air_workflow_get_n_nodes (workflow));
  g_assert_true (air_compile_session_apply (session, edit, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (air_compile_session_get_diagnostics (session)->len, ==, 1);
  g_assert_cmpuint (air_compile_session_get_n_checked (session), <, 10);
}

int
main (int argc, char *argv[])
{
  g_autofree char *lab = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  lab = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "compiler", "packs", NULL);
  packs = air_packs_load_directory (lab, &error);
  g_assert_no_error (error);
  g_test_add_func ("/compiler/session/equal", test_equal);
  g_test_add_func ("/compiler/session/few", test_few);
  status = g_test_run ();
  g_ptr_array_unref (packs);
  return status;
}
