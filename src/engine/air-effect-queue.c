/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"

#include "config.h"

#include "air-effect-queue.h"

typedef struct {
  char *name;
  AirBreaker breaker;
  GQueue held;    /* Work, while the breaker is open */
  GQueue crowded; /* Work, while as much of it is in flight as may be */
  guint in_flight;
} Connector;

typedef struct {
  AirQueuedCall call;
  Connector *connector;
  guint place; /* in the list of those in flight */
} Work;

struct _AirEffectQueue {
  guint max;
  gint64 started_us;
  GQueue waiting;        /* Work */
  GPtrArray *in_flight;  /* Work */
  GHashTable *by_name;   /* connector → Connector */
  GPtrArray *connectors; /* Connector, in the order in which they were first called: the same for the same calls */
  gboolean draining;
};

static void
work_free (Work *work)
{
  g_free (work->call.run);
  air_effect_free (work->call.call);
  g_free (work);
}

static void
connector_free (gpointer data)
{
  Connector *connector = data;

  g_queue_clear_full (&connector->held, (GDestroyNotify) work_free);
  g_queue_clear_full (&connector->crowded, (GDestroyNotify) work_free);
  g_free (connector->name);
  g_free (connector);
}

/**
 * air_effect_queue_new:
 * @max_in_flight: how many at most, once the first moments are over
 * @now_us: microseconds, as all times here
 *
 * Returns: (transfer full): an empty queue. air_effect_queue_free() leaves calls in flight to be settled; then they
 *   are freed, too
 */
AirEffectQueue *
air_effect_queue_new (guint max_in_flight, gint64 now_us)
{
  AirEffectQueue *self = g_new0 (AirEffectQueue, 1);

  self->max = max_in_flight;
  self->started_us = now_us;
  self->in_flight = g_ptr_array_new_with_free_func ((GDestroyNotify) work_free);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->connectors = g_ptr_array_new_with_free_func (connector_free);
  return self;
}

void
air_effect_queue_free (AirEffectQueue *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) work_free);
  g_ptr_array_unref (self->in_flight);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->connectors);
  g_free (self);
}

static Connector *
find_connector (AirEffectQueue *self, const char *name)
{
  Connector *connector = g_hash_table_lookup (self->by_name, name);

  if (connector == NULL)
    {
      connector = g_new0 (Connector, 1);
      connector->name = g_strdup (name);
      g_queue_init (&connector->held);
      g_queue_init (&connector->crowded);
      g_hash_table_insert (self->by_name, g_strdup (name), connector);
      g_ptr_array_add (self->connectors, connector);
    }
  return connector;
}

/**
 * air_effect_queue_add:
 * @self: a queue
 * @run: the run it belongs to
 * @connector: (nullable): whom it goes to
 * @take_call: (transfer full): an effect of kind CALL, durable
 *
 * Puts it at the end.
 */
void
air_effect_queue_add (AirEffectQueue *self, const char *run, const char *connector, AirEffect *take_call)
{
  Work *work = g_new0 (Work, 1);

  g_return_if_fail (take_call->kind == AIR_EFFECT_CALL);

  work->call.run = g_strdup (run);
  work->call.call = take_call;
  work->connector = find_connector (self, connector != NULL ? connector : "");
  g_queue_push_tail (&self->waiting, work);
}

/**
 * air_effect_queue_get_cap:
 * @self: a queue
 * @now_us: now
 *
 * Returns: how many may be in flight now
 */
guint
air_effect_queue_get_cap (AirEffectQueue *self, gint64 now_us)
{
  guint64 cap = AIR_EFFECT_FIRST_CAP;

  for (gint64 left = now_us - self->started_us; left >= AIR_EFFECT_RAMP_US && cap < self->max;
       left -= AIR_EFFECT_RAMP_US)
    cap *= 2;
  return MIN (cap, self->max);
}

/* Of a vendor that may answer again one call goes first, to see. */
static void
let_probe (AirEffectQueue *self, gint64 now_us)
{
  for (guint i = 0; i < self->connectors->len; i++)
    {
      Connector *connector = self->connectors->pdata[i];

      if (connector->breaker.state == AIR_BREAKER_OPEN && connector->held.length > 0
          && now_us >= connector->breaker.until_us)
        g_queue_push_head (&self->waiting, g_queue_pop_head (&connector->held));
    }
}

/* How many calls one connector may have in flight: all while it is the only one. */
static guint
get_share (const AirEffectQueue *self, guint cap)
{
  return self->connectors->len > 1 ? MAX (cap * 3 / 4, 1) : cap;
}

/* The bound has grown since they came. */
static void
make_room (AirEffectQueue *self, guint cap)
{
  for (guint i = 0; i < self->connectors->len; i++)
    {
      Connector *connector = self->connectors->pdata[i];

      if (connector->crowded.length > 0 && connector->in_flight < get_share (self, cap))
        g_queue_push_head (&self->waiting, g_queue_pop_head (&connector->crowded));
    }
}

/**
 * air_effect_queue_next:
 * @self: a queue
 * @now_us: now
 *
 * Returns: (transfer none) (nullable): the next call to start, in flight from now on; %NULL when none may now
 */
