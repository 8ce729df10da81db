/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"
#include "canvas/air-scene.h"

G_BEGIN_DECLS

/* From this zoom on everything is drawn; from the next one cards and icons without text; from the next one, where
 * there are many, cards that are their colour alone; below it, a raster. */
#define AIR_DETAIL_FULL .45f
#define AIR_DETAIL_ICON .25f
#define AIR_DETAIL_MANY 600
#define AIR_DETAIL_CARD .12f

GskRenderNode *air_node_painter_paint        (const AirSceneNode *node,
                                              const AirPalette   *palette,
                                              PangoContext       *context,
                                              gboolean            full);
void           air_node_painter_paint_status (GtkSnapshot        *snapshot,
                                              const AirSceneNode *node,
                                              AirNodeStatus       status,
                                              const AirPalette   *palette,
                                              float               pulse,
                                              gboolean            full);

GskRenderNode *air_edge_painter_paint        (AirScene           *scene,
                                              const AirSceneEdge *edge,
                                              const AirPalette   *palette,
                                              gboolean            full);
void           air_edge_painter_paint_taken  (GtkSnapshot        *snapshot,
                                              const AirSceneEdge *edge,
                                              const AirPalette   *palette);

G_END_DECLS
