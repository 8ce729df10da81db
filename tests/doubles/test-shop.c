/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "shop-store.h"
#include "shop.h"
#include "test-client.h"
#include "vendor-orders.h"

static const char orders_json[] =
    "{\"#W1\": {\"order_id\": \"#W1\", \"user_id\": \"ana\", \"status\": \"pending\","
    "   \"items\": [{\"item_id\": \"i1\", \"name\": \"Lamp\", \"price\": 19.99}],"
    "   \"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 15.49, \"payment_method_id\": "
    "\"gift_card_1\"},"
    "     {\"transaction_type\": \"payment\", \"amount\": 4.5, \"payment_method_id\": \"credit_card_1\"}]},"
    " \"#W2\": {\"order_id\": \"#W2\", \"user_id\": \"ana\", \"status\": \"delivered\","
    "   \"items\": [{\"item_id\": \"b\", \"name\": \"Mug\", \"price\": 5}, {\"item_id\": \"a\", \"name\": \"Bowl\", "
    "\"price\": 7.25},"
    "     {\"item_id\": \"b\", \"name\": \"Mug\", \"price\": 5}],"
    "   \"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 17.25, \"payment_method_id\": "
    "\"credit_card_1\"}]},"
    " \"#W3\": {\"order_id\": \"#W3\", \"user_id\": \"ana\", \"status\": \"cancelled\", \"items\": [], "
    "\"payment_history\": []}}";
static const char users_json[] =
    "{\"ana\": {\"email\": \"ana@example.com\", \"name\": {\"first_name\": \"Ana\", \"last_name\": \"Lopez\"},"
    "   \"payment_methods\": {\"gift_card_1\": {\"id\": \"gift_card_1\", \"source\": \"gift_card\", \"balance\": 17},"
    "     \"credit_card_1\": {\"id\": \"credit_card_1\", \"source\": \"credit_card\"},"
    "     \"paypal_1\": {\"id\": \"paypal_1\", \"source\": \"paypal\"}}}}";

static Shop *
new_shop (void)
{
  g_autoptr (AirValue) orders = air_json_parse (orders_json, strlen (orders_json), NULL);
  g_autoptr (AirValue) users = air_json_parse (users_json, strlen (users_json), NULL);

  return shop_new (orders, users, "t0ken");
}

static char *
state_of (Shop *shop)
{
  g_auto (Reply) reply = { 0 };

  ask (shop_handle, shop, "GET /_control/state", NULL, NULL, &reply);
  return air_jcs_write (reply.body, NULL, NULL);
}

static void
test_lookups (void)
{
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };
  g_autofree char *text = NULL;

  ask (shop_handle, shop, "GET /v1/customers/ana", NULL, NULL, &reply);
  g_assert_cmpint (reply.status, ==, 200);
  text = air_jcs_write (reply.body, NULL, NULL);
  g_assert_cmpstr (text, ==,
                   "{\"email\":\"ana@example.com\",\"name\":\"Ana Lopez\",\"payment_methods\":["
                   "{\"balance_minor\":1700,\"id\":\"gift_card_1\",\"source\":\"gift_card\"},"
                   "{\"id\":\"credit_card_1\",\"source\":\"credit_card\"},"
                   "{\"id\":\"paypal_1\",\"source\":\"paypal\"}],\"user_id\":\"ana\"}");
  g_clear_pointer (&text, g_free);

  ask (shop_handle, shop, "GET /v1/orders/%23W1", NULL, NULL, &reply);
  g_assert_cmpint (reply.status, ==, 200);
  text = air_jcs_write (reply.body, NULL, NULL);
  g_assert_cmpstr (
      text, ==,
      "{\"currency\":\"usd\",\"items\":[{\"item_id\":\"i1\",\"name\":\"Lamp\",\"price_minor\":1999}],"
      "\"order_id\":\"#W1\",\"payments\":[{\"amount_minor\":1549,\"payment_intent\":null,"
      "\"payment_method_id\":\"gift_card_1\",\"source\":\"gift_card\"},{\"amount_minor\":450,"
      "\"payment_intent\":\"pi_W1p1\",\"payment_method_id\":\"credit_card_1\",\"source\":\"credit_card\"}],"
      "\"status\":\"pending\",\"user_id\":\"ana\",\"version\":1}");

  ask (shop_handle, shop, "GET /v1/orders/%23W9", NULL, NULL, &reply);
  g_assert_cmpint (reply.status, ==, 404);
  ask (shop_handle, shop, "GET /v1/customers/bob", NULL, NULL, &reply);
  g_assert_cmpint (reply.status, ==, 404);
}

