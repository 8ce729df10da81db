/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-command-private.h"

#include <string.h>

/* Edits that know what else of the workflow they touch. */

static AirValue *
get_source (const AirWorkflow *workflow)
{
  return air_document_get_value (air_workflow_get_document (workflow));
}

static AirValue *
new_place (gint64 x, gint64 y)
{
  AirValue *place = air_list_new ();

  air_list_append (place, air_value_new_int (x));
  air_list_append (place, air_value_new_int (y));
  return place;
}

static void
add_place (AirCommand *self, AirWorkflow *workflow, const char *id, gint64 x, gint64 y)
{
  g_autofree char *at = g_strdup_printf ("/layout/%s", id);

  if (air_map_get_map (get_source (workflow), "layout") == NULL)
    air_command_add_set (self, "/layout", air_map_new ());
  air_command_add_set (self, at, new_place (x, y));
}

/**
 * air_command_new_add_node:
 * @workflow: the workflow as it stands
 * @take_node: (transfer full): the node as in the source
 * @position: (nullable): x and y in its layout; %NULL leaves it to whoever draws
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_add_node (AirWorkflow *workflow, AirValue *take_node, const gint64 *position)
{
  const char *id = air_map_get_string (take_node, "id");
  const char *title = air_map_get_string (take_node, "title");
  AirCommand *self = air_command_new ("Add '%s'", title != NULL ? title : id != NULL ? id : "a node");

  air_command_add_insert (self, "/nodes", G_MAXUINT, take_node);
  if (position != NULL && id != NULL)
    add_place (self, workflow, id, position[0], position[1]);
  return self;
}

/* Takes the items of @list away that name the node, from the end, so that the numbers before stay. */
static void
remove_mentions (AirCommand *self, const char *at, AirValue *list, const char *member, const char *id)
{
  for (gsize i = list != NULL ? air_list_get_size (list) : 0; i-- > 0;)
    {
      AirValue *item = air_list_get (list, i);
      const char *name = member != NULL ? air_map_get_string (item, member) : NULL;
      g_autofree char *place = g_strdup_printf ("%s/%" G_GSIZE_FORMAT, at, i);

      if (member == NULL && air_value_get_kind (item) == AIR_VALUE_STRING)
        name = air_value_get_string (item, NULL);
      if (g_strcmp0 (name, id) == 0)
        air_command_add_remove (self, place);
    }
}

/**
 * air_command_new_remove_node:
 * @workflow: the workflow as it stands
 * @id: a node
 *
 * Takes its edges, its mentions in guards and evidence, and its position along.
 *
 * Returns: (transfer full): the command; applying it fails where no such node is
 */
AirCommand *
air_command_new_remove_node (AirWorkflow *workflow, const char *id)
{
  const AirWorkflowNode *node = air_workflow_find_node (workflow, id);
  AirCommand *self = air_command_new ("Remove '%s'", node != NULL ? node->title : id);
  g_autofree char *at = g_strdup_printf ("/nodes/%s", id);

  for (guint i = air_workflow_get_n_edges (workflow); node != NULL && i-- > 0;)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (workflow, i);
      g_autofree char *place = g_strdup_printf ("/edges/%u", i);

      if (edge->from == node->index || edge->to == node->index)
        air_command_add_remove (self, place);
    }
  for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
    {
      const AirWorkflowNode *other = air_workflow_get_node (workflow, i);
      g_autofree char *guards = g_strdup_printf ("/nodes/%s/guards", other->id);
      g_autofree char *collect = g_strdup_printf ("/nodes/%s/collect", other->id);

      if (other == node)
        continue;
      remove_mentions (self, guards, air_map_get_list (other->value, "guards"), "node", id);
      remove_mentions (self, collect, air_map_get_list (other->value, "collect"), NULL, id);
    }
  if (node != NULL && node->has_position)
    {
      g_autofree char *place = g_strdup_printf ("/layout/%s", id);

      air_command_add_unset (self, place);
    }
  air_command_add_remove (self, at);
  return self;
}

/**
 * air_command_new_move_node:
 * @workflow: the workflow as it stands
 * @id: a node
 * @x: in the layout's units
 * @y: in the layout's units
 *
 * Returns: (transfer full): the command; it changes the layout and nothing of what the workflow does
 */
AirCommand *
air_command_new_move_node (AirWorkflow *workflow, const char *id, gint64 x, gint64 y)
{
  const AirWorkflowNode *node = air_workflow_find_node (workflow, id);
  AirCommand *self = air_command_new ("Move '%s'", node != NULL ? node->title : id);

  add_place (self, workflow, id, x, y);
  return self;
}

static gboolean
has_edge (const AirWorkflow *workflow, const char *id)
{
  for (guint i = 0; i < air_workflow_get_n_edges (workflow); i++)
    if (g_str_equal (air_workflow_get_edge (workflow, i)->id, id))
      return TRUE;
  return FALSE;
}

