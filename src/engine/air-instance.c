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
  g_clear_pointer (&completed->place.scope, air_scope_unref);
}

static void
clear_manual (gpointer data)
{
  AirManual *manual = data;

  g_free (manual->iteration);
  g_free (manual->outcome);
  g_free (manual->message);
}

static void
clear_signal (gpointer data)
{
  AirKeptSignal *kept = data;

  g_free (kept->name);
  g_clear_pointer (&kept->data, air_value_unref);
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
  self->slots = g_ptr_array_sized_new (plan->nodes->len);
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      self->nodes[i].node = i;
      g_ptr_array_add (self->slots, &self->nodes[i]);
    }
  self->spare = g_array_new (FALSE, FALSE, sizeof (guint));
  self->scopes = g_ptr_array_new ();
  self->signals = g_array_new (FALSE, TRUE, sizeof (AirKeptSignal));
  g_array_set_clear_func (self->signals, clear_signal);
  self->came = g_ptr_array_new_with_free_func (g_free);
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
  for (guint i = 0; i < self->slots->len; i++)
    {
      air_step_clear (g_ptr_array_index (self->slots, i));
      if (i >= self->plan->nodes->len)
        g_free (g_ptr_array_index (self->slots, i));
    }
  g_ptr_array_unref (self->slots);
  g_free (self->nodes);
  g_array_unref (self->spare);
  for (guint i = 0; i < self->scopes->len; i++)
    air_scope_unref (g_ptr_array_index (self->scopes, i));
  g_ptr_array_unref (self->scopes);
  g_array_unref (self->signals);
  g_ptr_array_unref (self->came);
  g_free (self->paused_by);
  g_array_unref (self->tokens);
  g_array_unref (self->completed);
  g_array_unref (self->manual);
  g_clear_pointer (&self->reservations, g_array_unref);
  g_clear_pointer (&self->operators, air_value_unref);
  g_clear_pointer (&self->bindings, air_value_unref);
  g_clear_pointer (&self->input, air_value_unref);
  g_clear_pointer (&self->output, air_value_unref);
  g_free (self->actor);
  g_free (self->session);
  g_free (self->dedup_key);
  g_free (self->concurrency_key);
  g_free (self->requester);
  g_free (self->subject);
  g_free (self->latency_class);
  g_free (self->retry_of);
  g_clear_pointer (&self->triggered_by, air_value_unref);
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
 * @artifact_digest: "sha256:" and the hex digest of the artifact's manifest
 * @instance: the instance's id
 * @node: a node's id; reversals use "<id>:compensate"
 * @iteration: "3", nested "3.0"; outside of loops "0", and one more for each time the run comes to the node again
 *
 * base32 (SHA-256 (artifact ‖ 00 ‖ instance ‖ 00 ‖ node ‖ 00 ‖ iteration))[:32].
 *
 * Returns: (transfer full): 32 characters that are the same over retries, restarts and replays
 */
char *
air_idempotency_key (const char *artifact_digest, const char *instance, const char *node, const char *iteration)
{
  char name[256], *end;
  g_autofree char *encoded = NULL, *longer = NULL;
  gsize length = strlen (artifact_digest) + strlen (instance) + strlen (node) + strlen (iteration) + 4;
  char *text = length <= sizeof name ? name : (longer = g_malloc (length));
  AirDigest digest;

  end = g_stpcpy (text, artifact_digest) + 1;
  end = g_stpcpy (end, instance) + 1;
  end = g_stpcpy (end, node) + 1;
  end = g_stpcpy (end, iteration);
  digest = air_sha256 (text, end - text);
  encoded = air_base32_encode (digest.bytes, sizeof digest.bytes);
  return g_strndup (encoded, KEY_LENGTH);
}

/* What is unique in the run: the node, in a loop with its iteration, plain the first time it is come to. */
static char *
step_name (AirInstance *self, AirPlace place, guint visit, AirPurpose base)
{
  const char *iteration = air_place_get_iteration (place);
  g_autofree char *again = visit > 0 ? g_strdup_printf ("#%u", visit) : NULL;

  return g_strconcat (air_plan_node (self->plan, place.node)->id, base == AIR_PURPOSE_COMPENSATE ? ":compensate" : "",
                      iteration != NULL ? "@" : "", iteration != NULL ? iteration : "", again, NULL);
}

