/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

static AirCompilation *
compilation_new (AirWorkflow *workflow)
{
  AirCompilation *self = g_new0 (AirCompilation, 1);

  self->workflow = air_workflow_ref (workflow);
  self->document = air_workflow_get_document (workflow);
  self->packs = g_ptr_array_new ();
  self->facts = g_new0 (AirNodeFacts, air_workflow_get_n_nodes (workflow));
  self->diagnostics = g_ptr_array_new_with_free_func ((GDestroyNotify) air_diagnostic_free);
  self->inner_gates = g_ptr_array_new ();
  self->guarding = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  return self;
}

void
air_compilation_free (AirCompilation *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      AirNodeFacts *facts = &self->facts[i];

      g_clear_pointer (&facts->policy, air_policy_unref);
      g_clear_pointer (&facts->more_policies, g_ptr_array_unref);
      g_clear_pointer (&facts->output, air_cel_type_unref);
      g_clear_pointer (&facts->with, air_template_unref);
      g_clear_pointer (&facts->undo, air_template_unref);
      g_clear_pointer (&facts->item, air_cel_type_unref);
      g_clear_pointer (&facts->inner, air_compilation_free);
      g_clear_pointer (&facts->file, g_free);
      g_clear_error (&facts->error);
    }
  g_clear_pointer (&self->given, g_ptr_array_unref);
  g_clear_pointer (&self->file, g_free);
  g_free (self->facts);
  g_clear_pointer (&self->flow, air_flow_free);
  g_clear_pointer (&self->trigger, air_cel_type_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
  g_clear_pointer (&self->inner_gates, g_ptr_array_unref);
  g_clear_pointer (&self->guarding, g_hash_table_unref);
  if (self->owns_cache)
    air_compile_cache_free (self->cache);
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_free (self);
}

static const AirDiagnosticKind *
find_kind (const char *id)
{
  gsize n;
  const AirDiagnosticKind *kinds = air_diagnostic_get_kinds (&n);

  for (gsize i = 0; i < n; i++)
    if (g_str_equal (kinds[i].id, id))
      return &kinds[i];
  g_assert_not_reached ();
}

AirDiagnostic *
air_compilation_report (AirCompilation *self,
                        const char *what,
                        const AirDocument *document,
                        const char *pointer,
                        const AirWorkflowNode *node,
                        const char *mend,
                        const char *format,
                        ...)
{
  const AirDiagnosticKind *kind = find_kind (what);
  AirDiagnostic *diagnostic = g_new0 (AirDiagnostic, 1);
  va_list arguments;

  diagnostic->id = kind->id;
  diagnostic->severity = kind->severity;
  diagnostic->file =
      g_strdup (document == self->document && self->file != NULL ? self->file : air_document_get_file_name (document));
  diagnostic->pointer = g_strdup (pointer);
  diagnostic->node = node != NULL ? g_strdup (node->id) : NULL;
  diagnostic->mend = g_strdup (mend);
  air_document_locate (document, pointer, &diagnostic->line, &diagnostic->column);
  va_start (arguments, format);
  diagnostic->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (self->diagnostics, diagnostic);
  return diagnostic;
}

static guint
count_errors (GPtrArray *diagnostics)
{
  guint n = 0;

  for (guint i = 0; i < diagnostics->len; i++)
    n += ((AirDiagnostic *) g_ptr_array_index (diagnostics, i))->severity == AIR_SEVERITY_ERROR;
  return n;
}

gboolean
air_compilation_has_errors (const AirCompilation *self)
{
  return count_errors (self->diagnostics) > 0;
}

AirDocument *
air_compilation_find_operation (AirCompilation *self, const char *id, AirDocument **ret_connector)
{
  for (guint i = 0; i < self->packs->len; i++)
    {
      const AirPack *pack = g_ptr_array_index (self->packs, i);
      AirDocument *operation = air_pack_get_operation (pack, id);

      if (operation == NULL)
        continue;
      if (ret_connector != NULL)
        *ret_connector =
            air_pack_get_connector (pack, air_map_get_string (air_document_get_value (operation), "connector"));
      return operation;
    }
  return NULL;
}

