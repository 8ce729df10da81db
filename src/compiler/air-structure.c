/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

static const char *const error_classes[] = { "retry",     "unknown",  "conflict", "auth",
                                             "not_found", "rejected", "fatal",    NULL };

static void
find_trigger (AirCompilation *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);

      if (node->kind != AIR_WORKFLOW_NODE_TRIGGER)
        continue;
      if (self->start == NULL)
        self->start = node;
      else
        air_compilation_report (self, "AIR101", self->document, node->pointer, node,
                                "keep one trigger; make a second workflow for the other",
                                "'%s' is a second trigger beside '%s'", node->id, self->start->id);
    }
  if (self->start == NULL)
    air_compilation_report (self, "AIR101", self->document, "/nodes", NULL, "add a node of kind \"trigger\"",
                            "nothing starts this workflow");
}

static void
check_edge (AirCompilation *self, const AirWorkflowEdge *edge)
{
  const AirWorkflowNode *from = air_workflow_get_node (self->workflow, edge->from);
  const AirWorkflowNode *to = air_workflow_get_node (self->workflow, edge->to);
  g_auto (GStrv) ports = air_workflow_node_dup_ports (self->workflow, from);
  g_autofree char *pointer = g_strdup_printf ("%s/port", edge->pointer);
  gboolean known = g_strv_contains ((const char *const *) ports, edge->port);

  if (known && g_str_has_prefix (edge->port, "error:"))
    known = g_strv_contains (error_classes, edge->port + strlen ("error:"));
  if (!known)
    {
      g_autofree char *list = g_strjoinv (", ", ports);
      g_autofree char *mend =
          from->kind == AIR_WORKFLOW_NODE_CALL
              ? g_strdup ("use ok, error or error:<class> with a class of retry, unknown, conflict, auth, not_found, "
                          "rejected, fatal")
          : *list == '\0' ? g_strdup ("remove the edge")
                          : g_strdup_printf ("use one of: %s", list);

      air_compilation_report (self, "AIR103", self->document, pointer, from, mend, "%s '%s' has no port '%s'",
                              air_workflow_node_kind_to_string (from->kind), from->id, edge->port);
    }
  if (to->kind == AIR_WORKFLOW_NODE_TRIGGER)
    air_compilation_report (self, "AIR109", self->document, edge->pointer, to, "lead it elsewhere",
                            "edge '%s' leads into the trigger '%s'", edge->id, to->id);
  if (from->kind != AIR_WORKFLOW_NODE_PARALLEL)
    for (guint i = 0; i < edge->index; i++)
      {
        const AirWorkflowEdge *other = air_workflow_get_edge (self->workflow, i);

        if (other->from == edge->from && g_str_equal (other->port, edge->port))
          {
            air_compilation_report (self, "AIR104", self->document, edge->pointer, from, "remove one of them",
                                    "edges '%s' and '%s' both leave '%s' by '%s'", other->id, edge->id, from->id,
                                    edge->port);
            break;
          }
      }
}

static void
check_kind (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autofree char *pointer = g_strdup_printf ("%s/kind", node->pointer);

  if (node->kind == AIR_WORKFLOW_NODE_PARALLEL || node->kind == AIR_WORKFLOW_NODE_JOIN)
    air_compilation_report (self, "AIR106", self->document, pointer, node, "do the steps one after the other",
                            "'%s' is of kind '%s', which the engine does not run yet", node->id,
                            air_workflow_node_kind_to_string (node->kind));
}

static void
check_cases (AirCompilation *self, const AirWorkflowNode *node)
{
  g_auto (GStrv) ports = air_workflow_node_dup_ports (self->workflow, node);

  for (guint i = 0; ports[i] != NULL; i++)
    for (guint k = 0; k < i; k++)
      if (g_str_equal (ports[i], ports[k]))
        {
          air_compilation_report (self, "AIR112", self->document, node->pointer, node, "rename one",
                                  "branch '%s' has two ways out called '%s'", node->id, ports[i]);
          return;
        }
}

static void
resolve_call (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  AirValue *compensate = air_map_get_map (node->value, "compensate");
  const char *operation = air_map_get_string (node->value, "operation");
  const char *undo = air_map_get_string (compensate, "operation");

  facts->operation = air_compilation_find_operation (self, operation, &facts->connector);
  if (facts->operation == NULL)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/operation", node->pointer);

      air_compilation_report (self, "AIR107", self->document, pointer, node,
                              "name an operation of these packs, or add its pack to \"packs\"",
                              "'%s' calls '%s', which no pack of this workflow has", node->id, operation);
    }
  if (undo == NULL)
    return;
  facts->compensation = air_compilation_find_operation (self, undo, NULL);
  if (facts->compensation == NULL)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/compensate/operation", node->pointer);

      air_compilation_report (self, "AIR107", self->document, pointer, node,
                              "name an operation of these packs, or add its pack to \"packs\"",
                              "'%s' is undone by '%s', which no pack of this workflow has", node->id, undo);
    }
}

