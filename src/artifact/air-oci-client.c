/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact.h"
#include "air-oci-client.h"
#include "air-oci-http.h"
#include "base/air-json.h"

#define MAX_MANIFEST (4u << 20) /* what registries must take, and a margin */
#define CHUNK        (4u << 20)
#define MAX_PAGES    100

struct _AirOciClient {
  AirOciHttp *http;
};

/**
 * air_oci_client_new:
 * @authority: "registry.example[:port]"
 * @options: (nullable): who one is and whom one trusts
 *
 * Asks nothing yet.
 *
 * Returns: (transfer full): the client, or %NULL with %AIR_ARTIFACT_ERROR_UNSUPPORTED, _ACCESS, an %AIR_JSON_ERROR
 *   or a %G_FILE_ERROR
 */
AirOciClient *
air_oci_client_new (const char *authority, const AirRegistryOptions *options, GError **error)
{
  AirOciHttp *http = air_oci_http_new (authority, options, error);
  AirOciClient *self;

  if (http == NULL)
    return NULL;
  self = g_new0 (AirOciClient, 1);
  self->http = http;
  return self;
}

/* The distribution specification's error bodies say why. */
static void
set_status_error (AirOciClient *self, const AirOciAnswer *answer, const char *what, GError **error)
{
  g_autoptr (AirValue) body = air_json_parse_bytes (answer->body, NULL);
  const AirValue *errors =
      body != NULL && air_value_get_kind (body) == AIR_VALUE_MAP ? air_map_get_list (body, "errors") : NULL;
  const AirValue *first = errors != NULL && air_list_get_size (errors) > 0 ? air_list_get (errors, 0) : NULL;
  const char *code =
      first != NULL && air_value_get_kind (first) == AIR_VALUE_MAP ? air_map_get_string (first, "code") : NULL;

  g_set_error (error, AIR_ARTIFACT_ERROR,
               answer->status == 404   ? AIR_ARTIFACT_ERROR_NOT_FOUND
               : answer->status == 409 ? AIR_ARTIFACT_ERROR_DENIED
                                       : AIR_ARTIFACT_ERROR_REGISTRY,
               "%s: %s: %s%s%u", air_oci_http_get_base (self->http), what, code != NULL ? code : "",
               code != NULL ? ", " : "", answer->status);
}

static gboolean
check_digest (AirOciClient *self, GBytes *bytes, const char *expected, const char *what, GError **error)
{
  g_autofree char *actual = air_oci_digest (bytes);

  if (strcmp (actual, expected) == 0)
    return TRUE;
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
               "%s: gave %s for %s: the bytes were changed; take nothing from it before its owner knows why",
               air_oci_http_get_base (self->http), actual, what);
  return FALSE;
}

/* --- manifests ------------------------------------------------------------------------- */

static GBytes *
get_manifest (AirOciClient *self, const char *repository, const char *reference, const char *accept, GError **error)
{
  g_autofree char *url = g_strdup_printf ("/v2/%s/manifests/%s", repository, reference);
  AirOciRequest request = { .method = "GET", .url = url, .accept = accept, .max_size = MAX_MANIFEST };
  g_autoptr (AirOciAnswer) answer = air_oci_http_send (self->http, &request, error);
  const char *named;

  if (answer == NULL)
    return NULL;
  if (answer->status != 200)
    {
      set_status_error (self, answer, reference, error);
      return NULL;
    }
  named = soup_message_headers_get_one (answer->headers, "Docker-Content-Digest");
  if (air_oci_is_digest (reference) && !check_digest (self, answer->body, reference, reference, error))
    return NULL;
  /* Other algorithms are allowed, and of no use here. */
  if (named != NULL && air_oci_is_digest (named) && !check_digest (self, answer->body, named, reference, error))
    return NULL;
  return g_bytes_ref (answer->body);
}

