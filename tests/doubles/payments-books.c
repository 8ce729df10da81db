/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "payments"

#include "config.h"

#include "payments-books.h"

#include "vendor-orders.h"

struct _PaymentsBooks {
  GHashTable *intents; /* id → Intent */
  GHashTable *refused; /* set of payment method ids */
  GPtrArray *refunds;  /* AirValue, the oldest first */
  GPtrArray *keys;     /* nullable text, the idempotency key of each refund */
};

typedef struct {
  char *method;
  char *order_id;
  gint64 amount;
  gint64 refunded;
} Intent;

static void
intent_free (gpointer data)
{
  Intent *intent = data;

  g_free (intent->method);
  g_free (intent->order_id);
  g_free (intent);
}

static void
add_order (PaymentsBooks *self, const char *order_id, const AirValue *order)
{
  AirValue *history = air_map_get_list (order, "payment_history");

  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *payment = air_list_get (history, i);
      const char *method = air_map_get_string (payment, "payment_method_id");
      Intent *intent;

      /* A gift card is the shop's own money; the provider never sees it. */
      if (g_strcmp0 (air_map_get_string (payment, "transaction_type"), "payment") != 0 || method == NULL
          || g_str_has_prefix (method, "gift_card"))
        continue;
      intent = g_new0 (Intent, 1);
      intent->method = g_strdup (method);
      intent->order_id = g_strdup (order_id);
      vendor_cents_parse (air_map_get (payment, "amount"), &intent->amount);
      g_hash_table_insert (self->intents, vendor_payment_intent (order_id, i), intent);
    }
  /* Orders that were refunded before we open have nothing left on their payments. */
  for (gsize i = 0; i < air_list_get_size (history); i++)
    {
      AirValue *refund = air_list_get (history, i);
      gint64 cents = 0;

      if (g_strcmp0 (air_map_get_string (refund, "transaction_type"), "refund") != 0)
        continue;
      vendor_cents_parse (air_map_get (refund, "amount"), &cents);
      for (gsize j = 0; j < i; j++)
        {
          g_autofree char *id = vendor_payment_intent (order_id, j);
          Intent *intent = g_hash_table_lookup (self->intents, id);

          if (intent != NULL && g_strcmp0 (intent->method, air_map_get_string (refund, "payment_method_id")) == 0)
            intent->refunded = MIN (intent->amount, intent->refunded + cents);
        }
    }
}

/* Payments out of @orders, as vendor_orders_load() gives them. */
PaymentsBooks *
payments_books_new (const AirValue *orders)
{
  PaymentsBooks *self = g_new0 (PaymentsBooks, 1);

  self->intents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, intent_free);
  self->refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->refunds = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < air_map_get_size (orders); i++)
    add_order (self, air_value_get_string (air_map_get_key_at (orders, i), NULL), air_map_get_value_at (orders, i));
  return self;
}

void
payments_books_free (PaymentsBooks *self)
{
  g_hash_table_unref (self->intents);
  g_hash_table_unref (self->refused);
  g_ptr_array_unref (self->refunds);
  g_ptr_array_unref (self->keys);
  g_free (self);
}

/* From now on refunds of payments made with this card or account fail for good. */
void
payments_books_refuse_method (PaymentsBooks *self, const char *payment_method_id)
{
  g_hash_table_add (self->refused, g_strdup (payment_method_id));
}

/* What may still be refunded; -1 when there is no such payment. */
gint64
payments_books_get_rest (PaymentsBooks *self, const char *payment_intent)
{
  const Intent *intent = g_hash_table_lookup (self->intents, payment_intent);

  return intent != NULL ? intent->amount - intent->refunded : -1;
}