static char *
dup_free_edge_id (const AirWorkflow *workflow)
{
  for (guint n = air_workflow_get_n_edges (workflow) + 1;; n++)
    {
      g_autofree char *id = g_strdup_printf ("e%u", n);

      if (!has_edge (workflow, id))
        return g_steal_pointer (&id);
    }
}

/**
 * air_workflow_dup_free_id:
 * @workflow: a workflow
 * @like: how it shall begin
 *
 * Returns: (transfer full): an id no node and no edge has: "end", "end_2", …
 */
char *
air_workflow_dup_free_id (const AirWorkflow *workflow, const char *like)
{
  for (guint n = 1;; n++)
    {
      g_autofree char *id = n == 1 ? g_strdup (like) : g_strdup_printf ("%s_%u", like, n);

      if (air_workflow_find_node (workflow, id) == NULL && !has_edge (workflow, id))
        return g_steal_pointer (&id);
    }
}

/**
 * air_command_new_connect:
 * @workflow: the workflow as it stands
 * @from: a node
 * @port: (nullable): the way out of it, %NULL for the main one
 * @to: a node
 * @id: (nullable): of the edge, %NULL for the next that is free
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_connect (AirWorkflow *workflow, const char *from, const char *port, const char *to, const char *id)
{
  g_autofree char *own = id != NULL ? g_strdup (id) : dup_free_edge_id (workflow);
  AirCommand *self = air_command_new ("Connect '%s' to '%s'", from, to);
  AirValue *edge = air_map_new ();

  air_map_set_string (edge, "id", own);
  air_map_set_string (edge, "from", from);
  if (port != NULL)
    air_map_set_string (edge, "port", port);
  air_map_set_string (edge, "to", to);
  air_command_add_insert (self, "/edges", G_MAXUINT, edge);
  return self;
}

/**
 * air_command_new_disconnect:
 * @workflow: the workflow as it stands
 * @edge: an edge's id
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_disconnect (AirWorkflow *workflow, const char *edge)
{
  AirCommand *self = air_command_new ("Disconnect '%s'", edge);
  g_autofree char *at = g_strdup_printf ("/edges/%s", edge);

  air_command_add_remove (self, at);
  return self;
}

/**
 * air_command_new_add_test:
 * @workflow: the workflow as it stands
 * @take_test: (transfer full): the case as in the source
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_add_test (AirWorkflow *workflow, AirValue *take_test)
{
  const char *title = air_map_get_string (take_test, "title");
  AirCommand *self = air_command_new ("Add the test '%s'", title != NULL ? title : "");

  air_command_add_insert (self, "/tests", G_MAXUINT, take_test);
  return self;
}

/**
 * air_command_new_remove_test:
 * @workflow: the workflow as it stands
 * @id: a case's id
 *
 * Returns: (transfer full): the command
 */
AirCommand *
air_command_new_remove_test (AirWorkflow *workflow, const char *id)
{
  AirCommand *self = air_command_new ("Remove the test '%s'", id);
  g_autofree char *at = g_strdup_printf ("/tests/%s", id);

  air_command_add_remove (self, at);
  return self;
}

/* --- renaming ------------------------------------------------------------- */

typedef struct {
  AirCommand *command;
  const char *from, *to;
} Rename;

static void
rename_text (Rename *self, const AirValue *map, const char *key, const char *at)
{
  g_autofree char *place = g_strdup_printf ("%s/%s", at, key);

  if (g_strcmp0 (air_map_get_string (map, key), self->from) == 0)
    air_command_add_set (self->command, place, air_value_new_string (self->to));
}

static void
rename_expression (Rename *self, const AirValue *map, const char *key, const char *at)
{
  const char *source = air_map_get_string (map, key);
  g_autofree char *place = g_strdup_printf ("%s/%s", at, key);
  g_autofree char *renamed = source != NULL ? air_rename_in_expression (source, self->from, self->to) : NULL;

  if (renamed != NULL)
    air_command_add_set (self->command, place, air_value_new_string (renamed));
}

static void
rename_template (Rename *self, const AirValue *map, const char *key, const char *at)
{
  AirValue *tree = map != NULL && air_value_get_kind (map) == AIR_VALUE_MAP ? air_map_get (map, key) : NULL;
  g_autofree char *place = g_strdup_printf ("%s/%s", at, key);
  AirValue *renamed = tree != NULL ? air_rename_in_template (tree, self->from, self->to) : NULL;

  if (renamed != NULL)
    air_command_add_set (self->command, place, renamed);
}

/* "tell", "tell:error" and "tell/compensate" name the node `tell`; NULL for those that do not. */
static char *
rename_name (const Rename *self, const char *name)
{
  gsize length = strlen (self->from);

  if (strncmp (name, self->from, length) != 0 || strchr (":/", name[length]) == NULL)
    return NULL;
  return g_strconcat (self->to, name + length, NULL);
}

