/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-progress.h"
#include "ledger/air-fsck.h"

G_BEGIN_DECLS

AirFsckReport *air_ledger_check (const char          *state,
                                 const AirTlogPolicy *policy,
                                 GPtrArray           *heads,
                                 AirProgressFunc      progress,
                                 gpointer             user_data,
                                 GError             **error);

G_END_DECLS
