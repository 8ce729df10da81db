/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "base/air-value.h"
#include "wire/air-problem.h"

G_BEGIN_DECLS

typedef struct _AirRoute       AirRoute;

/**
 * AirEventSink:
 *
 * Server-sent events (HTML standard) to one client, for as long as it stays. Reference counted.
 */
typedef struct _AirEventSink AirEventSink;

/**
 * AirRequest:
 *
 * One request on its way to one answer. A handler answers at once or keeps a
 * reference and answers later; answering after the client has gone is no error.
 */
typedef struct _AirRequest AirRequest;

AirRequest     *air_request_ref             (AirRequest      *self);
void            air_request_unref           (AirRequest      *self);

const AirRoute *air_request_get_route       (AirRequest      *self);
const char     *air_request_get_path        (AirRequest      *self);
const char     *air_request_get_peer        (AirRequest      *self);
const char     *air_request_get_param       (AirRequest      *self,
                                             const char      *name);
const char     *air_request_get_query       (AirRequest      *self,
                                             const char      *name);
const char     *air_request_get_header      (AirRequest      *self,
                                             const char      *name);
AirValue       *air_request_get_json        (AirRequest      *self);
GBytes         *air_request_get_body        (AirRequest      *self);
gboolean        air_request_get_page        (AirRequest      *self,
                                             guint            max_limit,
                                             guint           *ret_limit,
                                             char           **ret_after,
                                             AirProblem     **ret_problem);

void            air_request_set_header      (AirRequest      *self,
                                             const char      *name,
                                             const char      *value);
void            air_request_respond_value   (AirRequest      *self,
                                             guint            status,
                                             const AirValue  *value);
void            air_request_respond_bytes   (AirRequest      *self,
                                             guint            status,
                                             const char      *content_type,
                                             GBytes          *bytes);
void            air_request_respond_text    (AirRequest      *self,
                                             guint            status,
                                             const char      *content_type,
                                             const char      *text);
void            air_request_respond_problem (AirRequest      *self,
                                             AirProblem      *take_problem);
void            air_request_respond_page    (AirRequest      *self,
                                             AirValue        *take_items,
                                             const char      *after);
AirEventSink *air_request_respond_events  (AirRequest      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRequest, air_request_unref)

/* Server-sent events to one client. */

/**
 * AirEventSinkClosed:
 * @stream: the sink
 * @user_data: what was handed in
 *
 * Called once when the client has gone or was let go.
 */
typedef void (*AirEventSinkClosed) (AirEventSink *stream,
                                      gpointer        user_data);

AirEventSink *air_event_sink_ref        (AirEventSink       *self);
void            air_event_sink_unref      (AirEventSink       *self);
/* Whose it is; NULL for nobody known. */
const char     *air_event_sink_get_peer   (AirEventSink       *self);
void            air_event_sink_on_closed  (AirEventSink       *self,
                                             AirEventSinkClosed  closed,
                                             gpointer              user_data);
void            air_event_sink_send       (AirEventSink       *self,
                                             const char           *event,
                                             const char           *data);
void            air_event_sink_close      (AirEventSink       *self);

G_END_DECLS
