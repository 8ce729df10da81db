/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-block-file.h"
#include "hosting/air-frame.h"

G_BEGIN_DECLS

/**
 * AirJournal:
 *
 * A file of fixed size, written over and over, whose two halves take turns: a
 * frame is durable as soon as it stands there, and may be written over once the
 * store holds it durably too. Overwriting what is already allocated costs a
 * sync of the data alone; a file that grows costs the file system's own journal
 * as well, on every sync.
 *
 * Belongs to one thread at a time, but for air_journal_release().
 */
typedef struct _AirJournal AirJournal;

/**
 * AirJournalFunc:
 * @frame: borrowed
 * @user_data: what was handed in
 * @error: return location
 *
 * Returns: %FALSE with an error, which ends it
 */
typedef gboolean (*AirJournalFunc) (const AirFrame  *frame,
                                    gpointer         user_data,
                                    GError         **error);

/**
 * AirJournalSync:
 * @user_data: what was handed in
 * @error: return location
 *
 * Returns: %FALSE with an error when what the store has may still be lost
 */
typedef gboolean (*AirJournalSync) (gpointer  user_data,
                                    GError  **error);

AirJournal *air_journal_open    (const AirBlockFile *file,
                                 gsize               half_size,
                                 guint64             ledger,
                                 GError            **error);
gboolean    air_journal_recover (AirJournal         *self,
                                 guint64             applied,
                                 AirJournalFunc      func,
                                 gpointer            user_data,
                                 GError            **error);
gboolean    air_journal_resume  (AirJournal         *self,
                                 guint64             applied,
                                 AirJournalFunc      func,
                                 AirJournalSync      sync,
                                 gpointer            user_data,
                                 GError            **error);
void        air_journal_begin   (AirJournal         *self,
                                 guint64             seq);
guint64     air_journal_get_seq (AirJournal         *self);
gboolean    air_journal_fits    (AirJournal         *self,
                                 const AirFrame     *frame);
guint64     air_journal_blocked (AirJournal         *self,
                                 const AirFrame     *frame);
gboolean    air_journal_append  (AirJournal         *self,
                                 AirFrame           *frame,
                                 GError            **error);
guint64     air_journal_get_old (AirJournal         *self);
void        air_journal_release (AirJournal         *self,
                                 guint64             seq);
gboolean    air_journal_scrub   (AirJournal         *self,
                                 GError            **error);
void        air_journal_free    (AirJournal         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirJournal, air_journal_free)

G_END_DECLS
