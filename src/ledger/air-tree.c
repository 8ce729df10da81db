/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-tree.h"

#include <string.h>

/* RFC 6962 section 2.1: leaf and node hashes begin with different bytes, so that
 * no inner node can pass for a leaf. */
static const guint8 leaf_prefix = 0x00;
static const guint8 node_prefix = 0x01;

struct _AirMemoryTree {
  AirTree edge;
  GArray *levels[AIR_TREE_MAX_LEVELS + 1]; /* AirDigest; NULL where empty */
  AirHashReader reader;
};

/**
 * air_tree_leaf_hash:
 * @entry: the bytes of an entry
 * @length: their number
 *
 * SHA-256 (00 ‖ entry).
 *
 * Returns: the leaf's hash
 */
AirDigest
air_tree_leaf_hash (const void *entry, gsize length)
{
  return air_sha256_parts (&leaf_prefix, 1, entry, length, NULL, 0);
}

/**
 * air_tree_node_hash:
 * @left: left child
 * @right: right child
 *
 * SHA-256 (01 ‖ left ‖ right).
 *
 * Returns: the node's hash
 */
AirDigest
air_tree_node_hash (const AirDigest *left, const AirDigest *right)
{
  return air_sha256_parts (&node_prefix, 1, left->bytes, sizeof left->bytes, right->bytes, sizeof right->bytes);
}

/**
 * air_tree_empty_root:
 *
 * The root of the tree without leaves: SHA-256 of nothing.
 *
 * Returns: the root
 */
AirDigest
air_tree_empty_root (void)
{
  return air_sha256 ("", 0);
}

/**
 * air_tree_init:
 * @self: (out): a tree without leaves
 */
void
air_tree_init (AirTree *self)
{
  memset (self, 0, sizeof *self);
}

/**
 * air_tree_append:
 * @self: the right edge
 * @leaf_hash: the next leaf
 * @func: (nullable): called for the leaf and for each inner node it completes
 * @user_data: for @func
 *
 * Amortised, one node hash a leaf.
 */
void
air_tree_append (AirTree *self, const AirDigest *leaf_hash, AirTreeNodeFunc func, gpointer user_data)
{
  AirDigest hash = *leaf_hash;
  guint level = 0;

  g_assert (self->size < G_MAXINT64);

  if (func != NULL)
    func (0, self->size, &hash, user_data);
  while ((self->size >> level) & 1)
    {
      hash = air_tree_node_hash (&self->edge[level], &hash);
      level++;
      if (func != NULL)
        func (level, self->size >> level, &hash, user_data);
    }
  self->edge[level] = hash;
  self->size++;
}

/**
 * air_tree_root:
 * @self: the right edge
 *
 * The Merkle tree hash of all leaves so far.
 *
 * Returns: the root
 */
AirDigest
air_tree_root (const AirTree *self)
{
  AirDigest root = { { 0 } };
  gboolean found = FALSE;

  for (guint level = 0; level <= AIR_TREE_MAX_LEVELS && (self->size >> level) != 0; level++)
    {
      if (!((self->size >> level) & 1))
        continue;
      root = found ? air_tree_node_hash (&self->edge[level], &root) : self->edge[level];
      found = TRUE;
    }
  return found ? root : air_tree_empty_root ();
}

static gboolean
read_hash (const AirHashReader *reader, guint level, guint64 index, AirDigest *ret_hash, GError **error)
{
  return reader->read (reader->user_data, level, index, ret_hash, error);
}

/**
 * air_tree_load:
 * @self: (out): the right edge of a tree of @size leaves
 * @size: at most 2^63-1
 * @reader: where the hashes are
 * @error: return location
 *
 * Fails with @reader's errors, as an %AIR_LEDGER_ERROR or a store's own; @self is untouched then.
 *
 * Returns: whether it could
 */
gboolean
air_tree_load (AirTree *self, guint64 size, const AirHashReader *reader, GError **error)
{
  AirTree tree = { 0 };

  tree.size = size;
  for (guint level = 0; level <= AIR_TREE_MAX_LEVELS && (size >> level) != 0; level++)
    if (((size >> level) & 1) && !read_hash (reader, level, (size >> level) - 1, &tree.edge[level], error))
      return FALSE;

  *self = tree;
  return TRUE;
}

