/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * AirPinDialog:
 *
 * Asks for the PIN of a token.
 */
#define AIR_TYPE_PIN_DIALOG (air_pin_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AirPinDialog, air_pin_dialog, AIR, PIN_DIALOG, AdwDialog)

AdwDialog *air_pin_dialog_new   (const char     *token,
                                 guint           asked_before);
void       air_pin_dialog_use   (GtkApplication *application);
void       air_pin_dialog_begin (void);

G_END_DECLS