static void
test_cancel_and_reinstate (void)
{
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };
  g_autofree char *state = NULL;

  ask (shop_handle, shop, "POST /v1/orders/%23W1/cancel", "{\"reason\": \"no longer needed\"}", "k1", &reply);
  g_assert_cmpint (reply.status, ==, 200);
  g_assert_cmpint (air_map_get_int (reply.body, "version", 0), ==, 2);
  state = state_of (shop);
  g_assert_cmpstr (
      state, ==,
      "{\"changed_orders\":{\"#W1\":{\"cancel_reason\":\"no longer needed\",\"items\":[{\"item_id\":\"i1\",\"name\":"
      "\"Lamp\",\"price\":19.99}],\"order_id\":\"#W1\",\"payment_history\":["
      "{\"amount\":15.49,\"payment_method_id\":\"gift_card_1\",\"transaction_type\":\"payment\"},"
      "{\"amount\":4.5,\"payment_method_id\":\"credit_card_1\",\"transaction_type\":\"payment\"},"
      "{\"amount\":15.49,\"payment_method_id\":\"gift_card_1\",\"transaction_type\":\"refund\"},"
      "{\"amount\":4.5,\"payment_method_id\":\"credit_card_1\",\"transaction_type\":\"refund\"}],"
      "\"status\":\"cancelled\",\"user_id\":\"ana\"}},"
      "\"changed_payment_methods\":{\"ana\":{\"credit_card_1\":{\"id\":\"credit_card_1\",\"source\":\"credit_card\"},"
      "\"gift_card_1\":{\"balance\":32.49,\"id\":\"gift_card_1\",\"source\":\"gift_card\"},"
      "\"paypal_1\":{\"id\":\"paypal_1\",\"source\":\"paypal\"}}}}");
  g_clear_pointer (&state, g_free);

  ask (shop_handle, shop, "POST /v1/orders/%23W1/cancel", "{\"reason\": \"no longer needed\"}", "k2", &reply);
  g_assert_cmpint (reply.status, ==, 409);
  ask (shop_handle, shop, "POST /v1/orders/%23W1/reinstate", "{}", "k3", &reply);
  g_assert_cmpint (reply.status, ==, 200);
  state = state_of (shop);
  g_assert_cmpstr (state, ==, "{\"changed_orders\":{},\"changed_payment_methods\":{}}");
  ask (shop_handle, shop, "POST /v1/orders/%23W1/reinstate", "{}", "k4", &reply);
  g_assert_cmpint (reply.status, ==, 409);
  /* Cancelled before this shop opened: how it was before, nobody knows. */
  ask (shop_handle, shop, "POST /v1/orders/%23W3/reinstate", "{}", "k5", &reply);
  g_assert_cmpint (reply.status, ==, 409);
}

static void
test_return_and_withdraw (void)
{
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };
  g_autofree char *text = NULL, *state = NULL;

  ask (shop_handle, shop, "POST /v1/orders/%23W2/return",
       "{\"item_ids\": [\"b\", \"a\", \"b\"], \"payment_method_id\": \"gift_card_1\"}", "k1", &reply);
  g_assert_cmpint (reply.status, ==, 200);
  text = air_jcs_write (reply.body, NULL, NULL);
  g_assert_cmpstr (text, ==,
                   "{\"order_id\":\"#W2\",\"return_items\":[\"a\",\"b\",\"b\"],\"return_payment_method_id\":"
                   "\"gift_card_1\",\"status\":\"return requested\",\"version\":2}");
  /* Balances stay. */
  state = state_of (shop);
  g_assert_nonnull (strstr (state, "\"changed_payment_methods\":{}"));
  g_assert_nonnull (strstr (state, "\"return_items\":[\"a\",\"b\",\"b\"]"));
  g_clear_pointer (&state, g_free);

  ask (shop_handle, shop, "POST /v1/orders/%23W2/return/withdraw", "{}", "k2", &reply);
  g_assert_cmpint (reply.status, ==, 200);
  state = state_of (shop);
  g_assert_cmpstr (state, ==, "{\"changed_orders\":{},\"changed_payment_methods\":{}}");
}

