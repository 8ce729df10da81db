/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an event to records and effects. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"
#include "policy/air-gate-edit.h"

/* A loop of pure steps is a fault of the workflow; it must not hang the runtime. */
#define MAX_PURE_STEPS     1000
#define MAX_STEPS_A_RECORD 256

/* --- writing records ---------------------------------------------------------------- */

/* The time of the next record: now, or when it was written. */
gint64
air_decision_now (const AirDecision *self)
{
  guint next = self->out->records->len;

  if (self->script != NULL && next < self->n_script)
    return self->script_times[next];
  return self->now_us;
}

static gboolean
append_record (AirDecision *self, AirRecord *take_record, gboolean folded)
{
  gint64 now_us = air_decision_now (self);

  g_ptr_array_add (self->out->records, take_record);
  if (folded)
    {
      air_evolve_count (self->self, now_us);
      return TRUE;
    }
  return air_evolve (self->self, take_record, now_us, &self->error);
}

/* Writes down the pure steps decided so far. */
gboolean
air_decision_flush (AirDecision *self)
{
  AirValue *members;

  if (self->steps == NULL)
    return TRUE;
  members = air_map_new ();
  air_map_set (members, "steps", g_steal_pointer (&self->steps));
  return append_record (self, air_record_new (AIR_RECORD_STEP_DECIDED, members, g_steal_pointer (&self->outputs)),
                        TRUE);
}

gboolean
air_decision_emit (AirDecision *self, const char *type, AirValue *take_members, AirValue *take_disclosed)
{
  AirRecord *record = air_record_new (type, take_members, take_disclosed);

  if (self->error != NULL || !air_decision_flush (self))
    {
      air_record_free (record);
      return FALSE;
    }
  return append_record (self, record, FALSE);
}

static gboolean
add_step (AirDecision *self, guint node, AirValue *take_item, AirValue *take_output)
{
  g_autoptr (AirValue) item = take_item;
  g_autoptr (AirValue) output = take_output;

  if (self->error != NULL)
    return FALSE;
  if (output != NULL)
    {
      const char *iteration = air_place_get_iteration (air_instance_place (self->self, node));
      g_autofree char *name = g_strconcat ("output.", air_instance_node (self->self, node)->id,
                                           iteration != NULL ? "." : NULL, iteration, NULL);

      if (self->outputs != NULL && air_member (self->outputs, name) != NULL && !air_decision_flush (self))
        return FALSE;
      if (self->outputs == NULL)
        self->outputs = air_map_new ();
      air_map_set (self->outputs, name, air_value_ref (output));
    }
  if (self->steps == NULL)
    self->steps = air_list_new ();
  air_list_append (self->steps, air_value_ref (item));
  if (!air_evolve_step (self->self, item, output, &self->error))
    return FALSE;
  air_instance_close_scopes (self->self);
  /* An entry has its bounds: a loop of many small steps fills several. */
  return air_list_get_size (self->steps) < MAX_STEPS_A_RECORD || air_decision_flush (self);
}

gboolean
air_decision_fail (AirDecision *self, guint node, AirOutcomeClass outcome_class, const char *message)
{
  AirValue *item = air_decision_members (self, node);

  air_map_set (item, "error", air_value_ref (self->self->plan->classes[outcome_class]));
  return add_step (self, node, item, air_error_output (outcome_class, message, 0));
}

gboolean
air_decision_step (AirDecision *self, guint node, AirValue *edge, AirValue *take_output)
{
  AirValue *item;

  /* Each iteration that came to its end is progress. */
  if (++self->n_pure / MAX_PURE_STEPS > self->self->iterations - self->n_ended)
    {
      g_clear_pointer (&take_output, air_value_unref);
      return air_decision_fail (self, node, AIR_OUTCOME_FATAL,
                                "the workflow runs in a circle without acting or waiting; give the circle an end");
    }
  item = air_decision_members (self, node);
  if (air_instance_node (self->self, node)->workflow != NULL)
    {
      const AirPlanWorkflow *workflow = air_instance_node (self->self, node)->workflow;

      air_map_set (item, "workflow", air_value_ref (workflow->reference));
      air_map_set (item, "digest", air_value_ref (workflow->digest));
    }
  if (edge != NULL)
    air_map_set (item, "edge", air_value_ref (edge));
  return add_step (self, node, item, take_output);
}

