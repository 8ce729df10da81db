/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-dominators-private.h"

#include <string.h>

#define NONE G_MAXUINT

/* A node or a port of one. `jump` leads further up the tree than `parent`, so that a climb is
 * logarithmic (the skew-binary pointers of Myers' applicative random-access stack). */
typedef struct {
  guint parent, depth, jump;
  guint gate;       /* the nearest gate above whose approval is one of these ports, or NONE */
  const char *port; /* of a port */
} Vertex;

struct _AirDominators {
  AirWorkflow *workflow;
  guint n_nodes;
  GArray *vertices;  /* Vertex: the nodes by index, then the ports */
  guint *vertex_of;  /* by place in the list of all leaving edges: the port's vertex */
  guint *first_edge; /* by node */
  guint *order;      /* by node: its number in reverse postorder, or NONE */
  guint8 *cyclic;
};

/* Both Tarjan's strong components and the order the ways go in, without recursion. */
typedef struct {
  AirDominators *self;
  guint *index, *low, *at;
  guint8 *on_stack;
  GArray *stack, *path;
  guint n_seen, n_left;
  guint *sequence; /* nodes in the order they were left */
} Walk;

static void
close_component (Walk *walk, guint node)
{
  guint n = 0, member;
  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (walk->self->workflow, node, &n_edges);

  for (guint i = walk->stack->len; i-- > 0 && g_array_index (walk->stack, guint, i) != node;)
    n++;
  do
    {
      member = g_array_index (walk->stack, guint, walk->stack->len - 1);
      g_array_set_size (walk->stack, walk->stack->len - 1);
      walk->on_stack[member] = 0;
      walk->self->cyclic[member] = n > 0;
  } while (member != node);
  for (guint i = 0; i < n_edges; i++)
    if (edges[i]->to == node)
      walk->self->cyclic[node] = 1;
}

static void
enter (Walk *walk, guint node)
{
  walk->index[node] = walk->low[node] = ++walk->n_seen;
  walk->on_stack[node] = 1;
  g_array_append_val (walk->stack, node);
  g_array_append_val (walk->path, node);
}

static void
walk_from (Walk *walk, guint start)
{
  enter (walk, start);
  while (walk->path->len > 0)
    {
      guint node = g_array_index (walk->path, guint, walk->path->len - 1), n_edges;
      const AirWorkflowEdge *const *edges = air_workflow_get_leaving (walk->self->workflow, node, &n_edges);

      if (walk->at[node] < n_edges)
        {
          guint to = edges[walk->at[node]++]->to;

          if (walk->index[to] == 0)
            enter (walk, to);
          else if (walk->on_stack[to])
            walk->low[node] = MIN (walk->low[node], walk->index[to]);
          continue;
        }
      g_array_set_size (walk->path, walk->path->len - 1);
      walk->sequence[walk->n_left++] = node;
      if (walk->low[node] == walk->index[node])
        close_component (walk, node);
      if (walk->path->len > 0)
        {
          guint before = g_array_index (walk->path, guint, walk->path->len - 1);

          walk->low[before] = MIN (walk->low[before], walk->low[node]);
        }
    }
}

static Vertex *
get_vertex (const AirDominators *self, guint number)
{
  return &g_array_index (self->vertices, Vertex, number);
}

static void
hang (AirDominators *self, guint number, guint parent)
{
  Vertex *vertex = get_vertex (self, number);
  const Vertex *above = get_vertex (self, parent);
  const Vertex *far = get_vertex (self, above->jump);

  vertex->parent = parent;
  vertex->depth = above->depth + 1;
  vertex->gate = above->gate;
  if (vertex->port != NULL && air_workflow_get_node (self->workflow, parent)->kind == AIR_WORKFLOW_NODE_GATE
      && g_str_equal (vertex->port, "approved"))
    vertex->gate = parent;
  vertex->jump = above->depth - far->depth == far->depth - get_vertex (self, far->jump)->depth ? far->jump : parent;
}

static guint
climb (const AirDominators *self, guint number, guint depth)
{
  while (get_vertex (self, number)->depth > depth)
    {
      const Vertex *vertex = get_vertex (self, number);

      number = get_vertex (self, vertex->jump)->depth >= depth ? vertex->jump : vertex->parent;
    }
  return number;
}

static guint
meet (const AirDominators *self, guint a, guint b)
{
  guint depth = MIN (get_vertex (self, a)->depth, get_vertex (self, b)->depth);

  a = climb (self, a, depth);
  b = climb (self, b, depth);
  while (a != b)
    {
      const Vertex *left = get_vertex (self, a), *right = get_vertex (self, b);

      if (left->jump != right->jump)
        {
          a = left->jump;
          b = right->jump;
        }
      else
        {
          a = left->parent;
          b = right->parent;
        }
    }
  return a;
}

