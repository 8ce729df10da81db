/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-run-lanes.h"

/* Whose turn it is, if it has something to do; else the first that has. */
static const guint8 turns[] = { 0, 1, 0, 1, 0, 2, 0, 1, 0, 1, 0 };

static gboolean
is_from_people (AirEventKind kind)
{
  return kind == AIR_EVENT_DECISION || kind == AIR_EVENT_CONTROL || kind == AIR_EVENT_CANCEL
         || kind == AIR_EVENT_SIGNAL;
}

/**
 * air_run_lanes_push:
 * @self: lanes
 * @run: a run with a message that stands in none
 */
void
air_run_lanes_push (AirRunLanes *self, AirRun *run)
{
  const AirMessage *message = g_queue_peek_head (&run->inbox);

  run->lane = message != NULL && is_from_people (message->kind) ? AIR_LATENCY_INTERACTIVE : run->latency;
  g_queue_push_tail_link (&self->lanes[run->lane], &run->ready);
  self->length++;
}

/**
 * air_run_lanes_pop:
 * @self: lanes
 *
 * Returns: (transfer none) (nullable): whose turn it is; %NULL: none
 */
AirRun *
air_run_lanes_pop (AirRunLanes *self)
{
  guint lane = turns[self->turn++ % G_N_ELEMENTS (turns)];

  if (self->length == 0)
    return NULL;
  for (guint i = 0; self->lanes[lane].length == 0; i++)
    lane = i;
  self->length--;
  return g_queue_pop_head_link (&self->lanes[lane])->data;
}

/**
 * air_run_lanes_remove:
 * @self: lanes
 * @run: a run that stands in one
 */
void
air_run_lanes_remove (AirRunLanes *self, AirRun *run)
{
  g_queue_unlink (&self->lanes[run->lane], &run->ready);
  self->length--;
}