static void
test_refusals (void)
{
  static const struct {
    const char *what, *body;
    guint status;
    const char *code;
  } cases[] = {
    { "POST /v1/orders/%23W9/cancel", "{\"reason\": \"no longer needed\"}", 404, "not_found" },
    { "POST /v1/orders/%23W2/cancel", "{\"reason\": \"no longer needed\"}", 409, "conflict" },
    { "POST /v1/orders/%23W1/cancel", "{\"reason\": \"bored\"}", 422, "invalid" },
    { "POST /v1/orders/%23W1/cancel", "{\"reason\": 1}", 400, "bad_request" },
    { "POST /v1/orders/%23W1/cancel", "{}", 400, "bad_request" },
    { "POST /v1/orders/%23W1/cancel", "{\"reason\": \"no longer needed\", \"x\": 1}", 400, "bad_request" },
    { "POST /v1/orders/%23W1/cancel", "{", 400, "bad_request" },
    { "POST /v1/orders/%23W1/cancel", "[]", 400, "bad_request" },
    { "POST /v1/orders/%23W1/return", "{\"item_ids\": [\"i1\"], \"payment_method_id\": \"credit_card_1\"}", 409,
      "conflict" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [], \"payment_method_id\": \"credit_card_1\"}", 422, "invalid" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [1], \"payment_method_id\": \"credit_card_1\"}", 422, "invalid" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [\"a\", \"a\"], \"payment_method_id\": \"credit_card_1\"}", 422,
      "invalid" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [\"zz\"], \"payment_method_id\": \"credit_card_1\"}", 422,
      "invalid" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [\"a\"], \"payment_method_id\": \"paypal_1\"}", 422, "invalid" },
    { "POST /v1/orders/%23W2/return", "{\"item_ids\": [\"a\"], \"payment_method_id\": \"paypal_9\"}", 422, "invalid" },
    { "POST /v1/orders/%23W2/return/withdraw", "{}", 409, "conflict" },
    { "POST /v1/notifications", "{\"user_id\": \"bob\", \"template\": \"refund-refused\", \"order_id\": \"#W1\"}", 404,
      "not_found" },
    { "POST /v1/notifications", "{\"user_id\": \"ana\", \"template\": \"spam\", \"order_id\": \"#W1\"}", 422,
      "invalid" },
    { "POST /v1/orders/", "{}", 404, "not_found" },
    { "POST /v1/orders/%23W1/burn", "{}", 404, "not_found" },
  };
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };
  g_autofree char *state = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%zu", i);

      g_test_message ("%s %s", cases[i].what, cases[i].body);
      ask (shop_handle, shop, cases[i].what, cases[i].body, key, &reply);
      g_assert_cmpint (reply.status, ==, cases[i].status);
      g_assert_cmpstr (air_map_get_string (air_map_get (reply.body, "error"), "code"), ==, cases[i].code);
    }
  ask (shop_handle, shop, "POST /v1/orders/%23W1/cancel", "{\"reason\": \"no longer needed\"}", NULL, &reply);
  g_assert_cmpint (reply.status, ==, 400); /* no key */
  state = state_of (shop);
  g_assert_cmpstr (state, ==, "{\"changed_orders\":{},\"changed_payment_methods\":{}}");
}

static void
test_keys (void)
{
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };
  g_autofree char *state = NULL;

  for (int i = 0; i < 3; i++)
    {
      ask (shop_handle, shop, "POST /v1/orders/%23W1/cancel", "{\"reason\": \"no longer needed\"}", "k", &reply);
      g_assert_cmpint (reply.status, ==, 200);
      g_assert_cmpstr (reply.replayed, ==, i == 0 ? NULL : "true");
    }
  state = state_of (shop);
  g_assert_nonnull (strstr (state, "\"balance\":32.49"));
  ask (shop_handle, shop, "POST /v1/orders/%23W1/cancel", "{\"reason\": \"ordered by mistake\"}", "k", &reply);
  g_assert_cmpint (reply.status, ==, 409);
  g_assert_cmpstr (air_map_get_string (air_map_get (reply.body, "error"), "code"), ==, "idempotency_mismatch");
}

static void
test_notifications (void)
{
  g_autoptr (Shop) shop = new_shop ();
  g_auto (Reply) reply = { 0 };

  ask (shop_handle, shop, "POST /v1/notifications",
       "{\"user_id\": \"ana\", \"template\": \"refund-confirmed\", \"order_id\": \"#W1\", \"amount_minor\": 1999}", "k",
       &reply);
  g_assert_cmpint (reply.status, ==, 200);
  g_assert_cmpstr (air_map_get_string (reply.body, "status"), ==, "sent");
  ask (shop_handle, shop, "GET /_control/messages", NULL, NULL, &reply);
  g_assert_cmpint (air_list_get_size (reply.body), ==, 1);
  g_assert_cmpint (air_map_get_int (air_list_get (reply.body, 0), "amount_minor", 0), ==, 1999);
}

