/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a node that holds a token does next, by its kind. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

#define MAX_WAIT_MS (G_GINT64_CONSTANT (366) * 24 * 60 * 60 * 1000)

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
              guint node,
              const AirPlanOperation *operation,
              AirPurpose purpose,
              guint attempt,
              AirValue *key,
              AirValue *input,
              AirValue *run)
{
  AirPlan *plan = self->self->plan;
  AirValue *members = air_decision_members (self, node);
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

  effect = air_decision_effect (self, AIR_EFFECT_CALL, node);
  effect->call.attempt = attempt;
  effect->call.purpose = purpose;
  effect->call.operation = operation->id;
  effect->call.input = air_value_ref (input);
  effect->call.run = air_value_ref (run);
  effect->call.idempotency_key = g_strdup (air_value_get_string (key, NULL));
  effect->call.timeout_ms =
      purpose == AIR_PURPOSE_EXECUTE ? air_plan_node (plan, node)->timeout_ms : operation->timeout_ms;
  return TRUE;
}

gboolean
air_decide_start (AirDecision *self, guint node, AirAction *action)
{
  g_autoptr (AirValue) run = air_instance_run_context (self->self, node, action->iteration, action->base, action->key);
  g_autoptr (AirValue) key = air_value_ref (action->key);
  g_autoptr (AirValue) input = air_value_ref (action->input);

  return emit_started (self, node, action->operation, action->next, air_action_get_attempt (action, action->next) + 1,
                       key, input, run);
}

