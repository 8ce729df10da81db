/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "artifact/air-artifact.h"
#include "compiler/air-compiler.h"

G_BEGIN_DECLS

AirWorkflow      *air_cli_load_workflow (const char *path,
                                         GError    **error);
/* (element-type AirPack): every pack in a folder. Fails closed: a pack one of whose fixtures does not replay is none. */
GPtrArray        *air_cli_load_packs_directory (const char *folder,
                                                GError    **error);
/* (element-type AirPack): those of @packs_folder, or of the nearest folder "packs" above or beside @path; and the
 * workflows beside @path that are steps of @workflow. */
GPtrArray        *air_cli_load_packs (const char    *path,
                                      AirWorkflow   *workflow, /* nullable */
                                      const char    *packs_folder,
                                      GError       **error);
AirCompileResult *air_cli_compile    (const char    *path,
                                      const char    *packs_folder,
                                      GPtrArray    **ret_packs, /* nullable */
                                      GError       **error);
/* Adds what lies beside @path and is a step of @workflow. */
gboolean          air_cli_add_beside (GPtrArray     *packs,
                                      const char    *path,
                                      AirWorkflow   *workflow,
                                      GError       **error);
char             *air_cli_find_packs (const char    *path);
void              air_cli_print_compiled (const AirCompileResult *result,
                                          gboolean                json);
GPtrArray        *air_cli_load_signers (const char  *trust_path,
                                        GError     **error);

G_END_DECLS
