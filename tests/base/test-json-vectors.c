/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"

/*
 * The JSON Parsing Test Suite (nst/JSONTestSuite), from $AIRAILS_JSON_VECTORS or ../shared/vectors/json, there or in
 * its folder "test_parsing": y_*.json must be read, n_*.json refused, i_*.json may be either. Skipped when not there.
 */

/* What we refuse though RFC 8259 lets it pass. */
static const struct {
  const char *name;
  const char *why;
} stricter[] = {
  { "y_object_duplicated_key.json", "a name that comes twice is refused" },
  { "y_object_duplicated_key_and_value.json", "a name that comes twice is refused" },
  { NULL, NULL },
};

static const char *
why_refused (const char *name)
{
  for (guint i = 0; stricter[i].name != NULL; i++)
    if (g_str_equal (stricter[i].name, name))
      return stricter[i].why;
  return NULL;
}

static void
test_vectors (void)
{
  const char *source = g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".";
  g_autofree char *beside = g_build_filename (source, "..", "shared", "vectors", "json", NULL);
  const char *named = g_getenv ("AIRAILS_JSON_VECTORS") != NULL ? g_getenv ("AIRAILS_JSON_VECTORS") : beside;
  g_autofree char *below = g_build_filename (named, "test_parsing", NULL);
  const char *folder = g_file_test (below, G_FILE_TEST_IS_DIR) ? below : named;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n[3] = { 0 }, failed = 0;

  if (dir == NULL)
    {
      g_test_skip ("the JSON Parsing Test Suite is not there; AIRAILS_JSON_VECTORS may name its folder");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *text = NULL;
      g_autoptr (AirValue) value = NULL;
      g_autoptr (GError) error = NULL;
      const char *why = why_refused (name);
      gsize length;

      if (!g_str_has_suffix (name, ".json") || strchr ("yni", name[0]) == NULL
          || !g_file_get_contents (path, &text, &length, NULL))
        continue;
      value = air_json_parse (text, length, &error);
      g_assert_true ((value == NULL) == (error != NULL));
      if (why != NULL)
        g_test_message ("left out: %s: %s", name, why);
      else if (name[0] == 'i')
        g_test_message ("%s: %s", name, value != NULL ? "read" : error->message);
      else if ((value != NULL) != (name[0] == 'y'))
        {
          g_test_message ("FAILED: %s: %s", name, value != NULL ? "read" : error->message);
          failed++;
        }
      n[name[0] == 'y' ? 0 : name[0] == 'n' ? 1 : 2]++;
    }
  g_test_message ("%u to be read, %u to be refused, %u of either kind; %u failed", n[0], n[1], n[2], failed);
  g_assert_cmpuint (failed, ==, 0);
  g_assert_cmpuint (n[0] + n[1], >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/base/json-vectors", test_vectors);
  return g_test_run ();
}
