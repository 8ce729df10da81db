/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "payments-contract.h"
#include "payments.h"
#include "test-client.h"

static const char orders_json[] =
    "{\"#W1\": {\"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 793.2,"
    "   \"payment_method_id\": \"credit_card_1\"}]},"
    " \"#W2\": {\"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 10,"
    "   \"payment_method_id\": \"credit_card_bad\"}]},"
    " \"#W3\": {\"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 10,"
    "   \"payment_method_id\": \"gift_card_1\"}]},"
    " \"#W4\": {\"payment_history\": [{\"transaction_type\": \"payment\", \"amount\": 12.5,"
    "   \"payment_method_id\": \"paypal_1\"}, {\"transaction_type\": \"refund\", \"amount\": 12.5,"
    "   \"payment_method_id\": \"paypal_1\"}]}}";

static Payments *
new_payments (void)
{
  g_autoptr (AirValue) orders = air_json_parse (orders_json, strlen (orders_json), NULL);
  Payments *payments = payments_new (orders, "t0ken", 7);

  payments_refuse_method (payments, "credit_card_bad");
  return payments;
}

static void
set_faults (Payments *payments, const char *json)
{
  g_auto (Reply) reply = { 0 };

  ask (payments_handle, payments, "POST /_control/faults", json, NULL, &reply);
  g_assert_cmpint (reply.status, ==, 200);
}

static gint64
total_refunded (Payments *payments)
{
  g_auto (Reply) reply = { 0 };

  ask (payments_handle, payments, "GET /_control/books", NULL, NULL, &reply);
  return air_map_get_int (reply.body, "total_refunded", -1);
}

static void
assert_refusal (const Reply *reply, guint status, const char *type, const char *code)
{
  AirValue *error = air_map_get (reply->body, "error");

  g_assert_cmpint (reply->status, ==, status);
  g_assert_cmpstr (air_map_get_string (error, "type"), ==, type);
  g_assert_cmpstr (air_map_get_string (error, "code"), ==, code);
}

static void
test_refund (void)
{
  g_autoptr (Payments) payments = new_payments ();
  g_auto (Reply) reply = { 0 };

  ask (payments_handle, payments, "POST /v1/refunds",
       "payment_intent=pi_W1p0&amount=79000&reason=requested_by_customer&metadata[airails_run]=r&metadata[airails_step]"
       "=s",
       "k1", &reply);
  g_assert_cmpint (reply.status, ==, 200);
  g_assert_cmpint (air_map_get_int (reply.body, "amount", 0), ==, 79000);
  g_assert_cmpstr (air_map_get_string (air_map_get (reply.body, "metadata"), "airails_step"), ==, "s");

  /* Without an amount: the rest. */
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0", "k2", &reply);
  g_assert_cmpint (air_map_get_int (reply.body, "amount", 0), ==, 320);
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=1", "k3", &reply);
  assert_refusal (&reply, 400, "invalid_request_error", "charge_already_refunded");
  g_assert_cmpint (total_refunded (payments), ==, 79320);

  ask (payments_handle, payments, "GET /v1/refunds?payment_intent=pi_W1p0&limit=1", NULL, NULL, &reply);
  g_assert_true (air_map_get_bool (reply.body, "has_more", FALSE));
  g_assert_cmpint (air_map_get_int (air_value_at (reply.body, "/data/0"), "amount", 0), ==, 320);
  ask (payments_handle, payments, "GET /v1/refunds?payment_intent=pi_W2p0", NULL, NULL, &reply);
  g_assert_cmpint (air_list_get_size (air_map_get (reply.body, "data")), ==, 0);
}

