/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-gate.h"

G_BEGIN_DECLS

#define AIR_TYPE_EDIT_GROUP (air_edit_group_get_type ())
G_DECLARE_FINAL_TYPE (AirEditGroup, air_edit_group, AIR, EDIT_GROUP, AdwPreferencesGroup)

/* Whether @gate's policy lets an approver change anything that its actions hold. */
gboolean  air_edit_group_can_edit   (AirGate       *gate);
/* A row for each field that may be changed. */
void      air_edit_group_set_gate   (AirEditGroup  *self,
                                     AirGate       *gate);
/* The JSON Patch of what was changed, and the action it makes (each nullable). NULL, with an #AirPolicyError in
 * words that name the field and the rule, when it is not allowed, changes nothing or is no value of that kind. */
AirValue *air_edit_group_make_patch (AirEditGroup  *self,
                                     AirValue     **ret_edited,
                                     GError       **error);

G_END_DECLS
