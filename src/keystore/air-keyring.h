/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-keystore.h"

G_BEGIN_DECLS

/* From here on "keyring:NAME" is the Secret Service of this session. */
void air_keyring_use (void);

G_END_DECLS
