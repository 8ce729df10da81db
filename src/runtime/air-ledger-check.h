/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger/air-fsck.h"

G_BEGIN_DECLS

/**
 * AirLedgerProgress:
 * @n_read: entries so far
 * @size: of all
 * @user_data: what was handed in
 */
typedef void (*AirLedgerProgress) (guint64  n_read,
                                   guint64  size,
                                   gpointer user_data);

AirFsckReport *air_ledger_check (const char          *state,
                                 const AirTlogPolicy *policy,
                                 GPtrArray           *heads,
                                 AirLedgerProgress    progress,
                                 gpointer             user_data,
                                 GError             **error);

G_END_DECLS
