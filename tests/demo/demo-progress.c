/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-progress.h"

#include <stdio.h>
#include <unistd.h>

#define REDRAW_US (100 * 1000)
#define QUIET_US  (5 * 1000 * 1000)

struct _DemoProgress {
  gboolean terminal;
  gboolean dirty; /* the cursor stands at the end of a line of ours */
  gint64 drawn_us;
  gint64 started_us;
  char *title;
};

DemoProgress *
demo_progress_new (void)
{
  DemoProgress *self = g_new0 (DemoProgress, 1);

  self->terminal = isatty (STDERR_FILENO);
  self->started_us = g_get_monotonic_time ();
  return self;
}

void
demo_progress_free (DemoProgress *self)
{
  demo_progress_clear (self);
  g_free (self->title);
  g_free (self);
}

static void
draw (DemoProgress *self, const char *details)
{
  double seconds = (g_get_monotonic_time () - self->started_us) / 1e6;

  self->drawn_us = g_get_monotonic_time ();
  self->dirty = self->terminal;
  fprintf (stderr, "%s%5.1f s  %s%s%s%s", self->terminal ? "\r\033[K" : "", seconds, self->title,
           details != NULL ? ": " : "", details != NULL ? details : "", self->terminal ? "" : "\n");
  fflush (stderr);
}

void
demo_progress_stage (DemoProgress *self, const char *title)
{
  g_free (self->title);
  self->title = g_strdup (title);
  draw (self, NULL);
}

const char *
demo_progress_get_stage (DemoProgress *self)
{
  return self->title != NULL ? self->title : "at the start";
}

void
demo_progress_tell (DemoProgress *self, const char *format, ...)
{
  g_autofree char *details = NULL;
  va_list arguments;

  if (g_get_monotonic_time () - self->drawn_us < (self->terminal ? REDRAW_US : QUIET_US))
    return;
  va_start (arguments, format);
  details = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  draw (self, details);
}

void
demo_progress_clear (DemoProgress *self)
{
  if (self->dirty)
    fputs ("\r\033[K", stderr);
  self->dirty = FALSE;
}
