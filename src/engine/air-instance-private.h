/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-instance.h"
#include "air-plan-private.h"

G_BEGIN_DECLS

/*
 * How the pieces stand to each other:
 *
 *   event → air-decide.c ──records──▶ air-evolve.c → state
 *              ▲                         │
 *              └───── reads state ◀──────┘
 *
 * Only air-evolve.c and what it calls (air-action.c, air-tokens.c) change the
 * state, and only from a record; air-decide.c and its helpers only read it. So
 * what is written down is what happened, and applying it again is recovery.
 */

typedef enum {
  AIR_ACTION_IDLE,
  AIR_ACTION_READY,     /* to be sent at once */
  AIR_ACTION_IN_FLIGHT, /* an intent without outcome */
  AIR_ACTION_BACK_OFF,  /* to be sent later; the time is to be chosen */
  AIR_ACTION_WAITING,   /* the time is chosen */
  AIR_ACTION_STUCK,     /* nobody knows, and nothing of ours can find out */
  AIR_ACTION_OK,
  AIR_ACTION_FAILED,
} AirActionPhase;

/* One effect on the world, over all its attempts: of a node, or reversing one. */
typedef struct {
  const AirPlanOperation *operation;
  AirActionPhase phase;
  AirPurpose base;        /* EXECUTE or COMPENSATE */
  AirPurpose next;        /* what is in flight, or is sent next: @base or RECONCILE */
  guint iteration;
  guint attempts;
  guint reconciles;
  guint misses;           /* reconciles without an answer, in a row */
  gint64 first_us;        /* the first attempt: when the key's window began */
  gint64 timeout_ms;      /* of the attempt in flight */
  gint64 quiet_us;        /* when no attempt without an answer can be on its way any more */
  gint64 due_us;
  gint64 retry_after_ms;
  gboolean maybe;         /* an attempt may have had its effect */
  gboolean confirming;    /* refused after a maybe: the reconcile decides */
  AirOutcomeClass outcome_class;
  int status;
  char *message;
  AirValue *key;          /* idempotency key */
  AirValue *input;
  AirValue *output;
  AirValue *evidence;
} AirAction;

typedef struct {
  guint quorum;
  guint counted;
  char *role;
  char *outcome;          /* "waiting", "approved", "denied", "expired" */
  char *on_expiry;
  char *policy;
  AirValue *exclude;
  AirValue *action;       /* what may be done; NULL when that could not be written down */
  AirValue *why;
  AirValue *decisions;
  AirValue *approvers;
  gint64 requested_us;    /* 0: nobody was asked */
  gint64 deadline_us;
} AirGate;

typedef enum {
  AIR_STEP_IDLE,
  AIR_STEP_READY,         /* a token has arrived */
  AIR_STEP_ACTION,        /* see the action */
  AIR_STEP_GATE_ASK,      /* the policy wants people; to be asked */
  AIR_STEP_GATE_WAIT,
  AIR_STEP_PAUSE,         /* a wait node's timer runs */
  AIR_STEP_DONE,
  AIR_STEP_FAILED,
} AirStepPhase;

typedef struct {
  AirStepPhase phase;
  guint visits;
  gboolean reversed;
  gint64 due_us;          /* PAUSE */
  AirAction action;
  AirGate *gate;
  AirValue *output;
} AirStep;

/* A completed effect that a failing run reverses, the last one first. */
typedef struct {
  guint node;
  gboolean unknown;       /* nobody knows whether it happened */
  AirAction done;
  AirAction undo;
} AirCompleted;

typedef struct {
  guint node;
  const char *operation;
  char *outcome;
  char *message;
} AirManual;

