/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-block-file.h"
#include "trial/air-sim-random.h"

G_BEGIN_DECLS

/**
 * AirSimDisk:
 *
 * A disk with one file on it, the journal's, that keeps what was synced and
 * nothing else for sure: of a write that is under way when the power goes any
 * sectors may stand there, in any order, and one of them half. A full disk
 * gives no more blocks; one that never writes in place (it copies) needs them
 * for what stands there already, too.
 *
 * Outlives the process that writes it.
 */
typedef struct _AirSimDisk AirSimDisk;

/**
 * AirSimDiskCrash:
 * @user_data: what was handed in
 * @where: for people
 *
 * A place within a write.
 *
 * Returns: %TRUE: the process ends here
 */
typedef gboolean (*AirSimDiskCrash) (gpointer user_data, const char *where);

AirSimDisk *air_sim_disk_new       (AirSimRandom    *random,
                                    gboolean         copies,
                                    AirSimDiskCrash  may_crash,
                                    gpointer         user_data);
void        air_sim_disk_free      (AirSimDisk      *self);
const AirBlockFile *air_sim_disk_get_file (AirSimDisk *self);
void        air_sim_disk_sync      (AirSimDisk      *self);
void        air_sim_disk_crash     (AirSimDisk      *self);
void        air_sim_disk_remove    (AirSimDisk      *self);
void        air_sim_disk_set_full  (AirSimDisk      *self,
                                    gboolean         full);
gboolean    air_sim_disk_is_full   (AirSimDisk      *self);
void        air_sim_disk_lose_last (AirSimDisk      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimDisk, air_sim_disk_free)

G_END_DECLS
