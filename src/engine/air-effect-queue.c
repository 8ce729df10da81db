/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"

#include "config.h"

#include "air-effect-queue.h"

/* What waits, by what cannot wait; zeros at first. */
typedef struct {
  GQueue lanes[AIR_N_LATENCY_CLASSES]; /* Work */
  guint turn;
} Lanes;

typedef struct {
  char *name;
  AirBreaker breaker;
  Lanes held;    /* while the breaker is open */
  Lanes crowded; /* while as much of it is in flight as may be */
  guint in_flight;
} Connector;

typedef struct {
  AirQueuedCall call;
  Connector *connector;
  AirLatencyClass latency;
  guint place; /* in the list of those in flight */
} Work;

struct _AirEffectQueue {
  guint max;
  gint64 started_us;
  Lanes waiting;
  GPtrArray *in_flight;  /* Work */
  GHashTable *by_name;   /* connector → Connector */
  GPtrArray *connectors; /* Connector, in the order in which they were first called: the same for the same calls */
  GHashTable *paused;    /* set of runs whose calls do not start */
  Lanes parked;          /* those that had their turn meanwhile */
  gboolean draining;
};

static void
work_free (Work *work)
{
  g_free (work->call.run);
  g_clear_pointer (&work->call.call, air_effect_free);
  g_free (work);
}

/* --- lanes --- */

static guint
lanes_length (const Lanes *self)
{
  guint length = 0;

  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    length += self->lanes[i].length;
  return length;
}

static void
lanes_push (Lanes *self, Work *work)
{
  g_queue_push_tail (&self->lanes[work->latency], work);
}

static void
lanes_push_back (Lanes *self, Work *work)
{
  g_queue_push_head (&self->lanes[work->latency], work);
}

/* NULL: none waits. */
static Work *
lanes_pop (Lanes *self)
{
  guint lengths[AIR_N_LATENCY_CLASSES];
  AirLatencyClass lane;

  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    lengths[i] = self->lanes[i].length;
  lane = air_latency_take_turn (&self->turn, lengths);
  return lane < AIR_N_LATENCY_CLASSES ? g_queue_pop_head (&self->lanes[lane]) : NULL;
}

/* All that wait in @from come before those in @self, as they came. */
static void
lanes_prepend (Lanes *self, Lanes *from)
{
  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    while (from->lanes[i].length > 0)
      lanes_push_back (self, g_queue_pop_tail (&from->lanes[i]));
}

static void
lanes_take_out (Lanes *self, const char *run, AirEffectIsMeant is_meant, gpointer user_data, GPtrArray *taken)
{
  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    for (GList *link = self->lanes[i].head, *next; link != NULL; link = next)
      {
        Work *work = link->data;

        next = link->next;
        if (!g_str_equal (work->call.run, run) || !is_meant (work->call.call, user_data))
          continue;
        g_ptr_array_add (taken, g_steal_pointer (&work->call.call));
        g_queue_delete_link (&self->lanes[i], link);
        work_free (work);
      }
}

static void
lanes_clear (Lanes *self)
{
  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    g_queue_clear_full (&self->lanes[i], (GDestroyNotify) work_free);
}

/* --- the queue --- */

