/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "shop"

#include "config.h"

#include "shop-store.h"

#include <string.h>

#include "base/air-json.h"
#include "vendor-orders.h"

G_DEFINE_QUARK (shop-error-quark, shop_error)

struct _ShopStore {
  GHashTable *orders;   /* id → Order */
  GHashTable *users;    /* id → User */
  GPtrArray *order_ids; /* in the order of the file; borrowed from orders */
  GPtrArray *user_ids;
  GPtrArray *messages; /* AirValue */
};

typedef struct {
  AirValue *start;
  AirValue *now;
  AirValue *before; /* nullable: what cancelling or returning here replaced */
  gint64 version;
} Order;

typedef struct {
  AirValue *start;
  AirValue *now;
} User;

static void
order_free (gpointer data)
{
  Order *order = data;

  air_value_unref (order->start);
  air_value_unref (order->now);
  g_clear_pointer (&order->before, air_value_unref);
  g_free (order);
}

static void
user_free (gpointer data)
{
  User *user = data;

  air_value_unref (user->start);
  air_value_unref (user->now);
  g_free (user);
}

/* @orders and @users as vendor_orders_load() and vendor_users_load() give them. */
ShopStore *
shop_store_new (AirValue *orders, AirValue *users)
{
  ShopStore *self = g_new0 (ShopStore, 1);

  self->orders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, order_free);
  self->users = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, user_free);
  self->order_ids = g_ptr_array_new ();
  self->user_ids = g_ptr_array_new ();
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);

  for (gsize i = 0; i < air_map_get_size (orders); i++)
    {
      char *id = g_strdup (air_value_get_string (air_map_get_key_at (orders, i), NULL));
      Order *order = g_new0 (Order, 1);

      order->start = air_value_ref (air_map_get_value_at (orders, i));
      order->now = air_value_ref (order->start);
      order->version = 1;
      g_hash_table_insert (self->orders, id, order);
      g_ptr_array_add (self->order_ids, id);
    }
  for (gsize i = 0; i < air_map_get_size (users); i++)
    {
      char *id = g_strdup (air_value_get_string (air_map_get_key_at (users, i), NULL));
      User *user = g_new0 (User, 1);

      user->start = air_value_ref (air_map_get_value_at (users, i));
      user->now = air_value_ref (user->start);
      g_hash_table_insert (self->users, id, user);
      g_ptr_array_add (self->user_ids, id);
    }
  return self;
}

void
shop_store_free (ShopStore *self)
{
  g_ptr_array_unref (self->order_ids);
  g_ptr_array_unref (self->user_ids);
  g_ptr_array_unref (self->messages);
  g_hash_table_unref (self->orders);
  g_hash_table_unref (self->users);
  g_free (self);
}

static Order *
find_order (ShopStore *self, const char *order_id, GError **error)
{
  Order *order = g_hash_table_lookup (self->orders, order_id);

  if (order == NULL)
    g_set_error (error, SHOP_ERROR, SHOP_ERROR_NOT_FOUND, "no order '%s'", order_id);
  return order;
}

static gboolean
has_status (const Order *order, const char *status, const char *to_do, GError **error)
{
  const char *now = air_map_get_string (order->now, "status");

  if (g_strcmp0 (now, status) == 0)
    return TRUE;
  g_set_error (error, SHOP_ERROR, SHOP_ERROR_CONFLICT, "only a %s order can be %s; this one is %s", status, to_do, now);
  return FALSE;
}

static AirValue *
find_method (const User *user, const char *method_id)
{
  AirValue *methods = user != NULL ? air_map_get_map (user->now, "payment_methods") : NULL;

  return methods != NULL ? air_map_get (methods, method_id) : NULL;
}

static gboolean
is_gift_card (const AirValue *method)
{
  return method != NULL && g_strcmp0 (air_map_get_string (method, "source"), "gift_card") == 0;
}

static gboolean
is_payment (const AirValue *entry)
{
  return g_strcmp0 (air_map_get_string (entry, "transaction_type"), "payment") == 0;
}

static gint64
cents_of (const AirValue *map, const char *member)
{
  gint64 cents = 0;

  /* The files were checked as they were loaded. */
  g_assert (vendor_cents_parse (air_map_get (map, member), &cents));
  return cents;
}

static void
add_to_balance (User *user, const char *method_id, gint64 cents)
{
  AirValue *now = air_map_copy (user->now);
  AirValue *methods = air_map_copy (air_map_get (user->now, "payment_methods"));
  AirValue *card = air_map_copy (air_map_get (methods, method_id));

  air_map_set (card, "balance", vendor_cents_to_value (cents_of (card, "balance") + cents));
  air_map_set (methods, method_id, card);
  air_map_set (now, "payment_methods", methods);
  air_value_unref (user->now);
  user->now = now;
}

