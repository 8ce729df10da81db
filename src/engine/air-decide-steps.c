/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node that holds a token does next, by its kind. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

#define MAX_WAIT_MS (G_GINT64_CONSTANT (366) * 24 * 60 * 60 * 1000)
/* Of several steps together, below what one disclosure holds. */
#define MAX_EVIDENCE_BYTES (5 * 512 * 1024)

static gboolean
fail (AirDecision *self, guint node, GError *take_error)
{
  g_autoptr (GError) error = take_error;

  return air_decision_fail (self, node, AIR_OUTCOME_FATAL, error->message);
}

/* --- actions ------------------------------------------------------------------------ */

/* Writes down the intent to send @action's next request, and hands it to the host. */
static gboolean
emit_started (AirDecision *self,
              AirPlace place,
              const AirPlanOperation *operation,
              AirPurpose purpose,
              guint attempt,
              AirValue *key,
              AirValue *input,
              AirValue *run)
{
  AirPlan *plan = self->self->plan;
  AirValue *members = air_decision_members_at (self, place);
  AirValue *disclosed = NULL;
  AirEffect *effect;

  air_map_set_int (members, "attempt", attempt);
  air_map_set (members, "purpose", air_value_ref (plan->purposes[purpose]));
  air_map_set (members, "operation", air_value_ref (operation->reference));
  air_map_set (members, "idem", air_value_ref (key));
  /* The input never changes between attempts: once is enough. */
  if (attempt == 1 && purpose != AIR_PURPOSE_RECONCILE)
    {
      disclosed = air_map_new ();
      air_map_set (disclosed, "input", air_value_ref (input));
    }
  if (!air_decision_emit (self, AIR_RECORD_TOOL_ACTION_STARTED, members, disclosed))
    return FALSE;

  effect = air_decision_effect_at (self, AIR_EFFECT_CALL, place);
  effect->call.attempt = attempt;
  effect->call.purpose = purpose;
  effect->call.operation = operation->id;
  effect->call.input = air_value_ref (input);
  effect->call.run = air_value_ref (run);
  effect->call.idempotency_key = g_strdup (air_value_get_string (key, NULL));
  effect->call.timeout_ms =
      purpose == AIR_PURPOSE_EXECUTE ? air_plan_node (plan, place.node)->timeout_ms : operation->timeout_ms;
  return TRUE;
}

gboolean
air_decide_start (AirDecision *self, AirPlace place, AirAction *action)
{
  g_autoptr (AirValue) run = air_instance_run_context (self->self, place, action->visit, action->base, action->key);
  g_autoptr (AirValue) key = air_value_ref (action->key);
  g_autoptr (AirValue) input = air_value_ref (action->input);

  return emit_started (self, place, action->operation, action->next, air_action_get_attempt (action, action->next) + 1,
                       key, input, run);
}

/* The time of the next attempt: chance when deciding, the recorded choice when replaying. */
static gint64
choose_due (AirDecision *self, const AirAction *action, AirPlace place)
{
  gint64 now_us = air_decision_now (self);
  gint64 least_ms;
  gint64 most_ms;
  gint64 due_us;

  air_action_back_off (action, air_instance_get_retry (self->self, place.node, action), now_us, &least_ms, &most_ms);
  if (self->script != NULL)
    {
      /* The record about to be written is the first that is not written yet. */
      const AirRecord *expected =
          self->out->records->len < self->n_script ? self->script[self->out->records->len] : NULL;
      const char *at = expected != NULL ? air_map_get_string (expected->members, "at") : NULL;

      if (at != NULL && air_time_parse (at, &due_us) && due_us >= now_us + least_ms * 1000
          && due_us <= now_us + most_ms * 1000)
        return due_us;
      return now_us + least_ms * 1000;
    }
  if (most_ms > least_ms)
    {
      guint8 bytes[4];
      guint64 chance;

      air_random_fill (self->random, bytes, sizeof bytes);
      chance = (guint64) bytes[0] | (guint64) bytes[1] << 8 | (guint64) bytes[2] << 16 | (guint64) bytes[3] << 24;
      least_ms += (gint64) (chance * (guint64) (most_ms - least_ms + 1) >> 32);
    }
  return now_us + least_ms * 1000;
}

