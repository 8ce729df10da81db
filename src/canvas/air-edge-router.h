/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-grid.h"

G_BEGIN_DECLS

/**
 * AirEdgeRouter:
 *
 * Orthogonal lines from the right side of one node to the left side of another, around the nodes between. Remembers
 * the lines it has drawn, to keep them apart. Freed with air_edge_router_free().
 */
typedef struct _AirEdgeRouter AirEdgeRouter;

AirEdgeRouter *air_edge_router_new   (const graphene_rect_t  *obstacles,
                             guint                   n_obstacles);
void       air_edge_router_free  (AirEdgeRouter              *self);
GArray    *air_edge_router_route (AirEdgeRouter              *self,
                             const graphene_point_t *from,
                             const graphene_point_t *to,
                             guint                   lane,
                             guint                   source,
                             guint                   target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEdgeRouter, air_edge_router_free)

G_END_DECLS
