/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "compiler/air-compile-session.h"
#include "fuzz.h"
#include "model/air-command.h"
#include "model/air-workflow-diff.h"

static const char step_text[] =
    "{\"$schema\":\"airails:workflow/1\",\"id\":\"step\",\"version\":\"1.0.0\",\"title\":\"Step\",\"owner\":{\"name\":"
    "\"A\",\"uri\":\"airails://a/"
    "b\"},\"packs\":{},\"nodes\":[{\"id\":\"start\",\"kind\":\"trigger\",\"trigger\":{\"type\":"
    "\"webhook\",\"event_type\":\"a.b\",\"dedup\":\"event.id\",\"input\":{\"type\":\"object\",\"required\":[\"n\"],"
    "\"properties\":{\"n\":{\"type\":\"integer\"},\"t\":{\"type\":\"string\"}}}}},{\"id\":\"odd\",\"kind\":\"branch\","
    "\"cases\":"
    "[{\"id\":\"yes\",\"when\":\"trigger.n % 2 == 1\"}],\"default\":\"no\"},{\"id\":\"a\",\"kind\":\"end\",\"outcome\":"
    "\"completed\",\"output\":{\"n\":\"${trigger.n}\"}},{\"id\":\"b\",\"kind\":\"end\",\"outcome\":\"failed\"}],"
    "\"edges\":[{\"id\":"
    "\"e1\",\"from\":\"start\",\"to\":\"odd\"},{\"id\":\"e2\",\"from\":\"odd\",\"port\":\"yes\",\"to\":\"a\"},{\"id\":"
    "\"e3\","
    "\"from\":\"odd\",\"port\":\"no\",\"to\":\"b\"}]}";

/* What is read as a workflow is written and read again as itself; it compiles to findings or a plan (its packs are
 * not there, so it may name none; beside it lie a small workflow and it itself, which may be steps of it), one session
 * finds what one compile finds; nothing differs from itself; and what a changed title undone leaves is what was. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (AirWorkflow) workflow = air_workflow_load ((const char *) data, size, "fuzz", NULL), again = NULL;
  g_autoptr (GPtrArray) packs = NULL, changes = NULL, beside = NULL;
  g_autoptr (AirDocument) step = NULL;
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

  packs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  step = air_document_load (AIR_DOCUMENT_WORKFLOW, step_text, strlen (step_text), "step", &error);
  g_assert_no_error (error);
  beside = g_ptr_array_new ();
  g_ptr_array_add (beside, step);
  g_ptr_array_add (beside, air_workflow_get_document (again));
  g_ptr_array_add (packs, air_pack_new_beside (beside));
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
