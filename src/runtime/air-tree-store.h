/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-tree-edge.h"
#include "runtime/air-store.h"

G_BEGIN_DECLS

gboolean air_tree_edge_load   (AirTreeEdge     *self,
                               AirStore        *store,
                               GError         **error);

/**
 * AirTreeView:
 *
 * Reads hashes of a tree up to the size of its edge: complete tiles from the
 * store, the rest from the edge.
 */
typedef struct {
  AirStore    *store;
  AirTreeEdge  edge;
  gint64       cached_level; /* of the tile read last; -1: none */
  guint64      cached_index;
  AirDigest    cached[AIR_TILE_WIDTH];
} AirTreeView;

void          air_tree_view_init       (AirTreeView *self,
                                        AirStore    *store);
AirHashReader air_tree_view_get_reader (AirTreeView *self);

G_END_DECLS
