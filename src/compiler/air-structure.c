/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* What the engine takes (air-plan-region.c). */
#define MAX_NESTING 24

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
          from->kind == AIR_WORKFLOW_NODE_CALL || from->kind == AIR_WORKFLOW_NODE_WORKFLOW
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
    {
      guint n;
      const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, edge->from, &n);

      for (guint i = 0; i < n && edges[i] != edge; i++)
        if (g_str_equal (edges[i]->port, edge->port))
          {
            air_compilation_report (self, "AIR104", self->document, edge->pointer, from, "remove one of them",
                                    "edges '%s' and '%s' both leave '%s' by '%s'", edges[i]->id, edge->id, from->id,
                                    edge->port);
            break;
          }
    }
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
  facts->policy = air_compile_cache_get_policy (self->cache, facts->policy_document, &error);
  if (facts->policy != NULL)
    air_policy_ref (facts->policy);
  else
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

      if (node->kind == AIR_WORKFLOW_NODE_BRANCH)
        check_cases (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_CALL)
        resolve_call (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_WORKFLOW)
        air_compile_resolve_workflow (self, node);
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
can_fail (const AirWorkflowNode *node)
{
  return node->kind == AIR_WORKFLOW_NODE_CALL || node->kind == AIR_WORKFLOW_NODE_WORKFLOW;
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

/* The first end a run that failed may go to from @node without leaving what surrounds it. */
static const AirWorkflowNode *
find_failed_end (AirCompilation *self, const AirWorkflowNode *node)
{
  const AirRegions *regions = air_flow_get_regions (self->flow);
  guint fork = air_regions_get_fork (regions, node->index);

  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *end = air_workflow_get_node (self->workflow, i);

      if (end->kind == AIR_WORKFLOW_NODE_END && air_flow_is_reachable (self->flow, i)
          && air_regions_get_fork (regions, i) == fork
          && g_strcmp0 (air_map_get_string (end->value, "outcome"), "failed") == 0)
        return end;
    }
  return NULL;
}

/* Lets @port lead where runs that fail end, or where @like leads. */
static void
offer_edge (AirCompilation *self,
            AirDiagnostic *diagnostic,
            const AirWorkflowNode *node,
            const char *port,
            const char *like)
{
  const AirWorkflowEdge *edge = like != NULL ? air_workflow_find_edge (self->workflow, node->index, like) : NULL;
  const AirWorkflowNode *end =
      edge != NULL ? air_workflow_get_node (self->workflow, edge->to) : find_failed_end (self, node);

  if (end != NULL)
    diagnostic->fix = air_command_new_connect (self->workflow, node->id, port, end->id, NULL);
}

static void
check_ports (AirCompilation *self, const AirWorkflowNode *node)
{
  g_auto (GStrv) ports = air_workflow_node_dup_ports (self->workflow, node);
  const char *otherwise = air_map_get_string (node->value, "default");
  AirDiagnostic *diagnostic;

  if (node->kind == AIR_WORKFLOW_NODE_BRANCH && (otherwise == NULL || !is_wired (self, node, otherwise)))
    air_compilation_report (self, "AIR010", self->document, node->pointer, node,
                            otherwise == NULL ? "add \"default\" and an edge that leaves by it"
                                              : "add an edge that leaves by the default",
                            "branch '%s' does not say where it goes when no case holds", node->id);
  if (can_fail (node) && !has_error_path (self, node))
    {
      diagnostic = air_compilation_report (self, "AIR004", self->document, node->pointer, node,
                                           "add an edge that leaves by \"error\"",
                                           "'%s' has no way on when it finally fails", node->id);
      offer_edge (self, diagnostic, node, "error", NULL);
    }
  if (node->kind == AIR_WORKFLOW_NODE_GATE && !is_wired (self, node, "expired"))
    {
      diagnostic = air_compilation_report (self, "AIR008", self->document, node->pointer, node,
                                           "add an edge that leaves by \"expired\"",
                                           "gate '%s' has no way on when nobody decides in time", node->id);
      offer_edge (self, diagnostic, node, "expired", "denied");
    }

  for (guint i = 0; ports[i] != NULL; i++)
    {
      /* These three have a lint of their own. */
      if (is_wired (self, node, ports[i]) || g_strcmp0 (ports[i], otherwise) == 0
          || (can_fail (node) && g_str_equal (ports[i], "error"))
          || (node->kind == AIR_WORKFLOW_NODE_GATE && g_str_equal (ports[i], "expired")))
        continue;
      air_compilation_report (self, "AIR102", self->document, node->pointer, node, "add an edge that leaves by it",
                              "port '%s' of '%s' leads nowhere", ports[i], node->id);
    }
}

