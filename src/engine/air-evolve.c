/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fold: one record into the state. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

typedef gboolean (*EvolveFunc) (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);

gboolean
air_evolve_refuse (GError **error, const AirRecord *record, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, AIR_ENGINE_ERROR, AIR_ENGINE_ERROR_RECORD, "%s: %s", record->type, message);
  return FALSE;
}

gboolean
air_evolve_node (AirInstance *self, const AirRecord *record, guint *ret_node, GError **error)
{
  const char *id = air_map_get_string (record->members, "node");
  const char *iteration = air_map_get_string (record->members, "iteration");

  if (air_instance_find_place (self, id, iteration, ret_node))
    return TRUE;
  if (iteration != NULL)
    return air_evolve_refuse (error, record, "iteration %s of '%s' is not at work", iteration, id != NULL ? id : "");
  return air_evolve_refuse (error, record, "node '%s' is not in the plan, or it is in a loop and no iteration is named",
                            id != NULL ? id : "");
}

/* --- the beginning ------------------------------------------------------------- */

static gboolean
evolve_trigger (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const char *artifact = air_map_get_string (record->members, "artifact");
  AirValue *input = air_member (record->disclosed, "input");
  AirValue *run;
  g_autofree char *started = NULL;
  guint node;

  if (self->entries > 0)
    return air_evolve_refuse (error, record, "the instance has begun before");
  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  if (node != self->plan->trigger)
    return air_evolve_refuse (error, record, "'%s' is no trigger", air_instance_node (self, node)->id);
  if (g_strcmp0 (artifact, self->plan->artifact) != 0)
    return air_evolve_refuse (error, record, "it began on artifact %s, this plan is of %s",
                              artifact != NULL ? artifact : "", self->plan->artifact);
  if (input == NULL)
    return air_evolve_refuse (error, record, "its input is not disclosed");

  self->started_us = time_us;
  self->actor = g_strdup (air_map_get_string (record->members, "actor"));
  self->session = g_strdup (air_map_get_string (record->members, "session"));
  self->dedup_key = g_strdup (air_map_get_string (record->disclosed, "dedup_key"));
  self->concurrency_key = g_strdup (air_map_get_string (record->disclosed, "concurrency_key"));
  self->requester = g_strdup (air_map_get_string (record->disclosed, "requester"));
  self->subject = g_strdup (air_map_get_string (record->disclosed, "subject"));
  self->latency_class = g_strdup (air_map_get_string (record->members, "latency_class"));
  self->retry_of = g_strdup (air_map_get_string (record->members, "retry_of"));
  if (self->retry_of != NULL)
    {
      AirValue *before = air_map_get_list (record->members, "triggered_by");

      self->triggered_by = before != NULL ? air_value_ref (before) : NULL;
      air_instance_note_operator (self, self->actor);
    }
  self->input = air_value_ref (input);

  started = air_time_format (time_us);
  run = air_map_new ();
  air_map_set_string (run, "id", self->id);
  air_map_set_string (run, "started", started);
  air_map_set (self->bindings, "trigger", air_value_ref (input));
  air_map_set (self->bindings, "run", run);

  air_instance_arrive (self, node);
  air_instance_follow (self, node, air_plan_node_find_port (air_instance_node (self, node), "out"));
  return TRUE;
}

/* --- pure steps ------------------------------------------------------------------ */

/* A token for every way out, in the order of the plan. */
static void
evolve_fork (AirInstance *self, guint node)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  AirScope *scope = air_instance_step (self, node)->scope;

  air_instance_leave (self, node, AIR_STEP_DONE);
  for (guint i = 0; i < plan_node->ports->len && !air_instance_is_ending (self, scope); i++)
    air_instance_arrive (self, air_instance_resolve (self, scope, g_array_index (plan_node->ports, AirPlanPort, i).to));
}

/* Whether an iteration comes to its end here. */
static gboolean
collects (AirInstance *self, guint node)
{
  const AirStep *step = air_instance_step (self, node);

  return step->scope != NULL && air_instance_node (self, node)->partner == step->scope->opener;
}

static gboolean
evolve_kept (AirInstance *self, const AirRecord *here, guint node, GError **error)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  g_autoptr (AirValue) data = NULL;
  gboolean found = FALSE;

  if (plan_node->wait == AIR_WAIT_SIGNAL)
    data = air_instance_take_signal (self, plan_node, &found);
  if (!found)
    return air_evolve_refuse (error, here, "nothing that '%s' waits for has come", plan_node->id);
  air_instance_set_output (self, node, data);
  air_instance_follow (self, node, air_plan_node_find_port (plan_node, "out"));
  return TRUE;
}

