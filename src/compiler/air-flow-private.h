/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-region-private.h"

G_BEGIN_DECLS

/* Questions about the ways through a workflow's graph. */
typedef struct _AirFlow AirFlow;

/* @start: index of the trigger */
AirFlow  *air_flow_new            (AirWorkflow *workflow,
                                   guint        start);
void      air_flow_free           (AirFlow     *self);

gboolean  air_flow_is_reachable   (AirFlow     *self,
                                   guint        node);
/* A way of at least one edge. */
gboolean  air_flow_leads_to       (AirFlow     *self,
                                   guint        from,
                                   guint        to);
/* A way that leaves @from by @port, or with @family by "port" and every "port:…". */
gboolean  air_flow_port_leads_to  (AirFlow     *self,
                                   guint        from,
                                   const char  *port,
                                   gboolean     family,
                                   guint        to);
/* Every way from the trigger to @node goes through @through (and is not it). All ways of a parallel are gone:
 * what lies on every way of one of them has run when its join is passed. */
gboolean  air_flow_passes         (AirFlow     *self,
                                   guint        through,
                                   guint        node);
/* Every way from the trigger to @node leaves @through by @port. */
gboolean  air_flow_passes_port    (AirFlow     *self,
                                   guint        through,
                                   const char  *port,
                                   guint        node);

/* The nearest gate whose approval every way to @node needs, or AIR_NO_REGION. */
guint     air_flow_find_gate      (AirFlow     *self,
                                   guint        node);

/* Forks, joins and what lies between; borrowed. */
const AirRegions *air_flow_get_regions (AirFlow   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirFlow, air_flow_free)

G_END_DECLS
