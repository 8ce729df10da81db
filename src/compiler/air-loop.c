/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and types around for_each and its join, and waits that take an expression or a signal. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include "schema/air-schema.h"

guint
air_compile_get_scope (AirCompilation *self, const AirWorkflowNode *node)
{
  const AirRegions *regions = air_flow_get_regions (self->flow);

  /* What a join collects is evaluated in the iteration that comes to it. */
  if (node->kind == AIR_WORKFLOW_NODE_JOIN)
    {
      const AirWorkflowNode *fork = air_workflow_find_node (self->workflow, air_map_get_string (node->value, "of"));

      if (fork != NULL && fork->kind == AIR_WORKFLOW_NODE_FOR_EACH)
        return fork->index;
    }
  return air_regions_get_loop (regions, node->index);
}

gboolean
air_compile_sees (AirCompilation *self, const AirWorkflowNode *node, const AirWorkflowNode *step)
{
  const AirRegions *regions = air_flow_get_regions (self->flow);
  guint of = air_regions_get_loop (regions, step->index);

  if (of == AIR_NO_REGION)
    return TRUE;
  return air_compile_get_scope (self, node) == of || air_regions_holds (regions, of, node->index);
}

/* Computed when first asked for: a body may stand before its loop in the source. */
static AirCelType *
get_item_type (AirCompilation *self, const AirWorkflowNode *loop)
{
  AirNodeFacts *facts = &self->facts[loop->index];
  AirValue *items = air_map_get (loop->value, "items");
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirTemplate) template = NULL;
  AirCelType *item = NULL;

  if (facts->item != NULL)
    return facts->item;
  /* Until it is known; a graph with faults may ask in a circle. */
  facts->item = air_cel_type_new (AIR_CEL_TYPE_DYN);
  env = air_compile_new_env (self, loop, FALSE);
  template = air_template_compile (items, env, NULL);
  if (template != NULL && air_cel_type_get_kind (air_template_get_type (template)) == AIR_CEL_TYPE_LIST)
    item = air_cel_type_get_item (air_template_get_type (template));
  if (item != NULL)
    {
      air_cel_type_unref (facts->item);
      facts->item = air_cel_type_ref (item);
    }
  return facts->item;
}

AirCelType *
air_compile_new_each_type (AirCompilation *self, guint loop)
{
  const AirWorkflowNode *node = air_workflow_get_node (self->workflow, loop);
  g_autoptr (AirCelType) index = air_cel_type_new (AIR_CEL_TYPE_INT);
  AirCelType *each = air_cel_type_new_object (NULL);
  guint outer = air_regions_get_loop (air_flow_get_regions (self->flow), loop);

  air_cel_type_add_field (each, "item", get_item_type (self, node), TRUE);
  air_cel_type_add_field (each, "index", index, TRUE);
  if (outer != AIR_NO_REGION && outer != loop)
    {
      g_autoptr (AirCelType) around = air_compile_new_each_type (self, outer);

      air_cel_type_add_field (each, "outer", around, TRUE);
    }
  return each;
}

AirCelType *
air_compile_new_join_type (AirCompilation *self, const AirWorkflowNode *join)
{
  const AirWorkflowNode *fork = air_workflow_find_node (self->workflow, air_map_get_string (join->value, "of"));
  AirValue *collect = air_map_get (join->value, "collect");
  AirCelType *output = air_cel_type_new_object (NULL);
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirTemplate) template = NULL;
  g_autoptr (AirCelType) items = NULL;

  if (fork == NULL || fork->kind != AIR_WORKFLOW_NODE_FOR_EACH)
    return output;
  /* Where iterations may fail an item is what was collected or {error}. */
  if (collect != NULL && g_strcmp0 (air_map_get_string (fork->value, "on_failure"), "continue") != 0)
    {
      env = air_compile_new_env (self, join, FALSE);
      template = air_template_compile (collect, env, NULL);
    }
  items = air_cel_type_new_list (template != NULL ? air_template_get_type (template) : NULL);
  air_cel_type_add_field (output, "items", items, TRUE);
  return output;
}

AirCelType *
air_compile_new_signal_type (AirCompilation *self, const AirWorkflowNode *wait)
{
  static const char *const untrusted[] = { "untrusted", NULL };
  AirValue *input = air_map_get_map (wait->value, "input");
  g_autoptr (AirCelType) type = NULL;

  if (air_map_get_string (wait->value, "signal") == NULL)
    return NULL;
  type = input != NULL ? air_cel_type_from_schema (input, NULL) : NULL;
  /* Without a schema nothing is known of what comes: not even whether to trust it. */
  if (type == NULL)
    {
      g_autoptr (AirCelType) any = air_cel_type_new (AIR_CEL_TYPE_DYN);

      return air_cel_type_with_labels (any, untrusted);
    }
  return g_steal_pointer (&type);
}

void
air_compile_check_loop (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  g_autofree char *pointer = g_strdup_printf ("%s/items", node->pointer);
  AirCelTypeKind kind;

  self->facts[node->index].with = air_compile_check_template (self, node, pointer, env);
  if (self->facts[node->index].with == NULL)
    return;
  kind = air_cel_type_get_kind (air_template_get_type (self->facts[node->index].with));
  if (kind != AIR_CEL_TYPE_DYN && kind != AIR_CEL_TYPE_LIST)
    {
      g_autofree char *is = air_cel_type_to_string (air_template_get_type (self->facts[node->index].with));

      air_compilation_report (self, "AIR202", self->document, pointer, node, "give an expression of a list: ${…}",
                              "'%s' goes over its items, and they are of type %s, not list", node->id, is);
    }
}

void
air_compile_check_join (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  g_autofree char *pointer = g_strdup_printf ("%s/collect", node->pointer);

  self->facts[node->index].with = air_compile_check_template (self, node, pointer, env);
}

void
air_compile_check_wait (AirCompilation *self, const AirWorkflowNode *node)
{
  AirValue *input = air_map_get_map (node->value, "input");
  g_autofree char *until = g_strdup_printf ("%s/until", node->pointer);
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  AirCelTypeKind kind;

  if (input != NULL)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/input", node->pointer);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirSchema) schema = air_schema_compile (input, &error);

      if (schema == NULL)
        air_compilation_report (self, "AIR208", self->document, pointer, node, "mend the schema", "%s", error->message);
    }
  self->facts[node->index].with = air_compile_check_template (self, node, until, env);
  if (self->facts[node->index].with == NULL)
    return;
  kind = air_cel_type_get_kind (air_template_get_type (self->facts[node->index].with));
  if (kind != AIR_CEL_TYPE_DYN && kind != AIR_CEL_TYPE_STRING && kind != AIR_CEL_TYPE_TIMESTAMP)
    {
      g_autofree char *is = air_cel_type_to_string (air_template_get_type (self->facts[node->index].with));

      air_compilation_report (self, "AIR202", self->document, until, node, "give a time of RFC 3339: ${…}",
                              "'%s' waits until a time, and this is of type %s", node->id, is);
    }
}
