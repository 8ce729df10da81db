/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirWorkflowStart:
 * @id: of the new workflow; %NULL keeps the template's
 * @title: (nullable)
 * @owner: (nullable): who answers for it; somebody has to
 * @owner_uri: (nullable)
 */
typedef struct {
  const char *id, *title, *owner, *owner_uri;
} AirWorkflowStart;

AirWorkflow *air_workflow_new_start (AirWorkflow            *template,
                                     const AirWorkflowStart *start,
                                     const char             *file_name,
                                     GError                **error);

G_END_DECLS