/* The end of a sub-workflow, or one where a run fails; that of a run that completes has an entry of its own. */
static gboolean
evolve_end (AirInstance *self, const AirRecord *here, guint node, AirValue *output, GError **error)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  AirScope *scope = air_instance_step (self, node)->scope;
  gboolean ending = air_instance_is_ending (self, scope);
  g_autofree char *reason = g_strdup_printf ("ended at %s", plan_node->id);
  g_autoptr (AirValue) failure = NULL;

  if (plan_node->succeeds && !air_scope_is_workflow (self, scope))
    return air_evolve_refuse (error, here, "'%s' completes the run, which is closed by an entry of its own",
                              plan_node->id);
  air_instance_set_output (self, node, output);
  air_instance_leave (self, node, AIR_STEP_DONE);
  if (ending)
    return TRUE;
  if (plan_node->succeeds)
    {
      air_instance_end_workflow (self, scope, output);
      return TRUE;
    }
  failure = air_error_output (AIR_OUTCOME_FATAL, plan_node->title, 0);
  air_instance_fail_scope (self, scope, reason, plan_node->title, failure);
  if (self->failing)
    self->end = node;
  return TRUE;
}

gboolean
air_evolve_step (AirInstance *self, const AirValue *item, AirValue *output, GError **error)
{
  const AirRecord here = { .type = (char *) AIR_RECORD_STEP_DECIDED, .members = (AirValue *) item };
  const char *edge = air_map_get_string (item, "edge");
  const char *failure = air_map_get_string (item, "error");
  const AirPlanNode *plan_node;
  AirOutcomeClass outcome_class;
  AirStepPhase phase;
  guint node;

  if (!air_evolve_node (self, &here, &node, error))
    return FALSE;
  plan_node = air_instance_node (self, node);
  phase = air_instance_step (self, node)->phase;
  if (phase != AIR_STEP_READY && !(failure != NULL && phase == AIR_STEP_GATE_ASK))
    return air_evolve_refuse (error, &here, "'%s' was not at work", plan_node->id);

  if (failure != NULL)
    {
      AirValue *details = air_map_get_map (output, "error");

      if (!air_outcome_class_from_string (failure, &outcome_class))
        return air_evolve_refuse (error, &here, "'%s' is no class of outcome", failure);
      air_instance_fail_node (self, node, outcome_class, air_map_get_string (details, "message"), output);
      air_instance_close_scopes (self);
      return TRUE;
    }

  switch (plan_node->kind)
    {
    case AIR_NODE_PARALLEL:
      evolve_fork (self, node);
      return TRUE;
    case AIR_NODE_FOR_EACH:
      if (air_map_get_list (output, "items") == NULL)
        return air_evolve_refuse (error, &here, "what '%s' goes over is not disclosed", plan_node->id);
      air_instance_begin_loop (self, node, air_map_get_list (output, "items"));
      return TRUE;
    case AIR_NODE_WORKFLOW:
      if (air_map_get_map (output, "input") == NULL)
        return air_evolve_refuse (error, &here, "what '%s' begins with is not disclosed", plan_node->id);
      if (g_strcmp0 (air_map_get_string (item, "workflow"), air_value_get_string (plan_node->workflow->reference, NULL))
              != 0
          || g_strcmp0 (air_map_get_string (item, "digest"), air_value_get_string (plan_node->workflow->digest, NULL))
                 != 0)
        return air_evolve_refuse (error, &here, "'%s' began another workflow than the plan's", plan_node->id);
      air_instance_begin_workflow (self, node, air_map_get_map (output, "input"));
      return TRUE;
    case AIR_NODE_JOIN:
      if (collects (self, node))
        {
          AirScope *scope = air_instance_step (self, node)->scope;

          air_instance_leave (self, node, AIR_STEP_DONE);
          air_instance_end_iteration (self, scope, output);
          return TRUE;
        }
      break;
    case AIR_NODE_WAIT:
      if (edge != NULL
          && g_strcmp0 (air_value_get_string (air_plan_node_find_port (plan_node, "out")->edge, NULL), edge) == 0)
        return evolve_kept (self, &here, node, error);
      break;
    case AIR_NODE_END:
      return evolve_end (self, &here, node, output, error);
    case AIR_NODE_TRIGGER:
    case AIR_NODE_CALL:
    case AIR_NODE_DECIDE:
    case AIR_NODE_BRANCH:
    case AIR_NODE_GATE:
    case AIR_NODE_EVIDENCE:
      break;
    }
  air_instance_set_output (self, node, output);
  if (edge != NULL)
    {
      const AirPlanPort *port = air_plan_node_find_edge (plan_node, edge);

      if (port == NULL)
        return air_evolve_refuse (error, &here, "'%s' has no edge '%s'", plan_node->id, edge);
      air_instance_follow (self, node, port);
      return TRUE;
    }
  return air_evolve_refuse (error, &here, "'%s' went nowhere", plan_node->id);
}

