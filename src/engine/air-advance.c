/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-advance-private.h"

/* One round over the tokens; TRUE while something was decided. */
static gboolean
decide_tokens (AirDecision *self)
{
  for (guint i = 0; i < self->self->tokens->len && self->error == NULL; i++)
    if (air_decide_node (self, g_array_index (self->self->tokens, guint, i)))
      return TRUE;
  return FALSE;
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
  GError *refusal = NULL;

  if (air_decide_event (&decision, event, &refusal))
    {
      while (decision.error == NULL && !self->closed && (decide_tokens (&decision) || air_decide_ending (&decision)))
        ;
      if (decision.error == NULL)
        air_decision_flush (&decision);
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