/* Every allowed request of the published set, in its order, leaves the published state; every
 * other one is refused by the shop itself (but for the owner's rule, which is the workflow's). */
static void
test_published_set (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("AIRAILS_SOURCE"), "..", "shared", "data", "retail", NULL);
  g_autofree char *orders_path = g_build_filename (folder, "orders.json", NULL);
  g_autofree char *users_path = g_build_filename (folder, "users.json", NULL);
  g_autofree char *requests_path = g_build_filename (folder, "requests-train.jsonl", NULL);
  g_autofree char *expected_path = g_build_filename (folder, "expected-train.jsonl", NULL);
  g_autofree char *state_path = g_build_filename (folder, "final-state-train.json", NULL);
  g_autofree char *requests_text = NULL, *expected_text = NULL, *state = NULL, *expected_state = NULL;
  g_auto (GStrv) requests = NULL, expected = NULL;
  g_autoptr (AirValue) orders = NULL, users = NULL, changes = NULL, published = NULL;
  g_autoptr (ShopStore) store = NULL;
  g_autoptr (GError) error = NULL;
  guint done = 0;

  if (!g_file_get_contents (requests_path, &requests_text, NULL, NULL))
    {
      g_test_skip ("../shared/data/retail is not here");
      return;
    }
  orders = vendor_orders_load (orders_path, &error);
  g_assert_no_error (error);
  users = vendor_users_load (users_path, &error);
  g_assert_no_error (error);
  g_file_get_contents (expected_path, &expected_text, NULL, &error);
  g_assert_no_error (error);
  store = shop_store_new (orders, users);
  requests = g_strsplit (g_strchomp (requests_text), "\n", -1);
  expected = g_strsplit (g_strchomp (expected_text), "\n", -1);
  g_assert_cmpint (g_strv_length (requests), ==, g_strv_length (expected));

  for (gsize i = 0; requests[i] != NULL; i++)
    {
      g_autoptr (AirValue) request = air_json_parse (requests[i], strlen (requests[i]), &error);
      g_autoptr (AirValue) outcome = air_json_parse (expected[i], strlen (expected[i]), &error);
      g_autoptr (AirValue) view = NULL;
      const char *order_id = air_map_get_string (request, "order_id");
      const char *wrong = air_map_get_string (outcome, "error");

      if (g_strcmp0 (wrong, "order belongs to another customer") == 0)
        continue;
      if (g_strcmp0 (air_map_get_string (request, "kind"), "cancel") == 0)
        view = shop_store_cancel (store, order_id, air_map_get_string (request, "reason"), &error);
      else
        {
          AirValue *items = air_map_get_list (request, "item_ids");
          g_autoptr (GPtrArray) ids = g_ptr_array_new_null_terminated (4, NULL, TRUE);

          for (gsize j = 0; j < air_list_get_size (items); j++)
            g_ptr_array_add (ids, (gpointer) air_value_get_string (air_list_get (items, j), NULL));
          view = shop_store_return (store, order_id, (const char *const *) ids->pdata,
                                    air_map_get_string (request, "payment_method_id"), &error);
        }
      if (wrong == NULL)
        g_assert_no_error (error);
      else
        g_assert_nonnull (error);
      g_clear_error (&error);
      done += view != NULL;
    }
  g_test_message ("%u of %u done", done, g_strv_length (requests));
  g_assert_cmpint (done, >, 0);

  changes = shop_store_show_changes (store);
  published = air_json_load_file (state_path, &error);
  g_assert_no_error (error);
  state = air_jcs_write (changes, NULL, NULL);
  expected_state = air_jcs_write (published, NULL, NULL);
  g_assert_cmpstr (state, ==, expected_state);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/shop/lookups", test_lookups);
  g_test_add_func ("/shop/cancel-and-reinstate", test_cancel_and_reinstate);
  g_test_add_func ("/shop/return-and-withdraw", test_return_and_withdraw);
  g_test_add_func ("/shop/refusals", test_refusals);
  g_test_add_func ("/shop/keys", test_keys);
  g_test_add_func ("/shop/notifications", test_notifications);
  g_test_add_func ("/shop/published-set", test_published_set);
  return g_test_run ();
}
