/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "components/air-transport.h"
#include "ledger/air-timestamp.h"

G_BEGIN_DECLS

/**
 * AirStamper:
 *
 * Asks an RFC 3161 authority for timestamps of the ledger's heads: at an
 * export, and every hour. What comes back is believed only as a verifier would.
 */
typedef struct _AirStamper AirStamper;

/**
 * AirStamped:
 * @response: (nullable): DER; %NULL when there is none
 * @user_data: what was handed in
 */
typedef void (*AirStamped) (GBytes   *response,
                            gpointer  user_data);

AirStamper *air_stamper_new  (const char        *url,
                              AirTimestampTrust *trust,
                              guint              interval_s,
                              AirTransport      *transport,
                              const char        *state);
void        air_stamper_want (AirStamper        *self,
                              const char        *note,
                              AirStamped         stamped,
                              gpointer           user_data);
void        air_stamper_tick (AirStamper        *self,
                              const char        *note);
void        air_stamper_free (AirStamper        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirStamper, air_stamper_free)

G_END_DECLS
