/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-run.h"

G_BEGIN_DECLS

/**
 * AirRunLanes:
 *
 * The runs that have a message, by what cannot wait: people and interactive
 * runs first, then what is normal, then batches (air_latency_take_turn()). A
 * plain value, zeros at first.
 */
typedef struct {
  GQueue lanes[AIR_N_LATENCY_CLASSES];
  guint  length; /* of all */
  guint  turn;
} AirRunLanes;

void    air_run_lanes_push   (AirRunLanes *self,
                              AirRun      *run);
AirRun *air_run_lanes_pop    (AirRunLanes *self);
void    air_run_lanes_remove (AirRunLanes *self,
                              AirRun      *run);

G_END_DECLS
