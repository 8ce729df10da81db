/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "components/air-transport.h"
#include "runtime/air-config.h"
#include "runtime/air-host.h"

G_BEGIN_DECLS

/**
 * AirCosigner:
 *
 * Asks witnesses to cosign the ledger's heads (C2SP tlog-witness), each newest
 * one that is durable, one at a time a witness. Nobody waits for it but an
 * export, and that not for long: a witness that is away costs its cosignature
 * and nothing else.
 */
typedef struct _AirCosigner AirCosigner;

/**
 * AirCosigned:
 * @note: with the cosignatures there are
 * @user_data: what was handed in
 */
typedef void (*AirCosigned) (const char *note,
                             gpointer    user_data);

AirCosigner *air_cosigner_new      (AirHost      *host,
                                    GPtrArray    *witnesses,
                                    AirTransport *transport,
                                    const char   *state);
void         air_cosigner_publish  (AirCosigner  *self,
                                    const char   *note);
char        *air_cosigner_decorate (AirCosigner  *self,
                                    const char   *note);
void         air_cosigner_want     (AirCosigner  *self,
                                    const char   *note,
                                    AirCosigned   cosigned,
                                    gpointer      user_data);
const char  *air_cosigner_get_last (AirCosigner  *self);
GPtrArray   *air_cosigner_keys_of  (AirCosigner  *self,
                                    const char   *note);
void         air_cosigner_free     (AirCosigner  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCosigner, air_cosigner_free)

G_END_DECLS
