/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ledger-fixture.h"
#include "ledger/air-tiles.h"
#include "ledger/air-tree.h"

#define N 77

static AirDigest
nth_leaf (guint64 i)
{
  return air_tree_leaf_hash (&i, sizeof i);
}

/* RFC 6962's definition, word for word. */
static AirDigest
naive_root (guint64 first, guint64 n)
{
  guint64 k = 1;
  AirDigest left, right;

  if (n == 0)
    return air_tree_empty_root ();
  if (n == 1)
    return nth_leaf (first);
  while (k * 2 < n)
    k *= 2;
  left = naive_root (first, k);
  right = naive_root (first + k, n - k);
  return air_tree_node_hash (&left, &right);
}

static AirMemoryTree *
make_tree (guint64 n)
{
  AirMemoryTree *tree = air_memory_tree_new ();

  for (guint64 i = 0; i < n; i++)
    {
      AirDigest leaf = nth_leaf (i);

      air_memory_tree_append (tree, &leaf);
    }
  return tree;
}

/* The eight leaves every implementation of RFC 6962 is tried on. */
static void
test_known_roots (void)
{
  static const struct {
    const char *data;
    gsize length;
    const char *root;
  } known[] = {
    { "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
    { "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
    { "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
    { "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
    { "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
    { "\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
    { "\x50\x51\x52\x53\x54\x55\x56\x57", 8, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
    { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
  };
  AirTree tree = { 0 };
  AirDigest root = air_tree_root (&tree);
  g_autofree char *empty = air_digest_to_hex (&root);

  g_assert_cmpstr (empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      AirDigest leaf = air_tree_leaf_hash (known[i].data, known[i].length);
      g_autofree char *hex = NULL;

      air_tree_append (&tree, &leaf, NULL, NULL);
      root = air_tree_root (&tree);
      hex = air_digest_to_hex (&root);
      g_assert_cmpstr (hex, ==, known[i].root);
    }
}

static void
test_roots (void)
{
  g_autoptr (AirMemoryTree) tree = make_tree (N);
  AirTree edge = { 0 };

  for (guint64 n = 0; n <= N; n++)
    {
      AirDigest expected = naive_root (0, n), root;
      AirTree loaded;

      root = air_tree_root (&edge);
      g_assert_true (air_digest_equal (&root, &expected));
      g_assert_true (air_tree_root_at (air_memory_tree_get_reader (tree), n, &root, NULL));
      g_assert_true (air_digest_equal (&root, &expected));
      g_assert_true (air_tree_load (&loaded, n, air_memory_tree_get_reader (tree), NULL));
      root = air_tree_root (&loaded);
      g_assert_true (air_digest_equal (&root, &expected));

      if (n < N)
        {
          AirDigest leaf = nth_leaf (n);

          air_tree_append (&edge, &leaf, NULL, NULL);
        }
    }
}

static gboolean
included (AirDigest leaf, guint64 index, guint64 size, GArray *proof, AirDigest root)
{
  return air_tree_check_inclusion (&leaf, index, size, (AirDigest *) proof->data, proof->len, &root, NULL);
}

static void
test_inclusion (void)
{
  g_autoptr (AirMemoryTree) tree = make_tree (N);
  const AirHashReader *reader = air_memory_tree_get_reader (tree);
  g_autoptr (GError) error = NULL;

  for (guint64 size = 1; size <= N; size++)
    {
      AirDigest root = naive_root (0, size);

      for (guint64 index = 0; index < size; index++)
        {
          g_autoptr (GArray) proof = air_tree_prove_inclusion (reader, index, size, &error);
          AirDigest extra = nth_leaf (0);

          g_assert_no_error (error);
          g_assert_true (included (nth_leaf (index), index, size, proof, root));
          g_assert_false (included (nth_leaf (index + 1), index, size, proof, root));
          g_assert_false (included (nth_leaf (index), index, size, proof, naive_root (0, size + 1)));
          if (size > 1)
            g_assert_false (included (nth_leaf (index), (index + 1) % size, size, proof, root));
          for (guint i = 0; i < proof->len; i++)
            {
              g_array_index (proof, AirDigest, i).bytes[31] ^= 1;
              g_assert_false (included (nth_leaf (index), index, size, proof, root));
              g_array_index (proof, AirDigest, i).bytes[31] ^= 1;
            }
          g_array_append_val (proof, extra);
          g_assert_false (included (nth_leaf (index), index, size, proof, root));
          g_array_set_size (proof, proof->len - 1);
          if (proof->len > 0)
            {
              g_array_set_size (proof, proof->len - 1);
              g_assert_false (included (nth_leaf (index), index, size, proof, root));
            }
        }
    }

  g_assert_null (air_tree_prove_inclusion (reader, 5, 5, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "no entry 5");
  g_assert_null (air_tree_prove_inclusion (reader, 0, N + 1, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "no node");
}

/* Without the two prefixes an inner node's children could be shown as a leaf. */
static void
test_node_is_no_leaf (void)
{
  AirDigest leaves[4], pair[2], root, forged;
  guint8 inner[64];

  for (guint i = 0; i < 4; i++)
    leaves[i] = nth_leaf (i);
  pair[0] = air_tree_node_hash (&leaves[0], &leaves[1]);
  pair[1] = air_tree_node_hash (&leaves[2], &leaves[3]);
  root = air_tree_node_hash (&pair[0], &pair[1]);

  memcpy (inner, leaves[0].bytes, 32);
  memcpy (inner + 32, leaves[1].bytes, 32);
  forged = air_tree_leaf_hash (inner, sizeof inner);
  g_assert_false (air_tree_check_inclusion (&forged, 0, 2, &pair[1], 1, &root, NULL));
}

static void
test_consistency (void)
{
  g_autoptr (AirMemoryTree) tree = make_tree (N);
  const AirHashReader *reader = air_memory_tree_get_reader (tree);
  g_autoptr (GError) error = NULL;

  for (guint64 new_size = 0; new_size <= N; new_size++)
    for (guint64 old_size = 0; old_size <= new_size; old_size++)
      {
        AirDigest old_root = naive_root (0, old_size), new_root = naive_root (0, new_size), wrong = nth_leaf (1000);
        g_autoptr (GArray) proof = air_tree_prove_consistency (reader, old_size, new_size, &error);
        AirDigest *hashes = (AirDigest *) proof->data;

        g_assert_no_error (error);
        g_assert_true (
            air_tree_check_consistency (old_size, &old_root, new_size, &new_root, hashes, proof->len, &error));
        g_assert_no_error (error);
        g_assert_false (air_tree_check_consistency (old_size, &wrong, new_size, &new_root, hashes, proof->len, NULL));
        if (old_size > 0)
          g_assert_false (air_tree_check_consistency (old_size, &old_root, new_size, &wrong, hashes, proof->len, NULL));
        for (guint i = 0; i < proof->len; i++)
          {
            hashes[i].bytes[0] ^= 0x80;
            g_assert_false (
                air_tree_check_consistency (old_size, &old_root, new_size, &new_root, hashes, proof->len, NULL));
            hashes[i].bytes[0] ^= 0x80;
          }
        if (proof->len > 0)
          g_assert_false (
              air_tree_check_consistency (old_size, &old_root, new_size, &new_root, hashes, proof->len - 1, NULL));
      }

  g_assert_null (air_tree_prove_consistency (reader, 6, 5, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "cannot have come before");
}

/* --- tiles ----------------------------------------------------------------- */

static void
test_tile_paths (void)
{
  static const struct {
    AirTilePath path;
    const char *text;
  } good[] = {
    { { FALSE, 0, 0, 256 }, "tile/0/000" },
    { { FALSE, 0, 0, 1 }, "tile/0/000.p/1" },
    { { FALSE, 1, 1234067, 256 }, "tile/1/x001/x234/067" },
    { { FALSE, 2, 273, 112 }, "tile/2/273.p/112" },
    { { TRUE, 0, 1000, 256 }, "tile/entries/x001/000" },
    { { TRUE, 0, 5, 255 }, "tile/entries/005.p/255" },
  };
  static const char *const bad[] = {
    "",
    "tile",
    "tile/",
    "tile/0",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/x/000",
    "tile/64/000",
    "tile/8/000",
    "tile/0/x000/001",
    "tile/0/001/000",
    "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p",
    "tile/0/000/",
    "tile/0/-01",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    "/tile/0/000",
    "tile/entries/000.p/-1",
    "tile/0/000.p/1/2",
  };
  AirTilePath path;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = air_tile_path_to_string (&good[i].path);

      g_assert_cmpstr (text, ==, good[i].text);
      for (guint j = 0; j < 2; j++)
        {
          g_assert_true (air_tile_path_parse (good[i].text + (j ? strlen ("tile/") : 0), &path, &error));
          g_assert_no_error (error);
          g_assert_cmpint (path.entries, ==, good[i].path.entries);
          g_assert_cmpuint (path.level, ==, good[i].path.level);
          g_assert_cmpuint (path.index, ==, good[i].path.index);
          g_assert_cmpuint (path.width, ==, good[i].path.width);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      if (air_tile_path_parse (bad[i], &path, &error))
        g_error ("%s was taken for a tile", bad[i]);
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
}

static void
test_tile_widths (void)
{
  g_assert_cmpuint (air_tile_width_at (0, 0, 0), ==, 0);
  g_assert_cmpuint (air_tile_width_at (0, 0, 1), ==, 1);
  g_assert_cmpuint (air_tile_width_at (0, 0, 256), ==, 256);
  g_assert_cmpuint (air_tile_width_at (0, 1, 256), ==, 0);
  g_assert_cmpuint (air_tile_width_at (0, 1, 257), ==, 1);
  g_assert_cmpuint (air_tile_width_at (1, 0, 255), ==, 0);
  g_assert_cmpuint (air_tile_width_at (1, 0, 70000), ==, 256);
  g_assert_cmpuint (air_tile_width_at (1, 1, 70000), ==, 17);
  g_assert_cmpuint (air_tile_width_at (2, 0, 70000), ==, 1);
  g_assert_cmpuint (air_tile_width_at (0, G_MAXUINT64, 70000), ==, 0);
  g_assert_cmpuint (air_tile_width_at (9, 0, 70000), ==, 0);
}

static GBytes *
read_tile (gpointer user_data, const AirTilePath *path, GError **error)
{
  return air_tile_read (path, user_data, error);
}

/* A proof made from tiles alone is the proof made from the tree. */
static void
test_tiles_and_back (void)
{
  const guint64 size = 70003;
  g_autoptr (AirMemoryTree) tree = make_tree (size);
  AirTileReader tiles = { read_tile, (gpointer) air_memory_tree_get_reader (tree), size };
  AirHashReader reader = air_tile_reader_get_hash_reader (&tiles);
  static const guint64 indices[] = { 0, 1, 255, 256, 65535, 65536, 69999, 70002 };
  AirDigest root = air_memory_tree_get_root (tree), other;
  g_autoptr (GError) error = NULL;

  g_assert_true (air_tree_root_at (&reader, size, &other, &error));
  g_assert_true (air_digest_equal (&root, &other));
  for (guint i = 0; i < G_N_ELEMENTS (indices); i++)
    {
      g_autoptr (GArray) proof = air_tree_prove_inclusion (&reader, indices[i], size, &error);

      g_assert_no_error (error);
      g_assert_true (included (nth_leaf (indices[i]), indices[i], size, proof, root));
    }
  g_assert_false (reader.read (reader.user_data, 0, size, &other, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE, "no node");
}

static void
test_entry_bundles (void)
{
  g_autoptr (GPtrArray) leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) back = NULL;
  g_autoptr (GBytes) bundle = NULL, cut = NULL, large = g_bytes_new_take (g_malloc0 (65536), 65536);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (leaves, fixture_bytes ("one"));
  g_ptr_array_add (leaves, fixture_bytes (""));
  g_ptr_array_add (leaves, fixture_bytes ("three"));
  bundle = air_entry_bundle_write (leaves, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bundle, NULL), g_bytes_get_size (bundle), "\0\003one\0\0\0\005three", 14);

  back = air_entry_bundle_parse (bundle, 3, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_bytes_equal (back->pdata[i], leaves->pdata[i]));

  g_assert_null (air_entry_bundle_parse (bundle, 4, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "3 entries where 4");
  cut = g_bytes_new_from_bytes (bundle, 0, 13);
  g_assert_null (air_entry_bundle_parse (cut, 3, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "entry 2");

  g_ptr_array_add (leaves, g_bytes_ref (large));
  g_assert_null (air_entry_bundle_write (leaves, &error));
  fixture_assert_error (&error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE, "65536");
}

/* The tree without entries has one root. */
static void
test_empty_root (void)
{
  AirDigest empty = air_tree_empty_root (), other = empty;
  g_autoptr (GError) error = NULL;

  other.bytes[0] ^= 1;
  g_assert_true (air_tree_check_consistency (0, &empty, 0, &empty, NULL, 0, &error));
  g_assert_true (air_tree_check_consistency (0, &empty, 7, &other, NULL, 0, &error));
  g_assert_no_error (error);
  g_assert_false (air_tree_check_consistency (0, &empty, 0, &other, NULL, 0, NULL));
  g_assert_false (air_tree_check_consistency (0, &other, 0, &other, NULL, 0, NULL));
  g_assert_false (air_tree_check_consistency (0, &other, 7, &other, NULL, 0, NULL));
  g_assert_false (air_tree_check_inclusion (&other, 0, 0, NULL, 0, &other, NULL));
  g_assert_true (air_tree_check_inclusion (&other, 0, 1, NULL, 0, &other, NULL));
  g_assert_false (air_tree_check_inclusion (&other, 1, 1, NULL, 0, &other, NULL));
  g_assert_false (air_tree_check_inclusion (&other, G_MAXUINT64, G_MAXUINT64, NULL, 0, &other, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/ledger/tree/known-roots", test_known_roots);
  g_test_add_func ("/ledger/tree/roots", test_roots);
  g_test_add_func ("/ledger/tree/inclusion", test_inclusion);
  g_test_add_func ("/ledger/tree/node-is-no-leaf", test_node_is_no_leaf);
  g_test_add_func ("/ledger/tree/consistency", test_consistency);
  g_test_add_func ("/ledger/tiles/paths", test_tile_paths);
  g_test_add_func ("/ledger/tiles/widths", test_tile_widths);
  g_test_add_func ("/ledger/tiles/and-back", test_tiles_and_back);
  g_test_add_func ("/ledger/tiles/entry-bundles", test_entry_bundles);
  g_test_add_func ("/ledger/tree/empty-root", test_empty_root);
  return g_test_run ();
}
