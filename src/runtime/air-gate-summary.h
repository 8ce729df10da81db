/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-plan.h"

G_BEGIN_DECLS

/* What a list of gates says of one: the action that moves money before the others, with its amount.
 * @action: [{title, operation, input, …}] as the gate's entry discloses it. Adds `summary`, and
 * `amount_minor` and `currency` where the operation's policy declares money. */
void air_gate_summarize (const AirPlan  *plan,
                         const AirValue *action,
                         AirValue       *item);

G_END_DECLS
