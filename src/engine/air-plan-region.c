/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forks, their joins and what lies between, and what lies in a sub-workflow. The compiler says in people's words
 * what is wrong here; the engine refuses such a plan, since a run of it could
 * come to stand without waiting for anything. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-plan-private.h"

#define MAX_NESTING 24

typedef struct {
  AirPlan *plan;
  guint n_nodes;
  guint8 **bodies; /* by node: of a fork or workflow, what lies inside; else NULL */
  guint *sizes;
} Regions;

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_PLAN, "plan: %s; compile the workflow again", message);
  return FALSE;
}

static AirPlanNode *
node_at (const Regions *self, guint index)
{
  return &g_array_index (self->plan->nodes, AirPlanNode, index);
}

static gboolean
is_fork (const AirPlanNode *node)
{
  return node->kind == AIR_NODE_PARALLEL || node->kind == AIR_NODE_FOR_EACH;
}

/* "a.b.c" lies in the workflow "a.b". AIR_NO_NODE for what lies in none. */
static guint
find_workflow (const Regions *self, const AirPlanNode *node)
{
  g_autofree char *id = node->local > node->id ? g_strndup (node->id, node->local - node->id - 1) : NULL;
  guint found;

  return id != NULL && air_plan_find_node (self->plan, id, &found) ? found : AIR_NO_NODE;
}

static gboolean
fill_workflows (Regions *self, GError **error)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirPlanNode *node = node_at (self, i);

      if (node->local == node->id)
        continue;
      if (find_workflow (self, node) == AIR_NO_NODE
          || node_at (self, find_workflow (self, node))->kind != AIR_NODE_WORKFLOW)
        return refuse (error, "node '%s' lies in no workflow of the plan", node->id);
      if (node->kind == AIR_NODE_TRIGGER)
        return refuse (error, "node '%s' is a trigger, and a workflow that is a step has none", node->id);
      for (guint around = find_workflow (self, node); around != AIR_NO_NODE;
           around = find_workflow (self, node_at (self, around)))
        self->bodies[around][i] = 1;
    }
  for (guint i = 0; i < self->n_nodes; i++)
    for (guint k = 0; node_at (self, i)->kind == AIR_NODE_WORKFLOW && k < self->n_nodes; k++)
      self->sizes[i] += self->bodies[i][k];
  return TRUE;
}

static gboolean
opens_scope (const AirPlanNode *node)
{
  return node->kind == AIR_NODE_FOR_EACH || node->kind == AIR_NODE_WORKFLOW;
}

static gboolean
match (Regions *self, GError **error)
{
  AirValue *documents = air_map_get_map (self->plan->document, "nodes");

  for (guint i = 0; i < self->n_nodes; i++)
    {
      AirPlanNode *join = node_at (self, i);
      const char *of;
      guint fork;

      if (join->kind != AIR_NODE_JOIN)
        continue;
      of = air_map_get_string (air_map_get_map (documents, join->id), "of");
      if (!air_plan_find_node (self->plan, of, &fork) || !is_fork (node_at (self, fork)))
        return refuse (error, "node '%s' joins '%s', which does not fork", join->id, of != NULL ? of : "");
      if (node_at (self, fork)->partner != AIR_NO_NODE)
        return refuse (error, "node '%s' is a second join of '%s'", join->id, of);
      node_at (self, fork)->partner = i;
      join->partner = fork;
    }
  for (guint i = 0; i < self->n_nodes; i++)
    if (is_fork (node_at (self, i)) && node_at (self, i)->partner == AIR_NO_NODE)
      return refuse (error, "node '%s' has no join", node_at (self, i)->id);
  return TRUE;
}

