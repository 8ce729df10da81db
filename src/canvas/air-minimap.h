/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-canvas.h"

G_BEGIN_DECLS

/**
 * AirMinimap:
 *
 * The whole graph of a canvas, always the whole, and which part of it the canvas shows. A press or a drag on it moves
 * the canvas there. It shows nothing that is not on the canvas, so assistive technology does not see it.
 */
#define AIR_TYPE_MINIMAP (air_minimap_get_type ())
G_DECLARE_FINAL_TYPE (AirMinimap, air_minimap, AIR, MINIMAP, GtkWidget)

GtkWidget *air_minimap_new (AirCanvas *canvas);

G_END_DECLS
