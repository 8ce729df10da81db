/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  float width;
  float height;
  float x; /* result: top left */
  float y;
  guint rank; /* result */
} AirLayoutNode;

typedef struct {
  guint from;
  guint to;
  guint port; /* edges of one node keep this order from top to bottom */
} AirLayoutEdge;

/* A layered layout from left to right. The same graph gives the same result, bit for bit. */
void air_layout_run   (AirLayoutNode       *nodes,
                       guint                n_nodes,
                       const AirLayoutEdge *edges,
                       guint                n_edges);
/* Ranks alone: the longest way from a source, without the edges that close cycles. */
void air_layout_rank  (AirLayoutNode       *nodes,
                       guint                n_nodes,
                       const AirLayoutEdge *edges,
                       guint                n_edges);

G_END_DECLS
