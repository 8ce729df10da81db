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
      if (scope != NULL)
        air_map_set (item, "iteration", air_value_ref (scope->iteration));
      air_map_set (item, "operation", air_value_ref (call->operation->reference));
      air_map_set_string (item, "title", call->title);
      air_map_set (item, "input", input);
      air_map_set (item, "idempotency_key", g_steal_pointer (&key));
      air_list_append (action, item);
    }
  return g_steal_pointer (&action);
}

static gboolean
same_bytes (const AirValue *a, const AirValue *b)
{
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GString) right = g_string_new (NULL);

  return air_jcs_append (left, a, NULL) && air_jcs_append (right, b, NULL) && g_string_equal (left, right);
}

gboolean
air_gate_check_call (AirInstance *self, guint node, const AirValue *input, const char *key, char **ret_message)
{
  const AirPlanNode *call = air_instance_node (self, node);
  const AirPlanNode *plan_gate;
  const AirGate *gate;

  if (call->gate == AIR_NO_NODE)
    return TRUE;
  plan_gate = air_plan_node (self->plan, call->gate);
  gate = air_instance_step (self, air_instance_resolve (self, air_instance_step (self, node)->scope, call->gate))->gate;
  if (gate == NULL || g_strcmp0 (gate->outcome, "approved") != 0)
    {
      *ret_message = g_strdup_printf ("approval void: '%s' has not let '%s' pass", plan_gate->id, call->id);
      return FALSE;
    }
  for (gsize i = 0; gate->action != NULL && i < air_list_get_size (gate->action); i++)
    {
      AirValue *item = air_list_get (gate->action, i);

      if (g_strcmp0 (air_map_get_string (item, "node"), call->id) != 0)
        continue;
      if (g_strcmp0 (air_map_get_string (item, "idempotency_key"), key) == 0
          && g_strcmp0 (air_map_get_string (item, "operation"), air_value_get_string (call->operation->reference, NULL))
                 == 0
          && same_bytes (air_member (item, "input"), input))
        return TRUE;
      *ret_message =
          g_strdup_printf ("approval void: '%s' is not what '%s' let pass; ask again", call->id, plan_gate->id);
      return FALSE;
    }
  *ret_message =
      g_strdup_printf ("approval void: '%s' was not among the actions '%s' let pass", call->id, plan_gate->id);
  return FALSE;
}
