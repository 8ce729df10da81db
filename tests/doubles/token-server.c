/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "vendor"

#include "config.h"

#include "token-server.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"
#include "base/air-key.h"

#define JWT_BEARER "urn:ietf:params:oauth:grant-type:jwt-bearer"

void
token_server_init (TokenServer *self)
{
  *self = (TokenServer) { .client_id = "airails", .client_secret = "c0nfidential", .lifetime_s = 3600 };
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
token_server_clear (TokenServer *self)
{
  g_clear_pointer (&self->tokens, g_hash_table_unref);
  g_clear_pointer (&self->codes, g_hash_table_unref);
  g_clear_pointer (&self->used, g_hash_table_unref);
  g_clear_pointer (&self->refresh_token, g_free);
}

void
token_server_withdraw (TokenServer *self)
{
  g_hash_table_remove_all (self->tokens);
}

static VendorAnswer *
refuse (TokenServer *self, guint status, const char *code)
{
  AirValue *body = air_map_new ();

  self->n_refused++;
  air_map_set_string (body, "error", code);
  /* What a careless server does: it says aloud what it was told. */
  air_map_set_string (body, "error_description", "the secret c0nfidential, or the token, is not right");
  return vendor_answer_new (status, body);
}

static char *
make (TokenServer *self, const char *kind)
{
  return g_strdup_printf ("%s-%u-%08x", kind, ++self->n_made, g_random_int ());
}

static VendorAnswer *
give (TokenServer *self, gboolean with_refresh_token)
{
  AirValue *body = air_map_new ();
  g_autofree char *token = make (self, "access");
  gint64 *until = g_new (gint64, 1);
  VendorAnswer *answer;

  *until = self->lifetime_s > 0 ? g_get_monotonic_time () + self->lifetime_s * G_USEC_PER_SEC : G_MAXINT64;
  air_map_set_string (body, "access_token", token);
  air_map_set_string (body, "token_type", "Bearer");
  if (self->lifetime_s > 0)
    air_map_set_int (body, "expires_in", self->lifetime_s);
  if (with_refresh_token)
    {
      g_free (self->refresh_token);
      self->refresh_token = make (self, "refresh");
      air_map_set_string (body, "refresh_token", self->refresh_token);
    }
  g_hash_table_insert (self->tokens, g_steal_pointer (&token), until);
  self->n_given++;
  answer = vendor_answer_new (200, body);
  soup_message_headers_append (answer->headers, "Cache-Control", "no-store");
  return answer;
}

/* RFC 6749, 2.3.1: by header or in the body, and never in both. */
static gboolean
is_client (const TokenServer *self, const VendorRequest *request, GHashTable *form)
{
  const char *header = soup_message_headers_get_one (request->headers, "Authorization");
  const char *id = g_hash_table_lookup (form, "client_id"), *secret = g_hash_table_lookup (form, "client_secret");
  g_autofree char *expected = NULL, *encoded = NULL, *user = NULL, *password = NULL;

  if (header == NULL)
    return g_strcmp0 (id, self->client_id) == 0 && g_strcmp0 (secret, self->client_secret) == 0;
  if (secret != NULL)
    return FALSE;
  user = g_uri_escape_string (self->client_id, NULL, FALSE);
  password = g_uri_escape_string (self->client_secret, NULL, FALSE);
  expected = g_strconcat (user, ":", password, NULL);
  encoded = g_base64_encode ((const guchar *) expected, strlen (expected));
  return g_str_has_prefix (header, "Basic ") && strcmp (header + strlen ("Basic "), encoded) == 0;
}

/* r ‖ s → ASN.1 DER (RFC 7518, 3.4, the other way round). */
static GBytes *
to_der (const guint8 *raw)
{
  g_autoptr (GByteArray) body = g_byte_array_new (), whole = g_byte_array_new ();

  for (guint i = 0; i < 2; i++)
    {
      const guint8 *number = raw + 32 * i;
      guint skip = 0;
      guint8 head[3];

      while (skip < 31 && number[skip] == 0)
        skip++;
      head[0] = 0x02;
      head[1] = 32 - skip + (number[skip] >= 0x80);
      head[2] = 0;
      g_byte_array_append (body, head, number[skip] >= 0x80 ? 3 : 2);
      g_byte_array_append (body, number + skip, 32 - skip);
    }
  g_byte_array_append (whole, (const guint8[]) { 0x30, body->len }, 2);
  g_byte_array_append (whole, body->data, body->len);
  return g_byte_array_free_to_bytes (g_steal_pointer (&whole));
}

static AirValue *
read_part (const char *part)
{
  gsize length = 0;
  g_autofree guint8 *text = air_base64url_decode (part, strlen (part), &length);

  return text != NULL ? air_json_parse ((const char *) text, length, NULL) : NULL;
}

/* RFC 7523, 3: for us, of now, not seen before, signed by who may. */
static gboolean
is_good_assertion (TokenServer *self, const VendorRequest *request, const char *assertion)
{
  g_auto (GStrv) parts = g_strsplit (assertion != NULL ? assertion : "", ".", -1);
  g_autoptr (AirPublicKey) key = air_public_key_from_pem (self->public_key, NULL);
  g_autofree char *text = NULL, *us = NULL;
  g_autofree guint8 *raw = NULL;
  g_autoptr (AirValue) head = NULL, claims = NULL;
  g_autoptr (GBytes) signature = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *alg, *id;
  gsize length = 0;

  if (g_strv_length (parts) != 3 || key == NULL)
    return FALSE;
  head = read_part (parts[0]);
  claims = read_part (parts[1]);
  raw = air_base64url_decode (parts[2], strlen (parts[2]), &length);
  if (head == NULL || claims == NULL || raw == NULL || length != 64)
    return FALSE;
  alg = air_map_get_string (head, "alg");
  text = g_strconcat (parts[0], ".", parts[1], NULL);
  signature = g_strcmp0 (alg, "ES256") == 0 ? to_der (raw) : g_bytes_new (raw, length);
  us = g_strdup_printf ("http://%s/token", soup_message_headers_get_one (request->headers, "Host"));
  id = air_map_get_string (claims, "jti");
  return (g_strcmp0 (alg, "ES256") == 0 || g_strcmp0 (alg, "EdDSA") == 0)
         && air_public_key_verify (key, text, strlen (text), g_bytes_get_data (signature, NULL),
                                   g_bytes_get_size (signature), NULL)
         && g_strcmp0 (air_map_get_string (claims, "iss"), self->client_id) == 0
         && g_strcmp0 (air_map_get_string (claims, "aud"), us) == 0 && air_map_get_int (claims, "exp", 0) > now
         && air_map_get_int (claims, "exp", 0) <= now + 3600 && air_map_get_int (claims, "iat", 0) <= now + 1
         && id != NULL && g_hash_table_add (self->used, g_strdup (id));
}

static VendorAnswer *
refresh (TokenServer *self, const char *token)
{
  if (token == NULL || g_strcmp0 (token, self->refresh_token) != 0)
    {
      /* Used before: it was stolen, from us or from the one who has the next. */
      if (token != NULL && g_hash_table_contains (self->used, token))
        {
          g_clear_pointer (&self->refresh_token, g_free);
          token_server_withdraw (self);
        }
      return refuse (self, 400, "invalid_grant");
    }
  if (self->rotates)
    g_hash_table_add (self->used, g_strdup (token));
  return give (self, self->rotates);
}

/* RFC 7636, 4.6 */
static VendorAnswer *
redeem (TokenServer *self, GHashTable *form)
{
  const char *code = g_hash_table_lookup (form, "code"), *verifier = g_hash_table_lookup (form, "code_verifier");
  const char *redirect = g_hash_table_lookup (form, "redirect_uri");
  g_autofree char *key = NULL, *expected = NULL, *challenge = NULL, *is = NULL;
  AirDigest digest;

  if (code == NULL || verifier == NULL || redirect == NULL
      || !g_hash_table_steal_extended (self->codes, code, (gpointer *) &key, (gpointer *) &expected))
    return refuse (self, 400, "invalid_grant");
  digest = air_sha256 (verifier, strlen (verifier));
  challenge = air_base64url_encode (digest.bytes, sizeof digest.bytes);
  is = g_strconcat (challenge, " ", redirect, NULL);
  return strcmp (is, expected) == 0 ? give (self, TRUE) : refuse (self, 400, "invalid_grant");
}

static VendorAnswer *
ask (TokenServer *self, const VendorRequest *request)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
  g_autoptr (GHashTable) form = g_uri_parse_params (text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  const char *grant = form != NULL ? g_hash_table_lookup (form, "grant_type") : NULL;
  VendorAnswer *answer;

  self->n_asked++;
  if (self->fault_status != 0 || self->drops)
    {
      answer = vendor_answer_new (self->fault_status, NULL);
      answer->body = g_strdup (self->fault_body);
      answer->dropped = self->drops;
    }
  else if (g_strcmp0 (grant, JWT_BEARER) == 0)
    answer = is_good_assertion (self, request, g_hash_table_lookup (form, "assertion"))
                 ? give (self, FALSE)
                 : refuse (self, 400, "invalid_grant");
  else if (grant == NULL || !is_client (self, request, form))
    answer = refuse (self, 401, "invalid_client");
  else if (strcmp (grant, "client_credentials") == 0)
    answer = give (self, FALSE);
  else if (strcmp (grant, "refresh_token") == 0)
    answer = refresh (self, g_hash_table_lookup (form, "refresh_token"));
  else if (strcmp (grant, "authorization_code") == 0)
    answer = redeem (self, form);
  else
    answer = refuse (self, 400, "unsupported_grant_type");
  answer->delay_ms = self->delay_ms;
  return answer;
}

/* RFC 6749, 4.1.1 and 4.1.2; without PKCE nobody gets a code. */
static VendorAnswer *
authorize (TokenServer *self, const VendorRequest *request)
{
  GHashTable *query = request->query;
  const char *redirect = query != NULL ? g_hash_table_lookup (query, "redirect_uri") : NULL;
  const char *state = query != NULL ? g_hash_table_lookup (query, "state") : NULL;
  const char *challenge = query != NULL ? g_hash_table_lookup (query, "code_challenge") : NULL;
  g_autofree char *code = NULL, *escaped = NULL, *location = NULL;
  VendorAnswer *answer;

  /* RFC 8252, 7.3: a port of the loopback, whichever. */
  if (redirect == NULL || state == NULL || challenge == NULL || strlen (challenge) != 43
      || !g_str_has_prefix (redirect, "http://127.0.0.1:")
      || g_strcmp0 (g_hash_table_lookup (query, "client_id"), self->client_id) != 0
      || g_strcmp0 (g_hash_table_lookup (query, "response_type"), "code") != 0
      || g_strcmp0 (g_hash_table_lookup (query, "code_challenge_method"), "S256") != 0)
    return refuse (self, 400, "invalid_request");
  escaped = g_uri_escape_string (state, NULL, FALSE);
  if (self->denies)
    location = g_strdup_printf ("%s?error=access_denied&state=%s", redirect, escaped);
  else
    {
      code = make (self, "code");
      location = g_strdup_printf ("%s?code=%s&state=%s", redirect, code, escaped);
      g_hash_table_insert (self->codes, g_steal_pointer (&code), g_strconcat (challenge, " ", redirect, NULL));
    }
  answer = vendor_answer_new (302, NULL);
  soup_message_headers_append (answer->headers, "Location", location);
  return answer;
}

static VendorAnswer *
do_thing (TokenServer *self, const VendorRequest *request)
{
  const char *given = soup_message_headers_get_one (request->headers, "Authorization");
  const gint64 *until = given != NULL && g_str_has_prefix (given, "Bearer ")
                            ? g_hash_table_lookup (self->tokens, given + strlen ("Bearer "))
                            : NULL;
  AirValue *body = air_map_new ();
  VendorAnswer *answer;

  if (until == NULL || *until < g_get_monotonic_time () || self->deaf)
    {
      self->n_refused++;
      air_map_set_string (body, "error", "invalid_token");
      answer = vendor_answer_new (401, body);
      soup_message_headers_append (answer->headers, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
      return answer;
    }
  self->n_things++;
  air_map_set_int (body, "id", self->n_things);
  return vendor_answer_new (201, body);
}

VendorAnswer *
token_server_handle (const VendorRequest *request, gpointer self)
{
  if (strcmp (request->path, "/token") == 0 && strcmp (request->method, "POST") == 0)
    return ask (self, request);
  if (strcmp (request->path, "/authorize") == 0 && strcmp (request->method, "GET") == 0)
    return authorize (self, request);
  if (strcmp (request->path, "/things") == 0 && strcmp (request->method, "POST") == 0)
    return do_thing (self, request);
  return refuse (self, 404, "not_found");
}
