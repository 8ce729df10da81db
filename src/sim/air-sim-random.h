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

/* The stream of @seed named @name: streams of different names do not disturb each other. */
void      air_sim_random_init    (AirSimRandom *self,
                                  guint64       seed,
                                  const char   *name);
guint64   air_sim_random_next    (AirSimRandom *self);
/* 0 … @n - 1; 0 when @n is 0. */
guint64   air_sim_random_below   (AirSimRandom *self,
                                  guint64       n);
/* Both ends included. */
gint64    air_sim_random_between (AirSimRandom *self,
                                  gint64        least,
                                  gint64        most);
/* TRUE @permille times in a thousand. */
gboolean  air_sim_random_chance  (AirSimRandom *self,
                                  guint         permille);
/* Around @median, seldom many times it: what latencies look like. */
gint64    air_sim_random_skewed  (AirSimRandom *self,
                                  gint64        median);
/* What the engine and the ledger take; borrows @self. */
AirRandom air_sim_random_source  (AirSimRandom *self);

G_END_DECLS
