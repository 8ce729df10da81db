/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-sim.h"

#include "base/air-hash.h"
#include "base/air-json.h"

/* Keys and digests of a play are of no artifact: the plan's own digest stands in. */
static char *
digest_of (const AirValue *plan, GError **error)
{
  gsize length;
  g_autofree char *bytes = air_jcs_write (plan, &length, error), *hex = NULL;
  AirDigest digest;

  if (bytes == NULL)
    return NULL;
  digest = air_sha256 (bytes, length);
  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

/**
 * air_cli_play_init:
 * @self: (out caller-allocates): what is played
 * @cli: the command
 * @path: of the workflow
 * @packs_folder: (nullable): where its packs lie
 * @ret_exit: (out): the exit status that fits, when it fails
 *
 * Returns: %FALSE when it cannot be played; why was said
 */
gboolean
air_cli_play_init (AirCliPlay *self, const AirCli *cli, const char *path, const char *packs_folder, int *ret_exit)
{
  g_autofree char *digest = NULL;
  GError *error = NULL;

  self->compiled = air_cli_compile (cli, path, packs_folder, &self->packs, &error);
  if (self->compiled == NULL)
    {
      *ret_exit = air_cli_fail (cli, error);
      return FALSE;
    }
  if (self->compiled->n_errors > 0)
    {
      air_cli_print_compiled (self->compiled, cli->json);
      *ret_exit = AIR_EXIT_REFUSED;
      return FALSE;
    }
  digest = digest_of (self->compiled->plan, &error);
  if (digest != NULL)
    self->plan = air_plan_load (self->compiled->plan, digest, &error);
  if (self->plan != NULL)
    self->mocks = air_mocks_new (self->plan, self->packs, &error);
  if (self->mocks != NULL)
    return TRUE;
  *ret_exit = air_cli_fail (cli, error);
  return FALSE;
}

void
air_cli_play_clear (AirCliPlay *self)
{
  g_clear_pointer (&self->mocks, air_mocks_free);
  g_clear_pointer (&self->plan, air_plan_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
  g_clear_pointer (&self->compiled, air_compile_result_free);
}
