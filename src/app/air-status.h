/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-palette.h"

G_BEGIN_DECLS

const char *air_status_get_icon      (AirNodeStatus status);
const char *air_status_get_css_class (AirNodeStatus status);

const char *air_run_state_to_words   (const char   *state);
AirNodeStatus air_run_state_to_status (const char  *state);

G_END_DECLS
