/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People's hands on a run, signals from outside, and a host that restarted. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

#define MAX_KEPT_SIGNALS 32

static gboolean G_GNUC_PRINTF (3, 4) refuse (GError **error, AirEngineError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, AIR_ENGINE_ERROR, code, message);
  return FALSE;
}

/* --- gates ------------------------------------------------------------------------------- */

/* What a host that forgot them must know again. */
static void
tell_gates (AirDecision *self)
{
  for (guint i = 0; i < self->self->tokens->len; i++)
    {
      guint node = g_array_index (self->self->tokens, guint, i);

      if (air_instance_step (self->self, node)->phase == AIR_STEP_GATE_WAIT)
        air_decision_effect (self, AIR_EFFECT_GATE_OPENED, node);
    }
}

/* --- a restart ------------------------------------------------------------------------- */

typedef struct {
  guint step;
  AirPurpose purpose;
  guint attempt;
} Lost;

static gboolean
recover_lost (AirDecision *self, AirPlace place, const AirAction *action)
{
  const AirOutcome lost = {
    .outcome_class = AIR_OUTCOME_UNKNOWN,
    .message = (char *) "the runtime stopped before the answer was written down",
  };

  return air_decision_executed (self, place, action, &lost);
}

/* The reversal of an effect, whose step may be gone. */
static gboolean
recover_undoing (AirDecision *self)
{
  AirCompleted *undoing = air_instance_get_undoing (self->self);

  return undoing == NULL || undoing->undo.phase != AIR_ACTION_IN_FLIGHT
         || (recover_lost (self, undoing->place, &undoing->undo) && air_decide_all (self));
}

/* First what followed from the last entry, in case that was not all written down. Then one lost answer after the
 * other, each with all that follows from it: as if they had come as such, so that a replay, which sees answers
 * only, decides the same. */
gboolean
air_decide_recovered (AirDecision *self)
{
  AirInstance *instance = self->self;
  AirCompleted *undoing = air_instance_get_undoing (instance);
  gboolean reversing = undoing != NULL && undoing->undo.phase == AIR_ACTION_IN_FLIGHT;
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (Lost));

  tell_gates (self);
  for (guint i = 0; i < instance->tokens->len; i++)
    {
      guint node = g_array_index (instance->tokens, guint, i);
      const AirStep *step = air_instance_step (instance, node);
      const AirAction *action = &step->action;

      if (step->phase == AIR_STEP_ACTION && action->phase == AIR_ACTION_IN_FLIGHT)
        {
          const Lost one = { node, action->next, air_action_get_attempt (action, action->next) };

          g_array_append_val (lost, one);
        }
    }
  if (!air_decide_all (self) || (reversing && !recover_undoing (self)))
    return FALSE;
  for (guint i = 0; i < lost->len && !instance->closed; i++)
    {
      const Lost *one = &g_array_index (lost, Lost, i);

      if (!recover_lost (self, air_instance_place (instance, one->step),
                         &air_instance_step (instance, one->step)->action)
          || !air_decide_all (self))
        return FALSE;
    }
  return TRUE;
}

/* --- signals ----------------------------------------------------------------------------- */

/* The step that takes the signal: of those that wait the one that was come to first. */
static guint
find_waiting (AirInstance *self, const char *name, const char *iteration)
{
  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);

      if (air_instance_step (self, node)->phase == AIR_STEP_SIGNAL
          && g_str_equal (air_instance_node (self, node)->signal, name)
          && (iteration == NULL
              || g_strcmp0 (air_place_get_iteration (air_instance_place (self, node)), iteration) == 0))
        return node;
    }
  return AIR_NO_NODE;
}

/* The step that is to take it: the one that waits, else one that may come to wait. NULL with or without words. */
static const AirPlanNode *
find_taker (AirInstance *self, const char *name, guint waiting, const AirValue *data, char **ret_message)
{
  if (waiting != AIR_NO_NODE)
    return air_signal_fits (air_instance_node (self, waiting), data, ret_message) ? air_instance_node (self, waiting)
                                                                                  : NULL;
  for (guint i = 0; i < self->plan->nodes->len; i++)
    {
      const AirPlanNode *node = air_plan_node (self->plan, i);

      if (g_strcmp0 (node->signal, name) == 0
          && air_signal_fits (node, data, ret_message != NULL && *ret_message == NULL ? ret_message : NULL))
        return node;
    }
  return NULL;
}

