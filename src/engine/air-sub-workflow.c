/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workflow as a step of another: a scope that is opened once, with a `trigger` and `steps` of its own. It goes the
 * way a run of its own would: what it did is reversed when it fails, before the step goes on over its error port. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

gboolean
air_scope_is_workflow (const AirInstance *self, const AirScope *scope)
{
  return scope != NULL && air_plan_node (self->plan, scope->opener)->kind == AIR_NODE_WORKFLOW;
}

void
air_instance_begin_workflow (AirInstance *self, guint step_index, AirValue *input)
{
  AirStep *step = air_instance_step (self, step_index);
  AirScope *around = step->scope, *scope;
  AirValue *outside = air_instance_get_bindings (self, around);
  const AirPlanNode *plan_node = air_instance_node (self, step_index);

  step->phase = AIR_STEP_LOOP;
  step->due_us = 0;
  scope = air_scope_open (self, step_index,
                          around != NULL && around->iteration != NULL ? air_value_ref (around->iteration) : NULL);
  scope->input = air_value_ref (input);
  scope->steps = air_map_new ();
  scope->bindings = air_map_new ();
  air_map_set (scope->bindings, "trigger", air_value_ref (input));
  air_map_set (scope->bindings, "run", air_value_ref (air_member (outside, "run")));
  air_map_set (scope->bindings, "steps", scope->steps);
  air_instance_arrive (self, air_instance_resolve (self, scope, air_plan_node_find_port (plan_node, "start")->to));
}

void
air_instance_end_workflow (AirInstance *self, AirScope *scope, AirValue *output)
{
  guint step = scope->opener_step;
  g_autoptr (AirValue) result = output != NULL ? air_value_ref (output) : air_map_new ();

  air_scope_close (self, scope);
  air_instance_set_output (self, step, result);
  air_instance_follow (self, step, air_plan_node_find_port (air_instance_node (self, step), "ok"));
}

void
air_instance_fail_workflow (AirInstance *self, AirScope *scope)
{
  guint step = scope->opener_step;
  g_autoptr (AirValue) output = air_value_ref (scope->error);
  AirValue *error = air_map_get_map (output, "error");
  AirOutcomeClass outcome_class;

  if (!air_outcome_class_from_string (air_map_get_string (error, "class"), &outcome_class))
    outcome_class = AIR_OUTCOME_FATAL;
  air_scope_close (self, scope);
  air_instance_fail_node (self, step, outcome_class, air_map_get_string (error, "message"), output);
}

/* The scope that a step has opened, or NULL. */
static AirScope *
find_scope (const AirInstance *self, guint step)
{
  for (guint i = 0; i < self->scopes->len; i++)
    {
      AirScope *scope = g_ptr_array_index (self->scopes, i);

      if (scope->opener_step == step && air_scope_is_workflow (self, scope))
        return scope;
    }
  return NULL;
}

void
air_instance_expire_workflow (AirInstance *self, guint step)
{
  AirScope *scope = find_scope (self, step);
  g_autofree char *message = g_strdup_printf ("it had not come to its end after %" G_GINT64_FORMAT " ms",
                                              air_instance_node (self, step)->timeout_ms);
  g_autoptr (AirValue) error = air_error_output (AIR_OUTCOME_FATAL, message, 0);

  air_instance_step (self, step)->due_us = 0;
  if (scope != NULL)
    air_scope_begin_failing (self, scope, error);
}

static gboolean
is_at_work (const AirInstance *self, guint step)
{
  const AirScope *scope;

  if (air_instance_step (self, step)->phase != AIR_STEP_LOOP
      || air_instance_node (self, step)->kind != AIR_NODE_WORKFLOW)
    return FALSE;
  scope = find_scope (self, step);
  return scope != NULL && !air_instance_is_ending (self, scope);
}

gboolean
air_instance_lacks_timer (const AirInstance *self, guint step)
{
  return air_instance_node (self, step)->timeout_ms > 0 && air_instance_step (self, step)->due_us == 0
         && is_at_work (self, step);
}

gboolean
air_instance_has_timer (const AirInstance *self, guint step)
{
  return air_instance_step (self, step)->due_us != 0 && is_at_work (self, step);
}
