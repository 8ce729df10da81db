/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-gate.h"

G_BEGIN_DECLS

/* The parts of a request as groups of rows; all they say comes from the verified entry. */

void  air_gate_view_add_effects (GtkBox   *box,
                                 AirGate  *gate,
                                 AirValue *plan);
GtkWidget *air_gate_view_new_changes (AirValue   *actions,
                                      const char *title,
                                      const char *description);
void  air_gate_view_add_reasons (GtkBox   *box,
                                 AirGate  *gate,
                                 AirValue *plan,
                                 gint64    now_us);
void  air_gate_view_add_proof   (GtkBox  *box,
                                 AirGate *gate);
char *air_gate_view_to_line     (AirGate *gate);

G_END_DECLS
