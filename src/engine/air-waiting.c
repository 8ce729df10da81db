/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is at, in one word and in a sentence. Every run that is open
 * either has something in flight or names what it waits for. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

static const char *const state_names[] = {
  "received",     "running",   "waiting-gate", "waiting-timer", "waiting-signal", "unknown-outcome",
  "compensating", "completed", "failed",       "cancelled",     "paused",
};

static const char *const node_state_names[] = {
  "idle", "running", "waiting", "unknown", "done", "failed", "reversed",
};

/**
 * air_instance_state_to_string:
 * @state: a state
 *
 * Returns: (transfer none): "waiting-gate", as the API has it; static
 */
const char *
air_instance_state_to_string (AirInstanceState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), NULL);
  return state_names[state];
}

/**
 * air_instance_state_from_string:
 * @text: (nullable): what air_instance_state_to_string() gives
 * @ret_state: (out): the state
 *
 * Returns: %FALSE, and @ret_state untouched, when no state is called that
 */
gboolean
air_instance_state_from_string (const char *text, AirInstanceState *ret_state)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (text, state_names[i]) == 0)
      {
        *ret_state = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * air_node_state_to_string:
 * @state: a state
 *
 * Returns: (transfer none): its name in the API; static
 */
const char *
air_node_state_to_string (AirNodeState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (node_state_names), NULL);
  return node_state_names[state];
}

/* How much a step says of the run: where people are needed comes first, even while something else is at work
 * beside it; then what is at work, then what comes by itself. */
static guint
weigh (const AirStep *step)
{
  switch (step->phase)
    {
    case AIR_STEP_ACTION:
      if (step->action.phase == AIR_ACTION_STUCK)
        return 9;
      return step->action.phase == AIR_ACTION_WAITING ? 1 : 7;
    case AIR_STEP_READY:
    case AIR_STEP_GATE_ASK:
      return 7;
    case AIR_STEP_GATE_WAIT:
      return 8;
    case AIR_STEP_SIGNAL:
      return 2;
    case AIR_STEP_PAUSE:
      return 1;
    case AIR_STEP_LOOP:
    case AIR_STEP_IDLE:
    case AIR_STEP_DONE:
    case AIR_STEP_FAILED:
      break;
    }
  return 0;
}

/**
 * air_instance_get_state:
 * @self: an instance
 *
 * Returns: where it stands: with several branches what a person should know first
 */
AirInstanceState
air_instance_get_state (const AirInstance *self)
{
  const AirCompleted *undoing = air_instance_get_undoing (self);
  guint weight = undoing == NULL ? 0 : undoing->undo.phase == AIR_ACTION_WAITING ? 1 : 7;

  if (self->closed)
    return !self->failing ? AIR_INSTANCE_COMPLETED : self->cancelled ? AIR_INSTANCE_CANCELLED : AIR_INSTANCE_FAILED;
  if (self->entries == 0)
    return AIR_INSTANCE_RECEIVED;
  if (self->paused)
    return AIR_INSTANCE_PAUSED;
  if (self->failing)
    return AIR_INSTANCE_COMPENSATING;
  for (guint i = 0; i < self->tokens->len; i++)
    weight = MAX (weight, weigh (air_instance_step (self, g_array_index (self->tokens, guint, i))));
  switch (weight)
    {
    case 9:
      return AIR_INSTANCE_UNKNOWN_OUTCOME;
    case 8:
      return AIR_INSTANCE_WAITING_GATE;
    case 2:
      return AIR_INSTANCE_WAITING_SIGNAL;
    case 1:
      return AIR_INSTANCE_WAITING_TIMER;
    default:
      return AIR_INSTANCE_RUNNING;
    }
}

static char *
title_of (const AirInstance *self, AirPlace place)
{
  const AirPlanNode *plan_node = air_plan_node (self->plan, place.node);
  const char *iteration = air_place_get_iteration (place);

  return iteration != NULL ? g_strdup_printf ("%s (%s)", plan_node->title, iteration) : g_strdup (plan_node->title);
}

