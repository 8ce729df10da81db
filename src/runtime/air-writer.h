/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"
#include "ledger/air-entry.h"
#include "runtime/air-store.h"
#include "runtime/air-tree-store.h"

G_BEGIN_DECLS

/**
 * AirWriter:
 *
 * The one writer: a thread that seals records into entries and commits them.
 * Whatever is ready when it gets to work goes down in one frame of the journal
 * with one sync; what comes meanwhile waits for the next. The store follows. Completions are dispatched in
 * the main context of the thread that made the writer, in the order of
 * submission. When a sync fails nothing of it is there, the chain heads
 * are as before, and every commit of it completes with the error. A commit
 * whose records cannot be sealed fails alone, with AIR_LEDGER_ERROR or
 * AIR_JSON_ERROR.
 */
typedef struct _AirWriter AirWriter;

/**
 * AirChain:
 *
 * The growing end of one instance. While a commit of it is under way it
 * belongs to the writer; there is at most one at a time.
 */
typedef struct {
  char         *id;
  AirChainHead  head;
  gint64        last; /* index of its last entry, or -1 */
  AirSealKey    key;  /* for its disclosures; without a run's key the next entry takes one */
} AirChain;

typedef struct _AirCommit AirCommit;

/**
 * AirCommitDone:
 * @commit: what was submitted; freed after the call
 * @error: (nullable): %NULL: it is durable
 * @user_data: what was handed in
 */
typedef void (*AirCommitDone) (AirCommit    *commit,
                               const GError *error, /* NULL: it is durable */
                               gpointer      user_data);

/**
 * AirCommit:
 *
 * Records that become durable together or not at all.
 */
struct _AirCommit {
  AirChain      *chain;         /* nullable: a checkpoint only */
  GPtrArray     *records;       /* AirRecord; owned */
  gint64         time_us;
  AirIndexRow   *row;           /* nullable, owned: head, count and hash are filled in by the writer */
  char          *subject;       /* nullable, owned: digest of whose data the instance holds, in its first commit */
  gboolean       forget;        /* the instance closes: its head needs no more care */
  guint64        checkpoint;    /* the size of @note */
  char          *note;          /* nullable, owned: a signed checkpoint */
  AirCommitDone  done;
  gpointer       user_data;
  gpointer       owner;         /* the caller's */

  AirCommit     *next;          /* the caller's until submitted */

  guint64        first;         /* result: index of the first entry */
  guint          n_entries;     /* result */

  /*< private >*/
  GPtrArray     *sealed;        /* AirSealedEntry */
  gboolean       begun;         /* its chain has moved on */
  AirChainHead   head_before;
  gint64         last_before;
  guint64        frame;         /* that holds it */
  GError        *failure;
};

/**
 * AirWriterCounters:
 * @commits: transactions, one sync each
 * @entries: written
 * @leaf_bytes: of them
 * @disclosure_bytes: of what they disclose
 * @failures: transactions that were taken back
 */
typedef struct {
  guint64 commits;
  guint64 entries;
  guint64 leaf_bytes;
  guint64 disclosure_bytes;
  guint64 failures;
} AirWriterCounters;

AirWriter *air_writer_new          (const char        *path,
                                    const AirRandom   *random,
                                    GError           **error);

/**
 * air_writer_submit:
 * @self: the writer
 * @take_commit: (transfer full): what is to become durable; freed after its `done` was called
 *
 * Does not wait.
 */
void       air_writer_submit       (AirWriter         *self,
                                    AirCommit         *take_commit);

/**
 * air_writer_submit_list:
 * @self: the writer
 * @take_first: (transfer full): a list linked by `next`
 *
 * Does not wait; they keep their order.
 */
void       air_writer_submit_list  (AirWriter         *self,
                                    AirCommit         *take_first);

/**
 * air_writer_write_here:
 * @self: the writer
 * @take_first: (transfer full): a list linked by `next`
 *
 * As air_writer_submit_list(), but written and completed before it returns when the writer has nothing to do and the
 * disk is quick: for a caller with nothing else to do meanwhile.
 *
 * Returns: %FALSE: it was submitted
 */
gboolean   air_writer_write_here   (AirWriter         *self,
                                    AirCommit         *take_first);
/* What is durable may be in the journal alone for some milliseconds; these wait until the store shows it:
 * all that completed (FALSE: the store cannot take it now), that of one instance, or up to one entry. */