AirValue *
air_decision_members_at (AirDecision *self, AirPlace place)
{
  AirValue *members = air_map_new ();

  air_map_set (members, "node", air_value_ref (air_plan_node (self->self->plan, place.node)->name));
  if (place.scope != NULL && place.scope->iteration != NULL)
    air_map_set (members, "iteration", air_value_ref (place.scope->iteration));
  return members;
}

AirValue *
air_decision_members (AirDecision *self, guint node)
{
  return air_decision_members_at (self, air_instance_place (self->self, node));
}

/* --- effects --------------------------------------------------------------------------- */

AirEffect *
air_decision_effect_at (AirDecision *self, AirEffectKind kind, AirPlace place)
{
  AirEffect *effect = g_new0 (AirEffect, 1);

  effect->kind = kind;
  if (place.scope != NULL)
    effect->node = effect->step = air_place_to_string (self->self, place);
  else if (place.node != AIR_NO_NODE)
    effect->node = air_plan_node (self->self->plan, place.node)->id;
  g_ptr_array_add (self->out->effects, effect);
  return effect;
}

AirEffect *
air_decision_effect (AirDecision *self, AirEffectKind kind, guint node)
{
  const AirPlace nowhere = { AIR_NO_NODE, NULL };

  return air_decision_effect_at (self, kind, node != AIR_NO_NODE ? air_instance_place (self->self, node) : nowhere);
}

void
air_decision_set_timer_at (AirDecision *self, const char *kind, AirPlace place, gint64 at_us)
{
  AirEffect *effect = air_decision_effect_at (self, at_us != 0 ? AIR_EFFECT_TIMER : AIR_EFFECT_TIMER_CANCEL, place);

  effect->timer.id = g_strconcat (kind, "/", effect->node, NULL);
  effect->timer.at_us = at_us;
}

void
air_decision_set_timer (AirDecision *self, const char *kind, guint node, gint64 at_us)
{
  air_decision_set_timer_at (self, kind, air_instance_place (self->self, node), at_us);
}

/* --- events ------------------------------------------------------------------------------ */

static gboolean
decide_trigger (AirDecision *self, const AirEvent *event, GError **error)
{
  AirInstance *instance = self->self;
  g_autofree char *message = NULL;
  AirValue *members;
  AirValue *disclosed;

  if (instance->entries > 0)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "instance '%s' has begun before", instance->id);
      return FALSE;
    }
  if (event->trigger.data == NULL || event->trigger.actor == NULL)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "a trigger needs data and an actor");
      return FALSE;
    }
  if (!air_record_can_hold (event->trigger.data, &message))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "the trigger's data: %s", message);
      return FALSE;
    }
  members = air_decision_members (self, instance->plan->trigger);
  air_map_set_string (members, "actor", event->trigger.actor);
  air_map_set (members, "artifact", air_value_ref (instance->plan->artifact_value));
  if (event->trigger.session != NULL)
    air_map_set_string (members, "session", event->trigger.session);
  disclosed = air_map_new ();
  air_map_set (disclosed, "input", air_value_ref (event->trigger.data));
  if (event->trigger.dedup_key != NULL)
    air_map_set_string (disclosed, "dedup_key", event->trigger.dedup_key);
  if (event->trigger.concurrency_key != NULL)
    air_map_set_string (disclosed, "concurrency_key", event->trigger.concurrency_key);
  if (event->trigger.requester != NULL)
    air_map_set_string (disclosed, "requester", event->trigger.requester);
  if (event->trigger.subject != NULL)
    air_map_set_string (disclosed, "subject", event->trigger.subject);
  if (event->trigger.latency_class != NULL)
    air_map_set_string (members, "latency_class", event->trigger.latency_class);
  if (event->trigger.retry_of != NULL)
    {
      air_map_set_string (members, "retry_of", event->trigger.retry_of);
      if (event->trigger.triggered_by != NULL)
        air_map_set (members, "triggered_by", air_value_ref (event->trigger.triggered_by));
      if (event->trigger.selection != NULL)
        air_map_set_string (members, "selection", event->trigger.selection);
      if (event->trigger.reason != NULL)
        air_map_set_string (disclosed, "reason", event->trigger.reason);
    }
  return air_decision_emit (self, AIR_RECORD_TRIGGER_RECEIVED, members, disclosed);
}

/* The action a step's name speaks of: its own or the reversal of its effect. NULL when it is gone. */
static AirAction *
find_action (AirInstance *self, const char *name, AirPlace *ret_place)
{
  AirCompleted *undoing = air_instance_get_undoing (self);
  g_autofree char *undone = undoing != NULL ? air_place_to_string (self, undoing->place) : NULL;
  guint node;

  if (undone != NULL && g_str_equal (undone, name))
    {
      *ret_place = undoing->place;
      return &undoing->undo;
    }
  if (!air_instance_find_step (self, name, &node, NULL))
    return NULL;
  *ret_place = air_instance_place (self, node);
  return &air_instance_step (self, node)->action;
}

