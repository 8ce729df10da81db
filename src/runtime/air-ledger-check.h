/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger/air-fsck.h"

G_BEGIN_DECLS

typedef void (*AirLedgerProgress) (guint64  n_read,
                                   guint64  size,
                                   gpointer user_data);

/* Checks all of a runtime's state folder: the file's own structure, the entries as air_fsck() does, the
 * tiles, the links and the index of instances, the keys of the disclosures. @heads (char *, nullable) are
 * checkpoints somebody kept elsewhere: the ledger must contain those too. */
AirFsckReport *air_ledger_check (const char          *state,
                                 const AirTlogPolicy *policy,
                                 GPtrArray           *heads,
                                 AirLedgerProgress    progress, /* nullable */
                                 gpointer             user_data,
                                 GError             **error);

G_END_DECLS
