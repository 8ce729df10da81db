/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures over requests: AWS Signature Version 4, OAuth 1.0 (RFC 5849), and a vendor's own HMAC. */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include <string.h>

#include "air-auth-private.h"
#include "air-operation-private.h"
#include "base/air-hash.h"

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const AirHttpHeader *x = *(AirHttpHeader *const *) a, *y = *(AirHttpHeader *const *) b;
  int order = strcmp (x->name, y->name);

  return order != 0 ? order : strcmp (x->value, y->value);
}

/* Escaped, sorted, joined: what both schemes sign of a query. */
static char *
normalize (GPtrArray *pairs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < pairs->len; i++)
    {
      AirHttpHeader *pair = pairs->pdata[i];
      char *name = air_auth_escape (pair->name), *value = air_auth_escape (pair->value);

      g_free (pair->name);
      g_free (pair->value);
      pair->name = name;
      pair->value = value;
    }
  g_ptr_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < pairs->len; i++)
    {
      const AirHttpHeader *pair = pairs->pdata[i];

      g_string_append_printf (text, "%s%s=%s", i > 0 ? "&" : "", pair->name, pair->value);
    }
  return g_string_free (text, FALSE);
}

static GUri *
parse_url (const AirHttpRequest *request, GError **error)
{
  GUri *uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL);

  if (uri == NULL)
    g_set_error_literal (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_INPUT, "the address cannot be read");
  return uri;
}

/* host, and the port where it is not the scheme's own: as it stands in the Host header. */
static char *
get_host (GUri *uri)
{
  int port = g_uri_get_port (uri);
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);

  return port < 0 ? g_steal_pointer (&host) : g_strdup_printf ("%s:%d", host, port);
}

static char *
hash_body (const AirHttpRequest *request)
{
  gsize length = 0;
  const void *data = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;
  AirDigest digest = air_sha256 (data, length);

  return air_digest_to_hex (&digest);
}

/* --- AWS Signature Version 4 -------------------------------------------------------------------- */

static GBytes *
chain (GBytes *take_key, const char *text)
{
  gsize length;
  const void *data = g_bytes_get_data (take_key, &length);
  GBytes *next = air_auth_hmac (G_CHECKSUM_SHA256, data, length, text, strlen (text));

  g_bytes_unref (take_key);
  return next;
}

static int
compare_headers (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(AirHttpHeader *const *) a)->name, (*(AirHttpHeader *const *) b)->name);
}

static void
pair_free (gpointer data)
{
  AirHttpHeader *pair = data;

  g_free (pair->name);
  g_free (pair->value);
  g_free (pair);
}

/* "host:…\nx-amz-date:…\n", and "host;x-amz-date". */
static char *
canonical_headers (const AirHttpRequest *request, const char *host, char **ret_names)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (pair_free);
  GString *text = g_string_new (NULL), *names = g_string_new (NULL);

  for (guint i = 0; i <= request->headers->len; i++)
    {
      const AirHttpHeader *header = i < request->headers->len ? request->headers->pdata[i] : NULL;
      AirHttpHeader *pair = g_new0 (AirHttpHeader, 1);

      pair->name = g_ascii_strdown (header != NULL ? header->name : "host", -1);
      pair->value = g_strstrip (g_strdup (header != NULL ? header->value : host));
      g_ptr_array_add (all, pair);
    }
  g_ptr_array_sort (all, compare_headers);
  for (guint i = 0; i < all->len; i++)
    {
      const AirHttpHeader *pair = all->pdata[i];
      gboolean space = FALSE;

      g_string_append_printf (names, "%s%s", i > 0 ? ";" : "", pair->name);
      g_string_append_printf (text, "%s:", pair->name);
      for (const char *p = pair->value; *p != '\0'; p++)
        {
          if (*p != ' ' || !space)
            g_string_append_c (text, *p);
          space = *p == ' ';
        }
      g_string_append_c (text, '\n');
    }
  *ret_names = g_string_free (names, FALSE);
  return g_string_free (text, FALSE);
}

/* Every segment escaped once more, but at S3, which signs the path as it is sent. */
static char *
canonical_path (const char *path, gboolean once)
{
  if (*path == '\0')
    return g_strdup ("/");
  return once ? g_strdup (path) : g_uri_escape_string (path, "/", FALSE);
}

