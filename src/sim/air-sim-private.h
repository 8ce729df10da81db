/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "engine/air-effect-queue.h"
#include "engine/air-instance.h"
#include "engine/air-latency.h"
#include "engine/air-timer-heap.h"
#include "hosting/air-admission.h"
#include "hosting/air-journal.h"
#include "hosting/air-message.h"
#include "ledger/air-entry.h"
#include "ledger/air-tree.h"
#include "sim/air-sim-disk.h"
#include "sim/air-sim-store.h"
#include "sim/air-sim.h"

G_BEGIN_DECLS

typedef struct _AirSim AirSim;
typedef struct _AirSimHost AirSimHost;
typedef struct _AirSimPeople AirSimPeople;
typedef struct _AirSimApprovers AirSimApprovers;
typedef struct _AirSimOperators AirSimOperators;
typedef struct _AirSimChecker AirSimChecker;

/* --- the whole (air-sim.c) --- */

struct _AirSim {
  const AirSimOptions *options;
  AirSimReport *report;
  AirSimWorld *world;
  AirSimDisk *disk;
  AirSimStore *store;
  gsize half_size;        /* of the journal */
  AirSimVendors *vendors;
  AirSimPeople *people;
  AirSimApprovers *approvers;
  AirSimOperators *operators;
  AirSimChecker *checker;
  AirSimHost *host;       /* NULL between a crash and the next start */
  AirPlan *plan;
  AirSimRandom chance;    /* faults */
  AirSimRandom salts;     /* what the host draws */
  AirSimRandom world_chance;
  AirSimRandom vendor_chance;
  AirSimRandom disk_chance;
  gboolean chaos;
  gboolean refused;       /* no process can start on what is there */
  guint crash_permille;   /* at each place where a crash may be */
  guint crashes_left;
  guint wildness;
};

void        air_sim_trace       (AirSim      *self,
                                 const char  *format,
                                 ...) G_GNUC_PRINTF (2, 3);
/* A place where the process may end at once. TRUE: it has ended; touch nothing more. */
gboolean    air_sim_may_crash   (AirSim      *self,
                                 const char  *where);
/* The process that is starting cannot: it is tried again later. */
void        air_sim_end_start   (AirSim      *self,
                                 const char  *why);
gboolean    air_sim_has_fault   (AirSim      *self,
                                 AirSimFault  fault);
void        air_sim_violate     (AirSim      *self,
                                 AirSimInvariant invariant,
                                 const char  *format,
                                 ...) G_GNUC_PRINTF (3, 4);

/* --- the host (air-sim-host.c) --- */

typedef enum {
  AIR_SIM_ACCEPTED,
  AIR_SIM_DUPLICATE,
  AIR_SIM_REFUSED,
  AIR_SIM_TRY_AGAIN, /* nothing was done */
} AirSimAnswerKind;

typedef void (*AirSimReplied) (AirSimAnswerKind kind, const char *run, gpointer user_data);

/* Who waits for the answer to a message. */
typedef struct {
  AirSimReplied replied;
  gpointer user_data;
} AirSimSender;

void air_sim_message_set_sender (AirMessage *message, AirSimReplied replied, gpointer user_data);

typedef struct {
  char *id;
  AirInstance *instance;
  GQueue inbox;          /* AirMessage */
  AirMessage *current;
  GPtrArray *effects;    /* AirEffect, until the records are durable */
  GArray *journal;       /* what is being committed claims of limits; nullable */
  AirChainHead head;
  gint64 last;           /* index of its last entry, or -1 */
  GPtrArray *stored;     /* AirSimStored, durable */
  char *key;
  AirLatencyClass latency;
  gboolean committing, queued, held, ahead, finished;
} AirSimRun;

/* Starts a process on what the disk holds. */
void        air_sim_host_start     (AirSim *sim);
void        air_sim_host_free      (AirSimHost *self);
gboolean    air_sim_host_is_dead   (AirSimHost *self);
void        air_sim_host_kill      (AirSimHost *self);
gboolean    air_sim_host_stop      (AirSimHost *self);
void        air_sim_host_trigger   (AirSimHost *self, AirMessage *take_message);
/* To a run that there is; FALSE when there is none that is open. */
gboolean    air_sim_host_post      (AirSimHost *self, const char *run, AirMessage *take_message);
AirSimRun  *air_sim_host_find      (AirSimHost *self, const char *run);
GHashTable *air_sim_host_get_runs  (AirSimHost *self); /* id → AirSimRun */
/* Of runs that have ended: their ids, sorted, and one that is to be done again. */
GPtrArray  *air_sim_host_list_ended (AirSimHost *self);
void        air_sim_host_retry      (AirSimHost *self, const char *run, const AirMessage *order, AirSimReplied replied,
                                     gpointer user_data);
