/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-keystore.h"

G_BEGIN_DECLS

AirPrivateKey *air_keystore_pkcs11_open     (const char  *uri,
                                             GError     **error);
AirPrivateKey *air_keystore_pkcs11_generate (const char  *uri,
                                             AirKeyType   type,
                                             GError     **error);
AirValue      *air_keystore_pkcs11_list     (const char  *uri,
                                             GError     **error);
/* {reference, type, id} */
AirValue      *air_keystore_describe        (const char   *reference,
                                             AirPublicKey *key);

G_END_DECLS
