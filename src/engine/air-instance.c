/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"
#include "base/air-hash.h"

#define KEY_LENGTH 32

static void
clear_completed (gpointer data)
{
  AirCompleted *completed = data;

  air_action_clear (&completed->done);
  air_action_clear (&completed->undo);
}

static void
clear_manual (gpointer data)
{
  AirManual *manual = data;

  g_free (manual->outcome);
  g_free (manual->message);
}

void
air_transition_clear (AirTransition *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->effects, g_ptr_array_unref);
}

/**
 * air_instance_new:
 * @plan: the plan it runs, kept alive by the instance
 * @id: its id, also in its ledger entries
 *
 * Returns: (transfer full): an instance to which nothing has happened
 */
AirInstance *
air_instance_new (AirPlan *plan, const char *id)
{
  AirInstance *self;

  g_return_val_if_fail (plan != NULL && id != NULL, NULL);

  self = g_new0 (AirInstance, 1);
  self->plan = air_plan_ref (plan);
  self->id = g_strdup (id);
  self->nodes = g_new0 (AirStep, plan->nodes->len);
  self->tokens = g_array_new (FALSE, FALSE, sizeof (guint));
  self->completed = g_array_new (FALSE, TRUE, sizeof (AirCompleted));
  g_array_set_clear_func (self->completed, clear_completed);
  self->manual = g_array_new (FALSE, TRUE, sizeof (AirManual));
  g_array_set_clear_func (self->manual, clear_manual);
  self->end = AIR_NO_NODE;
  self->bindings = air_map_new ();
  self->steps = air_map_new ();
  air_map_set (self->bindings, "steps", self->steps);
  return self;
}

void
air_instance_free (AirInstance *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->plan->nodes->len; i++)
    {
      air_action_clear (&self->nodes[i].action);
      g_clear_pointer (&self->nodes[i].gate, air_gate_free);
      g_clear_pointer (&self->nodes[i].output, air_value_unref);
    }
  g_free (self->nodes);
  g_array_unref (self->tokens);
  g_array_unref (self->completed);
  g_array_unref (self->manual);
  g_clear_pointer (&self->bindings, air_value_unref);
  g_clear_pointer (&self->input, air_value_unref);
  g_clear_pointer (&self->output, air_value_unref);
  g_free (self->actor);
  g_free (self->session);
  g_free (self->dedup_key);
  g_free (self->concurrency_key);
  g_free (self->requester);
  g_free (self->reason);
  g_free (self->message);
  g_free (self->outcome);
  g_free (self->id);
  air_plan_unref (self->plan);
  g_free (self);
}

gboolean
air_instance_apply (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error)
{
  g_return_val_if_fail (self != NULL && record != NULL, FALSE);

  return air_evolve (self, record, time_us, error);
}

/* --- keys and contexts ----------------------------------------------------------- */

/**
 * air_idempotency_key:
 * @node: a node's id; reversals use "<id>:compensate"
 * @iteration: from 0, one more for each time the run comes to the node again
 *
 * Returns: (transfer full): 32 characters that are the same over retries, restarts and replays
 */
char *
air_idempotency_key (const char *artifact_digest, const char *instance, const char *node, guint iteration)
{
  char name[256], *end, number[12];
  g_autofree char *encoded = NULL, *longer = NULL;
  gsize length = strlen (artifact_digest) + strlen (instance) + strlen (node) + 3 + sizeof number;
  char *text = length <= sizeof name ? name : (longer = g_malloc (length));
  AirDigest digest;

  g_snprintf (number, sizeof number, "%u", iteration);
  end = g_stpcpy (text, artifact_digest) + 1;
  end = g_stpcpy (end, instance) + 1;
  end = g_stpcpy (end, node) + 1;
  end = g_stpcpy (end, number);
  digest = air_sha256 (text, end - text);
  encoded = air_base32_encode (digest.bytes, sizeof digest.bytes);
  return g_strndup (encoded, KEY_LENGTH);
}

/* What is unique in the run: the node, plain the first time it is come to. */
static char *
step_name (AirInstance *self, guint node, guint iteration, AirPurpose base)
{
  const char *id = air_plan_node (self->plan, node)->id;
  const char *suffix = base == AIR_PURPOSE_COMPENSATE ? ":compensate" : "";

  return iteration == 0 ? g_strconcat (id, suffix, NULL) : g_strdup_printf ("%s%s#%u", id, suffix, iteration);
}

AirValue *
air_instance_make_key (AirInstance *self, guint node, guint iteration, AirPurpose base)
{
  const char *id = air_plan_node (self->plan, node)->id;
  g_autofree char *reversal = base == AIR_PURPOSE_COMPENSATE ? g_strconcat (id, ":compensate", NULL) : NULL;
  g_autofree char *key =
      air_idempotency_key (self->plan->artifact, self->id, reversal != NULL ? reversal : id, iteration);

  return air_value_new_string (key);
}

