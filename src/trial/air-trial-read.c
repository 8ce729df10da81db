/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the records of a run tell: the way it took, who was asked, what was done and undone, what it moved. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "engine/air-member.h"
#include "trial/air-trial-private.h"

typedef struct {
  AirPlan *plan;
  const AirMocks *mocks;
  AirTrialResult *result;
  GHashTable *reached;  /* set of steps */
  GHashTable *ports;    /* step → port, as far as a record names it */
  GHashTable *outcomes; /* step → class of its last attempt */
  GHashTable *started;  /* step → {operation, input} as AirValue */
  GHashTable *undone;   /* set of steps whose effect is being reversed */
  GHashTable *asked_us; /* gate → when it asked */
} Reading;

static void
move_free (AirTrialMove *move)
{
  g_free (move->node);
  g_free (move->currency);
  g_free (move);
}

static void
gate_free (AirTrialGate *gate)
{
  g_free (gate->gate);
  g_free (gate->outcome);
  g_free (gate);
}

void
air_trial_result_free (AirTrialResult *self)
{
  g_ptr_array_unref (self->records);
  g_array_unref (self->times_us);
  g_clear_pointer (&self->instance, air_instance_free);
  g_ptr_array_unref (self->path);
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->gates);
  g_ptr_array_unref (self->effects);
  g_ptr_array_unref (self->reversed);
  g_ptr_array_unref (self->moves);
  g_ptr_array_unref (self->refusals);
  g_free (self->outcome);
  g_free (self->waiting);
  g_free (self);
}

char *
air_trial_step_of (const AirValue *members)
{
  const char *node = air_map_get_string (members, "node"), *iteration = air_map_get_string (members, "iteration");

  if (node == NULL)
    return NULL;
  return iteration != NULL ? g_strconcat (node, "@", iteration, NULL) : g_strdup (node);
}

static void
reach (Reading *self, const char *step)
{
  if (step != NULL && g_hash_table_add (self->reached, g_strdup (step)))
    g_ptr_array_add (self->result->path, g_strdup (step));
}

/* The port by which an edge leaves its node. */
static const char *
port_of_edge (AirPlan *plan, const char *node, const char *edge)
{
  g_autofree char *plain = g_strndup (node, strcspn (node, "@"));
  AirValue *next =
      air_map_get_map (air_map_get_map (air_map_get_map (air_plan_get_document (plan), "nodes"), plain), "next");

  for (gsize i = 0; next != NULL && i < air_map_get_size (next); i++)
    if (g_strcmp0 (air_map_get_string (air_map_get_value_at (next, i), "edge"), edge) == 0)
      return air_value_get_string (air_map_get_key_at (next, i), NULL);
  return NULL;
}

static AirValue *
find_node (const Reading *self, const char *step)
{
  g_autofree char *plain = g_strndup (step, strcspn (step, "@"));

  return air_map_get_map (air_map_get_map (air_plan_get_document (self->plan), "nodes"), plain);
}

/* A workflow that is a step is left when it comes to an end of its own. */
static void
note_end (Reading *self, const char *step)
{
  AirValue *node = find_node (self, step);
  g_autofree char *plain = g_strndup (step, strcspn (step, "@"));
  const char *dot = strrchr (plain, '.'), *iteration = step + strlen (plain);
  g_autofree char *workflow = dot != NULL ? g_strndup (plain, dot - plain) : NULL;

  if (dot != NULL && g_strcmp0 (air_map_get_string (node, "kind"), "end") == 0)
    g_hash_table_insert (
        self->ports, g_strconcat (workflow, iteration, NULL),
        g_strdup (g_strcmp0 (air_map_get_string (node, "outcome"), "completed") == 0 ? "ok" : "error"));
}

static void
read_steps (Reading *self, const AirValue *members)
{
  AirValue *steps = air_map_get_list (members, "steps");

  for (gsize i = 0; steps != NULL && i < air_list_get_size (steps); i++)
    {
      AirValue *value = air_list_get (steps, i);
      g_autofree char *step = air_trial_step_of (value);
      const char *edge = air_map_get_string (value, "edge");

      reach (self, step);
      if (step != NULL && edge != NULL)
        g_hash_table_insert (self->ports, g_strdup (step), g_strdup (port_of_edge (self->plan, step, edge)));
      if (step != NULL)
        note_end (self, step);
    }
}

