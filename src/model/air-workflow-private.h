/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-workflow.h"

G_BEGIN_DECLS

/* What air_workflow_write() does, of a source that is not read yet. */
char        *air_workflow_write_value    (const AirValue  *value,
                                          GError         **error);
/* As air_workflow_load(), of a source that was made; what it shares with @previous was checked before. */
AirWorkflow *air_workflow_new_from_value (AirValue        *source,
                                          AirWorkflow     *previous, /* nullable */
                                          const char      *file_name,
                                          GError         **error);

G_END_DECLS
