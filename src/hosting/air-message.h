/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-event.h"

G_BEGIN_DECLS

/**
 * AirMessage:
 * @sender: (nullable): who waits for an answer: a block of the host's own, freed with g_free()
 *
 * An event on its way to an instance, owning what an #AirEvent borrows. It
 * lives until its records are durable, so that a commit that failed can be
 * tried again.
 */
typedef struct {
  AirEventKind  kind;
  AirValue     *data;      /* trigger, signal; control: what the step leaves behind */
  char         *actor;     /* trigger, decision, cancel, signal, control */
  char         *dedup, *key, *requester; /* trigger */
  char         *subject;      /* trigger: nullable: whose data it is */
  char         *latency;      /* trigger: nullable: the class, where the event said it */
  char         *retry_of;     /* trigger: nullable; with @triggered_by, @reason and @selection */
  AirValue     *triggered_by;
  char         *node;      /* the step: outcome, decision, control */
  guint         attempt;
  AirPurpose    purpose;
  AirOutcome   *outcome;
  char         *timer;
  gboolean      approve;
  gboolean      asks;      /* for information: decides nothing */
  AirValue     *edits;     /* decision: nullable */
  char         *key_id, *role, *reason, *envelope;
  char         *signal, *iteration;
  char         *id;        /* signal, control: nullable */
  AirControl    control;
  char         *selection;
  gboolean      happened;  /* control: confirm */
  gpointer      sender;
} AirMessage;

AirMessage *air_message_new      (AirEventKind      kind);
void        air_message_free     (AirMessage       *self);
AirEvent    air_message_to_event (const AirMessage *self,
                                  const char       *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMessage, air_message_free)

G_END_DECLS
