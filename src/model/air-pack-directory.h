/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"

G_BEGIN_DECLS

/* Reads the folder of one pack; the only part of the model that touches a file system. */
AirPack   *air_pack_load_directory  (const char  *path,
                                     GError     **error);
/* Every pack under @path ("packs"), sorted by id: (element-type AirPack). */
GPtrArray *air_packs_load_directory (const char  *path,
                                     GError     **error);

G_END_DECLS
