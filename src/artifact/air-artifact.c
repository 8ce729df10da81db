/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-artifact-private.h"
#include "air-oci.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define CONFIG_TYPE    "application/vnd.airails.deployment.v1+json"
#define TITLE          "org.opencontainers.image.title"
#define VERSION        "org.opencontainers.image.version"
#define PREDICATE_TYPE "predicateType"

static const char *const layer_types[AIR_N_LAYERS] = {
  [AIR_LAYER_PLAN] = "application/vnd.airails.plan.v1+json",
  [AIR_LAYER_SOURCE] = "application/vnd.airails.source.v1+json",
  [AIR_LAYER_LOCK] = "application/vnd.airails.lock.v1+json",
  [AIR_LAYER_POLICIES] = "application/vnd.airails.policies.v1+json",
  [AIR_LAYER_TESTS] = "application/vnd.airails.tests.v1+json",
};

static const char *const layer_titles[AIR_N_LAYERS] = {
  [AIR_LAYER_PLAN] = "plan.json",         [AIR_LAYER_SOURCE] = "source.json", [AIR_LAYER_LOCK] = "lock.json",
  [AIR_LAYER_POLICIES] = "policies.json", [AIR_LAYER_TESTS] = "tests.json",
};

G_DEFINE_QUARK (air-artifact-error-quark, air_artifact_error)

static void
signature_free (gpointer data)
{
  AirArtifactSignature *self = data;

  g_bytes_unref (self->payload);
  g_bytes_unref (self->signature);
  g_free (self);
}

static void
attestation_free (gpointer data)
{
  AirArtifactAttestation *self = data;

  g_free (self->predicate_type);
  g_bytes_unref (self->envelope);
  g_free (self);
}

AirArtifactSignature *
air_artifact_signature_new (GBytes *payload, GBytes *signature)
{
  AirArtifactSignature *self = g_new0 (AirArtifactSignature, 1);

  self->payload = g_bytes_ref (payload);
  self->signature = g_bytes_ref (signature);
  return self;
}

AirArtifactAttestation *
air_artifact_attestation_new (const char *predicate_type, GBytes *envelope)
{
  AirArtifactAttestation *self = g_new0 (AirArtifactAttestation, 1);

  self->predicate_type = g_strdup (predicate_type);
  self->envelope = g_bytes_ref (envelope);
  return self;
}

char *
air_artifact_make_reference (const char *workflow)
{
  return g_strconcat ("airails/", workflow, NULL);
}

