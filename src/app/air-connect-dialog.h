/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirConnectDialog:
 *
 * Asks for a profile, shows what it says, and connects.
 */
#define AIR_TYPE_CONNECT_DIALOG (air_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AirConnectDialog, air_connect_dialog, AIR, CONNECT_DIALOG, AdwDialog)

AdwDialog *air_connect_dialog_new         (AirConnection    *connection);
void       air_connect_dialog_set_profile (AirConnectDialog *self,
                                           const char       *path);

G_END_DECLS
