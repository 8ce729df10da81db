/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-palette.h"

G_BEGIN_DECLS

/* One mark for each state, the same on every page; a mark never stands without words or a label. */
const char *air_status_get_icon      (AirNodeStatus status);
const char *air_status_get_css_class (AirNodeStatus status);

/* The states a run is in, by the runtime's name for it. */
const char *air_run_state_to_words   (const char   *state); /* the name itself where it is not known */
AirNodeStatus air_run_state_to_status (const char  *state);

G_END_DECLS
