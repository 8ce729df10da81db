/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The refund workflow's own mapping and decision table, run over orders and
 * requests without engine or network: first cases of a made-up shop, then, where
 * it is beside the checkout, the real set with its expected outcomes.
 */

#include "compiler/air-compiler.h"
#include "model/air-pack-directory.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"
#include "cel/air-template.h"
#include "policy/air-policy.h"

typedef struct {
  AirTemplate *mapping;
  AirPolicy *table;
} Rules;

static void
rules_clear (Rules *self)
{
  g_clear_pointer (&self->mapping, air_template_unref);
  g_clear_pointer (&self->table, air_policy_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rules, rules_clear)

static void
rules_load (Rules *self)
{
  g_autofree char *path = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "packs", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) packs = air_packs_load_directory (path, &error);
  g_autoptr (AirWorkflow) workflow = NULL;
  AirPack *pack;
  const char *text;
  gsize length;

  g_assert_no_error (error);
  pack = g_ptr_array_index (packs, 0);
  text = air_document_get_text (air_pack_get_workflow (pack, "refunds-and-cancellations"), &length);
  workflow = air_workflow_load (text, length, "refunds.json", &error);
  g_assert_no_error (error);
  self->mapping =
      air_template_compile (air_map_get (air_workflow_find_node (workflow, "rules")->value, "with"), NULL, &error);
  g_assert_no_error (error);
  self->table = air_policy_load (air_document_get_value (air_pack_get_policy (pack, "refund-eligibility")), &error);
  g_assert_no_error (error);
}

/* @order: NULL when the shop knows none */
static AirPolicyDecision *
decide (const Rules *rules, AirValue *request, AirValue *customer, AirValue *order)
{
  g_autoptr (AirValue) bindings = air_map_new ();
  g_autoptr (AirValue) inputs = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *steps = air_map_new ();
  AirPolicyDecision *decision;

  if (order == NULL)
    order = air_json_parse ("{\"error\":{\"class\":\"not_found\",\"message\":\"no such order\",\"status\":404}}", 70,
                            &error);
  else
    air_value_ref (order);
  g_assert_no_error (error);
  air_map_set (steps, "customer", air_value_ref (customer));
  air_map_set (steps, "order", order);
  air_map_set (bindings, "steps", steps);
  air_map_set (bindings, "trigger", air_value_ref (request));
  inputs = air_template_render (rules->mapping, bindings, &error);
  g_assert_no_error (error);
  decision = air_policy_evaluate (rules->table, inputs, &error);
  g_assert_no_error (error);
  return decision;
}

static AirValue *
parse (const char *text)
{
  g_autoptr (GString) json = g_string_new (text);
  g_autoptr (GError) error = NULL;
  AirValue *value;

  g_string_replace (json, "'", "\"", 0);
  value = air_json_parse (json->str, json->len, &error);
  g_assert_no_error (error);
  return value;
}

#define ANA                                                                                                            \
  "{'user_id':'ana','email':'a@example.com','name':'Ana','payment_methods':["                                          \
  "{'id':'card_1','source':'credit_card'},{'id':'paypal_1','source':'paypal'},"                                        \
  "{'id':'gift_1','source':'gift_card'}]}"
#define CARD "{'payment_method_id':'card_1','source':'credit_card','amount_minor':700,'payment_intent':'pi_1'}"
#define GIFT "{'payment_method_id':'gift_1','source':'gift_card','amount_minor':700,'payment_intent':null}"
#define ORDER(owner, status, payments)                                                                                 \
  "{'order_id':'#W1','user_id':'" owner "','status':'" status "','currency':'usd','version':1,'items':["               \
  "{'item_id':'1','name':'A','price_minor':200},{'item_id':'1','name':'A','price_minor':200},"                         \
  "{'item_id':'2','name':'B','price_minor':300}],'payments':[" payments "]}"
#define CANCEL(reason) "{'kind':'cancel','order_id':'#W1','reason':'" reason "'}"
#define RETURN(items, method)                                                                                          \
  "{'kind':'return','order_id':'#W1','item_ids':[" items "],'payment_method_id':'" method "'}"
#define NEEDED "no longer needed"

