/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client.h"

G_BEGIN_DECLS

#define AIR_TYPE_EVENT_STREAM_STATE (air_event_stream_state_get_type ())

/**
 * AirEventStreamState:
 * @AIR_EVENT_STREAM_STOPPED: nobody wants events
 * @AIR_EVENT_STREAM_CONNECTING: a request is on its way
 * @AIR_EVENT_STREAM_LIVE: events come
 * @AIR_EVENT_STREAM_WAITING: lost; a new try follows by itself
 */
typedef enum {
  AIR_EVENT_STREAM_STOPPED,
  AIR_EVENT_STREAM_CONNECTING,
  AIR_EVENT_STREAM_LIVE,
  AIR_EVENT_STREAM_WAITING,
} AirEventStreamState;

GType air_event_stream_state_get_type (void);

#define AIR_TYPE_EVENT_STREAM (air_event_stream_get_type ())
G_DECLARE_FINAL_TYPE (AirEventStream, air_event_stream, AIR, EVENT_STREAM, GObject)

AirEventStream      *air_event_stream_new       (AirClient       *client);
void                 air_event_stream_start     (AirEventStream  *self);
void                 air_event_stream_stop      (AirEventStream  *self);
void                 air_event_stream_retry_now (AirEventStream  *self);
AirEventStreamState  air_event_stream_get_state (AirEventStream  *self);
const char          *air_event_stream_get_error (AirEventStream  *self);

G_END_DECLS
