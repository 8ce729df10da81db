/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-timers.h"

#include "engine/air-timer-heap.h"

/* How many fire before other work gets its turn. */
#define MAX_AT_ONCE 256
/* What wakes within this time is in the heap. Looked up twice as often: what was not in the store yet is seen the
 * next time, and still in time. */
#define HORIZON_US (60 * (gint64) G_USEC_PER_SEC)
/* As many are enough at a time: the others of a great many that wake together are looked up when these have. */
#define MAX_LOADED 4096

struct _AirTimers {
  AirTimerHeap *heap;
  GSource *source;
  AirTimerFired fired;
  gpointer user_data;
  AirTimersLoad load; /* nullable */
  gpointer load_data;
  gint64 loaded_us;      /* who wakes before is in the heap */
  gboolean cut_short;    /* there are more right behind */
  gint64 load_failed_us; /* 0: the last time it went well */
};

typedef struct {
  GSource parent;
  AirTimers *timers;
} TimerSource;

static gint64
next_load (AirTimers *self)
{
  gint64 at_us;

  if (self->load_failed_us != 0)
    return self->load_failed_us + G_USEC_PER_SEC;
  if (!self->cut_short)
    return self->loaded_us - HORIZON_US / 2;
  /* Nothing that is still to be looked up comes before those that are in the heap. */
  return air_timer_heap_peek (self->heap, &at_us) && at_us < self->loaded_us ? G_MAXINT64 : 0;
}

static void
look_up (AirTimers *self, gint64 now)
{
  gint64 until_us = now + HORIZON_US, from_us = self->cut_short ? self->loaded_us : 1;
  gint64 loaded_us = until_us;

  if (!self->load (from_us, until_us, MAX_LOADED, &loaded_us, self->load_data))
    {
      self->load_failed_us = now;
      return;
    }
  self->load_failed_us = 0;
  self->cut_short = loaded_us < until_us;
  self->loaded_us = loaded_us;
}

static void
arm (AirTimers *self)
{
  gint64 at_us = G_MAXINT64, delay;

  if (!air_timer_heap_peek (self->heap, &at_us) && self->load == NULL)
    {
      g_source_set_ready_time (self->source, -1);
      return;
    }
  if (self->load != NULL)
    at_us = MIN (at_us, next_load (self));
  /* The wall clock may be set; a second at most passes until we look again. */
  delay = CLAMP (at_us - g_get_real_time (), 0, G_USEC_PER_SEC);
  g_source_set_ready_time (self->source, g_get_monotonic_time () + delay);
}

static gboolean
timers_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  AirTimers *self = ((TimerSource *) source)->timers;
  gint64 now = g_get_real_time ();

  /* The clock was set back: what is looked up ahead of it would only fill the heap. */
  if (self->loaded_us > now + 2 * HORIZON_US)
    self->loaded_us = now + HORIZON_US;
  for (guint n = 0; n < MAX_AT_ONCE; n++)
    {
      g_autofree char *run = NULL, *id = NULL;

      if (!air_timer_heap_pop (self->heap, now, &run, &id))
        break;
      self->fired (run, id, self->user_data);
    }
  if (self->load != NULL && now >= next_load (self))
    look_up (self, now);
  arm (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timers_funcs = { .dispatch = timers_dispatch };

/**
 * air_timers_new:
 * @fired: called when one is due
 * @user_data: for @fired
 *
 * Returns: (transfer full): timers, in the default main context of the calling thread
 */
AirTimers *
air_timers_new (AirTimerFired fired, gpointer user_data)
{
  AirTimers *self = g_new0 (AirTimers, 1);

  self->heap = air_timer_heap_new ();
  self->fired = fired;
  self->user_data = user_data;
  self->source = g_source_new (&timers_funcs, sizeof (TimerSource));
  ((TimerSource *) self->source)->timers = self;
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

/**
 * air_timers_start_loading:
 * @self: timers
 * @load: looks up what wakes soon, from now on
 * @user_data: for @load
 */
void
air_timers_start_loading (AirTimers *self, AirTimersLoad load, gpointer user_data)
{
  self->load = load;
  self->load_data = user_data;
  g_source_set_ready_time (self->source, 0);
}

/**
 * air_timers_park:
 * @self: timers
 * @run: an instance that leaves the memory
 * @wake_us: when it is woken, in microseconds since the Unix epoch; 0: never
 *
 * Its own timers go.
 */
void
air_timers_park (AirTimers *self, const char *run, gint64 wake_us)
{
  air_timer_heap_forget (self->heap, run);
  if (wake_us != 0 && wake_us < self->loaded_us)
    air_timers_set (self, run, NULL, wake_us);
}

/**
 * air_timers_set:
 * @self: timers
 * @run: the run it belongs to
 * @id: (nullable): its own
 * @at_us: when it is due, in microseconds since the Unix epoch
 *
 * Replaces the timer of the same run and id.
 */
void
air_timers_set (AirTimers *self, const char *run, const char *id, gint64 at_us)
{
  air_timer_heap_set (self->heap, run, id, at_us);
  arm (self);
}

/**
 * air_timers_cancel:
 * @self: timers
 * @run: a run
 * @id: (nullable): the timer's
 *
 * Returns: whether there was one
 */
gboolean
air_timers_cancel (AirTimers *self, const char *run, const char *id)
{
  return air_timer_heap_cancel (self->heap, run, id);
}

/**
 * air_timers_forget:
 * @self: timers
 * @run: a run, all of whose timers go
 */
void
air_timers_forget (AirTimers *self, const char *run)
{
  air_timer_heap_forget (self->heap, run);
}

/**
 * air_timers_next_of:
 * @self: timers
 * @run: a run
 * @except: (nullable) (element-type utf8): the ids of those that do not count
 *
 * Returns: the earliest of the run's timers, in microseconds since the Unix epoch; 0 when there is none
 */
gint64
air_timers_next_of (AirTimers *self, const char *run, GPtrArray *except)
{
  return air_timer_heap_next_of (self->heap, run, except);
}

/**
 * air_timers_get_size:
 * @self: timers
 *
 * Returns: how many are set
 */
guint
air_timers_get_size (AirTimers *self)
{
  return air_timer_heap_get_size (self->heap);
}

void
air_timers_free (AirTimers *self)
{
  air_timer_heap_free (self->heap);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_free (self);
}
