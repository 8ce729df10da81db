/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "ledger/air-entry.h"

G_BEGIN_DECLS

/* From the engine's records to the ledger's entries, and back. */

GPtrArray *air_records_seal         (const GPtrArray *records,
                                     AirChainHead    *head,
                                     const char      *instance,
                                     gint64           time_us,
                                     const AirRandom *random,
                                     GError         **error);
AirRecord *air_record_open          (GBytes          *leaf,
                                     GPtrArray       *disclosures,
                                     gint64          *ret_time_us,
                                     GError         **error);
gboolean   air_instance_apply_entry (AirInstance     *instance,
                                     GBytes          *leaf,
                                     GPtrArray       *disclosures,
                                     GError         **error);

G_END_DECLS
