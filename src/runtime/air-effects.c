/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-effects.h"

#define FIRST_CAP  16
#define RAMP_MS    250
#define BREAKER_MS 100

typedef struct {
  AirBreaker breaker;
  GQueue held; /* Work, while the breaker is open */
} Connector;

typedef struct {
  AirEffects *effects; /* NULL once they are gone */
  Connector *connector;
  char *run;
  AirEffect *call;
  gint64 began_us;
} Work;

struct _AirEffects {
  AirPerformer performer;
  guint max;
  guint cap;
  GQueue waiting;        /* Work */
  GHashTable *in_flight; /* set of Work */
  GHashTable *connectors;
  GCancellable *cancellable;
  AirHistogram *durations;
  AirEffectDone done;
  gpointer user_data;
  guint ramp;
  guint probe;
  gboolean draining;
  gboolean pumping;
};

static void pump (AirEffects *self);

static void
work_free (Work *work)
{
  g_free (work->run);
  air_effect_free (work->call);
  g_free (work);
}

static void
connector_free (gpointer data)
{
  Connector *connector = data;

  g_queue_clear_full (&connector->held, (GDestroyNotify) work_free);
  g_free (connector);
}

static gboolean
ramp_cb (gpointer user_data)
{
  AirEffects *self = user_data;

  self->cap = MIN (self->cap * 2, self->max);
  pump (self);
  if (self->cap < self->max)
    return G_SOURCE_CONTINUE;
  self->ramp = 0;
  return G_SOURCE_REMOVE;
}

/* Looks after vendors that are held back until none is. */
static gboolean
probe_cb (gpointer user_data)
{
  AirEffects *self = user_data;
  gboolean held = FALSE;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->connectors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Connector *connector = value;

      if (connector->breaker.state == AIR_BREAKER_OPEN && connector->held.length > 0
          && g_get_monotonic_time () >= connector->breaker.until_us)
        g_queue_push_head (&self->waiting, g_queue_pop_head (&connector->held));
      else if (connector->breaker.state == AIR_BREAKER_CLOSED)
        while (connector->held.length > 0)
          g_queue_push_head (&self->waiting, g_queue_pop_tail (&connector->held));
      held |= connector->held.length > 0;
    }
  pump (self);
  if (held)
    return G_SOURCE_CONTINUE;
  self->probe = 0;
  return G_SOURCE_REMOVE;
}

static void
performed_cb (AirOutcome *take_outcome, gpointer user_data)
{
  Work *work = user_data;
  AirEffects *self = work->effects;
  gint64 now = g_get_monotonic_time ();

  if (self == NULL)
    {
      air_outcome_free (take_outcome);
      work_free (work);
      return;
    }
  g_hash_table_remove (self->in_flight, work);
  if (self->durations != NULL)
    air_histogram_add (self->durations, now - work->began_us);
  air_breaker_record (&work->connector->breaker, take_outcome, now);
  self->done (work->run, work->call, take_outcome, self->user_data);
  work_free (work);
  pump (self);
}

/* An answer may come before perform returns: then the loop goes on instead of nesting. */
static void
pump (AirEffects *self)
{
  if (self->pumping)
    return;
  self->pumping = TRUE;
  while (!self->draining && self->waiting.length > 0 && g_hash_table_size (self->in_flight) < self->cap)
    {
      Work *work = g_queue_pop_head (&self->waiting);

      work->began_us = g_get_monotonic_time ();
      if (!air_breaker_admit (&work->connector->breaker, work->began_us))
        {
          g_queue_push_tail (&work->connector->held, work);
          if (self->probe == 0)
            self->probe = g_timeout_add (BREAKER_MS, probe_cb, self);
          continue;
        }
      g_hash_table_add (self->in_flight, work);
      self->performer.perform (self->performer.performer, work->run, work->call, self->cancellable, performed_cb, work);
    }
  self->pumping = FALSE;
}

AirEffects *
air_effects_new (const AirPerformer *performer,
                 guint max_in_flight,
                 AirHistogram *durations,
                 AirEffectDone done,
                 gpointer user_data)
{
  AirEffects *self = g_new0 (AirEffects, 1);

  self->performer = *performer;
  self->max = max_in_flight;
  self->cap = MIN (FIRST_CAP, max_in_flight);
  self->in_flight = g_hash_table_new (NULL, NULL);
  self->connectors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, connector_free);
  self->cancellable = g_cancellable_new ();
  self->durations = durations;
  self->done = done;
  self->user_data = user_data;
  if (self->cap < self->max)
    self->ramp = g_timeout_add (RAMP_MS, ramp_cb, self);
  return self;
}

void
air_effects_add (AirEffects *self, const char *run, AirEffect *take_call)
{
  const char *name = self->performer.connector_of (self->performer.performer, take_call->call.operation);
  Connector *connector;
  Work *work = g_new0 (Work, 1);

  connector = g_hash_table_lookup (self->connectors, name != NULL ? name : "");
  if (connector == NULL)
    {
      connector = g_new0 (Connector, 1);
      g_hash_table_insert (self->connectors, g_strdup (name != NULL ? name : ""), connector);
    }
  work->effects = self;
  work->connector = connector;
  work->run = g_strdup (run);
  work->call = take_call;
  g_queue_push_tail (&self->waiting, work);
  pump (self);
}

guint
air_effects_get_in_flight (AirEffects *self)
{
  return g_hash_table_size (self->in_flight);
}

guint
air_effects_get_waiting (AirEffects *self)
{
  guint waiting = self->waiting.length;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->connectors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    waiting += ((Connector *) value)->held.length;
  return waiting;
}

void
air_effects_drain (AirEffects *self)
{
  self->draining = TRUE;
}

void
air_effects_free (AirEffects *self)
{
  GHashTableIter iter;
  gpointer work;

  g_clear_handle_id (&self->ramp, g_source_remove);
  g_clear_handle_id (&self->probe, g_source_remove);
  /* Those in flight free themselves when their answers come. */
  g_hash_table_iter_init (&iter, self->in_flight);
  while (g_hash_table_iter_next (&iter, &work, NULL))
    ((Work *) work)->effects = NULL;
  g_cancellable_cancel (self->cancellable);
  g_hash_table_unref (self->in_flight);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) work_free);
  g_hash_table_unref (self->connectors);
  g_object_unref (self->cancellable);
  g_free (self);
}
