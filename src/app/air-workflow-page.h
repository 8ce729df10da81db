/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirWorkflowPage:
 *
 * A workflow's graph with the inspector beside it; other views of the same.
 */
#define AIR_TYPE_WORKFLOW_PAGE (air_workflow_page_get_type ())
G_DECLARE_FINAL_TYPE (AirWorkflowPage, air_workflow_page, AIR, WORKFLOW_PAGE, AdwBin)

void air_workflow_page_set_workflow (AirWorkflowPage *self,
                                     AirWorkflow     *workflow,
                                     AirValue        *plan,
                                     const char      *subtitle);
void air_workflow_page_select       (AirWorkflowPage *self,
                                     const char      *node);

G_END_DECLS
