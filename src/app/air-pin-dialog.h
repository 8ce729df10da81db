/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define AIR_TYPE_PIN_DIALOG (air_pin_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AirPinDialog, air_pin_dialog, AIR, PIN_DIALOG, AdwDialog)

/* From here on whoever opens a key in a token, in whatever thread, has its PIN asked for in @application's
 * active window. Nothing is stored. */
void air_pin_dialog_use   (GtkApplication *application);
/* A key is about to be opened in this thread: the first question has had no wrong answer yet. */
void air_pin_dialog_begin (void);

G_END_DECLS
