/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A for_each at work: its iterations, each in a scope of its own. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

void
air_loop_free (AirLoop *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n; i++)
    g_clear_pointer (&self->results[i], air_value_unref);
  g_free (self->results);
  air_value_unref (self->items);
  g_free (self);
}

static void
begin_iteration (AirInstance *self, guint loop_step)
{
  AirStep *step = air_instance_step (self, loop_step);
  AirLoop *loop = step->loop;
  const AirPlanNode *plan_node = air_plan_node (self->plan, step->node);
  AirScope *scope, *around = step->scope;
  AirValue *bindings = air_instance_get_bindings (self, around);
  const char *outer = air_place_get_iteration (air_instance_place (self, loop_step));
  g_autofree char *iteration =
      outer != NULL ? g_strdup_printf ("%s.%u", outer, loop->next) : g_strdup_printf ("%u", loop->next);

  scope = air_scope_open (self, loop_step, air_value_new_string (iteration));
  scope->index = loop->next++;
  loop->running++;
  scope->each = air_map_new ();
  air_map_set (scope->each, "item", air_value_ref (air_list_get (loop->items, scope->index)));
  air_map_set_int (scope->each, "index", scope->index);
  if (around != NULL && around->each != NULL)
    air_map_set (scope->each, "outer", air_value_ref (around->each));
  scope->bindings = air_map_copy (bindings);
  scope->steps = air_map_copy (around != NULL ? around->steps : self->steps);
  air_map_set (scope->bindings, "steps", scope->steps);
  air_map_set (scope->bindings, "each", air_value_ref (scope->each));
  air_instance_arrive (self, air_instance_resolve (self, scope, air_plan_node_find_port (plan_node, "each")->to));
}

static AirValue *
list_results (const AirLoop *loop)
{
  AirValue *output = air_map_new ();
  AirValue *items = air_list_new ();

  for (guint i = 0; i < loop->n; i++)
    air_list_append (items, loop->results[i] != NULL ? air_value_ref (loop->results[i]) : air_value_new_null ());
  air_map_set (output, "items", items);
  return output;
}

/* Begins as many iterations as may be at work; when all are done the run goes on behind the join. */
static void
go_on (AirInstance *self, guint loop_step)
{
  AirStep *step = air_instance_step (self, loop_step);
  const AirPlanNode *plan_node = air_plan_node (self->plan, step->node);
  AirLoop *loop = step->loop;
  g_autoptr (AirValue) output = NULL;
  AirScope *scope = step->scope;
  guint join;

  while (loop->running < plan_node->concurrency && loop->next < loop->n)
    begin_iteration (self, loop_step);
  if (loop->done < loop->n)
    return;
  output = list_results (loop);
  air_instance_leave (self, loop_step, AIR_STEP_DONE);
  g_clear_pointer (&step->loop, air_loop_free);
  join = air_instance_resolve (self, scope, plan_node->partner);
  air_instance_step (self, join)->visits++;
  air_instance_step (self, join)->phase = AIR_STEP_DONE;
  air_instance_set_output (self, join, output);
  air_instance_arrive (
      self, air_instance_resolve (self, scope, air_plan_node_find_port (air_instance_node (self, join), "out")->to));
}

void
air_instance_begin_loop (AirInstance *self, guint step_index, AirValue *items)
{
  AirStep *step = air_instance_step (self, step_index);

  step->phase = AIR_STEP_LOOP;
  step->loop = g_new0 (AirLoop, 1);
  step->loop->items = air_value_ref (items);
  step->loop->n = air_list_get_size (items);
  step->loop->results = g_new0 (AirValue *, step->loop->n);
  go_on (self, step_index);
}

void
air_instance_end_iteration (AirInstance *self, AirScope *scope, AirValue *result)
{
  guint loop_step = scope->opener_step;
  AirLoop *loop = air_instance_step (self, loop_step)->loop;

  if (result != NULL)
    loop->results[scope->index] = air_value_ref (result);
  loop->running--;
  loop->done++;
  air_scope_close (self, scope);
  go_on (self, loop_step);
}
