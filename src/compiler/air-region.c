/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forks, their joins, and what lies between. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-region-private.h"

typedef struct {
  guint fork, join; /* join: AIR_NO_REGION when there is none */
  guint size;
  gboolean joins; /* a way leads to the join */
  guint8 *body;   /* by node */
} Region;

struct _AirRegions {
  AirWorkflow *workflow;
  GPtrArray **leaving;
  const guint8 *reachable;
  guint n_nodes;
  GArray *regions; /* Region */
  guint *of;       /* by node: index of its innermost region, or AIR_NO_REGION */
  guint *by_fork;  /* by node: index of the region it opens, or AIR_NO_REGION */
};

static gboolean
is_fork (const AirWorkflowNode *node)
{
  return node->kind == AIR_WORKFLOW_NODE_PARALLEL || node->kind == AIR_WORKFLOW_NODE_FOR_EACH;
}

static void
region_clear (gpointer data)
{
  g_free (((Region *) data)->body);
}

static guint
fork_of_join (const AirRegions *self, const AirWorkflowNode *join)
{
  const AirWorkflowNode *fork = air_workflow_find_node (self->workflow, air_map_get_string (join->value, "of"));

  return fork != NULL && is_fork (fork) ? fork->index : AIR_NO_REGION;
}

/* Everything the fork leads to before its join. A join is passed only when its own fork lies inside:
 * what lies behind a foreign one is not this region's. */
static void
walk (AirRegions *self, Region *region)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) doors = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, self->n_nodes);

  g_array_append_val (stack, region->fork);
  for (;;)
    {
      gboolean opened = FALSE;

      while (stack->len > 0)
        {
          guint at = g_array_index (stack, guint, stack->len - 1);

          g_array_set_size (stack, stack->len - 1);
          for (guint i = 0; i < self->leaving[at]->len; i++)
            {
              const AirWorkflowEdge *edge = g_ptr_array_index (self->leaving[at], i);
              const AirWorkflowNode *to = air_workflow_get_node (self->workflow, edge->to);

              if (to->index == region->join)
                region->joins = TRUE;
              if (to->index == region->join || to->index == region->fork || seen[to->index])
                continue;
              seen[to->index] = 1;
              if (to->kind == AIR_WORKFLOW_NODE_JOIN)
                g_array_append_val (doors, to->index);
              else
                {
                  region->body[to->index] = 1;
                  region->size++;
                  g_array_append_val (stack, to->index);
                }
            }
        }
      for (guint i = doors->len; i > 0; i--)
        {
          guint door = g_array_index (doors, guint, i - 1);
          guint fork = fork_of_join (self, air_workflow_get_node (self->workflow, door));

          if (fork == AIR_NO_REGION || !region->body[fork])
            continue;
          g_array_remove_index (doors, i - 1);
          region->body[door] = 1;
          region->size++;
          g_array_append_val (stack, door);
          opened = TRUE;
        }
      if (!opened)
        break;
    }
}

/* What comes after the join is not the region's, even where an edge leads there by the side. */
static void
cut (AirRegions *self, Region *region)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint8 *seen = g_new0 (guint8, self->n_nodes);

  g_array_append_val (stack, region->join);
  while (stack->len > 0)
    {
      guint at = g_array_index (stack, guint, stack->len - 1);

      g_array_set_size (stack, stack->len - 1);
      for (guint i = 0; i < self->leaving[at]->len; i++)
        {
          guint to = ((const AirWorkflowEdge *) g_ptr_array_index (self->leaving[at], i))->to;

          if (seen[to])
            continue;
          seen[to] = 1;
          region->size -= region->body[to];
          region->body[to] = 0;
          g_array_append_val (stack, to);
        }
    }
}

AirRegions *
air_regions_new (AirWorkflow *workflow, GPtrArray **leaving, const guint8 *reachable)
{
  AirRegions *self = g_new0 (AirRegions, 1);

  self->workflow = workflow;
  self->leaving = leaving;
  self->reachable = reachable;
  self->n_nodes = air_workflow_get_n_nodes (workflow);
  self->regions = g_array_new (FALSE, TRUE, sizeof (Region));
  g_array_set_clear_func (self->regions, region_clear);
  self->of = g_new (guint, self->n_nodes);
  self->by_fork = g_new (guint, self->n_nodes);
  for (guint i = 0; i < self->n_nodes; i++)
    self->of[i] = self->by_fork[i] = AIR_NO_REGION;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirWorkflowNode *fork = air_workflow_get_node (workflow, i);
      const AirWorkflowNode *join = is_fork (fork) ? air_workflow_find_join (workflow, fork) : NULL;
      Region region = { .fork = i, .join = join != NULL ? join->index : AIR_NO_REGION };

      if (!is_fork (fork))
        continue;
      region.body = g_new0 (guint8, self->n_nodes);
      if (join != NULL && reachable[i])
        {
          walk (self, &region);
          cut (self, &region);
        }
      self->by_fork[i] = self->regions->len;
      g_array_append_val (self->regions, region);
    }
  /* The smallest region around a node is the innermost. */
  for (guint r = 0; r < self->regions->len; r++)
    {
      const Region *region = &g_array_index (self->regions, Region, r);

      for (guint i = 0; i < self->n_nodes; i++)
        if (region->body[i]
            && (self->of[i] == AIR_NO_REGION || region->size < g_array_index (self->regions, Region, self->of[i]).size))
          self->of[i] = r;
    }
  return self;
}

