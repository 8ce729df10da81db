/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirGatesPage:
 *
 * Approvals: the gates that wait, and the one that is judged.
 */
#define AIR_TYPE_GATES_PAGE (air_gates_page_get_type ())
G_DECLARE_FINAL_TYPE (AirGatesPage, air_gates_page, AIR, GATES_PAGE, AdwBin)

GtkWidget *air_gates_page_new  (AirConnection *connection);
void       air_gates_page_show (AirGatesPage  *self,
                                const char    *run,
                                const char    *node);

G_END_DECLS
