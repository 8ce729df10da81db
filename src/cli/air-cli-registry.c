/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-registry.h"

void
air_cli_registry_clear (AirCliRegistry *self)
{
  g_clear_pointer (&self->auth_file, g_free);
  g_clear_pointer (&self->ca, g_free);
  g_clear_pointer (&self->certificate, g_free);
  g_clear_pointer (&self->key, g_free);
}

/**
 * air_cli_is_registry:
 * @place: what was given
 *
 * Returns: whether it names a registry and not a folder
 */
gboolean
air_cli_is_registry (const char *place)
{
  return g_str_has_prefix (place, "oci://");
}

static void
progress_cb (const char *what, guint done, guint all, gpointer user_data)
{
  air_cli_progress (user_data, what, done, all);
}

/**
 * air_cli_registry_open:
 * @cli: whose progress is shown
 * @self: the options given
 * @location: as air_registry_open() takes it
 * @error: return location
 *
 * Returns: (transfer full): the registry, or %NULL with an %AIR_ARTIFACT_ERROR
 */
AirRegistry *
air_cli_registry_open (const AirCli *cli, const AirCliRegistry *self, const char *location, GError **error)
{
  const AirRegistryOptions options = {
    .auth_file = self->auth_file,
    .ca_file = self->ca,
    .certificate_file = self->certificate,
    .key_file = self->key,
    .plain_http = self->plain_http,
    .progress = progress_cb,
    .progress_data = (gpointer) cli,
  };

  return air_registry_open (location, &options, error);
}

/**
 * air_cli_load_artifact:
 * @cli: whose progress is shown
 * @self: the options given
 * @place: a folder, or oci://HOST[:PORT][/NAMESPACE]/airails/WORKFLOW:VERSION
 * @error: return location
 *
 * No signature is checked.
 *
 * Returns: (transfer full): the artifact, or %NULL with %AIR_CLI_ERROR_USAGE when no version is given, or an
 *   %AIR_ARTIFACT_ERROR
 */
AirArtifact *
air_cli_load_artifact (const AirCli *cli, const AirCliRegistry *self, const char *place, GError **error)
{
  g_autofree char *location = NULL, *workflow = NULL, *reference = NULL;
  g_autoptr (AirRegistry) registry = NULL;
  AirArtifact *artifact;

  if (!air_cli_is_registry (place))
    return air_artifact_load (place, error);
  if (!air_registry_parse (place, &location, &workflow, &reference, error))
    return NULL;
  if (reference == NULL)
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_USAGE, "%s: which version? Write %s:VERSION", place, place);
      return NULL;
    }
  registry = air_cli_registry_open (cli, self, location, error);
  artifact = registry != NULL ? air_registry_fetch (registry, workflow, reference, error) : NULL;
  return artifact;
}
