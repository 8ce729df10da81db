/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-process.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "demo-data.h"

#define POLL_MS     10
#define PATIENCE_MS 3000
#define LOG_TAIL    1500

struct _DemoProcess {
  char *name;
  char *log_path;
  GSubprocess *subprocess;
  GCancellable *cancellable;
  DemoProcessEnded ended;
  gpointer user_data;
};

typedef struct {
  char *path;
  gint64 deadline_us;
} Await;

typedef struct {
  char *words; /* the command as a person would type it */
  gboolean may_fail;
  int status;
} Command;

static void
child_setup_cb (gpointer user_data)
{
  /* Even a demo that is killed -9 leaves nothing running. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static char *
log_tail (const char *path)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return g_strdup ("");
  return g_utf8_make_valid (length > LOG_TAIL ? text + length - LOG_TAIL : text, -1);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GSubprocess *subprocess = G_SUBPROCESS (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *tail = NULL;
  DemoProcess *self = user_data;

  /* Cancelled: the process was ended by us and @self may be gone. */
  if (!g_subprocess_wait_finish (subprocess, result, &error))
    return;
  tail = log_tail (self->log_path);
  if (g_subprocess_get_if_signaled (subprocess))
    g_set_error (&error, DEMO_ERROR, DEMO_ERROR_PROCESS, "%s was ended by signal %d; its last words (%s):\n%s",
                 self->name, g_subprocess_get_term_sig (subprocess), self->log_path, tail);
  else
    g_set_error (&error, DEMO_ERROR, DEMO_ERROR_PROCESS, "%s ended with status %d; its last words (%s):\n%s",
                 self->name, g_subprocess_get_exit_status (subprocess), self->log_path, tail);
  self->ended (self, error, self->user_data);
}

/* Fails with G_SPAWN_ERROR. */
DemoProcess *
demo_process_start (const char *name,
                    const char *const *argv,
                    const char *log_path,
                    DemoProcessEnded ended,
                    gpointer user_data,
                    GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) subprocess = NULL;
  DemoProcess *self;

  g_subprocess_launcher_set_stdout_file_path (launcher, log_path);
  g_subprocess_launcher_set_child_setup (launcher, child_setup_cb, NULL, NULL);
  subprocess = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (subprocess == NULL)
    return NULL;

  self = g_new0 (DemoProcess, 1);
  self->name = g_strdup (name);
  self->log_path = g_strdup (log_path);
  self->subprocess = g_steal_pointer (&subprocess);
  self->cancellable = g_cancellable_new ();
  self->ended = ended;
  self->user_data = user_data;
  g_subprocess_wait_async (self->subprocess, self->cancellable, waited_cb, self);
  return self;
}

static void
process_free (DemoProcess *self)
{
  g_free (self->name);
  g_free (self->log_path);
  g_object_unref (self->subprocess);
  g_object_unref (self->cancellable);
  g_free (self);
}

void
demo_process_kill (DemoProcess *self)
{
  g_cancellable_cancel (self->cancellable);
  g_subprocess_force_exit (self->subprocess);
  g_subprocess_wait (self->subprocess, NULL, NULL);
  process_free (self);
}

/* Blocks for up to three seconds; for the very end, when nothing else is going on. */
void
demo_process_stop (DemoProcess *self)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  g_cancellable_cancel (self->cancellable);
  g_subprocess_send_signal (self->subprocess, SIGTERM);
  while (g_subprocess_get_identifier (self->subprocess) != NULL && g_get_monotonic_time () < deadline_us)
    g_usleep (POLL_MS * 1000);
  demo_process_kill (self);
}

static void
await_free (gpointer data)
{
  Await *await = data;

  g_free (await->path);
  g_free (await);
}

static gboolean
await_cb (gpointer user_data)
{
  GTask *task = user_data;
  const Await *await = g_task_get_task_data (task);
  char *text;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (g_file_get_contents (await->path, &text, NULL, NULL))
    {
      g_task_return_pointer (task, g_strchomp (text), g_free);
      return G_SOURCE_REMOVE;
    }
  if (g_get_monotonic_time () > await->deadline_us)
    {
      g_task_return_new_error (task, DEMO_ERROR, DEMO_ERROR_PROCESS, "%s did not appear in time", await->path);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

void
demo_await_file (const char *path,
                 guint timeout_ms,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Await *await = g_new0 (Await, 1);

  await->path = g_strdup (path);
  await->deadline_us = g_get_monotonic_time () + timeout_ms * G_GINT64_CONSTANT (1000);
  g_task_set_task_data (task, await, await_free);
  g_timeout_add_full (G_PRIORITY_DEFAULT, POLL_MS, await_cb, task, g_object_unref);
}

char *
demo_await_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
command_free (gpointer data)
{
  Command *command = data;

  g_free (command->words);
  g_free (command);
}

static void
communicated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GSubprocess *subprocess = G_SUBPROCESS (source);
  Command *command = g_task_get_task_data (task);
  g_autofree char *output = NULL;
  GError *error = NULL;

  if (!g_subprocess_communicate_utf8_finish (subprocess, result, &output, NULL, &error))
    {
      g_subprocess_force_exit (subprocess);
      g_task_return_error (task, error);
      return;
    }
  command->status = g_subprocess_get_if_exited (subprocess) ? g_subprocess_get_exit_status (subprocess) : -1;
  if (command->status != 0 && !command->may_fail)
    g_task_return_new_error (task, DEMO_ERROR, DEMO_ERROR_PROCESS, "`%s` failed:\n%s", command->words, output);
  else
    g_task_return_pointer (task, g_steal_pointer (&output), g_free);
}

void
demo_run_command (const char *const *argv,
                  gboolean may_fail,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) subprocess = NULL;
  Command *command = g_new0 (Command, 1);
  GError *error = NULL;

  command->words = g_strjoinv (" ", (char **) argv);
  command->may_fail = may_fail;
  g_task_set_task_data (task, command, command_free);
  g_subprocess_launcher_set_child_setup (launcher, child_setup_cb, NULL, NULL);
  subprocess = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (subprocess == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_subprocess_communicate_utf8_async (subprocess, NULL, cancellable, communicated_cb, g_steal_pointer (&task));
}

char *
demo_run_command_finish (GAsyncResult *result, int *ret_status, GError **error)
{
  const Command *command = g_task_get_task_data (G_TASK (result));
  char *output = g_task_propagate_pointer (G_TASK (result), error);

  if (output != NULL && ret_status != NULL)
    *ret_status = command->status;
  return output;
}
