/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cel-test.h"

static const char trigger_schema[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"amount\", \"items\"], \"properties\": {"
    " \"amount\": {\"type\": \"integer\"}, \"ratio\": {\"type\": \"number\"}, \"ok\": {\"type\": \"boolean\"},"
    " \"note\": {\"type\": [\"string\", \"null\"], \"x-label\": \"untrusted\"},"
    " \"kind\": {\"enum\": [\"cancel\", \"return\"]},"
    " \"items\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/item\"}},"
    " \"customer\": {\"type\": \"object\", \"additionalProperties\": false, \"x-label\": [\"customer-ref\"], "
    "\"properties\": {"
    "   \"mail\": {\"type\": \"string\", \"x-label\": \"pii.email\"}, \"id\": {\"type\": \"string\"}}},"
    " \"extra\": {\"type\": \"object\", \"additionalProperties\": {\"type\": \"integer\"}}},"
    " \"$defs\": {\"item\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "   \"price\": {\"type\": \"integer\"}, \"sku\": {\"type\": \"string\"},"
    "   \"parts\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/item\"}}}}}}";

static AirCelEnv *
make_env (void)
{
  g_autoptr (AirValue) schema = cel_test_json (trigger_schema);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirCelType) type = air_cel_type_from_schema (schema, &error);
  AirCelEnv *env = air_cel_env_new ();

  g_assert_no_error (error);
  air_cel_env_declare (env, "trigger", type);
  air_cel_env_declare (env, "anything", NULL);
  return env;
}

static void
test_types (void)
{
  static const struct {
    const char *expression;
    const char *type;
  } rows[] = {
    { "trigger.amount", "int" },
    { "trigger['amount']", "int" },
    { "trigger.ratio", "dyn" },
    { "trigger.note", "string?" },
    { "trigger.kind", "string" },
    { "trigger.items", "list({price?: int, sku?: string, parts?: list(dyn)})" },
    { "trigger.items[0].price", "int" },
    { "trigger.items.map(i, i.price)", "list(int)" },
    { "trigger.items.map(i, i.price).sum()", "int" },
    { "trigger.items.filter(i, i.price > 1)[0].sku", "string" },
    { "trigger.extra.foo", "int" },
    { "trigger.extra", "map(string, int)" },
    { "trigger.customer.mail + '!'", "string" },
    { "trigger.amount > 1 && trigger.ok", "bool" },
    { "trigger.ok ? 1 : 'a'", "dyn" },
    { "trigger.ok ? 'a' : null", "string?" },
    { "[1, 2]", "list(int)" },
    { "[1, 'a']", "list(dyn)" },
    { "{'a': 1, 'b': 'x'}", "{a: int, b: string}" },
    { "{1: 'a'}", "map(int, string)" },
    { "anything.whatever[0]", "dyn" },
    { "anything + 1", "dyn" },
    { "timestamp('2026-01-01T00:00:00Z') - timestamp(0)", "duration" },
    { "string(trigger.amount).size()", "int" },
    { "type(1)", "type" },
    { "has(trigger.note)", "bool" },
    { "1 in [1]", "bool" },
    { "trigger.note.split(',')", "list" },
  };
  g_autoptr (AirCelEnv) env = make_env ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (rows[i].expression, env, &error);
      g_autofree char *type = NULL;

      g_assert_no_error (error);
      type = air_cel_type_to_string (air_cel_program_get_type (program));
      g_test_message ("%s", rows[i].expression);
      g_assert_cmpstr (type, ==, rows[i].type);
    }
}

