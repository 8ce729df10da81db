/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-grid.h"

G_BEGIN_DECLS

/* Orthogonal lines from the right side of one node to the left side of another, around the nodes between. */
typedef struct _AirRouter AirRouter;

/* @obstacles are borrowed and stay as they are. */
AirRouter *air_router_new   (const graphene_rect_t  *obstacles,
                             guint                   n_obstacles);
void       air_router_free  (AirRouter              *self);
/* @lane tells edges of one source apart; edges with the same @target may run together. Returns graphene_point_t. */
GArray    *air_router_route (AirRouter              *self,
                             const graphene_point_t *from,
                             const graphene_point_t *to,
                             guint                   lane,
                             guint                   source,
                             guint                   target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRouter, air_router_free)

G_END_DECLS
