/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"

#include "config.h"

#include "air-breaker.h"

#define FIRST_PAUSE_US   (G_USEC_PER_SEC / 2)
#define LONGEST_PAUSE_US (30 * G_USEC_PER_SEC)

/**
 * air_breaker_admit:
 * @self: a breaker
 * @now_us: of a clock that is never set, in microseconds
 *
 * Returns: whether a call may go now; one that may after a pause counts as the probe, and must be recorded
 */
gboolean
air_breaker_admit (AirBreaker *self, gint64 now_us)
{
  switch (self->state)
    {
    case AIR_BREAKER_CLOSED:
      return TRUE;
    case AIR_BREAKER_OPEN:
      if (now_us < self->until_us)
        return FALSE;
      self->state = AIR_BREAKER_PROBING;
      return TRUE;
    case AIR_BREAKER_PROBING:
    default:
      return FALSE;
    }
}

/* No answer, or one that says the vendor itself is ill; "you ask too much" and "no" are answers. */
static gboolean
is_failure (const AirOutcome *outcome)
{
  return (outcome->outcome_class == AIR_OUTCOME_UNKNOWN || outcome->outcome_class == AIR_OUTCOME_RETRY)
         && (outcome->status == 0 || outcome->status >= 500);
}

/**
 * air_breaker_record:
 * @self: a breaker
 * @outcome: what became of a call that was admitted
 * @now_us: of a clock that is never set, in microseconds
 *
 * Opens after %AIR_BREAKER_THRESHOLD failures in a row, or when the probe fails, each time for longer; closes with the
 * first answer that is none.
 */
void
air_breaker_record (AirBreaker *self, const AirOutcome *outcome, gint64 now_us)
{
  if (!is_failure (outcome))
    {
      *self = (AirBreaker) { AIR_BREAKER_CLOSED };
      return;
    }
  self->failures++;
  if (self->state == AIR_BREAKER_PROBING
      || (self->state == AIR_BREAKER_CLOSED && self->failures >= AIR_BREAKER_THRESHOLD))
    {
      self->state = AIR_BREAKER_OPEN;
      self->until_us = now_us + MIN ((gint64) FIRST_PAUSE_US << MIN (self->opened, 10), LONGEST_PAUSE_US);
      self->opened++;
    }
}