static void
connector_free (gpointer data)
{
  Connector *connector = data;

  lanes_clear (&connector->held);
  lanes_clear (&connector->crowded);
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
  self->paused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
air_effect_queue_free (AirEffectQueue *self)
{
  lanes_clear (&self->waiting);
  lanes_clear (&self->parked);
  g_hash_table_unref (self->paused);
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
  air_effect_queue_add_classed (self, AIR_LATENCY_NORMAL, run, connector, take_call);
}

/**
 * air_effect_queue_add_classed:
 * @self: a queue
 * @latency: how soon the run is wanted
 * @run: the run
 * @connector: (nullable): whose vendor is called
 * @take_call: (transfer full): the call
 *
 * As air_effect_queue_add(), for a run of another class than normal.
 */
void
air_effect_queue_add_classed (AirEffectQueue *self,
                              AirLatencyClass latency,
                              const char *run,
                              const char *connector,
                              AirEffect *take_call)
{
  Work *work = g_new0 (Work, 1);

  g_return_if_fail (take_call->kind == AIR_EFFECT_CALL);

  work->call.run = g_strdup (run);
  work->call.call = take_call;
  work->connector = find_connector (self, connector != NULL ? connector : "");
  work->latency = latency;
  lanes_push (&self->waiting, work);
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

      if (connector->breaker.state == AIR_BREAKER_OPEN && lanes_length (&connector->held) > 0
          && now_us >= connector->breaker.until_us)
        lanes_push_back (&self->waiting, lanes_pop (&connector->held));
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

      if (lanes_length (&connector->crowded) > 0 && connector->in_flight < get_share (self, cap))
        lanes_push_back (&self->waiting, lanes_pop (&connector->crowded));
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
  Work *work;

  if (self->draining || self->in_flight->len >= cap)
    return NULL;
  let_probe (self, now_us);
  make_room (self, cap);
  while ((work = lanes_pop (&self->waiting)) != NULL)
    {
      if (g_hash_table_contains (self->paused, work->call.run))
        {
          lanes_push (&self->parked, work);
          continue;
        }
      if (work->connector->in_flight >= get_share (self, cap))
        {
          lanes_push (&work->connector->crowded, work);
          continue;
        }
      if (!air_breaker_admit (&work->connector->breaker, now_us))
        {
          lanes_push (&work->connector->held, work);
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
  if (lanes_length (&connector->crowded) > 0)
    lanes_push_back (&self->waiting, lanes_pop (&connector->crowded));
  if (connector->breaker.state == AIR_BREAKER_CLOSED)
    lanes_prepend (&self->waiting, &connector->held);
}

/**
 * air_effect_queue_withdraw:
 * @self: a queue
 * @run: a run
 * @is_meant: (scope call): which of its calls
 * @user_data: for @is_meant
 *
 * Takes out calls that have not started.
 *
 * Returns: (transfer full) (element-type AirEffect): those that were taken out
 */
GPtrArray *
air_effect_queue_withdraw (AirEffectQueue *self, const char *run, AirEffectIsMeant is_meant, gpointer user_data)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func ((GDestroyNotify) air_effect_free);

  lanes_take_out (&self->waiting, run, is_meant, user_data, taken);
  lanes_take_out (&self->parked, run, is_meant, user_data, taken);
  for (guint i = 0; i < self->connectors->len; i++)
    {
      Connector *connector = self->connectors->pdata[i];

      lanes_take_out (&connector->held, run, is_meant, user_data, taken);
      lanes_take_out (&connector->crowded, run, is_meant, user_data, taken);
    }
  return taken;
}

/**
 * air_effect_queue_set_paused:
 * @self: a queue
 * @run: a run
 * @paused: whether its calls are not to start; those in flight are let come back
 */
void
air_effect_queue_set_paused (AirEffectQueue *self, const char *run, gboolean paused)
{
  if (paused)
    g_hash_table_add (self->paused, g_strdup (run));
  else if (g_hash_table_remove (self->paused, run))
    lanes_prepend (&self->waiting, &self->parked); /* those of others come back by themselves */
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
  if (lanes_length (&self->waiting) > 0)
    return now_us;
  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];

      if (connector->breaker.state == AIR_BREAKER_OPEN && lanes_length (&connector->held) > 0
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
  guint waiting = lanes_length (&self->waiting) + lanes_length (&self->parked);

  for (guint i = 0; i < self->connectors->len; i++)
    {
      const Connector *connector = self->connectors->pdata[i];

      waiting += lanes_length (&connector->held) + lanes_length (&connector->crowded);
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
      air_map_set_int (item, "held", lanes_length (&connector->held));
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

      for (guint lane = 0; lane < AIR_N_LATENCY_CLASSES; lane++)
        for (const GList *l = connector->held.lanes[lane].head; l != NULL; l = l->next)
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
