/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-tree-edge.h"

#include <string.h>

typedef struct {
  AirTreeEdge *edge;
  AirPutTile put;
  gpointer user_data;
} Append;

static void
node_completed_cb (guint level, guint64 index, const AirDigest *hash, gpointer user_data)
{
  Append *append = user_data;
  AirTreeEdge *edge = append->edge;
  guint tile_level = level / AIR_TREE_TILE_HEIGHT;

  if (level % AIR_TREE_TILE_HEIGHT != 0)
    return;
  g_return_if_fail (tile_level < AIR_TREE_TILE_LEVELS && edge->width[tile_level] == index % AIR_TILE_WIDTH);
  edge->hashes[tile_level][edge->width[tile_level]++] = *hash;
  if (edge->width[tile_level] < AIR_TILE_WIDTH)
    return;
  append->put (tile_level, index / AIR_TILE_WIDTH, edge->hashes[tile_level], append->user_data);
  edge->width[tile_level] = 0;
}

/**
 * air_tree_edge_append:
 * @self: an edge
 * @leaf: hash of the next leaf
 * @put: called for each tile that becomes complete
 * @user_data: for @put
 */
void
air_tree_edge_append (AirTreeEdge *self, const AirDigest *leaf, AirPutTile put, gpointer user_data)
{
  Append append = { self, put, user_data };

  air_tree_append (&self->tree, leaf, node_completed_cb, &append);
}

/* Copies what is in use: a few hundred bytes to a few KiB of the 64. */
void
air_tree_edge_copy (AirTreeEdge *to, const AirTreeEdge *from)
{
  to->tree = from->tree;
  memcpy (to->width, from->width, sizeof to->width);
  for (guint level = 0; level < AIR_TREE_TILE_LEVELS; level++)
    memcpy (to->hashes[level], from->hashes[level], from->width[level] * sizeof (AirDigest));
}