/**
 * air_oci_client_get_manifest:
 * @self: a client
 * @repository: its name in the registry
 * @reference: a tag or a digest
 *
 * Returns: (transfer full): the exact bytes, checked; or %NULL with %AIR_ARTIFACT_ERROR_NOT_FOUND where there is none,
 *   _DIGEST when the bytes are not those the digest, or the registry's own header, names, _ACCESS or _REGISTRY
 */
GBytes *
air_oci_client_get_manifest (AirOciClient *self, const char *repository, const char *reference, GError **error)
{
  return get_manifest (self, repository, reference, AIR_OCI_MANIFEST_TYPE, error);
}

static gboolean
put_manifest (AirOciClient *self,
              const char *repository,
              const char *reference,
              GBytes *manifest,
              const char *media_type,
              gboolean *ret_keeps_referrers,
              GError **error)
{
  g_autofree char *url = g_strdup_printf ("/v2/%s/manifests/%s", repository, reference);
  AirOciRequest request = {
    .method = "PUT", .url = url, .content_type = media_type, .body = manifest, .max_size = MAX_MANIFEST
  };
  g_autoptr (AirOciAnswer) answer = air_oci_http_send (self->http, &request, error);
  const char *named;

  if (answer == NULL)
    return FALSE;
  if (answer->status != 201 && answer->status != 200)
    {
      set_status_error (self, answer, reference, error);
      return FALSE;
    }
  *ret_keeps_referrers = soup_message_headers_get_one (answer->headers, "OCI-Subject") != NULL;
  named = soup_message_headers_get_one (answer->headers, "Docker-Content-Digest");
  return named == NULL || !air_oci_is_digest (named) || check_digest (self, manifest, named, reference, error);
}

/* "sha256-<hex>": where referrers lie at registries that know nothing of them. */
static char *
fallback_tag (const char *digest)
{
  return g_strconcat ("sha256-", digest + strlen ("sha256:"), NULL);
}

static AirValue *
get_fallback (AirOciClient *self, const char *repository, const char *digest, GError **error)
{
  g_autofree char *tag = fallback_tag (digest);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = get_manifest (self, repository, tag, AIR_OCI_INDEX_TYPE, &local);
  AirValue *index;

  if (bytes == NULL)
    {
      if (!g_error_matches (local, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      index = air_map_new ();
      air_map_set_int (index, "schemaVersion", 2);
      air_map_set_string (index, "mediaType", AIR_OCI_INDEX_TYPE);
      air_map_set (index, "manifests", air_list_new ());
      return index;
    }
  index = air_json_parse_bytes (bytes, error);
  if (index != NULL && (air_value_get_kind (index) != AIR_VALUE_MAP || air_map_get_list (index, "manifests") == NULL))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST, "%s: %s is no OCI image index",
                   air_oci_http_get_base (self->http), tag);
      g_clear_pointer (&index, air_value_unref);
    }
  return index;
}

static gboolean
add_fallback (AirOciClient *self, const char *repository, const char *subject, GBytes *manifest, GError **error)
{
  g_autoptr (AirValue) index = get_fallback (self, repository, subject, error);
  g_autoptr (AirValue) document = index != NULL ? air_json_parse_bytes (manifest, error) : NULL;
  g_autofree char *digest = air_oci_digest (manifest), *tag = fallback_tag (subject);
  g_autoptr (GBytes) bytes = NULL;
  const char *type;
  AirValue *list, *descriptor;
  gboolean keeps;

  if (document == NULL)
    return FALSE;
  list = air_map_get_list (index, "manifests");
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) == AIR_VALUE_MAP && g_strcmp0 (air_map_get_string (item, "digest"), digest) == 0)
        return TRUE;
    }
  descriptor = air_oci_descriptor (AIR_OCI_MANIFEST_TYPE, manifest);
  type = air_map_get_string (document, "artifactType");
  if (type != NULL)
    air_map_set_string (descriptor, "artifactType", type);
  air_list_append (list, descriptor);
  bytes = air_jcs_write_bytes (index, error);
  return bytes != NULL && put_manifest (self, repository, tag, bytes, AIR_OCI_INDEX_TYPE, &keeps, error);
}

