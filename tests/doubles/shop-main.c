/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "shop"

#include "config.h"

#include <locale.h>
#include <stdlib.h>

#include "shop.h"
#include "vendor-orders.h"

static gboolean
run (int argc, char **argv, GError **error)
{
  g_autofree char *orders_path = NULL, *users_path = NULL, *address_file = NULL, *token_file = NULL, *token = NULL;
  const GOptionEntry entries[] = {
    { "orders", 0, 0, G_OPTION_ARG_FILENAME, &orders_path, "The shop's orders", "FILE" },
    { "users", 0, 0, G_OPTION_ARG_FILENAME, &users_path, "The shop's customers", "FILE" },
    { "address-file", 0, 0, G_OPTION_ARG_FILENAME, &address_file, "Write host:port here once it listens", "FILE" },
    { "token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file, "Ask for the bearer token in FILE", "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– a stand-in order system for tests");
  g_autoptr (AirValue) orders = NULL, users = NULL;
  g_autoptr (Shop) shop = NULL;
  g_autoptr (VendorServer) server = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (orders_path == NULL || users_path == NULL || argc > 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "needs --orders FILE, --users FILE and no other arguments");
      return FALSE;
    }
  if (token_file != NULL && !g_file_get_contents (token_file, &token, NULL, error))
    return FALSE;
  if (token != NULL)
    g_strchomp (token);
  if ((orders = vendor_orders_load (orders_path, error)) == NULL
      || (users = vendor_users_load (users_path, error)) == NULL)
    return FALSE;

  shop = shop_new (orders, users, token);
  server = vendor_server_new (shop_handle, shop);
  return vendor_server_run (server, address_file, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (run (argc, argv, &error))
    return EXIT_SUCCESS;
  g_printerr ("shop: %s\n", error->message);
  return EXIT_FAILURE;
}
