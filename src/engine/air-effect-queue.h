/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "air-breaker.h"
#include "air-effect.h"
#include "air-latency.h"

G_BEGIN_DECLS

/**
 * AirEffectQueue:
 *
 * Which of the calls that are durable may start now. Pure: it asks no clock and
 * starts nothing; the runtime and the simulator do, around the same queue.
 *
 * A bounded number is in flight; after a start that bound begins low and
 * doubles, so that a restart is no stampede. Calls to a vendor that does not
 * answer are held back by a breaker for each connector, and go on in the order
 * in which they came. Of those that wait the interactive runs' come first, then
 * the normal ones', then those of batches. A slow vendor gets three quarters of that bound and no
 * more, so that the others' calls find room.
 *
 * Times are of a clock that is never set.
 */
typedef struct _AirEffectQueue AirEffectQueue;

/**
 * AirQueuedCall:
 * @run: the run it belongs to
 * @call: the effect
 * @began_us: when air_effect_queue_next() gave it
 *
 * A call that may start: in flight until it is settled, which is also its end.
 */
typedef struct {
  char      *run;
  AirEffect *call;
  gint64     began_us;
} AirQueuedCall;

/**
 * AirEffectIsMeant:
 * @call: one that has not started
 * @user_data: what was handed in
 *
 * Returns: whether it is to be taken out
 */
typedef gboolean (*AirEffectIsMeant) (const AirEffect *call,
                                      gpointer         user_data);

#define AIR_EFFECT_FIRST_CAP 16
#define AIR_EFFECT_RAMP_US   (250 * 1000)

AirEffectQueue *air_effect_queue_new           (guint                 max_in_flight,
                                                gint64                now_us);
/* Calls in flight are left to be settled; then they are freed, too. */
void            air_effect_queue_free          (AirEffectQueue       *self);
void            air_effect_queue_add           (AirEffectQueue       *self,
                                                const char           *run,
                                                const char           *connector,
                                                AirEffect            *take_call);
void            air_effect_queue_add_classed   (AirEffectQueue       *self,
                                                AirLatencyClass       latency,
                                                const char           *run,
                                                const char           *connector,
                                                AirEffect            *take_call);
AirQueuedCall  *air_effect_queue_next          (AirEffectQueue       *self,
                                                gint64                now_us);
void            air_effect_queue_settle        (AirEffectQueue       *self,
                                                AirQueuedCall        *call,
                                                const AirOutcome     *outcome,
                                                gint64                now_us);
GPtrArray      *air_effect_queue_withdraw      (AirEffectQueue       *self,
                                                const char           *run,
                                                AirEffectIsMeant      is_meant,
                                                gpointer              user_data);
void            air_effect_queue_set_paused    (AirEffectQueue       *self,
                                                const char           *run,
                                                gboolean              paused);
gint64          air_effect_queue_get_wake      (AirEffectQueue       *self,
                                                gint64                now_us);
guint           air_effect_queue_get_cap       (AirEffectQueue       *self,
                                                gint64                now_us);
guint           air_effect_queue_get_in_flight (const AirEffectQueue *self);
guint           air_effect_queue_get_waiting   (const AirEffectQueue *self);
AirValue       *air_effect_queue_describe      (const AirEffectQueue *self,
                                                gint64                now_us);
const char     *air_effect_queue_find_resting  (const AirEffectQueue *self,
                                                const char           *run,
                                                gint64               *ret_until_us);
void            air_effect_queue_drain         (AirEffectQueue       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirEffectQueue, air_effect_queue_free)

G_END_DECLS
