/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include "cli-fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

void
cli_set_up (Cli *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("test-cli-XXXXXX", &error);
  g_assert_no_error (error);
  self->out = self->err = NULL;
}

void
cli_tear_down (Cli *self, gconstpointer data)
{
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Cli *self = user_data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &self->out, &self->err, &error);
  g_assert_no_error (error);
  self->status =
      g_subprocess_get_if_exited (G_SUBPROCESS (source)) ? g_subprocess_get_exit_status (G_SUBPROCESS (source)) : 255;
}

/* @terminal: what becomes standard error, or -1. */
static void
spawn (Cli *self, const char *const *arguments, int terminal)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE
                                 | (terminal < 0 ? G_SUBPROCESS_FLAGS_STDERR_PIPE : 0));
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
  g_ptr_array_add (argv, (gpointer) AIRAILSCTL);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) arguments[i]);
  g_ptr_array_add (argv, NULL);

  if (terminal >= 0)
    g_subprocess_launcher_take_stderr_fd (launcher, terminal);
  g_subprocess_launcher_set_cwd (launcher, self->directory);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", g_get_user_state_dir (), TRUE);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_launcher_close (launcher);
  self->status = -1;
  g_subprocess_communicate_utf8_async (process, NULL, NULL, done_cb, self);
  while (self->status < 0)
    g_main_context_iteration (NULL, TRUE);
}

void
cli_run_any (Cli *self, const char *const *arguments)
{
  spawn (self, arguments, -1);
}

static void
run (Cli *self, int expected_status, const char *first, va_list args, int terminal)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *command = NULL;

  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) arg);
  g_ptr_array_add (argv, NULL);
  command = g_strjoinv (" ", (char **) argv->pdata);
  spawn (self, (const char *const *) argv->pdata, terminal);
  g_test_message ("airailsctl %s: %d\n%s%s", command, self->status, self->out, self->err != NULL ? self->err : "");
  g_assert_cmpint (self->status, ==, expected_status);
}

void
cli_run (Cli *self, int expected_status, const char *first, ...)
{
  va_list args;

  va_start (args, first);
  run (self, expected_status, first, args, -1);
  va_end (args);
  g_assert_null (strstr (self->err, "CRITICAL"));
}

/* What the other end of the terminal shows, until nobody writes to it any more. */
static gpointer
watch (gpointer master)
{
  GString *shown = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  while ((n = read (GPOINTER_TO_INT (master), buffer, sizeof buffer)) > 0)
    g_string_append_len (shown, buffer, n);
  return shown;
}

void
cli_run_terminal (Cli *self, int expected_status, const char *first, ...)
{
  int master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;
  GString *shown;
  struct termios settings;
  va_list args;
  GThread *thread;

  g_assert_true (master >= 0 && grantpt (master) == 0 && unlockpt (master) == 0);
  terminal = open (ptsname (master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (tcgetattr (terminal, &settings), ==, 0);
  cfmakeraw (&settings);
  g_assert_cmpint (tcsetattr (terminal, TCSANOW, &settings), ==, 0);
  thread = g_thread_new ("terminal", watch, GINT_TO_POINTER (master));
  va_start (args, first);
  run (self, expected_status, first, args, terminal);
  va_end (args);
  shown = g_thread_join (thread);
  close (master);
  self->err = g_string_free (shown, FALSE);
  g_test_message ("the terminal shows %s", self->err);
  g_assert_null (strstr (self->err, "CRITICAL"));
}

gboolean
cli_spawn (Cli *self, const char *command)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, NULL));
  g_spawn_sync (self->directory, argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  return g_spawn_check_wait_status (status, NULL);
}

AirValue *
cli_get_json (Cli *self)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (self->out, strlen (self->out), &error);

  g_assert_no_error (error);
  return value;
}

void
cli_assert_says (Cli *self, const char *text)
{
  if (strstr (self->err, text) == NULL)
    g_error ("\"%s\" does not say \"%s\"", self->err, text);
}

void
cli_assert_out (Cli *self, const char *text)
{
  if (strstr (self->out, text) == NULL)
    g_error ("\"%s\" does not have \"%s\"", self->out, text);
}

char *
cli_path (Cli *self, const char *name)
{
  return g_build_filename (self->directory, name, NULL);
}

void
cli_write (Cli *self, const char *name, const char *text)
{
  g_autofree char *path = cli_path (self, name), *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

gboolean
cli_exists (Cli *self, const char *name)
{
  g_autofree char *path = cli_path (self, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

char *
cli_packs (void)
{
  return g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", NULL);
}

char *
cli_workflow (void)
{
  return g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", "customer-operations", "workflows",
                           "refunds-and-cancellations.workflow.json", NULL);
}