static void
test_refusals (void)
{
  static const struct {
    const char *expression;
    AirCelError code;
    const char *message;
  } rows[] = {
    { "triger.amount", AIR_CEL_ERROR_UNDECLARED,
      "column 1: there is no 'triger' here; known names: anything, trigger" },
    { "trigger.amont", AIR_CEL_ERROR_NO_SUCH_FIELD,
      "column 9: there is no field 'amont'; known fields: amount, ratio, ok, note, kind, items, customer, extra" },
    { "trigger.items[0].prize > 1", AIR_CEL_ERROR_NO_SUCH_FIELD,
      "column 18: there is no field 'prize'; known fields: price, sku, parts" },
    { "trigger.amount == 'a'", AIR_CEL_ERROR_TYPE, "column 16: no such overload: int == string" },
    { "trigger.amount + 1.5", AIR_CEL_ERROR_TYPE, "column 16: no such overload: int + double" },
    { "trigger.amount && true", AIR_CEL_ERROR_TYPE, "column 9: && takes bool, not int" },
    { "trigger.amount ? 1 : 2", AIR_CEL_ERROR_TYPE, "column 9: the condition of ?: is bool, not int" },
    { "trigger.amount.foo", AIR_CEL_ERROR_TYPE, "column 16: a value of type int has no field 'foo'" },
    { "trigger.kind.startsWith(1)", AIR_CEL_ERROR_TYPE, "column 14: no such overload: string.startsWith(int)" },
    { "trigger.amount.all(x, true)", AIR_CEL_ERROR_TYPE, "column 16: the macro goes over a list or a map, not int" },
    { "trigger.items.all(x, x.price)", AIR_CEL_ERROR_TYPE, "column 24: the macro's predicate is bool, not int" },
    { "trigger.items < trigger.items", AIR_CEL_ERROR_TYPE, NULL },
    { "-trigger.kind", AIR_CEL_ERROR_TYPE, "column 1: no such overload: -string" },
    { "!trigger.kind", AIR_CEL_ERROR_TYPE, "column 10: ! takes bool, not string" },
    { "trigger.kind.matches('(')", AIR_CEL_ERROR_ARGUMENT, NULL },
    { "trigger.kind.nosuch()", AIR_CEL_ERROR_UNDECLARED, "column 14: there is no function nosuch()" },
    { "[1].exists(i, i == 1) && i == 1", AIR_CEL_ERROR_UNDECLARED, NULL },
    { "trigger.items.map(i, i.sku).sum()", AIR_CEL_ERROR_TYPE, "column 29: no such overload: list(string).sum()" },
  };
  g_autoptr (AirCelEnv) env = make_env ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (rows[i].expression, env, &error);

      g_test_message ("%s", rows[i].expression);
      g_assert_null (program);
      g_assert_error (error, AIR_CEL_ERROR, (int) rows[i].code);
      if (rows[i].message != NULL)
        g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
test_unchecked (void)
{
  g_autoptr (AirCelEnv) env = make_env ();
  static const CelTestRow rows[] = {
    { "1 == 'a'", "false" },  { "nobody || true", "true" },
    { "1 + 'a'", "!TYPE" },   { "nosuch(1, 2, 3, 4, 5, nobody) || true", "true" },
    { "nosuch(1)", "!TYPE" },
  };

  air_cel_env_set_checked (env, FALSE);
  cel_test_rows (rows, G_N_ELEMENTS (rows), env, NULL);
}

static void
test_dotted_names (void)
{
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (AirCelType) type = air_cel_type_new (AIR_CEL_TYPE_INT);
  g_autoptr (AirValue) bindings = cel_test_json ("{\"a.b\": 7, \"a\": {\"b\": 1, \"c\": 2}}");
  static const CelTestRow rows[] = { { "a.b", "7" }, { "a.c", "2" }, { ".a.b + a.c", "9" } };

  air_cel_env_declare (env, "a.b", type);
  air_cel_env_declare (env, "a", NULL);
  cel_test_rows (rows, G_N_ELEMENTS (rows), env, bindings);
}

static void
test_labels (void)
{
  static const struct {
    const char *expression;
    const char *labels;
  } rows[] = {
    { "trigger.amount", "" },
    { "trigger.note", "untrusted" },
    { "trigger.customer.mail", "customer-ref,pii.email" },
    { "trigger.customer.id", "customer-ref" },
    { "trigger.customer", "customer-ref,pii.email" },
    { "trigger", "customer-ref,pii.email,untrusted" },
    { "trigger[trigger.kind]", "customer-ref,pii.email,untrusted" },
    { "'Dear ' + trigger.customer.mail", "customer-ref,pii.email" },
    { "trigger.note.trim().upperAscii()", "untrusted" },
    { "trigger.note.size()", "untrusted" },
    { "trigger.note.split(',')[0]", "untrusted" },
    { "trigger.note.contains('x')", "" },
    { "trigger.note == 'x'", "" },
    { "trigger.customer.mail == 'x'", "customer-ref,pii.email" },
    { "trigger.note == 'x' ? 'a' : 'b'", "" },
    { "trigger.ok ? trigger.note : 'b'", "untrusted" },
    { "trigger.customer.mail == 'x' ? 1 : 2", "customer-ref,pii.email" },
    { "[trigger.note]", "untrusted" },
    { "[trigger.note].map(n, n + '!')", "untrusted" },
    { "[1, 2].filter(n, trigger.note == string(n))", "" },
    { "[1, 2].filter(n, trigger.customer.id == string(n))", "customer-ref" },
    { "{'a': trigger.note, 'b': 1}.b", "" },
    { "{'a': trigger.note, 'b': 1}", "untrusted" },
    { "trigger.items.map(i, {'sku': i.sku, 'by': trigger.customer.mail})", "customer-ref,pii.email" },
    { "'%s'.format([trigger.note])", "untrusted" },
    { "dyn(trigger.note)", "untrusted" },
    { "type(trigger.note)", "" },
    { "has(trigger.note)", "" },
    { "trigger.?note.orValue('')", "untrusted" },
    { "trigger[?'note'].value()", "customer-ref,pii.email,untrusted" },
    { "trigger.?customer.mail.optMap(m, m + '!').orValue('')", "customer-ref,pii.email" },
    { "trigger.?note.hasValue()", "" },
    { "[?trigger.?note]", "untrusted" },
    { "{?'a': trigger.?note}", "untrusted" },
    { "cel.bind(n, trigger.note, [n])", "untrusted" },
    { "cel.bind(n, trigger.note, 1)", "" },
    { "[trigger.note].transformList(i, n, n)", "untrusted" },
    { "[trigger.note].transformList(i, n, i)", "" },
    { "trigger.customer.transformMap(k, v, v)", "customer-ref,pii.email" },
    { "trigger.customer.exists(k, v, v == 'x')", "customer-ref,pii.email" },
    { "math.greatest(trigger.note.size(), 3)", "untrusted" },
    { "base64.encode(bytes(trigger.note))", "untrusted" },
    { "string(ip(trigger.note))", "untrusted" },
  };
  g_autoptr (AirCelEnv) env = make_env ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirCelProgram) program = air_cel_compile (rows[i].expression, env, &error);
      g_autofree char *labels = NULL;

      g_assert_no_error (error);
      labels = g_strjoinv (",", (char **) air_cel_program_get_labels (program));
      g_test_message ("%s", rows[i].expression);
      g_assert_cmpstr (labels, ==, rows[i].labels);
    }
}

