/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirDominators:
 *
 * What every way from the trigger to a node goes through: nodes, and the ports
 * it leaves them by. Made in one pass over the edges; a question costs the
 * logarithm of the way's length. Edges that lead back are left out: they are
 * faults, and a way that goes round has gone through all that one without did.
 */
typedef struct _AirDominators AirDominators;

AirDominators *air_dominators_new     (AirWorkflow         *workflow,
                                       guint                start);
void           air_dominators_free    (AirDominators       *self);

/* @port: NULL for the node itself. TRUE for a node and itself. */
gboolean       air_dominators_hold    (const AirDominators *self,
                                       guint                through,
                                       const char          *port,
                                       guint                node);
/* The port of @through that every way to @node leaves it by, or NULL. */
const char    *air_dominators_find_port (const AirDominators *self,
                                         guint                through,
                                         guint                node);
/* The nearest gate whose approval every way to @node needs, or G_MAXUINT. */
guint          air_dominators_find_gate (const AirDominators *self,
                                         guint                node);
/* A way leads from the node back to itself. */
gboolean       air_dominators_is_cyclic (const AirDominators *self,
                                         guint                node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDominators, air_dominators_free)

G_END_DECLS
