/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding in what concerns actions: intents, outcomes, retry timers, reversals. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

static const AirPlanRetry undo_retry = { .max = 8, .base_ms = 500, .max_ms = 30000 };

/* Reversals have the patience of the call they reverse, and never less than our own. */
const AirPlanRetry *
air_instance_get_retry (const AirInstance *self, guint node, const AirAction *action)
{
  const AirPlanRetry *retry = &air_plan_node (self->plan, node)->retry;

  return action->base == AIR_PURPOSE_COMPENSATE && retry->max < undo_retry.max ? &undo_retry : retry;
}

static gboolean
names_place (const AirInstance *self, const AirRecord *record, AirPlace place)
{
  return g_strcmp0 (air_map_get_string (record->members, "node"), air_plan_node (self->plan, place.node)->id) == 0
         && g_strcmp0 (air_map_get_string (record->members, "iteration"), air_place_get_iteration (place)) == 0;
}

/* The action a record speaks of: a step's own, or the reversal of an effect, whose step may be gone.
 * @ret_step is AIR_NO_NODE then. */
static AirAction *
find_action (AirInstance *self, const AirRecord *record, AirPlace *ret_place, guint *ret_step, GError **error)
{
  AirCompleted *undoing = air_instance_get_undoing (self);

  if (undoing != NULL && names_place (self, record, undoing->place))
    {
      *ret_place = undoing->place;
      *ret_step = AIR_NO_NODE;
      return &undoing->undo;
    }
  if (!air_evolve_node (self, record, ret_step, error))
    return NULL;
  *ret_place = air_instance_place (self, *ret_step);
  return &air_instance_step (self, *ret_step)->action;
}

gboolean
air_evolve_started (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *members = record->members;
  AirValue *key = air_member (members, "idem");
  gint64 attempt = air_map_get_int (members, "attempt", 0);
  const char *reference = air_map_get_string (members, "operation");
  AirPurpose purpose;
  AirAction *action;
  AirPlace place;
  guint node;

  if (!air_purpose_from_string (air_map_get_string (members, "purpose"), &purpose))
    return air_evolve_refuse (error, record, "its purpose is none of execute, reconcile, compensate");
  if (key == NULL || air_value_get_kind (key) != AIR_VALUE_STRING || reference == NULL)
    return air_evolve_refuse (error, record, "it has no idem or no operation");

  action = find_action (self, record, &place, &node, error);
  if (action == NULL)
    return FALSE;
  if (action->phase == AIR_ACTION_IDLE)
    {
      AirValue *input = air_member (record->disclosed, "input");
      const char *at = strrchr (reference, '@');
      g_autofree char *id = g_strndup (reference, at != NULL ? at - reference : strlen (reference));
      const AirPlanOperation *operation = air_plan_find_operation (self->plan, id);
      AirCompleted *undoing = air_instance_get_undoing (self);
      AirStep *step = node != AIR_NO_NODE ? air_instance_step (self, node) : NULL;

      if (operation == NULL || !g_str_equal (air_value_get_string (operation->reference, NULL), reference))
        return air_evolve_refuse (error, record, "operation '%s' is not in the plan", reference);
      if (input == NULL)
        return air_evolve_refuse (error, record, "its input is not disclosed");
      if (purpose == AIR_PURPOSE_EXECUTE && step != NULL && step->phase == AIR_STEP_READY)
        {
          air_limits_begin (self, key);
          air_action_begin (action, operation, purpose, step->visits - 1, key, input);
          step->phase = AIR_STEP_ACTION;
        }
      else if (purpose == AIR_PURPOSE_COMPENSATE && undoing != NULL && action == &undoing->undo)
        air_action_begin (action, operation, purpose, undoing->done.visit, key, input);
      else
        return air_evolve_refuse (error, record, "'%s' was not at work", air_plan_node (self->plan, place.node)->id);
    }
  if ((action->phase != AIR_ACTION_READY) || purpose != action->next
      || attempt != (gint64) air_action_get_attempt (action, purpose) + 1 || !air_value_equal (key, action->key))
    return air_evolve_refuse (error, record, "attempt %" G_GINT64_FORMAT " of '%s' was not due", attempt,
                              air_plan_node (self->plan, place.node)->id);
  air_action_started (action, purpose, time_us,
                      purpose == AIR_PURPOSE_EXECUTE ? air_plan_node (self->plan, place.node)->timeout_ms
                                                     : action->operation->timeout_ms);
  return TRUE;
}

static void
keep (AirValue **slot, const AirValue *value)
{
  if (value == NULL)
    return;
  g_clear_pointer (slot, air_value_unref);
  *slot = air_value_ref ((AirValue *) value);
}

gboolean
air_evolve_executed (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *members = record->members;
  gint64 attempt = air_map_get_int (members, "attempt", 0);
  AirPurpose purpose;
  AirOutcomeClass outcome_class;
  AirAction *action;
  AirPlace place;
  guint node;

  if (!air_purpose_from_string (air_map_get_string (members, "purpose"), &purpose)
      || !air_outcome_class_from_string (air_map_get_string (members, "outcome"), &outcome_class))
    return air_evolve_refuse (error, record, "its purpose or outcome is not one this engine knows");
  action = find_action (self, record, &place, &node, error);
  if (action == NULL)
    return FALSE;
  if (action->phase != AIR_ACTION_IN_FLIGHT || action->next != purpose
      || attempt != (gint64) air_action_get_attempt (action, purpose))
    return air_evolve_refuse (error, record, "attempt %" G_GINT64_FORMAT " of '%s' was not in flight", attempt,
                              air_plan_node (self->plan, place.node)->id);

  keep (&action->evidence, air_member (record->disclosed, "evidence"));
  if (outcome_class == AIR_OUTCOME_OK)
    keep (&action->output, air_member (record->disclosed, "output"));
  air_action_executed (action, air_instance_get_retry (self, place.node, action), outcome_class,
                       air_map_get_int (members, "status", 0), air_map_get_string (members, "alarm"),
                       air_map_get_string (record->disclosed, "message"),
                       air_map_get_int (members, "retry_after_ms", 0),
                       air_instance_is_ending (self, place.scope) && action->base == AIR_PURPOSE_EXECUTE, time_us);
  if (node != AIR_NO_NODE)
    air_instance_settle (self, node);
  return TRUE;
}

