/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-block-file.h"
#include "hosting/air-stored.h"
#include "hosting/air-tree-edge.h"
#include "ledger/air-entry.h"

G_BEGIN_DECLS

/**
 * AirFrame:
 *
 * What one sync makes durable: commits with their entries, index rows, tiles and
 * checkpoints, as bytes. The same bytes go to the journal and, a little later
 * or after a crash, into the store, so that both always say the same.
 */
typedef struct _AirFrame AirFrame;

struct _AirFrame {
  guint8   *data;  /* aligned for direct writes; begins with the journal's header */
  gsize     len;
  gsize     size;  /* allocated, a multiple of AIR_FRAME_ALIGN */
  guint64   seq;   /* 1, 2, 3, … */
  guint64   entries; /* in the ledger once it is applied */
  AirFrame *next;
};

/**
 * AirFrameHead:
 * @last: index of the last entry
 * @count: entries so far
 * @hash: of the last entry
 *
 * The end of an instance's chain, as a frame and the store's index have it.
 */
typedef struct {
  gint64    last;
  gint64    count;
  AirDigest hash;
} AirFrameHead;

#define AIR_FRAME_ALIGN  AIR_BLOCK_SIZE
#define AIR_FRAME_HEADER 80

/**
 * AirFrameReader:
 * @entry: an entry; packed: its disclosures, nullable; key: what they are to be sealed under
 * @head: after its entries; forget: the instance needs no more care
 * @row: of the index of instances
 * @subject: whose data an instance holds
 * @tile: one that is complete
 * @note: a signed checkpoint of the tree of that size
 *
 * Who takes a frame apart; every function may stop it with an error. Texts and bytes are borrowed.
 */
typedef struct {
  gboolean (*entry) (gpointer user_data, guint64 index, gint64 prev, const void *leaf, gsize leaf_len, const AirDigest *hash,
                     const void *packed, gsize packed_len, AirSealKey key, GError **error);
  gboolean (*head) (gpointer user_data, const char *id, const AirFrameHead *head, gboolean forget, GError **error);
  gboolean (*row) (gpointer user_data, const AirIndexRow *row, GError **error);
  /* Whose data the run holds. */
  gboolean (*subject) (gpointer user_data, const char *digest, const char *run, guint64 key, GError **error);
  gboolean (*tile) (gpointer user_data, guint level, guint64 index, const AirDigest hashes[256], GError **error);
  gboolean (*note) (gpointer user_data, guint64 size, const char *note, GError **error);
} AirFrameReader;

/**
 * AirFrameKey:
 * @user_data: what was handed in
 * @i: which of the entries
 * @ret_key: (out): what its disclosures are to be sealed under
 * @error: return location
 *
 * Returns: %FALSE with an error, which ends it
 */
typedef gboolean (*AirFrameKey) (gpointer user_data, guint i, AirSealKey *ret_key, GError **error);

/**
 * AirFrameChain:
 * @id: the instance
 * @last: index of its last entry before, or -1
 * @head: of its chain with the new entries
 * @forget: it needs no more care
 *
 * The instance whose entries a frame takes.
 */
typedef struct {
  const char         *id;
  gint64              last;
  const AirChainHead *head;
  gboolean            forget;
} AirFrameChain;

AirFrame *air_frame_new        (void);
void      air_frame_free       (AirFrame             *self);
void      air_frame_reserve    (AirFrame             *self,
                                gsize                 size);

gboolean  air_frame_put_chain  (AirFrame             *self,
                                AirTreeEdge          *edge,
                                AirFrameChain        *chain,
                                GPtrArray            *sealed,
                                AirFrameKey           key,
                                gpointer              user_data,
                                GError              **error);
void      air_frame_put_entry  (AirFrame             *self,
                                guint64               index,
                                gint64                prev,
                                const AirSealedEntry *entry,
                                AirSealKey            key);
void      air_frame_put_head   (AirFrame             *self,
                                const char           *id,
                                const AirFrameHead   *head,
                                gboolean              forget);
void      air_frame_put_row    (AirFrame             *self,
                                const AirIndexRow    *row);
void      air_frame_put_subject (AirFrame            *self,
                                const char           *digest,
                                const char           *run,
                                guint64               key);
void      air_frame_put_tile   (AirFrame             *self,
                                guint                 level,
                                guint64               index,
                                const AirDigest       hashes[256]);
void      air_frame_put_note   (AirFrame             *self,
                                guint64               size,
                                const char           *note);
gboolean  air_frame_read       (const AirFrame       *self,
                                const AirFrameReader *reader,
                                gpointer              user_data,
                                GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFrame, air_frame_free)

G_END_DECLS