/* The largest power of two below n, for n > 1. */
static guint64
split_point (guint64 n)
{
  return (guint64) 1 << (63 - __builtin_clzll (n - 1));
}

/* The hash of leaves [first, first + n), where first is a multiple of the power of two at or above n. */
static gboolean
range_hash (const AirHashReader *reader, guint64 first, guint64 n, AirDigest *ret_hash, GError **error)
{
  AirDigest left, right;
  guint64 k;

  if ((n & (n - 1)) == 0)
    {
      guint level = (guint) __builtin_ctzll (n);

      return read_hash (reader, level, first >> level, ret_hash, error);
    }

  k = split_point (n);
  if (!range_hash (reader, first, k, &left, error) || !range_hash (reader, first + k, n - k, &right, error))
    return FALSE;
  *ret_hash = air_tree_node_hash (&left, &right);
  return TRUE;
}

/**
 * air_tree_root_at:
 * @reader: where the hashes are
 * @size: a size the tree has or had
 * @ret_root: (out): the root of its first @size leaves
 * @error: return location
 *
 * Fails with @reader's errors, as an %AIR_LEDGER_ERROR or a store's own.
 *
 * Returns: whether it could
 */
gboolean
air_tree_root_at (const AirHashReader *reader, guint64 size, AirDigest *ret_root, GError **error)
{
  if (size == 0)
    {
      *ret_root = air_tree_empty_root ();
      return TRUE;
    }
  return range_hash (reader, 0, size, ret_root, error);
}

static gboolean
append_range (GArray *proof, const AirHashReader *reader, guint64 first, guint64 n, GError **error)
{
  AirDigest hash;

  if (!range_hash (reader, first, n, &hash, error))
    return FALSE;
  g_array_append_val (proof, hash);
  return TRUE;
}

/* PATH (index, D[first : first + n]) of RFC 6962 section 2.1.1. */
static gboolean
append_path (GArray *proof, const AirHashReader *reader, guint64 index, guint64 first, guint64 n, GError **error)
{
  guint64 k;

  if (n == 1)
    return TRUE;
  k = split_point (n);
  if (index < k)
    return append_path (proof, reader, index, first, k, error) && append_range (proof, reader, first + k, n - k, error);
  return append_path (proof, reader, index - k, first + k, n - k, error)
         && append_range (proof, reader, first, k, error);
}

/* SUBPROOF (m, D[first : first + n], whole) of RFC 6962 section 2.1.2. */
static gboolean
append_subproof (GArray *proof,
                 const AirHashReader *reader,
                 guint64 m,
                 guint64 first,
                 guint64 n,
                 gboolean whole,
                 GError **error)
{
  guint64 k;

  if (m == n)
    return whole || append_range (proof, reader, first, n, error);
  k = split_point (n);
  if (m <= k)
    return append_subproof (proof, reader, m, first, k, whole, error)
           && append_range (proof, reader, first + k, n - k, error);
  return append_subproof (proof, reader, m - k, first + k, n - k, FALSE, error)
         && append_range (proof, reader, first, k, error);
}

/**
 * air_tree_prove_inclusion:
 * @reader: where the hashes are
 * @index: a leaf
 * @size: of the tree to prove it in
 * @error: return location
 *
 * RFC 6962 section 2.1.1. Fails with %AIR_LEDGER_ERROR_RANGE, or as @reader does.
 *
 * Returns: (transfer full) (element-type AirDigest): from the leaf's sibling upwards
 */
GArray *
air_tree_prove_inclusion (const AirHashReader *reader, guint64 index, guint64 size, GError **error)
{
  g_autoptr (GArray) proof = NULL;

  if (index >= size || size > G_MAXINT64)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE,
                   "no entry %" G_GUINT64_FORMAT " in a tree of %" G_GUINT64_FORMAT, index, size);
      return NULL;
    }

  proof = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  if (!append_path (proof, reader, index, 0, size, error))
    return NULL;
  return g_steal_pointer (&proof);
}

