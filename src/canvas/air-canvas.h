/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"
#include "canvas/air-scene.h"

G_BEGIN_DECLS

#define AIR_TYPE_CANVAS (air_canvas_get_type ())
G_DECLARE_FINAL_TYPE (AirCanvas, air_canvas, AIR, CANVAS, GtkWidget)

#define AIR_CANVAS_MIN_ZOOM .05f
#define AIR_CANVAS_MAX_ZOOM 3.f

GtkWidget     *air_canvas_new             (void);
void           air_canvas_set_scene       (AirCanvas       *self,
                                           AirScene        *scene); /* nullable */
AirScene      *air_canvas_get_scene       (AirCanvas       *self);

/* The overlay of a run; it never touches what is cached of the scene. */
void           air_canvas_set_status      (AirCanvas       *self,
                                           const char      *node,
                                           AirNodeStatus    status);
AirNodeStatus  air_canvas_get_status      (AirCanvas       *self,
                                           const char      *node);
void           air_canvas_set_taken       (AirCanvas       *self,
                                           const char      *edge,
                                           gboolean         taken);
void           air_canvas_clear_overlay   (AirCanvas       *self);

const char    *air_canvas_get_selected    (AirCanvas       *self); /* node id, nullable */
void           air_canvas_set_selected    (AirCanvas       *self,
                                           const char      *node);
const char    *air_canvas_get_cursor      (AirCanvas       *self); /* node id, nullable */
void           air_canvas_set_cursor      (AirCanvas       *self,
                                           const char      *node);

float          air_canvas_get_zoom        (AirCanvas       *self);
void           air_canvas_zoom_by         (AirCanvas       *self,
                                           float            factor);
void           air_canvas_zoom_to         (AirCanvas       *self,
                                           float            zoom);
/* Shows the whole graph, however small. */
void           air_canvas_fit             (AirCanvas       *self);
/* Shows what can be read, now and whenever the size changes, until the person pans or zooms. */
void           air_canvas_set_auto_fit    (AirCanvas       *self,
                                           gboolean         auto_fit);
/* The node that matters: the auto fit keeps it in the middle when not all can be read. */
void           air_canvas_set_centre      (AirCanvas       *self,
                                           const char      *node); /* nullable */
void           air_canvas_reveal          (AirCanvas       *self,
                                           const char      *node);

G_END_DECLS
