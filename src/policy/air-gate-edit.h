/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/*
 * Edit and approve: a person approves a changed action. The change is a JSON
 * Patch (RFC 6902) of "replace" operations over the action list that the gate
 * shows; the policy's `edit` says which fields ("node.field.field") and under
 * which conditions on `value` and `before`. Runtime, engine and whoever signs
 * make the changed action with this one function.
 */

AirValue *air_gate_edit_apply  (const AirValue *action,
                                const AirValue *allowed,
                                const AirValue *patch,
                                GError        **error);
char     *air_gate_edit_digest (const AirValue *action);
const char *air_gate_edit_get_field (const AirValue *item,
                                     const char     *path);
AirValue *air_gate_edit_patch  (const AirValue *action,
                                const char     *path,
                                AirValue       *take_value,
                                GError        **error);

G_END_DECLS
