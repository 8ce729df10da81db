/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-effect.h"
#include "air-event.h"
#include "air-plan.h"
#include "air-record.h"
#include "base/air-clock.h"
#include "base/air-progress.h"
#include "policy/air-usage.h"

G_BEGIN_DECLS

/**
 * AirInstanceState:
 *
 * Where a run stands, told from its records. With several branches: what a person should know first.
 */
typedef enum {
  AIR_INSTANCE_RECEIVED,
  AIR_INSTANCE_RUNNING,
  AIR_INSTANCE_WAITING_GATE,
  AIR_INSTANCE_WAITING_TIMER,
  AIR_INSTANCE_WAITING_SIGNAL,
  AIR_INSTANCE_UNKNOWN_OUTCOME, /* an action may or may not have happened; a person must look */
  AIR_INSTANCE_COMPENSATING,
  AIR_INSTANCE_COMPLETED,
  AIR_INSTANCE_FAILED,
  AIR_INSTANCE_CANCELLED,
  AIR_INSTANCE_PAUSED,          /* by a person, until a person resumes it */
} AirInstanceState;

const char *air_instance_state_to_string (AirInstanceState state);
gboolean    air_instance_state_from_string (const char       *text,
                                            AirInstanceState *ret_state);

/**
 * AirInstance:
 *
 * One run of a plan. Its state is a fold over its records and nothing else:
 * a new instance to which the records of the ledger are applied in order is
 * the same instance.
 *
 * Not thread-safe; different instances may live in different threads.
 */
typedef struct _AirInstance AirInstance;

/**
 * AirTransition:
 * @records: (element-type AirRecord): to be made durable, in order
 * @effects: (element-type AirEffect): to be performed after that, in order
 */
typedef struct {
  GPtrArray *records;
  GPtrArray *effects;
} AirTransition;

void              air_transition_clear       (AirTransition    *self);

AirInstance      *air_instance_new           (AirPlan          *plan,
                                              const char       *id);
void              air_instance_free          (AirInstance      *self);

/**
 * air_instance_apply:
 * @self: an instance
 * @record: a record of this instance, as the ledger discloses it
 * @time_us: the entry's time
 *
 * Folds one record into the state. Unknown members are ignored, so entries may be given whole.
 *
 * Returns: FALSE with AIR_ENGINE_ERROR_RECORD when the record cannot follow the state; the state
 *   is then undefined and the instance of no more use.
 */
gboolean          air_instance_apply         (AirInstance      *self,
                                              const AirRecord  *record,
                                              gint64            time_us,
                                              GError          **error);

/**
 * air_instance_advance:
 * @self: an instance
 * @event: what happened; borrowed
 * @now_us: becomes the records' time, cut to milliseconds as the ledger writes it
 * @random: gives jitter
 * @ret: (out caller-allocates): cleared by air_transition_clear ()
 *
 * Decides what follows from an event, folds it in, and hands back records and effects. An event
 * that changes nothing (a late outcome, a stray timer) is no error: the records are empty.
 *
 * Returns: FALSE with AIR_ENGINE_ERROR_EVENT, _GATE_CLOSED, _GATE_EXPIRED, _DUPLICATE or
 *   _FINISHED; the state is then unchanged.
 */
gboolean          air_instance_advance       (AirInstance      *self,
                                              const AirEvent   *event,
                                              gint64            now_us,
                                              const AirRandom  *random,
                                              AirTransition    *ret,
                                              GError          **error);

void              air_instance_set_usage     (AirInstance      *self,
                                              AirUsageBook     *usage);

const char       *air_instance_get_id        (const AirInstance *self);
AirPlan          *air_instance_get_plan      (const AirInstance *self);
AirInstanceState  air_instance_get_state     (const AirInstance *self);
gboolean          air_instance_is_finished   (const AirInstance *self);
char             *air_instance_get_waiting_on (const AirInstance *self);
guint             air_instance_get_entries   (const AirInstance *self);
gint64            air_instance_get_started   (const AirInstance *self);
gint64            air_instance_get_updated   (const AirInstance *self);
const char       *air_instance_get_outcome   (const AirInstance *self);
const char       *air_instance_get_reason    (const AirInstance *self);
AirValue         *air_instance_get_input     (const AirInstance *self);
AirValue         *air_instance_get_output    (const AirInstance *self);
const char       *air_instance_get_dedup_key       (const AirInstance *self);
const char       *air_instance_get_concurrency_key (const AirInstance *self);
const char       *air_instance_get_requester       (const AirInstance *self);
const char       *air_instance_get_actor           (const AirInstance *self);
const char       *air_instance_get_subject         (const AirInstance *self);
const char       *air_instance_get_latency_class   (const AirInstance *self);
const char       *air_instance_get_retry_of        (const AirInstance *self);
AirValue         *air_instance_dup_triggered_by    (const AirInstance *self);
gboolean          air_instance_is_triggered_by     (const AirInstance *self,
                                                    const char        *uri);

