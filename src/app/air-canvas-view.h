/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "canvas/air-canvas.h"

G_BEGIN_DECLS

/**
 * AirCanvasView:
 *
 * A canvas with its overview and the ways to zoom: actions "canvas.zoom-in", "-out", "-fit" and "-normal".
 */
#define AIR_TYPE_CANVAS_VIEW (air_canvas_view_get_type ())
G_DECLARE_FINAL_TYPE (AirCanvasView, air_canvas_view, AIR, CANVAS_VIEW, AdwBin)

AirCanvas *air_canvas_view_get_canvas (AirCanvasView  *self);
void       air_canvas_view_add_actions (GtkWidgetClass *klass,
                                        void          (*action) (GtkWidget  *page,
                                                                 const char *name,
                                                                 GVariant   *parameter));

G_END_DECLS
