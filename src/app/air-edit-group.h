/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-gate.h"

G_BEGIN_DECLS

/**
 * AirEditGroup:
 *
 * Rows for the fields of a request that an approver may change.
 */
#define AIR_TYPE_EDIT_GROUP (air_edit_group_get_type ())
G_DECLARE_FINAL_TYPE (AirEditGroup, air_edit_group, AIR, EDIT_GROUP, AdwPreferencesGroup)

gboolean  air_edit_group_can_edit   (AirGate       *gate);
void      air_edit_group_set_gate   (AirEditGroup  *self,
                                     AirGate       *gate);
AirValue *air_edit_group_make_patch (AirEditGroup  *self,
                                     AirValue     **ret_edited,
                                     GError       **error);

G_END_DECLS
