/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lock: version and digest of everything that was compiled in. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"

static char *
digest_value (const AirValue *value, GError **error)
{
  g_autofree char *hex = NULL;
  g_autofree char *text = NULL;
  AirDigest digest;
  gsize length;

  text = air_jcs_write (value, &length, error);
  if (text == NULL)
    return NULL;
  digest = air_sha256 (text, length);
  hex = air_digest_to_hex (&digest);
  return g_strconcat ("sha256:", hex, NULL);
}

static AirValue *
new_locked (const char *version, const char *digest)
{
  AirValue *item = air_map_new ();

  air_map_set_string (item, "version", version);
  air_map_set_string (item, "digest", digest);
  return item;
}

static gboolean
lock_documents (AirValue *lock, const char *key, GHashTable *documents, GError **error)
{
  AirValue *map = air_map_new ();
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (documents), (GCompareFunc) strcmp);

  air_map_set (lock, key, map);
  for (GList *l = ids; l != NULL; l = l->next)
    {
      AirDocument *document = g_hash_table_lookup (documents, l->data);
      g_autofree char *digest = digest_value (air_document_get_value (document), error);

      if (digest == NULL)
        return FALSE;
      air_map_set (map, l->data, new_locked (air_document_get_version (document), digest));
    }
  return TRUE;
}

AirValue *
air_compile_build_lock (AirCompilation *self, GError **error)
{
  g_autoptr (AirDocuments) documents = air_compile_collect (self);
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (documents->packs), (GCompareFunc) strcmp);
  g_autoptr (AirValue) lock = air_map_new ();
  AirValue *packs = air_map_new ();
  AirValue *schemas = air_map_new ();

  air_map_set_int (lock, "v", 1);
  air_map_set (lock, "packs", packs);
  for (GList *l = ids; l != NULL; l = l->next)
    {
      const AirPack *pack = g_hash_table_lookup (documents->packs, l->data);

      air_map_set (packs, l->data, new_locked (air_pack_get_version (pack), air_pack_get_digest (pack)));
    }
  if (!lock_documents (lock, "connectors", documents->connectors, error)
      || !lock_documents (lock, "operations", documents->operations, error)
      || !lock_documents (lock, "policies", documents->policies, error)
      || (g_hash_table_size (documents->workflows) > 0
          && !lock_documents (lock, "workflows", documents->workflows, error)))
    return NULL;
  air_map_set (lock, "schemas", schemas);
  for (AirDocumentKind kind = AIR_DOCUMENT_WORKFLOW; kind <= AIR_DOCUMENT_POLICY; kind++)
    {
      gsize length;
      const char *text = air_document_kind_get_schema (kind, &length);
      AirDigest digest = air_sha256 (text, length);
      g_autofree char *hex = air_digest_to_hex (&digest);
      g_autofree char *full = g_strconcat ("sha256:", hex, NULL);

      air_map_set_string (schemas, air_document_kind_to_string (kind), full);
    }
  return g_steal_pointer (&lock);
}
