/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "demo-judge.h"
#include "vendor-orders.h"

/* The demo's judge against made-up results: it must be content with the right ones and with no others. */

typedef struct {
  DemoData *data;
  AirValue *books;
  AirValue *state;
} Results;

static AirValue *
answer_of (const AirValue *line, guint number)
{
  AirValue *answer = air_map_new (), *output = air_map_new ();
  gint64 cents;

  air_map_set (output, "outcome", air_value_ref (air_map_get (line, "outcome")));
  air_map_set (output, "error", air_value_ref (air_map_get (line, "error")));
  if (vendor_cents_parse (air_map_get (line, "refund_amount"), &cents))
    air_map_set_int (output, "refund_amount_minor", cents);
  else
    air_map_set (output, "refund_amount_minor", air_value_new_null ());
  air_map_set_string (answer, "state", "completed");
  air_map_set (answer, "output", output);
  return answer;
}

static void
add_refund (AirValue *refunds, const char *intent, gint64 cents)
{
  AirValue *refund = air_map_new ();

  air_map_set_string (refund, "payment_intent", intent);
  air_map_set_int (refund, "amount", cents);
  air_list_append (refunds, refund);
}

/* The right results of the synthetic shop. */
static void
results_init (Results *results)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("AIRAILS_SOURCE"), "tests", "demo", "shop", "requests.jsonl", NULL);
  g_autoptr (GError) error = NULL;
  AirValue *refunds = air_list_new ();

  results->data = demo_data_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (results->data->expected);
  g_assert_nonnull (results->data->final_state);
  g_assert_cmpint (results->data->deliveries->len, >, results->data->requests->len);
  for (guint i = 0; i < results->data->requests->len; i++)
    {
      DemoRequest *request = results->data->requests->pdata[i];
      AirValue *line = results->data->expected->pdata[i];
      g_autofree char *intent = demo_data_payment_intent (results->data, request->data);
      g_autofree char *run = g_strdup_printf ("run-%u", i);
      gint64 cents;

      demo_data_set_run (results->data, request, run);
      request->answer = answer_of (line, i);
      if (g_strcmp0 (air_map_get_string (line, "outcome"), "refunded") == 0 && intent != NULL
          && vendor_cents_parse (air_map_get (line, "refund_amount"), &cents))
        add_refund (refunds, intent, cents);
    }
  results->books = air_map_new ();
  air_map_set (results->books, "refunds", refunds);
  results->state = air_map_copy (results->data->final_state);
}

static void
results_clear (Results *results)
{
  demo_data_free (results->data);
  air_value_unref (results->books);
  air_value_unref (results->state);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Results, results_clear)

static void
assert_complaint (const Results *results, const char *words)
{
  g_autoptr (DemoVerdict) verdict = demo_judge (results->data, results->books, results->state);

  if (words == NULL)
    {
      for (guint i = 0; i < verdict->complaints->len; i++)
        g_test_message ("%s", (char *) verdict->complaints->pdata[i]);
      g_assert_cmpint (verdict->complaints->len, ==, 0);
      return;
    }
  g_assert_cmpint (verdict->complaints->len, >, 0);
  g_assert_nonnull (strstr (verdict->complaints->pdata[0], words));
}

static void
test_right (void)
{
  g_auto (Results) results = { 0 };
  g_autoptr (DemoVerdict) verdict = NULL;

  results_init (&results);
  assert_complaint (&results, NULL);
  verdict = demo_judge (results.data, results.books, results.state);
  g_assert_true (verdict->state_equal);
  g_assert_cmpint (verdict->outcomes_equal, ==, results.data->requests->len);
  g_assert_cmpint (verdict->provider_cents, ==, verdict->provider_due);
  g_assert_cmpint (verdict->provider_cents, >, 0);
  g_assert_cmpint (verdict->provider_cents, <, verdict->refunded_cents);
  g_assert_cmpint (verdict->double_refunds, ==, 0);
}

static void
test_wrong_outcome (void)
{
  g_auto (Results) results = { 0 };
  DemoRequest *request;

  results_init (&results);
  request = results.data->requests->pdata[7];
  g_clear_pointer (&request->answer, air_value_unref);
  request->answer = air_map_new ();
  air_map_set_string (request->answer, "state", "failed");
  assert_complaint (&results, "run run-7: came out as");
}

