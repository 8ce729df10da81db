/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"

static void
assert_jcs (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (text, strlen (text), &error);
  g_autofree char *written = NULL;
  gsize length;

  g_assert_no_error (error);
  written = air_jcs_write (value, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, expected);
  g_assert_cmpuint (length, ==, strlen (expected));
}

/* RFC 8785, section 3.2.2 and its result in 3.2.4. */
static void
test_rfc_sample (void)
{
  assert_jcs ("{\n"
              "  \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
              "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
              "  \"literals\": [null, true, false]\n"
              "}",
              "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
              "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

/* RFC 8785, section 3.2.3. */
static void
test_rfc_key_order (void)
{
  assert_jcs ("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
              "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
              "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\302\200\":\"Control\","
              "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\","
              "\"\357\254\263\":\"Hebrew Letter Dalet With Dagesh\"}");
  assert_jcs ("{\"\\ud83d\\ude00\":1,\"\\ufb33\":2}", "{\"😀\":1,\"\357\254\263\":2}");
  assert_jcs ("{\"\\ufb33\":2,\"\\ud83d\\ude00\":1}", "{\"😀\":1,\"\357\254\263\":2}");
  assert_jcs ("{\"aa\":1,\"a\":2,\"\":3,\"A\":4}", "{\"\":3,\"A\":4,\"a\":2,\"aa\":1}");
}

/* RFC 8785, appendix B, and what trips shortest-digit writers: powers of two. */
static void
test_rfc_numbers (void)
{
  static const struct {
    guint64 bits;
    const char *text;
  } numbers[] = {
    { 0x0000000000000000, "0" },
    { 0x8000000000000000, "0" },
    { 0x0000000000000001, "5e-324" },
    { 0x8000000000000001, "-5e-324" },
    { 0x7fefffffffffffff, "1.7976931348623157e+308" },
    { 0xffefffffffffffff, "-1.7976931348623157e+308" },
    { 0x4340000000000000, "9007199254740992" },
    { 0xc340000000000000, "-9007199254740992" },
    { 0x4430000000000000, "295147905179352830000" },
    { 0x44b52d02c7e14af5, "9.999999999999997e+22" },
    { 0x44b52d02c7e14af6, "1e+23" },
    { 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
    { 0x444b1ae4d6e2ef4e, "999999999999999700000" },
    { 0x444b1ae4d6e2ef4f, "999999999999999900000" },
    { 0x444b1ae4d6e2ef50, "1e+21" },
    { 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
    { 0x3eb0c6f7a0b5ed8d, "0.000001" },
    { 0x41b3de4355555553, "333333333.3333332" },
    { 0x41b3de4355555554, "333333333.33333325" },
    { 0x41b3de4355555555, "333333333.3333333" },
    { 0x41b3de4355555556, "333333333.3333334" },
    { 0x41b3de4355555557, "333333333.33333343" },
    { 0xbecbf647612f3696, "-0.0000033333333333333333" },
    { 0x43143ff3c1cb0959, "1424953923781206.2" },
    { 0x3d30000000000000, "5.684341886080802e-14" },
    { 0x3ff0000000000000, "1" },
    { 0x3fb999999999999a, "0.1" },
    { 0x4059000000000000, "100" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (AirValue) value = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *written = NULL;
      double number;

      memcpy (&number, &numbers[i].bits, sizeof number);
      value = air_value_new_double (number);
      written = air_jcs_write (value, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (written, ==, numbers[i].text);
    }
}

/* Every double that is written reads back as itself. */
static void
test_random_numbers_round_trip (void)
{
  for (guint i = 0; i < 100000; i++)
    {
      guint64 bits = (guint64) g_test_rand_int () << 32 ^ (guint32) g_test_rand_int ();
      g_autoptr (AirValue) value = NULL;
      g_autofree char *written = NULL;
      double number, back;

      memcpy (&number, &bits, sizeof number);
      if (!isfinite (number))
        continue;
      value = air_value_new_double (number);
      written = air_jcs_write (value, NULL, NULL);
      back = g_ascii_strtod (written, NULL);
      g_assert_true (back == number);
    }
}

static void
assert_unwritable (AirValue *take_value)
{
  g_autoptr (AirValue) list = air_list_new ();
  g_autoptr (GString) out = g_string_new ("before");
  g_autoptr (GError) error = NULL;

  air_list_append (list, air_value_new_int (1));
  air_list_append (list, take_value);
  g_assert_false (air_jcs_append (out, list, &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_UNWRITABLE);
  g_assert_cmpstr (out->str, ==, "before");
}

static void
test_unwritable (void)
{
  AirValue *map = air_map_new ();

  air_map_set_value (map, air_value_new_int (1), air_value_new_int (1));
  assert_unwritable (map);
  assert_unwritable (air_value_new_bytes ("a", 1));
  assert_unwritable (air_value_new_double (NAN));
  assert_unwritable (air_value_new_double (-INFINITY));
  assert_unwritable (air_value_new_timestamp (0));
  assert_unwritable (air_value_new_duration (0));
  assert_unwritable (air_value_new_int (9007199254740993));
  assert_unwritable (air_value_new_int (-9007199254740993));
  assert_unwritable (air_value_new_uint (G_MAXUINT64));
  assert_unwritable (air_value_new_string ("\xff"));
  assert_unwritable (air_value_new_string_len ("\0\xff", 2));
}

static void
test_edges (void)
{
  assert_jcs ("9007199254740992", "9007199254740992");
  assert_jcs ("-9007199254740992", "-9007199254740992");
  assert_jcs ("\"a\\u0000é\\u007f\"", "\"a\\u0000é\177\"");
  assert_jcs ("[{},[]]", "[{},[]]");
}

/* More keys than are sorted in place. */
static void
test_many_keys (void)
{
  g_autoptr (AirValue) map = air_map_new ();
  g_autoptr (GString) expected = g_string_new ("{");
  g_autofree char *written = NULL;

  for (int i = 99; i >= 0; i--)
    {
      g_autofree char *key = g_strdup_printf ("%02d", (i * 37) % 100);

      air_map_set_int (map, key, (i * 37) % 100);
    }
  for (int i = 0; i < 100; i++)
    g_string_append_printf (expected, "%s\"%02d\":%d", i > 0 ? "," : "", i, i);
  g_string_append_c (expected, '}');
  written = air_jcs_write (map, NULL, NULL);
  g_assert_cmpstr (written, ==, expected->str);
}

static void
test_speed (void)
{
  const char *text = "{\"_sd\":[\"-wZJG4rdt0HcfQpgnj8-AaTiONdwNHpJTNpU7rZG_oQ\"],\"_sd_alg\":\"sha-256\","
                     "\"instance\":\"01JD9ZK3\",\"prev\":\"00000000000000000000000000000000\",\"seq\":3,"
                     "\"time\":\"2026-11-22T09:30:00.000Z\",\"type\":\"STEP_DECIDED\",\"v\":1}";
  g_autoptr (AirValue) value = air_json_parse (text, strlen (text), NULL);
  g_autoptr (GString) out = g_string_new (NULL);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 100000; i++)
    {
      g_string_truncate (out, 0);
      air_jcs_append (out, value, NULL);
    }
  g_test_message ("JCS of an entry: %.0f ns", (g_get_monotonic_time () - start) / 100.0);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 100000; i++)
    air_value_unref (air_json_parse (text, strlen (text), NULL));
  g_test_message ("parsing an entry: %.0f ns", (g_get_monotonic_time () - start) / 100.0);
  g_assert_cmpstr (out->str, ==, text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/jcs/rfc-sample", test_rfc_sample);
  g_test_add_func ("/base/jcs/rfc-key-order", test_rfc_key_order);
  g_test_add_func ("/base/jcs/rfc-numbers", test_rfc_numbers);
  g_test_add_func ("/base/jcs/random-numbers-round-trip", test_random_numbers_round_trip);
  g_test_add_func ("/base/jcs/unwritable", test_unwritable);
  g_test_add_func ("/base/jcs/edges", test_edges);
  g_test_add_func ("/base/jcs/many-keys", test_many_keys);
  g_test_add_func ("/base/jcs/speed", test_speed);

  return g_test_run ();
}
