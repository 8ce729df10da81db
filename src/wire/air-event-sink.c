/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-request-private.h"

#include <string.h>

/* What a client may lag behind before it is let go; it reconnects and reads the state anew. */
#define MAX_QUEUED   2048
#define KEEP_ALIVE_S 15

struct _AirEventSink {
  gatomicrefcount ref_count;
  SoupServerMessage *message; /* NULL once closed */
  char *peer;
  guint queued;
  guint keep_alive;
  AirEventSinkClosed closed;
  gpointer user_data;
};

static void
stream_ended (AirEventSink *self)
{
  g_autoptr (SoupServerMessage) message = g_steal_pointer (&self->message);
  AirEventSinkClosed closed = g_steal_pointer (&self->closed);

  if (message == NULL)
    return;
  g_signal_handlers_disconnect_by_data (message, self);
  g_clear_handle_id (&self->keep_alive, g_source_remove);
  if (closed != NULL)
    closed (self, self->user_data);
}

static void
finished_cb (SoupServerMessage *message, gpointer user_data)
{
  AirEventSink *self = air_event_sink_ref (user_data);

  stream_ended (self);
  air_event_sink_unref (self);
}

static void
wrote_chunk_cb (SoupServerMessage *message, gpointer user_data)
{
  AirEventSink *self = user_data;

  if (self->queued > 0)
    self->queued--;
}

/* A comment now and then: a client that vanished without a word is noticed by the failing write. */
static gboolean
keep_alive_cb (gpointer user_data)
{
  air_event_sink_send (user_data, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

AirEventSink *
air_event_sink_new (SoupServerMessage *message, const char *peer)
{
  AirEventSink *self = g_new0 (AirEventSink, 1);

  self->peer = g_strdup (peer);

  g_atomic_ref_count_init (&self->ref_count);
  self->message = g_object_ref (message);
  g_signal_connect (message, "finished", G_CALLBACK (finished_cb), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (finished_cb), self);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), self);
  self->keep_alive = g_timeout_add_seconds (KEEP_ALIVE_S, keep_alive_cb, self);
  return self;
}

AirEventSink *
air_event_sink_ref (AirEventSink *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_event_sink_unref (AirEventSink *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_handle_id (&self->keep_alive, g_source_remove);
  g_clear_object (&self->message);
  g_free (self->peer);
  g_free (self);
}

/**
 * air_event_sink_get_peer:
 * @self: a sink
 *
 * Returns: (nullable): whose it is; %NULL for nobody known
 */
const char *
air_event_sink_get_peer (AirEventSink *self)
{
  return self->peer;
}

/**
 * air_event_sink_on_closed:
 * @self: a sink
 * @closed: called once when the client has gone or was let go; at once when it has already
 * @user_data: for @closed
 */
void
air_event_sink_on_closed (AirEventSink *self, AirEventSinkClosed closed, gpointer user_data)
{
  self->closed = closed;
  self->user_data = user_data;
  if (self->message == NULL)
    {
      self->closed = NULL;
      closed (self, user_data);
    }
}

/**
 * air_event_sink_send:
 * @self: a sink
 * @event: (nullable): the event's name; NULL sends a comment only
 * @data: (nullable): one line of JSON
 */
void
air_event_sink_send (AirEventSink *self, const char *event, const char *data)
{
  g_autofree char *text = NULL;

  if (self->message == NULL)
    return;
  if (self->queued >= MAX_QUEUED)
    {
      g_message ("a client of events lags %u events behind and is let go", self->queued);
      air_event_sink_close (self);
      return;
    }
  text = event != NULL ? g_strdup_printf ("event: %s\ndata: %s\n\n", event, data) : g_strdup (":\n\n");
  self->queued++;
  soup_message_body_append (soup_server_message_get_response_body (self->message), SOUP_MEMORY_COPY, text,
                            strlen (text));
  soup_server_message_unpause (self->message);
}

/**
 * air_event_sink_close:
 * @self: a sink
 *
 * Lets the client go; events sent after that are dropped.
 */
void
air_event_sink_close (AirEventSink *self)
{
  g_autoptr (SoupServerMessage) message = self->message != NULL ? g_object_ref (self->message) : NULL;

  if (message == NULL)
    return;
  air_event_sink_ref (self);
  stream_ended (self);
  air_event_sink_unref (self);
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}
