/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include <math.h>

#include "canvas/air-canvas-private.h"

/* Which part of the scene is in sight, and how large. */

#define FIT_MARGIN 32.f
#define LABELS     72.f /* how far the names of ways out reach */
#define FIT_MAX    1.f
#define READABLE   .9f /* the zoom at which titles can be read without effort, where text is not enlarged */

void
air_canvas_to_scene (AirCanvas *self, const graphene_point_t *widget_point, graphene_point_t *ret_scene_point)
{
  ret_scene_point->x = (widget_point->x - self->pan.x) / self->zoom;
  ret_scene_point->y = (widget_point->y - self->pan.y) / self->zoom;
}

static void
set_view (AirCanvas *self, float zoom, float pan_x, float pan_y)
{
  gboolean zoomed = zoom != self->zoom;

  if (!zoomed && pan_x == self->pan.x && pan_y == self->pan.y)
    return;
  self->zoom = zoom;
  graphene_point_init (&self->pan, pan_x, pan_y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "view-changed");
  if (zoomed)
    g_object_notify (G_OBJECT (self), "zoom");
}

void
air_canvas_get_view (AirCanvas *self, graphene_rect_t *ret_view)
{
  graphene_rect_init (ret_view, -self->pan.x / self->zoom, -self->pan.y / self->zoom,
                      (float) gtk_widget_get_width (GTK_WIDGET (self)) / self->zoom,
                      (float) gtk_widget_get_height (GTK_WIDGET (self)) / self->zoom);
}

/* A part of the graph stays in sight, however far one drags. */
static void
clamp_pan (AirCanvas *self, float zoom, float *x, float *y)
{
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self)),
        height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  graphene_rect_t bounds;

  if (self->scene == NULL || width <= 0 || height <= 0)
    return;
  air_scene_get_bounds (self->scene, &bounds);
  *x = CLAMP (*x, 80 - (bounds.origin.x + bounds.size.width) * zoom, width - 80 - bounds.origin.x * zoom);
  *y = CLAMP (*y, 80 - (bounds.origin.y + bounds.size.height) * zoom, height - 80 - bounds.origin.y * zoom);
}

void
air_canvas_pan_by (AirCanvas *self, float dx, float dy)
{
  float x = self->pan.x + dx, y = self->pan.y + dy;

  self->auto_fit = FALSE;
  clamp_pan (self, self->zoom, &x, &y);
  set_view (self, self->zoom, x, y);
}

void
air_canvas_centre_on (AirCanvas *self, float x, float y)
{
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self)),
        height = (float) gtk_widget_get_height (GTK_WIDGET (self));

  air_canvas_pan_by (self, width / 2 - x * self->zoom - self->pan.x, height / 2 - y * self->zoom - self->pan.y);
}

void
air_canvas_zoom_at (AirCanvas *self, float zoom, const graphene_point_t *widget_point)
{
  graphene_point_t fixed;
  float x, y;

  self->auto_fit = FALSE;
  zoom = CLAMP (zoom, AIR_CANVAS_MIN_ZOOM, AIR_CANVAS_MAX_ZOOM);
  air_canvas_to_scene (self, widget_point, &fixed);
  x = widget_point->x - fixed.x * zoom;
  y = widget_point->y - fixed.y * zoom;
  clamp_pan (self, zoom, &x, &y);
  set_view (self, zoom, x, y);
}

/* Who needs larger text needs larger cards. */
static float
readable_zoom (AirCanvas *self)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  return dpi > 0 ? CLAMP (READABLE * (float) dpi / (96 * 1024), .5f, 2.f) : READABLE;
}

/* All of it; or, unless all was asked for, as much as can be read: from the beginning of the flow, or around the
 * node that matters. */
