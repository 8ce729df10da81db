/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-journal.h"
#include "runtime/air-store.h"

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

/**
 * AirApplierTask:
 * @store: the writing connection
 * @user_data: what was handed in
 * @error: return location
 *
 * Runs in the applier's thread; its transactions are its own.
 *
 * Returns: %FALSE with an %AIR_STORE_ERROR or what else it fails with
 */
typedef gboolean (*AirApplierTask) (AirStore *store,
                                    gpointer  user_data,
                                    GError  **error);

AirApplier *air_applier_new         (const char      *path,
                                     GError         **error);
AirStore   *air_applier_get_store   (AirApplier      *self);
AirJournal *air_applier_get_journal (AirApplier      *self);
void        air_applier_start       (AirApplier      *self);

void        air_applier_push        (AirApplier      *self,
                                     AirFrame        *take_frame);
gboolean    air_applier_put         (AirApplier      *self,
                                     AirFrame        *frame,
                                     GError         **error);
void        air_applier_wait_free   (AirApplier      *self,
                                     guint64          seq);
gboolean    air_applier_settle      (AirApplier      *self);
guint64     air_applier_get_applied (AirApplier      *self,
                                     guint64         *ret_entries);
GError     *air_applier_get_failure (AirApplier      *self);
gboolean    air_applier_run         (AirApplier      *self,
                                     AirApplierTask   func,
                                     gpointer         user_data,
                                     GError         **error);
void        air_applier_free        (AirApplier      *self);

G_END_DECLS
