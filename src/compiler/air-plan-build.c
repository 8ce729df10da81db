/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

#include "base/air-hash.h"
#include "base/air-json.h"

#define DEFAULT_TIMEOUT_MS 30000

/* Maps are filled in sorted order, so that even a writer that keeps the order of insertion gives the same bytes. */
static AirValue *
copy_sorted (GHashTable *documents)
{
  AirValue *map = air_map_new ();
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (documents), (GCompareFunc) strcmp);

  for (GList *l = ids; l != NULL; l = l->next)
    air_map_set (map, l->data, air_value_ref (air_document_get_value (g_hash_table_lookup (documents, l->data))));
  return map;
}

static void
add_document (GHashTable *documents, AirDocument *document)
{
  if (document != NULL)
    g_hash_table_insert (documents, (gpointer) air_document_get_id (document), document);
}

/* What undoes an operation when the workflow does not say: its own document's list. */
static void
add_operation (AirCompilation *self, GHashTable *operations, GHashTable *connectors, AirDocument *operation)
{
  AirValue *compensate;
  AirDocument *connector;

  if (operation == NULL || g_hash_table_contains (operations, air_document_get_id (operation)))
    return;
  add_document (operations, operation);
  air_compilation_find_operation (self, air_document_get_id (operation), &connector);
  add_document (connectors, connector);
  compensate = air_map_get_list (air_document_get_value (operation), "compensate");
  for (gsize i = 0; compensate != NULL && i < air_list_get_size (compensate); i++)
    {
      const char *id = air_map_get_string (air_list_get (compensate, i), "op");

      if (id != NULL)
        add_operation (self, operations, connectors, air_compilation_find_operation (self, id, NULL));
    }
}

static void
collect (AirCompilation *self, GHashTable **ret_operations, GHashTable **ret_connectors, GHashTable **ret_policies)
{
  *ret_operations = g_hash_table_new (g_str_hash, g_str_equal);
  *ret_connectors = g_hash_table_new (g_str_hash, g_str_equal);
  *ret_policies = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      add_operation (self, *ret_operations, *ret_connectors, self->facts[i].operation);
      add_operation (self, *ret_operations, *ret_connectors, self->facts[i].compensation);
      add_document (*ret_policies, self->facts[i].policy_document);
      for (guint k = 0; self->facts[i].more_policies != NULL && k < self->facts[i].more_policies->len; k++)
        add_document (*ret_policies, g_ptr_array_index (self->facts[i].more_policies, k));
    }
}

/* The node's own retry, else its operation's, in full. */
static AirValue *
build_retry (const AirWorkflowNode *node, const AirDocument *operation)
{
  AirValue *own = air_map_get_map (node->value, "retry");
  AirValue *inherited = air_map_get_map (air_document_get_value (operation), "retry");
  AirValue *source = own != NULL ? own : inherited;
  AirValue *retry = air_map_new ();

  air_map_set_int (retry, "max", air_map_get_int (source, "max", 1));
  air_map_set_int (retry, "base_ms", air_map_get_int (source, "base_ms", 200));
  air_map_set_int (retry, "max_ms", air_map_get_int (source, "max_ms", 30000));
  return retry;
}

static AirValue *
build_node (AirCompilation *self, const AirWorkflowNode *node)
{
  AirValue *copy = air_map_copy (node->value);
  AirValue *next = air_map_new ();
  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, node->index, &n_edges);

  air_map_remove (copy, "id");
  if (node->kind == AIR_WORKFLOW_NODE_CALL)
    {
      air_map_set_int (copy, "timeout_ms", air_map_get_int (node->value, "timeout_ms", DEFAULT_TIMEOUT_MS));
      air_map_set (copy, "retry", build_retry (node, self->facts[node->index].operation));
    }
  if (node->kind == AIR_WORKFLOW_NODE_FOR_EACH)
    {
      const char *on_failure = air_map_get_string (node->value, "on_failure");

      air_map_set_int (copy, "concurrency", air_map_get_int (node->value, "concurrency", 1));
      air_map_set_string (copy, "on_failure", on_failure != NULL ? on_failure : "stop");
    }
  for (guint i = 0; i < n_edges; i++)
    {
      AirValue *target = air_map_new ();

      air_map_set_string (target, "edge", edges[i]->id);
      air_map_set_string (target, "to", air_workflow_get_node (self->workflow, edges[i]->to)->id);
      air_map_set (next, edges[i]->port, target);
    }
  air_map_set (copy, "next", next);
  return copy;
}