static void
read_started (Reading *self, const char *step, const AirRecord *record)
{
  AirValue *members = record->members, *input = air_member (record->disclosed, "input");
  const char *purpose = air_map_get_string (members, "purpose");
  const char *reference = air_map_get_string (members, "operation");

  self->result->calls++;
  self->result->retries += air_map_get_int (members, "attempt", 1) > 1;
  if (g_strcmp0 (purpose, "compensate") == 0)
    g_hash_table_add (self->undone, g_strdup (step));
  if (g_strcmp0 (purpose, "execute") != 0)
    return;
  reach (self, step);
  if (input != NULL && reference != NULL)
    {
      AirValue *started = air_map_new ();
      g_autofree char *id = g_strndup (reference, strcspn (reference, "@"));

      air_map_set_string (started, "operation", id);
      air_map_set (started, "input", air_value_ref (input));
      g_hash_table_insert (self->started, g_strdup (step), started);
    }
}

static void
note_money (Reading *self, const char *step, const AirValue *started)
{
  g_autofree char *currency = NULL;
  gboolean out;
  gint64 minor;
  AirTrialMove *move;

  if (self->mocks == NULL
      || !air_mocks_get_money (self->mocks, air_map_get_string (started, "operation"),
                               air_map_get_map (started, "input"), &out, &minor, &currency))
    return;
  move = g_new0 (AirTrialMove, 1);
  move->node = g_strdup (step);
  move->currency = g_steal_pointer (&currency);
  move->minor = minor;
  move->out = out;
  g_ptr_array_add (self->result->moves, move);
}

static void
read_executed (Reading *self, const char *step, const AirValue *members)
{
  const char *outcome = air_map_get_string (members, "outcome"), *purpose = air_map_get_string (members, "purpose");
  AirValue *started = g_hash_table_lookup (self->started, step), *operation;

  self->result->unknown += g_strcmp0 (outcome, "unknown") == 0;
  if (g_hash_table_contains (self->undone, step))
    return;
  if (g_strcmp0 (purpose, "execute") == 0 || g_strcmp0 (outcome, "ok") == 0)
    g_hash_table_insert (self->outcomes, g_strdup (step), g_strdup (outcome));
  if (g_strcmp0 (outcome, "ok") != 0 || started == NULL)
    return;
  operation = air_plan_get_operation (self->plan, air_map_get_string (started, "operation"));
  if (g_strcmp0 (air_map_get_string (air_map_get_map (operation, "policy"), "effect"), "write") != 0)
    return;
  g_ptr_array_add (self->result->effects, g_strdup (step));
  note_money (self, step, started);
}

static void
read_rollback (Reading *self, const char *step, const AirValue *members)
{
  guint at;

  if (g_strcmp0 (air_map_get_string (members, "outcome"), "done") != 0)
    return;
  g_ptr_array_add (self->result->reversed, g_strdup (step));
  if (g_ptr_array_find_with_equal_func (self->result->effects, step, g_str_equal, &at))
    g_ptr_array_remove_index (self->result->effects, at);
  for (guint i = 0; i < self->result->moves->len; i++)
    {
      AirTrialMove *move = self->result->moves->pdata[i];

      if (strcmp (move->node, step) == 0)
        move->reversed = TRUE;
    }
}

static AirTrialGate *
find_gate (Reading *self, const char *step)
{
  for (guint i = self->result->gates->len; i > 0; i--)
    if (strcmp (((AirTrialGate *) self->result->gates->pdata[i - 1])->gate, step) == 0)
      return self->result->gates->pdata[i - 1];
  return NULL;
}

static void
read_gate (Reading *self, const char *step, const AirRecord *record, gint64 time_us)
{
  const char *outcome = air_map_get_string (record->members, "outcome");
  AirTrialGate *gate;
  gint64 *asked;

  reach (self, step);
  if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED))
    {
      gate = g_new0 (AirTrialGate, 1);
      gate->gate = g_strdup (step);
      gate->outcome = g_strdup ("waiting");
      g_ptr_array_add (self->result->gates, gate);
      asked = g_new (gint64, 1);
      *asked = time_us;
      g_hash_table_insert (self->asked_us, g_strdup (step), asked);
      return;
    }
  gate = find_gate (self, step);
  asked = g_hash_table_lookup (self->asked_us, step);
  if (gate == NULL || asked == NULL)
    return;
  gate->decisions += air_map_get_string (record->members, "actor") != NULL;
  if (outcome == NULL || strcmp (outcome, "waiting") == 0)
    return;
  g_set_str (&gate->outcome, outcome);
  gate->waited_us = time_us - *asked;
  self->result->gate_us += gate->waited_us;
  g_hash_table_insert (self->ports, g_strdup (step), g_strdup (outcome));
}