/**
 * air_oci_client_put_manifest:
 * @self: a client
 * @repository: its name in the registry
 * @reference: a tag or a digest
 * @manifest: the exact bytes; its blobs are there already
 *
 * With its subject, where it has one: a registry that does not keep referrers gets them kept under the fallback tag.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_REGISTRY, _ACCESS, _DENIED, _NOT_FOUND, or _MANIFEST when @manifest is no
 *   JSON
 */
gboolean
air_oci_client_put_manifest (AirOciClient *self,
                             const char *repository,
                             const char *reference,
                             GBytes *manifest,
                             GError **error)
{
  g_autoptr (AirValue) document = air_json_parse_bytes (manifest, error);
  const char *subject;
  gboolean keeps = FALSE;

  if (document == NULL || !put_manifest (self, repository, reference, manifest, AIR_OCI_MANIFEST_TYPE, &keeps, error))
    return FALSE;
  subject = air_map_get_string (air_map_get_map (document, "subject"), "digest");
  return keeps || !air_oci_is_digest (subject) || add_fallback (self, repository, subject, manifest, error);
}

/* --- blobs ----------------------------------------------------------------------------- */

/**
 * air_oci_client_get_blob:
 * @self: a client
 * @repository: its name in the registry
 * @descriptor: {"digest", "size", …}; at most %AIR_OCI_MAX_BLOB bytes
 *
 * Returns: (transfer full): the blob it names, of that size and digest; or %NULL with %AIR_ARTIFACT_ERROR_MANIFEST,
 *   _DIGEST, _NOT_FOUND, _ACCESS or _REGISTRY
 */
GBytes *
air_oci_client_get_blob (AirOciClient *self, const char *repository, const AirValue *descriptor, GError **error)
{
  const char *digest = air_map_get_string (descriptor, "digest");
  gint64 size = air_map_get_int (descriptor, "size", -1);
  g_autofree char *url = NULL;
  AirOciRequest request = { .method = "GET" };
  g_autoptr (AirOciAnswer) answer = NULL;

  if (!air_oci_is_digest (digest) || size < 0 || size > AIR_OCI_MAX_BLOB)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
                   "%s: a descriptor has no sound digest or size; take a sound copy",
                   air_oci_http_get_base (self->http));
      return NULL;
    }
  url = g_strdup_printf ("/v2/%s/blobs/%s", repository, digest);
  request.url = url;
  request.max_size = size;
  answer = air_oci_http_send (self->http, &request, error);
  if (answer == NULL)
    return NULL;
  if (answer->status != 200)
    {
      set_status_error (self, answer, digest, error);
      return NULL;
    }
  return check_digest (self, answer->body, digest, digest, error) ? g_bytes_ref (answer->body) : NULL;
}

static gboolean
has_blob (AirOciClient *self, const char *repository, const char *digest, gboolean *ret_has, GError **error)
{
  g_autofree char *url = g_strdup_printf ("/v2/%s/blobs/%s", repository, digest);
  AirOciRequest request = { .method = "HEAD", .url = url, .max_size = 0 };
  g_autoptr (AirOciAnswer) answer = air_oci_http_send (self->http, &request, error);

  *ret_has = answer != NULL && answer->status == 200;
  return answer != NULL;
}

static char *
next_location (AirOciClient *self, const char *from, const AirOciAnswer *answer, GError **error)
{
  const char *location = soup_message_headers_get_one (answer->headers, "Location");
  g_autofree char *base = g_uri_resolve_relative (air_oci_http_get_base (self->http), from, G_URI_FLAGS_ENCODED, NULL);
  char *next = location != NULL ? g_uri_resolve_relative (base, location, G_URI_FLAGS_ENCODED, NULL) : NULL;

  if (next == NULL)
    g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "%s: does not say where to upload to",
                 air_oci_http_get_base (self->http));
  return next;
}

