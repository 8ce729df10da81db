/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-pack.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

/* Reads the folder of one pack; the only part of the model that touches a file system. */
AirPack   *air_pack_load_directory  (const char  *path,
                                     GError     **error);
/* Every pack under @path ("packs"), sorted by id: (element-type AirPack). */
GPtrArray *air_packs_load_directory (const char  *path,
                                     GError     **error);
/**
 * air_pack_load_beside:
 * @workflow: a workflow
 * @folder: where it lies
 * @error: return location
 *
 * Reads the workflows it names as its steps, and those that these name, from
 * "<id>.workflow.json" in @folder. What is not there may be in a pack; what is
 * there must be sound.
 *
 * Returns: (transfer full): a pack as of air_pack_new_beside(), perhaps an
 *   empty one; or %NULL with %AIR_MODEL_ERROR
 */
AirPack   *air_pack_load_beside     (AirWorkflow *workflow,
                                     const char  *folder,
                                     GError     **error);

G_END_DECLS
