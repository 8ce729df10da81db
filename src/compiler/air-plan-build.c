/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

#define DEFAULT_TIMEOUT_MS 30000

/* Maps are filled in sorted order, so that even a writer that keeps the order of insertion gives the same bytes. */
AirValue *
air_documents_copy (GHashTable *documents)
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
add_operation (AirCompilation *self, AirDocuments *documents, AirDocument *operation)
{
  AirValue *compensate;
  AirDocument *connector;

  if (operation == NULL || g_hash_table_contains (documents->operations, air_document_get_id (operation)))
    return;
  add_document (documents->operations, operation);
  air_compilation_find_operation (self, air_document_get_id (operation), &connector);
  add_document (documents->connectors, connector);
  compensate = air_map_get_list (air_document_get_value (operation), "compensate");
  for (gsize i = 0; compensate != NULL && i < air_list_get_size (compensate); i++)
    {
      const char *id = air_map_get_string (air_list_get (compensate, i), "op");

      if (id != NULL)
        add_operation (self, documents, air_compilation_find_operation (self, id, NULL));
    }
}

static void
collect (AirCompilation *self, AirDocuments *documents)
{
  for (guint i = 0; i < self->packs->len; i++)
    g_hash_table_insert (documents->packs, (gpointer) air_pack_get_id (g_ptr_array_index (self->packs, i)),
                         g_ptr_array_index (self->packs, i));
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirNodeFacts *facts = &self->facts[i];

      add_operation (self, documents, facts->operation);
      add_operation (self, documents, facts->compensation);
      add_document (documents->policies, facts->policy_document);
      for (guint k = 0; facts->more_policies != NULL && k < facts->more_policies->len; k++)
        add_document (documents->policies, g_ptr_array_index (facts->more_policies, k));
      if (facts->inner == NULL)
        continue;
      add_document (documents->workflows, air_workflow_get_document (facts->workflow));
      collect (facts->inner, documents);
    }
}

AirDocuments *
air_compile_collect (AirCompilation *self)
{
  AirDocuments *documents = g_new0 (AirDocuments, 1);

  documents->operations = g_hash_table_new (g_str_hash, g_str_equal);
  documents->connectors = g_hash_table_new (g_str_hash, g_str_equal);
  documents->policies = g_hash_table_new (g_str_hash, g_str_equal);
  documents->workflows = g_hash_table_new (g_str_hash, g_str_equal);
  documents->packs = g_hash_table_new (g_str_hash, g_str_equal);
  collect (self, documents);
  return documents;
}

