/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compiler/air-compiler.h"
#include "model/air-pack-directory.h"

#include <string.h>

#include "base/air-json.h"
#include "engine/air-plan.h"

static const char refunds[] = "packs/customer-operations/workflows/refunds-and-cancellations.workflow.json";

static char *
source_path (const char *relative)
{
  return g_build_filename (g_getenv ("AIRAILS_SOURCE"), relative, NULL);
}

static GPtrArray *
load_packs (void)
{
  g_autofree char *path = source_path ("packs");
  g_autoptr (GError) error = NULL;
  GPtrArray *packs = air_packs_load_directory (path, &error);

  g_assert_no_error (error);
  return packs;
}

static AirWorkflow *
load_refunds (const char *from, const char *to)
{
  g_autofree char *path = source_path (refunds);
  g_autofree char *data = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GError) error = NULL;
  AirWorkflow *workflow;

  g_assert_true (g_file_get_contents (path, &data, NULL, &error));
  text = g_string_new (data);
  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  workflow = air_workflow_load (text->str, text->len, "refunds.json", &error);
  g_assert_no_error (error);
  return workflow;
}

static AirCompileResult *
compile_refunds (const char *from, const char *to)
{
  g_autoptr (GPtrArray) packs = load_packs ();
  g_autoptr (AirWorkflow) workflow = load_refunds (from, to);
  g_autoptr (GError) error = NULL;
  AirCompileResult *result = air_compile (workflow, packs, &error);

  g_assert_no_error (error);
  return result;
}

static void
test_refunds (void)
{
  g_autoptr (AirCompileResult) result = compile_refunds (NULL, NULL);
  g_autofree char *text = air_compile_result_to_text (result);
  AirValue *refund;

  g_assert_cmpstr (text, ==, "refunds-and-cancellations 1.0.0: 0 errors, 0 warnings\n");
  g_assert_cmpstr (air_map_get_string (result->plan, "trigger"), ==, "request");
  g_assert_cmpstr (air_map_get_string (air_map_get (result->plan, "guards"), "refund"), ==, "approval");
  refund = air_value_at (result->plan, "/nodes/refund");
  g_assert_cmpint (air_map_get_int (refund, "timeout_ms", 0), ==, 20000);
  g_assert_cmpstr (air_map_get_string (air_value_at (refund, "/next/error"), "to"), ==, "refund_failed");
  g_assert_null (air_map_get (refund, "id"));
  /* Also what undoes, though no node calls it. */
  g_assert_nonnull (air_value_at (result->plan, "/operations/shop.order.reinstate"));
  g_assert_nonnull (air_value_at (result->plan, "/operations/shop.return.withdraw"));
  /* And nothing that is not used. */
  g_assert_null (air_value_at (result->plan, "/operations/stripe.refund.lookup"));
  g_assert_nonnull (air_value_at (result->plan, "/policies/refund-approval"));
  g_assert_nonnull (air_value_at (result->plan, "/connectors/stripe"));
}

