/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-pack-private.h"

#include <string.h>

#include "base/air-hash.h"

/* The folders of a pack, and what stands in them. */
typedef enum { CONNECTORS, OPERATIONS, FIXTURES, POLICIES, WORKFLOWS, COMPONENTS, N_FOLDERS } Folder;

static const struct {
  const char *prefix, *suffix;
  const char *key; /* of pack.json; NULL for fixtures, which are named by their operation */
  AirDocumentKind kind;
} folders[N_FOLDERS] = {
  [CONNECTORS] = { "connectors/", ".json", "connectors", AIR_DOCUMENT_CONNECTOR },
  [OPERATIONS] = { "ops/", ".json", "operations", AIR_DOCUMENT_OPERATION },
  [FIXTURES] = { "fixtures/", ".json", NULL, AIR_DOCUMENT_FIXTURES },
  [POLICIES] = { "policies/", ".policy.json", "policies", AIR_DOCUMENT_POLICY },
  [WORKFLOWS] = { "workflows/", ".workflow.json", "workflows", AIR_DOCUMENT_WORKFLOW },
  [COMPONENTS] = { "components/", ".component.json", "components", AIR_DOCUMENT_COMPONENT },
};

struct _AirPack {
  gatomicrefcount references;
  char *name;
  AirDocument *document;
  GHashTable *documents[N_FOLDERS]; /* id → AirDocument */
  char *digest;
};

/**
 * air_pack_file_new:
 * @path: relative to the pack's folder, with '/'; copied
 * @bytes: referenced, not copied
 *
 * Returns: (transfer full): a file
 */
AirPackFile *
air_pack_file_new (const char *path, GBytes *bytes)
{
  AirPackFile *self = g_new0 (AirPackFile, 1);

  self->path = g_strdup (path);
  self->bytes = g_bytes_ref (bytes);
  return self;
}

void
air_pack_file_free (AirPackFile *self)
{
  g_free (self->path);
  g_bytes_unref (self->bytes);
  g_free (self);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const AirPackFile *const *left = a;
  const AirPackFile *const *right = b;

  return strcmp ((*left)->path, (*right)->path);
}

static AirDocument *
load_file (AirPack *self, AirDocumentKind kind, const AirPackFile *file, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", self->name, file->path);
  gsize length;
  const char *text = g_bytes_get_data (file->bytes, &length);

  return air_document_load (kind, text != NULL ? text : "", length, name, error);
}

/* "ops/x.y.json" → OPERATIONS and "x.y"; -1 for a file that is no document. */
static int
parse_path (const char *path, char **ret_id)
{
  for (int i = 0; i < N_FOLDERS; i++)
    if (g_str_has_prefix (path, folders[i].prefix) && g_str_has_suffix (path, folders[i].suffix))
      {
        const char *start = path + strlen (folders[i].prefix);

        *ret_id = g_strndup (start, strlen (start) - strlen (folders[i].suffix));
        return i;
      }
  return -1;
}

/* A vendor's API description lies beside the connectors that name it. */
static gboolean
is_description (const char *path)
{
  return g_str_has_prefix (path, "connectors/") && g_str_has_suffix (path, ".openapi.json");
}

static gboolean
load_documents (AirPack *self, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const AirPackFile *file = g_ptr_array_index (files, i);
      g_autofree char *id = NULL;
      AirDocument *document;
      const char *written;
      int folder;

      if (g_str_equal (file->path, "pack.json") || is_description (file->path))
        continue;
      folder = parse_path (file->path, &id);
      if (folder < 0)
        {
          g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK,
                       "%s/%s:1:1: no place of a pack; documents stand in connectors/, ops/, fixtures/, policies/, "
                       "workflows/ and components/",
                       self->name, file->path);
          return FALSE;
        }
      document = load_file (self, folders[folder].kind, file, error);
      if (document == NULL)
        return FALSE;
      g_hash_table_insert (self->documents[folder], g_strdup (id), document);
      written = folder == FIXTURES ? air_map_get_string (air_document_get_value (document), "operation")
                                   : air_document_get_id (document);
      if (g_strcmp0 (written, id) != 0)
        {
          air_document_set_error (document, folder == FIXTURES ? "/operation" : "/id", AIR_MODEL_ERROR_PACK, error,
                                  "the file is called after '%s' but says '%s'; rename one", id, written);
          return FALSE;
        }
    }
  return TRUE;
}

