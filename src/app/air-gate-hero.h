/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-gate.h"

G_BEGIN_DECLS

/**
 * AirGateHero:
 *
 * What must be seen first of a request: the amount and who gets it, how far it is, and how long there is time.
 */
#define AIR_TYPE_GATE_HERO (air_gate_hero_get_type ())
G_DECLARE_FINAL_TYPE (AirGateHero, air_gate_hero, AIR, GATE_HERO, AdwBin)

void     air_gate_hero_show       (AirGateHero *self,
                                   AirGate     *gate,
                                   AirValue    *plan);
gboolean air_gate_hero_is_expired (AirGateHero *self);

G_END_DECLS
