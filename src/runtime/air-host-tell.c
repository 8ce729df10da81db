/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What those who watch are told of runs, steps and gates. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-host-private.h"

#include "base/air-clock.h"

void
air_host_count_state (AirHost *self, const char *state, int by)
{
  guint64 *count = g_hash_table_lookup (self->states, state);

  if (count == NULL)
    {
      count = g_new0 (guint64, 1);
      g_hash_table_insert (self->states, g_strdup (state), count);
    }
  *count += by;
}

/**
 * air_host_tell:
 * @self: a host
 * @event: "run", "gate" or "head"
 * @data: what a watcher is told
 *
 * Tells those who watch.
 */
void
air_host_tell (AirHost *self, const char *event, AirValue *data)
{
  if (self->listener != NULL)
    self->listener (event, data, self->listener_data);
}

static void
tell (AirHost *self, const char *event, AirValue *take_data)
{
  g_autoptr (AirValue) data = take_data;

  air_host_tell (self, event, data);
}

void
air_host_tell_run (AirHost *self, AirRun *run)
{
  AirValue *data;
  g_autofree char *updated = NULL, *started = NULL;

  if (self->listener == NULL || run->row == NULL)
    return;
  data = air_map_new ();
  started = air_time_format (run->row->started_us);
  updated = air_time_format (run->row->updated_us);
  air_map_set_string (data, "id", run->chain->id);
  air_map_set_string (data, "state", run->row->state);
  if (run->row->waiting != NULL)
    air_map_set_string (data, "waiting_on", run->row->waiting);
  if (run->row->outcome != NULL)
    air_map_set_string (data, "outcome", run->row->outcome);
  air_map_set_string (data, "started", started);
  air_map_set_string (data, "updated", updated);
  tell (self, "run", data);
}

/* Which nodes changed: what a drawing of the running workflow shows. */
void
air_host_tell_node (AirHost *self, AirRun *run, const char *node)
{
  AirValue *data;
  guint index;

  if (self->listener == NULL || node == NULL || !air_plan_find_node (self->plan, node, &index))
    return;
  data = air_map_new ();
  air_map_set_string (data, "id", run->chain->id);
  air_map_set_string (data, "state", run->row != NULL ? run->row->state : "running");
  if (run->row != NULL && run->row->waiting != NULL)
    air_map_set_string (data, "waiting_on", run->row->waiting);
  air_map_set_string (data, "node", node);
  air_map_set_string (data, "node_state",
                      air_node_state_to_string (air_instance_get_node_state (run->instance, index, NULL)));
  tell (self, "run", data);
}

void
air_host_tell_gate (AirHost *self, AirRun *run, const char *node)
{
  g_auto (AirGateFacts) facts = { 0 };
  g_autofree char *deadline = NULL;
  AirValue *data;
  guint index;

  if (self->listener == NULL || !air_instance_get_gate (run->instance, node, &facts)
      || !air_plan_find_node (self->plan, node, &index))
    return;
  data = air_map_new ();
  air_map_set_string (data, "gate", facts.gate);
  air_map_set_string (data, "run", run->chain->id);
  air_map_set_string (data, "node", node);
  air_map_set_string (data, "title", air_plan_get_node_title (self->plan, index));
  air_map_set_string (data, "state", facts.outcome);
  air_map_set_int (data, "counted", facts.counted);
  air_map_set_int (data, "quorum", facts.quorum);
  if (facts.deadline_us > 0)
    {
      deadline = air_time_format (facts.deadline_us);
      air_map_set_string (data, "deadline", deadline);
    }
  tell (self, "gate", data);
}
