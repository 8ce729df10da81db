/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/air-connection.h"

G_BEGIN_DECLS

/**
 * AirProofsPage:
 *
 * The ledger's head, and the way of an entry to it, verified here.
 */
#define AIR_TYPE_PROOFS_PAGE (air_proofs_page_get_type ())
G_DECLARE_FINAL_TYPE (AirProofsPage, air_proofs_page, AIR, PROOFS_PAGE, AdwBin)

GtkWidget *air_proofs_page_new     (AirConnection *connection);
void       air_proofs_page_look_up (AirProofsPage *self,
                                    const char    *text);

G_END_DECLS
