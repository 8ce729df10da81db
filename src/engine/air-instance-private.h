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

typedef struct _AirScope AirScope;

/**
 * AirPlace:
 *
 * A node in the run (@scope NULL) or in one iteration: what records, effects and keys speak of. A
 * step is one such place with its state; an effect to be reversed outlives the steps of its iteration.
 */
typedef struct {
  guint node; /* index in the plan */
  AirScope *scope;
} AirPlace;

/* One effect on the world, over all its attempts: of a node, or reversing one. */
typedef struct {
  const AirPlanOperation *operation;
  AirActionPhase phase;
  AirPurpose base;        /* EXECUTE or COMPENSATE */
  AirPurpose next;        /* what is in flight, or is sent next: @base or RECONCILE */
  guint visit;            /* from 0: how often the node was come to before, in its scope */
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
  AirGateTerms *terms;    /* what the policies demand */
  guint quorum;
  guint counted;
  char *role;
  char *outcome;          /* "waiting", "approved", "denied", "expired" */
  char *on_expiry;
  char *policy;
  AirValue *exclude;
  AirValue *action;       /* what may be done; NULL when that could not be written down */
  AirValue *why;
  AirValue *decisions;    /* of all rounds */
  guint round;            /* the first of them that speaks of what is asked now */
  AirValue *approvers;    /* of the action as it stands */
  AirValue *people;       /* of the request, as all below; nullable */
  AirValue *escalation;   /* list of {at, quorum, role, people}; nullable */
  AirValue *reminders;    /* list of times; nullable */
  AirValue *edit;         /* what may be changed; nullable */
  AirValue *edited;       /* the action as somebody changed it; nullable */
  char *edited_by;        /* who asks others to approve the change, nullable */
  guint reminded;
  guint escalated;
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
  AIR_STEP_SIGNAL,        /* a wait node's signal has not come; its timer runs */
  AIR_STEP_LOOP,          /* a for_each whose iterations are at work, or a workflow that is */
  AIR_STEP_DONE,
  AIR_STEP_FAILED,
} AirStepPhase;

/* A for_each at work. */
typedef struct {
  AirValue *items;
  AirValue **results;     /* by item: what was collected, or {error}; NULL while it is at work */
  guint n, next, running, done;
} AirLoop;

/*
 * Steps are known by their index: those of the run itself have their node's
 * index in the plan, those of iterations get one while the iteration lives. So
 * a run over ten thousand items holds as many steps as are at work at once.
 */
typedef struct {
  AirStepPhase phase;
  guint node;             /* index in the plan */
  AirScope *scope;        /* NULL: the run itself; borrowed */
  guint visits;
  guint arrived;          /* join of a parallel: tokens so far */
  gboolean reversed;
  gint64 due_us;          /* PAUSE, SIGNAL; of a workflow: when it must have ended, 0: not set */
  AirAction action;
  AirGate *gate;
  AirLoop *loop;
  AirValue *output;
} AirStep;

/* A small world of steps and outputs: one iteration of a for_each, or a sub-workflow at work. */
struct _AirScope {
  guint references;
  AirScope *parent;       /* NULL: the run itself */
  guint opener;           /* the for_each or workflow in the plan */
  guint opener_step;      /* its step */
  guint index;            /* of an iteration */
  AirValue *iteration;    /* "3", nested "3.0"; of a sub-workflow that of what is around it, nullable */
  AirValue *each;         /* {item, index, outer}; NULL in a sub-workflow, which does not see it */
  AirValue *input;        /* of a sub-workflow: its `trigger`; else NULL */
  AirValue *own;          /* outputs of this scope by node */
  AirValue *bindings;     /* {trigger, steps, run, each}; while it is open */
  AirValue *steps;        /* borrowed from bindings: its own, in a loop with those of around */
  guint *slots;           /* by place in the opener's body: its steps; while it is open */
  guint tokens;           /* in it, and in scopes inside of it */
  gboolean failing;       /* it ends as {error}: no new steps */
  gboolean keeps;         /* an effect of it may be reversed, which needs its outputs */
  AirValue *error;
};