gboolean
air_auth_sign_sigv4 (const AirAuth *self, AirHttpRequest *request, gint64 now_us, GError **error)
{
  g_autoptr (GUri) uri = parse_url (request, error);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format (time, "%Y%m%dT%H%M%SZ"), *day = g_date_time_format (time, "%Y%m%d");
  g_autofree char *hash = hash_body (request), *scope = NULL, *host = NULL, *query = NULL, *path = NULL, *names = NULL,
                  *headers = NULL, *canonical = NULL, *to_sign = NULL, *canonical_hex = NULL, *signature = NULL,
                  *value = NULL, *first = NULL;
  const char *region = air_auth_get (self, "region"), *service = air_auth_get (self, "service");
  const char *session = air_auth_get (self, "session_token");
  g_autoptr (GPtrArray) pairs = NULL;
  g_autoptr (GBytes) key = NULL, mac = NULL;
  AirDigest digest;
  gsize length;

  if (uri == NULL)
    return FALSE;
  air_http_request_add_header (request, "X-Amz-Date", stamp, FALSE);
  if (strcmp (service, "s3") == 0)
    air_http_request_add_header (request, "X-Amz-Content-Sha256", hash, FALSE);
  if (session != NULL)
    air_http_request_add_header (request, "X-Amz-Security-Token", session, TRUE);

  host = get_host (uri);
  pairs = air_auth_parse_query (g_uri_get_query (uri), FALSE);
  query = normalize (pairs);
  path = canonical_path (g_uri_get_path (uri), strcmp (service, "s3") == 0);
  headers = canonical_headers (request, host, &names);
  canonical = g_strdup_printf ("%s\n%s\n%s\n%s\n%s\n%s", request->method, path, query, headers, names, hash);
  digest = air_sha256 (canonical, strlen (canonical));
  canonical_hex = air_digest_to_hex (&digest);
  scope = g_strdup_printf ("%s/%s/%s/aws4_request", day, region, service);
  to_sign = g_strdup_printf ("AWS4-HMAC-SHA256\n%s\n%s\n%s", stamp, scope, canonical_hex);

  first = g_strconcat ("AWS4", air_auth_get (self, "secret_key"), NULL);
  key = chain (g_bytes_new (first, strlen (first)), day);
  key = chain (g_steal_pointer (&key), region);
  key = chain (g_steal_pointer (&key), service);
  key = chain (g_steal_pointer (&key), "aws4_request");
  mac = chain (g_bytes_ref (key), to_sign);
  {
    const void *data = g_bytes_get_data (mac, &length);

    signature = air_hex_encode (data, length);
  }
  value = g_strdup_printf ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                           air_auth_get (self, "access_key"), scope, names, signature);
  air_http_request_add_header (request, "Authorization", value, TRUE);
  return TRUE;
}

/* --- OAuth 1.0 ------------------------------------------------------------------------------------ */

static void
add_pair (GPtrArray *pairs, const char *name, const char *value)
{
  AirHttpHeader *pair = g_new0 (AirHttpHeader, 1);

  pair->name = g_strdup (name);
  pair->value = g_strdup (value);
  g_ptr_array_add (pairs, pair);
}

