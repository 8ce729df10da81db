/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "canvas/air-palette.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirRunEntry:
 *
 * One ledger entry of a run in words. Its bytes were parsed and its disclosures checked here.
 */
#define AIR_TYPE_RUN_ENTRY (air_run_entry_get_type ())
G_DECLARE_FINAL_TYPE (AirRunEntry, air_run_entry, AIR, RUN_ENTRY, GObject)

guint64        air_run_entry_get_index   (AirRunEntry     *self);
const char    *air_run_entry_get_node    (AirRunEntry     *self);
const char    *air_run_entry_get_title   (AirRunEntry     *self);
const char    *air_run_entry_get_detail  (AirRunEntry     *self);
gint64         air_run_entry_get_time_us (AirRunEntry     *self);
AirNodeStatus  air_run_entry_get_status  (AirRunEntry     *self);

/**
 * AirRunState:
 *
 * What a run's entries say: for each node how it stands, which edges were taken. A fold over the ledger, as
 * everything is; the runtime's own summary is not asked.
 */
typedef struct _AirRunState AirRunState;

AirRunState   *air_run_state_new         (AirWorkflow       *workflow,
                                          AirValue          *items,
                                          GError           **error);
void           air_run_state_free        (AirRunState       *self);
GListModel    *air_run_state_get_entries (AirRunState       *self);
AirNodeStatus  air_run_state_get_status  (AirRunState       *self,
                                          const char        *node);
gboolean       air_run_state_is_taken    (AirRunState       *self,
                                          const char        *edge);
const char    *air_run_state_get_last_node (AirRunState     *self);
gboolean       air_run_state_is_closed   (AirRunState       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRunState, air_run_state_free)

G_END_DECLS
