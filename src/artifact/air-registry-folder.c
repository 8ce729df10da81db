/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-oci.h"
#include "air-registry-private.h"

typedef struct {
  AirRegistry parent;
  char *folder;
} Folder;

static char *
publish (AirRegistry *registry, AirArtifact *artifact, GError **error)
{
  Folder *self = (Folder *) registry;
  g_autofree char *path = g_build_filename (self->folder, artifact->workflow, artifact->version, NULL);

  if (air_oci_is_layout (path))
    {
      g_autoptr (AirArtifact) there = air_artifact_load (path, error);

      if (there == NULL)
        return NULL;
      if (strcmp (there->digest, artifact->digest) != 0)
        {
          air_registry_deny (artifact, path, there->digest, error);
          return NULL;
        }
    }
  if (!air_artifact_write (artifact, path, error))
    return NULL;
  return g_steal_pointer (&path);
}

/* Names come from command lines and may not climb out of the folder. */
static gboolean
is_name (const char *text)
{
  return *text != '\0' && *text != '.' && strchr (text, '/') == NULL;
}

static AirArtifact *
fetch (AirRegistry *registry, const char *workflow, const char *version, GError **error)
{
  Folder *self = (Folder *) registry;
  g_autofree char *path = g_build_filename (self->folder, workflow, version, NULL);

  if (!is_name (workflow) || !is_name (version))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND, "%s: there is no \"%s\" of \"%s\"",
                   self->folder, version, workflow);
      return NULL;
    }
  return air_artifact_load (path, error);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char **
list (AirRegistry *registry, const char *workflow, GError **error)
{
  Folder *self = (Folder *) registry;
  g_autofree char *path = g_build_filename (self->folder, workflow, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = is_name (workflow) ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *layout = g_build_filename (path, name, NULL);

      if (air_oci_is_layout (layout))
        g_ptr_array_add (names, g_strdup (name));
    }
  if (names->len == 0)
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_NOT_FOUND, "%s: holds no version of \"%s\"",
                   self->folder, workflow);
      return NULL;
    }
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static gboolean
set_channel (AirRegistry *registry, AirArtifact *artifact, const char *channel, GError **error)
{
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
               "a folder holds versions only; publish to a registry (oci://…) to move the channel \"%s\"", channel);
  return FALSE;
}

static void
folder_free (AirRegistry *registry)
{
  Folder *self = (Folder *) registry;

  g_free (self->folder);
  g_free (self);
}

AirRegistry *
air_registry_folder_new (const char *folder)
{
  static const AirRegistryKind kind = { publish, fetch, list, set_channel, folder_free };
  Folder *self = g_new0 (Folder, 1);

  self->parent.kind = &kind;
  self->folder = g_strdup (folder);
  return &self->parent;
}
