/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirGatePage:
 *
 * One request: what would happen, why it stopped, what a signature binds; and the decision.
 */
#define AIR_TYPE_GATE_PAGE (air_gate_page_get_type ())
G_DECLARE_FINAL_TYPE (AirGatePage, air_gate_page, AIR, GATE_PAGE, AdwBin)

void        air_gate_page_set_connection (AirGatePage   *self,
                                          AirConnection *connection);
void        air_gate_page_show           (AirGatePage   *self,
                                          const char    *run,
                                          const char    *node);
const char *air_gate_page_get_run        (AirGatePage   *self);

G_END_DECLS
