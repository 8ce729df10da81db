/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-private.h"

/* With a display the window opens on the running demo, as one of the approvers, and the demo lasts
 * until it is closed. */

static void
closed_cb (DemoProcess *process, const GError *error, gpointer user_data)
{
  Demo *self = user_data;

  self->window_closed = TRUE;
  if (self->waits_for_window)
    demo_next (self);
}

void
demo_stage_open_window (Demo *self)
{
  g_autofree char *profile = demo_path (self, "ana.profile.json", NULL), *log = demo_path (self, "window.log", NULL);
  const char *argv[] = { self->places.airails, "--connect", profile, NULL };
  g_autoptr (GError) error = NULL;

  if (self->places.airails != NULL && !self->options.no_window
      && (g_getenv ("DISPLAY") != NULL || g_getenv ("WAYLAND_DISPLAY") != NULL))
    {
      self->window = demo_process_start ("the window", argv, log, closed_cb, self, &error);
      if (self->window == NULL)
        {
          demo_fail (self, error);
          return;
        }
    }
  demo_next (self);
}

void
demo_stage_await_window (Demo *self)
{
  if (self->window == NULL || self->window_closed)
    {
      demo_next (self);
      return;
    }
  self->waits_for_window = TRUE;
  g_print ("\n  The window shows the running demo to %s; closing it ends the demo.\n", demo_people[DEMO_ANA].name);
}