static const struct {
  const char *name, *request, *order;
  const char *rule, *reason, *refund_to, *payment_intent;
  gint64 amount;
} cases[] = {
  { "unknown-order", CANCEL (NEEDED), NULL, "order_unknown", "order not found", "none", "", 0 },
  { "other-owner", CANCEL (NEEDED), ORDER ("bo", "pending", CARD), "other_owner", "order belongs to another customer",
    "none", "", 0 },
  { "cancel-shipped", CANCEL (NEEDED), ORDER ("ana", "processed", CARD), "cancel_state",
    "non-pending order cannot be cancelled", "none", "", 0 },
  { "cancel-on-a-whim", CANCEL ("changed my mind"), ORDER ("ana", "pending", CARD), "cancel_reason", "invalid reason",
    "none", "", 0 },
  { "cancel-without-reason", "{'kind':'cancel','order_id':'#W1'}", ORDER ("ana", "pending", CARD), "cancel_reason",
    "invalid reason", "none", "", 0 },
  { "cancel-unpaid", CANCEL (NEEDED), ORDER ("ana", "pending", ""), "unpaid", "order has no payment", "none", "", 0 },
  { "cancel-in-parts", CANCEL (NEEDED), ORDER ("ana", "pending", CARD "," GIFT), "several_payments",
    "order was paid in several parts; handle by hand", "none", "", 0 },
  { "cancel-card", CANCEL ("ordered by mistake"), ORDER ("ana", "pending", CARD), "cancel_provider", "", "provider",
    "pi_1", 700 },
  { "cancel-gift-card", CANCEL (NEEDED), ORDER ("ana", "pending", GIFT), "cancel_gift_card", "", "gift_card", "", 700 },
  { "return-pending", RETURN ("'1'", "card_1"), ORDER ("ana", "pending", CARD), "return_state",
    "non-delivered order cannot be returned", "none", "", 0 },
  { "return-to-a-stranger", RETURN ("'1'", "card_9"), ORDER ("ana", "delivered", CARD), "method_unknown",
    "payment method not found", "none", "", 0 },
  { "return-to-another-method", RETURN ("'1'", "paypal_1"), ORDER ("ana", "delivered", CARD), "method_foreign",
    "payment method should be either the original payment method or a gift card", "none", "", 0 },
  { "return-nothing", RETURN ("", "card_1"), ORDER ("ana", "delivered", CARD), "nothing_named", "no item named", "none",
    "", 0 },
  { "return-more-than-held", RETURN ("'1','1','1'", "card_1"), ORDER ("ana", "delivered", CARD), "items_missing",
    "some item not found", "none", "", 0 },
  { "return-another-item", RETURN ("'3'", "card_1"), ORDER ("ana", "delivered", CARD), "items_missing",
    "some item not found", "none", "", 0 },
  { "return-as-many-as-held", RETURN ("'1','2','1'", "card_1"), ORDER ("ana", "delivered", CARD), "return_provider", "",
    "provider", "pi_1", 700 },
  { "return-to-gift-card", RETURN ("'2'", "gift_1"), ORDER ("ana", "delivered", CARD), "return_gift_card", "",
    "gift_card", "", 300 },
};

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Rules) rules = { NULL };
  g_autoptr (AirValue) request = parse (cases[i].request);
  g_autoptr (AirValue) customer = parse (ANA);
  g_autoptr (AirValue) order = cases[i].order != NULL ? parse (cases[i].order) : NULL;
  g_autoptr (AirPolicyDecision) decision = NULL;

  rules_load (&rules);
  decision = decide (&rules, request, customer, order);
  g_assert_cmpuint (decision->rules->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (decision->rules, 0), ==, cases[i].rule);
  g_assert_cmpstr (air_map_get_string (decision->output, "verdict"), ==, *cases[i].reason == '\0' ? "allow" : "reject");
  g_assert_cmpstr (air_map_get_string (decision->output, "reason"), ==, cases[i].reason);
  g_assert_cmpstr (air_map_get_string (decision->output, "refund_to"), ==, cases[i].refund_to);
  g_assert_cmpstr (air_map_get_string (decision->output, "payment_intent"), ==, cases[i].payment_intent);
  g_assert_cmpint (air_map_get_int (decision->output, "amount_minor", -1), ==, cases[i].amount);
}

/* --- the real set --------------------------------------------------------- */

static gint64
to_minor (const AirValue *decimal)
{
  if (air_value_get_kind (decimal) == AIR_VALUE_INT)
    return air_value_get_int (decimal) * 100;
  return llround (air_value_get_double (decimal) * 100);
}

static AirValue *
convert_customer (AirValue *user, const char *id)
{
  AirValue *methods = air_map_get (user, "payment_methods");
  AirValue *customer = air_map_new ();
  AirValue *list = air_list_new ();

  air_map_set_string (customer, "user_id", id);
  for (gsize i = 0; i < air_map_get_size (methods); i++)
    air_list_append (list, air_value_ref (air_map_get_value_at (methods, i)));
  air_map_set (customer, "payment_methods", list);
  return customer;
}

