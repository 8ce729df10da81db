/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/air-json.h"

G_BEGIN_DECLS

/* The real binary, in a folder of its own; what it says and how it ends. The main loop runs
 * meanwhile, so that doubles of this process can answer it. */
typedef struct {
  char *directory;
  char *out;
  char *err;
  int status;
} Cli;

void      cli_set_up       (Cli           *self,
                            gconstpointer  data);
void      cli_tear_down    (Cli           *self,
                            gconstpointer  data);
void      cli_run          (Cli           *self,
                            int            expected_status,
                            const char    *first,
                            ...) G_GNUC_NULL_TERMINATED;
/* Standard error is a terminal; all that was written to it is in @err. */
void      cli_run_terminal (Cli           *self,
                            int            expected_status,
                            const char    *first,
                            ...) G_GNUC_NULL_TERMINATED;
/* However it ends; a death by signal is 255. */
void      cli_run_any      (Cli           *self,
                            const char    *const *arguments);
/* A program of others, in the same folder; whether it ends well. */
gboolean  cli_spawn        (Cli           *self,
                            const char    *command);
AirValue *cli_get_json     (Cli           *self); /* standard output, read */
void      cli_assert_says  (Cli           *self,
                            const char    *text); /* on standard error */
void      cli_assert_out   (Cli           *self,
                            const char    *text);
char     *cli_path         (Cli           *self,
                            const char    *name);
void      cli_write        (Cli           *self,
                            const char    *name,
                            const char    *text);
gboolean  cli_exists       (Cli           *self,
                            const char    *name);
/* Of the source tree. */
char     *cli_workflow     (void);
char     *cli_packs        (void);

G_END_DECLS