static char *
describe_action (const AirInstance *self, AirPlace place, const AirAction *action, const char *what)
{
  g_autofree char *title = title_of (self, place);
  g_autofree char *due = NULL;

  switch (action->phase)
    {
    case AIR_ACTION_WAITING:
      due = air_time_format (action->due_us);
      if (action->next == AIR_PURPOSE_RECONCILE)
        return g_strdup_printf ("finding out at %s whether %s'%s' happened", due, what, title);
      return g_strdup_printf ("attempt %u of %u of %s'%s' at %s", action->attempts + 1,
                              air_instance_get_retry (self, place.node, action)->max, what, title, due);
    case AIR_ACTION_STUCK:
      return g_strdup_printf (
          "a person: nobody knows whether %s'%s' (%s) happened; look there, then confirm whether it "
          "did, or cancel the run",
          what, title, action->operation->id);
    case AIR_ACTION_IN_FLIGHT:
      return g_strdup_printf ("the answer of %s to %s'%s'", action->operation->id, what, title);
    case AIR_ACTION_IDLE:
    case AIR_ACTION_READY:
    case AIR_ACTION_BACK_OFF:
    case AIR_ACTION_OK:
    case AIR_ACTION_FAILED:
      break;
    }
  return NULL;
}

static char *
describe_step (const AirInstance *self, guint node)
{
  const AirStep *step = air_instance_step (self, node);
  g_autofree char *title = title_of (self, air_instance_place (self, node));
  g_autofree char *due = NULL;

  switch (step->phase)
    {
    case AIR_STEP_GATE_WAIT:
      return g_strdup_printf ("decision %u of %u by the role '%s' on '%s'", step->gate->counted + 1, step->gate->quorum,
                              step->gate->role != NULL ? step->gate->role : "", title);
    case AIR_STEP_PAUSE:
      due = air_time_format (step->due_us);
      return g_strdup_printf ("'%s' until %s", title, due);
    case AIR_STEP_SIGNAL:
      due = air_time_format (step->due_us);
      return g_strdup_printf ("the signal '%s' for '%s' until %s", air_instance_node (self, node)->signal, title, due);
    case AIR_STEP_ACTION:
      return describe_action (self, air_instance_place (self, node), &step->action, "");
    case AIR_STEP_READY:
    case AIR_STEP_GATE_ASK:
    case AIR_STEP_LOOP:
    case AIR_STEP_IDLE:
    case AIR_STEP_DONE:
    case AIR_STEP_FAILED:
      break;
    }
  return NULL;
}

static gboolean
is_unknown (const AirStep *step)
{
  return step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_STUCK;
}

/**
 * air_instance_get_waiting_on:
 * @self: an instance
 *
 * Returns: (transfer full) (nullable): in words, naming the thing ("decision 1 of 2 by an approver on 'approval'");
 *   %NULL when it waits for nothing
 */
char *
air_instance_get_waiting_on (const AirInstance *self)
{
  AirCompleted *undoing = air_instance_get_undoing (self);
  g_autofree char *first = NULL;
  guint best = 0, others = 0;

  if (self->closed)
    return NULL;
  if (self->paused)
    return g_strdup_printf ("somebody who resumes it: paused by %s",
                            self->paused_by != NULL ? self->paused_by : "a person");
  if (undoing != NULL)
    {
      first = describe_action (self, undoing->place, &undoing->undo, "the reversal of ");
      best = first != NULL && undoing->undo.phase != AIR_ACTION_WAITING ? 7 : 1;
    }
  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);
      guint weight = weigh (air_instance_step (self, node));
      char *words = describe_step (self, node);

      if (words == NULL)
        continue;
      others += first != NULL;
      if (weight > best)
        {
          g_free (first);
          first = words;
          best = weight;
        }
      else
        g_free (words);
    }
  return others > 0 ? g_strdup_printf ("%s, and %u more", first, others) : g_steal_pointer (&first);
}

static AirNodeState
state_of_step (const AirStep *step)
{
  if (step->reversed)
    return AIR_NODE_STATE_REVERSED;
  switch (step->phase)
    {
    case AIR_STEP_IDLE:
      return AIR_NODE_STATE_IDLE;
    case AIR_STEP_ACTION:
      if (step->action.phase == AIR_ACTION_STUCK)
        return AIR_NODE_STATE_UNKNOWN;
      return step->action.phase == AIR_ACTION_WAITING ? AIR_NODE_STATE_WAITING : AIR_NODE_STATE_RUNNING;
    case AIR_STEP_READY:
    case AIR_STEP_LOOP:
      return AIR_NODE_STATE_RUNNING;
    case AIR_STEP_GATE_ASK:
    case AIR_STEP_GATE_WAIT:
    case AIR_STEP_PAUSE:
    case AIR_STEP_SIGNAL:
      return AIR_NODE_STATE_WAITING;
    case AIR_STEP_DONE:
      return AIR_NODE_STATE_DONE;
    case AIR_STEP_FAILED:
      return AIR_NODE_STATE_FAILED;
    }
  return AIR_NODE_STATE_IDLE;
}