/* RFC 5849, 3.4.1.2: no query, no usual port. */
static char *
base_url (GUri *uri)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);
  int port = g_uri_get_port (uri);
  gboolean secure = g_str_equal (g_uri_get_scheme (uri), "https");

  if (port < 0 || port == (secure ? 443 : 80))
    return g_strdup_printf ("%s://%s%s", g_uri_get_scheme (uri), host,
                            *g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/");
  return g_strdup_printf ("%s://%s:%d%s", g_uri_get_scheme (uri), host, port,
                          *g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/");
}

gboolean
air_auth_sign_oauth1 (const AirAuth *self, AirHttpRequest *request, gint64 now_us, const char *nonce, GError **error)
{
  const char *method = air_auth_get (self, "method"), *token = air_auth_get (self, "token");
  const char *realm = air_auth_get (self, "realm"), *type = air_http_request_get_header (request, "Content-Type");
  gboolean sha256 = g_strcmp0 (method, "HMAC-SHA256") == 0;
  g_autoptr (GUri) uri = parse_url (request, error);
  g_autofree char *stamp = g_strdup_printf ("%" G_GINT64_FORMAT, now_us / G_USEC_PER_SEC), *url = NULL,
                  *parameters = NULL, *escaped_url = NULL, *escaped_parameters = NULL, *text = NULL, *consumer = NULL,
                  *secret = NULL, *key = NULL, *signature = NULL;
  const struct {
    const char *name, *value;
  } own[] = {
    { "oauth_consumer_key", air_auth_get (self, "consumer_key") },
    { "oauth_token", token },
    { "oauth_signature_method", sha256 ? "HMAC-SHA256" : "HMAC-SHA1" },
    { "oauth_timestamp", stamp },
    { "oauth_nonce", nonce },
    { "oauth_version", "1.0" },
  };
  g_autoptr (GPtrArray) pairs = NULL;
  g_autoptr (GString) value = g_string_new ("OAuth ");
  g_autoptr (GBytes) mac = NULL;

  if (uri == NULL)
    return FALSE;
  pairs = air_auth_parse_query (g_uri_get_query (uri), FALSE);
  if (request->body != NULL && type != NULL && g_str_has_prefix (type, "application/x-www-form-urlencoded"))
    {
      g_autofree char *form = g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
      g_autoptr (GPtrArray) more = air_auth_parse_query (form, TRUE);

      for (guint i = 0; i < more->len; i++)
        add_pair (pairs, ((AirHttpHeader *) more->pdata[i])->name, ((AirHttpHeader *) more->pdata[i])->value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (own[i].value != NULL)
      add_pair (pairs, own[i].name, own[i].value);
  parameters = normalize (pairs);
  url = base_url (uri);
  escaped_url = air_auth_escape (url);
  escaped_parameters = air_auth_escape (parameters);
  text = g_strdup_printf ("%s&%s&%s", request->method, escaped_url, escaped_parameters);
  consumer = air_auth_escape (air_auth_get (self, "consumer_secret"));
  secret = air_auth_escape (air_auth_get (self, "token_secret") != NULL ? air_auth_get (self, "token_secret") : "");
  key = g_strdup_printf ("%s&%s", consumer, secret);
  mac = air_auth_hmac (sha256 ? G_CHECKSUM_SHA256 : G_CHECKSUM_SHA1, key, strlen (key), text, strlen (text));
  signature = g_base64_encode (g_bytes_get_data (mac, NULL), g_bytes_get_size (mac));

  if (realm != NULL)
    g_string_append_printf (value, "realm=\"%s\", ", realm);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (own[i].value != NULL)
      {
        g_autofree char *escaped = air_auth_escape (own[i].value);

        g_string_append_printf (value, "%s=\"%s\", ", own[i].name, escaped);
      }
  {
    g_autofree char *escaped = air_auth_escape (signature);

    g_string_append_printf (value, "oauth_signature=\"%s\"", escaped);
  }
  air_http_request_add_header (request, "Authorization", value->str, TRUE);
  return TRUE;
}

/* --- a vendor's own ------------------------------------------------------------------------------- */

gboolean
air_auth_sign_hmac (const AirAuth *self, AirHttpRequest *request, gint64 now_us, GError **error)
{
  const char *algorithm = air_auth_get (self, "algorithm"), *encoding = air_auth_get (self, "encoding");
  const char *separator = air_auth_get (self, "separator"), *prefix = air_auth_get (self, "prefix");
  const char *stamp_header = air_auth_get (self, "timestamp_header"), *secret = air_auth_get (self, "secret");
  g_autofree char *stamp = g_strdup_printf ("%" G_GINT64_FORMAT, now_us / G_USEC_PER_SEC), *text = NULL, *value = NULL;
  g_auto (GStrv) parts = g_strsplit (air_auth_get (self, "message"), " ", -1);
  g_autoptr (GUri) uri = parse_url (request, error);
  g_autoptr (GString) message = g_string_new (NULL);
  g_autoptr (GBytes) mac = NULL;

  if (uri == NULL)
    return FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append (message, separator != NULL ? separator : "");
      if (strcmp (parts[i], "timestamp") == 0)
        g_string_append (message, stamp);
      else if (strcmp (parts[i], "method") == 0)
        g_string_append (message, request->method);
      else if (strcmp (parts[i], "path") == 0)
        g_string_append (message, g_uri_get_path (uri));
      else if (strcmp (parts[i], "query") == 0)
        g_string_append (message, g_uri_get_query (uri) != NULL ? g_uri_get_query (uri) : "");
      else if (strcmp (parts[i], "body") == 0)
        {
          if (request->body != NULL)
            g_string_append_len (message, g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
        }
      else
        {
          g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_DOCUMENT,
                       "connector '%s': auth.message: '%s' is none of timestamp, method, path, query, body",
                       self->connector, parts[i]);
          return FALSE;
        }
    }
  mac = air_auth_hmac (g_strcmp0 (algorithm, "sha512") == 0 ? G_CHECKSUM_SHA512 : G_CHECKSUM_SHA256, secret,
                       strlen (secret), message->str, message->len);
  text = g_strcmp0 (encoding, "base64") == 0 ? g_base64_encode (g_bytes_get_data (mac, NULL), g_bytes_get_size (mac))
                                             : air_hex_encode (g_bytes_get_data (mac, NULL), g_bytes_get_size (mac));
  value = g_strconcat (prefix != NULL ? prefix : "", text, NULL);
  if (stamp_header != NULL)
    air_http_request_add_header (request, stamp_header, stamp, FALSE);
  air_http_request_add_header (request, air_auth_get (self, "header"), value, TRUE);
  return TRUE;
}
