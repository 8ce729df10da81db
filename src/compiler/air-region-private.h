/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

#define AIR_NO_REGION G_MAXUINT

typedef enum {
  AIR_BORDER_NO_JOIN,     /* @node forks and no join names it */
  AIR_BORDER_NO_FORK,     /* the join @node names no fork */
  AIR_BORDER_TWO_JOINS,   /* the join @node is a second one of fork @fork */
  AIR_BORDER_NEVER_JOINS, /* no way leads from the fork @node to its join */
  AIR_BORDER_CROSSED,     /* @edge leads into or out of the region of @fork by the side */
  AIR_BORDER_ENDED,       /* the end @node stands inside the region of @fork */
} AirBorderFault;

/* @fork is AIR_NO_REGION and @edge NULL where they say nothing. */
typedef void (*AirBorderFunc) (AirBorderFault         fault,
                               const AirWorkflowNode *node,
                               guint                  fork,
                               const AirWorkflowEdge *edge,
                               gpointer               user_data);

/**
 * AirRegions:
 *
 * What lies between a fork (parallel, for_each) and its join. A node belongs to
 * the innermost region around it; a fork and its join belong to the region
 * around both.
 */
typedef struct _AirRegions AirRegions;

AirRegions *air_regions_new       (AirWorkflow      *workflow,
                                   GPtrArray       **leaving,   /* by node: AirWorkflowEdge; borrowed */
                                   const guint8     *reachable);
void        air_regions_free      (AirRegions       *self);

/* The fork whose region @node is in, or AIR_NO_REGION. */
guint       air_regions_get_fork  (const AirRegions *self,
                                   guint             node);
/* The innermost for_each whose body @node is in, or AIR_NO_REGION. */
guint       air_regions_get_loop  (const AirRegions *self,
                                   guint             node);
/* How many forks @node lies in. */
guint       air_regions_get_depth (const AirRegions *self,
                                   guint             node);
/* The join of @fork, or AIR_NO_REGION. */
guint       air_regions_get_join  (const AirRegions *self,
                                   guint             fork);
gboolean    air_regions_holds     (const AirRegions *self,
                                   guint             fork,
                                   guint             node);
/* Whether nothing lies between @fork and its join. */
gboolean    air_regions_is_empty  (const AirRegions *self,
                                   guint             fork);
/* What is wrong with the borders, each once. */
void        air_regions_foreach_fault (const AirRegions *self,
                                       AirBorderFunc     func,
                                       gpointer          user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRegions, air_regions_free)

G_END_DECLS
