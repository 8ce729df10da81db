/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits and budgets at calls: asked before a call starts, reserved in the
 * record that says so, settled or released once it is known what became of it. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"
#include "base/air-json.h"
#include "policy/air-limit.h"

/* A turn that was waited for is good for so long; who comes later, say after a restart, asks again. */
#define TURN_HOLDS_US (2 * G_USEC_PER_SEC)

static void
reservation_clear (gpointer data)
{
  AirReservation *self = data;

  g_clear_pointer (&self->key, air_value_unref);
  g_clear_pointer (&self->claims, air_value_unref);
  g_clear_pointer (&self->output, air_value_unref);
  if (self->place.scope != NULL)
    air_scope_unref (self->place.scope);
}

static AirReservation *
find_reservation (const AirInstance *self, const AirValue *key)
{
  for (guint i = 0; self->reservations != NULL && i < self->reservations->len; i++)
    {
      AirReservation *reservation = &g_array_index (self->reservations, AirReservation, i);

      if (air_value_equal (reservation->key, key))
        return reservation;
    }
  return NULL;
}

static const AirPolicy *
policy_of (const AirInstance *self, const char *limit)
{
  const AirPlanPolicy *policy = limit != NULL ? g_hash_table_lookup (self->plan->policies, limit) : NULL;

  return policy != NULL && air_limit_get_n_windows (policy->policy) > 0 ? policy->policy : NULL;
}

/* --- before a call --------------------------------------------------------------------------- */

static gboolean
render_uses (AirInstance *self, guint node, const AirValue *input, AirLimitUse *uses, GPtrArray *inputs, GError **error)
{
  const AirPlanNode *plan_node = air_instance_node (self, node);
  g_autoptr (AirValue) names = air_map_copy (air_instance_get_bindings (self, air_instance_step (self, node)->scope));

  air_map_set (names, "input", air_value_ref ((AirValue *) input));
  for (guint i = 0; i < plan_node->limits->len; i++)
    {
      const AirPlanLimit *limit = &g_array_index (plan_node->limits, AirPlanLimit, i);
      AirValue *given =
          limit->with != NULL ? air_template_render (limit->with, names, error) : air_value_ref ((AirValue *) input);

      if (given == NULL)
        {
          g_prefix_error (error, "limit '%s': ", limit->policy->id);
          return FALSE;
        }
      g_ptr_array_add (inputs, given);
      uses[i] = (AirLimitUse) { limit->policy->policy, given };
    }
  return TRUE;
}

static gboolean
emit (AirDecision *self, guint node, AirValue *key, const AirLimitDecision *decision)
{
  AirInstance *instance = self->self;
  AirValue *members = air_decision_members (self, node), *disclosed = air_map_new (), *list;
  const AirPlanNode *plan_node = air_instance_node (instance, node);
  const AirRecord *record;

  air_map_set (members, "idem", air_value_ref (key));
  for (guint i = 0; i < plan_node->limits->len; i++)
    {
      const AirPlanPolicy *policy = g_array_index (plan_node->limits, AirPlanLimit, i).policy;

      if (policy->policy != decision->policy)
        continue;
      air_map_set (members, "policy", air_value_ref (policy->digest));
      air_map_set (members, "table", air_value_ref (policy->table));
      break;
    }
  list = air_list_new ();
  for (guint i = 0; i < decision->rules->len; i++)
    air_list_append (list, air_value_new_string (decision->rules->pdata[i]));
  air_map_set (members, "rules", list);
  list = air_list_new ();
  for (guint i = 0; i < decision->limits->len; i++)
    air_list_append (list, air_value_new_string (decision->limits->pdata[i]));
  air_map_set (members, "limits", list);
  air_map_set_string (members, "verdict", air_limit_verdict_to_string (decision->verdict));
  if (decision->verdict == AIR_LIMIT_WAIT)
    air_map_set (members, "until", air_value_ref (air_map_get (decision->output, "until")));
  air_map_set (disclosed, "inputs", air_value_ref (decision->inputs));
  air_map_set (disclosed, "output", air_value_ref (decision->output));
  air_map_set_string (disclosed, "why", decision->why);
  if (!air_decision_emit (self, AIR_RECORD_POLICY_EVALUATED, members, disclosed))
    return FALSE;
  record = g_ptr_array_index (self->out->records, self->out->records->len - 1);
  if (instance->usage != NULL)
    air_usage_book_apply (instance->usage, record->type, record->members, record->disclosed, instance->updated_us);
  return TRUE;
}

