/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-scene.h"

#include <math.h>

#include "canvas/air-edge-router.h"
#include "canvas/air-grid.h"
#include "canvas/air-layout.h"

#define PORT_PITCH 24.f

struct _AirScene {
  gatomicrefcount ref_count;
  GPtrArray *nodes;
  GPtrArray *edges;
  GHashTable *node_by_id;
  GHashTable *edge_by_id;
  GArray *flow; /* guint: nodes in flow order */
  AirGrid *node_grid;
  AirGrid *edge_grid;
  graphene_rect_t bounds;
};

struct _AirSceneBuilder {
  GPtrArray *nodes;
  GPtrArray *edges;
  GHashTable *node_by_id;
  GHashTable *placed; /* node → itself */
};

G_DEFINE_BOXED_TYPE (AirScene, air_scene, air_scene_ref, air_scene_unref)

static void
port_free (AirScenePort *port)
{
  g_free (port->id);
  g_free (port->title);
  g_free (port);
}

static void
node_free (AirSceneNode *node)
{
  g_free (node->id);
  g_free (node->title);
  g_free (node->subtitle);
  g_ptr_array_unref (node->ports);
  g_array_unref (node->out);
  g_array_unref (node->in);
  g_free (node);
}

static void
edge_free (AirSceneEdge *edge)
{
  g_free (edge->id);
  g_clear_pointer (&edge->points, g_array_unref);
  g_free (edge);
}

AirScene *
air_scene_ref (AirScene *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_scene_unref (AirScene *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->node_by_id);
  g_hash_table_unref (self->edge_by_id);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->edges);
  g_array_unref (self->flow);
  air_grid_free (self->node_grid);
  air_grid_free (self->edge_grid);
  g_free (self);
}

/**
 * air_scene_get_n_nodes:
 * @self: a scene
 *
 * Returns: how many nodes it has
 */
guint
air_scene_get_n_nodes (AirScene *self)
{
  return self->nodes->len;
}

/**
 * air_scene_get_node:
 * @self: a scene
 * @index: below air_scene_get_n_nodes()
 *
 * Returns: (transfer none): the node
 */
const AirSceneNode *
air_scene_get_node (AirScene *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, NULL);
  return self->nodes->pdata[index];
}

/**
 * air_scene_find_node:
 * @self: a scene
 * @id: (nullable): a node's id
 *
 * Returns: (transfer none) (nullable): the node
 */
const AirSceneNode *
air_scene_find_node (AirScene *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->node_by_id, id) : NULL;
}

/**
 * air_scene_get_node_in_flow:
 * @self: a scene
 * @flow: below air_scene_get_n_nodes()
 *
 * Returns: (transfer none): the node at that place in flow order, in which keys go through the graph
 */
const AirSceneNode *
air_scene_get_node_in_flow (AirScene *self, guint flow)
{
  g_return_val_if_fail (flow < self->flow->len, NULL);
  return self->nodes->pdata[g_array_index (self->flow, guint, flow)];
}

/**
 * air_scene_get_n_edges:
 * @self: a scene
 *
 * Returns: how many edges it has
 */
guint
air_scene_get_n_edges (AirScene *self)
{
  return self->edges->len;
}

/**
 * air_scene_get_edge:
 * @self: a scene
 * @index: below air_scene_get_n_edges()
 *
 * Returns: (transfer none): the edge
 */
const AirSceneEdge *
air_scene_get_edge (AirScene *self, guint index)
{
  g_return_val_if_fail (index < self->edges->len, NULL);
  return self->edges->pdata[index];
}

/**
 * air_scene_find_edge:
 * @self: a scene
 * @id: (nullable): an edge's id
 *
 * Returns: (transfer none) (nullable): the edge
 */
const AirSceneEdge *
air_scene_find_edge (AirScene *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->edge_by_id, id) : NULL;
}

/**
 * air_scene_get_bounds:
 * @self: a scene
 * @ret_bounds: (out caller-allocates): around all nodes and edges, in the scene's coordinates
 */
void
air_scene_get_bounds (AirScene *self, graphene_rect_t *ret_bounds)
{
  *ret_bounds = self->bounds;
}

/**
 * air_scene_hit_node:
 * @self: a scene
 * @point: in the scene's coordinates
 *
 * Returns: (transfer none) (nullable): the topmost node there
 */
