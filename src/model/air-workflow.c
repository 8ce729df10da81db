/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-private.h"

#include "air-document-private.h"

#include <string.h>

struct _AirWorkflow {
  gatomicrefcount references;
  AirDocument *document;
  GPtrArray *nodes;       /* AirWorkflowNode */
  GPtrArray *edges;       /* AirWorkflowEdge */
  GHashTable *node_by_id; /* id → AirWorkflowNode */
  GPtrArray *leaving;     /* the edges by the node they leave, each node's in the order of the source */
  guint *first_leaving;   /* by node: where its edges begin in `leaving`; one more at the end */
};

static const struct {
  const char *name;
  const char *main_port;
} kinds[] = {
  [AIR_WORKFLOW_NODE_TRIGGER] = { "trigger", "out" },    [AIR_WORKFLOW_NODE_CALL] = { "call", "ok" },
  [AIR_WORKFLOW_NODE_DECIDE] = { "decide", "out" },      [AIR_WORKFLOW_NODE_BRANCH] = { "branch", NULL },
  [AIR_WORKFLOW_NODE_GATE] = { "gate", NULL },           [AIR_WORKFLOW_NODE_WAIT] = { "wait", "out" },
  [AIR_WORKFLOW_NODE_EVIDENCE] = { "evidence", "out" },  [AIR_WORKFLOW_NODE_END] = { "end", NULL },
  [AIR_WORKFLOW_NODE_PARALLEL] = { "parallel", NULL },   [AIR_WORKFLOW_NODE_JOIN] = { "join", "out" },
  [AIR_WORKFLOW_NODE_FOR_EACH] = { "for_each", "each" }, [AIR_WORKFLOW_NODE_WORKFLOW] = { "workflow", "ok" },
};

/**
 * air_workflow_node_kind_to_string:
 * @kind: a kind
 *
 * Returns: (transfer none): as the source writes it: "call", "for_each"; static
 */
const char *
air_workflow_node_kind_to_string (AirWorkflowNodeKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  return kinds[kind].name;
}

/**
 * air_workflow_node_kind_get_main_port:
 * @kind: a kind
 *
 * Returns: (transfer none) (nullable): the port an edge leaves by when it names none: "out", "ok"; static. %NULL where
 *   it must name one
 */
const char *
air_workflow_node_kind_get_main_port (AirWorkflowNodeKind kind)
{
  g_return_val_if_fail (kind < G_N_ELEMENTS (kinds), NULL);
  return kinds[kind].main_port;
}

static void
node_free (gpointer data)
{
  AirWorkflowNode *node = data;

  g_free (node->pointer);
  g_free (node);
}

static void
edge_free (gpointer data)
{
  AirWorkflowEdge *edge = data;

  g_free (edge->pointer);
  g_free (edge);
}

/* The id most like @name, for "did you mean": the one that shares the longest start and end. */
static const char *
find_similar (const AirWorkflow *self, const char *name)
{
  const char *best = NULL;
  gsize best_score = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      const AirWorkflowNode *node = g_ptr_array_index (self->nodes, i);
      gsize a = strlen (name), b = strlen (node->id), head = 0, tail = 0;

      while (head < MIN (a, b) && name[head] == node->id[head])
        head++;
      while (tail < MIN (a, b) - head && name[a - tail - 1] == node->id[b - tail - 1])
        tail++;
      if (2 * (head + tail) > MAX (a, b) && head + tail > best_score)
        {
          best = node->id;
          best_score = head + tail;
        }
    }
  return best;
}

static void
set_dangling (const AirWorkflow *self, const char *pointer, const char *what, const char *name, GError **error)
{
  const char *similar = find_similar (self, name);

  if (similar != NULL)
    air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                            "%s '%s', which is no node of this workflow; did you mean '%s'?", what, name, similar);
  else
    air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                            "%s '%s', which is no node of this workflow; name one that is, or add it", what, name);
}

