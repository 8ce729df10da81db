/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the plan's document to interned nodes with every expression compiled. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-plan-private.h"

#define DEFAULT_TIMEOUT_MS (30 * 1000)
#define MAX_ATTEMPTS       100
#define MAX_ITEMS          10000
#define MAX_CONCURRENCY    100
#define MAX_DURATION_MS    (G_GINT64_CONSTANT (366) * 24 * 60 * 60 * 1000)

/* --- cleanup ------------------------------------------------------------------ */

static void
clear_port (gpointer data)
{
  AirPlanPort *port = data;

  g_clear_pointer (&port->edge, air_value_unref);
}

static void
clear_guard (gpointer data)
{
  AirPlanGuard *guard = data;

  g_clear_pointer (&guard->when, air_cel_program_unref);
}

static void
clear_case (gpointer data)
{
  AirPlanCase *branch_case = data;

  g_clear_pointer (&branch_case->when, air_cel_program_unref);
}

static void
clear_node (gpointer data)
{
  AirPlanNode *node = data;

  g_free (node->id);
  g_free (node->title);
  g_clear_pointer (&node->name, air_value_unref);
  g_clear_pointer (&node->ports, g_array_unref);
  g_clear_pointer (&node->with, air_template_unref);
  g_clear_pointer (&node->reversals, g_array_unref);
  g_clear_pointer (&node->guards, g_array_unref);
  g_clear_pointer (&node->limits, g_array_unref);
  g_clear_pointer (&node->also, g_ptr_array_unref);
  g_clear_pointer (&node->cases, g_array_unref);
  g_clear_pointer (&node->collect, g_array_unref);
  g_clear_pointer (&node->body, g_array_unref);
  g_clear_pointer (&node->signal_input, air_schema_unref);
  g_free (node->slots);
}

/* --- nodes ------------------------------------------------------------------------- */

static gboolean
need_port (const AirPlanNode *node, const char *port, GError **error)
{
  if (air_plan_node_find_port (node, port) != NULL)
    return TRUE;
  return air_plan_refuse (error, "node '%s' has no edge from its port '%s'; connect it", node->id, port);
}

static void
clear_limit (gpointer data)
{
  AirPlanLimit *limit = data;

  g_clear_pointer (&limit->with, air_template_unref);
}

static gboolean
load_limits (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *list = air_map_get_list (document, "limits");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i), *with = air_member (item, "with");
      const char *id = air_map_get_string (item, "policy");
      AirPlanPolicy *policy = id != NULL ? g_hash_table_lookup (self->policies, id) : NULL;
      AirPlanLimit *limit;

      if (policy == NULL)
        return air_plan_refuse (error, "%s names limit '%s', which the plan does not hold; compile it again", place,
                                id != NULL ? id : "");
      if (air_policy_get_kind (policy->policy) != AIR_POLICY_LIMIT
          && air_policy_get_kind (policy->policy) != AIR_POLICY_BUDGET)
        return air_plan_refuse (error, "%s: policy '%s' is no limit and no budget", place, id);
      if (node->limits == NULL)
        node->limits = air_plan_new_array (sizeof (AirPlanLimit), clear_limit);
      g_array_set_size (node->limits, node->limits->len + 1);
      limit = &g_array_index (node->limits, AirPlanLimit, node->limits->len - 1);
      limit->policy = policy;
      if (with != NULL && !air_plan_compile_template (with, place, &limit->with, error))
        return FALSE;
    }
  self->has_limits = self->has_limits || node->limits != NULL;
  return TRUE;
}

