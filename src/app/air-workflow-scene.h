/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-scene.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

AirScene   *air_workflow_scene_new     (const AirWorkflow     *workflow);
AirNodeKind air_workflow_scene_kind    (AirWorkflowNodeKind    kind);
/**
 * air_workflow_scene_dup_node:
 * @step: (nullable): a step's name, such as "charge@3" or "book.charge"
 *
 * Returns: (transfer full) (nullable): the id of the node that is drawn for it:
 *   without the iteration, and of a workflow that is a step that step's own
 */
char       *air_workflow_scene_dup_node (const char           *step);
/* What to write at the edge that leaves @node by @port; NULL: nothing, it is the usual way. */
char       *air_workflow_port_to_words (const AirWorkflowNode *node,
                                        const char            *port);

G_END_DECLS