/* What the fork leads to before its join; behind an inner join only when its fork lies inside. */
static void
walk (Regions *self, guint fork)
{
  guint8 *body = self->bodies[fork];
  g_autofree guint8 *seen = g_new0 (guint8, self->n_nodes);
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  gboolean again = TRUE;

  g_array_append_val (stack, fork);
  while (again)
    {
      while (stack->len > 0)
        {
          const AirPlanNode *at = node_at (self, g_array_index (stack, guint, stack->len - 1));

          g_array_set_size (stack, stack->len - 1);
          for (guint i = 0; i < at->ports->len; i++)
            {
              guint to = g_array_index (at->ports, AirPlanPort, i).to;

              if (to == node_at (self, fork)->partner || seen[to])
                continue;
              seen[to] = 1;
              if (node_at (self, to)->kind == AIR_NODE_JOIN)
                continue;
              body[to] = 1;
              g_array_append_val (stack, to);
            }
        }
      again = FALSE;
      for (guint i = 0; i < self->n_nodes; i++)
        if (seen[i] && !body[i] && node_at (self, i)->kind == AIR_NODE_JOIN && body[node_at (self, i)->partner])
          {
            body[i] = 1;
            g_array_append_val (stack, i);
            again = TRUE;
          }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    self->sizes[fork] += body[i];
}

/* The smallest region around a node, or AIR_NO_NODE. */
static guint
innermost (const Regions *self, guint node)
{
  guint found = AIR_NO_NODE;

  for (guint i = 0; i < self->n_nodes; i++)
    if (self->bodies[i] != NULL && self->bodies[i][node]
        && (found == AIR_NO_NODE || self->sizes[i] < self->sizes[found]))
      found = i;
  return found;
}

static gboolean
check_borders (Regions *self, GError **error)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirPlanNode *from = node_at (self, i);
      guint region = innermost (self, i);

      if (region == i)
        return refuse (error, "a way leads from '%s' back to it", from->id);
      if (from->kind == AIR_NODE_END && from->succeeds && region != AIR_NO_NODE
          && node_at (self, region)->kind != AIR_NODE_WORKFLOW)
        return refuse (error, "node '%s' completes the run inside of '%s'", from->id, node_at (self, region)->id);
      if (from->kind == AIR_NODE_JOIN && region != innermost (self, from->partner))
        return refuse (error, "node '%s' is not where the way out of '%s' is", from->id,
                       node_at (self, from->partner)->id);
      for (guint k = 0; k < from->ports->len; k++)
        {
          const AirPlanPort *port = &g_array_index (from->ports, AirPlanPort, k);
          const AirPlanNode *to = node_at (self, port->to);
          gboolean opens = is_fork (from) || (from->kind == AIR_NODE_WORKFLOW && g_str_equal (port->port, "start"));
          guint inside = opens ? i : region;
          guint border = to->kind == AIR_NODE_JOIN ? to->partner : innermost (self, port->to);

          if (border != inside)
            return refuse (error, "an edge leads from '%s' to '%s' across the border of a fork or workflow", from->id,
                           to->id);
        }
    }
  return TRUE;
}

static gboolean
set_openers (Regions *self, GError **error)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      AirPlanNode *node = node_at (self, i);
      guint depth = 0;

      for (guint around = innermost (self, i); around != AIR_NO_NODE; around = innermost (self, around))
        {
          if (++depth > MAX_NESTING)
            return refuse (error, "node '%s' lies in more than %d forks and workflows", node->id, MAX_NESTING);
          if (node->opener == AIR_NO_NODE && opens_scope (node_at (self, around)))
            node->opener = around;
        }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      AirPlanNode *opener = node_at (self, i);

      if (!opens_scope (opener))
        continue;
      opener->body = g_array_new (FALSE, FALSE, sizeof (guint));
      opener->slots = g_new0 (guint, self->n_nodes);
      for (guint k = 0; k < self->n_nodes; k++)
        if (node_at (self, k)->opener == i || k == opener->partner)
          {
            g_array_append_val (opener->body, k);
            opener->slots[k] = opener->body->len;
          }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const AirPlanNode *call = node_at (self, i);

      if (call->gate != AIR_NO_NODE && node_at (self, call->gate)->opener != call->opener)
        return refuse (error, "gate '%s' and the call '%s' it guards are not in the same for_each or workflow",
                       node_at (self, call->gate)->id, call->id);
    }
  return TRUE;
}

