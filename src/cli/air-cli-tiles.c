/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-tiles.h"
#include "ledger/air-entry.h"

#define WIDTH 256

/* RFC 6962 over one complete tile. */
static AirDigest
tile_root (const AirDigest hashes[WIDTH])
{
  static const guint8 node = 1;
  AirDigest row[WIDTH];

  memcpy (row, hashes, sizeof row);
  for (guint n = WIDTH; n > 1; n /= 2)
    for (guint i = 0; i < n; i += 2)
      row[i / 2] = air_sha256_parts (&node, 1, row[i].bytes, AIR_SHA256_SIZE, row[i + 1].bytes, AIR_SHA256_SIZE);
  return row[0];
}

static gboolean
hash_leaves (AirStore *store, guint64 first, AirDigest ret_hashes[WIDTH], gboolean *ret_whole, GError **error)
{
  g_autoptr (GPtrArray) leaves = air_store_read_leaves (store, first, WIDTH, error);

  if (leaves == NULL)
    return FALSE;
  *ret_whole = leaves->len == WIDTH;
  for (guint i = 0; i < leaves->len && i < WIDTH; i++)
    {
      gsize length;
      const void *leaf = g_bytes_get_data (leaves->pdata[i], &length);

      ret_hashes[i] = air_entry_leaf_hash (leaf, length);
    }
  return TRUE;
}

gboolean
air_cli_check_tiles (AirStore *store,
                     guint64 size,
                     void (*fault) (const char *words, gpointer user_data),
                     gpointer user_data,
                     GError **error)
{
  g_autoptr (GArray) below = NULL; /* roots of the tiles of the level below */

  for (guint level = 0; size >= WIDTH; level++, size /= WIDTH)
    {
      g_autoptr (GArray) roots = g_array_new (FALSE, FALSE, sizeof (AirDigest));

      for (guint64 n = 0; n < size / WIDTH; n++)
        {
          AirDigest computed[WIDTH], stored[WIDTH], root;
          g_autoptr (GError) failure = NULL;
          gboolean whole = TRUE;

          if (below != NULL)
            memcpy (computed, &g_array_index (below, AirDigest, n * WIDTH), sizeof computed);
          else if (!hash_leaves (store, n * WIDTH, computed, &whole, error))
            return FALSE;
          if (!whole)
            return TRUE; /* an entry is missing, and that was said already */
          if (!air_store_read_tile (store, level, n, stored, &failure) || memcmp (stored, computed, sizeof stored) != 0)
            {
              g_autofree char *words =
                  failure != NULL
                      ? g_strdup (failure->message)
                      : g_strdup_printf ("tile %u/%" G_GUINT64_FORMAT ": its hashes are not those of the entries; "
                                         "proofs from it would not hold: restore the state folder from a copy",
                                         level, n);

              fault (words, user_data);
            }
          root = tile_root (computed);
          g_array_append_val (roots, root);
        }
      g_clear_pointer (&below, g_array_unref);
      below = g_steal_pointer (&roots);
    }
  return TRUE;
}
