/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AirClock:
 * @now_us: gives microseconds since the Unix epoch; may be called from any thread that was handed the clock
 * @user_data: what @now_us is called with
 *
 * Time as an interface: the core asks this and nothing else. Borrowed by those who get it; it outlives them.
 */
typedef struct {
  gint64 (*now_us) (gpointer user_data);
  gpointer user_data;
} AirClock;

/**
 * AirRandom:
 * @fill: fills @length bytes of a buffer; cannot fail
 * @user_data: what @fill is called with
 *
 * Randomness as an interface: the core asks this and nothing else. Borrowed by those who get it; it outlives them.
 */
typedef struct {
  void (*fill) (gpointer user_data,
                guint8  *buffer,
                gsize    length);
  gpointer user_data;
} AirRandom;

const AirClock  *air_clock_system     (void);
const AirRandom *air_random_system    (void);

gint64           air_clock_now_us     (const AirClock  *clock);
void             air_random_fill      (const AirRandom *random,
                                       guint8          *buffer,
                                       gsize            length);

/**
 * AirSeededRandom:
 *
 * A seeded, reproducible source for tests and the simulator: SHA-256 in counter mode. Not for keys, and not safe for
 * use by several threads. Freed with air_seeded_random_free().
 */
typedef struct _AirSeededRandom AirSeededRandom;
AirSeededRandom *air_seeded_random_new    (guint64          seed);
const AirRandom *air_seeded_random_get    (AirSeededRandom *self);
void             air_seeded_random_free   (AirSeededRandom *self);

char            *air_time_format      (gint64           unix_us);
gboolean         air_time_parse       (const char      *text,
                                       gint64          *ret_unix_us);

char            *air_id_new           (gint64           unix_us,
                                       const AirRandom *random);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSeededRandom, air_seeded_random_free)

G_END_DECLS
