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
                                                        GPtrArray               *packs,
                                                        GError                 **error);
void               air_compile_session_free            (AirCompileSession       *self);

gboolean           air_compile_session_apply           (AirCompileSession       *self,
                                                        const AirCommand        *command,
                                                        AirCommand             **ret_inverse,
                                                        GError                 **error);

AirWorkflow       *air_compile_session_get_workflow    (const AirCompileSession *self);
GPtrArray         *air_compile_session_get_diagnostics (const AirCompileSession *self);
guint              air_compile_session_get_n_checked   (const AirCompileSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCompileSession, air_compile_session_free)

G_END_DECLS
