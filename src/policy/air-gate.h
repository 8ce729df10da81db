/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The judgement of human decisions. Pure: facts in, verdict out; no clock, no
 * signature check (that comes before: only a statement whose signature holds may
 * be given here). The runtime calls it before it counts a decision, the offline
 * verifier calls it again for every decision in a bundle.
 *
 * Every string is borrowed and must outlive the call only.
 */

/* From @at_us on people with @role may decide too, and @quorum approvals let pass. */
typedef struct {
  gint64              at_us;
  gint64              quorum;
  const char         *role;
  const char * const *people;        /* URIs; NULL: everybody with the role */
} AirGateEscalation;

/* What HUMAN_GATE_REQUESTED says. */
typedef struct {
  const char         *gate;          /* "<instance>/<node>" */
  const char         *request_hash;  /* hex leaf hash of HUMAN_GATE_REQUESTED */
  const char         *artifact;      /* "sha256:<hex>" */
  const char         *action_digest;
  gint64              quorum;
  const char         *role;          /* the role a decision needs; "a+b": who decides holds both */
  const char * const *people;        /* URIs of those who may; NULL: everybody with the role */
  const char * const *exclude;       /* URIs, nullable */
  gint64              requested_us;  /* 0: unknown */
  gint64              deadline_us;   /* 0: none */
  const AirGateEscalation *levels;   /* by time; nullable */
  gsize               n_levels;
  gboolean            editable;      /* "edit" is a decision here */
} AirGateRequest;

/* What the signed statement says. */
typedef struct {
  const char *subject_name;
  const char *subject_digest;        /* hex */
  const char *decision;              /* "approve", "deny", or "edit": approve what was changed */
  const char *gate;
  const char *artifact;
  const char *action_digest;
  const char *role;
  const char *nonce;
  const char *key_id;                /* of the key that verified the signature */
  gint64      issued_us;
  gint64      expires_us;
  const char *envelope;              /* anything that is equal for identical envelopes only (its digest) */
} AirGateStatement;

/* A person's key as enrolled. */
typedef struct {
  const char         *uri;
  const char         *key_id;
  const char * const *roles;
  gint64              enrolled_us;
  gint64              revoked_us;    /* 0: never */
} AirGateEnrolment;

/* A decision of this gate that counted. */
typedef struct {
  const char *uri;
  const char *decision;
  const char *nonce;
  const char *envelope;
} AirGateCounted;

typedef enum {
  AIR_GATE_RULE_ACCEPTED,
  AIR_GATE_RULE_DUPLICATE,           /* the same envelope again: accepted, counts once */
  AIR_GATE_RULE_CLOSED,
  AIR_GATE_RULE_UNKNOWN_KEY,
  AIR_GATE_RULE_KEY_NOT_VALID,
  AIR_GATE_RULE_WRONG_SUBJECT,
  AIR_GATE_RULE_WRONG_ARTIFACT,
  AIR_GATE_RULE_WRONG_ACTION,
  AIR_GATE_RULE_UNKNOWN_DECISION,
  AIR_GATE_RULE_NOT_YET_VALID,
  AIR_GATE_RULE_EXPIRED,
  AIR_GATE_RULE_AFTER_DEADLINE,
  AIR_GATE_RULE_REPLAYED,
  AIR_GATE_RULE_EXCLUDED,
  AIR_GATE_RULE_ROLE_MISSING,
  AIR_GATE_RULE_ALREADY_DECIDED,
} AirGateRule;

/* EDITED: somebody changed the action and others must still approve: the gate asks anew for what was changed. */
typedef enum {
  AIR_GATE_WAITING,
  AIR_GATE_APPROVED,
  AIR_GATE_DENIED,
  AIR_GATE_EXPIRED,
  AIR_GATE_EDITED,
} AirGateOutcome;

typedef struct {
  gboolean       accepted;
  AirGateRule    rule;
  AirGateOutcome outcome; /* of the gate, with this decision when it was accepted */
  gint64         counted; /* approvals that count, this one included when it was accepted */
  char          *message; /* for people: which rule, and what to do */
} AirGateVerdict;

/* Stable ids for the log: "gate.role-missing" … */
const char     *air_gate_rule_get_id        (AirGateRule             rule);
const char     *air_gate_outcome_to_string  (AirGateOutcome          outcome); /* "waiting" … */

/* @enrolment is NULL for a key nobody enrolled; @nonce_seen says that another gate already took this nonce. */
AirGateVerdict *air_gate_judge              (const AirGateRequest   *request,
                                             const AirGateStatement *statement,
                                             const AirGateEnrolment *enrolment,
                                             const AirGateCounted   *counted,
                                             gsize                   n_counted,
                                             gboolean                nonce_seen,
                                             gint64                  now_us);
void            air_gate_verdict_free       (AirGateVerdict         *self);

/* Where the gate stands with the decisions counted so far. */
AirGateOutcome  air_gate_request_get_outcome (const AirGateRequest   *request,
                                              const AirGateCounted   *counted,
                                              gsize                   n_counted,
                                              gint64                  now_us,
                                              gint64                 *ret_approvals); /* nullable */

/* How many approvals let pass at @at_us, escalations counted in. */
gint64          air_gate_request_get_quorum  (const AirGateRequest   *request,
                                              gint64                  at_us);
/* The role in which this person may decide at @at_us; NULL: in none. */
const char     *air_gate_request_get_role_of (const AirGateRequest   *request,
                                              const char             *uri,
                                              const char * const     *roles,
                                              gint64                  at_us);

/* May this person decide now? @ret_reason (nullable) says why or why not. */
gboolean        air_gate_request_may_decide  (const AirGateRequest   *request,
                                              const AirGateEnrolment *enrolment,  /* nullable: nobody enrolled it */
                                              const AirGateCounted   *counted,
                                              gsize                   n_counted,
                                              gint64                  now_us,
                                              AirGateRule            *ret_rule,   /* nullable */
                                              char                  **ret_reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateVerdict, air_gate_verdict_free)

G_END_DECLS
