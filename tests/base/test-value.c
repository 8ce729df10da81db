/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <math.h>

#include "base/air-json.h"
#include "base/air-value.h"

static AirValue *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

static void
assert_equality (AirValue *take_a, AirValue *take_b, gboolean equal)
{
  g_assert_cmpint (air_value_equal (take_a, take_b), ==, equal);
  g_assert_cmpint (air_value_equal (take_b, take_a), ==, equal);
  if (equal)
    g_assert_cmpuint (air_value_hash (take_a), ==, air_value_hash (take_b));
  air_value_unref (take_a);
  air_value_unref (take_b);
}

static void
test_equality (void)
{
  assert_equality (air_value_new_int (1), air_value_new_uint (1), TRUE);
  assert_equality (air_value_new_int (1), air_value_new_double (1.0), TRUE);
  assert_equality (air_value_new_int (-7), air_value_new_double (-7.0), TRUE);
  assert_equality (air_value_new_int (0), air_value_new_double (-0.0), TRUE);
  assert_equality (air_value_new_int (-1), air_value_new_uint (G_MAXUINT64), FALSE);
  assert_equality (air_value_new_int (9007199254740993), air_value_new_double (9007199254740992.0), FALSE);
  assert_equality (air_value_new_int (G_MAXINT64), air_value_new_double (9223372036854775808.0), FALSE);
  assert_equality (air_value_new_int (G_MININT64), air_value_new_double (-9223372036854775808.0), TRUE);
  assert_equality (air_value_new_uint (G_MAXUINT64), air_value_new_double (18446744073709551616.0), FALSE);
  assert_equality (air_value_new_double (NAN), air_value_new_double (NAN), FALSE);
  assert_equality (air_value_new_double (INFINITY), air_value_new_double (INFINITY), TRUE);
  assert_equality (air_value_new_int (1), air_value_new_bool (TRUE), FALSE);
  assert_equality (air_value_new_string ("a"), air_value_new_bytes ("a", 1), FALSE);
  assert_equality (air_value_new_timestamp (5), air_value_new_duration (5), FALSE);
  assert_equality (parse ("{\"a\":1,\"b\":[1,2]}"), parse ("{\"b\":[1,2],\"a\":1.0}"), TRUE);
  assert_equality (parse ("{\"a\":1}"), parse ("{\"b\":1}"), FALSE);
  assert_equality (parse ("[1,2]"), parse ("[2,1]"), FALSE);
  assert_equality (parse ("[1]"), parse ("[1,1]"), FALSE);
}

/* Through the size where a map begins to index itself, and back. */
static void
test_map_grows_and_shrinks (void)
{
  g_autoptr (AirValue) map = air_map_new ();
  g_autoptr (AirValue) copy = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%d", i);

      air_map_set_int (map, key, i);
      g_assert_cmpint (air_map_get_int (map, key, -1), ==, i);
      g_assert_null (air_map_get (map, "key-1000"));
    }
  g_assert_cmpuint (air_map_get_size (map), ==, 1000);
  copy = air_map_copy (map);

  for (int i = 0; i < 1000; i += 2)
    {
      g_autofree char *key = g_strdup_printf ("key-%d", i);

      g_assert_true (air_map_remove (map, key));
      g_assert_false (air_map_remove (map, key));
    }
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%d", i);

      g_assert_cmpint (air_map_get_int (map, key, -1), ==, i % 2 == 1 ? i : -1);
      g_assert_cmpint (air_map_get_int (copy, key, -1), ==, i);
      g_assert_cmpstr (air_value_get_string (air_map_get_key_at (copy, i), NULL), ==, key);
    }
  air_map_set_string (map, "key-1", "replaced");
  g_assert_cmpstr (air_map_get_string (map, "key-1"), ==, "replaced");
  g_assert_cmpuint (air_map_get_size (map), ==, 500);
}

static void
test_map_keys_of_many_kinds (void)
{
  g_autoptr (AirValue) map = air_map_new ();
  g_autoptr (AirValue) one = air_value_new_double (1.0), absent = air_value_new_double (1.5);

  air_map_set_value (map, air_value_new_int (1), air_value_new_string ("int"));
  air_map_set_value (map, air_value_new_string ("1"), air_value_new_string ("string"));
  air_map_set_value (map, air_value_new_bool (TRUE), air_value_new_string ("bool"));
  air_map_set_value (map, air_value_new_uint (1), air_value_new_string ("uint"));
  for (int i = 100; i < 200; i++)
    air_map_set_value (map, air_value_new_int (i), air_value_new_int (i));

  g_assert_cmpuint (air_map_get_size (map), ==, 103);
  g_assert_cmpstr (air_value_get_string (air_map_lookup (map, one), NULL), ==, "uint");
  g_assert_cmpstr (air_map_get_string (map, "1"), ==, "string");
  g_assert_null (air_map_lookup (map, absent));
}

