/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include "air-bundle-run.h"

#include "air-bundle-private.h"

void
air_bundle_run_free (AirBundleRun *self)
{
  g_free (self->instance);
  g_ptr_array_unref (self->leaves);
  g_ptr_array_unref (self->disclosures);
  g_free (self->artifact);
  g_clear_pointer (&self->plan, g_bytes_unref);
  g_free (self);
}

/* What a bundle hands in, in the order of the ledger. */
static int
compare_inputs (gconstpointer a, gconstpointer b)
{
  const AirBundleInput *x = *(AirBundleInput *const *) a, *y = *(AirBundleInput *const *) b;

  return x->index < y->index ? -1 : x->index > y->index;
}

/**
 * air_bundle_run_read:
 * @zip: the bytes of a bundle
 *
 * Returns: (transfer full): the run, or NULL with AIR_LEDGER_ERROR naming the file at fault
 */
AirBundleRun *
air_bundle_run_read (GBytes *zip, GError **error)
{
  g_autoptr (GPtrArray) files = air_zip_read (zip, error);
  g_autoptr (AirBundleBuilder) builder = NULL;
  g_autoptr (AirBundleRun) self = NULL;
  g_autofree char *file = NULL;

  if (files == NULL)
    return NULL;
  builder = air_bundle_unpack (files, &file, error);
  if (builder == NULL)
    {
      g_prefix_error (error, "%s: ", file != NULL ? file : "bundle");
      return NULL;
    }
  self = g_new0 (AirBundleRun, 1);
  self->instance = g_strdup (builder->instance);
  self->leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->disclosures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  self->plan = builder->plan != NULL ? g_bytes_ref (builder->plan) : NULL;
  g_ptr_array_sort (builder->inputs, compare_inputs);
  for (guint i = 0; i < builder->inputs->len; i++)
    {
      const AirBundleInput *input = builder->inputs->pdata[i];
      g_autoptr (AirEntry) entry = air_entry_parse (input->leaf, error);
      const char *artifact;

      if (entry == NULL)
        {
          g_prefix_error (error, "entry %" G_GUINT64_FORMAT ": ", input->index);
          return NULL;
        }
      if (g_strcmp0 (air_entry_get_instance (entry), self->instance) != 0)
        continue;
      artifact = air_map_get_string (air_entry_get_members (entry), "artifact");
      if (self->artifact == NULL && artifact != NULL)
        self->artifact = g_strdup (artifact);
      g_ptr_array_add (self->leaves, g_bytes_ref (input->leaf));
      g_ptr_array_add (self->disclosures,
                       input->disclosures != NULL ? g_ptr_array_ref (input->disclosures) : g_ptr_array_new ());
    }
  if (self->leaves->len > 0)
    return g_steal_pointer (&self);
  g_set_error (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_MALFORMED, "the bundle holds no entry of run '%s'",
               self->instance != NULL ? self->instance : "");
  return NULL;
}
