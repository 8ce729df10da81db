/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-operation.h"
#include "model/air-pack.h"

G_BEGIN_DECLS

/**
 * AirPackRequestFunc:
 * @operation: whose request it is
 * @fixture: its id
 * @request: borrowed
 * @user_data: what was handed in
 *
 * Told of every request that a fixture makes the engine build, before it is compared.
 */
typedef void (*AirPackRequestFunc) (const AirOperation   *operation,
                                    const char           *fixture, /* its id */
                                    const AirHttpRequest *request,
                                    gpointer              user_data);

/**
 * air_pack_replay:
 * @pack: a pack
 * @func: (nullable) (scope call): sees each request
 * @ret_n: (out): how many cases were replayed
 *
 * Replays every fixture of a pack through the operation engine: the request must be the written one, and the answer must
 * mean what is written. Pure; credentials are made up.
 *
 * Returns: %FALSE with %AIR_MODEL_ERROR_PACK, naming the file, the line and what differs
 */
gboolean air_pack_replay (const AirPack      *pack,
                          AirPackRequestFunc  func,
                          gpointer            user_data,
                          guint              *ret_n,
                          GError            **error);

G_END_DECLS
