/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-frame.h"

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

typedef gboolean (*AirJournalFunc) (const AirFrame  *frame,
                                    gpointer         user_data,
                                    GError         **error);

/* @ledger: tells the ledger it belongs to; FULL, IO, CORRUPT or OPEN. */
AirJournal *air_journal_open    (const char      *path,
                                 guint64          ledger,
                                 GError         **error);
/* Hands out the frames after number @applied, in order; CORRUPT when one is missing. */
gboolean    air_journal_recover (AirJournal      *self,
                                 guint64          applied,
                                 AirJournalFunc   func,
                                 gpointer         user_data,
                                 GError         **error);
/* All that was written is in the store: begins anew with frame @seq. */
void        air_journal_begin   (AirJournal      *self,
                                 guint64          seq);
/* The number the next frame gets. */
guint64     air_journal_get_seq (AirJournal      *self);
/* Whether it would ever fit. */
gboolean    air_journal_fits    (const AirFrame  *frame);
/* What must be released before @frame can be appended; 0: nothing. */
guint64     air_journal_blocked (AirJournal      *self,
                                 const AirFrame  *frame);
/* Sets @frame's number; it is durable when this returns. IO or FULL. */
gboolean    air_journal_append  (AirJournal      *self,
                                 AirFrame        *frame,
                                 GError         **error);
/* The last frame of the half that is not being written; 0: none. */
guint64     air_journal_get_old (AirJournal      *self);
/* From any thread: the store holds the frames up to @seq durably. */
void        air_journal_release (AirJournal      *self,
                                 guint64          seq);
/* Overwrites what it holds with zeros; begin anew afterwards. */
gboolean    air_journal_scrub   (AirJournal      *self,
                                 GError         **error);
/* @remove: all is in the store. */
void        air_journal_free    (AirJournal      *self,
                                 gboolean         remove);

G_END_DECLS
