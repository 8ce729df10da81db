/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "test-host.h"

#define START_US (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define INSTANCE "01JD9ZK3QW8Y7V6T5S4R3Q2P1N"

TestHost *
test_host_new (AirPlan *take_plan)
{
  TestHost *self = g_new0 (TestHost, 1);

  self->plan = take_plan;
  self->instance = air_instance_new (take_plan, INSTANCE);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  self->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->pending = g_ptr_array_new_with_free_func ((GDestroyNotify) air_effect_free);
  self->timers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->now_us = START_US;
  self->random = air_seeded_random_new (42);
  self->script = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  self->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_value_unref);
  self->steps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_value_unref);
  self->effects = g_ptr_array_new_with_free_func (g_free);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
test_host_free (TestHost *self)
{
  air_instance_free (self->instance);
  air_plan_unref (self->plan);
  g_ptr_array_unref (self->records);
  g_array_unref (self->times);
  g_ptr_array_unref (self->pending);
  g_hash_table_unref (self->timers);
  air_seeded_random_free (self->random);
  g_hash_table_unref (self->script);
  g_hash_table_unref (self->answers);
  g_hash_table_unref (self->steps);
  g_ptr_array_unref (self->effects);
  g_ptr_array_unref (self->requests);
  g_free (self);
}

void
test_host_script (TestHost *self, const char *operation, const char *behaviours)
{
  g_hash_table_replace (self->script, g_strdup (operation), g_strsplit (behaviours, ",", -1));
}

/* --- the vendor ------------------------------------------------------------------- */

static char *
next_behaviour (TestHost *self, const char *operation)
{
  char **script = g_hash_table_lookup (self->script, operation);
  char *first;

  if (script == NULL || script[0] == NULL)
    return g_strdup ("ok");
  first = script[0];
  memmove (script, script + 1, sizeof (char *) * (g_strv_length (script + 1) + 1));
  return first;
}

static AirValue *
act (TestHost *self, const AirEffect *effect)
{
  g_autofree char *book = g_strdup_printf ("%s %s", effect->call.operation, effect->call.idempotency_key);
  AirValue *answer = g_hash_table_lookup (self->answers, book);
  AirValue *operation = air_plan_get_operation (self->plan, effect->call.operation);
  gboolean keyed = g_strcmp0 (air_map_get_string (air_member (operation, "idempotency"), "kind"), "key-header") == 0;
  g_autofree char *id = NULL;

  if (keyed && answer != NULL)
    return air_value_ref (answer);
  if (g_strcmp0 (air_map_get_string (air_member (operation, "policy"), "effect"), "write") == 0)
    g_ptr_array_add (self->effects, g_strdup (book));
  id = g_strdup_printf ("%s-1", effect->call.operation);
  answer = air_map_new ();
  air_map_set_string (answer, "id", id);
  g_hash_table_replace (self->answers, g_strdup (book), air_value_ref (answer));
  g_hash_table_replace (self->steps, g_strdup (air_map_get_string (effect->call.run, "step")), air_value_ref (answer));
  return answer;
}

static AirOutcome *
perform (TestHost *self, const AirEffect *effect)
{
  g_autofree char *behaviour = NULL;
  g_autofree char *name = NULL;
  g_autoptr (AirValue) output = NULL;

  g_ptr_array_add (self->requests,
                   g_strdup_printf ("%s %s %u", effect->call.operation, air_purpose_to_string (effect->call.purpose),
                                    effect->call.attempt));
  if (effect->call.purpose == AIR_PURPOSE_RECONCILE)
    {
      AirValue *found = g_hash_table_lookup (self->steps, air_map_get_string (effect->call.run, "step"));

      name = g_strconcat (effect->call.operation, "?", NULL);
      behaviour = next_behaviour (self, name);
      if (!g_str_equal (behaviour, "ok"))
        return air_outcome_new (g_str_equal (behaviour, "auth") ? AIR_OUTCOME_AUTH : AIR_OUTCOME_RETRY, 503, "not now");
      if (found == NULL)
        return air_outcome_new (AIR_OUTCOME_NOT_FOUND, 200, "it never happened");
      return air_outcome_new_ok (200, air_value_ref (found), NULL);
    }

  behaviour = next_behaviour (self, effect->call.operation);
  if (g_str_equal (behaviour, "drop"))
    return air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer");
  if (g_str_equal (behaviour, "503"))
    return air_outcome_new (AIR_OUTCOME_RETRY, 503, "down");
  if (g_str_equal (behaviour, "refuse-send"))
    return air_outcome_new (AIR_OUTCOME_RETRY, 0, "connection refused");
  if (g_str_equal (behaviour, "404"))
    return air_outcome_new (AIR_OUTCOME_NOT_FOUND, 404, "no such order");
  if (g_str_equal (behaviour, "conflict"))
    return air_outcome_new (AIR_OUTCOME_CONFLICT, 409, "already done");
  if (g_str_equal (behaviour, "auth"))
    return air_outcome_new (AIR_OUTCOME_AUTH, 401, "who are you");
  if (g_str_equal (behaviour, "429"))
    {
      AirOutcome *outcome = air_outcome_new (AIR_OUTCOME_RETRY, 429, "too fast");

      outcome->retry_after_ms = 7000;
      return outcome;
    }
  output = act (self, effect);
  if (g_str_equal (behaviour, "act-drop"))
    return air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer");
  if (g_str_equal (behaviour, "act-503"))
    return air_outcome_new (AIR_OUTCOME_RETRY, 503, "down");
  if (g_str_equal (behaviour, "act-odd"))
    {
      AirOutcome *outcome = air_outcome_new (AIR_OUTCOME_FATAL, 200, "the answer is not JSON");

      outcome->alarm = g_strdup ("not-understood");
      return outcome;
    }
  g_assert_cmpstr (behaviour, ==, "ok");
  {
    AirValue *evidence = air_map_new ();

    air_map_set_string (evidence, "request_id", "rq-1");
    return air_outcome_new_ok (200, g_steal_pointer (&output), evidence);
  }
}