static gboolean
load_call (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  const char *operation = air_map_get_string (document, "operation");
  AirValue *retry = air_map_get_map (document, "retry");
  AirValue *fallback;
  gint64 max;

  node->operation = operation != NULL ? g_hash_table_lookup (self->operations, operation) : NULL;
  if (node->operation == NULL)
    return air_plan_refuse (error, "%s names operation '%s', which the plan does not hold; compile it again", place,
                            operation != NULL ? operation : "");
  fallback = air_map_get_map (node->operation->document, "retry");
  if (retry == NULL)
    retry = fallback;
  max = MAX (air_map_get_int (retry, "max", 1), 1);
  if (g_strcmp0 (air_map_get_string (fallback, "only"), "never") == 0)
    max = 1;
  node->retry.base_ms = air_map_get_int (retry, "base_ms", 200);
  node->retry.max_ms = air_map_get_int (retry, "max_ms", 30000);
  node->timeout_ms = air_map_get_int (document, "timeout_ms", DEFAULT_TIMEOUT_MS);
  if (max < 1 || max > MAX_ATTEMPTS || node->retry.base_ms < 1 || node->retry.max_ms < node->retry.base_ms)
    return air_plan_refuse (error, "%s: retry needs max from 1 to %d and 1 <= base_ms <= max_ms", place, MAX_ATTEMPTS);
  if (node->timeout_ms < 1)
    return air_plan_refuse (error, "%s: timeout_ms must be at least 1", place);
  node->retry.max = max;
  return need_port (node, "ok", error) && load_limits (self, node, document, place, error)
         && air_plan_load_reversals (self, document, place, "operation", "with", &node->reversals, error);
}