gboolean
air_decision_executed (AirDecision *self, AirPlace place, const AirAction *action, const AirOutcome *outcome)
{
  AirPlan *plan = self->self->plan;
  AirValue *members = air_decision_members_at (self, place);
  AirValue *disclosed = NULL;

  air_map_set_int (members, "attempt", air_action_get_attempt (action, action->next));
  air_map_set (members, "purpose", air_value_ref (plan->purposes[action->next]));
  air_map_set (members, "outcome", air_value_ref (plan->classes[outcome->outcome_class]));
  if (outcome->status != 0)
    air_map_set_int (members, "status", outcome->status);
  if (outcome->retry_after_ms > 0)
    air_map_set_int (members, "retry_after_ms", outcome->retry_after_ms);
  if (outcome->alarm != NULL)
    air_map_set_string (members, "alarm", outcome->alarm);
  if (outcome->output != NULL || outcome->evidence != NULL || outcome->message != NULL)
    disclosed = air_map_new ();
  if (outcome->output != NULL)
    air_map_set (disclosed, "output", air_value_ref (outcome->output));
  if (outcome->evidence != NULL)
    air_map_set (disclosed, "evidence", air_value_ref (outcome->evidence));
  if (outcome->message != NULL)
    air_map_set_string (disclosed, "message", outcome->message);
  return air_decision_emit (self, AIR_RECORD_TOOL_ACTION_EXECUTED, members, disclosed);
}

static gboolean
decide_outcome (AirDecision *self, const AirEvent *event, GError **error)
{
  g_autofree char *message = NULL;
  AirAction *action;
  AirPlace place;

  if (event->outcome.outcome == NULL || !air_plan_find_node (self->self->plan, event->outcome.node, NULL))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "an outcome for '%s', which is no node of '%s'",
                   event->outcome.node != NULL ? event->outcome.node : "", self->self->plan->workflow);
      return FALSE;
    }
  action = find_action (self->self, event->outcome.node, &place);
  /* An answer nobody waits for any more: what it would say was found out in another way. */
  if (action == NULL || action->phase != AIR_ACTION_IN_FLIGHT || action->next != event->outcome.purpose
      || air_action_get_attempt (action, action->next) != event->outcome.attempt)
    return TRUE;
  if (!air_record_can_hold (event->outcome.outcome->output, &message)
      || !air_record_can_hold (event->outcome.outcome->evidence, &message))
    {
      const AirOutcome unwritable = {
        .outcome_class = AIR_OUTCOME_FATAL,
        .status = event->outcome.outcome->status,
        .message = message,
        .alarm = (char *) "unwritable",
      };

      return air_decision_executed (self, place, action, &unwritable);
    }
  return air_decision_executed (self, place, action, event->outcome.outcome);
}

static gboolean
emit_fired (AirDecision *self, AirPlace place, const char *timer, gint64 due_us)
{
  g_autofree char *at = air_time_format (due_us);
  AirValue *members = air_decision_members_at (self, place);

  air_map_set_string (members, "timer", timer);
  air_map_set_string (members, "state", "fired");
  air_map_set_string (members, "at", at);
  return air_decision_emit (self, AIR_RECORD_TIMER, members, NULL);
}

static gboolean
emit_expired (AirDecision *self, guint node)
{
  const AirGate *gate = air_instance_step (self->self, node)->gate;
  g_autofree char *name = air_place_to_string (self->self, air_instance_place (self->self, node));
  g_autofree char *id = g_strconcat (self->self->id, "/", name, NULL);
  AirValue *members = air_decision_members (self, node);

  air_map_set_string (members, "gate", id);
  air_map_set_string (members, "decision", "expired");
  air_map_set_int (members, "counted", gate->counted);
  air_map_set_int (members, "quorum", air_gate_quorum_at (gate, air_decision_now (self)));
  air_map_set_string (members, "outcome", "expired");
  air_decision_effect (self, AIR_EFFECT_GATE_CLOSED, node);
  return air_decision_emit (self, AIR_RECORD_HUMAN_GATE_DECISIONED, members, NULL);
}

