/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-canvas.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas/air-canvas-accessible.h"
#include "canvas/air-canvas-private.h"

#define PULSE_PERIOD (1.6 * G_USEC_PER_SEC)

enum { PROP_0, PROP_SCENE, PROP_SELECTED, PROP_ZOOM, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void air_canvas_accessible_init (GtkAccessibleInterface *iface);

static GtkAccessibleInterface *parent_accessible;

G_DEFINE_FINAL_TYPE_WITH_CODE (AirCanvas,
                               air_canvas,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_ACCESSIBLE, air_canvas_accessible_init))

/* --- run state ---------------------------------------------------------- */

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  AirCanvas *self = AIR_CANVAS (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (self->pulse_start_us == 0)
    self->pulse_start_us = now;
  self->pulse = (float) (.5 - .5 * cos (2 * G_PI * (double) (now - self->pulse_start_us) / PULSE_PERIOD));
  /* Out of sight nothing moves, and so nothing is drawn. */
  if (self->drawn_lively)
    gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

/* The pulse runs only while something moves, is in sight, and the person wants motion. */
static void
update_tick (AirCanvas *self)
{
  gboolean wanted =
      self->n_lively > 0 && gtk_widget_get_mapped (GTK_WIDGET (self)) && adw_get_enable_animations (GTK_WIDGET (self));

  if (wanted && self->tick == 0)
    {
      self->pulse_start_us = 0;
      self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
    }
  else if (!wanted && self->tick != 0)
    {
      gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
      self->tick = 0;
      self->pulse = 0;
    }
}

static gboolean
is_lively (AirNodeStatus status)
{
  return status == AIR_NODE_STATUS_RUNNING;
}

static GtkAccessible *
canvas_get_first_child (GtkAccessible *accessible)
{
  GPtrArray *all = air_canvas_get_accessibles (AIR_CANVAS (accessible));

  return all != NULL && all->len > 0 ? g_object_ref (all->pdata[0]) : NULL;
}

static void
air_canvas_accessible_init (GtkAccessibleInterface *iface)
{
  parent_accessible = g_type_interface_peek_parent (iface);
  iface->get_at_context = parent_accessible->get_at_context;
  iface->get_platform_state = parent_accessible->get_platform_state;
  iface->get_accessible_parent = parent_accessible->get_accessible_parent;
  iface->get_next_accessible_sibling = parent_accessible->get_next_accessible_sibling;
  iface->get_bounds = parent_accessible->get_bounds;
  iface->get_first_accessible_child = canvas_get_first_child;
}

/* --- widget ------------------------------------------------------------- */

static void
style_changed_cb (AirCanvas *self)
{
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  const AirPalette *palette =
      air_palette_get (adw_style_manager_get_dark (style), adw_style_manager_get_high_contrast (style));

  if (palette != self->palette)
    {
      self->palette = palette;
      air_canvas_drop_painted (self);
    }
  air_canvas_overlay_changed (self);
}

static void
air_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AirCanvas *self = AIR_CANVAS (widget);

  if (self->auto_fit)
    air_canvas_refit (self);
  g_signal_emit_by_name (self, "view-changed");
}

static void
air_canvas_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *min_baseline,
                    int *nat_baseline)
{
  *minimum = 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 400;
}

static void
air_canvas_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (air_canvas_parent_class)->map (widget);
  update_tick (AIR_CANVAS (widget));
}

static void
air_canvas_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (air_canvas_parent_class)->unmap (widget);
  update_tick (AIR_CANVAS (widget));
}

/* Fonts and their sizes changed. */
static void
air_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (air_canvas_parent_class)->css_changed (widget, change);
  air_canvas_drop_painted (AIR_CANVAS (widget));
}

static gboolean
air_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  /* One stop on the way: arrows move inside, Tab leaves. */
  if (gtk_widget_is_focus (widget))
    return FALSE;
  return gtk_widget_grab_focus (widget);
}

static void
air_canvas_dispose (GObject *object)
{
  AirCanvas *self = AIR_CANVAS (object);

  air_canvas_set_scene (self, NULL);
  self->n_lively = 0;
  update_tick (self);
  g_clear_pointer (&self->centre, g_free);
  g_clear_pointer (&self->found, g_array_unref);
  G_OBJECT_CLASS (air_canvas_parent_class)->dispose (object);
}

