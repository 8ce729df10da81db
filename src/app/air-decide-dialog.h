/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirDecideKind:
 * @AIR_DECIDE_APPROVE: let it happen
 * @AIR_DECIDE_DENY: let it not
 * @AIR_DECIDE_EDIT: change what the policy lets, and approve that
 * @AIR_DECIDE_ASK: for information; decides nothing
 */
typedef enum {
  AIR_DECIDE_APPROVE,
  AIR_DECIDE_DENY,
  AIR_DECIDE_EDIT,
  AIR_DECIDE_ASK,
} AirDecideKind;

/**
 * AirDecideDialog:
 *
 * Asks once more, with the reason, signs and sends.
 */
#define AIR_TYPE_DECIDE_DIALOG (air_decide_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AirDecideDialog, air_decide_dialog, AIR, DECIDE_DIALOG, AdwDialog)

AdwDialog     *air_decide_dialog_new      (AirConnection   *connection,
                                           AirGate         *gate,
                                           AirDecideKind    kind);
AirGate       *air_decide_dialog_get_gate (AirDecideDialog *self);
AirDecideKind  air_decide_dialog_get_kind (AirDecideDialog *self);

G_END_DECLS