static AirArtifact *
artifact_new (const char *workflow, const char *version)
{
  AirArtifact *self = g_new0 (AirArtifact, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->workflow = g_strdup (workflow);
  self->version = g_strdup (version);
  self->reference = air_artifact_make_reference (workflow);
  self->signatures = g_ptr_array_new_with_free_func (signature_free);
  self->attestations = g_ptr_array_new_with_free_func (attestation_free);
  return self;
}

/* What may be part of a path, a tag and a reference: the distribution specification's names and tags. */
static gboolean
is_name (const char *text, const char *also)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (length == 0 || length > 128 || !g_ascii_isalnum (text[0]))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && strchr (also, *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
check_names (const char *workflow, const char *version, GError **error)
{
  if (is_name (workflow, "-_.") && is_name (version, "-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return TRUE;
  g_set_error (
      error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
      "the workflow id \"%s\" and version \"%s\" cannot name an artifact; use lower-case letters, digits, \"-\", "
      "\"_\" and \".\"",
      workflow != NULL ? workflow : "", version != NULL ? version : "");
  return FALSE;
}

static AirValue *
parse_blob (GBytes *bytes, const char *what, GError **error)
{
  AirValue *value = air_json_parse_bytes (bytes, error);

  if (value == NULL)
    g_prefix_error (error, "%s: ", what);
  return value;
}

/* The plan says itself what it is the plan of; a manifest of another name would lie. */
static gboolean
check_plan (AirArtifact *self, GError **error)
{
  g_autoptr (AirValue) plan = parse_blob (self->layers[AIR_LAYER_PLAN], "plan", error);
  const char *workflow, *version;

  if (plan == NULL)
    return FALSE;
  workflow = air_map_get_string (plan, "workflow");
  version = air_map_get_string (plan, "version");
  if (g_strcmp0 (workflow, self->workflow) == 0 && g_strcmp0 (version, self->version) == 0)
    return TRUE;
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
               "the plan is of workflow \"%s\" version \"%s\", the manifest of \"%s\" version \"%s\"; compile again",
               workflow != NULL ? workflow : "", version != NULL ? version : "", self->workflow, self->version);
  return FALSE;
}

/**
 * air_artifact_pack:
 * @workflow: the workflow's id
 * @version: its version
 * @config: the deployment manifest
 * @layers: all five, in the order of #AirLayer
 *
 * Puts an artifact together. Nothing but the arguments goes into it: no time, no path, no name of a machine.
 *
 * Returns: (transfer full): the artifact, unsigned, or %NULL with %AIR_ARTIFACT_ERROR_MANIFEST or an AIR_JSON_ERROR
 */
AirArtifact *
air_artifact_pack (const char *workflow,
                   const char *version,
                   GBytes *config,
                   GBytes *const layers[AIR_N_LAYERS],
                   GError **error)
{
  g_autoptr (AirArtifact) self = NULL;
  g_autoptr (AirValue) manifest = air_map_new (), parsed = NULL;
  AirValue *list = air_list_new (), *annotations = air_map_new ();

  air_map_set_int (manifest, "schemaVersion", 2);
  air_map_set_string (manifest, "mediaType", AIR_OCI_MANIFEST_TYPE);
  air_map_set_string (manifest, "artifactType", AIR_ARTIFACT_TYPE);
  air_map_set (manifest, "config", air_oci_descriptor (CONFIG_TYPE, config));
  air_map_set (manifest, "layers", list);
  air_map_set (manifest, "annotations", annotations);
  if (!check_names (workflow, version, error))
    return NULL;
  self = artifact_new (workflow, version);
  parsed = parse_blob (config, "deployment manifest", error);
  if (parsed == NULL)
    return NULL;
  self->config = g_bytes_ref (config);
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    {
      AirValue *descriptor = air_oci_descriptor (layer_types[i], layers[i]), *title = air_map_new ();

      air_map_set_string (title, TITLE, layer_titles[i]);
      air_map_set (descriptor, "annotations", title);
      air_list_append (list, descriptor);
      self->layers[i] = g_bytes_ref (layers[i]);
    }
  air_map_set_string (annotations, TITLE, workflow);
  air_map_set_string (annotations, VERSION, version);
  if (!check_plan (self, error))
    return NULL;
  self->manifest = air_jcs_write_bytes (manifest, error);
  if (self->manifest == NULL)
    return NULL;
  self->digest = air_oci_digest (self->manifest);
  return g_steal_pointer (&self);
}

/* --- writing ------------------------------------------------------------------- */

/* "sha256-<hex>.sig", where cosign looks for what belongs to an image. */
static char *
sibling_tag (AirArtifact *self, const char *suffix)
{
  return g_strconcat ("sha256-", self->digest + strlen ("sha256:"), suffix, NULL);
}

static void
add_to_index (AirValue *manifests, const char *kind, const char *tag, GBytes *manifest, const char *artifact_type)
{
  AirValue *descriptor = air_oci_descriptor (AIR_OCI_MANIFEST_TYPE, manifest), *annotations = air_map_new ();

  if (artifact_type != NULL)
    air_map_set_string (descriptor, "artifactType", artifact_type);
  air_map_set_string (annotations, AIR_COSIGN_KIND, kind);
  air_map_set_string (annotations, AIR_OCI_REF_NAME, tag);
  air_map_set (descriptor, "annotations", annotations);
  air_list_append (manifests, descriptor);
}

/* A manifest whose layers are signatures or attestations. */
static GBytes *
carrier_manifest (AirValue *take_layers, GBytes *empty, GError **error)
{
  g_autoptr (AirValue) manifest = air_map_new ();

  air_map_set_int (manifest, "schemaVersion", 2);
  air_map_set_string (manifest, "mediaType", AIR_OCI_MANIFEST_TYPE);
  air_map_set (manifest, "config", air_oci_descriptor (AIR_OCI_EMPTY_TYPE, empty));
  air_map_set (manifest, "layers", take_layers);
  return air_jcs_write_bytes (manifest, error);
}

static AirValue *
signature_layers (AirArtifact *self, GPtrArray *blobs)
{
  AirValue *layers = air_list_new ();

  for (guint i = 0; i < self->signatures->len; i++)
    {
      AirArtifactSignature *signature = self->signatures->pdata[i];
      AirValue *layer = air_oci_descriptor (AIR_SIMPLE_SIGNING_TYPE, signature->payload), *annotations = air_map_new ();
      g_autofree char *text =
          g_base64_encode (g_bytes_get_data (signature->signature, NULL), g_bytes_get_size (signature->signature));

      air_map_set_string (annotations, AIR_COSIGN_SIGNATURE, text);
      air_map_set (layer, "annotations", annotations);
      air_list_append (layers, layer);
      g_ptr_array_add (blobs, g_bytes_ref (signature->payload));
    }
  return layers;
}

static AirValue *
attestation_layers (AirArtifact *self, GPtrArray *blobs)
{
  AirValue *layers = air_list_new ();

  for (guint i = 0; i < self->attestations->len; i++)
    {
      AirArtifactAttestation *attestation = self->attestations->pdata[i];
      AirValue *layer = air_oci_descriptor (AIR_DSSE_ENVELOPE_TYPE, attestation->envelope),
               *annotations = air_map_new ();

      air_map_set_string (annotations, AIR_COSIGN_SIGNATURE, "");
      air_map_set_string (annotations, PREDICATE_TYPE, attestation->predicate_type);
      air_map_set (layer, "annotations", annotations);
      air_list_append (layers, layer);
      g_ptr_array_add (blobs, g_bytes_ref (attestation->envelope));
    }
  return layers;
}

/* A folder with other things in it is somebody's; a layout of another workflow is somebody's too. */
static gboolean
check_target (AirArtifact *self, const char *directory, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  g_autoptr (AirValue) index = NULL;
  const AirValue *first;

  if (dir == NULL || g_dir_read_name (dir) == NULL)
    return TRUE;
  if (!air_oci_is_layout (directory))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                   "%s: exists and is no OCI layout; give a new folder", directory);
      return FALSE;
    }
  index = air_oci_read_index (directory, NULL);
  first = index != NULL ? air_list_get (air_map_get_list (index, "manifests"), 0) : NULL;
  if (first != NULL)
    {
      g_autoptr (GBytes) manifest = air_oci_read_blob (directory, first, AIR_OCI_MANIFEST_TYPE, NULL);
      g_autoptr (AirValue) value = manifest != NULL ? air_json_parse_bytes (manifest, NULL) : NULL;
      const char *title = air_oci_annotation (value, TITLE);

      if (title != NULL && strcmp (title, self->workflow) != 0)
        {
          g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                       "%s: holds the workflow \"%s\", not \"%s\"; give another folder", directory, title,
                       self->workflow);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
air_artifact_write (AirArtifact *self, const char *directory, GError **error)
{
  g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) digests = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AirValue) index = air_map_new ();
  g_autoptr (GBytes) empty = g_bytes_new_static ("{}", 2);
  AirValue *manifests = air_list_new ();

  g_return_val_if_fail (self != NULL && directory != NULL, FALSE);

  air_map_set_int (index, "schemaVersion", 2);
  air_map_set_string (index, "mediaType", AIR_OCI_INDEX_TYPE);
  air_map_set (index, "manifests", manifests);
  if (!check_target (self, directory, error))
    return FALSE;

  g_ptr_array_add (blobs, g_bytes_ref (self->manifest));
  g_ptr_array_add (blobs, g_bytes_ref (self->config));
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    g_ptr_array_add (blobs, g_bytes_ref (self->layers[i]));
  add_to_index (manifests, AIR_COSIGN_IMAGE, self->version, self->manifest, AIR_ARTIFACT_TYPE);
  if (self->signatures->len > 0)
    {
      g_autoptr (GBytes) manifest = carrier_manifest (signature_layers (self, blobs), empty, error);
      g_autofree char *tag = sibling_tag (self, ".sig");

      if (manifest == NULL)
        return FALSE;
      add_to_index (manifests, AIR_COSIGN_SIGNATURES, tag, manifest, NULL);
      g_ptr_array_add (blobs, g_steal_pointer (&manifest));
      g_ptr_array_add (blobs, g_bytes_ref (empty));
    }
  if (self->attestations->len > 0)
    {
      g_autoptr (GBytes) manifest = carrier_manifest (attestation_layers (self, blobs), empty, error);
      g_autofree char *tag = sibling_tag (self, ".att");

      if (manifest == NULL)
        return FALSE;
      add_to_index (manifests, AIR_COSIGN_ATTESTATIONS, tag, manifest, NULL);
      g_ptr_array_add (blobs, g_steal_pointer (&manifest));
      g_ptr_array_add (blobs, g_bytes_ref (empty));
    }

  for (guint i = 0; i < blobs->len; i++)
    {
      if (!air_oci_write_blob (directory, blobs->pdata[i], error))
        return FALSE;
      g_ptr_array_add (digests, air_oci_digest (blobs->pdata[i]));
    }
  if (!air_oci_write_index (directory, index, error))
    return FALSE;
  air_oci_prune (directory, digests);
  return TRUE;
}

/* --- reading ------------------------------------------------------------------- */

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, const char *directory, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST, "%s: %s", directory, what);
  return FALSE;
}

