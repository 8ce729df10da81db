/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-plan.h"
#include "sim/air-sim-vendor.h"

G_BEGIN_DECLS

/**
 * AirSimInvariant:
 * @AIR_SIM_NO_ENTRY_NO_ACTION: a call started whose intent was not durable
 * @AIR_SIM_ONE_EFFECT: a vendor has two effects of one action
 * @AIR_SIM_NOT_SILENT: a vendor has an effect of which the ledger says nothing
 * @AIR_SIM_NOTHING_LOST: something that was acknowledged is gone
 * @AIR_SIM_COMPENSATION: what was reversed is not what was done, the last first
 * @AIR_SIM_DECIDED_ONCE: a decision counted twice, or one counted that may not
 * @AIR_SIM_IN_FORCE: a decision counted by other terms than were in force, or by who may not
 * @AIR_SIM_HEARD: somebody who may decide was turned away
 * @AIR_SIM_REMINDED: those who were to be reminded, or asked after a time, were not; or not then
 * @AIR_SIM_AS_SIGNED: a vendor did something else than the last who approved it saw
 * @AIR_SIM_TOLD_ONCE: a signal or an order of a person counted twice
 * @AIR_SIM_RETRIED_ONCE: the work of a run that ended was begun anew twice, or though something of it stands
 * @AIR_SIM_PAUSED: a paused run began something
 * @AIR_SIM_SKIPPED: a step that was left out has an effect
 * @AIR_SIM_LIMIT_HELD: more was used in a window than a limit allows
 * @AIR_SIM_CHAIN: seq, prev or count do not hold
 * @AIR_SIM_AUDITED: the offline verifier finds a fault with a run
 * @AIR_SIM_REPLAY: deciding again comes to other entries
 * @AIR_SIM_STRANDED: an instance neither ended nor waits for anything that will come or has a name
 * @AIR_SIM_RAMP: more calls in flight than allowed, or too many right after a start
 * @AIR_SIM_PATIENT: a vendor was called again before the time it had asked for
 * @AIR_SIM_NOT_STARVED: calls of runs that somebody waits for were overtaken by others
 * @AIR_SIM_RESTS: it does not come to rest
 *
 * What must hold in every simulation.
 */
typedef enum {
  AIR_SIM_NO_ENTRY_NO_ACTION,
  AIR_SIM_ONE_EFFECT,
  AIR_SIM_NOT_SILENT,
  AIR_SIM_NOTHING_LOST,
  AIR_SIM_COMPENSATION,
  AIR_SIM_DECIDED_ONCE,
  AIR_SIM_IN_FORCE,
  AIR_SIM_HEARD,
  AIR_SIM_REMINDED,
  AIR_SIM_AS_SIGNED,
  AIR_SIM_TOLD_ONCE,
  AIR_SIM_RETRIED_ONCE,
  AIR_SIM_PAUSED,
  AIR_SIM_SKIPPED,
  AIR_SIM_LIMIT_HELD,
  AIR_SIM_CHAIN,
  AIR_SIM_AUDITED,
  AIR_SIM_REPLAY,
  AIR_SIM_STRANDED,
  AIR_SIM_RAMP,
  AIR_SIM_PATIENT,
  AIR_SIM_NOT_STARVED,
  AIR_SIM_RESTS,
} AirSimInvariant;

#define AIR_SIM_N_INVARIANTS (AIR_SIM_RESTS + 1)

const char *air_sim_invariant_to_string (AirSimInvariant invariant);

/**
 * AirSimFault:
 *
 * A fault put into the host on purpose, to see that it is found. Never set but
 * by the tests of the simulator itself.
 */
