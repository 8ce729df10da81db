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
 * @config: the deployment manifest, JSON
 * @layers: all five, in the order of #AirLayer, JSON
 *
 * Puts an artifact together. Nothing but the arguments goes into it: no time, no path, no name of a machine; so the
 * same input gives the same bytes, on any machine.
 *
 * Returns: (transfer full): the artifact, unsigned, or %NULL with %AIR_ARTIFACT_ERROR_MANIFEST or an %AIR_JSON_ERROR
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

char *
air_artifact_sibling_tag (const char *digest, const char *suffix)
{
  return g_strconcat ("sha256-", digest + strlen ("sha256:"), suffix, NULL);
}

/* A manifest whose layers are signatures or attestations of @self (OCI 1.1, referrers). */
static GBytes *
carrier_manifest (AirArtifact *self, const char *artifact_type, AirValue *take_layers, GBytes *empty, GError **error)
{
  g_autoptr (AirValue) manifest = air_map_new ();

  air_map_set_int (manifest, "schemaVersion", 2);
  air_map_set_string (manifest, "mediaType", AIR_OCI_MANIFEST_TYPE);
  air_map_set_string (manifest, "artifactType", artifact_type);
  air_map_set (manifest, "config", air_oci_descriptor (AIR_OCI_EMPTY_TYPE, empty));
  air_map_set (manifest, "layers", take_layers);
  air_map_set (manifest, "subject", air_oci_descriptor (AIR_OCI_MANIFEST_TYPE, self->manifest));
  return air_jcs_write_bytes (manifest, error);
}

static AirValue *
signature_layers (AirArtifact *self, AirOciLayout *layout)
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
      air_oci_layout_add_blob (layout, signature->payload);
    }
  return layers;
}

static AirValue *
attestation_layers (AirArtifact *self, AirOciLayout *layout)
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
      air_oci_layout_add_blob (layout, attestation->envelope);
    }
  return layers;
}

/* A folder with other things in it is somebody's; a layout of another workflow is somebody's too. */
static gboolean
check_target (AirArtifact *self, const char *directory, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  g_autoptr (AirOciLayout) layout = NULL;
  const AirValue *first;

  if (dir == NULL || g_dir_read_name (dir) == NULL)
    return TRUE;
  if (!air_oci_is_layout (directory))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                   "%s: exists and is no OCI layout; give a new folder", directory);
      return FALSE;
    }
  layout = air_oci_layout_open (directory, NULL);
  first = layout != NULL ? air_list_get (air_map_get_list (layout->index, "manifests"), 0) : NULL;
  if (first != NULL)
    {
      g_autoptr (GBytes) manifest = air_oci_layout_read (layout, first, AIR_OCI_MANIFEST_TYPE, NULL);
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

AirOciLayout *
air_artifact_to_layout (AirArtifact *self, GError **error)
{
  g_autoptr (AirOciLayout) layout = air_oci_layout_new (self->reference);
  g_autoptr (GBytes) empty = g_bytes_new_static ("{}", 2);
  const struct {
    guint n;
    const char *suffix, *kind, *artifact_type;
    AirValue *(*layers) (AirArtifact *self, AirOciLayout *layout);
  } carriers[] = {
    { self->signatures->len, ".sig", AIR_COSIGN_SIGNATURES, AIR_COSIGN_SIGNATURE_TYPE, signature_layers },
    { self->attestations->len, ".att", AIR_COSIGN_ATTESTATIONS, AIR_DSSE_ENVELOPE_TYPE, attestation_layers },
  };

  air_oci_layout_add_root (layout, self->manifest, AIR_COSIGN_IMAGE, self->version, AIR_ARTIFACT_TYPE);
  air_oci_layout_add_blob (layout, self->config);
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    air_oci_layout_add_blob (layout, self->layers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (carriers); i++)
    {
      g_autofree char *tag = air_artifact_sibling_tag (self->digest, carriers[i].suffix);
      g_autoptr (GBytes) manifest = NULL;

      if (carriers[i].n == 0)
        continue;
      manifest = carrier_manifest (self, carriers[i].artifact_type, carriers[i].layers (self, layout), empty, error);
      if (manifest == NULL)
        return NULL;
      air_oci_layout_add_root (layout, manifest, carriers[i].kind, tag, carriers[i].artifact_type);
      air_oci_layout_add_blob (layout, empty);
    }
  return g_steal_pointer (&layout);
}

/**
 * air_artifact_write:
 * @self: an artifact
 * @directory: a new or empty folder, or a layout of the same workflow, which it replaces
 *
 * Writes an OCI image layout that cosign and skopeo read, with signatures and attestations.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_LAYOUT when something else is there, or with a %G_FILE_ERROR
 */
gboolean
air_artifact_write (AirArtifact *self, const char *directory, GError **error)
{
  g_autoptr (AirOciLayout) layout = NULL;

  g_return_val_if_fail (self != NULL && directory != NULL, FALSE);

  if (!check_target (self, directory, error))
    return FALSE;
  layout = air_artifact_to_layout (self, error);
  return layout != NULL && air_oci_layout_write (layout, directory, error);
}

/* --- reading ------------------------------------------------------------------- */

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, const char *name, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST, "%s: %s", name, what);
  return FALSE;
}