static void
report_border_cb (AirBorderFault fault,
                  const AirWorkflowNode *node,
                  guint fork,
                  const AirWorkflowEdge *edge,
                  gpointer user_data)
{
  AirCompilation *self = user_data;
  const AirWorkflowNode *around = fork != AIR_NO_REGION ? air_workflow_get_node (self->workflow, fork) : NULL;
  const char *kind = air_workflow_node_kind_to_string (node->kind);
  g_autofree char *pointer = g_strdup_printf ("%s/of", node->pointer);
  g_autofree char *mend = NULL;

  switch (fault)
    {
    case AIR_BORDER_NO_JOIN:
      mend = g_strdup_printf ("add a node of kind \"join\" with \"of\": \"%s\" and lead its ways there", node->id);
      air_compilation_report (self, "AIR113", self->document, node->pointer, node, mend, "no join ends the %s '%s'",
                              kind, node->id);
      break;
    case AIR_BORDER_NO_FORK:
      air_compilation_report (self, "AIR113", self->document, pointer, node, "name a parallel or a for_each",
                              "'%s' joins '%s', which does not fork", node->id, air_map_get_string (node->value, "of"));
      break;
    case AIR_BORDER_TWO_JOINS:
      air_compilation_report (self, "AIR113", self->document, pointer, node, "keep one of them",
                              "'%s' is a second join of '%s'", node->id, around->id);
      break;
    case AIR_BORDER_NEVER_JOINS:
      air_compilation_report (self, "AIR113", self->document, node->pointer, node, "lead its ways to its join",
                              "no way of the %s '%s' leads to its join", kind, node->id);
      break;
    case AIR_BORDER_CROSSED:
      mend = g_strdup_printf ("lead it to a step between '%s' and its join, or to that join", around->id);
      air_compilation_report (self, "AIR114", self->document, edge->pointer, node, mend,
                              "edge '%s' leads to '%s' across the border of the %s '%s'", edge->id, node->id,
                              air_workflow_node_kind_to_string (around->kind), around->id);
      break;
    case AIR_BORDER_ENDED:
      air_compilation_report (self, "AIR115", self->document, node->pointer, node,
                              "lead its edges to the join, or give it the outcome \"failed\"",
                              "'%s' ends the run as completed while the %s '%s' is still at work", node->id,
                              air_workflow_node_kind_to_string (around->kind), around->id);
      break;
    }
}

/* The engine takes no more: said once, where one opens that is too many. */
static void
check_nesting (AirCompilation *self, const AirWorkflowNode *node)
{
  const AirRegions *regions = air_flow_get_regions (self->flow);
  gboolean opens = node->kind == AIR_WORKFLOW_NODE_WORKFLOW
                   || ((node->kind == AIR_WORKFLOW_NODE_PARALLEL || node->kind == AIR_WORKFLOW_NODE_FOR_EACH)
                       && !air_regions_is_empty (regions, node->index));

  if (opens && self->nesting + air_regions_get_depth (regions, node->index) == MAX_NESTING)
    air_compilation_report (self, "AIR123", self->document, node->pointer, node,
                            "do some of it one after the other, or let the inner part run by itself",
                            "the %s '%s' lies in %d forks and workflows that are steps, and opens one more",
                            air_workflow_node_kind_to_string (node->kind), node->id, MAX_NESTING);
}

/* Joins match forks, and nothing crosses a border. */
static void
check_regions (AirCompilation *self)
{
  const AirRegions *regions = air_flow_get_regions (self->flow);

  air_regions_foreach_fault (regions, report_border_cb, self);
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      const AirWorkflowNode *fork =
          node->kind == AIR_WORKFLOW_NODE_JOIN
              ? air_workflow_find_node (self->workflow, air_map_get_string (node->value, "of"))
              : NULL;
      AirValue *guards = node->kind == AIR_WORKFLOW_NODE_GATE ? air_map_get_list (node->value, "guards") : NULL;

      check_nesting (self, node);
      if (fork != NULL && fork->kind == AIR_WORKFLOW_NODE_PARALLEL && air_map_get (node->value, "collect") != NULL)
        {
          g_autofree char *pointer = g_strdup_printf ("%s/collect", node->pointer);

          air_compilation_report (self, "AIR116", self->document, pointer, node,
                                  "take it out; what the ways found is in their steps",
                                  "'%s' collects, but it joins the parallel '%s'", node->id, fork->id);
        }
      for (gsize k = 0; guards != NULL && k < air_list_get_size (guards); k++)
        {
          const AirWorkflowNode *guarded =
              air_workflow_find_node (self->workflow, air_map_get_string (air_list_get (guards, k), "node"));
          g_autofree char *pointer = g_strdup_printf ("%s/guards/%" G_GSIZE_FORMAT, node->pointer, k);

          /* People see the very inputs they let pass: those of a loop are not known outside of it. */
          if (air_regions_get_loop (regions, guarded->index) != air_regions_get_loop (regions, i))
            air_compilation_report (self, "AIR110", self->document, pointer, node,
                                    "put gate and call into the same loop, or both outside of any",
                                    "gate '%s' guards '%s', but one of them is inside a for_each and the other is not "
                                    "in the same",
                                    node->id, guarded->id);
        }
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
                                    node->id)
                ->fix = air_command_new_remove_node (self->workflow, node->id);
          continue;
        }
      check_ports (self, node);
      if (air_flow_leads_to (self->flow, i, i))
        air_compilation_report (self, "AIR105", self->document, node->pointer, node,
                                "end the way instead; retries are a call's \"retry\"",
                                "a way leads from '%s' back to itself", node->id);
    }
  check_regions (self);
}
