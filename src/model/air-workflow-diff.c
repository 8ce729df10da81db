/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-diff-private.h"

#include <string.h>

#include "base/air-json.h"

/* The document and its edges, and what is told of a difference; nodes are in air-workflow-diff-nodes.c. */

void
air_change_free (AirChange *self)
{
  g_free (self->node);
  g_free (self->words);
  g_clear_pointer (&self->before, air_value_unref);
  g_clear_pointer (&self->after, air_value_unref);
  g_free (self);
}

/**
 * air_change_weight_to_string:
 * @weight: a weight
 *
 * Returns: (transfer none): "risk", "behaviour" or "words"; static
 */
const char *
air_change_weight_to_string (AirChangeWeight weight)
{
  static const char *const names[] = { "risk", "behaviour", "words" };

  g_return_val_if_fail (weight < G_N_ELEMENTS (names), NULL);
  return names[weight];
}

void
air_diff_add (AirDiff *self,
              AirChangeWeight weight,
              const char *id,
              const char *node,
              const AirValue *before,
              const AirValue *after,
              const char *format,
              ...)
{
  AirChange *change = g_new0 (AirChange, 1);
  va_list arguments;

  change->weight = weight;
  change->id = id;
  change->node = g_strdup (node);
  change->before = before != NULL ? air_value_ref ((AirValue *) before) : NULL;
  change->after = after != NULL ? air_value_ref ((AirValue *) after) : NULL;
  va_start (arguments, format);
  change->words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (self->changes, change);
}

AirDocument *
air_diff_find_operation (const AirDiffSide *side, const char *id)
{
  AirDocument *found = NULL;

  for (guint i = 0; side->packs != NULL && id != NULL && i < side->packs->len && found == NULL; i++)
    found = air_pack_get_operation (g_ptr_array_index (side->packs, i), id);
  return found;
}

AirDocument *
air_diff_find_policy (const AirDiffSide *side, const char *id)
{
  AirDocument *found = NULL;

  for (guint i = 0; side->packs != NULL && id != NULL && i < side->packs->len && found == NULL; i++)
    found = air_pack_get_policy (g_ptr_array_index (side->packs, i), id);
  return found;
}

char *
air_diff_dup_where (const AirDiffSide *side, const AirWorkflowNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < air_workflow_get_n_edges (side->workflow) && n < 3; i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (side->workflow, i);

      if (edge->to == node->index)
        g_string_append_printf (text, "%s'%s'", n++ == 0 ? "after " : " and ",
                                air_workflow_get_node (side->workflow, edge->from)->title);
    }
  if (n == 0)
    g_string_append (text, node->kind == AIR_WORKFLOW_NODE_TRIGGER ? "at the start" : "that no way leads to");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
air_diff_dup_value (const AirValue *value)
{
  g_autofree char *text = NULL;

  if (value == NULL)
    return g_strdup ("nothing");
  if (air_value_get_kind (value) == AIR_VALUE_STRING)
    text = g_strdup_printf ("'%s'", air_value_get_string (value, NULL));
  else
    text = air_jcs_write (value, NULL, NULL);
  if (text == NULL)
    return g_strdup ("a value");
  if (g_utf8_strlen (text, -1) > 80)
    {
      g_autofree char *start = g_utf8_substring (text, 0, 77);

      return g_strconcat (start, "…", NULL);
    }
  return g_steal_pointer (&text);
}

static gboolean
equal (const AirValue *a, const AirValue *b)
{
  return a == b || (a != NULL && b != NULL && air_value_equal (a, b));
}

/* --- the document's own members ------------------------------------------- */

