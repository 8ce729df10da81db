/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows once records are durable, and what comes of it: answers and timers. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

static void
perform (AirHost *self, AirRun *run, AirEffect *take_effect)
{
  g_autoptr (AirEffect) effect = take_effect;

  switch (effect->kind)
    {
    case AIR_EFFECT_CALL:
      run->in_flight++;
      if (effect->call.purpose == AIR_PURPOSE_EXECUTE && effect->call.attempt > 1)
        self->stats.retries++;
      air_host_tell_node (self, run, effect->node);
      air_effects_add (self->effects, run->chain->id, run->latency, g_steal_pointer (&effect));
      break;
    case AIR_EFFECT_TIMER:
      air_timers_set (self->timers, run->chain->id, effect->timer.id, effect->timer.at_us);
      break;
    case AIR_EFFECT_TIMER_CANCEL:
      air_timers_cancel (self->timers, run->chain->id, effect->timer.id);
      break;
    case AIR_EFFECT_GATE_OPENED:
    case AIR_EFFECT_GATE_CLOSED:
      air_host_tell_gate (self, run, effect->node);
      break;
    case AIR_EFFECT_FINISHED:
      run->finished = TRUE;
      break;
    default:
      g_assert_not_reached ();
    }
}

void
air_host_perform_all (AirHost *self, AirRun *run, GPtrArray *take_effects)
{
  for (guint i = 0; take_effects != NULL && i < take_effects->len; i++)
    perform (self, run, g_steal_pointer (&take_effects->pdata[i]));
  g_clear_pointer (&take_effects, g_ptr_array_unref);
}

/* Of a run that came back into memory: who watches knows its gates. */
void
air_host_set_timers (AirHost *self, AirRun *run, GPtrArray *take_effects)
{
  for (guint i = 0; i < take_effects->len; i++)
    {
      const AirEffect *effect = take_effects->pdata[i];

      if (effect->kind != AIR_EFFECT_GATE_OPENED)
        perform (self, run, g_steal_pointer (&take_effects->pdata[i]));
    }
  g_ptr_array_unref (take_effects);
}

void
air_host_performed_cb (const char *id, const AirEffect *call, AirOutcome *take_outcome, gpointer user_data)
{
  AirHost *self = user_data;
  AirRun *run = g_hash_table_lookup (self->runs, id);
  AirMessage *message;

  self->stats.steps++;
  if (take_outcome->outcome_class == AIR_OUTCOME_UNKNOWN)
    self->stats.unknowns++;
  else if (call->call.purpose == AIR_PURPOSE_RECONCILE && take_outcome->outcome_class != AIR_OUTCOME_RETRY)
    self->stats.reconciled++;
  if (call->call.purpose == AIR_PURPOSE_COMPENSATE && take_outcome->outcome_class == AIR_OUTCOME_OK)
    self->stats.compensations++;
  if (take_outcome->alarm != NULL)
    {
      self->stats.alarms++;
      g_warning ("alarm %s: run %s, node %s", take_outcome->alarm, id, call->node);
    }
  if (run == NULL)
    {
      air_outcome_free (take_outcome);
      return;
    }
  run->in_flight--;
  message = air_message_new (AIR_EVENT_OUTCOME);
  message->node = g_strdup (call->node);
  message->attempt = call->call.attempt;
  message->purpose = call->call.purpose;
  message->outcome = take_outcome;
  air_host_post (self, run, message);
}

static gboolean
was_surely_not_sent (const AirEffect *call, gpointer user_data)
{
  AirRun *run = user_data;

  return call->call.purpose == AIR_PURPOSE_EXECUTE && !air_instance_is_in_doubt (run->instance, call->node);
}

void
air_host_withdraw (AirHost *self, AirRun *run)
{
  if (run->in_flight > 0)
    air_effects_withdraw (self->effects, run->chain->id, was_surely_not_sent, run);
}

void
air_host_timer_cb (const char *id, const char *timer, gpointer user_data)
{
  AirHost *self = user_data;
  gboolean wakes = timer == NULL && !g_hash_table_contains (self->runs, id);
  g_autoptr (GError) error = NULL;
  AirRun *run;
  AirMessage *message;

  if (g_strcmp0 (timer, AIR_TIMER_BEGIN) == 0)
    {
      air_host_let_begin (self, id);
      return;
    }
  if (timer == NULL && !wakes)
    return; /* its own timers are set since it is in memory */
  run = air_host_open_run (self, id, &error);
  if (run == NULL)
    {
      if (air_host_passes (error))
        air_timers_set (self->timers, id, timer, g_get_real_time () + G_USEC_PER_SEC);
      else if (error != NULL)
        air_host_give_up (self, id, error);
      return;
    }
  if (wakes)
    {
      if (run->inbox.length > 0)
        air_host_schedule (self, run);
      else
        air_host_park (self, run);
      return;
    }
  message = air_message_new (AIR_EVENT_TIMER);
  message->timer = g_strdup (timer);
  air_host_post (self, run, message);
}
