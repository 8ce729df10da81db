/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

#include "schema/air-schema.h"

/* --- inputs of calls ------------------------------------------------------ */

static char *
escape (const char *key)
{
  g_autoptr (GString) text = g_string_new (key);

  g_string_replace (text, "~", "~0", 0);
  g_string_replace (text, "/", "~1", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
list_keys (AirValue *map)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; map != NULL && i < air_map_get_size (map); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", air_value_get_string (air_map_get_key_at (map, i), NULL));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A tree without expressions can be held against the schema itself: enums, patterns, bounds. */
static void
check_constant (AirCompilation *self,
                const AirWorkflowNode *node,
                const char *pointer,
                const char *input,
                AirValue *value,
                AirValue *schema)
{
  g_autoptr (AirTemplate) template = air_template_compile (value, NULL, NULL);
  g_autoptr (AirValue) plain = NULL;
  AirSchema *compiled;
  g_autoptr (GPtrArray) issues = NULL;

  if (template == NULL || !air_template_is_constant (template))
    return;
  plain = air_template_render (template, NULL, NULL);
  compiled = air_compile_cache_get_schema (self->cache, schema);
  if (plain == NULL || compiled == NULL || air_schema_validate (compiled, plain, &issues, NULL) || issues == NULL
      || issues->len == 0)
    return;
  air_compilation_report (self, "AIR207", self->document, pointer, node, "give a value the operation takes",
                          "input '%s' of '%s': %s", input, node->id,
                          ((AirSchemaIssue *) g_ptr_array_index (issues, 0))->message);
}

static void
check_input (AirCompilation *self,
             const AirWorkflowNode *node,
             const char *at,
             const char *taker,
             AirValue *input,
             AirCelType *wanted,
             AirCelType *given,
             const char *name,
             AirValue *value)
{
  AirValue *properties = air_map_get_map (input, "properties");
  AirValue *schema = air_map_get (properties, name);
  AirCelType *field = air_cel_type_get_field (given, name);
  AirCelType *should = air_cel_type_get_field (wanted, name);
  g_autofree char *escaped = escape (name);
  g_autofree char *pointer = g_strdup_printf ("%s/%s", at, escaped);

  if (schema == NULL)
    {
      AirValue *rest = air_map_get (input, "additionalProperties");

      if (rest != NULL && air_value_get_kind (rest) == AIR_VALUE_BOOL && !air_value_get_bool (rest))
        {
          g_autofree char *known = list_keys (properties);
          g_autofree char *mend = g_strdup_printf ("use one of: %s", known);

          air_compilation_report (self, "AIR204", self->document, pointer, node, mend, "'%s' has no input '%s'", taker,
                                  name);
        }
      return;
    }
  if (field != NULL && should != NULL && !air_cel_type_accepts (should, field))
    {
      g_autofree char *is = air_cel_type_to_string (field);
      g_autofree char *want = air_cel_type_to_string (should);
      g_autofree char *mend = g_strdup_printf ("give a value of type %s", want);

      air_compilation_report (self, "AIR205", self->document, pointer, node, mend,
                              "input '%s' of '%s' is of type %s, and this is %s", name, taker, want, is);
      return;
    }
  check_constant (self, node, pointer, name, value, schema);
}

void
air_compile_check_inputs (AirCompilation *self,
                          const AirWorkflowNode *node,
                          const char *at,
                          const char *taker,
                          AirValue *input,
                          const AirTemplate *template)
{
  AirValue *with = air_value_at (air_document_get_value (self->document), at);
  AirValue *required = air_map_get_list (input, "required");
  AirCelType *wanted = air_compile_cache_get_type (self->cache, input);

  if (wanted == NULL) /* its pack would not have loaded */
    return;
  for (gsize i = 0; required != NULL && i < air_list_get_size (required); i++)
    {
      const char *name = air_value_get_string (air_list_get (required, i), NULL);

      if (air_map_get (with, name) == NULL)
        {
          g_autofree char *mend = g_strdup_printf ("add \"%s\" to \"with\"", name);

          air_compilation_report (self, "AIR203", self->document, at, node, mend, "'%s' needs the input '%s'", taker,
                                  name);
        }
    }
  for (gsize i = 0; i < air_map_get_size (with); i++)
    check_input (self, node, at, taker, input, wanted, air_template_get_type (template),
                 air_value_get_string (air_map_get_key_at (with, i), NULL), air_map_get_value_at (with, i));
}

static void
check_operation_inputs (AirCompilation *self,
                        const AirWorkflowNode *node,
                        const char *at,
                        const AirDocument *operation,
                        const AirTemplate *template)
{
  air_compile_check_inputs (self, node, at, air_document_get_id (operation),
                            air_map_get (air_document_get_value (operation), "input"), template);
}

/* --- kinds of nodes ------------------------------------------------------- */

static void
check_call (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  g_autofree char *with = g_strdup_printf ("%s/with", node->pointer);
  g_autofree char *undo = g_strdup_printf ("%s/compensate/with", node->pointer);

  facts->with = air_compile_check_template (self, node, with, env);
  if (facts->with != NULL && facts->operation != NULL)
    check_operation_inputs (self, node, with, facts->operation, facts->with);
  if (facts->compensation != NULL)
    {
      g_autoptr (AirCelEnv) after = air_compile_new_env (self, node, TRUE);

      facts->undo = air_compile_check_template (self, node, undo, after);
      if (facts->undo != NULL)
        check_operation_inputs (self, node, undo, facts->compensation, facts->undo);
    }
}

static void
check_policy_inputs (AirCompilation *self, const AirWorkflowNode *node, const char *at)
{
  AirNodeFacts *facts = &self->facts[node->index];
  const char *const *inputs = air_policy_get_inputs (facts->policy);
  AirValue *with = air_map_get_map (node->value, "with");

  for (gsize i = 0; inputs[i] != NULL; i++)
    {
      AirCelType *should = air_policy_get_input_type (facts->policy, inputs[i]);
      AirCelType *is = air_cel_type_get_field (air_template_get_type (facts->with), inputs[i]);
      g_autofree char *pointer = g_strdup_printf ("%s/%s", at, inputs[i]);

      if (air_map_get (with, inputs[i]) == NULL)
        {
          g_autofree char *mend = g_strdup_printf ("add \"%s\" to \"with\"", inputs[i]);

          air_compilation_report (self, "AIR203", self->document, at, node, mend, "policy '%s' needs the input '%s'",
                                  air_policy_get_id (facts->policy), inputs[i]);
        }
      else if (is != NULL && should != NULL && !air_cel_type_accepts (should, is))
        {
          g_autofree char *given = air_cel_type_to_string (is);
          g_autofree char *want = air_cel_type_to_string (should);
          g_autofree char *mend = g_strdup_printf ("give a value of type %s", want);

          air_compilation_report (self, "AIR205", self->document, pointer, node, mend,
                                  "input '%s' of policy '%s' is of type %s, and this is %s", inputs[i],
                                  air_policy_get_id (facts->policy), want, given);
        }
    }
  for (gsize i = 0; i < air_map_get_size (with); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (with, i), NULL);

      /* With further policies the input may be one of theirs: air-policies.c looks at them together. */
      if (air_map_get (node->value, "also") == NULL && !g_strv_contains (inputs, name))
        {
          g_autofree char *escaped = escape (name);
          g_autofree char *pointer = g_strdup_printf ("%s/%s", at, escaped);
          g_autofree char *known = g_strjoinv (", ", (char **) inputs);
          g_autofree char *mend = g_strdup_printf ("use one of: %s", known);

          air_compilation_report (self, "AIR204", self->document, pointer, node, mend, "policy '%s' has no input '%s'",
                                  air_policy_get_id (facts->policy), name);
        }
    }
}

static void
check_decision (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  g_autofree char *with = g_strdup_printf ("%s/with", node->pointer);

  facts->with = air_compile_check_template (self, node, with, env);
  if (facts->with != NULL && facts->policy != NULL)
    check_policy_inputs (self, node, with);
}

typedef struct {
  AirCompilation *compilation;
  const AirWorkflowNode *gate, *guarded;
  const char *pointer;
} Guard;

/* The gate shows the exact inputs of what it guards: they must be known when it opens. */
static void
check_known_cb (const char *path, gpointer user_data)
{
  Guard *guard = user_data;
  AirCompilation *self = guard->compilation;
  g_auto (GStrv) parts = g_strsplit (path, ".", 3);
  const AirWorkflowNode *step;

  if (!g_str_equal (parts[0], "steps") || parts[1] == NULL)
    return;
  step = air_workflow_find_node (self->workflow, parts[1]);
  if (step != NULL && !air_flow_passes (self->flow, step->index, guard->gate->index))
    air_compilation_report (self, "AIR110", self->document, guard->pointer, guard->gate,
                            "use only what is known before the gate in the guarded call",
                            "an input of '%s' reads 'steps.%s', which is not known when gate '%s' opens",
                            guard->guarded->id, step->id, guard->gate->id);
}

static void
check_known_program_cb (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  air_cel_program_foreach_reference (program, check_known_cb, user_data);
}

static void
check_guards (AirCompilation *self, const AirWorkflowNode *gate)
{
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, gate, FALSE);
  AirValue *guards = air_map_get_list (gate->value, "guards");

  for (gsize i = 0; i < air_list_get_size (guards); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s/guards/%" G_GSIZE_FORMAT, gate->pointer, i);
      g_autofree char *when = g_strconcat (place, "/when", NULL);
      const char *name = air_map_get_string (air_list_get (guards, i), "node");
      const AirWorkflowNode *node = air_workflow_find_node (self->workflow, name);
      Guard guard = { .compilation = self, .gate = gate, .guarded = node, .pointer = place };
      AirValue *with = air_map_get (node->value, "with");
      g_autoptr (AirTemplate) template = NULL;

      air_compile_check_expression (self, gate, when, env, AIR_CEL_TYPE_BOOL);
      if (node->kind == AIR_WORKFLOW_NODE_WORKFLOW)
        air_compilation_report (self, "AIR110", self->document, place, gate,
                                "put the gate into that workflow, before the call: people decide on its very inputs",
                                "gate '%s' guards '%s', which is a workflow and not one call", gate->id, node->id);
      else if (node->kind != AIR_WORKFLOW_NODE_CALL)
        air_compilation_report (self, "AIR110", self->document, place, gate, "name a call",
                                "gate '%s' guards '%s', which is a %s and has no effect", gate->id, node->id,
                                air_workflow_node_kind_to_string (node->kind));
      else if (air_flow_is_reachable (self->flow, node->index)
               && !air_flow_passes_port (self->flow, gate->index, "approved", node->index))
        air_compilation_report (
            self, "AIR110", self->document, place, gate, "lead every way to it through the gate's approved port",
            "gate '%s' guards '%s', but a way leads there without its approval", gate->id, node->id);
      template = with != NULL ? air_template_compile (with, NULL, NULL) : NULL;
      if (template != NULL)
        air_template_foreach_expression (template, check_known_program_cb, &guard);
    }
}

