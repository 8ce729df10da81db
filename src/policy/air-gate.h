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

/**
 * AirGateEscalation:
 * @at_us: microseconds since the Unix epoch
 * @quorum: approvals that let pass from then on
 * @role: the role that may decide too from then on
 * @people: (nullable): URIs; %NULL: everybody with the role
 */
typedef struct {
  gint64              at_us;
  gint64              quorum;
  const char         *role;
  const char * const *people;
} AirGateEscalation;

/**
 * AirGateRequest:
 * @gate: "<instance>/<node>"
 * @request_hash: hexadecimal leaf hash of HUMAN_GATE_REQUESTED
 * @artifact: "sha256:<hex>"
 * @action_digest: the commitment to the action that was shown
 * @quorum: approvals that let pass
 * @role: the role a decision needs; "a+b": who decides holds both
 * @people: (nullable): URIs of those who may; %NULL: everybody with the role
 * @exclude: (nullable): URIs of those who may not
 * @requested_us: microseconds since the Unix epoch; 0: unknown
 * @deadline_us: microseconds since the Unix epoch; 0: none
 * @levels: (nullable): escalations, by time
 * @n_levels: how many
 * @editable: "edit" is a decision here
 * @edited: it asks about what an edit made: another edit is asked anew
 *
 * What HUMAN_GATE_REQUESTED says.
 */
typedef struct {
  const char         *gate;
  const char         *request_hash;
  const char         *artifact;
  const char         *action_digest;
  gint64              quorum;
  const char         *role;
  const char * const *people;
  const char * const *exclude;
  gint64              requested_us;
  gint64              deadline_us;
  const AirGateEscalation *levels;
  gsize               n_levels;
  gboolean            editable;
  gboolean            edited;
} AirGateRequest;

/**
 * AirGateStatement:
 * @subject_name: the gate, as the statement's subject
 * @subject_digest: hexadecimal
 * @decision: "approve", "deny", or "edit": approve what was changed
 * @gate: as the predicate names it
 * @artifact: "sha256:<hex>"
 * @action_digest: the commitment to the action that was shown
 * @role: in which they decide
 * @nonce: base64url
 * @key_id: of the key that verified the signature
 * @issued_us: microseconds since the Unix epoch
 * @expires_us: microseconds since the Unix epoch
 * @envelope: anything that is equal for identical envelopes only (its digest)
 *
 * What the signed statement says.
 */
typedef struct {
  const char *subject_name;
  const char *subject_digest;
  const char *decision;
  const char *gate;
  const char *artifact;
  const char *action_digest;
  const char *role;
  const char *nonce;
  const char *key_id;
  gint64      issued_us;
  gint64      expires_us;
  const char *envelope;
} AirGateStatement;

/**
 * AirGateEnrolment:
 * @uri: the person
 * @key_id: hexadecimal SHA-256 of the SPKI
 * @roles: those they hold
 * @enrolled_us: microseconds since the Unix epoch
 * @revoked_us: microseconds since the Unix epoch; 0: never
 *
 * A person's key as enrolled.
 */
typedef struct {
  const char         *uri;
  const char         *key_id;
  const char * const *roles;
  gint64              enrolled_us;
  gint64              revoked_us;
} AirGateEnrolment;

/**
 * AirGateCounted:
 * @uri: the person
 * @decision: what they decided
 * @nonce: of their statement
 * @envelope: as in #AirGateStatement
 *
 * A decision of this gate that counted.
 */
typedef struct {
  const char *uri;
  const char *decision;
  const char *nonce;
  const char *envelope;
} AirGateCounted;

/**
 * AirGateRule:
 *
 * The rule by which a decision was judged. Its id in the log, air_gate_rule_get_id(), never changes meaning.
 * %AIR_GATE_RULE_DUPLICATE is the same envelope again: accepted, and it counts once.
 */
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

/**
 * AirGateOutcome:
 * @AIR_GATE_WAITING: not enough people have decided
 * @AIR_GATE_APPROVED: the quorum approved
 * @AIR_GATE_DENIED: somebody denied
 * @AIR_GATE_EXPIRED: the deadline passed first
 * @AIR_GATE_EDITED: somebody changed the action and others must still approve: the gate asks anew for what was changed
 */
typedef enum {
  AIR_GATE_WAITING,
  AIR_GATE_APPROVED,
  AIR_GATE_DENIED,
  AIR_GATE_EXPIRED,
  AIR_GATE_EDITED,
} AirGateOutcome;

/**
 * AirGateVerdict:
 * @accepted: whether the decision stands
 * @rule: the rule that said so
 * @outcome: of the gate, with this decision when it was accepted
 * @counted: approvals that count, this one included when it was accepted
 * @message: for people: which rule, and what to do
 *
 * Freed with air_gate_verdict_free().
 */
typedef struct {
  gboolean       accepted;
  AirGateRule    rule;
  AirGateOutcome outcome;
  gint64         counted;
  char          *message;
} AirGateVerdict;

const char     *air_gate_rule_get_id        (AirGateRule             rule);
const char     *air_gate_outcome_to_string  (AirGateOutcome          outcome);

AirGateVerdict *air_gate_judge              (const AirGateRequest   *request,
                                             const AirGateStatement *statement,
                                             const AirGateEnrolment *enrolment,
                                             const AirGateCounted   *counted,
                                             gsize                   n_counted,
                                             gboolean                nonce_seen,
                                             gint64                  now_us);
void            air_gate_verdict_free       (AirGateVerdict         *self);

AirGateOutcome  air_gate_request_get_outcome (const AirGateRequest   *request,
                                              const AirGateCounted   *counted,
                                              gsize                   n_counted,
                                              gint64                  now_us,
                                              gint64                 *ret_approvals);

gint64          air_gate_request_get_quorum  (const AirGateRequest   *request,
                                              gint64                  at_us);
const char     *air_gate_request_get_role_of (const AirGateRequest   *request,
                                              const char             *uri,
                                              const char * const     *roles,
                                              gint64                  at_us);

gboolean        air_gate_request_may_decide  (const AirGateRequest   *request,
                                              const AirGateEnrolment *enrolment,
                                              const AirGateCounted   *counted,
                                              gsize                   n_counted,
                                              gint64                  now_us,
                                              AirGateRule            *ret_rule,
                                              char                  **ret_reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirGateVerdict, air_gate_verdict_free)

G_END_DECLS
