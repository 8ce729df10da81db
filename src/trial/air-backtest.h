/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "trial/air-recorded.h"

G_BEGIN_DECLS

/**
 * AirBacktest:
 *
 * A new version or policy over runs that were: each is played again in the
 * world it was in (the same event, the same answers of vendors, the same
 * decisions of people), and what is decided otherwise is told, with its money.
 */
typedef struct _AirBacktest AirBacktest;

AirBacktest *air_backtest_new      (void);
void         air_backtest_free     (AirBacktest    *self);
void         air_backtest_add      (AirBacktest    *self,
                                    AirRecorded    *recorded,
                                    AirPlan        *plan,
                                    const AirMocks *mocks);
AirValue    *air_backtest_to_value (AirBacktest    *self);
char        *air_backtest_to_text  (AirBacktest    *self);
guint        air_backtest_get_changed (AirBacktest *self);

AirPlan     *air_backtest_replace_policy (AirPlan        *plan,
                                          const AirValue *policy,
                                          GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirBacktest, air_backtest_free)

G_END_DECLS
