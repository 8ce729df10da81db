/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "air-artifact.h"
#include "air-oci.h"
#include "base/air-file.h"
#include "base/air-hash.h"
#include "base/air-json.h"

#define LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

/**
 * air_oci_digest:
 * @bytes: any
 *
 * Returns: (transfer full): "sha256:<hex>"
 */
char *
air_oci_digest (GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  AirDigest digest = air_sha256 (data, length);
  g_autofree char *hex = air_digest_to_hex (&digest);

  return g_strconcat ("sha256:", hex, NULL);
}

/**
 * air_oci_descriptor:
 * @media_type: of @bytes
 * @bytes: what it names
 *
 * Returns: (transfer full): {"mediaType", "digest", "size"}; the caller may add annotations
 */
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

/**
 * air_oci_annotation:
 * @descriptor: (nullable): a descriptor
 * @name: an annotation
 *
 * Returns: (transfer none) (nullable): its value
 */
const char *
air_oci_annotation (const AirValue *descriptor, const char *name)
{
  return air_map_get_string (air_map_get_map (descriptor, "annotations"), name);
}

/**
 * air_oci_is_digest:
 * @text: (nullable): from anybody
 *
 * Returns: whether it is "sha256:" and 64 lower-case hexadecimal digits
 */
gboolean
air_oci_is_digest (const char *text)
{
  AirDigest parsed;

  return text != NULL && g_str_has_prefix (text, "sha256:") && air_digest_from_hex (text + 7, &parsed);
}

/* Only a digest that is one may become part of a path. */
static char *
blob_path (const char *directory, const char *digest)
{
  if (!air_oci_is_digest (digest))
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

static gboolean
write_blob (const char *directory, GBytes *bytes, GError **error)
{
  g_autofree char *digest = air_oci_digest (bytes);
  g_autofree char *path = blob_path (directory, digest);
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0755) < 0)
    return set_errno_error (error, "cannot be made", folder);
  return g_file_set_contents_full (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

static gboolean
write_index (const char *directory, const AirValue *index, GError **error)
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

/**
 * air_oci_is_layout:
 * @directory: a folder, or none
 *
 * Returns: whether it holds the file that marks an image layout; what is in it is not looked at
 */
gboolean
air_oci_is_layout (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "oci-layout", NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static AirValue *
read_index (const char *directory, GError **error)
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
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_LAYOUT,
                   "%s: not an OCI layout of version 1.0.0; make it anew", layout_path);
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

/* --- layouts --------------------------------------------------------------------- */

/**
 * air_oci_layout_new:
 * @name: what messages call it
 *
 * Returns: (transfer full): an empty layout in memory
 */
AirOciLayout *
air_oci_layout_new (const char *name)
{
  AirOciLayout *self = g_new0 (AirOciLayout, 1);

  self->name = g_strdup (name);
  self->index = air_map_new ();
  air_map_set_int (self->index, "schemaVersion", 2);
  air_map_set_string (self->index, "mediaType", AIR_OCI_INDEX_TYPE);
  air_map_set (self->index, "manifests", air_list_new ());
  self->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  return self;
}

/**
 * air_oci_layout_open:
 * @directory: a folder that air_oci_is_layout()
 *
 * Returns: (transfer full): the layout, its blobs unread, or %NULL with %AIR_ARTIFACT_ERROR_LAYOUT
 */
AirOciLayout *
air_oci_layout_open (const char *directory, GError **error)
{
  g_autoptr (AirValue) index = read_index (directory, error);
  AirOciLayout *self;

  if (index == NULL)
    return NULL;
  self = g_new0 (AirOciLayout, 1);
  self->name = g_strdup (directory);
  self->directory = g_strdup (directory);
  self->index = g_steal_pointer (&index);
  return self;
}

/**
 * air_oci_layout_add_blob:
 * @self: a layout in memory
 * @bytes: referenced, not copied
 */
void
air_oci_layout_add_blob (AirOciLayout *self, GBytes *bytes)
{
  g_hash_table_replace (self->blobs, air_oci_digest (bytes), g_bytes_ref (bytes));
}

/**
 * air_oci_layout_add_root:
 * @self: a layout in memory
 * @manifest: a manifest the index names
 * @kind: cosign's kind
 * @tag: its reference name
 * @artifact_type: (nullable): of the descriptor
 */
void
air_oci_layout_add_root (AirOciLayout *self,
                         GBytes *manifest,
                         const char *kind,
                         const char *tag,
                         const char *artifact_type)
{
  AirValue *descriptor = air_oci_descriptor (AIR_OCI_MANIFEST_TYPE, manifest), *annotations = air_map_new ();

  if (artifact_type != NULL)
    air_map_set_string (descriptor, "artifactType", artifact_type);
  air_map_set_string (annotations, AIR_OCI_KIND, kind);
  air_map_set_string (annotations, AIR_OCI_REF_NAME, tag);
  air_map_set (descriptor, "annotations", annotations);
  air_list_append (air_map_get_list (self->index, "manifests"), descriptor);
  air_oci_layout_add_blob (self, manifest);
}

static GBytes *
load_blob (AirOciLayout *self, const char *path, const char *digest, gint64 size, GError **error)
{
  g_autofree char *data = NULL;
  GStatBuf status;
  GBytes *bytes;
  gsize length;

  if (self->directory == NULL)
    {
      bytes = g_hash_table_lookup (self->blobs, digest);
      if (bytes != NULL)
        return g_bytes_ref (bytes);
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST, "%s: there is no blob %s; take a whole copy",
                   self->name, digest);
      return NULL;
    }
  if (g_stat (path, &status) < 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST, "%s: %s; take a whole copy", path,
                   g_strerror (errno));
      return NULL;
    }
  /* Before it is read: who knows what lies there. */
  if (status.st_size != size)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                   "%s: holds %" G_GINT64_FORMAT " bytes, its descriptor says %" G_GINT64_FORMAT "; take a sound copy",
                   path, (gint64) status.st_size, size);
      return NULL;
    }
  if (!air_file_load (path, &data, &length, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), length);
}