static gboolean
read_nodes (AirWorkflow *self, GError **error)
{
  AirValue *value = air_document_get_value (self->document);
  AirValue *nodes = air_map_get_list (value, "nodes");
  AirValue *layout = air_map_get_map (value, "layout");

  for (gsize i = 0; i < air_list_get_size (nodes); i++)
    {
      AirWorkflowNode *node = g_new0 (AirWorkflowNode, 1);
      const char *kind;
      AirValue *place;

      g_ptr_array_add (self->nodes, node);
      node->index = i;
      node->value = air_list_get (nodes, i);
      node->pointer = g_strdup_printf ("/nodes/%" G_GSIZE_FORMAT, i);
      node->id = air_map_get_string (node->value, "id");
      node->title = air_map_get_string (node->value, "title");
      if (node->title == NULL)
        node->title = node->id;

      kind = air_map_get_string (node->value, "kind");
      while (node->kind < G_N_ELEMENTS (kinds) && !g_str_equal (kinds[node->kind].name, kind))
        node->kind++;
      g_assert (node->kind < G_N_ELEMENTS (kinds)); /* the schema knows no other */

      place = air_map_get_list (layout, node->id);
      if (place != NULL)
        {
          node->has_position = TRUE;
          node->x = air_value_get_int (air_list_get (place, 0));
          node->y = air_value_get_int (air_list_get (place, 1));
        }

      if (!g_hash_table_insert (self->node_by_id, (gpointer) node->id, node))
        {
          g_autofree char *pointer = g_strconcat (node->pointer, "/id", NULL);

          air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                                  "a second node is called '%s'; give each node an id of its own", node->id);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_edge_end (AirWorkflow *self,
               const AirWorkflowEdge *edge,
               const AirValue *value,
               const char *key,
               guint *ret_index,
               GError **error)
{
  const char *name = air_map_get_string (value, key);
  const AirWorkflowNode *node = air_workflow_find_node (self, name);

  if (node == NULL)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/%s", edge->pointer, key);
      g_autofree char *what = g_strdup_printf ("edge '%s' goes %s", edge->id, key);

      set_dangling (self, pointer, what, name, error);
      return FALSE;
    }
  *ret_index = node->index;
  return TRUE;
}

static gboolean
read_edges (AirWorkflow *self, GError **error)
{
  AirValue *edges = air_map_get_list (air_document_get_value (self->document), "edges");
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < air_list_get_size (edges); i++)
    {
      AirWorkflowEdge *edge = g_new0 (AirWorkflowEdge, 1);
      AirValue *value = air_list_get (edges, i);
      const AirWorkflowNode *from;

      g_ptr_array_add (self->edges, edge);
      edge->index = i;
      edge->id = air_map_get_string (value, "id");
      edge->pointer = g_strdup_printf ("/edges/%" G_GSIZE_FORMAT, i);
      if (!g_hash_table_add (seen, (gpointer) edge->id))
        {
          g_autofree char *pointer = g_strconcat (edge->pointer, "/id", NULL);

          air_document_set_error (self->document, pointer, AIR_MODEL_ERROR_REFERENCE, error,
                                  "a second edge is called '%s'; give each edge an id of its own", edge->id);
          return FALSE;
        }
      if (!read_edge_end (self, edge, value, "from", &edge->from, error)
          || !read_edge_end (self, edge, value, "to", &edge->to, error))
        return FALSE;

      from = air_workflow_get_node (self, edge->from);
      edge->port = air_map_get_string (value, "port");
      if (edge->port == NULL && from->kind == AIR_WORKFLOW_NODE_PARALLEL)
        edge->port = edge->id;
      if (edge->port == NULL)
        edge->port = kinds[from->kind].main_port;
      if (edge->port == NULL)
        {
          air_document_set_error (self->document, edge->pointer, AIR_MODEL_ERROR_REFERENCE, error,
                                  from->kind == AIR_WORKFLOW_NODE_END
                                      ? "edge '%s' leaves the end '%s'; nothing comes after an end"
                                      : "edge '%s' does not say by which port it leaves '%s'; add \"port\"",
                                  edge->id, from->id);
          return FALSE;
        }
    }
  return TRUE;
}