static gboolean
evolve_steps (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *steps = air_map_get_list (record->members, "steps");

  for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
    {
      AirValue *item = air_list_get (steps, i);
      const char *node = air_map_get_string (item, "node");
      const char *iteration = air_map_get_string (item, "iteration");
      g_autofree char *name =
          g_strconcat ("output.", node != NULL ? node : "", iteration != NULL ? "." : NULL, iteration, NULL);

      if (!air_evolve_step (self, item, air_member (record->disclosed, name), error))
        return FALSE;
      air_instance_close_scopes (self);
    }
  return TRUE;
}

static gboolean
evolve_evidence (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const AirPlanNode *plan_node;
  guint node;

  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  plan_node = air_instance_node (self, node);
  if (plan_node->kind != AIR_NODE_EVIDENCE || air_instance_step (self, node)->phase != AIR_STEP_READY)
    return air_evolve_refuse (error, record, "'%s' was not collecting evidence", plan_node->id);
  air_instance_set_output (self, node, air_member (record->disclosed, "evidence"));
  air_instance_follow (self, node, air_plan_node_find_port (plan_node, "out"));
  return TRUE;
}

/* --- from outside, and the end ------------------------------------------------------ */

static gboolean
evolve_closing (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  gboolean completed = g_str_equal (record->type, AIR_RECORD_WORKFLOW_COMPLETED);
  AirValue *output = air_member (record->disclosed, "output");
  const char *end = air_map_get_string (record->members, "node");
  gint64 count = air_map_get_int (record->members, "count", -1);
  guint node;

  if (count != (gint64) self->entries + 1)
    return air_evolve_refuse (error, record, "it counts %" G_GINT64_FORMAT " entries, there are %u", count,
                              self->entries + 1);
  if (completed == self->failing)
    return air_evolve_refuse (error, record, "it does not follow from how the run went");
  if (completed)
    {
      if (!air_evolve_node (self, record, &node, error))
        return FALSE;
      if (air_instance_node (self, node)->kind != AIR_NODE_END
          || air_instance_step (self, node)->phase != AIR_STEP_READY)
        return air_evolve_refuse (error, record, "the run had not come to '%s'", end);
      air_instance_set_output (self, node, output);
      air_instance_leave (self, node, AIR_STEP_DONE);
      self->end = node;
    }
  if (self->tokens->len > 0 || (self->failing && self->completed->len > 0))
    return air_evolve_refuse (error, record, "something was still at work");
  self->closed = TRUE;
  self->outcome = g_strdup (air_map_get_string (record->members, "outcome"));
  if (output != NULL)
    self->output = air_value_ref (output);
  return TRUE;
}

/* --- dispatch --------------------------------------------------------------------------- */

static const struct {
  const char *type;
  EvolveFunc evolve;
} table[] = {
  { AIR_RECORD_TOOL_ACTION_STARTED, air_evolve_started },
  { AIR_RECORD_TOOL_ACTION_EXECUTED, air_evolve_executed },
  { AIR_RECORD_STEP_DECIDED, evolve_steps },
  { AIR_RECORD_POLICY_EVALUATED, air_evolve_policy },
  { AIR_RECORD_POLICY_SETTLED, air_evolve_settled },
  { AIR_RECORD_TRIGGER_RECEIVED, evolve_trigger },
  { AIR_RECORD_WORKFLOW_COMPLETED, evolve_closing },
  { AIR_RECORD_EVIDENCE_CAPTURED, evolve_evidence },
  { AIR_RECORD_TIMER, air_evolve_timer },
  { AIR_RECORD_HUMAN_GATE_REQUESTED, air_evolve_gate_requested },
  { AIR_RECORD_HUMAN_GATE_DECISIONED, air_evolve_gate_decided },
  { AIR_RECORD_ROLLBACK_APPLIED, air_evolve_rollback },
  { AIR_RECORD_SIGNAL, air_evolve_signal },
  { AIR_RECORD_RUN_CONTROLLED, air_evolve_control },
  { AIR_RECORD_WORKFLOW_FAILED, evolve_closing },
};

gboolean
air_evolve (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  if (self->closed)
    return air_evolve_refuse (error, record, "it comes after the closing record");
  if (self->entries == 0 && !g_str_equal (record->type, AIR_RECORD_TRIGGER_RECEIVED))
    return air_evolve_refuse (error, record, "the first record of an instance is TRIGGER_RECEIVED");

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (record->type, table[i].type))
      {
        if (!table[i].evolve (self, record, time_us, error))
          return FALSE;
        air_instance_close_scopes (self);
        self->begun = self->begun || !air_record_is_from_outside (record);
        self->entries++;
        self->updated_us = time_us;
        return TRUE;
      }
  return air_evolve_refuse (error, record, "this engine knows no such record");
}

/* Batched steps are folded in as they are decided; the record itself then only counts. */
void
air_evolve_count (AirInstance *self, gint64 time_us)
{
  self->begun = TRUE;
  self->entries++;
  self->updated_us = time_us;
}