gboolean
air_evolve_timer (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const char *timer = air_map_get_string (record->members, "timer");
  const char *state = air_map_get_string (record->members, "state");
  const char *at = air_map_get_string (record->members, "at");
  const AirPlanNode *plan_node;
  AirAction *action;
  AirPlace place;
  AirStep *step;
  gboolean set;
  gint64 due_us = 0;
  guint node;

  action = find_action (self, record, &place, &node, error);
  if (action == NULL)
    return FALSE;
  plan_node = air_plan_node (self->plan, place.node);
  set = g_strcmp0 (state, "set") == 0;
  if (timer == NULL || (!set && g_strcmp0 (state, "fired") != 0))
    return air_evolve_refuse (error, record, "its timer or state is not one this engine knows");
  if (set && (at == NULL || !air_time_parse (at, &due_us)))
    return air_evolve_refuse (error, record, "its time is not one of RFC 3339");

  if (g_str_equal (timer, "retry"))
    {
      if (action->phase != (set ? AIR_ACTION_BACK_OFF : AIR_ACTION_WAITING))
        return air_evolve_refuse (error, record, "'%s' had no retry to wait for", plan_node->id);
      action->phase = set ? AIR_ACTION_WAITING : AIR_ACTION_READY;
      if (set)
        action->due_us = due_us;
      return TRUE;
    }
  step = node != AIR_NO_NODE ? air_instance_step (self, node) : NULL;
  if (step != NULL && plan_node->kind == AIR_NODE_WORKFLOW && g_str_equal (timer, "timeout"))
    {
      if (set ? !air_instance_lacks_timer (self, node) : !air_instance_has_timer (self, node))
        return air_evolve_refuse (error, record, "'%s' was not at work", plan_node->id);
      if (set)
        step->due_us = due_us;
      else
        air_instance_expire_workflow (self, node);
      return TRUE;
    }
  if (g_str_equal (timer, "wait") || g_str_equal (timer, "timeout"))
    {
      gboolean signal_timeout = g_str_equal (timer, "timeout");
      AirStepPhase waiting = signal_timeout ? AIR_STEP_SIGNAL : AIR_STEP_PAUSE;

      /* A call whose limits had no room: its turn has come. */
      if (step != NULL && plan_node->kind == AIR_NODE_CALL && !set && step->phase == AIR_STEP_PAUSE)
        {
          step->phase = AIR_STEP_READY;
          return TRUE;
        }
      if (step == NULL || plan_node->kind != AIR_NODE_WAIT || (plan_node->wait == AIR_WAIT_SIGNAL) != signal_timeout
          || step->phase != (set ? AIR_STEP_READY : waiting))
        return air_evolve_refuse (error, record, "'%s' was not waiting", plan_node->id);
      if (set)
        {
          step->phase = waiting;
          step->due_us = due_us;
        }
      else
        air_instance_follow (self, node, air_plan_node_find_port (plan_node, signal_timeout ? "timeout" : "out"));
      return TRUE;
    }
  if ((g_str_equal (timer, "reminder") || g_str_equal (timer, "escalation")) && !set)
    {
      if (step == NULL || step->phase != AIR_STEP_GATE_WAIT || air_gate_next_due (step->gate, timer) == 0)
        return air_evolve_refuse (error, record, "'%s' had nobody to remind", plan_node->id);
      if (timer[0] == 'r')
        step->gate->reminded++;
      else
        step->gate->escalated++;
      return TRUE;
    }
  return air_evolve_refuse (error, record, "'%s' is no timer of this engine", timer);
}

gboolean
air_evolve_rollback (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirCompleted *undoing = air_instance_get_undoing (self);
  const char *outcome = air_map_get_string (record->members, "outcome");
  const char *node = air_map_get_string (record->members, "node");

  if (undoing == NULL || outcome == NULL || !names_place (self, record, undoing->place))
    return air_evolve_refuse (error, record, "nothing of '%s' was to be reversed", node != NULL ? node : "");

  if (g_str_equal (outcome, "done"))
    {
      if (undoing->undo.phase != AIR_ACTION_OK)
        return air_evolve_refuse (error, record, "'%s' was not reversed", node);
      self->nodes[undoing->place.node].reversed = TRUE;
      if (self->reservations != NULL)
        {
          g_autoptr (AirValue) key =
              air_instance_make_key (self, undoing->place, undoing->done.visit, AIR_PURPOSE_EXECUTE);

          air_limits_owe (self, key, AIR_OWED_UNDO, NULL);
        }
    }
  else
    {
      AirManual manual = {
        .node = undoing->place.node,
        .iteration = g_strdup (air_place_get_iteration (undoing->place)),
        .operation = undoing->done.operation->id,
        .outcome = g_strdup (outcome),
        .message = g_strdup (air_map_get_string (record->disclosed, "message")),
      };

      g_array_append_val (self->manual, manual);
    }
  g_array_remove_index (self->completed, undoing - (AirCompleted *) (void *) self->completed->data);
  return TRUE;
}
