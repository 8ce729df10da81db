/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirInspector:
 *
 * What a step does, in words.
 */
#define AIR_TYPE_INSPECTOR (air_inspector_get_type ())
G_DECLARE_FINAL_TYPE (AirInspector, air_inspector, AIR, INSPECTOR, AdwBin)

void air_inspector_show (AirInspector *self,
                         AirWorkflow  *workflow,
                         AirValue     *plan,
                         const char   *node);

G_END_DECLS
