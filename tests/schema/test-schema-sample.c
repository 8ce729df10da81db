/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "schema/air-schema-sample.h"

#define KNOWN_SAMPLE                                                                                                   \
  "{\n  \"id\": \"W05209\",\n  \"n\": 78,\n  \"at\": \"2034-03-08T02:18:59Z\",\n  \"tags\": [\n    \"maples\"\n  "     \
  "]\n}\n"

static AirSchema *
compile (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_json_parse (json, strlen (json), &error);
  AirSchema *schema;

  g_assert_no_error (error);
  schema = air_schema_compile (value, &error);
  g_assert_no_error (error);
  return schema;
}

static char *
sample (const AirSchema *schema, guint64 seed, AirSampleStyle style)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) value = air_schema_sample (schema, seed, style, &error);
  char *text;

  g_assert_no_error (error);
  g_assert_true (air_schema_validate (schema, value, NULL, NULL));
  text = air_json_write_pretty (value, &error);
  g_assert_no_error (error);
  return text;
}

/* Every kind of keyword: samples always validate, in every style. */
static void
test_keywords (void)
{
  static const char *const schemas[] = {
    "true",
    "{}",
    "{\"type\":\"null\"}",
    "{\"type\":[\"string\",\"null\"],\"maxLength\":3}",
    "{\"const\":{\"a\":[1]}}",
    "{\"enum\":[1,\"a\",null],\"type\":\"string\"}",
    "{\"type\":\"integer\",\"minimum\":5,\"exclusiveMaximum\":7}",
    "{\"type\":\"integer\",\"minimum\":-9007199254740993,\"maximum\":-9007199254740992}",
    "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":100}",
    "{\"type\":\"number\",\"multipleOf\":0.01,\"minimum\":0.05,\"maximum\":0.07}",
    "{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":0.1}",
    "{\"allOf\":[{\"multipleOf\":4},{\"multipleOf\":6}],\"type\":\"integer\",\"minimum\":1}",
    "{\"type\":\"string\",\"minLength\":40,\"maxLength\":41}",
    "{\"type\":\"string\",\"minLength\":300,\"pattern\":\"^[a-z]+$\"}",
    "{\"type\":\"string\",\"maxLength\":4,\"pattern\":\"^[a-z]+[0-9]*$\"}",
    "{\"type\":\"string\",\"pattern\":\"^(0|[1-9][0-9]*)\\\\.(0|[1-9][0-9]*)\\\\.(0|[1-9][0-9]*)$\"}",
    "{\"type\":\"string\",\"pattern\":\"^\\\\p{Lu}[^a-z ]{2,4}(\\\\s|é|[\\\\u4e00-\\\\u9fff])$\"}",
    "{\"type\":\"string\",\"allOf\":[{\"pattern\":\"^[a-f]\"},{\"pattern\":\"[0-9]$\"},{\"pattern\":\"^[a-z0-9]{2,9}$"
    "\"}]}",
    "{\"type\":\"string\",\"format\":\"email\",\"maxLength\":40}",
    "{\"type\":\"string\",\"format\":\"email\",\"pattern\":\"@example\\\\.com$\"}",
    "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4},\"uniqueItems\":true,"
    "\"minItems\":4}",
    "{\"type\":\"array\",\"prefixItems\":[{\"const\":1},{\"type\":\"string\"}],\"items\":false,\"minItems\":2}",
    "{\"type\":\"array\",\"contains\":{\"const\":7},\"minContains\":2,\"maxContains\":3,\"items\":{\"type\":"
    "\"integer\"}}",
    "{\"prefixItems\":[{}],\"unevaluatedItems\":false,\"type\":\"array\"}",
    "{\"type\":\"object\",\"required\":[\"x\",\"y\"],\"properties\":{\"x\":{\"type\":\"integer\"}},"
    "\"additionalProperties\":{\"type\":\"boolean\"}}",
    "{\"type\":\"object\",\"minProperties\":3,\"patternProperties\":{\"^s_[a-z]+$\":{\"type\":\"integer\"}},"
    "\"additionalProperties\":false}",
    "{\"type\":\"object\",\"minProperties\":2,\"maxProperties\":2,\"propertyNames\":{\"pattern\":\"^[A-Z]{3}$\"}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{},\"c\":{}},\"maxProperties\":1}",
    "{\"type\":\"object\",\"properties\":{\"card\":{\"type\":\"integer\"}},\"dependentRequired\":{\"card\":["
    "\"address\"]}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"],\"dependentSchemas\":{\"a\":{"
    "\"required\":[\"b\"],\"properties\":{\"b\":{\"const\":2}}}},\"unevaluatedProperties\":false}",
    "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":10},{\"type\":\"string\",\"format\":\"date\"}]}",
    "{\"oneOf\":[{\"multipleOf\":3},{\"multipleOf\":5}],\"type\":\"integer\"}",
    "{\"type\":\"integer\",\"not\":{\"multipleOf\":2}}",
    "{\"if\":{\"properties\":{\"kind\":{\"const\":\"a\"}},\"required\":[\"kind\"]},\"then\":{\"required\":[\"x\"]},"
    "\"else\":{\"required\":[\"y\"]},\"type\":\"object\",\"properties\":{\"kind\":{\"enum\":[\"a\",\"b\"]}}}",
    "{\"$defs\":{\"tree\":{\"type\":\"object\",\"properties\":{\"l\":{\"$ref\":\"#/$defs/tree\"},"
    "\"r\":{\"$ref\":\"#/$defs/tree\"}},\"required\":[\"v\"]}},\"$ref\":\"#/$defs/tree\"}",
    "{\"$anchor\":\"top\",\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"integer\"},{\"$ref\":\"#top\"}]},"
    "\"minItems\":1}",
    "{\"type\":\"string\",\"examples\":[\"an example\"],\"x-label\":\"pii.name\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (AirSchema) schema = compile (schemas[i]);

      g_test_message ("%s", schemas[i]);
      for (guint style = AIR_SAMPLE_USUAL; style <= AIR_SAMPLE_SMALLEST; style++)
        for (guint seed = 0; seed < 25; seed++)
          {
            g_autofree char *text = sample (schema, seed, style);

            g_assert_nonnull (text);
          }
    }
}

