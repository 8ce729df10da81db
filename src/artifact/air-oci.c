/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "air-artifact.h"
#include "air-oci.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

char *
air_oci_digest (GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  AirDigest digest = air_sha256 (data, length);
  g_autofree char *hex = air_digest_to_hex (&digest);

  return g_strconcat ("sha256:", hex, NULL);
}

AirValue *
air_oci_descriptor (const char *media_type, GBytes *bytes)
{
  g_autofree char *digest = air_oci_digest (bytes);
  AirValue *descriptor = air_map_new ();

  air_map_set_string (descriptor, "mediaType", media_type);
  air_map_set_string (descriptor, "digest", digest);
  air_map_set_int (descriptor, "size", g_bytes_get_size (bytes));
  return descriptor;
}

const char *
air_oci_annotation (const AirValue *descriptor, const char *name)
{
  return air_map_get_string (air_map_get_map (descriptor, "annotations"), name);
}

/* Only a digest that is one may become part of a path. */
static char *
blob_path (const char *directory, const char *digest)
{
  AirDigest parsed;

  if (digest == NULL || !g_str_has_prefix (digest, "sha256:") || !air_digest_from_hex (digest + 7, &parsed))
    return NULL;
  return g_build_filename (directory, "blobs", "sha256", digest + 7, NULL);
}

static gboolean
set_errno_error (GError **error, const char *what, const char *path)
{
  int saved = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s: %s", path, what, g_strerror (saved));
  return FALSE;
}

gboolean
air_oci_write_blob (const char *directory, GBytes *bytes, GError **error)
{
  g_autofree char *digest = air_oci_digest (bytes);
  g_autofree char *path = blob_path (directory, digest);
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0755) < 0)
    return set_errno_error (error, "cannot be made", folder);
  return g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

gboolean
air_oci_write_index (const char *directory, const AirValue *index, GError **error)
{
  g_autofree char *index_path = g_build_filename (directory, "index.json", NULL);
  g_autofree char *layout_path = g_build_filename (directory, "oci-layout", NULL);
  g_autofree char *text = NULL;
  gsize length;

  text = air_jcs_write (index, &length, error);
  return text != NULL
         && g_file_set_contents_full (layout_path, LAYOUT_TEXT, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error)
         && g_file_set_contents_full (index_path, text, length,
                                      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, error);
}

gboolean
air_oci_is_layout (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "oci-layout", NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

AirValue *
air_oci_read_index (const char *directory, GError **error)
{
  g_autofree char *index_path = g_build_filename (directory, "index.json", NULL);
  g_autofree char *layout_path = g_build_filename (directory, "oci-layout", NULL);
  g_autoptr (AirValue) layout = NULL, index = NULL;
  g_autoptr (GError) local = NULL;

  layout = air_json_load_file (layout_path, &local);
  if (layout != NULL)
    index = air_json_load_file (index_path, &local);
  if (index == NULL)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                   "%s: no OCI layout (%s); give the folder that \"airailsctl compile\" or \"publish\" wrote",
                   directory, local->message);
      return NULL;
    }
  if (g_strcmp0 (air_map_get_string (layout, "imageLayoutVersion"), "1.0.0") != 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT, "%s: not an OCI layout of version 1.0.0",
                   layout_path);
      return NULL;
    }
  if (air_map_get_int (index, "schemaVersion", 0) != 2 || air_map_get_list (index, "manifests") == NULL)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                   "%s: no OCI image index (\"schemaVersion\":2 and \"manifests\"); publish the artifact again",
                   index_path);
      return NULL;
    }
  return g_steal_pointer (&index);
}

GBytes *
air_oci_read_blob (const char *directory, const AirValue *descriptor, const char *media_type, GError **error)
{
  const char *digest = air_map_get_string (descriptor, "digest");
  const char *type = air_map_get_string (descriptor, "mediaType");
  gint64 size = air_map_get_int (descriptor, "size", -1);
  g_autofree char *path = blob_path (directory, digest);
  g_autofree char *actual = NULL;
  g_autofree char *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  GStatBuf status;
  gsize length;

  if (path == NULL)
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
          "%s: a descriptor has the digest \"%s\", not \"sha256:\" and 64 hexadecimal digits; take a sound copy",
          directory, digest != NULL ? digest : "");
      return NULL;
    }
  if (g_strcmp0 (type, media_type) != 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
                   "%s: has the media type \"%s\", not \"%s\"; take a sound copy", path, type != NULL ? type : "",
                   media_type);
      return NULL;
    }
  if (g_stat (path, &status) < 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST, "%s: %s; take a whole copy", path,
                   g_strerror (errno));
      return NULL;
    }
  if (size < 0 || size > AIR_OCI_MAX_BLOB || status.st_size != size)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                   "%s: holds %" G_GINT64_FORMAT " bytes, its descriptor says %" G_GINT64_FORMAT "; take a sound copy",
                   path, (gint64) status.st_size, size);
      return NULL;
    }
  if (!g_file_get_contents (path, &data, &length, error))
    return NULL;
  bytes = g_bytes_new_take (g_steal_pointer (&data), length);
  actual = air_oci_digest (bytes);
  if ((gint64) length != size || strcmp (actual, digest) != 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                   "%s: the bytes have the digest %s: they were changed; take a sound copy", path, actual);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

void
air_oci_prune (const char *directory, GPtrArray *digests)
{
  g_autofree char *folder = g_build_filename (directory, "blobs", "sha256", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *digest = g_strconcat ("sha256:", name, NULL);
      g_autofree char *path = blob_path (directory, digest);

      if (path != NULL && !g_ptr_array_find_with_equal_func (digests, digest, g_str_equal, NULL))
        g_unlink (path);
    }
}
