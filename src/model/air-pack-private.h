/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"

G_BEGIN_DECLS

/* The rules an operation must keep within its pack, beyond its schema. */
gboolean air_pack_check_connector  (const AirDocument *connector,
                                    GError           **error);
gboolean air_pack_check_operation  (const AirPack     *self,
                                    const AirDocument *operation,
                                    GError           **error);
/* That a write which may have happened is found out: by a key, by asking, or by a person who accepted that. */
/* Compiles every expression of the operation against its own schemas. */
gboolean air_pack_check_expressions (const AirDocument *operation,
                                     const AirDocument *connector,
                                     GError           **error);

G_END_DECLS
