/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * AirApplication:
 *
 * The application: its window, and the files and links it is asked to open.
 */
#define AIR_TYPE_APPLICATION (air_application_get_type ())
G_DECLARE_FINAL_TYPE (AirApplication, air_application, AIR, APPLICATION, AdwApplication)

AirApplication *air_application_new (const char       *id,
                                     GApplicationFlags flags);

G_END_DECLS
