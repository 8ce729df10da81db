/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-bundle-private.h"
#include "base/air-json.h"

/* An OCI layout that `cosign verify-attestation --local-image` reads. The subject
 * of a decision is the leaf hash of the request, SHA-256 (00 ‖ leaf); so the
 * "image" is the blob 00 ‖ leaf, whose plain SHA-256 is that hash. cosign
 * recomputes it from the blob and demands that the signed statement names it. */

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define INDEX_TYPE    "application/vnd.oci.image.index.v1+json"
#define EMPTY_TYPE    "application/vnd.oci.empty.v1+json"
#define DSSE_TYPE     "application/vnd.dsse.envelope.v1+json"

static GBytes *
write_json (AirValue *value)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = air_jcs_write_bytes (value, &error);

  g_assert_no_error (error); /* built below, from text and small numbers */
  return bytes;
}

static void
add_file (GPtrArray *files, const char *folder, const char *name, GBytes *data)
{
  g_autofree char *path = g_strconcat (folder, name, NULL);

  g_ptr_array_add (files, air_file_new (path, data));
}

static char *
digest_of (GBytes *data)
{
  AirDigest digest = air_sha256 (g_bytes_get_data (data, NULL), g_bytes_get_size (data));

  return air_digest_to_hex (&digest);
}

static AirValue *
descriptor_new (const char *type, GBytes *data)
{
  AirValue *map = air_map_new ();
  g_autofree char *hex = digest_of (data);
  g_autofree char *digest = g_strconcat ("sha256:", hex, NULL);

  air_map_set_string (map, "mediaType", type);
  air_map_set_string (map, "digest", digest);
  air_map_set_int (map, "size", (gint64) g_bytes_get_size (data));
  return map;
}

static void
annotate (AirValue *descriptor, const char *key, const char *text, const char *second_key, const char *second_text)
{
  AirValue *annotations = air_map_new ();

  air_map_set_string (annotations, key, text);
  if (second_key != NULL)
    air_map_set_string (annotations, second_key, second_text);
  air_map_set (descriptor, "annotations", annotations);
}

static GBytes *
write_attestation (GBytes *envelope, GBytes *config)
{
  g_autoptr (AirValue) manifest = air_map_new ();
  AirValue *layer = descriptor_new (DSSE_TYPE, envelope);
  AirValue *layers = air_list_new ();

  annotate (layer, "dev.cosignproject.cosign/signature", "", "predicateType", AIR_DECISION_PREDICATE_TYPE);
  air_list_append (layers, layer);
  air_map_set_int (manifest, "schemaVersion", 2);
  air_map_set_string (manifest, "mediaType", MANIFEST_TYPE);
  air_map_set (manifest, "config", descriptor_new (EMPTY_TYPE, config));
  air_map_set (manifest, "layers", layers);
  return write_json (manifest);
}

static GBytes *
write_index (GBytes *subject, GBytes *attestation)
{
  g_autoptr (AirValue) index = air_map_new ();
  AirValue *image = descriptor_new (MANIFEST_TYPE, subject);
  AirValue *atts = descriptor_new (MANIFEST_TYPE, attestation);
  AirValue *manifests = air_list_new ();

  annotate (image, "kind", "dev.cosignproject.cosign/image", NULL, NULL);
  annotate (atts, "kind", "dev.cosignproject.cosign/atts", NULL, NULL);
  air_list_append (manifests, image);
  air_list_append (manifests, atts);
  air_map_set_int (index, "schemaVersion", 2);
  air_map_set_string (index, "mediaType", INDEX_TYPE);
  air_map_set (index, "manifests", manifests);
  return write_json (index);
}

static void
add_layout (GPtrArray *files, const char *folder, GBytes *envelope, GBytes *request)
{
  static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
  g_autoptr (GBytes) layout = g_bytes_new_static (layout_text, strlen (layout_text));
  g_autoptr (GBytes) config = g_bytes_new_static ("{}", 2);
  g_autoptr (GBytes) attestation = write_attestation (envelope, config);
  g_autoptr (GBytes) subject = NULL, index = NULL;
  GByteArray *bytes = g_byte_array_new ();
  GBytes *blobs[4];

  g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_byte_array_append (bytes, g_bytes_get_data (request, NULL), (guint) g_bytes_get_size (request));
  subject = g_byte_array_free_to_bytes (bytes);
  index = write_index (subject, attestation);

  add_file (files, folder, "oci-layout", layout);
  add_file (files, folder, "index.json", index);
  blobs[0] = subject;
  blobs[1] = attestation;
  blobs[2] = config;
  blobs[3] = envelope;
  for (guint i = 0; i < G_N_ELEMENTS (blobs); i++)
    {
      g_autofree char *hex = digest_of (blobs[i]);
      g_autofree char *name = g_strconcat ("blobs/sha256/", hex, NULL);

      add_file (files, folder, name, blobs[i]);
    }
}

void
air_bundle_add_decision (GPtrArray *files, const AirBundleBuilder *self, const AirBundleItem *item)
{
  const char *text = air_bundle_item_get_envelope (item);
  g_autofree char *name = g_strdup_printf ("decisions/%" G_GUINT64_FORMAT ".dsse.json", item->index);
  g_autofree char *folder = g_strdup_printf ("decisions/%" G_GUINT64_FORMAT ".layout/", item->index);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (AirDecision) decision = NULL;
  AirBundleItem *request;

  if (text == NULL)
    return;
  envelope = g_bytes_new (text, strlen (text));
  add_file (files, "", name, envelope);

  decision = air_decision_peek (text, strlen (text), NULL, NULL);
  request = decision != NULL ? air_bundle_find_by_hash (self, &decision->request) : NULL;
  if (request != NULL)
    add_layout (files, folder, envelope, air_entry_get_leaf (request->entry));
}