/* What nodes say of other nodes: guards, what evidence collects, what a join joins; and the layout. */
static gboolean
check_mentions (AirWorkflow *self, GError **error)
{
  AirValue *layout = air_map_get_map (air_document_get_value (self->document), "layout");

  for (guint i = 0; i < self->nodes->len; i++)
    {
      const AirWorkflowNode *node = g_ptr_array_index (self->nodes, i);
      const char *of = node->kind == AIR_WORKFLOW_NODE_JOIN ? air_map_get_string (node->value, "of") : NULL;
      const char *key = node->kind == AIR_WORKFLOW_NODE_GATE ? "guards" : "collect";
      AirValue *list = air_map_get_list (node->value, key);

      if (of != NULL && air_workflow_find_node (self, of) == NULL)
        {
          g_autofree char *pointer = g_strconcat (node->pointer, "/of", NULL);
          g_autofree char *what = g_strdup_printf ("'%s' joins", node->id);

          set_dangling (self, pointer, what, of, error);
          return FALSE;
        }
      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        {
          AirValue *item = air_list_get (list, k);
          const char *name = node->kind == AIR_WORKFLOW_NODE_GATE ? air_map_get_string (item, "node")
                                                                  : air_value_get_string (item, NULL);

          if (air_workflow_find_node (self, name) == NULL)
            {
              g_autofree char *pointer = g_strdup_printf ("%s/%s/%" G_GSIZE_FORMAT, node->pointer, key, k);
              g_autofree char *what =
                  g_strdup_printf ("'%s' %s", node->id, node->kind == AIR_WORKFLOW_NODE_GATE ? "guards" : "collects");

              set_dangling (self, pointer, what, name, error);
              return FALSE;
            }
        }
    }
  for (gsize i = 0; layout != NULL && i < air_map_get_size (layout); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (layout, i), NULL);

      if (air_workflow_find_node (self, name) == NULL)
        {
          g_autofree char *pointer = g_strconcat ("/layout/", name, NULL);

          set_dangling (self, pointer, "the layout places", name, error);
          return FALSE;
        }
    }
  return TRUE;
}

static void
index_edges (AirWorkflow *self)
{
  g_autofree guint *at = NULL;

  self->first_leaving = g_new0 (guint, self->nodes->len + 1);
  for (guint i = 0; i < self->edges->len; i++)
    self->first_leaving[((AirWorkflowEdge *) g_ptr_array_index (self->edges, i))->from + 1]++;
  for (guint i = 0; i < self->nodes->len; i++)
    self->first_leaving[i + 1] += self->first_leaving[i];
  at = g_memdup2 (self->first_leaving, (self->nodes->len + 1) * sizeof *at);
  self->leaving = g_ptr_array_new ();
  g_ptr_array_set_size (self->leaving, self->edges->len);
  for (guint i = 0; i < self->edges->len; i++)
    {
      AirWorkflowEdge *edge = g_ptr_array_index (self->edges, i);

      g_ptr_array_index (self->leaving, at[edge->from]++) = edge;
    }
}

/* Takes @document. */
static AirWorkflow *
workflow_new (AirDocument *document, GError **error)
{
  g_autoptr (AirWorkflow) self = g_new0 (AirWorkflow, 1);

  g_atomic_ref_count_init (&self->references);
  self->document = document;
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->edges = g_ptr_array_new_with_free_func (edge_free);
  self->node_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  if (!read_nodes (self, error) || !read_edges (self, error) || !check_mentions (self, error))
    return NULL;
  index_edges (self);
  return g_steal_pointer (&self);
}

/* The items of @list that @before does not hold too, and one at least: a source has a node. */
static AirValue *
list_changed (AirValue *list, AirValue *before)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  AirValue *changed = air_list_new ();

  for (gsize i = 0; i < air_list_get_size (before); i++)
    g_hash_table_add (known, air_list_get (before, i));
  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (!g_hash_table_contains (known, air_list_get (list, i)))
      air_list_append (changed, air_value_ref (air_list_get (list, i)));
  if (air_list_get_size (changed) == 0 && air_list_get_size (list) > 0)
    air_list_append (changed, air_value_ref (air_list_get (list, 0)));
  return changed;
}

/* How many items the schema allows. */
static gsize
get_most (const char *list)
{
  AirValue *schema =
      air_map_get (air_map_get_map (air_document_kind_get_schema_value (AIR_DOCUMENT_WORKFLOW), "properties"), list);

  return air_map_get_int (schema, "maxItems", G_MAXINT32);
}

AirWorkflow *
air_workflow_new_from_value (AirValue *source, AirWorkflow *previous, const char *file_name, GError **error)
{
  static const char *const lists[] = { "nodes", "edges", "tests" };
  g_autoptr (AirValue) changed = NULL;
  AirDocument *document;

  if (previous != NULL && air_value_get_kind (source) == AIR_VALUE_MAP)
    {
      changed = air_map_copy (source);
      for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
        {
          AirValue *list = air_map_get_list (source, lists[i]);
          AirValue *before = air_map_get_list (air_document_get_value (previous->document), lists[i]);

          if (list != NULL && before != NULL && air_list_get_size (list) <= get_most (lists[i]))
            air_map_set (changed, lists[i], list_changed (list, before));
        }
    }
  document =
      air_document_new_from_value (AIR_DOCUMENT_WORKFLOW, source, changed, file_name, air_workflow_write_value, error);
  return document != NULL ? workflow_new (document, error) : NULL;
}

