/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "compiler/air-compile-session.h"
#include "fuzz.h"
#include "model/air-command.h"
#include "model/air-workflow-diff.h"

/* What is read as a workflow is written and read again as itself; it compiles to findings or a plan (its packs are
 * not there, so it may name none), one session finds what one compile finds; nothing differs from itself; and what a
 * changed title undone leaves is what was. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirWorkflow) workflow = air_workflow_load ((const char *) data, size, "fuzz", NULL), again = NULL;
  g_autoptr (GPtrArray) packs = NULL, changes = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  g_autoptr (AirCompileSession) session = NULL;
  g_autoptr (AirCommand) edit = NULL, inverse = NULL;
  g_autofree char *once = NULL, *twice = NULL;
  g_autoptr (GError) error = NULL;

  if (workflow == NULL || (once = air_workflow_write (workflow, NULL)) == NULL)
    return 0;
  again = air_workflow_load (once, strlen (once), "fuzz", &error);
  g_assert_no_error (error);
  twice = air_workflow_write (again, &error);
  g_assert_cmpstr (twice, ==, once);
  changes = air_workflow_diff (workflow, NULL, again, NULL);
  g_assert_cmpuint (changes->len, ==, 0);

  packs = g_ptr_array_new ();
  result = air_compile (again, packs, NULL);
  if (result == NULL)
    return 0;
  g_assert_true ((result->plan != NULL) == (result->n_errors == 0));
  session = air_compile_session_new (again, packs, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (air_compile_session_get_diagnostics (session)->len, ==, result->diagnostics->len);
  edit = air_command_new_set ("/title", air_value_new_string ("x"));
  g_assert_true (air_compile_session_apply (session, edit, &inverse, &error));
  g_assert_true (air_compile_session_apply (session, inverse, NULL, &error));
  g_clear_pointer (&twice, g_free);
  twice = air_workflow_write (air_compile_session_get_workflow (session), &error);
  g_assert_cmpstr (twice, ==, once);
  return 0;
}
