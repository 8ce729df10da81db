/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirRunPage:
 *
 * One run: its graph, its entries in words, what it waits for.
 */
#define AIR_TYPE_RUN_PAGE (air_run_page_get_type ())
G_DECLARE_FINAL_TYPE (AirRunPage, air_run_page, AIR, RUN_PAGE, AdwBin)

void air_run_page_set_connection (AirRunPage    *self,
                                  AirConnection *connection);
void air_run_page_show           (AirRunPage    *self,
                                  const char    *run);

G_END_DECLS