/**
 * air_limits_pass:
 * @node: a step of a call that is guarded by limits
 * @input: what it would send
 * @ret_decided: (out): when it may not start now: whether a record says why
 *
 * Returns: whether the call may start: what it claims is reserved
 */
gboolean
air_limits_pass (AirDecision *self, guint node, AirValue *key, const AirValue *input, gboolean *ret_decided)
{
  AirInstance *instance = self->self;
  const AirPlanNode *plan_node = air_instance_node (instance, node);
  const AirReservation *held = find_reservation (instance, key);
  const AirGate *gate = air_instance_step (instance, node)->gate;
  g_autofree AirLimitUse *uses = g_new0 (AirLimitUse, plan_node->limits->len);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  g_autoptr (AirLimitDecision) decision = NULL;
  g_autofree AirUsageReader *recorded = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  const AirRecord *expected;

  *ret_decided = FALSE;
  if (held != NULL && held->state == AIR_RESERVED && air_decision_now (self) - held->at_us <= TURN_HOLDS_US)
    return TRUE;
  if (!air_decision_flush (self))
    return FALSE;
  if (self->script != NULL)
    {
      expected = self->out->records->len < self->n_script ? self->script[self->out->records->len] : NULL;
      recorded = air_usage_reader_from_record (expected != NULL ? air_member (expected->disclosed, "inputs") : NULL);
    }
  else if (instance->usage == NULL)
    {
      *ret_decided = air_decision_fail (self, node, AIR_OUTCOME_FATAL, "nobody counts what its limits have used");
      return FALSE;
    }
  if (render_uses (instance, node, input, uses, inputs, &error))
    decision = air_limits_decide (
        uses, plan_node->limits->len, recorded != NULL ? recorded : air_usage_book_get_reader (instance->usage),
        air_value_get_string (key, NULL), gate != NULL && g_strcmp0 (gate->outcome, "approved") == 0,
        air_decision_now (self), &error);
  if (decision == NULL)
    {
      *ret_decided = air_decision_fail (self, node, AIR_OUTCOME_FATAL, error->message);
      return FALSE;
    }
  if (decision->limits->len == 0)
    return TRUE;
  *ret_decided = !air_record_can_hold (decision->inputs, &message)
                     ? air_decision_fail (self, node, AIR_OUTCOME_FATAL, message)
                     : emit (self, node, key, decision);
  return FALSE;
}

/* --- folding in ------------------------------------------------------------------------------- */

static void
reserve (AirInstance *self, guint node, AirValue *key, AirValue *claims, gint64 at_us)
{
  AirReservation *reservation = find_reservation (self, key);
  AirPlace place = air_instance_place (self, node);

  if (reservation == NULL)
    {
      if (self->reservations == NULL)
        {
          self->reservations = g_array_new (FALSE, TRUE, sizeof (AirReservation));
          g_array_set_clear_func (self->reservations, reservation_clear);
        }
      g_array_set_size (self->reservations, self->reservations->len + 1);
      reservation = &g_array_index (self->reservations, AirReservation, self->reservations->len - 1);
      reservation->key = air_value_ref (key);
      reservation->place = place;
      if (place.scope != NULL)
        air_scope_ref (place.scope);
      reservation->visit = air_instance_step (self, node)->visits;
    }
  g_clear_pointer (&reservation->claims, air_value_unref);
  reservation->claims = air_value_ref (claims);
  reservation->at_us = at_us;
  reservation->state = AIR_RESERVED;
}

