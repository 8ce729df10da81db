/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-scene.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

AirScene   *air_workflow_scene_new     (const AirWorkflow     *workflow);
AirNodeKind air_workflow_scene_kind    (AirWorkflowNodeKind    kind);
char       *air_workflow_scene_dup_node (const char           *step);
char       *air_workflow_port_to_words (const AirWorkflowNode *node,
                                        const char            *port);

G_END_DECLS
