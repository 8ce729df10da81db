/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding in what policy says and what people decide. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

void
air_gate_free (AirGate *self)
{
  if (self == NULL)
    return;
  g_free (self->role);
  g_free (self->outcome);
  g_free (self->on_expiry);
  g_free (self->policy);
  g_free (self->edited_by);
  g_clear_pointer (&self->terms, air_gate_terms_unref);
  g_clear_pointer (&self->people, air_value_unref);
  g_clear_pointer (&self->escalation, air_value_unref);
  g_clear_pointer (&self->reminders, air_value_unref);
  g_clear_pointer (&self->edit, air_value_unref);
  g_clear_pointer (&self->edited, air_value_unref);
  g_clear_pointer (&self->exclude, air_value_unref);
  g_clear_pointer (&self->action, air_value_unref);
  g_clear_pointer (&self->why, air_value_unref);
  g_clear_pointer (&self->decisions, air_value_unref);
  g_clear_pointer (&self->approvers, air_value_unref);
  g_free (self);
}

static AirValue *
ref_or_null (AirValue *value)
{
  return value != NULL ? air_value_ref (value) : NULL;
}

/* People were asked about a call that is above a limit: it goes on, or fails. */
static gboolean
close_call (AirInstance *self, guint node, const char *outcome)
{
  g_autofree char *message = NULL;
  g_autoptr (AirValue) output = NULL;

  if (g_str_equal (outcome, "approved"))
    {
      air_instance_step (self, node)->phase = AIR_STEP_READY;
      return TRUE;
    }
  message = g_strdup_printf ("it is above its limit, and that was not approved: %s", outcome);
  output = air_error_output (AIR_OUTCOME_REJECTED, message, 0);
  air_instance_fail_node (self, node, AIR_OUTCOME_REJECTED, message, output);
  return TRUE;
}

/* The gate lets pass, or does not: its output, and its token over the port. */
static gboolean
close_gate (AirInstance *self, const AirRecord *record, guint node, const char *outcome, GError **error)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  AirGate *gate = air_instance_step (self, node)->gate;
  const AirPlanPort *port = air_plan_node_find_port (plan_node, outcome);
  g_autoptr (AirValue) output = air_map_new ();

  g_free (gate->outcome);
  gate->outcome = g_strdup (outcome);
  if (plan_node->kind == AIR_NODE_CALL)
    return close_call (self, node, outcome);
  air_map_set_string (output, "decision", outcome);
  air_map_set_int (output, "quorum", gate->quorum);
  air_map_set (output, "approvers", air_value_ref (gate->approvers));
  if (gate->edited != NULL)
    air_map_set_bool (output, "edited", TRUE);
  air_instance_set_output (self, node, output);
  /* Expired without a way of its own is denied, where the policy says so; never approved. */
  if (port == NULL && g_str_equal (outcome, "expired") && g_strcmp0 (gate->on_expiry, "deny") == 0)
    port = air_plan_node_find_port (plan_node, "denied");
  if (port != NULL)
    air_instance_follow (self, node, port);
  else
    {
      g_autofree char *name = air_place_to_string (self, air_instance_place (self, node));
      g_autofree char *reason = g_strdup_printf ("%s: %s", name, outcome);

      air_instance_leave (self, node, AIR_STEP_FAILED);
      air_instance_fail_scope (self, air_instance_step (self, node)->scope, reason, NULL, NULL);
    }
  return TRUE;
}

gboolean
air_evolve_policy (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *output = air_member (record->disclosed, "output");
  const AirPlanNode *plan_node;
  AirStep *step;
  g_autoptr (AirGateTerms) terms = NULL;
  AirValue *value;
  guint node;

  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  plan_node = air_instance_node (self, node);
  step = air_instance_step (self, node);
  if (plan_node->kind == AIR_NODE_CALL)
    return air_evolve_limits (self, record, node, time_us, error);
  if ((plan_node->kind != AIR_NODE_DECIDE && plan_node->kind != AIR_NODE_GATE) || step->phase != AIR_STEP_READY)
    return air_evolve_refuse (error, record, "'%s' was not deciding", plan_node->id);
  if (output == NULL)
    return air_evolve_refuse (error, record, "its output is not disclosed");
  if (plan_node->kind == AIR_NODE_DECIDE)
    {
      air_instance_set_output (self, node, output);
      air_instance_follow (self, node, air_plan_node_find_port (plan_node, "out"));
      return TRUE;
    }

  value = air_member (output, "terms");
  terms = value != NULL ? air_gate_terms_new (value, 1, NULL, error)
                        : air_policy_make_terms (plan_node->policy->policy, output, error);
  if (terms == NULL)
    return air_evolve_refuse (error, record, "its output is not what the gate's policy gives");
  air_gate_begin (self, node, record, air_gate_terms_ref (terms));
  if (air_gate_terms_get_demand (terms) == AIR_GATE_ASK)
    {
      step->phase = AIR_STEP_GATE_ASK;
      return TRUE;
    }
  if (air_gate_terms_get_demand (terms) == AIR_GATE_DENY)
    return close_gate (self, record, node, "denied", error);
  /* Nobody needs to be asked. What passes is pinned all the same: a call that later differs from
   * what the policy saw is void. What cannot be rendered now is not let pass then. */
  step->gate->action = air_gate_render_action (self, node, NULL);
  return close_gate (self, record, node, "approved", error);
}

