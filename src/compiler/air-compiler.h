/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-diagnostic.h"
#include "model/air-pack.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

/**
 * AirCompileResult:
 * @workflow: what was compiled
 * @diagnostics: (element-type AirDiagnostic), in the order of the source
 * @n_errors: how many of them are errors; the rest below is NULL unless it is 0
 * @plan: what the engine runs
 * @manifest: the deployment manifest, the artifact's config
 * @lock: digest of every pack, connector, operation, policy and schema used
 * @source: the source in its stable order
 * @policies: map id to policy document; its JCS is what the policy digest covers
 */
typedef struct {
  AirWorkflow *workflow;
  GPtrArray *diagnostics;
  guint n_errors;
  AirValue *plan;
  AirValue *manifest;
  AirValue *lock;
  char *source;
  AirValue *policies;
} AirCompileResult;

AirCompileResult *air_compile             (AirWorkflow             *workflow,
                                           GPtrArray               *packs,
                                           GError                 **error);
void              air_compile_result_free (AirCompileResult        *self);

char             *air_compile_result_to_text (const AirCompileResult *self);
AirValue         *air_compile_result_to_value (const AirCompileResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCompileResult, air_compile_result_free)

G_END_DECLS
