/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

AirPack   *air_pack_load_directory  (const char  *path,
                                     GError     **error);
GPtrArray *air_packs_load_directory (const char  *path,
                                     GError     **error);
AirPack   *air_pack_load_beside     (AirWorkflow *workflow,
                                     const char  *folder,
                                     GError     **error);

G_END_DECLS
