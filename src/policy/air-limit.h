/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "policy/air-gate-terms.h"
#include "policy/air-policy.h"
#include "policy/air-usage.h"

G_BEGIN_DECLS

/*
 * Limits and budgets: how often, or how much, under one key within windows of
 * time. A call that is guarded by limits claims before it starts; when all of
 * its limits have room (or people agreed), what it claims is reserved. What
 * surely had no effect, or was compensated, is released; a budget is settled
 * to what it really came to.
 *
 * Pure: what was used comes in through #AirUsageReader, the time as a number.
 */

typedef enum {
  AIR_LIMIT_ALLOW,
  AIR_LIMIT_WAIT,  /* there is room at @until_us, and it is reserved */
  AIR_LIMIT_GATE,  /* people decide, by @terms */
  AIR_LIMIT_DENY,
} AirLimitVerdict;

const char *air_limit_verdict_to_string   (AirLimitVerdict  verdict); /* "allow" … */
gboolean    air_limit_verdict_from_string (const char      *text,
                                           AirLimitVerdict *ret_verdict);

/* One limit that guards a call, with the inputs the call gives it. */
typedef struct {
  const AirPolicy *policy;   /* kind limit or budget */
  const AirValue  *inputs;
} AirLimitUse;

typedef struct {
  AirLimitVerdict verdict;
  gint64          until_us;  /* WAIT */
  AirGateTerms   *terms;     /* GATE */
  const AirPolicy *policy;   /* the one that decided; borrowed */
  GPtrArray      *limits;    /* char*: ids of the limits that apply, in order */
  GPtrArray      *rules;     /* char*: "<limit>.<window>" of those that are full; "within" when none is */
  AirValue       *inputs;    /* {"limits":[{limit, key, amount, inputs, windows:[{id, ms, max, used}]}]} */
  AirValue       *output;    /* {"verdict": …} and what it needs */
  char           *why;
} AirLimitDecision;

/*
 * Decides on all limits of one call together: the most restrictive wins (deny,
 * gate, wait, allow). @approved: people have let this call pass its gate; then
 * a full window does not stop it, but it counts. @owner: the call's
 * idempotency key. Limits that do not apply (their `when`) are left out; when
 * none applies the decision has no limits and allows.
 *
 * AIR_POLICY_ERROR_INPUT.
 */
AirLimitDecision *air_limits_decide        (const AirLimitUse    *uses,
                                            gsize                 n_uses,
                                            const AirUsageReader *usage,
                                            const char           *owner,
                                            gboolean              approved,
                                            gint64                at_us,
                                            GError              **error);
void              air_limit_decision_free  (AirLimitDecision     *self);

/*
 * A reader for a replay: what the recorded decision says it was told.
 * @inputs: of the record, nullable; borrowed. Free with g_free().
 */
AirUsageReader   *air_usage_reader_from_record (const AirValue   *inputs);

/* The amount a call's output gives; FALSE without an error when the policy settles nothing. */
gboolean          air_limit_settle         (const AirPolicy      *policy,
                                            const AirValue       *inputs,
                                            const AirValue       *output,
                                            gint64               *ret_amount,
                                            GError              **error);
gboolean          air_limit_settles        (const AirPolicy      *policy); /* whether it settles at all */
gboolean          air_limit_releases       (const AirPolicy      *policy,
                                            const char           *what); /* "failure", "compensation" */
/* How far back it looks, in microseconds; 0: to the beginning. */
gint64            air_limit_get_horizon    (const AirPolicy      *policy);
guint             air_limit_get_n_windows  (const AirPolicy      *policy);
void              air_limit_get_window     (const AirPolicy      *policy,
                                            guint                 i,
                                            const char          **ret_id,
                                            gint64               *ret_ms,
                                            gint64               *ret_max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirLimitDecision, air_limit_decision_free)

G_END_DECLS
