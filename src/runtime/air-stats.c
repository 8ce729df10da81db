/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-stats.h"

/* Bucket of a duration: eight to each power of two. */
static guint
bucket_of (guint64 us)
{
  guint log;

  if (us < 8)
    return us;
  log = 63 - __builtin_clzll (us);
  return MIN ((log - 2) * 8 + ((us >> (log - 3)) & 7), AIR_HISTOGRAM_BUCKETS - 1);
}

/* The middle of a bucket. */
static double
middle_of (guint bucket)
{
  guint log = bucket / 8 + 2;
  double width;

  if (bucket < 8)
    return bucket;
  width = (double) (G_GUINT64_CONSTANT (1) << (log - 3));
  return (8 + bucket % 8) * width + width / 2;
}

/**
 * air_histogram_add:
 * @self: a histogram
 * @us: microseconds; below 0 counts as 0
 */
void
air_histogram_add (AirHistogram *self, gint64 us)
{
  self->counts[bucket_of (MAX (us, 0))]++;
  self->total++;
  self->sum_us += MAX (us, 0);
}

/**
 * air_histogram_quantile:
 * @self: a histogram
 * @quantile: 0 … 1
 *
 * Returns: milliseconds; 0 when it is empty
 */
double
air_histogram_quantile (const AirHistogram *self, double quantile)
{
  guint64 wanted = quantile * self->total, seen = 0;

  if (self->total == 0)
    return 0;
  for (guint i = 0; i < AIR_HISTOGRAM_BUCKETS; i++)
    {
      seen += self->counts[i];
      if (seen > wanted)
        return middle_of (i) / 1000.0;
    }
  return middle_of (AIR_HISTOGRAM_BUCKETS - 1) / 1000.0;
}

/**
 * air_stats_step:
 * @self: what is counted
 * @now_us: of the monotonic clock
 *
 * An action came to an outcome.
 */
void
air_stats_step (AirStats *self, gint64 now_us)
{
  self->steps++;
}

/**
 * air_stats_tick:
 * @self: what is counted
 * @now_us: of the monotonic clock
 *
 * Called about once a second: makes the rate of steps anew.
 */
void
air_stats_tick (AirStats *self, gint64 now_us)
{
  gint64 passed = now_us - self->window_start_us;

  if (passed < G_USEC_PER_SEC / 2)
    return;
  self->steps_per_s = (self->steps - self->window_steps) * (double) G_USEC_PER_SEC / passed;
  self->window_start_us = now_us;
  self->window_steps = self->steps;
}
