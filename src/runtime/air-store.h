/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-hash.h"
#include "runtime/air-vault.h"

G_BEGIN_DECLS

#define AIR_STORE_ERROR (air_store_error_quark ())

/**
 * AirStoreError:
 * @AIR_STORE_ERROR_OPEN: the file cannot be opened or is none of ours
 * @AIR_STORE_ERROR_FULL: no space; the transaction is undone and may be tried again
 * @AIR_STORE_ERROR_BUSY: another process holds it; as with FULL
 * @AIR_STORE_ERROR_CORRUPT: what is stored contradicts itself
 * @AIR_STORE_ERROR_IO: the disk refused; after a failed sync nothing can be said about what is durable
 */
typedef enum {
  AIR_STORE_ERROR_OPEN,
  AIR_STORE_ERROR_FULL,
  AIR_STORE_ERROR_BUSY,
  AIR_STORE_ERROR_CORRUPT,
  AIR_STORE_ERROR_IO,
} AirStoreError;

GQuark air_store_error_quark (void);

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

typedef struct {
  guint64    index;
  gint64     prev;        /* index of the instance's previous entry, or -1 */
  GBytes    *leaf;
  GPtrArray *disclosures; /* char *, or NULL */
  AirSealKey key;         /* the vault's keys they are sealed under */
  gboolean   erased;      /* that key was destroyed */
  char      *unreadable;  /* why they cannot be opened, where the reader goes on nevertheless; else NULL */
} AirStoredEntry;

/**
 * AirIndexRow:
 *
 * What lists and restarts need to know of an instance without reading its
 * entries. @head and @count may lag behind the entries by what
 * air_store_get_indexed() says; everything else never does.
 */
typedef struct {
  char      *id;
  gint64     head;    /* index of the last entry */
  gint64     count;   /* entries so far */
  AirDigest  hash;    /* of the last entry */
  char      *state;
  gboolean   open;    /* no closing entry yet */
  char      *waiting; /* nullable: what for, in words */
  char      *gate;    /* nullable: the node of the gate that waits */
  char      *outcome; /* nullable */
  char      *dedup;   /* nullable */
  char      *key;     /* nullable: the concurrency key */
  gint64     wake_us; /* 0: no timer */
  gint64     started_us;
  gint64     updated_us;
} AirIndexRow;

AirStore       *air_store_open              (const char          *path,
                                             gboolean             read_only,
                                             GError             **error);
void            air_store_free              (AirStore            *self);

/* Writing; every function fails with FULL, BUSY, CORRUPT or IO. */
gboolean        air_store_begin             (AirStore            *self,
                                             GError             **error);
gboolean        air_store_commit            (AirStore            *self,
                                             GError             **error);
void            air_store_rollback          (AirStore            *self);
gboolean        air_store_put_entry         (AirStore            *self,
                                             guint64              index,
                                             gint64               prev,
                                             GBytes              *leaf,
                                             GPtrArray           *disclosures,
                                             guint64             *subject,
                                             GError             **error);
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
gboolean        air_store_put_row           (AirStore            *self,
                                             const AirIndexRow   *row,
                                             GError             **error);
gboolean        air_store_put_head          (AirStore            *self,
                                             const char          *id,
                                             gint64               head,
                                             gint64               count,
                                             const AirDigest     *hash,
                                             GError             **error);
gboolean        air_store_put_tile          (AirStore            *self,
                                             guint                level,
                                             guint64              index,
                                             const AirDigest      hashes[256],
                                             GError             **error);
gboolean        air_store_put_checkpoint    (AirStore            *self,
                                             guint64              size,
                                             const char          *note,
                                             GError             **error);
gboolean        air_store_set_indexed       (AirStore            *self,
                                             guint64              size,
                                             GError             **error);
/* A number kept under a name. */
gboolean        air_store_set_number        (AirStore            *self,
                                             const char          *name,
                                             guint64              value,
                                             GError             **error);
