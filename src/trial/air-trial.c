/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a plan, played. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "engine/air-member.h"
#include "trial/air-sim-world.h"
#include "trial/air-trial-private.h"

#define MS         G_GINT64_CONSTANT (1000)
#define START_US   (G_GINT64_CONSTANT (1767225600) * G_USEC_PER_SEC) /* 2026-01-01 */
#define MOST_STEPS 200000
#define N_PEOPLE   5

typedef struct {
  const AirTrialOptions *options;
  AirSimWorld *world;
  AirSimRandom random;
  AirInstance *instance;
  GPtrArray *records;
  GArray *times_us;
  GPtrArray *refusals;
  GHashTable *timers; /* id → its number, as text of a pointer */
  GHashTable *asked;  /* step of a gate → how often it asked */
  guint timer;
  gboolean left_off;
  GError *error;
} Trial;

typedef struct {
  Trial *trial;
  char *node;
  guint attempt;
  AirPurpose purpose;
  AirOutcome *outcome;
} Answer;

typedef struct {
  Trial *trial;
  char *id;
  guint number;
} Timer;

typedef struct {
  Trial *trial;
  char *node;
  char *by;
  char *role;
  char *reason;
  AirValue *edits;
  gboolean approve;
} Decision;

/* A signal or a hand on the run, as it is written. */
typedef struct {
  Trial *trial;
  AirValue *value;
} Sent;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  air_outcome_free (answer->outcome);
  g_free (answer->node);
  g_free (answer);
}

static void
timer_free (gpointer data)
{
  Timer *timer = data;

  g_free (timer->id);
  g_free (timer);
}

static void
decision_free (gpointer data)
{
  Decision *decision = data;

  g_free (decision->node);
  g_free (decision->by);
  g_free (decision->role);
  g_free (decision->reason);
  g_clear_pointer (&decision->edits, air_value_unref);
  g_free (decision);
}

static void
sent_free (gpointer data)
{
  Sent *sent = data;

  air_value_unref (sent->value);
  g_free (sent);
}

static void perform (Trial *self, const AirEffect *effect);

