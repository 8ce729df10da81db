/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirSseParser:
 *
 * A parser of server-sent events (WHATWG HTML, section 9.2.6): bytes in, in any pieces; whole events out. Freed with
 * air_sse_parser_free().
 */
typedef struct _AirSseParser AirSseParser;

/**
 * AirSseFunc:
 * @event: its type, "message" where it has none
 * @data: its lines, joined
 * @id: the last id
 * @user_data: what was handed in
 *
 * Called for each event.
 */
typedef void (*AirSseFunc) (const char *event,
                            const char *data,
                            const char *id,
                            gpointer    user_data);

AirSseParser *air_sse_parser_new           (AirSseFunc      func,
                                            gpointer        user_data);
void          air_sse_parser_free          (AirSseParser   *self);
gboolean      air_sse_parser_feed          (AirSseParser   *self,
                                            const char     *data,
                                            gsize           length);
void          air_sse_parser_reset         (AirSseParser   *self);
const char   *air_sse_parser_get_last_id   (AirSseParser   *self);
gint64        air_sse_parser_get_retry_ms  (AirSseParser   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSseParser, air_sse_parser_free)

G_END_DECLS
