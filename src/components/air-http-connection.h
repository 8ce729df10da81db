/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "air-http.h"

G_BEGIN_DECLS

/**
 * AirHttpConnection:
 *
 * One connection to one vendor: opened, used for one exchange after the other, closed. It never sends anything twice.
 */
typedef struct _AirHttpConnection AirHttpConnection;

void               air_http_connection_open_async  (const char          *host,
                                                    guint16              port,
                                                    gboolean             secure,
                                                    GTlsDatabase        *authorities,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
AirHttpConnection *air_http_connection_open_finish (GAsyncResult        *result,
                                                    GError             **error);
gboolean           air_http_connection_is_alive    (AirHttpConnection   *self);
gint64             air_http_connection_get_expiry  (AirHttpConnection   *self);
void               air_http_connection_send_async  (AirHttpConnection   *self,
                                                    const char          *method,
                                                    GBytes              *message,
                                                    gsize                max_body,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
AirHttpResponse   *air_http_connection_send_finish (AirHttpConnection   *self,
                                                    GAsyncResult        *result,
                                                    gboolean            *ret_reusable,
                                                    GError             **error);
void               air_http_connection_free        (AirHttpConnection   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHttpConnection, air_http_connection_free)

G_END_DECLS
