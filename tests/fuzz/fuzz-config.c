/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fuzz-file.h"
#include "runtime/air-config.h"

/* A runtime's configuration has all that must be there, or is refused. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirConfig) config = air_config_load (fuzz_file (data, size), &error);

  g_assert_true ((config == NULL) == (error != NULL));
  if (config == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_true (config->artifact != NULL && config->trust != NULL && config->state != NULL && config->listen != NULL);
  g_assert_true (config->origin != NULL && config->ledger_key != NULL && config->max_effects > 0);
  for (guint i = 0; i < config->witnesses->len; i++)
    g_assert_nonnull (((AirWitnessConfig *) config->witnesses->pdata[i])->key);
  return 0;
}
