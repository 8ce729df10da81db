/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-run-lanes.h"

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
  guint lengths[AIR_N_LATENCY_CLASSES];
  AirLatencyClass lane;

  for (guint i = 0; i < AIR_N_LATENCY_CLASSES; i++)
    lengths[i] = self->lanes[i].length;
  lane = air_latency_take_turn (&self->turn, lengths);
  if (lane == AIR_N_LATENCY_CLASSES)
    return NULL;
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