void
air_canvas_refit (AirCanvas *self)
{
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self)),
        height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  const AirSceneNode *centre;
  graphene_rect_t bounds;
  graphene_point_t middle;
  float zoom, x, y, readable = readable_zoom (self);

  if (self->scene == NULL || width <= 0 || height <= 0)
    return;
  air_scene_get_bounds (self->scene, &bounds);
  zoom = MIN ((width - 2 * FIT_MARGIN) / MAX (bounds.size.width, 1),
              (height - 2 * FIT_MARGIN) / MAX (bounds.size.height, 1));
  zoom = CLAMP (zoom, AIR_CANVAS_MIN_ZOOM, MAX (FIT_MAX, readable));
  graphene_rect_get_center (&bounds, &middle);
  if (self->fit_all || zoom >= readable || air_scene_get_n_nodes (self->scene) == 0)
    {
      set_view (self, zoom, roundf (width / 2 - middle.x * zoom), roundf (height / 2 - middle.y * zoom));
      return;
    }
  zoom = readable;
  centre = air_scene_find_node (self->scene, self->centre);
  graphene_rect_get_center (centre != NULL ? &centre->bounds : &air_scene_get_node_in_flow (self->scene, 0)->bounds,
                            &middle);
  x = centre != NULL ? width / 2 - middle.x * zoom : FIT_MARGIN - bounds.origin.x * zoom;
  /* No emptier than it must be: where the graph ends, its edge stands at the margin. */
  if (bounds.size.width * zoom > width - 2 * FIT_MARGIN)
    x = CLAMP (x, width - FIT_MARGIN - (bounds.origin.x + bounds.size.width) * zoom,
               FIT_MARGIN - bounds.origin.x * zoom);
  y = height / 2 - middle.y * zoom;
  if (bounds.size.height * zoom <= height - 2 * FIT_MARGIN)
    y = height / 2 - (bounds.origin.y + bounds.size.height / 2) * zoom;
  set_view (self, zoom, roundf (x), roundf (y));
}

float
air_canvas_get_zoom (AirCanvas *self)
{
  return self->zoom;
}

void
air_canvas_zoom_to (AirCanvas *self, float zoom)
{
  GtkWidget *widget = GTK_WIDGET (self);

  air_canvas_zoom_at (
      self, zoom,
      &GRAPHENE_POINT_INIT ((float) gtk_widget_get_width (widget) / 2, (float) gtk_widget_get_height (widget) / 2));
}

void
air_canvas_zoom_by (AirCanvas *self, float factor)
{
  air_canvas_zoom_to (self, self->zoom * factor);
}

void
air_canvas_fit (AirCanvas *self)
{
  self->auto_fit = TRUE;
  self->fit_all = TRUE;
  air_canvas_refit (self);
}

void
air_canvas_set_auto_fit (AirCanvas *self, gboolean auto_fit)
{
  self->auto_fit = auto_fit;
  self->fit_all = FALSE;
  if (auto_fit)
    air_canvas_refit (self);
}

void
air_canvas_set_centre (AirCanvas *self, const char *node_id)
{
  if (g_set_str (&self->centre, node_id) && self->auto_fit)
    air_canvas_refit (self);
}

/* Pans just as far as it takes to have the whole node in sight, and the names of its ways out. */
void
air_canvas_reveal (AirCanvas *self, const char *node_id)
{
  const AirSceneNode *node = self->scene != NULL ? air_scene_find_node (self->scene, node_id) : NULL;
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self)),
        height = (float) gtk_widget_get_height (GTK_WIDGET (self));
  float left, top, right, bottom, dx = 0, dy = 0;

  if (node == NULL || width <= 0 || height <= 0)
    return;
  left = self->pan.x + node->bounds.origin.x * self->zoom - FIT_MARGIN;
  top = self->pan.y + node->bounds.origin.y * self->zoom - FIT_MARGIN;
  right = left + (node->bounds.size.width + LABELS) * self->zoom + 2 * FIT_MARGIN;
  bottom = top + node->bounds.size.height * self->zoom + 2 * FIT_MARGIN;
  if (left < 0)
    dx = -left;
  else if (right > width)
    dx = width - right;
  if (top < 0)
    dy = -top;
  else if (bottom > height)
    dy = height - bottom;
  if (dx != 0 || dy != 0)
    air_canvas_pan_by (self, dx, dy);
}
