/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "canvas/air-layout.h"
#include "canvas/air-scene.h"

/* A graph of @n nodes that branches, joins and skips ranks, with two loops when the seed is odd; the same for the same seed. */
static AirScene *
make_scene (guint n, guint32 seed, gboolean placed)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();
  GRand *rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      air_scene_builder_add_node (builder, id, (AirNodeKind) (i % AIR_N_NODE_KINDS), id, NULL);
      if (placed)
        air_scene_builder_set_position (builder, id, (float) (i % 20) * 280, (float) (i / 20) * 140);
    }
  for (guint i = 1; i < n; i++)
    for (guint k = 0; k < 1 + (guint) g_rand_int_range (rand, 0, 2); k++)
      {
        guint from = (guint) g_rand_int_range (rand, MAX (0, (int) i - 9), (int) i);
        g_autofree char *id = g_strdup_printf ("e%u-%u", i, k), *a = g_strdup_printf ("n%u", from), *b = g_strdup_printf ("n%u", i);
        g_autofree char *port = g_strdup_printf ("p%u", k);

        air_scene_builder_add_edge (builder, id, a, port, b);
      }
  if (seed % 2 == 1)
    {
      air_scene_builder_add_edge (builder, "back1", "n7", "again", "n2");
      air_scene_builder_add_edge (builder, "self", "n5", "self", "n5");
    }
  g_rand_free (rand);
  return air_scene_builder_finish (builder);
}

static gboolean
overlap (const graphene_rect_t *a, const graphene_rect_t *b)
{
  graphene_rect_t both;

  return graphene_rect_intersection (a, b, &both) && both.size.width > .5f && both.size.height > .5f;
}

static void
test_deterministic (void)
{
  for (guint32 seed = 0; seed < 12; seed++)
    {
      g_autoptr (AirScene) a = make_scene (60, seed, FALSE), b = make_scene (60, seed, FALSE);

      for (guint i = 0; i < air_scene_get_n_nodes (a); i++)
        g_assert_cmpmem (&air_scene_get_node (a, i)->bounds, sizeof (graphene_rect_t), &air_scene_get_node (b, i)->bounds, sizeof (graphene_rect_t));
      for (guint i = 0; i < air_scene_get_n_edges (a); i++)
        {
          const GArray *p = air_scene_get_edge (a, i)->points, *q = air_scene_get_edge (b, i)->points;

          g_assert_cmpmem (p->data, p->len * sizeof (graphene_point_t), q->data, q->len * sizeof (graphene_point_t));
        }
    }
}

static void
test_nodes_apart (void)
{
  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_autoptr (AirScene) scene = make_scene (80, seed, FALSE);

      for (guint i = 0; i < air_scene_get_n_nodes (scene); i++)
        for (guint j = 0; j < i; j++)
          g_assert_false (overlap (&air_scene_get_node (scene, i)->bounds, &air_scene_get_node (scene, j)->bounds));
    }
}

/* All edges lead to the right, but for those that close a cycle. */
static void
test_flow (void)
{
  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_autoptr (AirScene) scene = make_scene (50, seed, FALSE);
      guint back = 0;

      for (guint i = 0; i < air_scene_get_n_edges (scene); i++)
        {
          const AirSceneEdge *edge = air_scene_get_edge (scene, i);

          back += air_scene_get_node (scene, edge->to)->bounds.origin.x <= air_scene_get_node (scene, edge->from)->bounds.origin.x;
        }
      if (seed % 2 == 0)
        g_assert_cmpuint (back, ==, 0);
      else
        g_assert_cmpuint (back, >, 0);
    }
}