/* Gift cards among an order's payments get the money (@sign 1) or give it back (-1). */
static void
move_gift_cards (ShopStore *self, const AirValue *order, int sign)
{
  User *user = g_hash_table_lookup (self->users, air_map_get_string (order, "user_id"));
  AirValue *history = air_map_get_list (order, "payment_history");

  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *entry = air_list_get (history, i);
      const char *method_id = air_map_get_string (entry, "payment_method_id");

      if (is_payment (entry) && is_gift_card (find_method (user, method_id)))
        add_to_balance (user, method_id, sign * cents_of (entry, "amount"));
    }
}

static void
change_order (Order *order, AirValue *take_now)
{
  g_clear_pointer (&order->before, air_value_unref);
  order->before = order->now;
  order->now = take_now;
  order->version++;
}

static void
restore_order (Order *order)
{
  air_value_unref (order->now);
  order->now = g_steal_pointer (&order->before);
  order->version++;
}

static AirValue *
view_state (const char *order_id, const Order *order)
{
  AirValue *view = air_map_new ();

  air_map_set_string (view, "order_id", order_id);
  air_map_set_string (view, "status", air_map_get_string (order->now, "status"));
  air_map_set_int (view, "version", order->version);
  return view;
}

/* Fails with SHOP_ERROR_NOT_FOUND. */
AirValue *
shop_store_get_customer (ShopStore *self, const char *user_id, GError **error)
{
  const User *user = g_hash_table_lookup (self->users, user_id);
  AirValue *view, *list, *methods, *name;
  const char *first, *last, *email;
  g_autofree char *full = NULL;

  if (user == NULL)
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_NOT_FOUND, "no customer '%s'", user_id);
      return NULL;
    }
  name = air_map_get (user->now, "name");
  first = name != NULL ? air_map_get_string (name, "first_name") : NULL;
  last = name != NULL ? air_map_get_string (name, "last_name") : NULL;
  email = air_map_get_string (user->now, "email");
  full = g_strdup_printf ("%s %s", first != NULL ? first : "", last != NULL ? last : "");

  list = air_list_new ();
  methods = air_map_get (user->now, "payment_methods");
  for (gsize i = 0; i < air_map_get_size (methods); i++)
    {
      AirValue *method = air_map_get_value_at (methods, i), *item = air_map_new ();

      air_map_set_string (item, "id", air_value_get_string (air_map_get_key_at (methods, i), NULL));
      air_map_set_string (item, "source", air_map_get_string (method, "source"));
      if (is_gift_card (method))
        air_map_set_int (item, "balance_minor", cents_of (method, "balance"));
      air_list_append (list, item);
    }
  view = air_map_new ();
  air_map_set_string (view, "user_id", user_id);
  air_map_set_string (view, "email", email != NULL ? email : "");
  air_map_set_string (view, "name", g_strstrip (full));
  air_map_set (view, "payment_methods", list);
  return view;
}

static AirValue *
view_payments (ShopStore *self, const char *order_id, const Order *order)
{
  const User *user = g_hash_table_lookup (self->users, air_map_get_string (order->now, "user_id"));
  AirValue *history = air_map_get_list (order->now, "payment_history"), *payments = air_list_new ();

  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *entry = air_list_get (history, i), *payment, *method;
      const char *method_id = air_map_get_string (entry, "payment_method_id"), *source;
      g_autofree char *intent = NULL;

      if (!is_payment (entry))
        continue;
      method = find_method (user, method_id);
      /* A method the customer has deleted since still tells its kind by its name. */
      source = method != NULL                              ? air_map_get_string (method, "source")
               : g_str_has_prefix (method_id, "gift_card") ? "gift_card"
               : g_str_has_prefix (method_id, "paypal")    ? "paypal"
                                                           : "credit_card";
      intent = vendor_payment_intent (order_id, i);
      payment = air_map_new ();
      air_map_set_string (payment, "payment_method_id", method_id);
      air_map_set_string (payment, "source", source);
      air_map_set_int (payment, "amount_minor", cents_of (entry, "amount"));
      air_map_set (payment, "payment_intent",
                   g_str_equal (source, "gift_card") ? air_value_new_null () : air_value_new_string (intent));
      air_list_append (payments, payment);
    }
  return payments;
}

