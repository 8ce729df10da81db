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

/* @note: with the cosignatures there are. */
typedef void (*AirCosigned) (const char *note,
                             gpointer    user_data);

AirCosigner *air_cosigner_new      (AirHost      *host,
                                    GPtrArray    *witnesses, /* AirWitnessConfig; outlives it */
                                    AirTransport *transport,
                                    const char   *state);    /* folder */
/* A head that is durable. */
void         air_cosigner_publish  (AirCosigner  *self,
                                    const char   *note);
/* @note with the cosignatures it has by now. */
char        *air_cosigner_decorate (AirCosigner  *self,
                                    const char   *note);
/* Called once every witness has answered for @note, or after some seconds. */
void         air_cosigner_want     (AirCosigner  *self,
                                    const char   *note,
                                    AirCosigned   cosigned,
                                    gpointer      user_data);
/* The newest head that some witness has cosigned, or NULL. */
const char  *air_cosigner_get_last (AirCosigner  *self);
/* The keys whose cosignatures stand under @note. */
GPtrArray   *air_cosigner_keys_of  (AirCosigner  *self,
                                    const char   *note); /* AirVkey, borrowed */
void         air_cosigner_free     (AirCosigner  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCosigner, air_cosigner_free)

G_END_DECLS
