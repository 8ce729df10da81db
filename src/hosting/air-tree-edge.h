/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger/air-tiles.h"

G_BEGIN_DECLS

#define AIR_TREE_TILE_HEIGHT 8
#define AIR_TREE_TILE_LEVELS 8 /* 256^8 leaves are enough */

/**
 * AirTreeEdge:
 *
 * The right edge of the stored tree: what is not in complete tiles yet. A
 * plain value, copied before a batch so that a failed one can be taken back; start with
 * zeros.
 */
typedef struct {
  AirTree   tree;
  guint     width[AIR_TREE_TILE_LEVELS];
  AirDigest hashes[AIR_TREE_TILE_LEVELS][AIR_TILE_WIDTH];
} AirTreeEdge;

/**
 * AirPutTile:
 * @level: of the tile
 * @index: of the tile
 * @hashes: all 256
 * @user_data: what was handed in
 */
typedef void (*AirPutTile) (guint           level,
                            guint64         index,
                            const AirDigest hashes[AIR_TILE_WIDTH],
                            gpointer        user_data);

void     air_tree_edge_copy   (AirTreeEdge       *to,
                               const AirTreeEdge *from);
void     air_tree_edge_append (AirTreeEdge     *self,
                               const AirDigest *leaf,
                               AirPutTile       put,
                               gpointer         user_data);

G_END_DECLS