const AirSceneNode *
air_scene_hit_node (AirScene *self, const graphene_point_t *point)
{
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (guint));
  graphene_rect_t area = GRAPHENE_RECT_INIT (point->x, point->y, 0, 0);

  air_grid_query (self->node_grid, &area, near);
  for (guint i = near->len; i-- > 0;)
    {
      const AirSceneNode *node = self->nodes->pdata[g_array_index (near, guint, i)];

      if (graphene_rect_contains_point (&node->bounds, point))
        return node;
    }
  return NULL;
}

static float
distance_to_segment (const graphene_point_t *p, const graphene_point_t *a, const graphene_point_t *b)
{
  float x = CLAMP (p->x, MIN (a->x, b->x), MAX (a->x, b->x)), y = CLAMP (p->y, MIN (a->y, b->y), MAX (a->y, b->y));

  return hypotf (p->x - x, p->y - y);
}

/**
 * air_scene_hit_edge:
 * @self: a scene
 * @point: in the scene's coordinates
 * @tolerance: how far away it may be, in the scene's units
 *
 * Returns: (transfer none) (nullable): the nearest edge
 */
const AirSceneEdge *
air_scene_hit_edge (AirScene *self, const graphene_point_t *point, float tolerance)
{
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (guint));
  graphene_rect_t area = GRAPHENE_RECT_INIT (point->x - tolerance, point->y - tolerance, 2 * tolerance, 2 * tolerance);
  const AirSceneEdge *nearest = NULL;
  float least = tolerance;

  air_grid_query (self->edge_grid, &area, near);
  for (guint i = 0; i < near->len; i++)
    {
      const AirSceneEdge *edge = self->edges->pdata[g_array_index (near, guint, i)];

      for (guint j = 0; j + 1 < edge->points->len; j++)
        {
          float distance = distance_to_segment (point, &g_array_index (edge->points, graphene_point_t, j),
                                                &g_array_index (edge->points, graphene_point_t, j + 1));

          if (distance < least)
            {
              least = distance;
              nearest = edge;
            }
        }
    }
  return nearest;
}

/* All of them are listed faster than found. */
static void
query (AirScene *self, AirGrid *grid, guint n, const graphene_rect_t *area, GArray *indices)
{
  if (graphene_rect_contains_rect (area, &self->bounds))
    {
      g_array_set_size (indices, n);
      for (guint i = 0; i < n; i++)
        g_array_index (indices, guint, i) = i;
      return;
    }
  air_grid_query (grid, area, indices);
}

/**
 * air_scene_query_nodes:
 * @self: a scene
 * @area: in the scene's coordinates
 * @indices: (element-type guint): emptied first; gets, ascending, what may touch @area: those that do, and perhaps
 *   some more
 *
 * What it costs depends on the area, not on the graph.
 */
void
air_scene_query_nodes (AirScene *self, const graphene_rect_t *area, GArray *indices)
{
  query (self, self->node_grid, self->nodes->len, area, indices);
}

/**
 * air_scene_query_edges:
 * @self: a scene
 * @area: in the scene's coordinates
 * @indices: (element-type guint): as air_scene_query_nodes()
 */
void
air_scene_query_edges (AirScene *self, const graphene_rect_t *area, GArray *indices)
{
  query (self, self->edge_grid, self->edges->len, area, indices);
}

/**
 * air_scene_node_get_port_point:
 * @node: a node
 * @port: index of a port
 * @ret_point: (out caller-allocates): where edges leave by it, in the scene's coordinates
 */
void
air_scene_node_get_port_point (const AirSceneNode *node, guint port, graphene_point_t *ret_point)
{
  float middle = node->bounds.origin.y + node->bounds.size.height / 2;
  guint n = MAX (node->ports->len, 1);

  ret_point->x = node->bounds.origin.x + node->bounds.size.width;
  ret_point->y = middle + ((float) port - (float) (n - 1) / 2) * PORT_PITCH;
}

/**
 * air_scene_node_get_in_point:
 * @node: a node
 * @ret_point: (out caller-allocates): where edges arrive, in the scene's coordinates
 */
void
air_scene_node_get_in_point (const AirSceneNode *node, graphene_point_t *ret_point)
{
  ret_point->x = node->bounds.origin.x;
  ret_point->y = node->bounds.origin.y + node->bounds.size.height / 2;
}

