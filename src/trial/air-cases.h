/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-progress.h"
#include "model/air-test-coverage.h"
#include "trial/air-trial.h"

G_BEGIN_DECLS

/**
 * AirCaseResult:
 * @differences: (element-type utf8): what came otherwise than the case expects, each in words; empty when it passed
 * @result: (nullable): what came; NULL when the case could not be played
 *
 * What became of one case of a workflow's `tests`.
 */
typedef struct {
  char *id;
  char *title;
  GPtrArray *differences;
  AirTrialResult *result;
} AirCaseResult;

/**
 * AirCaseReport:
 *
 * All cases of a workflow, and which of its ways they took.
 */
typedef struct {
  AirWorkflow *workflow;
  GPtrArray *cases; /* AirCaseResult */
  guint passed;
  AirTestCoverage *coverage;
} AirCaseReport;

AirCaseReport *air_cases_run             (AirWorkflow         *workflow,
                                          AirPlan             *plan,
                                          const AirMocks      *mocks,
                                          const char          *only,
                                          AirProgressFunc      progress,
                                          gpointer             user_data);
void           air_case_report_free      (AirCaseReport       *self);
AirValue      *air_case_report_to_value  (const AirCaseReport *self);
char          *air_case_report_to_text   (const AirCaseReport *self);
char          *air_case_report_to_junit  (const AirCaseReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirCaseReport, air_case_report_free)

G_END_DECLS