AirQueuedCall *
air_effect_queue_next (AirEffectQueue *self, gint64 now_us)
{
  guint cap = air_effect_queue_get_cap (self, now_us);

  if (self->draining || self->in_flight->len >= cap)
    return NULL;
  let_probe (self, now_us);
  make_room (self, cap);
  while (self->waiting.length > 0)
    {
      Work *work = g_queue_pop_head (&self->waiting);

      if (work->connector->in_flight >= get_share (self, cap))
        {
          g_queue_push_tail (&work->connector->crowded, work);
          continue;
        }
      if (!air_breaker_admit (&work->connector->breaker, now_us))
        {
          g_queue_push_tail (&work->connector->held, work);
          continue;
        }
      work->call.began_us = now_us;
      work->place = self->in_flight->len;
      work->connector->in_flight++;
      g_ptr_array_add (self->in_flight, work);
      return &work->call;
    }
  return NULL;
}

/**
 * air_effect_queue_settle:
 * @self: a queue
 * @call: (transfer full): what air_effect_queue_next() gave
 * @outcome: what became of it
 * @now_us: now
 *
 * It was answered: makes room, and tells the breaker of its connector.
 */
void
air_effect_queue_settle (AirEffectQueue *self, AirQueuedCall *call, const AirOutcome *outcome, gint64 now_us)
{
  Work *work = (Work *) call, *last = self->in_flight->pdata[self->in_flight->len - 1];
  Connector *connector = work->connector;

  g_return_if_fail (work->place < self->in_flight->len && self->in_flight->pdata[work->place] == work);

  air_breaker_record (&connector->breaker, outcome, now_us);
  last->place = work->place;
  g_ptr_array_remove_index_fast (self->in_flight, work->place); /* frees it */
  connector->in_flight--;
  if (connector->crowded.length > 0)
    g_queue_push_head (&self->waiting, g_queue_pop_head (&connector->crowded));
  if (connector->breaker.state == AIR_BREAKER_CLOSED)
    while (connector->held.length > 0)
      g_queue_push_head (&self->waiting, g_queue_pop_tail (&connector->held));
}

/**
 * air_effect_queue_get_wake:
 * @self: a queue
 * @now_us: now
 *
 * Returns: when to ask again though nothing is settled; 0: only then
 */
gint64
air_effect_queue_get_wake (AirEffectQueue *self, gint64 now_us)
{
  guint cap = air_effect_queue_get_cap (self, now_us);
  gint64 wake = 0;

  if (self->draining)
    return 0;
  if (self->in_flight->len >= cap)
    {
      if (cap >= self->max || air_effect_queue_get_waiting (self) == 0)
        return 0;
      return now_us + AIR_EFFECT_RAMP_US - (now_us - self->started_us) % AIR_EFFECT_RAMP_US;
    }
  if (self->waiting.length > 0)
    return now_us;
  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];

      if (connector->breaker.state == AIR_BREAKER_OPEN && connector->held.length > 0
          && (wake == 0 || connector->breaker.until_us < wake))
        wake = connector->breaker.until_us;
    }
  return wake;
}

/**
 * air_effect_queue_get_in_flight:
 * @self: a queue
 *
 * Returns: how many were given and are not settled
 */
guint
air_effect_queue_get_in_flight (const AirEffectQueue *self)
{
  return self->in_flight->len;
}

/**
 * air_effect_queue_get_waiting:
 * @self: a queue
 *
 * Returns: how many have not started, those held back by a breaker included
 */
guint
air_effect_queue_get_waiting (const AirEffectQueue *self)
{
  guint waiting = self->waiting.length;

  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];

      waiting += connector->held.length + connector->crowded.length;
    }
  return waiting;
}

/**
 * air_effect_queue_describe:
 * @self: a queue
 * @now_us: now
 *
 * Returns: (transfer full): what is known of every connector that was called: list of {connector, state (closed, open,
 *   probing), failures, in_flight, held, rests_ms}
 */
AirValue *
air_effect_queue_describe (const AirEffectQueue *self, gint64 now_us)
{
  static const char *const states[] = { "closed", "open", "probing" };
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];
      AirValue *item = air_map_new ();
      gint64 rests = connector->breaker.state == AIR_BREAKER_OPEN ? connector->breaker.until_us - now_us : 0;

      air_map_set_string (item, "connector", connector->name);
      air_map_set_string (item, "state", states[connector->breaker.state]);
      air_map_set_int (item, "failures", connector->breaker.failures);
      air_map_set_int (item, "in_flight", connector->in_flight);
      air_map_set_int (item, "held", connector->held.length);
      air_map_set_int (item, "rests_ms", MAX (rests, 0) / 1000);
      air_list_append (list, item);
    }
  return list;
}

/**
 * air_effect_queue_find_resting:
 * @self: a queue
 * @run: a run
 * @ret_until_us: (out): when it is tried again
 *
 * Returns: (transfer none) (nullable): the connector that holds back a call of this run; %NULL: none does
 */
const char *
air_effect_queue_find_resting (const AirEffectQueue *self, const char *run, gint64 *ret_until_us)
{
  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];

      for (const GList *l = connector->held.head; l != NULL; l = l->next)
        if (g_str_equal (((const Work *) l->data)->call.run, run))
          {
            *ret_until_us = connector->breaker.until_us;
            return connector->name;
          }
    }
  return NULL;
}

/**
 * air_effect_queue_drain:
 * @self: a queue
 *
 * Starts nothing more, for good: what is in flight is let come back.
 */
void
air_effect_queue_drain (AirEffectQueue *self)
{
  self->draining = TRUE;
}
