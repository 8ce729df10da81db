/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-handshakes-private.h"

#include <errno.h>
#include <sys/socket.h>

#define TIMEOUT_MS  (10 * 1000)
#define MAX_WAITING 512
/* GIO's threads are ten to begin with, and calls to vendors need them too. */
#define MAX_RUNNING 8
/* How long one may take while others wait. */
#define PATIENCE_US G_USEC_PER_SEC

#define TLS_HEADER_SIZE    5
#define TLS_TYPE_HANDSHAKE 22
#define TLS_MAX_RECORD     (16384 + 256)

typedef enum {
  SILENT,  /* the client has not greeted */
  READY,   /* it has, and waits for a thread */
  RUNNING, /* in a thread */
  ENDING,  /* in a thread that was told to end */
} State;

typedef struct {
  AirHandshakes *owner; /* NULL: nobody wants to know any more */
  State state;
  GTlsConnection *tls;
  GSocketConnection *socket;
  GCancellable *cancellable;
  GSource *greeting;
  GSource *timeout;
  gint64 started_us;
  gsize wanted; /* bytes of the greeting */
  GList link;
} Handshake;

struct _AirHandshakes {
  AirGreeted greeted;
  gpointer user_data;
  GQueue all; /* Handshake, the oldest first */
  guint n_running;
  GSource *patience;
};

static void pump (AirHandshakes *self);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
attach (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_callback (source, callback, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
handshake_free (Handshake *self)
{
  if (self->owner != NULL)
    g_queue_unlink (&self->owner->all, &self->link);
  clear_source (&self->greeting);
  clear_source (&self->timeout);
  g_object_unref (self->tls);
  g_object_unref (self->socket);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
end (Handshake *self)
{
  if (self->state < RUNNING)
    {
      handshake_free (self);
      return;
    }
  self->state = ENDING;
  g_cancellable_cancel (self->cancellable);
}

/* --- in a thread ----------------------------------------------------------------------------- */

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Handshake *handshake = user_data;
  AirHandshakes *self = handshake->owner;
  g_autoptr (GError) error = NULL;
  gboolean done = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);

  if (!done)
    g_debug ("a handshake failed: %s", error->message);
  if (self != NULL)
    {
      self->n_running--;
      if (done)
        self->greeted (handshake->tls, handshake->socket, self->user_data);
    }
  handshake_free (handshake);
  if (self != NULL)
    pump (self);
}

static void
run (Handshake *self)
{
  self->state = RUNNING;
  self->started_us = g_get_monotonic_time ();
  self->owner->n_running++;
  g_tls_connection_handshake_async (self->tls, G_PRIORITY_DEFAULT, self->cancellable, handshake_cb, self);
}

static gboolean
patience_cb (gpointer user_data)
{
  AirHandshakes *self = user_data;

  clear_source (&self->patience);
  pump (self);
  return G_SOURCE_REMOVE;
}

static Handshake *
find (AirHandshakes *self, State state, gboolean newest)
{
  for (GList *l = newest ? self->all.tail : self->all.head; l != NULL; l = newest ? l->prev : l->next)
    if (((Handshake *) l->data)->state == state)
      return l->data;
  return NULL;
}

static void
pump (AirHandshakes *self)
{
  Handshake *next, *slowest;
  gint64 left_us;

  while ((next = find (self, READY, TRUE)) != NULL && self->n_running < MAX_RUNNING)
    run (next);
  if (next == NULL || self->patience != NULL || find (self, ENDING, FALSE) != NULL
      || (slowest = find (self, RUNNING, FALSE)) == NULL)
    return;
  left_us = slowest->started_us + PATIENCE_US - g_get_monotonic_time ();
  if (left_us <= 0)
    end (slowest); /* its thread tells when it is free */
  else
    self->patience = attach (g_timeout_source_new (left_us / 1000 + 1), patience_cb, self);
}

/* --- before it -------------------------------------------------------------------------------- */

/* Not before so many bytes are there: a source that is always ready would never let us rest. */
static gboolean
want_bytes (GSocket *socket, int n)
{
  return g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, n, NULL);
}

/* The whole record that holds the ClientHello (RFC 8446, 5.1) is there; looked at, and left where it is. */
static gboolean
greeting_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Handshake *self = user_data;
  guint8 record[TLS_HEADER_SIZE];
  gssize n = recv (g_socket_get_fd (socket), record, sizeof record, MSG_PEEK | MSG_DONTWAIT);
  gsize length;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n < TLS_HEADER_SIZE || record[0] != TLS_TYPE_HANDSHAKE)
    {
      g_debug ("a client says something that is no TLS");
      handshake_free (self);
      return G_SOURCE_REMOVE;
    }
  length = TLS_HEADER_SIZE + (gsize) record[3] * 256 + record[4];
  if (g_socket_get_available_bytes (socket) < (gssize) length)
    {
      /* Woken for that many and still without them: no more will come. */
      if (length > TLS_MAX_RECORD || length == self->wanted || !want_bytes (socket, (int) length))
        {
          handshake_free (self);
          return G_SOURCE_REMOVE;
        }
      self->wanted = length;
      return G_SOURCE_CONTINUE;
    }
  want_bytes (socket, 1);
  clear_source (&self->greeting);
  self->state = READY;
  pump (self->owner);
  return G_SOURCE_REMOVE;
}

static gboolean
timeout_cb (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_REMOVE;
}

AirHandshakes *
air_handshakes_new (AirGreeted greeted, gpointer user_data)
{
  AirHandshakes *self = g_new0 (AirHandshakes, 1);

  self->greeted = greeted;
  self->user_data = user_data;
  g_queue_init (&self->all);
  return self;
}

void
air_handshakes_add (AirHandshakes *self, GTlsConnection *tls, GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  Handshake *handshake = g_new0 (Handshake, 1), *oldest;

  /* Whoever has not said who they are must not keep out those who would. */
  if (self->all.length >= MAX_WAITING
      && ((oldest = find (self, SILENT, FALSE)) != NULL || (oldest = find (self, READY, FALSE)) != NULL))
    end (oldest);
  handshake->owner = self;
  handshake->tls = g_object_ref (tls);
  handshake->socket = g_object_ref (connection);
  handshake->cancellable = g_cancellable_new ();
  handshake->link.data = handshake;
  g_queue_push_tail_link (&self->all, &handshake->link);
  handshake->timeout = attach (g_timeout_source_new (TIMEOUT_MS), timeout_cb, handshake);
  want_bytes (socket, TLS_HEADER_SIZE);
  handshake->greeting = attach (g_socket_create_source (socket, G_IO_IN, NULL), G_SOURCE_FUNC (greeting_cb), handshake);
}

void
air_handshakes_free (AirHandshakes *self)
{
  clear_source (&self->patience);
  while (self->all.head != NULL)
    {
      Handshake *handshake = self->all.head->data;

      if (handshake->state >= RUNNING)
        {
          g_queue_unlink (&self->all, &handshake->link);
          handshake->owner = NULL; /* its thread has it still */
        }
      end (handshake);
    }
  g_free (self);
}
