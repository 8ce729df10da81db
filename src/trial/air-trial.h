/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "trial/air-mocks.h"

G_BEGIN_DECLS

/**
 * AirTrialOptions:
 * @plan: what is run
 * @mocks: vendors made of fixtures
 * @script: what answers calls
 * @data: the event's data
 * @actor: (nullable): who brings it
 * @now_us: when the event comes, in microseconds since the Unix epoch; 0: some fixed time
 * @until_us: where it is left off; 0: at its end
 * @seed: decides what is left to chance
 * @gates: (nullable): step ("node@3"), else node, to list of {decision, by, role, reason, edits, after_ms, round}; those
 *   with a round are of the first, second, … time the gate asks (an edit makes it ask again), others of every time
 * @signals: (nullable): list of {signal, iteration, data, after_ms}
 * @controls: (nullable): list of {action, node, actor, reason, output, …, after_ms}: people's hands on the run
 * @people: gates without a list are decided by made-up people
 * @made_signals: (nullable): node of a wait to {signal, data}, a list of what may come for it: made-up senders send it
 * @silent_permille: how often they send nothing
 * @approve_permille: how often they approve
 * @decide_us: what they, and those who send signals, take as a rule
 * @read_us: what reading calls take, as a rule; 0: a millisecond
 * @write_us: what writing calls take, as a rule; 0: a millisecond
 *
 * One run of a plan under a clock of its own, with mocks for vendors and written or made-up people: what a test case,
 * a simulated run and a recorded run played again have in common. Nothing is sent, nothing is stored; the engine is
 * the one that ships. All of it is borrowed.
 */
typedef struct {
  AirPlan *plan;
  const AirMocks *mocks;
  AirMockScript *script;
  AirValue *data;
  const char *actor;
  gint64 now_us;
  gint64 until_us;
  guint64 seed;
  const AirValue *gates;
  const AirValue *signals;
  const AirValue *controls;
  gboolean people;
  const AirValue *made_signals;
  guint silent_permille;
  guint approve_permille;
  gint64 decide_us;
  gint64 read_us, write_us;
} AirTrialOptions;

/**
 * AirTrialMove:
 * @node: the step
 * @currency: ISO 4217
 * @minor: minor units
 * @out: whether it left our hands
 * @reversed: whether it was moved back
 *
 * Money a call moved.
 */
typedef struct {
  char *node;
  char *currency;
  gint64 minor;
  gboolean out;
  gboolean reversed;
} AirTrialMove;

/**
 * AirTrialGate:
 * @gate: the step
 * @outcome: "approved", "denied", "expired" or "waiting"
 * @decisions: how many were made
 * @waited_us: from request to end
 */
typedef struct {
  char *gate;
  char *outcome;
  guint decisions;
  gint64 waited_us;
} AirTrialGate;

/**
 * AirTrialResult:
 * @records: (element-type AirRecord): what the engine decided
 * @times_us: (element-type gint64): of each record
 * @instance: (nullable): the run itself
 * @path: (element-type utf8): steps in the order in which they were reached
 * @ports: (element-type utf8): the same, "step:port" where it was left
 * @gates: (element-type AirTrialGate): those that asked people, in order
 * @effects: (element-type utf8): steps whose effect stands, in order
 * @reversed: (element-type utf8): steps whose effect was reversed
 * @moves: (element-type AirTrialMove): money
 * @refusals: (element-type utf8): decisions and signals that were not taken, and why
 * @outcome: "completed", "failed", "cancelled", or the state it is left in
 * @waiting: (nullable): what it waits for
 * @output: (nullable): borrowed from @instance
 * @duration_us: from the first record to the last
 * @gate_us: of that, waiting for people
 * @calls: how many were made
 * @retries: of them, how many again
 * @unknown: of them, how many nobody knows of
 *
 * What became of a trial. Freed with air_trial_result_free().
 */
typedef struct {
  GPtrArray *records;
  GArray *times_us;
  AirInstance *instance;
  GPtrArray *path;
  GPtrArray *ports;
  GPtrArray *gates;
  GPtrArray *effects;
  GPtrArray *reversed;
  GPtrArray *moves;
  GPtrArray *refusals;
  char *outcome;
  char *waiting;
  AirValue *output;
  gint64 duration_us;
  gint64 gate_us;
  guint calls, retries, unknown;
} AirTrialResult;

AirTrialResult *air_trial_run         (const AirTrialOptions *options,
                                       GError               **error);
void            air_trial_result_free (AirTrialResult        *self);

AirTrialResult *air_trial_read        (AirPlan               *plan,
                                       const char            *id,
                                       GPtrArray             *records,
                                       GArray                *times_us,
                                       const AirMocks        *mocks,
                                       GError               **error);

AirTrialResult *air_trial_read_foreign (AirPlan              *plan,
                                       GPtrArray             *records,
                                       GArray                *times_us,
                                       const AirMocks        *mocks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTrialResult, air_trial_result_free)

G_END_DECLS
