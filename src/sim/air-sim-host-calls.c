/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls: which may start is the shipping queue's to say. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-host-private.h"

typedef struct {
  AirSimTicket *ticket;
  AirQueuedCall *call;
} Asked;

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  air_sim_ticket_unref (asked->ticket);
  g_free (asked);
}

typedef struct {
  char *run;
  AirMessage *message;
} Again;

static void
again_free (gpointer data)
{
  Again *again = data;

  g_clear_pointer (&again->message, air_message_free);
  g_free (again->run);
  g_free (again);
}

static void
post_again (AirSimHost *self, gpointer data)
{
  Again *again = data;

  air_sim_host_post (self, again->run, g_steal_pointer (&again->message));
}

static AirMessage *
outcome_message (const AirEffect *call, const AirOutcome *outcome)
{
  AirMessage *message = air_message_new (AIR_EVENT_OUTCOME);

  message->node = g_strdup (call->node);
  message->attempt = call->call.attempt;
  message->purpose = call->call.purpose;
  message->outcome = air_outcome_copy (outcome);
  return message;
}

/* The answer comes a second time, now or much later. */
static void
maybe_repeat (AirSimHost *self, const char *run, const AirEffect *call, const AirOutcome *outcome)
{
  AirSim *sim = self->sim;
  Again *again;

  if (!sim->chaos || !air_sim_random_chance (&sim->chance, 4 * sim->wildness))
    return;
  again = g_new (Again, 1);
  *again = (Again) { g_strdup (run), outcome_message (call, outcome) };
  air_sim_host_plan (self, air_sim_random_skewed (&sim->chance, 200 * MS), post_again, again, again_free);
}

static void
answered_cb (AirOutcome *take_outcome, gpointer user_data)
{
  Asked *asked = user_data;
  AirSimHost *self = asked->ticket->host;
  g_autoptr (AirOutcome) outcome = take_outcome;
  AirQueuedCall *call = asked->call;

  asked_free (asked);
  if (self == NULL || self->dead)
    return;
  if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_FORGET_UNKNOWN) && outcome->outcome_class == AIR_OUTCOME_UNKNOWN)
    {
      g_clear_pointer (&outcome, air_outcome_free);
      outcome = air_outcome_new (AIR_OUTCOME_RETRY, 0, "no answer");
    }
  air_sim_trace (self->sim, "answer %s %s %s/%u: %s %d", call->run, call->call->node,
                 air_purpose_to_string (call->call->call.purpose), call->call->call.attempt,
                 air_outcome_class_to_string (outcome->outcome_class), outcome->status);
  air_sim_checker_answered (self->sim->checker, call->run, call->call, outcome);
  if (air_sim_has_fault (self->sim, AIR_SIM_FAULT_IMPATIENT))
    outcome->retry_after_ms = 0;
  if (!(air_sim_has_fault (self->sim, AIR_SIM_FAULT_DROP_OUTCOME) && air_sim_random_chance (&self->sim->chance, 200)))
    air_sim_host_post (self, call->run, outcome_message (call->call, outcome));
  maybe_repeat (self, call->run, call->call, outcome);
  air_effect_queue_settle (self->effects, call, outcome, air_sim_world_now (self->sim->world));
  air_sim_host_pump_calls (self);
}

static void
wake_effects (AirSimHost *self, gpointer data)
{
  self->woken_us = 0;
  air_sim_host_pump_calls (self);
}

