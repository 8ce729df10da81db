/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-outcome.h"

G_BEGIN_DECLS

/**
 * AirBreakerState:
 * @AIR_BREAKER_CLOSED: calls go
 * @AIR_BREAKER_OPEN: calls are held back for a while
 * @AIR_BREAKER_PROBING: one call is let through to see
 */
typedef enum { AIR_BREAKER_CLOSED, AIR_BREAKER_OPEN, AIR_BREAKER_PROBING } AirBreakerState;

/**
 * AirBreaker:
 *
 * Holds back the calls to a vendor that does not answer, and lets one through
 * now and then to see. A plain value, zeros at first; no clock of its own.
 */
typedef struct {
  AirBreakerState state;
  guint           failures; /* in a row */
  guint           opened;   /* times in a row */
  gint64          until_us;
} AirBreaker;

#define AIR_BREAKER_THRESHOLD 8

gboolean air_breaker_admit  (AirBreaker       *self,
                             gint64            now_us);
void     air_breaker_record (AirBreaker       *self,
                             const AirOutcome *outcome,
                             gint64            now_us);

G_END_DECLS
