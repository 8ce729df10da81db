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

typedef struct {
  guint64 commits;      /* transactions, one sync each */
  guint64 entries;
  guint64 leaf_bytes;
  guint64 disclosure_bytes;
  guint64 failures;
} AirWriterCounters;

AirWriter *air_writer_new          (const char        *path,
                                    const AirRandom   *random,
                                    GError           **error);
void       air_writer_submit       (AirWriter         *self,
                                    AirCommit         *take_commit);
/* A list linked by @next. */
void       air_writer_submit_list  (AirWriter         *self,
                                    AirCommit         *take_first);
/* As above, but written and completed before it returns when the writer has nothing to do and the disk is
 * quick: for a caller with nothing else to do meanwhile. FALSE: it was submitted. */
gboolean   air_writer_write_here   (AirWriter         *self,
                                    AirCommit         *take_first);
/* What is durable may be in the journal alone for some milliseconds; these wait until the store shows it:
 * all that completed (FALSE: the store cannot take it now), that of one instance, or up to one entry. */
gboolean   air_writer_settle       (AirWriter         *self);
gboolean   air_writer_settle_run   (AirWriter         *self,
                                    const char        *id);
gboolean   air_writer_settle_entry (AirWriter         *self,
                                    guint64            index);
/* The instance whose row with this key the store may not show yet, or NULL. */
const char *air_writer_find_recent (AirWriter         *self,
                                    const char        *dedup);
/* Forgets them where the store shows all that was durable when last asked. */
void       air_writer_forget_recent (AirWriter        *self);
/* How many entries the store shows. */
guint64    air_writer_get_applied  (AirWriter         *self);
/* The tree as of the last frame that is durable, once the store shows all of it. */
void       air_writer_get_edge     (AirWriter         *self,
                                    AirTreeEdge       *ret_edge);
/* The same at once, for whoever reads no tile. */
void       air_writer_peek_edge    (AirWriter         *self,
                                    AirTreeEdge       *ret_edge);
guint64    air_writer_get_size     (AirWriter         *self);
void       air_writer_get_counters (AirWriter         *self,
                                    AirWriterCounters *ret_counters);
/* Runs @func on the writing connection after all that completed and waits for it: for the work of a start. */
gboolean   air_writer_run          (AirWriter         *self,
                                    gboolean         (*func) (AirStore *store,
                                                              gpointer  user_data,
                                                              GError  **error),
                                    gpointer           user_data,
                                    GError           **error);
/* Overwrites what the journal still holds of what the store has: after an erasure. */
gboolean   air_writer_scrub        (AirWriter         *self,
                                    GError           **error);
/* Waits for all that was submitted; completions are dispatched before it returns. */
void       air_writer_free         (AirWriter         *self);

AirCommit *air_commit_new          (AirChain          *chain,
                                    GPtrArray         *take_records,
                                    gint64             time_us,
                                    AirCommitDone      done,
                                    gpointer           user_data);
void       air_commit_free         (AirCommit         *self);
AirChain  *air_chain_new           (const char        *id);
void       air_chain_free          (AirChain          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirWriter, air_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCommit, air_commit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirChain, air_chain_free)

G_END_DECLS
