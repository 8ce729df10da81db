/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cel-test.h"
#include "cel/air-template.h"

static const char bindings_json[] =
    "{\"input\": {\"id\": \"pi_1\", \"amount\": 500, \"note\": null, \"items\": [1, 2]}, \"run\": {\"id\": \"r1\"}}";

static void
test_render (void)
{
  static const struct {
    const char *tree;
    const char *want; /* a dump, or "!" and the message */
  } rows[] = {
    { "\"plain\"", "\"plain\"" },
    { "\"${input.amount}\"", "500" },
    { "\"${input.items}\"", "[1, 2]" },
    { "\"${input.note}\"", "null" },
    { "\"order ${input.id}: ${input.amount + 1} cents\"", "\"order pi_1: 501 cents\"" },
    { "\"cost: $$5 $5 $\"", "\"cost: $5 $5 $\"" },
    { "\"$${input.id}\"", "\"${input.id}\"" },
    { "\"${'}' + '${'}\"", "\"}${\"" },
    { "\"${{'a': {'b': 1}}}\"", "{\"a\": {\"b\": 1}}" },
    { "\"${{'a': 1}.a}x\"", "\"1x\"" },
    { "{\"a\": \"${input.id}\", \"b\": \"${?input.note}\", \"c\": \"${?input.gone}\", \"d\": 1}",
      "{\"a\": \"pi_1\", \"d\": 1}" },
    { "{\"a\": \"x-${?input.gone}\", \"b\": \"x-${?input.id}\"}", "{\"b\": \"x-pi_1\"}" },
    { "[1, \"${?input.gone}\", \"${input.amount}\"]", "[1, 500]" },
    { "{\"a\": \"${?input.note.deeper}\"}", "{}" },
    { "\"${?input.gone}\"", "null" },
    { "{\"a\": {\"b\": [{\"c\": \"${run.id}\"}]}}", "{\"a\": {\"b\": [{\"c\": \"r1\"}]}}" },
    { "{\"a\": {\"b\": \"${input.gone}\"}}", "!/a/b: in ${input.gone}: column 7: no such key: 'gone'" },
    { "{\"x/y\": \"is ${input.note}\"}",
      "!/x~1y: in ${input.note}: a value of type null_type cannot stand inside text; write ${?…} to drop the key" },
    { "\"is ${input.items}\"", "!: in ${input.items}: a value of type list cannot stand inside text" },
    { "{\"a\": \"${?1 / 0}\"}", "!/a: in ${1 / 0}: column 3: division by zero" },
  };
  g_autoptr (AirValue) bindings = cel_test_json (bindings_json);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirValue) tree = cel_test_json (rows[i].tree);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirTemplate) template = air_template_compile (tree, NULL, &error);
      g_autoptr (AirValue) value = NULL;
      g_autofree char *got = NULL;

      g_assert_no_error (error);
      value = air_template_render (template, bindings, &error);
      got = value != NULL ? cel_test_dump (value) : g_strconcat ("!", error->message, NULL);
      g_assert_cmpstr (got, ==, rows[i].want);
    }
}

static void
test_compile_errors (void)
{
  static const struct {
    const char *tree;
    const char *message;
  } rows[] = {
    { "{\"a\": [\"${input.\"]}", "/a/0: column 1: '${' is not closed; write '}', or '$$' for a dollar sign" },
    { "{\"a\": \"${}\"}", "/a: in ${}: column 1: expected an expression, found the end" },
    { "{\"a\": \"${inputs.x}\"}", "/a: in ${inputs.x}: column 1: there is no 'inputs' here; known names: input" },
    { "{\"a\": \"x${[1]}\"}",
      "/a: in ${[1]}: a value of type list(int) cannot stand inside text; pick one of its fields, "
      "or let ${…} be the whole string" },
  };
  g_autoptr (AirCelEnv) env = air_cel_env_new ();

  air_cel_env_declare (env, "input", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirValue) tree = cel_test_json (rows[i].tree);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_template_compile (tree, env, &error));
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
count (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  g_string_append_printf (user_data, "%s=%s%s ", pointer, optional ? "?" : "", air_cel_program_get_source (program));
}

static void
test_look (void)
{
  g_autoptr (AirValue) tree =
      cel_test_json ("{\"a\": \"${x}\", \"b\": [\"is ${?y} or ${z}\", \"k\"], \"c\": {\"d\": 1}}");
  g_autoptr (AirValue) constant = cel_test_json ("{\"a\": [1, \"b\"]}");
  g_autoptr (AirTemplate) template = air_template_compile (tree, NULL, NULL);
  g_autoptr (AirTemplate) fixed = air_template_compile (constant, NULL, NULL);
  g_autoptr (AirValue) rendered = air_template_render (fixed, NULL, NULL);
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autofree char *type = air_cel_type_to_string (air_template_get_type (template));

  air_template_foreach_expression (template, count, seen);
  g_assert_cmpstr (seen->str, ==, "/a=x /b/0=?y /b/0=z ");
  g_assert_false (air_template_is_constant (template));
  g_assert_true (air_template_is_constant (fixed));
  g_assert_true (rendered == constant);
  g_assert_cmpstr (type, ==, "{a: dyn, b: list(string), c: {d: int}}");
}

static void
test_labels (void)
{
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (AirCelType) text = air_cel_type_new (AIR_CEL_TYPE_STRING);
  g_autoptr (AirCelType) labelled = air_cel_type_with_labels (text, (const char *[]) { "untrusted", NULL });
  g_autoptr (AirValue) tree = cel_test_json ("{\"a\": \"Re: ${x}\", \"b\": \"fixed\"}");
  g_autoptr (AirTemplate) template = NULL;

  air_cel_env_declare (env, "x", labelled);
  template = air_template_compile (tree, env, NULL);
  g_assert_cmpstr (air_cel_type_get_labels (air_cel_type_get_field (air_template_get_type (template), "a"))[0], ==,
                   "untrusted");
  g_assert_null (air_cel_type_get_labels (air_cel_type_get_field (air_template_get_type (template), "b"))[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/template/render", test_render);
  g_test_add_func ("/template/compile-errors", test_compile_errors);
  g_test_add_func ("/template/look", test_look);
  g_test_add_func ("/template/labels", test_labels);

  return g_test_run ();
}