/* The time of the next attempt: chance when deciding, the recorded choice when replaying. */
static gint64
choose_due (AirDecision *self, const AirAction *action, guint node)
{
  gint64 now_us = air_decision_now (self);
  gint64 least_ms;
  gint64 most_ms;
  gint64 due_us;

  air_action_back_off (action, air_instance_get_retry (self->self, node), now_us, &least_ms, &most_ms);
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

gboolean
air_decide_back_off (AirDecision *self, guint node, AirAction *action)
{
  gint64 due_us;
  g_autofree char *at = NULL;
  AirValue *members;

  if (!air_decision_flush (self))
    return FALSE;
  due_us = choose_due (self, action, node);
  at = air_time_format (due_us);
  members = air_decision_members (self, node);
  air_map_set_string (members, "timer", "retry");
  air_map_set_string (members, "state", "set");
  air_map_set_string (members, "at", at);
  if (!air_decision_emit (self, AIR_RECORD_TIMER, members, NULL))
    return FALSE;
  air_decision_set_timer (self, "retry", node, due_us);
  return TRUE;
}

/* --- kinds of nodes ------------------------------------------------------------------- */

static gboolean
decide_call (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_plan_node (instance->plan, node);
  guint iteration = air_instance_step (instance, node)->visits - 1;
  g_autoptr (AirValue) key = air_instance_make_key (instance, node, iteration, AIR_PURPOSE_EXECUTE);
  g_autoptr (AirValue) run = air_instance_run_context (instance, node, iteration, AIR_PURPOSE_EXECUTE, key);
  g_autoptr (AirValue) input = NULL;
  g_autofree char *message = NULL;
  GError *error = NULL;

  air_instance_bind_run (instance, air_value_ref (run));
  input = plan_node->with != NULL ? air_template_render (plan_node->with, instance->bindings, &error) : air_map_new ();
  if (input == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (input, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (!air_gate_check_call (instance, node, input, air_value_get_string (key, NULL), &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  return emit_started (self, node, plan_node->operation, AIR_PURPOSE_EXECUTE, 1, key, input, run);
}

static gboolean
decide_branch (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_plan_node (self->self->plan, node);

  for (guint i = 0; i < plan_node->cases->len; i++)
    {
      const AirPlanCase *branch_case = &g_array_index (plan_node->cases, AirPlanCase, i);
      gboolean holds = TRUE;
      GError *error = NULL;

      if (branch_case->when != NULL && !air_cel_eval_bool (branch_case->when, self->self->bindings, 0, &holds, &error))
        {
          g_prefix_error (&error, "case '%s': ", branch_case->port->port);
          return fail (self, node, error);
        }
      if (holds)
        return air_decision_step (self, node, branch_case->port->edge, NULL);
    }
  g_return_val_if_reached (FALSE);
}

static gboolean
decide_policy (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_plan_node (instance->plan, node);
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autoptr (AirValue) inputs = NULL;
  AirValue *members;
  AirValue *disclosed;
  AirValue *rules;
  g_autofree char *message = NULL;
  GError *error = NULL;

  inputs = plan_node->with != NULL ? air_template_render (plan_node->with, instance->bindings, &error) : air_map_new ();
  if (inputs != NULL)
    decision = air_policy_evaluate (plan_node->policy->policy, inputs, &error);
  if (decision == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (inputs, &message) || !air_record_can_hold (decision->output, &message))
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
  if (plan_node->kind == AIR_NODE_GATE)
    {
      AirValue *quorum = air_member (decision->output, "quorum");

      if (quorum == NULL || air_value_get_kind (quorum) != AIR_VALUE_INT || air_value_get_int (quorum) < 0
          || air_value_get_int (quorum) > G_MAXUINT16)
        return air_decision_fail (self, node, AIR_OUTCOME_FATAL, "the gate's policy gives no quorum; give it one");
      if (air_value_get_int (quorum) > 0 && air_map_get_string (decision->output, "role") == NULL)
        return air_decision_fail (self, node, AIR_OUTCOME_FATAL, "the gate's policy gives no role; give it one");
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

static void
append_unique (AirValue *list, const char *text)
{
  if (text == NULL)
    return;
  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (g_str_equal (air_value_get_string (air_list_get (list, i), NULL), text))
      return;
  air_list_append (list, air_value_new_string (text));
}

/* Who may not decide this run, by the policy's separation of duties. */
static AirValue *
make_exclude (AirInstance *instance, const AirPolicy *policy)
{
  const char *const *rules = air_policy_get_exclude (policy);
  AirValue *exclude = air_list_new ();

  for (guint i = 0; rules != NULL && rules[i] != NULL; i++)
    {
      if (g_str_equal (rules[i], "trigger"))
        append_unique (exclude, instance->actor);
      else if (g_str_equal (rules[i], "requester"))
        append_unique (exclude, instance->requester);
      else if (g_str_equal (rules[i], "author"))
        for (gsize a = 0; a < air_list_get_size (instance->plan->authors); a++)
          append_unique (exclude, air_value_get_string (air_list_get (instance->plan->authors, a), NULL));
    }
  return exclude;
}

static gboolean
decide_ask (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_plan_node (instance->plan, node);
  const AirPolicy *policy = plan_node->policy->policy;
  const AirGate *gate = air_instance_step (instance, node)->gate;
  gint64 deadline_us;
  const char *on_expiry = air_policy_get_on_expiry (policy);
  g_autofree char *id = NULL;
  g_autofree char *deadline = NULL;
  g_autofree char *message = NULL;
  AirValue *action;
  AirValue *members;
  AirValue *disclosed;
  GError *error = NULL;

  if (!air_decision_flush (self))
    return FALSE;
  deadline_us = air_decision_now (self) + air_policy_get_deadline_ms (policy) * 1000;
  action = air_gate_render_action (instance, node, &error);
  if (action == NULL)
    return fail (self, node, error);
  if (!air_record_can_hold (action, &message))
    {
      air_value_unref (action);
      return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  id = g_strconcat (instance->id, "/", plan_node->id, NULL);
  deadline = air_time_format (deadline_us);
  members = air_decision_members (self, node);
  air_map_set_string (members, "gate", id);
  air_map_set (members, "artifact", air_value_ref (instance->plan->artifact_value));
  air_map_set (members, "policy", air_value_ref (plan_node->policy->digest));
  air_map_set_int (members, "quorum", gate->quorum);
  air_map_set_string (members, "role", gate->role);
  air_map_set (members, "exclude", make_exclude (instance, policy));
  air_map_set_string (members, "deadline", deadline);
  air_map_set_string (members, "on_expiry", on_expiry != NULL ? on_expiry : "deny");
  air_map_set_string (members, "action_digest", "sd:action");
  disclosed = air_map_new ();
  air_map_set (disclosed, "action", action);
  if (gate->why != NULL)
    air_map_set (disclosed, "why", air_value_ref (gate->why));
  if (!air_decision_emit (self, AIR_RECORD_HUMAN_GATE_REQUESTED, members, disclosed))
    return FALSE;
  air_decision_set_timer (self, "deadline", node, deadline_us);
  air_decision_effect (self, AIR_EFFECT_GATE_OPENED, node);
  return TRUE;
}

static gboolean
decide_wait (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_plan_node (self->self->plan, node);
  g_autoptr (AirValue) duration = NULL;
  g_autofree char *at = NULL;
  AirValue *members;
  GError *error = NULL;
  gint64 due_us;

  duration = air_template_render (plan_node->with, self->self->bindings, &error);
  if (duration == NULL)
    return fail (self, node, error);
  if (air_value_get_kind (duration) != AIR_VALUE_INT || air_value_get_int (duration) < 0
      || air_value_get_int (duration) > MAX_WAIT_MS)
    return air_decision_fail (self, node, AIR_OUTCOME_FATAL, "duration_ms is no whole number from 0 to a year's");
  if (!air_decision_flush (self))
    return FALSE;
  due_us = air_decision_now (self) + air_value_get_int (duration) * 1000;
  at = air_time_format (due_us);
  members = air_decision_members (self, node);
  air_map_set_string (members, "timer", "wait");
  air_map_set_string (members, "state", "set");
  air_map_set_string (members, "at", at);
  if (!air_decision_emit (self, AIR_RECORD_TIMER, members, NULL))
    return FALSE;
  air_decision_set_timer (self, "wait", node, due_us);
  return TRUE;
}

/* What the named steps left behind: a call's evidence, another step's output; nothing of a step not taken. */
static gboolean
decide_evidence (AirDecision *self, guint node)
{
  const AirPlanNode *plan_node = air_plan_node (self->self->plan, node);
  AirValue *evidence = air_map_new ();
  AirValue *disclosed = air_map_new ();

  for (guint i = 0; i < plan_node->collect->len; i++)
    {
      guint from = g_array_index (plan_node->collect, guint, i);
      const AirStep *step = air_instance_step (self->self, from);
      AirValue *value =
          air_plan_node (self->self->plan, from)->kind == AIR_NODE_CALL ? step->action.evidence : step->output;

      if (value != NULL)
        air_map_set (evidence, air_plan_node (self->self->plan, from)->id, air_value_ref (value));
    }
  air_map_set (disclosed, "evidence", evidence);
  return air_decision_emit (self, AIR_RECORD_EVIDENCE_CAPTURED, air_decision_members (self, node), disclosed);
}

static gboolean
decide_end (AirDecision *self, guint node)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_plan_node (instance->plan, node);
  g_autoptr (AirValue) output = NULL;
  AirEffect *effect;
  AirValue *members;
  AirValue *disclosed;
  g_autofree char *message = NULL;
  GError *error = NULL;

  if (plan_node->with != NULL)
    {
      output = air_template_render (plan_node->with, instance->bindings, &error);
      if (output == NULL)
        return fail (self, node, error);
      if (!air_record_can_hold (output, &message))
        return air_decision_fail (self, node, AIR_OUTCOME_FATAL, message);
    }
  if (!plan_node->succeeds)
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
        return air_decide_start (self, node, &step->action);
      if (step->action.phase == AIR_ACTION_BACK_OFF)
        return air_decide_back_off (self, node, &step->action);
      return FALSE;
    }
  if (step->phase != AIR_STEP_READY)
    return FALSE;

  switch (air_plan_node (self->self->plan, node)->kind)
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
    case AIR_NODE_TRIGGER:
      break;
    }
  g_return_val_if_reached (FALSE);
}