/* The packs the source names, in its versions. */
static gboolean
resolve_packs (AirCompilation *self, GPtrArray *packs, GError **error)
{
  AirValue *wanted = air_map_get_map (air_document_get_value (self->document), "packs");

  for (gsize i = 0; i < air_map_get_size (wanted); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (wanted, i), NULL);
      const char *version = air_value_get_string (air_map_get_value_at (wanted, i), NULL);
      g_autofree char *pointer = g_strconcat ("/packs/", id, NULL);
      const char *other = NULL;
      AirPack *found = NULL;

      for (guint k = 0; k < packs->len && found == NULL; k++)
        {
          AirPack *pack = g_ptr_array_index (packs, k);

          if (!g_str_equal (air_pack_get_id (pack), id))
            continue;
          other = air_pack_get_version (pack);
          if (g_str_equal (other, version))
            found = pack;
        }
      if (found == NULL)
        {
          if (other != NULL)
            air_document_set_error (
                self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                "the workflow wants pack '%s' %s, and %s is here; install that version or name this one", id, version,
                other);
          else
            air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                                    "there is no pack '%s'; install it, or give the folder where it is", id);
          return FALSE;
        }
      g_ptr_array_add (self->packs, found);
    }
  return TRUE;
}

static int
compare_diagnostics (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const AirDiagnostic *left = *(AirDiagnostic *const *) a;
  const AirDiagnostic *right = *(AirDiagnostic *const *) b;
  const char *source = user_data;
  int order = g_strcmp0 (left->file, right->file);

  if (order != 0) /* the workflow's own first, then what it uses */
    return g_str_equal (left->file, source) ? -1 : g_str_equal (right->file, source) ? 1 : order;
  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  if (left->column != right->column)
    return left->column < right->column ? -1 : 1;
  order = strcmp (left->id, right->id);
  return order != 0 ? order : strcmp (left->message, right->message);
}

AirCompilation *
air_compilation_new (AirWorkflow *workflow, GPtrArray *packs, AirCompileCache *cache, GError **error)
{
  g_autoptr (AirCompilation) self = compilation_new (workflow);

  self->given = g_ptr_array_ref (packs);
  self->owns_cache = cache == NULL;
  self->cache = cache != NULL ? cache : air_compile_cache_new ();
  return resolve_packs (self, packs, error) ? g_steal_pointer (&self) : NULL;
}

/* Which gates say they guard a node, and which gates a search has to find. */
static void
index_gates (AirCompilation *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *gate = air_workflow_get_node (self->workflow, i);
      AirValue *guards = gate->kind == AIR_WORKFLOW_NODE_GATE ? air_map_get_list (gate->value, "guards") : NULL;

      if (gate->kind == AIR_WORKFLOW_NODE_GATE
          && air_regions_get_fork (air_flow_get_regions (self->flow), i) != AIR_NO_REGION)
        g_ptr_array_add (self->inner_gates, (gpointer) gate);
      for (gsize k = 0; guards != NULL && k < air_list_get_size (guards); k++)
        {
          const char *id = air_map_get_string (air_list_get (guards, k), "node");
          GPtrArray *gates = g_hash_table_lookup (self->guarding, id);

          if (gates == NULL)
            {
              gates = g_ptr_array_new ();
              g_hash_table_insert (self->guarding, (gpointer) id, gates);
            }
          g_ptr_array_add (gates, (gpointer) gate);
        }
    }
}

void
air_compile_check_node (AirCompilation *self, const AirWorkflowNode *node)
{
  air_compile_types (self, node);
  air_compile_lints (self, node);
  air_compile_lint_data (self, node);
}

void
air_compilation_check (AirCompilation *self)
{
  air_compile_structure (self);
  if (self->start == NULL) /* without a beginning there is no way to follow */
    return;
  self->flow = air_flow_new (self->workflow, self->start->index);
  index_gates (self);
  air_compile_ports (self);
  air_compile_read_types (self);
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    if (self->units != NULL)
      air_units_check (self->units, self, air_workflow_get_node (self->workflow, i));
    else
      air_compile_check_node (self, air_workflow_get_node (self->workflow, i));
  air_compile_policies (self);
  air_compile_lint_operations (self);
  air_compile_lint_document (self);
  if (self->outer == NULL)
    air_compile_check_documents (self);
}