static void
diff_members (AirDiff *self)
{
  static const struct {
    const char *key, *name;
    AirChangeWeight weight;
  } members[] = {
    { "id", "the workflow's id", AIR_CHANGE_BEHAVIOUR },
    { "version", "the version", AIR_CHANGE_WORDS },
    { "title", "the title", AIR_CHANGE_WORDS },
    { "description", "the description", AIR_CHANGE_WORDS },
    { "owner", "the owner", AIR_CHANGE_WORDS },
    { "latency_class", "the latency class", AIR_CHANGE_BEHAVIOUR },
    { "kpis", "what is measured", AIR_CHANGE_WORDS },
    { "retention", "how long data is kept", AIR_CHANGE_RISK },
    { "cost_limits", "what a run may cost", AIR_CHANGE_RISK },
    { "attestation", "where it may run", AIR_CHANGE_RISK },
    { "resources", "what it runs on", AIR_CHANGE_BEHAVIOUR },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      AirValue *before = air_map_get (self->before.source, members[i].key);
      AirValue *after = air_map_get (self->after.source, members[i].key);
      g_autofree char *was = NULL, *is = NULL;

      if (equal (before, after))
        continue;
      was = air_diff_dup_value (before);
      is = air_diff_dup_value (after);
      air_diff_add (self, members[i].weight, "document-changed", NULL, before, after, "changes %s from %s to %s",
                    members[i].name, was, is);
    }
}

static void
diff_packs (AirDiff *self)
{
  AirValue *before = air_map_get_map (self->before.source, "packs");
  AirValue *after = air_map_get_map (self->after.source, "packs");

  for (gsize i = 0; i < air_map_get_size (after); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (after, i), NULL);
      AirValue *is = air_map_get_value_at (after, i), *was = air_map_get (before, id);

      if (was == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "pack-added", NULL, NULL, is, "uses pack '%s' %s", id,
                      air_value_get_string (is, NULL));
      else if (!equal (was, is))
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "pack-changed", NULL, was, is, "takes pack '%s' in %s instead of %s",
                      id, air_value_get_string (is, NULL), air_value_get_string (was, NULL));
    }
  for (gsize i = 0; i < air_map_get_size (before); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (before, i), NULL);

      if (air_map_get (after, id) == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "pack-removed", NULL, air_map_get_value_at (before, i), NULL,
                      "no longer uses pack '%s'", id);
    }
}

static GHashTable *
list_egress (const AirDiffSide *side)
{
  GHashTable *set = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < air_workflow_get_n_nodes (side->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (side->workflow, i);
      AirDocument *operation = air_diff_find_operation (side, air_map_get_string (node->value, "operation"));
      AirValue *list = operation != NULL ? air_map_get_list (air_document_get_value (operation), "egress") : NULL;

      for (gsize k = 0; list != NULL && k < air_list_get_size (list); k++)
        g_hash_table_add (set, (gpointer) air_value_get_string (air_list_get (list, k), NULL));
    }
  return set;
}

static void
diff_egress (AirDiff *self)
{
  g_autoptr (GHashTable) before = list_egress (&self->before);
  g_autoptr (GHashTable) after = list_egress (&self->after);
  g_autoptr (GList) came = g_list_sort (g_hash_table_get_keys (after), (GCompareFunc) strcmp);
  g_autoptr (GList) gone = g_list_sort (g_hash_table_get_keys (before), (GCompareFunc) strcmp);

  for (GList *l = came; l != NULL; l = l->next)
    if (!g_hash_table_contains (before, l->data))
      air_diff_add (self, AIR_CHANGE_RISK, "egress-added", NULL, NULL, NULL, "may now call %s", (const char *) l->data);
  for (GList *l = gone; l != NULL; l = l->next)
    if (!g_hash_table_contains (after, l->data))
      air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "egress-removed", NULL, NULL, NULL, "no longer calls %s",
                    (const char *) l->data);
}

static GHashTable *
index_by_id (AirValue *list)
{
  GHashTable *index = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const char *id = air_map_get_string (air_list_get (list, i), "id");

      if (id != NULL)
        g_hash_table_insert (index, (gpointer) id, air_list_get (list, i));
    }
  return index;
}

