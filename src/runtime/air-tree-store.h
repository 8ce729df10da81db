/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-tree-edge.h"
#include "runtime/air-store.h"

G_BEGIN_DECLS

gboolean air_tree_edge_load   (AirTreeEdge     *self,
                               AirStore        *store,
                               GError         **error);

/**
 * AirTreeTile:
 * @tile: its index; -1: none
 * @nodes: its hashes with all that is above them, as a heap: [1] is over all of it, those from [256] on are its own
 *
 * A tile as proofs need it.
 */
typedef struct {
  gint64    tile;
  AirDigest nodes[2 * AIR_TILE_WIDTH];
} AirTreeTile;

/**
 * AirTreeView:
 *
 * Reads hashes of a tree up to the size of its edge, which is set once: complete tiles from the
 * store, the rest from the edge. Of each level the last complete tile is kept, and that of the edge, so that the proofs of neighbours cost
 * little.
 */
typedef struct {
  AirStore    *store;
  AirTreeEdge  edge;
  AirTreeTile  complete[AIR_TREE_TILE_LEVELS];
  AirTreeTile  last[AIR_TREE_TILE_LEVELS];
} AirTreeView;

void          air_tree_view_init       (AirTreeView *self,
                                        AirStore    *store);
AirHashReader air_tree_view_get_reader (AirTreeView *self);

G_END_DECLS