static void
send (Trial *self, const AirEvent *event, gboolean wish)
{
  g_auto (AirTransition) transition = { 0 };
  g_autoptr (GError) error = NULL;
  AirRandom random = air_sim_random_source (&self->random);
  gint64 now = air_sim_world_wall (self->world), written = now - now % 1000;

  if (self->error != NULL)
    return;
  if (!air_instance_advance (self->instance, event, now, &random, &transition, &error))
    {
      if (wish)
        g_ptr_array_add (self->refusals, g_strdup (error->message));
      else
        g_propagate_error (&self->error, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < transition.records->len; i++)
    {
      g_ptr_array_add (self->records, g_steal_pointer (&transition.records->pdata[i]));
      g_array_append_val (self->times_us, written);
    }
  g_ptr_array_set_free_func (transition.records, NULL);
  for (guint i = 0; i < transition.effects->len && self->error == NULL; i++)
    perform (self, transition.effects->pdata[i]);
}

static void
answered_cb (gpointer user_data)
{
  Answer *answer = user_data;
  AirEvent event = { .kind = AIR_EVENT_OUTCOME };

  event.outcome.node = answer->node;
  event.outcome.attempt = answer->attempt;
  event.outcome.purpose = answer->purpose;
  event.outcome.outcome = answer->outcome;
  send (answer->trial, &event, FALSE);
}

static void
timer_cb (gpointer user_data)
{
  Timer *timer = user_data;
  AirEvent event = { .kind = AIR_EVENT_TIMER };

  if (GPOINTER_TO_UINT (g_hash_table_lookup (timer->trial->timers, timer->id)) != timer->number)
    return;
  g_hash_table_remove (timer->trial->timers, timer->id);
  event.timer.id = timer->id;
  send (timer->trial, &event, FALSE);
}

static void
decided_cb (gpointer user_data)
{
  Decision *decision = user_data;
  Trial *self = decision->trial;
  g_auto (AirGateFacts) facts = { 0 };
  AirEvent event = { .kind = AIR_EVENT_DECISION };

  if (!air_instance_get_gate (self->instance, decision->node, &facts))
    return;
  event.decision.node = decision->node;
  event.decision.approve = decision->approve;
  event.decision.actor = decision->by;
  event.decision.key = "simulated";
  event.decision.role = decision->role != NULL ? decision->role : facts.role != NULL ? facts.role : "approver";
  event.decision.reason = decision->reason;
  event.decision.edits = decision->edits;
  event.decision.envelope = "simulated: nobody signed this";
  send (self, &event, TRUE);
}

static void
signal_cb (gpointer user_data)
{
  const Sent *sent = user_data;
  const char *actor = air_map_get_string (sent->value, "actor");
  AirEvent event = { .kind = AIR_EVENT_SIGNAL };

  event.signal.name = air_map_get_string (sent->value, "signal");
  event.signal.iteration = air_map_get_string (sent->value, "iteration");
  event.signal.data = air_map_get_map (sent->value, "data");
  event.signal.actor = actor != NULL ? actor : "airails://test/services/sender";
  send (sent->trial, &event, TRUE);
}

static void
control_cb (gpointer user_data)
{
  const Sent *sent = user_data;
  AirEvent event = { .kind = AIR_EVENT_CONTROL };

  if (!air_control_from_string (air_map_get_string (sent->value, "action"), &event.control.control))
    return;
  event.control.actor = air_map_get_string (sent->value, "actor");
  event.control.node = air_map_get_string (sent->value, "node");
  event.control.reason = air_map_get_string (sent->value, "reason");
  event.control.output = air_map_get_map (sent->value, "output");
  event.control.happened = air_map_get_bool (sent->value, "happened", FALSE);
  event.control.key = "simulated";
  event.control.role = air_map_get_string (sent->value, "role");
  event.control.envelope = "simulated: nobody signed this";
  send (sent->trial, &event, TRUE);
}

/* --- effects --- */

static gboolean
is_write (AirPlan *plan, const char *operation)
{
  return g_strcmp0 (air_map_get_string (air_map_get_map (air_plan_get_operation (plan, operation), "policy"), "effect"),
                    "write")
         == 0;
}

static void
call (Trial *self, const AirEffect *effect)
{
  const AirTrialOptions *options = self->options;
  gint64 usual = is_write (options->plan, effect->call.operation) ? options->write_us : options->read_us;
  gint64 timeout_us = effect->call.timeout_ms * MS, latency_ms, in_us;
  Answer *answer = g_new0 (Answer, 1);

  answer->trial = self;
  answer->node = g_strdup (effect->node);
  answer->attempt = effect->call.attempt;
  answer->purpose = effect->call.purpose;
  answer->outcome = air_mock_script_answer (options->script, effect, &latency_ms, &self->error);
  if (answer->outcome == NULL)
    {
      g_free (answer->node);
      g_free (answer);
      return;
    }
  in_us = latency_ms >= 0 ? latency_ms * MS : usual > 0 ? air_sim_random_skewed (&self->random, usual) : MS;
  if (answer->outcome->outcome_class == AIR_OUTCOME_UNKNOWN && latency_ms < 0 && usual > 0)
    in_us = timeout_us;
  air_sim_world_plan (self->world, MIN (in_us, timeout_us), answered_cb, answer, answer_free);
}

static void
set_timer (Trial *self, const char *id, gint64 at_us)
{
  Timer *timer = g_new (Timer, 1);

  *timer = (Timer) { self, g_strdup (id), ++self->timer };
  g_hash_table_insert (self->timers, g_strdup (id), GUINT_TO_POINTER (timer->number));
  air_sim_world_plan (self->world, at_us - air_sim_world_wall (self->world), timer_cb, timer, timer_free);
}

static void
plan_decision (Trial *self, const char *node, gboolean approve, const char *by, const AirValue *written, gint64 in_us)
{
  Decision *decision = g_new0 (Decision, 1);

  decision->trial = self;
  decision->node = g_strdup (node);
  decision->approve = approve;
  decision->by = strchr (by, ':') != NULL ? g_strdup (by) : g_strconcat ("airails://test/people/", by, NULL);
  decision->role = g_strdup (air_map_get_string (written, "role"));
  decision->reason = g_strdup (air_map_get_string (written, "reason"));
  decision->edits = written != NULL ? air_map_get_list (written, "edits") : NULL;
  if (decision->edits != NULL)
    air_value_ref (decision->edits);
  air_sim_world_plan (self->world, in_us, decided_cb, decision, decision_free);
}

/* What is written for this iteration, else for the gate in any. */
static AirValue *
find_decisions (const AirTrialOptions *options, const char *step)
{
  g_autofree char *node = g_strndup (step, strcspn (step, "@"));
  AirValue *list = options->gates != NULL ? air_map_get_list (options->gates, step) : NULL;

  return list == NULL && options->gates != NULL ? air_map_get_list (options->gates, node) : list;
}

static void
ask (Trial *self, const char *step)
{
  const AirTrialOptions *options = self->options;
  AirValue *list = find_decisions (options, step);
  guint round = GPOINTER_TO_UINT (g_hash_table_lookup (self->asked, step));

  g_hash_table_insert (self->asked, g_strdup (step), GUINT_TO_POINTER (round + 1));
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *decision = air_list_get (list, i);
      const char *word = air_map_get_string (decision, "decision"), *by = air_map_get_string (decision, "by");

      /* A question that was asked is no decision. */
      if (g_strcmp0 (word, "request-info") == 0 || air_map_get_int (decision, "round", round) != round)
        continue;
      plan_decision (self, step, g_strcmp0 (word, "approve") == 0 || g_strcmp0 (word, "edit") == 0,
                     by != NULL ? by : "somebody", decision,
                     air_map_get_int (decision, "after_ms", 1000 * (gint64) (i + 1)) * MS);
    }
  if (list != NULL || !options->people)
    return;
  for (guint i = 0; i < N_PEOPLE; i++)
    {
      g_autofree char *by = g_strdup_printf ("approver-%u", i + 1);

      plan_decision (self, step, air_sim_random_chance (&self->random, options->approve_permille), by, NULL,
                     air_sim_random_skewed (&self->random, options->decide_us));
    }
}

