/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AirHandshakes:
 *
 * Connections of which nobody knows yet whose they are. GIO does a handshake
 * in a thread, and has few: so one begins only when the client's greeting is
 * there, only some are under way at once, the newest first, and one that takes
 * long makes room for others. Who says nothing holds up nobody.
 */
typedef struct _AirHandshakes AirHandshakes;

/* @tls has shown a certificate that is good; both are borrowed. */
typedef void (*AirGreeted) (GTlsConnection    *tls,
                            GSocketConnection *socket,
                            gpointer           user_data);

AirHandshakes *air_handshakes_new  (AirGreeted         greeted,
                                    gpointer           user_data);
void           air_handshakes_add  (AirHandshakes     *self,
                                    GTlsConnection    *tls,
                                    GSocketConnection *socket);
/* Ends them all; @greeted is not called any more. */
void           air_handshakes_free (AirHandshakes     *self);

G_END_DECLS