/**
 * air_tree_prove_consistency:
 * @reader: where the hashes are
 * @old_size: the smaller tree
 * @new_size: the larger tree
 * @error: return location
 *
 * RFC 6962 section 2.1.2; empty for an @old_size of 0 or of @new_size. Fails with
 * %AIR_LEDGER_ERROR_RANGE, or as @reader does.
 *
 * Returns: (transfer full) (element-type AirDigest): the proof's hashes, or %NULL
 */
GArray *
air_tree_prove_consistency (const AirHashReader *reader, guint64 old_size, guint64 new_size, GError **error)
{
  g_autoptr (GArray) proof = NULL;

  if (old_size > new_size || new_size > G_MAXINT64)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE,
                   "a tree of %" G_GUINT64_FORMAT " cannot have come before one of %" G_GUINT64_FORMAT, old_size,
                   new_size);
      return NULL;
    }

  proof = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  if (old_size > 0 && old_size < new_size && !append_subproof (proof, reader, old_size, 0, new_size, TRUE, error))
    return NULL;
  return g_steal_pointer (&proof);
}

static gboolean
wrong_proof (GError **error, const char *words)
{
  g_set_error_literal (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_PROOF, words);
  return FALSE;
}

/**
 * air_tree_check_inclusion:
 * @leaf_hash: the leaf
 * @index: where it is said to stand
 * @size: of the tree
 * @proof: (array length=n_proof): the proof's hashes
 * @n_proof: their number
 * @root: the root of the tree
 * @error: return location
 *
 * RFC 9162 section 2.1.3.2. Fails with %AIR_LEDGER_ERROR_PROOF.
 *
 * Returns: whether it holds
 */
gboolean
air_tree_check_inclusion (const AirDigest *leaf_hash,
                          guint64 index,
                          guint64 size,
                          const AirDigest *proof,
                          gsize n_proof,
                          const AirDigest *root,
                          GError **error)
{
  AirDigest hash = *leaf_hash;
  guint64 fn = index, sn = size - 1;

  if (index >= size)
    return wrong_proof (error, "inclusion proof: the index is not in the tree");

  for (gsize i = 0; i < n_proof; i++)
    {
      if (sn == 0)
        return wrong_proof (error, "inclusion proof: it has too many hashes");
      if ((fn & 1) || fn == sn)
        {
          hash = air_tree_node_hash (&proof[i], &hash);
          while (!(fn & 1) && fn != 0)
            {
              fn >>= 1;
              sn >>= 1;
            }
        }
      else
        {
          hash = air_tree_node_hash (&hash, &proof[i]);
        }
      fn >>= 1;
      sn >>= 1;
    }

  if (sn != 0)
    return wrong_proof (error, "inclusion proof: it has too few hashes");
  if (!air_digest_equal (&hash, root))
    return wrong_proof (error, "inclusion proof: it does not lead to the root");
  return TRUE;
}

/**
 * air_tree_check_consistency:
 * @old_size: the smaller tree
 * @old_root: its root
 * @new_size: the larger tree
 * @new_root: its root
 * @proof: (array length=n_proof): the proof's hashes
 * @n_proof: their number
 * @error: return location
 *
 * That the larger tree begins with all of the smaller, RFC 9162 section 2.1.4.2.
 * Fails with %AIR_LEDGER_ERROR_PROOF.
 *
 * Returns: whether it holds
 */