static void
diff_tests (AirDiff *self)
{
  AirValue *old_tests = air_map_get_list (self->before.source, "tests");
  AirValue *new_tests = air_map_get_list (self->after.source, "tests");
  g_autoptr (GHashTable) before = index_by_id (old_tests);
  g_autoptr (GHashTable) after = index_by_id (new_tests);

  for (gsize i = 0; new_tests != NULL && i < air_list_get_size (new_tests); i++)
    {
      AirValue *is = air_list_get (new_tests, i), *was;
      const char *id = air_map_get_string (is, "id");

      if (id == NULL)
        continue;
      was = g_hash_table_lookup (before, id);
      if (was == NULL)
        air_diff_add (self, AIR_CHANGE_WORDS, "test-added", id, NULL, is, "adds the test '%s'", id);
      else if (!equal (was, is))
        air_diff_add (self, AIR_CHANGE_WORDS, "test-changed", id, was, is, "changes the test '%s'", id);
    }
  for (gsize i = 0; old_tests != NULL && i < air_list_get_size (old_tests); i++)
    {
      const char *id = air_map_get_string (air_list_get (old_tests, i), "id");

      if (id != NULL && !g_hash_table_contains (after, id))
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "test-removed", id, air_list_get (old_tests, i), NULL,
                      "removes the test '%s'", id);
    }
}

/* --- edges ---------------------------------------------------------------- */

static char *
name_port (const AirWorkflowNode *node, const char *port)
{
  return g_strcmp0 (port, air_workflow_node_kind_get_main_port (node->kind)) == 0
             ? g_strdup_printf ("'%s'", node->title)
             : g_strdup_printf ("'%s' (%s)", node->title, port);
}

/* An edge that leaves the node called @from by @port, and leads to the one called @to where that is given. */
static const AirWorkflowEdge *
find_way (AirWorkflow *workflow, const char *from, const char *port, const char *to)
{
  const AirWorkflowNode *node = air_workflow_find_node (workflow, from);
  guint n = 0;
  const AirWorkflowEdge *const *edges = node != NULL ? air_workflow_get_leaving (workflow, node->index, &n) : NULL;

  for (guint i = 0; i < n; i++)
    if (g_str_equal (edges[i]->port, port)
        && (to == NULL || g_str_equal (air_workflow_get_node (workflow, edges[i]->to)->id, to)))
      return edges[i];
  return NULL;
}

/* An edge of @here that leaves as @edge does of @there, and leads where nothing of @there does. */
static const AirWorkflowEdge *
find_other_way (AirWorkflow *here, AirWorkflow *there, const AirWorkflowEdge *edge)
{
  const char *from = air_workflow_get_node (there, edge->from)->id;
  const AirWorkflowNode *node = air_workflow_find_node (here, from);
  guint n = 0;
  const AirWorkflowEdge *const *edges = node != NULL ? air_workflow_get_leaving (here, node->index, &n) : NULL;

  for (guint i = 0; i < n; i++)
    if (g_str_equal (edges[i]->port, edge->port)
        && find_way (there, from, edge->port, air_workflow_get_node (here, edges[i]->to)->id) == NULL)
      return edges[i];
  return NULL;
}

/* Ways are compared by where they leave: what follows 'Check order', and not what edge e7 does. A parallel's
 * ports are its edges, so there the edge itself is what stays. */
