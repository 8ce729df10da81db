/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-hash.h"
#include "hosting/air-stored.h"
#include "runtime/air-vault.h"

G_BEGIN_DECLS

/**
 * AirStore:
 *
 * One connection to ledger.sqlite: the entries with their disclosures, the
 * complete tiles of the tree, the signed checkpoints, and an index of the
 * instances that is derived from the entries and can be made anew. Entries are
 * only ever added; triggers in the schema see to that.
 *
 * Not thread-safe: the writer has one of its own, readers have theirs.
 */
typedef struct _AirStore AirStore;

/**
 * AirStoredEntry:
 * @index: in the ledger
 * @prev: index of the instance's previous entry, or -1
 * @leaf: the exact bytes
 * @disclosures: (nullable) (element-type utf8): opened
 * @key: the vault's keys they are sealed under
 * @erased: that key was destroyed
 * @unreadable: (nullable): why they cannot be opened, where the reader goes on nevertheless
 *
 * An entry as it is stored. Freed with air_stored_entry_free().
 */
typedef struct {
  guint64    index;
  gint64     prev;
  GBytes    *leaf;
  GPtrArray *disclosures;
  AirSealKey key;
  gboolean   erased;
  char      *unreadable;
} AirStoredEntry;

AirStore       *air_store_open              (const char          *path,
                                             gboolean             read_only,
                                             GError             **error);
void            air_store_free              (AirStore            *self);

/**
 * air_store_begin:
 * @self: a store
 * @error: return location
 *
 * Begins a transaction. As all functions that write fails with %AIR_STORE_ERROR_FULL, _BUSY, _CORRUPT or _IO.
 *
 * Returns: whether it could
 */
gboolean        air_store_begin             (AirStore            *self,
                                             GError             **error);

/**
 * air_store_commit:
 * @self: a store with a transaction
 * @error: return location
 *
 * Durable when it returns, unless air_store_set_synced() said otherwise.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR; the transaction is then to be rolled back
 */
gboolean        air_store_commit            (AirStore            *self,
                                             GError             **error);

/**
 * air_store_rollback:
 * @self: a store
 *
 * Nothing of the transaction stays; does nothing without one.
 */
void            air_store_rollback          (AirStore            *self);

