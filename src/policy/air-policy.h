/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"
#include "cel/air-cel-type.h"
#include "policy/air-gate-terms.h"

G_BEGIN_DECLS

#define AIR_POLICY_ERROR (air_policy_error_quark ())

/**
 * AirPolicyError:
 * @AIR_POLICY_ERROR_DOCUMENT: the document breaks the format; the message names the place
 * @AIR_POLICY_ERROR_INPUT: an input is missing or of another type
 * @AIR_POLICY_ERROR_NO_MATCH: no rule matches: fail closed
 * @AIR_POLICY_ERROR_OVERLAP: rules overlap where the hit policy forbids it
 * @AIR_POLICY_ERROR_OUTPUT: an output could not be computed or is of another type
 */
typedef enum {
  AIR_POLICY_ERROR_DOCUMENT,
  AIR_POLICY_ERROR_INPUT,
  AIR_POLICY_ERROR_NO_MATCH,
  AIR_POLICY_ERROR_OVERLAP,
  AIR_POLICY_ERROR_OUTPUT,
} AirPolicyError;

/**
 * AirPolicyKind:
 * @AIR_POLICY_TABLE: a decision table
 * @AIR_POLICY_GATE: a decision table whose output says whom to ask
 * @AIR_POLICY_LIMIT: how often or how much within windows of time
 * @AIR_POLICY_BUDGET: a limit that is settled to what a call really came to
 */
typedef enum { AIR_POLICY_TABLE, AIR_POLICY_GATE, AIR_POLICY_LIMIT, AIR_POLICY_BUDGET } AirPolicyKind;

/**
 * AirPolicy:
 *
 * A policy document, loaded: its parameters bound, its cells compiled. Immutable and reference counted; safe from
 * several threads.
 */
typedef struct _AirPolicy AirPolicy;

/**
 * AirPolicyDecision:
 * @rules: (element-type utf8): ids of the rules that made the output, in the order they count
 * @output: a map; for hit policies R, O and C a list of maps; for C# {"count": n}
 * @why: for people
 *
 * Freed with air_policy_decision_free().
 */
typedef struct {
  GPtrArray *rules;
  AirValue  *output;
  char      *why;
} AirPolicyDecision;

GQuark              air_policy_error_quark         (void);

AirPolicy          *air_policy_load                (const AirValue  *document,
                                                    GError         **error);
AirPolicy          *air_policy_ref                 (AirPolicy       *self);
void                air_policy_unref               (AirPolicy       *self);

const char         *air_policy_get_id              (const AirPolicy *self);
const char         *air_policy_get_version         (const AirPolicy *self);
const char         *air_policy_get_title           (const AirPolicy *self);
AirPolicyKind       air_policy_get_kind            (const AirPolicy *self);
const char         *air_policy_get_hit             (const AirPolicy *self);
const char * const *air_policy_get_inputs          (const AirPolicy *self);
AirCelType         *air_policy_get_input_type      (const AirPolicy *self,
                                                    const char      *id);
AirCelType         *air_policy_get_output_type     (const AirPolicy *self);

const char * const *air_policy_get_exclude         (const AirPolicy *self);
gint64              air_policy_get_deadline_ms     (const AirPolicy *self);
const char         *air_policy_get_on_expiry       (const AirPolicy *self);

AirGateTerms       *air_policy_make_terms          (const AirPolicy *self,
                                                    const AirValue  *output,
                                                    GError         **error);
const char         *air_policy_get_description     (const AirPolicy *self);
AirValue           *air_policy_get_params          (const AirPolicy *self);

AirValue           *air_policy_instantiate         (const AirValue  *document,
                                                    const char      *id,
                                                    const AirValue  *params,
                                                    GError         **error);

/**
 * AirPolicyTestResult:
 * @id: of the case
 * @title: (nullable): of the case
 * @failure: (nullable): what went otherwise; %NULL: it passed
 *
 * One of the document's own test cases, and how it went.
 */
typedef struct {
  char *id;
  char *title;
  char *failure;
} AirPolicyTestResult;

GPtrArray          *air_policy_run_tests           (const AirPolicy *self);

AirPolicyDecision  *air_policy_evaluate            (const AirPolicy *self,
                                                    const AirValue  *inputs,
                                                    GError         **error);
void                air_policy_decision_free       (AirPolicyDecision *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicy, air_policy_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyDecision, air_policy_decision_free)

G_END_DECLS