gboolean
air_evolve_gate_requested (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  AirValue *members = record->members;
  AirValue *action = air_member (record->disclosed, "action");
  const char *deadline = air_map_get_string (members, "deadline");
  AirStep *step;
  AirGate *gate;
  guint node;

  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  step = air_instance_step (self, node);
  gate = step->gate;
  if (step->phase != AIR_STEP_GATE_ASK)
    return air_evolve_refuse (error, record, "'%s' had nothing to ask", air_instance_node (self, node)->id);
  if (action == NULL || air_value_get_kind (action) != AIR_VALUE_LIST)
    return air_evolve_refuse (error, record, "its action is not disclosed");
  if (deadline == NULL || !air_time_parse (deadline, &gate->deadline_us))
    return air_evolve_refuse (error, record, "its deadline is not a time of RFC 3339");
  if (air_map_get_int (members, "quorum", -1) != (gint64) gate->quorum)
    return air_evolve_refuse (error, record, "its quorum is not the policy's");

  g_set_str (&gate->role, air_map_get_string (members, "role"));
  g_set_str (&gate->on_expiry, air_map_get_string (members, "on_expiry"));
  g_clear_pointer (&gate->exclude, air_value_unref);
  gate->exclude = ref_or_null (air_map_get_list (members, "exclude"));
  if (gate->exclude == NULL)
    gate->exclude = air_list_new ();
  /* Asked again about what somebody changed: the action as the run makes it stays what it was. */
  if (gate->edited == NULL)
    gate->action = air_value_ref (action);
  g_set_str (&gate->outcome, "waiting");
  gate->counted = 0;
  gate->round = air_list_get_size (gate->decisions);
  air_gate_read_terms (gate, members);
  gate->requested_us = time_us;
  step->phase = AIR_STEP_GATE_WAIT;
  return TRUE;
}

/* Values handed out are never changed: a longer list takes the place of the old one. */
static void
append (AirValue **list, AirValue *take_item)
{
  AirValue *longer = air_list_new ();

  for (gsize i = 0; i < air_list_get_size (*list); i++)
    air_list_append (longer, air_value_ref (air_list_get (*list, i)));
  air_list_append (longer, take_item);
  air_value_unref (*list);
  *list = longer;
}

gboolean
air_evolve_gate_decided (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  static const char *const said[] = { "actor", "key", "role", "decision" };
  static const char *const outcomes[] = { "waiting", "approved", "denied", "expired", "edited", NULL };
  AirValue *members = record->members;
  const char *decision = air_map_get_string (members, "decision");
  const char *actor = air_map_get_string (members, "actor");
  const char *outcome = air_map_get_string (members, "outcome");
  g_autofree char *time = NULL;
  AirValue *item;
  gboolean approves, passes, edits;
  AirGate *gate;
  guint quorum;
  AirStep *step;
  guint node;

  if (!air_evolve_node (self, record, &node, error))
    return FALSE;
  step = air_instance_step (self, node);
  if (step->phase != AIR_STEP_GATE_WAIT)
    return air_evolve_refuse (error, record, "'%s' was not waiting for a decision", air_instance_node (self, node)->id);
  if (decision == NULL || outcome == NULL || !g_strv_contains (outcomes, outcome))
    return air_evolve_refuse (error, record, "it has no decision or no outcome");

  gate = step->gate;
  quorum = air_gate_quorum_at (gate, time_us);
  if (g_str_equal (decision, "edit"))
    {
      AirValue *edited = air_member (record->disclosed, "edited");

      if (actor == NULL || edited == NULL || air_value_get_kind (edited) != AIR_VALUE_LIST)
        return air_evolve_refuse (error, record, "an edit names nobody, or is not disclosed");
      g_clear_pointer (&gate->edited, air_value_unref);
      gate->edited = air_value_ref (edited);
      /* Whoever approved or changed it before had another action before them. */
      air_value_unref (gate->approvers);
      gate->approvers = air_list_new ();
      append (&gate->approvers, air_value_new_string (actor));
      gate->counted = 1;
    }
  else if (g_str_equal (decision, "approve"))
    {
      if (actor == NULL)
        return air_evolve_refuse (error, record, "an approval names nobody");
      append (&step->gate->approvers, air_value_new_string (actor));
      step->gate->counted++;
    }
  if (air_map_get_int (members, "counted", -1) != (gint64) step->gate->counted)
    return air_evolve_refuse (error, record, "it does not count %u approvals", step->gate->counted);
  edits = g_str_equal (decision, "edit");
  approves = g_str_equal (decision, "approve") || edits;
  passes = edits ? air_gate_edit_passes (gate, quorum) : approves && gate->counted >= quorum;
  if (g_str_equal (decision, "request-info") && (actor == NULL || !g_str_equal (outcome, "waiting")))
    return air_evolve_refuse (error, record, "a question names somebody and decides nothing");
  if (g_str_equal (outcome, "approved") != passes || g_str_equal (outcome, "edited") != (edits && !passes))
    return air_evolve_refuse (error, record, "its outcome is not what %u of %u approvals give", gate->counted, quorum);

  item = air_map_new ();
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    if (air_map_get_string (members, said[i]) != NULL)
      air_map_set (item, said[i], air_value_ref (air_member (members, said[i])));
  time = air_time_format (time_us);
  air_map_set_string (item, "time", time);
  append (&step->gate->decisions, item);
  if (g_str_equal (outcome, "edited"))
    {
      /* The others are asked about what came of it: one approval less is needed than if nobody had changed it. */
      gate->quorum = gate->edited_by != NULL ? quorum : quorum - 1;
      g_set_str (&gate->edited_by, actor);
      step->phase = AIR_STEP_GATE_ASK;
      return TRUE;
    }
  return g_str_equal (outcome, "waiting") || close_gate (self, record, node, outcome, error);
}
