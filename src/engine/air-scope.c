/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iterations of a for_each: each a small world of steps and outputs around
 * which the run's own lies. They begin and end while records are folded in, so
 * none of that needs a record of its own. */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-instance-private.h"

AirScope *
air_scope_ref (AirScope *self)
{
  if (self != NULL)
    self->references++;
  return self;
}

void
air_scope_unref (AirScope *self)
{
  if (self == NULL || --self->references > 0)
    return;
  air_value_unref (self->iteration);
  g_clear_pointer (&self->each, air_value_unref);
  g_clear_pointer (&self->own, air_value_unref);
  g_clear_pointer (&self->bindings, air_value_unref);
  g_clear_pointer (&self->error, air_value_unref);
  g_free (self->slots);
  air_scope_unref (self->parent);
  g_free (self);
}

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

void
air_step_clear (AirStep *self)
{
  air_action_clear (&self->action);
  g_clear_pointer (&self->gate, air_gate_free);
  g_clear_pointer (&self->loop, air_loop_free);
  g_clear_pointer (&self->output, air_value_unref);
}

/* --- finding ----------------------------------------------------------------------- */

guint
air_instance_resolve (const AirInstance *self, AirScope *scope, guint node)
{
  for (; scope != NULL; scope = scope->parent)
    {
      guint slot = air_plan_node (self->plan, scope->loop)->slots[node];

      if (slot != 0 && scope->slots != NULL)
        return scope->slots[slot - 1];
    }
  return node;
}

