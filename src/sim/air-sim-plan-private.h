/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim/air-sim-plan.h"

G_BEGIN_DECLS

/* The members of "operations". */
extern const char air_sim_plan_operations[];
/* The members of "policies": quorum, whose approvers may change what @edits says, strict, sort, and with @limits cap,
 * spend and purse. */
void air_sim_plan_add_policies (GString      *text,
                                AirSimRandom *random,
                                const char   *edits,
                                gboolean      limits);

G_END_DECLS
