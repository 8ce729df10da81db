/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-cosigner.h"
#include "runtime/air-stamper.h"

G_BEGIN_DECLS

/**
 * AirNotary:
 *
 * Those outside who vouch for the ledger's heads, as the configuration names
 * them: witnesses and a timestamp authority. It follows the host's heads by
 * itself.
 */
typedef struct _AirNotary AirNotary;

/**
 * AirNotarized:
 * @note: a head that covers what was asked for, with its cosignatures
 * @stamp: (nullable): a TimeStampResp over it
 * @keys: (element-type AirVkey): of those who cosigned it, borrowed
 * @user_data: what was handed in
 */
typedef void (*AirNotarized) (const char *note,
                              GBytes     *stamp,
                              GPtrArray  *keys,
                              gpointer    user_data);

AirNotary  *air_notary_new      (AirHost          *host,
                                 const AirConfig  *config,
                                 GError          **error);
void        air_notary_want     (AirNotary        *self,
                                 const char       *note,
                                 guint64           covers,
                                 AirNotarized      notarized,
                                 gpointer          user_data);
char       *air_notary_decorate (AirNotary        *self,
                                 const char       *note);
const char *air_notary_get_cosigned (AirNotary    *self);
/* Whoever still waits is told at once. */
void        air_notary_free     (AirNotary        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirNotary, air_notary_free)

G_END_DECLS
