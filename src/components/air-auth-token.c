/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OAuth 2.0: asking for an access token, and what the answer says. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-auth-private.h"
#include "air-operation-private.h"
#include "base/air-hash.h"
#include "base/air-json.h"
#include "base/air-key.h"

#define ASSERTION_S    300
#define DEFAULT_LIFE_S 300
#define MARGIN_S       30 /* before its end a token is not used any more */
#define MAX_LIFE_S     86400

/**
 * air_auth_needs_token:
 * @self: how a connector shows who it is
 *
 * Returns: whether it is oauth2: then a token comes first
 */
gboolean
air_auth_needs_token (const AirAuth *self)
{
  return self->kind == AIR_AUTH_OAUTH2;
}

void
air_auth_append (GString *form, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL)
    return;
  escaped = air_auth_escape (value);
  g_string_append_printf (form, "%s%s=%s", form->len > 0 ? "&" : "", name, escaped);
}

/* ASN.1 DER → r ‖ s, each of 32 bytes (RFC 7518, 3.4). */
static gboolean
raw_signature (GBytes *der, guint8 raw[64])
{
  gsize length;
  const guint8 *p = g_bytes_get_data (der, &length), *end = p + length;

  memset (raw, 0, 64);
  if (length < 8 || p[0] != 0x30 || p[1] >= 0x80)
    return FALSE;
  p += 2;
  for (guint i = 0; i < 2; i++)
    {
      gsize n, skip;

      if (end - p < 2 || p[0] != 0x02 || end - p - 2 < p[1])
        return FALSE;
      n = p[1];
      skip = n > 32 ? n - 32 : 0;
      if (skip > 1)
        return FALSE;
      memcpy (raw + 32 * i + (32 - (n - skip)), p + 2 + skip, n - skip);
      p += 2 + n;
    }
  return TRUE;
}

/* RFC 7523, 2.1 and 3: who asks, for whom, of whom, until when; signed with our own key. */
static char *
make_assertion (const AirAuth *self, gint64 now_us, const char *nonce, GError **error)
{
  g_autoptr (AirPrivateKey) key = air_private_key_from_pem (air_auth_get (self, "key"), NULL);
  const char *issuer = air_auth_get (self, "issuer"), *subject = air_auth_get (self, "subject");
  const char *audience = air_auth_get (self, "audience"), *scope = air_auth_get (self, "scope");
  g_autoptr (AirValue) head = air_map_new (), claims = air_map_new ();
  g_autofree char *head_text = NULL, *claims_text = NULL, *head_part = NULL, *claims_part = NULL, *text = NULL,
                  *last = NULL;
  g_autoptr (GBytes) signature = NULL;
  gboolean p256;
  gint64 now = now_us / G_USEC_PER_SEC;

  if (key == NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET,
                   "connector '%s': the secret for auth.key is no private key (PEM, P-256 or Ed25519)",
                   self->connector);
      return NULL;
    }
  p256 = air_public_key_get_key_type (air_private_key_get_public (key)) == AIR_KEY_ECDSA_P256;
  air_map_set_string (head, "alg", p256 ? "ES256" : "EdDSA");
  air_map_set_string (head, "typ", "JWT");
  if (air_auth_get (self, "key_id") != NULL)
    air_map_set_string (head, "kid", air_auth_get (self, "key_id"));
  air_map_set_string (claims, "iss", issuer);
  air_map_set_string (claims, "sub", subject != NULL ? subject : issuer);
  air_map_set_string (claims, "aud", audience != NULL ? audience : air_auth_get (self, "token_url"));
  air_map_set_int (claims, "iat", now);
  air_map_set_int (claims, "exp", now + ASSERTION_S);
  air_map_set_string (claims, "jti", nonce);
  if (scope != NULL)
    air_map_set_string (claims, "scope", scope);
  head_text = air_jcs_write (head, NULL, error);
  claims_text = head_text != NULL ? air_jcs_write (claims, NULL, error) : NULL;
  if (claims_text == NULL)
    return NULL;
  head_part = air_base64url_encode (head_text, strlen (head_text));
  claims_part = air_base64url_encode (claims_text, strlen (claims_text));
  text = g_strconcat (head_part, ".", claims_part, NULL);
  signature = air_private_key_sign (key, text, strlen (text), error);
  if (signature == NULL)
    return NULL;
  if (p256)
    {
      guint8 raw[64];

      if (!raw_signature (signature, raw))
        g_return_val_if_reached (NULL);
      last = air_base64url_encode (raw, sizeof raw);
    }
  else
    last = air_base64url_encode (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
  return g_strconcat (text, ".", last, NULL);
}

AirHttpRequest *
air_auth_make_token_request (const AirAuth *self, GString *take_form)
{
  const char *id = air_auth_get (self, "client_id"), *secret = air_auth_get (self, "client_secret");
  gboolean in_body = g_strcmp0 (air_auth_get (self, "client_auth"), "body") == 0 || secret == NULL;
  AirHttpRequest *request = air_http_request_new ("POST", air_auth_get (self, "token_url"));

  air_http_request_add_header (request, "Content-Type", "application/x-www-form-urlencoded", FALSE);
  air_http_request_add_header (request, "Accept", "application/json", FALSE);
  if (in_body)
    {
      air_auth_append (take_form, "client_id", id);
      air_auth_append (take_form, "client_secret", secret);
    }
  else if (id != NULL)
    {
      /* RFC 6749, 2.3.1: both are escaped first. */
      g_autofree char *user = air_auth_escape (id), *password = air_auth_escape (secret);
      g_autofree char *pair = g_strconcat (user, ":", password, NULL);
      g_autofree char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
      g_autofree char *value = g_strconcat ("Basic ", encoded, NULL);

      air_http_request_add_header (request, "Authorization", value, TRUE);
    }
  request->body = g_string_free_to_bytes (take_form);
  return request;
}