/* Every name in pack.json is a document and every document is named there. */
static gboolean
check_contents (AirPack *self, Folder folder, GError **error)
{
  AirValue *names = air_map_get_list (air_document_get_value (self->document), folders[folder].key);
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) ids = NULL;

  for (gsize i = 0; names != NULL && i < air_list_get_size (names); i++)
    {
      const char *name = air_value_get_string (air_list_get (names, i), NULL);

      g_hash_table_add (named, (gpointer) name);
      if (!g_hash_table_contains (self->documents[folder], name))
        {
          g_autofree char *pointer = g_strdup_printf ("/%s/%" G_GSIZE_FORMAT, folders[folder].key, i);

          air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_PACK, error,
                                  "the pack has no file %s%s%s; add it, or take the name out", folders[folder].prefix,
                                  name, folders[folder].suffix);
          return FALSE;
        }
    }
  ids = g_list_sort (g_hash_table_get_keys (self->documents[folder]), (GCompareFunc) strcmp);
  for (GList *l = ids; l != NULL; l = l->next)
    if (!g_hash_table_contains (named, l->data))
      {
        g_autofree char *pointer = g_strdup_printf ("/%s", folders[folder].key);

        air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_PACK, error,
                                "%s%s%s is not named in pack.json; add \"%s\" to \"%s\"", folders[folder].prefix,
                                (char *) l->data, folders[folder].suffix, (char *) l->data, folders[folder].key);
        return FALSE;
      }
  return TRUE;
}

