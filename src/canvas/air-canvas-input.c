/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas/air-canvas-private.h"

#define SCROLL_STEP 60.f
#define ZOOM_STEP   1.2f
#define MIN_TARGET  24.f /* px a pointer may ask for, whatever the zoom */

static int
node_at (AirCanvas *self, double x, double y)
{
  graphene_point_t point;
  const AirSceneNode *node;

  if (self->scene == NULL)
    return -1;
  air_canvas_to_scene (self, &GRAPHENE_POINT_INIT ((float) x, (float) y), &point);
  node = air_scene_hit_node (self->scene, &point);
  if (node == NULL && self->zoom * AIR_SCENE_NODE_HEIGHT < MIN_TARGET)
    {
      /* From far away a node is smaller than a finger: look around the point. */
      float reach = MIN_TARGET / 2 / self->zoom;

      for (int i = 0; i < 8 && node == NULL; i++)
        {
          double angle = i * G_PI / 4;

          node = air_scene_hit_node (self->scene, &GRAPHENE_POINT_INIT (point.x + reach * (float) cos (angle),
                                                                        point.y + reach * (float) sin (angle)));
        }
    }
  return node != NULL ? (int) node->index : -1;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, AirCanvas *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, AirCanvas *self)
{
  int index = node_at (self, x, y);

  if (index >= 0)
    air_canvas_move_cursor (self, index, FALSE);
  air_canvas_select (self, index);
  if (n_press == 2 && index >= 0)
    air_canvas_activate_node (self, index);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, AirCanvas *self)
{
  self->drag_pan = self->pan;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, AirCanvas *self)
{
  if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy)
      && gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) != 0
      && graphene_point_near (&self->drag_pan, &self->pan, .5f))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
  air_canvas_pan_by (self, self->drag_pan.x + (float) dx - self->pan.x, self->drag_pan.y + (float) dy - self->pan.y);
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, AirCanvas *self)
{
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, AirCanvas *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  float step = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL ? SCROLL_STEP : 1;

  if (state & GDK_CONTROL_MASK)
    {
      float notches = (float) dy * (step > 1 ? 1 : .02f);

      air_canvas_zoom_at (self, self->zoom * powf (ZOOM_STEP, -notches), &self->pointer);
    }
  /* A small canvas on a page that scrolls leaves the wheel to the page: people are on their way past it. */
  else if (gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW) != NULL)
    return GDK_EVENT_PROPAGATE;
  else if (state & GDK_SHIFT_MASK)
    air_canvas_pan_by (self, -(float) (dx + dy) * step, 0);
  else
    air_canvas_pan_by (self, -(float) dx * step, -(float) dy * step);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, AirCanvas *self)
{
  self->pinch_zoom = self->zoom;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, AirCanvas *self)
{
  double x, y;

  if (!gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    {
      x = self->pointer.x;
      y = self->pointer.y;
    }
  air_canvas_zoom_at (self, self->pinch_zoom * (float) scale, &GRAPHENE_POINT_INIT ((float) x, (float) y));
}

static void
set_hovered (AirCanvas *self, int index)
{
  if (self->hovered == index)
    return;
  self->hovered = index;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, AirCanvas *self)
{
  graphene_point_init (&self->pointer, (float) x, (float) y);
  set_hovered (self, node_at (self, x, y));
}

static void
leave_cb (GtkEventControllerMotion *controller, AirCanvas *self)
{
  set_hovered (self, -1);
}

/* A title that is cut off on the card, or too small to read, is whole here. */
static gboolean
query_tooltip_cb (AirCanvas *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer user_data)
{
  int index = keyboard ? self->cursor : node_at (self, x, y);
  const AirSceneNode *node;
  const char *status;
  g_autofree char *text = NULL;
  graphene_rect_t area;

  if (index < 0 || self->scene == NULL)
    return FALSE;
  node = air_scene_get_node (self->scene, (guint) index);
  status = air_node_status_to_words (self->statuses[index]);
  text = g_strdup_printf ("%s\n%s%s%s", node->title,
                          node->subtitle != NULL ? node->subtitle : air_node_kind_to_words (node->kind),
                          status != NULL ? " · " : "", status != NULL ? status : "");
  gtk_tooltip_set_text (tooltip, text);
  graphene_rect_init (&area, self->pan.x + node->bounds.origin.x * self->zoom,
                      self->pan.y + node->bounds.origin.y * self->zoom, node->bounds.size.width * self->zoom,
                      node->bounds.size.height * self->zoom);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { (int) area.origin.x, (int) area.origin.y, (int) area.size.width,
                                                       (int) area.size.height });
  return TRUE;
}

