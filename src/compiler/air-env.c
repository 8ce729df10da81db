/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/*
 * Which names an expression of a node sees, and with which types: the trigger's
 * data, the run, and in `steps` the outputs of nodes that come before it. A
 * field of `steps` is certain only when every way passes that node; its type
 * depends on the ports the ways leave it by.
 */

/* The same for every node, made once. */
static AirCelType *
get_once (gsize *place, AirCelType *(*make) (void) )
{
  if (g_once_init_enter (place))
    g_once_init_leave (place, (gsize) make ());
  return air_cel_type_ref ((AirCelType *) *place);
}

static AirCelType *
new_scalar (AirCelTypeKind kind)
{
  return air_cel_type_new (kind);
}

static AirCelType *
make_run_type (void)
{
  static const char *const names[] = { "id", "step", "idem" };
  g_autoptr (AirCelType) string = new_scalar (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) dyn = new_scalar (AIR_CEL_TYPE_DYN);
  AirCelType *run = air_cel_type_new_object (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    air_cel_type_add_field (run, names[i], string, TRUE);
  air_cel_type_add_field (run, "started", dyn, TRUE);
  return run;
}

/* {class, message, status} of a call that failed. What a vendor says is not to be trusted. */
static AirCelType *
make_error_type (void)
{
  static const char *const untrusted[] = { "untrusted", NULL };
  g_autoptr (AirCelType) string = new_scalar (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) text = air_cel_type_with_labels (string, untrusted);
  g_autoptr (AirCelType) integer = new_scalar (AIR_CEL_TYPE_INT);
  AirCelType *type = air_cel_type_new_object (NULL);

  air_cel_type_add_field (type, "class", string, TRUE);
  air_cel_type_add_field (type, "message", text, TRUE);
  air_cel_type_add_field (type, "status", integer, FALSE);
  return type;
}

static AirCelType *
make_gate_type (void)
{
  g_autoptr (AirCelType) string = new_scalar (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) integer = new_scalar (AIR_CEL_TYPE_INT);
  g_autoptr (AirCelType) list = air_cel_type_new_list (string);
  AirCelType *type = air_cel_type_new_object (NULL);

  air_cel_type_add_field (type, "decision", string, TRUE);
  air_cel_type_add_field (type, "quorum", integer, TRUE);
  air_cel_type_add_field (type, "approvers", list, TRUE);
  return type;
}

static AirCelType *
new_run_type (void)
{
  static gsize place = 0;

  return get_once (&place, make_run_type);
}

static AirCelType *
new_error_type (void)
{
  static gsize place = 0;

  return get_once (&place, make_error_type);
}

static AirCelType *
new_gate_type (void)
{
  static gsize place = 0;

  return get_once (&place, make_gate_type);
}

typedef struct {
  AirCelType *object;
  gboolean certain;
} Merge;

static void
merge_field_cb (const char *name, AirCelType *type, gboolean required, gpointer user_data)
{
  Merge *merge = user_data;

  air_cel_type_add_field (merge->object, name, type, required && merge->certain);
}

/* What `steps.<id>` of a call is where both or either of its ports may have been taken. */
static AirCelType *
new_call_type (AirCelType *output, gboolean after_ok, gboolean after_error)
{
  g_autoptr (AirCelType) failure = new_error_type ();
  Merge merge = { .certain = !after_error };

  if (after_ok && !after_error)
    return air_cel_type_ref (output);
  merge.object = air_cel_type_new_object (NULL);
  air_cel_type_add_field (merge.object, "error", failure, !after_ok);
  if (after_ok)
    air_cel_type_foreach_field (output, merge_field_cb, &merge);
  return merge.object;
}

/* NULL: this kind of node has no output. */
static AirCelType *
new_step_type (AirCompilation *self, const AirWorkflowNode *step, const AirWorkflowNode *reader)
{
  AirNodeFacts *facts = &self->facts[step->index];

  switch (step->kind)
    {
    case AIR_WORKFLOW_NODE_CALL:
      if (facts->output == NULL) /* reported already */
        return new_scalar (AIR_CEL_TYPE_DYN);
      return new_call_type (facts->output, air_flow_port_leads_to (self->flow, step->index, "ok", FALSE, reader->index),
                            air_flow_port_leads_to (self->flow, step->index, "error", TRUE, reader->index));
    case AIR_WORKFLOW_NODE_WORKFLOW:
      if (air_compile_get_inner (self, step) == NULL) /* reported already, or asked for in a circle */
        return new_scalar (AIR_CEL_TYPE_DYN);
      return new_call_type (facts->output, air_flow_port_leads_to (self->flow, step->index, "ok", FALSE, reader->index),
                            air_flow_port_leads_to (self->flow, step->index, "error", TRUE, reader->index));
    case AIR_WORKFLOW_NODE_DECIDE:
      return facts->output != NULL ? air_cel_type_ref (facts->output) : new_scalar (AIR_CEL_TYPE_DYN);
    case AIR_WORKFLOW_NODE_GATE:
      return new_gate_type ();
    case AIR_WORKFLOW_NODE_EVIDENCE:
      return new_scalar (AIR_CEL_TYPE_DYN);
    case AIR_WORKFLOW_NODE_JOIN:
      return air_compile_new_join_type (self, step);
    case AIR_WORKFLOW_NODE_WAIT:
      return air_compile_new_signal_type (self, step);
    case AIR_WORKFLOW_NODE_TRIGGER:
    case AIR_WORKFLOW_NODE_BRANCH:
    case AIR_WORKFLOW_NODE_END:
    case AIR_WORKFLOW_NODE_PARALLEL:
    case AIR_WORKFLOW_NODE_FOR_EACH:
      return NULL;
    }
  g_assert_not_reached ();
}

/* Whether the step has left its output on every way to @reader. A wait whose signal never came has none. */
static gboolean
leaves_output (AirCompilation *self, const AirWorkflowNode *step, const AirWorkflowNode *reader)
{
  if (step->kind == AIR_WORKFLOW_NODE_WAIT)
    return air_flow_passes_port (self->flow, step->index, "out", reader->index);
  return air_flow_passes (self->flow, step->index, reader->index);
}

static void
add_step (AirCompilation *self, AirCelType *steps, const AirWorkflowNode *step, const AirWorkflowNode *node)
{
  g_autoptr (AirCelType) type = NULL;

  if (!air_flow_is_reachable (self->flow, step->index) || !air_flow_leads_to (self->flow, step->index, node->index)
      || !air_compile_sees (self, node, step))
    return;
  type = new_step_type (self, step, node);
  if (type != NULL)
    air_cel_type_add_field (steps, step->id, type, leaves_output (self, step, node));
}

/* Of the steps the node's own texts name, and of all when they name them otherwise. */
static AirCelType *
new_steps_type (AirCompilation *self, const AirWorkflowNode *node, gboolean after)
{
  AirCelType *steps = air_cel_type_new_object (NULL);
  gboolean all;
  g_autoptr (GHashTable) named = air_compile_find_steps (self, node->value, &all);
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (named), (GCompareFunc) strcmp);

  if (after && self->facts[node->index].output != NULL)
    air_cel_type_add_field (steps, node->id, self->facts[node->index].output, TRUE);
  for (guint i = 0; all && i < air_workflow_get_n_nodes (self->workflow); i++)
    if (i != node->index)
      add_step (self, steps, air_workflow_get_node (self->workflow, i), node);
  for (GList *l = all ? NULL : ids; l != NULL; l = l->next)
    {
      const AirWorkflowNode *step = air_workflow_find_node (self->workflow, l->data);

      if (step != NULL && step != node)
        add_step (self, steps, step, node);
    }
  return steps;
}

