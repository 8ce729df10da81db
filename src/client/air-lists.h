/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client.h"
#include "client/air-event-stream.h"
#include "client/air-items.h"

G_BEGIN_DECLS

#define AIR_TYPE_RUN_LIST (air_run_list_get_type ())
G_DECLARE_FINAL_TYPE (AirRunList, air_run_list, AIR, RUN_LIST, GObject)

/* A GListModel of AirRunItem, newest first, fetched a page at a time, kept current by @stream. */
AirRunList  *air_run_list_new           (AirClient       *client,
                                         AirEventStream  *stream,  /* nullable */
                                         const char      *state);  /* nullable: all */
void         air_run_list_refresh       (AirRunList      *self);
void         air_run_list_load_more     (AirRunList      *self);
gboolean     air_run_list_get_has_more  (AirRunList      *self);
gboolean     air_run_list_get_loading   (AirRunList      *self);
const char  *air_run_list_get_error     (AirRunList      *self); /* nullable */

#define AIR_TYPE_GATE_LIST (air_gate_list_get_type ())
G_DECLARE_FINAL_TYPE (AirGateList, air_gate_list, AIR, GATE_LIST, GObject)

/* A GListModel of AirGateItem that wait; one that no longer waits leaves the list. */
AirGateList *air_gate_list_new          (AirClient       *client,
                                         AirEventStream  *stream); /* nullable */
void         air_gate_list_refresh      (AirGateList     *self);
gboolean     air_gate_list_get_loading  (AirGateList     *self);
const char  *air_gate_list_get_error    (AirGateList     *self); /* nullable */

G_END_DECLS