/**
 * air_instance_get_node_state:
 * @self: an instance
 * @node: index of a node in the plan
 * @ret_attempts: (out) (optional): how often its action was begun
 *
 * Returns: where it stands; in a loop what is at work now says more than what the last iteration came to
 */
AirNodeState
air_instance_get_node_state (const AirInstance *self, guint node, guint *ret_attempts)
{
  const AirStep *step;

  g_return_val_if_fail (node < self->plan->nodes->len, AIR_NODE_STATE_IDLE);

  step = &self->nodes[node];
  /* In a loop what is at work now says more than what the last iteration came to. */
  for (guint i = 0; air_plan_node (self->plan, node)->opener != AIR_NO_NODE && i < self->tokens->len; i++)
    {
      const AirStep *other = air_instance_step (self, g_array_index (self->tokens, guint, i));

      if (other->node == node && (step == &self->nodes[node] || weigh (other) > weigh (step)))
        step = other;
    }
  if (ret_attempts != NULL)
    *ret_attempts = step->action.attempts;
  return state_of_step (step);
}

/**
 * air_instance_has_begun:
 * @self: an instance
 *
 * Returns: %FALSE: it was triggered, and people may have had a hand in it, but nothing of it was decided: it waits for
 *   its turn
 */
gboolean
air_instance_has_begun (const AirInstance *self)
{
  return self->begun;
}

/**
 * air_instance_is_at_work:
 * @self: an instance
 *
 * Returns: whether something is in flight: after a restart it must be told with %AIR_EVENT_RECOVERED, whatever else
 *   the run waits for
 */
gboolean
air_instance_is_at_work (const AirInstance *self)
{
  const AirCompleted *undoing = air_instance_get_undoing (self);

  if (undoing != NULL && undoing->undo.phase == AIR_ACTION_IN_FLIGHT)
    return TRUE;
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const AirStep *step = air_instance_step (self, g_array_index (self->tokens, guint, i));

      if (step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_IN_FLIGHT)
        return TRUE;
    }
  return FALSE;
}

/**
 * air_instance_is_in_doubt:
 * @self: an instance
 * @step: of a call
 *
 * Returns: whether an attempt of it, other than the last that was begun, may have had its effect
 */
gboolean
air_instance_is_in_doubt (const AirInstance *self, const char *step)
{
  guint index;

  return air_instance_find_step (self, step, &index, NULL) && air_instance_step (self, index)->action.maybe;
}

/**
 * air_instance_is_paused:
 * @self: an instance
 *
 * Returns: whether a person holds it
 */
gboolean
air_instance_is_paused (const AirInstance *self)
{
  return self->paused && !self->closed;
}

static gboolean
waits_for_decision (const AirStep *step)
{
  return step->phase == AIR_STEP_GATE_WAIT;
}

static char **
dup_steps (const AirInstance *self, gboolean (*is_one) (const AirStep *step))
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);

      if (is_one (air_instance_step (self, node)))
        g_strv_builder_take (names, air_place_to_string (self, air_instance_place (self, node)));
    }
  return g_strv_builder_end (names);
}

/**
 * air_instance_dup_waiting_gates:
 * @self: an instance
 *
 * Returns: (transfer full): the steps of all gates that wait, in the order in which they were come to
 */
char **
air_instance_dup_waiting_gates (const AirInstance *self)
{
  return dup_steps (self, waits_for_decision);
}

/**
 * air_instance_dup_unknown:
 * @self: an instance
 *
 * Returns: (transfer full): the steps whose outcome nobody knows
 */
char **
air_instance_dup_unknown (const AirInstance *self)
{
  return dup_steps (self, is_unknown);
}

/**
 * air_instance_dup_signals:
 * @self: an instance
 *
 * Returns: (transfer full): the names of signals a step waits for now
 */
char **
air_instance_dup_signals (const AirInstance *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);

      if (air_instance_step (self, node)->phase == AIR_STEP_SIGNAL)
        g_strv_builder_add (names, air_instance_node (self, node)->signal);
    }
  return g_strv_builder_end (names);
}