static void
plan_one (Trial *self, AirValue *value, void (*sent_cb) (gpointer user_data), gint64 in_us)
{
  Sent *sent = g_new (Sent, 1);

  *sent = (Sent) { self, air_value_ref (value) };
  air_sim_world_plan (self->world, in_us, sent_cb, sent, sent_free);
}

/* A step begins to wait for a signal: its time is set then. Somebody sends it, as a rule. */
static void
make_signal (Trial *self, const char *timer)
{
  const AirTrialOptions *options = self->options;
  const char *step = g_str_has_prefix (timer, "timeout/") ? timer + strlen ("timeout/") : NULL;
  g_autofree char *node = step != NULL ? g_strndup (step, strcspn (step, "@")) : NULL;
  const AirValue *made =
      step != NULL && options->made_signals != NULL ? air_map_get_map (options->made_signals, node) : NULL;
  const AirValue *data = made != NULL ? air_map_get_list (made, "data") : NULL;
  g_autoptr (AirValue) signal = NULL;

  if (data == NULL || air_sim_random_chance (&self->random, options->silent_permille))
    return;
  signal = air_map_new ();
  air_map_set_string (signal, "signal", air_map_get_string (made, "signal"));
  if (step[strlen (node)] == '@')
    air_map_set_string (signal, "iteration", step + strlen (node) + 1);
  air_map_set (signal, "data",
               air_value_ref (air_list_get (data, air_sim_random_below (&self->random, air_list_get_size (data)))));
  plan_one (self, signal, signal_cb, air_sim_random_skewed (&self->random, options->decide_us));
}