AirValue *
air_instance_run_context (AirInstance *self, guint node, guint iteration, AirPurpose base, AirValue *key)
{
  g_autofree char *step = step_name (self, node, iteration, base);
  AirValue *before = air_member (self->bindings, "run");
  guint gate = air_plan_node (self->plan, node)->gate;
  AirValue *run = air_map_new ();

  air_map_set_string (run, "id", self->id);
  air_map_set_string (run, "step", step);
  if (key != NULL)
    air_map_set (run, "idem", air_value_ref (key));
  air_map_set (run, "started", air_value_ref (air_member (before, "started")));
  if (gate != AIR_NO_NODE)
    {
      g_autofree char *approval = g_strconcat (self->id, "/", air_plan_node (self->plan, gate)->id, NULL);

      air_map_set_string (run, "approval_id", approval);
    }
  return run;
}

void
air_instance_bind_run (AirInstance *self, AirValue *take_run)
{
  air_map_set (self->bindings, "run", take_run);
}

/* --- what one may ask ---------------------------------------------------------------- */

static const char *const state_names[] = {
  "received",        "running",      "waiting-gate", "waiting-timer", "waiting-signal",
  "unknown-outcome", "compensating", "completed",    "failed",        "cancelled",
};

static const char *const node_state_names[] = {
  "idle", "running", "waiting", "unknown", "done", "failed", "reversed",
};

const char *
air_instance_state_to_string (AirInstanceState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), NULL);
  return state_names[state];
}

const char *
air_node_state_to_string (AirNodeState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (node_state_names), NULL);
  return node_state_names[state];
}

AirInstanceState
air_instance_get_state (const AirInstance *self)
{
  AirInstanceState state = AIR_INSTANCE_RUNNING;

  if (self->closed)
    return !self->failing ? AIR_INSTANCE_COMPLETED : self->cancelled ? AIR_INSTANCE_CANCELLED : AIR_INSTANCE_FAILED;
  if (self->failing)
    return AIR_INSTANCE_COMPENSATING;
  if (self->entries == 0)
    return AIR_INSTANCE_RECEIVED;
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const AirStep *step = air_instance_step (self, g_array_index (self->tokens, guint, i));

      if (step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_STUCK)
        return AIR_INSTANCE_UNKNOWN_OUTCOME;
      if (step->phase == AIR_STEP_GATE_WAIT)
        state = AIR_INSTANCE_WAITING_GATE;
      else if (state == AIR_INSTANCE_RUNNING
               && (step->phase == AIR_STEP_PAUSE
                   || (step->phase == AIR_STEP_ACTION && step->action.phase == AIR_ACTION_WAITING)))
        state = AIR_INSTANCE_WAITING_TIMER;
    }
  return state;
}

static char *
describe_action (const AirInstance *self, guint node, const AirAction *action, const char *what)
{
  const AirPlanNode *plan_node = air_plan_node (self->plan, node);
  g_autofree char *due = NULL;

  switch (action->phase)
    {
    case AIR_ACTION_WAITING:
      due = air_time_format (action->due_us);
      if (action->next == AIR_PURPOSE_RECONCILE)
        return g_strdup_printf ("finding out at %s whether %s'%s' happened", due, what, plan_node->title);
      return g_strdup_printf ("attempt %u of %u of %s'%s' at %s", action->attempts + 1,
                              air_instance_get_retry (self, node)->max, what, plan_node->title, due);
    case AIR_ACTION_STUCK:
      return g_strdup_printf ("a person: nobody knows whether %s'%s' (%s) happened; look there, then cancel the run",
                              what, plan_node->title, action->operation->id);
    case AIR_ACTION_IN_FLIGHT:
      return g_strdup_printf ("the answer of %s to %s'%s'", action->operation->id, what, plan_node->title);
    case AIR_ACTION_IDLE:
    case AIR_ACTION_READY:
    case AIR_ACTION_BACK_OFF:
    case AIR_ACTION_OK:
    case AIR_ACTION_FAILED:
      break;
    }
  return NULL;
}