/* A wait is left by the signal, by its time, or by somebody who does not let it wait. */
static void
read_wait (Reading *self, const char *step, const AirRecord *record)
{
  AirValue *node = find_node (self, step);
  const char *timer = air_map_get_string (record->members, "timer"), *port = NULL;

  reach (self, step);
  if (g_strcmp0 (air_map_get_string (node, "kind"), "wait") != 0 || air_map_get_string (node, "signal") == NULL)
    return;
  if (g_str_equal (record->type, AIR_RECORD_SIGNAL))
    port = "out";
  else if (g_str_equal (record->type, AIR_RECORD_TIMER)
               ? g_strcmp0 (timer, "timeout") == 0
                     && g_strcmp0 (air_map_get_string (record->members, "state"), "fired") == 0
               : g_strcmp0 (air_map_get_string (record->members, "action"), "skip") == 0)
    port = "timeout";
  if (port != NULL)
    g_hash_table_insert (self->ports, g_strdup (step), g_strdup (port));
}

static void
read_record (Reading *self, const AirRecord *record, gint64 time_us)
{
  g_autofree char *step = air_trial_step_of (record->members);

  if (g_str_equal (record->type, AIR_RECORD_STEP_DECIDED))
    read_steps (self, record->members);
  else if (step == NULL)
    return;
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_STARTED))
    read_started (self, step, record);
  else if (g_str_equal (record->type, AIR_RECORD_TOOL_ACTION_EXECUTED))
    read_executed (self, step, record->members);
  else if (g_str_equal (record->type, AIR_RECORD_ROLLBACK_APPLIED))
    read_rollback (self, step, record->members);
  else if (g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_REQUESTED)
           || g_str_equal (record->type, AIR_RECORD_HUMAN_GATE_DECISIONED))
    read_gate (self, step, record, time_us);
  else if (g_str_equal (record->type, AIR_RECORD_SIGNAL) || g_str_equal (record->type, AIR_RECORD_TIMER)
           || g_str_equal (record->type, AIR_RECORD_RUN_CONTROLLED))
    read_wait (self, step, record);
  else
    reach (self, step);
}

/* One that came to no end of its own was left by the class of what went wrong in it, if it was left at all. */
static char *
name_workflow_port (const Reading *self, const char *step, AirValue *next, const char *known)
{
  AirInstance *instance = self->result->instance;
  g_autofree char *specific = NULL;
  AirValue *error = NULL;
  guint index;

  if (instance != NULL && strchr (step, '@') == NULL && air_plan_find_node (self->plan, step, &index))
    error = air_map_get_map (air_instance_get_node_output (instance, index), "error");
  if (error == NULL)
    return g_strdup (known);
  specific = g_strconcat ("error:", air_map_get_string (error, "class"), NULL);
  return g_strdup (air_member (next, specific) != NULL ? specific : "error");
}

/* By which port a step was left: what a record says, else the class of its answer, else its main one. */
static char *
name_port (Reading *self, const char *step)
{
  AirValue *node = find_node (self, step);
  AirValue *next = air_map_get_map (node, "next");
  const char *known = g_hash_table_lookup (self->ports, step), *kind = air_map_get_string (node, "kind");
  const char *outcome = g_hash_table_lookup (self->outcomes, step);

  if (g_strcmp0 (kind, "workflow") == 0)
    return name_workflow_port (self, step, next, known);
  if (known != NULL)
    return g_strdup (known);
  if (g_strcmp0 (kind, "gate") == 0)
    return g_strdup ("approved"); /* it needed nobody */
  if (g_strcmp0 (kind, "call") == 0 && outcome != NULL)
    {
      g_autofree char *specific = g_strconcat ("error:", outcome, NULL);

      if (strcmp (outcome, "ok") == 0)
        return g_strdup ("ok");
      return g_strdup (air_member (next, specific) != NULL ? specific : "error");
    }
  return next != NULL && air_map_get_size (next) == 1
             ? g_strdup (air_value_get_string (air_map_get_key_at (next, 0), NULL))
             : NULL;
}