/* --- building ----------------------------------------------------------- */

/**
 * air_scene_builder_new:
 *
 * Returns: (transfer full): an empty builder
 */
AirSceneBuilder *
air_scene_builder_new (void)
{
  AirSceneBuilder *self = g_new0 (AirSceneBuilder, 1);

  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  self->edges = g_ptr_array_new_with_free_func ((GDestroyNotify) edge_free);
  self->node_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->placed = g_hash_table_new (NULL, NULL);
  return self;
}

void
air_scene_builder_free (AirSceneBuilder *self)
{
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_clear_pointer (&self->edges, g_ptr_array_unref);
  g_clear_pointer (&self->node_by_id, g_hash_table_unref);
  g_hash_table_unref (self->placed);
  g_free (self);
}

/**
 * air_scene_builder_add_node:
 * @self: a builder
 * @id: of the node, not there yet
 * @kind: what it is drawn as
 * @title: (nullable): what is written on it; @id where there is none
 * @subtitle: (nullable): a second line
 */
void
air_scene_builder_add_node (AirSceneBuilder *self,
                            const char *id,
                            AirNodeKind kind,
                            const char *title,
                            const char *subtitle)
{
  AirSceneNode *node;

  g_return_if_fail (id != NULL && g_hash_table_lookup (self->node_by_id, id) == NULL);
  node = g_new0 (AirSceneNode, 1);
  node->index = self->nodes->len;
  node->id = g_strdup (id);
  node->kind = kind;
  node->title = g_strdup (title != NULL ? title : id);
  node->subtitle = g_strdup (subtitle);
  node->ports = g_ptr_array_new_with_free_func ((GDestroyNotify) port_free);
  node->out = g_array_new (FALSE, FALSE, sizeof (guint));
  node->in = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (self->nodes, node);
  g_hash_table_insert (self->node_by_id, node->id, node);
}

/**
 * air_scene_builder_add_port:
 * @self: a builder
 * @node: a node that was added
 * @port: of the port; ports are drawn in the order they are added
 * @title: (nullable): what is written at the edge
 * @failure: whether it leads to what happens when something went wrong
 */
void
air_scene_builder_add_port (AirSceneBuilder *self,
                            const char *node_id,
                            const char *port_id,
                            const char *title,
                            gboolean failure)
{
  AirSceneNode *node = g_hash_table_lookup (self->node_by_id, node_id);
  AirScenePort *port;

  g_return_if_fail (node != NULL && port_id != NULL);
  port = g_new0 (AirScenePort, 1);
  port->id = g_strdup (port_id);
  port->title = g_strdup (title);
  port->failure = failure;
  g_ptr_array_add (node->ports, port);
}

/**
 * air_scene_builder_set_position:
 * @self: a builder
 * @node: a node that was added
 * @x: left, in the scene's coordinates
 * @y: top, in the scene's coordinates
 */
void
air_scene_builder_set_position (AirSceneBuilder *self, const char *node_id, float x, float y)
{
  AirSceneNode *node = g_hash_table_lookup (self->node_by_id, node_id);

  g_return_if_fail (node != NULL);
  graphene_point_init (&node->bounds.origin, x, y);
  g_hash_table_add (self->placed, node);
}

static guint
find_port (AirSceneNode *node, const char *id)
{
  for (guint i = 0; i < node->ports->len; i++)
    if (g_strcmp0 (((AirScenePort *) node->ports->pdata[i])->id, id) == 0)
      return i;
  return G_MAXUINT;
}

/**
 * air_scene_builder_add_edge:
 * @self: a builder
 * @id: of the edge
 * @from: a node that was added
 * @port: a port of it; one that was not added is added
 * @to: a node that was added
 */
void
air_scene_builder_add_edge (AirSceneBuilder *self, const char *id, const char *from, const char *port, const char *to)
{
  AirSceneNode *source = g_hash_table_lookup (self->node_by_id, from);
  AirSceneNode *target = g_hash_table_lookup (self->node_by_id, to);
  AirSceneEdge *edge;
  guint index;

  g_return_if_fail (id != NULL && source != NULL && target != NULL && port != NULL);
  index = find_port (source, port);
  if (index == G_MAXUINT)
    {
      air_scene_builder_add_port (self, from, port, NULL, FALSE);
      index = source->ports->len - 1;
    }
  edge = g_new0 (AirSceneEdge, 1);
  edge->index = self->edges->len;
  edge->id = g_strdup (id);
  edge->from = source->index;
  edge->to = target->index;
  edge->port = index;
  g_ptr_array_add (self->edges, edge);
}

