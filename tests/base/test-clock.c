/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>

#include "base/air-clock.h"

static void
test_format (void)
{
  static const struct {
    gint64 us;
    const char *text;
  } times[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { -1, "1969-12-31T23:59:59.999Z" },
    { G_GINT64_CONSTANT (1795339800000000), "2026-11-22T09:30:00.000Z" },
    { G_GINT64_CONSTANT (1709164800123999), "2024-02-29T00:00:00.123Z" },
    { G_GINT64_CONSTANT (4107542399999000), "2100-02-28T23:59:59.999Z" },
    { G_GINT64_CONSTANT (4107542400000000), "2100-03-01T00:00:00.000Z" },
    { G_GINT64_CONSTANT (253402300799999000), "9999-12-31T23:59:59.999Z" },
    { G_GINT64_CONSTANT (-62167219200000000), "0000-01-01T00:00:00.000Z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *text = air_time_format (times[i].us);
      gint64 back;

      g_assert_cmpstr (text, ==, times[i].text);
      g_assert_true (air_time_parse (text, &back));
      g_assert_cmpint (back / 1000, ==, (times[i].us - ((times[i].us % 1000 + 1000) % 1000)) / 1000);
    }
}

/* GLib is the other opinion. */
static void
test_parse_agrees_with_glib (void)
{
  static const char *const texts[] = {
    "2026-11-22T09:30:00Z",        "2026-11-22t09:30:00z",
    "2026-11-22T09:30:00.5+01:00", "2024-02-29T23:59:59-08:00",
    "1999-12-31T23:59:59.123456Z", "2000-02-29T00:00:00+14:00",
    "0001-01-01T00:00:00Z",        "2026-01-01T00:00:00.000001-00:30",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *upper = g_ascii_strup (texts[i], -1);
      g_autoptr (GDateTime) other = g_date_time_new_from_iso8601 (upper, NULL);
      gint64 us;

      g_assert_true (air_time_parse (texts[i], &us));
      g_assert_nonnull (other);
      g_assert_cmpint (us, ==, g_date_time_to_unix (other) * 1000000 + g_date_time_get_microsecond (other));
    }
}

static void
test_parse_refuses (void)
{
  static const char *const texts[] = {
    "",
    "2026-11-22",
    "2026-11-22T09:30:00",
    "2026-11-22 09:30:00Z",
    "2026-13-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T09:60:00Z",
    "2026-11-22T09:30:60Z",
    "2026-11-22T09:30:00.Z",
    "2026-11-22T09:30:00Z ",
    "2026-11-22T09:30:00+1:00",
    "2026-11-22T09:30:00+24:00",
    "26-11-22T09:30:00Z",
    "2026-11-00T09:30:00Z",
    "+026-11-22T09:30:00Z",
  };
  gint64 us = 42;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (air_time_parse (texts[i], &us));
  g_assert_cmpint (us, ==, 42);
}

static void
test_ids_sort_by_time (void)
{
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (1);
  g_autofree char *last = g_strdup ("");

  for (gint64 us = 0; us < G_GINT64_CONSTANT (1) << 57; us = us * 3 + 1000)
    {
      char *id = air_id_new (us, air_seeded_random_get (random));

      g_assert_cmpuint (strlen (id), ==, 26);
      g_assert_cmpuint (strspn (id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), ==, 26);
      g_assert_cmpstr (last, <, id);
      g_free (last);
      last = id;
    }
}

/* The worked example of the ULID specification: the time part of 1469918176385 ms. */
static void
test_id_time_part (void)
{
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (1);
  g_autofree char *id = air_id_new (G_GINT64_CONSTANT (1469918176385000), air_seeded_random_get (random));

  g_assert_true (g_str_has_prefix (id, "01ARYZ6S41"));
}

static void
test_seeded_random (void)
{
  g_autoptr (AirSeededRandom) a = air_seeded_random_new (7), b = air_seeded_random_new (7),
                              c = air_seeded_random_new (8);
  guint8 whole[100], pieces[100], other[100];

  air_random_fill (air_seeded_random_get (a), whole, 100);
  for (guint i = 0; i < 100; i += 5)
    air_random_fill (air_seeded_random_get (b), pieces + i, 5);
  air_random_fill (air_seeded_random_get (c), other, 100);
  g_assert_cmpmem (whole, 100, pieces, 100);
  g_assert_cmpint (memcmp (whole, other, 100), !=, 0);
  g_assert_cmpint (memcmp (whole, whole + 32, 32), !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/time/format", test_format);
  g_test_add_func ("/base/time/parse-agrees-with-glib", test_parse_agrees_with_glib);
  g_test_add_func ("/base/time/parse-refuses", test_parse_refuses);
  g_test_add_func ("/base/id/sort-by-time", test_ids_sort_by_time);
  g_test_add_func ("/base/id/time-part", test_id_time_part);
  g_test_add_func ("/base/random/seeded", test_seeded_random);

  return g_test_run ();
}
