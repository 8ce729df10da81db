/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-hosting"

#include "config.h"

#include "hosting/air-message.h"

/**
 * air_message_new:
 * @kind: what happened
 *
 * Returns: (transfer full): a message to be filled in
 */
AirMessage *
air_message_new (AirEventKind kind)
{
  AirMessage *self = g_new0 (AirMessage, 1);

  self->kind = kind;
  return self;
}

void
air_message_free (AirMessage *self)
{
  g_clear_pointer (&self->data, air_value_unref);
  g_clear_pointer (&self->edits, air_value_unref);
  g_clear_pointer (&self->triggered_by, air_value_unref);
  g_clear_pointer (&self->outcome, air_outcome_free);
  g_free (self->actor);
  g_free (self->dedup);
  g_free (self->key);
  g_free (self->requester);
  g_free (self->subject);
  g_free (self->latency);
  g_free (self->retry_of);
  g_free (self->node);
  g_free (self->timer);
  g_free (self->key_id);
  g_free (self->role);
  g_free (self->reason);
  g_free (self->envelope);
  g_free (self->signal);
  g_free (self->id);
  g_free (self->iteration);
  g_free (self->selection);
  g_free (self->sender);
  g_free (self);
}

/**
 * air_message_to_event:
 * @self: a message
 * @session: (nullable): of a trigger: the attestation session
 *
 * Returns: the event, which borrows from both
 */
AirEvent
air_message_to_event (const AirMessage *self, const char *session)
{
  AirEvent event = { .kind = self->kind };

  switch (self->kind)
    {
    case AIR_EVENT_TRIGGER:
      event.trigger.data = self->data;
      event.trigger.actor = self->actor;
      event.trigger.session = session;
      event.trigger.dedup_key = self->dedup;
      event.trigger.concurrency_key = self->key;
      event.trigger.requester = self->requester;
      event.trigger.subject = self->subject;
      event.trigger.latency_class = self->latency;
      event.trigger.retry_of = self->retry_of;
      event.trigger.triggered_by = self->triggered_by;
      event.trigger.reason = self->reason;
      event.trigger.selection = self->selection;
      break;
    case AIR_EVENT_OUTCOME:
      event.outcome.node = self->node;
      event.outcome.attempt = self->attempt;
      event.outcome.purpose = self->purpose;
      event.outcome.outcome = self->outcome;
      break;
    case AIR_EVENT_TIMER:
      event.timer.id = self->timer;
      break;
    case AIR_EVENT_DECISION:
      event.decision.node = self->node;
      event.decision.approve = self->approve;
      event.decision.asks = self->asks;
      event.decision.actor = self->actor;
      event.decision.key = self->key_id;
      event.decision.role = self->role;
      event.decision.reason = self->reason;
      event.decision.envelope = self->envelope;
      event.decision.edits = self->edits;
      break;
    case AIR_EVENT_CANCEL:
      event.cancel.actor = self->actor;
      event.cancel.reason = self->reason;
      break;
    case AIR_EVENT_SIGNAL:
      event.signal.name = self->signal;
      event.signal.id = self->id;
      event.signal.iteration = self->iteration;
      event.signal.data = self->data;
      event.signal.actor = self->actor;
      break;
    case AIR_EVENT_CONTROL:
      event.control.control = self->control;
      event.control.actor = self->actor;
      event.control.node = self->node;
      event.control.reason = self->reason;
      event.control.selection = self->selection;
      event.control.id = self->id;
      event.control.output = self->data;
      event.control.happened = self->happened;
      event.control.key = self->key_id;
      event.control.role = self->role;
      event.control.envelope = self->envelope;
      break;
    case AIR_EVENT_RECOVERED:
    default:
      break;
    }
  return event;
}