AirValue *
air_instance_make_key (AirInstance *self, AirPlace place, guint visit, AirPurpose base)
{
  const char *id = air_plan_node (self->plan, place.node)->id;
  const char *iteration = air_place_get_iteration (place);
  g_autofree char *reversal = base == AIR_PURPOSE_COMPENSATE ? g_strconcat (id, ":compensate", NULL) : NULL;
  char visits[16], *text = NULL;
  g_autofree char *key = NULL;

  g_snprintf (visits, sizeof visits, "%u", visit);
  if (iteration != NULL && visit > 0)
    text = g_strconcat (iteration, "#", visits, NULL);
  key = air_idempotency_key (self->plan->artifact, self->id, reversal != NULL ? reversal : id,
                             text != NULL        ? text
                             : iteration != NULL ? iteration
                                                 : visits);
  g_free (text);
  return air_value_new_string (key);
}

AirValue *
air_instance_run_context (AirInstance *self, AirPlace place, guint visit, AirPurpose base, AirValue *key)
{
  g_autofree char *step = step_name (self, place, visit, base);
  AirValue *before = air_member (self->bindings, "run");
  guint gate = air_plan_node (self->plan, place.node)->gate;
  AirValue *run = air_map_new ();

  air_map_set_string (run, "id", self->id);
  air_map_set_string (run, "step", step);
  if (key != NULL)
    air_map_set (run, "idem", air_value_ref (key));
  air_map_set (run, "started", air_value_ref (air_member (before, "started")));
  if (gate != AIR_NO_NODE)
    {
      g_autofree char *name = air_place_to_string (self, (AirPlace) { gate, place.scope });
      g_autofree char *approval = g_strconcat (self->id, "/", name, NULL);

      air_map_set_string (run, "approval_id", approval);
    }
  return run;
}

AirValue *
air_instance_bind_run (AirInstance *self, AirScope *scope, AirValue *take_run)
{
  AirValue *bindings = air_instance_get_bindings (self, scope);

  air_map_set (bindings, "run", take_run);
  return bindings;
}

/* Set anew for each: what another step bound before is not always the same after a restart. */
AirValue *
air_instance_bind_step (AirInstance *self, guint node)
{
  AirPlace place = air_instance_place (self, node);

  return air_instance_bind_run (
      self, place.scope,
      air_instance_run_context (self, place, air_instance_step (self, node)->visits - 1, AIR_PURPOSE_EXECUTE, NULL));
}

/* --- what one may ask ---------------------------------------------------------------- */

/**
 * air_instance_get_id:
 * @self: an instance
 *
 * Returns: (transfer none): the id its entries carry
 */
const char *
air_instance_get_id (const AirInstance *self)
{
  return self->id;
}

/**
 * air_instance_get_plan:
 * @self: an instance
 *
 * Returns: (transfer none): the plan it runs on, the same from its first record to its last
 */
AirPlan *
air_instance_get_plan (const AirInstance *self)
{
  return self->plan;
}

/**
 * air_instance_is_finished:
 * @self: an instance
 *
 * Returns: whether it has its closing record, after which nothing comes
 */
gboolean
air_instance_is_finished (const AirInstance *self)
{
  return self->closed;
}

/**
 * air_instance_get_entries:
 * @self: an instance
 *
 * Returns: how many records it has so far
 */
guint
air_instance_get_entries (const AirInstance *self)
{
  return self->entries;
}

/**
 * air_instance_get_started:
 * @self: an instance
 *
 * Returns: time of the first record, in microseconds since the Unix epoch
 */
gint64
air_instance_get_started (const AirInstance *self)
{
  return self->started_us;
}

/**
 * air_instance_get_updated:
 * @self: an instance
 *
 * Returns: time of the last record, in microseconds since the Unix epoch
 */
gint64
air_instance_get_updated (const AirInstance *self)
{
  return self->updated_us;
}

/**
 * air_instance_get_outcome:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): of the closing record; %NULL before
 */
const char *
air_instance_get_outcome (const AirInstance *self)
{
  return self->outcome;
}

/**
 * air_instance_get_reason:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): why it fails or failed, in words
 */
const char *
air_instance_get_reason (const AirInstance *self)
{
  return self->reason;
}

/**
 * air_instance_get_input:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): the event's data, `trigger` in expressions
 */
AirValue *
air_instance_get_input (const AirInstance *self)
{
  return self->input;
}

/**
 * air_instance_get_output:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): what its end gave; %NULL before
 */
AirValue *
air_instance_get_output (const AirInstance *self)
{
  return self->output;
}

/**
 * air_instance_get_dedup_key:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): the key under which a second trigger would be the same one
 */
