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
                                              const char            *refresh_token,
                                              gint64                 now_us,
                                              const char            *nonce,
                                              GError               **error);
char           *air_auth_read_token          (const AirAuth         *self,
                                              const AirHttpResponse *response,
                                              gint64                *ret_seconds,
                                              char                 **ret_refresh_token,
                                              GError               **error);
void            air_auth_add_token           (const AirAuth         *self,
                                              AirHttpRequest        *request,
                                              const char            *token);

/* --- oauth2: a person allows it, once (RFC 6749, 4.1, with PKCE, RFC 7636) --------------------- */

/**
 * air_auth_build_authorize_url:
 * @self: oauth2 with the grant authorization_code
 * @redirect_uri: where the browser is sent with the code
 * @state: what comes back with it, so that nobody slips in another's
 * @verifier: 43 to 128 letters out of A–Z a–z 0–9 - . _ ~, new each time; only its hash leaves
 *
 * The page at which a person lets this client act.
 *
 * Returns: (transfer full): the URL, or %NULL with %AIR_OPERATION_ERROR_DOCUMENT when the connector names no such page
 */
char           *air_auth_build_authorize_url (const AirAuth         *self,
                                              const char            *redirect_uri,
                                              const char            *state,
                                              const char            *verifier,
                                              GError               **error);
AirHttpRequest *air_auth_build_code_request  (const AirAuth         *self,
                                              const char            *code,
                                              const char            *redirect_uri,
                                              const char            *verifier);
const char     *air_auth_get_refresh_secret  (const AirAuth         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirAuth, air_auth_free)

G_END_DECLS
