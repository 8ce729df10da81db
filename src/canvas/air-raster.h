/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"
#include "canvas/air-scene.h"

G_BEGIN_DECLS

/**
 * AirRaster:
 * @scene: what is drawn
 * @statuses: by node index
 * @taken: by edge index
 * @selected: node index or -1
 * @palette: of the appearance
 * @zoom: pixels a unit of the scene
 * @x: the pixel where the scene's origin is
 * @y: the pixel where the scene's origin is
 *
 * What is drawn from far away, and how. Borrowed.
 */
typedef struct {
  AirScene *scene;
  const AirNodeStatus *statuses;
  const gboolean *taken;
  int selected;
  const AirPalette *palette;
  float zoom;
  float x, y;
} AirRaster;

GdkTexture *air_raster_paint (const AirRaster *self,
                              int              width,
                              int              height);

G_END_DECLS
