/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-collection.h"
#include "client/air-event-stream.h"
#include "client/air-gate-item.h"

G_BEGIN_DECLS

/**
 * AirGateList:
 *
 * A #GListModel of #AirGateItem that wait; one that no longer waits leaves the list.
 */
#define AIR_TYPE_GATE_LIST (air_gate_list_get_type ())
G_DECLARE_FINAL_TYPE (AirGateList, air_gate_list, AIR, GATE_LIST, AirCollection)

AirGateList *air_gate_list_new     (AirClient      *client,
                                    AirEventStream *stream);
void         air_gate_list_refresh (AirGateList    *self);

G_END_DECLS