void
air_compilation_sort (AirCompilation *self)
{
  g_ptr_array_sort_with_data (self->diagnostics, compare_diagnostics,
                              (gpointer) air_document_get_file_name (self->document));
}

/**
 * air_compile:
 * @workflow: what to compile
 * @packs: (element-type AirPack): where operations and policies come from
 * @error: return location
 *
 * Checks a workflow whole and, when nothing is wrong, makes what goes into its artifact. A pure function: the same
 * source and packs give the same bytes.
 *
 * Returns: (transfer full): the result, whose diagnostics may hold errors; or %NULL with %AIR_MODEL_ERROR_REFERENCE
 *   when a pack the workflow names is missing or of another version, so that there is nothing to check against
 */
AirCompileResult *
air_compile (AirWorkflow *workflow, GPtrArray *packs, GError **error)
{
  g_autoptr (AirCompilation) self = NULL;
  g_autoptr (AirCompileResult) result = NULL;

  g_return_val_if_fail (workflow != NULL && packs != NULL, NULL);

  self = air_compilation_new (workflow, packs, NULL, error);
  if (self == NULL)
    return NULL;
  air_compilation_check (self);
  air_compilation_sort (self);

  result = g_new0 (AirCompileResult, 1);
  result->diagnostics = g_ptr_array_ref (self->diagnostics);
  result->n_errors = count_errors (self->diagnostics);
  result->workflow = air_workflow_ref (workflow);
  if (result->n_errors > 0)
    return g_steal_pointer (&result);

  result->source = air_workflow_write (workflow, error);
  result->lock = air_compile_build_lock (self, error);
  if (result->source == NULL || result->lock == NULL)
    return NULL;
  result->plan = air_compile_build_plan (self);
  result->manifest = air_compile_build_manifest (self);
  result->policies = air_compile_build_policies (self);
  return g_steal_pointer (&result);
}

void
air_compile_result_free (AirCompileResult *self)
{
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->plan, air_value_unref);
  g_clear_pointer (&self->manifest, air_value_unref);
  g_clear_pointer (&self->lock, air_value_unref);
  g_clear_pointer (&self->policies, air_value_unref);
  g_free (self->source);
  g_free (self);
}

/**
 * air_compile_result_to_text:
 * @self: a result
 *
 * Returns: (transfer full): for a terminal: one diagnostic a paragraph and a closing line "N errors, N warnings"
 */
char *
air_compile_result_to_text (const AirCompileResult *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_warnings = self->diagnostics->len - self->n_errors;

  for (guint i = 0; i < self->diagnostics->len; i++)
    {
      g_autofree char *paragraph = air_diagnostic_to_text (g_ptr_array_index (self->diagnostics, i));

      g_string_append (text, paragraph);
    }
  g_string_append_printf (text, "%s %s: %u error%s, %u warning%s\n", air_workflow_get_id (self->workflow),
                          air_workflow_get_version (self->workflow), self->n_errors, self->n_errors == 1 ? "" : "s",
                          n_warnings, n_warnings == 1 ? "" : "s");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * air_compile_result_to_value:
 * @self: a result
 *
 * Returns: (transfer full): {"workflow", "version", "errors", "warnings", "diagnostics": [...]}
 */
AirValue *
air_compile_result_to_value (const AirCompileResult *self)
{
  AirValue *value = air_map_new ();
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->diagnostics->len; i++)
    air_list_append (list, air_diagnostic_to_value (g_ptr_array_index (self->diagnostics, i)));
  air_map_set_string (value, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (value, "version", air_workflow_get_version (self->workflow));
  air_map_set_int (value, "errors", self->n_errors);
  air_map_set_int (value, "warnings", self->diagnostics->len - self->n_errors);
  air_map_set (value, "diagnostics", list);
  return value;
}
