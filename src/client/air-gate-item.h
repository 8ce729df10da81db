/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-item.h"

G_BEGIN_DECLS

/**
 * AirGateItem:
 *
 * A gate in a list: what the runtime says of it, not verified; #AirGate is what one decides on. All properties notify.
 */
#define AIR_TYPE_GATE_ITEM (air_gate_item_get_type ())
G_DECLARE_FINAL_TYPE (AirGateItem, air_gate_item, AIR, GATE_ITEM, AirItem)

AirGateItem *air_gate_item_new             (AirValue     *document);
void         air_gate_item_update          (AirGateItem  *self,
                                            AirValue     *document);
const char  *air_gate_item_get_id          (AirGateItem  *self);
const char  *air_gate_item_get_run         (AirGateItem  *self);
const char  *air_gate_item_get_node        (AirGateItem  *self);
const char  *air_gate_item_get_title       (AirGateItem  *self);
const char  *air_gate_item_get_state       (AirGateItem  *self);
gint64       air_gate_item_get_counted     (AirGateItem  *self);
gint64       air_gate_item_get_quorum      (AirGateItem  *self);
gint64       air_gate_item_get_deadline_us (AirGateItem  *self);
const char  *air_gate_item_get_summary     (AirGateItem  *self);
gint64       air_gate_item_get_amount_minor (AirGateItem *self);
const char  *air_gate_item_get_currency    (AirGateItem  *self);

G_END_DECLS
