/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-watcher.h"

#define ROUND_MS  60
#define PER_ROUND 24

struct _DemoWatcher {
  AirClient *client;
  DemoData *data;
  DemoListener listener;
  GCancellable *cancellable;
  guint timeout;
  guint cursor; /* rounds go through the requests in turn, so none hides behind those that wait for people */
  guint in_flight;
  guint finished;
};

typedef struct {
  DemoWatcher *watcher;
  DemoRequest *request;
  GCancellable *cancellable;
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->cancellable);
  g_free (question);
}

static gboolean
is_final (const char *state)
{
  static const char *const final[] = { "completed", "failed", "cancelled", NULL };

  return state != NULL && g_strv_contains (final, state);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  DemoWatcher *self = question->watcher;
  DemoRequest *request = question->request;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) run = air_client_get_finish (AIR_CLIENT (source), result, &error);
  gboolean gone = g_cancellable_is_cancelled (question->cancellable);

  question_free (question);
  if (gone)
    return;
  self->in_flight--;
  if (error != NULL && !demo_error_is_passing (error))
    {
      g_prefix_error (&error, "run %s of request %s: ", request->run, request->id);
      self->listener.failed (error, self->listener.user_data);
      return;
    }
  if (run != NULL)
    g_set_str (&request->state, air_map_get_string (run, "state"));
  if (run == NULL || request->answer != NULL || !is_final (air_map_get_string (run, "state")))
    return;
  request->answer = g_steal_pointer (&run);
  self->finished++;
  self->listener.changed (self->listener.user_data);
}

static gboolean
round_cb (gpointer user_data)
{
  DemoWatcher *self = user_data;
  guint n = self->data->requests->len;

  for (guint seen = 0; seen < n && self->in_flight < PER_ROUND; seen++)
    {
      DemoRequest *request = self->data->requests->pdata[self->cursor++ % n];
      g_autofree char *path = NULL;
      Question *question;

      if (request->run == NULL || request->answer != NULL)
        continue;
      question = g_new0 (Question, 1);
      question->watcher = self;
      question->request = request;
      question->cancellable = g_object_ref (self->cancellable);
      path = air_client_run_path (request->run, NULL);
      self->in_flight++;
      air_client_get_async (self->client, path, self->cancellable, answered_cb, question);
    }
  return G_SOURCE_CONTINUE;
}

/* @client may read; @data must outlive the watcher. */
DemoWatcher *
demo_watcher_new (AirClient *client, DemoData *data, const DemoListener *listener)
{
  DemoWatcher *self = g_new0 (DemoWatcher, 1);

  self->client = g_object_ref (client);
  self->data = data;
  self->listener = *listener;
  self->cancellable = g_cancellable_new ();
  return self;
}

void
demo_watcher_free (DemoWatcher *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_object_unref (self->cancellable);
  g_object_unref (self->client);
  g_free (self);
}

void
demo_watcher_start (DemoWatcher *self)
{
  self->timeout = g_timeout_add (ROUND_MS, round_cb, self);
}

guint
demo_watcher_get_finished (DemoWatcher *self)
{
  return self->finished;
}
