/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-operation.h"
#include "model/air-pack.h"

G_BEGIN_DECLS

/**
 * air_pack_replay:
 * @ret_n: (out): how many cases were replayed
 *
 * Replays every fixture of a pack through the operation engine: the request must be the written one, and the answer must
 * mean what is written. Pure; credentials are made up.
 *
 * Returns: %FALSE with %AIR_MODEL_ERROR_PACK, naming the file, the line and what differs
 */
gboolean air_pack_replay (const AirPack  *pack,
                          guint          *ret_n,
                          GError        **error);

G_END_DECLS