void
test_host_use (TestHost *self, AirUsageBook *usage)
{
  self->usage = usage;
  air_instance_set_usage (self->instance, usage);
}

/* --- the ledger ------------------------------------------------------------------------ */

void
test_host_restart (TestHost *self)
{
  air_instance_free (self->instance);
  self->instance = air_instance_new (self->plan, INSTANCE);
  air_instance_set_usage (self->instance, self->usage);
  for (guint i = 0; i < self->records->len; i++)
    {
      g_autoptr (GError) error = NULL;

      air_instance_apply (self->instance, g_ptr_array_index (self->records, i), g_array_index (self->times, gint64, i),
                          &error);
      g_assert_no_error (error);
    }
}

static void
crash (TestHost *self)
{
  const AirEvent recovered = { .kind = AIR_EVENT_RECOVERED };

  self->crash_at = 0;
  self->crashes++;
  g_ptr_array_set_size (self->pending, 0);
  g_hash_table_remove_all (self->timers);
  self->now_us += 5 * G_USEC_PER_SEC;
  test_host_restart (self);
  test_host_send (self, &recovered);
}

static void
take_effect (TestHost *self, AirEffect *take_effect)
{
  switch (take_effect->kind)
    {
    case AIR_EFFECT_CALL:
      g_ptr_array_add (self->pending, take_effect);
      return;
    case AIR_EFFECT_TIMER:
      g_hash_table_replace (self->timers, g_strdup (take_effect->timer.id),
                            g_memdup2 (&take_effect->timer.at_us, sizeof (gint64)));
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      g_hash_table_remove (self->timers, take_effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
      self->gates_opened++;
      break;
    case AIR_EFFECT_GATE_CLOSED:
      self->gates_closed++;
      break;
    case AIR_EFFECT_FINISHED:
      self->finished = TRUE;
      break;
    }
  air_effect_free (take_effect);
}

gboolean
test_host_try (TestHost *self, const AirEvent *event, GError **error)
{
  g_auto (AirTransition) transition = { 0 };
  gint64 time_us = self->now_us - self->now_us % 1000;

  if (!air_instance_advance (self->instance, event, self->now_us, air_seeded_random_get (self->random), &transition,
                             error))
    return FALSE;
  while (transition.records->len > 0)
    {
      g_ptr_array_add (self->records, g_ptr_array_steal_index (transition.records, 0));
      g_array_append_val (self->times, time_us);
      if (self->crash_at == self->records->len
          && (self->crash_how == TEST_CRASH_BEFORE_EFFECTS || transition.records->len > 0))
        {
          crash (self);
          return TRUE;
        }
    }
  while (transition.effects->len > 0)
    take_effect (self, g_ptr_array_steal_index (transition.effects, 0));
  if (self->crash_at != 0 && self->crash_at == self->records->len)
    {
      for (guint i = 0; i < self->pending->len; i++)
        air_outcome_free (perform (self, g_ptr_array_index (self->pending, i)));
      crash (self);
    }
  return TRUE;
}

void
test_host_send (TestHost *self, const AirEvent *event)
{
  g_autoptr (GError) error = NULL;

  test_host_try (self, event, &error);
  g_assert_no_error (error);
}

void
test_host_trigger (TestHost *self, const char *json)
{
  g_autoptr (AirValue) data = air_json_parse (json, strlen (json), NULL);
  const AirEvent event = { .kind = AIR_EVENT_TRIGGER,
                           .trigger = { .data = data,
                                        .actor = "airails://demo/systems/shop",
                                        .dedup_key = "d-1",
                                        .concurrency_key = "o-1",
                                        .requester = "airails://demo/people/rita" } };

  test_host_send (self, &event);
}

/* --- people ------------------------------------------------------------------------------- */

gboolean
test_host_decide (TestHost *self, const char *node, gboolean approve, const char *actor, GError **error)
{
  const AirEvent event = { .kind = AIR_EVENT_DECISION,
                           .decision = { .node = node,
                                         .approve = approve,
                                         .actor = actor,
                                         .key = "k",
                                         .role = "approver",
                                         .reason = "as agreed",
                                         .envelope = "{\"payload\":\"\"}" } };

  return test_host_try (self, &event, error);
}

static gboolean
has_decided (const AirGateFacts *facts, const char *actor)
{
  for (gsize i = 0; i < air_list_get_size (facts->decisions); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (facts->decisions, i), "actor"), actor) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
let_people_decide (TestHost *self)
{
  for (guint n = 0; n < air_plan_get_n_nodes (self->plan); n++)
    {
      const char *node = air_plan_get_node_id (self->plan, n);
      g_auto (AirGateFacts) facts = { 0 };

      if (!air_instance_get_gate (self->instance, node, &facts) || !facts.waiting)
        continue;
      for (guint i = 0; self->approvers != NULL && self->approvers[i] != NULL; i++)
        if (!has_decided (&facts, self->approvers[i]))
          {
            g_assert_true (test_host_decide (self, node, TRUE, self->approvers[i], NULL));
            return TRUE;
          }
    }
  return FALSE;
}

/* --- the loop ---------------------------------------------------------------------------------- */

static gboolean
fire_timer (TestHost *self)
{
  GHashTableIter iter;
  gpointer key;
  gpointer value;
  g_autofree char *first = NULL;
  gint64 at_us = G_MAXINT64;

  g_hash_table_iter_init (&iter, self->timers);
  while (g_hash_table_iter_next (&iter, &key, &value))
    /* Deadlines come when a test wants them. */
    if (!g_str_has_prefix (key, "deadline/") && *(gint64 *) value < at_us)
      {
        at_us = *(gint64 *) value;
        g_free (first);
        first = g_strdup (key);
      }
  if (first == NULL)
    return FALSE;
  g_hash_table_remove (self->timers, first);
  self->now_us = MAX (self->now_us, at_us);
  test_host_send (self, &(AirEvent) { .kind = AIR_EVENT_TIMER, .timer.id = first });
  return TRUE;
}

gboolean
test_host_step (TestHost *self)
{
  self->now_us += 1234;
  if (self->pending->len > 0)
    {
      g_autoptr (AirEffect) effect = g_ptr_array_steal_index (self->pending, 0);
      g_autoptr (AirOutcome) outcome = perform (self, effect);

      test_host_send (self, &(AirEvent) { .kind = AIR_EVENT_OUTCOME,
                                          .outcome = { .node = effect->node,
                                                       .attempt = effect->call.attempt,
                                                       .purpose = effect->call.purpose,
                                                       .outcome = outcome } });
      return TRUE;
    }
  return fire_timer (self) || let_people_decide (self);
}

void
test_host_run (TestHost *self)
{
  for (guint rounds = 0; rounds < 1000; rounds++)
    if (!test_host_step (self))
      return;
  g_error ("the run does not come to rest");
}

/* --- asking -------------------------------------------------------------------------------------- */

guint
test_host_count (TestHost *self, const char *operation)
{
  guint n = 0;

  for (guint i = 0; i < self->effects->len; i++)
    {
      const char *effect = g_ptr_array_index (self->effects, i);

      n += g_str_has_prefix (effect, operation) && effect[strlen (operation)] == ' ';
    }
  return n;
}

AirRecord *
test_host_find (TestHost *self, const char *type, guint nth)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      AirRecord *record = g_ptr_array_index (self->records, i);

      if (g_str_equal (record->type, type) && nth-- == 0)
        return record;
    }
  return NULL;
}

