/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

AirPack   *air_pack_load_directory  (const char  *path,
                                     GError     **error);
GPtrArray *air_packs_load_directory (const char  *path,
                                     GError     **error);
/* What the workflow names as its steps and has beside it in @folder, and what those name: a pack as of
 * air_pack_new_beside(). What is not there may be in a pack; what is there must be sound. */
AirPack   *air_pack_load_beside     (AirWorkflow *workflow,
                                     const char  *folder,
                                     GError     **error);

G_END_DECLS