/* In one piece when it is small, in chunks when it is not. */
static gboolean
upload (AirOciClient *self, const char *repository, GBytes *blob, const char *digest, GError **error)
{
  g_autofree char *start = g_strdup_printf ("/v2/%s/blobs/uploads/", repository), *location = NULL, *last = NULL;
  g_autoptr (AirOciAnswer) begun = NULL, ended = NULL;
  AirOciRequest request = { .method = "POST", .url = start, .max_size = MAX_MANIFEST };
  gsize size = g_bytes_get_size (blob), at = 0;

  begun = air_oci_http_send (self->http, &request, error);
  if (begun == NULL)
    return FALSE;
  if (begun->status != 202)
    {
      set_status_error (self, begun, "an upload", error);
      return FALSE;
    }
  location = next_location (self, start, begun, error);
  while (location != NULL && size > CHUNK && at < size)
    {
      g_autoptr (GBytes) chunk = g_bytes_new_from_bytes (blob, at, MIN (CHUNK, size - at));
      gsize length = g_bytes_get_size (chunk);
      g_autofree char *range = g_strdup_printf ("%" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT, at, at + length - 1);
      AirOciRequest patch = { .method = "PATCH",
                              .url = location,
                              .content_type = "application/octet-stream",
                              .range = range,
                              .body = chunk,
                              .max_size = MAX_MANIFEST,
                              .once = TRUE };
      g_autoptr (AirOciAnswer) answer = air_oci_http_send (self->http, &patch, error);
      char *next;

      if (answer == NULL)
        return FALSE;
      if (answer->status != 202)
        {
          set_status_error (self, answer, "a chunk", error);
          return FALSE;
        }
      next = next_location (self, location, answer, error);
      g_free (location);
      location = next;
      at += length;
    }
  if (location == NULL)
    return FALSE;
  last = g_strdup_printf ("%s%cdigest=%s", location, strchr (location, '?') != NULL ? '&' : '?', digest);
  request = (AirOciRequest) { .method = "PUT",
                              .url = last,
                              .content_type = "application/octet-stream",
                              .body = at > 0 ? NULL : blob,
                              .max_size = MAX_MANIFEST,
                              .once = TRUE };
  ended = air_oci_http_send (self->http, &request, error);
  if (ended == NULL)
    return FALSE;
  if (ended->status != 201)
    {
      set_status_error (self, ended, digest, error);
      return FALSE;
    }
  return TRUE;
}

/**
 * air_oci_client_put_blob:
 * @self: a client
 * @repository: its name in the registry
 * @blob: the bytes
 *
 * Uploads it unless it is there. An upload that broke is begun again from its start: the digest names it, so a half of
 * it means nothing.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_REGISTRY, _ACCESS or _NOT_FOUND
 */
