/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "sim/air-mocks.h"

G_BEGIN_DECLS

/**
 * AirTrial:
 *
 * One run of a plan under a clock of its own, with mocks for vendors and
 * written or made-up people: what a test case, a simulated run and a recorded
 * run played again have in common. Nothing is sent, nothing is stored; the
 * engine is the one that ships.
 */
typedef struct {
  AirPlan *plan;
  const AirMocks *mocks;
  AirMockScript *script;      /* what answers calls */
  AirValue *data;             /* the event's data */
  const char *actor;          /* nullable */
  gint64 now_us;              /* when the event comes; 0: some fixed time */
  guint64 seed;
  const AirValue *gates;      /* nullable: node → list of {decision, by, role, reason, after_ms} */
  const AirValue *signals;    /* nullable: list of {signal, data, after_ms} */
  gboolean people;            /* gates without a list are decided by made-up people */
  guint approve_permille;
  gint64 decide_us;           /* what they take, as a rule */
  gint64 read_us, write_us;   /* what calls take, as a rule; 0: a millisecond */
} AirTrialOptions;

/* Money a call moved, and whether it was moved back. */
typedef struct {
  char *node;
  char *currency;
  gint64 minor;
  gboolean out;
  gboolean reversed;
} AirTrialMove;

typedef struct {
  char *gate;
  char *outcome;       /* "approved", "denied", "expired", "waiting" */
  guint decisions;
  gint64 waited_us;
} AirTrialGate;

typedef struct {
  GPtrArray *records;  /* AirRecord */
  GArray *times_us;
  AirInstance *instance;
  GPtrArray *path;     /* char *: steps in the order in which they were reached */
  GPtrArray *ports;    /* char *: the same, "step:port" where it was left */
  GPtrArray *gates;    /* AirTrialGate: those that asked people, in order */
  GPtrArray *effects;  /* char *: steps whose effect stands, in order */
  GPtrArray *reversed; /* char * */
  GPtrArray *moves;    /* AirTrialMove */
  GPtrArray *refusals; /* char *: decisions and signals that were not taken, and why */
  char *outcome;       /* "completed", "failed", "cancelled", or the state it is left in */
  char *waiting;       /* nullable */
  AirValue *output;    /* nullable, borrowed from @instance */
  gint64 duration_us;
  gint64 gate_us;      /* of that, waiting for people */
  guint calls, retries, unknown;
} AirTrialResult;

/* NULL with AIR_SIM_ERROR or AIR_ENGINE_ERROR when it cannot be played: data the trigger refuses, a mock that is wrong. */
AirTrialResult *air_trial_run         (const AirTrialOptions *options,
                                       GError               **error);
void            air_trial_result_free (AirTrialResult        *self);

/* What a list of records tells, without playing anything: recorded runs. @mocks: (nullable): for the money. */
AirTrialResult *air_trial_read        (AirPlan               *plan,
                                       const char            *id,
                                       GPtrArray             *records,
                                       GArray                *times_us,
                                       const AirMocks        *mocks,
                                       GError               **error);

/* The same of a run on another plan than @plan, which lends names of ways and operations only: no instance, no output. */
AirTrialResult *air_trial_read_foreign (AirPlan              *plan,
                                       GPtrArray             *records,
                                       GArray                *times_us,
                                       const AirMocks        *mocks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTrialResult, air_trial_result_free)

G_END_DECLS
