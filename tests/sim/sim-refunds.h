/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim/air-sim.h"

G_BEGIN_DECLS

/* The refund workflow of packs/customer-operations as it stands in the tree, compiled, with a shop and a
 * payment provider that know customers, orders and payments. */
typedef struct _SimRefunds SimRefunds;

SimRefunds           *sim_refunds_new          (GError    **error);
void                  sim_refunds_free         (SimRefunds *self);
const AirSimScenario *sim_refunds_get_scenario (SimRefunds *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimRefunds, sim_refunds_free)

G_END_DECLS