/* POLICY_EVALUATED of a call. */
gboolean
air_evolve_limits (AirInstance *self, const AirRecord *record, guint node, gint64 time_us, GError **error)
{
  AirStep *step = air_instance_step (self, node);
  AirValue *key = air_member (record->members, "idem"), *inputs = air_member (record->disclosed, "inputs");
  AirValue *output = air_member (record->disclosed, "output"), *claims = air_member (inputs, "limits");
  const char *until = air_map_get_string (record->members, "until");
  const char *why = record->disclosed != NULL ? air_map_get_string (record->disclosed, "why") : NULL;
  g_autoptr (AirGateTerms) terms = NULL;
  g_autoptr (AirValue) failed = NULL;
  AirReservation *reservation;
  AirLimitVerdict verdict;

  if (air_instance_node (self, node)->limits == NULL || step->phase != AIR_STEP_READY)
    return air_evolve_refuse (error, record, "'%s' was not asking its limits", air_instance_node (self, node)->id);
  if (key == NULL || air_value_get_kind (key) != AIR_VALUE_STRING || claims == NULL
      || air_value_get_kind (claims) != AIR_VALUE_LIST
      || !air_limit_verdict_from_string (air_map_get_string (record->members, "verdict"), &verdict))
    return air_evolve_refuse (error, record, "it has no idem, no verdict, or its inputs are not disclosed");
  switch (verdict)
    {
    case AIR_LIMIT_ALLOW:
      reserve (self, node, key, claims, time_us);
      return TRUE;
    case AIR_LIMIT_WAIT:
      if (until == NULL || !air_time_parse (until, &step->due_us))
        return air_evolve_refuse (error, record, "its time is not one of RFC 3339");
      reserve (self, node, key, claims, step->due_us);
      step->phase = AIR_STEP_PAUSE;
      return TRUE;
    case AIR_LIMIT_GATE:
      terms = air_gate_terms_new (air_member (output, "terms"), 1, NULL, error);
      if (terms == NULL || air_gate_terms_get_demand (terms) != AIR_GATE_ASK)
        return air_evolve_refuse (error, record, "its terms are not disclosed");
      air_gate_begin (self, node, record, g_steal_pointer (&terms));
      step->phase = AIR_STEP_GATE_ASK;
      /* The turn it waited for is gone: once let pass it asks again, and is counted. */
      reservation = find_reservation (self, key);
      if (reservation != NULL)
        reservation->at_us = 0;
      return TRUE;
    case AIR_LIMIT_DENY:
      failed = air_error_output (AIR_OUTCOME_REJECTED, why, 0);
      air_instance_fail_node (self, node, AIR_OUTCOME_REJECTED, why, failed);
      return TRUE;
    }
  g_return_val_if_reached (FALSE);
}

/* --- after it ---------------------------------------------------------------------------------- */

static gboolean
matters (const AirInstance *self, const AirReservation *reservation, AirOwed owed)
{
  for (gsize i = 0; i < air_list_get_size (reservation->claims); i++)
    {
      const AirPolicy *policy = policy_of (self, air_map_get_string (air_list_get (reservation->claims, i), "limit"));

      if (policy == NULL)
        continue;
      if (owed == AIR_OWED_SETTLE ? air_limit_settles (policy)
                                  : air_limit_releases (policy, owed == AIR_OWED_UNDO ? "compensation" : "failure"))
        return TRUE;
    }
  return FALSE;
}

void
air_limits_begin (AirInstance *self, const AirValue *key)
{
  AirReservation *reservation = self->reservations != NULL ? find_reservation (self, key) : NULL;

  if (reservation != NULL)
    reservation->started = TRUE;
}

void
air_limits_owe (AirInstance *self, const AirValue *key, AirOwed owed, AirValue *output)
{
  AirReservation *reservation = self->reservations != NULL && key != NULL ? find_reservation (self, key) : NULL;

  if (reservation == NULL || reservation->state == AIR_RELEASED)
    return;
  reservation->started = TRUE;
  if (!matters (self, reservation, owed))
    return;
  reservation->owed = owed;
  g_clear_pointer (&reservation->output, air_value_unref);
  reservation->output = output != NULL ? air_value_ref (output) : NULL;
}

/* A step that loses its token before its action settled: what surely did not happen is released. */
void
air_limits_drop (AirInstance *self, guint node)
{
  const AirStep *step = air_instance_step (self, node);

  if (self->reservations != NULL && step->phase == AIR_STEP_ACTION && step->action.phase != AIR_ACTION_STUCK)
    air_limits_owe (self, step->action.key, AIR_OWED_RELEASE, NULL);
}

/* It never started, and its step is gone. */
static gboolean
is_orphan (const AirInstance *self, const AirReservation *reservation)
{
  if (reservation->started || reservation->state != AIR_RESERVED)
    return FALSE;
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const AirStep *step = air_instance_step (self, g_array_index (self->tokens, guint, i));

      if (step->node == reservation->place.node && step->scope == reservation->place.scope
          && step->visits == reservation->visit)
        return FALSE;
    }
  return TRUE;
}

