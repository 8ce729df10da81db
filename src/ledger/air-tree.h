/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-hash.h"
#include "air-ledger-error.h"

G_BEGIN_DECLS

/* The RFC 6962 tree: leaf = SHA-256 (00 ‖ entry), node = SHA-256 (01 ‖ left ‖ right). */

#define AIR_TREE_MAX_LEVELS 63

AirDigest air_tree_leaf_hash  (const void      *entry,
                               gsize            length);
AirDigest air_tree_node_hash  (const AirDigest *left,
                               const AirDigest *right);
AirDigest air_tree_empty_root (void);

/**
 * AirTreeNodeFunc:
 * @level: 0 for a leaf
 * @index: of the node in its level
 * @hash: its hash
 * @user_data: what was handed in
 *
 * Called for each node that an append completes, leaf first.
 */
typedef void (*AirTreeNodeFunc) (guint            level,
                                 guint64          index,
                                 const AirDigest *hash,
                                 gpointer         user_data);

/**
 * AirTree:
 *
 * The right edge of a growing tree (a compact range), enough to append and to
 * know the root. A plain value: copy it by assignment, start with zeros.
 */
typedef struct {
  guint64 size;
  AirDigest edge[AIR_TREE_MAX_LEVELS + 1]; /* edge[l] is set where bit l of size is */
} AirTree;

void      air_tree_init   (AirTree         *self);
void      air_tree_append (AirTree         *self,
                           const AirDigest *leaf_hash,
                           AirTreeNodeFunc  func,
                           gpointer         user_data);
AirDigest air_tree_root   (const AirTree   *self);

/**
 * AirHashReader:
 * @read: hands out the hash of the complete subtree of 2^level leaves number
 *   @index (that begins at leaf index · 2^level)
 *
 * Where proofs get their hashes from.
 */
typedef struct {
  gboolean (*read) (gpointer    user_data,
                    guint       level,
                    guint64     index,
                    AirDigest  *ret_hash,
                    GError    **error);
  gpointer user_data;
} AirHashReader;

gboolean  air_tree_load              (AirTree              *self,
                                      guint64               size,
                                      const AirHashReader  *reader,
                                      GError              **error);
gboolean  air_tree_root_at           (const AirHashReader  *reader,
                                      guint64               size,
                                      AirDigest            *ret_root,
                                      GError              **error);
GArray   *air_tree_prove_inclusion   (const AirHashReader  *reader,
                                      guint64               index,
                                      guint64               size,
                                      GError              **error);
GArray   *air_tree_prove_consistency (const AirHashReader  *reader,
                                      guint64               old_size,
                                      guint64               new_size,
                                      GError              **error);
gboolean  air_tree_check_inclusion   (const AirDigest      *leaf_hash,
                                      guint64               index,
                                      guint64               size,
                                      const AirDigest      *proof,
                                      gsize                 n_proof,
                                      const AirDigest      *root,
                                      GError              **error);
gboolean  air_tree_check_consistency (guint64               old_size,
                                      const AirDigest      *old_root,
                                      guint64               new_size,
                                      const AirDigest      *new_root,
                                      const AirDigest      *proof,
                                      gsize                 n_proof,
                                      GError              **error);

/**
 * AirMemoryTree:
 *
 * A whole tree in memory: 64 bytes a leaf. Freed with air_memory_tree_free().
 */
typedef struct _AirMemoryTree AirMemoryTree;

AirMemoryTree       *air_memory_tree_new        (void);
void                 air_memory_tree_free       (AirMemoryTree   *self);
void                 air_memory_tree_append     (AirMemoryTree   *self,
                                                 const AirDigest *leaf_hash);
guint64              air_memory_tree_get_size   (AirMemoryTree   *self);
AirDigest            air_memory_tree_get_root   (AirMemoryTree   *self);
const AirHashReader *air_memory_tree_get_reader (AirMemoryTree   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMemoryTree, air_memory_tree_free)

G_END_DECLS