char *
air_instance_get_waiting_on (const AirInstance *self)
{
  AirCompleted *undoing = air_instance_get_undoing (self);

  if (self->closed)
    return NULL;
  if (undoing != NULL)
    return describe_action (self, undoing->node, &undoing->undo, "the reversal of ");
  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);
      const AirPlanNode *plan_node = air_plan_node (self->plan, node);
      const AirStep *step = air_instance_step (self, node);
      g_autofree char *due = NULL;
      char *words = NULL;

      if (step->phase == AIR_STEP_GATE_WAIT)
        words =
            g_strdup_printf ("decision %u of %u by the role '%s' on '%s'", step->gate->counted + 1, step->gate->quorum,
                             step->gate->role != NULL ? step->gate->role : "", plan_node->title);
      else if (step->phase == AIR_STEP_PAUSE)
        {
          due = air_time_format (step->due_us);
          words = g_strdup_printf ("'%s' until %s", plan_node->title, due);
        }
      else if (step->phase == AIR_STEP_ACTION)
        words = describe_action (self, node, &step->action, "");
      if (words != NULL)
        return words;
    }
  return NULL;
}

const char *
air_instance_get_id (const AirInstance *self)
{
  return self->id;
}

AirPlan *
air_instance_get_plan (const AirInstance *self)
{
  return self->plan;
}

gboolean
air_instance_is_finished (const AirInstance *self)
{
  return self->closed;
}

guint
air_instance_get_entries (const AirInstance *self)
{
  return self->entries;
}

gint64
air_instance_get_started (const AirInstance *self)
{
  return self->started_us;
}

gint64
air_instance_get_updated (const AirInstance *self)
{
  return self->updated_us;
}

const char *
air_instance_get_outcome (const AirInstance *self)
{
  return self->outcome;
}

const char *
air_instance_get_reason (const AirInstance *self)
{
  return self->reason;
}

AirValue *
air_instance_get_input (const AirInstance *self)
{
  return self->input;
}

AirValue *
air_instance_get_output (const AirInstance *self)
{
  return self->output;
}

const char *
air_instance_get_dedup_key (const AirInstance *self)
{
  return self->dedup_key;
}

const char *
air_instance_get_concurrency_key (const AirInstance *self)
{
  return self->concurrency_key;
}

const char *
air_instance_get_requester (const AirInstance *self)
{
  return self->requester;
}

const char *
air_instance_get_actor (const AirInstance *self)
{
  return self->actor;
}

AirNodeState
air_instance_get_node_state (const AirInstance *self, guint node, guint *ret_attempts)
{
  const AirStep *step;

  g_return_val_if_fail (node < self->plan->nodes->len, AIR_NODE_STATE_IDLE);

  step = air_instance_step (self, node);
  if (ret_attempts != NULL)
    *ret_attempts = step->action.attempts;
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
      return AIR_NODE_STATE_RUNNING;
    case AIR_STEP_GATE_ASK:
    case AIR_STEP_GATE_WAIT:
    case AIR_STEP_PAUSE:
      return AIR_NODE_STATE_WAITING;
    case AIR_STEP_DONE:
      return AIR_NODE_STATE_DONE;
    case AIR_STEP_FAILED:
      return AIR_NODE_STATE_FAILED;
    }
  return AIR_NODE_STATE_IDLE;
}

AirValue *
air_instance_get_node_output (const AirInstance *self, guint node)
{
  g_return_val_if_fail (node < self->plan->nodes->len, NULL);

  return air_instance_step (self, node)->output;
}

void
air_gate_facts_clear (AirGateFacts *self)
{
  g_clear_pointer (&self->gate, g_free);
}

gboolean
air_instance_get_gate (const AirInstance *self, const char *node, AirGateFacts *ret_facts)
{
  const AirGate *gate;
  guint index;

  if (!air_plan_find_node (self->plan, node, &index))
    return FALSE;
  gate = air_instance_step (self, index)->gate;
  if (gate == NULL || gate->requested_us == 0)
    return FALSE;
  *ret_facts = (AirGateFacts) {
    .waiting = air_instance_step (self, index)->phase == AIR_STEP_GATE_WAIT,
    .gate = g_strconcat (self->id, "/", node, NULL),
    .quorum = gate->quorum,
    .counted = gate->counted,
    .role = gate->role,
    .exclude = gate->exclude,
    .requested_us = gate->requested_us,
    .deadline_us = gate->deadline_us,
    .on_expiry = gate->on_expiry,
    .policy = gate->policy,
    .action = gate->action,
    .why = gate->why,
    .outcome = gate->outcome,
    .decisions = gate->decisions,
  };
  return TRUE;
}

AirValue *
air_instance_get_manual (const AirInstance *self)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->manual->len; i++)
    {
      const AirManual *manual = &g_array_index (self->manual, AirManual, i);
      AirValue *item = air_map_new ();

      air_map_set (item, "node", air_value_ref (air_plan_node (self->plan, manual->node)->name));
      air_map_set_string (item, "operation", manual->operation);
      air_map_set_string (item, "outcome", manual->outcome);
      if (manual->message != NULL)
        air_map_set_string (item, "message", manual->message);
      air_list_append (list, item);
    }
  return list;
}
