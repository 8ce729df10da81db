/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-entry.h"
#include "air-tlog-policy.h"

G_BEGIN_DECLS

/**
 * AirLedgerReader:
 * @n_issued: so many of the checkpoints come in the order they were issued; the
 *   others are from elsewhere
 * @holds_disclosures: the ledger keeps the disclosures: one that is missing without
 *   a REDACTION_APPLIED entry for its run is a fault
 * @read_entry: the leaf of entry @index and, where kept, its disclosures
 *   (char *; *ret_disclosures stays %NULL when there are none). Asked once for
 *   each index, in order. What cannot be opened though it is there goes into
 *   *ret_unreadable, in words; what the store says is the entry before it of its
 *   instance, into *ret_link
 * @read_leaf: the leaf of an entry that was read before, once more: what a
 *   decision is about. Few are asked for
 * @read_checkpoint: signed checkpoint number @i by size, or %NULL without
 *   error past the last one; nullable. Asked in order, before the entries
 * @completed: (nullable): told each hash of the tree as it becomes complete,
 *   level 0 being the leaves: whoever stores tiles compares them
 * @chained: (nullable): told of each entry that can be read, with its link and the
 *   index of its instance's entry before it, or -1
 * @progress: (nullable): told now and then how many entries are read
 *
 * A whole ledger, wherever it is kept.
 */
typedef struct {
  guint64 size;
  guint n_issued;
  gboolean holds_disclosures;
  GBytes *(*read_entry) (gpointer     user_data,
                         guint64      index,
                         GPtrArray  **ret_disclosures,
                         char       **ret_unreadable,
                         gint64      *ret_link,
                         GError     **error);
  GBytes *(*read_leaf)  (gpointer     user_data,
                         guint64      index,
                         GError     **error);
  char *(*read_checkpoint) (gpointer   user_data,
                            guint      i,
                            GError   **error);
  void (*completed) (guint            level,
                     guint64          index,
                     const AirDigest *hash,
                     gpointer         user_data);
  void (*chained) (gpointer        user_data,
                   guint64         index,
                   const AirEntry *entry,
                   gint64          link,
                   gint64          previous);
  void (*progress) (gpointer user_data,
                    guint64  n_read);
  gpointer user_data;
} AirLedgerReader;

/**
 * AirFsckFault:
 * @index: of the entry, or G_MAXUINT64 where a checkpoint or the whole is meant
 * @words: what is wrong
 */
typedef struct {
  guint64 index;
  char *words;
} AirFsckFault;

/**
 * AirFsckInstance:
 * @first: index of its first entry
 * @last: index of its last entry
 * @count: how many entries it has
 * @hash: of its last entry
 * @closed: whether it has a closing entry
 *
 * What the entries say of an instance, for comparing an index with it.
 */
typedef struct {
  guint64 first;
  guint64 last;
  gint64 count;
  AirDigest hash;
  gboolean closed;
} AirFsckInstance;

/**
 * AirFsckReport:
 * @n_entries: entries read
 * @n_instances: instances they belong to
 * @n_closed: those that have ended
 * @n_disclosures: disclosures that were there and opened
 * @n_redacted: those that were erased, with the entry that says so
 * @n_checkpoints: checkpoints that were compared
 * @n_statements: decisions and words on outcomes whose signatures were verified
 * @root: of the whole tree
 * @faults: (element-type AirFsckFault): the first 1,000
 * @instances: (element-type utf8 AirFsckInstance): by id
 *
 * What air_fsck() found. The ledger is sound when @faults is empty. Freed with air_fsck_report_free().
 */
typedef struct _AirFsckReport AirFsckReport;
struct _AirFsckReport {
  guint64 n_entries;
  guint64 n_instances;
  guint64 n_closed;
  guint64 n_disclosures;
  guint64 n_redacted;
  guint64 n_checkpoints;
  guint64 n_statements;
  AirDigest root;
  GPtrArray *faults;
  GHashTable *instances;
};

AirFsckReport *air_fsck             (const AirLedgerReader *reader,
                                     const AirTlogPolicy   *policy,
                                     GError               **error);
void           air_fsck_report_add  (AirFsckReport         *self,
                                     guint64                index,
                                     const char            *format,
                                     ...) G_GNUC_PRINTF (3, 4);
void           air_fsck_report_free (AirFsckReport         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFsckReport, air_fsck_report_free)

G_END_DECLS
