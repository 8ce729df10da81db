/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "demo"

#include "config.h"

#include "demo-judge.h"

#include "base/air-json.h"
#include "vendor-orders.h"

#define MAX_COMPLAINTS 20

static void complain (DemoVerdict *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
complain (DemoVerdict *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (self->complaints->len < MAX_COMPLAINTS)
    g_ptr_array_add (self->complaints, g_strdup_vprintf (format, arguments));
  else if (self->complaints->len == MAX_COMPLAINTS)
    g_ptr_array_add (self->complaints, g_strdup ("… and more"));
  va_end (arguments);
}

/* The outcome of a run as a line of an expected file: {request_id, outcome, refund_amount, error}. */
static AirValue *
line_of (const DemoRequest *request)
{
  AirValue *line = air_map_new (), *output = air_map_get_map (request->answer, "output"), *amount, *error;

  amount = output != NULL ? air_map_get (output, "refund_amount_minor") : NULL;
  error = output != NULL ? air_map_get (output, "error") : NULL;
  air_map_set_string (line, "request_id", request->id);
  air_map_set_string (line, "outcome",
                      output != NULL && air_map_get_string (output, "outcome") != NULL
                          ? air_map_get_string (output, "outcome")
                          : air_map_get_string (request->answer, "state"));
  air_map_set (line, "refund_amount",
               amount != NULL && air_value_get_kind (amount) == AIR_VALUE_INT
                   ? vendor_cents_to_value (air_value_get_int (amount))
                   : air_value_new_null ());
  air_map_set (line, "error", error != NULL ? air_value_ref (error) : air_value_new_null ());
  return line;
}

static void
judge_outcomes (DemoVerdict *self, const DemoData *data)
{
  for (guint i = 0; i < data->requests->len; i++)
    {
      const DemoRequest *request = data->requests->pdata[i];
      g_autoptr (AirValue) line = line_of (request);
      const char *outcome = air_map_get_string (line, "outcome");
      gint64 cents;

      self->refunded += g_strcmp0 (outcome, "refunded") == 0;
      self->rejected += g_strcmp0 (outcome, "rejected") == 0;
      self->failed += g_strcmp0 (outcome, "failed") == 0;
      if (g_strcmp0 (outcome, "refunded") == 0 && vendor_cents_parse (air_map_get (line, "refund_amount"), &cents))
        self->refunded_cents += cents;
      if (data->expected != NULL)
        {
          g_autofree char *got = air_jcs_write (line, NULL, NULL);
          g_autofree char *due = air_jcs_write (data->expected->pdata[i], NULL, NULL);

          self->outcomes_compared++;
          if (g_strcmp0 (got, due) == 0)
            self->outcomes_equal++;
          else
            complain (self, "run %s: came out as %s, must be %s", request->run, got, due);
        }
    }
  self->other = data->requests->len - self->refunded - self->rejected - self->failed;
  if (self->other > 0)
    complain (self, "%u runs ended neither refunded, rejected nor failed", self->other);
}

/* Payment → cents, of every request that was to be refunded at the provider. Which those are, the
 * expected outcomes say; without them the runs themselves are taken at their word. */
static GHashTable *
money_due (DemoVerdict *self, const DemoData *data)
{
  GHashTable *due = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < data->requests->len; i++)
    {
      const DemoRequest *request = data->requests->pdata[i];
      g_autoptr (AirValue) line = data->expected != NULL ? air_value_ref (data->expected->pdata[i]) : line_of (request);
      g_autofree char *intent = NULL;
      gint64 cents = 0, *sum;

      if (g_strcmp0 (air_map_get_string (line, "outcome"), "refunded") != 0)
        continue;
      intent = demo_data_payment_intent (data, request->data);
      if (intent == NULL)
        continue;
      vendor_cents_parse (air_map_get (line, "refund_amount"), &cents);
      sum = g_hash_table_lookup (due, intent);
      if (sum == NULL)
        {
          sum = g_new0 (gint64, 1);
          g_hash_table_insert (due, g_steal_pointer (&intent), sum);
        }
      *sum += cents;
      self->provider_due += cents;
    }
  return due;
}

