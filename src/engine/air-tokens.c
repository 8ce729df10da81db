/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens: which nodes are at work, and how a token gets on. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

void
air_instance_arrive (AirInstance *self, guint node)
{
  AirStep *step = air_instance_step (self, node);
  const AirPlanNode *plan_node = air_instance_node (self, node);

  /* The join of a parallel is come to once for each of its ways; the last token goes on for all. */
  if (plan_node->kind == AIR_NODE_JOIN && air_plan_node (self->plan, plan_node->partner)->kind == AIR_NODE_PARALLEL)
    {
      if (++step->arrived < air_plan_node (self->plan, plan_node->partner)->ports->len)
        return;
      step->arrived = 0;
    }
  air_action_clear (&step->action);
  g_clear_pointer (&step->gate, air_gate_free);
  step->phase = AIR_STEP_READY;
  step->visits++;
  step->reversed = FALSE;
  g_array_append_val (self->tokens, node);
  for (AirScope *scope = step->scope; scope != NULL; scope = scope->parent)
    scope->tokens++;
}

void
air_instance_leave (AirInstance *self, guint node, AirStepPhase phase)
{
  AirStep *step = air_instance_step (self, node);

  for (guint i = 0; i < self->tokens->len; i++)
    if (g_array_index (self->tokens, guint, i) == node)
      {
        g_array_remove_index (self->tokens, i);
        for (AirScope *scope = step->scope; scope != NULL; scope = scope->parent)
          scope->tokens--;
        break;
      }
  step->phase = phase;
}

void
air_instance_follow (AirInstance *self, guint node, const AirPlanPort *port)
{
  AirScope *scope = air_instance_step (self, node)->scope;

  air_instance_leave (self, node, AIR_STEP_DONE);
  if (!air_instance_is_ending (self, scope))
    air_instance_arrive (self, air_instance_resolve (self, scope, port->to));
}

/* `steps` may be part of values handed out already, so it is replaced. */
void
air_instance_set_output (AirInstance *self, guint node, AirValue *output)
{
  AirStep *step = air_instance_step (self, node);
  const AirPlanNode *plan_node = air_instance_node (self, node);
  AirValue *steps;

  if (output == NULL)
    return;
  air_value_ref (output);
  g_clear_pointer (&step->output, air_value_unref);
  step->output = output;
  steps = air_map_copy (step->scope != NULL ? step->scope->steps : self->steps);
  air_map_set (steps, plan_node->local, air_value_ref (output));
  if (step->scope != NULL)
    {
      air_map_set (step->scope->own, plan_node->local, air_value_ref (output));
      air_map_set (step->scope->bindings, "steps", steps);
      step->scope->steps = steps;
      return;
    }
  air_map_set (self->bindings, "steps", steps);
  self->steps = steps;
}

AirValue *
air_error_output (AirOutcomeClass outcome_class, const char *message, int status)
{
  AirValue *output = air_map_new ();
  AirValue *error = air_map_new ();

  air_map_set_string (error, "class", air_outcome_class_to_string (outcome_class));
  air_map_set_string (error, "message", message != NULL ? message : "");
  air_map_set_int (error, "status", status);
  air_map_set (output, "error", error);
  return output;
}

void
air_instance_fail_node (AirInstance *self,
                        guint node,
                        AirOutcomeClass outcome_class,
                        const char *message,
                        AirValue *output)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  const AirPlanPort *port = air_plan_node_find_error_port (plan_node, outcome_class);
  AirScope *scope = air_instance_step (self, node)->scope;

  air_instance_set_output (self, node, output);
  air_instance_leave (self, node, AIR_STEP_FAILED);
  if (air_instance_is_ending (self, scope))
    return;
  if (port != NULL)
    air_instance_arrive (self, air_instance_resolve (self, scope, port->to));
  else
    {
      g_autofree char *step = air_place_to_string (self, air_instance_place (self, node));
      g_autofree char *reason = g_strdup_printf ("%s: %s", step, air_outcome_class_to_string (outcome_class));

      air_instance_fail_scope (self, scope, reason, message, output);
    }
}

/* What a reversal needs is kept, and nothing else: a run may do ten thousand things that nothing reverses. */
void
air_instance_remember (AirInstance *self, guint node, gboolean unknown)
{
  AirStep *step = air_instance_step (self, node);
  AirAction *action = &step->action;
  const AirPlanNode *plan_node = air_instance_node (self, node);
  gboolean reversible = plan_node->reversals->len > 0 || action->operation->reversals->len > 0;
  AirCompleted *completed;

  if (!action->operation->writes && !reversible)
    return;
  g_array_set_size (self->completed, self->completed->len + 1);
  completed = &g_array_index (self->completed, AirCompleted, self->completed->len - 1);
  completed->place = (AirPlace) { step->node, air_scope_ref (step->scope) };
  completed->unknown = unknown;
  completed->done = (AirAction) {
    .operation = action->operation,
    .base = AIR_PURPOSE_EXECUTE,
    .visit = action->visit,
    .message = unknown ? g_strdup (action->message) : NULL,
  };
  if (unknown || !reversible)
    return;
  completed->done.input = air_value_ref (action->input);
  completed->done.output = action->output != NULL ? air_value_ref (action->output) : NULL;
  for (AirScope *scope = step->scope; scope != NULL; scope = scope->parent)
    scope->keeps = TRUE;
}

