/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-collection.h"
#include "client/air-event-stream.h"
#include "client/air-run-item.h"

G_BEGIN_DECLS

/**
 * AirRunList:
 *
 * A #GListModel of #AirRunItem, newest first, fetched a page at a time.
 */
#define AIR_TYPE_RUN_LIST (air_run_list_get_type ())
G_DECLARE_FINAL_TYPE (AirRunList, air_run_list, AIR, RUN_LIST, AirCollection)

AirRunList *air_run_list_new          (AirClient      *client,
                                       AirEventStream *stream,
                                       const char     *state);
void        air_run_list_refresh      (AirRunList     *self);
void        air_run_list_load_more    (AirRunList     *self);
gboolean    air_run_list_get_has_more (AirRunList     *self);

G_END_DECLS