static void
check_branch (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  AirValue *cases = air_map_get_list (node->value, "cases");

  for (gsize i = 0; i < air_list_get_size (cases); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/cases/%" G_GSIZE_FORMAT "/when", node->pointer, i);

      air_compile_check_expression (self, node, pointer, env, AIR_CEL_TYPE_BOOL);
    }
}

static void
check_trigger (AirCompilation *self, const AirWorkflowNode *node)
{
  static const char *const keys[] = { "dedup", "concurrency", "requester", "subject" };
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/trigger/%s", node->pointer, keys[i]);

      air_compile_check_expression (self, node, pointer, env, AIR_CEL_TYPE_STRING);
    }
}

static void
check_end (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  g_autofree char *pointer = g_strdup_printf ("%s/output", node->pointer);

  self->facts[node->index].with = air_compile_check_template (self, node, pointer, env);
}

/* Of the trigger's data and of every call's output. */
void
air_compile_read_types (AirCompilation *self)
{
  g_autofree char *pointer = g_strdup_printf ("%s/trigger/input", self->start->pointer);
  AirValue *input = air_value_at (air_document_get_value (self->document), pointer);
  AirCelType *type = NULL;

  if (air_compile_cache_get_schema (self->cache, input) != NULL)
    type = air_compile_cache_get_type (self->cache, input);
  if (type == NULL) /* once more, for the reason */
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirSchema) schema = air_schema_compile (input, &error);
      g_autoptr (AirCelType) none = schema != NULL ? air_cel_type_from_schema (input, &error) : NULL;

      air_compilation_report (self, "AIR208", self->document, pointer, self->start, "mend the schema", "%s",
                              error != NULL ? error->message : "it has no type");
      return;
    }
  if (self->trigger == NULL) /* a step of another workflow knows what it is given */
    self->trigger = air_cel_type_ref (type);
  self->has_types = TRUE;
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      AirNodeFacts *facts = &self->facts[i];
      AirCelType *output =
          facts->operation != NULL ? air_compile_cache_get_output (self->cache, facts->operation) : NULL;

      if (output != NULL)
        facts->output = air_cel_type_ref (output);
    }
}

