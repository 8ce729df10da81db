/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-palette.h"

G_BEGIN_DECLS

void air_glyph_snapshot_kind   (GtkSnapshot   *snapshot,
                                AirNodeKind    kind,
                                const GdkRGBA *color);
void air_glyph_snapshot_status (GtkSnapshot   *snapshot,
                                AirNodeStatus  status,
                                const GdkRGBA *color);

G_END_DECLS
