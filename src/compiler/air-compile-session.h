/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "compiler/air-compiler.h"
#include "model/air-command.h"

G_BEGIN_DECLS

/**
 * AirCompileSession:
 *
 * A workflow that is being edited, and what the compiler finds in it, kept up
 * to date edit by edit: a node is looked at again only when something it
 * depends on has changed. What it finds is what air_compile() finds in the
 * source written out; the places are those of that text.
 */
typedef struct _AirCompileSession AirCompileSession;

AirCompileSession *air_compile_session_new             (AirWorkflow             *workflow,
                                                        GPtrArray               *packs, /* AirPack */
                                                        GError                 **error);
void               air_compile_session_free            (AirCompileSession       *self);

/* FALSE with AIR_MODEL_ERROR, and nothing changed, when the edit cannot be made. */
gboolean           air_compile_session_apply           (AirCompileSession       *self,
                                                        const AirCommand        *command,
                                                        AirCommand             **ret_inverse, /* nullable */
                                                        GError                 **error);

AirWorkflow       *air_compile_session_get_workflow    (const AirCompileSession *self); /* borrowed */
/* (element-type AirDiagnostic), in the order of the source; borrowed until the next edit. */
GPtrArray         *air_compile_session_get_diagnostics (const AirCompileSession *self);
/* How many nodes the last edit made it look at. */
guint              air_compile_session_get_n_checked   (const AirCompileSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCompileSession, air_compile_session_free)

G_END_DECLS