void
air_documents_free (AirDocuments *self)
{
  g_hash_table_unref (self->operations);
  g_hash_table_unref (self->connectors);
  g_hash_table_unref (self->policies);
  g_hash_table_unref (self->workflows);
  g_hash_table_unref (self->packs);
  g_free (self);
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

/* "order" of the workflow that runs as "check" is "check.order" in the plan. */
static char *
compose (const char *prefix, const char *id)
{
  return g_strconcat (prefix, id, NULL);
}

/* The members of a node that name others of its workflow. */
static void
compose_mentions (AirValue *copy, const AirWorkflowNode *node, const char *prefix)
{
  AirValue *guards = air_map_get_list (node->value, "guards"), *names = NULL;
  const char *of = node->kind == AIR_WORKFLOW_NODE_JOIN ? air_map_get_string (node->value, "of") : NULL;

  if (*prefix == '\0')
    return;
  if (of != NULL)
    {
      g_autofree char *composed = compose (prefix, of);

      air_map_set_string (copy, "of", composed);
    }
  if (guards != NULL)
    {
      AirValue *list = air_list_new ();

      for (gsize i = 0; i < air_list_get_size (guards); i++)
        {
          AirValue *guard = air_map_copy (air_list_get (guards, i));
          g_autofree char *composed = compose (prefix, air_map_get_string (guard, "node"));

          air_map_set_string (guard, "node", composed);
          air_list_append (list, guard);
        }
      air_map_set (copy, "guards", list);
    }
  if (node->kind == AIR_WORKFLOW_NODE_EVIDENCE)
    names = air_map_get_list (node->value, "collect");
  if (names != NULL)
    {
      AirValue *list = air_list_new ();

      for (gsize i = 0; i < air_list_get_size (names); i++)
        {
          g_autofree char *composed = compose (prefix, air_value_get_string (air_list_get (names, i), NULL));

          air_list_append (list, air_value_new_string (composed));
        }
      air_map_set (copy, "collect", list);
    }
}

static void
add_way (AirValue *next, const AirCompilation *self, const AirWorkflowEdge *edge, const char *port, const char *prefix)
{
  g_autofree char *id = compose (prefix, edge->id);
  g_autofree char *to = compose (prefix, air_workflow_get_node (self->workflow, edge->to)->id);
  AirValue *target = air_map_new ();

  air_map_set_string (target, "edge", id);
  air_map_set_string (target, "to", to);
  air_map_set (next, port, target);
}

static AirValue *
build_node (AirCompilation *self, const AirWorkflowNode *node, const char *prefix)
{
  AirValue *copy = air_map_copy (node->value);
  AirValue *next = air_map_new ();
  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, node->index, &n_edges);
  AirCompilation *inner = self->facts[node->index].inner;

  air_map_remove (copy, "id");
  compose_mentions (copy, node, prefix);
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
  /* Its own first step takes the place of its trigger. */
  if (inner != NULL)
    {
      g_autofree char *below = g_strconcat (prefix, node->id, ".", NULL);

      add_way (next, inner, air_workflow_find_edge (inner->workflow, inner->start->index, "out"), "start", below);
    }
  for (guint i = 0; i < n_edges; i++)
    add_way (next, self, edges[i], edges[i]->port, prefix);
  air_map_set (copy, "next", next);
  return copy;
}

static void
build_nodes (AirCompilation *self, const char *prefix, AirValue *nodes, AirValue *guards)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      AirCompilation *inner = self->facts[i].inner;
      AirValue *list = air_map_get_list (node->value, "guards");
      g_autofree char *id = compose (prefix, node->id), *below = g_strconcat (id, ".", NULL);

      if (self->outer != NULL && node == self->start)
        continue;
      air_map_set (nodes, id, build_node (self, node, prefix));
      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        {
          g_autofree char *guarded = compose (prefix, air_map_get_string (air_list_get (list, k), "node"));

          air_map_set_string (guards, guarded, id);
        }
      if (inner != NULL)
        build_nodes (inner, below, nodes, guards);
    }
}

AirValue *
air_compile_build_plan (AirCompilation *self)
{
  g_autoptr (AirDocuments) documents = air_compile_collect (self);
  AirValue *plan = air_map_new ();
  AirValue *nodes = air_map_new ();
  AirValue *guards = air_map_new ();

  air_map_set_int (plan, "v", 1);
  air_map_set_string (plan, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (plan, "version", air_workflow_get_version (self->workflow));
  air_map_set_string (plan, "title", air_workflow_get_title (self->workflow));
  air_map_set_string (plan, "trigger", self->start->id);
  build_nodes (self, "", nodes, guards);
  air_map_set (plan, "nodes", nodes);
  air_map_set (plan, "operations", air_documents_copy (documents->operations));
  air_map_set (plan, "connectors", air_documents_copy (documents->connectors));
  air_map_set (plan, "policies", air_documents_copy (documents->policies));
  if (g_hash_table_size (documents->workflows) > 0)
    air_map_set (plan, "workflows", air_documents_copy (documents->workflows));
  air_map_set (plan, "guards", guards);
  return plan;
}

AirValue *
air_compile_build_policies (AirCompilation *self)
{
  g_autoptr (AirDocuments) documents = air_compile_collect (self);

  return air_documents_copy (documents->policies);
}