static gboolean
decide_timer (AirDecision *self, const AirEvent *event, GError **error)
{
  const char *slash = event->timer.id != NULL ? strchr (event->timer.id, '/') : NULL;
  g_autofree char *kind = NULL;
  AirAction *action;
  AirPlace place;
  AirStep *step;
  guint node;

  if (slash == NULL || !air_plan_find_node (self->self->plan, slash + 1, NULL))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "'%s' is no timer of '%s'",
                   event->timer.id != NULL ? event->timer.id : "", self->self->id);
      return FALSE;
    }
  kind = g_strndup (event->timer.id, slash - event->timer.id);

  if (g_str_equal (kind, "retry"))
    {
      action = find_action (self->self, slash + 1, &place);
      if (action == NULL || action->phase != AIR_ACTION_WAITING || self->self->paused)
        return TRUE;
      if (action->due_us <= air_decision_now (self))
        return emit_fired (self, place, kind, action->due_us);
      air_decision_set_timer_at (self, kind, place, action->due_us);
      return TRUE;
    }
  if (!air_instance_find_step (self->self, slash + 1, &node, NULL))
    return TRUE; /* its iteration is over */
  step = air_instance_step (self->self, node);
  if (g_str_equal (kind, "wait") || g_str_equal (kind, "timeout"))
    {
      gboolean runs = g_str_equal (kind, "wait")
                          ? step->phase == AIR_STEP_PAUSE
                          : step->phase == AIR_STEP_SIGNAL || air_instance_has_timer (self->self, node);

      /* While the run is paused no time of its own passes: resuming sets the timer again. */
      if (!runs || self->self->paused)
        return TRUE;
      if (step->due_us <= air_decision_now (self))
        return emit_fired (self, air_instance_place (self->self, node), kind, step->due_us);
      air_decision_set_timer (self, kind, node, step->due_us);
    }
  else if (g_str_equal (kind, "deadline"))
    {
      if (step->phase != AIR_STEP_GATE_WAIT)
        return TRUE;
      if (step->gate->deadline_us <= air_decision_now (self))
        return emit_expired (self, node);
      air_decision_set_timer (self, kind, node, step->gate->deadline_us);
    }
  else if (g_str_equal (kind, "reminder") || g_str_equal (kind, "escalation"))
    {
      gint64 due_us = step->phase == AIR_STEP_GATE_WAIT ? air_gate_next_due (step->gate, kind) : 0;

      if (due_us != 0 && due_us <= air_decision_now (self))
        {
          if (!emit_fired (self, air_instance_place (self->self, node), kind, due_us))
            return FALSE;
          air_decision_effect (self, AIR_EFFECT_GATE_OPENED, node);
          due_us = air_gate_next_due (step->gate, kind);
        }
      if (due_us != 0)
        air_decision_set_timer (self, kind, node, due_us);
    }
  return TRUE;
}

/* Judged before by the policy; what the state alone can tell is checked again. */
static gboolean
check_decision (AirDecision *self, const AirEvent *event, guint *ret_node, GError **error)
{
  const char *id = event->decision.node;
  const char *actor = event->decision.actor;
  const AirStep *step;

  if (actor == NULL || event->decision.key == NULL || event->decision.role == NULL || event->decision.envelope == NULL)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT,
                   "a decision on '%s' without actor, key, role or envelope proves nothing", id != NULL ? id : "");
      return FALSE;
    }
  if (!air_instance_find_step (self->self, id, ret_node, NULL)
      || air_instance_step (self->self, *ret_node)->phase != AIR_STEP_GATE_WAIT)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_CLOSED, "'%s' of '%s' waits for no decision",
                   id != NULL ? id : "", self->self->id);
      return FALSE;
    }
  step = air_instance_step (self->self, *ret_node);
  if (air_decision_now (self) >= step->gate->deadline_us)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_GATE_EXPIRED, "the time to decide on '%s' is over", id);
      return FALSE;
    }
  if (air_list_holds (step->gate->exclude, actor))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "%s may not decide on '%s': separation of duties",
                   actor, id);
      return FALSE;
    }
  if (!air_gate_takes_role (step->gate, actor, event->decision.role, air_decision_now (self)))
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "'%s' is decided in the role '%s', not '%s'", id,
                   step->gate->role, event->decision.role);
      return FALSE;
    }
  for (gsize i = step->gate->round; i < air_list_get_size (step->gate->decisions); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (step->gate->decisions, i), "actor"), actor) == 0
        && g_strcmp0 (air_map_get_string (air_list_get (step->gate->decisions, i), "decision"), "request-info") != 0)
      {
        g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_DUPLICATE, "%s has decided on '%s' before", actor, id);
        return FALSE;
      }
  return TRUE;
}

