/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "ledger/air-tiles.h"

/* A path, and after a newline the entry bundle it names. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const guint8 *newline = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize length = newline != NULL ? (gsize) (newline - data) : size;
  g_autofree char *text = g_strndup ((const char *) data, length), *again = NULL;
  g_autoptr (GBytes) bundle = NULL, written = NULL;
  g_autoptr (GPtrArray) leaves = NULL;
  AirTilePath path;

  if (!air_tile_path_parse (text, &path, NULL))
    return 0;
  again = air_tile_path_to_string (&path);
  g_assert_true (g_str_has_suffix (again, text));
  if (newline == NULL)
    return 0;
  bundle = g_bytes_new (newline + 1, size - length - 1);
  leaves = air_entry_bundle_parse (bundle, path.width, NULL);
  if (leaves == NULL)
    return 0;
  g_assert_cmpuint (leaves->len, ==, path.width);
  written = air_entry_bundle_write (leaves, NULL);
  g_assert_nonnull (written);
  g_assert_true (g_bytes_equal (bundle, written));
  return 0;
}
