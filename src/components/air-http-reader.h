/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-http.h"

G_BEGIN_DECLS

/**
 * AirHttpReader:
 *
 * One HTTP/1.1 answer, read piece by piece from a connection (RFC 9112). Does no I/O. Strict: what two readers
 * could take for different messages is refused, since a connection that is kept alive must not be misread.
 */
typedef struct _AirHttpReader AirHttpReader;

AirHttpReader   *air_http_reader_new        (const char          *method,
                                             gsize                max_body);
gboolean         air_http_reader_push       (AirHttpReader       *self,
                                             const guint8        *data,
                                             gsize                length,
                                             GError             **error);
gboolean         air_http_reader_end        (AirHttpReader       *self,
                                             GError             **error);
gboolean         air_http_reader_is_done    (const AirHttpReader *self);
gboolean         air_http_reader_keeps_open (const AirHttpReader *self,
                                             guint               *ret_seconds);
AirHttpResponse *air_http_reader_finish     (AirHttpReader       *self);
void             air_http_reader_free       (AirHttpReader       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirHttpReader, air_http_reader_free)

G_END_DECLS