static gboolean
load_branch (AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *cases = air_map_get_list (document, "cases");
  const char *otherwise = air_map_get_string (document, "default");
  gsize n = cases != NULL ? air_list_get_size (cases) : 0;

  if (otherwise == NULL)
    return air_plan_refuse (error, "%s has no default; say where it goes when no case holds", place);
  node->cases = air_plan_new_array (sizeof (AirPlanCase), clear_case);
  for (gsize i = 0; i <= n; i++)
    {
      AirValue *item = i < n ? air_list_get (cases, i) : NULL;
      const char *id = item != NULL ? air_map_get_string (item, "id") : otherwise;
      const char *when = air_map_get_string (item, "when");
      AirPlanCase *branch_case;

      if (id == NULL || (item != NULL && when == NULL))
        return air_plan_refuse (error, "%s: case %u needs an id and a condition", place, (guint) i + 1);
      if (!need_port (node, id, error))
        return FALSE;
      g_array_set_size (node->cases, node->cases->len + 1);
      branch_case = &g_array_index (node->cases, AirPlanCase, node->cases->len - 1);
      branch_case->port = air_plan_node_find_port (node, id);
      if (when != NULL && !air_plan_compile (when, place, &branch_case->when, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
load_policy_use (AirPlan *self,
                 AirPlanNode *node,
                 const AirValue *document,
                 const char *place,
                 AirPolicyKind kind,
                 GError **error)
{
  const char *policy = air_map_get_string (document, "policy");

  node->policy = policy != NULL ? g_hash_table_lookup (self->policies, policy) : NULL;
  if (node->policy == NULL)
    return air_plan_refuse (error, "%s names policy '%s', which the plan does not hold; compile it again", place,
                            policy != NULL ? policy : "");
  if (air_policy_get_kind (node->policy->policy) != kind)
    return air_plan_refuse (error, "%s: policy '%s' is of kind '%s'; name one of kind '%s'", place, policy,
                            kind == AIR_POLICY_GATE ? "table" : "gate", kind == AIR_POLICY_GATE ? "gate" : "table");
  return TRUE;
}

/* Further policies of a gate: all are asked, the most restrictive wins. */
static gboolean
load_also (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *list = air_map_get_list (document, "also");

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *item = air_list_get (list, i);
      const char *id = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;
      AirPlanPolicy *policy = id != NULL ? g_hash_table_lookup (self->policies, id) : NULL;

      if (policy == NULL || air_policy_get_kind (policy->policy) != AIR_POLICY_GATE)
        return air_plan_refuse (error, "%s: also names '%s', which is no policy of kind 'gate' in the plan", place,
                                id != NULL ? id : "");
      if (node->also == NULL)
        node->also = g_ptr_array_new ();
      g_ptr_array_add (node->also, policy);
    }
  return TRUE;
}

static gboolean
load_gate (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *guards = air_map_get_list (document, "guards");

  if (!load_policy_use (self, node, document, place, AIR_POLICY_GATE, error) || !need_port (node, "approved", error)
      || !need_port (node, "denied", error))
    return FALSE;
  if (air_policy_get_deadline_ms (node->policy->policy) < 1)
    return air_plan_refuse (error, "%s: policy '%s' has no deadline; a gate must not wait for ever", place,
                            node->policy->id);

  if (!load_also (self, node, document, place, error))
    return FALSE;
  node->guards = air_plan_new_array (sizeof (AirPlanGuard), clear_guard);
  for (gsize i = 0; guards != NULL && i < air_list_get_size (guards); i++)
    {
      AirValue *item = air_list_get (guards, i);
      const char *guarded = air_map_get_string (item, "node");
      const char *when = air_map_get_string (item, "when");
      AirPlanGuard *guard;

      g_array_set_size (node->guards, node->guards->len + 1);
      guard = &g_array_index (node->guards, AirPlanGuard, node->guards->len - 1);
      if (!air_plan_find_node (self, guarded, &guard->node) || air_plan_node (self, guard->node)->kind != AIR_NODE_CALL)
        return air_plan_refuse (error, "%s guards '%s', which is no call of this workflow; name a call", place,
                                guarded != NULL ? guarded : "");
      if (when != NULL && !air_plan_compile (when, place, &guard->when, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
load_evidence (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *collect = air_map_get_list (document, "collect");

  node->collect = g_array_new (FALSE, FALSE, sizeof (guint));
  for (gsize i = 0; collect != NULL && i < air_list_get_size (collect); i++)
    {
      AirValue *item = air_list_get (collect, i);
      const char *id = air_value_get_kind (item) == AIR_VALUE_STRING ? air_value_get_string (item, NULL) : NULL;
      guint index;

      if (!air_plan_find_node (self, id, &index))
        return air_plan_refuse (error, "%s collects '%s', which is no node of this workflow", place,
                                id != NULL ? id : "");
      g_array_append_val (node->collect, index);
    }
  return TRUE;
}

static gboolean
load_wait (AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  const char *signal_name = air_map_get_string (document, "signal");
  AirValue *input = air_map_get_map (document, "input");
  gboolean lasts = air_member (document, "duration_ms") != NULL, until = air_member (document, "until") != NULL;

  if (lasts + until + (signal_name != NULL) != 1)
    return air_plan_refuse (error, "%s needs one of duration_ms, until and signal", place);
  node->wait = signal_name != NULL ? AIR_WAIT_SIGNAL : until ? AIR_WAIT_UNTIL : AIR_WAIT_DURATION;
  if (node->wait != AIR_WAIT_SIGNAL)
    return need_port (node, "out", error);
  node->signal = g_intern_string (signal_name);
  node->timeout_ms = air_map_get_int (document, "timeout_ms", 0);
  if (node->timeout_ms < 1)
    return air_plan_refuse (error, "%s waits for a signal without timeout_ms; a run must not wait for ever", place);
  if (input != NULL)
    {
      g_autoptr (GError) local = NULL;

      node->signal_input = air_schema_compile (input, &local);
      if (node->signal_input == NULL)
        return air_plan_refuse (error, "%s: input schema: %s", place, local->message);
    }
  return need_port (node, "out", error) && need_port (node, "timeout", error);
}

static gboolean
load_loop (AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  const char *on_failure = air_map_get_string (document, "on_failure");
  gint64 max_items = air_map_get_int (document, "max_items", 0);
  gint64 concurrency = air_map_get_int (document, "concurrency", 1);

  if (node->with == NULL)
    return air_plan_refuse (error, "%s has no items; say what it goes over", place);
  if (max_items < 1 || max_items > MAX_ITEMS || concurrency < 1 || concurrency > MAX_CONCURRENCY)
    return air_plan_refuse (error, "%s: max_items is a number from 1 to %d, concurrency one from 1 to %d", place,
                            MAX_ITEMS, MAX_CONCURRENCY);
  if (on_failure != NULL && !g_str_equal (on_failure, "stop") && !g_str_equal (on_failure, "continue"))
    return air_plan_refuse (error, "%s: on_failure is neither 'stop' nor 'continue'; say which", place);
  node->max_items = max_items;
  node->concurrency = concurrency;
  node->continues = g_strcmp0 (on_failure, "continue") == 0;
  return need_port (node, "each", error);
}

static gboolean
load_sub_workflow (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  const char *workflow = air_map_get_string (document, "workflow");

  node->workflow = workflow != NULL ? g_hash_table_lookup (self->workflows, workflow) : NULL;
  if (node->workflow == NULL)
    return air_plan_refuse (error, "%s names workflow '%s', which the plan does not hold; compile it again", place,
                            workflow != NULL ? workflow : "");
  node->timeout_ms = air_map_get_int (document, "timeout_ms", 0);
  if (node->timeout_ms < 0 || node->timeout_ms > MAX_DURATION_MS)
    return air_plan_refuse (error, "%s: timeout_ms is no number from 1 to a year's", place);
  return need_port (node, "start", error) && need_port (node, "ok", error);
}

static gboolean
load_trigger (AirPlan *self, AirPlanNode *node, const AirValue *document, const char *place, GError **error)
{
  AirValue *trigger = air_map_get_map (document, "trigger");
  AirValue *input = air_member (trigger, "input");
  const char *dedup = air_map_get_string (trigger, "dedup");
  const char *concurrency = air_map_get_string (trigger, "concurrency");
  const char *requester = air_map_get_string (trigger, "requester");
  const char *subject = air_map_get_string (trigger, "subject");

  if (input != NULL)
    {
      g_autoptr (GError) local = NULL;

      self->input = air_schema_compile (input, &local);
      if (self->input == NULL)
        return air_plan_refuse (error, "%s: input schema: %s", place, local->message);
    }
  self->event_type = g_strdup (air_map_get_string (trigger, "event_type"));
  return (dedup == NULL || air_plan_compile (dedup, place, &self->dedup, error))
         && (concurrency == NULL || air_plan_compile (concurrency, place, &self->concurrency, error))
         && (requester == NULL || air_plan_compile (requester, place, &self->requester, error))
         && (subject == NULL || air_plan_compile (subject, place, &self->subject, error));
}

static gboolean
load_ports (AirPlan *self, AirPlanNode *node, const AirValue *document, GError **error)
{
  AirValue *next = air_map_get_map (document, "next");

  for (gsize i = 0; next != NULL && i < air_map_get_size (next); i++)
    {
      AirValue *target = air_map_get_value_at (next, i);
      const char *edge = air_map_get_string (target, "edge");
      const char *to = air_map_get_string (target, "to");
      AirPlanPort port = { .port = g_intern_string (air_value_get_string (air_map_get_key_at (next, i), NULL)) };

      if (edge == NULL || !air_plan_find_node (self, to, &port.to))
        return air_plan_refuse (error, "node '%s': port '%s' leads to '%s', which is no node of this workflow",
                                node->id, port.port, to != NULL ? to : "");
      if (air_plan_node (self, port.to)->kind == AIR_NODE_TRIGGER)
        return air_plan_refuse (error, "node '%s': edge '%s' leads back to the trigger; a trigger has no way in",
                                node->id, edge);
      port.edge = air_value_new_string (edge);
      g_array_append_val (node->ports, port);
    }
  return TRUE;
}

static gboolean
load_node (AirPlan *self, AirPlanNode *node, const AirValue *document, GError **error)
{
  g_autofree char *place = g_strdup_printf ("node '%s'", node->id);
  AirValue *with = air_member (document, "with");
  const char *outcome;

  if (!load_ports (self, node, document, error))
    return FALSE;
  if (node->kind == AIR_NODE_END)
    with = air_member (document, "output");
  else if (node->kind == AIR_NODE_WAIT)
    with = air_member (document, air_member (document, "until") != NULL ? "until" : "duration_ms");
  else if (node->kind == AIR_NODE_FOR_EACH)
    with = air_member (document, "items");
  else if (node->kind == AIR_NODE_JOIN)
    with = air_member (document, "collect");
  if (with != NULL && !air_plan_compile_template (with, place, &node->with, error))
    return FALSE;

  switch (node->kind)
    {
    case AIR_NODE_TRIGGER:
      return need_port (node, "out", error) && load_trigger (self, node, document, place, error);
    case AIR_NODE_CALL:
      return load_call (self, node, document, place, error);
    case AIR_NODE_DECIDE:
      return need_port (node, "out", error) && load_policy_use (self, node, document, place, AIR_POLICY_TABLE, error);
    case AIR_NODE_BRANCH:
      return load_branch (node, document, place, error);
    case AIR_NODE_GATE:
      return load_gate (self, node, document, place, error);
    case AIR_NODE_WAIT:
      return load_wait (node, document, place, error);
    case AIR_NODE_EVIDENCE:
      return need_port (node, "out", error) && load_evidence (self, node, document, place, error);
    case AIR_NODE_END:
      outcome = air_map_get_string (document, "outcome");
      if (outcome == NULL || (!g_str_equal (outcome, "completed") && !g_str_equal (outcome, "failed")))
        return air_plan_refuse (error, "%s: outcome is neither 'completed' nor 'failed'; say which", place);
      node->succeeds = g_str_equal (outcome, "completed");
      return TRUE;
    case AIR_NODE_PARALLEL:
      if (node->ports->len == 0)
        return air_plan_refuse (error, "%s has no way out; connect it", place);
      return TRUE;
    case AIR_NODE_JOIN:
      return need_port (node, "out", error);
    case AIR_NODE_FOR_EACH:
      return load_loop (node, document, place, error);
    case AIR_NODE_WORKFLOW:
      return load_sub_workflow (self, node, document, place, error);
    }
  g_assert_not_reached ();
}

static gboolean
load_nodes (AirPlan *self, GError **error)
{
  AirValue *documents = air_map_get_map (self->document, "nodes");
  const char *trigger = air_map_get_string (self->document, "trigger");
  AirValue *guards = air_map_get_map (self->document, "guards");
  gsize n = documents != NULL ? air_map_get_size (documents) : 0;

  /* First all names, so that every reference finds its index. */
  for (gsize i = 0; i < n; i++)
    {
      AirValue *document = air_map_get_value_at (documents, i);
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      const char *title = air_map_get_string (document, "title");
      const char *kind = air_map_get_string (document, "kind");
      AirPlanNode *node;

      g_array_set_size (self->nodes, i + 1);
      node = &g_array_index (self->nodes, AirPlanNode, i);
      node->id = g_strdup (id);
      node->title = g_strdup (title != NULL ? title : id);
      node->name = air_value_new_string (id);
      node->ports = air_plan_new_array (sizeof (AirPlanPort), clear_port);
      node->local = strrchr (node->id, '.') != NULL ? strrchr (node->id, '.') + 1 : node->id;
      node->gate = node->opener = node->partner = AIR_NO_NODE;
      g_hash_table_insert (self->by_id, node->id, GUINT_TO_POINTER (i + 1));
      if (!air_node_kind_from_string (kind, &node->kind))
        return air_plan_refuse (error, "node '%s' is of kind '%s', which this engine does not run", id,
                                kind != NULL ? kind : "");
    }
  for (gsize i = 0; i < n; i++)
    if (!load_node (self, &g_array_index (self->nodes, AirPlanNode, i), air_map_get_value_at (documents, i), error))
      return FALSE;

  if (!air_plan_find_node (self, trigger, &self->trigger)
      || air_plan_node (self, self->trigger)->kind != AIR_NODE_TRIGGER)
    return air_plan_refuse (error, "trigger '%s' is no trigger node; compile the workflow again",
                            trigger != NULL ? trigger : "");
  for (gsize i = 0; guards != NULL && i < air_map_get_size (guards); i++)
    {
      AirValue *value = air_map_get_value_at (guards, i);
      const char *guarded = air_value_get_string (air_map_get_key_at (guards, i), NULL);
      const char *gate = air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, NULL) : NULL;
      guint from;
      guint by;

      if (!air_plan_find_node (self, guarded, &from) || !air_plan_find_node (self, gate, &by)
          || air_plan_node (self, by)->kind != AIR_NODE_GATE)
        return air_plan_refuse (error, "guards: '%s' is guarded by '%s', which is no gate of this workflow", guarded,
                                gate != NULL ? gate : "");
      g_array_index (self->nodes, AirPlanNode, from).gate = by;
    }
  /* What a gate says it guards is guarded, whatever the summary leaves out. */
  for (gsize i = 0; i < n; i++)
    {
      const AirPlanNode *node = air_plan_node (self, i);

      for (guint g = 0; node->guards != NULL && g < node->guards->len; g++)
        {
          guint guarded = g_array_index (node->guards, AirPlanGuard, g).node;
          guint *gate = &g_array_index (self->nodes, AirPlanNode, guarded).gate;

          if (*gate != AIR_NO_NODE && *gate != i)
            return air_plan_refuse (error, "node '%s' is guarded by '%s' and '%s'; let one gate guard it",
                                    air_plan_node (self, guarded)->id, air_plan_node (self, *gate)->id, node->id);
          *gate = i;
        }
    }
  return air_plan_load_regions (self, error);
}

/**
 * air_plan_load:
 * @plan: the plan layer of an artifact
 * @artifact_digest: "sha256:" and the hex digest of the artifact's manifest
 *
 * Compiles every expression and policy once. The message of an error names the node and the mend.
 *
 * Returns: (transfer full): the plan, or NULL with %AIR_ENGINE_ERROR_PLAN
 */
AirPlan *
air_plan_load (const AirValue *plan, const char *artifact_digest, GError **error)
{
  g_autoptr (AirPlan) self = NULL;

  g_return_val_if_fail (plan != NULL && artifact_digest != NULL, NULL);

  if (air_value_get_kind (plan) != AIR_VALUE_MAP || air_map_get_int (plan, "v", 0) != 1)
    {
      air_plan_refuse (error, "it is not of version 1; compile the workflow with the tools of this release");
      return NULL;
    }

  self = g_new0 (AirPlan, 1);
  g_atomic_ref_count_init (&self->references);
  self->document = air_value_ref ((AirValue *) plan);
  self->artifact = g_strdup (artifact_digest);
  self->artifact_value = air_value_new_string (artifact_digest);
  self->workflow = air_map_get_string (plan, "workflow");
  self->version = air_map_get_string (plan, "version");
  self->title = air_map_get_string (plan, "title");
  self->nodes = air_plan_new_array (sizeof (AirPlanNode), clear_node);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->authors = air_list_new ();
  for (guint i = 0; i < G_N_ELEMENTS (self->purposes); i++)
    self->purposes[i] = air_value_new_string (air_purpose_to_string (i));
  for (guint i = 0; i < G_N_ELEMENTS (self->classes); i++)
    self->classes[i] = air_value_new_string (air_outcome_class_to_string (i));

  if (self->workflow == NULL || self->version == NULL)
    {
      air_plan_refuse (error, "it names no workflow and version; compile the workflow again");
      return NULL;
    }
  if (self->title == NULL)
    self->title = self->workflow;
  if (!air_plan_load_documents (self, error) || !load_nodes (self, error))
    return NULL;
  return g_steal_pointer (&self);
}
