/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-base"

#include "config.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "air-clock.h"
#include "air-hash.h"

#define DAY_S  G_GINT64_CONSTANT (86400)
#define SEC_US G_GINT64_CONSTANT (1000000)

struct _AirSeededRandom {
  AirRandom random;
  guint64 block[2]; /* seed, counter */
  AirDigest pool;
  gsize used;
};

static gint64
system_now_us (gpointer user_data)
{
  return g_get_real_time ();
}

/* Bytes are drawn ahead: most who ask want sixteen. What was given out is no longer there. */
static void
system_fill (gpointer user_data, guint8 *buffer, gsize length)
{
  static _Thread_local guint8 pool[1024];
  static _Thread_local gsize left;

  if (length > left)
    {
      if (gnutls_rnd (GNUTLS_RND_RANDOM, length > sizeof pool ? buffer : pool,
                      length > sizeof pool ? length : sizeof pool)
          < 0)
        g_error ("the system gives no random bytes");
      if (length > sizeof pool)
        return;
      left = sizeof pool;
    }
  left -= length;
  memcpy (buffer, pool + left, length);
  memset (pool + left, 0, length);
}

/**
 * air_clock_system:
 *
 * Returns: (transfer none): the wall clock of this machine, for the daemons and programs; static
 */
const AirClock *
air_clock_system (void)
{
  static const AirClock clock = { system_now_us, NULL };

  return &clock;
}

/**
 * air_random_system:
 *
 * Returns: (transfer none): GnuTLS' generator (%GNUTLS_RND_RANDOM), drawn ahead a kibibyte a thread, since most who
 *   ask want sixteen bytes: for ids, salts, nonces and jitter. Static, safe from any thread
 */
const AirRandom *
air_random_system (void)
{
  static const AirRandom random = { system_fill, NULL };

  return &random;
}

/**
 * air_clock_now_us:
 * @clock: a clock
 *
 * Returns: microseconds since the Unix epoch; may go back where the clock does
 */
gint64
air_clock_now_us (const AirClock *clock)
{
  return clock->now_us (clock->user_data);
}

/**
 * air_random_fill:
 * @random: a source
 * @buffer: (out): where to write
 * @length: bytes of @buffer
 */
void
air_random_fill (const AirRandom *random, guint8 *buffer, gsize length)
{
  random->fill (random->user_data, buffer, length);
}

static void
seeded_fill (gpointer user_data, guint8 *buffer, gsize length)
{
  AirSeededRandom *self = user_data;

  while (length > 0)
    {
      gsize n;

      if (self->used == AIR_SHA256_SIZE)
        {
          self->pool = air_sha256 (self->block, sizeof self->block);
          self->block[1] = GUINT64_TO_LE (GUINT64_FROM_LE (self->block[1]) + 1);
          self->used = 0;
        }
      n = MIN (length, AIR_SHA256_SIZE - self->used);
      memcpy (buffer, self->pool.bytes + self->used, n);
      self->used += n;
      buffer += n;
      length -= n;
    }
}

/**
 * air_seeded_random_new:
 * @seed: the same seed gives the same bytes on every machine
 *
 * Returns: (transfer full): a source, to be asked through air_seeded_random_get()
 */
AirSeededRandom *
air_seeded_random_new (guint64 seed)
{
  AirSeededRandom *self = g_new0 (AirSeededRandom, 1);

  self->random = (AirRandom) { seeded_fill, self };
  self->block[0] = GUINT64_TO_LE (seed);
  self->used = AIR_SHA256_SIZE;
  return self;
}

/**
 * air_seeded_random_get:
 * @self: a source
 *
 * Returns: (transfer none): @self as the interface, valid as long as @self
 */
const AirRandom *
air_seeded_random_get (AirSeededRandom *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->random;
}

void
air_seeded_random_free (AirSeededRandom *self)
{
  g_free (self);
}

/* --- RFC 3339 ----------------------------------------------------------------- */

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in
 * years that begin in March, so that the leap day comes last. */
static gint64
days_from_date (int year, int month, int day)
{
  int y = month <= 2 ? year - 1 : year;
  int era = (y >= 0 ? y : y - 399) / 400;
  int year_of_era = y - era * 400;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

  return era * G_GINT64_CONSTANT (146097) + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
         - 719468;
}

