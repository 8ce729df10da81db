/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"

G_BEGIN_DECLS

AirValue *air_compile_labels    (AirWorkflow     *workflow,
                                 GPtrArray       *packs,
                                 GError         **error);
char     *air_labels_to_text    (const AirValue  *labels);

G_END_DECLS
