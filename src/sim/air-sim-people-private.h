/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim/air-sim-private.h"

G_BEGIN_DECLS

/* Those who may be asked, then operators. */
typedef struct {
  const char *uri;
  const char *const *roles;
  AirPrivateKey *key;
  guint asked; /* permille, by a gate that wants approvers */
} AirSimPerson;

#define AIR_SIM_N_PEOPLE   10
#define AIR_SIM_N_DECIDERS 8

/* Made once: keys are dear, and who they are does not matter. */
const AirSimPerson *air_sim_people_get (void);

G_END_DECLS
