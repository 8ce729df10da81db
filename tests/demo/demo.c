/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "demo-private.h"

#define MARK ".airails-demo"

typedef struct {
  const char *title; /* nullable: says for itself what it does */
  void (*start) (Demo *self);
} Stage;

static const Stage stages[] = {
  { "Making a certificate authority and people", demo_stage_people },
  { "Writing down whom to trust", demo_stage_trust },
  { "Compiling and signing the workflow", demo_stage_artifact },
  { "Publishing it", demo_stage_publish },
  { "Starting the shop and the payment provider", demo_stage_vendors },
  { "Starting the runtime", demo_stage_runtime },
  { "Connecting people", demo_stage_connect },
  { NULL, demo_stage_open_window },
  { "Working", demo_stage_work },
  { "Asking the shop and the payment provider", demo_stage_vendor_results },
  { "Reading the ledger", demo_stage_ledger },
  { "Comparing", demo_stage_report },
  { "Exporting one refund's proof", demo_stage_export },
  { "Reading the proof", demo_stage_words },
  { "Verifying the bundle", demo_stage_verify },
  { "Tampering with a copy", demo_stage_tamper },
  { NULL, demo_stage_await_window },
};

static gboolean
stage_cb (gpointer user_data)
{
  Demo *self = user_data;

  if (self->failed || self->stopped)
    return G_SOURCE_REMOVE;
  if (self->stage == G_N_ELEMENTS (stages))
    {
      g_main_loop_quit (self->loop);
      return G_SOURCE_REMOVE;
    }
  if (stages[self->stage].title != NULL)
    demo_progress_stage (self->progress, stages[self->stage].title);
  stages[self->stage++].start (self);
  return G_SOURCE_REMOVE;
}

void
demo_next (Demo *self)
{
  g_idle_add (stage_cb, self);
}

void
demo_fail (Demo *self, const GError *error)
{
  if (self->failed || self->stopped)
    return;
  self->failed = TRUE;
  demo_progress_clear (self->progress);
  g_printerr ("demo: %s: %s\n", demo_progress_get_stage (self->progress), error->message);
  g_printerr ("demo: everything it made is in %s\n", self->folder);
  g_cancellable_cancel (self->cancellable);
  g_main_loop_quit (self->loop);
}

/* A path below the demo's folder. */
char *
demo_path (Demo *self, const char *name, ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;
  va_list names;

  g_strv_builder_add (builder, self->folder);
  va_start (names, name);
  for (const char *part = name; part != NULL; part = va_arg (names, const char *))
    g_strv_builder_add (builder, part);
  va_end (names);
  parts = g_strv_builder_end (builder);
  return g_build_filenamev (parts);
}

static gboolean
delete_tree (const char *path, GError **error)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      dir = g_dir_open (path, 0, error);
      if (dir == NULL)
        return FALSE;
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          if (!delete_tree (child, error))
            return FALSE;
        }
    }
  if (g_remove (path) != 0 && errno != ENOENT)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

/* A fresh folder. One that is there already is emptied only when an earlier demo made it. */
static gboolean
make_folder (const char *path, GError **error)
{
  g_autofree char *mark = g_build_filename (path, MARK, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  if (dir != NULL && g_dir_read_name (dir) != NULL)
    {
      if (!g_file_test (mark, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, DEMO_ERROR, DEMO_ERROR_INPUT,
                       "%s is not empty and no earlier demo made it; name another folder", path);
          return FALSE;
        }
      if (!delete_tree (path, error))
        return FALSE;
    }
  if (g_mkdir_with_parents (path, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path, g_strerror (errno));
      return FALSE;
    }
  return g_file_set_contents (mark, "", 0, error);
}

/* @options and @places are borrowed and must outlive the demo. */
Demo *
demo_new (const DemoOptions *options, const DemoPlaces *places, GError **error)
{
  g_autoptr (Demo) self = g_new0 (Demo, 1);

  self->options = *options;
  self->places = *places;
  self->folder = g_canonicalize_filename (options->keep, NULL);
  self->started_us = g_get_monotonic_time ();
  self->progress = demo_progress_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  self->data = demo_data_load (options->data, options->expect, options->final_state, error);
  if (self->data == NULL || !make_folder (self->folder, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
demo_free (Demo *self)
{
  self->stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->stall, g_source_remove);
  g_clear_handle_id (&self->restart, g_source_remove);
  g_clear_pointer (&self->feeder, demo_feeder_free);
  g_clear_pointer (&self->watcher, demo_watcher_free);
  for (guint i = 0; i < DEMO_N_APPROVERS; i++)
    g_clear_pointer (&self->approvers[i], demo_approver_free);
  for (guint i = 0; i < DEMO_N_PEOPLE; i++)
    g_clear_object (&self->clients[i]);
  g_clear_pointer (&self->window, demo_process_stop);
  g_clear_pointer (&self->disk, demo_disk_free);
  g_clear_pointer (&self->runtime, demo_process_stop);
  g_clear_pointer (&self->shop, demo_process_stop);
  g_clear_pointer (&self->payments, demo_process_stop);
  g_clear_pointer (&self->books, air_value_unref);
  g_clear_pointer (&self->state, air_value_unref);
  g_clear_pointer (&self->ledger, demo_ledger_free);
  g_clear_pointer (&self->verdict, demo_verdict_free);
  g_clear_pointer (&self->data, demo_data_free);
  g_clear_pointer (&self->progress, demo_progress_free);
  g_free (self->shop_address);
  g_free (self->payments_address);
  g_free (self->runtime_address);
  g_free (self->bundle_path);
  g_free (self->artifact);
  g_clear_pointer (&self->commands, g_ptr_array_unref);
  g_free (self->folder);
  /* Callbacks of what was cancelled still come; let them before the loop goes. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
  g_free (self);
}

gboolean
demo_run (Demo *self)
{
  demo_next (self);
  g_main_loop_run (self->loop);
  demo_progress_clear (self->progress);
  return !self->failed && !self->stopped;
}

/* Somebody pressed Ctrl-C. */
void
demo_stop (Demo *self)
{
  self->stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_main_loop_quit (self->loop);
}
