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

  if (air_plan_find_node (self->plan, id, ret_node))
    return TRUE;
  return air_evolve_refuse (error, record, "node '%s' is not in the plan", id != NULL ? id : "");
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
    return air_evolve_refuse (error, record, "'%s' is no trigger", air_plan_node (self->plan, node)->id);
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
  self->input = air_value_ref (input);

  started = air_time_format (time_us);
  run = air_map_new ();
  air_map_set_string (run, "id", self->id);
  air_map_set_string (run, "started", started);
  air_map_set (self->bindings, "trigger", air_value_ref (input));
  air_map_set (self->bindings, "run", run);

  air_instance_arrive (self, node);
  air_instance_follow (self, node, air_plan_node_find_port (air_plan_node (self->plan, node), "out"));
  return TRUE;
}

/* --- pure steps ------------------------------------------------------------------ */

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
  plan_node = air_plan_node (self->plan, node);
  phase = air_instance_step (self, node)->phase;
  if (phase != AIR_STEP_READY && !(failure != NULL && phase == AIR_STEP_GATE_ASK))
    return air_evolve_refuse (error, &here, "'%s' was not at work", plan_node->id);

  if (failure != NULL)
    {
      AirValue *details = air_map_get_map (output, "error");

      if (!air_outcome_class_from_string (failure, &outcome_class))
        return air_evolve_refuse (error, &here, "'%s' is no class of outcome", failure);
      air_instance_fail_node (self, node, outcome_class, air_map_get_string (details, "message"), output);
      return TRUE;
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
  if (plan_node->kind != AIR_NODE_END)
    return air_evolve_refuse (error, &here, "'%s' went nowhere", plan_node->id);

  air_instance_leave (self, node, AIR_STEP_DONE);
  self->end = node;
  if (!plan_node->succeeds)
    {
      g_autofree char *reason = g_strdup_printf ("ended at %s", plan_node->id);

      air_instance_begin_ending (self, reason, plan_node->title);
    }
  return TRUE;
}

static gboolean
evolve_steps (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *steps = air_map_get_list (record->members, "steps");

  for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
    {
      AirValue *item = air_list_get (steps, i);
      const char *node = air_map_get_string (item, "node");
      g_autofree char *name = g_strconcat ("output.", node != NULL ? node : "", NULL);

      if (!air_evolve_step (self, item, air_member (record->disclosed, name), error))
        return FALSE;
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
  plan_node = air_plan_node (self->plan, node);
  if (plan_node->kind != AIR_NODE_EVIDENCE || air_instance_step (self, node)->phase != AIR_STEP_READY)
    return air_evolve_refuse (error, record, "'%s' was not collecting evidence", plan_node->id);
  air_instance_set_output (self, node, air_member (record->disclosed, "evidence"));
  air_instance_follow (self, node, air_plan_node_find_port (plan_node, "out"));
  return TRUE;
}

/* --- from outside, and the end ------------------------------------------------------ */

static gboolean
evolve_signal (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const char *signal_name = air_map_get_string (record->members, "signal");

  if (signal_name == NULL || !g_str_equal (signal_name, "cancel"))
    return air_evolve_refuse (error, record, "'%s' is no signal of this engine",
                              signal_name != NULL ? signal_name : "");
  if (self->cancelled)
    return air_evolve_refuse (error, record, "the instance was cancelled before");
  self->cancelled = TRUE;
  air_instance_begin_ending (self, "cancelled", air_map_get_string (record->disclosed, "reason"));
  return TRUE;
}

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
      if (air_plan_node (self->plan, node)->kind != AIR_NODE_END
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
  { AIR_RECORD_TRIGGER_RECEIVED, evolve_trigger },
  { AIR_RECORD_WORKFLOW_COMPLETED, evolve_closing },
  { AIR_RECORD_EVIDENCE_CAPTURED, evolve_evidence },
  { AIR_RECORD_TIMER, air_evolve_timer },
  { AIR_RECORD_HUMAN_GATE_REQUESTED, air_evolve_gate_requested },
  { AIR_RECORD_HUMAN_GATE_DECISIONED, air_evolve_gate_decided },
  { AIR_RECORD_ROLLBACK_APPLIED, air_evolve_rollback },
  { AIR_RECORD_SIGNAL, evolve_signal },
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
  self->entries++;
  self->updated_us = time_us;
}