/**
 * air_workflow_load:
 * @text: a `*.workflow.json`
 * @length: its length
 * @file_name: what error messages call it
 * @error: return location
 *
 * Reads a workflow source: the document first (air_document_load()), then its
 * graph. What only the compiler can judge (ports, reachability, types) is not
 * checked here, so that an unfinished workflow can be opened and drawn.
 *
 * Returns: (transfer full): the workflow, or %NULL with %AIR_MODEL_ERROR
 */
AirWorkflow *
air_workflow_load (const char *text, gsize length, const char *file_name, GError **error)
{
  AirDocument *document = air_document_load (AIR_DOCUMENT_WORKFLOW, text, length, file_name, error);

  return document != NULL ? workflow_new (document, error) : NULL;
}

/**
 * air_workflow_new:
 * @document: of kind %AIR_DOCUMENT_WORKFLOW
 * @error: return location
 *
 * Returns: (transfer full): the workflow, or %NULL with %AIR_MODEL_ERROR
 */
AirWorkflow *
air_workflow_new (AirDocument *document, GError **error)
{
  g_return_val_if_fail (document != NULL && air_document_get_kind (document) == AIR_DOCUMENT_WORKFLOW, NULL);

  return workflow_new (air_document_ref (document), error);
}

AirWorkflow *
air_workflow_ref (AirWorkflow *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
air_workflow_unref (AirWorkflow *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->first_leaving);
  g_clear_pointer (&self->leaving, g_ptr_array_unref);
  g_clear_pointer (&self->node_by_id, g_hash_table_unref);
  g_clear_pointer (&self->edges, g_ptr_array_unref);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_clear_pointer (&self->document, air_document_unref);
  g_free (self);
}

/**
 * air_workflow_get_document:
 * @self: a workflow
 *
 * Returns: (transfer none): the document it was read from
 */
AirDocument *
air_workflow_get_document (const AirWorkflow *self)
{
  return self->document;
}

/**
 * air_workflow_get_id:
 * @self: a workflow
 *
 * Returns: (transfer none): its id, the same in all its versions
 */
const char *
air_workflow_get_id (const AirWorkflow *self)
{
  return air_document_get_id (self->document);
}

/**
 * air_workflow_get_version:
 * @self: a workflow
 *
 * Returns: (transfer none): its version, as in the source
 */
const char *
air_workflow_get_version (const AirWorkflow *self)
{
  return air_document_get_version (self->document);
}

/**
 * air_workflow_get_title:
 * @self: a workflow
 *
 * Returns: (transfer none): its title, for people
 */
const char *
air_workflow_get_title (const AirWorkflow *self)
{
  return air_map_get_string (air_document_get_value (self->document), "title");
}

/**
 * air_workflow_get_n_nodes:
 * @self: a workflow
 *
 * Returns: how many nodes it has
 */
guint
air_workflow_get_n_nodes (const AirWorkflow *self)
{
  return self->nodes->len;
}

/**
 * air_workflow_get_node:
 * @self: a workflow
 * @index: below air_workflow_get_n_nodes(), in the order of the source
 *
 * Returns: (transfer none): the node
 */
const AirWorkflowNode *
air_workflow_get_node (const AirWorkflow *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, NULL);
  return g_ptr_array_index (self->nodes, index);
}

/**
 * air_workflow_find_node:
 * @self: a workflow
 * @id: (nullable): a node's id
 *
 * Returns: (transfer none) (nullable): the node, %NULL when none has that id
 */
const AirWorkflowNode *
air_workflow_find_node (const AirWorkflow *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->node_by_id, id) : NULL;
}

/**
 * air_workflow_get_n_edges:
 * @self: a workflow
 *
 * Returns: how many edges it has
 */
guint
air_workflow_get_n_edges (const AirWorkflow *self)
{
  return self->edges->len;
}

/**
 * air_workflow_get_edge:
 * @self: a workflow
 * @index: below air_workflow_get_n_edges(), in the order of the source
 *
 * Returns: (transfer none): the edge
 */
const AirWorkflowEdge *
air_workflow_get_edge (const AirWorkflow *self, guint index)
{
  g_return_val_if_fail (index < self->edges->len, NULL);
  return g_ptr_array_index (self->edges, index);
}

