/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirWindow:
 *
 * The window: its pages look at one connection.
 */
#define AIR_TYPE_WINDOW (air_window_get_type ())
G_DECLARE_FINAL_TYPE (AirWindow, air_window, AIR, WINDOW, AdwApplicationWindow)

AirWindow     *air_window_new            (AdwApplication *application);
AirConnection *air_window_get_connection (AirWindow      *self);
void           air_window_show_page      (AirWindow      *self,
                                          const char     *name);
GtkWidget     *air_window_get_page       (AirWindow      *self,
                                          const char     *name);
void           air_window_connect        (AirWindow      *self,
                                          const char     *profile_path);
void           air_window_open_workflow  (AirWindow      *self,
                                          GFile          *file);
gboolean       air_window_open_link      (AirWindow      *self,
                                          const char     *uri);

G_END_DECLS