static void
test_readers_do_not_assert (void)
{
  g_autoptr (AirValue) map = parse ("{\"s\":\"text\",\"n\":\"a\\u0000b\",\"i\":4,\"b\":true,\"m\":{},\"l\":[]}");
  g_autoptr (AirValue) list = parse ("[1]");

  g_assert_cmpstr (air_map_get_string (map, "s"), ==, "text");
  g_assert_null (air_map_get_string (map, "i"));
  g_assert_null (air_map_get_string (map, "absent"));
  g_assert_null (air_map_get_string (map, "n"));
  g_assert_null (air_map_get_string (list, "s"));
  g_assert_null (air_map_get_string (NULL, "s"));
  g_assert_cmpint (air_map_get_int (map, "i", -1), ==, 4);
  g_assert_cmpint (air_map_get_int (map, "s", -1), ==, -1);
  g_assert_true (air_map_get_bool (map, "b", FALSE));
  g_assert_true (air_map_get_bool (map, "absent", TRUE));
  g_assert_nonnull (air_map_get_map (map, "m"));
  g_assert_null (air_map_get_map (map, "l"));
  g_assert_nonnull (air_map_get_list (map, "l"));
}

static void
test_lists_and_keys_of_strangers (void)
{
  static const char *const known[] = { "a", "b", NULL };
  g_autoptr (AirValue) list = parse ("[\"x\",1,null,\"a\\u0000b\",[]]"), map = parse ("{\"a\":1,\"b\":2}"),
                       more = parse ("{\"a\":1,\"c\":2}"), nul = parse ("{\"a\\u0000c\":1}");

  g_assert_cmpstr (air_list_get_string (list, 0), ==, "x");
  for (gsize i = 1; i < 7; i++)
    g_assert_null (air_list_get_string (list, i));
  g_assert_null (air_list_get_string (map, 0));
  g_assert_null (air_list_get_string (NULL, 0));
  g_assert_null (air_map_find_unknown (map, known));
  g_assert_cmpstr (air_map_find_unknown (more, known), ==, "c");
  g_assert_nonnull (air_map_find_unknown (nul, known));
}

static void
test_pointer (void)
{
  g_autoptr (AirValue) root = parse ("{\"a\":[{\"b/c\":1,\"d~e\":2,\"\":3}],\"\":4}");

  g_assert_true (air_value_at (root, "") == root);
  g_assert_cmpint (air_value_get_int (air_value_at (root, "/a/0/b~1c")), ==, 1);
  g_assert_cmpint (air_value_get_int (air_value_at (root, "/a/0/d~0e")), ==, 2);
  g_assert_cmpint (air_value_get_int (air_value_at (root, "/a/0/")), ==, 3);
  g_assert_cmpint (air_value_get_int (air_value_at (root, "/")), ==, 4);
  g_assert_null (air_value_at (root, "a"));
  g_assert_null (air_value_at (root, "/a/1"));
  g_assert_null (air_value_at (root, "/a/00"));
  g_assert_null (air_value_at (root, "/a/-"));
  g_assert_null (air_value_at (root, "/a/0/d~2e"));
  g_assert_null (air_value_at (root, "/a/0/b~1c/x"));
}

static gpointer
ref_and_unref (gpointer data)
{
  for (int i = 0; i < 100000; i++)
    air_value_unref (air_value_ref (data));
  return NULL;
}

static void
test_references_across_threads (void)
{
  g_autoptr (AirValue) value = parse ("{\"long enough not to be interned\":[1,2,3]}");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("ref", ref_and_unref, value);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (air_map_get_size (value), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/value/equality", test_equality);
  g_test_add_func ("/base/value/map-grows-and-shrinks", test_map_grows_and_shrinks);
  g_test_add_func ("/base/value/map-keys-of-many-kinds", test_map_keys_of_many_kinds);
  g_test_add_func ("/base/value/readers-do-not-assert", test_readers_do_not_assert);
  g_test_add_func ("/base/value/lists-and-keys-of-strangers", test_lists_and_keys_of_strangers);
  g_test_add_func ("/base/value/pointer", test_pointer);
  g_test_add_func ("/base/value/references-across-threads", test_references_across_threads);

  return g_test_run ();
}
