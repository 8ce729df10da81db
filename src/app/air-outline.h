/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "canvas/air-scene.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirOutline:
 *
 * What the canvas draws, as rows in the order of the flow: each step, its kind, and where it leads. Emits
 * "node-activated" with the node's id.
 */
#define AIR_TYPE_OUTLINE (air_outline_get_type ())
G_DECLARE_FINAL_TYPE (AirOutline, air_outline, AIR, OUTLINE, AdwBin)

void air_outline_set_scene  (AirOutline  *self,
                             AirWorkflow *workflow,
                             AirScene    *scene);
void air_outline_set_selected (AirOutline *self,
                               const char *node);

G_END_DECLS