gboolean
air_tree_check_consistency (guint64 old_size,
                            const AirDigest *old_root,
                            guint64 new_size,
                            const AirDigest *new_root,
                            const AirDigest *proof,
                            gsize n_proof,
                            GError **error)
{
  AirDigest from_old, from_new;
  guint64 fn, sn;
  gsize i = 0;

  if (old_size > new_size)
    return wrong_proof (error, "consistency proof: the tree has shrunk");
  if (old_size == 0 || old_size == new_size)
    {
      AirDigest expected = old_size == 0 ? air_tree_empty_root () : *new_root;

      if (n_proof != 0)
        return wrong_proof (error, "consistency proof: it should be empty");
      if (new_size == 0 && !air_digest_equal (new_root, &expected))
        return wrong_proof (error, "consistency proof: the root of the empty tree is wrong");
      if (!air_digest_equal (old_root, &expected))
        return wrong_proof (error, old_size == 0 ? "consistency proof: the root of the empty tree is wrong"
                                                 : "consistency proof: two roots for one size");
      return TRUE;
    }

  fn = old_size - 1;
  sn = new_size - 1;
  while (fn & 1)
    {
      fn >>= 1;
      sn >>= 1;
    }
  if (fn == 0)
    {
      /* The old tree is complete, so its root is the first hash and goes without saying. */
      from_old = *old_root;
    }
  else
    {
      if (n_proof == 0)
        return wrong_proof (error, "consistency proof: it has too few hashes");
      from_old = proof[i++];
    }
  from_new = from_old;

  for (; i < n_proof; i++)
    {
      if (sn == 0)
        return wrong_proof (error, "consistency proof: it has too many hashes");
      if ((fn & 1) || fn == sn)
        {
          from_old = air_tree_node_hash (&proof[i], &from_old);
          from_new = air_tree_node_hash (&proof[i], &from_new);
          while (!(fn & 1) && fn != 0)
            {
              fn >>= 1;
              sn >>= 1;
            }
        }
      else
        {
          from_new = air_tree_node_hash (&from_new, &proof[i]);
        }
      fn >>= 1;
      sn >>= 1;
    }

  if (sn != 0)
    return wrong_proof (error, "consistency proof: it has too few hashes");
  if (!air_digest_equal (&from_old, old_root))
    return wrong_proof (error, "consistency proof: it does not lead to the old root");
  if (!air_digest_equal (&from_new, new_root))
    return wrong_proof (error, "consistency proof: it does not lead to the new root");
  return TRUE;
}

static void
keep_node (guint level, guint64 index, const AirDigest *hash, gpointer user_data)
{
  AirMemoryTree *self = user_data;

  if (self->levels[level] == NULL)
    self->levels[level] = g_array_new (FALSE, FALSE, sizeof (AirDigest));
  g_assert (self->levels[level]->len == index);
  g_array_append_val (self->levels[level], *hash);
}

static gboolean
read_memory (gpointer user_data, guint level, guint64 index, AirDigest *ret_hash, GError **error)
{
  AirMemoryTree *self = user_data;

  if (level > AIR_TREE_MAX_LEVELS || self->levels[level] == NULL || index >= self->levels[level]->len)
    {
      g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_RANGE,
                   "the tree of %" G_GUINT64_FORMAT " leaves has no node %" G_GUINT64_FORMAT " at level %u",
                   self->edge.size, index, level);
      return FALSE;
    }
  *ret_hash = g_array_index (self->levels[level], AirDigest, index);
  return TRUE;
}

/**
 * air_memory_tree_new:
 *
 * Returns: (transfer full): a tree without leaves
 */
AirMemoryTree *
air_memory_tree_new (void)
{
  AirMemoryTree *self = g_new0 (AirMemoryTree, 1);

  self->reader = (AirHashReader) { read_memory, self };
  return self;
}

void
air_memory_tree_free (AirMemoryTree *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->levels); i++)
    g_clear_pointer (&self->levels[i], g_array_unref);
  g_free (self);
}

/**
 * air_memory_tree_append:
 * @self: a tree
 * @leaf_hash: the next leaf, SHA-256 (00 ‖ entry)
 *
 * Amortised, one node hash a leaf.
 */
void
air_memory_tree_append (AirMemoryTree *self, const AirDigest *leaf_hash)
{
  air_tree_append (&self->edge, leaf_hash, keep_node, self);
}

/**
 * air_memory_tree_get_size:
 * @self: a tree
 *
 * Returns: how many leaves it has
 */
guint64
air_memory_tree_get_size (AirMemoryTree *self)
{
  return self->edge.size;
}

/**
 * air_memory_tree_get_root:
 * @self: a tree
 *
 * Returns: the Merkle tree hash over all leaves, RFC 6962 §2.1
 */
AirDigest
air_memory_tree_get_root (AirMemoryTree *self)
{
  return air_tree_root (&self->edge);
}

/**
 * air_memory_tree_get_reader:
 * @self: a tree
 *
 * Returns: (transfer none): its hashes, for proofs; valid as long as @self
 */
const AirHashReader *
air_memory_tree_get_reader (AirMemoryTree *self)
{
  return &self->reader;
}
