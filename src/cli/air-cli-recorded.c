/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airailsctl"

#include "config.h"

#include "air-cli-recorded.h"

#include <string.h>

#include "air-cli.h"
#include "base/air-json.h"
#include "ledger/air-bundle-run.h"
#include "ledger/air-entry.h"
#include "runtime/air-store.h"

static AirRecorded *
read_bundle (GBytes *zip, GError **error)
{
  g_autoptr (AirBundleRun) run = air_bundle_run_read (zip, error);
  g_autoptr (AirPlan) plan = NULL;

  if (run == NULL)
    return NULL;
  if (run->plan != NULL && run->artifact != NULL)
    {
      g_autoptr (AirValue) document = air_json_parse_bytes (run->plan, error);

      plan = document != NULL ? air_plan_load (document, run->artifact, error) : NULL;
      if (plan == NULL)
        {
          g_prefix_error (error, "the plan in the bundle: ");
          return NULL;
        }
    }
  return air_recorded_new (run->instance, run->leaves, run->disclosures, plan, error);
}

/**
 * air_cli_read_bundle:
 * @zip: the bytes of an exported bundle
 * @name: what messages call it
 * @error: return location
 *
 * Returns: (transfer full): the run, with the plan it ran on where the bundle holds it; or %NULL with
 *   %AIR_CLI_ERROR_INPUT
 */
AirRecorded *
air_cli_read_bundle (GBytes *zip, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;
  AirRecorded *recorded = read_bundle (zip, &cause);

  if (recorded == NULL)
    g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT, "%s: %s; export the run again", name, cause->message);
  return recorded;
}

typedef struct {
  char *id;
  GPtrArray *leaves;
  GPtrArray *disclosures;
} Found;

static void
found_free (Found *found)
{
  g_free (found->id);
  g_ptr_array_unref (found->leaves);
  g_ptr_array_unref (found->disclosures);
  g_free (found);
}

/* Every run of a ledger, in the order in which they began. */
static gboolean
scan (AirStore *store, GPtrArray *order, GHashTable *by_id, GError **error)
{
  gboolean begin = TRUE;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      AirStoredEntry *stored = air_store_scan (store, 0, begin, &local);
      g_autoptr (AirEntry) entry = NULL;
      const char *id;
      Found *found;

      begin = FALSE;
      if (stored == NULL)
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return local == NULL && (error == NULL || *error == NULL);
        }
      entry = air_entry_parse (stored->leaf, error);
      if (entry == NULL)
        {
          air_stored_entry_free (stored);
          return FALSE;
        }
      id = air_entry_get_instance (entry);
      if (!g_str_has_prefix (id, "epoch-"))
        {
          found = g_hash_table_lookup (by_id, id);
          if (found == NULL)
            {
              found = g_new0 (Found, 1);
              found->id = g_strdup (id);
              found->leaves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
              found->disclosures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
              g_hash_table_insert (by_id, found->id, found);
              g_ptr_array_add (order, found);
            }
          g_ptr_array_add (found->leaves, g_bytes_ref (stored->leaf));
          g_ptr_array_add (found->disclosures,
                           stored->disclosures != NULL ? g_ptr_array_ref (stored->disclosures) : g_ptr_array_new ());
        }
      air_stored_entry_free (stored);
    }
}

static gboolean
read_ledger (const char *path, GPtrArray *runs, GPtrArray *skipped, GError **error)
{
  g_autoptr (AirStore) store = air_store_open (path, TRUE, error);
  g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func ((GDestroyNotify) found_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);

  if (store == NULL || !scan (store, order, by_id, error))
    return FALSE;
  for (guint i = 0; i < order->len; i++)
    {
      const Found *found = order->pdata[i];
      g_autoptr (GError) local = NULL;
      AirRecorded *recorded = air_recorded_new (found->id, found->leaves, found->disclosures, NULL, &local);

      if (recorded != NULL)
        g_ptr_array_add (runs, recorded);
      else
        g_ptr_array_add (skipped, g_strdup (local->message));
    }
  return TRUE;
}

static gboolean
read_file (const char *path, GPtrArray *runs, GError **error)
{
  g_autoptr (GBytes) zip = air_cli_read (path, error);
  AirRecorded *recorded = zip != NULL ? air_cli_read_bundle (zip, path, error) : NULL;

  if (recorded == NULL)
    return FALSE;
  g_ptr_array_add (runs, recorded);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * air_cli_read_runs:
 * @path: a bundle, a folder of bundles, or the state folder of a runtime (which keeps no plan)
 * @skipped: (element-type utf8): gets "what: why" of what cannot be read
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirRecorded): the runs there; or %NULL with %AIR_CLI_ERROR_INPUT, an
 *   %AIR_STORE_ERROR, a %G_FILE_ERROR, or what the one file at @path fails with
 */
GPtrArray *
air_cli_read_runs (const char *path, GPtrArray *skipped, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_recorded_free);
  g_autofree char *ledger = g_build_filename (path, "ledger.sqlite", NULL);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return read_file (path, runs, error) ? g_steal_pointer (&runs) : NULL;
  if (g_file_test (ledger, G_FILE_TEST_EXISTS))
    return read_ledger (ledger, runs, skipped, error) ? g_steal_pointer (&runs) : NULL;
  folder = g_dir_open (path, 0, error);
  if (folder == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_suffix (name, ".zip"))
      g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (GError) local = NULL;

      if (!read_file (names->pdata[i], runs, &local))
        g_ptr_array_add (skipped, g_strdup (local->message));
    }
  if (runs->len > 0 || skipped->len > 0)
    return g_steal_pointer (&runs);
  g_set_error (error, AIR_CLI_ERROR, AIR_CLI_ERROR_INPUT,
               "%s holds neither a ledger nor bundles (*.zip); export some with \"airailsctl export\"", path);
  return NULL;
}