static void
test_edges (void)
{
  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_autoptr (AirScene) scene = make_scene (60, seed, FALSE);

      for (guint i = 0; i < air_scene_get_n_edges (scene); i++)
        {
          const AirSceneEdge *edge = air_scene_get_edge (scene, i);
          const graphene_point_t *points = (const graphene_point_t *) edge->points->data;
          graphene_point_t from, to;

          air_scene_node_get_port_point (air_scene_get_node (scene, edge->from), edge->port, &from);
          air_scene_node_get_in_point (air_scene_get_node (scene, edge->to), &to);
          g_assert_cmpuint (edge->points->len, >=, 2);
          g_assert_true (graphene_point_near (&points[0], &from, .5f));
          g_assert_true (graphene_point_near (&points[edge->points->len - 1], &to, .5f));
          for (guint j = 0; j + 1 < edge->points->len; j++)
            g_assert_true (fabsf (points[j].x - points[j + 1].x) < .5f || fabsf (points[j].y - points[j + 1].y) < .5f);
        }
    }
}

/* A line to the far side of a node in between goes around it. */
static void
test_around (void)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();
  g_autoptr (AirScene) scene = NULL;
  const AirSceneEdge *edge;
  graphene_rect_t middle;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%d", i);

      air_scene_builder_add_node (builder, id, AIR_NODE_KIND_CALL, id, NULL);
      air_scene_builder_set_position (builder, id, (float) i * 280, 0);
    }
  air_scene_builder_add_edge (builder, "far", "n0", "out", "n2");
  scene = air_scene_builder_finish (builder);
  edge = air_scene_find_edge (scene, "far");
  middle = air_scene_find_node (scene, "n1")->bounds;
  for (guint j = 0; j + 1 < edge->points->len; j++)
    {
      graphene_point_t a = g_array_index (edge->points, graphene_point_t, j), b = g_array_index (edge->points, graphene_point_t, j + 1);
      graphene_rect_t run = GRAPHENE_RECT_INIT (MIN (a.x, b.x), MIN (a.y, b.y) - .5f, fabsf (a.x - b.x), fabsf (a.y - b.y) + 1), both;

      g_assert_false (graphene_rect_intersection (&run, &middle, &both) && both.size.width > 0 && both.size.height > 0);
    }
}

static void
test_positions_kept (void)
{
  g_autoptr (AirScene) scene = make_scene (45, 3, TRUE);
  const AirSceneNode *node = air_scene_find_node (scene, "n23");

  g_assert_cmpfloat (node->bounds.origin.x, ==, 3 * 280);
  g_assert_cmpfloat (node->bounds.origin.y, ==, 140);
}

static void
test_hits (void)
{
  g_autoptr (AirScene) scene = make_scene (200, 1, FALSE);

  for (guint i = 0; i < air_scene_get_n_nodes (scene); i++)
    {
      const AirSceneNode *node = air_scene_get_node (scene, i);
      graphene_point_t centre, outside;

      graphene_rect_get_center (&node->bounds, &centre);
      g_assert_true (air_scene_hit_node (scene, &centre) == node);
      graphene_point_init (&outside, node->bounds.origin.x - 1, node->bounds.origin.y - 1);
      g_assert_true (air_scene_hit_node (scene, &outside) != node);
    }
  for (guint i = 0; i < air_scene_get_n_edges (scene); i++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (scene, i);
      graphene_point_t a = g_array_index (edge->points, graphene_point_t, 0), b = g_array_index (edge->points, graphene_point_t, 1);

      g_assert_nonnull (air_scene_hit_edge (scene, &GRAPHENE_POINT_INIT ((a.x + b.x) / 2, (a.y + b.y) / 2 + 2), 6));
    }
}

static void
test_empty (void)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();
  g_autoptr (AirScene) scene = air_scene_builder_finish (builder);

  g_assert_cmpuint (air_scene_get_n_nodes (scene), ==, 0);
  g_assert_null (air_scene_hit_node (scene, &GRAPHENE_POINT_INIT (0, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/layout/deterministic", test_deterministic);
  g_test_add_func ("/layout/nodes-apart", test_nodes_apart);
  g_test_add_func ("/layout/flow", test_flow);
  g_test_add_func ("/layout/edges", test_edges);
  g_test_add_func ("/layout/around", test_around);
  g_test_add_func ("/layout/positions-kept", test_positions_kept);
  g_test_add_func ("/layout/hits", test_hits);
  g_test_add_func ("/layout/empty", test_empty);
  return g_test_run ();
}