static AirValue *
read_manifest (AirOciLayout *layout, const AirValue *descriptor, GBytes **ret_bytes, GError **error)
{
  g_autoptr (GBytes) bytes = air_oci_layout_read (layout, descriptor, AIR_OCI_MANIFEST_TYPE, error);
  g_autoptr (AirValue) manifest = NULL;

  if (bytes == NULL)
    return NULL;
  manifest = parse_blob (bytes, layout->name, error);
  if (manifest == NULL)
    return NULL;
  if (air_map_get_int (manifest, "schemaVersion", 0) != 2
      || g_strcmp0 (air_map_get_string (manifest, "mediaType"), AIR_OCI_MANIFEST_TYPE) != 0
      || air_map_get_map (manifest, "config") == NULL || air_map_get_list (manifest, "layers") == NULL)
    {
      refuse (error, layout->name, "%s is no OCI image manifest; take a sound copy",
              air_map_get_string (descriptor, "digest"));
      return NULL;
    }
  if (ret_bytes != NULL)
    *ret_bytes = g_steal_pointer (&bytes);
  return g_steal_pointer (&manifest);
}

static AirArtifact *
read_image (AirOciLayout *layout, const AirValue *descriptor, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AirValue) manifest = read_manifest (layout, descriptor, &bytes, error);
  g_autoptr (AirArtifact) self = NULL;
  const AirValue *layers;

  if (manifest == NULL)
    return NULL;
  if (g_strcmp0 (air_map_get_string (manifest, "artifactType"), AIR_ARTIFACT_TYPE) != 0)
    {
      refuse (error, layout->name, "the artifact type is \"%s\", not \"%s\"; give a workflow's artifact",
              air_map_get_string (manifest, "artifactType"), AIR_ARTIFACT_TYPE);
      return NULL;
    }
  if (!check_names (air_oci_annotation (manifest, TITLE), air_oci_annotation (manifest, VERSION), error))
    return NULL;
  self = artifact_new (air_oci_annotation (manifest, TITLE), air_oci_annotation (manifest, VERSION));
  self->manifest = g_steal_pointer (&bytes);
  self->digest = air_oci_digest (self->manifest);
  self->config = air_oci_layout_read (layout, air_map_get_map (manifest, "config"), CONFIG_TYPE, error);
  if (self->config == NULL)
    return NULL;
  layers = air_map_get_list (manifest, "layers");
  if (air_list_get_size (layers) != AIR_N_LAYERS)
    {
      refuse (error, layout->name, "the manifest has %" G_GSIZE_FORMAT " layers, not %d; compile again",
              air_list_get_size (layers), AIR_N_LAYERS);
      return NULL;
    }
  for (guint i = 0; i < AIR_N_LAYERS; i++)
    {
      self->layers[i] = air_oci_layout_read (layout, air_list_get (layers, i), layer_types[i], error);
      if (self->layers[i] == NULL)
        return NULL;
    }
  return check_plan (self, error) ? g_steal_pointer (&self) : NULL;
}

static gboolean
read_signature (AirArtifact *self, const char *name, const AirValue *layer, GBytes *payload, GError **error)
{
  const char *text = air_oci_annotation (layer, AIR_COSIGN_SIGNATURE);
  g_autofree guint8 *data = NULL;
  g_autoptr (GBytes) signature = NULL;
  gsize length;

  data = text != NULL ? air_base64_decode (text, strlen (text), &length) : NULL;
  if (data == NULL)
    return refuse (error, name, "a signature is no base64; sign again");
  signature = g_bytes_new_take (g_steal_pointer (&data), length);
  g_ptr_array_add (self->signatures, air_artifact_signature_new (payload, signature));
  return TRUE;
}