/**
 * air_auth_build_token_request:
 * @self: oauth2
 * @refresh_token: (nullable): the one the server gave last, where it changes with each use; %NULL: the secret's
 * @now_us: microseconds since the Unix epoch
 * @nonce: new for each request
 * @error: return location
 *
 * RFC 6749, or RFC 7523 for the grant jwt_bearer.
 *
 * Returns: (transfer full): the request, or %NULL with %AIR_OPERATION_ERROR_SECRET
 */
AirHttpRequest *
air_auth_build_token_request (const AirAuth *self,
                              const char *refresh_token,
                              gint64 now_us,
                              const char *nonce,
                              GError **error)
{
  const char *grant = air_auth_get (self, "grant");
  g_autoptr (GString) form = g_string_new (NULL);

  if (strcmp (grant, "jwt_bearer") == 0)
    {
      g_autofree char *assertion = make_assertion (self, now_us, nonce, error);

      if (assertion == NULL)
        return NULL;
      air_auth_append (form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
      air_auth_append (form, "assertion", assertion);
    }
  else
    {
      air_auth_append (form, "grant_type", grant);
      air_auth_append (form, "refresh_token",
                       refresh_token != NULL ? refresh_token : air_auth_get (self, "refresh_token"));
      air_auth_append (form, "scope", air_auth_get (self, "scope"));
      air_auth_append (form, "audience", air_auth_get (self, "audience"));
    }
  return air_auth_make_token_request (self, g_steal_pointer (&form));
}

/**
 * air_auth_read_token:
 * @self: oauth2
 * @response: what the token endpoint answered
 * @ret_seconds: (out): how long the token may be used
 * @ret_refresh_token: (out) (nullable) (transfer full): the one to ask with from now on, when the server gave another
 * @error: return location
 *
 * Returns: (transfer full): the token, or %NULL with %AIR_OPERATION_ERROR_SECRET when the server refuses us, with
 *   %AIR_OPERATION_ERROR_INPUT when it may answer better later
 */
char *
air_auth_read_token (const AirAuth *self,
                     const AirHttpResponse *response,
                     gint64 *ret_seconds,
                     char **ret_refresh_token,
                     GError **error)
{
  g_autoptr (AirValue) body = air_json_parse_bytes (response->body, NULL);
  gboolean map = body != NULL && air_value_get_kind (body) == AIR_VALUE_MAP;
  const char *token = map ? air_map_get_string (body, "access_token") : NULL;
  const char *type = map ? air_map_get_string (body, "token_type") : NULL;
  const char *refresh_token = map ? air_map_get_string (body, "refresh_token") : NULL;
  gint64 life;

  if (response->status != 200)
    {
      const char *code = map ? air_map_get_string (body, "error") : NULL;
      gboolean passing = response->status == 408 || response->status == 429 || response->status >= 500;

      /* The code is one of the protocol's words; the description may be anything. */
      g_set_error (error, AIR_OPERATION_ERROR, passing ? AIR_OPERATION_ERROR_INPUT : AIR_OPERATION_ERROR_SECRET,
                   "connector '%s': no token: HTTP %d%s%s", self->connector, response->status, code != NULL ? ", " : "",
                   code != NULL && strlen (code) < 64 ? code : "");
      return NULL;
    }
  if (token == NULL || *token == '\0' || !air_http_header_value_is_valid (token)
      || (type != NULL && g_ascii_strcasecmp (type, "bearer") != 0))
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET,
                   "connector '%s': the token server's answer holds no bearer token", self->connector);
      return NULL;
    }
  life = air_map_get_int (body, "expires_in", DEFAULT_LIFE_S);
  *ret_seconds = CLAMP (life - MARGIN_S, 0, MAX_LIFE_S);
  *ret_refresh_token = refresh_token != NULL && *refresh_token != '\0' ? g_strdup (refresh_token) : NULL;
  return g_strdup (token);
}

/**
 * air_auth_add_token:
 * @self: how a connector shows who it is
 * @request: gets the credentials, in place of those that were there
 * @token: what air_auth_read_token() gave
 *
 * Puts "Authorization: Bearer" into the request (RFC 6750), as a secret.
 */
void
air_auth_add_token (const AirAuth *self, AirHttpRequest *request, const char *token)
{
  g_autofree char *value = g_strconcat ("Bearer ", token, NULL);

  for (guint i = request->headers->len; i > 0; i--)
    if (g_ascii_strcasecmp (((AirHttpHeader *) request->headers->pdata[i - 1])->name, "Authorization") == 0)
      g_ptr_array_remove_index (request->headers, i - 1);
  air_http_request_add_header (request, "Authorization", value, TRUE);
}
