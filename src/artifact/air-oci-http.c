/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact.h"
#include "air-oci-auth.h"
#include "air-oci-http.h"

#define TIMEOUT_S     60
#define MAX_REDIRECTS 5
#define MAX_TRIES     4
#define MAX_WAIT_S    10

struct _AirOciHttp {
  char *authority;
  char *base;
  SoupSession *session;
  GTlsCertificate *certificate; /* nullable */
  char *credentials;            /* nullable: "Basic …" */
  char *authorization;          /* nullable: what the last challenge led to */
};

/* The proxy that the environment names, as curl and the other tools for registries read it; none for this machine. */
static GProxyResolver *
new_proxy_resolver (gboolean plain)
{
  const char *const names[] = { plain ? "http_proxy" : "https_proxy", plain ? "http_proxy" : "HTTPS_PROXY" };
  const char *proxy = g_getenv (names[0]), *none = g_getenv ("no_proxy");
  g_autofree char *ignored = g_strconcat ("localhost,127.0.0.0/8,::1", none != NULL ? "," : NULL, none, NULL);
  g_auto (GStrv) hosts = g_strsplit (ignored, ",", -1);

  if (proxy == NULL)
    proxy = g_getenv (names[1]);
  if (proxy == NULL || *proxy == '\0')
    return NULL;
  return g_simple_proxy_resolver_new (proxy, hosts);
}

/**
 * air_oci_http_new:
 * @authority: host, and port where it is not the usual one
 * @options: (nullable)
 *
 * Returns: (transfer full): the host, nothing asked yet; or %NULL with %AIR_ARTIFACT_ERROR_UNSUPPORTED, _ACCESS or an
 *   error of the files the options name
 */
AirOciHttp *
air_oci_http_new (const char *authority, const AirRegistryOptions *options, GError **error)
{
  static const AirRegistryOptions none = { 0 };
  g_autoptr (AirOciHttp) self = g_new0 (AirOciHttp, 1);
  g_autoptr (GProxyResolver) resolver = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GError) local = NULL;

  if (options == NULL)
    options = &none;
  self->authority = g_strdup (authority);
  self->base = g_strconcat (options->plain_http ? "http://" : "https://", authority, NULL);
  uri = g_uri_parse (self->base, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL
      || *g_uri_get_path (uri) != '\0')
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
                   "\"%s\" is no host of a registry; write registry.example or registry.example:5000", authority);
      return NULL;
    }
  if (options->ca_file != NULL)
    {
      g_autofree char *path = g_canonicalize_filename (options->ca_file, NULL);

      database = g_tls_file_database_new (path, &local);
      if (database == NULL)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
                       "%s: %s; give the certificates of the registry's authority (PEM)", options->ca_file,
                       local->message);
          return NULL;
        }
    }
  if (options->certificate_file != NULL)
    {
      self->certificate = g_tls_certificate_new_from_files (
          options->certificate_file, options->key_file != NULL ? options->key_file : options->certificate_file, &local);
      if (self->certificate == NULL)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
                       "%s: %s; give a certificate and its key (PEM)", options->certificate_file, local->message);
          return NULL;
        }
    }
  self->credentials = air_oci_credentials_find (options->auth_file, authority, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  resolver = new_proxy_resolver (options->plain_http);
  self->session = soup_session_new_with_options ("proxy-resolver", resolver, "timeout", TIMEOUT_S, "user-agent",
                                                 "airailsctl/" AIR_VERSION, "tls-database", database, NULL);
  if (database == NULL)
    {
      g_autoptr (GTlsDatabase) system = g_tls_backend_get_default_database (g_tls_backend_get_default ());

      soup_session_set_tls_database (self->session, system);
    }
  /* Who one is, is said here, to this host alone. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  return g_steal_pointer (&self);
}

/**
 * air_oci_http_get_base:
 * @self: a host
 *
 * Returns: (transfer none): "https://registry.example", for messages
 */
const char *
air_oci_http_get_base (AirOciHttp *self)
{
  return self->base;
}

void
air_oci_answer_free (AirOciAnswer *self)
{
  if (self == NULL)
    return;
  soup_message_headers_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}

/* --- one exchange ---------------------------------------------------------------------- */

static GBytes *
read_body (GInputStream *stream, gsize max_size, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  guint8 buffer[65536];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, error)) > 0)
    {
      if ((gsize) n > max_size - body->len)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                       "the registry's answer is longer than the %" G_GSIZE_FORMAT " bytes it may have", max_size);
          return NULL;
        }
      g_byte_array_append (body, buffer, n);
    }
  return n == 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&body)) : NULL;
}

