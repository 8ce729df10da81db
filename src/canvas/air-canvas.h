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

GtkWidget     *air_canvas_new             (void);
void           air_canvas_set_scene       (AirCanvas       *self,
                                           AirScene        *scene);
AirScene      *air_canvas_get_scene       (AirCanvas       *self);

void           air_canvas_set_status      (AirCanvas       *self,
                                           const char      *node,
                                           AirNodeStatus    status);
AirNodeStatus  air_canvas_get_status      (AirCanvas       *self,
                                           const char      *node);
void           air_canvas_set_taken       (AirCanvas       *self,
                                           const char      *edge,
                                           gboolean         taken);
void           air_canvas_clear_overlay   (AirCanvas       *self);

const char    *air_canvas_get_selected    (AirCanvas       *self);
void           air_canvas_set_selected    (AirCanvas       *self,
                                           const char      *node);
const char    *air_canvas_get_cursor      (AirCanvas       *self);
void           air_canvas_set_cursor      (AirCanvas       *self,
                                           const char      *node);

float          air_canvas_get_zoom        (AirCanvas       *self);
void           air_canvas_zoom_by         (AirCanvas       *self,
                                           float            factor);
void           air_canvas_zoom_to         (AirCanvas       *self,
                                           float            zoom);
void           air_canvas_fit             (AirCanvas       *self);
void           air_canvas_set_auto_fit    (AirCanvas       *self,
                                           gboolean         auto_fit);
void           air_canvas_set_centre      (AirCanvas       *self,
                                           const char      *node);
void           air_canvas_reveal          (AirCanvas       *self,
                                           const char      *node);

G_END_DECLS