static void
test_refusals (void)
{
  static const struct {
    const char *what, *body;
    guint status;
    const char *type, *code;
  } cases[] = {
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=79321", 400, "invalid_request_error", "amount_too_large" },
    { "POST /v1/refunds", "payment_intent=pi_W2p0&amount=1", 400, "invalid_request_error", "charge_disputed" },
    { "POST /v1/refunds", "payment_intent=pi_W4p0&amount=1", 400, "invalid_request_error", "charge_already_refunded" },
    /* Gift cards are not the provider's. */
    { "POST /v1/refunds", "payment_intent=pi_W3p0&amount=1", 404, "invalid_request_error", "resource_missing" },
    { "POST /v1/refunds", "amount=1", 400, "invalid_request_error", "parameter_missing" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=1.5", 400, "invalid_request_error",
      "parameter_invalid_integer" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=0", 400, "invalid_request_error",
      "parameter_invalid_integer" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=-1", 400, "invalid_request_error",
      "parameter_invalid_integer" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=", 400, "invalid_request_error", "parameter_invalid_integer" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&ammount=1", 400, "invalid_request_error", "parameter_unknown" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&reason=bored", 400, "invalid_request_error", "parameter_invalid" },
    { "POST /v1/refunds", "payment_intent=W1", 400, "invalid_request_error", "parameter_invalid" },
    { "POST /v1/refunds", "payment_intent[a]=pi_W1p0", 400, "invalid_request_error", "parameter_invalid" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&metadata=x", 400, "invalid_request_error", "parameter_invalid" },
    { "POST /v1/refunds", "payment_intent=pi_W1p0&amount=1&amount=1", 400, "invalid_request_error",
      "parameter_invalid" },
    { "POST /v1/refunds", "{\"payment_intent\":\"pi_W1p0\"}", 400, "invalid_request_error", NULL },
    { "GET /v1/refunds?limit=101", NULL, 400, "invalid_request_error", "parameter_invalid_integer" },
    { "GET /v1/refunds?charge=ch_1", NULL, 400, "invalid_request_error", "parameter_unknown" },
    { "GET /v1/charges", NULL, 404, "invalid_request_error", NULL },
    { "DELETE /v1/refunds", NULL, 404, "invalid_request_error", NULL },
  };
  g_autoptr (Payments) payments = new_payments ();
  g_auto (Reply) reply = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%zu", i);

      g_test_message ("%s %s", cases[i].what, cases[i].body);
      ask (payments_handle, payments, cases[i].what, cases[i].body, key, &reply);
      assert_refusal (&reply, cases[i].status, cases[i].type, cases[i].code);
    }
  g_assert_cmpint (total_refunded (payments), ==, 0);
}

static void
test_token (void)
{
  g_autoptr (AirValue) orders = air_map_new ();
  g_autoptr (Payments) payments = payments_new (orders, "another", 1);
  g_auto (Reply) reply = { 0 };

  ask (payments_handle, payments, "GET /v1/refunds", NULL, NULL, &reply);
  assert_refusal (&reply, 401, "invalid_request_error", NULL);
}

static void
test_keys (void)
{
  g_autoptr (Payments) payments = new_payments ();
  g_auto (Reply) first = { 0 }, again = { 0 };

  /* What fails validation leaves the key free. */
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=x", "k", &first);
  g_assert_cmpint (first.status, ==, 400);
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=100", "k", &first);
  g_assert_cmpint (first.status, ==, 200);
  g_assert_null (first.replayed);
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=100", "k", &again);
  g_assert_cmpstr (again.replayed, ==, "true");
  g_assert_true (air_value_equal (first.body, again.body));
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=101", "k", &again);
  assert_refusal (&again, 400, "idempotency_error", NULL);
  g_assert_cmpint (total_refunded (payments), ==, 100);

  /* A refusal that was acted upon is kept, too. */
  for (int i = 0; i < 2; i++)
    {
      ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W2p0&amount=1", "bad", &again);
      assert_refusal (&again, 400, "invalid_request_error", "charge_disputed");
      g_assert_cmpstr (again.replayed, ==, i == 0 ? NULL : "true");
    }
}

static void
test_faults (void)
{
  g_autoptr (Payments) payments = new_payments ();
  g_auto (Reply) reply = { 0 };

  set_faults (payments, "{\"drop\": 100}");
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=100", "k", &reply);
  g_assert_true (reply.dropped);
  g_assert_cmpint (total_refunded (payments), ==, 100);

  set_faults (payments, "{\"drop\": 0, \"repeat\": 100}");
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=200", "l", &reply);
  g_assert_cmpstr (reply.replayed, ==, "true");
  g_assert_cmpint (total_refunded (payments), ==, 300);
  /* Whoever sends no key is refunded twice. That is what keys are for. */
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=200", NULL, &reply);
  g_assert_cmpint (total_refunded (payments), ==, 700);

  set_faults (payments, "{\"repeat\": 0, \"fail\": 100, \"retry_after_s\": 3}");
  ask (payments_handle, payments, "POST /v1/refunds", "payment_intent=pi_W1p0&amount=300", "m", &reply);
  g_assert_true (reply.status == 429 || reply.status == 500);
  g_assert_cmpint (total_refunded (payments), ==, 700);

  ask (payments_handle, payments, "POST /_control/faults", "{\"drop\": 101}", NULL, &reply);
  g_assert_cmpint (reply.status, ==, 400);
  ask (payments_handle, payments, "POST /_control/faults", "{\"drop\": 1}", NULL, &reply);
  g_assert_cmpint (reply.status, ==, 400); /* with fail 100 */
  ask (payments_handle, payments, "POST /_control/faults", "{\"dorp\": 1}", NULL, &reply);
  g_assert_cmpint (reply.status, ==, 400);
}

/* The same seed, the same trouble. */
static void
test_seed (void)
{
  g_autoptr (PaymentsFaults) a = payments_faults_new (42), b = payments_faults_new (42), c = payments_faults_new (43);
  g_autoptr (AirValue) settings = air_map_new ();
  guint struck = 0, differs = 0;

  air_map_set_int (settings, "drop", 10);
  air_map_set_int (settings, "delay", 10);
  g_assert_true (payments_faults_set (a, settings, NULL));
  g_assert_true (payments_faults_set (b, settings, NULL));
  g_assert_true (payments_faults_set (c, settings, NULL));
  for (int i = 0; i < 1000; i++)
    {
      PaymentsFault fault = payments_faults_next (a);

      g_assert_cmpint (fault, ==, payments_faults_next (b));
      differs += fault != payments_faults_next (c);
      struck += fault == PAYMENTS_FAULT_DROP;
    }
  g_assert_cmpint (struck, >, 60);
  g_assert_cmpint (struck, <, 150);
  g_assert_cmpint (differs, >, 0);
}

static void
test_answers_as_described (void)
{
  static const char *const bodies[] = { "payment_intent=pi_W1p0&amount=5&metadata[a]=b", "payment_intent=pi_W9p0",
                                        "payment_intent=pi_W2p0", "amount=1", "payment_intent=pi_W1p0" };
  g_autoptr (Payments) payments = new_payments ();
  g_autoptr (PaymentsContract) contract = payments_contract_new ();
  VendorRequest post = { .method = "POST", .path = "/v1/refunds" }, get = { .method = "GET", .path = "/v1/refunds" };
  g_auto (Reply) reply = { 0 };
  g_autofree char *complaint = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      ask (payments_handle, payments, "POST /v1/refunds", bodies[i], bodies[i], &reply);
      g_assert_true (payments_contract_check_answer (contract, &post, reply.status, reply.body, &complaint));
    }
  ask (payments_handle, payments, "GET /v1/refunds", NULL, NULL, &reply);
  g_assert_cmpint (air_list_get_size (air_map_get (reply.body, "data")), ==, 2);
  g_assert_true (payments_contract_check_answer (contract, &get, reply.status, reply.body, &complaint));
  g_assert_false (payments_contract_check_answer (contract, &post, 200, reply.body, &complaint));
  g_assert_nonnull (complaint);
}

