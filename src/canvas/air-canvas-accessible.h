/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-canvas.h"

G_BEGIN_DECLS

#define AIR_TYPE_CANVAS_NODE (air_canvas_node_get_type ())
G_DECLARE_FINAL_TYPE (AirCanvasNode, air_canvas_node, AIR, CANVAS_NODE, GObject)

/* What assistive technology sees of one drawn node. */
AirCanvasNode *air_canvas_node_new     (AirCanvas      *canvas,
                                        guint           index);
guint          air_canvas_node_get_index (AirCanvasNode *self);
void           air_canvas_node_update  (AirCanvasNode  *self);
/* The canvas is gone, or shows another scene. */
void           air_canvas_node_detach  (AirCanvasNode  *self);

G_END_DECLS