typedef enum {
  AIR_SIM_FAULT_NONE,
  AIR_SIM_FAULT_SEND_EARLY,      /* calls start before their intent is durable */
  AIR_SIM_FAULT_NEW_KEY,         /* a retry carries another idempotency key */
  AIR_SIM_FAULT_FORGET_UNKNOWN,  /* an answer that never came counts as a plain failure */
  AIR_SIM_FAULT_DROP_OUTCOME,    /* an answer is not handed to the engine */
  AIR_SIM_FAULT_LOSE_DECISION,   /* a decision is acknowledged and thrown away */
  AIR_SIM_FAULT_DOUBLE_DECISION, /* a decision counts for a second person, too */
  AIR_SIM_FAULT_LOSE_COMMIT,     /* what was synced is gone after a crash */
  AIR_SIM_FAULT_SKIP_SEQ,        /* an entry's number is left out */
  AIR_SIM_FAULT_SKIP_UNDO,       /* a reversal is answered for without being sent */
  AIR_SIM_FAULT_ALTER_RECORD,    /* what is written is not what was decided */
  AIR_SIM_FAULT_LOSE_TIMER,      /* a timer is forgotten */
  AIR_SIM_FAULT_NO_RAMP,         /* everything starts at once */
  AIR_SIM_FAULT_LOSE_ORDER,      /* an order or a signal is acknowledged and thrown away */
  AIR_SIM_FAULT_FORGET_ORDER,    /* nobody knows any more which orders and signals have come */
  AIR_SIM_FAULT_IGNORE_PAUSE,    /* a run that is paused goes on */
  AIR_SIM_FAULT_ACT_SKIPPED,     /* a step that was left out is done all the same */
  AIR_SIM_FAULT_FORGET_USAGE,    /* after a restart nothing was used of any limit */
  AIR_SIM_FAULT_RELEASE_EARLY,   /* a half of the journal is given back, and the store was not synced */
  AIR_SIM_FAULT_BEGIN_EARLY,     /* after a recovery the journal is written over, and the store was not synced */
  AIR_SIM_FAULT_APPLY_TWICE,     /* a recovery does not know which frames the store has */
  AIR_SIM_FAULT_UNJUDGED,        /* a decision counts whatever was signed, and by whom */
  AIR_SIM_FAULT_LOSE_REMINDER,   /* nobody is reminded, and nobody else is asked */
  AIR_SIM_FAULT_ALTER_EDIT,      /* what an approver changed is changed otherwise */
  AIR_SIM_FAULT_RETRY_TWICE,     /* nobody knows any more which runs were done again */
  AIR_SIM_FAULT_RETRY_STANDING,  /* runs are done again though something of them stands */
  AIR_SIM_FAULT_IMPATIENT,       /* what a vendor asks for is not heard */
  AIR_SIM_FAULT_NO_LANES,        /* all calls wait in one line */
  AIR_SIM_FAULT_RESTLESS,        /* something goes on for ever */
  AIR_SIM_FAULT_LOSE_ROLE,       /* in which role somebody decides does not reach the engine */
} AirSimFault;

#define AIR_SIM_N_FAULTS (AIR_SIM_FAULT_LOSE_ROLE + 1)

const char *air_sim_fault_to_string (AirSimFault fault);

/**
 * AirSimScenario:
 * @plan: what is run; NULL: a plan is made up for each seed
 * @event: makes the data of an event; @n counts from 0
 * @answer: what the vendors know
 *
 * A workflow to run, other than one made up.
 */
typedef struct {
  const char   *name;
  AirPlan      *plan;
  AirValue   *(*event)  (AirSimRandom *random,
                         guint         n,
                         gpointer      user_data);
  AirSimAnswer  answer;
  gpointer      user_data;
} AirSimScenario;

/**
 * AirSimOptions:
 * @seed: decides everything
 * @scenario: (nullable): what is run; %NULL: made up
 * @fault: put in on purpose
 * @trace: (nullable): told what happens, line by line
 * @user_data: for @trace
 */
typedef struct {
  guint64               seed;
  const AirSimScenario *scenario;
  AirSimFault           fault;
  guint64               crash_at; /* 0: by chance; else at this place of all where it may, counted from 1 (every third time in the start after it, too), and nowhere else */
  void                (*trace)  (const char *line,
                                 gpointer    user_data);
  gpointer              user_data;
} AirSimOptions;

/**
 * AirSimViolation:
 * @invariant: what did not hold
 * @message: where and how
 */
typedef struct {
  AirSimInvariant invariant;
  char *message;
} AirSimViolation;

/**
 * AirSimReport:
 * @violations: (element-type AirSimViolation): empty when all held
 * @root: hex root of the ledger's tree at the end: the same seed gives the same
 *
 * What came of one seed.
 */
typedef struct {
  guint64 seed;
  GPtrArray *violations;
  char *root;
  guint runs, completed, failed, cancelled, unknown, paused, skipped, confirmed, limited;
  guint crashes, entries, effects, decisions, controls, refused, retried, reversals, full, jumps, most_in_flight;
  guint recovered, blocked, large; /* frames: that only the journal had, that waited for room in it, too large for it */
  guint64 steps;
  guint64 places; /* where the process might have crashed: before and after journal writes, between any two effects */
} AirSimReport;

AirSimReport *air_sim_run          (const AirSimOptions *options);
void          air_sim_report_free  (AirSimReport        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimReport, air_sim_report_free)

G_END_DECLS
