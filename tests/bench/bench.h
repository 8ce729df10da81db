/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

typedef struct {
  const char *directory; /* on a real disk: what is measured is its sync */
  double      seconds;   /* a measurement */
  int         concurrency; /* 0: each of the usual ones */
  int         entries;   /* of the ledger that is verified */
  int         instances; /* that wait at a gate */
  const char *program;
  AirValue   *rows;      /* what --json writes */
} Bench;

typedef struct {
  gint64 *values;
  gsize   n, size;
} BenchSamples;

void   bench_samples_add      (BenchSamples *self,
                               gint64        us);
double bench_samples_quantile (BenchSamples *self,
                               double        quantile); /* ms */
void   bench_samples_clear    (BenchSamples *self);
double bench_cpu_seconds      (void);
/* Of this process: memory in use, and the most it ever was. */
double bench_memory_mb        (void);
double bench_peak_mb          (void);
void   bench_remove           (const char   *directory);

/* Workflows/s of a plain loop: hash chain, one append and one fdatasync for all that is ready. */
double bench_floor            (const char   *directory,
                               guint         concurrency,
                               guint         syncs,
                               guint         entries,
                               gsize         entry_bytes,
                               double        seconds);

gboolean bench_canvas         (Bench        *bench,
                               GError      **error);
gboolean bench_cel            (Bench        *bench,
                               GError      **error);
gboolean bench_compile        (Bench        *bench,
                               GError      **error);
gboolean bench_engine         (Bench        *bench,
                               GError      **error);
gboolean bench_ledger         (Bench        *bench,
                               GError      **error);
gboolean bench_waiting        (Bench        *bench,
                               GError      **error);
gboolean bench_verify         (const char   *state,
                               const char   *vkey,
                               GError      **error);
gboolean bench_trigger        (Bench        *bench,
                               GError      **error);

G_END_DECLS
