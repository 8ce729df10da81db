/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"

G_BEGIN_DECLS

/* Which label reaches which parameter of which operation, and so which domain:
 * {"parameters": [{"node", "operation", "purpose", "parameter", "labels", "sends_to"?, "egress"}],
 *  "domains": [{"to", "labels"}]}. NULL with AIR_MODEL_ERROR when a pack is missing. */
AirValue *air_compile_labels    (AirWorkflow     *workflow,
                                 GPtrArray       *packs,
                                 GError         **error);
char     *air_labels_to_text    (const AirValue  *labels);

G_END_DECLS
