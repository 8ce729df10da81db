/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirTimers:
 *
 * All timers of all instances: one heap and one source of the main context.
 * What they stand for is in the ledger; they only wake.
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

AirTimers *air_timers_new      (AirTimerFired  fired,
                                gpointer       user_data);
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
                                const char    *except);
guint      air_timers_get_size (AirTimers     *self);
void       air_timers_free     (AirTimers     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTimers, air_timers_free)

G_END_DECLS
