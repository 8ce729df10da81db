/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Time and randomness as interfaces: the core asks these and nothing else. */
typedef struct {
  gint64 (*now_us) (gpointer user_data); /* microseconds since the Unix epoch */
  gpointer user_data;
} AirClock;

typedef struct {
  void (*fill) (gpointer user_data,
                guint8  *buffer,
                gsize    length);
  gpointer user_data;
} AirRandom;

const AirClock  *air_clock_system     (void);
const AirRandom *air_random_system    (void); /* gnutls_rnd (GNUTLS_RND_NONCE) for speed where no key depends on it */

gint64           air_clock_now_us     (const AirClock  *clock);
void             air_random_fill      (const AirRandom *random,
                                       guint8          *buffer,
                                       gsize            length);

/* A seeded, reproducible source (for tests and the simulator): SHA-256 in counter mode. */
typedef struct _AirSeededRandom AirSeededRandom;
AirSeededRandom *air_seeded_random_new    (guint64          seed);
const AirRandom *air_seeded_random_get    (AirSeededRandom *self);
void             air_seeded_random_free   (AirSeededRandom *self);

/* RFC 3339 in UTC with milliseconds, "2026-11-22T09:30:00.000Z", and back (any offset and precision). */
char            *air_time_format      (gint64           unix_us);
gboolean         air_time_parse       (const char      *text,
                                       gint64          *ret_unix_us);

/* 26 characters of Crockford base32: 48 bits of milliseconds, 80 bits of randomness; they sort by time. */
char            *air_id_new           (gint64           unix_us,
                                       const AirRandom *random);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSeededRandom, air_seeded_random_free)

G_END_DECLS