/**
 * air_store_put_entry:
 * @self: a store with a transaction
 * @index: in the ledger
 * @prev: index of the instance's previous entry, or -1
 * @leaf: the exact bytes
 * @disclosures: (nullable) (element-type utf8): what goes with it
 * @subject: (inout) (nullable): the key of the vault the disclosures are sealed under, 0 to take a new one; %NULL
 *   leaves them in the clear
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_entry         (AirStore            *self,
                                             guint64              index,
                                             gint64               prev,
                                             GBytes              *leaf,
                                             GPtrArray           *disclosures,
                                             guint64             *subject,
                                             GError             **error);

/**
 * air_store_put_packed:
 * @self: a store with a transaction
 * @index: in the ledger
 * @prev: index of the instance's previous entry, or -1
 * @leaf: the exact bytes
 * @leaf_len: how many
 * @hash: of the leaf
 * @packed: (nullable): the disclosures as air_disclosures_pack() has them
 * @packed_len: bytes of @packed
 * @key: what they are sealed under
 * @error: return location
 *
 * In one row with its entry: a commit of one entry writes one page less.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_packed        (AirStore            *self,
                                             guint64              index,
                                             gint64               prev,
                                             const void          *leaf,
                                             gsize                leaf_len,
                                             const AirDigest     *hash,
                                             const void          *packed,
                                             gsize                packed_len,
                                             AirSealKey           key,
                                             GError             **error);

/**
 * air_store_put_row:
 * @self: a store with a transaction
 * @row: what the index of instances is to say
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_row           (AirStore            *self,
                                             const AirIndexRow   *row,
                                             GError             **error);

/**
 * air_store_put_head:
 * @self: a store with a transaction
 * @id: an instance with a row
 * @head: index of its last entry
 * @count: entries so far
 * @hash: of the last entry
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_head          (AirStore            *self,
                                             const char          *id,
                                             gint64               head,
                                             gint64               count,
                                             const AirDigest     *hash,
                                             GError             **error);

/**
 * air_store_put_tile:
 * @self: a store with a transaction
 * @level: of the tile
 * @index: of the tile
 * @hashes: all 256
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_tile          (AirStore            *self,
                                             guint                level,
                                             guint64              index,
                                             const AirDigest      hashes[256],
                                             GError             **error);

/**
 * air_store_put_checkpoint:
 * @self: a store with a transaction
 * @size: of the tree
 * @note: its signed checkpoint
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_put_checkpoint    (AirStore            *self,
                                             guint64              size,
                                             const char          *note,
                                             GError             **error);

/**
 * air_store_set_indexed:
 * @self: a store
 * @size: up to which the heads of the instance index are exact
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_set_indexed       (AirStore            *self,
                                             guint64              size,
                                             GError             **error);

/**
 * air_store_set_number:
 * @self: a store
 * @name: under which it is kept
 * @value: replaces what was kept
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_set_number        (AirStore            *self,
                                             const char          *name,
                                             guint64              value,
                                             GError             **error);

/**
 * air_store_erase_entry:
 * @self: a store with a transaction
 * @index: of the entry
 * @error: return location
 *
 * Takes the disclosures of an entry away; the bytes are overwritten. The leaf stays.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_erase_entry       (AirStore            *self,
                                             guint64              index,
                                             GError             **error);

/**
 * air_store_erase_row:
 * @self: a store with a transaction
 * @id: the instance
 * @error: return location
 *
 * Takes away what its row in the index of instances keeps of the disclosures. That the same event started it is still
 * known, by a keyed digest.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_erase_row         (AirStore            *self,
                                             const char          *id,
                                             GError             **error);

/**
 * air_store_reload_pepper:
 * @self: a store
 * @error: return location
 *
 * Looks for erased runs too from now on: for connections that were open before the first erasure.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_reload_pepper     (AirStore            *self,
                                             GError             **error);

/**
 * air_store_flush_log:
 * @self: a store
 * @error: return location
 *
 * Moves the write-ahead log into the file and truncates it: what was overwritten is in neither.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR, _BUSY while somebody reads
 */
gboolean        air_store_flush_log         (AirStore            *self,
                                             GError             **error);
gboolean        air_store_put_subject       (AirStore            *self,
                                             const char          *digest,
                                             const char          *run,
                                             guint64              key,
                                             GError             **error);
/**
 * air_store_destroy_key:
 * @self: a store
 * @number: of the vault's key
 * @error: return location
 *
 * As air_vault_destroy(); durable when it returns.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_destroy_key       (AirStore            *self,
                                             guint64              number,
                                             GError             **error);

/**
 * air_store_clear_index:
 * @self: a store with a transaction
 * @error: return location
 *
 * Empties the index of instances, to be made anew from the entries.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_clear_index       (AirStore            *self,
                                             GError             **error);

/**
 * air_store_set_synced:
 * @self: a store
 * @synced: whether each transaction is durable when it is committed, as at first, or only by air_store_sync()
 * @error: return location
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean        air_store_set_synced        (AirStore            *self,
                                             gboolean             synced,
                                             GError             **error);

/**
 * air_store_sync:
 * @self: a store
 * @error: return location
 *
 * Makes durable what was committed. One fdatasync of the write-ahead log.
 *
 * Returns: %FALSE with %AIR_STORE_ERROR_IO
 */
gboolean        air_store_sync              (AirStore            *self,
                                             GError             **error);

/**
 * air_store_checkpoint:
 * @self: a store
 * @error: return location
 *
 * Moves the log into the database, as far as readers let it, so that the log begins anew.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR; that readers are in the way is none
 */
