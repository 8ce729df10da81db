/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-plan.h"
#include "trial/air-sim-random.h"

G_BEGIN_DECLS

/**
 * air_sim_plan_new:
 * @random: chance
 *
 * Makes up a workflow: calls of every kind of vendor operation (with keys and
 * without, that can be looked up or not, that can be reversed, by hand or not
 * at all), branches, parallel ways, loops in loops, workflows as steps, gates, waits for a time or a
 * signal, decisions, limits and budgets, evidence, error ways.
 *
 * Its trigger takes {"id", "order", "who", "amount", "items"}: the key against
 * duplicates, the concurrency key, the requester, a number, and what loops go over.
 *
 * Returns: (transfer full): never NULL; a plan the engine refuses is a fault of ours and ends the program
 */
AirPlan *air_sim_plan_new  (AirSimRandom *random);
AirValue *air_sim_plan_make (AirSimRandom *random);

G_END_DECLS
