/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "air-operation.h"

G_BEGIN_DECLS

#define AIR_TRANSPORT_ERROR (air_transport_error_quark ())

/**
 * AirTransportError:
 * @AIR_TRANSPORT_ERROR_NOT_SENT: nothing left this machine: it surely did not happen
 * @AIR_TRANSPORT_ERROR_UNKNOWN: sent, in part or whole, and no complete answer came
 * @AIR_TRANSPORT_ERROR_TIMEOUT: the same, because time ran out
 * @AIR_TRANSPORT_ERROR_REFUSED: egress or redirect: refused by us before anything was sent
 * @AIR_TRANSPORT_ERROR_TOO_LARGE: an answer past the limit
 *
 * Why no answer came. Only the first and %AIR_TRANSPORT_ERROR_REFUSED say that nothing happened.
 */
typedef enum {
  AIR_TRANSPORT_ERROR_NOT_SENT,
  AIR_TRANSPORT_ERROR_UNKNOWN,
  AIR_TRANSPORT_ERROR_TIMEOUT,
  AIR_TRANSPORT_ERROR_REFUSED,
  AIR_TRANSPORT_ERROR_TOO_LARGE,
} AirTransportError;

GQuark air_transport_error_quark (void);

/**
 * AirTransport:
 *
 * How requests reach vendors: over HTTP/1.1 in the runtime, from recorded answers in simulation
 * and tests. One request at a time per call, any number at once.
 */
#define AIR_TYPE_TRANSPORT (air_transport_get_type ())
G_DECLARE_INTERFACE (AirTransport, air_transport, AIR, TRANSPORT, GObject)

struct _AirTransportInterface {
  GTypeInterface parent_iface;

  void (*send_async) (AirTransport         *self,
                      const AirHttpRequest *request, /* valid until the callback */
                      guint                 timeout_ms,
                      GCancellable         *cancellable,
                      GAsyncReadyCallback   callback,
                      gpointer              user_data);
  AirHttpResponse *(*send_finish) (AirTransport *self,
                                   GAsyncResult *result,
                                   GError      **error);
};

void             air_transport_send_async  (AirTransport         *self,
                                            const AirHttpRequest *request,
                                            guint                 timeout_ms,
                                            GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
AirHttpResponse *air_transport_send_finish (AirTransport         *self,
                                            GAsyncResult         *result,
                                            GError              **error);

/**
 * AirHttpTransport:
 *
 * The real transport: HTTP/1.1 over connections that are kept alive, TLS for https. Nothing is sent twice; redirects
 * are not followed.
 */
#define AIR_TYPE_HTTP_TRANSPORT (air_http_transport_get_type ())
G_DECLARE_FINAL_TYPE (AirHttpTransport, air_http_transport, AIR, HTTP_TRANSPORT, GObject)

AirTransport    *air_http_transport_new    (const AirEgress      *egress,
                                            guint                 max_connections_per_host);
void             air_http_transport_set_authorities (AirHttpTransport *self,
                                                     GTlsDatabase     *authorities);

/**
 * air_operation_run_async:
 * @self: an operation; outlives the call
 * @transport: the way out
 * @egress: where it may go
 * @purpose: what it is for
 * @input: as for air_operation_build_request()
 * @run: as for air_operation_build_request()
 * @timeout_ms: for all of it
 * @cancellable: (nullable): ends it
 * @callback: called in the caller's main context
 *
 * Builds the request, sends it, interprets what comes back. The answer is always an outcome: bad
 * input is FATAL, nothing sent is RETRY with status 0, a lost answer is UNKNOWN.
 */
void             air_operation_run_async   (const AirOperation   *self, /* outlives the call */
                                            AirTransport         *transport,
                                            const AirEgress      *egress,
                                            AirPurpose            purpose,
                                            AirValue             *input,
                                            AirValue             *run,
                                            gint64                timeout_ms,
                                            GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);
AirOutcome      *air_operation_run_finish  (GAsyncResult         *result);

G_END_DECLS
