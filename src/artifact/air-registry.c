/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-oci.h"
#include "air-registry.h"

struct _AirRegistry {
  char *folder;
};

/**
 * air_registry_open:
 *
 * Returns: (transfer full): the registry, or %NULL with %AIR_ARTIFACT_ERROR_UNSUPPORTED
 */
AirRegistry *
air_registry_open (const char *location, GError **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (location);
  AirRegistry *self;
  char *folder;

  if (scheme == NULL)
    folder = g_strdup (location);
  else if (strcmp (scheme, "file") == 0)
    folder = g_filename_from_uri (location, NULL, error);
  else
    {
      g_set_error (
          error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
          "%s: a registry is a folder in this version; give its path, and copy from there to an OCI registry with "
          "\"skopeo copy oci:FOLDER docker://…\"",
          location);
      return NULL;
    }
  if (folder == NULL)
    return NULL;
  self = g_new0 (AirRegistry, 1);
  self->folder = folder;
  return self;
}

/**
 * air_registry_publish:
 *
 * Publishing the same artifact again is fine (its signatures are brought up to date); another artifact
 * under a version that is there is refused.
 *
 * Returns: (transfer full): the layout's path, or %NULL with %AIR_ARTIFACT_ERROR_DENIED or what
 *   air_artifact_verify() and air_artifact_write() give
 */
char *
air_registry_publish (AirRegistry *self, AirArtifact *artifact, GPtrArray *signers, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, artifact->workflow, artifact->version, NULL);

  if (!air_artifact_verify (artifact, signers, error))
    return NULL;
  if (air_oci_is_layout (path))
    {
      g_autoptr (AirArtifact) there = air_artifact_load (path, error);

      if (there == NULL)
        return NULL;
      if (strcmp (there->digest, artifact->digest) != 0)
        {
          g_set_error (
              error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DENIED,
              "%s: version %s of %s is published already as %s and never changes; give the workflow a new version",
              path, artifact->version, artifact->workflow, there->digest);
          return NULL;
        }
    }
  if (!air_artifact_write (artifact, path, error))
    return NULL;
  return g_steal_pointer (&path);
}

AirArtifact *
air_registry_fetch (AirRegistry *self, const char *workflow, const char *version, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, workflow, version, NULL);

  return air_artifact_load (path, error);
}

void
air_registry_free (AirRegistry *self)
{
  g_free (self->folder);
  g_free (self);
}
