/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-item.h"

G_BEGIN_DECLS

/**
 * AirRunItem:
 *
 * A run in a list, as the runtime tells of it. All properties notify.
 */
#define AIR_TYPE_RUN_ITEM (air_run_item_get_type ())
G_DECLARE_FINAL_TYPE (AirRunItem, air_run_item, AIR, RUN_ITEM, AirItem)

AirRunItem  *air_run_item_new            (AirValue     *document);
void         air_run_item_update         (AirRunItem   *self,
                                          AirValue     *document);
const char  *air_run_item_get_id         (AirRunItem   *self);
const char  *air_run_item_get_state      (AirRunItem   *self);
const char  *air_run_item_get_waiting_on (AirRunItem   *self);
const char  *air_run_item_get_outcome    (AirRunItem   *self);
gint64       air_run_item_get_started_us (AirRunItem   *self);
gint64       air_run_item_get_updated_us (AirRunItem   *self);

G_END_DECLS
