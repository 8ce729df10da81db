/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"

#include "config.h"

#include <string.h>
#include <time.h>

#include "base/air-json.h"
#include "schema/air-schema.h"

static AirValue *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

static AirSchema *
compile (const char *text)
{
  g_autoptr (AirValue) value = parse (text);
  g_autoptr (GError) error = NULL;
  AirSchema *schema = air_schema_compile (value, &error);

  g_assert_no_error (error);
  return schema;
}

static void
assert_valid (AirSchema *schema, const char *text)
{
  g_autoptr (AirValue) value = parse (text);
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) error = NULL;
  gboolean valid = air_schema_validate (schema, value, &issues, &error);

  g_assert_no_error (error);
  if (!valid)
    g_error ("%s: %s", text, ((AirSchemaIssue *) issues->pdata[0])->message);
  g_assert_null (issues);
}

static void
assert_issue (AirSchema *schema, const char *text, const char *pointer, const char *keyword)
{
  g_autoptr (AirValue) value = parse (text);
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (air_schema_validate (schema, value, &issues, &error));
  g_assert_no_error (error);
  g_assert_nonnull (issues);
  g_assert_cmpuint (issues->len, >, 0);
  for (guint i = 0; i < issues->len; i++)
    {
      AirSchemaIssue *issue = issues->pdata[i];

      g_test_message ("%s %s: %s", issue->pointer, issue->keyword, issue->message);
      if (strcmp (issue->pointer, pointer) == 0 && strcmp (issue->keyword, keyword) == 0)
        return;
    }
  g_error ("no issue %s at \"%s\" in %s", keyword, pointer, text);
}

static void
test_object (void)
{
  g_autoptr (AirSchema) schema =
      compile ("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
               "\"required\":[\"order_id\"],\"additionalProperties\":false,\"properties\":{"
               "\"order_id\":{\"type\":\"string\",\"pattern\":\"^#W[0-9]+$\",\"x-label\":\"pii.none\"},"
               "\"amount_minor\":{\"type\":\"integer\",\"minimum\":0},"
               "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1}}}");

  assert_valid (schema, "{\"order_id\":\"#W1\",\"amount_minor\":5,\"items\":[\"a\"]}");
  assert_valid (schema, "{\"order_id\":\"#W1\",\"amount_minor\":9007199254740993}");
  assert_issue (schema, "{}", "", "required");
  assert_issue (schema, "{\"order_id\":1}", "/order_id", "type");
  assert_issue (schema, "{\"order_id\":\"W1\"}", "/order_id", "pattern");
  assert_issue (schema, "{\"order_id\":\"#W1\",\"amount_minor\":-1}", "/amount_minor", "minimum");
  assert_issue (schema, "{\"order_id\":\"#W1\",\"amount_minor\":1.5}", "/amount_minor", "type");
  assert_issue (schema, "{\"order_id\":\"#W1\",\"items\":[\"a\",2]}", "/items/1", "type");
  assert_issue (schema, "{\"order_id\":\"#W1\",\"items\":[]}", "/items", "minItems");
  assert_issue (schema, "{\"order_id\":\"#W1\",\"other\":1}", "/other", "additionalProperties");
  assert_issue (schema, "[]", "", "type");
}

static void
test_references (void)
{
  g_autoptr (AirSchema) schema =
      compile ("{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/node\"}},"
               "\"unevaluatedProperties\":false}},\"$ref\":\"#/$defs/node\"}");

  assert_valid (schema, "{\"next\":{\"next\":{}}}");
  assert_issue (schema, "{\"next\":{\"next\":3}}", "/next/next", "type");
}

static void
test_alternatives (void)
{
  g_autoptr (AirSchema) any = compile ("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":10}]}");
  g_autoptr (AirSchema) constant =
      compile ("{\"properties\":{\"v\":{\"const\":1}},\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]}}");
  g_autoptr (AirSchema) nothing = compile ("false");
  g_autoptr (AirSchema) everything = compile ("true");

  assert_valid (any, "\"x\"");
  assert_valid (any, "10");
  assert_issue (any, "9", "", "anyOf");
  assert_valid (constant, "{\"v\":1}");
  assert_issue (constant, "{\"v\":2}", "/v", "const");
  assert_issue (constant, "{\"a\":2}", "", "required");
  assert_valid (everything, "null");
  {
    g_autoptr (AirValue) value = parse ("null");

    g_assert_false (air_schema_validate (nothing, value, NULL, NULL));
  }
}

