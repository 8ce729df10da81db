/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-trial.h"

G_BEGIN_DECLS

/* "node", or "node@iteration" inside a for_each. */
char *air_trial_step_of (const AirValue *members);

G_END_DECLS
