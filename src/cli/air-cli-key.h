/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "base/air-value.h"

G_BEGIN_DECLS

AirPrivateKey *air_cli_open_key     (const char  *reference,
                                     GError     **error);
AirPrivateKey *air_cli_generate_key (const char  *reference,
                                     AirKeyType   type,
                                     GError     **error);
AirValue      *air_cli_list_keys    (const char  *store,
                                     GError     **error);

G_END_DECLS
