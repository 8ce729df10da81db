/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-canvas-accessible.h"
#include "canvas/air-canvas-private.h"

/* Which node the keyboard is on, which one is selected, and what assistive technology is told of it. */

void
air_canvas_overlay_changed (AirCanvas *self)
{
  g_clear_object (&self->far);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "overlay-changed");
}

GPtrArray *
air_canvas_get_accessibles (AirCanvas *self)
{
  guint n;

  if (self->scene == NULL)
    return NULL;
  if (self->accessibles != NULL)
    return self->accessibles;
  n = air_scene_get_n_nodes (self->scene);
  self->accessibles = g_ptr_array_new_full (n, g_object_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->accessibles, air_canvas_node_new (self, air_scene_get_node_in_flow (self->scene, i)->index));
  for (guint i = 0; i < n; i++)
    air_canvas_node_update (self->accessibles->pdata[i]);
  return self->accessibles;
}

void
air_canvas_drop_accessibles (AirCanvas *self)
{
  for (guint i = 0; self->accessibles != NULL && i < self->accessibles->len; i++)
    air_canvas_node_detach (self->accessibles->pdata[i]);
  g_clear_pointer (&self->accessibles, g_ptr_array_unref);
}

void
air_canvas_update_accessible (AirCanvas *self, int index)
{
  if (index >= 0 && self->accessibles != NULL)
    air_canvas_node_update (self->accessibles->pdata[air_scene_get_node (self->scene, (guint) index)->flow]);
}

/* --- cursor and selection ----------------------------------------------- */

void
air_canvas_move_cursor (AirCanvas *self, int index, gboolean reveal)
{
  GPtrArray *all;
  int before = self->cursor;

  if (before == index)
    return;
  self->cursor = index;
  if (reveal && index >= 0)
    air_canvas_reveal (self, air_scene_get_node (self->scene, (guint) index)->id);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  all = air_canvas_get_accessibles (self);
  if (all == NULL)
    return;
  if (before >= 0)
    gtk_accessible_update_platform_state (all->pdata[air_scene_get_node (self->scene, (guint) before)->flow],
                                          GTK_ACCESSIBLE_PLATFORM_STATE_FOCUSED);
  if (index >= 0)
    {
      GtkAccessible *now = all->pdata[air_scene_get_node (self->scene, (guint) index)->flow];

      gtk_accessible_update_platform_state (now, GTK_ACCESSIBLE_PLATFORM_STATE_FOCUSED);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_ACTIVE_DESCENDANT, now, -1);
    }
}

void
air_canvas_select (AirCanvas *self, int index)
{
  int before = self->selected;

  if (before == index)
    return;
  self->selected = index;
  air_canvas_update_accessible (self, before);
  air_canvas_update_accessible (self, index);
  air_canvas_overlay_changed (self);
  g_object_notify (G_OBJECT (self), "selected");
}

void
air_canvas_activate_node (AirCanvas *self, int index)
{
  g_signal_emit_by_name (self, "node-activated", air_scene_get_node (self->scene, (guint) index)->id);
}
