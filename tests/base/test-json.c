/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <glib/gstdio.h>

#include "base/air-json.h"

typedef struct {
  const char *text;
  AirJsonError code;
  const char *message; /* how it begins */
} Refusal;

static const Refusal refusals[] = {
  { "", AIR_JSON_ERROR_SYNTAX, "1:1: no text" },
  { "  ", AIR_JSON_ERROR_SYNTAX, "1:" },
  { "{\"a\":1,\n \"b\":{\"id\":1, \"id\":2}}", AIR_JSON_ERROR_DUPLICATE_KEY,
    "2:15: duplicate key \"id\"; remove one of them" },
  { "{\"é\":\"ü\", \"a\":[[],{}], \"\\u00e9\":0}", AIR_JSON_ERROR_DUPLICATE_KEY, "1:24: duplicate key \"é\"" },
  { "{\"a\":{\"x\":\"\\\"}]\"},\"a\":2}", AIR_JSON_ERROR_DUPLICATE_KEY, "1:19: duplicate key \"a\"" },
  { "[1,\n2]]", AIR_JSON_ERROR_TRAILING, "2:3: text after the end" },
  { "{} {}", AIR_JSON_ERROR_TRAILING, "1:4: " },
  { "[\"\\ud800\"]", AIR_JSON_ERROR_SURROGATE, "1:" },
  { "[\"\\udc00\"]", AIR_JSON_ERROR_SURROGATE, "1:" },
  { "[\"\\ud800\\u0041\"]", AIR_JSON_ERROR_SURROGATE, "1:" },
  { "[\"\xed\xa0\x80\"]", AIR_JSON_ERROR_SYNTAX, "1:3: no valid UTF-8" },
  { "[\"\xff\"]", AIR_JSON_ERROR_SYNTAX, "1:3: no valid UTF-8" },
  { "\xef\xbb\xbf{}", AIR_JSON_ERROR_SYNTAX, "1:1: " },
  { "[1,]", AIR_JSON_ERROR_SYNTAX, "1:3: " },
  { "{\"a\":1,}", AIR_JSON_ERROR_SYNTAX, "1:" },
  { "[1 2]", AIR_JSON_ERROR_SYNTAX, "1:4: " },
  { "{a:1}", AIR_JSON_ERROR_SYNTAX, "1:2: " },
  { "['a']", AIR_JSON_ERROR_SYNTAX, "1:2: " },
  { "[1] // no", AIR_JSON_ERROR_TRAILING, "1:5: " },
  { "[NaN]", AIR_JSON_ERROR_SYNTAX, "1:2: " },
  { "[nul]", AIR_JSON_ERROR_SYNTAX, "1:2: " },
  { "[\"a\tb\"]", AIR_JSON_ERROR_SYNTAX, "1:4: " },
  { "[\"\\x\"]", AIR_JSON_ERROR_SYNTAX, "1:" },
  { "[01]", AIR_JSON_ERROR_NUMBER, "1:" },
  { "[+1]", AIR_JSON_ERROR_SYNTAX, "1:2: " },
  { "[1.]", AIR_JSON_ERROR_NUMBER, "1:" },
  { "[18446744073709551616]", AIR_JSON_ERROR_NUMBER, "1:2: the number 18446744073709551616 does not fit" },
  { "{\"a\":[-9223372036854775809]}", AIR_JSON_ERROR_NUMBER, "1:7: " },
  { "[1e400]", AIR_JSON_ERROR_NUMBER, "1:2: " },
  { "[1", AIR_JSON_ERROR_SYNTAX, "1:3: the text ends too early" },
  { "{\"a\"", AIR_JSON_ERROR_SYNTAX, "1:5: the text ends too early" },
};

static void
test_refuses (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (refusal->text, strlen (refusal->text), &error);

  g_assert_null (value);
  g_assert_error (error, AIR_JSON_ERROR, (int) refusal->code);
  if (!g_str_has_prefix (error->message, refusal->message))
    g_error ("of %s: \"%s\" does not begin with \"%s\"", refusal->text, error->message, refusal->message);
}

