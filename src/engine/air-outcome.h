/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/**
 * AirOutcomeClass:
 * @AIR_OUTCOME_OK: it happened, and the answer is what was asked
 * @AIR_OUTCOME_RETRY: it did not work now and may later
 * @AIR_OUTCOME_UNKNOWN: sent, and nobody knows whether it happened
 * @AIR_OUTCOME_CONFLICT: the other side's state forbids it
 * @AIR_OUTCOME_AUTH: the credentials were refused
 * @AIR_OUTCOME_NOT_FOUND: the thing does not exist; for a reconcile: it never happened
 * @AIR_OUTCOME_REJECTED: the other side refused it for good
 * @AIR_OUTCOME_FATAL: a fault of ours or theirs that no repetition mends; with an alarm and a status of 200 to 299, of a
 *   write: it says that it worked and not what, so that it may have happened
 *
 * What became of one action.
 */
typedef enum {
  AIR_OUTCOME_OK,
  AIR_OUTCOME_RETRY,
  AIR_OUTCOME_UNKNOWN,
  AIR_OUTCOME_CONFLICT,
  AIR_OUTCOME_AUTH,
  AIR_OUTCOME_NOT_FOUND,
  AIR_OUTCOME_REJECTED,
  AIR_OUTCOME_FATAL,
} AirOutcomeClass;

#define AIR_OUTCOME_N_CLASSES (AIR_OUTCOME_FATAL + 1)

/**
 * AirOutcome:
 * @message: (nullable): why it is not ok, in words for a person
 * @status: the protocol's status, or 0 when there was no answer (a retry with 0 was never sent)
 * @retry_after_ms: how long the other side asked to wait, or 0
 * @output: (nullable): the mapped output of an ok
 * @evidence: (nullable): what the proof keeps
 * @alarm: (nullable): the name of an alarm this raises
 */
typedef struct {
  AirOutcomeClass outcome_class;
  char *message;
  int status;
  gint64 retry_after_ms;
  AirValue *output;
  AirValue *evidence;
  char *alarm;
} AirOutcome;

AirOutcome *air_outcome_new                (AirOutcomeClass  outcome_class,
                                            int              status,
                                            const char      *message);
AirOutcome *air_outcome_new_ok             (int              status,
                                            AirValue        *take_output,
                                            AirValue        *take_evidence);
AirOutcome *air_outcome_copy               (const AirOutcome *self);
void        air_outcome_free               (AirOutcome      *self);

const char *air_outcome_class_to_string    (AirOutcomeClass  outcome_class);
gboolean    air_outcome_class_from_string  (const char      *text,
                                            AirOutcomeClass *ret_class);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirOutcome, air_outcome_free)

G_END_DECLS
