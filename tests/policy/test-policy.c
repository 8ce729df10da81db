/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-policy.h"

static AirValue *
json (const char *text)
{
  g_autoptr (GError) error = NULL;
  AirValue *value = air_json_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return value;
}

/* A table over "n" (int), "s" (string) and "l" (list) with the output "out" (int). */
static AirPolicy *
load_table (const char *hit, const char *rules, GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("{\"$schema\": \"airails:policy/1\", \"id\": \"t\", \"version\": \"1.0.0\", \"kind\": "
                       "\"table\", \"title\": \"Table\","
                       " \"inputs\": [{\"id\": \"n\", \"type\": \"int\"}, {\"id\": \"s\", \"type\": \"string\"}, "
                       "{\"id\": \"l\", \"type\": \"list\"}],"
                       " \"outputs\": [{\"id\": \"out\", \"type\": \"int\"%s}], \"hit\": \"%s\", \"rules\": [%s]}",
                       hit[0] == 'P' || hit[0] == 'O' ? ", \"values\": [3, 2, 1]" : "", hit, rules);
  g_autoptr (AirValue) document = json (text);

  return air_policy_load (document, error);
}

static gboolean
cell_matches (const char *input, const char *cell, const char *inputs_json)
{
  g_autoptr (AirValue) text = air_value_new_string (cell);
  g_autofree char *quoted = air_jcs_write (text, NULL, NULL);
  g_autofree char *rules = g_strdup_printf ("{\"id\": \"yes\", \"when\": {\"%s\": %s}, \"then\": {\"out\": 1}},"
                                            "{\"id\": \"no\", \"when\": {}, \"then\": {\"out\": 0}}",
                                            input, quoted);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPolicy) policy = load_table ("F", rules, &error);
  g_autoptr (AirValue) inputs = json (inputs_json);
  g_autoptr (AirPolicyDecision) decision = NULL;

  g_assert_no_error (error);
  decision = air_policy_evaluate (policy, inputs, &error);
  g_assert_no_error (error);
  return air_map_get_int (decision->output, "out", -1) == 1;
}