/* The compiler's word and the engine's ear. */
static void
test_engine_takes_the_plan (void)
{
  g_autoptr (AirCompileResult) result = compile_refunds (NULL, NULL);
  const char *digest = air_map_get_string (air_map_get (result->lock, "schemas"), "workflow");
  g_autofree char *bytes = NULL;
  g_autoptr (AirValue) stored = NULL;
  g_autoptr (AirPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  guint index;

  bytes = air_jcs_write (result->plan, &length, &error);
  g_assert_no_error (error);
  stored = air_json_parse (bytes, length, &error);
  g_assert_no_error (error);
  plan = air_plan_load (stored, digest, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (air_plan_get_workflow (plan), ==, "refunds-and-cancellations");
  g_assert_true (air_plan_find_node (plan, "approval", &index));
  g_assert_cmpint (air_plan_get_node_kind (plan, index), ==, AIR_NODE_GATE);
}

static void
test_manifest (void)
{
  g_autoptr (AirCompileResult) result = compile_refunds (NULL, NULL);
  g_autofree char *egress = air_jcs_write (air_map_get (result->manifest, "egress"), NULL, NULL);
  g_autofree char *secrets = air_jcs_write (air_map_get (result->manifest, "secrets"), NULL, NULL);
  g_autofree char *flow = air_jcs_write (air_map_get (result->manifest, "data_flow"), NULL, NULL);

  g_assert_cmpstr (egress, ==, "[\"api.stripe.com:443\",\"shop.example.com:443\"]");
  g_assert_cmpstr (secrets, ==,
                   "[{\"connector\":\"shop\",\"name\":\"token\"},{\"connector\":\"stripe\",\"name\":\"token\"}]");
  /* The customer's e-mail and message stay here. */
  g_assert_null (strstr (flow, "pii"));
  g_assert_nonnull (strstr (flow, "shop.example.com"));
  g_assert_nonnull (strstr (flow, "stripe.com"));
}

static void
test_reproducible (void)
{
  g_autoptr (AirCompileResult) one = compile_refunds (NULL, NULL);
  g_autoptr (AirCompileResult) two = compile_refunds (NULL, NULL);
  AirValue *const pairs[][2] = { { one->plan, two->plan }, { one->manifest, two->manifest }, { one->lock, two->lock } };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *a = air_jcs_write (pairs[i][0], NULL, &error);
      g_autofree char *b = air_jcs_write (pairs[i][1], NULL, NULL);
      g_autofree char *pretty_a = air_json_write_pretty (pairs[i][0], NULL);
      g_autofree char *pretty_b = air_json_write_pretty (pairs[i][1], NULL);

      g_assert_no_error (error);
      g_assert_cmpstr (a, ==, b);
      g_assert_cmpstr (pretty_a, ==, pretty_b);
    }
  g_assert_cmpstr (one->source, ==, two->source);
}

/* How the source is laid out and where its boxes stand on the screen changes nothing that runs. */
static void
test_layout_is_not_plan (void)
{
  g_autoptr (AirCompileResult) before = compile_refunds (NULL, NULL);
  g_autoptr (AirCompileResult) after = compile_refunds ("\"request\": [\n      0,", "\"request\": [\n      77,");

  g_assert_true (air_value_equal (before->plan, after->plan));
  g_assert_cmpstr (before->source, !=, after->source);
}

static void
test_lock (void)
{
  g_autoptr (AirCompileResult) result = compile_refunds (NULL, NULL);
  static const char *const places[] = { "/packs/customer-operations/digest", "/operations/stripe.refund.create/digest",
                                        "/connectors/shop/digest", "/policies/refund-eligibility/digest",
                                        "/schemas/workflow" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      AirValue *digest = air_value_at (result->lock, places[i]);

      g_assert_nonnull (digest);
      g_assert_true (g_str_has_prefix (air_value_get_string (digest, NULL), "sha256:"));
      g_assert_cmpuint (strlen (air_value_get_string (digest, NULL)), ==, strlen ("sha256:") + 64);
    }
}

/* One change to the real workflow, and what the compiler says. */
static const struct {
  const char *name, *from, *to, *id;
} spoilt[] = {
  { "text-to-customer", "\"order_id\": \"${trigger.order_id}\"\n      },\n      \"timeout_ms\": 10000,",
    "\"order_id\": \"${trigger.message}\"\n      },\n      \"timeout_ms\": 10000,", NULL },
  { "no-guard", "{\n          \"node\": \"refund\",", "{\n          \"node\": \"confirm\",", "AIR001" },
  { "around-the-gate", "\"from\": \"allowed\",\n      \"port\": \"yes\",\n      \"to\": \"approval\"",
    "\"from\": \"allowed\",\n      \"port\": \"yes\",\n      \"to\": \"which\"", "AIR001" },
  { "typo-in-output", "\"refund_amount_minor\": \"${steps.rules.amount_minor}\"",
    "\"refund_amount_minor\": \"${steps.rules.amount}\"", "AIR201" },
  { "unknown-operation", "\"operation\": \"stripe.refund.create\"", "\"operation\": \"stripe.refund.make\"", "AIR107" },
};

static void
test_spoilt (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (AirCompileResult) result = compile_refunds (spoilt[i].from, spoilt[i].to);
  g_autoptr (AirValue) json = air_compile_result_to_value (result);
  g_autofree char *text = air_compile_result_to_text (result);
  gboolean found = FALSE;

  /* A pattern confines the order's number: what the customer writes could pass only if it were one. */
  if (spoilt[i].id == NULL)
    {
      g_assert_cmpuint (result->n_errors, ==, 0);
      return;
    }
  g_assert_cmpint (air_map_get_int (json, "errors", 0), ==, result->n_errors);
  for (guint k = 0; k < result->diagnostics->len; k++)
    {
      const AirDiagnostic *diagnostic = g_ptr_array_index (result->diagnostics, k);

      g_assert_cmpstr (diagnostic->file, ==, "refunds.json");
      g_assert_cmpuint (diagnostic->line, >, 1);
      found = found || g_str_equal (diagnostic->id, spoilt[i].id);
    }
  if (!found)
    g_error ("no %s in:\n%s", spoilt[i].id, text);
  g_assert_null (result->plan);
}

static void
test_missing_pack (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) packs = load_packs ();
  g_autoptr (AirWorkflow) workflow = load_refunds (NULL, NULL);
  g_autoptr (AirWorkflow) newer =
      load_refunds ("\"customer-operations\": \"1.0.0\"", "\"customer-operations\": \"2.0.0\"");
  g_autoptr (GError) error = NULL;

  g_assert_null (air_compile (workflow, none, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
  g_assert_nonnull (strstr (error->message, "there is no pack 'customer-operations'; install it"));
  g_clear_error (&error);
  g_assert_null (air_compile (newer, packs, &error));
  g_assert_error (error, AIR_MODEL_ERROR, AIR_MODEL_ERROR_REFERENCE);
  g_assert_nonnull (strstr (error->message, "wants pack 'customer-operations' 2.0.0, and 1.0.0 is here"));
}

/* AIR111: a policy document that is well formed but does not compile is reported in its own file. */
static void
test_bad_policy (void)
{
  g_autofree char *root = source_path ("tests/compiler/packs/lab");
  g_autofree char *source = source_path ("tests/compiler/bad/AIR205.workflow.json");
  static const char *const folders[] = { "", "connectors", "ops", "fixtures", "policies", "workflows" };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_file_free);
  g_autoptr (GPtrArray) packs = g_ptr_array_new_with_free_func ((GDestroyNotify) air_pack_unref);
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  AirPack *pack;

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (root, folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *full = g_build_filename (path, name, NULL);
          g_autofree char *relative = *folders[i] == '\0' ? g_strdup (name) : g_strconcat (folders[i], "/", name, NULL);
          g_autofree char *data = NULL;
          g_autoptr (GString) content = NULL;
          g_autoptr (GBytes) bytes = NULL;

          if (!g_file_get_contents (full, &data, NULL, NULL))
            continue;
          content = g_string_new (data);
          if (g_str_has_suffix (name, "lab-table.policy.json"))
            g_string_replace (content, "<= 100", "<= <=", 0);
          bytes = g_bytes_new (content->str, content->len);
          g_ptr_array_add (files, air_pack_file_new (relative, bytes));
        }
    }
  pack = air_pack_load (files, "lab", &error);
  g_assert_no_error (error);
  g_ptr_array_add (packs, pack);
  g_assert_true (g_file_get_contents (source, &text, NULL, &error));
  workflow = air_workflow_load (text, strlen (text), "w.json", &error);
  g_assert_no_error (error);
  result = air_compile (workflow, packs, &error);
  g_assert_no_error (error);
  said = air_compile_result_to_text (result);
  g_assert_nonnull (strstr (said, "[AIR111]"));
  g_assert_nonnull (strstr (said, "lab/policies/lab-table.policy.json:"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/compiler/refunds", test_refunds);
  g_test_add_func ("/compiler/engine-takes-the-plan", test_engine_takes_the_plan);
  g_test_add_func ("/compiler/manifest", test_manifest);
  g_test_add_func ("/compiler/reproducible", test_reproducible);
  g_test_add_func ("/compiler/layout-is-not-plan", test_layout_is_not_plan);
  g_test_add_func ("/compiler/lock", test_lock);
  for (gsize i = 0; i < G_N_ELEMENTS (spoilt); i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/spoilt/", spoilt[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_spoilt);
    }
  g_test_add_func ("/compiler/missing-pack", test_missing_pack);
  g_test_add_func ("/compiler/bad-policy", test_bad_policy);
  return g_test_run ();
}
