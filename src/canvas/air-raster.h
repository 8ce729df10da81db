/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"
#include "canvas/air-scene.h"

G_BEGIN_DECLS

typedef struct {
  AirScene *scene;
  const AirNodeStatus *statuses; /* by node index */
  const gboolean *taken;         /* by edge index */
  int selected;                  /* node index or -1 */
  const AirPalette *palette;
  float zoom;                    /* pixels a unit of the scene */
  float x, y;                    /* the pixel where the scene's origin is */
} AirRaster;

/* A whole graph from far away, in one texture: transparent where nothing is. It costs the same for ten nodes and for
 * ten thousand that are no larger than a few pixels. */
GdkTexture *air_raster_paint (const AirRaster *self,
                              int              width,
                              int              height);

G_END_DECLS
