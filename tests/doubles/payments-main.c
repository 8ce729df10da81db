/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include <locale.h>
#include <stdlib.h>

#include "payments.h"
#include "vendor-orders.h"

static gboolean
run (int argc, char **argv, GError **error)
{
  g_autofree char *orders_path = NULL, *address_file = NULL, *token_file = NULL, *token = NULL, *complaint = NULL;
  g_auto (GStrv) refused = NULL;
  int seed = 1, shares[4] = { 0 }, delay_ms = 200, retry_after_s = 0;
  const GOptionEntry entries[] = {
    { "orders", 0, 0, G_OPTION_ARG_FILENAME, &orders_path, "Payments are those of the orders in FILE", "FILE" },
    { "address-file", 0, 0, G_OPTION_ARG_FILENAME, &address_file, "Write host:port here once it listens", "FILE" },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file, "Ask for the bearer token in FILE", "FILE" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Seed of the faults (1)", "N" },
    { "drop", 0, 0, G_OPTION_ARG_INT, &shares[0], "Share of answers lost after acting", "PERCENT" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &shares[1], "Share of requests that arrive twice", "PERCENT" },
    { "fail", 0, 0, G_OPTION_ARG_INT, &shares[2], "Share refused with 500 or 429", "PERCENT" },
    { "delay", 0, 0, G_OPTION_ARG_INT, &shares[3], "Share of late answers", "PERCENT" },
    { "delay-ms", 0, 0, G_OPTION_ARG_INT, &delay_ms, "How late (200)", "MS" },
    { "retry-after", 0, 0, G_OPTION_ARG_INT, &retry_after_s, "Retry-After of 500 and 429 (0)", "SECONDS" },
    { "refuse-method", 0, 0, G_OPTION_ARG_STRING_ARRAY, &refused, "Refunds to this card fail for good", "ID" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– a stand-in payment provider for tests");
  g_autoptr (AirValue) orders = NULL, settings = NULL;
  g_autoptr (Payments) payments = NULL;
  g_autoptr (VendorServer) server = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (orders_path == NULL || argc > 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "needs --orders FILE and no other arguments");
      return FALSE;
    }
  if (token_file != NULL && !g_file_get_contents (token_file, &token, NULL, error))
    return FALSE;
  if (token != NULL)
    g_strchomp (token);
  orders = vendor_orders_load (orders_path, error);
  if (orders == NULL)
    return FALSE;

  payments = payments_new (orders, token, (guint64) seed);
  settings = air_map_new ();
  air_map_set_int (settings, "drop", shares[0]);
  air_map_set_int (settings, "repeat", shares[1]);
  air_map_set_int (settings, "fail", shares[2]);
  air_map_set_int (settings, "delay", shares[3]);
  air_map_set_int (settings, "delay_ms", delay_ms);
  air_map_set_int (settings, "retry_after_s", retry_after_s);
  if (!payments_set_faults (payments, settings, &complaint))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, complaint);
      return FALSE;
    }
  for (gsize i = 0; refused != NULL && refused[i] != NULL; i++)
    payments_refuse_method (payments, refused[i]);

  server = vendor_server_new (payments_handle, payments);
  return vendor_server_run (server, address_file, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (run (argc, argv, &error))
    return EXIT_SUCCESS;
  g_printerr ("payments: %s\n", error->message);
  return EXIT_FAILURE;
}
