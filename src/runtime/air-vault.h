/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "base/air-clock.h"
#include "base/air-hash.h"
#include "hosting/air-stored.h"

G_BEGIN_DECLS

/**
 * AirVault:
 *
 * The keys under which disclosures are stored: one for each run, and one for
 * each data subject that workflows name, in a file beside the ledger, never in
 * it. Who destroys the key has erased what it sealed, in copies of the ledger
 * too. A key has a number from 1 up and is 32 bytes at that place of the file;
 * zeros are a key destroyed.
 *
 * Not thread-safe; several may read one file while one writes it.
 */
typedef struct _AirVault AirVault;

AirVault  *air_vault_open       (const char       *path,
                                 gboolean          read_only,
                                 GError          **error);
void       air_vault_free       (AirVault         *self);
guint64    air_vault_take       (AirVault         *self,
                                 GError          **error);
GBytes    *air_vault_seal       (AirVault         *self,
                                 AirSealKey        key,
                                 const AirDigest  *nonce_of,
                                 const void       *data,
                                 gsize             length,
                                 GError          **error);
GBytes    *air_vault_unseal     (AirVault         *self,
                                 AirSealKey        key,
                                 const AirDigest  *nonce_of,
                                 const void       *data,
                                 gsize             length,
                                 GError          **error);
gboolean   air_vault_is_destroyed (AirVault       *self,
                                 guint64           number,
                                 gboolean         *ret_destroyed,
                                 GError          **error);
gboolean   air_vault_destroy    (AirVault         *self,
                                 guint64           number,
                                 GError          **error);

gboolean   air_vault_mac        (AirVault         *self,
                                 guint64           number,
                                 const void       *data,
                                 gsize             length,
                                 AirDigest        *ret_mac,
                                 GError          **error);


G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirVault, air_vault_free)

G_END_DECLS