static void
test_cells (void)
{
  static const struct {
    const char *input;
    const char *cell;
    gint64 n;
    const char *s;
    gboolean matches;
  } rows[] = {
    { "n", "-", 1, "", TRUE },
    { "n", " - ", 1, "", TRUE },
    { "n", "5", 5, "", TRUE },
    { "n", "5", 6, "", FALSE },
    { "n", "-5", -5, "", TRUE },
    { "n", "<= 10", 10, "", TRUE },
    { "n", "< 10", 10, "", FALSE },
    { "n", ">10", 11, "", TRUE },
    { "n", "!= 3", 3, "", FALSE },
    { "n", "= 3", 3, "", TRUE },
    { "n", "[1..5]", 1, "", TRUE },
    { "n", "[1..5]", 5, "", TRUE },
    { "n", "[1..5)", 5, "", FALSE },
    { "n", "(1..5]", 1, "", FALSE },
    { "n", "]1..5[", 3, "", TRUE },
    { "n", "1, 3, [5..7)", 6, "", TRUE },
    { "n", "1, 3, [5..7)", 7, "", FALSE },
    { "n", "[5..7), 9", 9, "", TRUE },
    { "n", "(5..7], (8..9)", 7, "", TRUE },
    { "n", "< 3, > 7", 5, "", FALSE },
    { "n", "< 3, > 7", 8, "", TRUE },
    { "n", "not(5)", 5, "", FALSE },
    { "n", "not([1..5), 8)", 5, "", TRUE },
    { "n", "not([1..5), 8)", 8, "", FALSE },
    { "n", "not(< 3)", 3, "", TRUE },
    { "n", "(1 + 2)", 3, "", TRUE },
    { "n", "size(s)", 2, "ab", TRUE },
    { "s", "'a'", 0, "a", TRUE },
    { "s", "\"a\"", 0, "a", TRUE },
    { "s", "'a', 'b'", 0, "b", TRUE },
    { "s", "'a,b'", 0, "a,b", TRUE },
    { "s", "'a,b'", 0, "a", FALSE },
    { "s", "not('a', 'b')", 0, "c", TRUE },
    { "s", "not('a', 'b')", 0, "a", FALSE },
    { "s", "'..', ')'", 0, ")", TRUE },
    { "s", "['a'..'c')", 0, "b", TRUE },
    { "s", "'it\\'s'", 0, "it's", TRUE },
    { "s", "? s.startsWith('x') && n > 3", 4, "xy", TRUE },
    { "s", "? s.startsWith('x') && n > 3", 3, "xy", FALSE },
    { "l", "? l.size() == 0", 0, "", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *inputs =
          g_strdup_printf ("{\"n\": %" G_GINT64_FORMAT ", \"s\": \"%s\", \"l\": []}", rows[i].n, rows[i].s);

      g_test_message ("%s: %s for %s", rows[i].input, rows[i].cell, inputs);
      g_assert_cmpint (cell_matches (rows[i].input, rows[i].cell, inputs), ==, rows[i].matches);
    }
}

static void
test_bad_cells (void)
{
  static const struct {
    const char *when;
    const char *message;
  } rows[] = {
    { "{\"n\": \"<= 'a'\"}", "policy 't': rules[0].when.n: \"<= 'a'\": column 4: no such overload: int <= string" },
    { "{\"n\": \"'a'\"}", "policy 't': rules[0].when.n: \"'a'\": column 4: no such overload: int == string" },
    { "{\"n\": \"\"}", "policy 't': rules[0].when.n: a test is empty; write \"-\" for anything" },
    { "{\"n\": \"1,\"}", "policy 't': rules[0].when.n: a test is empty; write \"-\" for anything" },
    { "{\"n\": \"<\"}", "policy 't': rules[0].when.n: a value is missing" },
    { "{\"n\": \"1) || (true\"}",
      "policy 't': rules[0].when.n: \"1) || (true\": column 2: expected an operator or the end, found ')'" },
    { "{\"n\": \"1 // one\"}",
      "policy 't': rules[0].when.n: \"1 // one\": a comment hides what stands behind it; leave it out" },
    { "{\"n\": \"[0..1 // one]\"}",
      "policy 't': rules[0].when.n: \"1 // one\": a comment hides what stands behind it; leave it out" },
    { "{\"n\": \"> 1 // one\"}",
      "policy 't': rules[0].when.n: \"1 // one\": a comment hides what stands behind it; leave it out" },
    { "{\"n\": \"[1..]\"}", "policy 't': rules[0].when.n: a value is missing" },
    { "{\"n\": \"? n\"}", "policy 't': rules[0].when.n: \"? n\" must be true or false, not int" },
    { "{\"n\": \"? m > 1\"}",
      "policy 't': rules[0].when.n: \"? m > 1\": column 2: there is no 'm' here; known names: l, n, s" },
    { "{\"n\": 5}", "policy 't': rules[0].when.n: a cell is a text such as \"<= 100\"; write \"-\" for anything" },
    { "{\"m\": \"5\"}", "policy 't': rules[0].when.m: there is no such input; declare it in \"inputs\"" },
    { "[]", "policy 't': rules[0].when: must be an object of input to cell" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *rules = g_strdup_printf ("{\"id\": \"a\", \"when\": %s, \"then\": {\"out\": 1}}", rows[i].when);
      g_autoptr (GError) error = NULL;

      g_assert_null (load_table ("F", rules, &error));
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
test_bad_outputs (void)
{
  static const struct {
    const char *then;
    const char *message;
  } rows[] = {
    { "{}", "policy 't': rules[0].then.out: is missing; every rule gives every output" },
    { "{\"out\": \"x\"}", "policy 't': rules[0].then.out: must be of type int, not string" },
    { "{\"out\": \"${s}\"}", "policy 't': rules[0].then.out: must be of type int, not string" },
    { "{\"out\": \"${?n}\", \"more\": 1}",
      "policy 't': rules[0].then.more: there is no such output; declare it in \"outputs\"" },
    { "{\"out\": \"${m}\"}",
      "policy 't': rules[0].then.out: in ${m}: column 1: there is no 'm' here; known names: l, n, s" },
    { "1", "policy 't': rules[0].then: must be an object of output to value" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *rules = g_strdup_printf ("{\"id\": \"a\", \"when\": {}, \"then\": %s}", rows[i].then);
      g_autoptr (GError) error = NULL;

      g_assert_null (load_table ("F", rules, &error));
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

#define GATE_HEAD                                                                                                      \
  "\"$schema\": \"airails:policy/1\", \"id\": \"g\", \"version\": \"1.0.0\", \"kind\": \"gate\", \"title\": \"Gate\","
#define IN    "\"inputs\": [{\"id\": \"n\", \"type\": \"int\"}],"
#define OUT   "\"outputs\": [{\"id\": \"quorum\", \"type\": \"int\"}, {\"id\": \"role\", \"type\": \"string\"}],"
#define RULES "\"rules\": [{\"id\": \"a\", \"when\": {}, \"then\": {\"quorum\": \"${n}\", \"role\": \"approver\"}}]"
#define GATE  "\"gate\": {\"exclude\": [\"trigger\"], \"deadline_ms\": 1000, \"on_expiry\": \"deny\"}"

static void
test_bad_documents (void)
{
  static const struct {
    const char *document;
    const char *message;
  } rows[] = {
    { "[]", "must be an object" },
    { "{\"id\": \"x\"}", "\"$schema\" must be \"airails:policy/1\"" },
    { "{" GATE_HEAD IN OUT RULES "," GATE ", \"hit\": \"F\", \"colour\": 1}", "unknown key \"colour\"" },
    { "{" GATE_HEAD IN OUT RULES "," GATE ", \"hit\": \"X\"}", "hit: \"X\" is no hit policy" },
    { "{" GATE_HEAD IN OUT RULES "," GATE ", \"hit\": \"C\"}", "a gate needs one answer" },
    { "{" GATE_HEAD IN OUT RULES "," GATE ", \"hit\": \"P\"}", "needs \"values\"" },
    { "{" GATE_HEAD IN OUT RULES ", \"hit\": \"F\"}", "gate: must be an object" },
    { "{" GATE_HEAD IN OUT RULES
      ", \"hit\": \"F\", \"gate\": {\"exclude\": [], \"deadline_ms\": 1000, \"on_expiry\": \"approve\"}}",
      "a gate that opens by itself is none" },
    { "{" GATE_HEAD IN OUT RULES
      ", \"hit\": \"F\", \"gate\": {\"exclude\": [\"boss\"], \"deadline_ms\": 1000, \"on_expiry\": \"deny\"}}",
      "gate.exclude" },
    { "{" GATE_HEAD IN OUT RULES
      ", \"hit\": \"F\", \"gate\": {\"exclude\": [], \"deadline_ms\": 0, \"on_expiry\": \"deny\"}}",
      "gate.deadline_ms" },
    { "{" GATE_HEAD IN "\"outputs\": [{\"id\": \"role\", \"type\": \"string\"}]," RULES "," GATE ", \"hit\": \"F\"}",
      "a gate needs the output \"quorum\" of type int" },
    { "{" GATE_HEAD "\"inputs\": []," OUT RULES "," GATE ", \"hit\": \"F\"}",
      "inputs: must be a list of at least one column" },
    { "{" GATE_HEAD "\"inputs\": [{\"id\": \"n\", \"type\": \"float\"}]," OUT RULES "," GATE ", \"hit\": \"F\"}",
      "inputs[0]: \"type\" must be" },
    { "{" GATE_HEAD "\"inputs\": [{\"id\": \"n\", \"type\": \"int\"}, {\"id\": \"n\", \"type\": \"int\"}]," OUT RULES
      "," GATE ", \"hit\": \"F\"}",
      "inputs[1]: \"id\": \"n\" stands twice" },
    { "{" GATE_HEAD IN OUT "\"rules\": []," GATE ", \"hit\": \"F\"}", "rules: must be a list of at least one rule" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirValue) document = json (rows[i].document);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_policy_load (document, &error));
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, rows[i].message));
    }
}

static void
test_hit_policies (void)
{
  static const char rules[] =
      "{\"id\": \"a\", \"when\": {\"n\": \"> 0\"}, \"then\": {\"out\": 1}, \"why\": \"positive\"},"
      "{\"id\": \"b\", \"when\": {\"n\": \"> 10\"}, \"then\": {\"out\": 3}},"
      "{\"id\": \"c\", \"when\": {\"n\": \"> 100\"}, \"then\": {\"out\": 2}}";
  static const struct {
    const char *hit;
    const char *output; /* JCS, or the error */
    const char *hits;
  } rows[] = {
    { "F", "{\"out\":1}", "a" },
    { "U", "!overlap", NULL },
    { "A", "!overlap", NULL },
    { "P", "{\"out\":3}", "b" },
    { "R", "[{\"out\":1},{\"out\":3},{\"out\":2}]", "a,b,c" },
    { "O", "[{\"out\":3},{\"out\":2},{\"out\":1}]", "b,c,a" },
    { "C", "[{\"out\":1},{\"out\":3},{\"out\":2}]", "a,b,c" },
    { "C+", "{\"out\":6}", "a,b,c" },
    { "C<", "{\"out\":1}", "a,b,c" },
    { "C>", "{\"out\":3}", "a,b,c" },
    { "C#", "{\"count\":3}", "a,b,c" },
  };
  g_autoptr (AirValue) inputs = json ("{\"n\": 1000, \"s\": \"\", \"l\": []}");
  g_autoptr (AirValue) one = json ("{\"n\": 5, \"s\": \"\", \"l\": []}");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPolicy) policy = load_table (rows[i].hit, rules, &error);
      g_autoptr (AirPolicyDecision) decision = NULL;
      g_autoptr (AirPolicyDecision) single = NULL;
      g_autofree char *output = NULL;
      g_autofree char *hits = NULL;

      g_assert_no_error (error);
      g_test_message ("%s", rows[i].hit);
      single = air_policy_evaluate (policy, one, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (single->rules->len, ==, 1);
      decision = air_policy_evaluate (policy, inputs, &error);
      if (rows[i].output[0] == '!')
        {
          g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OVERLAP);
          g_assert_nonnull (strstr (error->message, "'a' and 'b'"));
          continue;
        }
      g_assert_no_error (error);
      output = air_jcs_write (decision->output, NULL, NULL);
      g_assert_cmpstr (output, ==, rows[i].output);
      g_ptr_array_add (decision->rules, NULL);
      hits = g_strjoinv (",", (char **) decision->rules->pdata);
      g_assert_cmpstr (hits, ==, rows[i].hits);
    }
}

static void
test_any_agrees (void)
{
  g_autoptr (AirPolicy) policy =
      load_table ("A",
                  "{\"id\": \"a\", \"when\": {\"n\": \"> 0\"}, \"then\": {\"out\": 1}},"
                  "{\"id\": \"b\", \"when\": {\"n\": \"> 1\"}, \"then\": {\"out\": \"${n - 4}\"}}",
                  NULL);
  g_autoptr (AirValue) agree = json ("{\"n\": 5, \"s\": \"\", \"l\": []}");
  g_autoptr (AirValue) differ = json ("{\"n\": 6, \"s\": \"\", \"l\": []}");
  g_autoptr (AirPolicyDecision) decision = air_policy_evaluate (policy, agree, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (decision->rules->len, ==, 2);
  g_assert_null (air_policy_evaluate (policy, differ, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OVERLAP);
}

static void
test_fails_closed (void)
{
  static const struct {
    const char *inputs;
    AirPolicyError code;
    const char *message;
  } rows[] = {
    { "{\"n\": 5, \"s\": \"\", \"l\": []}", AIR_POLICY_ERROR_NO_MATCH,
      "table 't' has no rule for these inputs; add a rule for them, or a last rule without cells" },
    { "{\"n\": 5, \"s\": \"\"}", AIR_POLICY_ERROR_INPUT, "table 't': input 'l' is missing; give it in \"with\"" },
    { "{\"n\": \"5\", \"s\": \"\", \"l\": []}", AIR_POLICY_ERROR_INPUT,
      "table 't': input 'n' must be of type int, not string" },
    { "{\"n\": 50, \"s\": \"\", \"l\": []}", AIR_POLICY_ERROR_INPUT, NULL },
    { "{\"n\": 99, \"s\": \"\", \"l\": [\"x\"]}", AIR_POLICY_ERROR_OUTPUT, NULL },
  };
  g_autoptr (GError) load_error = NULL;
  g_autoptr (AirPolicy) policy = load_table (
      "F", "{\"id\": \"a\", \"when\": {\"n\": \"> 10\", \"l\": \"? l[0] == 'x'\"}, \"then\": {\"out\": \"${l[0]}\"}}",
      &load_error);

  g_assert_no_error (load_error);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AirValue) inputs = json (rows[i].inputs);
      g_autoptr (GError) error = NULL;

      g_assert_null (air_policy_evaluate (policy, inputs, &error));
      g_assert_error (error, AIR_POLICY_ERROR, (int) rows[i].code);
      if (rows[i].message != NULL)
        g_assert_cmpstr (error->message, ==, rows[i].message);
    }
}

static void
test_gate_policy (void)
{
  g_autoptr (AirValue) document = json ("{" GATE_HEAD IN OUT RULES "," GATE ", \"hit\": \"F\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPolicy) policy = air_policy_load (document, &error);
  g_autoptr (AirValue) two = json ("{\"n\": 2}");
  g_autoptr (AirValue) negative = json ("{\"n\": -1}");
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autofree char *type = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (air_policy_get_kind (policy), ==, AIR_POLICY_GATE);
  g_assert_cmpint (air_policy_get_deadline_ms (policy), ==, 1000);
  g_assert_cmpstr (air_policy_get_on_expiry (policy), ==, "deny");
  g_assert_cmpstr (air_policy_get_exclude (policy)[0], ==, "trigger");
  type = air_cel_type_to_string (air_policy_get_output_type (policy));
  g_assert_cmpstr (type, ==, "{quorum: int, role: string}");
  decision = air_policy_evaluate (policy, two, &error);
  g_assert_no_error (error);
  g_assert_cmpint (air_map_get_int (decision->output, "quorum", 0), ==, 2);
  g_assert_cmpstr (decision->why, ==, "a (Gate 1.0.0, rule a)");
  g_assert_null (air_policy_evaluate (policy, negative, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT);
}

/* The tables of our own packs. */
static AirPolicy *
load_ours (const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs/customer-operations/policies", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_json_load_file (path, &error);
  AirPolicy *policy;

  g_assert_no_error (error);
  policy = air_policy_load (document, &error);
  g_assert_no_error (error);
  return policy;
}

static void
test_our_approval (void)
{
  static const struct {
    gint64 amount;
    const char *band;
    gint64 quorum;
  } rows[] = {
    { 0, "none", 0 }, { 10000, "none", 0 }, { 10001, "one", 1 }, { 100000, "one", 1 }, { 100001, "two", 2 },
  };
  g_autoptr (AirPolicy) policy = load_ours ("refund-approval.policy.json");
  g_autoptr (AirValue) euros = json ("{\"amount_minor\": 5, \"currency\": \"eur\"}");
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{\"amount_minor\": %" G_GINT64_FORMAT ", \"currency\": \"usd\"}", rows[i].amount);
      g_autoptr (AirValue) inputs = json (text);
      g_autoptr (AirPolicyDecision) decision = air_policy_evaluate (policy, inputs, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (air_map_get_string (decision->output, "band"), ==, rows[i].band);
      g_assert_cmpint (air_map_get_int (decision->output, "quorum", -1), ==, rows[i].quorum);
    }
  g_assert_null (air_policy_evaluate (policy, euros, &error));
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_NO_MATCH);
}

static void
test_our_eligibility (void)
{
  g_autoptr (AirPolicy) policy = load_ours ("refund-eligibility.policy.json");
  g_autoptr (AirValue) inputs = json ("{\"kind\": \"return\", \"customer\": \"ana\", \"order_found\": true, \"owner\": "
                                      "\"ana\", \"status\": \"delivered\","
                                      " \"currency\": \"usd\", \"items\": [{\"item_id\": \"1\", \"price_minor\": "
                                      "1000}, {\"item_id\": \"1\", \"price_minor\": 1000},"
                                      " {\"item_id\": \"2\", \"price_minor\": 250}], \"payments\": [{\"amount_minor\": "
                                      "2250, \"source\": \"credit_card\","
                                      " \"payment_method_id\": \"cc1\", \"payment_intent\": \"pi_1\"}], \"methods\": "
                                      "[{\"id\": \"cc1\", \"source\": \"credit_card\"}],"
                                      " \"reason\": \"\", \"item_ids\": [\"1\", \"1\", \"2\"], \"method\": \"cc1\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirPolicyDecision) decision = air_policy_evaluate (policy, inputs, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (decision->rules->pdata[0], ==, "return_provider");
  g_assert_cmpint (air_map_get_int (decision->output, "amount_minor", 0), ==, 2250);
  g_assert_cmpstr (air_map_get_string (decision->output, "payment_intent"), ==, "pi_1");
}

/* What is no number must not come out as one, nor vanish among others. */
static void
test_not_finite (void)
{
  static const struct {
    const char *hit;
    const char *one;
    const char *other;
  } rows[] = {
    { "C<", "${0.0 / 0.0}", "${2.5}" }, { "C<", "${2.5}", "${0.0 / 0.0}" }, { "C>", "${0.0 / 0.0}", "${2.5}" },
    { "C>", "${2.5}", "${0.0 / 0.0}" }, { "C+", "${1e308}", "${1e308}" },   { "C+", "${1.0 / 0.0}", "${2}" },
  };
  g_autoptr (AirValue) inputs = json ("{\"n\": 1}");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{\"$schema\": \"airails:policy/1\", \"id\": \"t\", \"version\": \"1.0.0\", \"kind\": \"table\","
          "\"title\": \"T\", \"inputs\": [{\"id\": \"n\", \"type\": \"int\"}], \"outputs\": [{\"id\": \"out\", "
          "\"type\": \"dyn\"}], \"hit\": \"%s\","
          "\"rules\": [{\"id\": \"a\", \"when\": {}, \"then\": {\"out\": \"%s\"}},"
          "{\"id\": \"b\", \"when\": {}, \"then\": {\"out\": \"%s\"}}]}",
          rows[i].hit, rows[i].one, rows[i].other);
      g_autoptr (AirValue) document = json (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPolicy) policy = air_policy_load (document, &error);
      g_autoptr (AirPolicyDecision) decision = NULL;

      g_assert_no_error (error);
      decision = air_policy_evaluate (policy, inputs, &error);
      g_assert_null (decision);
      g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_OUTPUT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/policy/cells", test_cells);
  g_test_add_func ("/policy/bad-cells", test_bad_cells);
  g_test_add_func ("/policy/bad-outputs", test_bad_outputs);
  g_test_add_func ("/policy/bad-documents", test_bad_documents);
  g_test_add_func ("/policy/hit-policies", test_hit_policies);
  g_test_add_func ("/policy/any-agrees", test_any_agrees);
  g_test_add_func ("/policy/fails-closed", test_fails_closed);
  g_test_add_func ("/policy/gate", test_gate_policy);
  g_test_add_func ("/policy/our-approval", test_our_approval);
  g_test_add_func ("/policy/our-eligibility", test_our_eligibility);
  g_test_add_func ("/policy/not-finite", test_not_finite);
  return g_test_run ();
}