/**
 * air_oci_layout_read:
 * @self: a layout
 * @descriptor: what names the blob
 * @media_type: what it has to be
 *
 * Returns: (transfer full): the blob, of its size, its digest and of @media_type; or %NULL with
 *   %AIR_ARTIFACT_ERROR_MANIFEST or %AIR_ARTIFACT_ERROR_DIGEST
 */
GBytes *
air_oci_layout_read (AirOciLayout *self, const AirValue *descriptor, const char *media_type, GError **error)
{
  const char *digest = air_map_get_string (descriptor, "digest");
  const char *type = air_map_get_string (descriptor, "mediaType");
  gint64 size = air_map_get_int (descriptor, "size", -1);
  g_autofree char *path = blob_path (self->name, digest);
  g_autofree char *actual = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (path == NULL)
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
          "%s: a descriptor has the digest \"%s\", not \"sha256:\" and 64 hexadecimal digits; take a sound copy",
          self->name, digest != NULL ? digest : "");
      return NULL;
    }
  if (g_strcmp0 (type, media_type) != 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_MANIFEST,
                   "%s: has the media type \"%s\", not \"%s\"; take a sound copy", path, type != NULL ? type : "",
                   media_type);
      return NULL;
    }
  if (size < 0 || size > AIR_OCI_MAX_BLOB)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                   "%s: its descriptor has no size, or one above %u; take a sound copy", path, AIR_OCI_MAX_BLOB);
      return NULL;
    }
  bytes = load_blob (self, path, digest, size, error);
  if (bytes == NULL)
    return NULL;
  actual = air_oci_digest (bytes);
  if ((gint64) g_bytes_get_size (bytes) != size || strcmp (actual, digest) != 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DIGEST,
                   "%s: the bytes have the digest %s: they were changed; take a sound copy", path, actual);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

static void
prune (AirOciLayout *self, const char *directory)
{
  g_autofree char *folder = g_build_filename (directory, "blobs", "sha256", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *digest = g_strconcat ("sha256:", name, NULL);
      g_autofree char *path = blob_path (directory, digest);

      if (path != NULL && !g_hash_table_contains (self->blobs, digest))
        g_unlink (path);
    }
}

/**
 * air_oci_layout_write:
 * @self: a layout in memory
 * @directory: where to
 * @self.
 *
 * Content first, index last and atomically: whoever reads sees the old layout or the new one. Removes blobs that are
 * not in
 *
 * Returns: %FALSE with a %G_FILE_ERROR or an %AIR_JSON_ERROR; the old layout then still stands
 */
gboolean
air_oci_layout_write (AirOciLayout *self, const char *directory, GError **error)
{
  GHashTableIter iter;
  gpointer bytes;

  g_return_val_if_fail (self->directory == NULL, FALSE);

  g_hash_table_iter_init (&iter, self->blobs);
  while (g_hash_table_iter_next (&iter, NULL, &bytes))
    if (!write_blob (directory, bytes, error))
      return FALSE;
  if (!write_index (directory, self->index, error))
    return FALSE;
  prune (self, directory);
  return TRUE;
}

void
air_oci_layout_free (AirOciLayout *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->directory);
  g_clear_pointer (&self->index, air_value_unref);
  g_clear_pointer (&self->blobs, g_hash_table_unref);
  g_free (self);
}