static void
test_refuses (void)
{
  static const struct {
    const char *schema;
    AirSchemaError code;
    const char *message;
  } cases[] = {
    { "3", AIR_SCHEMA_ERROR_KEYWORD, "#: a schema must be" },
    { "{\"requried\":[]}", AIR_SCHEMA_ERROR_KEYWORD, "#/requried: \"requried\" is no keyword" },
    { "{\"properties\":{\"a/b\":{\"type\":\"strng\"}}}", AIR_SCHEMA_ERROR_KEYWORD,
      "#/properties/a~1b/type: \"type\" must be one or" },
    { "{\"minLength\":-1}", AIR_SCHEMA_ERROR_KEYWORD, "#/minLength: " },
    { "{\"multipleOf\":0}", AIR_SCHEMA_ERROR_KEYWORD, "#/multipleOf: " },
    { "{\"required\":[\"a\",\"a\"]}", AIR_SCHEMA_ERROR_KEYWORD, "#/required: " },
    { "{\"allOf\":[{},{\"items\":[]}]}", AIR_SCHEMA_ERROR_KEYWORD, "#/allOf/1/items: " },
    { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", AIR_SCHEMA_ERROR_KEYWORD, "#/$schema: " },
    { "{\"$ref\":\"https://example.com/schema\"}", AIR_SCHEMA_ERROR_REFERENCE,
      "#/$ref: \"https://example.com/schema\" points out" },
    { "{\"$ref\":\"other.json#/a\"}", AIR_SCHEMA_ERROR_REFERENCE, "#/$ref: " },
    { "{\"$ref\":\"file:///etc/passwd\"}", AIR_SCHEMA_ERROR_REFERENCE, "#/$ref: " },
    { "{\"$ref\":\"#/$defs/absent\"}", AIR_SCHEMA_ERROR_REFERENCE, "#/$ref: nothing stands at" },
    { "{\"$ref\":\"#anchor\"}", AIR_SCHEMA_ERROR_REFERENCE, "#/$ref: nothing stands at" },
    { "{\"pattern\":\"(\"}", AIR_SCHEMA_ERROR_PATTERN, "#/pattern: the pattern \"(\": at character 2: a ( is never" },
    { "{\"pattern\":\"a\\u0000b\"}", AIR_SCHEMA_ERROR_PATTERN, "#/pattern: " },
    { "{\"patternProperties\":{\"(?=a)\":{}}}", AIR_SCHEMA_ERROR_PATTERN,
      "#/patternProperties: the pattern \"(?=a)\"" },
    { "{\"properties\":{\"a\":{\"$id\":\"b\"}}}", AIR_SCHEMA_ERROR_REFERENCE, "#/properties/a/$id: " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) value = parse (cases[i].schema);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].schema);
      g_assert_null (air_schema_compile (value, &error));
      g_assert_error (error, AIR_SCHEMA_ERROR, (int) cases[i].code);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_error ("\"%s\" does not begin with \"%s\"", error->message, cases[i].message);
    }
}

/* std::regex would run out of stack on these. */
/* A matcher that backtracks takes 2^n steps for these, and one that recurses overflows its stack. */
static void
test_patterns (void)
{
  static const char *const hard[] = { "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^([a-zA-Z]+)*$", "^(.*a){12}$" };
  g_autofree char *as = g_strnfill (100000, 'a');
  g_autofree char *text = g_strdup_printf ("\"%s!\"", as);
  clock_t start = clock ();

  for (guint i = 0; i < G_N_ELEMENTS (hard); i++)
    {
      g_autofree char *source = g_strdup_printf ("{\"pattern\":\"%s\"}", hard[i]);
      g_autofree char *keys = g_strdup_printf ("{\"patternProperties\":{\"%s\":false}}", hard[i]);
      g_autofree char *map = g_strdup_printf ("{%s:1}", text);
      g_autoptr (AirSchema) schema = compile (source), members = compile (keys);

      assert_issue (schema, text, "", "pattern");
      assert_valid (members, map);
    }
  g_assert_cmpint ((clock () - start) / CLOCKS_PER_SEC, <, 20);
}

