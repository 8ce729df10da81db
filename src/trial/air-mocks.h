/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-effect.h"
#include "engine/air-plan.h"
#include "trial/air-sim-random.h"

G_BEGIN_DECLS

#define AIR_TRIAL_ERROR (air_trial_error_quark ())

/**
 * AirTrialError:
 * @AIR_TRIAL_ERROR_MOCK: a mock or fixture that is not there or cannot answer
 * @AIR_TRIAL_ERROR_CASE: a test case that is not one of its workflow
 * @AIR_TRIAL_ERROR_RECORD: recorded runs that cannot be read
 */
typedef enum {
  AIR_TRIAL_ERROR_MOCK,
  AIR_TRIAL_ERROR_CASE,
  AIR_TRIAL_ERROR_RECORD,
} AirTrialError;

GQuark air_trial_error_quark (void);

/**
 * AirMocks:
 *
 * Vendors made of the fixtures of packs. A call goes through the shipping
 * operation engine: its request is built and checked, the fixture's answer is
 * interpreted; only the network is left out. Where a fixture's answer repeats
 * what its own request said, the answer here repeats what this request said.
 *
 * Immutable once made.
 */
typedef struct _AirMocks AirMocks;

AirMocks       *air_mocks_new          (AirPlan         *plan,
                                        GPtrArray       *packs,
                                        GError         **error);
void            air_mocks_free         (AirMocks        *self);
GPtrArray      *air_mocks_get_fixtures (const AirMocks  *self,
                                        const char      *operation,
                                        gboolean         succeed);
AirValue       *air_mocks_get_pool     (const AirMocks  *self,
                                        const char      *name);
gboolean        air_mocks_get_money    (const AirMocks  *self,
                                        const char      *operation,
                                        AirValue        *input,
                                        gboolean        *ret_out,
                                        gint64          *ret_minor,
                                        char           **ret_currency);

/**
 * AirMockScript:
 *
 * What answers the calls of one run: for each step and purpose a list of
 * mocks as in the tests of a workflow, and how far each has come.
 */
typedef struct _AirMockScript AirMockScript;

AirMockScript  *air_mock_script_new    (const AirMocks  *mocks,
                                        const AirValue  *lists);
void            air_mock_script_free   (AirMockScript   *self);
void            air_mock_script_set_chance (AirMockScript *self,
                                        AirSimRandom    *random,
                                        guint            fail_permille);
AirOutcome     *air_mock_script_answer (AirMockScript   *self,
                                        const AirEffect *call,
                                        gint64          *ret_latency_ms,
                                        GError         **error);

GPtrArray      *air_mock_script_get_made_up (AirMockScript *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMocks, air_mocks_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMockScript, air_mock_script_free)

G_END_DECLS
