/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo-data.h"

G_BEGIN_DECLS

/* Compares what came out with what had to come out. */

typedef struct {
  guint refunded, rejected, failed, other;
  gint64 refunded_cents;   /* what the runs say was refunded, wherever to */
  gint64 provider_cents;   /* what the provider's books say it refunded */
  gint64 provider_due;     /* what it should have refunded, worked out from the shop's files */
  guint provider_refunds;
  guint double_refunds;    /* payments refunded more than once */
  guint outcomes_compared;
  guint outcomes_equal;
  gboolean state_compared;
  gboolean state_equal;
  GPtrArray *complaints;   /* text; empty when all is as it must be */
} DemoVerdict;

/* @books and @state are what the vendors' control routes tell. */
DemoVerdict *demo_judge        (const DemoData *data,
                                const AirValue *books,
                                const AirValue *state);
void         demo_verdict_free (DemoVerdict    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoVerdict, demo_verdict_free)

G_END_DECLS