AirValue *
air_compile_build_plan (AirCompilation *self)
{
  g_autoptr (GHashTable) operations = NULL;
  g_autoptr (GHashTable) connectors = NULL;
  g_autoptr (GHashTable) policies = NULL;
  AirValue *plan = air_map_new ();
  AirValue *nodes = air_map_new ();
  AirValue *guards = air_map_new ();

  collect (self, &operations, &connectors, &policies);
  air_map_set_int (plan, "v", 1);
  air_map_set_string (plan, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (plan, "version", air_workflow_get_version (self->workflow));
  air_map_set_string (plan, "title", air_workflow_get_title (self->workflow));
  air_map_set_string (plan, "trigger", self->start->id);
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      AirValue *list = air_map_get_list (node->value, "guards");

      air_map_set (nodes, node->id, build_node (self, node));
      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        air_map_set_string (guards, air_map_get_string (air_list_get (list, k), "node"), node->id);
    }
  air_map_set (plan, "nodes", nodes);
  air_map_set (plan, "operations", copy_sorted (operations));
  air_map_set (plan, "connectors", copy_sorted (connectors));
  air_map_set (plan, "policies", copy_sorted (policies));
  air_map_set (plan, "guards", guards);
  return plan;
}

AirValue *
air_compile_build_policies (AirCompilation *self)
{
  g_autoptr (GHashTable) operations = NULL;
  g_autoptr (GHashTable) connectors = NULL;
  g_autoptr (GHashTable) policies = NULL;

  collect (self, &operations, &connectors, &policies);
  return copy_sorted (policies);
}

/* --- deployment manifest -------------------------------------------------- */

static AirValue *
set_to_list (GHashTable *set)
{
  AirValue *list = air_list_new ();
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc) strcmp);

  for (GList *l = names; l != NULL; l = l->next)
    air_list_append (list, air_value_new_string (l->data));
  return list;
}

static void
add_strings (GHashTable *set, AirValue *list)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    g_hash_table_add (set, (gpointer) air_value_get_string (air_list_get (list, i), NULL));
}

/* The names in a connector's auth: "${secret.token}" → "token". */
static AirValue *
build_secrets (AirValue *connectors)
{
  AirValue *secrets = air_list_new ();

  for (gsize i = 0; i < air_map_get_size (connectors); i++)
    {
      AirValue *auth = air_map_get_map (air_map_get_value_at (connectors, i), "auth");

      for (gsize k = 0; k < air_map_get_size (auth); k++)
        {
          const char *text = air_value_get_string (air_map_get_value_at (auth, k), NULL);
          AirValue *secret;
          g_autofree char *name = NULL;

          if (text == NULL || !g_str_has_prefix (text, "${secret."))
            continue;
          name = g_strndup (text + strlen ("${secret."), strlen (text) - strlen ("${secret.}"));
          secret = air_map_new ();
          air_map_set_string (secret, "connector", air_value_get_string (air_map_get_key_at (connectors, i), NULL));
          air_map_set_string (secret, "name", name);
          air_list_append (secrets, secret);
        }
    }
  return secrets;
}

/* Label flow: which kinds of data go where. */
static AirValue *
build_data_flow (AirCompilation *self)
{
  g_autoptr (GHashTable) by_place =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  g_autoptr (GList) places = NULL;
  AirValue *flow = air_list_new ();

  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      AirNodeFacts *facts = &self->facts[i];
      AirValue *with = air_map_get (node->value, "with");
      const char *place;
      GHashTable *labels;

      if (facts->operation == NULL || facts->with == NULL)
        continue;
      place = air_map_get_string (air_value_at (air_document_get_value (facts->operation), "/policy/data"), "sends_to");
      if (place == NULL)
        continue;
      labels = g_hash_table_lookup (by_place, place);
      if (labels == NULL)
        {
          labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (by_place, g_strdup (place), labels);
        }
      for (gsize k = 0; k < air_map_get_size (with); k++)
        {
          g_auto (GStrv) found =
              air_compile_dup_labels (facts->with, air_value_get_string (air_map_get_key_at (with, k), NULL));

          for (gsize l = 0; found[l] != NULL; l++)
            g_hash_table_add (labels, g_strdup (found[l]));
        }
    }
  places = g_list_sort (g_hash_table_get_keys (by_place), (GCompareFunc) strcmp);
  for (GList *l = places; l != NULL; l = l->next)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, "to", l->data);
      air_map_set (item, "labels", set_to_list (g_hash_table_lookup (by_place, l->data)));
      air_list_append (flow, item);
    }
  return flow;
}

