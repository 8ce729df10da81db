/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gate lets pass: rendered when it asks, compared when it is done. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"
#include "base/air-json.h"

/**
 * air_gate_render_action:
 * @gate: a gate node
 *
 * Renders the input of every guarded call whose condition holds, in the state as it is.
 *
 * Returns: (transfer full): a list of {node, operation, title, input, idempotency_key}, or NULL
 *   with an error of the expression language
 */
AirValue *
air_gate_render_action (AirInstance *self, guint gate, GError **error)
{
  const AirPlanNode *plan_gate = air_instance_node (self, gate);
  AirScope *scope = air_instance_step (self, gate)->scope;
  AirValue *bindings;
  g_autoptr (AirValue) action = air_list_new ();

  for (guint i = 0; i < plan_gate->guards->len; i++)
    {
      const AirPlanGuard *guard = &g_array_index (plan_gate->guards, AirPlanGuard, i);
      const AirPlanNode *call = air_plan_node (self->plan, guard->node);
      AirPlace place = { guard->node, scope };
      guint visit = air_instance_step (self, air_instance_resolve (self, scope, guard->node))->visits;
      g_autoptr (AirValue) key = air_instance_make_key (self, place, visit, AIR_PURPOSE_EXECUTE);
      AirValue *input;
      AirValue *item;
      gboolean holds = TRUE;

      bindings =
          air_instance_bind_run (self, scope, air_instance_run_context (self, place, visit, AIR_PURPOSE_EXECUTE, key));
      if (guard->when != NULL && !air_cel_eval_bool (guard->when, bindings, 0, &holds, error))
        {
          g_prefix_error (error, "guard of '%s': ", call->id);
          return NULL;
        }
      if (!holds)
        continue;
      input = call->with != NULL ? air_template_render (call->with, bindings, error) : air_map_new ();
      if (input == NULL)
        {
          g_prefix_error (error, "input of '%s': ", call->id);
          return NULL;
        }
      item = air_map_new ();
      air_map_set (item, "node", air_value_ref (call->name));
      if (scope != NULL && scope->iteration != NULL)
        air_map_set (item, "iteration", air_value_ref (scope->iteration));
      air_map_set (item, "operation", air_value_ref (call->operation->reference));
      air_map_set_string (item, "title", call->title);
      air_map_set (item, "input", input);
      air_map_set (item, "idempotency_key", g_steal_pointer (&key));
      air_list_append (action, item);
    }
  return g_steal_pointer (&action);
}

/**
 * air_gate_render_call:
 * @node: the step of a call that a limit stopped
 *
 * Returns: (transfer full): a list of that one call as air_gate_render_action() makes it, or NULL with an error
 */
AirValue *
air_gate_render_call (AirInstance *self, guint node, GError **error)
{
  const AirPlanNode *call = air_instance_node (self, node);
  AirPlace place = air_instance_place (self, node);
  guint visit = air_instance_step (self, node)->visits - 1;
  g_autoptr (AirValue) key = air_instance_make_key (self, place, visit, AIR_PURPOSE_EXECUTE);
  g_autoptr (AirValue) input = NULL;
  g_autofree char *message = NULL;
  AirValue *bindings, *item, *action;

  bindings = air_instance_bind_run (self, place.scope,
                                    air_instance_run_context (self, place, visit, AIR_PURPOSE_EXECUTE, key));
  input = call->with != NULL ? air_template_render (call->with, bindings, error) : air_map_new ();
  if (input == NULL)
    return NULL;
  /* What a gate before it let pass changed stays changed. */
  if (!air_gate_check_call (self, node, &input, air_value_get_string (key, NULL), &message))
    {
      g_set_error_literal (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, message);
      return NULL;
    }
  item = air_map_new ();
  air_map_set (item, "node", air_value_ref (call->name));
  if (place.scope != NULL && place.scope->iteration != NULL)
    air_map_set (item, "iteration", air_value_ref (place.scope->iteration));
  air_map_set (item, "operation", air_value_ref (call->operation->reference));
  air_map_set_string (item, "title", call->title);
  air_map_set (item, "input", g_steal_pointer (&input));
  air_map_set (item, "idempotency_key", g_steal_pointer (&key));
  action = air_list_new ();
  air_list_append (action, item);
  return action;
}

static gboolean
same_bytes (const AirValue *a, const AirValue *b)
{
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GString) right = g_string_new (NULL);

  return air_jcs_append (left, a, NULL) && air_jcs_append (right, b, NULL) && g_string_equal (left, right);
}

/* Whether one gate let exactly this call pass; with what people made of its input. */
static gboolean
check_gate (const AirGate *gate,
            const char *name,
            const AirPlanNode *call,
            AirValue **inout_input,
            const char *key,
            char **ret_message)
{
  const AirValue *shown;

  if (gate == NULL || g_strcmp0 (gate->outcome, "approved") != 0)
    {
      *ret_message = g_strdup_printf ("approval void: '%s' has not let '%s' pass", name, call->id);
      return FALSE;
    }
  shown = gate->edited != NULL ? gate->edited : gate->action;
  for (gsize i = 0; shown != NULL && i < air_list_get_size (shown); i++)
    {
      AirValue *item = air_list_get (shown, i), *was = air_member (item, "was");

      if (g_strcmp0 (air_map_get_string (item, "node"), call->id) != 0)
        continue;
      if (g_strcmp0 (air_map_get_string (item, "idempotency_key"), key) == 0
          && g_strcmp0 (air_map_get_string (item, "operation"), air_value_get_string (call->operation->reference, NULL))
                 == 0
          && same_bytes (was != NULL ? was : air_member (item, "input"), *inout_input))
        {
          if (was != NULL)
            {
              air_value_unref (*inout_input);
              *inout_input = air_value_ref (air_member (item, "input"));
            }
          return TRUE;
        }
      *ret_message = g_strdup_printf ("approval void: '%s' is not what '%s' let pass; ask again", call->id, name);
      return FALSE;
    }
  *ret_message = g_strdup_printf ("approval void: '%s' was not among the actions '%s' let pass", call->id, name);
  return FALSE;
}

gboolean
air_gate_check_call (AirInstance *self, guint node, AirValue **inout_input, const char *key, char **ret_message)
{
  const AirPlanNode *call = air_instance_node (self, node);
  const AirStep *step = air_instance_step (self, node);

  if (call->gate != AIR_NO_NODE
      && !check_gate (air_instance_step (self, air_instance_resolve (self, step->scope, call->gate))->gate,
                      air_plan_node (self->plan, call->gate)->id, call, inout_input, key, ret_message))
    return FALSE;
  /* Its own: a limit asked people. */
  return step->gate == NULL || step->gate->action == NULL || step->phase == AIR_STEP_GATE_ASK
         || check_gate (step->gate, call->id, call, inout_input, key, ret_message);
}