static char *
get_authority (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return NULL;
  return g_strdup_printf ("%s://%s:%d", g_uri_get_scheme (uri), g_uri_get_host (uri), g_uri_get_port (uri));
}

static gboolean
is_same_host (AirOciHttp *self, const char *url)
{
  g_autofree char *ours = get_authority (self->base), *theirs = get_authority (url);

  return g_strcmp0 (ours, theirs) == 0;
}

static AirOciAnswer *
exchange (AirOciHttp *self, const AirOciRequest *request, const char *url, const char *authorization, GError **error)
{
  g_autoptr (SoupMessage) message = soup_message_new (request->method, url);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) body = NULL;
  SoupMessageHeaders *headers;
  AirOciAnswer *answer;

  if (message == NULL)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "%s: is no address", url);
      return NULL;
    }
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /* One request at a time gains nothing by HTTP/2, and libsoup 3.6.5 stumbles over a handshake refused there. */
  soup_message_set_force_http1 (message, TRUE);
  /* What is sent twice here is named by its digest, or only reads; an upload that is begun twice is harmless. */
  if (!request->once)
    soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  headers = soup_message_get_request_headers (message);
  if (authorization != NULL)
    soup_message_headers_replace (headers, "Authorization", authorization);
  if (request->accept != NULL)
    soup_message_headers_replace (headers, "Accept", request->accept);
  if (request->range != NULL)
    soup_message_headers_replace (headers, "Content-Range", request->range);
  /* Bytes are compared with digests: as they are. */
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, request->content_type, request->body);
  if (self->certificate != NULL && is_same_host (self, url))
    soup_message_set_tls_client_certificate (message, self->certificate);
  stream = soup_session_send (self->session, message, NULL, error);
  body = stream != NULL ? read_body (stream, request->max_size, error) : NULL;
  if (body == NULL)
    return NULL;
  answer = g_new0 (AirOciAnswer, 1);
  answer->status = soup_message_get_status (message);
  answer->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
  answer->body = g_steal_pointer (&body);
  return answer;
}

/* Blobs may lie elsewhere. Credentials stay here, and nothing goes from TLS to none. */
static AirOciAnswer *
exchange_following (AirOciHttp *self, const AirOciRequest *request, GError **error)
{
  g_autofree char *url = g_uri_resolve_relative (self->base, request->url, G_URI_FLAGS_ENCODED, error);

  for (guint i = 0; url != NULL && i <= MAX_REDIRECTS; i++)
    {
      g_autoptr (AirOciAnswer) answer =
          exchange (self, request, url, is_same_host (self, url) ? self->authorization : NULL, error);
      const char *location;
      g_autofree char *next = NULL;

      if (answer == NULL)
        return NULL;
      location = soup_message_headers_get_one (answer->headers, "Location");
      if (!SOUP_STATUS_IS_REDIRECTION (answer->status) || location == NULL
          || (!g_str_equal (request->method, "GET") && !g_str_equal (request->method, "HEAD")))
        return g_steal_pointer (&answer);
      next = g_uri_resolve_relative (url, location, G_URI_FLAGS_ENCODED, NULL);
      if (next == NULL || (g_str_has_prefix (url, "https:") && !g_str_has_prefix (next, "https:")))
        break;
      g_free (url);
      url = g_steal_pointer (&next);
    }
  if (url != NULL)
    g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "%s: redirects to where nobody should follow",
                 self->base);
  return NULL;
}

/* --- who one is -------------------------------------------------------------------------- */

