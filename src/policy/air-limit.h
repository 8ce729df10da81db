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

/**
 * AirLimitVerdict:
 * @AIR_LIMIT_ALLOW: there is room, and it is reserved
 * @AIR_LIMIT_WAIT: there is room later, and it is reserved
 * @AIR_LIMIT_GATE: people decide
 * @AIR_LIMIT_DENY: it does not start
 *
 * What limits say of a call; the later the more restrictive.
 */
typedef enum {
  AIR_LIMIT_ALLOW,
  AIR_LIMIT_WAIT,
  AIR_LIMIT_GATE,
  AIR_LIMIT_DENY,
} AirLimitVerdict;

const char *air_limit_verdict_to_string   (AirLimitVerdict  verdict);
gboolean    air_limit_verdict_from_string (const char      *text,
                                           AirLimitVerdict *ret_verdict);

/**
 * AirLimitUse:
 * @policy: of kind limit or budget
 * @inputs: what the call gives it
 *
 * One limit that guards a call. Borrowed.
 */
typedef struct {
  const AirPolicy *policy;
  const AirValue  *inputs;
} AirLimitUse;

/**
 * AirLimitDecision:
 * @verdict: of all limits together
 * @until_us: when there is room, in microseconds since the Unix epoch; with %AIR_LIMIT_WAIT
 * @terms: what people are asked by; with %AIR_LIMIT_GATE
 * @policy: the one that decided; borrowed
 * @limits: (element-type utf8): ids of the limits that apply, in order
 * @rules: (element-type utf8): "<limit>.<window>" of those that are full; "within" when none is
 * @inputs: {"limits":[{limit, key, amount, inputs, windows:[{id, ms, max, used}]}]}
 * @output: {"verdict": …} and what it needs
 * @why: for people
 *
 * Freed with air_limit_decision_free().
 */
typedef struct {
  AirLimitVerdict verdict;
  gint64          until_us;
  AirGateTerms   *terms;
  const AirPolicy *policy;
  GPtrArray      *limits;
  GPtrArray      *rules;
  AirValue       *inputs;
  AirValue       *output;
  char           *why;
} AirLimitDecision;

AirLimitDecision *air_limits_decide        (const AirLimitUse    *uses,
                                            gsize                 n_uses,
                                            const AirUsageReader *usage,
                                            const char           *owner,
                                            gboolean              approved,
                                            gint64                at_us,
                                            GError              **error);
void              air_limit_decision_free  (AirLimitDecision     *self);

AirUsageReader   *air_usage_reader_from_record (const AirValue   *inputs);

gboolean          air_limit_settle         (const AirPolicy      *policy,
                                            const AirValue       *inputs,
                                            const AirValue       *output,
                                            gint64               *ret_amount,
                                            GError              **error);
gboolean          air_limit_settles        (const AirPolicy      *policy);
gboolean          air_limit_releases       (const AirPolicy      *policy,
                                            const char           *what);
gint64            air_limit_get_horizon    (const AirPolicy      *policy);
guint             air_limit_get_n_windows  (const AirPolicy      *policy);
void              air_limit_get_window     (const AirPolicy      *policy,
                                            guint                 i,
                                            const char          **ret_id,
                                            gint64               *ret_ms,
                                            gint64               *ret_max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirLimitDecision, air_limit_decision_free)

G_END_DECLS
