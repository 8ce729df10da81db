/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* An authorization server that is as strict as the standards let it be, and the vendor it guards:
 *   POST /token      client_credentials, refresh_token, authorization_code with PKCE, JWT bearer
 *   GET  /authorize  the person agrees at once: the browser is sent back with a code
 *   POST /things     201 for a token that is in force, else 401 and nothing is done
 * A refresh token is good once; one that comes back ends the whole family (RFC 9700, 4.14). */

typedef struct {
  /* What it does. */
  const char *client_id, *client_secret;
  const char *public_key;  /* PEM: who may assert by JWT */
  gint64 lifetime_s;       /* expires_in; 0: not said */
  gboolean rotates;        /* each use of a refresh token gives another */
  gboolean deaf;           /* the vendor takes no token, however new */
  guint fault_status;      /* nonzero: what /token answers instead, with fault_body */
  const char *fault_body;
  gboolean drops;          /* /token closes the connection */
  gboolean denies;         /* the person does not agree */
  guint delay_ms;          /* of /token */
  /* What came of it. */
  guint n_asked, n_given, n_things, n_refused;
  char *refresh_token;     /* in force; NULL: none is */
  GHashTable *tokens;      /* token → until when, in monotonic microseconds */
  GHashTable *codes;       /* code → "challenge redirect_uri" */
  GHashTable *used;        /* refresh tokens and assertions that came already */
  guint n_made;
} TokenServer;

void          token_server_init     (TokenServer   *self);
void          token_server_clear    (TokenServer   *self);
VendorAnswer *token_server_handle   (const VendorRequest *request,
                                     gpointer       self);
/* Whatever was given out is worth nothing any more. */
void          token_server_withdraw (TokenServer   *self);

G_END_DECLS
