/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-plan.h"

G_BEGIN_DECLS

void air_gate_summarize (const AirPlan  *plan,
                         const AirValue *action,
                         AirValue       *item);

G_END_DECLS