static void
focus_cb (GtkEventControllerFocus *controller, AirCanvas *self)
{
  if (self->scene != NULL && self->cursor < 0 && air_scene_get_n_nodes (self->scene) > 0)
    air_canvas_move_cursor (
        self, self->selected >= 0 ? self->selected : (int) air_scene_get_node_in_flow (self->scene, 0)->index, FALSE);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
air_canvas_add_input (AirCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *motion = gtk_event_controller_motion_new (), *focus = gtk_event_controller_focus_new ();

  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (focus, "enter", G_CALLBACK (focus_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, focus);
}

/* --- keys --------------------------------------------------------------- */

static float
centre_y (const AirSceneNode *node)
{
  return node->bounds.origin.y + node->bounds.size.height / 2;
}

/* Along the flow: forward by the edge of the first port, back by the edge that comes from nearest. Across it: the
 * nearest node above or below in the same rank, else in any. */
int
air_canvas_find_move (AirScene *scene, int from, AirMove move)
{
  guint n = air_scene_get_n_nodes (scene);
  const AirSceneNode *node, *best = NULL;
  float least = G_MAXFLOAT;

  if (n == 0)
    return -1;
  if (move == AIR_MOVE_FIRST || from < 0)
    return (int) air_scene_get_node_in_flow (scene, 0)->index;
  if (move == AIR_MOVE_LAST)
    return (int) air_scene_get_node_in_flow (scene, n - 1)->index;
  node = air_scene_get_node (scene, (guint) from);
  if (move == AIR_MOVE_FORWARD)
    return node->out->len > 0 ? (int) air_scene_get_edge (scene, g_array_index (node->out, guint, 0))->to : -1;
  if (move == AIR_MOVE_BACK)
    {
      for (guint i = 0; i < node->in->len; i++)
        {
          const AirSceneNode *other =
              air_scene_get_node (scene, air_scene_get_edge (scene, g_array_index (node->in, guint, i))->from);
          float distance =
              fabsf (centre_y (other) - centre_y (node)) + fabsf (other->bounds.origin.x - node->bounds.origin.x);

          if (distance < least)
            {
              least = distance;
              best = other;
            }
        }
      return best != NULL ? (int) best->index : -1;
    }
  for (guint i = 0; i < n; i++)
    {
      const AirSceneNode *other = air_scene_get_node (scene, i);
      float dy = centre_y (other) - centre_y (node), dx = fabsf (other->bounds.origin.x - node->bounds.origin.x),
            distance;

      if (other == node || (move == AIR_MOVE_UP ? dy >= -1 : dy <= 1))
        continue;
      /* A column apart weighs as much as several rows. */
      distance = fabsf (dy) + 4 * dx;
      if (distance < least)
        {
          least = distance;
          best = other;
        }
    }
  return best != NULL ? (int) best->index : -1;
}

static gboolean
move_binding (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AirCanvas *self = AIR_CANVAS (widget);
  int to;

  if (self->scene == NULL)
    return FALSE;
  to = air_canvas_find_move (self->scene, self->cursor, (AirMove) g_variant_get_int32 (args));
  if (to >= 0)
    air_canvas_move_cursor (self, to, TRUE);
  else
    {
      gtk_widget_error_bell (widget);
      gtk_accessible_announce (GTK_ACCESSIBLE (self), _ ("No step in this direction"),
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  return TRUE;
}

static gboolean
select_binding (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AirCanvas *self = AIR_CANVAS (widget);

  if (self->cursor < 0)
    return FALSE;
  air_canvas_select (self, self->cursor == self->selected ? -1 : self->cursor);
  return TRUE;
}

static gboolean
activate_binding (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AirCanvas *self = AIR_CANVAS (widget);

  if (self->cursor < 0)
    return FALSE;
  air_canvas_select (self, self->cursor);
  air_canvas_activate_node (self, self->cursor);
  return TRUE;
}

static gboolean
zoom_binding (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AirCanvas *self = AIR_CANVAS (widget);
  int direction = g_variant_get_int32 (args);

  if (direction == 0)
    air_canvas_zoom_to (self, 1);
  else if (direction == 9)
    air_canvas_fit (self);
  else
    air_canvas_zoom_by (self, direction > 0 ? ZOOM_STEP : 1 / ZOOM_STEP);
  return TRUE;
}

void
air_canvas_class_add_keys (GtkWidgetClass *klass)
{
  static const struct {
    guint key;
    AirMove move;
  } moves[] = {
    /* The flow runs from left to right in every language; so do the keys. */
    { GDK_KEY_Right, AIR_MOVE_FORWARD }, { GDK_KEY_KP_Right, AIR_MOVE_FORWARD },
    { GDK_KEY_Left, AIR_MOVE_BACK },     { GDK_KEY_KP_Left, AIR_MOVE_BACK },
    { GDK_KEY_Up, AIR_MOVE_UP },         { GDK_KEY_KP_Up, AIR_MOVE_UP },
    { GDK_KEY_Down, AIR_MOVE_DOWN },     { GDK_KEY_KP_Down, AIR_MOVE_DOWN },
    { GDK_KEY_Home, AIR_MOVE_FIRST },    { GDK_KEY_KP_Home, AIR_MOVE_FIRST },
    { GDK_KEY_End, AIR_MOVE_LAST },      { GDK_KEY_KP_End, AIR_MOVE_LAST },
  };
  static const struct {
    guint key;
    int direction;
  } zooms[] = {
    { GDK_KEY_plus, 1 },   { GDK_KEY_equal, 1 },        { GDK_KEY_KP_Add, 1 },
    { GDK_KEY_minus, -1 }, { GDK_KEY_KP_Subtract, -1 }, { GDK_KEY_1, 0 },
    { GDK_KEY_0, 9 },      { GDK_KEY_KP_1, 0 },         { GDK_KEY_KP_0, 9 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (klass, moves[i].key, 0, move_binding, "i", (int) moves[i].move);
  for (gsize i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (klass, zooms[i].key, 0, zoom_binding, "i", zooms[i].direction);
  gtk_widget_class_add_binding (klass, GDK_KEY_space, 0, select_binding, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Space, 0, select_binding, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Return, 0, activate_binding, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_KP_Enter, 0, activate_binding, NULL);
}