/* Takes the disclosures of an entry away; the bytes are overwritten. */
gboolean        air_store_erase_entry       (AirStore            *self,
                                             guint64              index,
                                             GError             **error);
/* And what its row in the index of instances keeps of them. That the same event started it is still known, by a
 * keyed digest. */
gboolean        air_store_erase_row         (AirStore            *self,
                                             const char          *id,
                                             GError             **error);
/* Looks for erased runs too from now on: for connections that were open before the first erasure. */
gboolean        air_store_reload_pepper     (AirStore            *self,
                                             GError             **error);
/* Moves the write-ahead log into the file and truncates it: what was overwritten is in neither. */
gboolean        air_store_flush_log         (AirStore            *self,
                                             GError             **error);
gboolean        air_store_destroy_key       (AirStore            *self,
                                             guint64              number,
                                             GError             **error);
/* Whose data a run holds: the keyed digest of a data subject, and its key. Kept until the run is erased. */
gboolean        air_store_put_subject       (AirStore            *self,
                                             const char          *digest,
                                             const char          *run,
                                             guint64              key,
                                             GError             **error);
gboolean        air_store_clear_index       (AirStore            *self,
                                             GError             **error);

/* Whether each transaction is durable when it is committed, as at first, or only by air_store_sync(). */
gboolean        air_store_set_synced        (AirStore            *self,
                                             gboolean             synced,
                                             GError             **error);
gboolean        air_store_sync              (AirStore            *self,
                                             GError             **error);
gboolean        air_store_checkpoint        (AirStore            *self,
                                             GError             **error);

/* Reading. */
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
/* NULL without an error when there is none. */
AirStoredEntry *air_store_read_entry        (AirStore            *self,
                                             guint64              index,
                                             GError             **error);
/* Up to @n leaves from @first on. */
GPtrArray      *air_store_read_leaves       (AirStore            *self,
                                             guint64              first,
                                             guint                n,
                                             GError             **error);
/* The entries of the instance whose last entry is @head, oldest first. */
GPtrArray      *air_store_read_instance     (AirStore            *self,
                                             gint64               head,
                                             GError             **error);
/* All from @first on, in order, one a call; NULL without an error at the end. @first is read when the scan begins. */
AirStoredEntry *air_store_scan              (AirStore            *self,
                                             guint64              first,
                                             gboolean             begin,
                                             GError             **error);
/* The checkpoints by size, in the same way. */
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
/* Newest first, behind @after (nullable); @state is nullable. */
GPtrArray      *air_store_list_rows         (AirStore            *self,
                                             const char          *state,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);
/* Oldest first, behind @after; those without a closing entry. */
GPtrArray      *air_store_list_open         (AirStore            *self,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);
/* The same of those in one state. */
GPtrArray      *air_store_list_state        (AirStore            *self,
                                             const char          *state,
                                             const char          *after,
                                             guint                limit,
                                             GError             **error);
/* Told of an instance that wakes by itself. */
typedef void  (*AirStoreWake)               (const char          *id,
                                             gint64               wake_us,
                                             gpointer             user_data);
/* Those that wake from @from_us on, before @until_us, earliest first; stops behind the first @max of them, and
 * says so by @ret_until_us: all that wake before were told of. */
gboolean        air_store_list_wakes        (AirStore            *self,
                                             gint64               from_us,
                                             gint64               until_us,
                                             guint                max,
                                             AirStoreWake         wake,
                                             gpointer             user_data,
                                             gint64              *ret_until_us,
                                             GError             **error);
/* Who has begun under a concurrency key and is not over; NULL without an error when nobody has. */
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
                                             GHashTable          *ret_counts, /* state → guint64 * */
                                             GError             **error);

void            air_stored_entry_free       (AirStoredEntry      *self);
AirIndexRow    *air_index_row_copy          (const AirIndexRow   *self);
void            air_index_row_free          (AirIndexRow         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirStore, air_store_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirStoredEntry, air_stored_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirIndexRow, air_index_row_free)

G_END_DECLS