/* The ports of a node that was hung, below it. */
static void
hang_ports (AirDominators *self, guint node)
{
  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, node, &n_edges);

  for (guint i = 0; i < n_edges; i++)
    {
      guint number = NONE;

      for (guint k = 0; k < i && number == NONE; k++)
        if (g_str_equal (edges[k]->port, edges[i]->port))
          number = self->vertex_of[self->first_edge[node] + k];
      if (number == NONE)
        {
          Vertex vertex = { .port = edges[i]->port };

          number = self->vertices->len;
          g_array_append_val (self->vertices, vertex);
          hang (self, number, node);
        }
      self->vertex_of[self->first_edge[node] + i] = number;
    }
}

static void
build (AirDominators *self, guint start, const guint *sequence, guint n)
{
  g_autofree guint *found = g_new (guint, self->n_nodes); /* by node: where the ways to it part */

  for (guint i = 0; i < self->n_nodes; i++)
    found[i] = NONE;
  for (guint i = 0; i < n; i++)
    self->order[sequence[n - 1 - i]] = i;
  for (guint i = 0; i < n; i++)
    {
      guint node = sequence[n - 1 - i], n_edges;
      const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, node, &n_edges);

      if (node != start)
        hang (self, node, found[node]);
      hang_ports (self, node);
      for (guint k = 0; k < n_edges; k++)
        {
          guint to = edges[k]->to, port = self->vertex_of[self->first_edge[node] + k];

          if (self->order[to] > i)
            found[to] = found[to] == NONE ? port : meet (self, found[to], port);
        }
    }
}

AirDominators *
air_dominators_new (AirWorkflow *workflow, guint start)
{
  AirDominators *self = g_new0 (AirDominators, 1);
  guint n = air_workflow_get_n_nodes (workflow), n_edges = 0;
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint *index = g_new0 (guint, n), *low = g_new0 (guint, n), *at = g_new0 (guint, n),
                   *sequence = g_new0 (guint, n);
  g_autofree guint8 *on_stack = g_new0 (guint8, n);
  Walk walk = { self, index, low, at, on_stack, stack, path, 0, 0, sequence };
  guint n_reached;

  self->workflow = air_workflow_ref (workflow);
  self->n_nodes = n;
  self->vertices = g_array_new (FALSE, TRUE, sizeof (Vertex));
  g_array_set_size (self->vertices, n);
  for (guint i = 0; i < n; i++) /* the root jumps to itself; so does what was never hung */
    {
      get_vertex (self, i)->parent = get_vertex (self, i)->jump = i;
      get_vertex (self, i)->gate = NONE;
    }
  self->first_edge = g_new0 (guint, n);
  self->order = g_new (guint, n);
  self->cyclic = g_new0 (guint8, n);
  for (guint i = 0; i < n; i++)
    {
      guint k;

      self->first_edge[i] = n_edges;
      self->order[i] = NONE;
      air_workflow_get_leaving (workflow, i, &k);
      n_edges += k;
    }
  self->vertex_of = g_new0 (guint, n_edges + 1);
  walk_from (&walk, start);
  n_reached = walk.n_left;
  build (self, start, sequence, n_reached);
  for (guint i = 0; i < n; i++)
    if (index[i] == 0)
      walk_from (&walk, i);
  return self;
}

void
air_dominators_free (AirDominators *self)
{
  g_array_unref (self->vertices);
  g_free (self->vertex_of);
  g_free (self->first_edge);
  g_free (self->order);
  g_free (self->cyclic);
  air_workflow_unref (self->workflow);
  g_free (self);
}

gboolean
air_dominators_hold (const AirDominators *self, guint through, const char *port, guint node)
{
  guint vertex = through, n_edges;

  if (self->order[through] == NONE || self->order[node] == NONE)
    return FALSE;
  if (port != NULL)
    {
      const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, through, &n_edges);
      guint i = 0;

      while (i < n_edges && !g_str_equal (edges[i]->port, port))
        i++;
      if (i == n_edges)
        return FALSE;
      vertex = self->vertex_of[self->first_edge[through] + i];
    }
  return climb (self, node, get_vertex (self, vertex)->depth) == vertex;
}

const char *
air_dominators_find_port (const AirDominators *self, guint through, guint node)
{
  guint vertex;

  if (self->order[through] == NONE || self->order[node] == NONE || through == node
      || get_vertex (self, node)->depth <= get_vertex (self, through)->depth)
    return NULL;
  vertex = climb (self, node, get_vertex (self, through)->depth + 1);
  return get_vertex (self, vertex)->parent == through ? get_vertex (self, vertex)->port : NULL;
}

gboolean
air_dominators_is_cyclic (const AirDominators *self, guint node)
{
  return self->cyclic[node] != 0;
}

guint
air_dominators_find_gate (const AirDominators *self, guint node)
{
  return self->order[node] == NONE ? NONE : get_vertex (self, node)->gate;
}
