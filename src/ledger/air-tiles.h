/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-tree.h"

G_BEGIN_DECLS

/* C2SP tlog-tiles. */

#define AIR_TILE_WIDTH 256

/**
 * AirTilePath:
 * @entries: an entry bundle, `tile/entries/…`; then @level is 0
 * @width: 1 to 256; below 256 the tile is partial, `….p/W`
 */
typedef struct {
  gboolean entries;
  guint level;
  guint64 index;
  guint width;
} AirTilePath;

char     *air_tile_path_to_string (const AirTilePath    *self);
gboolean  air_tile_path_parse     (const char           *text,
                                   AirTilePath          *ret_path,
                                   GError              **error);
guint     air_tile_width_at       (guint                 level,
                                   guint64               index,
                                   guint64               size);

GBytes   *air_tile_read           (const AirTilePath    *path,
                                   const AirHashReader  *reader,
                                   GError              **error);
GBytes   *air_entry_bundle_write  (GPtrArray            *leaves,
                                   GError              **error);
GPtrArray *air_entry_bundle_parse (GBytes               *bundle,
                                   guint                 width,
                                   GError              **error);

/**
 * AirTileReader:
 * @read: hands out the bytes of a tile (never of an entry bundle)
 *
 * A hash reader over tiles, say those fetched from a server: everything it
 * says is only as good as the checkpoint it is compared with.
 */
typedef struct {
  GBytes *(*read) (gpointer            user_data,
                   const AirTilePath  *path,
                   GError            **error);
  gpointer user_data;
  guint64 size; /* leaves in the tree, which says how wide the last tiles are */
} AirTileReader;

AirHashReader air_tile_reader_get_hash_reader (AirTileReader *self);

G_END_DECLS