/* Keys of a map, in their places; NULL where nothing changes. */
static AirValue *
rename_key (const Rename *self, const AirValue *map)
{
  g_autoptr (AirValue) copy = air_map_new ();
  gboolean changed = FALSE;

  for (gsize i = 0; i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);
      g_autofree char *renamed = rename_name (self, key);

      changed |= renamed != NULL;
      air_map_set (copy, renamed != NULL ? renamed : key, air_value_ref (air_map_get_value_at (map, i)));
    }
  return changed ? g_steal_pointer (&copy) : NULL;
}

static void
rename_keys (Rename *self, const AirValue *map, const char *key, const char *at)
{
  AirValue *inner = air_map_get_map (map, key);
  g_autofree char *place = g_strdup_printf ("%s/%s", at, key);

  AirValue *renamed = inner != NULL ? rename_key (self, inner) : NULL;

  if (renamed != NULL)
    air_command_add_set (self->command, place, renamed);
}

static void
rename_items (Rename *self, const AirValue *map, const char *key, const char *at)
{
  AirValue *list = air_map_get_list (map, key);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      g_autofree char *place = g_strdup_printf ("%s/%s/%" G_GSIZE_FORMAT, at, key, i);
      g_autofree char *renamed = NULL;

      if (air_value_get_kind (item) == AIR_VALUE_STRING)
        renamed = rename_name (self, air_value_get_string (item, NULL));
      if (renamed != NULL)
        air_command_add_set (self->command, place, air_value_new_string (renamed));
    }
}

static void
rename_conditions (Rename *self, const AirValue *node, const char *key, const char *at)
{
  AirValue *list = air_map_get_list (node, key);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/%s/%" G_GSIZE_FORMAT, at, key, i);

      rename_text (self, air_list_get (list, i), "node", place);
      rename_expression (self, air_list_get (list, i), "when", place);
    }
}

static void
rename_in_node (Rename *self, const AirWorkflowNode *node)
{
  static const char *const templates[] = { "with", "output", "items", "until" };
  g_autofree char *compensate = g_strdup_printf ("%s/compensate", node->pointer);

  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    rename_template (self, node->value, templates[i], node->pointer);
  if (air_map_get_string (node->value, "collect") != NULL)
    rename_template (self, node->value, "collect", node->pointer);
  rename_template (self, air_map_get_map (node->value, "compensate"), "with", compensate);
  rename_items (self, node->value, "collect", node->pointer);
  rename_conditions (self, node->value, "guards", node->pointer);
  rename_conditions (self, node->value, "cases", node->pointer);
  rename_text (self, node->value, "of", node->pointer);
}

static void
rename_in_tests (Rename *self, const AirValue *tests)
{
  for (gsize i = 0; tests != NULL && i < air_list_get_size (tests); i++)
    {
      AirValue *test = air_list_get (tests, i);
      AirValue *expect = air_map_get_map (test, "expect");
      g_autofree char *at = g_strdup_printf ("/tests/%" G_GSIZE_FORMAT, i);
      g_autofree char *below = g_strdup_printf ("%s/expect", at);

      rename_keys (self, test, "mocks", at);
      rename_keys (self, test, "gates", at);
      rename_items (self, expect, "path", below);
      rename_items (self, expect, "gates", below);
      rename_keys (self, expect, "outputs", below);
    }
}

/**
 * air_command_new_rename_node:
 * @workflow: the workflow as it stands
 * @id: a node
 * @new_id: an id that is free
 *
 * With every reference: edges, guards, evidence, joins, tests, layout and `steps.ID` in expressions.
 *
 * Returns: (transfer full): the command; applying it fails where @id is not there or @new_id is taken
 */
AirCommand *
air_command_new_rename_node (AirWorkflow *workflow, const char *id, const char *new_id)
{
  AirCommand *self = air_command_new ("Rename '%s' to '%s'", id, new_id);
  const AirWorkflowNode *node = air_workflow_find_node (workflow, id);
  Rename rename = { self, id, new_id };

  if (node == NULL) /* applying says what is wrong */
    {
      g_autofree char *at = g_strdup_printf ("/nodes/%s/id", id);

      air_command_add_set (self, at, air_value_new_string (new_id));
      return self;
    }
  for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
    rename_in_node (&rename, air_workflow_get_node (workflow, i));
  for (guint i = 0; i < air_workflow_get_n_edges (workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (workflow, i);
      AirValue *value = air_list_get (air_map_get_list (get_source (workflow), "edges"), i);

      rename_text (&rename, value, "from", edge->pointer);
      rename_text (&rename, value, "to", edge->pointer);
    }
  rename_in_tests (&rename, air_map_get_list (get_source (workflow), "tests"));
  rename_keys (&rename, get_source (workflow), "layout", "");
  rename_text (&rename, node->value, "id", node->pointer);
  return self;
}
