/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-config.h"
#include "runtime/air-effects.h"
#include "engine/air-plan.h"

G_BEGIN_DECLS

/**
 * AirOperations:
 *
 * The plan's operations bound to this deployment's connectors, and the way out
 * to the vendors through the egress allow-list.
 */
typedef struct _AirOperations AirOperations;

AirOperations *air_operations_new           (AirPlan          *plan,
                                             const AirConfig  *config,
                                             GError          **error);
AirPerformer   air_operations_get_performer (AirOperations    *self);
void           air_operations_free          (AirOperations    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOperations, air_operations_free)

G_END_DECLS
