/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-frame.h"
#include "sim/air-sim-disk.h"

G_BEGIN_DECLS

/**
 * AirSimStored:
 * @leaf: the exact bytes
 * @disclosures: (nullable) (element-type utf8): what goes with it
 *
 * An entry as the ledger has it.
 */
typedef struct {
  GBytes    *leaf;
  GPtrArray *disclosures;
} AirSimStored;

AirSimStored *air_sim_stored_new  (GBytes       *leaf,
                                   GPtrArray    *disclosures);
void          air_sim_stored_free (AirSimStored *self);

/**
 * AirSimStore:
 *
 * What the runtime's SQLite is to its journal: it takes frames, many in one
 * transaction, and keeps them for sure only once it was synced; of what was
 * not, a crash leaves any number of transactions, the oldest first. On a full
 * disk it takes nothing.
 *
 * It takes nothing that contradicts what it has. Outlives the process.
 */
typedef struct _AirSimStore AirSimStore;

AirSimStore *air_sim_store_new         (AirSimDisk     *disk,
                                        AirSimRandom   *random);
void         air_sim_store_free        (AirSimStore    *self);
gboolean     air_sim_store_apply       (AirSimStore    *self,
                                        const AirFrame *first,
                                        GError        **error);
void         air_sim_store_sync        (AirSimStore    *self);
void         air_sim_store_crash       (AirSimStore    *self);
guint64      air_sim_store_get_applied (AirSimStore    *self);
GPtrArray   *air_sim_store_get_entries (AirSimStore    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimStore, air_sim_store_free)

G_END_DECLS