/* A schema that contains itself ends somewhere; its labels do not. */
static void
test_recursive_schema (void)
{
  g_autoptr (AirValue) schema = cel_test_json (
      "{\"$ref\": \"#/$defs/node\", \"$defs\": {\"node\": {\"type\": \"object\", \"properties\": {"
      "\"text\": {\"type\": \"string\", \"x-label\": \"secret\"}, \"left\": {\"$ref\": \"#/$defs/node\"},"
      "\"right\": {\"$ref\": \"#/$defs/node\"}}}}}");
  g_autoptr (AirCelType) type = air_cel_type_from_schema (schema, NULL);
  g_autoptr (AirCelEnv) env = air_cel_env_new ();
  g_autoptr (AirCelProgram) program = NULL;

  air_cel_env_declare (env, "tree", type);
  program = air_cel_compile ("tree.left.right.text", env, NULL);
  g_assert_cmpstr (air_cel_program_get_labels (program)[0], ==, "secret");
}

static void
collect (const char *path, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", path);
}

static void
test_references (void)
{
  g_autoptr (AirCelProgram) program =
      air_cel_compile ("steps.order.total > trigger.amount && steps['rules'].verdict "
                       "== 'a' && has(run.id) && [1].all(x, x < steps.order.n) "
                       "&& steps.order.total > 0 && f[0].y == 1 && g.?h.?i.orValue(1) > 0",
                       NULL, NULL);
  g_autoptr (GString) paths = g_string_new (NULL);

  air_cel_program_foreach_reference (program, collect, paths);
  g_assert_cmpstr (paths->str, ==,
                   "steps.order.total trigger.amount steps.rules.verdict run.id steps.order.n f g.h.i ");
}

static void
test_bad_schema (void)
{
  static const char *const schemas[] = { "1", "{\"type\": 1}", "{\"type\": \"strin\"}",
                                         "{\"type\": \"string\", \"x-label\": 1}",
                                         "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"x\"}}}" };

  for (gsize i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (AirValue) schema = cel_test_json (schemas[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_cel_type_from_schema (schema, &error));
      g_assert_error (error, AIR_CEL_ERROR, AIR_CEL_ERROR_ARGUMENT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/cel/check/types", test_types);
  g_test_add_func ("/cel/check/refusals", test_refusals);
  g_test_add_func ("/cel/check/unchecked", test_unchecked);
  g_test_add_func ("/cel/check/dotted-names", test_dotted_names);
  g_test_add_func ("/cel/check/labels", test_labels);
  g_test_add_func ("/cel/check/recursive-schema", test_recursive_schema);
  g_test_add_func ("/cel/check/references", test_references);
  g_test_add_func ("/cel/check/bad-schema", test_bad_schema);

  return g_test_run ();
}