struct _AirInstance {
  AirPlan *plan;
  char *id;
  guint entries;
  gint64 started_us;
  gint64 updated_us;
  char *actor;
  char *session;
  char *dedup_key;
  char *concurrency_key;
  char *requester;
  AirValue *input;
  AirValue *bindings;     /* {trigger, steps, run}; ours alone */
  AirValue *steps;        /* borrowed from bindings; replaced, never changed */
  AirStep *nodes;
  GArray *tokens;         /* guint: nodes that hold one */
  GArray *completed;      /* AirCompleted, in order of completion */
  GArray *manual;         /* AirManual */
  gboolean failing;       /* the run ends badly: no new steps, effects are reversed */
  gboolean cancelled;
  gboolean closed;
  char *reason;
  char *message;          /* the failure in words; may hold personal data */
  char *outcome;
  guint end;              /* the end node reached, or AIR_NO_NODE */
  AirValue *output;
};

static inline AirStep *
air_instance_step (const AirInstance *self,
                   guint              node)
{
  return &self->nodes[node];
}

/* --- air-action.c ------------------------------------------------------------ */

void air_action_clear    (AirAction              *self);
void air_action_begin    (AirAction              *self,
                          const AirPlanOperation *operation,
                          AirPurpose              base,
                          guint                   iteration,
                          AirValue               *key,
                          AirValue               *input);
void air_action_started  (AirAction              *self,
                          AirPurpose              purpose,
                          gint64                  now_us,
                          gint64                  timeout_ms);
/* Takes in the outcome of what was in flight and says what follows. Pure. */
void air_action_executed (AirAction              *self,
                          const AirPlanRetry     *retry,
                          AirOutcomeClass         outcome_class,
                          int                     status,
                          const char             *message,
                          gint64                  retry_after_ms,
                          gboolean                ending,
                          gint64                  now_us);
/* The run ends: FALSE when the action needs nothing more. */
gboolean air_action_end  (AirAction              *self);
/* How long to wait before the next attempt: the least and the most. */
void air_action_back_off (const AirAction        *self,
                          const AirPlanRetry     *retry,
                          gint64                  now_us,
                          gint64                 *ret_least_ms,
                          gint64                 *ret_most_ms);
guint air_action_get_attempt (const AirAction    *self,
                              AirPurpose          purpose);

/* --- air-tokens.c ------------------------------------------------------------ */

void air_instance_arrive       (AirInstance       *self,
                                guint              node);
void air_instance_leave        (AirInstance       *self,
                                guint              node,
                                AirStepPhase       phase);
void air_instance_follow       (AirInstance       *self,
                                guint              node,
                                const AirPlanPort *port);
void air_instance_set_output   (AirInstance       *self,
                                guint              node,
                                AirValue          *output);
/* The node failed: on over its error port, or the run fails. */
void air_instance_fail_node    (AirInstance       *self,
                                guint              node,
                                AirOutcomeClass    outcome_class,
                                const char        *message,
                                AirValue          *output);
void air_instance_begin_ending (AirInstance       *self,
                                const char        *reason,
                                const char        *message);
/* A settled action of a node: its token moves, its effect is remembered. */
void air_instance_settle       (AirInstance       *self,
                                guint              node);
AirCompleted *air_instance_get_undoing (const AirInstance *self); /* the effect to reverse now, or NULL */
AirValue *air_error_output     (AirOutcomeClass    outcome_class,
                                const char        *message,
                                int                status);

/* --- air-evolve.c ------------------------------------------------------------ */

/* One item of a STEP_DECIDED record. */
gboolean air_evolve_step  (AirInstance     *self,
                           const AirValue  *item,
                           AirValue        *output, /* nullable */
                           GError         **error);
void     air_evolve_count (AirInstance     *self,
                           gint64           time_us);
gboolean air_evolve       (AirInstance     *self,
                           const AirRecord *record,
                           gint64           time_us,
                           GError         **error);

/* --- air-evolve-action.c ------------------------------------------------------ */

