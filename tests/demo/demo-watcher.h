/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo-data.h"
#include "demo-listener.h"

G_BEGIN_DECLS

/* Asks after every run until it is finished, and keeps what the runtime says of it. */

typedef struct _DemoWatcher DemoWatcher;

DemoWatcher *demo_watcher_new          (AirClient          *client,
                                        DemoData           *data,
                                        const DemoListener *listener);
void         demo_watcher_free         (DemoWatcher        *self);
void         demo_watcher_start        (DemoWatcher        *self);
guint        demo_watcher_get_finished (DemoWatcher        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DemoWatcher, demo_watcher_free)

G_END_DECLS
