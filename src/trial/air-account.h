/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-instance.h"
#include "trial/air-mocks.h"

G_BEGIN_DECLS

/**
 * AirAccountLine:
 * @step: (nullable): what it is about
 * @words: what happened and why, for people
 * @decision: (nullable): what was decided, in a form that can be compared; NULL when this is no decision of the
 *   workflow (an answer of a vendor, a decision of a person)
 *
 * One thing a run's records tell.
 */
typedef struct {
  gint64 time_us;
  char *step;
  const char *type;
  char *words;
  AirValue *decision;
} AirAccountLine;

GPtrArray *air_account_read      (AirPlan         *plan,
                                  GPtrArray       *records,
                                  GArray          *times_us);
AirValue  *air_account_to_value  (GPtrArray       *lines);
char      *air_account_to_text   (GPtrArray       *lines);

G_END_DECLS
