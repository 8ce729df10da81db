/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "wire/air-request.h"
#include "wire/air-router.h"

G_BEGIN_DECLS

/* Whether this client may use this route: NULL, or why not. */
typedef AirProblem *(*AirAuthorize) (AirRequest *request,
                                     gpointer    user_data);

typedef struct {
  const AirRoute  *routes;
  gsize            n_routes;
  GTlsCertificate *certificate;
  GTlsDatabase    *clients;          /* who may connect at all */
  AirAuthorize     authorize;
  gpointer         user_data;        /* for @authorize and the handlers */
  gsize            max_body;         /* 0: 1 MiB */
  guint            max_connections;  /* 0: 1,024 */
} AirHttpServerOptions;

#define AIR_TYPE_HTTP_SERVER (air_http_server_get_type ())
G_DECLARE_FINAL_TYPE (AirHttpServer, air_http_server, AIR, HTTP_SERVER, GObject)

AirHttpServer *air_http_server_new         (const AirHttpServerOptions *options);
gboolean       air_http_server_listen      (AirHttpServer              *self,
                                            const char                 *address,
                                            GError                    **error);
const char    *air_http_server_get_address (AirHttpServer              *self); /* "127.0.0.1:41234" */
guint          air_http_server_get_open    (AirHttpServer              *self); /* requests not answered yet */
guint64        air_http_server_get_accepted (AirHttpServer             *self); /* connections so far */
void           air_http_server_stop        (AirHttpServer              *self); /* accepts no more */
void           air_http_server_close       (AirHttpServer              *self);

G_END_DECLS
