/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include <adwaita.h>
#include <math.h>

#include "canvas/air-canvas-private.h"
#include "canvas/air-painter.h"
#include "canvas/air-raster.h"

#define DOT_PITCH 32.f

void
air_canvas_count_drawn (AirCanvas *self, guint *ret_nodes, guint *ret_edges)
{
  *ret_nodes = self->drawn_nodes;
  *ret_edges = self->drawn_edges;
}

void
air_canvas_drop_painted (AirCanvas *self)
{
  guint n_nodes = self->scene != NULL ? air_scene_get_n_nodes (self->scene) : 0;
  guint n_edges = self->scene != NULL ? air_scene_get_n_edges (self->scene) : 0;

  g_clear_object (&self->far);
  for (guint i = 0; self->painted_nodes != NULL && i < n_nodes; i++)
    {
      g_clear_pointer (&self->painted_nodes[i].full, gsk_render_node_unref);
      g_clear_pointer (&self->painted_nodes[i].card, gsk_render_node_unref);
    }
  for (guint i = 0; self->painted_edges != NULL && i < n_edges; i++)
    {
      g_clear_pointer (&self->painted_edges[i].full, gsk_render_node_unref);
      g_clear_pointer (&self->painted_edges[i].card, gsk_render_node_unref);
    }
}

/* The ground moves with the graph, so that panning shows even where no node is. */
static void
snapshot_ground (AirCanvas *self, GtkSnapshot *snapshot, float width, float height)
{
  float pitch = DOT_PITCH * self->zoom;
  graphene_rect_t all = GRAPHENE_RECT_INIT (0, 0, width, height);

  gtk_snapshot_append_color (snapshot, &self->palette->background, &all);
  if (self->palette->high_contrast || pitch < 14)
    return;
  gtk_snapshot_push_repeat (snapshot, &all,
                            &GRAPHENE_RECT_INIT (fmodf (self->pan.x, pitch), fmodf (self->pan.y, pitch), pitch, pitch));
  gtk_snapshot_append_color (snapshot, &self->palette->dots,
                             &GRAPHENE_RECT_INIT (fmodf (self->pan.x, pitch), fmodf (self->pan.y, pitch), 2, 2));
  gtk_snapshot_pop (snapshot);
}

static gboolean
touches (const graphene_rect_t *a, const graphene_rect_t *b)
{
  return a->origin.x < b->origin.x + b->size.width && b->origin.x < a->origin.x + a->size.width
         && a->origin.y < b->origin.y + b->size.height && b->origin.y < a->origin.y + a->size.height;
}

static void
snapshot_edges (AirCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *view, gboolean full)
{
  air_scene_query_edges (self->scene, view, self->found);
  for (guint n = 0; n < self->found->len; n++)
    {
      guint i = g_array_index (self->found, guint, n);
      const AirSceneEdge *edge = air_scene_get_edge (self->scene, i);
      GskRenderNode **cache = full ? &self->painted_edges[i].full : &self->painted_edges[i].card;

      if (!touches (&edge->bounds, view))
        continue;
      self->drawn_edges++;
      if (*cache == NULL)
        *cache = air_edge_painter_paint (self->scene, edge, self->palette, full);
      if (*cache != NULL)
        gtk_snapshot_append_node (snapshot, *cache);
    }
  for (guint n = 0; n < self->found->len; n++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (self->scene, g_array_index (self->found, guint, n));

      if (self->taken[edge->index] && touches (&edge->bounds, view))
        air_edge_painter_paint_taken (snapshot, edge, self->palette);
    }
}

/* So many, and so small, that an icon would cost more than it tells. */
static gboolean
is_plain (AirCanvas *self)
{
  return self->zoom < AIR_DETAIL_ICON && self->found->len > AIR_DETAIL_MANY;
}

static void
snapshot_nodes (AirCanvas *self, GtkSnapshot *snapshot, const graphene_rect_t *view, gboolean full)
{
  PangoContext *context = gtk_widget_create_pango_context (GTK_WIDGET (self));

  /* The flow runs from left to right in every language, and the text beside its icons with it; a text of the other
   * direction still has its own. */
  pango_context_set_base_dir (context, PANGO_DIRECTION_LTR);
  for (guint n = 0; n < self->found->len; n++)
    {
      guint i = g_array_index (self->found, guint, n);
      const AirSceneNode *node = air_scene_get_node (self->scene, i);
      GskRenderNode **cache = full ? &self->painted_nodes[i].full : &self->painted_nodes[i].card;

      if (!touches (&node->bounds, view))
        continue;
      self->drawn_nodes++;
      if (is_plain (self))
        {
          gtk_snapshot_append_color (snapshot, &self->palette->kinds[node->kind], &node->bounds);
          continue;
        }
      if (*cache == NULL)
        *cache = air_node_painter_paint (node, self->palette, context, full);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &node->bounds.origin);
      gtk_snapshot_append_node (snapshot, *cache);
      gtk_snapshot_restore (snapshot);
    }
  g_object_unref (context);
}

