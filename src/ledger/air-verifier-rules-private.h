/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-verifier-private.h"

G_BEGIN_DECLS

/* What the rules of a run are judged by, entry by entry. */

/* Where a gate stands. */
typedef struct {
  const AirBundleItem *request; /* the last one, or NULL */
  const AirBundleItem *policy;  /* the last POLICY_EVALUATED of this node but for its limits, or NULL */
  const AirBundleItem *said;    /* the last POLICY_EVALUATED of this node, or NULL */
  const AirBundleItem *edit;    /* the last decision that changed the action and was not asked about yet, or NULL */
  GHashTable *approvers;        /* URIs */
  const char *maker;            /* URI of who changed the action last since the policy was asked, or NULL */
  gint64 left;                  /* how many are left to approve what @edit made */
  gboolean closed;
  gboolean approved;
} AirRulesGate;

/* Where the calls of a node stand. */
typedef struct {
  const AirBundleItem *in_flight; /* TOOL_ACTION_STARTED without an outcome yet, or NULL */
  char *idem;                     /* of the last execute */
  gint64 attempt;
  const AirBundleItem *limits; /* what its limits said last, or NULL */
  gboolean doubt;              /* it was sent, and no answer says what became of it */
  gboolean effect;             /* it was done at least once */
  gboolean reversed;           /* a compensation or its reconciliation has an outcome */
} AirRulesCall;

typedef struct {
  AirVerification *verification;
  GHashTable *gates; /* node → AirRulesGate */
  GHashTable *calls; /* node → AirRulesCall */
  GHashTable *done;  /* idempotency keys of what has succeeded */
  AirValue *plan;    /* nullable */
  const AirValue *trigger; /* members of what began the run, or NULL */
  const char *artifact;
  gint64 n;
  gboolean closed;
  const AirBundleItem *item; /* the one being judged */
  const AirValue *members;
  char *file;
} AirRules;

void          air_rules_fault        (AirRules           *self,
                                      const char         *field,
                                      const char         *format,
                                      ...) G_GNUC_PRINTF (3, 4);
/* A member of the entry being judged; "" where there is none. */
const char   *air_rules_text         (const AirRules     *self,
                                      const char         *key);
gboolean      air_rules_same         (const AirValue     *a,
                                      const AirValue     *b);
/* Whether a list (nullable) has a text. */
gboolean      air_rules_has          (const AirValue     *list,
                                      const char         *text);
/* "<node>", inside of a for_each "<node>@<iteration>". */
char         *air_rules_place_of     (const char         *node,
                                      const char         *iteration);
char         *air_rules_own_place    (const AirRules     *self);

/* Gates: air-verifier-gates.c */
AirRulesGate *air_rules_gate         (AirRules           *self,
                                      const char         *place);
void          air_rules_gate_free    (gpointer            data);
void          air_rules_evaluated    (AirRules           *self);
void          air_rules_requested    (AirRules           *self);
void          air_rules_decisioned   (AirRules           *self);
/* The list of actions a gate has shown last, as changed; NULL where it is not disclosed. */
const AirValue *air_rules_gate_shown (const AirRulesGate *gate);

/* What the workflow version says: air-verifier-plan.c */
void          air_rules_read_plan    (AirRules           *self);
const char   *air_rules_guard_of     (const AirRules     *self,
                                      const char         *node);
/* Whether the version knows this call, by its operation and what it is for; else a fault is entered. */
void          air_rules_check_planned (AirRules          *self,
                                      const char         *node,
                                      const char         *purpose);
/* Whether the gate's policy excludes whom @word means ("trigger"), as far as the plan tells. */
gboolean      air_rules_gate_excludes (const AirRules    *self,
                                      const char         *node,
                                      const char         *word);

G_END_DECLS