void
air_regions_free (AirRegions *self)
{
  g_array_unref (self->regions);
  g_free (self->of);
  g_free (self->by_fork);
  g_free (self);
}

guint
air_regions_get_fork (const AirRegions *self, guint node)
{
  return self->of[node] != AIR_NO_REGION ? g_array_index (self->regions, Region, self->of[node]).fork : AIR_NO_REGION;
}

guint
air_regions_get_loop (const AirRegions *self, guint node)
{
  guint fork = air_regions_get_fork (self, node);

  /* A graph with faults may hold two regions inside each other: no more steps than there are regions. */
  for (guint left = self->regions->len; fork != AIR_NO_REGION && left > 0; left--)
    {
      if (air_workflow_get_node (self->workflow, fork)->kind == AIR_WORKFLOW_NODE_FOR_EACH)
        return fork;
      fork = air_regions_get_fork (self, fork);
    }
  return AIR_NO_REGION;
}

guint
air_regions_get_depth (const AirRegions *self, guint node)
{
  guint depth = 0;

  for (guint fork = air_regions_get_fork (self, node); fork != AIR_NO_REGION && depth < self->regions->len;
       fork = air_regions_get_fork (self, fork))
    depth++;
  return depth;
}

guint
air_regions_get_join (const AirRegions *self, guint fork)
{
  return self->by_fork[fork] != AIR_NO_REGION ? g_array_index (self->regions, Region, self->by_fork[fork]).join
                                              : AIR_NO_REGION;
}

gboolean
air_regions_holds (const AirRegions *self, guint fork, guint node)
{
  return self->by_fork[fork] != AIR_NO_REGION
         && g_array_index (self->regions, Region, self->by_fork[fork]).body[node] != 0;
}

gboolean
air_regions_is_empty (const AirRegions *self, guint fork)
{
  return self->by_fork[fork] == AIR_NO_REGION || g_array_index (self->regions, Region, self->by_fork[fork]).size == 0;
}

static void
check_joins (const AirRegions *self, AirBorderFunc func, gpointer user_data)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      guint fork;

      if (node->kind == AIR_WORKFLOW_NODE_JOIN)
        {
          fork = fork_of_join (self, node);
          if (fork == AIR_NO_REGION)
            func (AIR_BORDER_NO_FORK, node, AIR_NO_REGION, NULL, user_data);
          else if (air_regions_get_join (self, fork) != i)
            func (AIR_BORDER_TWO_JOINS, node, fork, NULL, user_data);
        }
      else if (is_fork (node) && self->reachable[i])
        {
          const Region *region = &g_array_index (self->regions, Region, self->by_fork[i]);

          if (region->join == AIR_NO_REGION)
            func (AIR_BORDER_NO_JOIN, node, AIR_NO_REGION, NULL, user_data);
          else if (!region->joins)
            func (AIR_BORDER_NEVER_JOINS, node, i, NULL, user_data);
        }
    }
}

/* An edge stays in its region, opens one at its fork, or closes one at its join. */
static void
check_edge (const AirRegions *self, const AirWorkflowEdge *edge, AirBorderFunc func, gpointer user_data)
{
  const AirWorkflowNode *from = air_workflow_get_node (self->workflow, edge->from);
  const AirWorkflowNode *to = air_workflow_get_node (self->workflow, edge->to);
  guint joined = to->kind == AIR_WORKFLOW_NODE_JOIN ? fork_of_join (self, to) : AIR_NO_REGION;
  guint inside = is_fork (from) ? from->index : air_regions_get_fork (self, from->index);

  if (to->kind == AIR_WORKFLOW_NODE_JOIN)
    {
      if (joined != AIR_NO_REGION && joined != inside)
        func (AIR_BORDER_CROSSED, to, inside != AIR_NO_REGION ? inside : joined, edge, user_data);
      return;
    }
  if (air_regions_get_fork (self, to->index) != inside)
    func (AIR_BORDER_CROSSED, to, inside != AIR_NO_REGION ? inside : air_regions_get_fork (self, to->index), edge,
          user_data);
}

void
air_regions_foreach_fault (const AirRegions *self, AirBorderFunc func, gpointer user_data)
{
  check_joins (self, func, user_data);
  for (guint i = 0; i < air_workflow_get_n_edges (self->workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (self->workflow, i);
      const AirWorkflowNode *from = air_workflow_get_node (self->workflow, edge->from);

      /* Without a join nothing is known of what the fork leads to; that is said already. */
      if (!self->reachable[edge->from] || (is_fork (from) && air_regions_get_join (self, edge->from) == AIR_NO_REGION))
        continue;
      check_edge (self, edge, func, user_data);
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);

      if (node->kind == AIR_WORKFLOW_NODE_END && air_regions_get_fork (self, i) != AIR_NO_REGION
          && g_strcmp0 (air_map_get_string (node->value, "outcome"), "failed") != 0)
        func (AIR_BORDER_ENDED, node, air_regions_get_fork (self, i), NULL, user_data);
    }
}
