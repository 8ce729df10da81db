/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-journal.h"

G_BEGIN_DECLS

/**
 * AirApplier:
 *
 * The thread that carries frames which are durable in the journal into the
 * store, many in one transaction and without a sync of its own. Now and then it
 * has the store synced, which releases the journal's older half.
 *
 * When the store cannot take them, for want of space say, they stay in the
 * journal and it tries again; air_applier_get_failure() says so meanwhile.
 */
typedef struct _AirApplier AirApplier;

typedef gboolean (*AirApplierTask) (AirStore *store,
                                    gpointer  user_data,
                                    GError  **error);

/* Opens the store at @path and its journal beside it, and takes up what only the journal holds. */
AirApplier *air_applier_new         (const char      *path,
                                     GError         **error);
/* Both before any frame is pushed: for the writer. */
AirStore   *air_applier_get_store   (AirApplier      *self);
AirJournal *air_applier_get_journal (AirApplier      *self);
void        air_applier_start       (AirApplier      *self);

/* A frame that is durable in the journal. */
void        air_applier_push        (AirApplier      *self,
                                     AirFrame        *take_frame);
/* A frame too large for the journal, with number @seq: durable in the store when this returns. */
gboolean    air_applier_put         (AirApplier      *self,
                                     AirFrame        *frame,
                                     GError         **error);
/* Waits until the journal may write over frame @seq. */
void        air_applier_wait_free   (AirApplier      *self,
                                     guint64          seq);
/* Waits until the store holds all that was pushed; FALSE when it cannot take it. */
gboolean    air_applier_settle      (AirApplier      *self);
/* The last frame, and the number of entries, that the store has. */
guint64     air_applier_get_applied (AirApplier      *self,
                                     guint64         *ret_entries); /* nullable */
/* NULL while all is well. */
GError     *air_applier_get_failure (AirApplier      *self);
/* Runs @func on the store's writing connection, after all that was pushed; what it writes is durable then. */
gboolean    air_applier_run         (AirApplier      *self,
                                     AirApplierTask   func,
                                     gpointer         user_data,
                                     GError         **error);
void        air_applier_free        (AirApplier      *self);

G_END_DECLS
