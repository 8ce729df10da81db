/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirTimerHeap:
 *
 * All timers of all instances, earliest first. Pure: what they stand for is in
 * the ledger, and whoever has a clock asks for those that are due. Timers of
 * the same time come in the order in which they were set.
 */
typedef struct _AirTimerHeap AirTimerHeap;

AirTimerHeap *air_timer_heap_new      (void);
void          air_timer_heap_free     (AirTimerHeap       *self);
void          air_timer_heap_set      (AirTimerHeap       *self,
                                       const char         *run,
                                       const char         *id,
                                       gint64              at_us);
gboolean      air_timer_heap_cancel   (AirTimerHeap       *self,
                                       const char         *run,
                                       const char         *id);
void          air_timer_heap_forget   (AirTimerHeap       *self,
                                       const char         *run);
gint64        air_timer_heap_next_of  (AirTimerHeap       *self,
                                       const char         *run,
                                       GPtrArray          *except);
gboolean      air_timer_heap_peek     (const AirTimerHeap *self,
                                       gint64             *ret_at_us);
gboolean      air_timer_heap_pop      (AirTimerHeap       *self,
                                       gint64              now_us,
                                       char              **ret_run,
                                       char              **ret_id);
guint         air_timer_heap_get_size (const AirTimerHeap *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirTimerHeap, air_timer_heap_free)

G_END_DECLS