gboolean
air_oci_client_put_blob (AirOciClient *self, const char *repository, GBytes *blob, GError **error)
{
  g_autofree char *digest = air_oci_digest (blob);

  for (guint try = 0;; try++)
    {
      g_autoptr (GError) local = NULL;
      gboolean has;

      if (!has_blob (self, repository, digest, &has, error))
        return FALSE;
      if (has || upload (self, repository, blob, digest, &local))
        return TRUE;
      if (try >= 2 || !g_error_matches (local, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
}

/* --- lists ----------------------------------------------------------------------------- */

/* RFC 8288: <…>; rel="next" */
static char *
next_page (const AirOciAnswer *answer)
{
  const char *link = soup_message_headers_get_list (answer->headers, "Link");
  const char *end = link != NULL && *link == '<' ? strchr (link, '>') : NULL;

  if (end == NULL || strstr (end, "rel=\"next\"") == NULL)
    return NULL;
  return g_strndup (link + 1, end - link - 1);
}

/* All pages of a list: its items at @member of each. */
static AirValue *
get_pages (AirOciClient *self, const char *first, const char *member, const char *accept, GError **error)
{
  g_autoptr (AirValue) all = air_list_new ();
  g_autofree char *url = g_strdup (first);

  for (guint page = 0; url != NULL; page++)
    {
      AirOciRequest request = { .method = "GET", .url = url, .accept = accept, .max_size = MAX_MANIFEST };
      g_autoptr (AirOciAnswer) answer = air_oci_http_send (self->http, &request, error);
      g_autoptr (AirValue) body = NULL;
      const AirValue *items;

      if (answer == NULL)
        return NULL;
      if (answer->status != 200)
        {
          set_status_error (self, answer, member, error);
          return NULL;
        }
      body = air_json_parse_bytes (answer->body, error);
      if (body == NULL)
        return NULL;
      /* Some registries write null for none. */
      items = air_value_get_kind (body) == AIR_VALUE_MAP ? air_map_get_list (body, member) : NULL;
      for (gsize i = 0; items != NULL && i < air_list_get_size (items); i++)
        air_list_append (all, air_value_ref (air_list_get (items, i)));
      g_free (url);
      url = next_page (answer);
      if (page >= MAX_PAGES)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_REGISTRY, "%s: its list does not end",
                       air_oci_http_get_base (self->http));
          return NULL;
        }
    }
  return g_steal_pointer (&all);
}

/**
 * air_oci_client_list_tags:
 * @self: a client
 * @repository: its name in the registry
 *
 * Returns: (transfer full): all tags, in the registry's order; or %NULL with %AIR_ARTIFACT_ERROR_NOT_FOUND, _ACCESS or
 *   _REGISTRY
 */
char **
air_oci_client_list_tags (AirOciClient *self, const char *repository, GError **error)
{
  g_autofree char *url = g_strdup_printf ("/v2/%s/tags/list?n=1000", repository);
  g_autoptr (AirValue) list = get_pages (self, url, "tags", "application/json", error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (list == NULL)
    return NULL;
  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (air_value_get_kind (air_list_get (list, i)) == AIR_VALUE_STRING)
      g_strv_builder_add (builder, air_value_get_string (air_list_get (list, i), NULL));
  return g_strv_builder_end (builder);
}

/**
 * air_oci_client_list_referrers:
 * @self: a client
 * @repository: its name in the registry
 * @digest: "sha256:<hex>" of a manifest
 * @artifact_type: (nullable): only those of this type
 *
 * Returns: (transfer full): a list of descriptors of what names @digest as its subject, from the registry or from the
 *   fallback tag; or %NULL with %AIR_ARTIFACT_ERROR_ACCESS, _DIGEST or _REGISTRY
 */
AirValue *
air_oci_client_list_referrers (AirOciClient *self,
                               const char *repository,
                               const char *digest,
                               const char *artifact_type,
                               GError **error)
{
  g_autofree char *url = g_strdup_printf ("/v2/%s/referrers/%s", repository, digest);
  g_autoptr (GError) local = NULL;
  g_autoptr (AirValue) list = NULL;
  AirValue *chosen;

  list = get_pages (self, url, "manifests", AIR_OCI_INDEX_TYPE, &local);
  if (list == NULL)
    {
      g_autoptr (AirValue) index = NULL;

      if (!g_error_matches (local, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      index = get_fallback (self, repository, digest, error);
      if (index == NULL)
        return NULL;
      list = air_value_ref (air_map_get_list (index, "manifests"));
    }
  /* A registry may filter; whether it did, nobody need ask. */
  chosen = air_list_new ();
  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);

      if (air_value_get_kind (item) == AIR_VALUE_MAP
          && (artifact_type == NULL || g_strcmp0 (air_map_get_string (item, "artifactType"), artifact_type) == 0))
        air_list_append (chosen, air_value_ref (item));
    }
  return chosen;
}

void
air_oci_client_free (AirOciClient *self)
{
  if (self == NULL)
    return;
  air_oci_http_free (self->http);
  g_free (self);
}