static void
diff_edges (AirDiff *self)
{
  AirWorkflow *old = self->before.workflow, *new = self->after.workflow;

  for (guint i = 0; i < air_workflow_get_n_edges (new); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (new, i), *was;
      const AirWorkflowNode *from = air_workflow_get_node (new, edge->from);
      const AirWorkflowNode *to = air_workflow_get_node (new, edge->to);
      g_autofree char *where = name_port (from, edge->port);

      if (air_workflow_find_node (old, from->id) == NULL /* told with its node */
          || find_way (old, from->id, edge->port, to->id) != NULL)
        continue;
      was = find_other_way (old, new, edge);
      if (was == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "edge-added", edge->id, NULL, NULL, "leads %s to '%s'", where,
                      to->title);
      else
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "edge-moved", edge->id, NULL, NULL,
                      "after %s now comes '%s' instead of '%s'", where, to->title,
                      air_workflow_get_node (old, was->to)->title);
    }
  for (guint i = 0; i < air_workflow_get_n_edges (old); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (old, i);
      const AirWorkflowNode *from = air_workflow_get_node (old, edge->from);
      const char *to = air_workflow_get_node (old, edge->to)->id;
      g_autofree char *where = name_port (from, edge->port);

      if (air_workflow_find_node (new, from->id) != NULL && find_way (new, from->id, edge->port, to) == NULL
          && find_other_way (new, old, edge) == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "edge-removed", edge->id, NULL, NULL, "no longer leads %s to '%s'",
                      where, air_workflow_get_node (old, edge->to)->title);
    }
}

/* --- what is told --------------------------------------------------------- */

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  const AirChange *left = *(AirChange *const *) a, *right = *(AirChange *const *) b;

  return (int) left->weight - (int) right->weight;
}

void
air_diff_run (AirDiff *self)
{
  diff_members (self);
  diff_packs (self);
  diff_egress (self);
  air_diff_nodes (self);
  diff_edges (self);
  diff_tests (self);
}

/**
 * air_workflow_diff:
 * @old_workflow: the earlier version
 * @old_packs: (nullable) (element-type AirPack): its packs, which tell what operations do and what policies ask for
 * @new_workflow: the later version
 * @new_packs: (nullable) (element-type AirPack): its packs
 *
 * Tells two versions apart in words, by stable ids, never by position.
 *
 * Returns: (transfer full) (element-type AirChange): what changes, what matters most first
 */
GPtrArray *
air_workflow_diff (AirWorkflow *old_workflow, GPtrArray *old_packs, AirWorkflow *new_workflow, GPtrArray *new_packs)
{
  AirDiff self = {
    .before = { old_workflow, old_packs, air_document_get_value (air_workflow_get_document (old_workflow)) },
    .after = { new_workflow, new_packs, air_document_get_value (air_workflow_get_document (new_workflow)) },
    .changes = g_ptr_array_new_with_free_func ((GDestroyNotify) air_change_free),
  };

  air_diff_run (&self);
  g_ptr_array_sort (self.changes, compare_changes); /* stable: within a weight in the order found */
  return self.changes;
}

/**
 * air_changes_to_text:
 * @changes: (element-type AirChange): in the order of their weights, as air_workflow_diff() gives them
 *
 * Returns: (transfer full): one change a line under "Risk", "Behaviour" and "Words", or "nothing changes"
 */
char *
air_changes_to_text (GPtrArray *changes)
{
  static const char *const headings[] = { "Risk", "Behaviour", "Words" };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const AirChange *change = g_ptr_array_index (changes, i);

      if (i == 0 || ((AirChange *) g_ptr_array_index (changes, i - 1))->weight != change->weight)
        g_string_append_printf (text, "%s%s:\n", i == 0 ? "" : "\n", headings[change->weight]);
      g_string_append_printf (text, "  %s\n", change->words);
    }
  if (changes->len == 0)
    g_string_append (text, "nothing changes\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * air_changes_to_value:
 * @changes: (element-type AirChange): what changes
 *
 * Returns: (transfer full): [{"id", "weight", "node"?, "words", "before"?, "after"?}]
 */
AirValue *
air_changes_to_value (GPtrArray *changes)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < changes->len; i++)
    {
      const AirChange *change = g_ptr_array_index (changes, i);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "id", change->id);
      air_map_set_string (item, "weight", air_change_weight_to_string (change->weight));
      if (change->node != NULL)
        air_map_set_string (item, "node", change->node);
      air_map_set_string (item, "words", change->words);
      if (change->before != NULL)
        air_map_set (item, "before", air_value_ref (change->before));
      if (change->after != NULL)
        air_map_set (item, "after", air_value_ref (change->after));
      air_list_append (list, item);
    }
  return list;
}
