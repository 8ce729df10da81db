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

typedef enum { AIR_POLICY_TABLE, AIR_POLICY_GATE, AIR_POLICY_LIMIT, AIR_POLICY_BUDGET } AirPolicyKind;

/* One decision table, its cells compiled; immutable and reference counted. */
typedef struct _AirPolicy AirPolicy;

typedef struct {
  GPtrArray *rules;  /* char*: ids of the rules that made the output, in the order they count */
  AirValue  *output; /* a map; for hit policies R, O and C a list of maps; for C# {"count": n} */
  char      *why;    /* for people */
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
const char         *air_policy_get_hit             (const AirPolicy *self); /* "F", "C+" … */
const char * const *air_policy_get_inputs          (const AirPolicy *self); /* ids */
AirCelType         *air_policy_get_input_type      (const AirPolicy *self,
                                                    const char      *id);   /* borrowed */
AirCelType         *air_policy_get_output_type     (const AirPolicy *self); /* borrowed: of the whole output */

/* Gates only: who may not decide ("trigger", "author", "requester"), how long it waits, and "deny" or "expire". */
const char * const *air_policy_get_exclude         (const AirPolicy *self);
gint64              air_policy_get_deadline_ms     (const AirPolicy *self);
const char         *air_policy_get_on_expiry       (const AirPolicy *self);

/* Gates only: what a decision of this policy demands. Limits with "gate": what exceeding them demands. */
AirGateTerms       *air_policy_make_terms          (const AirPolicy *self,
                                                    const AirValue  *output,
                                                    GError         **error);
const char         *air_policy_get_description     (const AirPolicy *self); /* nullable */
AirValue           *air_policy_get_params          (const AirPolicy *self); /* borrowed; nullable: it has none */

/* A document like @document, under another id and with other values for some of its parameters. */
AirValue           *air_policy_instantiate         (const AirValue  *document,
                                                    const char      *id,
                                                    const AirValue  *params,
                                                    GError         **error);

/* One of the document's own test cases, and how it went. */
typedef struct {
  char *id;
  char *title;   /* nullable */
  char *failure; /* NULL: it passed */
} AirPolicyTestResult;

/* (element-type AirPolicyTestResult) */
GPtrArray          *air_policy_run_tests           (const AirPolicy *self);

AirPolicyDecision  *air_policy_evaluate            (const AirPolicy *self,
                                                    const AirValue  *inputs,
                                                    GError         **error);
void                air_policy_decision_free       (AirPolicyDecision *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicy, air_policy_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirPolicyDecision, air_policy_decision_free)

G_END_DECLS
