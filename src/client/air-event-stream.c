/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-client"

#include "config.h"

#include "client/air-event-stream.h"

#include "base/air-json.h"
#include "client/air-client-private.h"
#include "client/air-sse.h"

#define FIRST_DELAY_MS 500
#define LAST_DELAY_MS  30000
#define BUFFER_SIZE    8192

/**
 * AirEventStream:
 *
 * The runtime's live events. It keeps itself connected: when the connection is lost it
 * waits, twice as long each time up to half a minute (with a random part, so that many
 * windows do not come back at once), and goes on after the last event it saw.
 */
struct _AirEventStream {
  GObject parent_instance;
  AirClient *client;
  AirEventStreamState state;
  char *error;
  AirSseParser *parser;
  GCancellable *cancellable; /* of the present connection */
  guint delay_ms;
  guint retry_source;
};

enum { PROP_0, PROP_CLIENT, PROP_STATE, PROP_ERROR, N_PROPS };
enum { SIGNAL_EVENT, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirEventStream, air_event_stream, G_TYPE_OBJECT)
G_DEFINE_ENUM_TYPE (AirEventStreamState,
                    air_event_stream_state,
                    G_DEFINE_ENUM_VALUE (AIR_EVENT_STREAM_STOPPED, "stopped"),
                    G_DEFINE_ENUM_VALUE (AIR_EVENT_STREAM_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (AIR_EVENT_STREAM_LIVE, "live"),
                    G_DEFINE_ENUM_VALUE (AIR_EVENT_STREAM_WAITING, "waiting"))

typedef struct {
  AirEventStream *stream;
  SoupMessage *message;
  GCancellable *cancellable;
  char buffer[BUFFER_SIZE];
} Connection;

static void stream_connect (AirEventStream *self);
static void read_next (Connection *connection, GInputStream *input);

static void
connection_free (Connection *connection)
{
  g_object_unref (connection->stream);
  g_object_unref (connection->message);
  g_object_unref (connection->cancellable);
  g_free (connection);
}

static void
set_state (AirEventStream *self, AirEventStreamState state, const char *error)
{
  gboolean changed = self->state != state;

  g_object_freeze_notify (G_OBJECT (self));
  self->state = state;
  if (g_set_str (&self->error, error))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
retry_cb (gpointer user_data)
{
  AirEventStream *self = user_data;

  self->retry_source = 0;
  stream_connect (self);
  return G_SOURCE_REMOVE;
}

/* The connection ended, however it ended. */
static void
lost (Connection *connection, const char *why)
{
  AirEventStream *self = connection->stream;
  gint64 asked = air_sse_parser_get_retry_ms (self->parser);

  if (g_cancellable_is_cancelled (connection->cancellable))
    {
      connection_free (connection);
      return;
    }
  g_clear_object (&self->cancellable);
  if (self->delay_ms == 0)
    self->delay_ms = asked > 0 ? (guint) MIN (asked, LAST_DELAY_MS) : FIRST_DELAY_MS;
  else
    self->delay_ms = MIN (self->delay_ms * 2, LAST_DELAY_MS);
  g_debug ("events: %s; again in %u ms", why, self->delay_ms);
  self->retry_source =
      g_timeout_add (self->delay_ms + (guint) g_random_int_range (0, (gint32) self->delay_ms / 4 + 1), retry_cb, self);
  set_state (self, AIR_EVENT_STREAM_WAITING, why);
  connection_free (connection);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Connection *connection = user_data;
  GInputStream *input = G_INPUT_STREAM (object);
  g_autoptr (GError) error = NULL;
  gssize n;

  n = g_input_stream_read_finish (input, result, &error);
  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      /* Long silence is no loss, but may hide one: a new connection tells. */
      AirEventStream *self = connection->stream;

      g_clear_object (&self->cancellable);
      stream_connect (self);
      connection_free (connection);
    }
  else if (n < 0)
    {
      _air_client_map_error (connection->stream->client, connection->message, &error);
      lost (connection, error->message);
    }
  else if (n == 0)
    lost (connection, "the runtime closed the connection");
  else if (g_cancellable_is_cancelled (connection->cancellable))
    connection_free (connection);
  else if (!air_sse_parser_feed (connection->stream->parser, connection->buffer, (gsize) n))
    lost (connection, "an event is longer than a mebibyte");
  else
    read_next (connection, input);
}

static void
read_next (Connection *connection, GInputStream *input)
{
  g_input_stream_read_async (input, connection->buffer, sizeof connection->buffer, G_PRIORITY_DEFAULT,
                             connection->cancellable, read_cb, connection);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Connection *connection = user_data;
  AirEventStream *self = connection->stream;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GError) error = NULL;

  input = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (input == NULL)
    {
      _air_client_map_error (self->client, connection->message, &error);
      lost (connection, error->message);
      return;
    }
  if (!_air_client_check_status (self->client, connection->message, NULL, &error))
    {
      lost (connection, error->message);
      return;
    }
  self->delay_ms = 0;
  set_state (self, AIR_EVENT_STREAM_LIVE, NULL);
  read_next (connection, input);
}

