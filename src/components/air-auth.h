/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-http.h"

G_BEGIN_DECLS

/**
 * AirAuth:
 *
 * How a connector shows who it is: the `auth` of its document, its secrets filled in. Pure: what needs the time, a nonce
 * or a token is given them.
 */
typedef struct _AirAuth AirAuth;

AirAuth        *air_auth_new                 (const AirValue        *auth,
                                              AirValue              *secrets,
                                              const char            *connector,
                                              GError               **error);
void            air_auth_free                (AirAuth               *self);
gboolean        air_auth_apply               (const AirAuth         *self,
                                              const char            *base_url,
                                              AirHttpRequest        *request,
                                              GError               **error);
gboolean        air_auth_sign                (const AirAuth         *self,
                                              AirHttpRequest        *request,
                                              gint64                 now_us,
                                              const char            *nonce,
                                              GError               **error);

/* --- oauth2: a token first (RFC 6749, RFC 7523) ---------------------------------------------- */

gboolean        air_auth_needs_token         (const AirAuth         *self);
AirHttpRequest *air_auth_build_token_request (const AirAuth         *self,
                                              gint64                 now_us,
                                              const char            *nonce,
                                              GError               **error);
char           *air_auth_read_token          (const AirAuth         *self,
                                              const AirHttpResponse *response,
                                              gint64                *ret_seconds,
                                              GError               **error);
void            air_auth_add_token           (const AirAuth         *self,
                                              AirHttpRequest        *request,
                                              const char            *token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirAuth, air_auth_free)

G_END_DECLS