gboolean        air_store_checkpoint        (AirStore            *self,
                                             GError             **error);

gboolean        air_store_get_number        (AirStore            *self,
                                             const char          *name,
                                             guint64              if_unset,
                                             guint64             *ret_value,
                                             GError             **error);
gboolean        air_store_get_size          (AirStore            *self,
                                             guint64             *ret_size,
                                             GError             **error);
gboolean        air_store_get_indexed       (AirStore            *self,
                                             guint64             *ret_size,
                                             GError             **error);
AirStoredEntry *air_store_read_entry        (AirStore            *self,
                                             guint64              index,
                                             GError             **error);
GPtrArray      *air_store_read_leaves       (AirStore            *self,
                                             guint64              first,
                                             guint                n,
                                             GError             **error);
GPtrArray      *air_store_read_instance     (AirStore            *self,
                                             gint64               head,
                                             GError             **error);
AirStoredEntry *air_store_scan              (AirStore            *self,
                                             guint64              first,
                                             gboolean             begin,
                                             GError             **error);
char           *air_store_scan_checkpoints  (AirStore            *self,
                                             gboolean             begin,
                                             guint64             *ret_size,
                                             GError             **error);
gboolean        air_store_read_tile         (AirStore            *self,
                                             guint                level,
                                             guint64              index,
                                             AirDigest            ret_hashes[256],
                                             GError             **error);
char           *air_store_read_checkpoint   (AirStore            *self,
                                             guint64              at_most,
                                             guint64             *ret_size,
                                             GError             **error);
AirIndexRow    *air_store_find_row          (AirStore            *self,
                                             const char          *id,
                                             GError             **error);
AirIndexRow    *air_store_find_dedup        (AirStore            *self,
                                             const char          *dedup,
                                             GError             **error);
GPtrArray      *air_store_list_rows         (AirStore            *self,
                                             const char          *state,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);
GPtrArray      *air_store_list_open         (AirStore            *self,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);
GPtrArray      *air_store_list_state        (AirStore            *self,
                                             const char          *state,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);

/**
 * AirStoreWake:
 * @id: an instance
 * @wake_us: when it wakes by itself, in microseconds since the Unix epoch
 * @user_data: what was handed in
 */
typedef void  (*AirStoreWake)               (const char          *id,
                                             gint64               wake_us,
                                             gpointer             user_data);
gboolean        air_store_list_wakes        (AirStore            *self,
                                             gint64               from_us,
                                             gint64               until_us,
                                             guint                max,
                                             AirStoreWake         wake,
                                             gpointer             user_data,
                                             gint64              *ret_until_us,
                                             GError             **error);
char           *air_store_find_holder       (AirStore            *self,
                                             const char          *key,
                                             GError             **error);
/* What a data subject is known by, under the vault's key with this number. */
char           *air_store_digest_subject    (AirStore            *self,
                                             guint64              pepper,
                                             const char          *subject,
                                             GError             **error);
/* The runs of a data subject, oldest first; with @key only those under this one. NULL-terminated. */
GStrv           air_store_list_subject      (AirStore            *self,
                                             const char          *digest,
                                             guint64              key,
                                             GError             **error);
/* Its key; 0 when it has none: no run of it is kept. */
gboolean        air_store_find_subject_key  (AirStore            *self,
                                             const char          *digest,
                                             guint64             *ret_key,
                                             GError             **error);
/* Whose run it is, and under which key; NULL without an error when nobody's that is known. */
char           *air_store_find_subject      (AirStore            *self,
                                             const char          *run,
                                             guint64             *ret_key,
                                             GError             **error);
gboolean        air_store_count_states      (AirStore            *self,
                                             GHashTable          *ret_counts,
                                             GError             **error);

void            air_stored_entry_free       (AirStoredEntry      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirStore, air_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirStoredEntry, air_stored_entry_free)

G_END_DECLS