/**
 * air_workflow_get_leaving:
 * @self: a workflow
 * @from: index of a node
 * @ret_n_edges: (out): how many
 *
 * Returns: (transfer none) (array length=ret_n_edges): the edges that leave the node, in the order of the source
 */
const AirWorkflowEdge *const *
air_workflow_get_leaving (const AirWorkflow *self, guint node, guint *ret_n_edges)
{
  g_return_val_if_fail (node < self->nodes->len && ret_n_edges != NULL, NULL);
  *ret_n_edges = self->first_leaving[node + 1] - self->first_leaving[node];
  return (const AirWorkflowEdge *const *) self->leaving->pdata + self->first_leaving[node];
}

/**
 * air_workflow_find_edge:
 * @self: a workflow
 * @from: index of a node
 * @port: a way out of it
 *
 * Returns: (transfer none) (nullable): the first edge that leaves by @port, %NULL when none does
 */
const AirWorkflowEdge *
air_workflow_find_edge (const AirWorkflow *self, guint from, const char *port)
{
  guint n;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self, from, &n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (edges[i]->port, port))
      return edges[i];
  return NULL;
}

/**
 * air_workflow_find_join:
 * @self: a workflow
 * @fork: a parallel or for_each
 *
 * Returns: (transfer none) (nullable): the first join that names @fork in its "of", %NULL when none does
 */
const AirWorkflowNode *
air_workflow_find_join (const AirWorkflow *self, const AirWorkflowNode *fork)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const AirWorkflowNode *node = g_ptr_array_index (self->nodes, i);

      if (node->kind == AIR_WORKFLOW_NODE_JOIN && g_str_equal (air_map_get_string (node->value, "of"), fork->id))
        return node;
    }
  return NULL;
}

/**
 * air_workflow_node_dup_ports:
 * @self: the node's workflow
 * @node: a node
 *
 * A call and a workflow offer "ok", "error" and those "error:<class>" that are wired; a for_each only "each", the
 * start of its body: it goes on by "out" of the join that closes it; a wait for a signal "out" and "timeout".
 *
 * Returns: (transfer full): every port the node offers, in the order to draw them
 */
char **
air_workflow_node_dup_ports (const AirWorkflow *self, const AirWorkflowNode *node)
{
  g_autoptr (GStrvBuilder) ports = g_strv_builder_new ();
  const char *otherwise;
  AirValue *cases;
  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self, node->index, &n_edges);

  switch (node->kind)
    {
    case AIR_WORKFLOW_NODE_CALL:
    case AIR_WORKFLOW_NODE_WORKFLOW:
      g_strv_builder_add_many (ports, "ok", "error", NULL);
      for (guint i = 0; i < n_edges; i++)
        if (g_str_has_prefix (edges[i]->port, "error:"))
          g_strv_builder_add (ports, edges[i]->port);
      break;

    case AIR_WORKFLOW_NODE_BRANCH:
      cases = air_map_get_list (node->value, "cases");
      for (gsize i = 0; i < air_list_get_size (cases); i++)
        g_strv_builder_add (ports, air_map_get_string (air_list_get (cases, i), "id"));
      otherwise = air_map_get_string (node->value, "default");
      if (otherwise != NULL)
        g_strv_builder_add (ports, otherwise);
      break;

    case AIR_WORKFLOW_NODE_GATE:
      g_strv_builder_add_many (ports, "approved", "denied", "expired", NULL);
      break;

    case AIR_WORKFLOW_NODE_PARALLEL:
      for (guint i = 0; i < n_edges; i++)
        g_strv_builder_add (ports, edges[i]->port);
      break;

    case AIR_WORKFLOW_NODE_END:
      break;

    case AIR_WORKFLOW_NODE_WAIT:
      g_strv_builder_add (ports, "out");
      if (air_map_get_string (node->value, "signal") != NULL)
        g_strv_builder_add (ports, "timeout");
      break;

    case AIR_WORKFLOW_NODE_TRIGGER:
    case AIR_WORKFLOW_NODE_DECIDE:
    case AIR_WORKFLOW_NODE_EVIDENCE:
    case AIR_WORKFLOW_NODE_JOIN:
    case AIR_WORKFLOW_NODE_FOR_EACH:
      g_strv_builder_add (ports, kinds[node->kind].main_port);
      break;
    }
  return g_strv_builder_end (ports);
}