/* TRUE when there is something new to say. */
static gboolean
answer_challenge (AirOciHttp *self, const AirOciAnswer *refused, GError **error)
{
  g_autoptr (AirOciChallenge) challenge =
      air_oci_challenge_parse (soup_message_headers_get_list (refused->headers, "WWW-Authenticate"));
  g_autofree char *url = NULL, *token = NULL;
  g_autoptr (AirOciAnswer) answer = NULL;
  AirOciRequest request = { .method = "GET", .accept = "application/json", .max_size = 1 << 20 };

  if (challenge == NULL)
    return FALSE;
  if (g_str_equal (challenge->scheme, "basic"))
    {
      if (self->credentials == NULL || g_strcmp0 (self->authorization, self->credentials) == 0)
        return FALSE;
      g_set_str (&self->authorization, self->credentials);
      return TRUE;
    }
  url = air_oci_challenge_get_url (challenge);
  if (url == NULL)
    return FALSE;
  /* A password is not said in the clear to whomever the registry names. */
  if (self->credentials != NULL && !g_str_has_prefix (url, "https:") && g_str_has_prefix (self->base, "https:"))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS,
                   "%s: asks for the password at %s, without TLS; nothing was said", self->base, url);
      return FALSE;
    }
  request.url = url;
  answer = exchange (self, &request, url, self->credentials, error);
  if (answer == NULL)
    return FALSE;
  if (answer->status != 200)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS,
                   "%s: its token server answers %u; check the credentials (--auth-file)", self->base, answer->status);
      return FALSE;
    }
  token = air_oci_token_parse (answer->body, error);
  if (token == NULL)
    return FALSE;
  g_free (self->authorization);
  self->authorization = g_strconcat ("Bearer ", token, NULL);
  return TRUE;
}

static AirOciAnswer *
exchange_known (AirOciHttp *self, const AirOciRequest *request, GError **error)
{
  g_autoptr (AirOciAnswer) answer = exchange_following (self, request, error);
  g_autoptr (GError) local = NULL;

  if (answer == NULL)
    return NULL;
  if (answer->status == 401 && answer_challenge (self, answer, &local))
    {
      air_oci_answer_free (answer);
      answer = exchange_following (self, request, error);
      if (answer == NULL)
        return NULL;
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (answer->status == 401 || answer->status == 403)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_ACCESS, "%s: %s", self->base,
                   answer->status == 403       ? "does not let you; ask its owner for the right"
                   : self->credentials != NULL ? "does not know these credentials; log in again"
                                               : "wants to know who you are; give --auth-file, or a certificate");
      return NULL;
    }
  return g_steal_pointer (&answer);
}

/* --- again ------------------------------------------------------------------------------- */

static gboolean
is_passing (const AirOciAnswer *answer)
{
  return answer->status == 408 || answer->status == 429 || answer->status >= 500;
}

static void
pause_for (const AirOciAnswer *answer, guint try)
{
  const char *after = answer != NULL ? soup_message_headers_get_one (answer->headers, "Retry-After") : NULL;
  guint64 seconds = 0;

  if (after != NULL && g_ascii_string_to_unsigned (after, 10, 0, MAX_WAIT_S, &seconds, NULL) && seconds > 0)
    g_usleep (seconds * G_USEC_PER_SEC);
  else
    g_usleep ((100u << (2 * try)) * 1000);
}

/**
 * air_oci_http_send:
 * @self: a host
 * @request: what to ask
 *
 * Waits for the answer; pauses and tries again after 429, 5xx and broken connections, unless @request says once. Any
 * status is an answer, but 401 and 403, and those after all tries.
 *
 * Returns: (transfer full): the answer, or %NULL with %AIR_ARTIFACT_ERROR_ACCESS (401, 403) or _REGISTRY (429 and 5xx,
 *   no connection, TLS, an answer that is too large)
 */
AirOciAnswer *
air_oci_http_send (AirOciHttp *self, const AirOciRequest *request, GError **error)
{
  for (guint try = 0;; try++)
    {
      gboolean last = request->once || try + 1 >= MAX_TRIES;
      g_autoptr (GError) local = NULL;
      g_autoptr (AirOciAnswer) answer = exchange_known (self, request, &local);

      if (answer != NULL && !is_passing (answer))
        return g_steal_pointer (&answer);
      if (local != NULL && local->domain == AIR_ARTIFACT_ERROR)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (last && answer != NULL)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY,
                       "%s: answers %u; try again later, or ask its owner", self->base, answer->status);
          return NULL;
        }
      if (local != NULL && (last || local->domain == G_TLS_ERROR))
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "%s: %s; check the name%s", self->base,
                       local->message,
                       local->domain == G_TLS_ERROR ? ", and whose certificates count (--ca)" : " and the network");
          return NULL;
        }
      pause_for (answer, try);
    }
}

void
air_oci_http_free (AirOciHttp *self)
{
  if (self == NULL)
    return;
  g_free (self->authority);
  g_free (self->base);
  g_clear_object (&self->session);
  g_clear_object (&self->certificate);
  g_free (self->credentials);
  g_free (self->authorization);
  g_free (self);
}
