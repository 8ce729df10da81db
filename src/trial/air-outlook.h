/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-trial.h"

G_BEGIN_DECLS

/**
 * AirOutlookOptions:
 * @events: (element-type AirValue) (nullable): data of events to play, again from the first when there are fewer than
 *   @runs; NULL: made up from the trigger's schema, speaking of what the fixtures know
 * @fail_permille: how often a call gets a fixture that fails, and a signal does not come
 * @approve_permille: how often an approver approves
 * @decide_us: what an approver, or a signal, takes, in the middle
 * @progress: (nullable): after every run; FALSE stops
 */
typedef struct {
  AirPlan *plan;
  const AirMocks *mocks;
  guint runs;
  guint64 seed;
  GPtrArray *events;
  guint fail_permille;
  guint approve_permille;
  gint64 decide_us;
  gboolean (*progress) (guint    done,
                        guint    runs,
                        gpointer user_data);
  gpointer user_data;
} AirOutlookOptions;

AirValue *air_outlook_make_event (AirPlan                 *plan,
                                  const AirMocks          *mocks,
                                  guint64                  seed,
                                  GError                 **error);
AirValue *air_outlook_run        (const AirOutlookOptions *options,
                                  GError                 **error);
char     *air_outlook_to_text    (const AirValue          *outlook);

G_END_DECLS