/* What the shop's HTTP interface says of an order of the published database. */
static AirValue *
convert_order (AirValue *order, AirValue *customer, const char *status)
{
  AirValue *copy = air_map_new ();
  AirValue *items = air_list_new ();
  AirValue *payments = air_list_new ();
  AirValue *from_items = air_map_get (order, "items");
  AirValue *history = air_map_get (order, "payment_history");
  AirValue *methods = air_map_get (customer, "payment_methods");

  air_map_set_string (copy, "user_id", air_map_get_string (order, "user_id"));
  air_map_set_string (copy, "status", status != NULL ? status : air_map_get_string (order, "status"));
  air_map_set_string (copy, "currency", "usd");
  for (gsize i = 0; i < air_list_get_size (from_items); i++)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, "item_id", air_map_get_string (air_list_get (from_items, i), "item_id"));
      air_map_set_int (item, "price_minor", to_minor (air_map_get (air_list_get (from_items, i), "price")));
      air_list_append (items, item);
    }
  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *from = air_list_get (history, i);
      const char *id = air_map_get_string (from, "payment_method_id");
      AirValue *payment;

      if (g_strcmp0 (air_map_get_string (from, "transaction_type"), "payment") != 0)
        continue;
      payment = air_map_new ();
      air_map_set_string (payment, "payment_method_id", id);
      air_map_set_int (payment, "amount_minor", to_minor (air_map_get (from, "amount")));
      air_map_set_string (payment, "source", g_str_has_prefix (id, "gift_card") ? "gift_card" : "card");
      for (gsize k = 0; k < air_list_get_size (methods); k++)
        if (g_strcmp0 (air_map_get_string (air_list_get (methods, k), "id"), id) == 0)
          air_map_set_string (payment, "source", air_map_get_string (air_list_get (methods, k), "source"));
      air_map_set_string (payment, "payment_intent", "pi_x");
      air_list_append (payments, payment);
    }
  air_map_set (copy, "items", items);
  air_map_set (copy, "payments", payments);
  return copy;
}

static void
test_real_set (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "..", "shared", "data", "retail", NULL);
  g_autofree char *orders_path = g_build_filename (folder, "orders.json", NULL);
  g_autofree char *users_path = g_build_filename (folder, "users.json", NULL);
  g_autofree char *requests_path = g_build_filename (folder, "requests-train.jsonl", NULL);
  g_autofree char *expected_path = g_build_filename (folder, "expected-train.jsonl", NULL);
  g_autofree char *requests = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (AirValue) orders = NULL;
  g_autoptr (AirValue) users = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) outcomes = NULL;
  g_autoptr (GHashTable) status = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (Rules) rules = { NULL };
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (!g_file_test (requests_path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the real set is not beside this checkout");
      return;
    }
  g_assert_true (g_file_get_contents (requests_path, &requests, NULL, &error));
  g_assert_true (g_file_get_contents (expected_path, &expected, NULL, &error));
  orders = air_json_load_file (orders_path, &error);
  users = air_json_load_file (users_path, &error);
  g_assert_no_error (error);
  rules_load (&rules);
  lines = g_strsplit (requests, "\n", -1);
  outcomes = g_strsplit (expected, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++, n++)
    {
      g_autoptr (AirValue) request = air_json_parse (lines[i], strlen (lines[i]), &error);
      g_autoptr (AirValue) wanted = air_json_parse (outcomes[i], strlen (outcomes[i]), &error);
      const char *order_id = air_map_get_string (request, "order_id");
      const char *user_id = air_map_get_string (air_map_get (request, "customer"), "user_id");
      AirValue *user = air_map_get (users, user_id);
      AirValue *stored = air_map_get (orders, order_id);
      g_autoptr (AirValue) customer = convert_customer (user, user_id);
      g_autoptr (AirValue) order = NULL;
      g_autoptr (AirPolicyDecision) decision = NULL;
      const char *error_text = air_map_get_string (wanted, "error");

      if (stored != NULL)
        order = convert_order (stored, customer, g_hash_table_lookup (status, order_id));
      decision = decide (&rules, request, customer, order);
      if (g_strcmp0 (air_map_get_string (decision->output, "reason"), error_text != NULL ? error_text : "") != 0)
        g_error ("%s: is '%s', should be '%s'", air_map_get_string (request, "request_id"),
                 air_map_get_string (decision->output, "reason"), error_text);
      if (error_text != NULL)
        continue;
      g_assert_cmpint (air_map_get_int (decision->output, "amount_minor", -1), ==,
                       to_minor (air_map_get (wanted, "refund_amount")));
      g_hash_table_insert (status, g_strdup (order_id),
                           g_str_equal (air_map_get_string (request, "kind"), "cancel") ? "cancelled"
                                                                                        : "return requested");
    }
  g_test_message ("%u requests", n);
  g_assert_cmpuint (n, >, 500);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/refund-rules/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/compiler/refund-rules/real-set", test_real_set);
  return g_test_run ();
}