static void
judge_money (DemoVerdict *self, const DemoData *data, const AirValue *books)
{
  g_autoptr (GHashTable) due = money_due (self, data);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal); /* intent → number of refunds */
  AirValue *refunds = air_map_get_list (books, "refunds");
  GHashTableIter iter;
  gpointer intent, sum;

  for (gsize i = 0; refunds != NULL && i < air_list_get_size (refunds); i++)
    {
      AirValue *refund = air_list_get (refunds, i);
      const char *id = air_map_get_string (refund, "payment_intent");
      gint64 cents = air_map_get_int (refund, "amount", 0), *rest = g_hash_table_lookup (due, id);
      guint times = GPOINTER_TO_UINT (g_hash_table_lookup (seen, id)) + 1;

      self->provider_refunds++;
      self->provider_cents += cents;
      g_hash_table_insert (seen, (gpointer) id, GUINT_TO_POINTER (times));
      if (times > 1)
        {
          self->double_refunds++;
          complain (self, "payment %s was refunded %u times", id, times);
        }
      if (rest == NULL)
        complain (self, "payment %s was refunded %.2f at the provider and should not have been", id, cents / 100.0);
      else
        *rest -= cents;
    }
  g_hash_table_iter_init (&iter, due);
  while (g_hash_table_iter_next (&iter, &intent, &sum))
    if (*(gint64 *) sum != 0)
      complain (self, "payment %s was refunded %.2f %s at the provider than it should have been", (char *) intent,
                ABS (*(gint64 *) sum) / 100.0, *(gint64 *) sum > 0 ? "less" : "more");
}

/* Says which orders and customers differ, as @what. */
static void
complain_about_maps (DemoVerdict *self, const char *what, const AirValue *got, const AirValue *due)
{
  for (int side = 0; side < 2; side++)
    {
      const AirValue *one = side == 0 ? due : got, *other = side == 0 ? got : due;

      for (gsize i = 0; one != NULL && i < air_map_get_size (one); i++)
        {
          const char *key = air_value_get_string (air_map_get_key_at (one, i), NULL);
          AirValue *there = other != NULL ? air_map_get (other, key) : NULL;
          g_autofree char *a = NULL, *b = NULL;

          if (there == NULL)
            {
              complain (self, "%s %s has %s", what, key,
                        side == 0 ? "not changed and should have" : "changed and should not have");
              continue;
            }
          if (side == 1)
            continue;
          a = air_jcs_write (there, NULL, NULL);
          b = air_jcs_write (air_map_get_value_at (one, i), NULL, NULL);
          if (g_strcmp0 (a, b) != 0)
            complain (self, "%s %s is %s, must be %s", what, key, a, b);
        }
    }
}

static void
judge_state (DemoVerdict *self, const DemoData *data, const AirValue *state)
{
  g_autofree char *got = NULL, *due = NULL;

  if (data->final_state == NULL)
    return;
  self->state_compared = TRUE;
  got = air_jcs_write (state, NULL, NULL);
  due = air_jcs_write (data->final_state, NULL, NULL);
  self->state_equal = g_strcmp0 (got, due) == 0;
  if (self->state_equal)
    return;
  complain_about_maps (self, "order", air_map_get_map (state, "changed_orders"),
                       air_map_get_map (data->final_state, "changed_orders"));
  complain_about_maps (self, "payment methods of", air_map_get_map (state, "changed_payment_methods"),
                       air_map_get_map (data->final_state, "changed_payment_methods"));
}

DemoVerdict *
demo_judge (const DemoData *data, const AirValue *books, const AirValue *state)
{
  DemoVerdict *self = g_new0 (DemoVerdict, 1);

  self->complaints = g_ptr_array_new_with_free_func (g_free);
  judge_outcomes (self, data);
  judge_money (self, data, books);
  judge_state (self, data, state);
  return self;
}

void
demo_verdict_free (DemoVerdict *self)
{
  g_ptr_array_unref (self->complaints);
  g_free (self);
}