/* Fails with SHOP_ERROR_NOT_FOUND. */
AirValue *
shop_store_get_order (ShopStore *self, const char *order_id, GError **error)
{
  const Order *order = find_order (self, order_id, error);
  AirValue *view, *items, *all;

  if (order == NULL)
    return NULL;
  items = air_list_new ();
  all = air_map_get_list (order->now, "items");
  for (gsize i = 0; i < air_list_get_size (all); i++)
    {
      AirValue *item = air_list_get (all, i), *shown = air_map_new ();

      air_map_set_string (shown, "item_id", air_map_get_string (item, "item_id"));
      air_map_set_string (shown, "name", air_map_get_string (item, "name"));
      air_map_set_int (shown, "price_minor", cents_of (item, "price"));
      air_list_append (items, shown);
    }
  view = view_state (order_id, order);
  air_map_set_string (view, "user_id", air_map_get_string (order->now, "user_id"));
  air_map_set_string (view, "currency", "usd");
  air_map_set (view, "items", items);
  air_map_set (view, "payments", view_payments (self, order_id, order));
  return view;
}

/* Every payment goes back to its method; a gift card's balance grows at once.
 * Fails with any SHOP_ERROR; then nothing has changed. */
AirValue *
shop_store_cancel (ShopStore *self, const char *order_id, const char *reason, GError **error)
{
  Order *order = find_order (self, order_id, error);
  AirValue *now, *history, *extended;

  if (order == NULL || !has_status (order, "pending", "cancelled", error))
    return NULL;
  if (!g_str_equal (reason, "no longer needed") && !g_str_equal (reason, "ordered by mistake"))
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_INVALID,
                   "the reason '%s' is not accepted; give 'no longer needed' or 'ordered by mistake'", reason);
      return NULL;
    }

  history = air_map_get_list (order->now, "payment_history");
  extended = air_list_new ();
  for (gsize i = 0; i < air_list_get_size (history); i++)
    air_list_append (extended, air_value_ref (air_list_get (history, i)));
  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *entry = air_list_get (history, i), *refund;

      if (!is_payment (entry))
        continue;
      refund = air_map_copy (entry);
      air_map_set_string (refund, "transaction_type", "refund");
      air_list_append (extended, refund);
    }
  move_gift_cards (self, order->now, 1);

  now = air_map_copy (order->now);
  air_map_set_string (now, "status", "cancelled");
  air_map_set_string (now, "cancel_reason", reason);
  air_map_set (now, "payment_history", extended);
  change_order (order, now);
  return view_state (order_id, order);
}

/* Undoes shop_store_cancel() exactly. Fails with SHOP_ERROR_NOT_FOUND or SHOP_ERROR_CONFLICT. */
AirValue *
shop_store_reinstate (ShopStore *self, const char *order_id, GError **error)
{
  Order *order = find_order (self, order_id, error);

  if (order == NULL || !has_status (order, "cancelled", "reinstated", error))
    return NULL;
  if (order->before == NULL)
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_CONFLICT, "order '%s' was cancelled too long ago to be reinstated",
                   order_id);
      return NULL;
    }
  restore_order (order);
  move_gift_cards (self, order->now, -1);
  return view_state (order_id, order);
}

static gboolean
order_holds (const Order *order, const char *const *item_ids, GError **error)
{
  AirValue *items = air_map_get_list (order->now, "items");

  for (gsize i = 0; item_ids[i] != NULL; i++)
    {
      guint asked = 0, held = 0;

      for (gsize j = 0; item_ids[j] != NULL; j++)
        asked += g_str_equal (item_ids[i], item_ids[j]);
      for (gsize j = 0; j < air_list_get_size (items); j++)
        held += g_strcmp0 (item_ids[i], air_map_get_string (air_list_get (items, j), "item_id")) == 0;
      if (asked > held)
        {
          g_set_error (error, SHOP_ERROR, SHOP_ERROR_INVALID, "the order holds item '%s' %u times, not %u", item_ids[i],
                       held, asked);
          return FALSE;
        }
    }
  return TRUE;
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static AirValue *
sorted_list (const char *const *texts)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  AirValue *list = air_list_new ();

  for (gsize i = 0; texts[i] != NULL; i++)
    g_ptr_array_add (sorted, (gpointer) texts[i]);
  g_ptr_array_sort (sorted, compare_text);
  for (guint i = 0; i < sorted->len; i++)
    air_list_append (list, air_value_new_string (sorted->pdata[i]));
  return list;
}

/* Opens a return; money moves when the goods are back, which is not this shop's part.
 * Fails with any SHOP_ERROR; then nothing has changed. */
