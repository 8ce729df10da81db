/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A program the demo started: it writes to a log of its own and never outlives the demo. */

typedef struct _DemoProcess DemoProcess;

/* Called when the program ends by itself; not after demo_process_kill() or _stop(). */
typedef void (*DemoProcessEnded) (DemoProcess  *process,
                                  const GError *error,
                                  gpointer      user_data);

DemoProcess *demo_process_start    (const char         *name,
                                    const char *const  *argv,
                                    const char         *log_path,
                                    DemoProcessEnded    ended,
                                    gpointer            user_data,
                                    GError            **error);
/* SIGKILL at once, as a power cut does; SIGTERM and, if that is not heeded for three seconds, SIGKILL. Both wait. */
void         demo_process_kill     (DemoProcess        *self);
void         demo_process_stop     (DemoProcess        *self);

/* Waits until @path exists and gives what it holds. Fails with DEMO_ERROR_PROCESS after @timeout_ms. */
void         demo_await_file       (const char         *path,
                                    guint               timeout_ms,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
char        *demo_await_file_finish(GAsyncResult       *result,
                                    GError            **error);

/* Runs a command to its end and gives what it printed. Fails with DEMO_ERROR_PROCESS and its words
 * when it exits with anything but 0 and @may_fail is FALSE; @ret_status (nullable) is its exit status. */
void         demo_run_command      (const char *const  *argv,
                                    gboolean            may_fail,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
char        *demo_run_command_finish (GAsyncResult     *result,
                                    int                *ret_status,
                                    GError            **error);

G_END_DECLS
