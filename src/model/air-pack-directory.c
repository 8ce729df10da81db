/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-pack-directory.h"

#include <gio/gio.h>
#include <string.h>

/* No pack is deep or large; what is, is something else by mistake. */
#define MAX_DEPTH     3
#define MAX_FILES     2000
#define MAX_FILE_SIZE (4 * 1024 * 1024)

static gboolean
fail (const char *path, const GError *cause, GError **error)
{
  g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_IO, "%s:1:1: %s; check the path and its permissions", path,
               cause->message);
  return FALSE;
}

static gboolean
read_folder (const char *root, const char *relative, guint depth, GPtrArray *files, GError **error)
{
  g_autofree char *path = g_build_filename (root, relative, NULL);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &cause);
  const char *name;

  if (dir == NULL)
    return fail (path, cause, error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = *relative == '\0' ? g_strdup (name) : g_strconcat (relative, "/", name, NULL);
      g_autofree char *full = g_build_filename (root, below, NULL);

      /* Editors' leftovers, README and the like are no part of the pack. */
      if (name[0] == '.' || g_str_has_suffix (name, "~") || g_str_has_suffix (name, ".md"))
        continue;
      if (g_file_test (full, G_FILE_TEST_IS_DIR))
        {
          if (depth + 1 >= MAX_DEPTH)
            {
              g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK,
                           "%s:1:1: a pack has no folders in folders; move its files up", full);
              return FALSE;
            }
          if (!read_folder (root, below, depth + 1, files, error))
            return FALSE;
        }
      else
        {
          g_autofree char *data = NULL;
          g_autoptr (GBytes) bytes = NULL;
          gsize length;

          if (!g_file_get_contents (full, &data, &length, &cause))
            return fail (full, cause, error);
          if (length > MAX_FILE_SIZE || files->len >= MAX_FILES)
            {
              g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK,
                           "%s:1:1: too large for a pack (at most %d files of at most %d bytes)", full, MAX_FILES,
                           MAX_FILE_SIZE);
              return FALSE;
            }
          bytes = g_bytes_new_take (g_steal_pointer (&data), length);
          g_ptr_array_add (files, air_pack_file_new (below, bytes));
        }
    }
  return TRUE;
}

/**
 * air_pack_load_directory:
 * @path: the folder that holds pack.json
 * @error: return location
 *
 * Returns: (transfer full): the pack, or %NULL with %AIR_MODEL_ERROR
 */
AirPack *
air_pack_load_directory (const char *path, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);

  g_return_val_if_fail (path != NULL, NULL);

  if (!read_folder (path, "", 0, files, error))
    return NULL;
  return air_pack_load (files, path, error);
}

/* @name: by its own name only, since what is found in it goes into the artifact. */
static AirDocument *
read_beside (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length;

  if (!g_file_get_contents (path, &data, &length, &cause))
    {
      if (!g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        fail (name, cause, error);
      return NULL;
    }
  if (length > MAX_FILE_SIZE)
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_IO, "%s:1:1: too large for a workflow (at most %d bytes)",
                   name, MAX_FILE_SIZE);
      return NULL;
    }
  return air_document_load (AIR_DOCUMENT_WORKFLOW, data, length, name, error);
}

/* Those @value names as its steps, each once. */
static void
add_steps (const AirValue *value, GPtrArray *names, GHashTable *seen)
{
  AirValue *nodes = air_map_get_list (value, "nodes");

  for (gsize i = 0; nodes != NULL && i < air_list_get_size (nodes); i++)
    {
      AirValue *node = air_list_get (nodes, i);
      const char *id = air_map_get_string (node, "workflow");

      if (id != NULL && g_strcmp0 (air_map_get_string (node, "kind"), "workflow") == 0
          && g_hash_table_add (seen, (gpointer) id))
        g_ptr_array_add (names, (gpointer) id);
    }
}

/**
 * air_pack_load_beside:
 * @workflow: what names its steps
 * @folder: where it lies
 * @error: return location
 *
 * What the workflow names as its steps and has beside it in @folder, and what those name. What is not there may be in
 * a pack; what is there must be sound.
 *
 * Returns: (transfer full): a pack as of air_pack_new_beside(), or %NULL with an %AIR_MODEL_ERROR
 */
AirPack *
air_pack_load_beside (AirWorkflow *workflow, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) air_document_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_return_val_if_fail (workflow != NULL && folder != NULL, NULL);

  add_steps (air_document_get_value (air_workflow_get_document (workflow)), names, seen);
  for (guint i = 0; i < names->len && found->len < MAX_FILES; i++)
    {
      g_autofree char *name = g_strconcat (g_ptr_array_index (names, i), ".workflow.json", NULL);
      g_autoptr (GError) local = NULL;
      AirDocument *document = read_beside (folder, name, &local);

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (document == NULL)
        continue;
      g_ptr_array_add (found, document);
      if (g_strcmp0 (air_document_get_id (document), g_ptr_array_index (names, i)) != 0)
        {
          air_document_set_error (document, "/id", AIR_MODEL_ERROR_REFERENCE, error,
                                  "the file is called after '%s' but says '%s'; rename one",
                                  (char *) g_ptr_array_index (names, i), air_document_get_id (document));
          return NULL;
        }
      add_steps (air_document_get_value (document), names, seen);
    }
  return air_pack_new_beside (found);
}

static int
compare_packs (gconstpointer a, gconstpointer b)
{
  return strcmp (air_pack_get_id (*(AirPack *const *) a), air_pack_get_id (*(AirPack *const *) b));
}

/* A pack without its pack.json is not passed over: somebody would miss what it holds. */
static gboolean
looks_like_pack (const char *path)
{
  static const char *const folders[] = { "connectors", "ops", "fixtures", "policies", "workflows", "components" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (path, folders[i], NULL);

      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    }
  return FALSE;
}

/**
 * air_packs_load_directory:
 * @path: a folder of packs, or the folder of one pack
 * @error: return location
 *
 * Returns: (transfer container) (element-type AirPack): the packs sorted by id, or %NULL with %AIR_MODEL_ERROR
 */
GPtrArray *
air_packs_load_directory (const char *path, GError **error)
{
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autofree char *own = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (path != NULL, NULL);

  own = g_build_filename (path, "pack.json", NULL);
  if (g_file_test (own, G_FILE_TEST_EXISTS))
    {
      AirPack *pack = air_pack_load_directory (path, error);

      if (pack == NULL)
        return NULL;
      g_ptr_array_add (packs, pack);
      return g_steal_pointer (&packs);
    }

  dir = g_dir_open (path, 0, &cause);
  if (dir == NULL)
    {
      fail (path, cause, error);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (path, name, NULL);
      g_autofree char *start = g_build_filename (folder, "pack.json", NULL);
      AirPack *pack;

      if (!g_file_test (start, G_FILE_TEST_EXISTS) && !looks_like_pack (folder))
        continue;
      pack = air_pack_load_directory (folder, error);
      if (pack == NULL)
        return NULL;
      g_ptr_array_add (packs, pack);
    }
  if (packs->len == 0)
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_IO,
                   "%s:1:1: no pack here; give the folder that holds pack.json, or a folder of such folders", path);
      return NULL;
    }
  g_ptr_array_sort (packs, compare_packs);
  return g_steal_pointer (&packs);
}
