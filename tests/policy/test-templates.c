/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pack of policies to start from: every test case each of them carries, and that the list the compiler uses is theirs. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-policy-templates.h"
#include "policy/air-policy.h"

static AirValue *
load_document (const char *id)
{
  g_autofree char *file = g_strconcat (id, ".policy.json", NULL);
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", AIR_POLICY_TEMPLATES_PACK, "policies", file, NULL);
  g_autoptr (GError) error = NULL;
  AirValue *document = air_json_load_file (path, &error);

  g_assert_no_error (error);
  return document;
}

static const char *
kind_name (AirPolicyKind kind)
{
  static const char *const names[] = { "table", "gate", "limit", "budget" };

  return names[kind];
}

static void
test_cases (void)
{
  guint n_cases = 0;

  for (gsize i = 0; i < AIR_N_POLICY_TEMPLATES; i++)
    {
      g_autoptr (AirValue) document = load_document (air_policy_templates[i].id);
      g_autoptr (GError) error = NULL;
      g_autoptr (AirPolicy) policy = air_policy_load (document, &error);
      g_autoptr (GPtrArray) results = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (air_policy_get_title (policy), ==, air_policy_templates[i].title);
      g_assert_cmpstr (kind_name (air_policy_get_kind (policy)), ==, air_policy_templates[i].kind);
      g_assert_nonnull (air_policy_get_description (policy));
      g_assert_cmpuint (air_map_get_size (air_policy_get_params (policy)), >, 0);
      results = air_policy_run_tests (policy);
      g_assert_cmpuint (results->len, >=, 3);
      for (guint k = 0; k < results->len; k++, n_cases++)
        {
          const AirPolicyTestResult *result = results->pdata[k];

          if (result->failure != NULL)
            g_error ("%s, case %s: %s", air_policy_templates[i].id, result->id, result->failure);
        }
    }
  g_test_message ("%u templates, %u cases", (guint) AIR_N_POLICY_TEMPLATES, n_cases);
}

/* Another value for a parameter makes another policy, under another id. */
static void
test_instantiate (void)
{
  g_autoptr (AirValue) document = load_document ("money-movement"), params = air_map_new (), copy = NULL, wrong = NULL;
  g_autoptr (AirValue) inputs = air_map_new ();
  g_autoptr (AirPolicy) policy = NULL;
  g_autoptr (AirPolicyDecision) decision = NULL;
  g_autoptr (GError) error = NULL;

  air_map_set_int (params, "free_minor", 5);
  copy = air_policy_instantiate (document, "our-money", params, &error);
  g_assert_no_error (error);
  policy = air_policy_load (copy, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_policy_get_id (policy), ==, "our-money");
  air_map_set_int (inputs, "amount_minor", 6);
  air_map_set_string (inputs, "currency", "usd");
  decision = air_policy_evaluate (policy, inputs, &error);
  g_assert_no_error (error);
  g_assert_cmpint (air_map_get_int (decision->output, "quorum", -1), ==, 1);
  g_assert_nonnull (strstr (decision->why, "Amount = 6 fits <= param.one_minor"));

  air_map_set_int (params, "no_such", 5);
  wrong = air_policy_instantiate (document, "our-money", params, &error);
  g_assert_error (error, AIR_POLICY_ERROR, AIR_POLICY_ERROR_DOCUMENT);
  g_assert_null (wrong);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/policy/templates/cases", test_cases);
  g_test_add_func ("/policy/templates/instantiate", test_instantiate);
  return g_test_run ();
}
