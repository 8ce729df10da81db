/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <graphene.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * AirGrid:
 *
 * Rectangles by place: which may touch this area? Freed with air_grid_free().
 */
typedef struct _AirGrid AirGrid;

AirGrid *air_grid_new   (void);
void     air_grid_free  (AirGrid               *self);
void     air_grid_add   (AirGrid               *self,
                         const graphene_rect_t *bounds,
                         guint                  item);
void     air_grid_query (AirGrid               *self,
                         const graphene_rect_t *area,
                         GArray                *items);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGrid, air_grid_free)

G_END_DECLS