static void
perform (Trial *self, const AirEffect *effect)
{
  switch (effect->kind)
    {
    case AIR_EFFECT_CALL:
      call (self, effect);
      break;
    case AIR_EFFECT_TIMER:
      set_timer (self, effect->timer.id, effect->timer.at_us);
      make_signal (self, effect->timer.id);
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      g_hash_table_remove (self->timers, effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
      ask (self, effect->node);
      break;
    default:
      break;
    }
}

/* --- the whole --- */

static void
leave_off_cb (gpointer user_data)
{
  ((Trial *) user_data)->left_off = TRUE;
}

static gboolean
begin (Trial *self, GError **error)
{
  const AirTrialOptions *options = self->options;
  g_autofree char *pointer = g_strdup_printf ("/nodes/%s/trigger/event_type", air_plan_get_trigger (options->plan));
  AirValue *type = air_value_at (air_plan_get_document (options->plan), pointer);
  g_autoptr (AirValue) event = air_map_new ();
  g_auto (AirTriggerKeys) keys = { 0 };
  AirEvent trigger = { .kind = AIR_EVENT_TRIGGER };

  air_map_set_string (event, "specversion", "1.0");
  air_map_set_string (event, "id", "simulated");
  air_map_set_string (event, "source", "airails://test");
  if (type != NULL)
    air_map_set (event, "type", air_value_ref (type));
  air_map_set (event, "data", air_value_ref (options->data));
  if (!air_plan_read_trigger (options->plan, air_plan_get_trigger (options->plan), event, &keys, error))
    return FALSE;
  trigger.trigger.data = keys.data;
  trigger.trigger.actor = options->actor != NULL ? options->actor : "airails://test/services/sender";
  trigger.trigger.dedup_key = keys.dedup_key;
  trigger.trigger.concurrency_key = keys.concurrency_key;
  trigger.trigger.requester = keys.requester;
  send (self, &trigger, FALSE);
  return TRUE;
}

static void
plan_sent (Trial *self, const AirValue *list, void (*sent_cb) (gpointer user_data))
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      AirValue *value = air_list_get (list, i);

      plan_one (self, value, sent_cb, air_map_get_int (value, "after_ms", 1000 * (gint64) (i + 1)) * MS);
    }
}

/**
 * air_trial_run:
 * @options: what to play
 * @error: return location
 *
 * Plays until the run ends or waits for something that will not come. Pure; the same options give the same records.
 *
 * Returns: (transfer full): the result, or %NULL with an %AIR_TRIAL_ERROR or %AIR_ENGINE_ERROR when it cannot be played:
 *   data the trigger refuses, a mock that is wrong
 */
AirTrialResult *
air_trial_run (const AirTrialOptions *options, GError **error)
{
  AirRandom random;
  Trial self = { .options = options };
  g_autoptr (AirSimWorld) world = air_sim_world_new (options->now_us != 0 ? options->now_us : START_US);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  g_autoptr (GPtrArray) refusals = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) times_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GHashTable) timers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AirInstance) instance = NULL;
  g_autofree char *id = NULL;
  AirTrialResult *result;

  air_sim_random_init (&self.random, options->seed, "trial");
  random = air_sim_random_source (&self.random);
  id = air_id_new (air_sim_world_wall (world), &random);
  instance = air_instance_new (options->plan, id);
  self.world = world;
  self.records = records;
  self.refusals = refusals;
  self.times_us = times_us;
  self.timers = timers;
  self.asked = asked;
  self.instance = instance;
  if (!begin (&self, error))
    return NULL;
  plan_sent (&self, options->signals, signal_cb);
  plan_sent (&self, options->controls, control_cb);
  if (options->until_us != 0)
    air_sim_world_plan (world, options->until_us - air_sim_world_wall (world), leave_off_cb, &self, NULL);
  while (self.error == NULL && !self.left_off && !air_instance_is_finished (instance) && air_sim_world_step (world)
         && air_sim_world_get_steps (world) < MOST_STEPS)
    ;
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return NULL;
    }
  result = air_trial_read (options->plan, id, records, times_us, options->mocks, error);
  if (result != NULL)
    {
      g_ptr_array_unref (result->refusals);
      result->refusals = g_steal_pointer (&refusals);
    }
  return result;
}