/* The wall clock was set. */
void        air_sim_host_clock_set (AirSimHost *self);
gboolean    air_sim_host_has_timer (AirSimHost *self, const char *run);
AirSim     *air_sim_host_get_sim   (AirSimHost *self);

/* (element-type AirSimStored): all that is durable. For the end: it takes what only the journal has into the store. */
GPtrArray  *air_sim_ledger_read    (AirSim *sim);

/* --- who may decide (air-sim-gate.c) --- */

/* Whether an entry may be of a type that begins like this; saves reading those that are not. */
gboolean    air_sim_stored_is      (const AirSimStored *stored, const char *type);

/* Verifies and judges a decision, or a word on an unknown outcome; TRUE: the message counts and is filled in. Else
 * @ret_kind says what to answer. */
gboolean    air_sim_gate_admit     (AirSim *sim, AirSimRun *run, AirMessage *message, AirSimAnswerKind *ret_kind);

/* --- people (air-sim-people.c) --- */

AirSimPeople *air_sim_people_new       (AirSim *sim);
void          air_sim_people_free      (AirSimPeople *self);
gboolean      air_sim_people_find_voter (const char *key_id, AirVoter *ret_voter, gpointer unused);
/* Of the operator with this URI. */
AirPrivateKey *air_sim_people_get_operator_key (const char *uri);
void          air_sim_people_begin     (AirSimPeople *self, guint n_runs);

/* --- approvers (air-sim-approvers.c) --- */

AirSimApprovers *air_sim_approvers_new      (AirSim *sim);
void             air_sim_approvers_free     (AirSimApprovers *self);
/* A gate asks: some of them will decide. */
void             air_sim_approvers_ask      (AirSimApprovers *self, const char *run, const char *node);
/* The actions that were approved with it, as who signed it saw them; NULL: nothing was. */
AirValue        *air_sim_approvers_get_seen (AirSimApprovers *self, const char *envelope);

/* --- operators (air-sim-operators.c) --- */

AirSimOperators *air_sim_operators_new   (AirSim *sim);
void             air_sim_operators_free  (AirSimOperators *self);
/* They will have their hands on some runs, within that time. */
void             air_sim_operators_begin (AirSimOperators *self, guint n_orders, gint64 over_us);
/* Nothing goes wrong any more: most of what is paused is resumed. */
void             air_sim_operators_heal  (AirSimOperators *self);

/* --- the checks (air-sim-check.c) --- */

AirSimChecker *air_sim_checker_new       (AirSim *sim);
void           air_sim_checker_free      (AirSimChecker *self);
/* These entries are durable now, in this order. */
void           air_sim_checker_durable   (AirSimChecker *self, GPtrArray *stored);
/* A process found these on the disk at its start. */
void           air_sim_checker_recovered (AirSimChecker *self, GPtrArray *stored);
/* A call may be sent, was sent, was answered. */
void           air_sim_checker_queued    (AirSimChecker *self, const char *run, AirLatencyClass latency,
                                          const AirEffect *call);
void           air_sim_checker_started   (AirSimChecker *self, const char *run, const AirEffect *call);
void           air_sim_checker_answered  (AirSimChecker *self, const char *run, const AirEffect *call,
                                          const AirOutcome *outcome);
void           air_sim_checker_booted    (AirSimChecker *self);
void           air_sim_checker_clock_set (AirSimChecker *self);
void           air_sim_checker_triggered (AirSimChecker *self, const char *run);
/* A signal or a control was acknowledged. */
void           air_sim_checker_told      (AirSimChecker *self, const char *run, const AirMessage *message);
void           air_sim_checker_decided   (AirSimChecker *self, const char *run, const char *node, const char *envelope);
/* At rest: everything that can be told from the ledger and the books. */
void           air_sim_checker_finish    (AirSimChecker *self);

/* --- entries (air-sim-journal.c) --- */

/* The step an entry speaks of: "node", or "node@iteration"; NULL: of none. */
char      *air_sim_journal_dup_step (const AirEntry *entry);
/* Whether the entry speaks of this step. */
gboolean   air_sim_journal_is_of  (const AirEntry *entry, const char *step);
/* The records of @stored as the engine takes them; NULL when an entry cannot be read. */
GPtrArray *air_sim_journal_open   (GPtrArray *stored, GArray *times_us, GError **error);

G_END_DECLS