guint
test_host_count_records (TestHost *self, const char *type)
{
  guint n = 0;

  while (test_host_find (self, type, n) != NULL)
    n++;
  return n;
}

void
test_host_check (TestHost *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *waiting = air_instance_get_waiting_on (self->instance);
  g_autofree char *waiting_again = NULL;
  AirInstanceState state = air_instance_get_state (self->instance);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->effects->len; i++)
    g_assert_true (g_hash_table_add (seen, g_ptr_array_index (self->effects, i)));

  air_instance_replay (self->plan, INSTANCE, self->records, (const gint64 *) (gpointer) self->times->data, NULL,
                       &error);
  g_assert_no_error (error);

  g_assert_cmpuint (air_instance_get_entries (self->instance), ==, self->records->len);
  test_host_restart (self);
  g_assert_cmpuint (air_instance_get_entries (self->instance), ==, self->records->len);
  g_assert_cmpint (air_instance_get_state (self->instance), ==, state);
  waiting_again = air_instance_get_waiting_on (self->instance);
  g_assert_cmpstr (waiting, ==, waiting_again);
  if (air_instance_is_finished (self->instance))
    {
      AirRecord *last = g_ptr_array_index (self->records, self->records->len - 1);

      g_assert_cmpint (air_map_get_int (last->members, "count", 0), ==, self->records->len);
    }
}
