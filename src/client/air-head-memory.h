/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client-profile.h"
#include "client/air-receipt.h"

G_BEGIN_DECLS

/**
 * AirHeadMemory:
 *
 * The largest head of one ledger that was verified here, kept in a file from one program to the next: a ledger that was
 * cut back or forked in between is found out. Several programs may share the file.
 */
typedef struct _AirHeadMemory AirHeadMemory;

AirHeadMemory *air_head_memory_new      (const char           *folder,
                                         AirClientProfile     *profile);
void           air_head_memory_free     (AirHeadMemory        *self);
const char    *air_head_memory_get_path (const AirHeadMemory  *self);
gboolean       air_head_memory_read     (const AirHeadMemory  *self,
                                         AirLedgerHead       **ret_head,
                                         GError              **error);
gboolean       air_head_memory_keep     (const AirHeadMemory  *self,
                                         const AirLedgerHead  *head,
                                         GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHeadMemory, air_head_memory_free)

G_END_DECLS