static char *
nested (guint depth)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 == 0 ? "[" : "{\"a\":");
  g_string_append (text, "1");
  for (guint i = depth; i-- > 0;)
    g_string_append_c (text, i % 2 == 0 ? ']' : '}');
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *fits = nested (AIR_JSON_MAX_DEPTH);
  g_autofree char *deep = nested (AIR_JSON_MAX_DEPTH + 1);
  g_autofree char *hostile = g_strnfill (4 << 20, '[');
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (fits, strlen (fits), &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  g_assert_null (air_json_parse (deep, strlen (deep), &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_DEPTH);
  g_clear_error (&error);
  g_assert_null (air_json_parse (hostile, strlen (hostile), &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SYNTAX);
}

static void
test_size (void)
{
  gsize length = (64u << 20) + 1;
  g_autofree char *text = g_strnfill (length, ' ');
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = NULL;

  text[0] = '1';
  g_assert_null (air_json_parse (text, length, &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SIZE);
  g_clear_error (&error);
  value = air_json_parse (text, length - 1, &error);
  g_assert_no_error (error);
}

static void
assert_number (const char *text, AirValueKind kind, AirValue *take_expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_cmpint (air_value_get_kind (value), ==, kind);
  g_assert_true (air_value_equal (value, take_expected));
  air_value_unref (take_expected);
}

static void
test_numbers (void)
{
  assert_number ("0", AIR_VALUE_INT, air_value_new_int (0));
  assert_number ("-17", AIR_VALUE_INT, air_value_new_int (-17));
  assert_number ("256", AIR_VALUE_INT, air_value_new_int (256));
  assert_number ("9223372036854775807", AIR_VALUE_INT, air_value_new_int (G_MAXINT64));
  assert_number ("-9223372036854775808", AIR_VALUE_INT, air_value_new_int (G_MININT64));
  assert_number ("9223372036854775808", AIR_VALUE_UINT, air_value_new_uint (G_MAXINT64 + G_GUINT64_CONSTANT (1)));
  assert_number ("18446744073709551615", AIR_VALUE_UINT, air_value_new_uint (G_MAXUINT64));
  assert_number ("1.0", AIR_VALUE_DOUBLE, air_value_new_double (1));
  assert_number ("1e2", AIR_VALUE_DOUBLE, air_value_new_double (100));
  assert_number ("5e-324", AIR_VALUE_DOUBLE, air_value_new_double (5e-324));
}

static void
test_locate (void)
{
  const char *text = "{\n"
                     "  \"nodes\": [\n"
                     "    {\"id\": \"é\", \"with\": {\"a/b\": 1}},\n"
                     "    {\"id\": \"]}\\\"\", \"edges\": [ [1], 2 ]}\n"
                     "  ],\n"
                     "  \"caf\\u00e9\": true\n"
                     "}\n";
  static const struct {
    const char *pointer;
    guint line, column;
  } places[] = {
    { "", 1, 1 },
    { "/nodes", 2, 12 },
    { "/nodes/0", 3, 5 },
    { "/nodes/0/id", 3, 12 },
    { "/nodes/0/with", 3, 25 },
    { "/nodes/0/with/a~1b", 3, 33 },
    { "/nodes/1", 4, 5 },
    { "/nodes/1/edges/0/0", 4, 32 },
    { "/nodes/1/edges/1", 4, 36 },
    { "/café", 6, 16 },
  };
  guint line = 0, column = 0;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_assert_true (air_json_locate (text, strlen (text), places[i].pointer, &line, &column));
      g_assert_cmpuint (line, ==, places[i].line);
      g_assert_cmpuint (column, ==, places[i].column);
    }
  g_assert_false (air_json_locate (text, strlen (text), "/nodes/2", &line, &column));
  g_assert_false (air_json_locate (text, strlen (text), "/nodes/0/id/x", &line, &column));
  g_assert_false (air_json_locate (text, strlen (text), "/absent", &line, &column));
  g_assert_false (air_json_locate (text, strlen (text), "nodes", &line, &column));
  g_assert_cmpuint (line, ==, 6);
}

static void
test_pretty (void)
{
  const char *text = "{\n"
                     "  \"z\": [\n"
                     "    1,\n"
                     "    {\n"
                     "      \"b\": \"x\\ny\",\n"
                     "      \"a\": 9223372036854775807\n"
                     "    },\n"
                     "    [],\n"
                     "    {}\n"
                     "  ],\n"
                     "  \"a\": null\n"
                     "}\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (text, strlen (text), &error);
  g_autofree char *written = air_json_write_pretty (value, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, text);
}

static void
test_lines (void)
{
  static const struct {
    const char *text;
    const char *message; /* NULL: two objects are read */
  } cases[] = {
    { "{\"a\":1}\r\n\n \t\n{\"a\":2}", NULL },
    { "{}\n{\n", "events:2:2: " },
    { "{}\n\n  [1]\n", "events:3:1: this is no object" },
    { "{} {}\n", "events:1:4: " },
    { "{\"a\":\n1}", "events:1:6: " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) list = air_json_parse_lines (bytes, "events", &error);

      if (cases[i].message == NULL)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (list->len, ==, 2);
          g_assert_cmpint (air_map_get_int (list->pdata[1], "a", 0), ==, 2);
        }
      else if (list != NULL || !g_str_has_prefix (error->message, cases[i].message))
        g_error ("of %s: \"%s\", not \"%s\"", cases[i].text, error != NULL ? error->message : "", cases[i].message);
    }
}

static void
test_load_file (void)
{
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "document.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = NULL;
  g_autofree char *prefix = g_strconcat (path, ":1:2: ", NULL);

  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  g_assert_true (g_file_set_contents (path, "{x", -1, NULL));
  g_assert_null (air_json_load_file (path, &error));
  g_assert_error (error, AIR_JSON_ERROR, AIR_JSON_ERROR_SYNTAX);
  g_assert_true (g_str_has_prefix (error->message, prefix));
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "{}", -1, NULL));
  value = air_json_load_file (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_assert_null (air_json_load_file (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/base/json/refuses/%02u", i);

      g_test_add_data_func (path, &refusals[i], test_refuses);
    }
  g_test_add_func ("/base/json/depth", test_depth);
  g_test_add_func ("/base/json/size", test_size);
  g_test_add_func ("/base/json/numbers", test_numbers);
  g_test_add_func ("/base/json/locate", test_locate);
  g_test_add_func ("/base/json/pretty", test_pretty);
  g_test_add_func ("/base/json/load-file", test_load_file);
  g_test_add_func ("/base/json/lines", test_lines);

  return g_test_run ();
}
