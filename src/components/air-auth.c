/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-auth-private.h"
#include "air-operation-private.h"

/* What each kind needs and may have: "!" marks what is a must. */
static const struct {
  const char *name;
  const char *fields;
} kinds[AIR_N_AUTH_KINDS] = {
  [AIR_AUTH_NONE] = { "none", "" },
  [AIR_AUTH_BEARER] = { "bearer", "!token" },
  [AIR_AUTH_BASIC] = { "basic", "!user !password" },
  [AIR_AUTH_HEADER_KEY] = { "header-key", "!header !key" },
  [AIR_AUTH_QUERY_KEY] = { "query-key", "!parameter !key" },
  [AIR_AUTH_PATH_KEY] = { "path-key", "!key prefix" },
  [AIR_AUTH_HMAC] = { "hmac", "!secret !header !message algorithm encoding prefix separator timestamp_header" },
  [AIR_AUTH_SIGV4] = { "sigv4", "!access_key !secret_key !region !service session_token" },
  [AIR_AUTH_OAUTH1] = { "oauth1", "!consumer_key !consumer_secret token token_secret realm method" },
  [AIR_AUTH_OAUTH2] = { "oauth2",
                        "!grant !token_url authorize_url client_id client_secret client_auth refresh_token scope "
                        "audience issuer subject key key_id" },
};

const char *
air_auth_get (const AirAuth *self, const char *name)
{
  return g_hash_table_lookup (self->fields, name);
}

/* Credentials are rendered here and nowhere else: no operation ever sees a secret. */
static gboolean
render (AirAuth *self, const AirValue *auth, const char *name, gboolean must, const AirValue *bindings, GError **error)
{
  AirValue *tree = air_member (auth, name);
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (AirValue) value = NULL;
  const char *text;

  if (tree == NULL && !must)
    return TRUE;
  if (tree == NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT, "connector '%s': auth has no %s; add it",
                   self->connector, name);
      return FALSE;
    }
  template = air_template_compile (tree, NULL, NULL);
  value = template != NULL ? air_template_render (template, bindings, NULL) : NULL;
  text = value != NULL && air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, NULL) : NULL;
  /* A key in PEM has lines; what goes into a header has none. */
  if (text == NULL || *text == '\0' || (strcmp (name, "key") != 0 && !air_http_header_value_is_valid (text)))
    {
      /* Not the template's own message: it might tell of the secret. */
      g_set_error (
          error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET,
          "connector '%s': the secret for auth.%s is missing or no plain text; put it in the connector's secret file",
          self->connector, name);
      return FALSE;
    }
  g_hash_table_insert (self->fields, g_strdup (name), g_strdup (text));
  return TRUE;
}

/* "${secret.NAME}": a rotated token goes where it came from. */
static char *
find_secret_name (const AirValue *auth, const char *field)
{
  const char *text = air_map_get_string (auth, field);
  gsize length = text != NULL ? strlen (text) : 0;

  if (length <= strlen ("${secret.}") || !g_str_has_prefix (text, "${secret.") || text[length - 1] != '}')
    return NULL;
  return g_strndup (text + strlen ("${secret."), length - strlen ("${secret.}"));
}

static gboolean
check_fields (const AirAuth *self, GError **error)
{
  const char *header = air_auth_get (self, "header"), *key = air_auth_get (self, "key"),
             *grant = air_auth_get (self, "grant");
  static const char *const grants[] = { "client_credentials", "refresh_token", "jwt_bearer", NULL };

  if (header != NULL && !air_http_header_name_is_valid (header))
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                   "connector '%s': auth.header is no header name", self->connector);
      return FALSE;
    }
  if (self->kind == AIR_AUTH_HEADER_KEY && !air_http_header_value_is_valid (key))
    {
      g_set_error (
          error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_SECRET,
          "connector '%s': the secret for auth.key is missing or no plain text; put it in the connector's secret file",
          self->connector);
      return FALSE;
    }
  if (grant != NULL && !g_strv_contains (grants, grant))
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                   "connector '%s': auth.grant '%s' is none of client_credentials, refresh_token, jwt_bearer",
                   self->connector, grant);
      return FALSE;
    }
  if (grant != NULL
      && ((strcmp (grant, "jwt_bearer") == 0 && (key == NULL || air_auth_get (self, "issuer") == NULL))
          || (strcmp (grant, "refresh_token") == 0 && air_auth_get (self, "refresh_token") == NULL)
          || (strcmp (grant, "jwt_bearer") != 0 && air_auth_get (self, "client_id") == NULL)))
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                   "connector '%s': auth lacks what the grant %s needs (client_id; refresh_token; issuer and key)",
                   self->connector, grant);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_auth_new:
 * @auth: the `auth` of a connector's document
 * @secrets: (nullable) (transfer none): map of name to text
 * @connector: the connector's id, for messages
 * @error: return location
 *
 * Returns: (transfer full): how the connector shows who it is, or %NULL with %AIR_OPERATION_ERROR_DOCUMENT or
 *   %AIR_OPERATION_ERROR_SECRET; no message holds a secret
 */
