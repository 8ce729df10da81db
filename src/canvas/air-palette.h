/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas/air-scene.h"

G_BEGIN_DECLS

/**
 * AirNodeStatus:
 *
 * What a run says about a node; drawn over the scene.
 */
typedef enum {
  AIR_NODE_STATUS_NONE,
  AIR_NODE_STATUS_PENDING,
  AIR_NODE_STATUS_RUNNING,
  AIR_NODE_STATUS_WAITING, /* for a person or a time */
  AIR_NODE_STATUS_DONE,
  AIR_NODE_STATUS_FAILED,
  AIR_NODE_STATUS_UNKNOWN, /* an action whose outcome is not known yet */
  AIR_NODE_STATUS_UNDONE,  /* its effect was reversed */
  AIR_N_NODE_STATUSES,
} AirNodeStatus;

/**
 * AirPalette:
 *
 * Colours and widths of one appearance. Immutable; borrowed for good.
 */
typedef struct {
  gboolean high_contrast;
  GdkRGBA background;
  GdkRGBA dots;
  GdkRGBA card;
  GdkRGBA border;
  GdkRGBA text;
  GdkRGBA dim;
  GdkRGBA edge;
  GdkRGBA edge_failure;
  GdkRGBA edge_taken;
  GdkRGBA on_fill; /* glyphs on kind and status colours */
  GdkRGBA kinds[AIR_N_NODE_KINDS];
  GdkRGBA statuses[AIR_N_NODE_STATUSES];
  float border_width;
} AirPalette;

const AirPalette *air_palette_get            (gboolean       dark,
                                              gboolean       high_contrast);
const char       *air_node_status_to_words   (AirNodeStatus  status);
const char       *air_node_kind_to_words     (AirNodeKind    kind);

G_END_DECLS
