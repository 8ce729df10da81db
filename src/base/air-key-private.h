/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gnutls/abstract.h>

#include "air-key.h"

G_BEGIN_DECLS

gnutls_privkey_t air_private_key_get_gnutls (AirPrivateKey *self);
gnutls_pubkey_t  air_public_key_get_gnutls  (AirPublicKey  *self);

G_END_DECLS
