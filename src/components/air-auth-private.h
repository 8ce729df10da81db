/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-auth.h"

G_BEGIN_DECLS

typedef enum {
  AIR_AUTH_NONE,
  AIR_AUTH_BEARER,
  AIR_AUTH_BASIC,
  AIR_AUTH_HEADER_KEY,
  AIR_AUTH_QUERY_KEY,
  AIR_AUTH_PATH_KEY,
  AIR_AUTH_HMAC,
  AIR_AUTH_SIGV4,
  AIR_AUTH_OAUTH1,
  AIR_AUTH_OAUTH2,
  AIR_N_AUTH_KINDS,
} AirAuthKind;

struct _AirAuth {
  AirAuthKind kind;
  char *connector;
  GHashTable *fields; /* name → text, secrets filled in */
  char *refresh_secret; /* nullable: the name of the secret that is the refresh token */
};

const char *air_auth_get          (const AirAuth  *self,
                                   const char     *name); /* nullable */
/* The request's query as name and value, decoded: (element-type AirHttpHeader). */
GPtrArray  *air_auth_parse_query  (const char     *query  /* nullable */,
                                   gboolean        form);
GBytes     *air_auth_hmac         (GChecksumType   type,
                                   const void     *key,
                                   gsize           key_length,
                                   const char     *text,
                                   gsize           length);
char       *air_auth_escape       (const char     *text);

/* "a=b" behind what is there, both escaped; nothing when @value is NULL. */
void        air_auth_append       (GString        *form,
                                   const char     *name,
                                   const char     *value /* nullable */);
/* The token endpoint is asked with @form, by this client (RFC 6749, 2.3). */
AirHttpRequest *air_auth_make_token_request (const AirAuth *self,
                                             GString       *take_form);

gboolean    air_auth_sign_sigv4   (const AirAuth  *self,
                                   AirHttpRequest *request,
                                   gint64          now_us,
                                   GError        **error);
gboolean    air_auth_sign_oauth1  (const AirAuth  *self,
                                   AirHttpRequest *request,
                                   gint64          now_us,
                                   const char     *nonce,
                                   GError        **error);
gboolean    air_auth_sign_hmac    (const AirAuth  *self,
                                   AirHttpRequest *request,
                                   gint64          now_us,
                                   GError        **error);

G_END_DECLS