void
air_compile_types (AirCompilation *self, const AirWorkflowNode *node)
{
  if (!self->has_types || !air_flow_is_reachable (self->flow, node->index))
    return;
  switch (node->kind)
    {
    case AIR_WORKFLOW_NODE_TRIGGER:
      check_trigger (self, node);
      break;
    case AIR_WORKFLOW_NODE_CALL:
      check_call (self, node);
      break;
    case AIR_WORKFLOW_NODE_GATE:
      check_decision (self, node);
      check_guards (self, node);
      break;
    case AIR_WORKFLOW_NODE_DECIDE:
      check_decision (self, node);
      break;
    case AIR_WORKFLOW_NODE_BRANCH:
      check_branch (self, node);
      break;
    case AIR_WORKFLOW_NODE_END:
      check_end (self, node);
      break;
    case AIR_WORKFLOW_NODE_WAIT:
      air_compile_check_wait (self, node);
      break;
    case AIR_WORKFLOW_NODE_JOIN:
      air_compile_check_join (self, node);
      break;
    case AIR_WORKFLOW_NODE_FOR_EACH:
      air_compile_check_loop (self, node);
      break;
    case AIR_WORKFLOW_NODE_WORKFLOW:
      air_compile_check_workflow (self, node);
      break;
    case AIR_WORKFLOW_NODE_EVIDENCE:
    case AIR_WORKFLOW_NODE_PARALLEL:
      break;
    }
}