gboolean
air_instance_find_place (const AirInstance *self, const char *node, const char *iteration, guint *ret_step)
{
  guint index;

  if (node == NULL || strchr (node, '@') != NULL || !air_plan_find_node (self->plan, node, &index))
    return FALSE;
  if (iteration == NULL)
    {
      *ret_step = index;
      return air_plan_node (self->plan, index)->loop == AIR_NO_NODE;
    }
  for (guint i = 0; i < self->scopes->len; i++)
    {
      AirScope *scope = g_ptr_array_index (self->scopes, i);
      guint slot = air_plan_node (self->plan, scope->loop)->slots[index];

      if (slot != 0 && g_str_equal (air_value_get_string (scope->iteration, NULL), iteration))
        {
          *ret_step = scope->slots[slot - 1];
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
air_instance_find_step (const AirInstance *self, const char *id, guint *ret_step, gboolean *ret_known)
{
  const char *at = id != NULL ? strchr (id, '@') : NULL;
  g_autofree char *node = at != NULL ? g_strndup (id, at - id) : NULL;

  if (ret_known != NULL)
    *ret_known = air_plan_find_node (self->plan, id, NULL);
  return air_instance_find_place (self, node != NULL ? node : id, at != NULL ? at + 1 : NULL, ret_step);
}

const char *
air_place_get_iteration (AirPlace place)
{
  return place.scope != NULL ? air_value_get_string (place.scope->iteration, NULL) : NULL;
}

char *
air_place_to_string (const AirInstance *self, AirPlace place)
{
  const char *iteration = air_place_get_iteration (place);

  return g_strconcat (air_plan_node (self->plan, place.node)->id, iteration != NULL ? "@" : NULL, iteration, NULL);
}

gboolean
air_instance_is_ending (const AirInstance *self, const AirScope *scope)
{
  for (; scope != NULL; scope = scope->parent)
    if (scope->failing)
      return TRUE;
  return self->failing;
}

static gboolean
is_within (const AirScope *scope, const AirScope *around)
{
  for (; scope != NULL; scope = scope->parent)
    if (scope == around)
      return TRUE;
  return FALSE;
}

/* --- what expressions see -------------------------------------------------------------- */

AirValue *
air_instance_get_bindings (const AirInstance *self, const AirScope *scope)
{
  return scope != NULL ? scope->bindings : self->bindings;
}

AirValue *
air_instance_build_steps (const AirInstance *self, const AirScope *scope)
{
  g_autoptr (AirValue) around = NULL;
  AirValue *steps;

  if (scope == NULL)
    return air_value_ref (self->steps);
  around = air_instance_build_steps (self, scope->parent);
  steps = air_map_copy (around);
  for (gsize i = 0; scope->own != NULL && i < air_map_get_size (scope->own); i++)
    air_map_set (steps, air_value_get_string (air_map_get_key_at (scope->own, i), NULL),
                 air_value_ref (air_map_get_value_at (scope->own, i)));
  return steps;
}

/* --- beginning --------------------------------------------------------------------------- */

static guint
new_slot (AirInstance *self, guint node, AirScope *scope)
{
  AirStep *step;
  guint index;

  if (self->spare->len > 0)
    {
      index = g_array_index (self->spare, guint, self->spare->len - 1);
      g_array_set_size (self->spare, self->spare->len - 1);
    }
  else
    {
      index = self->slots->len;
      g_ptr_array_add (self->slots, g_new0 (AirStep, 1));
    }
  step = air_instance_step (self, index);
  *step = (AirStep) { .node = node, .scope = scope };
  return index;
}

static void
begin_iteration (AirInstance *self, guint loop_step)
{
  AirStep *step = air_instance_step (self, loop_step);
  AirLoop *loop = step->loop;
  const AirPlanNode *plan_node = air_plan_node (self->plan, step->node);
  AirScope *scope = g_new0 (AirScope, 1), *around = step->scope;
  AirValue *bindings = air_instance_get_bindings (self, around);
  g_autofree char *iteration =
      around != NULL ? g_strdup_printf ("%s.%u", air_value_get_string (around->iteration, NULL), loop->next)
                     : g_strdup_printf ("%u", loop->next);

  scope->references = 1;
  scope->parent = air_scope_ref (around);
  scope->loop = step->node;
  scope->loop_step = loop_step;
  scope->index = loop->next++;
  loop->running++;
  scope->iteration = air_value_new_string (iteration);
  scope->each = air_map_new ();
  air_map_set (scope->each, "item", air_value_ref (air_list_get (loop->items, scope->index)));
  air_map_set_int (scope->each, "index", scope->index);
  if (around != NULL)
    air_map_set (scope->each, "outer", air_value_ref (around->each));
  scope->own = air_map_new ();
  scope->bindings = air_map_copy (bindings);
  scope->steps = air_map_copy (around != NULL ? around->steps : self->steps);
  air_map_set (scope->bindings, "steps", scope->steps);
  air_map_set (scope->bindings, "each", air_value_ref (scope->each));
  scope->slots = g_new (guint, plan_node->body->len);
  for (guint i = 0; i < plan_node->body->len; i++)
    scope->slots[i] = new_slot (self, g_array_index (plan_node->body, guint, i), scope);
  g_ptr_array_add (self->scopes, scope);
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

/* --- ending ---------------------------------------------------------------------------------- */

/* The iteration's steps are given back; what a reversal may need stays as long as somebody holds it. */
static void
close_scope (AirInstance *self, AirScope *scope)
{
  const AirPlanNode *plan_loop = air_plan_node (self->plan, scope->loop);

  for (guint i = 0; i < plan_loop->body->len; i++)
    {
      AirStep *step = air_instance_step (self, scope->slots[i]), *summary = &self->nodes[step->node];

      if (step->visits > 0 && step->node != plan_loop->partner)
        {
          summary->phase = step->phase;
          summary->visits += step->visits;
          summary->action.attempts = step->action.attempts;
        }
      air_step_clear (step);
      step->scope = NULL;
      g_array_append_val (self->spare, scope->slots[i]);
    }
  g_clear_pointer (&scope->slots, g_free);
  g_clear_pointer (&scope->bindings, air_value_unref);
  scope->steps = NULL;
  if (!scope->keeps)
    {
      g_clear_pointer (&scope->own, air_value_unref);
      g_clear_pointer (&scope->each, air_value_unref);
    }
  if (scope->failing)
    self->failing_scopes--;
  g_ptr_array_remove (self->scopes, scope);
  air_scope_unref (scope);
}

void
air_instance_end_iteration (AirInstance *self, AirScope *scope, AirValue *result)
{
  guint loop_step = scope->loop_step;
  const AirScope *ending = air_scope_ref (scope);
  AirLoop *loop = air_instance_step (self, loop_step)->loop;

  if (result != NULL)
    loop->results[scope->index] = air_value_ref (result);
  loop->running--;
  loop->done++;
  self->iterations++;
  /* The last begun is the innermost. */
  for (guint i = self->scopes->len; i > 0; i--)
    {
      AirScope *inner = g_ptr_array_index (self->scopes, i - 1);

      if (is_within (inner, ending))
        close_scope (self, inner);
    }
  air_scope_unref (scope);
  go_on (self, loop_step);
}

void
air_instance_fail_scope (AirInstance *self, AirScope *scope, const char *reason, const char *message, AirValue *error)
{
  AirScope *at = scope;

  while (at != NULL && !air_plan_node (self->plan, at->loop)->continues)
    at = at->parent;
  if (at == NULL)
    {
      air_instance_begin_ending (self, reason, message);
      return;
    }
  if (at->failing || self->failing)
    return;
  at->failing = TRUE;
  at->error = error != NULL ? air_value_ref (error) : air_error_output (AIR_OUTCOME_FATAL, reason, 0);
  self->failing_scopes++;
  air_instance_drop_tokens (self, at);
}

void
air_instance_close_scopes (AirInstance *self)
{
  if (self->failing)
    return;
  for (guint i = 0; self->failing_scopes > 0 && i < self->scopes->len; i++)
    {
      AirScope *scope = g_ptr_array_index (self->scopes, i);
      g_autoptr (AirValue) error = NULL;

      if (!scope->failing || scope->tokens > 0)
        continue;
      error = air_value_ref (scope->error);
      air_instance_end_iteration (self, scope, error);
      i = G_MAXUINT; /* the list has changed: from the beginning */
    }
}
