/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-scene.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

AirScene   *air_workflow_scene_new     (const AirWorkflow     *workflow);
AirNodeKind air_workflow_scene_kind    (AirWorkflowNodeKind    kind);
/* The node of the scene a step is at: what it is called up to a workflow that runs as it ("book.charge"), or an
 * iteration ("charge@3"). Transfer full. */
char       *air_workflow_scene_dup_node (const char           *step);
/* What to write at the edge that leaves @node by @port; NULL: nothing, it is the usual way. */
char       *air_workflow_port_to_words (const AirWorkflowNode *node,
                                        const char            *port);

G_END_DECLS