/* A signal nobody waits for yet. */
typedef struct {
  char *name;
  AirValue *data;
} AirKeptSignal;

/* A completed effect that a failing run reverses, the last one first. */
typedef struct {
  AirPlace place;         /* holds a reference on the scope */
  gboolean unknown;       /* nobody knows whether it happened */
  AirAction done;
  AirAction undo;
} AirCompleted;

typedef struct {
  guint node;             /* index in the plan */
  char *iteration;        /* nullable */
  const char *operation;
  char *outcome;
  char *message;
} AirManual;

typedef enum { AIR_RESERVED, AIR_SETTLED, AIR_RELEASED } AirReservationState;
typedef enum { AIR_OWED_NOTHING, AIR_OWED_SETTLE, AIR_OWED_RELEASE, AIR_OWED_UNDO } AirOwed;

/* What a call claims of its limits. */
typedef struct {
  AirValue *key;          /* the call's idempotency key */
  AirPlace place;         /* holds a reference on the scope */
  guint visit;
  AirValue *claims;       /* list of {limit, key, amount, …} as recorded */
  gint64 at_us;
  AirReservationState state;
  gboolean started;
  AirOwed owed;           /* a POLICY_SETTLED record is due */
  AirValue *output;       /* to settle by; nullable */
} AirReservation;

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
  char *subject;          /* nullable: whose data it is */
  char *latency_class;    /* nullable */
  char *retry_of;         /* nullable: the run whose work this one does again */
  AirValue *triggered_by; /* nullable: list of those who brought it before */
  AirValue *input;
  AirValue *bindings;     /* {trigger, steps, run}; ours alone */
  AirValue *steps;        /* borrowed from bindings; replaced, never changed */
  AirStep *nodes;         /* by node: the run's own steps; of a node in a loop: what its last iteration came to */
  GPtrArray *slots;       /* AirStep by index: first those, then those of iterations */
  GArray *spare;          /* guint: indexes no step has now */
  GPtrArray *scopes;      /* AirScope: iterations and sub-workflows at work, what is around before what is inside */
  guint failing_scopes;
  GArray *tokens;         /* guint: steps that hold one */
  GArray *completed;      /* AirCompleted, in order of completion */
  GArray *manual;         /* AirManual */
  GArray *reservations;   /* AirReservation; NULL: none yet */
  AirUsageBook *usage;    /* borrowed, nullable */
  AirValue *operators;    /* list of URIs: who had a hand in the run; nullable */
  gboolean begun;         /* it did something of its own */
  gboolean failing;       /* the run ends badly: no new steps, effects are reversed */
  gboolean cancelled;
  gboolean paused;
  char *paused_by;
  GArray *signals;        /* AirKeptSignal */
  GPtrArray *came;        /* the ids of the last signals and controls, so that none is taken twice */
  gboolean closed;
  char *reason;
  char *message;          /* the failure in words; may hold personal data */
  char *outcome;
  guint end;              /* the step of the end that was come to, or AIR_NO_NODE */
  AirValue *output;
};

static inline AirStep *
air_instance_step (const AirInstance *self,
                   guint              node)
{
  return g_ptr_array_index (self->slots, node);
}

/* What the plan says of a step. */
static inline const AirPlanNode *
air_instance_node (const AirInstance *self,
                   guint              step)
{
  return air_plan_node (self->plan, air_instance_step (self, step)->node);
}

static inline AirPlace
air_instance_place (const AirInstance *self,
                    guint              step)
{
  const AirStep *found = air_instance_step (self, step);

  return (AirPlace) { found->node, found->scope };
}

/* --- air-scope.c: iterations and sub-workflows ------------------------------------ */

AirScope   *air_scope_ref              (AirScope          *self);
void        air_scope_unref            (AirScope          *self);
void        air_loop_free              (AirLoop           *self);
/* The step of a node as it is seen from @scope: of this iteration, or of what is around it. */
guint       air_instance_resolve       (const AirInstance *self,
                                        AirScope          *scope,
                                        guint              node);
/* By "<node>" or "<node>@<iteration>". FALSE with *@ret_known: the iteration is over. */
gboolean    air_instance_find_step     (const AirInstance *self,
                                        const char        *id,
                                        guint             *ret_step,
                                        gboolean          *ret_known);
