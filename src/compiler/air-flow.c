/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-flow-private.h"

#include <string.h>

#include "air-dominators-private.h"

/* Most questions are answered by what every way goes through; the rest by a search,
 * whose answers are byte arrays, made when first asked for and kept. */
struct _AirFlow {
  AirWorkflow *workflow;
  guint start, n_nodes;
  GPtrArray **leaving; /* by node: AirWorkflowEdge, borrowed */
  guint8 *reachable;
  guint8 **after; /* by node: what can come after it */
  AirDominators *dominators;
  AirRegions *regions;
};

#define NOWHERE G_MAXUINT
/* Of regions in regions; deeper ones are taken for ways that may not be gone. */
#define MAX_NESTING 16

/* Marks what @from reaches, itself included, when @avoid is taken out or may not be left by @port. */
static void
search (AirFlow *self, guint from, guint avoid, const char *avoid_port, guint8 *seen)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));

  if (seen[from] || (from == avoid && avoid_port == NULL))
    return;
  seen[from] = 1;
  g_array_append_val (stack, from);
  while (stack->len > 0)
    {
      guint at = g_array_index (stack, guint, stack->len - 1);

      g_array_set_size (stack, stack->len - 1);
      for (guint i = 0; i < self->leaving[at]->len; i++)
        {
          const AirWorkflowEdge *edge = g_ptr_array_index (self->leaving[at], i);

          if (seen[edge->to] || (edge->to == avoid && avoid_port == NULL)
              || (at == avoid && avoid_port != NULL && g_str_equal (edge->port, avoid_port)))
            continue;
          seen[edge->to] = 1;
          g_array_append_val (stack, edge->to);
        }
    }
}

AirFlow *
air_flow_new (AirWorkflow *workflow, guint start)
{
  AirFlow *self = g_new0 (AirFlow, 1);

  self->workflow = air_workflow_ref (workflow);
  self->start = start;
  self->n_nodes = air_workflow_get_n_nodes (workflow);
  self->leaving = g_new0 (GPtrArray *, self->n_nodes);
  self->after = g_new0 (guint8 *, self->n_nodes);
  for (guint i = 0; i < self->n_nodes; i++)
    self->leaving[i] = g_ptr_array_new ();
  for (guint i = 0; i < air_workflow_get_n_edges (workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (workflow, i);

      g_ptr_array_add (self->leaving[edge->from], (gpointer) edge);
    }
  self->reachable = g_new0 (guint8, self->n_nodes);
  search (self, start, NOWHERE, NULL, self->reachable);
  self->dominators = air_dominators_new (workflow, start);
  self->regions = air_regions_new (workflow, self->leaving, self->reachable);
  return self;
}

void
air_flow_free (AirFlow *self)
{
  air_regions_free (self->regions);
  air_dominators_free (self->dominators);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_ptr_array_unref (self->leaving[i]);
      g_free (self->after[i]);
    }
  g_free (self->leaving);
  g_free (self->after);
  g_free (self->reachable);
  air_workflow_unref (self->workflow);
  g_free (self);
}

gboolean
air_flow_is_reachable (AirFlow *self, guint node)
{
  return self->reachable[node] != 0;
}

gboolean
air_flow_leads_to (AirFlow *self, guint from, guint to)
{
  if (from == to)
    return air_dominators_is_cyclic (self->dominators, from);
  if (air_dominators_hold (self->dominators, from, NULL, to))
    return TRUE;
  if (self->after[from] == NULL)
    {
      self->after[from] = g_new0 (guint8, self->n_nodes);
      for (guint i = 0; i < self->leaving[from]->len; i++)
        {
          const AirWorkflowEdge *edge = g_ptr_array_index (self->leaving[from], i);

          search (self, edge->to, NOWHERE, NULL, self->after[from]);
        }
    }
  return self->after[from][to] != 0;
}

gboolean
air_flow_port_leads_to (AirFlow *self, guint from, const char *port, gboolean family, guint to)
{
  gsize length = strlen (port);
  const char *only = air_dominators_find_port (self->dominators, from, to);

  /* Who goes but one way round goes by this port or not at all. */
  if (only != NULL && !air_dominators_is_cyclic (self->dominators, from))
    return g_str_equal (only, port) || (family && g_str_has_prefix (only, port) && only[length] == ':');
  for (guint i = 0; i < self->leaving[from]->len; i++)
    {
      const AirWorkflowEdge *edge = g_ptr_array_index (self->leaving[from], i);

      if (!g_str_equal (edge->port, port)
          && !(family && g_str_has_prefix (edge->port, port) && edge->port[length] == ':'))
        continue;
      if (edge->to == to || air_flow_leads_to (self, edge->to, to))
        return TRUE;
    }
  return FALSE;
}

/* Whether @from reaches @node when @through is taken out, or may not be left by @port. */
static gboolean
leads_around (AirFlow *self, guint from, guint through, const char *port, guint node)
{
  g_autofree guint8 *seen = NULL;

  if (from == self->start)
    return self->reachable[node] && !air_dominators_hold (self->dominators, through, port, node);
  seen = g_new0 (guint8, self->n_nodes);
  search (self, from, through, port, seen);
  return seen[node] != 0;
}

/* Each level of the recursion goes into a region or behind one: @depth ends it in a graph with faults. */
static gboolean
passes_between (AirFlow *self, guint from, guint through, const char *port, guint node, guint depth)
{
  if (from == through && port == NULL)
    return TRUE;
  if (!leads_around (self, from, through, port, node))
    return TRUE;
  if (depth == 0)
    return FALSE;
  for (guint fork = air_regions_get_fork (self->regions, through); fork != AIR_NO_REGION && depth > 0;
       fork = air_regions_get_fork (self->regions, fork), depth--)
    {
      guint join = air_regions_get_join (self->regions, fork);

      /* Only of a parallel: the body of a for_each need not run at all. */
      if (air_workflow_get_node (self->workflow, fork)->kind != AIR_WORKFLOW_NODE_PARALLEL || join == AIR_NO_REGION
          || fork == from || air_regions_holds (self->regions, fork, from)
          || (join != node && leads_around (self, from, join, NULL, node)))
        continue;
      for (guint i = 0; i < self->leaving[fork]->len; i++)
        {
          const AirWorkflowEdge *edge = g_ptr_array_index (self->leaving[fork], i);

          if (edge->to != join && passes_between (self, edge->to, through, port, join, depth - 1))
            return TRUE;
        }
    }
  return FALSE;
}

gboolean
air_flow_passes (AirFlow *self, guint through, guint node)
{
  if (through == node || !self->reachable[node])
    return FALSE;
  return passes_between (self, self->start, through, NULL, node, MAX_NESTING);
}

gboolean
air_flow_passes_port (AirFlow *self, guint through, const char *port, guint node)
{
  if (through == node || !self->reachable[node])
    return FALSE;
  return passes_between (self, self->start, through, port, node, MAX_NESTING);
}

const AirRegions *
air_flow_get_regions (AirFlow *self)
{
  return self->regions;
}

guint
air_flow_find_gate (AirFlow *self, guint node)
{
  return air_dominators_find_gate (self->dominators, node);
}
