/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "sim-refunds.h"

#include <gio/gio.h>
#include <string.h>

#include "compiler/air-compiler.h"
#include "model/air-pack-directory.h"

#define ARTIFACT "sha256:6262626262626262626262626262626262626262626262626262626262626262"

struct _SimRefunds {
  AirSimScenario scenario;
};

static AirValue *
make_event (AirSimRandom *random, guint n, gpointer user_data)
{
  AirValue *data = air_map_new (), *customer = air_map_new (), *items;
  guint number = air_sim_random_below (random, 6 + n), who = number % 5;
  g_autofree char *id = g_strdup_printf ("req-%u", n), *order = g_strdup_printf ("#W%u", number);
  g_autofree char *user = g_strdup_printf ("user_%u", air_sim_random_chance (random, 60) ? 9 : who);
  gboolean cancel = number % 2 == 0;

  if (air_sim_random_chance (random, 60))
    cancel = !cancel;
  air_map_set_string (data, "request_id", id);
  air_map_set_string (customer, "user_id", user);
  air_map_set_string (customer, "email", air_sim_random_chance (random, 50) ? "other@example.com" : "who@example.com");
  air_map_set (data, "customer", customer);
  air_map_set_string (data, "kind", cancel ? "cancel" : "return");
  air_map_set_string (data, "order_id", order);
  air_map_set_string (data, "message", "please");
  if (cancel)
    air_map_set_string (data, "reason", "no longer needed");
  else
    {
      items = air_list_new ();
      air_list_append (items, air_value_new_string ("i1"));
      air_map_set (data, "item_ids", items);
      air_map_set_string (data, "payment_method_id", number % 3 == 0 ? "gift" : "card");
    }
  return data;
}

static AirValue *
method (const char *id, const char *source)
{
  AirValue *map = air_map_new ();

  air_map_set_string (map, "id", id);
  air_map_set_string (map, "source", source);
  return map;
}

static AirValue *
customer_of (AirValue *input)
{
  AirValue *output = air_map_new (), *methods = air_list_new ();

  air_map_set_string (output, "user_id", air_map_get_string (input, "user_id"));
  air_map_set_string (output, "email", "who@example.com");
  air_list_append (methods, method ("card", "credit_card"));
  air_list_append (methods, method ("gift", "gift_card"));
  air_map_set (output, "payment_methods", methods);
  return output;
}

/* Orders 0, 2, 4 … are pending, the others delivered; what they cost falls into all three bands. */
static AirValue *
order_of (AirValue *input)
{
  static const int prices[] = { 4900, 52000, 9900, 250000 };
  const char *order = air_map_get_string (input, "order_id");
  guint number = g_ascii_strtoull (order + 2, NULL, 10);
  gint64 price = prices[number / 2 % G_N_ELEMENTS (prices)];
  g_autofree char *user = g_strdup_printf ("user_%u", number % 5), *payment = g_strdup_printf ("pi_%u", number);
  AirValue *output = air_map_new (), *items = air_list_new (), *payments = air_list_new ();
  AirValue *item = air_map_new (), *paid = air_map_new ();

  air_map_set_string (output, "order_id", order);
  air_map_set_string (output, "user_id", user);
  air_map_set_string (output, "status", number % 2 == 0 ? "pending" : "delivered");
  air_map_set_string (output, "currency", "usd");
  air_map_set_string (item, "item_id", "i1");
  air_map_set_int (item, "price_minor", price);
  air_list_append (items, item);
  air_map_set (output, "items", items);
  air_map_set_string (paid, "payment_method_id", "card");
  air_map_set_string (paid, "payment_intent", payment);
  air_map_set_string (paid, "source", number % 7 == 6 ? "gift_card" : "credit_card");
  air_map_set_int (paid, "amount_minor", price);
  air_list_append (payments, paid);
  air_map_set (output, "payments", payments);
  return output;
}

static AirOutcome *
answer (const char *operation, AirValue *input, AirValue *run, guint64 chance, gpointer user_data)
{
  AirValue *output;

  if (strcmp (operation, "shop.customer.lookup") == 0)
    return air_outcome_new_ok (200, customer_of (input), NULL);
  if (strcmp (operation, "shop.order.lookup") == 0)
    return chance % 20 == 0 ? air_outcome_new (AIR_OUTCOME_NOT_FOUND, 404, "no such order")
                            : air_outcome_new_ok (200, order_of (input), NULL);
  output = air_map_new ();
  if (g_str_has_prefix (operation, "stripe.refund"))
    {
      g_autofree char *id = g_strdup_printf ("re_%" G_GUINT64_FORMAT, chance % 100000);

      air_map_set_string (output, "refund_id", id);
      air_map_set_string (output, "status", "succeeded");
      return air_outcome_new_ok (200, output, NULL);
    }
  if (air_map_get_string (input, "order_id") != NULL)
    air_map_set_string (output, "order_id", air_map_get_string (input, "order_id"));
  air_map_set_string (output, "status", "done");
  air_map_set_int (output, "version", 2);
  return air_outcome_new_ok (200, output, NULL);
}

static AirPlan *
compile (GError **error)
{
  const char *root = g_getenv ("AIRAILS_SOURCE");
  g_autofree char *folder = g_build_filename (root != NULL ? root : ".", "packs", NULL);
  g_autofree char *path =
      g_build_filename (folder, "customer-operations", "workflows", "refunds-and-cancellations.workflow.json", NULL);
  g_autoptr (GPtrArray) packs = air_packs_load_directory (folder, error);
  g_autoptr (AirCompileResult) result = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (packs == NULL || !g_file_get_contents (path, &text, &length, error))
    return NULL;
  workflow = air_workflow_load (text, length, path, error);
  result = workflow != NULL ? air_compile (workflow, packs, error) : NULL;
  if (result == NULL)
    return NULL;
  if (result->plan == NULL)
    {
      g_autofree char *words = air_compile_result_to_text (result);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s does not compile:\n%s", path, words);
      return NULL;
    }
  return air_plan_load (result->plan, ARTIFACT, error);
}

SimRefunds *
sim_refunds_new (GError **error)
{
  AirPlan *plan = compile (error);
  SimRefunds *self;

  if (plan == NULL)
    return NULL;
  self = g_new0 (SimRefunds, 1);
  self->scenario = (AirSimScenario) { "refunds", plan, make_event, answer, self };
  return self;
}

void
sim_refunds_free (SimRefunds *self)
{
  air_plan_unref (self->scenario.plan);
  g_free (self);
}

const AirSimScenario *
sim_refunds_get_scenario (SimRefunds *self)
{
  return &self->scenario;
}