gboolean    air_instance_find_place    (const AirInstance *self,
                                        const char        *node,
                                        const char        *iteration, /* nullable */
                                        guint             *ret_step);
char       *air_place_to_string        (const AirInstance *self,
                                        AirPlace           place);
const char *air_place_get_iteration    (AirPlace           place); /* or NULL */
gboolean    air_instance_is_ending     (const AirInstance *self,
                                        const AirScope    *scope); /* it or something around it */
AirValue   *air_instance_get_bindings  (const AirInstance *self,
                                        const AirScope    *scope);
/* `steps` for an effect that outlived its iteration; transfer full. */
AirValue   *air_instance_build_steps   (const AirInstance *self,
                                        const AirScope    *scope);
void        air_instance_begin_loop    (AirInstance       *self,
                                        guint              step,
                                        AirValue          *items);
void        air_instance_end_iteration (AirInstance       *self,
                                        AirScope          *scope,
                                        AirValue          *result); /* nullable */
/* A step failed for good: its iteration or sub-workflow does, or all that is around it. */
void        air_instance_fail_scope    (AirInstance       *self,
                                        AirScope          *scope,
                                        const char        *reason,
                                        const char        *message,
                                        AirValue          *error); /* nullable: {error} */
/* Scopes that failed, in which nothing is at work any more, come to their end; a sub-workflow has taken back first
 * what it did. */
void        air_instance_close_scopes  (AirInstance       *self);
void        air_step_clear             (AirStep           *self);

/* For air-iteration.c and air-sub-workflow.c. */
/* A scope with its steps, its bindings still to be made; @iteration is taken, nullable. */
AirScope   *air_scope_open             (AirInstance       *self,
                                        guint              opener_step,
                                        AirValue          *take_iteration);
/* Nothing new begins in it from here on; it closes with @error once all in it has come to rest. */
void        air_scope_begin_failing    (AirInstance       *self,
                                        AirScope          *scope,
                                        AirValue          *error);
/* Ends it with all that is inside of it; its steps are given back. */
void        air_scope_close            (AirInstance       *self,
                                        AirScope          *scope);
gboolean    air_scope_is_within        (const AirScope    *self,
                                        const AirScope    *around);
/* What `trigger` is for it. */
AirValue   *air_instance_get_trigger   (const AirInstance *self,
                                        const AirScope    *scope);

/* --- air-sub-workflow.c -------------------------------------------------------- */

gboolean    air_scope_is_workflow      (const AirInstance *self,
                                        const AirScope    *scope);
void        air_instance_begin_workflow (AirInstance      *self,
                                         guint             step,
                                         AirValue         *input);
/* It came to an end of its own. */
void        air_instance_end_workflow  (AirInstance       *self,
                                        AirScope          *scope,
                                        AirValue          *output); /* nullable */
/* It failed, and everything in it has come to rest. */
void        air_instance_fail_workflow (AirInstance       *self,
                                        AirScope          *scope);
/* Its time is over. */
void        air_instance_expire_workflow (AirInstance     *self,
                                          guint            step);
/* Whether its timer is to be set, or runs. */
gboolean    air_instance_lacks_timer   (const AirInstance *self,
                                        guint              step);
gboolean    air_instance_has_timer     (const AirInstance *self,
                                        guint              step);

/* --- air-action.c ------------------------------------------------------------ */

