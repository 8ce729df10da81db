/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-canvas-view.h"

#include "canvas/air-minimap.h"

#define ZOOM_STEP 1.2f

struct _AirCanvasView {
  AdwBin parent_instance;
  AirCanvas *canvas;
};

G_DEFINE_FINAL_TYPE (AirCanvasView, air_canvas_view, ADW_TYPE_BIN)

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirCanvas *canvas = AIR_CANVAS_VIEW (widget)->canvas;

  if (g_str_equal (name, "canvas.zoom-in"))
    air_canvas_zoom_by (canvas, ZOOM_STEP);
  else if (g_str_equal (name, "canvas.zoom-out"))
    air_canvas_zoom_by (canvas, 1 / ZOOM_STEP);
  else if (g_str_equal (name, "canvas.zoom-normal"))
    air_canvas_zoom_to (canvas, 1);
  else
    air_canvas_fit (canvas);
}

static void
scene_changed_cb (AirCanvasView *self)
{
  gboolean any = air_canvas_get_scene (self->canvas) != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-in", any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-out", any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-fit", any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-normal", any);
}

/**
 * air_canvas_view_add_actions:
 * @klass: of a page
 * @action: passes the action on to the page's view
 *
 * The same actions and their keys for a page, so that its menu has them too.
 */
void
air_canvas_view_add_actions (GtkWidgetClass *klass, void (*action) (GtkWidget *, const char *, GVariant *))
{
  static const struct {
    guint key;
    const char *action;
  } keys[] = {
    { GDK_KEY_plus, "canvas.zoom-in" },         { GDK_KEY_equal, "canvas.zoom-in" },
    { GDK_KEY_KP_Add, "canvas.zoom-in" },       { GDK_KEY_minus, "canvas.zoom-out" },
    { GDK_KEY_KP_Subtract, "canvas.zoom-out" }, { GDK_KEY_0, "canvas.zoom-normal" },
    { GDK_KEY_KP_0, "canvas.zoom-normal" },     { GDK_KEY_9, "canvas.zoom-fit" },
  };

  gtk_widget_class_install_action (klass, "canvas.zoom-in", NULL, action);
  gtk_widget_class_install_action (klass, "canvas.zoom-out", NULL, action);
  gtk_widget_class_install_action (klass, "canvas.zoom-fit", NULL, action);
  gtk_widget_class_install_action (klass, "canvas.zoom-normal", NULL, action);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (klass, keys[i].key, GDK_CONTROL_MASK, keys[i].action, NULL);
}

static void
air_canvas_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), AIR_TYPE_CANVAS_VIEW);
  G_OBJECT_CLASS (air_canvas_view_parent_class)->dispose (object);
}

static void
air_canvas_view_class_init (AirCanvasViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_canvas_view_dispose;
  g_type_ensure (AIR_TYPE_CANVAS);
  g_type_ensure (AIR_TYPE_MINIMAP);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/canvas-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AirCanvasView, canvas);
  air_canvas_view_add_actions (widget_class, zoom_action);
}

static void
air_canvas_view_init (AirCanvasView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->canvas, "notify::scene", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  scene_changed_cb (self);
}

/**
 * air_canvas_view_get_canvas:
 * @self: a view
 *
 * Returns: (transfer none): its canvas
 */
AirCanvas *
air_canvas_view_get_canvas (AirCanvasView *self)
{
  return self->canvas;
}
