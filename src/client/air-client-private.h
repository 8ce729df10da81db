/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "client/air-client.h"
#include "client/air-receipt.h"

G_BEGIN_DECLS

SoupSession *_air_client_get_session   (AirClient     *self); /* borrowed */
SoupSession *_air_client_get_stream_session (AirClient *self); /* borrowed */
SoupMessage *_air_client_new_message   (AirClient     *self,
                                        const char    *method,
                                        const char    *path);
/* The ledger key the runtime named, kept from the first time on; @key is not taken over when one is known. */
char        *_air_client_dup_ledger_key     (AirClient *self); /* nullable */
char        *_air_client_learn_ledger_key   (AirClient *self, const char *key);
/* The largest head verified so far, by this program or one before; *ret_head is NULL when there is none. A ledger only
 * grows. FALSE with @error set when what is remembered cannot be believed. */
gboolean     _air_client_get_known_head     (AirClient *self, AirLedgerHead **ret_head, GError **error);
void         _air_client_learn_head         (AirClient *self, const AirLedgerHead *head);
/* Where it is remembered. */
const char  *_air_client_get_head_path      (AirClient *self);
/* Turns a transport error into ours; leaves a cancellation as it is. */
void         _air_client_map_error     (AirClient     *self,
                                        SoupMessage   *message,
                                        GError       **error);
/* FALSE with @error set when the status is not 2xx. */
gboolean     _air_client_check_status  (AirClient     *self,
                                        SoupMessage   *message,
                                        GBytes        *body,
                                        GError       **error);

G_END_DECLS
