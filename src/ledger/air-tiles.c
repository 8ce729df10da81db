/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-tiles.h"

#include <string.h>

#include "air-ledger-private.h"

#define TILE_HEIGHT 8
#define MAX_LEVEL   7 /* 8 · 8 bits would be more leaves than a tree can have */

static gboolean
malformed (GError **error, const char *path, const char *words)
{
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "tile path \"%s\": %s", path, words);
  return FALSE;
}

/**
 * air_tile_path_to_string:
 * @self: a tile
 *
 * C2SP tlog-tiles: the index in groups of three digits, all but the last with an 'x': "tile/0/x001/234.p/7".
 *
 * Returns: (transfer full): the path
 */
char *
air_tile_path_to_string (const AirTilePath *self)
{
  GString *out = g_string_new ("tile/");
  guint groups[8];
  guint n = 0;
  guint64 rest = self->index;

  g_return_val_if_fail (self->width >= 1 && self->width <= AIR_TILE_WIDTH, NULL);

  if (self->entries)
    g_string_append (out, "entries");
  else
    g_string_append_printf (out, "%u", self->level);

  do
    {
      groups[n++] = (guint) (rest % 1000);
      rest /= 1000;
  } while (rest > 0);
  while (n > 0)
    {
      n--;
      g_string_append_printf (out, n > 0 ? "/x%03u" : "/%03u", groups[n]);
    }
  if (self->width < AIR_TILE_WIDTH)
    g_string_append_printf (out, ".p/%u", self->width);
  return g_string_free (out, FALSE);
}

/**
 * air_tile_path_parse:
 * @text: "tile/0/x001/234.p/7", with or without "tile/"
 * @ret_path: (out): what it names
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED when the path is not written the one
 * right way, with %AIR_LEDGER_ERROR_RANGE when no tree has such a tile.
 *
 * Returns: %FALSE, and @ret_path untouched, when it is not
 */
gboolean
air_tile_path_parse (const char *text, AirTilePath *ret_path, GError **error)
{
  const char *rest = g_str_has_prefix (text, "tile/") ? text + strlen ("tile/") : text;
  g_auto (GStrv) parts = NULL;
  g_autofree char *canonical = NULL;
  AirTilePath path = { .width = AIR_TILE_WIDTH };
  guint64 number;
  guint n, last;

  if (strlen (rest) > 128)
    return malformed (error, "…", "too long");
  parts = g_strsplit (rest, "/", -1);
  n = g_strv_length (parts);
  if (n < 2)
    return malformed (error, text, "no index");

  if (g_str_equal (parts[0], "entries"))
    path.entries = TRUE;
  else if (air_ledger_parse_decimal (parts[0], strlen (parts[0]), &number) && number < 64)
    path.level = (guint) number;
  else
    return malformed (error, text, "the level is neither \"entries\" nor 0 to 63");

  last = n - 1;
  if (n >= 3 && g_str_has_suffix (parts[n - 2], ".p"))
    {
      if (!air_ledger_parse_decimal (parts[last], strlen (parts[last]), &number) || number == 0
          || number >= AIR_TILE_WIDTH)
        return malformed (error, text, "the width is not 1 to 255");
      path.width = (guint) number;
      last--;
      parts[last][strlen (parts[last]) - 2] = '\0';
    }

  for (guint i = 1; i <= last; i++)
    {
      const char *digits = i < last ? parts[i] + (parts[i][0] == 'x') : parts[i];

      if ((i < last && parts[i][0] != 'x') || strlen (digits) != 3 || !g_ascii_isdigit (digits[0])
          || !g_ascii_isdigit (digits[1]) || !g_ascii_isdigit (digits[2]))
        return malformed (error, text, "the index is not groups of three digits, all but the last with an 'x'");
      if (path.index > (G_MAXINT64 - 999) / 1000)
        return malformed (error, text, "the index is too large");
      path.index = path.index * 1000 + (guint64) ((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
    }

  /* Only the shortest spelling of an index is its path. */
  canonical = air_tile_path_to_string (&path);
  if (!g_str_equal (canonical + strlen ("tile/"), rest))
    return malformed (error, text, "not written in its one right way");
  if (path.level > MAX_LEVEL)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "tile path \"%s\": no tree is that high", text);
      return FALSE;
    }

  *ret_path = path;
  return TRUE;
}

/**
 * air_tile_width_at:
 * @level: of the tile (of entry bundles: 0)
 * @index: of the tile
 * @size: leaves in the tree
 *
 * Returns: how many hashes (or entries) the tile has, 0 to 256
 */
guint
air_tile_width_at (guint level, guint64 index, guint64 size)
{
  guint64 n;

  if (level > MAX_LEVEL)
    return 0;
  n = size >> (TILE_HEIGHT * level);
  if (index > (n >> TILE_HEIGHT) || index << TILE_HEIGHT >= n)
    return 0;
  return (guint) MIN (n - (index << TILE_HEIGHT), AIR_TILE_WIDTH);
}

/**
 * air_tile_read:
 * @path: a tile, not an entry bundle
 * @reader: where the hashes are
 * @error: return location
 *
 * The hashes of level 8 · @path's level. Fails with %AIR_LEDGER_ERROR_RANGE for an entry bundle, or as @reader does.
 *
 * Returns: (transfer full): 32 bytes a hash
 */