AirAuth *
air_auth_new (const AirValue *auth, AirValue *secrets, const char *connector, GError **error)
{
  const char *kind = air_map_get_string (auth, "kind");
  g_autoptr (AirAuth) self = g_new0 (AirAuth, 1);
  g_autoptr (AirValue) bindings = air_map_new ();
  g_auto (GStrv) names = NULL;

  self->connector = g_strdup (connector);
  self->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  air_map_set (bindings, "secret", secrets != NULL ? air_value_ref (secrets) : air_map_new ());
  while (self->kind < AIR_N_AUTH_KINDS && g_strcmp0 (kinds[self->kind].name, kind) != 0)
    self->kind++;
  if (self->kind == AIR_N_AUTH_KINDS)
    {
      g_set_error (
          error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
          "connector '%s': auth.kind '%s' is none of none, bearer, basic, header-key, query-key, path-key, hmac, "
          "sigv4, oauth1, oauth2",
          connector, kind != NULL ? kind : "");
      return NULL;
    }
  names = g_strsplit (kinds[self->kind].fields, " ", -1);
  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0' && !render (self, auth, names[i] + (*names[i] == '!'), *names[i] == '!', bindings, error))
      return NULL;
  self->refresh_secret = find_secret_name (auth, "refresh_token");
  return check_fields (self, error) ? g_steal_pointer (&self) : NULL;
}

void
air_auth_free (AirAuth *self)
{
  if (self == NULL)
    return;
  g_free (self->connector);
  g_free (self->refresh_secret);
  g_clear_pointer (&self->fields, g_hash_table_unref);
  g_free (self);
}

/* --- tools ------------------------------------------------------------------------------------ */

