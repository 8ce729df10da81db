/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define AIR_HISTOGRAM_BUCKETS 256

/**
 * AirHistogram:
 * @counts: how many in each bucket
 * @total: how many in all
 * @sum_us: of all, in microseconds
 *
 * Durations in buckets an eighth of a doubling wide: quantiles within 10 %, in 2 KiB. A plain value, zeros at first.
 */
typedef struct {
  guint64 counts[AIR_HISTOGRAM_BUCKETS];
  guint64 total;
  gint64  sum_us;
} AirHistogram;

void   air_histogram_add      (AirHistogram       *self,
                               gint64              us);
double air_histogram_quantile (const AirHistogram *self,
                               double              quantile);

/* What the runtime counts, since its start. */

/**
 * AirStats:
 *
 * What the runtime counts, since its start. A plain value.
 */
typedef struct {
  gint64       started_us;
  guint64      triggers;
  guint64      duplicates;
  guint64      finished;
  guint64      steps;         /* actions that came to an outcome */
  guint64      retries;
  guint64      unknowns;
  guint64      reconciled;
  guint64      compensations;
  guint64      decisions;
  guint64      refusals;
  guint64      alarms;
  AirHistogram runs;          /* trigger to closing entry */
  AirHistogram actions;       /* request to outcome */
  AirHistogram commits;       /* submitted to durable */
  gint64       window_start_us;
  guint64      window_steps;
  double       steps_per_s;   /* of the last whole second or more */
} AirStats;

void air_stats_step (AirStats *self,
                     gint64    now_us);
void air_stats_tick (AirStats *self,
                     gint64    now_us);

G_END_DECLS