/* How it ended, by its records alone. */
static void
tell_end (Reading *self)
{
  AirTrialResult *result = self->result;
  const AirRecord *last = result->records->len > 0 ? result->records->pdata[result->records->len - 1] : NULL;
  guint n = result->times_us->len;

  if (last != NULL && g_str_equal (last->type, AIR_RECORD_WORKFLOW_COMPLETED))
    result->outcome = g_strdup ("completed");
  else if (last != NULL && g_str_equal (last->type, AIR_RECORD_WORKFLOW_FAILED))
    result->outcome =
        g_strdup (g_strcmp0 (air_map_get_string (last->members, "outcome"), "cancelled") == 0 ? "cancelled" : "failed");
  else
    result->outcome = g_strdup ("unfinished");
  if (n > 0)
    result->duration_us = g_array_index (result->times_us, gint64, n - 1) - g_array_index (result->times_us, gint64, 0);
}

static void
finish (Reading *self)
{
  AirTrialResult *result = self->result;

  for (guint i = 0; i < result->path->len; i++)
    {
      g_autofree char *port = name_port (self, result->path->pdata[i]);

      g_ptr_array_add (result->ports, port != NULL ? g_strconcat (result->path->pdata[i], ":", port, NULL)
                                                   : g_strdup (result->path->pdata[i]));
    }
  if (result->instance == NULL)
    {
      tell_end (self);
      return;
    }
  result->outcome = g_strdup (air_instance_state_to_string (air_instance_get_state (result->instance)));
  if (!air_instance_is_finished (result->instance))
    result->waiting = air_instance_get_waiting_on (result->instance);
  result->output = air_instance_get_output (result->instance);
  result->duration_us = air_instance_get_updated (result->instance) - air_instance_get_started (result->instance);
}

static AirTrialResult *
read_records (AirPlan *plan,
              const char *id, /* NULL: not to be folded */
              GPtrArray *records,
              GArray *times_us,
              const AirMocks *mocks,
              GError **error)
{
  g_autoptr (AirTrialResult) result = g_new0 (AirTrialResult, 1);
  g_autoptr (GHashTable) reached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) outcomes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) started =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_value_unref);
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) undone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = { plan, mocks, result, reached, ports, outcomes, started, undone, asked };

  result->records = g_ptr_array_ref (records);
  result->times_us = g_array_ref (times_us);
  result->path = g_ptr_array_new_with_free_func (g_free);
  result->ports = g_ptr_array_new_with_free_func (g_free);
  result->gates = g_ptr_array_new_with_free_func ((GDestroyNotify) gate_free);
  result->effects = g_ptr_array_new_with_free_func (g_free);
  result->reversed = g_ptr_array_new_with_free_func (g_free);
  result->moves = g_ptr_array_new_with_free_func ((GDestroyNotify) move_free);
  result->refusals = g_ptr_array_new_with_free_func (g_free);
  if (id != NULL)
    result->instance = air_instance_new (plan, id);
  for (guint i = 0; i < records->len; i++)
    {
      gint64 time_us = g_array_index (times_us, gint64, i);

      if (id != NULL && !air_instance_apply (result->instance, records->pdata[i], time_us, error))
        return NULL;
      read_record (&reading, records->pdata[i], time_us);
    }
  finish (&reading);
  return g_steal_pointer (&result);
}

/**
 * air_trial_read:
 * @plan: the plan it ran on
 * @id: the run's id
 * @records: (element-type AirRecord): all of it, in order
 * @times_us: (element-type gint64): of each record
 * @mocks: (nullable): for the money
 * @error: return location
 *
 * What a list of records tells, without playing anything: recorded runs.
 *
 * Returns: (transfer full): the result, or %NULL with %AIR_ENGINE_ERROR_RECORD
 */
AirTrialResult *
air_trial_read (AirPlan *plan,
                const char *id,
                GPtrArray *records,
                GArray *times_us,
                const AirMocks *mocks,
                GError **error)
{
  return read_records (plan, id, records, times_us, mocks, error);
}

/**
 * air_trial_read_foreign:
 * @plan: lends names of ways and operations only
 * @records: (element-type AirRecord): of a run on another plan
 * @times_us: (element-type gint64): of each record
 * @mocks: (nullable): for the money
 *
 * As air_trial_read(), of a run on another plan: no instance, no output.
 *
 * Returns: (transfer full): the result
 */
AirTrialResult *
air_trial_read_foreign (AirPlan *plan, GPtrArray *records, GArray *times_us, const AirMocks *mocks)
{
  return read_records (plan, NULL, records, times_us, mocks, NULL);
}
