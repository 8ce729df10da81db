/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-canvas.h"

G_BEGIN_DECLS

/**
 * AirCanvasNode:
 *
 * What assistive technology sees of one drawn node: a #GtkAccessible without a widget.
 */
#define AIR_TYPE_CANVAS_NODE (air_canvas_node_get_type ())
G_DECLARE_FINAL_TYPE (AirCanvasNode, air_canvas_node, AIR, CANVAS_NODE, GObject)

AirCanvasNode *air_canvas_node_new     (AirCanvas      *canvas,
                                        guint           index);
guint          air_canvas_node_get_index (AirCanvasNode *self);
void           air_canvas_node_update  (AirCanvasNode  *self);
void           air_canvas_node_detach  (AirCanvasNode  *self);

G_END_DECLS
