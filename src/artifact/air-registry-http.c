/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact-private.h"
#include "air-oci-client.h"
#include "air-registry-private.h"
#include "base/air-json.h"

#define MAX_LAYERS 256

typedef struct {
  AirRegistry parent;
  AirOciClient *client;
  char *location;  /* "oci://host/namespace" */
  char *namespace; /* "" or "a/b/" */
  void (*progress) (const char *what, guint done, guint all, gpointer user_data);
  gpointer progress_data;
} Http;

static void
report (Http *self, const char *what, guint done, guint all)
{
  if (self->progress != NULL)
    self->progress (what, done, all, self->progress_data);
}

static char *
get_repository (Http *self, const char *workflow)
{
  g_autofree char *reference = air_artifact_make_reference (workflow);

  return g_strconcat (self->namespace, reference, NULL);
}

/* --- pushing ---------------------------------------------------------------------------- */

/* Blobs and what is signed first, the version last: whoever finds it finds all of it. */
static gboolean
push (Http *self, const char *repository, AirOciLayout *layout, GError **error)
{
  const AirValue *manifests = air_map_get_list (layout->index, "manifests");
  g_autoptr (GHashTable) roots = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer digest, bytes;
  guint done = 0, all;

  for (gsize i = 0; i < air_list_get_size (manifests); i++)
    g_hash_table_add (roots, (gpointer) air_map_get_string (air_list_get (manifests, i), "digest"));
  all = g_hash_table_size (layout->blobs);
  g_hash_table_iter_init (&iter, layout->blobs);
  while (g_hash_table_iter_next (&iter, &digest, &bytes))
    if (!g_hash_table_contains (roots, digest))
      {
        report (self, digest, done++, all);
        if (!air_oci_client_put_blob (self->client, repository, bytes, error))
          return FALSE;
      }
  for (gsize i = 0; i < air_list_get_size (manifests); i++)
    {
      const AirValue *descriptor = air_list_get (manifests, i);
      const char *name = air_map_get_string (descriptor, "digest"),
                 *tag = air_oci_annotation (descriptor, AIR_OCI_REF_NAME);
      /* A subject must be there before what names it, but nobody may find it by its version before that is. */
      const char *reference = i == 0 ? name : tag;

      report (self, tag, done++, all);
      if (!air_oci_client_put_manifest (self->client, repository, reference, g_hash_table_lookup (layout->blobs, name),
                                        error))
        return FALSE;
    }
  return air_oci_client_put_manifest (
      self->client, repository, air_oci_annotation (air_list_get (manifests, 0), AIR_OCI_REF_NAME),
      g_hash_table_lookup (layout->blobs, air_map_get_string (air_list_get (manifests, 0), "digest")), error);
}

static char *
publish (AirRegistry *registry, AirArtifact *artifact, GError **error)
{
  Http *self = (Http *) registry;
  g_autofree char *repository = get_repository (self, artifact->workflow);
  g_autofree char *where = g_strdup_printf ("%s/%s:%s", self->location, artifact->reference, artifact->version);
  g_autoptr (AirOciLayout) layout = air_artifact_to_layout (artifact, error);
  g_autoptr (GBytes) there = NULL;
  g_autoptr (GError) local = NULL;

  if (layout == NULL)
    return NULL;
  there = air_oci_client_get_manifest (self->client, repository, artifact->version, &local);
  if (there == NULL && !g_error_matches (local, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (there != NULL && !g_bytes_equal (there, artifact->manifest))
    {
      g_autofree char *digest = air_oci_digest (there);

      air_registry_deny (artifact, where, digest, error);
      return NULL;
    }
  if (!push (self, repository, layout, error))
    return NULL;
  return g_steal_pointer (&where);
}

static gboolean
set_channel (AirRegistry *registry, AirArtifact *artifact, const char *channel, GError **error)
{
  Http *self = (Http *) registry;
  g_autofree char *repository = get_repository (self, artifact->workflow);
  /* Only to what is there whole. */
  g_autoptr (GBytes) there = air_oci_client_get_manifest (self->client, repository, artifact->digest, error);

  return there != NULL && air_oci_client_put_manifest (self->client, repository, channel, there, error);
}

/* --- pulling ----------------------------------------------------------------------------- */

static gboolean
pull_blobs (Http *self, const char *repository, GBytes *manifest, AirOciLayout *layout, GError **error)
{
  g_autoptr (AirValue) document = air_json_parse_bytes (manifest, error);
  const AirValue *config = NULL, *layers = NULL;

  if (document == NULL)
    return FALSE;
  if (air_value_get_kind (document) == AIR_VALUE_MAP)
    {
      config = air_map_get_map (document, "config");
      layers = air_map_get_list (document, "layers");
    }
  if (config == NULL || layers == NULL || air_list_get_size (layers) > MAX_LAYERS)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
                   "%s/%s: is no OCI image manifest of ours; take a sound copy", self->location, repository);
      return FALSE;
    }
  for (gsize i = 0; i <= air_list_get_size (layers); i++)
    {
      const AirValue *descriptor = i == 0 ? config : air_list_get (layers, i - 1);
      g_autoptr (GBytes) blob = NULL;

      if (air_value_get_kind (descriptor) != AIR_VALUE_MAP)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST, "%s/%s: a layer is no descriptor",
                       self->location, repository);
          return FALSE;
        }
      report (self, repository, i, air_list_get_size (layers) + 1);
      blob = air_oci_client_get_blob (self->client, repository, descriptor, error);
      if (blob == NULL)
        return FALSE;
      air_oci_layout_add_blob (layout, blob);
    }
  return TRUE;
}

