/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"
#include "canvas/air-scene.h"

G_BEGIN_DECLS

/**
 * AirCanvas:
 *
 * The widget that draws an #AirScene and the state of a run over it. Properties "scene", "selected" and "zoom"
 * notify.
 */
#define AIR_TYPE_CANVAS (air_canvas_get_type ())
G_DECLARE_FINAL_TYPE (AirCanvas, air_canvas, AIR, CANVAS, GtkWidget)

#define AIR_CANVAS_MIN_ZOOM .05f
#define AIR_CANVAS_MAX_ZOOM 3.f

/**
 * air_canvas_new:
 *
 * Returns: (transfer floating): a canvas that shows nothing
 */
GtkWidget     *air_canvas_new             (void);

/**
 * air_canvas_set_scene:
 * @self: a canvas
 * @scene: (nullable): what to show; a reference is kept
 *
 * The selection and the overlay belong to a scene; a new one starts without.
 */
void           air_canvas_set_scene       (AirCanvas       *self,
                                           AirScene        *scene);

/**
 * air_canvas_get_scene:
 * @self: a canvas
 *
 * Returns: (transfer none) (nullable): what it shows
 */
AirScene      *air_canvas_get_scene       (AirCanvas       *self);

/**
 * air_canvas_set_status:
 * @self: a canvas
 * @node: a node's id; one that is not in the scene does nothing
 * @status: what a run says about it
 *
 * The overlay of a run; it never touches what is cached of the scene.
 */
void           air_canvas_set_status      (AirCanvas       *self,
                                           const char      *node,
                                           AirNodeStatus    status);

/**
 * air_canvas_get_status:
 * @self: a canvas
 * @node: a node's id
 *
 * Returns: what was set; %AIR_NODE_STATUS_NONE where nothing was
 */
AirNodeStatus  air_canvas_get_status      (AirCanvas       *self,
                                           const char      *node);

/**
 * air_canvas_set_taken:
 * @self: a canvas
 * @edge: an edge's id; one that is not in the scene does nothing
 * @taken: whether a run went along it
 */
void           air_canvas_set_taken       (AirCanvas       *self,
                                           const char      *edge,
                                           gboolean         taken);

/**
 * air_canvas_clear_overlay:
 * @self: a canvas
 *
 * As if no status were set and no edge taken.
 */
void           air_canvas_clear_overlay   (AirCanvas       *self);

/**
 * air_canvas_get_selected:
 * @self: a canvas
 *
 * Returns: (transfer none) (nullable): the id of the node whose details are shown
 */
const char    *air_canvas_get_selected    (AirCanvas       *self);

/**
 * air_canvas_set_selected:
 * @self: a canvas
 * @node: (nullable): a node's id; %NULL, or one that is not there, for none
 */
void           air_canvas_set_selected    (AirCanvas       *self,
                                           const char      *node);

/**
 * air_canvas_get_cursor:
 * @self: a canvas
 *
 * Returns: (transfer none) (nullable): the id of the node the keyboard is at
 */
const char    *air_canvas_get_cursor      (AirCanvas       *self);

/**
 * air_canvas_set_cursor:
 * @self: a canvas
 * @node: (nullable): a node's id; %NULL, or one that is not there, for none
 *
 * Brings the node into sight.
 */
void           air_canvas_set_cursor      (AirCanvas       *self,
                                           const char      *node);

/**
 * air_canvas_get_zoom:
 * @self: a canvas
 *
 * Returns: pixels for a unit of the scene
 */
float          air_canvas_get_zoom        (AirCanvas       *self);

/**
 * air_canvas_zoom_by:
 * @self: a canvas
 * @factor: above 1 for larger
 *
 * Keeps what is in the middle there.
 */
void           air_canvas_zoom_by         (AirCanvas       *self,
                                           float            factor);

/**
 * air_canvas_zoom_to:
 * @self: a canvas
 * @zoom: pixels for a unit of the scene, kept within %AIR_CANVAS_MIN_ZOOM and %AIR_CANVAS_MAX_ZOOM
 *
 * Keeps what is in the middle there.
 */
void           air_canvas_zoom_to         (AirCanvas       *self,
                                           float            zoom);

/**
 * air_canvas_fit:
 * @self: a canvas
 *
 * Shows the whole graph, however small, until the person pans or zooms.
 */
void           air_canvas_fit             (AirCanvas       *self);

/**
 * air_canvas_set_auto_fit:
 * @self: a canvas
 * @auto_fit: shows what can be read, now and whenever the size changes, until the person pans or zooms
 */
void           air_canvas_set_auto_fit    (AirCanvas       *self,
                                           gboolean         auto_fit);

/**
 * air_canvas_set_centre:
 * @self: a canvas
 * @node: (nullable): the node that matters: the auto fit keeps it in the middle when not all can be read
 */
void           air_canvas_set_centre      (AirCanvas       *self,
                                           const char      *node);

/**
 * air_canvas_reveal:
 * @self: a canvas
 * @node: a node's id
 *
 * Pans just as far as it takes to have the whole node in sight, and the names of its ways out.
 */
void           air_canvas_reveal          (AirCanvas       *self,
                                           const char      *node);

G_END_DECLS
