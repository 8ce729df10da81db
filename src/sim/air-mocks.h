/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-effect.h"
#include "engine/air-plan.h"
#include "sim/air-sim-random.h"

G_BEGIN_DECLS

#define AIR_SIM_ERROR (air_sim_error_quark ())

typedef enum {
  AIR_SIM_ERROR_MOCK,   /* a mock or fixture that is not there or cannot answer */
  AIR_SIM_ERROR_CASE,   /* a test case that is not one of its workflow */
  AIR_SIM_ERROR_RECORD, /* recorded runs that cannot be read */
} AirSimError;

GQuark air_sim_error_quark (void);

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

/* @packs: (element-type AirPack): where the fixtures are. Fails when an operation of @plan cannot be made. */
AirMocks       *air_mocks_new          (AirPlan         *plan,
                                        GPtrArray       *packs,
                                        GError         **error);
void            air_mocks_free         (AirMocks        *self);
/* The ids of an operation's fixtures whose class at the end is, or is not, "ok"; (element-type utf8), borrowed. */
GPtrArray      *air_mocks_get_fixtures (const AirMocks  *self,
                                        const char      *operation,
                                        gboolean         succeed);
/* Scalars that stand under this name in inputs and answers of the fixtures: what goes together with them. */
AirValue       *air_mocks_get_pool     (const AirMocks  *self,
                                        const char      *name); /* list, borrowed, or NULL */
/* What a success moves: FALSE when the operation moves no money. @ret_out: out of our hands. */
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

/* @mocks: (nullable): the `mocks` of a case. */
AirMockScript  *air_mock_script_new    (const AirMocks  *mocks,
                                        const AirValue  *lists);
void            air_mock_script_free   (AirMockScript   *self);
/* For calls without a mock: a fixture by chance, @fail_permille of them ones that fail. Else the first that succeeds. */
void            air_mock_script_set_chance (AirMockScript *self,
                                        AirSimRandom    *random,
                                        guint            fail_permille);
/* NULL with AIR_SIM_ERROR_MOCK when nothing is there to answer with. @ret_latency_ms: -1 when the mock says nothing. */
AirOutcome     *air_mock_script_answer (AirMockScript   *self,
                                        const AirEffect *call,
                                        gint64          *ret_latency_ms,
                                        GError         **error);

/* Steps whose calls were answered though nothing was written for them: (element-type utf8), borrowed. */
GPtrArray      *air_mock_script_get_made_up (AirMockScript *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMocks, air_mocks_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirMockScript, air_mock_script_free)

G_END_DECLS
