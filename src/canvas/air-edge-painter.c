/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-painter.h"

#include <math.h>

#define RADIUS 10.f
#define ARROW  7.f
#define DASH   6.f
#define GAP    4.f

/* Dashed where the way is one for failures: told without the colour too. */
static void
append_run (GtkSnapshot *snapshot,
            graphene_point_t a,
            graphene_point_t b,
            float width,
            gboolean dashed,
            const GdkRGBA *color)
{
  graphene_rect_t run, dash;

  if (fabsf (a.x - b.x) < .01f)
    graphene_rect_init (&run, a.x - width / 2, MIN (a.y, b.y), width, fabsf (a.y - b.y));
  else
    graphene_rect_init (&run, MIN (a.x, b.x), a.y - width / 2, fabsf (a.x - b.x), width);
  if (run.size.width <= 0 || run.size.height <= 0)
    return;
  if (!dashed)
    {
      gtk_snapshot_append_color (snapshot, color, &run);
      return;
    }
  dash = run;
  if (run.size.width > run.size.height)
    dash.size.width = DASH + GAP;
  else
    dash.size.height = DASH + GAP;
  gtk_snapshot_push_repeat (snapshot, &run, &dash);
  if (run.size.width > run.size.height)
    dash.size.width = DASH;
  else
    dash.size.height = DASH;
  gtk_snapshot_append_color (snapshot, color, &dash);
  gtk_snapshot_pop (snapshot);
}

static graphene_point_t
towards (graphene_point_t a, graphene_point_t b, float distance)
{
  float dx = b.x - a.x, dy = b.y - a.y, length = MAX (hypotf (dx, dy), .001f);

  return GRAPHENE_POINT_INIT (a.x + dx / length * distance, a.y + dy / length * distance);
}

/* The straight runs are plain colour, which costs next to nothing; only the small corners are paths, and from afar
 * nobody sees them. */
static void
append_line (GtkSnapshot *snapshot,
             const AirSceneEdge *edge,
             float width,
             gboolean dashed,
             gboolean round,
             const GdkRGBA *color)
{
  const graphene_point_t *points = (const graphene_point_t *) edge->points->data;
  guint n = edge->points->len;
  graphene_point_t start = points[0];
  g_autoptr (GskStroke) stroke = gsk_stroke_new (width);

  for (guint i = 1; !round && i < n; i++)
    append_run (snapshot, points[i - 1], points[i], width, FALSE, color);
  if (!round)
    return;
  for (guint i = 1; i + 1 < n; i++)
    {
      float before = hypotf (points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
      float after = hypotf (points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
      float radius = MIN (RADIUS, MIN (before, after) / 2);
      graphene_point_t in = towards (points[i], points[i - 1], radius),
                       out = towards (points[i], points[i + 1], radius);
      GskPathBuilder *builder = gsk_path_builder_new ();
      g_autoptr (GskPath) corner = NULL;

      append_run (snapshot, start, in, width, dashed, color);
      gsk_path_builder_move_to (builder, in.x, in.y);
      gsk_path_builder_quad_to (builder, points[i].x, points[i].y, out.x, out.y);
      corner = gsk_path_builder_free_to_path (builder);
      gtk_snapshot_append_stroke (snapshot, corner, stroke, color);
      start = out;
    }
  append_run (snapshot, start, GRAPHENE_POINT_INIT (points[n - 1].x - ARROW + 1, points[n - 1].y), width, dashed,
              color);
}

static void
append_arrow (GtkSnapshot *snapshot, const AirSceneEdge *edge, const GdkRGBA *color)
{
  graphene_point_t tip = g_array_index (edge->points, graphene_point_t, edge->points->len - 1);
  GskPathBuilder *builder = gsk_path_builder_new ();
  g_autoptr (GskPath) path = NULL;

  gsk_path_builder_move_to (builder, tip.x, tip.y);
  gsk_path_builder_line_to (builder, tip.x - ARROW, tip.y - ARROW * .6f);
  gsk_path_builder_line_to (builder, tip.x - ARROW, tip.y + ARROW * .6f);
  gsk_path_builder_close (builder);
  path = gsk_path_builder_free_to_path (builder);
  gtk_snapshot_append_fill (snapshot, path, GSK_FILL_RULE_WINDING, color);
}

/**
 * air_edge_painter_paint:
 * @scene: the edge's scene
 * @edge: an edge
 * @palette: of the appearance
 * @full: with its arrow
 *
 * Returns: (transfer full): the edge in the scene's coordinates
 */
GskRenderNode *
air_edge_painter_paint (AirScene *scene, const AirSceneEdge *edge, const AirPalette *palette, gboolean full)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  const AirSceneNode *from = air_scene_get_node (scene, edge->from);
  const AirScenePort *port = from->ports->pdata[edge->port];
  const GdkRGBA *color = port->failure ? &palette->edge_failure : &palette->edge;

  if (edge->points->len > 1)
    {
      append_line (snapshot, edge, full ? 2 : 3, full && port->failure, full, color);
      if (full)
        append_arrow (snapshot, edge, color);
    }
  return gtk_snapshot_free_to_node (snapshot);
}

/**
 * air_edge_painter_paint_taken:
 * @snapshot: where to draw, in the scene's coordinates
 * @edge: an edge a run went along
 * @palette: of the appearance
 */
void
air_edge_painter_paint_taken (GtkSnapshot *snapshot, const AirSceneEdge *edge, const AirPalette *palette)
{
  if (edge->points->len < 2)
    return;
  append_line (snapshot, edge, 3, FALSE, TRUE, &palette->edge_taken);
  append_arrow (snapshot, edge, &palette->edge_taken);
}
