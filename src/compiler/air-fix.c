/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-fix.h"

#include "air-compile-session.h"

/* How often each finding is there. */
static GHashTable *
count_findings (GPtrArray *diagnostics)
{
  GHashTable *counts = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const AirDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, diagnostic->id));

      g_hash_table_insert (counts, (gpointer) diagnostic->id, GUINT_TO_POINTER (n + 1));
    }
  return counts;
}

static gboolean
is_better (GHashTable *before, GHashTable *after, const char *mended)
{
  GHashTableIter iter;
  gpointer id, n;

  if (g_hash_table_lookup (after, mended) >= g_hash_table_lookup (before, mended))
    return FALSE;
  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &id, &n))
    if (n > g_hash_table_lookup (before, id))
      return FALSE;
  return TRUE;
}

static AirDiagnostic *
describe (const AirDiagnostic *diagnostic)
{
  AirDiagnostic *copy = g_new0 (AirDiagnostic, 1);

  *copy = *diagnostic;
  copy->file = g_strdup (diagnostic->file);
  copy->pointer = g_strdup (diagnostic->pointer);
  copy->node = g_strdup (diagnostic->node);
  copy->message = g_strdup (diagnostic->message);
  copy->mend = g_strdup (diagnostic->mend);
  copy->fix = air_command_ref (diagnostic->fix);
  return copy;
}

/* Tries the fixes from @first on; the one that helped, or NULL. */
static AirDiagnostic *
apply_next (AirCompileSession *session, guint *first)
{
  g_autoptr (GPtrArray) found = g_ptr_array_ref (air_compile_session_get_diagnostics (session));
  g_autoptr (GHashTable) before = count_findings (found);

  for (guint i = *first; i < found->len; i++)
    {
      const AirDiagnostic *diagnostic = g_ptr_array_index (found, i);
      g_autoptr (AirCommand) inverse = NULL;
      g_autoptr (GHashTable) after = NULL;

      if (diagnostic->fix == NULL || !air_compile_session_apply (session, diagnostic->fix, &inverse, NULL))
        continue;
      after = count_findings (air_compile_session_get_diagnostics (session));
      *first = i;
      if (is_better (before, after, diagnostic->id))
        return describe (diagnostic);
      /* Taken back, the workflow is as it was, and so is what is found in it. */
      if (!air_compile_session_apply (session, inverse, NULL, NULL))
        g_assert_not_reached ();
    }
  return NULL;
}

/**
 * air_workflow_fix:
 * @workflow: what is mended; not changed
 * @packs: (element-type AirPack): as for air_compile()
 * @ret_applied: (out) (optional) (transfer full) (element-type AirDiagnostic): what was mended, in order
 * @error: return location
 *
 * Applies every fix that takes its finding away and brings no other, one after the other.
 *
 * Returns: (transfer full): the workflow after it, @workflow itself where nothing could be mended; or %NULL with
 *   %AIR_MODEL_ERROR_REFERENCE when a pack is missing
 */
AirWorkflow *
air_workflow_fix (AirWorkflow *workflow, GPtrArray *packs, GPtrArray **ret_applied, GError **error)
{
  g_autoptr (AirCompileSession) session = air_compile_session_new (workflow, packs, error);
  g_autoptr (GPtrArray) applied = g_ptr_array_new_with_free_func ((GDestroyNotify) air_diagnostic_free);
  guint first = 0;
  AirDiagnostic *mended;

  if (session == NULL)
    return NULL;
  while ((mended = apply_next (session, &first)) != NULL)
    g_ptr_array_add (applied, mended);
  if (ret_applied != NULL)
    *ret_applied = g_steal_pointer (&applied);
  return air_workflow_ref (air_compile_session_get_workflow (session));
}
