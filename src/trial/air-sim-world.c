/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include "trial/air-sim-world.h"

typedef struct {
  gint64 at_us;
  guint64 order;
  AirSimTask task;
  gpointer user_data;
  GDestroyNotify destroy;
} Planned;

struct _AirSimWorld {
  gint64 now_us;
  gint64 wall_offset_us;
  guint64 order;
  guint64 steps;
  GArray *heap; /* Planned, earliest first */
};

static void
clear_planned (gpointer data)
{
  Planned *planned = data;

  if (planned->destroy != NULL && planned->user_data != NULL)
    planned->destroy (planned->user_data);
}

/**
 * air_sim_world_new:
 * @wall_us: what the wall clock says, in microseconds since the Unix epoch
 *
 * Returns: (transfer full): a world in which nothing is planned. air_sim_world_free() frees what is, with each task's
 *   own destroy function
 */
AirSimWorld *
air_sim_world_new (gint64 wall_us)
{
  AirSimWorld *self = g_new0 (AirSimWorld, 1);

  /* Times of 0 mean "never" in many places. */
  self->now_us = G_USEC_PER_SEC;
  self->wall_offset_us = wall_us - self->now_us;
  self->heap = g_array_new (FALSE, FALSE, sizeof (Planned));
  g_array_set_clear_func (self->heap, clear_planned);
  return self;
}

void
air_sim_world_free (AirSimWorld *self)
{
  g_array_unref (self->heap);
  g_free (self);
}

/**
 * air_sim_world_now:
 * @self: a world
 *
 * Returns: microseconds of the clock that is never set; never 0
 */
gint64
air_sim_world_now (AirSimWorld *self)
{
  return self->now_us;
}

/**
 * air_sim_world_wall:
 * @self: a world
 *
 * Returns: what the wall clock says, in microseconds since the Unix epoch
 */
gint64
air_sim_world_wall (AirSimWorld *self)
{
  return self->now_us + self->wall_offset_us;
}

/**
 * air_sim_world_jump:
 * @self: a world
 * @by_us: microseconds, negative too
 *
 * Sets the wall clock; what is planned comes at the same moment.
 */
void
air_sim_world_jump (AirSimWorld *self, gint64 by_us)
{
  self->wall_offset_us += by_us;
}

static gboolean
before (const Planned *a, const Planned *b)
{
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

/**
 * air_sim_world_plan:
 * @self: a world
 * @in_us: microseconds from now
 * @task: what happens
 * @user_data: for @task
 * @destroy: (nullable): frees @user_data, after the task or without it
 */
void
air_sim_world_plan (AirSimWorld *self, gint64 in_us, AirSimTask task, gpointer user_data, GDestroyNotify destroy)
{
  Planned planned = { self->now_us + MAX (in_us, 0), self->order++, task, user_data, destroy };
  guint place = self->heap->len;
  Planned *heap;

  g_array_append_val (self->heap, planned);
  heap = (Planned *) self->heap->data;
  while (place > 0 && before (&planned, &heap[(place - 1) / 2]))
    {
      heap[place] = heap[(place - 1) / 2];
      place = (place - 1) / 2;
    }
  heap[place] = planned;
}

static Planned
take_first (AirSimWorld *self)
{
  Planned *heap = (Planned *) self->heap->data;
  Planned first = heap[0], last = heap[self->heap->len - 1];
  guint place = 0, n = self->heap->len - 1;

  heap[self->heap->len - 1] = (Planned) { 0 };
  g_array_set_size (self->heap, n);
  heap = (Planned *) self->heap->data;
  if (n == 0)
    return first;
  for (;;)
    {
      guint child = 2 * place + 1;

      if (child + 1 < n && before (&heap[child + 1], &heap[child]))
        child++;
      if (child >= n || !before (&heap[child], &last))
        break;
      heap[place] = heap[child];
      place = child;
    }
  heap[place] = last;
  return first;
}

/**
 * air_sim_world_step:
 * @self: a world
 *
 * Goes to the next task and does it.
 *
 * Returns: %FALSE when nothing is planned
 */
gboolean
air_sim_world_step (AirSimWorld *self)
{
  Planned planned;

  if (self->heap->len == 0)
    return FALSE;
  planned = take_first (self);
  self->now_us = MAX (self->now_us, planned.at_us);
  self->steps++;
  planned.task (planned.user_data);
  clear_planned (&planned);
  return TRUE;
}

/**
 * air_sim_world_get_steps:
 * @self: a world
 *
 * Returns: how many tasks were done
 */
guint64
air_sim_world_get_steps (AirSimWorld *self)
{
  return self->steps;
}
