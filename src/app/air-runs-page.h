/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirRunsPage:
 *
 * The runs, and the one that is looked at.
 */
#define AIR_TYPE_RUNS_PAGE (air_runs_page_get_type ())
G_DECLARE_FINAL_TYPE (AirRunsPage, air_runs_page, AIR, RUNS_PAGE, AdwBin)

GtkWidget *air_runs_page_new  (AirConnection *connection);
void       air_runs_page_show (AirRunsPage   *self,
                               const char    *run);

G_END_DECLS
