/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ledger/air-decision.h"
#include "sim/air-sim-private.h"

G_BEGIN_DECLS

typedef struct {
  char *run;
  char *node;     /* of a decision */
  char *envelope; /* of a decision, or the id of an order or a signal */
} AirSimAcknowledged;

typedef struct _AirSimCheckCalls AirSimCheckCalls;

struct _AirSimChecker {
  AirSim *sim;
  AirSimCheckCalls *calls;
  GPtrArray *leaves;     /* GBytes: what was synced and told, in order */
  GHashTable *triggered; /* set of runs that were acknowledged */
  GPtrArray *decided;    /* AirSimAcknowledged */
  GPtrArray *told;       /* AirSimAcknowledged */
};

/* What one run's entries say. */
typedef struct {
  const char *id;
  GArray *places;     /* guint: of its entries among all */
  GPtrArray *stored;  /* AirSimStored, borrowed */
  GPtrArray *entries; /* AirEntry */
  AirInstance *instance;
  GPtrArray *done;        /* char *: steps whose effect stands, in order */
  GPtrArray *rolled_back; /* char * */
  GPtrArray *outcomes;    /* char *, of each rolled back */
  gboolean ending;        /* the run itself reverses what it did, not a workflow that is a step alone */
  GHashTable *envelopes;  /* set of what people signed at gates, and counted */
  GHashTable *said;       /* set of orders and signals: those by their words, these by what they bring */
  GPtrArray *doubted;     /* char *: steps that were left out though they may have happened */
} AirSimTold;

/* Steps are few, and a seed's live as long as the program. NULL: of none. */
const char *air_sim_check_intern_step (const AirEntry *entry);
AirSimTold *air_sim_check_find_told   (GPtrArray      *all,
                                       const char     *run);

/* What stands in an envelope when this person signed it; else NULL. */
AirDecision *air_sim_check_open_signed (const char     *envelope,
                                       const char     *uri);

/* air-sim-check-calls.c: what is sent, while it runs */
AirSimCheckCalls *air_sim_check_calls_new (AirSim        *sim);
void        air_sim_check_calls_free      (AirSimCheckCalls *self);
/* An entry that is durable: it may be an intent. */
void        air_sim_check_intent          (AirSimCheckCalls *self,
                                           const AirSimStored *stored);

/* air-sim-check-gates.c: who was asked, who decided, and that what they signed is what was done */
void        air_sim_check_gates       (AirSimChecker  *self,
                                       AirSimTold     *told);

/* air-sim-check-hands.c: people's hands on runs */
void        air_sim_check_hands       (AirSimChecker  *self,
                                       AirSimTold     *told);
void        air_sim_check_told        (AirSimChecker  *self,
                                       GPtrArray      *all /* AirSimTold */);

/* air-sim-check-audit.c: what the offline verifier says of each run that ended */
void        air_sim_check_audit       (AirSimChecker  *self,
                                       GPtrArray      *stored /* AirSimStored, of all runs, in order */,
                                       GPtrArray      *all /* AirSimTold */);

/* air-sim-check-retries.c: the work of ended runs that is done again */
void        air_sim_check_retries     (AirSimChecker  *self,
                                       GPtrArray      *all /* AirSimTold */);

/* air-sim-check-limits.c: what was used, by the ledger and by the vendors' books */
void        air_sim_check_limits      (AirSimChecker  *self,
                                       GPtrArray      *stored /* AirSimStored, of all runs, in order */);

G_END_DECLS