AirValue *
air_compile_build_manifest (AirCompilation *self)
{
  g_autoptr (GHashTable) operations = NULL;
  g_autoptr (GHashTable) connectors = NULL;
  g_autoptr (GHashTable) policies = NULL;
  g_autoptr (GHashTable) egress = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (AirValue) used = NULL;
  AirValue *source = air_document_get_value (self->document);
  AirValue *owner = air_map_get (source, "owner");
  AirValue *manifest = air_map_new ();
  AirValue *resources = air_map_new ();
  AirValue *attestation = air_map_new ();
  const char *latency = air_map_get_string (source, "latency_class"), *minimum;
  AirValue *wanted;
  GHashTableIter iter;
  gpointer operation;

  collect (self, &operations, &connectors, &policies);
  used = copy_sorted (connectors);
  g_hash_table_iter_init (&iter, operations);
  while (g_hash_table_iter_next (&iter, NULL, &operation))
    add_strings (egress, air_map_get_list (air_document_get_value (operation), "egress"));

  air_map_set_int (manifest, "v", 1);
  air_map_set_string (manifest, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (manifest, "version", air_workflow_get_version (self->workflow));
  air_map_set_string (manifest, "title", air_workflow_get_title (self->workflow));
  air_map_set (manifest, "owner", air_value_ref (owner));
  air_map_set_string (manifest, "latency_class", latency != NULL ? latency : "normal");
  /* What one instance of the runtime needs at its measured load; a deployment may give more. */
  wanted = air_map_get_map (source, "resources");
  air_map_set_int (resources, "cpu_milli", air_map_get_int (wanted, "cpu_milli", 1000));
  air_map_set_int (resources, "memory_mib", air_map_get_int (wanted, "memory_mib", 512));
  air_map_set_int (resources, "gpu", air_map_get_int (wanted, "gpu", 0));
  air_map_set (manifest, "resources", resources);
  air_map_set (manifest, "secrets", build_secrets (used));
  air_map_set (manifest, "egress", set_to_list (egress));
  air_map_set (manifest, "data_flow", build_data_flow (self));
  wanted = air_map_get_map (source, "cost_limits");
  air_map_set (manifest, "cost_limits", wanted != NULL ? air_value_ref (wanted) : air_map_new ());
  minimum = air_map_get_string (air_map_get_map (source, "attestation"), "minimum");
  air_map_set_string (attestation, "minimum", minimum != NULL ? minimum : "none");
  air_map_set (manifest, "attestation", attestation);
  return manifest;
}

/* --- lock ----------------------------------------------------------------- */

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
  g_autoptr (GHashTable) operations = NULL;
  g_autoptr (GHashTable) connectors = NULL;
  g_autoptr (GHashTable) policies = NULL;
  g_autoptr (AirValue) lock = air_map_new ();
  AirValue *packs = air_map_new ();
  AirValue *schemas = air_map_new ();

  collect (self, &operations, &connectors, &policies);
  air_map_set_int (lock, "v", 1);
  air_map_set (lock, "packs", packs);
  for (guint i = 0; i < self->packs->len; i++)
    {
      const AirPack *pack = g_ptr_array_index (self->packs, i);

      air_map_set (packs, air_pack_get_id (pack), new_locked (air_pack_get_version (pack), air_pack_get_digest (pack)));
    }
  if (!lock_documents (lock, "connectors", connectors, error) || !lock_documents (lock, "operations", operations, error)
      || !lock_documents (lock, "policies", policies, error))
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