static void
test_double_refund (void)
{
  g_auto (Results) results = { 0 };
  AirValue *refunds, *first;
  g_autofree char *intent = NULL;

  results_init (&results);
  refunds = air_map_get (results.books, "refunds");
  first = air_list_get (refunds, 0);
  intent = g_strdup (air_map_get_string (first, "payment_intent"));
  add_refund (refunds, intent, air_map_get_int (first, "amount", 0));
  assert_complaint (&results, "was refunded 2 times");
}

/* Even one that adds up is a double refund. */
static void
test_split_refund (void)
{
  g_auto (Results) results = { 0 };
  AirValue *refunds, *first;
  g_autofree char *intent = NULL;

  results_init (&results);
  refunds = air_map_get (results.books, "refunds");
  first = air_list_get (refunds, 0);
  intent = g_strdup (air_map_get_string (first, "payment_intent"));
  air_map_set_int (first, "amount", air_map_get_int (first, "amount", 0) - 1);
  add_refund (refunds, intent, 1);
  assert_complaint (&results, "was refunded 2 times");
}

static void
test_a_cent_off (void)
{
  g_auto (Results) results = { 0 };
  AirValue *first;

  results_init (&results);
  first = air_list_get (air_map_get (results.books, "refunds"), 0);
  air_map_set_int (first, "amount", air_map_get_int (first, "amount", 0) - 1);
  assert_complaint (&results, "was refunded 0.01 less");
}

static void
test_missing_refund (void)
{
  g_auto (Results) results = { 0 };

  results_init (&results);
  air_map_set (results.books, "refunds", air_list_new ());
  assert_complaint (&results, "less at the provider");
}

static void
test_refund_of_nothing (void)
{
  g_auto (Results) results = { 0 };

  results_init (&results);
  add_refund (air_map_get (results.books, "refunds"), "pi_nobody", 5);
  assert_complaint (&results, "should not have been");
}

static void
test_wrong_state (void)
{
  g_auto (Results) results = { 0 };
  AirValue *orders;

  results_init (&results);
  orders = air_map_copy (air_map_get (results.state, "changed_orders"));
  air_map_remove (orders, air_value_get_string (air_map_get_key_at (orders, 3), NULL));
  air_map_set (results.state, "changed_orders", orders);
  assert_complaint (&results, "has not changed and should have");
}

static void
test_bad_files (void)
{
  static const struct {
    const char *requests, *expected, *words;
  } cases[] = {
    { "{\"request_id\": \"a\", \"order_id\": \"#1\"}\n", NULL, "no kind" },
    { "[]\n", NULL, ":1:1: " },
    { "{\"request_id\": \"a\", \"order_id\": \"#1\", \"kind\": \"cancel\"}\n\n{", NULL, ":3:2: " },
    { "{\"request_id\": \"a\", \"order_id\": \"#1\", \"kind\": \"cancel\"}\n", "", "0 outcomes" },
    { "{\"request_id\": \"a\", \"order_id\": \"#1\", \"kind\": \"cancel\"}\n", "{\"request_id\": \"b\"}\n",
      "not about a" },
  };
  const char *folder = g_get_user_cache_dir ();
  g_autofree char *requests = g_build_filename (folder, "requests-x.jsonl", NULL);
  g_autofree char *expected = g_build_filename (folder, "expected-x.jsonl", NULL);

  g_mkdir_with_parents (folder, 0700);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = g_build_filename (folder, i == 0 ? "orders.json" : "users.json", NULL);

      g_assert_true (g_file_set_contents (path, "{}", -1, NULL));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DemoData) data = NULL;

      g_assert_true (g_file_set_contents (requests, cases[i].requests, -1, NULL));
      if (cases[i].expected != NULL)
        g_assert_true (g_file_set_contents (expected, cases[i].expected, -1, NULL));
      data = demo_data_load (requests, NULL, NULL, &error);
      g_assert_null (data);
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/judge/right", test_right);
  g_test_add_func ("/judge/wrong-outcome", test_wrong_outcome);
  g_test_add_func ("/judge/double-refund", test_double_refund);
  g_test_add_func ("/judge/split-refund", test_split_refund);
  g_test_add_func ("/judge/a-cent-off", test_a_cent_off);
  g_test_add_func ("/judge/missing-refund", test_missing_refund);
  g_test_add_func ("/judge/refund-of-nothing", test_refund_of_nothing);
  g_test_add_func ("/judge/wrong-state", test_wrong_state);
  g_test_add_func ("/judge/bad-files", test_bad_files);
  return g_test_run ();
}
