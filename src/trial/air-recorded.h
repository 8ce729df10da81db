/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-trial.h"

G_BEGIN_DECLS

/**
 * AirRecorded:
 * @records: (element-type AirRecord): what its entries disclose
 * @plan: (nullable): the plan it ran on, where it is known
 *
 * A run that was: its records, and what came from outside in the form in
 * which a trial takes it, so that another version can be given the same world.
 */
typedef struct {
  char *id;
  GPtrArray *records;
  GArray *times_us;
  AirPlan *plan;
  AirValue *data;      /* the event's */
  char *actor;
  AirValue *mocks;     /* step → what vendors answered, call by call, and how long it took */
  AirValue *gates;     /* step → what people decided, and when */
  AirValue *signals;
  AirValue *controls;  /* people's hands on the run */
} AirRecorded;

AirRecorded *air_recorded_new     (const char   *id,
                                   GPtrArray    *leaves,
                                   GPtrArray    *disclosures,
                                   AirPlan      *plan,
                                   GError      **error);
void         air_recorded_free    (AirRecorded  *self);
void         air_recorded_lend    (AirRecorded     *self,
                                   AirTrialOptions *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirRecorded, air_recorded_free)

G_END_DECLS
