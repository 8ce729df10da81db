/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include "trial/air-sim-random.h"

#include <math.h>
#include <string.h>

/**
 * air_sim_random_next:
 * @self: a stream
 *
 * Returns: 64 bits
 */
guint64
air_sim_random_next (AirSimRandom *self)
{
  guint64 z = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/**
 * air_sim_random_init:
 * @self: (out caller-allocates): the stream
 * @seed: of the whole simulation
 * @name: of this stream: those of different names do not disturb each other
 */
void
air_sim_random_init (AirSimRandom *self, guint64 seed, const char *name)
{
  self->state = seed;
  for (const char *p = name; *p != '\0'; p++)
    {
      self->state ^= (guint8) *p;
      air_sim_random_next (self);
    }
  self->state = air_sim_random_next (self);
}

/**
 * air_sim_random_below:
 * @self: a stream
 * @n: how many
 *
 * Returns: 0 … @n - 1; 0 when @n is 0
 */
guint64
air_sim_random_below (AirSimRandom *self, guint64 n)
{
  return n > 0 ? air_sim_random_next (self) % n : 0;
}

/**
 * air_sim_random_between:
 * @self: a stream
 * @least: included
 * @most: included, not below @least
 *
 * Returns: one of them
 */
gint64
air_sim_random_between (AirSimRandom *self, gint64 least, gint64 most)
{
  return least + (gint64) air_sim_random_below (self, (guint64) (most - least) + 1);
}

/**
 * air_sim_random_chance:
 * @self: a stream
 * @permille: how often
 *
 * Returns: %TRUE @permille times in a thousand
 */
gboolean
air_sim_random_chance (AirSimRandom *self, guint permille)
{
  return air_sim_random_below (self, 1000) < permille;
}

/**
 * air_sim_random_skewed:
 * @self: a stream
 * @median: half are below
 *
 * Returns: around @median, seldom many times it: what latencies look like
 */
gint64
air_sim_random_skewed (AirSimRandom *self, gint64 median)
{
  /* The sum of four dice is close enough to a bell; its exponential is skewed as waits are. */
  double bell = -2.0;

  for (guint i = 0; i < 4; i++)
    bell += (double) (air_sim_random_next (self) >> 11) / (double) (G_GUINT64_CONSTANT (1) << 53);
  return (gint64) ((double) median * exp (1.4 * bell));
}

static void
fill (gpointer user_data, guint8 *buffer, gsize length)
{
  while (length > 0)
    {
      guint64 word = air_sim_random_next (user_data);
      gsize n = MIN (length, sizeof word);

      for (gsize i = 0; i < n; i++, word >>= 8)
        buffer[i] = word & 0xff;
      buffer += n;
      length -= n;
    }
}

/**
 * air_sim_random_source:
 * @self: a stream; outlives what is returned
 *
 * Returns: what the engine and the ledger take
 */
AirRandom
air_sim_random_source (AirSimRandom *self)
{
  return (AirRandom) { fill, self };
}
