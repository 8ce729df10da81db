/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirLatencyClass:
 *
 * How soon a run is wanted. Its event may say so ("latencyclass"), else the workflow does ("latency_class").
 */
typedef enum {
  AIR_LATENCY_INTERACTIVE,
  AIR_LATENCY_NORMAL,
  AIR_LATENCY_BATCH,
  AIR_N_LATENCY_CLASSES,
} AirLatencyClass;

const char *air_latency_class_to_string   (AirLatencyClass  latency);
/* FALSE for NULL and for what is none; *ret_latency is then as before. */
gboolean    air_latency_class_from_string (const char      *text,
                                           AirLatencyClass *ret_latency);

/**
 * air_latency_take_turn:
 * @turn: counts turns; 0 at first
 * @lengths: how many wait in each class
 *
 * Whose turn it is: of every eleven six, four and one are those of interactive, normal and batch while all have
 * something, so that nobody waits for ever; a turn of which a class has no use is the first other's that has.
 *
 * Returns: a class in which somebody waits, AIR_N_LATENCY_CLASSES when nobody does
 */
AirLatencyClass air_latency_take_turn     (guint           *turn,
                                           const guint      lengths[AIR_N_LATENCY_CLASSES]);

G_END_DECLS
