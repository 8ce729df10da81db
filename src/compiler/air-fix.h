/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"

G_BEGIN_DECLS

AirWorkflow *air_workflow_fix (AirWorkflow  *workflow,
                               GPtrArray    *packs,
                               GPtrArray   **ret_applied,
                               GError      **error);

G_END_DECLS
