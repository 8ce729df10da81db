/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-scene.h"

G_BEGIN_DECLS

/**
 * AirKindIcon:
 *
 * The tile that stands on a card, for lists: the same step looks the same everywhere.
 */
#define AIR_TYPE_KIND_ICON (air_kind_icon_get_type ())
G_DECLARE_FINAL_TYPE (AirKindIcon, air_kind_icon, AIR, KIND_ICON, GtkWidget)

GtkWidget *air_kind_icon_new (AirNodeKind kind);

G_END_DECLS
