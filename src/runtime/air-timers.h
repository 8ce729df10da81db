/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirTimers:
 *
 * The timers of all instances: one heap and one source of the main context.
 * What they stand for is in the ledger; they only wake. The heap holds those
 * of the instances that are in memory, and of the others when they are to be
 * woken within the next minute; the rest stands in the store's index, and is
 * looked up there in time.
 */
typedef struct _AirTimers AirTimers;

/**
 * AirTimerFired:
 * @run: the run
 * @id: (nullable): %NULL for a wake-up set at a restart, when only the instance's earliest time is known
 * @user_data: what was handed in
 */
typedef void (*AirTimerFired) (const char *run,
                               const char *id,
                               gpointer    user_data);

/**
 * AirTimersLoad:
 * @max: the fewest to give where there are so many: enough of them for now
 * @ret_until_us: all that wake before this time were given
 *
 * Gives the instances that are not in memory and wake from @from_us on, before @until_us, earliest first, each by
 * air_timers_set() with no id.
 *
 * Returns: FALSE when they cannot be read now
 */
typedef gboolean (*AirTimersLoad) (gint64    from_us,
                                   gint64    until_us,
                                   guint     max,
                                   gint64   *ret_until_us,
                                   gpointer  user_data);

AirTimers *air_timers_new      (AirTimerFired  fired,
                                gpointer       user_data);
void       air_timers_start_loading (AirTimers *self,
                                AirTimersLoad  load,
                                gpointer       user_data);
void       air_timers_park     (AirTimers     *self,
                                const char    *run,
                                gint64         wake_us);
void       air_timers_set      (AirTimers     *self,
                                const char    *run,
                                const char    *id,
                                gint64         at_us);
gboolean   air_timers_cancel   (AirTimers     *self,
                                const char    *run,
                                const char    *id);
void       air_timers_forget   (AirTimers     *self,
                                const char    *run);
gint64     air_timers_next_of  (AirTimers     *self,
                                const char    *run,
                                GPtrArray     *except);
guint      air_timers_get_size (AirTimers     *self);
void       air_timers_free     (AirTimers     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTimers, air_timers_free)

G_END_DECLS
