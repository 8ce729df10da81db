/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-raster.h"

#include <math.h>

typedef struct {
  guint32 *pixels;
  int width, height;
} Ground;

static guint32
pack (const GdkRGBA *color)
{
  return 0xff000000u | (guint32) (color->red * 255) << 16 | (guint32) (color->green * 255) << 8
         | (guint32) (color->blue * 255);
}

/* At least one pixel each way: what is there is seen. */
static void
fill (Ground *ground, float left, float top, float right, float bottom, guint32 color)
{
  int x0 = MAX (0, (int) floorf (left)), x1 = MIN (ground->width, MAX ((int) ceilf (right), (int) floorf (left) + 1));
  int y0 = MAX (0, (int) floorf (top)), y1 = MIN (ground->height, MAX ((int) ceilf (bottom), (int) floorf (top) + 1));

  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++)
      ground->pixels[y * ground->width + x] = color;
}

static void
fill_edges (const AirRaster *self, Ground *ground)
{
  guint32 plain = pack (&self->palette->edge), taken = pack (&self->palette->edge_taken);

  for (guint i = 0; i < air_scene_get_n_edges (self->scene); i++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (self->scene, i);

      for (guint j = 0; j + 1 < edge->points->len; j++)
        {
          graphene_point_t a = g_array_index (edge->points, graphene_point_t, j),
                           b = g_array_index (edge->points, graphene_point_t, j + 1);

          fill (ground, self->x + MIN (a.x, b.x) * self->zoom, self->y + MIN (a.y, b.y) * self->zoom,
                self->x + MAX (a.x, b.x) * self->zoom, self->y + MAX (a.y, b.y) * self->zoom,
                self->taken[i] ? taken : plain);
        }
    }
}

static void
fill_nodes (const AirRaster *self, Ground *ground)
{
  for (guint i = 0; i < air_scene_get_n_nodes (self->scene); i++)
    {
      const AirSceneNode *node = air_scene_get_node (self->scene, i);
      AirNodeStatus status = self->statuses[i];
      const GdkRGBA *color = (int) i == self->selected        ? &self->palette->text
                             : status != AIR_NODE_STATUS_NONE ? &self->palette->statuses[status]
                                                              : &self->palette->kinds[node->kind];
      float x = self->x + node->bounds.origin.x * self->zoom, y = self->y + node->bounds.origin.y * self->zoom;

      fill (ground, x, y, x + node->bounds.size.width * self->zoom, y + node->bounds.size.height * self->zoom,
            pack (color));
    }
}

/**
 * air_raster_paint:
 * @self: what to draw
 * @width: in pixels
 * @height: in pixels
 *
 * A whole graph from far away: it costs the same for ten nodes and for ten thousand that are no larger than a few
 * pixels.
 *
 * Returns: (transfer full): one texture, transparent where nothing is
 */
GdkTexture *
air_raster_paint (const AirRaster *self, int width, int height)
{
  gsize stride = (gsize) width * 4;
  Ground ground = { g_malloc0 (stride * (gsize) height), width, height };
  g_autoptr (GBytes) bytes = NULL;

  fill_edges (self, &ground);
  fill_nodes (self, &ground);
  bytes = g_bytes_new_take (ground.pixels, stride * (gsize) height);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_B8G8R8A8_PREMULTIPLIED, bytes, stride);
}
