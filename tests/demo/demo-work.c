/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-private.h"

/* The work itself: requests go in, people decide, runs end; and now and then the runtime dies. */

#define STALL_S 90
#define FULL_MS 1500

/* The longest pause of a healthy run is a retry's backoff, half a minute. Says which runs it is that do not end. */
static gboolean
stalled_cb (gpointer user_data)
{
  Demo *self = user_data;
  guint finished = demo_watcher_get_finished (self->watcher);
  g_autoptr (GString) open = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (finished > self->finished_before)
    {
      self->finished_before = finished;
      return G_SOURCE_CONTINUE;
    }
  self->stall = 0;
  for (guint i = 0; i < self->data->requests->len && n < 10; i++)
    {
      const DemoRequest *request = self->data->requests->pdata[i];

      if (request->answer == NULL)
        {
          n++;
          g_string_append_printf (open, "\n  request %s, run %s: %s", request->id,
                                  request->run != NULL ? request->run : "not received",
                                  request->state != NULL ? request->state : "unknown");
        }
    }
  error = g_error_new (DEMO_ERROR, DEMO_ERROR_ANSWER, "no run has ended for %d seconds; these are open:%s", STALL_S,
                       open->str);
  demo_fail (self, error);
  return G_SOURCE_REMOVE;
}

static void
show (Demo *self)
{
  guint waiting = 0, decided = 0;

  for (guint i = 0; i < DEMO_N_APPROVERS; i++)
    {
      waiting = MAX (waiting, demo_approver_get_waiting (self->approvers[i]));
      decided += demo_approver_get_approved (self->approvers[i]) + demo_approver_get_denied (self->approvers[i]);
    }
  demo_progress_tell (
      self->progress,
      "%u of %u requests in, %u of %u runs done, %u decisions signed, %u gates waiting, killed %d times",
      demo_feeder_get_counts (self->feeder)->acknowledged, self->data->deliveries->len,
      demo_watcher_get_finished (self->watcher), self->data->requests->len, decided, waiting, self->kills);
}

static void
runtime_back (Demo *self)
{
  show (self);
}

/* The kills are spread evenly over the finished runs. */
static gboolean
is_time_to_kill (Demo *self)
{
  guint finished = demo_watcher_get_finished (self->watcher), total = self->data->requests->len;

  return self->kills < self->options.kill
         && (guint64) finished * (self->options.kill + 1) >= (guint64) total * (self->kills + 1);
}

static gboolean
is_time_to_fill (Demo *self)
{
  guint finished = demo_watcher_get_finished (self->watcher), total = self->data->requests->len;

  return self->disk != NULL && (int) demo_disk_get_fills (self->disk) < self->options.fill
         && (guint64) finished * (2 * self->options.fill + 1)
                >= (guint64) total * (2 * demo_disk_get_fills (self->disk) + 1);
}

static void
changed_cb (gpointer user_data)
{
  Demo *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->runtime != NULL && is_time_to_kill (self))
    {
      self->kills++;
      g_clear_pointer (&self->runtime, demo_process_kill);
      demo_start_runtime (self, runtime_back);
    }
  if (is_time_to_fill (self) && !demo_disk_fill (self->disk, FULL_MS, &error))
    {
      demo_fail (self, error);
      return;
    }
  show (self);
  if (!demo_feeder_is_done (self->feeder) || demo_watcher_get_finished (self->watcher) < self->data->requests->len)
    return;
  /* Nothing more can change; one stage ends once. */
  g_clear_handle_id (&self->stall, g_source_remove);
  g_clear_pointer (&self->watcher, demo_watcher_free);
  for (guint i = 0; i < DEMO_N_APPROVERS; i++)
    g_clear_pointer (&self->approvers[i], demo_approver_free);
  demo_next (self);
}

static void
failed_cb (const GError *error, gpointer user_data)
{
  demo_fail (user_data, error);
}

void
demo_stage_work (Demo *self)
{
  const DemoListener listener = { .changed = changed_cb, .failed = failed_cb, .user_data = self };
  const DemoPersonId approvers[DEMO_N_APPROVERS] = { DEMO_ANA, DEMO_BO };

  self->feeder = demo_feeder_new (self->clients[DEMO_OLGA], self->data, &listener);
  self->watcher = demo_watcher_new (self->clients[DEMO_AUDE], self->data, &listener);
  for (guint i = 0; i < DEMO_N_APPROVERS; i++)
    {
      g_autofree char *name = g_strconcat (demo_people[approvers[i]].id, "-decision.pem", NULL);
      g_autofree char *path = demo_path (self, "pki", name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPrivateKey) key = air_private_key_load (path, &error);

      if (key == NULL)
        {
          demo_fail (self, error);
          return;
        }
      self->approvers[i] =
          demo_approver_new (self->clients[approvers[i]], key, i, DEMO_N_APPROVERS, self->data, &listener);
    }
  for (guint i = 0; i < DEMO_N_APPROVERS; i++)
    demo_approver_start (self->approvers[i]);
  if (self->options.fill > 0)
    self->disk = demo_disk_new (self->options.disk);
  self->stall = g_timeout_add_seconds (STALL_S, stalled_cb, self);
  demo_watcher_start (self->watcher);
  demo_feeder_start (self->feeder);
}
