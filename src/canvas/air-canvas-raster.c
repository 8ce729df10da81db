/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include <math.h>

#include "canvas/air-canvas-private.h"

/* From far away a node is a few pixels of its colour: filled into one texture, which costs the same for ten
 * nodes and for ten thousand. */

static guint32
pack (const GdkRGBA *color)
{
  return 0xff000000u | (guint32) (color->red * 255) << 16 | (guint32) (color->green * 255) << 8
         | (guint32) (color->blue * 255);
}

static void
fill (guint32 *pixels, int width, int height, float left, float top, float right, float bottom, guint32 color)
{
  int x0 = MAX (0, (int) floorf (left)), x1 = MIN (width, MAX ((int) ceilf (right), (int) floorf (left) + 1));
  int y0 = MAX (0, (int) floorf (top)), y1 = MIN (height, MAX ((int) ceilf (bottom), (int) floorf (top) + 1));

  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      pixels[y * width + x] = color;
}

void
air_canvas_snapshot_raster (AirCanvas *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  float scale = (float) gtk_widget_get_scale_factor (widget), zoom = self->zoom * scale;
  int width = (int) ((float) gtk_widget_get_width (widget) * scale),
      height = (int) ((float) gtk_widget_get_height (widget) * scale);
  gsize stride = (gsize) width * 4;
  guint32 *pixels = g_malloc0 (stride * (gsize) height);
  guint32 edge_color = pack (&self->palette->edge);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  for (guint i = 0; i < air_scene_get_n_edges (self->scene); i++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (self->scene, i);
      guint32 color = self->taken[i] ? pack (&self->palette->edge_taken) : edge_color;

      for (guint j = 0; j + 1 < edge->points->len; j++)
        {
          graphene_point_t a = g_array_index (edge->points, graphene_point_t, j),
                           b = g_array_index (edge->points, graphene_point_t, j + 1);

          fill (pixels, width, height, self->pan.x * scale + MIN (a.x, b.x) * zoom,
                self->pan.y * scale + MIN (a.y, b.y) * zoom, self->pan.x * scale + MAX (a.x, b.x) * zoom,
                self->pan.y * scale + MAX (a.y, b.y) * zoom, color);
        }
      self->drawn_edges++;
    }
  for (guint i = 0; i < air_scene_get_n_nodes (self->scene); i++)
    {
      const AirSceneNode *node = air_scene_get_node (self->scene, i);
      AirNodeStatus status = self->statuses[i];
      const GdkRGBA *color = (int) i == self->selected        ? &self->palette->text
                             : status != AIR_NODE_STATUS_NONE ? &self->palette->statuses[status]
                                                              : &self->palette->kinds[node->kind];
      float x = self->pan.x * scale + node->bounds.origin.x * zoom,
            y = self->pan.y * scale + node->bounds.origin.y * zoom;

      fill (pixels, width, height, x, y, x + node->bounds.size.width * zoom, y + node->bounds.size.height * zoom,
            pack (color));
      self->drawn_nodes++;
    }
  bytes = g_bytes_new_take (pixels, stride * (gsize) height);
  texture = gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bytes, stride);
  gtk_snapshot_append_texture (
      snapshot, texture,
      &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget), (float) gtk_widget_get_height (widget)));
}