static void
air_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirCanvas *self = AIR_CANVAS (object);

  switch (id)
    {
    case PROP_SCENE:
      g_value_set_boxed (value, self->scene);
      break;
    case PROP_SELECTED:
      g_value_set_string (value, air_canvas_get_selected (self));
      break;
    case PROP_ZOOM:
      g_value_set_float (value, self->zoom);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AirCanvas *self = AIR_CANVAS (object);

  switch (id)
    {
    case PROP_SCENE:
      air_canvas_set_scene (self, g_value_get_boxed (value));
      break;
    case PROP_SELECTED:
      air_canvas_set_selected (self, g_value_get_string (value));
      break;
    case PROP_ZOOM:
      air_canvas_zoom_to (self, g_value_get_float (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_canvas_class_init (AirCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = air_canvas_dispose;
  object_class->get_property = air_canvas_get_property;
  object_class->set_property = air_canvas_set_property;
  widget_class->snapshot = air_canvas_snapshot;
  widget_class->size_allocate = air_canvas_size_allocate;
  widget_class->measure = air_canvas_measure;
  widget_class->map = air_canvas_map;
  widget_class->unmap = air_canvas_unmap;
  widget_class->css_changed = air_canvas_css_changed;
  widget_class->focus = air_canvas_focus;

  properties[PROP_SCENE] = g_param_spec_boxed ("scene", NULL, NULL, AIR_TYPE_SCENE, flags);
  properties[PROP_SELECTED] = g_param_spec_string ("selected", NULL, NULL, NULL, flags);
  properties[PROP_ZOOM] = g_param_spec_float ("zoom", NULL, NULL, AIR_CANVAS_MIN_ZOOM, AIR_CANVAS_MAX_ZOOM, 1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * AirCanvas::node-activated:
   * @node: the id of the node a person wants to look into
   */
  g_signal_new ("node-activated", AIR_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_STRING);
  /**
   * AirCanvas::view-changed:
   *
   * Another part of the scene is in sight.
   */
  g_signal_new ("view-changed", AIR_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * AirCanvas::overlay-changed:
   *
   * A state, a way taken, the selection or the palette changed.
   */
  g_signal_new ("overlay-changed", AIR_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "aircanvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
  air_canvas_class_add_keys (widget_class);
}

static void
air_canvas_init (AirCanvas *self)
{
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));

  self->zoom = 1;
  self->found = g_array_new (FALSE, FALSE, sizeof (guint));
  self->cursor = self->selected = self->hovered = -1;
  self->auto_fit = TRUE;
  self->palette = air_palette_get (adw_style_manager_get_dark (style), adw_style_manager_get_high_contrast (style));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Workflow"), -1);
  air_canvas_add_input (self);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::accent-color", G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::gtk-enable-animations", G_CALLBACK (update_tick), self,
                           G_CONNECT_SWAPPED);
}

/* --- public ------------------------------------------------------------- */

GtkWidget *
air_canvas_new (void)
{
  return g_object_new (AIR_TYPE_CANVAS, NULL);
}

void
air_canvas_set_scene (AirCanvas *self, AirScene *scene)
{
  gboolean had_selection;

  g_return_if_fail (AIR_IS_CANVAS (self));
  if (scene == self->scene)
    return;
  air_canvas_drop_accessibles (self);
  air_canvas_drop_painted (self);
  g_clear_pointer (&self->painted_nodes, g_free);
  g_clear_pointer (&self->painted_edges, g_free);
  g_clear_pointer (&self->statuses, g_free);
  g_clear_pointer (&self->taken, g_free);
  g_clear_pointer (&self->scene, air_scene_unref);
  had_selection = self->selected >= 0;
  self->cursor = self->hovered = self->selected = -1;
  self->n_lively = 0;
  update_tick (self);
  if (scene != NULL)
    {
      guint n_nodes = air_scene_get_n_nodes (scene), n_edges = air_scene_get_n_edges (scene);

      self->scene = air_scene_ref (scene);
      self->painted_nodes = g_new0 (AirPainted, n_nodes + 1);
      self->painted_edges = g_new0 (AirPainted, n_edges + 1);
      self->statuses = g_new0 (AirNodeStatus, n_nodes + 1);
      self->taken = g_new0 (gboolean, n_edges + 1);
      if (self->auto_fit)
        air_canvas_refit (self);
    }
  if (had_selection)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

AirScene *
air_canvas_get_scene (AirCanvas *self)
{
  return self->scene;
}

void
air_canvas_set_status (AirCanvas *self, const char *node_id, AirNodeStatus status)
{
  const AirSceneNode *node = self->scene != NULL ? air_scene_find_node (self->scene, node_id) : NULL;

  if (node == NULL || self->statuses[node->index] == status)
    return;
  self->n_lively -= is_lively (self->statuses[node->index]);
  self->statuses[node->index] = status;
  self->n_lively += is_lively (status);
  air_canvas_update_accessible (self, (int) node->index);
  update_tick (self);
  air_canvas_overlay_changed (self);
}

AirNodeStatus
air_canvas_get_status (AirCanvas *self, const char *node_id)
{
  const AirSceneNode *node = self->scene != NULL ? air_scene_find_node (self->scene, node_id) : NULL;

  return node != NULL ? self->statuses[node->index] : AIR_NODE_STATUS_NONE;
}

void
air_canvas_set_taken (AirCanvas *self, const char *edge_id, gboolean taken)
{
  const AirSceneEdge *edge = self->scene != NULL ? air_scene_find_edge (self->scene, edge_id) : NULL;

  if (edge == NULL || self->taken[edge->index] == taken)
    return;
  self->taken[edge->index] = taken;
  air_canvas_overlay_changed (self);
}

void
air_canvas_clear_overlay (AirCanvas *self)
{
  if (self->scene == NULL)
    return;
  memset (self->taken, 0, sizeof *self->taken * air_scene_get_n_edges (self->scene));
  for (guint i = 0; i < air_scene_get_n_nodes (self->scene); i++)
    air_canvas_set_status (self, air_scene_get_node (self->scene, i)->id, AIR_NODE_STATUS_NONE);
  air_canvas_overlay_changed (self);
}

const char *
air_canvas_get_selected (AirCanvas *self)
{
  return self->selected >= 0 ? air_scene_get_node (self->scene, (guint) self->selected)->id : NULL;
}

void
air_canvas_set_selected (AirCanvas *self, const char *node_id)
{
  const AirSceneNode *node = self->scene != NULL ? air_scene_find_node (self->scene, node_id) : NULL;

  air_canvas_select (self, node != NULL ? (int) node->index : -1);
}

const char *
air_canvas_get_cursor (AirCanvas *self)
{
  return self->cursor >= 0 ? air_scene_get_node (self->scene, (guint) self->cursor)->id : NULL;
}

void
air_canvas_set_cursor (AirCanvas *self, const char *node_id)
{
  const AirSceneNode *node = self->scene != NULL ? air_scene_find_node (self->scene, node_id) : NULL;

  air_canvas_move_cursor (self, node != NULL ? (int) node->index : -1, TRUE);
}