void air_action_clear    (AirAction              *self);
void air_action_begin    (AirAction              *self,
                          const AirPlanOperation *operation,
                          AirPurpose              base,
                          guint                   visit,
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
                          const char             *alarm,
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
/* A person says: now. */
gboolean air_action_can_retry (const AirAction   *self,
                               gint64             now_us);
void  air_action_retry       (AirAction          *self,
                              gint64              now_us);
/* A person says what nobody else could find out. */
void  air_action_confirm     (AirAction          *self,
                              const AirPlanRetry *retry,
                              gboolean            happened,
                              gboolean            ending,
                              AirValue           *output /* nullable */);

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
void air_instance_remember     (AirInstance       *self,
                                guint              node,
                                gboolean           unknown);
/* Drops the tokens of a scope (NULL: all) that need not be waited for. */
void air_instance_drop_tokens  (AirInstance       *self,
                                AirScope          *scope);
/* The effect to reverse now, or NULL: one at a time, of the run that ends or of a sub-workflow that does. */
AirCompleted *air_instance_get_undoing (const AirInstance *self);
/* The last completed effect in a scope that is not reversed yet, or NULL. */
AirCompleted *air_instance_find_completed (const AirInstance *self,
                                           const AirScope    *scope);
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
/* The step a record names, or FALSE. */
gboolean air_evolve_node     (AirInstance      *self,
                              const AirRecord  *record,
                              guint            *ret_node,
                              GError          **error);

/* --- air-evolve-control.c ------------------------------------------------------- */

/* Whether a signal or a control ("control") of this id has come before. */
gboolean air_instance_has_come (const AirInstance *self, const char *what, const char *id);
gboolean air_evolve_signal   (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
void     air_instance_note_operator (AirInstance *self, const char *actor);
gboolean air_evolve_control  (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
/* Takes out the first that the wait takes; NULL when there is none. *@ret_found tells a signal without data. */
AirValue *air_instance_take_signal (AirInstance *self, const AirPlanNode *node, gboolean *ret_found);
const AirKeptSignal *air_instance_peek_signal (const AirInstance *self, const AirPlanNode *node);
/* Whether a signal's data is what the wait takes; words when not. */
gboolean air_signal_fits (const AirPlanNode *node,
                          const AirValue *data,  /* nullable */
                          char **ret_message);   /* nullable */
/* What a control without a step means, and whether the step can take it; words when not. */
gboolean air_instance_can_retry (const AirInstance *self, guint step, gint64 now_us, char **ret_message);
gboolean air_instance_can_skip  (const AirInstance *self, guint step, char **ret_message);

/* --- air-gate-action.c: what a gate lets pass ---------------------------------- */

/* A list of {node, operation, title, input, idempotency_key}, from the state as it is now. */
AirValue *air_gate_render_action (AirInstance  *self,
                                  guint         gate,
                                  GError      **error);
/* The same for one call, which a limit asks about. */
AirValue *air_gate_render_call   (AirInstance    *self,
                                  guint           node,
                                  GError        **error);
/* FALSE with words when the guarded call is not exactly what its gates let pass. What people changed takes the
 * place of *@inout_input. */
gboolean  air_gate_check_call    (AirInstance    *self,
                                  guint           node,
                                  AirValue      **inout_input,
                                  const char     *key,
                                  char          **ret_message);

/* --- contexts ------------------------------------------------------------------ */

/* `run` for expressions of and about a node; @key NULL where there is none. */
AirValue *air_instance_run_context (AirInstance *self,
                                    AirPlace     place,
                                    guint        visit,
                                    AirPurpose   base,
                                    AirValue    *key);
AirValue *air_instance_make_key    (AirInstance *self,
                                    AirPlace     place,
                                    guint        visit,
                                    AirPurpose   base);
/* The bindings of the scope with this `run`; borrowed. */
AirValue *air_instance_bind_run    (AirInstance *self,
                                    AirScope    *scope,
                                    AirValue    *take_run);
/* The same for a step that calls nothing: {id, step, started}. */
AirValue *air_instance_bind_step   (AirInstance *self,
                                    guint        step);

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
  gsize record_bytes, output_bytes; /* what these take */
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
AirValue  *air_decision_members     (AirDecision     *self,
                                     guint            node);
/* The same for what may outlive its step: actions, and what reverses them. */
AirEffect *air_decision_effect_at   (AirDecision     *self,
                                     AirEffectKind    kind,
                                     AirPlace         place);
AirValue  *air_decision_members_at  (AirDecision     *self,
                                     AirPlace         place);
gboolean   air_decide_event         (AirDecision     *self,
                                     const AirEvent  *event,
                                     GError         **error);
/* Everything that follows from the state as it is; FALSE after a fault. */
gboolean   air_decide_all           (AirDecision     *self);

/* --- air-due.c: timers ------------------------------------------------------------- */

typedef struct {
  char *id;     /* "retry/<step>" */
  gint64 at_us; /* of any time: it may have passed */
} AirDue;

GArray    *air_due_before           (const AirInstance *self,
                                     const AirEvent    *event);
void       air_decide_due           (AirDecision       *self,
                                     const GArray      *before); /* nullable */

/* --- air-decide-control.c: people's hands, signals, and a host that restarted ------- */

gboolean   air_decide_control       (AirDecision     *self,
                                     const AirEvent  *event,
                                     GError         **error);
gboolean   air_decide_signal        (AirDecision     *self,
                                     const AirEvent  *event,
                                     GError         **error);
gboolean   air_decide_recovered     (AirDecision     *self);
gboolean   air_decision_executed    (AirDecision     *self,
                                     AirPlace         place,
                                     const AirAction *action,
                                     const AirOutcome *outcome);

/* --- air-gate-round.c: asking people, reminding them, asking others ------------- */

/* A gate at a step, by what its policies demand. */
void      air_gate_begin            (AirInstance      *self,
                                     guint             node,
                                     const AirRecord  *record,
                                     AirGateTerms     *take_terms);
/* How many approvals let pass at this time, escalations counted in. */
guint     air_gate_quorum_at        (const AirGate    *gate,
                                     gint64            at_us);
/* Whether an edit needs nobody else: the first where one approval lets pass. What changes a change is asked anew, since
 * whoever made that one has not seen it. */
gboolean  air_gate_edit_passes      (const AirGate    *gate,
                                     guint             quorum);
gboolean  air_gate_takes_role       (const AirGate    *gate,
                                     const char       *actor,
                                     const char       *role,
                                     gint64            at_us);
/* The members of a request that only some gates have. */
void      air_gate_write_terms      (const AirGate    *gate,
                                     gboolean          editable,
                                     AirValue         *members,
                                     gint64            now_us);
void      air_gate_read_terms       (AirGate          *gate,
                                     const AirValue   *members);
/* "reminder" and "escalation": when the next of them is due; 0: none. */
gint64    air_gate_next_due         (const AirGate    *gate,
                                     const char       *timer);
/* Who may not decide, as URIs: the terms' words and what this run tells of them. */
AirValue *air_gate_list_excluded    (AirInstance      *self,
                                     const AirGate    *gate);

/* --- air-limits.c: what calls may use --------------------------------------------- */

gboolean  air_limits_pass           (AirDecision      *self,
                                     guint             node,
                                     AirValue         *key,
                                     const AirValue   *input,
                                     gboolean         *ret_decided);
gboolean  air_evolve_limits         (AirInstance      *self,
                                     const AirRecord  *record,
                                     guint             node,
                                     gint64            time_us,
                                     GError          **error);
gboolean  air_evolve_settled        (AirInstance *self, const AirRecord *record, gint64 time_us, GError **error);
/* Its action started: from here on only its outcome says what it used. */
void      air_limits_begin          (AirInstance      *self,
                                     const AirValue   *key);
void      air_limits_owe            (AirInstance      *self,
                                     const AirValue   *key, /* nullable */
                                     AirOwed           owed,
                                     AirValue         *output /* nullable: what it came to */);
void      air_limits_drop           (AirInstance      *self,
                                     guint             node);
gboolean  air_decide_owed           (AirDecision      *self);

/* --- air-decide-steps.c ------------------------------------------------------------ */

/* Decides the next record of a node that holds a token; TRUE when there was one. */
gboolean   air_decide_node          (AirDecision     *self,
                                     guint            node);
gboolean   air_decide_start         (AirDecision     *self,
                                     AirPlace         place,
                                     AirAction       *action);
gboolean   air_decide_back_off      (AirDecision     *self,
                                     AirPlace         place,
                                     AirAction       *action);
/* @node: index in the plan */
const AirPlanRetry *air_instance_get_retry (const AirInstance *self,
                                            guint              node,
                                            const AirAction   *action);

/* --- air-saga.c ---------------------------------------------------------------------- */

/* The next record of a run that ends badly; FALSE when it waits or is closed. */
gboolean   air_decide_ending        (AirDecision     *self);

G_END_DECLS
