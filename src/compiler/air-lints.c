/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

/* The lints about what calls do to the world: AIR001, 002, 003 and 005. */

/* Of several the one that shows this call to the people who decide; else the nearest. */
const AirWorkflowNode *
air_compile_find_gate (AirCompilation *self, const AirWorkflowNode *node)
{
  GPtrArray *guarding = g_hash_table_lookup (self->guarding, node->id);
  guint nearest;

  for (guint i = 0; guarding != NULL && i < guarding->len; i++)
    {
      const AirWorkflowNode *gate = g_ptr_array_index (guarding, i);

      if (air_flow_passes_port (self->flow, gate->index, "approved", node->index))
        return gate;
    }
  nearest = air_flow_find_gate (self->flow, node->index);
  if (nearest != AIR_NO_REGION)
    return air_workflow_get_node (self->workflow, nearest);
  for (guint i = 0; i < self->inner_gates->len; i++)
    {
      const AirWorkflowNode *gate = g_ptr_array_index (self->inner_gates, i);

      if (air_flow_passes_port (self->flow, gate->index, "approved", node->index))
        return gate;
    }
  return NULL;
}

gboolean
air_compile_gate_guards (const AirWorkflowNode *gate, const AirWorkflowNode *node)
{
  AirValue *guards = air_map_get_list (gate->value, "guards");

  for (gsize i = 0; guards != NULL && i < air_list_get_size (guards); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (guards, i), "node"), node->id) == 0)
      return TRUE;
  return FALSE;
}

static AirValue *
get_policy (const AirDocument *operation)
{
  return air_map_get_map (air_document_get_value (operation), "policy");
}

gboolean
air_operation_is_write (const AirDocument *operation)
{
  return g_strcmp0 (air_map_get_string (get_policy (operation), "effect"), "write") == 0;
}

gboolean
air_operation_pays_out (const AirDocument *operation)
{
  AirValue *money = air_map_get_map (get_policy (operation), "money");

  return g_strcmp0 (air_map_get_string (money, "direction"), "out") == 0;
}

gboolean
air_operation_is_irreversible (const AirDocument *operation)
{
  return air_operation_is_write (operation)
         && g_strcmp0 (air_map_get_string (get_policy (operation), "reversibility"), "irreversible") == 0;
}

gboolean
air_operation_is_repeatable (const AirDocument *operation)
{
  AirValue *value = air_document_get_value (operation);
  const char *kind = air_map_get_string (air_map_get_map (value, "idempotency"), "kind");

  return !air_operation_is_write (operation) || g_strcmp0 (kind, "none") != 0
         || air_map_get_map (value, "reconcile") != NULL;
}

/* A gate some ways to @node pass and others do not. */
static const AirWorkflowNode *
find_bypassed (AirCompilation *self, const AirWorkflowNode *node)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *gate = air_workflow_get_node (self->workflow, i);

      if (gate->kind == AIR_WORKFLOW_NODE_GATE && air_flow_is_reachable (self->flow, i)
          && air_flow_port_leads_to (self->flow, i, "approved", FALSE, node->index))
        return gate;
    }
  return NULL;
}

static void
require_gate (AirCompilation *self,
              const AirWorkflowNode *node,
              const AirDocument *operation,
              const char *lint,
              const char *what)
{
  const AirWorkflowNode *gate = air_compile_find_gate (self, node);
  g_autofree char *mend = NULL;

  if (gate == NULL && find_bypassed (self, node) != NULL)
    {
      const AirWorkflowNode *bypassed = find_bypassed (self, node);

      mend = g_strdup_printf ("lead every way to '%s' through the approved port of '%s'", node->id, bypassed->id);
      air_compilation_report (self, lint, self->document, node->pointer, node, mend,
                              "'%s' (%s) %s and a way leads there around gate '%s'", node->id,
                              air_document_get_id (operation), what, bypassed->id);
    }
  else if (gate == NULL)
    {
      mend =
          g_strdup_printf ("put a gate before it, lead its approved port here and list '%s' in its guards", node->id);
      air_compilation_report (self, lint, self->document, node->pointer, node, mend,
                              "'%s' (%s) %s and no gate stands before it", node->id, air_document_get_id (operation),
                              what);
    }
  else if (!air_compile_gate_guards (gate, node))
    {
      g_autofree char *guards = g_strdup_printf ("/nodes/%s/guards", gate->id);
      AirValue *guard = air_map_new ();
      AirDiagnostic *diagnostic;

      air_map_set_string (guard, "node", node->id);
      mend = g_strdup_printf ("add {\"node\": \"%s\"} to the guards of '%s'", node->id, gate->id);
      diagnostic = air_compilation_report (self, lint, self->document, node->pointer, node, mend,
                                           "'%s' (%s) %s and gate '%s' does not show it to those who decide", node->id,
                                           air_document_get_id (operation), what, gate->id);
      diagnostic->fix = air_command_new_insert (guards, G_MAXUINT, guard);
    }
}

static void
lint_gate (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  AirValue *policy = get_policy (operation);

  if (air_operation_pays_out (operation))
    require_gate (self, node, operation, "AIR001", "pays money out");
  else if (air_operation_is_write (operation)
           && g_strcmp0 (air_map_get_string (policy, "reversibility"), "irreversible") == 0
           && g_strcmp0 (air_map_get_string (policy, "risk"), "low") != 0)
    require_gate (self, node, operation, "AIR002", "cannot be undone");
}

/* The loader lets a write without a key through only where its policy accepts that it is tried once: its outcome stays
 * unknown when the answer is lost, and here somebody has to look. */
static void
lint_idempotency (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  AirValue *value = air_document_get_value (operation);
  const char *kind = air_map_get_string (air_map_get_map (value, "idempotency"), "kind");
  g_autofree char *pointer = g_strconcat (node->pointer, "/operation", NULL);

  if (!air_operation_is_write (operation) || air_map_get_map (value, "reconcile") != NULL
      || g_strcmp0 (kind, "none") != 0 || air_workflow_find_edge (self->workflow, node->index, "error:unknown") != NULL)
    return;
  air_compilation_report (
      self, "AIR003", self->document, pointer, node,
      "lead \"error:unknown\" to where somebody looks, or give the operation an idempotency key or a "
      "\"reconcile\" request",
      "'%s' writes by '%s', which can neither be repeated safely nor asked about", node->id,
      air_document_get_id (operation));
}

static void
lint_timeout (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autofree char *at = g_strdup_printf ("/nodes/%s/timeout_ms", node->id);
  AirDiagnostic *diagnostic;

  if (air_map_get (node->value, "timeout_ms") != NULL)
    return;
  diagnostic =
      air_compilation_report (self, "AIR005", self->document, node->pointer, node, "add \"timeout_ms\", say 10000",
                              "'%s' does not say how long an answer may take", node->id);
  diagnostic->fix = air_command_new_set (at, air_value_new_int (10000));
}

void
air_compile_lints (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];

  if (!air_flow_is_reachable (self->flow, node->index))
    return;
  air_compile_lint_flow (self, node);
  if (node->kind == AIR_WORKFLOW_NODE_GATE)
    air_compile_lint_gate (self, node);
  if (node->kind != AIR_WORKFLOW_NODE_CALL)
    return;
  lint_timeout (self, node);
  air_compile_lint_calls (self, node);
  if (facts->operation != NULL)
    {
      lint_gate (self, node, facts->operation);
      lint_idempotency (self, node, facts->operation);
    }
}
