/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirTestCoverage:
 *
 * Which nodes and edges of a workflow its tests walk. Pure: it looks at the
 * paths only, those the cases expect or those that were taken.
 *
 * A path is a list of node ids in the order in which they were reached; an
 * element may name the way out as well ("tell:error"). Of a node with several
 * ways out the way taken is that to the first of its successors that follows
 * in the path; where two ways lead to the same node, the element has to name
 * the port, or neither counts.
 */
typedef struct _AirTestCoverage AirTestCoverage;

AirTestCoverage *air_test_coverage_new        (AirWorkflow           *workflow);
AirTestCoverage *air_test_coverage_new_expected (AirWorkflow         *workflow);
void             air_test_coverage_free       (AirTestCoverage       *self);
void             air_test_coverage_add_path   (AirTestCoverage       *self,
                                               const char * const    *path);
void             air_test_coverage_add_list   (AirTestCoverage       *self,
                                               const AirValue        *path);
gboolean         air_test_coverage_has_node   (const AirTestCoverage *self,
                                               guint                  node);
gboolean         air_test_coverage_has_edge   (const AirTestCoverage *self,
                                               guint                  edge);
guint            air_test_coverage_count_nodes (const AirTestCoverage *self);
guint            air_test_coverage_count_edges (const AirTestCoverage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTestCoverage, air_test_coverage_free)

G_END_DECLS
