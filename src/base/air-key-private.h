/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gnutls/abstract.h>

#include "air-key.h"

G_BEGIN_DECLS

gnutls_privkey_t air_private_key_get_gnutls (AirPrivateKey *self);
gnutls_pubkey_t  air_public_key_get_gnutls  (AirPublicKey  *self);

/* A key that stays where it is, in a token; takes @key, also on failure. @public_key is taken too, and may
 * be NULL where the token tells it with the private one. */
AirPrivateKey   *air_private_key_new_abstract (gnutls_privkey_t key,
                                               gnutls_pubkey_t  public_key,
                                               GError         **error);

G_END_DECLS