static void
lay_out (AirScene *scene, gboolean place)
{
  g_autofree AirLayoutNode *nodes = g_new0 (AirLayoutNode, scene->nodes->len + 1);
  g_autofree AirLayoutEdge *edges = g_new0 (AirLayoutEdge, scene->edges->len + 1);

  for (guint i = 0; i < scene->nodes->len; i++)
    {
      const AirSceneNode *node = scene->nodes->pdata[i];

      nodes[i].width = node->bounds.size.width;
      nodes[i].height = node->bounds.size.height;
    }
  for (guint i = 0; i < scene->edges->len; i++)
    {
      const AirSceneEdge *edge = scene->edges->pdata[i];

      edges[i] = (AirLayoutEdge) { edge->from, edge->to, edge->port };
    }
  if (place)
    air_layout_run (nodes, scene->nodes->len, edges, scene->edges->len);
  else
    air_layout_rank (nodes, scene->nodes->len, edges, scene->edges->len);
  for (guint i = 0; i < scene->nodes->len; i++)
    {
      AirSceneNode *node = scene->nodes->pdata[i];

      node->rank = nodes[i].rank;
      if (place)
        graphene_point_init (&node->bounds.origin, nodes[i].x, nodes[i].y);
    }
}

static float
climb_of (AirScene *scene, guint index)
{
  const AirSceneEdge *edge = scene->edges->pdata[index];
  graphene_point_t from, to;

  air_scene_node_get_port_point (scene->nodes->pdata[edge->from], edge->port, &from);
  air_scene_node_get_in_point (scene->nodes->pdata[edge->to], &to);
  return fabsf (to.y - from.y);
}

/* Straight lines first, so that nothing bends the main way; then those that climb most, which leave little choice
 * to others but have much themselves. */
static int
compare_climb (gconstpointer a, gconstpointer b, gpointer data)
{
  float x = climb_of (data, *(const guint *) a), y = climb_of (data, *(const guint *) b);

  if ((x < .5f) != (y < .5f))
    return x < .5f ? -1 : 1;
  if (x != y)
    return x > y ? -1 : 1;
  return *(const guint *) a < *(const guint *) b ? -1 : 1;
}

static void
route (AirScene *scene)
{
  g_autofree graphene_rect_t *obstacles = g_new (graphene_rect_t, scene->nodes->len + 1);
  g_autofree guint *order = g_new (guint, scene->edges->len + 1);
  g_autoptr (AirEdgeRouter) router = NULL;

  for (guint i = 0; i < scene->nodes->len; i++)
    obstacles[i] = ((AirSceneNode *) scene->nodes->pdata[i])->bounds;
  router = air_edge_router_new (obstacles, scene->nodes->len);
  for (guint i = 0; i < scene->edges->len; i++)
    order[i] = i;
  g_sort_array (order, scene->edges->len, sizeof (guint), compare_climb, scene);
  for (guint i = 0; i < scene->edges->len; i++)
    {
      AirSceneEdge *edge = scene->edges->pdata[order[i]];
      graphene_point_t from, to;
      float left = G_MAXFLOAT, top = G_MAXFLOAT, right = -G_MAXFLOAT, bottom = -G_MAXFLOAT;

      air_scene_node_get_port_point (scene->nodes->pdata[edge->from], edge->port, &from);
      air_scene_node_get_in_point (scene->nodes->pdata[edge->to], &to);
      edge->points = air_edge_router_route (router, &from, &to, edge->port, edge->from, edge->to);
      for (guint j = 0; j < edge->points->len; j++)
        {
          graphene_point_t p = g_array_index (edge->points, graphene_point_t, j);

          left = MIN (left, p.x);
          right = MAX (right, p.x);
          top = MIN (top, p.y);
          bottom = MAX (bottom, p.y);
        }
      edge->bounds = GRAPHENE_RECT_INIT (left - 8, top - 8, right - left + 16, bottom - top + 16);
    }
}