static AirValue *
read_manifest (const char *directory, const AirValue *descriptor, GBytes **ret_bytes, GError **error)
{
  g_autoptr (GBytes) bytes = air_oci_read_blob (directory, descriptor, AIR_OCI_MANIFEST_TYPE, error);
  g_autoptr (AirValue) manifest = NULL;

  if (bytes == NULL)
    return NULL;
  manifest = parse_blob (bytes, directory, error);
  if (manifest == NULL)
    return NULL;
  if (air_map_get_int (manifest, "schemaVersion", 0) != 2
      || g_strcmp0 (air_map_get_string (manifest, "mediaType"), AIR_OCI_MANIFEST_TYPE) != 0
      || air_map_get_map (manifest, "config") == NULL || air_map_get_list (manifest, "layers") == NULL)
    {
      refuse (error, directory, "%s is no OCI image manifest; take a sound copy",
              air_map_get_string (descriptor, "digest"));
      return NULL;
    }
  if (ret_bytes != NULL)
    *ret_bytes = g_steal_pointer (&bytes);
  return g_steal_pointer (&manifest);
}

static AirArtifact *
read_image (const char *directory, const AirValue *descriptor, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AirValue) manifest = read_manifest (directory, descriptor, &bytes, error);
  g_autoptr (AirArtifact) self = NULL;
  const AirValue *layers;

  if (manifest == NULL)
    return NULL;
  if (g_strcmp0 (air_map_get_string (manifest, "artifactType"), AIR_ARTIFACT_TYPE) != 0)
    {
      refuse (error, directory, "the artifact type is \"%s\", not \"%s\"; give a workflow's artifact",
              air_map_get_string (manifest, "artifactType"), AIR_ARTIFACT_TYPE);
      return NULL;
    }
  if (!check_names (air_oci_annotation (manifest, TITLE), air_oci_annotation (manifest, VERSION), error))
    return NULL;
  self = artifact_new (air_oci_annotation (manifest, TITLE), air_oci_annotation (manifest, VERSION));
  self->manifest = g_steal_pointer (&bytes);
  self->digest = air_oci_digest (self->manifest);
  self->config = air_oci_read_blob (directory, air_map_get_map (manifest, "config"), CONFIG_TYPE, error);
  if (self->config == NULL)
    return NULL;
  layers = air_map_get_list (manifest, "layers");
  if (air_list_get_size (layers) != AIR_N_LAYERS)
    {
      refuse (error, directory, "the manifest has %" G_GSIZE_FORMAT " layers, not %d; compile again",
              air_list_get_size (layers), AIR_N_LAYERS);
      return NULL;
    }
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    {
      self->layers[i] = air_oci_read_blob (directory, air_list_get (layers, i), layer_types[i], error);
      if (self->layers[i] == NULL)
        return NULL;
    }
  return check_plan (self, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
read_signatures (AirArtifact *self, const char *directory, const AirValue *descriptor, GError **error)
{
  g_autoptr (AirValue) manifest = read_manifest (directory, descriptor, NULL, error);
  g_autoptr (GBytes) config = NULL;
  const AirValue *layers;

  if (manifest == NULL)
    return FALSE;
  config = air_oci_read_blob (directory, air_map_get_map (manifest, "config"), AIR_OCI_EMPTY_TYPE, error);
  if (config == NULL)
    return FALSE;
  layers = air_map_get_list (manifest, "layers");
  for (gsize i = 0; i < air_list_get_size (layers); i++)
    {
      const AirValue *layer = air_list_get (layers, i);
      g_autoptr (GBytes) payload = air_oci_read_blob (directory, layer, AIR_SIMPLE_SIGNING_TYPE, error);
      const char *text = air_oci_annotation (layer, AIR_COSIGN_SIGNATURE);
      g_autofree guint8 *data = NULL;
      g_autoptr (GBytes) signature = NULL;
      gsize length;

      if (payload == NULL)
        return FALSE;
      data = text != NULL ? air_base64_decode (text, strlen (text), &length) : NULL;
      if (data == NULL)
        return refuse (error, directory, "signature %" G_GSIZE_FORMAT " is no base64; sign again", i);
      signature = g_bytes_new_take (g_steal_pointer (&data), length);
      g_ptr_array_add (self->signatures, air_artifact_signature_new (payload, signature));
    }
  return TRUE;
}

static gboolean
read_attestations (AirArtifact *self, const char *directory, const AirValue *descriptor, GError **error)
{
  g_autoptr (AirValue) manifest = read_manifest (directory, descriptor, NULL, error);
  g_autoptr (GBytes) config = NULL;
  const AirValue *layers;

  if (manifest == NULL)
    return FALSE;
  config = air_oci_read_blob (directory, air_map_get_map (manifest, "config"), AIR_OCI_EMPTY_TYPE, error);
  if (config == NULL)
    return FALSE;
  layers = air_map_get_list (manifest, "layers");
  for (gsize i = 0; i < air_list_get_size (layers); i++)
    {
      const AirValue *layer = air_list_get (layers, i);
      g_autoptr (GBytes) envelope = air_oci_read_blob (directory, layer, AIR_DSSE_ENVELOPE_TYPE, error);
      const char *type = air_oci_annotation (layer, PREDICATE_TYPE);

      if (envelope == NULL)
        return FALSE;
      if (type == NULL)
        return refuse (error, directory, "attestation %" G_GSIZE_FORMAT " has no predicate type; sign again", i);
      g_ptr_array_add (self->attestations, air_artifact_attestation_new (type, envelope));
    }
  return TRUE;
}

static gboolean
check_tag (const AirValue *descriptor, const char *expected, const char *directory, GError **error)
{
  const char *tag = air_oci_annotation (descriptor, AIR_OCI_REF_NAME);

  if (g_strcmp0 (tag, expected) == 0)
    return TRUE;
  return refuse (error, directory, "index.json names a manifest \"%s\" that should be named \"%s\"; publish again",
                 tag != NULL ? tag : "", expected);
}

/* The one descriptor of this kind, or NULL. */
static gboolean
find_kind (const AirValue *manifests,
           const char *kind,
           const char *directory,
           const AirValue **ret_found,
           GError **error)
{
  *ret_found = NULL;
  for (gsize i = 0; i < air_list_get_size (manifests); i++)
    {
      const AirValue *descriptor = air_list_get (manifests, i);

      if (g_strcmp0 (air_oci_annotation (descriptor, AIR_COSIGN_KIND), kind) != 0)
        continue;
      if (*ret_found != NULL)
        return refuse (error, directory, "index.json has more than one \"%s\"; give a folder with one artifact", kind);
      *ret_found = descriptor;
    }
  return TRUE;
}

/**
 * air_artifact_load:
 * @directory: an OCI layout
 *
 * Returns: (transfer full): the artifact with its signatures, none of them checked, or %NULL with %AIR_ARTIFACT_ERROR_LAYOUT,
 *   _DIGEST or _MANIFEST
 */
AirArtifact *
air_artifact_load (const char *directory, GError **error)
{
  g_autoptr (AirValue) index = NULL;
  g_autoptr (AirArtifact) self = NULL;
  g_autofree char *signature_tag = NULL, *attestation_tag = NULL;
  const AirValue *manifests, *image, *signatures, *attestations;

  g_return_val_if_fail (directory != NULL, NULL);

  index = air_oci_read_index (directory, error);
  if (index == NULL)
    return NULL;
  manifests = air_map_get_list (index, "manifests");
  if (!find_kind (manifests, AIR_COSIGN_IMAGE, directory, &image, error)
      || !find_kind (manifests, AIR_COSIGN_SIGNATURES, directory, &signatures, error)
      || !find_kind (manifests, AIR_COSIGN_ATTESTATIONS, directory, &attestations, error))
    return NULL;
  if (image == NULL || air_list_get_size (manifests) != 1u + (signatures != NULL) + (attestations != NULL))
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
          "%s: index.json does not hold one artifact with its signatures and attestations and nothing else; give a "
          "folder that \"airailsctl compile\" or \"publish\" wrote",
          directory);
      return NULL;
    }

  self = read_image (directory, image, error);
  if (self == NULL)
    return NULL;
  signature_tag = sibling_tag (self, ".sig");
  attestation_tag = sibling_tag (self, ".att");
  if (!check_tag (image, self->version, directory, error)
      || (signatures != NULL && !check_tag (signatures, signature_tag, directory, error))
      || (attestations != NULL && !check_tag (attestations, attestation_tag, directory, error))
      || (signatures != NULL && !read_signatures (self, directory, signatures, error))
      || (attestations != NULL && !read_attestations (self, directory, attestations, error)))
    return NULL;
  return g_steal_pointer (&self);
}

AirArtifact *
air_artifact_ref (AirArtifact *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
air_artifact_unref (AirArtifact *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->digest);
  g_free (self->workflow);
  g_free (self->version);
  g_free (self->reference);
  g_clear_pointer (&self->manifest, g_bytes_unref);
  g_clear_pointer (&self->config, g_bytes_unref);
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    g_clear_pointer (&self->layers[i], g_bytes_unref);
  g_ptr_array_unref (self->signatures);
  g_ptr_array_unref (self->attestations);
  g_free (self->signer);
  g_clear_pointer (&self->signer_key, air_public_key_unref);
  g_free (self);
}
