/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scopes: iterations of a for_each and sub-workflows at work, each a small world of steps and outputs. In an
 * iteration the run's own lies around it; a sub-workflow sees its own and nothing else. They begin and end while
 * records are folded in, so none of that needs a record of its own. */
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
  g_clear_pointer (&self->iteration, air_value_unref);
  g_clear_pointer (&self->each, air_value_unref);
  g_clear_pointer (&self->input, air_value_unref);
  g_clear_pointer (&self->own, air_value_unref);
  g_clear_pointer (&self->bindings, air_value_unref);
  g_clear_pointer (&self->error, air_value_unref);
  g_free (self->slots);
  air_scope_unref (self->parent);
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
      guint slot = air_plan_node (self->plan, scope->opener)->slots[node];

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
  if (iteration == NULL && air_plan_node (self->plan, index)->opener == AIR_NO_NODE)
    {
      *ret_step = index;
      return TRUE;
    }
  for (guint i = 0; i < self->scopes->len; i++)
    {
      AirScope *scope = g_ptr_array_index (self->scopes, i);
      guint slot = air_plan_node (self->plan, scope->opener)->slots[index];

      if (slot != 0 && g_strcmp0 (air_place_get_iteration ((AirPlace) { index, scope }), iteration) == 0)
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
  return place.scope != NULL && place.scope->iteration != NULL ? air_value_get_string (place.scope->iteration, NULL)
                                                               : NULL;
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

gboolean
air_scope_is_within (const AirScope *scope, const AirScope *around)
{
  while (scope != around && scope != NULL)
    scope = scope->parent;
  return scope == around;
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
  around = scope->input != NULL ? air_map_new () : air_instance_build_steps (self, scope->parent);
  steps = air_map_copy (around);
  for (gsize i = 0; scope->own != NULL && i < air_map_get_size (scope->own); i++)
    air_map_set (steps, air_value_get_string (air_map_get_key_at (scope->own, i), NULL),
                 air_value_ref (air_map_get_value_at (scope->own, i)));
  return steps;
}

AirValue *
air_instance_get_trigger (const AirInstance *self, const AirScope *scope)
{
  for (; scope != NULL; scope = scope->parent)
    if (scope->input != NULL)
      return scope->input;
  return self->input;
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

AirScope *
air_scope_open (AirInstance *self, guint opener_step, AirValue *take_iteration)
{
  const AirStep *step = air_instance_step (self, opener_step);
  const AirPlanNode *plan_node = air_plan_node (self->plan, step->node);
  AirScope *scope = g_new0 (AirScope, 1);

  scope->references = 1;
  scope->parent = air_scope_ref (step->scope);
  scope->opener = step->node;
  scope->opener_step = opener_step;
  scope->iteration = take_iteration;
  scope->own = air_map_new ();
  scope->slots = g_new (guint, plan_node->body->len);
  for (guint i = 0; i < plan_node->body->len; i++)
    scope->slots[i] = new_slot (self, g_array_index (plan_node->body, guint, i), scope);
  g_ptr_array_add (self->scopes, scope);
  return scope;
}

/* --- ending ---------------------------------------------------------------------------------- */

/* Its steps are given back; what a reversal may need stays as long as somebody holds it. */
static void
close_one (AirInstance *self, AirScope *scope)
{
  const AirPlanNode *opener = air_plan_node (self->plan, scope->opener);

  for (guint i = 0; i < opener->body->len; i++)
    {
      AirStep *step = air_instance_step (self, scope->slots[i]), *summary = &self->nodes[step->node];

      if (step->visits > 0 && step->node != opener->partner)
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
      g_clear_pointer (&scope->input, air_value_unref);
    }
  if (scope->failing)
    self->failing_scopes--;
  g_ptr_array_remove (self->scopes, scope);
  air_scope_unref (scope);
}

void
air_scope_close (AirInstance *self, AirScope *scope)
{
  const AirScope *ending = air_scope_ref (scope);

  /* The last begun is the innermost. */
  for (guint i = self->scopes->len; i > 0; i--)
    {
      AirScope *inner = g_ptr_array_index (self->scopes, i - 1);

      if (air_scope_is_within (inner, ending))
        close_one (self, inner);
    }
  air_scope_unref (scope);
}

void
air_scope_begin_failing (AirInstance *self, AirScope *scope, AirValue *error)
{
  if (scope->failing || self->failing)
    return;
  scope->failing = TRUE;
  scope->error = air_value_ref (error);
  self->failing_scopes++;
  air_instance_drop_tokens (self, scope);
}

void
air_instance_fail_scope (AirInstance *self, AirScope *scope, const char *reason, const char *message, AirValue *error)
{
  AirScope *at = scope;
  g_autoptr (AirValue) failure = NULL;

  while (at != NULL && !air_plan_node (self->plan, at->opener)->continues && !air_scope_is_workflow (self, at))
    at = at->parent;
  if (at == NULL)
    {
      air_instance_begin_ending (self, reason, message);
      return;
    }
  failure = error != NULL ? air_value_ref (error) : air_error_output (AIR_OUTCOME_FATAL, reason, 0);
  air_scope_begin_failing (self, at, failure);
}

/* A reversal in it was begun: its answer comes first, whatever took the scope along meanwhile. */
static gboolean
is_reversing (const AirInstance *self, const AirScope *scope)
{
  for (guint i = 0; i < self->completed->len; i++)
    {
      const AirCompleted *completed = &g_array_index (self->completed, AirCompleted, i);

      if (completed->undo.phase != AIR_ACTION_IDLE && air_scope_is_within (completed->place.scope, scope))
        return TRUE;
    }
  return FALSE;
}

void
air_instance_close_scopes (AirInstance *self)
{
  for (guint i = 0; !self->failing && self->failing_scopes > 0 && i < self->scopes->len; i++)
    {
      AirScope *scope = g_ptr_array_index (self->scopes, i);
      g_autoptr (AirValue) error = NULL;

      /* What is around it and fails too takes it along. */
      if (!scope->failing || scope->tokens > 0 || air_instance_is_ending (self, scope->parent)
          || is_reversing (self, scope))
        continue;
      error = air_value_ref (scope->error);
      if (!air_scope_is_workflow (self, scope))
        air_instance_end_iteration (self, scope, error);
      else if (air_instance_find_completed (self, scope) != NULL)
        continue;
      else
        air_instance_fail_workflow (self, scope);
      i = G_MAXUINT; /* the list has changed: from the beginning */
    }
}
