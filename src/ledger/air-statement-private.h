/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-decision.h"
#include "air-entry.h"

G_BEGIN_DECLS

/* What a person signed, judged by what the ledger says: a decision at a gate (HUMAN_GATE_DECISIONED) or an operator's
 * word on an outcome nobody knew (RUN_CONTROLLED of "confirm"). The verifier of a bundle and the check of a whole
 * ledger gather the facts each in their way and ask here. */

typedef void (*AirStatementFault) (const char *field,
                                   const char *words,
                                   gpointer    user_data);

typedef struct {
  const AirEntry *entry;     /* the one that counts the statement */
  const AirValue *opened;    /* what it discloses */
  const AirEntry *asked;     /* the gate's last request, or the step's last intent; NULL: there is none before @entry */
  const AirEntry *first;     /* of a word: the step's first intent, which commits to the input */
  const AirEntry *trigger;   /* of a word: what began the run */
  const AirEntry *enrolment; /* the last word on the key before @entry: KEY_ENROLLED, KEY_REVOKED or NULL */
  AirStatementFault fault;
  gpointer user_data;
} AirStatement;

/* Whether an entry counts what somebody signed. */
gboolean     air_statement_is_in       (const AirEntry     *entry);
/* Whether that is a word on an outcome, and not a decision. */
gboolean     air_statement_is_word     (const AirEntry     *entry);
/* "<node>", inside of a for_each "<node>@<iteration>"; NULL without a node. */
char        *air_statement_dup_step    (const AirEntry     *entry);
/* Whether somebody holds a role, "a+b" being both. @held: a list of text, nullable. */
gboolean     air_statement_holds_role  (const AirValue     *held,
                                        const char         *role);
/* Verifies the envelope by @key and judges all it says. Returns what was signed, NULL when that cannot be told. */
AirDecision *air_statement_judge       (const AirStatement *self,
                                        const char         *envelope,
                                        AirPublicKey       *key);

G_END_DECLS