gboolean air_evolve_started  (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
gboolean air_evolve_executed (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
gboolean air_evolve_timer    (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
gboolean air_evolve_rollback (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);

/* --- air-evolve-gate.c --------------------------------------------------------- */

void     air_gate_free             (AirGate *self);
gboolean air_evolve_policy         (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
gboolean air_evolve_gate_requested (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
gboolean air_evolve_gate_decided   (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);

gboolean air_evolve_refuse   (GError          **error,
                              const AirRecord  *record,
                              const char       *format,
                              ...) G_GNUC_PRINTF (3, 4);
/* The node a record names, or FALSE. */
gboolean air_evolve_node     (AirInstance      *self,
                              const AirRecord  *record,
                              guint            *ret_node,
                              GError          **error);

/* --- air-gate-action.c: what a gate lets pass ---------------------------------- */

/* A list of {node, operation, title, input, idempotency_key}, from the state as it is now. */
AirValue *air_gate_render_action (AirInstance  *self,
                                  guint         gate,
                                  GError      **error);
/* FALSE with words when the guarded call is not exactly what its gate let pass. */
gboolean  air_gate_check_call    (AirInstance    *self,
                                  guint           node,
                                  const AirValue *input,
                                  const char     *key,
                                  char          **ret_message);

/* --- contexts ------------------------------------------------------------------ */

/* `run` for expressions of and about a node; @key NULL where there is none. */
AirValue *air_instance_run_context (AirInstance *self,
                                    guint        node,
                                    guint        iteration,
                                    AirPurpose   base,
                                    AirValue    *key);
AirValue *air_instance_make_key    (AirInstance *self,
                                    guint        node,
                                    guint        iteration,
                                    AirPurpose   base);
void      air_instance_bind_run    (AirInstance *self,
                                    AirValue    *take_run);

/* --- air-decide.c ---------------------------------------------------------------- */

typedef struct {
  AirInstance *self;
  gint64 now_us;
  const AirRandom *random;     /* NULL when replaying */
  const AirRecord *const *script; /* replaying: the records that were written from here on */
  const gint64 *script_times;
  guint n_script;
  AirTransition *out;
  AirValue *steps;             /* pure steps not yet written */
  AirValue *outputs;
  guint n_pure;
  GError *error;
} AirDecision;

gboolean   air_decision_emit        (AirDecision     *self,
                                     const char      *type,
                                     AirValue        *take_members,
                                     AirValue        *take_disclosed);
gboolean   air_decision_step        (AirDecision     *self,
                                     guint            node,
                                     AirValue        *edge, /* nullable */
                                     AirValue        *take_output);
gboolean   air_decision_fail        (AirDecision     *self,
                                     guint            node,
                                     AirOutcomeClass  outcome_class,
                                     const char      *message);
gboolean   air_decision_flush       (AirDecision     *self);
gint64     air_decision_now         (const AirDecision *self);
AirEffect *air_decision_effect      (AirDecision     *self,
                                     AirEffectKind    kind,
                                     guint            node);
void       air_decision_set_timer   (AirDecision     *self,
                                     const char      *kind,
                                     guint            node,
                                     gint64           at_us);
AirValue  *air_decision_members     (AirDecision     *self,
                                     guint            node);
gboolean   air_decide_event         (AirDecision     *self,
                                     const AirEvent  *event,
                                     GError         **error);

/* --- air-decide-steps.c ------------------------------------------------------------ */

/* Decides the next record of a node that holds a token; TRUE when there was one. */
gboolean   air_decide_node          (AirDecision     *self,
                                     guint            node);
gboolean   air_decide_start         (AirDecision     *self,
                                     guint            node,
                                     AirAction       *action);
gboolean   air_decide_back_off      (AirDecision     *self,
                                     guint            node,
                                     AirAction       *action);
const AirPlanRetry *air_instance_get_retry (const AirInstance *self,
                                            guint              node);

/* --- air-saga.c ---------------------------------------------------------------------- */

/* The next record of a run that ends badly; FALSE when it waits or is closed. */
gboolean   air_decide_ending        (AirDecision     *self);

G_END_DECLS
