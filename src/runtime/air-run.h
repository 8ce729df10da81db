/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "engine/air-latency.h"
#include "hosting/air-message.h"
#include "runtime/air-writer.h"
#include "wire/air-request.h"

G_BEGIN_DECLS

typedef struct _AirRun AirRun;

/**
 * AirAnswered:
 * @run: (nullable): the run; may be %NULL with a problem
 * @commit: (nullable): %NULL when nothing had to be written
 * @take_problem: (nullable) (transfer full): why not
 * @user_data: what was handed in
 *
 * What a client is told when its event is durable or refused.
 */
typedef void (*AirAnswered) (AirRun     *run,
                             AirCommit  *commit,
                             AirProblem *take_problem,
                             gpointer    user_data);

/**
 * AirSender:
 * @answered: called once
 * @user_data: for it
 *
 * Who waits for the answer to a message.
 */
typedef struct {
  AirAnswered answered;
  gpointer    user_data;
} AirSender;

void        air_message_set_sender (AirMessage       *self,
                                    AirAnswered       answered,
                                    gpointer          user_data);
void        air_message_answer     (const AirMessage *self,
                                    AirRun           *run,
                                    AirCommit        *commit,
                                    AirProblem       *take_problem);

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

G_END_DECLS