AirValue *
shop_store_return (ShopStore *self,
                   const char *order_id,
                   const char *const *item_ids,
                   const char *payment_method_id,
                   GError **error)
{
  Order *order = find_order (self, order_id, error);
  AirValue *now, *view, *method, *history, *items;
  const char *paid_with;

  if (order == NULL || !has_status (order, "delivered", "returned", error))
    return NULL;
  method =
      find_method (g_hash_table_lookup (self->users, air_map_get_string (order->now, "user_id")), payment_method_id);
  if (method == NULL)
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_INVALID, "the customer has no payment method '%s'", payment_method_id);
      return NULL;
    }
  history = air_map_get_list (order->now, "payment_history");
  paid_with =
      air_list_get_size (history) > 0 ? air_map_get_string (air_list_get (history, 0), "payment_method_id") : NULL;
  if (!is_gift_card (method) && g_strcmp0 (payment_method_id, paid_with) != 0)
    {
      g_set_error_literal (error, SHOP_ERROR, SHOP_ERROR_INVALID,
                           "the money can go to the original payment method or to a gift card only");
      return NULL;
    }
  if (item_ids[0] == NULL)
    {
      g_set_error_literal (error, SHOP_ERROR, SHOP_ERROR_INVALID, "name at least one item");
      return NULL;
    }
  if (!order_holds (order, item_ids, error))
    return NULL;

  items = sorted_list (item_ids);
  now = air_map_copy (order->now);
  air_map_set_string (now, "status", "return requested");
  air_map_set (now, "return_items", air_value_ref (items));
  air_map_set_string (now, "return_payment_method_id", payment_method_id);
  change_order (order, now);

  view = view_state (order_id, order);
  air_map_set (view, "return_items", items);
  air_map_set_string (view, "return_payment_method_id", payment_method_id);
  return view;
}

/* Undoes shop_store_return() exactly. Fails with SHOP_ERROR_NOT_FOUND or SHOP_ERROR_CONFLICT. */
AirValue *
shop_store_withdraw (ShopStore *self, const char *order_id, GError **error)
{
  Order *order = find_order (self, order_id, error);

  if (order == NULL || !has_status (order, "return requested", "withdrawn from its return", error))
    return NULL;
  if (order->before == NULL)
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_CONFLICT, "the return of order '%s' is under way already", order_id);
      return NULL;
    }
  restore_order (order);
  return view_state (order_id, order);
}

/* Records a message to a customer. Fails with SHOP_ERROR_NOT_FOUND. */
AirValue *
shop_store_notify (ShopStore *self, const AirValue *message, GError **error)
{
  const char *user_id = air_map_get_string (message, "user_id");
  AirValue *view, *kept;
  g_autofree char *id = NULL;

  if (!g_hash_table_contains (self->users, user_id))
    {
      g_set_error (error, SHOP_ERROR, SHOP_ERROR_NOT_FOUND, "no customer '%s'", user_id);
      return NULL;
    }
  id = g_strdup_printf ("note_%05u", self->messages->len + 1);
  kept = air_map_copy (message);
  air_map_set_string (kept, "notification_id", id);
  g_ptr_array_add (self->messages, kept);

  view = air_map_new ();
  air_map_set_string (view, "notification_id", id);
  air_map_set_string (view, "user_id", user_id);
  air_map_set_string (view, "status", "sent");
  return view;
}

static gboolean
differ (const AirValue *a, const AirValue *b)
{
  g_autofree char *left = NULL, *right = NULL;

  if (a == b)
    return FALSE;
  left = air_jcs_write (a, NULL, NULL);
  right = air_jcs_write (b, NULL, NULL);
  return g_strcmp0 (left, right) != 0;
}

AirValue *
shop_store_show_changes (ShopStore *self)
{
  AirValue *changes = air_map_new (), *orders = air_map_new (), *methods = air_map_new ();

  for (guint i = 0; i < self->order_ids->len; i++)
    {
      const Order *order = g_hash_table_lookup (self->orders, self->order_ids->pdata[i]);

      if (differ (order->start, order->now))
        air_map_set (orders, self->order_ids->pdata[i], air_value_ref (order->now));
    }
  for (guint i = 0; i < self->user_ids->len; i++)
    {
      const User *user = g_hash_table_lookup (self->users, self->user_ids->pdata[i]);
      AirValue *now = air_map_get (user->now, "payment_methods");

      if (differ (air_map_get (user->start, "payment_methods"), now))
        air_map_set (methods, self->user_ids->pdata[i], air_value_ref (now));
    }
  air_map_set (changes, "changed_orders", orders);
  air_map_set (changes, "changed_payment_methods", methods);
  return changes;
}

/* Every message sent, the oldest first. */
AirValue *
shop_store_list_messages (ShopStore *self)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->messages->len; i++)
    air_list_append (list, air_value_ref (self->messages->pdata[i]));
  return list;
}