static gboolean
read_attestation (AirArtifact *self, const char *name, const AirValue *layer, GBytes *envelope, GError **error)
{
  const char *type = air_oci_annotation (layer, PREDICATE_TYPE);

  if (type == NULL)
    return refuse (error, name, "an attestation has no predicate type; sign again");
  g_ptr_array_add (self->attestations, air_artifact_attestation_new (type, envelope));
  return TRUE;
}

/* What @descriptor's manifest carries: each layer of @media_type is one signature or attestation. */
static gboolean
read_carrier (AirArtifact *self,
              AirOciLayout *layout,
              const AirValue *descriptor,
              const char *media_type,
              gboolean (*take) (AirArtifact *, const char *, const AirValue *, GBytes *, GError **),
              GError **error)
{
  g_autoptr (AirValue) manifest = read_manifest (layout, descriptor, NULL, error);
  g_autoptr (GBytes) config = NULL;
  const AirValue *layers, *subject;

  if (manifest == NULL)
    return FALSE;
  subject = air_map_get_map (manifest, "subject");
  if (subject != NULL && g_strcmp0 (air_map_get_string (subject, "digest"), self->digest) != 0)
    return refuse (error, layout->name, "what is signed beside the artifact belongs to another one; publish again");
  config = air_oci_layout_read (layout, air_map_get_map (manifest, "config"), AIR_OCI_EMPTY_TYPE, error);
  if (config == NULL)
    return FALSE;
  layers = air_map_get_list (manifest, "layers");
  for (gsize i = 0; i < air_list_get_size (layers); i++)
    {
      const AirValue *layer = air_list_get (layers, i);
      g_autoptr (GBytes) content = air_oci_layout_read (layout, layer, media_type, error);

      if (content == NULL || !take (self, layout->name, layer, content, error))
        return FALSE;
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

      if (g_strcmp0 (air_oci_annotation (descriptor, AIR_OCI_KIND), kind) != 0)
        continue;
      if (*ret_found != NULL)
        return refuse (error, directory, "index.json has more than one \"%s\"; give a folder with one artifact", kind);
      *ret_found = descriptor;
    }
  return TRUE;
}

AirArtifact *
air_artifact_from_layout (AirOciLayout *layout, GError **error)
{
  g_autoptr (AirArtifact) self = NULL;
  g_autofree char *signature_tag = NULL, *attestation_tag = NULL;
  const AirValue *manifests = air_map_get_list (layout->index, "manifests"), *image, *signatures, *attestations;

  if (!find_kind (manifests, AIR_COSIGN_IMAGE, layout->name, &image, error)
      || !find_kind (manifests, AIR_COSIGN_SIGNATURES, layout->name, &signatures, error)
      || !find_kind (manifests, AIR_COSIGN_ATTESTATIONS, layout->name, &attestations, error))
    return NULL;
  if (image == NULL || air_list_get_size (manifests) != 1u + (signatures != NULL) + (attestations != NULL))
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
          "%s: index.json does not hold one artifact with its signatures and attestations and nothing else; give a "
          "folder that \"airailsctl compile\" or \"publish\" wrote",
          layout->name);
      return NULL;
    }

  self = read_image (layout, image, error);
  if (self == NULL)
    return NULL;
  signature_tag = air_artifact_sibling_tag (self->digest, ".sig");
  attestation_tag = air_artifact_sibling_tag (self->digest, ".att");
  if (!check_tag (image, self->version, layout->name, error)
      || (signatures != NULL && !check_tag (signatures, signature_tag, layout->name, error))
      || (attestations != NULL && !check_tag (attestations, attestation_tag, layout->name, error))
      || (signatures != NULL
          && !read_carrier (self, layout, signatures, AIR_SIMPLE_SIGNING_TYPE, read_signature, error))
      || (attestations != NULL
          && !read_carrier (self, layout, attestations, AIR_DSSE_ENVELOPE_TYPE, read_attestation, error)))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * air_artifact_load:
 * @directory: an OCI layout
 *
 * Checks every digest, size and media type, but no signature.
 *
 * Returns: (transfer full): the artifact with its signatures, or %NULL with %AIR_ARTIFACT_ERROR_LAYOUT, _DIGEST or
 *   _MANIFEST
 */
AirArtifact *
air_artifact_load (const char *directory, GError **error)
{
  g_autoptr (AirOciLayout) layout = NULL;

  g_return_val_if_fail (directory != NULL, NULL);

  layout = air_oci_layout_open (directory, error);
  return layout != NULL ? air_artifact_from_layout (layout, error) : NULL;
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
