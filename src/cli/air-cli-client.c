/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-client.h"

/**
 * air_cli_open_client:
 * @path: (nullable): of a profile; %NULL for $AIRAILS_PROFILE, else airails/profile.json of the user's configuration
 * @error: return location
 *
 * Contacts nobody yet.
 *
 * Returns: (transfer full): the client, or %NULL with %AIR_CLI_ERROR_INPUT when there is no profile, or with an
 *   %AIR_CLIENT_ERROR, %AIR_JSON_ERROR or %G_FILE_ERROR
 */
AirClient *
air_cli_open_client (const char *path, GError **error)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "airails", "profile.json", NULL);
  g_autoptr (AirClientProfile) profile = NULL;

  if (path == NULL)
    path = g_getenv ("AIRAILS_PROFILE");
  if (path == NULL && !g_file_test (own, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
                   "no profile: which runtime is meant? Give --profile FILE, or write %s with {\"url\", \"ca\", "
                   "\"certificate\", "
                   "\"private_key\"}",
                   own);
      return NULL;
    }
  profile = air_client_profile_load (path != NULL ? path : own, error);
  return profile != NULL ? air_client_new (profile, error) : NULL;
}