static void
date_from_days (gint64 days, int *ret_year, int *ret_month, int *ret_day)
{
  gint64 z = days + 719468;
  gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  int day_of_era = z - era * 146097;
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int shifted = (5 * day_of_year + 2) / 153;

  *ret_day = day_of_year - (153 * shifted + 2) / 5 + 1;
  *ret_month = shifted < 10 ? shifted + 3 : shifted - 9;
  *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

static void
put_digits (char *text, guint n, guint number)
{
  while (n-- > 0)
    {
      text[n] = '0' + number % 10;
      number /= 10;
    }
}

/**
 * air_time_format:
 * @unix_us: microseconds since the Unix epoch, of the years 0000 to 9999
 *
 * Returns: (transfer full): RFC 3339 in UTC; milliseconds, rounded down
 */
char *
air_time_format (gint64 unix_us)
{
  gint64 seconds = unix_us / SEC_US, us = unix_us % SEC_US, days, rest;
  int year, month, day;
  char *text;

  if (us < 0)
    {
      us += SEC_US;
      seconds--;
    }
  days = seconds / DAY_S;
  rest = seconds % DAY_S;
  if (rest < 0)
    {
      rest += DAY_S;
      days--;
    }
  date_from_days (days, &year, &month, &day);
  g_return_val_if_fail (year >= 0 && year <= 9999, NULL);

  text = g_strdup ("0000-00-00T00:00:00.000Z");
  put_digits (text, 4, year);
  put_digits (text + 5, 2, month);
  put_digits (text + 8, 2, day);
  put_digits (text + 11, 2, rest / 3600);
  put_digits (text + 14, 2, rest / 60 % 60);
  put_digits (text + 17, 2, rest % 60);
  put_digits (text + 20, 3, us / 1000);
  return text;
}

static gboolean
take_digits (const char **text, guint n, int *ret_number)
{
  int number = 0;

  for (guint i = 0; i < n; i++, (*text)++)
    {
      if (!g_ascii_isdigit (**text))
        return FALSE;
      number = number * 10 + (**text - '0');
    }
  *ret_number = number;
  return TRUE;
}

static gboolean
take_char (const char **text, char c)
{
  if (g_ascii_toupper (**text) != c)
    return FALSE;
  (*text)++;
  return TRUE;
}

/**
 * air_time_parse:
 * @text: RFC 3339, of any offset and precision; digits past microseconds are dropped
 * @ret_unix_us: (out): microseconds since the Unix epoch
 *
 * Returns: %FALSE, and @ret_unix_us untouched, when @text is anything else or no such day or time exists
 */
gboolean
air_time_parse (const char *text, gint64 *ret_unix_us)
{
  static const guint8 month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  int year, month, day, hour, minute, second, last, offset = 0;
  gint64 us = 0;

  g_return_val_if_fail (text != NULL && ret_unix_us != NULL, FALSE);

  if (!take_digits (&text, 4, &year) || !take_char (&text, '-') || !take_digits (&text, 2, &month)
      || !take_char (&text, '-') || !take_digits (&text, 2, &day) || !take_char (&text, 'T')
      || !take_digits (&text, 2, &hour) || !take_char (&text, ':') || !take_digits (&text, 2, &minute)
      || !take_char (&text, ':') || !take_digits (&text, 2, &second))
    return FALSE;
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
    return FALSE;
  last = month_days[month - 1] + (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
  if (day < 1 || day > last)
    return FALSE;

  if (take_char (&text, '.'))
    {
      gint64 unit = SEC_US / 10;

      if (!g_ascii_isdigit (*text))
        return FALSE;
      for (; g_ascii_isdigit (*text); text++, unit /= 10)
        us += (*text - '0') * unit;
    }
  if (!take_char (&text, 'Z'))
    {
      gboolean west = *text == '-';
      int offset_hour, offset_minute;

      if (*text != '+' && *text != '-')
        return FALSE;
      text++;
      if (!take_digits (&text, 2, &offset_hour) || !take_char (&text, ':') || !take_digits (&text, 2, &offset_minute)
          || offset_hour > 23 || offset_minute > 59)
        return FALSE;
      offset = (offset_hour * 3600 + offset_minute * 60) * (west ? -1 : 1);
    }
  if (*text != '\0')
    return FALSE;

  *ret_unix_us =
      (days_from_date (year, month, day) * DAY_S + hour * 3600 + minute * 60 + second - offset) * SEC_US + us;
  return TRUE;
}

/* --- ids ---------------------------------------------------------------------- */

/**
 * air_id_new:
 * @unix_us: the time it is to sort by, in microseconds since the Unix epoch; kept to the millisecond
 * @random: where its other 80 bits come from
 *
 * Makes an identifier in the form of a ULID: 48 bits of milliseconds, 80 bits of randomness. They sort by time.
 *
 * Returns: (transfer full): 26 characters of Crockford base32
 */
char *
air_id_new (gint64 unix_us, const AirRandom *random)
{
  static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  guint64 ms = (guint64) (unix_us / 1000);
  guint8 noise[10];
  char *text;

  g_return_val_if_fail (random != NULL && unix_us >= 0, NULL);

  air_random_fill (random, noise, sizeof noise);
  text = g_malloc (27);
  for (int i = 9; i >= 0; i--, ms >>= 5)
    text[i] = alphabet[ms & 31];
  for (guint i = 0; i < 16; i++)
    {
      guint bit = i * 5, byte = bit / 8;
      guint pair = noise[byte] << 8 | (byte + 1 < sizeof noise ? noise[byte + 1] : 0);

      text[10 + i] = alphabet[pair >> (11 - bit % 8) & 31];
    }
  text[26] = '\0';
  return text;
}
