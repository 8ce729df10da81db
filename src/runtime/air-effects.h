/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/air-effect-queue.h"
#include "engine/air-latency.h"
#include "runtime/air-stats.h"

G_BEGIN_DECLS

/**
 * AirPerformed:
 * @take_outcome: (transfer full): what came of it
 * @user_data: what was handed in
 */
typedef void (*AirPerformed) (AirOutcome *take_outcome,
                              gpointer    user_data);

/**
 * AirPerformer:
 * @connector_of: names the connector of an operation
 * @perform: performs a call and answers exactly once, at once or later
 *
 * Who acts on the world: the operation engine in the runtime, something in-process in measurements.
 */
typedef struct {
  const char *(*connector_of) (gpointer          performer,
                               const char       *operation);
  void        (*perform)      (gpointer          performer,
                               const char       *run,
                               const AirEffect  *call,
                               GCancellable     *cancellable,
                               AirPerformed      performed,
                               gpointer          user_data);
  gpointer      performer;
} AirPerformer;

/**
 * AirEffectDone:
 * @run: the run it belongs to
 * @call: the effect
 * @take_outcome: (transfer full): what came of it
 * @user_data: what was handed in
 */
typedef void (*AirEffectDone) (const char      *run,
                               const AirEffect *call,
                               AirOutcome      *take_outcome,
                               gpointer         user_data);

/**
 * AirEffects:
 *
 * The calls that are durable and not answered yet: a bounded number in flight,
 * fewer right after a start so that a restart is no stampede, and those to a
 * vendor that does not answer held back.
 */
typedef struct _AirEffects AirEffects;

AirEffects *air_effects_new           (const AirPerformer *performer,
                                       guint               max_in_flight,
                                       AirHistogram       *durations,
                                       AirEffectDone       done,
                                       gpointer            user_data);
void        air_effects_add           (AirEffects         *self,
                                       const char         *run,
                                       AirLatencyClass     latency,
                                       AirEffect          *take_call);
void        air_effects_withdraw      (AirEffects         *self,
                                       const char         *run,
                                       AirEffectIsMeant    is_meant,
                                       gpointer            user_data);
void        air_effects_set_paused    (AirEffects         *self,
                                       const char         *run,
                                       gboolean            paused);
guint       air_effects_get_in_flight (AirEffects         *self);
guint       air_effects_get_waiting   (AirEffects         *self);
AirValue   *air_effects_describe      (AirEffects         *self);
char       *air_effects_get_resting   (AirEffects         *self,
                                       const char         *run);
void        air_effects_drain         (AirEffects         *self);
void        air_effects_free          (AirEffects         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEffects, air_effects_free)

G_END_DECLS