static AirValue *
settled_amounts (AirInstance *self, const AirReservation *reservation, AirValue **ret_limits)
{
  AirValue *amounts = air_map_new ();

  *ret_limits = air_list_new ();
  for (gsize i = 0; i < air_list_get_size (reservation->claims); i++)
    {
      const AirValue *claim = air_list_get (reservation->claims, i);
      const char *limit = air_map_get_string (claim, "limit");
      const AirPolicy *policy = policy_of (self, limit);
      gint64 amount;

      /* What cannot be computed stays at what was reserved. */
      if (policy == NULL
          || !air_limit_settle (policy, air_map_get (claim, "inputs"), reservation->output, &amount, NULL))
        continue;
      air_map_set_int (amounts, limit, amount);
      air_list_append (*ret_limits, air_value_new_string (limit));
    }
  return amounts;
}

static AirValue *
released_limits (AirInstance *self, const AirReservation *reservation, gboolean undone)
{
  AirValue *list = air_list_new ();

  for (gsize i = 0; i < air_list_get_size (reservation->claims); i++)
    {
      const char *limit = air_map_get_string (air_list_get (reservation->claims, i), "limit");
      const AirPolicy *policy = policy_of (self, limit);

      /* What never started used nothing, whatever the policy keeps. */
      if (policy != NULL && (!reservation->started || air_limit_releases (policy, undone ? "compensation" : "failure")))
        air_list_append (list, air_value_new_string (limit));
    }
  return list;
}

static gboolean
settle (AirDecision *self, const AirReservation *reservation, AirOwed owed)
{
  AirInstance *instance = self->self;
  AirValue *members, *disclosed = NULL, *limits;
  const AirRecord *record;

  if (!air_decision_flush (self))
    return FALSE;
  members = air_decision_members_at (self, reservation->place);
  air_map_set (members, "idem", air_value_ref (reservation->key));
  if (owed == AIR_OWED_SETTLE)
    {
      disclosed = air_map_new ();
      air_map_set (disclosed, "amounts", settled_amounts (instance, reservation, &limits));
      air_map_set_string (members, "state", "settled");
    }
  else
    {
      limits = released_limits (instance, reservation, owed == AIR_OWED_UNDO);
      air_map_set_string (members, "state", "released");
      air_map_set_string (members, "cause",
                          !reservation->started   ? "not-started"
                          : owed == AIR_OWED_UNDO ? "compensation"
                                                  : "failure");
    }
  air_map_set (members, "limits", limits);
  if (!air_decision_emit (self, AIR_RECORD_POLICY_SETTLED, members, disclosed))
    return FALSE;
  record = g_ptr_array_index (self->out->records, self->out->records->len - 1);
  if (instance->usage != NULL)
    air_usage_book_apply (instance->usage, record->type, record->members, record->disclosed, instance->updated_us);
  return TRUE;
}

/* Writes down what became of a reservation; TRUE when there was something to write. */
gboolean
air_decide_owed (AirDecision *self)
{
  AirInstance *instance = self->self;

  for (guint i = 0; instance->reservations != NULL && i < instance->reservations->len; i++)
    {
      const AirReservation *reservation = &g_array_index (instance->reservations, AirReservation, i);

      if (reservation->owed != AIR_OWED_NOTHING)
        return settle (self, reservation, reservation->owed);
      if (is_orphan (instance, reservation))
        return settle (self, reservation, AIR_OWED_RELEASE);
    }
  return FALSE;
}

gboolean
air_evolve_settled (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  const AirValue *key = air_member (record->members, "idem");
  const char *state = air_map_get_string (record->members, "state");
  AirReservation *reservation = key != NULL ? find_reservation (self, key) : NULL;

  if (reservation == NULL || reservation->state == AIR_RELEASED || state == NULL)
    return air_evolve_refuse (error, record, "nothing was reserved");
  reservation->owed = AIR_OWED_NOTHING;
  reservation->state = g_str_equal (state, "settled") ? AIR_SETTLED : AIR_RELEASED;
  return TRUE;
}

/**
 * air_instance_set_usage:
 * @self: an instance
 * @usage: (nullable): what limits have used so far, of all instances together; borrowed, and changed by every decision
 *   on a limit. %NULL: the instance's calls have no limits
 */
void
air_instance_set_usage (AirInstance *self, AirUsageBook *usage)
{
  self->usage = usage;
}
