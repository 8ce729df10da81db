/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "engine/air-latency.h"
#include "runtime/air-writer.h"
#include "wire/air-request.h"

G_BEGIN_DECLS

typedef struct _AirRun AirRun;

/* What a client is told when its event is durable or refused; @run may be NULL with a problem, @commit when nothing had to be written. */
typedef void (*AirAnswered) (AirRun     *run,
                             AirCommit  *commit,
                             AirProblem *take_problem,
                             gpointer    user_data);

/**
 * AirMessage:
 *
 * An event on its way to an instance, owning what an #AirEvent borrows. It
 * lives until its records are durable, so that a commit that failed can be
 * tried again.
 */
typedef struct {
  AirEventKind  kind;
  AirValue     *data;    /* trigger, signal; control: what the step leaves behind */
  char         *actor;   /* trigger, decision, cancel, signal, control */
  char         *dedup, *key, *requester;
  char         *subject;      /* trigger: nullable: whose data it is */
  char         *latency;      /* trigger: nullable: the class, where the event said it */
  char         *retry_of;     /* trigger: nullable; with @triggered_by, @reason and @selection */
  AirValue     *triggered_by;
  char         *node;    /* the step: outcome, decision, control */
  guint         attempt;
  AirPurpose    purpose;
  AirOutcome   *outcome;
  char         *timer;
  gboolean      approve;
  char         *key_id, *role, *reason, *envelope;
  char         *signal, *signal_id, *iteration;
  AirControl    control;
  char         *selection;
  gboolean      happened; /* control: confirm */
  AirValue     *edits;   /* decision: nullable */
  AirAnswered   answered; /* nullable */
  gpointer      user_data;
} AirMessage;

AirMessage *air_message_new      (AirEventKind      kind);
void        air_message_free     (AirMessage       *self);
/* The event; it borrows from @self. */
AirEvent    air_message_to_event (const AirMessage *self,
                                  const char       *session);

/**
 * AirRun:
 *
 * One open instance. @instance is NULL while nothing happens to it: then it
 * costs this struct only and is folded anew from its entries when something does.
 */
struct _AirRun {
  AirChain    *chain;
  gint64       durable;    /* index of the last entry that is durable, or -1 */
  AirInstance *instance;
  GQueue       inbox;      /* AirMessage */
  AirMessage  *current;    /* what is being committed */
  GPtrArray   *effects;    /* AirEffect, held until that is durable */
  GArray      *journal;    /* what that claims of limits, to take it back; nullable */
  gboolean     committing;
  gboolean     queued;     /* in the host's ready list */
  gboolean     held;       /* behind another of the same concurrency key */
  gboolean     ahead;      /* the instance knows more than is being committed */
  gboolean     finished;
  guint        in_flight;  /* calls */
  gint64       began_us;   /* of the monotonic clock; 0: before this process */
  char        *key;        /* nullable */
  char        *subject;    /* nullable: digest of whose data it holds, until that is durable */
  AirIndexRow *row;        /* as last made durable */
  GList        resident;   /* in the host's list of those in memory */
  GList        ready;
  AirLatencyClass latency;
  guint8       lane;       /* of the host's ready list it stands in */
};

AirRun     *air_run_new   (const char *id);
void        air_run_free  (AirRun     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMessage, air_message_free)

G_END_DECLS
