/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <graphene.h>
#include <glib.h>

G_BEGIN_DECLS

/* Rectangles by place: which may touch this area? Answers can hold more than asked for, never less, each once, ascending. */
typedef struct _AirGrid AirGrid;

AirGrid *air_grid_new   (void);
void     air_grid_free  (AirGrid               *self);
void     air_grid_add   (AirGrid               *self,
                         const graphene_rect_t *bounds,
                         guint                  item);
void     air_grid_query (AirGrid               *self,
                         const graphene_rect_t *area,
                         GArray                *items /* guint */);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGrid, air_grid_free)

G_END_DECLS