static gboolean
decide_decision (AirDecision *self, const AirEvent *event, GError **error)
{
  g_autofree char *id = NULL;
  g_autoptr (AirValue) edited = NULL;
  const AirGate *gate;
  const char *outcome;
  AirValue *members;
  AirValue *disclosed;
  guint counted, quorum;
  guint node;

  if (!check_decision (self, event, &node, error))
    return FALSE;
  gate = air_instance_step (self->self, node)->gate;
  quorum = air_gate_quorum_at (gate, air_decision_now (self));
  if (event->decision.edits != NULL)
    {
      GError *local = NULL;

      edited = air_gate_edit_apply (gate->edited != NULL ? gate->edited : gate->action, gate->edit,
                                    event->decision.edits, &local);
      if (edited == NULL)
        {
          g_set_error_literal (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, local->message);
          g_error_free (local);
          return FALSE;
        }
      /* Who changes the action is the first to approve what came of it; others approved something else. */
      counted = 1;
      outcome = air_gate_edit_passes (gate, quorum) ? "approved" : "edited";
    }
  else if (event->decision.asks)
    {
      counted = gate->counted;
      outcome = "waiting";
    }
  else
    {
      counted = gate->counted + (event->decision.approve ? 1 : 0);
      outcome = !event->decision.approve ? "denied" : counted >= quorum ? "approved" : "waiting";
    }

  id = g_strconcat (self->self->id, "/", event->decision.node, NULL);
  members = air_decision_members (self, node);
  air_map_set_string (members, "gate", id);
  air_map_set_string (members, "decision",
                      edited != NULL            ? "edit"
                      : event->decision.asks    ? "request-info"
                      : event->decision.approve ? "approve"
                                                : "deny");
  air_map_set_string (members, "actor", event->decision.actor);
  air_map_set_string (members, "key", event->decision.key);
  air_map_set_string (members, "role", event->decision.role);
  air_map_set_int (members, "counted", counted);
  air_map_set_int (members, "quorum", quorum);
  air_map_set_string (members, "outcome", outcome);
  air_map_set_string (members, "envelope_digest", "sd:envelope");
  disclosed = air_map_new ();
  if (edited != NULL)
    {
      air_map_set_string (members, "edited_digest", "sd:edited");
      air_map_set (disclosed, "edits", air_value_ref (event->decision.edits));
      air_map_set (disclosed, "edited", g_steal_pointer (&edited));
    }
  air_map_set_string (disclosed, "envelope", event->decision.envelope);
  if (event->decision.reason != NULL)
    air_map_set_string (disclosed, "reason", event->decision.reason);
  if (!g_str_equal (outcome, "waiting"))
    {
      air_gate_disarm (self, node);
      air_decision_effect (self, AIR_EFFECT_GATE_CLOSED, node);
    }
  return air_decision_emit (self, AIR_RECORD_HUMAN_GATE_DECISIONED, members, disclosed);
}

gboolean
air_decide_event (AirDecision *self, const AirEvent *event, GError **error)
{
  if (self->self->closed)
    {
      /* A late answer or timer is no fault of anybody; a person's wish must not vanish silently. */
      if (event->kind == AIR_EVENT_OUTCOME || event->kind == AIR_EVENT_TIMER || event->kind == AIR_EVENT_RECOVERED)
        return TRUE;
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_FINISHED, "'%s' has come to its end (%s)", self->self->id,
                   self->self->outcome);
      return FALSE;
    }
  if (event->kind != AIR_EVENT_TRIGGER && self->self->entries == 0)
    {
      g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_EVENT, "'%s' has not begun", self->self->id);
      return FALSE;
    }
  switch (event->kind)
    {
    case AIR_EVENT_TRIGGER:
      return decide_trigger (self, event, error);
    case AIR_EVENT_OUTCOME:
      return decide_outcome (self, event, error);
    case AIR_EVENT_TIMER:
      return decide_timer (self, event, error);
    case AIR_EVENT_DECISION:
      return decide_decision (self, event, error);
    case AIR_EVENT_RECOVERED:
      return air_decide_recovered (self);
    case AIR_EVENT_SIGNAL:
      return air_decide_signal (self, event, error);
    case AIR_EVENT_CANCEL:
    case AIR_EVENT_CONTROL:
      return air_decide_control (self, event, error);
    }
  g_return_val_if_reached (FALSE);
}