PaymentsBooksResult
payments_books_refund (PaymentsBooks *self,
                       const AirValue *parameters,
                       const char *idempotency_key,
                       gint64 now_s,
                       AirValue **ret_refund)
{
  const char *id = air_map_get_string (parameters, "payment_intent"), *reason;
  Intent *intent = g_hash_table_lookup (self->intents, id);
  g_autofree char *refund_id = NULL, *charge = NULL, *transaction = NULL;
  AirValue *refund, *metadata;
  gint64 rest, amount;

  if (intent == NULL)
    return PAYMENTS_BOOKS_NO_INTENT;
  if (g_hash_table_contains (self->refused, intent->method))
    return PAYMENTS_BOOKS_REFUSED_METHOD;
  rest = intent->amount - intent->refunded;
  if (rest == 0)
    return PAYMENTS_BOOKS_ALL_REFUNDED;
  amount = air_map_get_int (parameters, "amount", rest);
  if (amount > rest)
    return PAYMENTS_BOOKS_TOO_MUCH;

  intent->refunded += amount;
  refund_id = g_strdup_printf ("re_%06uR%s", self->refunds->len + 1, id + strlen ("pi_"));
  charge = vendor_payment_charge (id);
  transaction = g_strdup_printf ("txn_%06u", self->refunds->len + 1);
  reason = air_map_get_string (parameters, "reason");
  metadata = air_map_get_map (parameters, "metadata");

  refund = air_map_new ();
  air_map_set_string (refund, "id", refund_id);
  air_map_set_string (refund, "object", "refund");
  air_map_set_int (refund, "amount", amount);
  air_map_set_string (refund, "balance_transaction", transaction);
  air_map_set_string (refund, "charge", charge);
  air_map_set_int (refund, "created", now_s);
  air_map_set_string (refund, "currency", "usd");
  air_map_set (refund, "metadata", metadata != NULL ? air_value_ref (metadata) : air_map_new ());
  air_map_set_string (refund, "payment_intent", id);
  air_map_set (refund, "reason", reason != NULL ? air_value_new_string (reason) : air_value_new_null ());
  air_map_set_string (refund, "status", "succeeded");

  g_ptr_array_add (self->refunds, air_value_ref (refund));
  g_ptr_array_add (self->keys, g_strdup (idempotency_key));
  *ret_refund = refund;
  return PAYMENTS_BOOKS_OK;
}

/* A page of refunds, the newest first. */
AirValue *
payments_books_list (PaymentsBooks *self, const AirValue *parameters)
{
  const char *intent = air_map_get_string (parameters, "payment_intent");
  const char *after = air_map_get_string (parameters, "starting_after");
  gint64 limit = air_map_get_int (parameters, "limit", 10);
  AirValue *page = air_map_new (), *data = air_list_new ();
  gboolean more = FALSE, started = after == NULL;

  for (guint i = self->refunds->len; i > 0; i--)
    {
      AirValue *refund = self->refunds->pdata[i - 1];

      if (!started)
        {
          started = g_strcmp0 (air_map_get_string (refund, "id"), after) == 0;
          continue;
        }
      if (intent != NULL && g_strcmp0 (air_map_get_string (refund, "payment_intent"), intent) != 0)
        continue;
      if ((gint64) air_list_get_size (data) == limit)
        {
          more = TRUE;
          break;
        }
      air_list_append (data, air_value_ref (refund));
    }
  air_map_set_string (page, "object", "list");
  air_map_set_string (page, "url", "/v1/refunds");
  air_map_set_bool (page, "has_more", more);
  air_map_set (page, "data", data);
  return page;
}

/* {"refunds": [{…, "idempotency_key"}], "intents": {id: {amount, refunded, payment_method_id, order_id}}
 * (those with refunds of ours), "total_refunded"}. */
AirValue *
payments_books_show (PaymentsBooks *self)
{
  AirValue *books = air_map_new (), *refunds = air_list_new (), *intents = air_map_new ();
  gint64 total = 0;

  for (guint i = 0; i < self->refunds->len; i++)
    {
      AirValue *refund = air_map_copy (self->refunds->pdata[i]);
      const char *id = air_map_get_string (refund, "payment_intent");
      const Intent *intent = g_hash_table_lookup (self->intents, id);

      if (self->keys->pdata[i] != NULL)
        air_map_set_string (refund, "idempotency_key", self->keys->pdata[i]);
      total += air_map_get_int (refund, "amount", 0);
      air_list_append (refunds, refund);
      if (air_map_get (intents, id) == NULL)
        {
          AirValue *entry = air_map_new ();

          air_map_set_int (entry, "amount", intent->amount);
          air_map_set_int (entry, "refunded", intent->refunded);
          air_map_set_string (entry, "payment_method_id", intent->method);
          air_map_set_string (entry, "order_id", intent->order_id);
          air_map_set (intents, id, entry);
        }
    }
  air_map_set (books, "refunds", refunds);
  air_map_set (books, "intents", intents);
  air_map_set_int (books, "total_refunded", total);
  return books;
}
