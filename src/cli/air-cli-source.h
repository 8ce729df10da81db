/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-cli.h"
#include "artifact/air-artifact.h"
#include "compiler/air-compiler.h"

G_BEGIN_DECLS

AirWorkflow      *air_cli_load_workflow (const char *path,
                                         GError    **error);
GPtrArray        *air_cli_load_packs_directory (const AirCli *cli,
                                                const char   *folder,
                                                guint        *ret_n_replayed,
                                                GError      **error);
GPtrArray        *air_cli_load_packs (const AirCli  *cli,
                                      const char    *path,
                                      AirWorkflow   *workflow,
                                      const char    *packs_folder,
                                      GError       **error);
gboolean          air_cli_parse_source (AirCli       *cli,
                                        const char   *command,
                                        const char   *summary,
                                        int           argc,
                                        char        **argv,
                                        AirWorkflow **ret_workflow,
                                        GPtrArray   **ret_packs,
                                        int          *ret_exit);
AirCompileResult *air_cli_compile    (const AirCli  *cli,
                                      const char    *path,
                                      const char    *packs_folder,
                                      GPtrArray    **ret_packs,
                                      GError       **error);
gboolean          air_cli_add_beside (GPtrArray     *packs,
                                      const char    *path,
                                      AirWorkflow   *workflow,
                                      GError       **error);
char             *air_cli_find_packs (const char    *path);
void              air_cli_print_compiled (const AirCompileResult *result,
                                          gboolean                json);
AirValue         *air_cli_load_trust (const char    *path,
                                      GError       **error);
GPtrArray        *air_cli_load_signers (const char  *trust_path,
                                        GError     **error);

G_END_DECLS