/* What @tag holds, or what the registry lists as of @artifact_type; both absent is no error. */
static gboolean
pull_carrier (Http *self,
              const char *repository,
              const char *subject,
              const char *suffix,
              const char *kind,
              const char *artifact_type,
              AirOciLayout *layout,
              GError **error)
{
  g_autofree char *tag = air_artifact_sibling_tag (subject, suffix);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) manifest = air_oci_client_get_manifest (self->client, repository, tag, &local);

  if (manifest == NULL && g_error_matches (local, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND))
    {
      g_autoptr (AirValue) referrers =
          air_oci_client_list_referrers (self->client, repository, subject, artifact_type, error);
      const AirValue *last;

      if (referrers == NULL)
        return FALSE;
      if (air_list_get_size (referrers) == 0)
        return TRUE;
      last = air_list_get (referrers, air_list_get_size (referrers) - 1);
      if (!air_oci_is_digest (air_map_get_string (last, "digest")))
        return TRUE;
      g_clear_error (&local);
      manifest = air_oci_client_get_manifest (self->client, repository, air_map_get_string (last, "digest"), &local);
    }
  if (manifest == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  air_oci_layout_add_root (layout, manifest, kind, tag, artifact_type);
  return pull_blobs (self, repository, manifest, layout, error);
}

static AirArtifact *
fetch (AirRegistry *registry, const char *workflow, const char *version, GError **error)
{
  Http *self = (Http *) registry;
  g_autofree char *repository = get_repository (self, workflow), *digest = NULL;
  g_autofree char *where = g_strdup_printf ("%s/airails/%s:%s", self->location, workflow, version);
  g_autoptr (AirOciLayout) layout = air_oci_layout_new (where);
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (AirValue) document = NULL;
  g_autoptr (AirArtifact) artifact = NULL;
  const char *own;

  manifest = air_oci_client_get_manifest (self->client, repository, version, error);
  if (manifest == NULL)
    return NULL;
  digest = air_oci_digest (manifest);
  document = air_json_parse_bytes (manifest, error);
  if (document == NULL || !pull_blobs (self, repository, manifest, layout, error))
    return NULL;
  own = air_oci_annotation (document, "org.opencontainers.image.version");
  air_oci_layout_add_root (layout, manifest, AIR_COSIGN_IMAGE, own != NULL ? own : version, AIR_ARTIFACT_TYPE);
  if (!pull_carrier (self, repository, digest, ".sig", AIR_COSIGN_SIGNATURES, AIR_COSIGN_SIGNATURE_TYPE, layout, error)
      || !pull_carrier (self, repository, digest, ".att", AIR_COSIGN_ATTESTATIONS, AIR_DSSE_ENVELOPE_TYPE, layout,
                        error))
    return NULL;
  artifact = air_artifact_from_layout (layout, error);
  if (artifact == NULL)
    return NULL;
  /* A registry that gives an old version for a new one, or another workflow, is found out. */
  if (strcmp (artifact->workflow, workflow) != 0
      || (!air_oci_is_digest (version) && !air_registry_is_channel (version)
          && strcmp (artifact->version, version) != 0))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
                   "%s: leads to version %s of %s; take nothing from it before its owner knows why", where,
                   artifact->version, artifact->workflow);
      return NULL;
    }
  return g_steal_pointer (&artifact);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char **
list (AirRegistry *registry, const char *workflow, GError **error)
{
  Http *self = (Http *) registry;
  g_autofree char *repository = get_repository (self, workflow);
  g_auto (GStrv) tags = air_oci_client_list_tags (self->client, repository, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (tags == NULL)
    return NULL;
  for (guint i = 0; tags[i] != NULL; i++)
    if (!g_str_has_prefix (tags[i], "sha256-"))
      g_ptr_array_add (names, g_strdup (tags[i]));
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static void
http_free (AirRegistry *registry)
{
  Http *self = (Http *) registry;

  air_oci_client_free (self->client);
  g_free (self->location);
  g_free (self->namespace);
  g_free (self);
}

/* Names of repositories as the distribution specification has them: lower case, "/", ".", "_", "-". */
static gboolean
is_namespace (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_islower (*p) && !g_ascii_isdigit (*p) && (strchr ("/._-", *p) == NULL || p == text || p[-1] == '/'))
      return FALSE;
  return TRUE;
}

AirRegistry *
air_registry_http_new (const char *location, const AirRegistryOptions *options, GError **error)
{
  static const AirRegistryKind kind = { publish, fetch, list, set_channel, http_free };
  g_autofree char *rest = g_strdup (location + strlen ("oci://"));
  g_autoptr (AirOciClient) client = NULL;
  char *slash;
  Http *self;

  if (!g_str_has_prefix (location, "oci://"))
    rest[0] = '\0';
  for (gsize length = strlen (rest); length > 0 && rest[length - 1] == '/'; length--)
    rest[length - 1] = '\0';
  slash = strchr (rest, '/');
  if (slash != NULL)
    *slash++ = '\0';
  if (slash != NULL && !is_namespace (slash))
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
          "%s: \"%s\" cannot be part of a repository's name; use lower-case letters, digits, \"-\", \"_\", \".\"",
          location, slash);
      return NULL;
    }
  client = air_oci_client_new (rest, options, error);
  if (client == NULL)
    return NULL;
  self = g_new0 (Http, 1);
  self->parent.kind = &kind;
  self->client = g_steal_pointer (&client);
  self->namespace = slash != NULL ? g_strconcat (slash, "/", NULL) : g_strdup ("");
  self->location = slash != NULL ? g_strdup_printf ("oci://%s/%s", rest, slash) : g_strconcat ("oci://", rest, NULL);
  if (options != NULL)
    {
      self->progress = options->progress;
      self->progress_data = options->progress_data;
    }
  return &self->parent;
}