GBytes *
air_tile_read (const AirTilePath *path, const AirHashReader *reader, GError **error)
{
  g_autoptr (GByteArray) out = NULL;

  if (path->entries || path->level > MAX_LEVEL || path->index > (G_MAXINT64 >> TILE_HEIGHT))
    {
      g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "no such tile of hashes");
      return NULL;
    }

  out = g_byte_array_sized_new (path->width * AIR_SHA256_SIZE);
  for (guint i = 0; i < path->width; i++)
    {
      AirDigest hash;

      if (!reader->read (reader->user_data, TILE_HEIGHT * path->level, path->index * AIR_TILE_WIDTH + i, &hash, error))
        return NULL;
      g_byte_array_append (out, hash.bytes, sizeof hash.bytes);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/**
 * air_entry_bundle_write:
 * @leaves: (element-type GBytes): 1 to 256 entries
 * @error: return location
 *
 * Each with its length as a big-endian u16 before it. Fails with
 * %AIR_LEDGER_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full): the bytes, or %NULL
 */
GBytes *
air_entry_bundle_write (GPtrArray *leaves, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  for (guint i = 0; i < leaves->len; i++)
    {
      gsize length;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (leaves, i), &length);
      guint8 prefix[2] = { (guint8) (length >> 8), (guint8) length };

      if (length > G_MAXUINT16)
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE,
                       "entry bundle: an entry has %" G_GSIZE_FORMAT " bytes; at most 65535 fit", length);
          return NULL;
        }
      g_byte_array_append (out, prefix, sizeof prefix);
      g_byte_array_append (out, data, (guint) length);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

/**
 * air_entry_bundle_parse:
 * @bundle: the bytes of an entry bundle
 * @width: how many entries it must have
 * @error: return location
 *
 * Fails with %AIR_LEDGER_ERROR_MALFORMED.
 *
 * Returns: (transfer full) (element-type GBytes): the entries, or %NULL
 */
GPtrArray *
air_entry_bundle_parse (GBytes *bundle, guint width, GError **error)
{
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gsize size, at = 0;
  const guint8 *data = g_bytes_get_data (bundle, &size);

  while (at < size)
    {
      gsize length;

      if (size - at < 2 || size - at - 2 < (length = (gsize) data[at] << 8 | data[at + 1]))
        {
          g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "entry bundle: it ends within entry %u",
                       leaves->len);
          return NULL;
        }
      g_ptr_array_add (leaves, g_bytes_new_from_bytes (bundle, at + 2, length));
      at += 2 + length;
    }
  if (leaves->len != width)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "entry bundle: %u entries where %u should be",
                   leaves->len, width);
      return NULL;
    }
  return g_steal_pointer (&leaves);
}

static gboolean
read_from_tiles (gpointer user_data, guint level, guint64 index, AirDigest *ret_hash, GError **error)
{
  AirTileReader *self = user_data;
  guint within = level % TILE_HEIGHT;
  AirTilePath path = { .level = level / TILE_HEIGHT };
  g_autoptr (GBytes) tile = NULL;
  AirDigest hashes[AIR_TILE_WIDTH];
  guint64 first = 0;
  guint n = 1u << within, offset;

  if (path.level <= MAX_LEVEL && index <= (G_MAXUINT64 >> within))
    {
      first = index << within;
      path.index = first / AIR_TILE_WIDTH;
      path.width = air_tile_width_at (path.level, path.index, self->size);
    }
  offset = (guint) (first % AIR_TILE_WIDTH);
  if (path.width < offset + n)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE,
                   "the tree of %" G_GUINT64_FORMAT " leaves has no node %" G_GUINT64_FORMAT " at level %u", self->size,
                   index, level);
      return FALSE;
    }

  tile = self->read (self->user_data, &path, error);
  if (tile == NULL)
    return FALSE;
  if (g_bytes_get_size (tile) != path.width * sizeof (AirDigest))
    {
      g_autofree char *name = air_tile_path_to_string (&path);

      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "%s has %" G_GSIZE_FORMAT " bytes, not %u",
                   name, g_bytes_get_size (tile), path.width * (guint) sizeof (AirDigest));
      return FALSE;
    }

  memcpy (hashes, (const AirDigest *) g_bytes_get_data (tile, NULL) + offset, n * sizeof (AirDigest));
  for (; n > 1; n /= 2)
    for (guint i = 0; i < n / 2; i++)
      hashes[i] = air_tree_node_hash (&hashes[2 * i], &hashes[2 * i + 1]);
  *ret_hash = hashes[0];
  return TRUE;
}

/**
 * air_tile_reader_get_hash_reader:
 * @self: a tile reader that outlives the result
 *
 * What it reads fails with %AIR_LEDGER_ERROR_RANGE or %AIR_LEDGER_ERROR_MALFORMED,
 * or as @self does.
 *
 * Returns: @self as proofs want it
 */
AirHashReader
air_tile_reader_get_hash_reader (AirTileReader *self)
{
  return (AirHashReader) { read_from_tiles, self };
}
