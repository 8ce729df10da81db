/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-minimap.h"

#include <adwaita.h>

#include "canvas/air-canvas-private.h"
#include "canvas/air-raster.h"

#define WIDTH      184
#define MIN_HEIGHT 48
#define MAX_HEIGHT 120
#define MARGIN     8.f

struct _AirMinimap {
  GtkWidget parent_instance;
  AirCanvas *canvas;
  GdkTexture *texture; /* of the whole scene; made anew when the scene or a state changes */
  int texture_scale;
};

enum { PROP_0, PROP_CANVAS, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AirMinimap, air_minimap, GTK_TYPE_WIDGET)

/* Where the scene stands on the map: its scale, and the point of its origin. */
static gboolean
place (AirMinimap *self, float *ret_zoom, graphene_point_t *ret_origin)
{
  float width = (float) gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN,
        height = (float) gtk_widget_get_height (GTK_WIDGET (self)) - 2 * MARGIN;
  graphene_rect_t bounds;

  if (self->canvas == NULL || self->canvas->scene == NULL || width <= 0 || height <= 0)
    return FALSE;
  air_scene_get_bounds (self->canvas->scene, &bounds);
  if (bounds.size.width <= 0 || bounds.size.height <= 0)
    return FALSE;
  *ret_zoom = MIN (width / bounds.size.width, height / bounds.size.height);
  ret_origin->x = MARGIN + (width - bounds.size.width * *ret_zoom) / 2 - bounds.origin.x * *ret_zoom;
  ret_origin->y = MARGIN + (height - bounds.size.height * *ret_zoom) / 2 - bounds.origin.y * *ret_zoom;
  return TRUE;
}

static void
drop_texture (AirMinimap *self)
{
  g_clear_object (&self->texture);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
scene_changed_cb (AirMinimap *self)
{
  drop_texture (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->canvas->scene != NULL);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* --- drawing ------------------------------------------------------------ */

static void
paint (AirMinimap *self, float zoom, const graphene_point_t *origin)
{
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  AirRaster raster = {
    self->canvas->scene,   self->canvas->statuses, self->canvas->taken,       self->canvas->selected,
    self->canvas->palette, zoom * (float) scale,   origin->x * (float) scale, origin->y * (float) scale,
  };

  g_clear_object (&self->texture);
  self->texture = air_raster_paint (&raster, gtk_widget_get_width (GTK_WIDGET (self)) * scale,
                                    gtk_widget_get_height (GTK_WIDGET (self)) * scale);
  self->texture_scale = scale;
}

static void
air_minimap_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AirMinimap *self = AIR_MINIMAP (widget);
  graphene_rect_t all =
      GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget), (float) gtk_widget_get_height (widget));
  graphene_point_t origin;
  graphene_rect_t view, seen;
  GskRoundedRect shape;
  GdkRGBA color;
  float zoom;

  if (!place (self, &zoom, &origin))
    return;
  if (self->texture == NULL || self->texture_scale != gtk_widget_get_scale_factor (widget))
    paint (self, zoom, &origin);
  gtk_snapshot_append_texture (snapshot, self->texture, &all);
  air_canvas_get_view (self->canvas, &view);
  seen = GRAPHENE_RECT_INIT (origin.x + view.origin.x * zoom, origin.y + view.origin.y * zoom, view.size.width * zoom,
                             view.size.height * zoom);
  graphene_rect_inset (&all, 2, 2);
  if (!graphene_rect_intersection (&seen, &all, &seen))
    return;
  if (self->canvas->palette->high_contrast)
    color = self->canvas->palette->text;
  else
    {
      AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
      g_autoptr (GdkRGBA) accent = adw_style_manager_get_accent_color_rgba (style);

      color = *accent;
    }
  gsk_rounded_rect_init_from_rect (&shape, &seen, 3);
  gtk_snapshot_append_border (snapshot, &shape, (const float[]) { 2, 2, 2, 2 },
                              (const GdkRGBA[]) { color, color, color, color });
  color.alpha = .1f;
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, &color, &seen);
  gtk_snapshot_pop (snapshot);
}

static void
air_minimap_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *min_baseline,
                     int *nat_baseline)
{
  AirMinimap *self = AIR_MINIMAP (widget);
  int height = MIN_HEIGHT;

  if (self->canvas != NULL && self->canvas->scene != NULL)
    {
      graphene_rect_t bounds;

      air_scene_get_bounds (self->canvas->scene, &bounds);
      height = (int) (2 * MARGIN + (WIDTH - 2 * MARGIN) * bounds.size.height / MAX (bounds.size.width, 1));
    }
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : CLAMP (height, MIN_HEIGHT, MAX_HEIGHT);
}

static void
air_minimap_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  drop_texture (AIR_MINIMAP (widget));
}

/* --- moving the canvas -------------------------------------------------- */

static void
go_to (AirMinimap *self, double x, double y)
{
  graphene_point_t origin;
  float zoom;

  if (place (self, &zoom, &origin))
    air_canvas_centre_on (self->canvas, ((float) x - origin.x) / zoom, ((float) y - origin.y) / zoom);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, AirMinimap *self)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  go_to (self, x, y);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, AirMinimap *self)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    go_to (self, x + dx, y + dy);
}

/* --- object ------------------------------------------------------------- */

static void
set_canvas (AirMinimap *self, AirCanvas *canvas)
{
  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  if (!g_set_object (&self->canvas, canvas))
    return;
  if (canvas != NULL)
    {
      g_signal_connect_object (canvas, "notify::scene", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (canvas, "overlay-changed", G_CALLBACK (drop_texture), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (canvas, "view-changed", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
      scene_changed_cb (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CANVAS]);
}

static void
air_minimap_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CANVAS)
    g_value_set_object (value, AIR_MINIMAP (object)->canvas);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_minimap_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_CANVAS)
    set_canvas (AIR_MINIMAP (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_minimap_dispose (GObject *object)
{
  AirMinimap *self = AIR_MINIMAP (object);

  g_clear_object (&self->texture);
  g_clear_object (&self->canvas);
  G_OBJECT_CLASS (air_minimap_parent_class)->dispose (object);
}

static void
air_minimap_class_init (AirMinimapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = air_minimap_get_property;
  object_class->set_property = air_minimap_set_property;
  object_class->dispose = air_minimap_dispose;
  widget_class->snapshot = air_minimap_snapshot;
  widget_class->measure = air_minimap_measure;
  widget_class->size_allocate = air_minimap_size_allocate;
  properties[PROP_CANVAS] = g_param_spec_object ("canvas", NULL, NULL, AIR_TYPE_CANVAS,
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "airminimap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
air_minimap_init (AirMinimap *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (GTK_WIDGET (self), "minimap");
}

/**
 * air_minimap_new:
 * @canvas: what it is the overview of
 *
 * Returns: (transfer floating): the overview
 */
GtkWidget *
air_minimap_new (AirCanvas *canvas)
{
  return g_object_new (AIR_TYPE_MINIMAP, "canvas", canvas, NULL);
}