const char *
air_instance_get_dedup_key (const AirInstance *self)
{
  return self->dedup_key;
}

/**
 * air_instance_get_concurrency_key:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): the key under which runs go one after the other
 */
const char *
air_instance_get_concurrency_key (const AirInstance *self)
{
  return self->concurrency_key;
}

/**
 * air_instance_get_requester:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): URI of the person it is for, where the trigger names one: gates may keep
 *   them from deciding
 */
const char *
air_instance_get_requester (const AirInstance *self)
{
  return self->requester;
}

/**
 * air_instance_get_actor:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): URI of who brought the trigger
 */
const char *
air_instance_get_actor (const AirInstance *self)
{
  return self->actor;
}

/**
 * air_instance_get_subject:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): whose data it holds, where the workflow says that
 */
const char *
air_instance_get_subject (const AirInstance *self)
{
  return self->subject;
}

/**
 * air_instance_get_latency_class:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): the latency class, where the event said it
 */
const char *
air_instance_get_latency_class (const AirInstance *self)
{
  return self->latency_class;
}

/**
 * air_instance_get_retry_of:
 * @self: an instance
 *
 * Returns: (transfer none) (nullable): the run whose work it does again
 */
const char *
air_instance_get_retry_of (const AirInstance *self)
{
  return self->retry_of;
}

/**
 * air_instance_dup_triggered_by:
 * @self: an instance
 *
 * Returns: (transfer full): list of URIs of all who brought it, those of the runs it retries first: none of them
 *   decides on it
 */
AirValue *
air_instance_dup_triggered_by (const AirInstance *self)
{
  AirValue *list = air_list_new ();

  for (gsize i = 0; self->triggered_by != NULL && i < air_list_get_size (self->triggered_by); i++)
    air_list_append (list, air_value_ref (air_list_get (self->triggered_by, i)));
  if (!air_list_holds (list, self->actor))
    air_list_append (list, air_value_new_string (self->actor));
  return list;
}

/**
 * air_instance_is_triggered_by:
 * @self: an instance
 * @uri: a person
 *
 * Returns: whether they brought it, or a run it retries
 */
gboolean
air_instance_is_triggered_by (const AirInstance *self, const char *uri)
{
  return g_strcmp0 (self->actor, uri) == 0 || air_list_holds (self->triggered_by, uri);
}

/**
 * air_instance_get_node_output:
 * @self: an instance
 * @node: index of a node in the plan
 *
 * Returns: (transfer none) (nullable): what it left behind, `steps.ID` in expressions; %NULL: nothing yet
 */
AirValue *
air_instance_get_node_output (const AirInstance *self, guint node)
{
  g_return_val_if_fail (node < self->plan->nodes->len, NULL);

  return self->nodes[node].output;
}

void
air_gate_facts_clear (AirGateFacts *self)
{
  g_clear_pointer (&self->gate, g_free);
}

/**
 * air_instance_get_gate:
 * @self: an instance
 * @node: the step
 * @ret_facts: (out caller-allocates): what it asks; cleared by air_gate_facts_clear(), borrowed but for that from
 *   @self
 *
 * Returns: %FALSE when it is no gate, has not asked anybody yet, or was in an iteration that is over
 */
gboolean
air_instance_get_gate (const AirInstance *self, const char *node, AirGateFacts *ret_facts)
{
  const AirGate *gate;
  guint index;

  if (!air_instance_find_step (self, node, &index, NULL))
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
    .reminded = gate->reminded,
    .escalated = gate->escalated,
    .edited = gate->edited != NULL,
  };
  return TRUE;
}

/**
 * air_instance_get_manual:
 * @self: an instance
 *
 * Returns: (transfer full): what could not be undone and needs a person: list of {node, iteration?, operation,
 *   outcome, message?}
 */
AirValue *
air_instance_get_manual (const AirInstance *self)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->manual->len; i++)
    {
      const AirManual *manual = &g_array_index (self->manual, AirManual, i);
      AirValue *item = air_map_new ();

      air_map_set (item, "node", air_value_ref (air_plan_node (self->plan, manual->node)->name));
      if (manual->iteration != NULL)
        air_map_set_string (item, "iteration", manual->iteration);
      air_map_set_string (item, "operation", manual->operation);
      air_map_set_string (item, "outcome", manual->outcome);
      if (manual->message != NULL)
        air_map_set_string (item, "message", manual->message);
      air_list_append (list, item);
    }
  return list;
}