static int
compare_flow (gconstpointer a, gconstpointer b, gpointer data)
{
  AirScene *scene = data;
  const AirSceneNode *x = scene->nodes->pdata[*(const guint *) a], *y = scene->nodes->pdata[*(const guint *) b];

  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;
  if (x->bounds.origin.y != y->bounds.origin.y)
    return x->bounds.origin.y < y->bounds.origin.y ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static int
compare_port (gconstpointer a, gconstpointer b, gpointer data)
{
  AirScene *scene = data;
  const AirSceneEdge *x = scene->edges->pdata[*(const guint *) a], *y = scene->edges->pdata[*(const guint *) b];

  return x->port != y->port ? (x->port < y->port ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

/* Run by run: the box around a long line holds half the graph. */
static void
add_runs (AirGrid *grid, const AirSceneEdge *edge)
{
  for (guint j = 0; j + 1 < edge->points->len; j++)
    {
      graphene_point_t a = g_array_index (edge->points, graphene_point_t, j),
                       b = g_array_index (edge->points, graphene_point_t, j + 1);
      graphene_rect_t run =
          GRAPHENE_RECT_INIT (MIN (a.x, b.x) - 8, MIN (a.y, b.y) - 8, fabsf (a.x - b.x) + 16, fabsf (a.y - b.y) + 16);

      air_grid_add (grid, &run, edge->index);
    }
}

static void
index_scene (AirScene *scene)
{
  for (guint i = 0; i < scene->edges->len; i++)
    {
      AirSceneEdge *edge = scene->edges->pdata[i];

      g_array_append_val (((AirSceneNode *) scene->nodes->pdata[edge->from])->out, i);
      g_array_append_val (((AirSceneNode *) scene->nodes->pdata[edge->to])->in, i);
      g_hash_table_insert (scene->edge_by_id, edge->id, edge);
      add_runs (scene->edge_grid, edge);
      graphene_rect_union (&scene->bounds, &edge->bounds, &scene->bounds);
    }
  for (guint i = 0; i < scene->nodes->len; i++)
    {
      AirSceneNode *node = scene->nodes->pdata[i];

      g_sort_array (node->out->data, node->out->len, sizeof (guint), compare_port, scene);
      air_grid_add (scene->node_grid, &node->bounds, i);
      g_array_append_val (scene->flow, i);
      if (i == 0 && scene->edges->len == 0)
        scene->bounds = node->bounds;
      graphene_rect_union (&scene->bounds, &node->bounds, &scene->bounds);
    }
  g_sort_array (scene->flow->data, scene->flow->len, sizeof (guint), compare_flow, scene);
  for (guint i = 0; i < scene->flow->len; i++)
    ((AirSceneNode *) scene->nodes->pdata[g_array_index (scene->flow, guint, i)])->flow = i;
}

/**
 * air_scene_builder_finish:
 * @self: a builder; it is empty afterwards
 *
 * Lays out when any node has no position, and routes.
 *
 * Returns: (transfer full): the scene
 */
AirScene *
air_scene_builder_finish (AirSceneBuilder *self)
{
  AirScene *scene = g_new0 (AirScene, 1);

  g_atomic_ref_count_init (&scene->ref_count);
  scene->nodes = g_steal_pointer (&self->nodes);
  scene->edges = g_steal_pointer (&self->edges);
  scene->node_by_id = g_steal_pointer (&self->node_by_id);
  scene->edge_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  scene->flow = g_array_new (FALSE, FALSE, sizeof (guint));
  scene->node_grid = air_grid_new ();
  scene->edge_grid = air_grid_new ();
  for (guint i = 0; i < scene->nodes->len; i++)
    {
      AirSceneNode *node = scene->nodes->pdata[i];
      float ports = PORT_PITCH * (float) node->ports->len + 8;

      graphene_size_init (&node->bounds.size, AIR_SCENE_NODE_WIDTH, MAX (AIR_SCENE_NODE_HEIGHT, ports));
    }
  lay_out (scene, g_hash_table_size (self->placed) < scene->nodes->len);
  route (scene);
  if (scene->edges->len > 0)
    scene->bounds = ((AirSceneEdge *) scene->edges->pdata[0])->bounds;
  index_scene (scene);

  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  self->edges = g_ptr_array_new_with_free_func ((GDestroyNotify) edge_free);
  self->node_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_remove_all (self->placed);
  return scene;
}
