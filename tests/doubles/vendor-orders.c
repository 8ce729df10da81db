/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "vendor"

#include "config.h"

#include "vendor-orders.h"

#include <math.h>
#include <string.h>

#include "base/air-json.h"

static AirValue *
load_map (const char *path, const char *what, GError **error)
{
  g_autoptr (AirValue) map = air_json_load_file (path, error);

  if (map == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (air_value_get_kind (map) != AIR_VALUE_MAP)
    {
      g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA, "%s: must be one object of %s by their id", path, what);
      return NULL;
    }
  return g_steal_pointer (&map);
}

static gboolean
check_money (const char *path, const char *id, const AirValue *list, const char *member, GError **error)
{
  gint64 cents;

  for (gsize i = 0; i < air_list_get_size (list); i++)
    if (!vendor_cents_parse (air_map_get (air_list_get (list, i), member), &cents))
      {
        g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA,
                     "%s: %s: \"%s\" number %" G_GSIZE_FORMAT " must be dollars with at most two decimals", path, id,
                     member, i + 1);
        return FALSE;
      }
  return TRUE;
}

/* The orders file: an object of orders by their id. Fails with VENDOR_ERROR_DATA or an AIR_JSON_ERROR. */
AirValue *
vendor_orders_load (const char *path, GError **error)
{
  g_autoptr (AirValue) orders = load_map (path, "orders", error);

  if (orders == NULL)
    return NULL;
  for (gsize i = 0; i < air_map_get_size (orders); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (orders, i), NULL);
      AirValue *order = air_map_get_value_at (orders, i);
      AirValue *items = air_map_get_list (order, "items"), *payments = air_map_get_list (order, "payment_history");

      if (items == NULL || payments == NULL || air_map_get_string (order, "status") == NULL
          || air_map_get_string (order, "user_id") == NULL)
        {
          g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA,
                       "%s: order %s must have user_id, status, items and payment_history", path, id);
          return NULL;
        }
      if (!check_money (path, id, items, "price", error) || !check_money (path, id, payments, "amount", error))
        return NULL;
    }
  return g_steal_pointer (&orders);
}

/* The users file: an object of users by their id. Fails as vendor_orders_load() does. */
AirValue *
vendor_users_load (const char *path, GError **error)
{
  g_autoptr (AirValue) users = load_map (path, "users", error);

  if (users == NULL)
    return NULL;
  for (gsize i = 0; i < air_map_get_size (users); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (users, i), NULL);
      AirValue *user = air_map_get_value_at (users, i), *methods = air_map_get_map (user, "payment_methods");
      gint64 cents;

      if (methods == NULL)
        {
          g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA, "%s: user %s must have payment_methods", path, id);
          return NULL;
        }
      for (gsize j = 0; j < air_map_get_size (methods); j++)
        {
          AirValue *method = air_map_get_value_at (methods, j);

          if (g_strcmp0 (air_map_get_string (method, "source"), "gift_card") == 0
              && !vendor_cents_parse (air_map_get (method, "balance"), &cents))
            {
              g_set_error (error, VENDOR_ERROR, VENDOR_ERROR_DATA,
                           "%s: a gift card of user %s must have a balance in dollars with at most two decimals", path,
                           id);
              return NULL;
            }
        }
    }
  return g_steal_pointer (&users);
}

/* Exact, or FALSE: a double written with at most two decimals is within an ulp of its hundredths. */
gboolean
vendor_cents_parse (const AirValue *dollars, gint64 *ret_cents)
{
  double value, cents;

  if (dollars == NULL)
    return FALSE;
  switch ((int) air_value_get_kind (dollars))
    {
    case AIR_VALUE_INT:
      return !__builtin_mul_overflow (air_value_get_int (dollars), 100, ret_cents);
    case AIR_VALUE_DOUBLE:
      value = air_value_get_double (dollars);
      cents = round (value * 100.0);
      /* The division is correctly rounded, so it gives back the very double the decimal text means. */
      if (!(fabs (cents) < 1e15) || cents / 100.0 != value)
        return FALSE;
      *ret_cents = (gint64) cents;
      return TRUE;
    default:
      return FALSE;
    }
}

AirValue *
vendor_cents_to_value (gint64 cents)
{
  return air_value_new_double ((double) cents / 100.0);
}

/* What both vendors call the payment number @index of an order: "#W1006327", 0 → "pi_W1006327p0". */
char *
vendor_payment_intent (const char *order_id, gsize index)
{
  g_autoptr (GString) id = g_string_new ("pi_");

  for (const char *p = order_id; *p != '\0'; p++)
    if (g_ascii_isalnum (*p))
      g_string_append_c (id, *p);
  g_string_append_printf (id, "p%" G_GSIZE_FORMAT, index);
  return g_string_free (g_steal_pointer (&id), FALSE);
}

char *
vendor_payment_charge (const char *payment_intent)
{
  return g_strconcat ("ch_", payment_intent + strlen ("pi_"), NULL);
}