static AirCelType *
new_event_type (AirCompilation *self)
{
  static const char *const optional[] = { "subject", "time", "datacontenttype", "dataschema" };
  static const char *const required[] = { "id", "source", "specversion", "type" };
  g_autoptr (AirCelType) string = new_scalar (AIR_CEL_TYPE_STRING);
  AirCelType *event = air_cel_type_new_object (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    air_cel_type_add_field (event, required[i], string, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (optional); i++)
    air_cel_type_add_field (event, optional[i], string, FALSE);
  air_cel_type_add_field (event, "data", self->trigger, TRUE);
  return event;
}

AirCelEnv *
air_compile_new_env (AirCompilation *self, const AirWorkflowNode *node, gboolean after)
{
  AirCelEnv *env = air_cel_env_new ();
  g_autoptr (AirCelType) run = NULL;
  g_autoptr (AirCelType) steps = NULL;
  guint loop;

  if (node->kind == AIR_WORKFLOW_NODE_TRIGGER)
    {
      g_autoptr (AirCelType) event = new_event_type (self);

      air_cel_env_declare (env, "event", event);
      air_cel_env_declare (env, "trigger", self->trigger);
      return env;
    }
  run = new_run_type ();
  steps = new_steps_type (self, node, after);
  air_cel_env_declare (env, "trigger", self->trigger);
  air_cel_env_declare (env, "run", run);
  air_cel_env_declare (env, "steps", steps);
  loop = air_compile_get_scope (self, node);
  if (loop != AIR_NO_REGION)
    {
      g_autoptr (AirCelType) each = air_compile_new_each_type (self, loop);

      air_cel_env_declare (env, "each", each);
    }
  return env;
}

typedef struct {
  AirCompilation *compilation;
  const AirWorkflowNode *node;
  const char *pointer;
  const char *source;
  const AirCelEnv *env;
  guint n_found;
} Reading;

/* TRUE when the expression asks has() before it reads the step. */
static gboolean
asks_first (const char *source, const char *step)
{
  g_autoptr (GString) bare = g_string_new (NULL);
  g_autofree char *question = g_strdup_printf ("has(steps.%s", step);

  for (const char *at = source; *at != '\0'; at++)
    if (!g_ascii_isspace (*at))
      g_string_append_c (bare, *at);
  for (const char *at = bare->str; (at = strstr (at, question)) != NULL; at++)
    {
      char next = at[strlen (question)];

      if (next == ')' || next == '.' || next == '[')
        return TRUE;
    }
  return FALSE;
}

static void
check_reference_cb (const char *path, gpointer user_data)
{
  Reading *reading = user_data;
  AirCompilation *self = reading->compilation;
  g_auto (GStrv) parts = g_strsplit (path, ".", 3);
  const AirWorkflowNode *step;

  if (g_strcmp0 (parts[0], "secret") == 0)
    {
      air_compilation_report (self, "AIR007", self->document, reading->pointer, reading->node,
                              "take it out; the connector's auth puts credentials in",
                              "the expression reads '%s'; secrets exist in a connector's auth only", path);
      reading->n_found++;
      return;
    }
  if (g_strcmp0 (parts[0], "steps") != 0 || parts[1] == NULL)
    return;
  step = air_workflow_find_node (self->workflow, parts[1]);
  if (step == NULL)
    air_compilation_report (self, "AIR206", self->document, reading->pointer, reading->node,
                            "name a node of this workflow", "the expression reads 'steps.%s', but no node is called so",
                            parts[1]);
  else if (step == reading->node)
    return; /* known only to what runs after it; the type check tells */
  else if (!air_flow_leads_to (self->flow, step->index, reading->node->index))
    air_compilation_report (self, "AIR206", self->document, reading->pointer, reading->node,
                            "read a step that comes before, or change the edges",
                            "the expression reads 'steps.%s', which never runs before '%s'", step->id,
                            reading->node->id);
  else if (!air_compile_sees (self, reading->node, step))
    air_compilation_report (self, "AIR206", self->document, reading->pointer, reading->node,
                            "let the loop's join \"collect\" what is needed and read its items",
                            "the expression reads 'steps.%s', which runs once for each item of a loop '%s' is not in",
                            step->id, reading->node->id);
  else if (!leaves_output (self, step, reading->node) && !asks_first (reading->source, step->id))
    {
      g_autofree char *mend =
          g_strdup_printf ("ask first: has(steps.%s) ? … : …, or lead every way through it", step->id);

      air_compilation_report (self, "AIR206", self->document, reading->pointer, reading->node, mend,
                              "the expression reads 'steps.%s', but not every way to '%s' passes it", step->id,
                              reading->node->id);
    }
  else
    return;
  reading->n_found++;
}

/* The program, type-checked; NULL after a report. */
static AirCelProgram *
compile_checked (AirCompilation *self,
                 const AirWorkflowNode *node,
                 const char *pointer,
                 const char *source,
                 const AirCelEnv *env)
{
  g_autoptr (AirCelProgram) untyped = NULL;
  g_autoptr (AirCelProgram) program = NULL;
  g_autoptr (GError) error = NULL;
  Reading reading = { .compilation = self, .node = node, .pointer = pointer, .source = source, .env = env };

  /* First without types, so that a step out of reach is named as such and not as a missing field. */
  untyped = air_cel_compile (source, NULL, &error);
  if (untyped != NULL)
    {
      air_cel_program_foreach_reference (untyped, check_reference_cb, &reading);
      if (reading.n_found > 0)
        return NULL;
      program = air_cel_compile (source, env, &error);
    }
  if (program == NULL)
    air_compilation_report (self, "AIR201", self->document, pointer, node, "mend the expression", "%s: '%s'",
                            error->message, source);
  return g_steal_pointer (&program);
}

void
air_compile_check_expression (AirCompilation *self,
                              const AirWorkflowNode *node,
                              const char *pointer,
                              const AirCelEnv *env,
                              AirCelTypeKind wanted)
{
  AirValue *value = air_value_at (air_document_get_value (self->document), pointer);
  const char *source = value != NULL ? air_value_get_string (value, NULL) : NULL;
  g_autoptr (AirCelProgram) program = NULL;
  AirCelTypeKind kind;

  if (source == NULL)
    return;
  program = compile_checked (self, node, pointer, source, env);
  if (program == NULL)
    return;
  kind = air_cel_type_get_kind (air_cel_program_get_type (program));
  if (wanted != AIR_CEL_TYPE_DYN && kind != AIR_CEL_TYPE_DYN && kind != wanted)
    {
      g_autofree char *is = air_cel_type_to_string (air_cel_program_get_type (program));
      g_autoptr (AirCelType) should = air_cel_type_new (wanted);
      g_autofree char *want = air_cel_type_to_string (should);
      g_autofree char *mend = g_strdup_printf ("write an expression that gives a %s", want);

      air_compilation_report (self, "AIR202", self->document, pointer, node, mend, "'%s' is of type %s, not %s", source,
                              is, want);
    }
}

static void
check_program_cb (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  Reading *reading = user_data;
  g_autofree char *place = g_strconcat (reading->pointer, pointer, NULL);
  g_autoptr (AirCelProgram) checked =
      compile_checked (reading->compilation, reading->node, place, air_cel_program_get_source (program), reading->env);

  if (checked == NULL)
    reading->n_found++;
}

/* Templates say where in the tree: "/x: what is wrong". */
static void
report_template (AirCompilation *self, const AirWorkflowNode *node, const char *pointer, const char *message)
{
  const char *colon = message[0] == '/' ? strstr (message, ": ") : NULL;
  g_autofree char *below = colon != NULL ? g_strndup (message, colon - message) : NULL;
  g_autofree char *place = g_strconcat (pointer, below, NULL);

  air_compilation_report (self, "AIR201", self->document, place, node, "mend the expression", "%s",
                          colon != NULL ? colon + strlen (": ") : message);
}

AirTemplate *
air_compile_check_template (AirCompilation *self,
                            const AirWorkflowNode *node,
                            const char *pointer,
                            const AirCelEnv *env)
{
  AirValue *tree = air_value_at (air_document_get_value (self->document), pointer);
  g_autoptr (AirTemplate) untyped = NULL;
  AirTemplate *checked;
  g_autoptr (GError) error = NULL;
  Reading reading = { .compilation = self, .node = node, .pointer = pointer, .env = env };

  if (tree == NULL)
    return NULL;
  untyped = air_template_compile (tree, NULL, &error);
  if (untyped == NULL)
    {
      report_template (self, node, pointer, error->message);
      return NULL;
    }
  air_template_foreach_expression (untyped, check_program_cb, &reading);
  if (reading.n_found > 0)
    return NULL;
  checked = air_template_compile (tree, env, &error);
  if (checked == NULL)
    report_template (self, node, pointer, error->message);
  return checked;
}