void
air_instance_settle (AirInstance *self, guint node)
{
  AirStep *step = air_instance_step (self, node);
  AirAction *action = &step->action;
  g_autoptr (AirValue) output = NULL;

  switch (action->phase)
    {
    case AIR_ACTION_OK:
      air_limits_owe (self, action->key, AIR_OWED_SETTLE, action->output);
      air_instance_remember (self, node, FALSE);
      output = action->output != NULL ? air_value_ref (action->output) : air_map_new ();
      air_instance_set_output (self, node, output);
      air_instance_follow (self, node, air_plan_node_find_port (air_instance_node (self, node), "ok"));
      break;
    case AIR_ACTION_FAILED:
      air_limits_owe (self, action->key, AIR_OWED_RELEASE, NULL);
      output = air_error_output (action->outcome_class, action->message, action->status);
      air_instance_fail_node (self, node, action->outcome_class, action->message, output);
      break;
    case AIR_ACTION_STUCK:
      /* A run that ends says in its rollback that nobody knows. An iteration that fails alone waits for a
       * person: the run goes on, and nothing else would ever say it. */
      if (self->failing)
        {
          air_instance_remember (self, node, TRUE);
          air_instance_leave (self, node, AIR_STEP_FAILED);
        }
      break;
    case AIR_ACTION_IDLE:
    case AIR_ACTION_READY:
    case AIR_ACTION_IN_FLIGHT:
    case AIR_ACTION_BACK_OFF:
    case AIR_ACTION_WAITING:
      break;
    }
}

/* What is in flight is let come back, what is in doubt is cleared up; everything else stops where it is. */
void
air_instance_drop_tokens (AirInstance *self, AirScope *scope)
{
  for (guint i = self->tokens->len; i > 0; i--)
    {
      guint node = g_array_index (self->tokens, guint, i - 1);
      AirStep *step = air_instance_step (self, node);

      if (!air_scope_is_within (step->scope, scope))
        continue;
      if (step->phase == AIR_STEP_ACTION)
        {
          if (air_action_end (&step->action))
            continue;
          if (step->action.phase == AIR_ACTION_STUCK)
            {
              if (scope != NULL)
                continue;
              air_instance_remember (self, node, TRUE);
            }
        }
      air_limits_drop (self, node);
      if (step->gate != NULL && step->phase == AIR_STEP_GATE_WAIT)
        {
          g_free (step->gate->outcome);
          step->gate->outcome = g_strdup ("cancelled");
        }
      air_instance_leave (self, node, AIR_STEP_IDLE);
    }
}

/* From here on nothing new begins: what is in doubt is cleared up, then effects are reversed. */
void
air_instance_begin_ending (AirInstance *self, const char *reason, const char *message)
{
  if (self->failing)
    return;
  self->failing = TRUE;
  self->reason = g_strdup (reason);
  self->message = g_strdup (message);
  air_instance_drop_tokens (self, NULL);
}

AirCompleted *
air_instance_find_completed (const AirInstance *self, const AirScope *scope)
{
  for (guint i = self->completed->len; i > 0; i--)
    {
      AirCompleted *completed = &g_array_index (self->completed, AirCompleted, i - 1);

      if (air_scope_is_within (completed->place.scope, scope))
        return completed;
    }
  return NULL;
}

/* What is being reversed comes first: who began it may have been overtaken by what is around it. */
AirCompleted *
air_instance_get_undoing (const AirInstance *self)
{
  if (!self->failing && self->failing_scopes == 0)
    return NULL;
  for (guint i = self->completed->len; i > 0; i--)
    {
      AirCompleted *completed = &g_array_index (self->completed, AirCompleted, i - 1);

      if (completed->undo.phase != AIR_ACTION_IDLE)
        return completed;
    }
  if (self->failing)
    return self->tokens->len == 0 ? air_instance_find_completed (self, NULL) : NULL;
  for (guint i = 0; i < self->scopes->len; i++)
    {
      const AirScope *scope = g_ptr_array_index (self->scopes, i);
      AirCompleted *completed;

      if (!scope->failing || scope->tokens > 0 || !air_scope_is_workflow (self, scope)
          || air_instance_is_ending (self, scope->parent))
        continue;
      completed = air_instance_find_completed (self, scope);
      if (completed != NULL)
        return completed;
    }
  return NULL;
}