gboolean
air_decide_signal (AirDecision *self, const AirEvent *event, GError **error)
{
  AirInstance *instance = self->self;
  const char *name = event->signal.name;
  g_autofree char *message = NULL, *unfit = NULL;
  AirValue *members, *disclosed;
  guint node;

  if (name == NULL || event->signal.actor == NULL)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "a signal needs a name and an actor");
  if (instance->failing)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "'%s' is ending; no signal reaches it", instance->id);
  if (event->signal.id != NULL && air_instance_has_come (instance, "signal", event->signal.id))
    return refuse (error, AIR_ENGINE_ERROR_DUPLICATE, "signal '%s' has come before", event->signal.id);
  if (event->signal.data != NULL && !air_record_can_hold (event->signal.data, &message))
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "the data of signal '%s': %s", name, message);

  node = find_waiting (instance, name, event->signal.iteration);
  if (find_taker (instance, name, node, event->signal.data, &unfit) == NULL)
    return unfit != NULL
               ? refuse (error, AIR_ENGINE_ERROR_EVENT,
                         "the data of signal '%s' is not what the step takes that waits for it: %s", name, unfit)
               : refuse (error, AIR_ENGINE_ERROR_EVENT, "no step of '%s' waits for a signal '%s'",
                         instance->plan->workflow, name);
  if (node == AIR_NO_NODE && event->signal.iteration != NULL)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "iteration %s does not wait for '%s'", event->signal.iteration, name);
  if (node == AIR_NO_NODE && instance->signals->len >= MAX_KEPT_SIGNALS)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "%d signals wait already for a step that takes them",
                   MAX_KEPT_SIGNALS);

  members = node != AIR_NO_NODE ? air_decision_members (self, node) : air_map_new ();
  air_map_set_string (members, "signal", name);
  air_map_set_string (members, "actor", event->signal.actor);
  disclosed = air_map_new ();
  if (event->signal.id != NULL)
    air_map_set_string (disclosed, "id", event->signal.id);
  if (event->signal.data != NULL)
    air_map_set (disclosed, "data", air_value_ref (event->signal.data));
  return air_decision_emit (self, AIR_RECORD_SIGNAL, members, disclosed);
}

/* --- controls ------------------------------------------------------------------------------ */

static gboolean
emit_control (AirDecision *self, AirControl control, AirPlace place, const AirEvent *event)
{
  gboolean cancel = event->kind == AIR_EVENT_CANCEL;
  const char *reason = cancel ? event->cancel.reason : event->control.reason;
  AirValue *members = place.node != AIR_NO_NODE ? air_decision_members_at (self, place) : air_map_new ();
  AirValue *disclosed = air_map_new ();

  air_map_set_string (members, "action", air_control_to_string (control));
  air_map_set_string (members, "actor", cancel ? event->cancel.actor : event->control.actor);
  if (reason != NULL)
    air_map_set_string (disclosed, "reason", reason);
  if (!cancel && event->control.id != NULL)
    air_map_set_string (disclosed, "id", event->control.id);
  if (!cancel && event->control.selection != NULL)
    air_map_set_string (members, "selection", event->control.selection);
  if (!cancel && event->control.output != NULL && (control == AIR_CONTROL_SKIP || control == AIR_CONTROL_CONFIRM))
    air_map_set (disclosed, "output", air_value_ref (event->control.output));
  if (control == AIR_CONTROL_CONFIRM)
    {
      air_map_set_bool (members, "happened", event->control.happened);
      air_map_set_string (members, "key", event->control.key);
      air_map_set_string (members, "role", event->control.role);
      air_map_set_string (members, "envelope_digest", "sd:envelope");
      air_map_set_string (disclosed, "envelope", event->control.envelope);
    }
  return air_decision_emit (self, AIR_RECORD_RUN_CONTROLLED, members, disclosed);
}