/**
 * AirNodeState:
 * @AIR_NODE_STATE_IDLE: not come to yet
 * @AIR_NODE_STATE_RUNNING: at work
 * @AIR_NODE_STATE_WAITING: for a time, a signal, people or its next attempt
 * @AIR_NODE_STATE_UNKNOWN: nobody knows what became of its action
 * @AIR_NODE_STATE_DONE: it went on
 * @AIR_NODE_STATE_FAILED: it did not
 * @AIR_NODE_STATE_REVERSED: its effect was undone
 *
 * Where a node stands, for people to see.
 */
typedef enum {
  AIR_NODE_STATE_IDLE,
  AIR_NODE_STATE_RUNNING,
  AIR_NODE_STATE_WAITING,
  AIR_NODE_STATE_UNKNOWN,
  AIR_NODE_STATE_DONE,
  AIR_NODE_STATE_FAILED,
  AIR_NODE_STATE_REVERSED,
} AirNodeState;

const char       *air_node_state_to_string   (AirNodeState      state);
AirNodeState      air_instance_get_node_state (const AirInstance *self,
                                              guint             node,
                                              guint            *ret_attempts);
AirValue         *air_instance_get_node_output (const AirInstance *self,
                                              guint             node);

/**
 * AirGateFacts:
 *
 * What a gate asks and what was said so far; borrowed from the instance until its next change.
 */
typedef struct {
  gboolean waiting;
  char *gate;              /* "<instance>/<node>" */
  guint quorum;
  guint counted;           /* approvals so far */
  const char *role;
  AirValue *exclude;       /* list of URIs that may not decide */
  gint64 requested_us;
  gint64 deadline_us;
  const char *on_expiry;
  const char *policy;      /* "sha256:hex" */
  AirValue *action;        /* list of {node, operation, title, input, idempotency_key} */
  AirValue *why;           /* text, or NULL */
  const char *outcome;     /* "waiting", "approved", "denied", "expired" */
  AirValue *decisions;     /* list of {actor, key, role, decision, time} */
  guint reminded;          /* how often people were reminded */
  guint escalated;         /* levels reached */
  gboolean edited;         /* what is asked was changed by somebody who approves it so */
} AirGateFacts;

void              air_gate_facts_clear       (AirGateFacts     *self);
gboolean          air_instance_get_gate      (const AirInstance *self,
                                              const char       *node,
                                              AirGateFacts     *ret_facts);

char            **air_instance_dup_waiting_gates (const AirInstance *self);
char            **air_instance_dup_unknown   (const AirInstance *self);
gboolean          air_instance_has_begun     (const AirInstance *self);
gboolean          air_instance_is_at_work    (const AirInstance *self);
gboolean          air_instance_is_paused     (const AirInstance *self);
gboolean          air_instance_is_in_doubt   (const AirInstance *self,
                                              const char        *step);
char            **air_instance_dup_signals   (const AirInstance *self);

AirValue         *air_instance_get_manual    (const AirInstance *self);

/**
 * air_instance_replay_full:
 * @plan: the plan it ran on
 * @id: the instance's id
 * @records: (element-type AirRecord): all records of one instance, in order
 * @times_us: their times
 * @progress: (nullable) (scope call): told how many records were decided anew
 * @user_data: for @progress
 *
 * Decides everything anew from the recorded outside (trigger, outcomes, decisions, chosen due
 * times) and compares each record.
 *
 * Returns: FALSE with AIR_ENGINE_ERROR_DIFFERENCE naming the first record that differs, and its
 *   position in @ret_position.
 */
gboolean          air_instance_replay_full   (AirPlan          *plan,
                                              const char       *id,
                                              GPtrArray        *records,
                                              const gint64     *times_us,
                                              AirProgressFunc   progress,
                                              gpointer          user_data,
                                              guint            *ret_position /* nullable */,
                                              GError          **error);

/**
 * air_instance_replay:
 *
 * air_instance_replay_full() for who has no use for its progress.
 *
 * Returns: FALSE with AIR_ENGINE_ERROR_DIFFERENCE
 */
gboolean          air_instance_replay        (AirPlan          *plan,
                                              const char       *id,
                                              GPtrArray        *records,
                                              const gint64     *times_us,
                                              guint            *ret_position /* nullable */,
                                              GError          **error);

char             *air_idempotency_key        (const char       *artifact_digest,
                                              const char       *instance,
                                              const char       *node,
                                              const char       *iteration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirInstance, air_instance_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirTransition, air_transition_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AirGateFacts, air_gate_facts_clear)

G_END_DECLS