/* An operation's fixtures are the cases of its fixtures file, in that order. */
static gboolean
check_fixtures (AirPack *self, const AirDocument *operation, GError **error)
{
  const char *id = air_document_get_id (operation);
  AirDocument *fixtures = g_hash_table_lookup (self->documents[FIXTURES], id);
  AirValue *names = air_map_get_list (air_document_get_value (operation), "fixtures");
  AirValue *cases;

  if (fixtures == NULL)
    {
      air_document_set_error (operation, "/fixtures", AIR_MODEL_ERROR_PACK, error,
                              "there is no fixtures/%s.json; write one with these cases", id);
      return FALSE;
    }
  cases = air_map_get_list (air_document_get_value (fixtures), "cases");
  for (gsize i = 0; i < MAX (air_list_get_size (names), air_list_get_size (cases)); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/fixtures/%" G_GSIZE_FORMAT, i);
      const char *name = i < air_list_get_size (names) ? air_value_get_string (air_list_get (names, i), NULL) : NULL;
      const char *written = i < air_list_get_size (cases) ? air_map_get_string (air_list_get (cases, i), "id") : NULL;

      if (g_strcmp0 (name, written) != 0)
        {
          air_document_set_error (operation, pointer, AIR_MODEL_ERROR_PACK, error,
                                  "fixture %" G_GSIZE_FORMAT " is '%s' here and '%s' in fixtures/%s.json; "
                                  "make the two lists equal",
                                  i + 1, name != NULL ? name : "none", written != NULL ? written : "none", id);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_operations (AirPack *self, GError **error)
{
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (self->documents[OPERATIONS]), (GCompareFunc) strcmp);
  g_autoptr (GList) fixtures = g_list_sort (g_hash_table_get_keys (self->documents[FIXTURES]), (GCompareFunc) strcmp);

  for (GList *l = ids; l != NULL; l = l->next)
    {
      const AirDocument *operation = g_hash_table_lookup (self->documents[OPERATIONS], l->data);
      const char *connector = air_map_get_string (air_document_get_value (operation), "connector");

      if (!air_pack_check_operation (self, operation, error)
          || !air_pack_check_expressions (operation, air_pack_get_connector (self, connector), error)
          || !check_fixtures (self, operation, error))
        return FALSE;
    }
  for (GList *l = fixtures; l != NULL; l = l->next)
    if (!g_hash_table_contains (self->documents[OPERATIONS], l->data))
      {
        air_document_set_error (g_hash_table_lookup (self->documents[FIXTURES], l->data), "/operation",
                                AIR_MODEL_ERROR_PACK, error,
                                "the pack has no operation '%s'; add it, or remove this file", (char *) l->data);
        return FALSE;
      }
  return TRUE;
}

static char *
compute_digest (GPtrArray *files)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (guint i = 0; i < files->len; i++)
    {
      const AirPackFile *file = g_ptr_array_index (files, i);
      gsize length;
      const guint8 *data = g_bytes_get_data (file->bytes, &length);
      AirDigest digest = air_sha256 (data, length);

      /* The terminating zero separates the path from what follows; the content has a fixed length. */
      g_checksum_update (checksum, (const guchar *) file->path, strlen (file->path) + 1);
      g_checksum_update (checksum, digest.bytes, sizeof digest.bytes);
    }
  return g_strconcat ("sha256:", g_checksum_get_string (checksum), NULL);
}

static AirPack *
pack_new (const char *name)
{
  AirPack *self = g_new0 (AirPack, 1);

  g_atomic_ref_count_init (&self->references);
  self->name = g_strdup (name);
  for (int i = 0; i < N_FOLDERS; i++)
    self->documents[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_document_unref);
  return self;
}

/**
 * air_pack_load:
 * @files: (element-type AirPackFile): all files of the pack, in any order
 * @name: what error messages call its folder
 * @error: return location
 *
 * Reads a pack and checks that it holds together; fails closed.
 *
 * Returns: (transfer full): the pack, or %NULL with %AIR_MODEL_ERROR
 */
AirPack *
air_pack_load (GPtrArray *files, const char *name, GError **error)
{
  g_autoptr (AirPack) self = NULL;
  g_autoptr (GPtrArray) sorted = NULL;
  GHashTableIter iter;
  gpointer connector;

  g_return_val_if_fail (files != NULL && name != NULL, NULL);

  sorted = g_ptr_array_copy (files, NULL, NULL);
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_files);

  self = pack_new (name);
  self->digest = compute_digest (sorted);

  for (guint i = 0; i < sorted->len && self->document == NULL; i++)
    {
      const AirPackFile *file = g_ptr_array_index (sorted, i);

      if (!g_str_equal (file->path, "pack.json"))
        continue;
      self->document = load_file (self, AIR_DOCUMENT_PACK, file, error);
      if (self->document == NULL)
        return NULL;
    }
  if (self->document == NULL)
    {
      g_set_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_PACK, "%s/pack.json:1:1: missing; a pack starts with it",
                   name);
      return NULL;
    }
  if (!load_documents (self, sorted, error))
    return NULL;
  for (Folder folder = 0; folder < N_FOLDERS; folder++)
    if (folders[folder].key != NULL && !check_contents (self, folder, error))
      return NULL;
  g_hash_table_iter_init (&iter, self->documents[CONNECTORS]);
  while (g_hash_table_iter_next (&iter, NULL, &connector))
    if (!air_pack_check_connector (connector, error))
      return NULL;
  if (!check_operations (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * air_pack_new_beside:
 * @workflows: (element-type AirDocument): of kind workflow
 *
 * Workflows that stand beside another and may be steps of it, as a pack without a name: its id is "", no workflow
 * names it and all may use it.
 *
 * Returns: (transfer full): the pack
 */
AirPack *
air_pack_new_beside (GPtrArray *workflows)
{
  AirPack *self = pack_new ("");

  for (guint i = 0; i < workflows->len; i++)
    {
      AirDocument *document = g_ptr_array_index (workflows, i);

      g_hash_table_insert (self->documents[WORKFLOWS], g_strdup (air_document_get_id (document)),
                           air_document_ref (document));
    }
  return self;
}

AirPack *
air_pack_ref (AirPack *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
air_pack_unref (AirPack *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  for (int i = 0; i < N_FOLDERS; i++)
    g_clear_pointer (&self->documents[i], g_hash_table_unref);
  g_clear_pointer (&self->document, air_document_unref);
  g_free (self->digest);
  g_free (self->name);
  g_free (self);
}

/**
 * air_pack_get_id:
 * @self: a pack
 *
 * Returns: (transfer none): the id in pack.json, which is its folder's name; "" for air_pack_new_beside()
 */
const char *
air_pack_get_id (const AirPack *self)
{
  return self->document != NULL ? air_document_get_id (self->document) : "";
}

/**
 * air_pack_get_version:
 * @self: a pack
 *
 * Returns: (transfer none) (nullable): the version in pack.json; %NULL for air_pack_new_beside()
 */
const char *
air_pack_get_version (const AirPack *self)
{
  return self->document != NULL ? air_document_get_version (self->document) : NULL;
}

/**
 * air_pack_get_document:
 * @self: a pack
 *
 * Returns: (transfer none) (nullable): its pack.json; %NULL for air_pack_new_beside()
 */
AirDocument *
air_pack_get_document (const AirPack *self)
{
  return self->document;
}

static AirDocument *
get (const AirPack *self, Folder folder, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->documents[folder], id) : NULL;
}

/**
 * air_pack_get_connector:
 * @self: a pack
 * @id: a connector's id
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the pack has none of that id
 */
AirDocument *
air_pack_get_connector (const AirPack *self, const char *id)
{
  return get (self, CONNECTORS, id);
}

/**
 * air_pack_get_operation:
 * @self: a pack
 * @id: an operation's id
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the pack has none of that id
 */
AirDocument *
air_pack_get_operation (const AirPack *self, const char *id)
{
  return get (self, OPERATIONS, id);
}

/**
 * air_pack_get_fixtures:
 * @self: a pack
 * @operation_id: the operation whose recorded answers they are
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the operation has none
 */
AirDocument *
air_pack_get_fixtures (const AirPack *self, const char *operation_id)
{
  return get (self, FIXTURES, operation_id);
}

/**
 * air_pack_get_policy:
 * @self: a pack
 * @id: a policy's id
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the pack has none of that id
 */
AirDocument *
air_pack_get_policy (const AirPack *self, const char *id)
{
  return get (self, POLICIES, id);
}

/**
 * air_pack_get_component:
 * @self: a pack
 * @id: a component's id
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the pack has none of that id
 */
AirDocument *
air_pack_get_component (const AirPack *self, const char *id)
{
  return get (self, COMPONENTS, id);
}

/**
 * air_pack_get_workflow:
 * @self: a pack
 * @id: a template's id
 *
 * Returns: (transfer none) (nullable): the document, %NULL when the pack has none of that id
 */
AirDocument *
air_pack_get_workflow (const AirPack *self, const char *id)
{
  return get (self, WORKFLOWS, id);
}

/**
 * air_pack_get_digest:
 * @self: a pack
 *
 * Returns: (transfer none): SHA-256 over the sorted paths and contents of all its files, "sha256:hex": what a lock
 *   names
 */
const char *
air_pack_get_digest (const AirPack *self)
{
  return self->digest;
}
