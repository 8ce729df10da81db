/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/air-effect.h"
#include "engine/air-plan.h"
#include "trial/air-sim-random.h"
#include "trial/air-sim-world.h"

G_BEGIN_DECLS

/**
 * AirSimVendors:
 *
 * The world outside: one vendor for each connector of a plan, with books of
 * its own and a network in between that loses, delays and repeats. What a
 * vendor promises is what the operation's document says of it: those with keys
 * answer for a key once and forget it after the window, those without act
 * whenever they are asked; a reconcile looks into the books.
 *
 * A vendor acts before the call's timeout or never; its answer may come later,
 * and the connection may break before either.
 */
typedef struct _AirSimVendors AirSimVendors;

/**
 * AirSimEffect:
 * @operation: its id
 * @run: the run
 * @step: what the call said of itself
 * @node: the step
 * @key: the idempotency key
 * @purpose: execute or compensate
 * @input: what was asked for, and done
 * @at_us: when it happened, of the clock that is never set
 * @outcome: what it answered, and answers again
 *
 * An effect in a vendor's books.
 */
typedef struct {
  char       *operation;
  char       *run;
  char       *step;
  char       *node;
  char       *key;
  AirPurpose  purpose;
  AirValue   *input;
  gint64      at_us;
  AirOutcome *outcome;
} AirSimEffect;

/**
 * AirSimAnswer:
 * @operation: its id
 * @input: of the call
 * @run: `run` in expressions
 * @chance: the same for the same run and step
 * @user_data: what was handed in
 *
 * What a vendor knows: the answer to an operation, and for a write, whether it would do it.
 *
 * Returns: (transfer full) (nullable): the answer; %NULL: something is made up, and writes are done
 */
typedef AirOutcome *(*AirSimAnswer) (const char *operation,
                                     AirValue   *input,
                                     AirValue   *run,
                                     guint64     chance, /* the same for the same run and step */
                                     gpointer    user_data);

/**
 * AirSimAnswered:
 * @take_outcome: (transfer full): what came of it
 * @user_data: what was handed in
 */
typedef void (*AirSimAnswered) (AirOutcome *take_outcome,
                                gpointer    user_data);

AirSimVendors *air_sim_vendors_new         (AirSimWorld    *world,
                                            AirPlan        *plan,
                                            AirSimRandom   *random,
                                            guint           wildness,
                                            AirSimAnswer    answer,
                                            gpointer        user_data);
void           air_sim_vendors_free        (AirSimVendors  *self);
void           air_sim_vendors_lose_transit (AirSimVendors *self);
void           air_sim_vendors_heal        (AirSimVendors  *self);
const char    *air_sim_vendors_connector_of (AirSimVendors *self,
                                            const char     *operation);
void           air_sim_vendors_send        (AirSimVendors  *self,
                                            const char     *run,
                                            const AirEffect *call,
                                            AirSimAnswered  answered,
                                            gpointer        user_data,
                                            GDestroyNotify  destroy);
GPtrArray     *air_sim_vendors_get_effects (AirSimVendors  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSimVendors, air_sim_vendors_free)

G_END_DECLS
