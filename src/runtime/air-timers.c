/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-timers.h"

#include <string.h>

/* How many fire before other work gets its turn. */
#define MAX_AT_ONCE 256

typedef struct _Timer Timer;

struct _Timer {
  gint64 at_us; /* of the wall clock */
  guint place;  /* in the heap */
  char *run;
  char *id;    /* nullable */
  Timer *next; /* of the same run */
};

struct _AirTimers {
  GPtrArray *heap;  /* earliest first */
  GHashTable *runs; /* run → its first Timer */
  GSource *source;
  AirTimerFired fired;
  gpointer user_data;
};

typedef struct {
  GSource parent;
  AirTimers *timers;
} TimerSource;

static Timer *
at (AirTimers *self, guint place)
{
  return self->heap->pdata[place];
}

static void
put (AirTimers *self, guint place, Timer *timer)
{
  self->heap->pdata[place] = timer;
  timer->place = place;
}

static void
sift (AirTimers *self, guint place)
{
  Timer *timer = at (self, place);

  while (place > 0 && at (self, (place - 1) / 2)->at_us > timer->at_us)
    {
      put (self, place, at (self, (place - 1) / 2));
      place = (place - 1) / 2;
    }
  for (;;)
    {
      guint child = 2 * place + 1;

      if (child + 1 < self->heap->len && at (self, child + 1)->at_us < at (self, child)->at_us)
        child++;
      if (child >= self->heap->len || at (self, child)->at_us >= timer->at_us)
        break;
      put (self, place, at (self, child));
      place = child;
    }
  put (self, place, timer);
}

static void
arm (AirTimers *self)
{
  gint64 delay;

  if (self->heap->len == 0)
    {
      g_source_set_ready_time (self->source, -1);
      return;
    }
  /* The wall clock may be set; a second at most passes until we look again. */
  delay = CLAMP (at (self, 0)->at_us - g_get_real_time (), 0, G_USEC_PER_SEC);
  g_source_set_ready_time (self->source, g_get_monotonic_time () + delay);
}

static void
timer_free (Timer *timer)
{
  g_free (timer->run);
  g_free (timer->id);
  g_free (timer);
}

/* Takes it out of the heap and out of its run's list. */
static void
take_out (AirTimers *self, Timer *timer)
{
  Timer *last = self->heap->pdata[self->heap->len - 1];
  Timer *first = g_hash_table_lookup (self->runs, timer->run);
  guint place = timer->place;

  g_ptr_array_set_size (self->heap, self->heap->len - 1);
  if (last != timer)
    {
      put (self, place, last);
      sift (self, place);
    }
  if (first == timer)
    {
      g_hash_table_remove (self->runs, timer->run);
      if (timer->next != NULL)
        g_hash_table_insert (self->runs, timer->next->run, timer->next);
    }
  else
    {
      while (first->next != timer)
        first = first->next;
      first->next = timer->next;
    }
}

static gboolean
timers_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  AirTimers *self = ((TimerSource *) source)->timers;
  gint64 now = g_get_real_time ();

  for (guint n = 0; n < MAX_AT_ONCE && self->heap->len > 0 && at (self, 0)->at_us <= now; n++)
    {
      Timer *timer = at (self, 0);

      take_out (self, timer);
      self->fired (timer->run, timer->id, self->user_data);
      timer_free (timer);
    }
  arm (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timers_funcs = { .dispatch = timers_dispatch };

AirTimers *
air_timers_new (AirTimerFired fired, gpointer user_data)
{
  AirTimers *self = g_new0 (AirTimers, 1);

  self->heap = g_ptr_array_new ();
  self->runs = g_hash_table_new (g_str_hash, g_str_equal);
  self->fired = fired;
  self->user_data = user_data;
  self->source = g_source_new (&timers_funcs, sizeof (TimerSource));
  ((TimerSource *) self->source)->timers = self;
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return self;
}

static Timer *
find (AirTimers *self, const char *run, const char *id)
{
  Timer *timer = g_hash_table_lookup (self->runs, run);

  while (timer != NULL && g_strcmp0 (timer->id, id) != 0)
    timer = timer->next;
  return timer;
}

void
air_timers_set (AirTimers *self, const char *run, const char *id, gint64 at_us)
{
  Timer *timer = find (self, run, id);

  if (timer == NULL)
    {
      Timer *first = g_hash_table_lookup (self->runs, run);

      timer = g_new0 (Timer, 1);
      timer->run = g_strdup (run);
      timer->id = g_strdup (id);
      if (first != NULL)
        {
          timer->next = first->next;
          first->next = timer;
        }
      else
        g_hash_table_insert (self->runs, timer->run, timer);
      timer->place = self->heap->len;
      g_ptr_array_add (self->heap, timer);
    }
  timer->at_us = at_us;
  sift (self, timer->place);
  arm (self);
}

gboolean
air_timers_cancel (AirTimers *self, const char *run, const char *id)
{
  Timer *timer = find (self, run, id);

  if (timer == NULL)
    return FALSE;
  take_out (self, timer);
  timer_free (timer);
  return TRUE;
}

void
air_timers_forget (AirTimers *self, const char *run)
{
  Timer *timer;

  while ((timer = g_hash_table_lookup (self->runs, run)) != NULL)
    {
      take_out (self, timer);
      timer_free (timer);
    }
}

gint64
air_timers_next_of (AirTimers *self, const char *run, const char *except)
{
  gint64 next = 0;

  for (Timer *timer = g_hash_table_lookup (self->runs, run); timer != NULL; timer = timer->next)
    if ((except == NULL || g_strcmp0 (timer->id, except) != 0) && (next == 0 || timer->at_us < next))
      next = timer->at_us;
  return next;
}

guint
air_timers_get_size (AirTimers *self)
{
  return self->heap->len;
}

void
air_timers_free (AirTimers *self)
{
  for (guint i = 0; i < self->heap->len; i++)
    timer_free (self->heap->pdata[i]);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_ptr_array_unref (self->heap);
  g_hash_table_unref (self->runs);
  g_free (self);
}
