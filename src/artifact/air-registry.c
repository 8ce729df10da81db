/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-artifact"

#include "config.h"

#include <string.h>

#include "air-oci.h"
#include "air-registry-private.h"

#define MARK "/airails/" /* before the workflow in every repository's name */

/**
 * air_registry_open:
 * @location: a folder, or "file:" with one: LOCATION/<workflow>/<version> are OCI layouts; or
 *   "oci://HOST[:PORT][/NAMESPACE]": a registry of the OCI distribution specification, where repositories are called
 *   [NAMESPACE/]airails/<workflow>
 * @options: (nullable): for registries over HTTP
 *
 * Returns: (transfer full): the registry, or %NULL with %AIR_ARTIFACT_ERROR_UNSUPPORTED or what its files give
 */
AirRegistry *
air_registry_open (const char *location, const AirRegistryOptions *options, GError **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (location), *folder = NULL;

  if (scheme == NULL)
    return air_registry_folder_new (location);
  if (strcmp (scheme, "file") == 0)
    {
      folder = g_filename_from_uri (location, NULL, error);
      return folder != NULL ? air_registry_folder_new (folder) : NULL;
    }
  if (strcmp (scheme, "oci") == 0)
    return air_registry_http_new (location, options, error);
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
               "%s: a registry is a folder, or oci://HOST[:PORT][/NAMESPACE]", location);
  return NULL;
}

/**
 * air_registry_is_channel:
 * @tag: a tag
 *
 * Returns: whether it names a channel: versions begin with a digit, channels with a letter
 */
gboolean
air_registry_is_channel (const char *tag)
{
  return g_ascii_isalpha (*tag);
}

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
               "%s: write oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW:VERSION, or @sha256:… instead of :VERSION",
               text);
  return FALSE;
}

/**
 * air_registry_parse:
 * @text: "oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW[:TAG][@DIGEST]"
 * @ret_location: (out) (transfer full): for air_registry_open()
 * @ret_workflow: (out) (transfer full): the workflow's id
 * @ret_reference: (out) (transfer full) (nullable): the digest, or the tag
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_UNSUPPORTED, and nothing set, when @text is anything else
 */
gboolean
air_registry_parse (const char *text, char **ret_location, char **ret_workflow, char **ret_reference, GError **error)
{
  g_autofree char *whole = g_strdup (text), *digest = NULL, *tag = NULL;
  char *at, *slash, *colon;

  if (!g_str_has_prefix (whole, "oci://"))
    return refuse (error, text);
  at = strchr (whole, '@');
  if (at != NULL)
    {
      digest = g_strdup (at + 1);
      *at = '\0';
      if (!air_oci_is_digest (digest))
        return refuse (error, text);
    }
  slash = g_strrstr (whole, MARK);
  if (slash == NULL || slash < whole + strlen ("oci://") + 1)
    return refuse (error, text);
  colon = strchr (slash, ':');
  if (colon != NULL)
    {
      tag = g_strdup (colon + 1);
      *colon = '\0';
      if (*tag == '\0' || strpbrk (tag, "/:?#") != NULL)
        return refuse (error, text);
    }
  if (slash[strlen (MARK)] == '\0' || strchr (slash + strlen (MARK), '/') != NULL)
    return refuse (error, text);
  *ret_workflow = g_strdup (slash + strlen (MARK));
  *ret_location = g_strndup (whole, slash - whole);
  *ret_reference = digest != NULL ? g_steal_pointer (&digest) : g_steal_pointer (&tag);
  return TRUE;
}

void
air_registry_deny (AirArtifact *artifact, const char *where, const char *there, GError **error)
{
  g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_DENIED,
               "%s: version %s of %s is published already as %s and never changes; give the workflow a new version",
               where, artifact->version, artifact->workflow, there);
}

/**
 * air_registry_publish:
 * @self: a registry
 * @artifact: signed by a designer
 * @signers: (element-type AirSigner): the pinned signers
 *
 * Publishing the same artifact again is fine (its signatures are brought up to date); another artifact
 * under a version that is there is refused.
 *
 * Returns: (transfer full): where it is, for people and for a runtime's configuration, or %NULL with
 *   %AIR_ARTIFACT_ERROR_DENIED or what air_artifact_verify() and the
 *   registry give
 */
char *
air_registry_publish (AirRegistry *self, AirArtifact *artifact, GPtrArray *signers, GError **error)
{
  if (!air_artifact_verify (artifact, signers, error))
    return NULL;
  return self->kind->publish (self, artifact, error);
}

/**
 * air_registry_fetch:
 * @self: a registry
 * @workflow: the workflow's id
 * @version: a version; over HTTP also a channel ("stage") or a digest
 *
 * Nothing of it is verified but its digests: see air_artifact_verify().
 *
 * Returns: (transfer full): the artifact, or %NULL with %AIR_ARTIFACT_ERROR_NOT_FOUND, _LAYOUT, _DIGEST, _MANIFEST,
 *   _ACCESS or _REGISTRY
 */
AirArtifact *
air_registry_fetch (AirRegistry *self, const char *workflow, const char *version, GError **error)
{
  return self->kind->fetch (self, workflow, version, error);
}

/**
 * air_registry_list:
 * @self: a registry
 * @workflow: the workflow's id
 *
 * Returns: (transfer full): its versions, and the channels that lead to one: sorted; or %NULL with an
 *   %AIR_ARTIFACT_ERROR
 */
char **
air_registry_list (AirRegistry *self, const char *workflow, GError **error)
{
  return self->kind->list (self, workflow, error);
}

/**
 * air_registry_set_channel:
 * @self: a registry
 * @artifact: what is published there
 * @channel: "stage", "prod"
 *
 * Lets a channel lead to a published artifact. Channels move; versions do not.
 *
 * Returns: %FALSE with %AIR_ARTIFACT_ERROR_UNSUPPORTED for a name that is no channel's or a registry that has none, or
 *   another %AIR_ARTIFACT_ERROR
 */
gboolean
air_registry_set_channel (AirRegistry *self, AirArtifact *artifact, const char *channel, GError **error)
{
  if (!air_registry_is_channel (channel) || strpbrk (channel, "/:@?# ") != NULL || strlen (channel) > 64
      || g_str_has_prefix (channel, "sha256-"))
    {
      g_set_error (error, AIR_ARTIFACT_ERROR, AIR_ARTIFACT_ERROR_UNSUPPORTED,
                   "\"%s\" is no channel's name; it begins with a letter, like stage or prod", channel);
      return FALSE;
    }
  return self->kind->set_channel (self, artifact, channel, error);
}

void
air_registry_free (AirRegistry *self)
{
  if (self != NULL)
    self->kind->free (self);
}