/* Writes down that a timer runs. */
static gboolean
emit_timer (AirDecision *self, AirPlace place, const char *timer, gint64 due_us)
{
  g_autofree char *at = air_time_format (due_us);
  AirValue *members = air_decision_members_at (self, place);

  air_map_set_string (members, "timer", timer);
  air_map_set_string (members, "state", "set");
  air_map_set_string (members, "at", at);
  return air_decision_emit (self, AIR_RECORD_TIMER, members, NULL);
}

gboolean
air_decide_back_off (AirDecision *self, AirPlace place, AirAction *action)
{
  if (!air_decision_flush (self))
    return FALSE;
  return emit_timer (self, place, "retry", choose_due (self, action, place));
}

/* --- kinds of nodes ------------------------------------------------------------------- */

static gboolean
decide_call (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_instance_node (instance, node);
  AirPlace place = air_instance_place (instance, node);
  guint visit = air_instance_step (instance, node)->visits - 1;
  g_autoptr (AirValue) key = air_instance_make_key (instance, place, visit, AIR_PURPOSE_EXECUTE);
  g_autoptr (AirValue) run = air_instance_run_context (instance, place, visit, AIR_PURPOSE_EXECUTE, key);
  g_autoptr (AirValue) input = NULL;
  g_autofree char *message = NULL;
  AirValue *bindings;
  gboolean decided;
  GError *error = NULL;

  bindings = air_instance_bind_run (instance, place.scope, air_value_ref (run));
  input = plan_node->with != NULL ? air_template_render (plan_node->with, bindings, &error) : air_map_new ();
  if (input == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (input, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (!air_gate_check_call (instance, node, &input, air_value_get_string (key, NULL), &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (plan_node->limits != NULL && !air_limits_pass (self, node, key, input, &decided))
    return decided;
  return emit_started (self, place, plan_node->operation, AIR_PURPOSE_EXECUTE, 1, key, input, run);
}

static gboolean
decide_branch (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  AirValue *bindings = air_instance_bind_step (self->self, node);

  for (guint i = 0; i < plan_node->cases->len; i++)
    {
      const AirPlanCase *branch_case = &g_array_index (plan_node->cases, AirPlanCase, i);
      gboolean holds = TRUE;
      GError *error = NULL;

      if (branch_case->when != NULL && !air_cel_eval_bool (branch_case->when, bindings, 0, &holds, &error))
        {
          g_prefix_error (&error, "case '%s': ", branch_case->port->port);
          return fail (self, node, error);
        }
      if (holds)
        return air_decision_step (self, node, branch_case->port->edge, NULL);
    }
  g_return_val_if_reached (FALSE);
}

static AirValue *
describe_decision (const AirPlanPolicy *policy, const AirPolicyDecision *decision)
{
  AirValue *item = air_map_new (), *rules = air_list_new ();

  for (guint i = 0; i < decision->rules->len; i++)
    air_list_append (rules, air_value_new_string (g_ptr_array_index (decision->rules, i)));
  air_map_set (item, "policy", air_value_ref (policy->digest));
  air_map_set (item, "table", air_value_ref (policy->table));
  air_map_set (item, "rules", rules);
  return item;
}

/* Several policies at one gate: what they demand together, the most restrictive of each. */
static gboolean
decide_policies (AirDecision *self,
                 guint node,
                 AirValue *inputs,
                 const AirPolicyDecision *first,
                 AirGateTerms *first_terms)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirGateTerms) terms = air_gate_terms_ref (first_terms);
  g_autoptr (AirValue) policies = air_list_new ();
  g_autoptr (GString) why = g_string_new (first->why);
  g_autofree char *role = NULL;
  AirValue *members, *disclosed, *output;
  GError *error = NULL;

  air_list_append (policies, describe_decision (plan_node->policy, first));
  for (guint i = 0; i < plan_node->also->len; i++)
    {
      const AirPlanPolicy *policy = g_ptr_array_index (plan_node->also, i);
      g_autoptr (AirPolicyDecision) decision = air_policy_evaluate (policy->policy, inputs, &error);
      g_autoptr (AirGateTerms) own = NULL, both = NULL;

      if (decision == NULL || (own = air_policy_make_terms (policy->policy, decision->output, &error)) == NULL)
        return fail (self, node, error);
      both = air_gate_terms_combine (terms, own);
      air_gate_terms_unref (terms);
      terms = g_steal_pointer (&both);
      air_list_append (policies, describe_decision (policy, decision));
      g_string_append_printf (why, "; %s", decision->why);
    }
  members = describe_decision (plan_node->policy, first);
  {
    g_autoptr (AirValue) own = air_decision_members (self, node);

    for (gsize i = 0; i < air_map_get_size (own); i++)
      air_map_set (members, air_value_get_string (air_map_get_key_at (own, i), NULL),
                   air_value_ref (air_map_get_value_at (own, i)));
  }
  air_map_set (members, "policies", g_steal_pointer (&policies));
  role = air_gate_terms_dup_role (terms);
  output = air_map_new ();
  air_map_set_int (output, "quorum", air_gate_terms_get_quorum (terms));
  air_map_set_string (output, "role", role);
  air_map_set (output, "terms", air_gate_terms_to_value (terms));
  disclosed = air_map_new ();
  air_map_set (disclosed, "inputs", air_value_ref (inputs));
  air_map_set (disclosed, "output", output);
  air_map_set_string (disclosed, "why", why->str);
  return air_decision_emit (self, AIR_RECORD_POLICY_EVALUATED, members, disclosed);
}

static gboolean
decide_policy (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_instance_node (instance, node);
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autoptr (AirValue) inputs = NULL;
  AirValue *members;
  AirValue *disclosed;
  AirValue *rules;
  g_autofree char *message = NULL;
  GError *error = NULL;

  inputs = plan_node->with != NULL
               ? air_template_render (plan_node->with, air_instance_bind_step (instance, node), &error)
               : air_map_new ();
  if (inputs != NULL)
    decision = air_policy_evaluate (plan_node->policy->policy, inputs, &error);
  if (decision == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (inputs, &message) || !air_record_can_hold (decision->output, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (plan_node->kind == AIR_NODE_GATE)
    {
      g_autoptr (AirGateTerms) terms = air_policy_make_terms (plan_node->policy->policy, decision->output, &error);

      if (terms == NULL)
        return fail (self, node, error);
      if (plan_node->also != NULL)
        return decide_policies (self, node, inputs, decision, terms);
    }

  members = air_decision_members (self, node);
  air_map_set (members, "policy", air_value_ref (plan_node->policy->digest));
  air_map_set (members, "table", air_value_ref (plan_node->policy->table));
  rules = air_list_new ();
  for (guint i = 0; i < decision->rules->len; i++)
    air_list_append (rules, air_value_new_string (g_ptr_array_index (decision->rules, i)));
  air_map_set (members, "rules", rules);
  disclosed = air_map_new ();
  air_map_set (disclosed, "inputs", air_value_ref (inputs));
  air_map_set (disclosed, "output", air_value_ref (decision->output));
  if (decision->why != NULL)
    air_map_set_string (disclosed, "why", decision->why);
  return air_decision_emit (self, AIR_RECORD_POLICY_EVALUATED, members, disclosed);
}

/* What is asked about: what somebody changed, a call that a limit stopped, or what the gate guards. */
static AirValue *
make_action (AirInstance *instance, guint node, GError **error)
{
  const AirGate *gate = air_instance_step (instance, node)->gate;

  if (gate->edited != NULL)
    return air_value_ref (gate->edited);
  if (air_instance_node (instance, node)->kind == AIR_NODE_CALL)
    return air_gate_render_call (instance, node, error);
  return air_gate_render_action (instance, node, error);
}

static gboolean
decide_ask (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirGate *gate = air_instance_step (instance, node)->gate;
  gint64 deadline_us;
  g_autofree char *name = NULL;
  g_autofree char *id = NULL;
  g_autofree char *deadline = NULL;
  g_autofree char *message = NULL;
  AirValue *action;
  AirValue *members;
  AirValue *disclosed;
  GError *error = NULL;

  if (!air_decision_flush (self))
    return FALSE;
  deadline_us = air_decision_now (self) + air_gate_terms_get_deadline_ms (gate->terms) * 1000;
  action = make_action (instance, node, &error);
  if (action == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (action, &message))
    {
      air_value_unref (action);
      return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  name = air_place_to_string (instance, air_instance_place (instance, node));
  id = g_strconcat (instance->id, "/", name, NULL);
  deadline = air_time_format (deadline_us);
  members = air_decision_members (self, node);
  air_map_set_string (members, "gate", id);
  air_map_set (members, "artifact", air_value_ref (instance->plan->artifact_value));
  air_map_set_string (members, "policy", gate->policy);
  air_map_set_int (members, "quorum", gate->quorum);
  air_map_set_string (members, "role", gate->role);
  air_map_set (members, "exclude", air_gate_list_excluded (instance, gate));
  air_map_set_string (members, "deadline", deadline);
  air_map_set_string (members, "on_expiry", air_gate_terms_get_on_expiry (gate->terms));
  air_map_set_string (members, "action_digest", "sd:action");
  /* What another gate let pass, its approvers signed: who is asked because of a limit says yes or no to that. */
  air_gate_write_terms (gate, air_instance_node (instance, node)->gate == AIR_NO_NODE, members,
                        air_decision_now (self));
  disclosed = air_map_new ();
  air_map_set (disclosed, "action", action);
  if (gate->why != NULL)
    air_map_set (disclosed, "why", air_value_ref (gate->why));
  if (!air_decision_emit (self, AIR_RECORD_HUMAN_GATE_REQUESTED, members, disclosed))
    return FALSE;
  air_decision_effect (self, AIR_EFFECT_GATE_OPENED, node);
  return TRUE;
}

/* A signal that came before anybody waited for it, or its timer. */
static gboolean
decide_signal_wait (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  const AirKeptSignal *kept = air_instance_peek_signal (self->self, plan_node);
  AirValue *data = kept != NULL && kept->data != NULL ? air_value_ref (kept->data) : NULL;

  if (kept != NULL)
    return air_decision_step (self, node, air_plan_node_find_port (plan_node, "out")->edge, data);
  if (!air_decision_flush (self))
    return FALSE;
  return emit_timer (self, air_instance_place (self->self, node), "timeout",
                     air_decision_now (self) + plan_node->timeout_ms * 1000);
}

static gboolean
read_until (const AirValue *value, gint64 *ret_us)
{
  if (air_value_get_kind (value) == AIR_VALUE_STRING)
    return air_time_parse (air_value_get_string (value, NULL), ret_us);
  if (air_value_get_kind (value) != AIR_VALUE_TIMESTAMP)
    return FALSE;
  *ret_us = air_value_get_us (value);
  return TRUE;
}

static gboolean
decide_wait (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirValue) value = NULL;
  GError *error = NULL;
  gint64 due_us = 0;

  if (plan_node->wait == AIR_WAIT_SIGNAL)
    return decide_signal_wait (self, node);
  value = air_template_render (plan_node->with, air_instance_bind_step (self->self, node), &error);
  if (value == NULL)
    return fail (self, node, error);
  if (plan_node->wait == AIR_WAIT_UNTIL ? !read_until (value, &due_us) || due_us > self->now_us + MAX_WAIT_MS * 1000
                                        : air_value_get_kind (value) != AIR_VALUE_INT || air_value_get_int (value) < 0
                                              || air_value_get_int (value) > MAX_WAIT_MS)
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL,
                              plan_node->wait == AIR_WAIT_UNTIL ? "until is no time of RFC 3339 within a year from now"
                                                                : "duration_ms is no whole number from 0 to a year's");
  if (!air_decision_flush (self))
    return FALSE;
  if (plan_node->wait == AIR_WAIT_DURATION)
    due_us = air_decision_now (self) + air_value_get_int (value) * 1000;
  /* As records write it. A time that has passed is due at once. */
  due_us -= due_us % 1000;
  return emit_timer (self, air_instance_place (self->self, node), "wait", due_us);
}

static gboolean
decide_loop (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirValue) items = NULL;
  g_autofree char *message = NULL;
  AirValue *output;
  GError *error = NULL;

  items = air_template_render (plan_node->with, air_instance_bind_step (self->self, node), &error);
  if (items == NULL)
    return fail (self, node, error);
  if (air_value_get_kind (items) != AIR_VALUE_LIST)
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, "its items are no list");
  if (air_list_get_size (items) > plan_node->max_items)
    {
      message = g_strdup_printf ("it has %" G_GSIZE_FORMAT " items, and max_items is %u", air_list_get_size (items),
                                 plan_node->max_items);
      return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  if (!air_record_can_hold (items, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  output = air_map_new ();
  air_map_set (output, "items", air_value_ref (items));
  return air_decision_step (self, node, NULL, output);
}

/* What the sub-workflow begins with, which is to be what its trigger takes. */
static gboolean
decide_workflow (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirValue) input = NULL;
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) invalid = NULL;
  g_autofree char *message = NULL;
  AirValue *output;
  GError *error = NULL;

  input = plan_node->with != NULL
              ? air_template_render (plan_node->with, air_instance_bind_step (self->self, node), &error)
              : air_map_new ();
  if (input == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (input, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (plan_node->workflow->input != NULL && !air_schema_validate (plan_node->workflow->input, input, &issues, &invalid))
    {
      const AirSchemaIssue *issue = issues != NULL && issues->len > 0 ? g_ptr_array_index (issues, 0) : NULL;

      message = g_strdup_printf ("%s does not take this input: %s: %s",
                                 air_value_get_string (plan_node->workflow->reference, NULL),
                                 issue != NULL ? issue->pointer : "",
                                 issue != NULL     ? issue->message
                                 : invalid != NULL ? invalid->message
                                                   : "it breaks the schema");
      return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  output = air_map_new ();
  air_map_set (output, "input", air_value_ref (input));
  return air_decision_step (self, node, NULL, output);
}

static gboolean
decide_join (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirValue) item = NULL;
  g_autofree char *message = NULL;
  GError *error = NULL;

  if (air_plan_node (self->self->plan, plan_node->partner)->kind == AIR_NODE_PARALLEL)
    return air_decision_step (self, node, air_plan_node_find_port (plan_node, "out")->edge, air_map_new ());
  if (plan_node->with == NULL)
    return air_decision_step (self, node, NULL, NULL);
  item = air_template_render (plan_node->with, air_instance_bind_step (self->self, node), &error);
  if (item == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (item, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  return air_decision_step (self, node, NULL, g_steal_pointer (&item));
}

/* What the named steps left behind: a call's evidence, another step's output; nothing of a step not taken. */
static gboolean
decide_evidence (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self->self, node);
  g_autoptr (AirValue) evidence = air_map_new ();
  AirValue *disclosed;

  for (guint i = 0; i < plan_node->collect->len; i++)
    {
      guint from = g_array_index (plan_node->collect, guint, i);
      const AirStep *step = air_instance_step (
          self->self, air_instance_resolve (self->self, air_instance_step (self->self, node)->scope, from));
      AirValue *value =
          air_plan_node (self->self->plan, from)->kind == AIR_NODE_CALL ? step->action.evidence : step->output;

      if (value != NULL)
        air_map_set (evidence, air_plan_node (self->self->plan, from)->local, air_value_ref (value));
    }
  if (air_record_measure (evidence, MAX_EVIDENCE_BYTES) > MAX_EVIDENCE_BYTES)
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL,
                              "it holds more than two and a half mebibytes; collect less, or in several steps");
  disclosed = air_map_new ();
  air_map_set (disclosed, "evidence", g_steal_pointer (&evidence));
  return air_decision_emit (self, AIR_RECORD_EVIDENCE_CAPTURED, air_decision_members (self, node), disclosed);
}

static gboolean
decide_end (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_instance_node (instance, node);
  g_autoptr (AirValue) output = NULL;
  AirEffect *effect;
  AirValue *members;
  AirValue *disclosed;
  g_autofree char *message = NULL;
  GError *error = NULL;

  if (plan_node->with != NULL)
    {
      output = air_template_render (plan_node->with, air_instance_bind_step (instance, node), &error);
      if (output == NULL)
        return fail (self, node, error);
      if (!air_record_can_hold (output, &message))
        return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  if (!plan_node->succeeds || air_scope_is_workflow (instance, air_instance_step (instance, node)->scope))
    return air_decision_step (self, node, NULL, g_steal_pointer (&output));

  if (!air_decision_flush (self))
    return FALSE;
  members = air_decision_members (self, node);
  air_map_set_string (members, "outcome", "completed");
  air_map_set_int (members, "count", instance->entries + 1);
  disclosed = air_map_new ();
  if (output != NULL)
    air_map_set (disclosed, "output", air_value_ref (output));
  if (!air_decision_emit (self, AIR_RECORD_WORKFLOW_COMPLETED, members, disclosed))
    return FALSE;
  effect = air_decision_effect (self, AIR_EFFECT_FINISHED, AIR_NO_NODE);
  effect->finished.completed = TRUE;
  effect->finished.output = g_steal_pointer (&output);
  return TRUE;
}

gboolean
air_decide_node (AirDecision *self, guint node)
{
  AirStep *step = air_instance_step (self->self, node);

  if (step->phase == AIR_STEP_GATE_ASK)
    return decide_ask (self, node);
  if (step->phase == AIR_STEP_ACTION)
    {
      if (step->action.phase == AIR_ACTION_READY)
        return air_decide_start (self, air_instance_place (self->self, node), &step->action);
      if (step->action.phase == AIR_ACTION_BACK_OFF)
        return air_decide_back_off (self, air_instance_place (self->self, node), &step->action);
      return FALSE;
    }
  if (air_instance_lacks_timer (self->self, node))
    {
      const AirPlanNode *plan_node = air_instance_node (self->self, node);

      return air_decision_flush (self)
             && emit_timer (self, air_instance_place (self->self, node), "timeout",
                            air_decision_now (self) + plan_node->timeout_ms * 1000);
    }
  if (step->phase != AIR_STEP_READY)
    return FALSE;

  switch (air_instance_node (self->self, node)->kind)
    {
    case AIR_NODE_CALL:
      return decide_call (self, node);
    case AIR_NODE_DECIDE:
    case AIR_NODE_GATE:
      return decide_policy (self, node);
    case AIR_NODE_BRANCH:
      return decide_branch (self, node);
    case AIR_NODE_WAIT:
      return decide_wait (self, node);
    case AIR_NODE_EVIDENCE:
      return decide_evidence (self, node);
    case AIR_NODE_END:
      return decide_end (self, node);
    case AIR_NODE_PARALLEL:
      return air_decision_step (self, node, NULL, NULL);
    case AIR_NODE_JOIN:
      return decide_join (self, node);
    case AIR_NODE_FOR_EACH:
      return decide_loop (self, node);
    case AIR_NODE_WORKFLOW:
      return decide_workflow (self, node);
    case AIR_NODE_TRIGGER:
      break;
    }
  g_return_val_if_reached (FALSE);
}