static void
resolve_policy (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  const char *id = air_map_get_string (node->value, "policy");
  AirPolicyKind wanted = node->kind == AIR_WORKFLOW_NODE_GATE ? AIR_POLICY_GATE : AIR_POLICY_TABLE;
  g_autofree char *pointer = g_strdup_printf ("%s/policy", node->pointer);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->packs->len && facts->policy_document == NULL; i++)
    facts->policy_document = air_pack_get_policy (g_ptr_array_index (self->packs, i), id);
  if (facts->policy_document == NULL)
    {
      air_compilation_report (self, "AIR108", self->document, pointer, node,
                              "name a policy of these packs, or add its pack to \"packs\"",
                              "'%s' decides by '%s', which no pack of this workflow has", node->id, id);
      return;
    }
  facts->policy = air_policy_load (air_document_get_value (facts->policy_document), &error);
  if (facts->policy == NULL)
    {
      air_compilation_report (self, "AIR111", facts->policy_document, "", node, "mend the policy document", "%s",
                              error->message);
      return;
    }
  if (air_policy_get_kind (facts->policy) != wanted)
    {
      air_compilation_report (
          self, "AIR108", self->document, pointer, node,
          wanted == AIR_POLICY_GATE ? "name a policy of kind \"gate\"" : "name a policy of kind \"table\"",
          "'%s' is a %s and cannot be decided by '%s'", node->id, air_workflow_node_kind_to_string (node->kind), id);
      g_clear_pointer (&facts->policy, air_policy_unref);
      return;
    }
  facts->output = air_cel_type_ref (air_policy_get_output_type (facts->policy));
}

/* Everything that can be said without a way through the graph. */
void
air_compile_structure (AirCompilation *self)
{
  find_trigger (self);
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);

      check_kind (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_BRANCH)
        check_cases (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_CALL)
        resolve_call (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_DECIDE || node->kind == AIR_WORKFLOW_NODE_GATE)
        resolve_policy (self, node);
    }
  for (guint i = 0; i < air_workflow_get_n_edges (self->workflow); i++)
    check_edge (self, air_workflow_get_edge (self->workflow, i));
}

static gboolean
is_wired (AirCompilation *self, const AirWorkflowNode *node, const char *port)
{
  return air_workflow_find_edge (self->workflow, node->index, port) != NULL;
}

static gboolean
has_error_path (AirCompilation *self, const AirWorkflowNode *node)
{
  if (is_wired (self, node, "error"))
    return TRUE;
  for (gsize i = 0; error_classes[i] != NULL; i++)
    {
      g_autofree char *port = g_strconcat ("error:", error_classes[i], NULL);

      if (!is_wired (self, node, port))
        return FALSE;
    }
  return TRUE;
}

static void
check_ports (AirCompilation *self, const AirWorkflowNode *node)
{
  g_auto (GStrv) ports = air_workflow_node_dup_ports (self->workflow, node);
  const char *otherwise = air_map_get_string (node->value, "default");

  if (node->kind == AIR_WORKFLOW_NODE_BRANCH && (otherwise == NULL || !is_wired (self, node, otherwise)))
    air_compilation_report (self, "AIR010", self->document, node->pointer, node,
                            otherwise == NULL ? "add \"default\" and an edge that leaves by it"
                                              : "add an edge that leaves by the default",
                            "branch '%s' does not say where it goes when no case holds", node->id);
  if (node->kind == AIR_WORKFLOW_NODE_CALL && !has_error_path (self, node))
    air_compilation_report (self, "AIR004", self->document, node->pointer, node, "add an edge that leaves by \"error\"",
                            "'%s' has no way on when it finally fails", node->id);
  if (node->kind == AIR_WORKFLOW_NODE_GATE && !is_wired (self, node, "expired"))
    air_compilation_report (self, "AIR008", self->document, node->pointer, node,
                            "add an edge that leaves by \"expired\"",
                            "gate '%s' has no way on when nobody decides in time", node->id);

  for (guint i = 0; ports[i] != NULL; i++)
    {
      /* These three have a lint of their own. */
      if (is_wired (self, node, ports[i]) || g_strcmp0 (ports[i], otherwise) == 0
          || (node->kind == AIR_WORKFLOW_NODE_CALL && g_str_equal (ports[i], "error"))
          || (node->kind == AIR_WORKFLOW_NODE_GATE && g_str_equal (ports[i], "expired")))
        continue;
      air_compilation_report (self, "AIR102", self->document, node->pointer, node, "add an edge that leaves by it",
                              "port '%s' of '%s' leads nowhere", ports[i], node->id);
    }
}

/* What depends on where edges lead. */
void
air_compile_ports (AirCompilation *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);

      if (!air_flow_is_reachable (self->flow, i))
        {
          if (node->kind != AIR_WORKFLOW_NODE_TRIGGER)
            air_compilation_report (self, "AIR009", self->document, node->pointer, node,
                                    "lead an edge to it, or remove it", "no way leads from the trigger to '%s'",
                                    node->id);
          continue;
        }
      check_ports (self, node);
      if (air_flow_leads_to (self->flow, i, i))
        air_compilation_report (self, "AIR105", self->document, node->pointer, node,
                                "end the way instead; retries are a call's \"retry\"",
                                "a way leads from '%s' back to itself", node->id);
    }
}
