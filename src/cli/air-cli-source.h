/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"
#include "artifact/air-artifact.h"
#include "compiler/air-compiler.h"

G_BEGIN_DECLS

AirWorkflow      *air_cli_load_workflow (const char *path,
                                         GError    **error);
/* (element-type AirPack): every pack in a folder. Fails closed: a pack one of whose fixtures does not replay is none. */
GPtrArray        *air_cli_load_packs_directory (const char *folder,
                                                GError    **error);
/* (element-type AirPack): those of @packs_folder, or of the nearest folder "packs" above or beside @path. */
GPtrArray        *air_cli_load_packs (const char    *path,
                                      const char    *packs_folder,
                                      GError       **error);
/* The command line of what looks at one workflow among its packs: reads it and both. FALSE when that was not to be had,
 * which was said: @ret_exit. */
gboolean          air_cli_parse_source (AirCli       *cli,
                                        const char   *command,
                                        const char   *summary,
                                        int           argc,
                                        char        **argv,
                                        AirWorkflow **ret_workflow,
                                        GPtrArray   **ret_packs,
                                        int          *ret_exit);
/* Reads a workflow and the packs it lies among, and compiles them. @packs_folder: NULL for the
 * nearest folder "packs" above or beside the workflow. */
AirCompileResult *air_cli_compile    (const char    *path,
                                      const char    *packs_folder,
                                      AirWorkflow  **ret_workflow, /* nullable */
                                      GError       **error);
/* The folder "packs" a workflow lies in or beside; NULL when there is none. */
char             *air_cli_find_packs (const char    *path);
void              air_cli_print_compiled (const AirCompileResult *result,
                                          gboolean                json);
/* A trust.json, read against its schema. */
AirValue         *air_cli_load_trust (const char    *path,
                                      GError       **error);
/* The pinned signers of a trust.json. */
GPtrArray        *air_cli_load_signers (const char  *trust_path,
                                        GError     **error);

G_END_DECLS
