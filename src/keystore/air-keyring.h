/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-keystore.h"

G_BEGIN_DECLS

void air_keyring_use (void);

G_END_DECLS