/* ECMA-262's meaning, where RE2's own differs. */
static void
test_dialect (void)
{
  static const struct {
    const char *pattern; /* as JSON */
    const char *valid, *invalid;
  } cases[] = {
    { "^\\\\d\\\\D$", "\"1x\"", "\"11\"" },
    { "^\\\\s$", "\"\\u3000\"", "\"x\"" },
    { "^\\\\u0061\\\\x62\\\\cJ$", "\"ab\\n\"", "\"ab\"" },
    { "^\\\\ud83d\\\\udc32$", "\"\\ud83d\\udc32\"", "\"d\"" },
    { "^\\\\u{1f432}$", "\"\\ud83d\\udc32\"", "\"u\"" },
    { "^[^]$", "\"\\n\"", "\"\"" },
    { "^.$", "\"\\t\"", "\"\\u2028\"" },
    { "^[\\\\w-]+$", "\"a-b\"", "\"a b\"" },
    { "^\\\\p{Lu}\\\\P{L}$", "\"\\u00c4?\"", "\"\\u00e4?\"" },
    { "^\\\\p{Letter}+$", "\"\\u017d\"", "\"7\"" },
    { "^(?<year>[0-9]{4})-a{2,}?$", "\"2026-aa\"", "\"2026-a\"" },
    { "a{x$", "\"a{x\"", "\"ax\"" },
    { "^[\\\\b]$", "\"\\b\"", "\"b\"" },
    { "\\\\bno\\\\b", "\"say no more\"", "\"snow\"" },
    { "[]", NULL, "\"\"" },
    { "a$", "\"a\"", "\"a\\n\"" },
  };
  static const char *const wrong[] = {
    "\\\\1(a)", "(?!a)", "(?<=a)b", "[b-a]", "a{1001}", "a{2,1}",  "*a",       "a**",
    "(a",       "a)",    "[a",      "\\\\Z", "\\\\a",   "\\\\u12", "\\\\p{x}", "\\\\"
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *source = g_strdup_printf ("{\"pattern\":\"%s\"}", cases[i].pattern);
      g_autoptr (AirSchema) schema = compile (source);

      g_test_message ("%s", source);
      if (cases[i].valid != NULL)
        assert_valid (schema, cases[i].valid);
      assert_issue (schema, cases[i].invalid, "", "pattern");
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *source = g_strdup_printf ("{\"pattern\":\"%s\"}", wrong[i]);
      g_autoptr (AirValue) value = parse (source);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", source);
      g_assert_null (air_schema_compile (value, &error));
      g_assert_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_PATTERN);
    }
}

/* What would recurse for ever or take 2^n steps is given up, and says so. */
static void
test_bounds (void)
{
  static const char *const circles[] = {
    "{\"$ref\":\"#\"}",
    "{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#\"}]}}}",
    "{\"properties\":{\"a\":{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}}}",
  };
  g_autoptr (GString) deep = g_string_new (NULL), many = g_string_new ("[");
  g_autoptr (AirSchema) unique = compile ("{\"uniqueItems\":true}");
  clock_t start = clock ();

  for (guint i = 0; i < 60; i++)
    g_string_append (deep, "{\"a\":");
  g_string_append (deep, "1");
  for (guint i = 0; i < 60; i++)
    g_string_append_c (deep, '}');
  for (guint i = 0; i < G_N_ELEMENTS (circles); i++)
    {
      g_autoptr (AirSchema) schema = compile (circles[i]);
      g_autoptr (AirValue) value = parse (deep->str);
      g_autoptr (GError) error = NULL;

      g_assert_false (air_schema_validate (schema, value, NULL, &error));
      g_assert_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_COST);
    }
  for (guint i = 0; i < 50000; i++)
    g_string_append_printf (many, "%u,", i);
  g_string_append (many, "50000]");
  assert_valid (unique, many->str);
  g_string_truncate (many, many->len - 1);
  g_string_append (many, ",7.0]");
  assert_issue (unique, many->str, "", "uniqueItems");
  g_assert_cmpint ((clock () - start) / CLOCKS_PER_SEC, <, 20);
}