/**
 * air_writer_settle:
 * @self: the writer
 *
 * Waits until the store shows all that completed.
 *
 * Returns: %FALSE: the store cannot take it now
 */
gboolean   air_writer_settle       (AirWriter         *self);

/**
 * air_writer_settle_run:
 * @self: the writer
 * @id: an instance
 *
 * Waits until the store shows all of it that completed; seldom at all.
 *
 * Returns: %FALSE: the store cannot take it now
 */
gboolean   air_writer_settle_run   (AirWriter         *self,
                                    const char        *id);

/**
 * air_writer_settle_entry:
 * @self: the writer
 * @index: of an entry that is durable
 *
 * Waits until the store shows it; seldom at all.
 *
 * Returns: %FALSE: the store cannot take it now
 */
gboolean   air_writer_settle_entry (AirWriter         *self,
                                    guint64            index);

/**
 * air_writer_find_recent:
 * @self: the writer
 * @dedup: a key against duplicates
 *
 * Returns: (transfer none) (nullable): the instance whose row with this key the store may not show yet
 */
const char *air_writer_find_recent (AirWriter         *self,
                                    const char        *dedup);
void       air_writer_forget_recent (AirWriter        *self);
void       air_writer_halt         (AirWriter         *self,
                                    const GError      *why);
guint64    air_writer_get_applied  (AirWriter         *self);
/* The tree as of the last frame that is durable, once the store shows all of it. */

/**
 * air_writer_get_edge:
 * @self: the writer
 * @ret_edge: (out caller-allocates): the tree as of the last frame that is durable
 *
 * Waits until the store shows all of it, so that its tiles can be read.
 */
void       air_writer_get_edge     (AirWriter         *self,
                                    AirTreeEdge       *ret_edge);

/**
 * air_writer_peek_edge:
 * @self: the writer
 * @ret_edge: (out caller-allocates): the tree as of the last frame that is durable
 *
 * As air_writer_get_edge() at once, for whoever reads no tile.
 */
void       air_writer_peek_edge    (AirWriter         *self,
                                    AirTreeEdge       *ret_edge);

/**
 * air_writer_get_size:
 * @self: the writer
 *
 * Returns: how many entries are durable
 */
guint64    air_writer_get_size     (AirWriter         *self);

/**
 * air_writer_get_counters:
 * @self: the writer
 * @ret_counters: (out caller-allocates): what it did so far
 */
void       air_writer_get_counters (AirWriter         *self,
                                    AirWriterCounters *ret_counters);

/**
 * air_writer_run:
 * @self: the writer
 * @func: what to do
 * @user_data: for @func
 * @error: return location
 *
 * Runs @func on the writing connection after all that completed and waits for it: for the work of a start.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR or what @func failed with
 */
gboolean   air_writer_run          (AirWriter         *self,
                                    gboolean         (*func) (AirStore *store,
                                                              gpointer  user_data,
                                                              GError  **error),
                                    gpointer           user_data,
                                    GError           **error);

/**
 * air_writer_scrub:
 * @self: the writer
 * @error: return location
 *
 * Overwrites what the journal still holds of what the store has: after an erasure. Waits.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR
 */
gboolean   air_writer_scrub        (AirWriter         *self,
                                    GError           **error);
/* Waits for all that was submitted; completions are dispatched before it returns. */
void       air_writer_free         (AirWriter         *self);

/**
 * air_commit_new:
 * @chain: (nullable): the instance; borrowed. %NULL: a checkpoint only
 * @take_records: (nullable) (transfer full) (element-type AirRecord): what becomes durable together
 * @time_us: of the entries, in microseconds since the Unix epoch
 * @done: called when it is durable or failed
 * @user_data: for @done
 *
 * Returns: (transfer full): a commit to submit
 */
AirCommit *air_commit_new          (AirChain          *chain,
                                    GPtrArray         *take_records,
                                    gint64             time_us,
                                    AirCommitDone      done,
                                    gpointer           user_data);
void       air_commit_free         (AirCommit         *self);

/**
 * air_chain_new:
 * @id: the instance
 *
 * Returns: (transfer full): a chain without entries
 */
AirChain  *air_chain_new           (const char        *id);
void       air_chain_free          (AirChain          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirWriter, air_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCommit, air_commit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirChain, air_chain_free)

G_END_DECLS
