/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"

G_BEGIN_DECLS

/* @workflow with every fix applied that takes its finding away and brings no other, one after the other.
 * @ret_applied: (element-type AirDiagnostic): what was mended, in order. NULL with AIR_MODEL_ERROR. */
AirWorkflow *air_workflow_fix (AirWorkflow  *workflow,
                               GPtrArray    *packs,
                               GPtrArray   **ret_applied,
                               GError      **error);

G_END_DECLS
