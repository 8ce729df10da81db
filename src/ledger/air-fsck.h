/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-entry.h"
#include "air-tlog-policy.h"

G_BEGIN_DECLS

/**
 * AirLedgerReader:
 * @read_entry: the leaf of entry @index and, where kept, its disclosures
 *   (char *; *ret_disclosures stays %NULL when there are none)
 * @read_checkpoint: signed checkpoint number @i in the order they were
 *   issued, or %NULL without error past the last one; nullable
 *
 * A whole ledger, wherever it is kept.
 */
typedef struct {
  guint64 size;
  GBytes *(*read_entry) (gpointer     user_data,
                         guint64      index,
                         GPtrArray  **ret_disclosures,
                         GError     **error);
  char *(*read_checkpoint) (gpointer   user_data,
                            guint      i,
                            GError   **error);
  gpointer user_data;
} AirLedgerReader;

typedef struct {
  guint64 index; /* of the entry, or G_MAXUINT64 where a checkpoint or the whole is meant */
  char *words;
} AirFsckFault;

typedef struct _AirFsckReport AirFsckReport;
struct _AirFsckReport {
  guint64 n_entries;
  guint64 n_instances;
  guint64 n_closed;
  guint64 n_disclosures;
  guint64 n_redacted;
  guint64 n_checkpoints;
  AirDigest root;
  GPtrArray *faults; /* AirFsckFault; the first 1,000 */
};

/* Recomputes tree, chains, counts and commitments, and compares them with the checkpoints.
 * Fails only when the reader does; what is wrong with the ledger stands in the report. */
AirFsckReport *air_fsck             (const AirLedgerReader *reader,
                                     const AirTlogPolicy   *policy,
                                     GError               **error);
void           air_fsck_report_free (AirFsckReport         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFsckReport, air_fsck_report_free)

G_END_DECLS
