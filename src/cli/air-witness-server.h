/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-key.h"
#include "ledger/air-checkpoint.h"

G_BEGIN_DECLS

/**
 * AirWitnessServer:
 *
 * A C2SP tlog-witness: POST /add-checkpoint. The largest tree of each log it
 * cosigned lies as a signed note in its folder, written and synced before the
 * cosignature is given out; there is no way to make it smaller.
 */
typedef struct _AirWitnessServer AirWitnessServer;

/**
 * AirWitnessTold:
 * @status: of HTTP
 * @words: what was asked
 * @user_data: what was handed in
 *
 * Told of every answer, for a log.
 */
typedef void (*AirWitnessTold) (guint       status,
                                const char *words,
                                gpointer    user_data);

AirWitnessServer *air_witness_server_new    (const char         *state,
                                             const char         *name,
                                             AirPrivateKey      *key,
                                             GPtrArray          *logs,
                                             GError            **error);
void              air_witness_server_set_told (AirWitnessServer *self,
                                             AirWitnessTold      told,
                                             gpointer            user_data);
char             *air_witness_server_listen (AirWitnessServer   *self,
                                             const char         *address,
                                             GTlsCertificate    *certificate,
                                             GError            **error);
void              air_witness_server_free   (AirWitnessServer   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirWitnessServer, air_witness_server_free)

G_END_DECLS
