/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way out of a run that ends badly: effects are reversed, the last one
 * first, then the run is closed. So for a sub-workflow, while the run goes on. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

/* The bindings of a reversal: what every step sees, and the effect's own input and output. */
static AirValue *
make_bindings (AirInstance *self, const AirCompleted *completed, AirValue *run)
{
  AirValue *bindings = air_map_copy (self->bindings);
  AirScope *scope = completed->place.scope;

  if (scope != NULL)
    {
      air_map_set (bindings, "trigger", air_value_ref (air_instance_get_trigger (self, scope)));
      air_map_set (bindings, "steps", air_instance_build_steps (self, scope));
      if (scope->each != NULL)
        air_map_set (bindings, "each", air_value_ref (scope->each));
    }
  air_map_set (bindings, "run", air_value_ref (run));
  air_map_set (bindings, "input",
               completed->done.input != NULL ? air_value_ref (completed->done.input) : air_map_new ());
  air_map_set (bindings, "output",
               completed->done.output != NULL ? air_value_ref (completed->done.output) : air_map_new ());
  return bindings;
}

/* The node's own way first, else the operation's; NULL with or without an error when there is none. */
static const AirPlanReversal *
find_reversal (AirInstance *self, const AirCompleted *completed, const AirValue *bindings, GError **error)
{
  const GArray *ways[] = { air_plan_node (self->plan, completed->place.node)->reversals,
                           completed->done.operation->reversals };

  for (guint w = 0; w < G_N_ELEMENTS (ways); w++)
    for (guint i = 0; i < ways[w]->len; i++)
      {
        const AirPlanReversal *reversal = &g_array_index (ways[w], AirPlanReversal, i);
        gboolean holds = TRUE;

        if (reversal->when != NULL && !air_cel_eval_bool (reversal->when, bindings, 0, &holds, error))
          return NULL;
        if (holds)
          return reversal;
      }
  return NULL;
}

static gboolean
emit_rollback (AirDecision *self, const char *outcome, const char *message)
{
  const AirCompleted *completed = air_instance_get_undoing (self->self);
  AirValue *members = air_decision_members_at (self, completed->place);
  AirValue *disclosed = NULL;

  air_map_set (members, "operation", air_value_ref (completed->done.operation->reference));
  air_map_set_string (members, "outcome", outcome);
  if (message != NULL)
    {
      disclosed = air_map_new ();
      air_map_set_string (disclosed, "message", message);
    }
  return air_decision_emit (self, AIR_RECORD_ROLLBACK_APPLIED, members, disclosed);
}

static gboolean
begin_undo (AirDecision *self)
{
  AirInstance *instance = self->self;
  AirCompleted *completed = air_instance_get_undoing (instance);
  g_autoptr (AirValue) key =
      air_instance_make_key (instance, completed->place, completed->done.visit, AIR_PURPOSE_COMPENSATE);
  g_autoptr (AirValue) run =
      air_instance_run_context (instance, completed->place, completed->done.visit, AIR_PURPOSE_COMPENSATE, key);
  g_autoptr (AirValue) bindings = make_bindings (instance, completed, run);
  g_autoptr (AirValue) rendered = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  const AirPlanReversal *reversal;
  AirAction undo = { 0 };
  gboolean done;

  if (completed->unknown)
    return emit_rollback (self, "unknown", completed->done.message);

  reversal = find_reversal (instance, completed, bindings, &error);
  if (error != NULL)
    return emit_rollback (self, "failed", error->message);
  if (reversal == NULL)
    return emit_rollback (self, "none", "nothing is declared that reverses it");

  rendered = air_template_render (reversal->operation != NULL ? reversal->input : reversal->manual, bindings, &error);
  if (rendered == NULL)
    return emit_rollback (self, "failed", error->message);
  if (!air_record_can_hold (rendered, &message))
    return emit_rollback (self, "failed", message);
  if (reversal->operation == NULL)
    return emit_rollback (self, "manual",
                          air_value_get_kind (rendered) == AIR_VALUE_STRING ? air_value_get_string (rendered, NULL)
                                                                            : "to be reversed by hand");
  air_action_begin (&undo, air_plan_find_operation (instance->plan, reversal->operation), AIR_PURPOSE_COMPENSATE,
                    completed->done.visit, key, rendered);
  done = air_decide_start (self, completed->place, &undo);
  air_action_clear (&undo);
  return done;
}

static gboolean
decide_undo (AirDecision *self)
{
  AirCompleted *completed = air_instance_get_undoing (self->self);
  AirAction *undo = &completed->undo;

  switch (undo->phase)
    {
    case AIR_ACTION_IDLE:
      return begin_undo (self);
    case AIR_ACTION_READY:
      return air_decide_start (self, completed->place, undo);
    case AIR_ACTION_BACK_OFF:
      return air_decide_back_off (self, completed->place, undo);
    case AIR_ACTION_OK:
      return emit_rollback (self, "done", NULL);
    case AIR_ACTION_FAILED:
      return emit_rollback (self, "failed", undo->message);
    case AIR_ACTION_STUCK:
      return emit_rollback (self, "unknown", undo->message);
    case AIR_ACTION_IN_FLIGHT:
    case AIR_ACTION_WAITING:
      return FALSE;
    }
  return FALSE;
}

static gboolean
decide_failed (AirDecision *self)
{
  AirInstance *instance = self->self;
  AirValue *members;
  AirValue *disclosed;
  AirValue *output;
  AirEffect *effect;

  if (!air_decision_flush (self))
    return FALSE;
  output = instance->end != AIR_NO_NODE ? air_instance_step (instance, instance->end)->output : NULL;
  members = instance->end != AIR_NO_NODE ? air_decision_members (self, instance->end) : air_map_new ();
  air_map_set_string (members, "outcome", instance->cancelled ? "cancelled" : "failed");
  air_map_set_string (members, "reason", instance->reason);
  air_map_set_int (members, "count", instance->entries + 1);
  disclosed = air_map_new ();
  if (output != NULL)
    air_map_set (disclosed, "output", air_value_ref (output));
  if (instance->message != NULL)
    air_map_set_string (disclosed, "message", instance->message);
  if (!air_decision_emit (self, AIR_RECORD_WORKFLOW_FAILED, members, disclosed))
    return FALSE;
  effect = air_decision_effect (self, AIR_EFFECT_FINISHED, AIR_NO_NODE);
  effect->finished.output = output != NULL ? air_value_ref (output) : NULL;
  return TRUE;
}

gboolean
air_decide_ending (AirDecision *self)
{
  AirInstance *instance = self->self;
  gboolean undoing = air_instance_get_undoing (instance) != NULL;

  if (instance->closed || instance->paused || (!undoing && (!instance->failing || instance->tokens->len > 0)))
    return FALSE;
  /* What ended it is written down before anything is reversed. */
  if (!air_decision_flush (self))
    return FALSE;
  return undoing ? decide_undo (self) : decide_failed (self);
}
