/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-host.h"

G_BEGIN_DECLS

#define BENCH_ARTIFACT "sha256:0000000000000000000000000000000000000000000000000000000000000000"

/* @steps actions; @decide: a table decides before each of them and its decision is an entry, else one gate guards them all. */
AirPlan            *bench_load_plan     (gboolean              decide,
                                         guint                 steps,
                                         GError              **error);
/* A vendor in this process, who answers at once. */
const AirPerformer *bench_get_performer (void);
/* Started; it tells @finished. */
AirHost            *bench_open_host     (const AirHostOptions *options,
                                         AirFinished           finished,
                                         gpointer              user_data,
                                         GError              **error);
/* The @n-th event: an order of this amount. */
void                bench_trigger_run   (AirHost              *host,
                                         guint64               n,
                                         const char           *concurrency_key, /* nullable */
                                         gint64                amount,
                                         AirTriggered          triggered,
                                         gpointer              user_data);

G_END_DECLS