static gboolean
fits (AirInstance *self, AirControl control, guint node, gint64 now_us, char **ret_message)
{
  const AirStep *step = air_instance_step (self, node);

  switch (control)
    {
    case AIR_CONTROL_RETRY:
      return air_instance_can_retry (self, node, now_us, ret_message);
    case AIR_CONTROL_SKIP:
      return air_instance_can_skip (self, node, ret_message);
    case AIR_CONTROL_CONFIRM:
      if (step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_STUCK)
        return TRUE;
      if (ret_message != NULL)
        *ret_message = g_strdup_printf ("the outcome of '%s' is not in doubt", air_instance_node (self, node)->title);
      return FALSE;
    case AIR_CONTROL_PAUSE:
    case AIR_CONTROL_RESUME:
    case AIR_CONTROL_CANCEL:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/* The step that is meant: the one that is named, or the only one that can be. */
static gboolean
find_meant (AirDecision *self, AirControl control, const char *name, guint *ret_node, GError **error)
{
  AirInstance *instance = self->self;
  g_autofree char *message = NULL;
  gboolean known;
  guint found = AIR_NO_NODE;

  if (name != NULL)
    {
      if (!air_instance_find_step (instance, name, ret_node, &known))
        return refuse (error, AIR_ENGINE_ERROR_EVENT,
                       known ? "'%s' is at work in iterations; name one, as in %s@0" : "the workflow has no step '%s'",
                       name, name);
      if (fits (instance, control, *ret_node, air_decision_now (self), &message))
        return TRUE;
      return refuse (error, AIR_ENGINE_ERROR_EVENT, "%s", message);
    }
  for (guint i = 0; i < instance->tokens->len; i++)
    {
      guint node = g_array_index (instance->tokens, guint, i);

      if (!fits (instance, control, node, air_decision_now (self), NULL))
        continue;
      if (found != AIR_NO_NODE)
        {
          g_autofree char *one = air_place_to_string (instance, air_instance_place (instance, found));
          g_autofree char *other = air_place_to_string (instance, air_instance_place (instance, node));

          return refuse (error, AIR_ENGINE_ERROR_EVENT,
                         "several steps can be meant, '%s' and '%s' among them; name one", one, other);
        }
      found = node;
    }
  if (found == AIR_NO_NODE)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "%s",
                   control == AIR_CONTROL_RETRY  ? "no step waits for its next attempt: there is nothing to retry"
                   : control == AIR_CONTROL_SKIP ? "no step waits for what can be left out: there is nothing to skip"
                                                 : "the outcome of no step is in doubt: there is nothing to confirm");
  *ret_node = found;
  return TRUE;
}

/* The reversal at work is meant when it is named, or when no step is named and nothing else can be. */
static gboolean
means_undoing (AirDecision *self, AirControl control, const AirCompleted *undoing, const char *name)
{
  AirInstance *instance = self->self;
  g_autofree char *step = air_place_to_string (instance, undoing->place);

  if (name != NULL)
    return g_str_equal (name, step);
  for (guint i = 0; i < instance->tokens->len; i++)
    if (fits (instance, control, g_array_index (instance->tokens, guint, i), air_decision_now (self), NULL))
      return FALSE;
  return instance->tokens->len == 0 || undoing->undo.phase == AIR_ACTION_WAITING;
}

/* While the run itself is taken back nothing else stands. */
static gboolean
refuse_beside (AirInstance *self, const AirCompleted *undoing, GError **error)
{
  g_autofree char *step = air_place_to_string (self, undoing->place);

  return refuse (error, AIR_ENGINE_ERROR_EVENT, "what is at work is the reversal of '%s'; name that, or nothing", step);
}

static gboolean
decide_step_control (AirDecision *self, AirControl control, const AirEvent *event, GError **error)
{
  AirInstance *instance = self->self;
  AirCompleted *undoing = air_instance_get_undoing (instance);
  g_autofree char *message = NULL;
  guint node;

  if ((control == AIR_CONTROL_SKIP || control == AIR_CONTROL_CONFIRM) && event->control.reason == NULL)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "say why: a reason stays in the ledger");
  if (control == AIR_CONTROL_CONFIRM
      && (event->control.key == NULL || event->control.role == NULL || event->control.envelope == NULL))
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "a word without key, role or envelope proves nothing");
  if (event->control.output != NULL && !air_record_can_hold (event->control.output, &message))
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "the output: %s", message);
  if (undoing != NULL && control != AIR_CONTROL_CONFIRM && means_undoing (self, control, undoing, event->control.node))
    {
      if (undoing->undo.phase != AIR_ACTION_WAITING)
        return refuse (error, AIR_ENGINE_ERROR_EVENT, "the reversal that is at work does not stand still");
      return emit_control (self, control, undoing->place, event);
    }
  if (undoing != NULL && instance->tokens->len == 0)
    return refuse_beside (instance, undoing, error);
  if (!find_meant (self, control, event->control.node, &node, error))
    return FALSE;
  return emit_control (self, control, air_instance_place (instance, node), event);
}

gboolean
air_decide_control (AirDecision *self, const AirEvent *event, GError **error)
{
  AirInstance *instance = self->self;
  AirControl control = event->kind == AIR_EVENT_CANCEL ? AIR_CONTROL_CANCEL : event->control.control;
  const char *actor = event->kind == AIR_EVENT_CANCEL ? event->cancel.actor : event->control.actor;
  const AirPlace nowhere = { AIR_NO_NODE, NULL };

  if (actor == NULL)
    return refuse (error, AIR_ENGINE_ERROR_EVENT, "nobody is named who does this");
  if (event->kind == AIR_EVENT_CONTROL && event->control.id != NULL
      && air_instance_has_come (instance, "control", event->control.id))
    return refuse (error, AIR_ENGINE_ERROR_DUPLICATE, "'%s' was told so before", instance->id);
  switch (control)
    {
    case AIR_CONTROL_PAUSE:
      if (instance->paused)
        return refuse (error, AIR_ENGINE_ERROR_EVENT, "it is paused already");
      return emit_control (self, control, nowhere, event);
    case AIR_CONTROL_RESUME:
      if (!instance->paused)
        return refuse (error, AIR_ENGINE_ERROR_EVENT, "it is not paused");
      return emit_control (self, control, nowhere, event);
    case AIR_CONTROL_CANCEL:
      if (instance->failing)
        return refuse (error, AIR_ENGINE_ERROR_EVENT, "'%s' cannot be cancelled: it is ending already", instance->id);
      return emit_control (self, control, nowhere, event);
    case AIR_CONTROL_RETRY:
    case AIR_CONTROL_SKIP:
    case AIR_CONTROL_CONFIRM:
      return decide_step_control (self, control, event, error);
    }
  g_return_val_if_reached (FALSE);
}
