/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-advance-private.h"

/* One round over the tokens; TRUE while something was decided. A run that is paused begins nothing. */
static gboolean
decide_tokens (AirDecision *self)
{
  for (guint i = 0; i < self->self->tokens->len && self->error == NULL && !self->self->paused; i++)
    if (air_decide_node (self, g_array_index (self->self->tokens, guint, i)))
      return TRUE;
  return FALSE;
}

gboolean
air_decide_all (AirDecision *self)
{
  while (self->error == NULL && !self->self->closed
         && (air_decide_owed (self) || decide_tokens (self) || air_decide_ending (self)))
    ;
  return self->error == NULL && air_decision_flush (self);
}

/* The steps of gates that wait, by name. */
static GPtrArray *
list_gates (AirInstance *self)
{
  GPtrArray *gates = NULL;

  for (guint i = 0; i < self->tokens->len; i++)
    {
      guint node = g_array_index (self->tokens, guint, i);

      if (air_instance_step (self, node)->phase != AIR_STEP_GATE_WAIT)
        continue;
      if (gates == NULL)
        gates = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (gates, air_place_to_string (self, air_instance_place (self, node)));
    }
  return gates;
}

/* A gate that lost its token to what went wrong beside it: people need not decide any more. */
static void
close_gates (AirDecision *self, GPtrArray *before)
{
  for (guint i = 0; before != NULL && i < before->len; i++)
    {
      const char *name = g_ptr_array_index (before, i);
      gboolean told = FALSE;
      AirEffect *effect;
      guint node;

      if (air_instance_find_step (self->self, name, &node, NULL)
          && air_instance_step (self->self, node)->phase == AIR_STEP_GATE_WAIT)
        continue;
      for (guint k = 0; k < self->out->effects->len && !told; k++)
        {
          effect = g_ptr_array_index (self->out->effects, k);
          told = effect->kind == AIR_EFFECT_GATE_CLOSED && g_str_equal (effect->node, name);
        }
      if (told)
        continue;
      effect = air_decision_effect (self, AIR_EFFECT_GATE_CLOSED, AIR_NO_NODE);
      effect->node = effect->step = g_strdup (name);
    }
}

gboolean
air_instance_decide (AirInstance *self,
                     const AirEvent *event,
                     gint64 now_us,
                     const AirRandom *random,
                     const AirRecord *const *script,
                     const gint64 *script_times,
                     guint n_script,
                     AirTransition *ret,
                     GError **error)
{
  AirTransition out = {
    .records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free),
    .effects = g_ptr_array_new_with_free_func ((GDestroyNotify) air_effect_free),
  };
  AirDecision decision = {
    .self = self,
    .now_us = now_us - now_us % 1000,
    .random = random,
    .script = script,
    .script_times = script_times,
    .n_script = n_script,
    .out = &out,
  };
  g_autoptr (GPtrArray) gates = list_gates (self);
  g_autoptr (GArray) timers = air_due_before (self, event);
  GError *refusal = NULL;

  if (air_decide_event (&decision, event, &refusal) && air_decide_all (&decision))
    {
      close_gates (&decision, gates);
      air_decide_due (&decision, timers);
    }
  g_clear_pointer (&decision.steps, air_value_unref);
  g_clear_pointer (&decision.outputs, air_value_unref);
  if (refusal != NULL || decision.error != NULL)
    {
      if (refusal != NULL)
        {
          g_clear_error (&decision.error);
          g_propagate_error (error, refusal);
        }
      else
        {
          /* A decision that does not fit the state is a fault of the engine, never of the event. */
          if (script == NULL)
            g_critical ("instance '%s': %s", self->id, decision.error->message);
          g_propagate_error (error, decision.error);
        }
      air_transition_clear (&out);
      return FALSE;
    }
  *ret = out;
  return TRUE;
}

gboolean
air_instance_advance (AirInstance *self,
                      const AirEvent *event,
                      gint64 now_us,
                      const AirRandom *random,
                      AirTransition *ret,
                      GError **error)
{
  g_return_val_if_fail (self != NULL && event != NULL && random != NULL && ret != NULL, FALSE);

  return air_instance_decide (self, event, now_us, random, NULL, NULL, 0, ret, error);
}
