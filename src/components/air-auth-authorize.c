/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OAuth 2.0 where a person must allow it: the page they are sent to, and the code that comes back. PKCE always (RFC 7636;
 * RFC 9700, 2.1.1), so that a code is worth nothing to whoever else sees it. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-auth-private.h"
#include "air-operation-private.h"
#include "base/air-hash.h"

/**
 * air_auth_get_refresh_secret:
 * @self: how a connector shows who it is
 *
 * Returns: (transfer none) (nullable): the name of the secret that is the refresh token
 */
const char *
air_auth_get_refresh_secret (const AirAuth *self)
{
  return self->refresh_secret;
}

char *
air_auth_build_authorize_url (const AirAuth *self,
                              const char *redirect_uri,
                              const char *state,
                              const char *verifier,
                              GError **error)
{
  const char *page = air_auth_get (self, "authorize_url"), *id = air_auth_get (self, "client_id");
  g_autoptr (GString) query = g_string_new (NULL);
  g_autofree char *challenge = NULL;
  AirDigest digest;

  g_return_val_if_fail (strlen (verifier) >= 43 && strlen (verifier) <= 128, NULL);

  if (self->kind != AIR_AUTH_OAUTH2 || page == NULL || id == NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                   "connector '%s': nobody can be asked: auth is no oauth2 with authorize_url and client_id",
                   self->connector);
      return NULL;
    }
  digest = air_sha256 (verifier, strlen (verifier));
  challenge = air_base64url_encode (digest.bytes, sizeof digest.bytes);
  air_auth_append (query, "response_type", "code");
  air_auth_append (query, "client_id", id);
  air_auth_append (query, "redirect_uri", redirect_uri);
  air_auth_append (query, "scope", air_auth_get (self, "scope"));
  air_auth_append (query, "state", state);
  air_auth_append (query, "code_challenge", challenge);
  air_auth_append (query, "code_challenge_method", "S256");
  return g_strconcat (page, "?", query->str, NULL);
}

/**
 * air_auth_build_code_request:
 * @self: oauth2 with the grant authorization_code
 * @code: what the authorization server sent the browser back with
 * @redirect_uri: where to, exactly as it was asked for
 * @verifier: of PKCE (RFC 7636)
 *
 * Changes the code for tokens (RFC 6749 §4.1.3).
 *
 * Returns: (transfer full): the request
 */
AirHttpRequest *
air_auth_build_code_request (const AirAuth *self, const char *code, const char *redirect_uri, const char *verifier)
{
  GString *form = g_string_new (NULL);

  air_auth_append (form, "grant_type", "authorization_code");
  air_auth_append (form, "code", code);
  air_auth_append (form, "redirect_uri", redirect_uri);
  air_auth_append (form, "code_verifier", verifier);
  return air_auth_make_token_request (self, form);
}
