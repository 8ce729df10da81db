/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "schema/air-schema-sample.h"
#include "schema/air-schema.h"

/*
 * The JSON Schema Test Suite, read from $AIRAILS_JSONSCHEMA_VECTORS or
 * ../shared/vectors/jsonschema beside the source; skipped when it is not there.
 * Its required cases of 2020-12 and draft 7. What does not hold is listed here,
 * with the reason, and printed; anything else that fails, fails the test.
 */

static const struct {
  const char *name;
  const char *why;
} left_out[] = {
  { "draft2020-12/dynamicRef.json/$dynamicRef avoids the root of each schema, but scopes are still registered/data is "
    "not",
    "jsoncons does not enter a schema resource into the dynamic scope when a $ref enters it below its root; schemas of "
    "ours hold no resource but their own" },
  { NULL, NULL },
};

typedef struct {
  const char *folder;
  AirSchemaDialect dialect;
  AirValue *documents;
  guint passed, failed, left_out, samples, unsampled;
} Suite;

static const char *
find_reason (const char *name)
{
  for (guint i = 0; left_out[i].name != NULL; i++)
    if (g_str_has_prefix (name, left_out[i].name))
      return left_out[i].why;
  return NULL;
}

static void
judge (Suite *self, const char *name, const char *problem)
{
  const char *why = problem != NULL ? find_reason (name) : NULL;

  if (problem == NULL)
    self->passed++;
  else if (why != NULL)
    {
      self->left_out++;
      g_test_message ("left out: %s: %s", name, why);
    }
  else
    {
      self->failed++;
      g_test_message ("FAILED: %s: %s", name, problem);
    }
}

/* Sample data for the suite's own schemas: what is found was validated; count how often one is. */
static void
sample_group (Suite *self, const char *file, const AirValue *group, const AirSchema *schema)
{
  const AirValue *tests = air_map_get_list (group, "tests");
  gboolean any = FALSE;

  for (gsize i = 0; i < air_list_get_size (tests); i++)
    any = any || air_map_get_bool (air_list_get (tests, i), "valid", FALSE);
  if (!any)
    return;
  for (guint style = AIR_SAMPLE_USUAL; style <= AIR_SAMPLE_SMALLEST; style++)
    {
      g_autoptr (AirValue) value = air_schema_sample (schema, style, style, NULL);

      if (value == NULL)
        {
          self->unsampled++;
          g_test_message ("no sample: %s/%s/%s", self->folder, file, air_map_get_string (group, "description"));
          continue;
        }
      self->samples++;
      g_assert_true (air_schema_validate (schema, value, NULL, NULL));
    }
}

static void
run_group (Suite *self, const char *file, const AirValue *group)
{
  const AirValue *tests = air_map_get_list (group, "tests");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirSchema) schema =
      air_schema_compile_foreign (air_map_get (group, "schema"), self->dialect, self->documents, &error);

  for (gsize i = 0; i < air_list_get_size (tests); i++)
    {
      const AirValue *test = air_list_get (tests, i);
      gboolean valid = air_map_get_bool (test, "valid", FALSE), got;
      g_autofree char *name =
          g_strdup_printf ("%s/%s/%s/%s", self->folder, file, air_map_get_string (group, "description"),
                           air_map_get_string (test, "description"));
      g_autoptr (GError) failure = NULL;

      got = schema != NULL && air_schema_validate (schema, air_map_get (test, "data"), NULL, &failure);
      if (schema == NULL || failure != NULL)
        judge (self, name, schema == NULL ? error->message : failure->message);
      else
        judge (self, name, got == valid ? NULL : valid ? "refused, and is valid" : "accepted, and is not valid");
    }
  if (schema != NULL)
    sample_group (self, file, group, schema);
}

static void
run_folder (Suite *self, const char *root)
{
  g_autofree char *path = g_build_filename (root, "tests", self->folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      g_ptr_array_add (files, g_strdup (name));
  g_ptr_array_sort_values (files, (GCompareFunc) strcmp);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *file = g_build_filename (path, g_ptr_array_index (files, i), NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) groups = air_json_load_file (file, &error);

      g_assert_no_error (error);
      for (gsize k = 0; k < air_list_get_size (groups); k++)
        run_group (self, g_ptr_array_index (files, i), air_list_get (groups, k));
    }
  g_test_message ("%s: %u samples made and valid, %u not found", self->folder, self->samples, self->unsampled);
  g_test_message ("%s: %u of %u passed, %u left out, %u failed", self->folder, self->passed,
                  self->passed + self->left_out + self->failed, self->left_out, self->failed);
}

/* The suite's "remote" documents, by the URI the cases know them under. */
static void
add_remotes (AirValue *documents, const char *folder, const char *uri)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *below = g_strconcat (uri, "/", name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        add_remotes (documents, path, below);
      else if (g_str_has_suffix (name, ".json"))
        {
          AirValue *value = air_json_load_file (path, NULL);

          if (value != NULL)
            air_map_set (documents, below, value);
        }
    }
}

static char *
find_vectors (void)
{
  const char *folder = g_getenv ("AIRAILS_JSONSCHEMA_VECTORS");
  const char *source = g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".";
  g_autofree char *path =
      folder != NULL ? g_strdup (folder) : g_build_filename (source, "..", "shared", "vectors", "jsonschema", NULL);
  g_autofree char *tests = g_build_filename (path, "tests", "draft2020-12", NULL);

  return g_file_test (tests, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&path) : NULL;
}

static void
run_suite (const char *folder, AirSchemaDialect dialect, guint at_least)
{
  g_autofree char *root = find_vectors ();
  g_autofree char *remotes = root != NULL ? g_build_filename (root, "remotes", NULL) : NULL;
  g_autoptr (AirValue) documents = air_map_new ();
  Suite suite = { folder, dialect, documents };

  if (root == NULL)
    {
      g_test_skip ("the JSON Schema Test Suite is not there (../shared/vectors/jsonschema)");
      return;
    }
  add_remotes (documents, remotes, "http://localhost:1234");
  run_folder (&suite, root);
  g_assert_cmpuint (suite.failed, ==, 0);
  g_assert_cmpuint (suite.passed, >=, at_least);
}

static void
test_2020_12 (void)
{
  run_suite ("draft2020-12", AIR_SCHEMA_DIALECT_2020_12, 1293);
}

static void
test_draft_7 (void)
{
  run_suite ("draft7", AIR_SCHEMA_DIALECT_DRAFT_7, 927);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/schema/suite/2020-12", test_2020_12);
  g_test_add_func ("/schema/suite/draft-7", test_draft_7);

  return g_test_run ();
}
