/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"

#include "config.h"

#include "air-timer-heap.h"

typedef struct _Timer Timer;

struct _Timer {
  gint64 at_us; /* of the wall clock */
  guint64 order;
  guint place; /* in the heap */
  char *run;
  char *id;    /* nullable */
  Timer *next; /* of the same run */
};

struct _AirTimerHeap {
  GPtrArray *heap;  /* earliest first */
  GHashTable *runs; /* run → its first Timer */
  guint64 order;
};

static Timer *
at (AirTimerHeap *self, guint place)
{
  return self->heap->pdata[place];
}

static void
put (AirTimerHeap *self, guint place, Timer *timer)
{
  self->heap->pdata[place] = timer;
  timer->place = place;
}

static gboolean
before (const Timer *a, const Timer *b)
{
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void
sift (AirTimerHeap *self, guint place)
{
  Timer *timer = at (self, place);

  while (place > 0 && before (timer, at (self, (place - 1) / 2)))
    {
      put (self, place, at (self, (place - 1) / 2));
      place = (place - 1) / 2;
    }
  for (;;)
    {
      guint child = 2 * place + 1;

      if (child + 1 < self->heap->len && before (at (self, child + 1), at (self, child)))
        child++;
      if (child >= self->heap->len || !before (at (self, child), timer))
        break;
      put (self, place, at (self, child));
      place = child;
    }
  put (self, place, timer);
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
take_out (AirTimerHeap *self, Timer *timer)
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

/**
 * air_timer_heap_new:
 *
 * Returns: (transfer full): an empty heap
 */
AirTimerHeap *
air_timer_heap_new (void)
{
  AirTimerHeap *self = g_new0 (AirTimerHeap, 1);

  self->heap = g_ptr_array_new ();
  self->runs = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
air_timer_heap_free (AirTimerHeap *self)
{
  for (guint i = 0; i < self->heap->len; i++)
    timer_free (self->heap->pdata[i]);
  g_ptr_array_unref (self->heap);
  g_hash_table_unref (self->runs);
  g_free (self);
}

static Timer *
find (AirTimerHeap *self, const char *run, const char *id)
{
  Timer *timer = g_hash_table_lookup (self->runs, run);

  while (timer != NULL && g_strcmp0 (timer->id, id) != 0)
    timer = timer->next;
  return timer;
}

/**
 * air_timer_heap_set:
 * @self: a heap
 * @run: the run it belongs to
 * @id: (nullable): %NULL for a wake-up of which only the time is known
 * @at_us: when it is due, in microseconds since the Unix epoch
 *
 * Replaces the timer of the same run and id.
 */
void
air_timer_heap_set (AirTimerHeap *self, const char *run, const char *id, gint64 at_us)
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
  timer->order = self->order++;
  sift (self, timer->place);
}

/**
 * air_timer_heap_cancel:
 * @self: a heap
 * @run: a run
 * @id: (nullable): the timer's
 *
 * Returns: whether there was one
 */
gboolean
air_timer_heap_cancel (AirTimerHeap *self, const char *run, const char *id)
{
  Timer *timer = find (self, run, id);

  if (timer == NULL)
    return FALSE;
  take_out (self, timer);
  timer_free (timer);
  return TRUE;
}

/**
 * air_timer_heap_forget:
 * @self: a heap
 * @run: a run, all of whose timers go
 */
void
air_timer_heap_forget (AirTimerHeap *self, const char *run)
{
  Timer *timer;

  while ((timer = g_hash_table_lookup (self->runs, run)) != NULL)
    {
      take_out (self, timer);
      timer_free (timer);
    }
}

/**
 * air_timer_heap_next_of:
 * @self: a heap
 * @run: a run
 * @except: (nullable) (element-type utf8): the ids of those that do not count
 *
 * Returns: the earliest of the run's timers, in microseconds since the Unix epoch; 0 when there is none
 */
gint64
air_timer_heap_next_of (AirTimerHeap *self, const char *run, GPtrArray *except)
{
  gint64 next = 0;

  for (Timer *timer = g_hash_table_lookup (self->runs, run); timer != NULL; timer = timer->next)
    if ((next == 0 || timer->at_us < next)
        && (except == NULL || timer->id == NULL
            || !g_ptr_array_find_with_equal_func (except, timer->id, g_str_equal, NULL)))
      next = timer->at_us;
  return next;
}

/**
 * air_timer_heap_peek:
 * @self: a heap
 * @ret_at_us: (out): the earliest time of all, in microseconds since the Unix epoch
 *
 * Returns: %FALSE when there is none
 */
gboolean
air_timer_heap_peek (const AirTimerHeap *self, gint64 *ret_at_us)
{
  if (self->heap->len == 0)
    return FALSE;
  *ret_at_us = ((Timer *) self->heap->pdata[0])->at_us;
  return TRUE;
}

/**
 * air_timer_heap_pop:
 * @self: a heap
 * @now_us: microseconds since the Unix epoch
 * @ret_run: (out) (transfer full): its run
 * @ret_id: (out) (transfer full) (nullable): its id
 *
 * Takes the earliest out when it is due.
 *
 * Returns: %FALSE, and nothing set, when none is due
 */
gboolean
air_timer_heap_pop (AirTimerHeap *self, gint64 now_us, char **ret_run, char **ret_id)
{
  Timer *timer;

  if (self->heap->len == 0 || at (self, 0)->at_us > now_us)
    return FALSE;
  timer = at (self, 0);
  take_out (self, timer);
  *ret_run = g_steal_pointer (&timer->run);
  *ret_id = g_steal_pointer (&timer->id);
  timer_free (timer);
  return TRUE;
}

/**
 * air_timer_heap_get_size:
 * @self: a heap
 *
 * Returns: how many timers it holds
 */
guint
air_timer_heap_get_size (const AirTimerHeap *self)
{
  return self->heap->len;
}