static void
test_same_seed (void)
{
  g_autoptr (AirSchema) schema =
      compile ("{\"type\":\"object\",\"required\":[\"id\",\"n\",\"at\",\"tags\"],\"properties\":{\"id\":{\"type\":"
               "\"string\",\"pattern\":\"^W[0-9]{5}$\"},\"n\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":100},"
               "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},\"tags\":{\"type\":\"array\",\"items\":{\"type\":"
               "\"string\"}}}}");
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *known = sample (schema, 7, AIR_SAMPLE_USUAL);

  for (guint seed = 0; seed < 50; seed++)
    {
      char *text = sample (schema, seed, AIR_SAMPLE_MIXED);
      g_autofree char *again = sample (schema, seed, AIR_SAMPLE_MIXED);

      g_assert_cmpstr (text, ==, again);
      g_hash_table_add (seen, text);
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 45);
  /* Recorded runs name their seeds: the samples of a seed may not change by chance. */
  g_assert_cmpstr (known, ==, KNOWN_SAMPLE);
}

static void
test_edges (void)
{
  g_autoptr (AirSchema) number = compile ("{\"type\":\"integer\",\"minimum\":3,\"maximum\":90}");
  g_autoptr (AirSchema) text = compile ("{\"type\":\"string\",\"minLength\":2,\"maxLength\":9}");
  gboolean low = FALSE, high = FALSE, shortest = FALSE, longest = FALSE;

  for (guint seed = 0; seed < 100; seed++)
    {
      g_autoptr (AirValue) n = air_schema_sample (number, seed, AIR_SAMPLE_EDGES, NULL);
      g_autoptr (AirValue) t = air_schema_sample (text, seed, AIR_SAMPLE_EDGES, NULL);
      glong length = g_utf8_strlen (air_value_get_string (t, NULL), -1);

      low = low || air_value_get_int (n) == 3;
      high = high || air_value_get_int (n) == 90;
      shortest = shortest || length == 2;
      longest = longest || length == 9;
    }
  g_assert_true (low && high && shortest && longest);
}

static void
test_impossible (void)
{
  static const char *const schemas[] = {
    "false",
    "{\"type\":\"integer\",\"minimum\":2,\"maximum\":1}",
    "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
    "{\"type\":\"string\",\"pattern\":\"[]\"}",
    "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":false}}",
    "{\"$defs\":{\"a\":{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}},"
    "\"$ref\":\"#/$defs/a\"}",
    "{\"type\":\"array\",\"minItems\":9,\"uniqueItems\":true,\"items\":{\"type\":\"boolean\"}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (AirSchema) schema = compile (schemas[i]);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", schemas[i]);
      g_assert_null (air_schema_sample (schema, i, AIR_SAMPLE_MIXED, &error));
      g_assert_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_UNSATISFIABLE);
    }
}

static guint
sample_schemas_in (const AirValue *value, const char *file)
{
  static const char *const keys[] = { "input", "output", "schema" };
  guint n = 0;

  if (air_value_get_kind (value) == AIR_VALUE_LIST)
    for (gsize i = 0; i < air_list_get_size (value); i++)
      n += sample_schemas_in (air_list_get (value, i), file);
  if (air_value_get_kind (value) != AIR_VALUE_MAP)
    return n;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const AirValue *found = air_map_get_map (value, keys[i]);
      g_autoptr (AirSchema) schema =
          found != NULL && air_map_get (found, "type") != NULL ? air_schema_compile (found, NULL) : NULL;

      for (guint seed = 0; schema != NULL && seed < 20; seed++)
        {
          g_autofree char *text = sample (schema, seed, seed % 4);

          n++;
        }
    }
  for (gsize i = 0; i < air_map_get_size (value); i++)
    n += sample_schemas_in (air_map_get_value_at (value, i), file);
  return n;
}

static guint
sample_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += sample_folder (path);
      else if (g_str_has_suffix (name, ".json"))
        {
          g_autoptr (AirValue) document = air_json_load_file (path, NULL);

          g_test_message ("%s", path);
          if (document != NULL)
            n += sample_schemas_in (document, path);
        }
    }
  return n;
}

/* Every schema that the packs hold. */
static void
test_packs (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".", "packs", NULL);

  g_assert_cmpuint (sample_folder (folder), >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/schema/sample/keywords", test_keywords);
  g_test_add_func ("/schema/sample/same-seed", test_same_seed);
  g_test_add_func ("/schema/sample/edges", test_edges);
  g_test_add_func ("/schema/sample/impossible", test_impossible);
  g_test_add_func ("/schema/sample/packs", test_packs);

  return g_test_run ();
}
