/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The further policies of a gate (`also`) and the limits of a call. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "compiler/air-compile-private.h"

static const char *
text_of (const AirValue *value)
{
  return value != NULL && air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, NULL) : "";
}

/* The policy of this id and one of these kinds, reported where it is not. */
static AirPolicy *
find_policy (AirCompilation *self,
             const AirWorkflowNode *node,
             const char *pointer,
             const char *id,
             AirPolicyKind kind,
             AirPolicyKind other,
             AirDocument **ret_document)
{
  const char *words = kind == AIR_POLICY_GATE ? "of kind \"gate\"" : "of kind \"limit\" or \"budget\"";
  g_autoptr (AirPolicy) policy = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *mend = g_strdup_printf ("name a policy %s of these packs, or add its pack to \"packs\"", words);

  *ret_document = NULL;
  for (guint i = 0; i < self->packs->len && *ret_document == NULL; i++)
    *ret_document = air_pack_get_policy (g_ptr_array_index (self->packs, i), id);
  if (*ret_document == NULL)
    {
      air_compilation_report (self, "AIR108", self->document, pointer, node, mend,
                              "'%s' is guarded by '%s', which no pack of this workflow has", node->id, id);
      return NULL;
    }
  policy = air_policy_load (air_document_get_value (*ret_document), &error);
  if (policy == NULL)
    {
      air_compilation_report (self, "AIR111", *ret_document, "", node, "mend the policy document", "%s",
                              error->message);
      return NULL;
    }
  if (air_policy_get_kind (policy) == kind || air_policy_get_kind (policy) == other)
    return g_steal_pointer (&policy);
  air_compilation_report (self, "AIR108", self->document, pointer, node, mend, "'%s' is no policy %s", id, words);
  return NULL;
}

static void
keep_document (AirNodeFacts *facts, AirDocument *document)
{
  if (facts->more_policies == NULL)
    facts->more_policies = g_ptr_array_new ();
  g_ptr_array_add (facts->more_policies, document);
}

static void
check_given (AirCompilation *self,
             const AirWorkflowNode *node,
             const AirPolicy *policy,
             const AirValue *given,
             const char *pointer)
{
  const char *const *inputs = air_policy_get_inputs (policy);

  for (gsize i = 0; inputs[i] != NULL; i++)
    if (given == NULL || air_map_get (given, inputs[i]) == NULL)
      {
        g_autofree char *mend = g_strdup_printf ("add \"%s\" to \"with\"", inputs[i]);

        air_compilation_report (self, "AIR203", self->document, pointer, node, mend, "policy '%s' needs the input '%s'",
                                air_policy_get_id (policy), inputs[i]);
      }
}

static void
check_also (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  AirValue *list = air_map_get_list (node->value, "also"), *with = air_map_get_map (node->value, "with");
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (const char *const *input = facts->policy != NULL ? air_policy_get_inputs (facts->policy) : NULL;
       input != NULL && *input != NULL; input++)
    g_hash_table_add (known, g_strdup (*input));
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/also/%" G_GSIZE_FORMAT, node->pointer, i);
      AirDocument *document;
      g_autoptr (AirPolicy) policy = find_policy (self, node, pointer, text_of (air_list_get (list, i)),
                                                  AIR_POLICY_GATE, AIR_POLICY_GATE, &document);

      if (policy == NULL)
        continue;
      keep_document (facts, document);
      check_given (self, node, policy, with, pointer);
      for (const char *const *input = air_policy_get_inputs (policy); *input != NULL; input++)
        g_hash_table_add (known, g_strdup (*input));
    }
  for (gsize i = 0; facts->policy != NULL && with != NULL && i < air_map_get_size (with); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (with, i), NULL);
      g_autofree char *pointer = g_strdup_printf ("%s/with", node->pointer);

      if (!g_hash_table_contains (known, name))
        air_compilation_report (self, "AIR204", self->document, pointer, node, "leave it out",
                                "none of the gate's policies has an input '%s'", name);
    }
}

static void
check_limits (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  AirValue *list = air_map_get_list (node->value, "limits");
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i), *with = air_map_get_map (item, "with");
      g_autofree char *pointer = g_strdup_printf ("%s/limits/%" G_GSIZE_FORMAT, node->pointer, i);
      g_autofree char *place = g_strconcat (pointer, "/with", NULL);
      const char *id = text_of (air_map_get (item, "policy"));
      AirDocument *document;
      g_autoptr (AirPolicy) policy =
          find_policy (self, node, pointer, id, AIR_POLICY_LIMIT, AIR_POLICY_BUDGET, &document);

      if (policy == NULL)
        continue;
      if (!g_hash_table_add (seen, (char *) id))
        air_compilation_report (self, "AIR108", self->document, pointer, node, "name it once",
                                "'%s' is guarded by '%s' twice", node->id, id);
      keep_document (facts, document);
      if (with != NULL)
        {
          g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
          g_autoptr (AirTemplate) checked = NULL;

          air_cel_env_declare (env, "input", NULL);
          checked = air_compile_check_template (self, node, place, env);
        }
      /* Without `with` it looks at what the call sends. */
      check_given (self, node, policy, with != NULL ? with : air_map_get_map (node->value, "with"), pointer);
    }
}

void
air_compile_policies (AirCompilation *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);

      if (node->kind == AIR_WORKFLOW_NODE_GATE && air_map_get_list (node->value, "also") != NULL)
        check_also (self, node);
      if (node->kind == AIR_WORKFLOW_NODE_CALL && air_map_get_list (node->value, "limits") != NULL)
        check_limits (self, node);
    }
}
