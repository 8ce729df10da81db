/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-fsck.h"

G_BEGIN_DECLS

/* What people signed, judged while a ledger is read in order. It keeps whose keys are enrolled and, of runs where
 * something was asked or sent, in which entry; no more, so that a million waiting runs fit. */
typedef struct _AirFsckPeople AirFsckPeople;

AirFsckPeople *air_fsck_people_new  (const AirLedgerReader *reader,
                                     AirFsckReport         *report);
/* The next entry. @first: the index of the first one of its instance; @opened: what it discloses, NULL when that cannot
 * be told. Fails as the reader does. */
gboolean       air_fsck_people_take (AirFsckPeople         *self,
                                     guint64                index,
                                     guint64                first,
                                     const AirEntry        *entry,
                                     const AirValue        *opened,
                                     GError               **error);
void           air_fsck_people_free (AirFsckPeople         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFsckPeople, air_fsck_people_free)

G_END_DECLS
