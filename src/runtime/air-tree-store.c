/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-tree-store.h"

#include <string.h>

#include "ledger/air-entry.h"

/* The hash over @n neighbours, a power of two. */
static AirDigest
subtree_hash (const AirDigest *hashes, guint n)
{
  AirDigest left, right;

  if (n == 1)
    return hashes[0];
  left = subtree_hash (hashes, n / 2);
  right = subtree_hash (hashes + n / 2, n / 2);
  return air_tree_node_hash (&left, &right);
}

/**
 * air_tree_edge_load:
 * @self: (out caller-allocates): the edge
 * @store: with all entries
 *
 * Makes the right edge anew: the lowest level from the entries themselves, each one above from the complete tiles
 * below it. Fails with an %AIR_STORE_ERROR.
 *
 * Returns: whether it could
 */
gboolean
air_tree_edge_load (AirTreeEdge *self, AirStore *store, GError **error)
{
  AirTreeView *view = NULL;
  AirHashReader reader;
  guint64 size, width;
  gboolean loaded;

  memset (self, 0, sizeof *self);
  if (!air_store_get_size (store, &size, error))
    return FALSE;

  width = size % AIR_TILE_WIDTH;
  if (width > 0)
    {
      g_autoptr (GPtrArray) leaves = air_store_read_leaves (store, size - width, width, error);

      if (leaves == NULL)
        return FALSE;
      if (leaves->len != width)
        {
          g_set_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_CORRUPT,
                       "%u of the last %" G_GUINT64_FORMAT " entries are there; check the ledger with fsck",
                       leaves->len, width);
          return FALSE;
        }
      for (guint i = 0; i < width; i++)
        {
          gsize length;
          const void *leaf = g_bytes_get_data (leaves->pdata[i], &length);

          self->hashes[0][i] = air_entry_leaf_hash (leaf, length);
        }
    }
  self->width[0] = width;

  for (guint level = 1; level < AIR_TREE_TILE_LEVELS; level++)
    {
      guint64 complete = size >> (AIR_TREE_TILE_HEIGHT * level); /* tiles of the level below */

      self->width[level] = complete % AIR_TILE_WIDTH;
      for (guint i = 0; i < self->width[level]; i++)
        {
          AirDigest below[AIR_TILE_WIDTH];

          if (!air_store_read_tile (store, level - 1, complete - self->width[level] + i, below, error))
            return FALSE;
          self->hashes[level][i] = subtree_hash (below, AIR_TILE_WIDTH);
        }
    }

  view = g_new (AirTreeView, 1);
  air_tree_view_init (view, store);
  view->edge = *self;
  view->edge.tree.size = size;
  reader = air_tree_view_get_reader (view);
  loaded = air_tree_load (&self->tree, size, &reader, error);
  g_free (view);
  return loaded;
}

/**
 * air_tree_view_init:
 * @self: (out caller-allocates): a view of an empty tree; its edge is the caller's to set
 * @store: borrowed
 */
void
air_tree_view_init (AirTreeView *self, AirStore *store)
{
  memset (&self->edge, 0, sizeof self->edge);
  self->store = store;
  for (guint level = 0; level < AIR_TREE_TILE_LEVELS; level++)
    self->complete[level].tile = self->last[level].tile = -1;
}

/* Its hashes and those above them; of one that is not complete, as far as they are over complete halves. */
static const AirTreeTile *
load_tile (AirTreeView *self, guint level, guint64 tile, GError **error)
{
  gboolean is_edge = tile == (self->edge.tree.size >> (AIR_TREE_TILE_HEIGHT * (level + 1)));
  AirTreeTile *loaded = is_edge ? &self->last[level] : &self->complete[level];
  guint width = is_edge ? self->edge.width[level] : AIR_TILE_WIDTH;

  if (loaded->tile == (gint64) tile)
    return loaded;
  loaded->tile = -1;
  if (is_edge)
    memcpy (loaded->nodes + AIR_TILE_WIDTH, self->edge.hashes[level], width * sizeof (AirDigest));
  else if (!air_store_read_tile (self->store, level, tile, loaded->nodes + AIR_TILE_WIDTH, error))
    return NULL;
  for (guint first = AIR_TILE_WIDTH / 2, span = 2; first > 0; first /= 2, span *= 2)
    for (guint i = 0; (i + 1) * span <= width; i++)
      loaded->nodes[first + i] =
          air_tree_node_hash (&loaded->nodes[2 * (first + i)], &loaded->nodes[2 * (first + i) + 1]);
  loaded->tile = (gint64) tile;
  return loaded;
}

static gboolean
read_hash (gpointer user_data, guint level, guint64 index, AirDigest *ret_hash, GError **error)
{
  AirTreeView *self = user_data;
  guint tile_level = level / AIR_TREE_TILE_HEIGHT;
  guint above = level % AIR_TREE_TILE_HEIGHT;
  guint64 tile = index >> (AIR_TREE_TILE_HEIGHT - above);
  const AirTreeTile *loaded;

  if (tile_level >= AIR_TREE_TILE_LEVELS || ((index + 1) << level) > self->edge.tree.size)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "the tree has no hash %u/%" G_GUINT64_FORMAT " yet",
                   level, index);
      return FALSE;
    }
  loaded = load_tile (self, tile_level, tile, error);
  if (loaded == NULL)
    return FALSE;
  *ret_hash = loaded->nodes[(AIR_TILE_WIDTH >> above) + (index - (tile << (AIR_TREE_TILE_HEIGHT - above)))];
  return TRUE;
}

/**
 * air_tree_view_get_reader:
 * @self: a view; outlives the reader
 *
 * Returns: its hashes, for proofs
 */
AirHashReader
air_tree_view_get_reader (AirTreeView *self)
{
  return (AirHashReader) { read_hash, self };
}