char *
air_auth_escape (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

GBytes *
air_auth_hmac (GChecksumType type, const void *key, gsize key_length, const char *text, gsize length)
{
  g_autoptr (GHmac) hmac = g_hmac_new (type, key, key_length);
  guint8 digest[64];
  gsize size = sizeof digest;

  g_hmac_update (hmac, (const guchar *) text, length);
  g_hmac_get_digest (hmac, digest, &size);
  return g_bytes_new (digest, size);
}

static void
pair_free (gpointer data)
{
  AirHttpHeader *pair = data;

  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

GPtrArray *
air_auth_parse_query (const char *query, gboolean form)
{
  GPtrArray *pairs = g_ptr_array_new_with_free_func (pair_free);
  g_auto (GStrv) parts = g_strsplit (query != NULL ? query : "", "&", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      AirHttpHeader *pair;
      const char *value = equals != NULL ? equals + 1 : "";

      if (*parts[i] == '\0')
        continue;
      if (equals != NULL)
        *equals = '\0';
      for (char *p = parts[i]; form && p < parts[i] + strlen (parts[i]); p++)
        if (*p == '+')
          *p = ' ';
      pair = g_new0 (AirHttpHeader, 1);
      {
        g_autofree char *plain = g_strdup (value);

        if (form)
          g_strdelimit (plain, "+", ' ');
        pair->name = g_uri_unescape_string (parts[i], NULL);
        pair->value = g_uri_unescape_string (plain, NULL);
      }
      if (pair->name == NULL || pair->value == NULL)
        pair_free (pair);
      else
        g_ptr_array_add (pairs, pair);
    }
  return pairs;
}

/* --- the same in every request ---------------------------------------------------------------- */

static gboolean
must_be_free (const AirAuth *self, const AirHttpRequest *request, const char *name, GError **error)
{
  if (air_http_request_get_header (request, name) == NULL)
    return TRUE;
  g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT,
               "the operation sets the header '%s', which carries the credentials of connector '%s'", name,
               self->connector);
  return FALSE;
}

static gboolean
add_header (const AirAuth *self, AirHttpRequest *request, const char *name, const char *value, GError **error)
{
  if (!must_be_free (self, request, name, error))
    return FALSE;
  air_http_request_add_header (request, name, value, TRUE);
  return TRUE;
}

/**
 * air_auth_apply:
 * @self: how a connector shows who it is
 * @base_url: the connector's
 * @request: gets the credentials
 * @error: return location
 *
 * Credentials that are the same in every request: bearer, basic, keys in header, query and path. Last but for signing,
 * when where it goes is certain. Does nothing for other kinds.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_INPUT when a secret cannot stand in a header
 */
gboolean
air_auth_apply (const AirAuth *self, const char *base_url, AirHttpRequest *request, GError **error)
{
  g_autofree char *value = NULL, *encoded = NULL;

  switch (self->kind)
    {
    case AIR_AUTH_BEARER:
      value = g_strconcat ("Bearer ", air_auth_get (self, "token"), NULL);
      return add_header (self, request, "Authorization", value, error);
    case AIR_AUTH_BASIC:
      value = g_strconcat (air_auth_get (self, "user"), ":", air_auth_get (self, "password"), NULL);
      encoded = g_base64_encode ((const guchar *) value, strlen (value));
      g_free (value);
      value = g_strconcat ("Basic ", encoded, NULL);
      return add_header (self, request, "Authorization", value, error);
    case AIR_AUTH_HEADER_KEY:
      return add_header (self, request, air_auth_get (self, "header"), air_auth_get (self, "key"), error);
    case AIR_AUTH_QUERY_KEY:
      encoded = air_auth_escape (air_auth_get (self, "key"));
      value = air_auth_escape (air_auth_get (self, "parameter"));
      request->shown_url = g_strdup (request->url);
      {
        char *url =
            g_strdup_printf ("%s%c%s=%s", request->url, strchr (request->url, '?') != NULL ? '&' : '?', value, encoded);

        g_free (request->url);
        request->url = url;
      }
      return TRUE;
    case AIR_AUTH_PATH_KEY:
      if (!g_str_has_prefix (request->url, base_url))
        g_return_val_if_reached (FALSE);
      /* The colon of "bot123:ABC" stays what it is. */
      encoded = g_uri_escape_string (air_auth_get (self, "key"), ":", FALSE);
      request->shown_url = g_strdup (request->url);
      {
        const char *prefix = air_auth_get (self, "prefix");
        char *url = g_strdup_printf ("%s/%s%s%s", base_url, prefix != NULL ? prefix : "", encoded,
                                     request->url + strlen (base_url));

        g_free (request->url);
        request->url = url;
      }
      return TRUE;
    case AIR_AUTH_OAUTH2:
      /* The token comes later. */
      return must_be_free (self, request, "Authorization", error);
    case AIR_AUTH_NONE:
    case AIR_AUTH_HMAC:
    case AIR_AUTH_SIGV4:
    case AIR_AUTH_OAUTH1:
    case AIR_N_AUTH_KINDS:
      break;
    }
  return TRUE;
}

/**
 * air_auth_sign:
 * @self: how a connector shows who it is
 * @request: the whole request, nothing of which changes any more
 * @now_us: microseconds since the Unix epoch
 * @nonce: for oauth1, used once
 * @error: return location
 *
 * Credentials that are computed over the whole request: AWS Signature Version 4, OAuth 1.0 (RFC 5849), HMAC. Does
 * nothing for other kinds.
 *
 * Returns: %FALSE with %AIR_OPERATION_ERROR_DOCUMENT or %AIR_OPERATION_ERROR_INPUT
 */
gboolean
air_auth_sign (const AirAuth *self, AirHttpRequest *request, gint64 now_us, const char *nonce, GError **error)
{
  switch (self->kind)
    {
    case AIR_AUTH_SIGV4:
      return air_auth_sign_sigv4 (self, request, now_us, error);
    case AIR_AUTH_OAUTH1:
      return air_auth_sign_oauth1 (self, request, now_us, nonce, error);
    case AIR_AUTH_HMAC:
      return air_auth_sign_hmac (self, request, now_us, error);
    case AIR_AUTH_NONE:
    case AIR_AUTH_BEARER:
    case AIR_AUTH_BASIC:
    case AIR_AUTH_HEADER_KEY:
    case AIR_AUTH_QUERY_KEY:
    case AIR_AUTH_PATH_KEY:
    case AIR_AUTH_OAUTH2:
    case AIR_N_AUTH_KINDS:
      break;
    }
  return TRUE;
}