static void
start_call (AirSimHost *self, AirQueuedCall *call)
{
  AirSim *sim = self->sim;
  AirEffect *effect = call->call;
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked) { air_sim_ticket_ref (self->ticket), call };
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_NEW_KEY) && effect->call.attempt > 1
      && effect->call.purpose != AIR_PURPOSE_RECONCILE)
    {
      g_free ((char *) effect->call.idempotency_key);
      effect->call.idempotency_key = g_strdup_printf ("new-%u", effect->call.attempt);
    }
  air_sim_trace (sim, "send   %s %s %s/%u %s key %.8s", call->run, effect->node,
                 air_purpose_to_string (effect->call.purpose), effect->call.attempt, effect->call.operation,
                 effect->call.idempotency_key);
  air_sim_checker_started (sim->checker, call->run, effect);
  if (air_sim_has_fault (sim, AIR_SIM_FAULT_SKIP_UNDO) && effect->call.purpose == AIR_PURPOSE_COMPENSATE)
    answered_cb (air_outcome_new_ok (200, air_map_new (), NULL), asked);
  else
    air_sim_vendors_send (sim->vendors, call->run, effect, answered_cb, asked, asked_free);
}

void
air_sim_host_pump_calls (AirSimHost *self)
{
  gint64 now = air_sim_world_now (self->sim->world), wake;
  AirQueuedCall *call;

  if (self->pumping || self->dead)
    return;
  self->pumping = TRUE;
  while (!self->dead && (call = air_effect_queue_next (self->effects, now)) != NULL)
    {
      start_call (self, call);
      if (air_sim_may_crash (self->sim, "between two calls"))
        break;
    }
  self->pumping = FALSE;
  if (self->dead)
    return;
  wake = air_effect_queue_get_wake (self->effects, now);
  if (wake > 0 && (self->woken_us == 0 || wake < self->woken_us))
    {
      self->woken_us = wake;
      air_sim_host_plan (self, wake - now, wake_effects, NULL, NULL);
    }
}

/* --- a fault --- */

typedef struct {
  char *run;
  char *step;
  guint left;
} Anyway;

static void
anyway_free (gpointer data)
{
  Anyway *anyway = data;

  g_free (anyway->run);
  g_free (anyway->step);
  g_free (anyway);
}

static void
nobody_cb (AirOutcome *take_outcome, gpointer user_data)
{
  air_outcome_free (take_outcome);
}

static void
act_once (AirSimHost *self, const Anyway *anyway, const char *operation)
{
  g_autoptr (AirEffect) effect = g_new0 (AirEffect, 1);

  effect->kind = AIR_EFFECT_CALL;
  effect->node = effect->step = g_strdup (anyway->step);
  effect->call.attempt = 1;
  effect->call.operation = operation;
  effect->call.input = air_map_new ();
  effect->call.run = air_map_new ();
  air_map_set_string (effect->call.run, "step", anyway->step);
  effect->call.idempotency_key = g_strconcat (anyway->run, anyway->step, NULL);
  effect->call.timeout_ms = 1000;
  air_sim_trace (self->sim, "send   %s %s %s though it was left out", anyway->run, anyway->step, operation);
  air_sim_vendors_send (self->sim->vendors, anyway->run, effect, nobody_cb, NULL, NULL);
}

/* Again and again, since steps are left out in their vendor's bad hours. */
static void
act_anyway (AirSimHost *self, gpointer data)
{
  Anyway *anyway = data;
  AirValue *nodes = air_map_get_map (air_plan_get_document (self->sim->plan), "nodes");
  g_autofree char *node = g_strndup (anyway->step, strcspn (anyway->step, "@"));
  const char *operation = air_map_get_string (air_map_get_map (nodes, node), "operation");

  if (operation == NULL)
    return;
  act_once (self, anyway, operation);
  if (anyway->left > 0)
    {
      Anyway *again = g_new (Anyway, 1);

      *again = (Anyway) { g_strdup (anyway->run), g_strdup (anyway->step), anyway->left - 1 };
      air_sim_host_plan (self, 3000 * MS, act_anyway, again, anyway_free);
    }
}

void
air_sim_host_act_anyway (AirSimHost *self, const char *run, const char *step)
{
  Anyway *anyway = g_new (Anyway, 1);

  *anyway = (Anyway) { g_strdup (run), g_strdup (step), 8 };
  air_sim_host_plan (self, 0, act_anyway, anyway, anyway_free);
}
