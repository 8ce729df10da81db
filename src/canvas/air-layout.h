/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirLayoutNode:
 * @width: of the node
 * @height: of the node
 * @x: result: left
 * @y: result: top
 * @rank: result: its layer, from 0
 */
typedef struct {
  float width;
  float height;
  float x;
  float y;
  guint rank;
} AirLayoutNode;

/**
 * AirLayoutEdge:
 * @from: index of a node
 * @to: index of a node
 * @port: edges of one node keep this order from top to bottom
 */
typedef struct {
  guint from;
  guint to;
  guint port;
} AirLayoutEdge;

void air_layout_run   (AirLayoutNode       *nodes,
                       guint                n_nodes,
                       const AirLayoutEdge *edges,
                       guint                n_edges);
void air_layout_rank  (AirLayoutNode       *nodes,
                       guint                n_nodes,
                       const AirLayoutEdge *edges,
                       guint                n_edges);

G_END_DECLS
