/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-effects.h"

#include "base/air-clock.h"
#include "engine/air-effect-queue.h"

typedef struct {
  AirEffects *effects;  /* NULL once they are gone */
  AirQueuedCall *call;  /* the queue's */
  AirQueuedCall orphan; /* what it held, once the queue is gone: the one who performs still reads it */
} Work;

struct _AirEffects {
  AirPerformer performer;
  AirEffectQueue *queue;
  GHashTable *in_flight; /* set of Work */
  GCancellable *cancellable;
  AirHistogram *durations;
  AirEffectDone done;
  gpointer user_data;
  guint wake; /* source: when the queue is to be asked though nothing was answered */
  gboolean pumping;
};

static void pump (AirEffects *self);

static gboolean
wake_cb (gpointer user_data)
{
  AirEffects *self = user_data;

  self->wake = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
performed_cb (AirOutcome *take_outcome, gpointer user_data)
{
  g_autofree Work *work = user_data;
  AirEffects *self = work->effects;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (AirEffect) call = NULL;
  g_autofree char *run = NULL;

  if (self == NULL)
    {
      air_effect_free (work->orphan.call);
      g_free (work->orphan.run);
      air_outcome_free (take_outcome);
      return;
    }
  g_hash_table_remove (self->in_flight, work);
  if (self->durations != NULL)
    air_histogram_add (self->durations, now - work->call->began_us);
  call = g_steal_pointer (&work->call->call);
  run = g_steal_pointer (&work->call->run);
  air_effect_queue_settle (self->queue, work->call, take_outcome, now);
  self->done (run, call, take_outcome, self->user_data);
  pump (self);
}

/* An answer may come before perform returns: then the loop goes on instead of nesting. */
static void
pump (AirEffects *self)
{
  AirQueuedCall *call;
  gint64 now, wake;

  if (self->pumping)
    return;
  self->pumping = TRUE;
  while ((call = air_effect_queue_next (self->queue, g_get_monotonic_time ())) != NULL)
    {
      Work *work = g_new (Work, 1);

      *work = (Work) { .effects = self, .call = call };
      g_hash_table_add (self->in_flight, work);
      self->performer.perform (self->performer.performer, call->run, call->call, self->cancellable, performed_cb, work);
    }
  self->pumping = FALSE;

  now = g_get_monotonic_time ();
  wake = air_effect_queue_get_wake (self->queue, now);
  g_clear_handle_id (&self->wake, g_source_remove);
  if (wake > 0)
    self->wake = g_timeout_add (MAX (wake - now, 0) / 1000 + 1, wake_cb, self);
}

/**
 * air_effects_new:
 * @performer: who acts; copied
 * @max_in_flight: how many at once
 * @durations: (nullable): where durations are counted; outlives it
 * @done: called for each call that came to an outcome
 * @user_data: for @done
 *
 * Returns: (transfer full): effects of nobody
 */
AirEffects *
air_effects_new (const AirPerformer *performer,
                 guint max_in_flight,
                 AirHistogram *durations,
                 AirEffectDone done,
                 gpointer user_data)
{
  AirEffects *self = g_new0 (AirEffects, 1);

  self->performer = *performer;
  self->queue = air_effect_queue_new (max_in_flight, g_get_monotonic_time ());
  self->in_flight = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  self->durations = durations;
  self->done = done;
  self->user_data = user_data;
  return self;
}

/**
 * air_effects_add:
 * @self: effects
 * @run: the run it belongs to
 * @take_call: (transfer full): whose intent is durable
 *
 * May start it at once.
 */
void
air_effects_add (AirEffects *self, const char *run, AirLatencyClass latency, AirEffect *take_call)
{
  const char *connector = self->performer.connector_of (self->performer.performer, take_call->call.operation);

  air_effect_queue_add_classed (self->queue, latency, run, connector, take_call);
  pump (self);
}

/**
 * air_effects_withdraw:
 * @self: effects
 * @run: a run
 * @is_meant: (scope call): which of those that have not started
 * @user_data: for @is_meant
 *
 * They never start: their outcome says so, at once.
 */
void
air_effects_withdraw (AirEffects *self, const char *run, AirEffectIsMeant is_meant, gpointer user_data)
{
  g_autoptr (GPtrArray) calls = air_effect_queue_withdraw (self->queue, run, is_meant, user_data);

  for (guint i = 0; i < calls->len; i++)
    self->done (run, calls->pdata[i], air_outcome_new (AIR_OUTCOME_RETRY, 0, "the run ended before it was sent"),
                self->user_data);
}

/**
 * air_effects_set_paused:
 * @self: effects
 * @run: a run
 * @paused: whether what has not started of it is to wait
 */
void
air_effects_set_paused (AirEffects *self, const char *run, gboolean paused)
{
  air_effect_queue_set_paused (self->queue, run, paused);
  if (!paused)
    pump (self);
}

/**
 * air_effects_get_in_flight:
 * @self: effects
 *
 * Returns: how many are not answered
 */
guint
air_effects_get_in_flight (AirEffects *self)
{
  return air_effect_queue_get_in_flight (self->queue);
}

/**
 * air_effects_get_waiting:
 * @self: effects
 *
 * Returns: how many have not started
 */
guint
air_effects_get_waiting (AirEffects *self)
{
  return air_effect_queue_get_waiting (self->queue);
}

/**
 * air_effects_describe:
 * @self: effects
 *
 * Returns: (transfer full): as air_effect_queue_describe()
 */
AirValue *
air_effects_describe (AirEffects *self)
{
  return air_effect_queue_describe (self->queue, g_get_monotonic_time ());
}

/**
 * air_effects_get_resting:
 * @self: effects
 * @run: a run
 *
 * Returns: (transfer full) (nullable): "connector v is resting until …" when that holds back a call of the run
 */
char *
air_effects_get_resting (AirEffects *self, const char *run)
{
  gint64 until_us, now_us = g_get_monotonic_time ();
  const char *connector = air_effect_queue_find_resting (self->queue, run, &until_us);
  g_autofree char *until = NULL;

  if (connector == NULL)
    return NULL;
  /* People read the time of day; the breaker counts on a clock that is never set. */
  until = air_time_format (g_get_real_time () + MAX (until_us - now_us, 0));
  return g_strdup_printf ("connector %s is resting until %s, since it did not answer", connector, until);
}

/**
 * air_effects_drain:
 * @self: effects
 *
 * Starts nothing more.
 */
void
air_effects_drain (AirEffects *self)
{
  air_effect_queue_drain (self->queue);
}

void
air_effects_free (AirEffects *self)
{
  GHashTableIter iter;
  gpointer key;

  g_clear_handle_id (&self->wake, g_source_remove);
  /* Those in flight free themselves when their answers come. */
  g_hash_table_iter_init (&iter, self->in_flight);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      Work *work = key;

      work->effects = NULL;
      work->orphan = *work->call;
      work->call->call = NULL;
      work->call->run = NULL;
    }
  g_cancellable_cancel (self->cancellable);
  g_hash_table_unref (self->in_flight);
  air_effect_queue_free (self->queue);
  g_object_unref (self->cancellable);
  g_free (self);
}
