/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo-data.h"
#include "demo-listener.h"

G_BEGIN_DECLS

/* Delivers the requests as webhooks, the way a careful sender does: those about one order one after
 * the other in the order of the file, and each again until the runtime has acknowledged it. */

typedef struct _DemoFeeder DemoFeeder;

typedef struct {
  guint acknowledged; /* deliveries */
  guint duplicates;   /* that the runtime knew already */
  guint repeated;     /* posted again because no acknowledgement came */
} DemoFeederCounts;

DemoFeeder              *demo_feeder_new        (AirClient          *client,
                                                 DemoData           *data,
                                                 const DemoListener *listener);
void                     demo_feeder_free       (DemoFeeder         *self);
void                     demo_feeder_start      (DemoFeeder         *self);
gboolean                 demo_feeder_is_done    (DemoFeeder         *self);
const DemoFeederCounts  *demo_feeder_get_counts (DemoFeeder         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoFeeder, demo_feeder_free)

G_END_DECLS
