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

/*
 * @action: list of {node, operation, title, input, idempotency_key}
 * @allowed: map of path to the list of conditions; nullable: nothing may be edited
 * @patch: list of {op, path, value}, path "/0/input/amount_minor"
 *
 * Returns: (transfer full): the action as changed, every changed item with its former input as `was`; or NULL
 *   with AIR_POLICY_ERROR_INPUT in words that name the field and the rule
 */
AirValue *air_gate_edit_apply  (const AirValue *action,
                                const AirValue *allowed,
                                const AirValue *patch,
                                GError        **error);
/* "sha256:<hex>" of the JCS of an action: what the person who edits signs. NULL when it cannot be written. */
char     *air_gate_edit_digest (const AirValue *action);
/* The patch that sets one field, for "node.field=value"; NULL with AIR_POLICY_ERROR_INPUT when there is none such. */
AirValue *air_gate_edit_patch  (const AirValue *action,
                                const char     *path,
                                AirValue       *take_value,
                                GError        **error);

G_END_DECLS