static void
snapshot_ring (AirCanvas *self, GtkSnapshot *snapshot, int index, float reach, float width, const GdkRGBA *color)
{
  graphene_rect_t bounds = air_scene_get_node (self->scene, (guint) index)->bounds;
  /* As wide on the screen from far away as from near. */
  float far = MAX (1, .5f / self->zoom);
  GskRoundedRect shape;
  const float widths[4] = { width * far, width * far, width * far, width * far };
  const GdkRGBA colors[4] = { *color, *color, *color, *color };

  graphene_rect_inset (&bounds, -reach, -reach);
  gsk_rounded_rect_init_from_rect (&shape, &bounds, 12 + reach);
  gtk_snapshot_append_border (snapshot, &shape, widths, colors);
}

/* What changes often lies above what is cached: states, selection, hover, keyboard cursor. */
static void
snapshot_overlay (AirCanvas *self, GtkSnapshot *snapshot, gboolean full)
{
  GdkRGBA accent;
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));

  for (guint n = 0; n < self->found->len; n++)
    {
      guint i = g_array_index (self->found, guint, n);

      if (self->statuses[i] == AIR_NODE_STATUS_NONE)
        continue;
      self->drawn_lively = self->drawn_lively || self->statuses[i] == AIR_NODE_STATUS_RUNNING;
      if (is_plain (self))
        {
          gtk_snapshot_append_color (snapshot, &self->palette->statuses[self->statuses[i]],
                                     &air_scene_get_node (self->scene, i)->bounds);
          continue;
        }
      air_node_painter_paint_status (snapshot, air_scene_get_node (self->scene, i), self->statuses[i], self->palette,
                                     self->pulse, full);
    }
  if (self->palette->high_contrast)
    accent = self->palette->text;
  else
    {
      g_autoptr (GdkRGBA) color = adw_style_manager_get_accent_color_rgba (style);

      accent = *color;
    }
  if (self->hovered >= 0 && self->hovered != self->selected)
    {
      GdkRGBA faint = accent;

      faint.alpha = .4f;
      snapshot_ring (self, snapshot, self->hovered, 0, 2, &faint);
    }
  if (self->selected >= 0)
    snapshot_ring (self, snapshot, self->selected, 1, 3, &accent);
  if (self->cursor >= 0 && gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    snapshot_ring (self, snapshot, self->cursor, 6, 2, &accent);
}

/* From far away a node is a few pixels of its colour. */
static void
snapshot_far (AirCanvas *self, GtkSnapshot *snapshot, float width, float height)
{
  float scale = (float) gtk_widget_get_scale_factor (GTK_WIDGET (self));
  int pixel_width = (int) (width * scale), pixel_height = (int) (height * scale);

  if (self->far == NULL || gdk_texture_get_width (self->far) != pixel_width
      || gdk_texture_get_height (self->far) != pixel_height || self->far_zoom != self->zoom
      || !graphene_point_equal (&self->far_pan, &self->pan))
    {
      AirRaster raster = {
        self->scene,   self->statuses,     self->taken,         self->selected,
        self->palette, self->zoom * scale, self->pan.x * scale, self->pan.y * scale,
      };

      g_clear_object (&self->far);
      self->far = air_raster_paint (&raster, pixel_width, pixel_height);
      self->far_zoom = self->zoom;
      self->far_pan = self->pan;
    }
  gtk_snapshot_append_texture (snapshot, self->far, &GRAPHENE_RECT_INIT (0, 0, width, height));
  self->drawn_nodes = air_scene_get_n_nodes (self->scene);
  self->drawn_edges = air_scene_get_n_edges (self->scene);
}

/* Nothing here looks at all of the graph but when all of it is in sight. */
void
air_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AirCanvas *self = AIR_CANVAS (widget);
  float width = (float) gtk_widget_get_width (widget), height = (float) gtk_widget_get_height (widget);
  graphene_rect_t view, reach;

  self->drawn_nodes = self->drawn_edges = 0;
  self->drawn_lively = FALSE;
  snapshot_ground (self, snapshot, width, height);
  if (self->scene == NULL || width <= 0 || height <= 0)
    return;
  if (self->zoom < AIR_DETAIL_CARD)
    {
      snapshot_far (self, snapshot, width, height);
      return;
    }
  air_canvas_get_view (self, &view);
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &self->pan);
  gtk_snapshot_scale (snapshot, self->zoom, self->zoom);
  snapshot_edges (self, snapshot, &view, self->zoom >= AIR_DETAIL_FULL);
  /* A card's labels, shadow and badge reach beyond it. */
  reach = view;
  graphene_rect_inset (&reach, -80, -24);
  air_scene_query_nodes (self->scene, &reach, self->found);
  snapshot_nodes (self, snapshot, &reach, self->zoom >= AIR_DETAIL_FULL);
  snapshot_overlay (self, snapshot, self->zoom >= AIR_DETAIL_FULL);
  gtk_snapshot_restore (snapshot);
  gtk_snapshot_pop (snapshot);
}
