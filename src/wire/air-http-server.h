/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "wire/air-request.h"
#include "wire/air-router.h"

G_BEGIN_DECLS

/**
 * AirAuthorize:
 * @request: the request, its peer verified
 * @user_data: of the server's options
 *
 * Whether this client may use this route; asked before a body is read.
 *
 * Returns: (transfer full) (nullable): %NULL, or why not
 */
typedef AirProblem *(*AirAuthorize) (AirRequest *request,
                                     gpointer    user_data);

/**
 * AirHttpServerOptions:
 * @routes: (array length=n_routes): what it answers; outlives the server
 * @n_routes: how many
 * @certificate: its own, with its key
 * @clients: who may connect at all
 * @authorize: whether a client may use a route
 * @user_data: for @authorize and the handlers
 * @max_body: bytes of a request's body; 0: 1 MiB
 * @max_connections: at once; 0: 1,024
 */
typedef struct {
  const AirRoute  *routes;
  gsize            n_routes;
  GTlsCertificate *certificate;
  GTlsDatabase    *clients;
  AirAuthorize     authorize;
  gpointer         user_data;
  gsize            max_body;
  guint            max_connections;
} AirHttpServerOptions;

/**
 * AirHttpServer:
 *
 * An HTTP/1.1 server over mutual TLS 1.3: version and identity are checked once a connection, before the first byte of
 * HTTP. All of it happens in the main context of the thread that made it.
 */
#define AIR_TYPE_HTTP_SERVER (air_http_server_get_type ())
G_DECLARE_FINAL_TYPE (AirHttpServer, air_http_server, AIR, HTTP_SERVER, GObject)

AirHttpServer *air_http_server_new         (const AirHttpServerOptions *options);
gboolean       air_http_server_listen      (AirHttpServer              *self,
                                            const char                 *address,
                                            GError                    **error);
const char    *air_http_server_get_address (AirHttpServer              *self);
guint          air_http_server_get_open    (AirHttpServer              *self);
guint64        air_http_server_get_accepted (AirHttpServer             *self);
void           air_http_server_stop        (AirHttpServer              *self);
void           air_http_server_close       (AirHttpServer              *self);

G_END_DECLS