static void
test_foreign (void)
{
  g_autoptr (AirValue) source = parse ("{\"additionalItems\":false,\"items\":[{\"$ref\":\"http://a.example/b#/c\"}]}");
  g_autoptr (AirValue) documents = parse ("{\"http://a.example/b\":{\"c\":{\"type\":\"integer\"}}}");
  g_autoptr (AirSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (air_schema_compile_foreign (source, AIR_SCHEMA_DIALECT_DRAFT_7, NULL, &error));
  g_assert_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_REFERENCE);
  g_clear_error (&error);
  schema = air_schema_compile_foreign (source, AIR_SCHEMA_DIALECT_DRAFT_7, documents, &error);
  g_assert_no_error (error);
  assert_valid (schema, "[1]");
  assert_issue (schema, "[\"a\"]", "/0", "type");
}

static void
test_annotations (void)
{
  g_autoptr (AirSchema) schema = compile (
      "{\"$defs\":{\"mail\":{\"$anchor\":\"mail\",\"type\":\"string\",\"x-label\":\"pii.email\"}},\"properties\":{"
      "\"amount\":{\"type\":\"integer\",\"x-unit\":\"minor\"},\"to/cc\":{\"items\":{\"allOf\":[{\"$ref\":\"#mail\"}]}},"
      "\"any\":{\"additionalProperties\":{\"x-label\":\"secret\"}}}}");

  g_assert_cmpstr (air_value_get_string (air_schema_get_annotation (schema, "/amount", "x-unit"), NULL), ==, "minor");
  g_assert_cmpstr (air_value_get_string (air_schema_get_annotation (schema, "/to~1cc/3", "x-label"), NULL), ==,
                   "pii.email");
  g_assert_cmpstr (air_value_get_string (air_schema_get_annotation (schema, "/any/x", "x-label"), NULL), ==, "secret");
  g_assert_null (air_schema_get_annotation (schema, "/amount", "x-label"));
  g_assert_null (air_schema_get_annotation (schema, "/absent/x", "x-label"));
  g_assert_null (air_schema_get_annotation (schema, "", "x-label"));
}

static void
test_not_json (void)
{
  g_autoptr (AirSchema) schema = compile ("true");
  g_autoptr (AirValue) value = air_value_new_timestamp (0);
  g_autoptr (GPtrArray) issues = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (air_schema_validate (schema, value, &issues, &error));
  g_assert_error (error, AIR_SCHEMA_ERROR, AIR_SCHEMA_ERROR_INSTANCE);
  g_assert_null (issues);
}

static gpointer
validate_much (gpointer data)
{
  g_autoptr (AirValue) good = parse ("{\"a\":\"ab\"}"), bad = parse ("{\"a\":\"c\"}");

  for (guint i = 0; i < 500; i++)
    {
      g_assert_true (air_schema_validate (data, good, NULL, NULL));
      g_assert_false (air_schema_validate (data, bad, NULL, NULL));
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (AirSchema) schema = compile ("{\"properties\":{\"a\":{\"type\":\"string\",\"pattern\":\"^[ab]*$\"}}}");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("validate", validate_much, schema);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/schema/object", test_object);
  g_test_add_func ("/schema/references", test_references);
  g_test_add_func ("/schema/alternatives", test_alternatives);
  g_test_add_func ("/schema/refuses", test_refuses);
  g_test_add_func ("/schema/patterns", test_patterns);
  g_test_add_func ("/schema/dialect", test_dialect);
  g_test_add_func ("/schema/bounds", test_bounds);
  g_test_add_func ("/schema/foreign", test_foreign);
  g_test_add_func ("/schema/annotations", test_annotations);
  g_test_add_func ("/schema/not-json", test_not_json);
  g_test_add_func ("/schema/threads", test_threads);

  return g_test_run ();
}
