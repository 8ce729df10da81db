/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Growing this far without meeting the end means it is not the small disk it should be. */
#define MAX_BYTES (G_GINT64_CONSTANT (1) << 30)

/* What is freed while the disk is full, by a checkpoint say, is taken at once. */
#define TOP_UP_MS 50

struct _DemoDisk {
  char *path;
  int fd; /* -1: not full */
  guint fills;
  gint64 freed_us;
  guint top_up, end;
};

DemoDisk *
demo_disk_new (const char *folder)
{
  DemoDisk *self = g_new0 (DemoDisk, 1);

  self->path = g_build_filename (folder, "somebody-elses-file", NULL);
  self->fd = -1;
  return self;
}

static void
let_go (DemoDisk *self)
{
  g_clear_handle_id (&self->top_up, g_source_remove);
  g_clear_handle_id (&self->end, g_source_remove);
  if (self->fd < 0)
    return;
  close (self->fd);
  self->fd = -1;
  g_unlink (self->path);
  self->freed_us = g_get_monotonic_time ();
}

void
demo_disk_free (DemoDisk *self)
{
  let_go (self);
  g_free (self->path);
  g_free (self);
}

static gboolean
take_all (DemoDisk *self, GError **error)
{
  static const char block[4096];
  gint64 taken = 0;

  for (gsize size = sizeof block; size > 0 && taken < MAX_BYTES;)
    {
      gssize n = write (self->fd, block, size);

      if (n < 0 && errno != ENOSPC)
        {
          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", self->path, g_strerror (errno));
          return FALSE;
        }
      taken += MAX (n, 0);
      if (n < (gssize) size)
        size /= 2;
    }
  if (taken < MAX_BYTES)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: the disk does not fill up; give a small one", self->path);
  return FALSE;
}

static gboolean
top_up_cb (gpointer user_data)
{
  take_all (user_data, NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean
end_cb (gpointer user_data)
{
  DemoDisk *self = user_data;

  self->end = 0;
  let_go (self);
  return G_SOURCE_REMOVE;
}

gboolean
demo_disk_fill (DemoDisk *self, guint ms, GError **error)
{
  if (self->fd >= 0)
    return TRUE;
  self->fd = g_open (self->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (self->fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", self->path, g_strerror (errno));
      return FALSE;
    }
  self->fills++;
  self->end = g_timeout_add (ms, end_cb, self);
  self->top_up = g_timeout_add (TOP_UP_MS, top_up_cb, self);
  return take_all (self, error);
}

gboolean
demo_disk_was_full (DemoDisk *self, guint ms)
{
  return self->fd >= 0
         || (self->freed_us > 0 && g_get_monotonic_time () - self->freed_us < ms * G_TIME_SPAN_MILLISECOND);
}

guint
demo_disk_get_fills (DemoDisk *self)
{
  return self->fills;
}
