/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-sim-random.h"

G_BEGIN_DECLS

#define AIR_SIM_DISK_ERROR (air_sim_disk_error_quark ())

/**
 * AirSimDiskError:
 * @AIR_SIM_DISK_ERROR_FULL: there is no room
 */
typedef enum { AIR_SIM_DISK_ERROR_FULL } AirSimDiskError;

GQuark air_sim_disk_error_quark (void);

/**
 * AirSimDisk:
 *
 * One journal on a disk that keeps what was synced and nothing else for sure:
 * after a crash any sectors of what was written since the last sync may be
 * there, or not, in any order. What was written whole is found again by length
 * and checksum, as a database does; the rest is cut off.
 *
 * Outlives the process that writes it.
 */
typedef struct _AirSimDisk AirSimDisk;

AirSimDisk *air_sim_disk_new      (AirSimRandom *random);
void        air_sim_disk_free     (AirSimDisk   *self);
gboolean    air_sim_disk_write    (AirSimDisk   *self,
                                   GBytes       *transaction,
                                   GError      **error);
void        air_sim_disk_sync     (AirSimDisk   *self);
void        air_sim_disk_roll_back (AirSimDisk  *self);
void        air_sim_disk_crash    (AirSimDisk   *self);
GPtrArray  *air_sim_disk_read     (AirSimDisk   *self);
void        air_sim_disk_set_full (AirSimDisk   *self,
                                   gboolean      full);
gsize       air_sim_disk_get_size (AirSimDisk   *self);
void        air_sim_disk_lose_last (AirSimDisk  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimDisk, air_sim_disk_free)

G_END_DECLS
