/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-workflow-scene.h"

#include <glib/gi18n.h>
#include <string.h>

/**
 * air_workflow_scene_kind:
 * @kind: a kind of node
 *
 * Returns: what it is drawn as
 */
AirNodeKind
air_workflow_scene_kind (AirWorkflowNodeKind kind)
{
  static const AirNodeKind kinds[] = {
    [AIR_WORKFLOW_NODE_TRIGGER] = AIR_NODE_KIND_TRIGGER,   [AIR_WORKFLOW_NODE_CALL] = AIR_NODE_KIND_CALL,
    [AIR_WORKFLOW_NODE_DECIDE] = AIR_NODE_KIND_DECIDE,     [AIR_WORKFLOW_NODE_BRANCH] = AIR_NODE_KIND_BRANCH,
    [AIR_WORKFLOW_NODE_GATE] = AIR_NODE_KIND_GATE,         [AIR_WORKFLOW_NODE_WAIT] = AIR_NODE_KIND_WAIT,
    [AIR_WORKFLOW_NODE_EVIDENCE] = AIR_NODE_KIND_EVIDENCE, [AIR_WORKFLOW_NODE_END] = AIR_NODE_KIND_END,
    [AIR_WORKFLOW_NODE_PARALLEL] = AIR_NODE_KIND_PARALLEL, [AIR_WORKFLOW_NODE_JOIN] = AIR_NODE_KIND_JOIN,
    [AIR_WORKFLOW_NODE_FOR_EACH] = AIR_NODE_KIND_FOR_EACH, [AIR_WORKFLOW_NODE_WORKFLOW] = AIR_NODE_KIND_WORKFLOW,
  };

  g_return_val_if_fail ((gsize) kind < G_N_ELEMENTS (kinds), AIR_NODE_KIND_END);
  return kinds[kind];
}

/**
 * air_workflow_port_to_words:
 * @node: a node
 * @port: a way out of it
 *
 * Returns: (transfer full) (nullable): what to write at the edge that leaves by it, translated; %NULL: nothing, it is
 *   the usual way
 */
char *
air_workflow_port_to_words (const AirWorkflowNode *node, const char *port)
{
  AirValue *cases;

  if (node->kind == AIR_WORKFLOW_NODE_CALL || node->kind == AIR_WORKFLOW_NODE_WORKFLOW)
    {
      if (g_str_equal (port, "ok"))
        return NULL;
      if (g_str_equal (port, "error"))
        return g_strdup (C_ ("way out of a step", "failed"));
      if (g_str_equal (port, "error:not_found"))
        return g_strdup (C_ ("way out of a step", "not found"));
      return g_str_has_prefix (port, "error:") ? g_strdup (port + 6) : g_strdup (port);
    }
  if (node->kind == AIR_WORKFLOW_NODE_GATE)
    {
      if (g_str_equal (port, "approved"))
        return g_strdup (C_ ("way out of a gate", "approved"));
      if (g_str_equal (port, "denied"))
        return g_strdup (C_ ("way out of a gate", "denied"));
      return g_str_equal (port, "expired") ? g_strdup (C_ ("way out of a gate", "expired")) : g_strdup (port);
    }
  if (node->kind == AIR_WORKFLOW_NODE_FOR_EACH)
    return g_strdup (C_ ("way out of a loop", "each"));
  if (node->kind == AIR_WORKFLOW_NODE_WAIT)
    return g_str_equal (port, "timeout") ? g_strdup (C_ ("way out of a wait", "never came")) : NULL;
  cases = air_map_get_list (node->value, "cases");
  for (gsize i = 0; cases != NULL && i < air_list_get_size (cases); i++)
    {
      AirValue *one = air_list_get (cases, i);
      const char *title = air_map_get_string (one, "title");

      if (g_strcmp0 (air_map_get_string (one, "id"), port) == 0)
        return g_strdup (title != NULL ? title : port);
    }
  if (g_strcmp0 (air_map_get_string (node->value, "default"), port) == 0)
    {
      GString *words = g_string_new (port);

      g_string_replace (words, "_", " ", 0);
      return g_string_free (words, FALSE);
    }
  return NULL;
}

static gboolean
is_failure (const char *port)
{
  return g_str_has_prefix (port, "error") || g_str_equal (port, "denied") || g_str_equal (port, "expired")
         || g_str_equal (port, "timeout");
}

static const char *
subtitle_of (const AirWorkflowNode *node)
{
  const char *text = air_map_get_string (node->value, "operation");

  if (text == NULL)
    text = air_map_get_string (node->value, "policy");
  if (text == NULL)
    text = air_map_get_string (node->value, "workflow");
  if (text == NULL && node->kind == AIR_WORKFLOW_NODE_TRIGGER)
    text = air_map_get_string (air_map_get_map (node->value, "trigger"), "event_type");
  if (text == NULL && node->kind == AIR_WORKFLOW_NODE_FOR_EACH)
    text = air_map_get_string (node->value, "items");
  if (text == NULL && node->kind == AIR_WORKFLOW_NODE_WAIT)
    text = air_map_get_string (node->value, "signal");
  return text;
}

/**
 * air_workflow_scene_dup_node:
 * @step: (nullable): what a step is called up to a workflow that runs as it ("book.charge"), or an iteration
 *   ("charge@3")
 *
 * Returns: (transfer full) (nullable): the node of the scene it is at
 */
char *
air_workflow_scene_dup_node (const char *step)
{
  return step != NULL ? g_strndup (step, strcspn (step, ".@")) : NULL;
}

/**
 * air_workflow_scene_new:
 * @workflow: a workflow
 *
 * Only ports that an edge leaves by are drawn; those of a call would else be ten.
 *
 * Returns: (transfer full): the canvas' scene of it
 */
AirScene *
air_workflow_scene_new (const AirWorkflow *workflow)
{
  g_autoptr (AirSceneBuilder) builder = air_scene_builder_new ();

  for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (workflow, i);
      g_auto (GStrv) ports = air_workflow_node_dup_ports (workflow, node);

      air_scene_builder_add_node (builder, node->id, air_workflow_scene_kind (node->kind), node->title,
                                  subtitle_of (node));
      if (node->has_position)
        air_scene_builder_set_position (builder, node->id, (float) node->x, (float) node->y);
      for (guint j = 0; ports[j] != NULL; j++)
        if (air_workflow_find_edge (workflow, i, ports[j]) != NULL)
          {
            g_autofree char *words = air_workflow_port_to_words (node, ports[j]);

            air_scene_builder_add_port (builder, node->id, ports[j], words, is_failure (ports[j]));
          }
    }
  for (guint i = 0; i < air_workflow_get_n_edges (workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (workflow, i);

      air_scene_builder_add_edge (builder, edge->id, air_workflow_get_node (workflow, edge->from)->id, edge->port,
                                  air_workflow_get_node (workflow, edge->to)->id);
    }
  return air_scene_builder_finish (builder);
}
