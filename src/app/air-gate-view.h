/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "client/air-gate.h"

G_BEGIN_DECLS

/* The parts of a request as groups of rows; all they say comes from the verified entry. */

/* What would happen, action by action. */
void  air_gate_view_add_effects (GtkBox   *box,
                                 AirGate  *gate,
                                 AirValue *plan);  /* nullable: what operations say of themselves */
/* What differs between actions and what they were, field by field. */
GtkWidget *air_gate_view_new_changes (AirValue   *actions,
                                      const char *title,
                                      const char *description); /* nullable */
/* Why it stopped, who may decide and did, what happens in the end. */
void  air_gate_view_add_reasons (GtkBox   *box,
                                 AirGate  *gate,
                                 AirValue *plan,   /* nullable: where the policy's words are */
                                 gint64    now_us);
/* What the signature binds, byte by byte. */
void  air_gate_view_add_proof   (GtkBox  *box,
                                 AirGate *gate);
/* "Refund the payment: 450.00 USD": one line about the whole. */
char *air_gate_view_to_line     (AirGate *gate);

G_END_DECLS
