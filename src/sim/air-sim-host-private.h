/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hosting/air-tree-edge.h"
#include "sim/air-sim-lines.h"
#include "sim/air-sim-private.h"

G_BEGIN_DECLS

#define MS G_GINT64_CONSTANT (1000)

typedef struct {
  grefcount references;
  AirSimHost *host; /* NULL once it is gone */
} AirSimTicket;

typedef struct {
  AirSimRun *run;
  GPtrArray *records;
  GPtrArray *stored; /* AirSimStored */
  gint64 time_us;
  gboolean begun;    /* its chain has moved on */
  AirChainHead head_before;
  gint64 last_before;
} AirSimCommit;

struct _AirSimHost {
  AirSim *sim;
  AirSimTicket *ticket;
  GHashTable *runs;    /* id → AirSimRun */
  GHashTable *ended;   /* id → AirSimRun: those that came to their end */
  GHashTable *dedup;   /* key → run id, or "" while it is not durable */
  AirSimLines *lines;
  GQueue ready;        /* AirSimRun */
  GPtrArray *submitted; /* AirSimCommit */
  GPtrArray *batch;    /* AirSimCommit, being written */
  AirEffectQueue *effects;
  AirTimerHeap *timers;
  AirUsageBook *usage;
  gint64 sync_us;      /* how long the disk takes, as a rule */

  AirJournal *journal;
  AirFrame *frame;     /* of the batch */
  gsize most_bytes;    /* that a frame is filled to */
  AirTreeEdge edge;    /* with what is being written */
  AirTreeEdge durable;
  gboolean waiting;    /* until the journal may write over its other half */
  GQueue frames;       /* AirFrame, in the journal and not in the store */
  guint64 wanted, released; /* frames of the journal that are to be given back, and that were */
  gint64 gather_us;
  gboolean applying, failing;

  gint64 woken_us;     /* when the queue of effects is asked again, at the latest */
  gint64 armed_us;     /* when the timers are looked at, of the wall clock */
  gboolean dead, pumping, retrying;
};

/* air-sim-message.c */
void        air_sim_message_reply    (AirMessage *self, AirSimAnswerKind kind, const char *run);
AirSimRun  *air_sim_run_new          (const char *id);
void        air_sim_run_free         (AirSimRun *self);

/* air-sim-host-tasks.c: what ends with the process, timers, turns by concurrency key */
AirSimTicket *air_sim_ticket_ref     (AirSimTicket *self);
void        air_sim_ticket_unref     (AirSimTicket *self);
void        air_sim_host_plan        (AirSimHost *self, gint64 in_us, void (*run) (AirSimHost *, gpointer), gpointer data,
                                      GDestroyNotify destroy);
void        air_sim_host_arm         (AirSimHost *self);
void        air_sim_host_fidget      (AirSimHost *self, gpointer data);
void        air_sim_host_drop_run    (AirSimHost *self, AirSimRun *run);

/* air-sim-host-calls.c */
void        air_sim_host_pump_calls  (AirSimHost *self);
/* A fault: sends what nobody decided. */
void        air_sim_host_act_anyway  (AirSimHost *self, const char *run, const char *step);

/* air-sim-host-retry.c: runs that have ended, and those that do their work again */
void        air_sim_host_put_away    (AirSimHost *self, AirSimRun *run);

/* air-sim-host.c */
gboolean    air_sim_host_fold        (AirSimHost *self, AirSimRun *run);
void        air_sim_host_schedule_all (AirSimHost *self);
gboolean    air_sim_host_commit_done (AirSimHost *self, AirSimCommit *commit);
void        air_sim_host_commit_failed (AirSimHost *self, AirSimCommit *commit);

/* air-sim-host-write.c: from commits to the journal */
void        air_sim_host_write       (AirSimHost *self);
void        air_sim_host_stop_waiting (AirSimHost *self);
void        air_sim_commit_free      (AirSimCommit *self);

/* air-sim-host-apply.c: from the journal to the store */
void        air_sim_host_push        (AirSimHost *self, AirFrame *take_frame);
void        air_sim_host_want        (AirSimHost *self, guint64 seq);
gboolean    air_sim_host_put         (AirSimHost *self, AirFrame *frame);

G_END_DECLS
