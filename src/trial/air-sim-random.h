/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-clock.h"

G_BEGIN_DECLS

/**
 * AirSimRandom:
 *
 * A seeded stream of chance, fast and no secret (splitmix64). The same seed
 * gives the same stream everywhere. A plain value.
 */
typedef struct {
  guint64 state;
} AirSimRandom;

void      air_sim_random_init    (AirSimRandom *self,
                                  guint64       seed,
                                  const char   *name);
guint64   air_sim_random_next    (AirSimRandom *self);
guint64   air_sim_random_below   (AirSimRandom *self,
                                  guint64       n);
gint64    air_sim_random_between (AirSimRandom *self,
                                  gint64        least,
                                  gint64        most);
gboolean  air_sim_random_chance  (AirSimRandom *self,
                                  guint         permille);
gint64    air_sim_random_skewed  (AirSimRandom *self,
                                  gint64        median);
AirRandom air_sim_random_source  (AirSimRandom *self);

G_END_DECLS
