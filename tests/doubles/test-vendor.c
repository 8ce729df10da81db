/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/air-json.h"
#include "payments-form.h"
#include "vendor-keys.h"
#include "vendor-orders.h"

static void
test_cents (void)
{
  static const struct {
    const char *dollars;
    gboolean exact;
    gint64 cents;
  } cases[] = {
    { "0", TRUE, 0 },           { "17", TRUE, 1700 },    { "793.2", TRUE, 79320 }, { "0.07", TRUE, 7 },
    { "1024.6", TRUE, 102460 }, { "-3.01", TRUE, -301 }, { "0.29", TRUE, 29 },     { "4503599.07", TRUE, 450359907 },
    { "0.001", FALSE, 0 },      { "12.345", FALSE, 0 },  { "\"12\"", FALSE, 0 },   { "null", FALSE, 0 },
    { "1e300", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AirValue) value = air_json_parse (cases[i].dollars, strlen (cases[i].dollars), NULL);
      gint64 cents = 0;

      g_test_message ("%s", cases[i].dollars);
      g_assert_cmpint (vendor_cents_parse (value, &cents), ==, cases[i].exact);
      g_assert_cmpint (cents, ==, cases[i].cents);
    }
  g_assert_false (vendor_cents_parse (NULL, NULL));

  /* And back, to the very text. */
  for (gint64 cents = 0; cents < 300000; cents += 7)
    {
      g_autoptr (AirValue) value = vendor_cents_to_value (cents), again = NULL;
      g_autofree char *text = air_jcs_write (value, NULL, NULL);
      gint64 read = -1;

      again = air_json_parse (text, strlen (text), NULL);
      g_assert_true (vendor_cents_parse (again, &read));
      g_assert_cmpint (read, ==, cents);
    }
}

static void
test_payment_intent (void)
{
  g_autofree char *intent = vendor_payment_intent ("#W1006327", 0), *other = vendor_payment_intent ("#W100632-7", 12);
  g_autofree char *charge = vendor_payment_charge (intent);

  g_assert_cmpstr (intent, ==, "pi_W1006327p0");
  g_assert_cmpstr (other, ==, "pi_W1006327p12");
  g_assert_cmpstr (charge, ==, "ch_W1006327p0");
}

static void
write_file (const char *name, const char *text, char **ret_path)
{
  g_autoptr (GError) error = NULL;

  *ret_path = g_build_filename (g_get_user_cache_dir (), name, NULL);
  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  g_file_set_contents (*ret_path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_bad_files (void)
{
  static const char *const orders[] = {
    "[]",
    "{\"#W1\": {}}",
    "{\"#W1\": {\"user_id\": \"a\", \"status\": \"pending\", \"items\": [{\"price\": 1.005}], \"payment_history\": "
    "[]}}",
    "{\"#W1\": {\"user_id\": \"a\", \"status\": \"pending\", \"items\": [], \"payment_history\": [{}]}}",
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      write_file ("orders.json", orders[i], &path);
      g_assert_null (vendor_orders_load (path, &error));
      g_assert_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA);
      g_assert_nonnull (strstr (error->message, "orders.json"));
      g_clear_error (&error);
      g_clear_pointer (&path, g_free);
    }
  write_file ("users.json", "{\"a\": {\"payment_methods\": {\"g\": {\"source\": \"gift_card\", \"balance\": \"1\"}}}}",
              &path);
  g_assert_null (vendor_users_load (path, &error));
  g_assert_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA);
  g_clear_error (&error);
  g_assert_null (vendor_orders_load ("/nonexistent/orders.json", &error));
  g_assert_nonnull (error);
}

static void
test_keys (void)
{
  g_autoptr (VendorKeys) keys = vendor_keys_new ();
  g_autoptr (GBytes) body = g_bytes_new_static ("a=1", 3), other = g_bytes_new_static ("a=2", 3);
  g_autoptr (VendorAnswer) answer = vendor_answer_new (200, air_map_new ()), first = NULL;
  VendorRequest request = { .method = "POST", .path = "/v1/x", .body = body };

  g_assert_cmpint (vendor_keys_look (keys, "k", &request, &first), ==, VENDOR_KEY_FRESH);
  vendor_keys_keep (keys, "k", &request, answer);
  g_assert_cmpint (vendor_keys_look (keys, "k", &request, &first), ==, VENDOR_KEY_REPLAY);
  g_assert_cmpstr (first->body, ==, "{}");
  g_clear_pointer (&first, vendor_answer_free);
  request.path = "/v1/y";
  g_assert_cmpint (vendor_keys_look (keys, "k", &request, &first), ==, VENDOR_KEY_MISMATCH);
  request.path = "/v1/x";
  request.body = other;
  g_assert_cmpint (vendor_keys_look (keys, "k", &request, &first), ==, VENDOR_KEY_MISMATCH);
  g_assert_cmpint (vendor_keys_look (keys, "l", &request, &first), ==, VENDOR_KEY_FRESH);
}

static void
test_form (void)
{
  static const struct {
    const char *text;
    const char *json; /* NULL: refused */
  } cases[] = {
    { "", "{}" },
    { "a=1&b=x+y%20z", "{\"a\":\"1\",\"b\":\"x y z\"}" },
    { "metadata[run]=r%26s&metadata[step]=&a=%C3%BC", "{\"a\":\"ü\",\"metadata\":{\"run\":\"r&s\",\"step\":\"\"}}" },
    { "a%5Bb%5D=1", "{\"a\":{\"b\":\"1\"}}" },
    { "a=1&a=2", NULL },
    { "a=1&a[b]=2", NULL },
    { "a[b]=1&a=2", NULL },
    { "a[b=1", NULL },
    { "a[]=1", NULL },
    { "a[b]c=1", NULL },
    { "=1", NULL },
    { "a=%", NULL },
    { "a=%4", NULL },
    { "a=%zz", NULL },
    { "a=%00", NULL },
    { "a=%FF", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AirValue) form = payments_form_parse (cases[i].text, strlen (cases[i].text), &error);
      g_autofree char *json = form != NULL ? air_jcs_write (form, NULL, NULL) : NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (json, ==, cases[i].json);
      g_assert_true ((error != NULL) == (cases[i].json == NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/vendor/cents", test_cents);
  g_test_add_func ("/vendor/payment-intent", test_payment_intent);
  g_test_add_func ("/vendor/bad-files", test_bad_files);
  g_test_add_func ("/vendor/keys", test_keys);
  g_test_add_func ("/vendor/form", test_form);
  return g_test_run ();
}