static void
stream_connect (AirEventStream *self)
{
  Connection *connection = g_new0 (Connection, 1);
  SoupMessageHeaders *headers;
  const char *last_id = air_sse_parser_get_last_id (self->parser);

  air_sse_parser_reset (self->parser);
  self->cancellable = g_cancellable_new ();
  connection->stream = g_object_ref (self);
  connection->cancellable = g_object_ref (self->cancellable);
  connection->message = _air_client_new_message (self->client, "GET", "/v1/events");
  soup_message_add_flags (connection->message, SOUP_MESSAGE_NEW_CONNECTION);
  headers = soup_message_get_request_headers (connection->message);
  soup_message_headers_replace (headers, "Accept", "text/event-stream");
  if (last_id[0] != '\0')
    soup_message_headers_replace (headers, "Last-Event-ID", last_id);
  if (self->state != AIR_EVENT_STREAM_LIVE)
    set_state (self, AIR_EVENT_STREAM_CONNECTING, self->error);
  soup_session_send_async (_air_client_get_stream_session (self->client), connection->message, G_PRIORITY_DEFAULT,
                           connection->cancellable, sent_cb, connection);
}

static void
event_cb (const char *event, const char *data, const char *id, gpointer user_data)
{
  AirEventStream *self = user_data;
  g_autoptr (AirValue) value = NULL;
  g_autoptr (GError) error = NULL;

  value = air_json_parse (data, strlen (data), &error);
  if (value == NULL)
    {
      g_debug ("events: a \"%s\" event is not JSON: %s", event, error->message);
      return;
    }
  g_signal_emit (self, signals[SIGNAL_EVENT], g_quark_from_string (event), event, value);
}

static void
air_event_stream_dispose (GObject *object)
{
  AirEventStream *self = AIR_EVENT_STREAM (object);

  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (air_event_stream_parent_class)->dispose (object);
}

static void
air_event_stream_finalize (GObject *object)
{
  AirEventStream *self = AIR_EVENT_STREAM (object);

  g_clear_object (&self->client);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->parser, air_sse_parser_free);
  G_OBJECT_CLASS (air_event_stream_parent_class)->finalize (object);
}

static void
air_event_stream_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirEventStream *self = AIR_EVENT_STREAM (object);

  switch (id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_event_stream_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AirEventStream *self = AIR_EVENT_STREAM (object);

  switch (id)
    {
    case PROP_CLIENT:
      self->client = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
air_event_stream_class_init (AirEventStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = air_event_stream_dispose;
  object_class->finalize = air_event_stream_finalize;
  object_class->get_property = air_event_stream_get_property;
  object_class->set_property = air_event_stream_set_property;

  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, AIR_TYPE_CLIENT,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, AIR_TYPE_EVENT_STREAM_STATE, AIR_EVENT_STREAM_STOPPED,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * AirEventStream::event:
   * @name: "run", "gate" or "head"; also the signal's detail
   * @data: (type gpointer): an #AirValue, valid during the emission
   */
  signals[SIGNAL_EVENT] =
      g_signal_new ("event", AIR_TYPE_EVENT_STREAM, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_POINTER);
}

static void
air_event_stream_init (AirEventStream *self)
{
  self->parser = air_sse_parser_new (event_cb, self);
}

/**
 * air_event_stream_new:
 * @client: where events come from
 *
 * Returns: (transfer full): a stream, stopped
 */
AirEventStream *
air_event_stream_new (AirClient *client)
{
  g_return_val_if_fail (AIR_IS_CLIENT (client), NULL);
  return g_object_new (AIR_TYPE_EVENT_STREAM, "client", client, NULL);
}

/**
 * air_event_stream_start:
 * @self: a stream
 *
 * Connects and stays connected until stopped; what was missed is asked for with Last-Event-ID.
 */
void
air_event_stream_start (AirEventStream *self)
{
  g_return_if_fail (AIR_IS_EVENT_STREAM (self));
  if (self->state == AIR_EVENT_STREAM_STOPPED)
    stream_connect (self);
}

/**
 * air_event_stream_stop:
 * @self: a stream
 *
 * Ends the connection at once; air_event_stream_start() begins again.
 */
void
air_event_stream_stop (AirEventStream *self)
{
  g_return_if_fail (AIR_IS_EVENT_STREAM (self));
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->delay_ms = 0;
  set_state (self, AIR_EVENT_STREAM_STOPPED, NULL);
}

/**
 * air_event_stream_retry_now:
 * @self: a stream
 *
 * Does not wait for the next try's time.
 */
void
air_event_stream_retry_now (AirEventStream *self)
{
  g_return_if_fail (AIR_IS_EVENT_STREAM (self));
  if (self->state != AIR_EVENT_STREAM_WAITING)
    return;
  g_clear_handle_id (&self->retry_source, g_source_remove);
  stream_connect (self);
}

/**
 * air_event_stream_get_state:
 * @self: a stream
 *
 * Returns: where it stands; "state" notifies
 */
AirEventStreamState
air_event_stream_get_state (AirEventStream *self)
{
  g_return_val_if_fail (AIR_IS_EVENT_STREAM (self), AIR_EVENT_STREAM_STOPPED);
  return self->state;
}

/**
 * air_event_stream_get_error:
 * @self: a stream
 *
 * Returns: (transfer none) (nullable): why it waits, for people
 */
const char *
air_event_stream_get_error (AirEventStream *self)
{
  g_return_val_if_fail (AIR_IS_EVENT_STREAM (self), NULL);
  return self->error;
}