typedef struct {
  GMainLoop *loop;
  GBytes *body;
  GError *error;
  guint status;
} Waiting;

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;

  waiting->body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &waiting->error);
  g_main_loop_quit (waiting->loop);
}

static void
post_refund (SoupSession *session, VendorServer *server, const char *form, Waiting *waiting)
{
  g_autofree char *uri = g_strdup_printf ("http://%s/v1/refunds", vendor_server_get_address (server));
  g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));

  g_clear_pointer (&waiting->body, g_bytes_unref);
  g_clear_error (&waiting->error);
  soup_message_set_request_body_from_bytes (message, "application/x-www-form-urlencoded", body);
  soup_message_headers_append (soup_message_get_request_headers (message), "Authorization", "Bearer t0ken");
  soup_message_headers_append (soup_message_get_request_headers (message), "Idempotency-Key", form);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, sent_cb, waiting);
  g_main_loop_run (waiting->loop);
  waiting->status = soup_message_get_status (message);
}

/* Over the wire: an answer, a late one, and a connection that breaks after the provider acted. */
static void
test_wire (void)
{
  g_autoptr (Payments) payments = new_payments ();
  g_autoptr (VendorServer) server = vendor_server_new (payments_handle, payments);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Waiting waiting = { .loop = loop };
  gint64 start;

  vendor_server_listen (server, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (vendor_server_get_address (server), "127.0.0.1:"));

  post_refund (session, server, "payment_intent=pi_W1p0&amount=1", &waiting);
  g_assert_no_error (waiting.error);
  g_assert_cmpint (waiting.status, ==, 200);

  set_faults (payments, "{\"delay\": 100, \"delay_ms\": 60}");
  start = g_get_monotonic_time ();
  post_refund (session, server, "payment_intent=pi_W1p0&amount=2", &waiting);
  g_assert_no_error (waiting.error);
  g_assert_cmpint (waiting.status, ==, 200);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 59000);

  set_faults (payments, "{\"delay\": 0, \"drop\": 100}");
  post_refund (session, server, "payment_intent=pi_W1p0&amount=4", &waiting);
  g_assert_nonnull (waiting.error);
  g_assert_cmpint (total_refunded (payments), ==, 7);

  /* The same key again, as a client that does not know would do. */
  set_faults (payments, "{\"drop\": 0}");
  post_refund (session, server, "payment_intent=pi_W1p0&amount=4", &waiting);
  g_assert_no_error (waiting.error);
  g_assert_cmpint (waiting.status, ==, 200);
  g_assert_cmpint (total_refunded (payments), ==, 7);

  g_clear_pointer (&waiting.body, g_bytes_unref);
  soup_session_abort (session);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/payments/refund", test_refund);
  g_test_add_func ("/payments/refusals", test_refusals);
  g_test_add_func ("/payments/token", test_token);
  g_test_add_func ("/payments/keys", test_keys);
  g_test_add_func ("/payments/faults", test_faults);
  g_test_add_func ("/payments/seed", test_seed);
  g_test_add_func ("/payments/answers-as-described", test_answers_as_described);
  g_test_add_func ("/payments/wire", test_wire);
  return g_test_run ();
}