/* One of those that lead to @node, of those that are left. */
static guint
before (const Regions *self, const guint *ways_to, guint node)
{
  for (guint i = 0; i < self->n_nodes; i++)
    for (guint k = 0; ways_to[i] > 0 && k < node_at (self, i)->ports->len; k++)
      if (g_array_index (node_at (self, i)->ports, AirPlanPort, k).to == node)
        return i;
  return node;
}

/* A run that goes in a circle has no end, and steps of the same name would be one action to a vendor. */
static gboolean
check_circles (const Regions *self, GError **error)
{
  g_autofree guint *ways_to = g_new0 (guint, self->n_nodes);
  g_autoptr (GArray) free_nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  guint left = self->n_nodes, in_circle = AIR_NO_NODE;

  for (guint i = 0; i < self->n_nodes; i++)
    for (guint k = 0; k < node_at (self, i)->ports->len; k++)
      ways_to[g_array_index (node_at (self, i)->ports, AirPlanPort, k).to]++;
  for (guint i = 0; i < self->n_nodes; i++)
    if (ways_to[i] == 0)
      g_array_append_val (free_nodes, i);
  while (free_nodes->len > 0)
    {
      const AirPlanNode *node = node_at (self, g_array_index (free_nodes, guint, free_nodes->len - 1));

      g_array_set_size (free_nodes, free_nodes->len - 1);
      left--;
      for (guint k = 0; k < node->ports->len; k++)
        {
          guint to = g_array_index (node->ports, AirPlanPort, k).to;

          if (--ways_to[to] == 0)
            g_array_append_val (free_nodes, to);
        }
    }
  if (left == 0)
    return TRUE;
  /* What is left lies in a circle or behind one: far enough back it is a circle. */
  for (guint i = 0; i < self->n_nodes && in_circle == AIR_NO_NODE; i++)
    if (ways_to[i] > 0)
      in_circle = i;
  for (guint i = 0; i < self->n_nodes; i++)
    in_circle = before (self, ways_to, in_circle);
  return refuse (error, "a way leads from '%s' back to it", node_at (self, in_circle)->id);
}

gboolean
air_plan_load_regions (AirPlan *self, GError **error)
{
  Regions regions = { .plan = self, .n_nodes = self->nodes->len };
  gboolean any = FALSE, sound;

  if (!check_circles (&regions, error))
    return FALSE;
  for (guint i = 0; i < regions.n_nodes; i++)
    any |= is_fork (node_at (&regions, i)) || node_at (&regions, i)->kind == AIR_NODE_JOIN
           || node_at (&regions, i)->kind == AIR_NODE_WORKFLOW
           || node_at (&regions, i)->local > node_at (&regions, i)->id;
  if (!any)
    return TRUE;
  if (!match (&regions, error))
    return FALSE;
  regions.bodies = g_new0 (guint8 *, regions.n_nodes);
  regions.sizes = g_new0 (guint, regions.n_nodes);
  for (guint i = 0; i < regions.n_nodes; i++)
    {
      if (is_fork (node_at (&regions, i)) || node_at (&regions, i)->kind == AIR_NODE_WORKFLOW)
        regions.bodies[i] = g_new0 (guint8, regions.n_nodes);
      if (is_fork (node_at (&regions, i)))
        walk (&regions, i);
    }
  sound = fill_workflows (&regions, error) && check_borders (&regions, error) && set_openers (&regions, error);
  for (guint i = 0; i < regions.n_nodes; i++)
    g_free (regions.bodies[i]);
  g_free (regions.bodies);
  g_free (regions.sizes);
  return sound;
}
