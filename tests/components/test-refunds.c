/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The refund workflow as it ships: compiled, run by the engine, its requests built and its answers
 * understood by the operation engine, against an order system and a payment provider of a few lines. */
#include "config.h"

#include "base/air-clock.h"
#include "base/air-json.h"
#include "compiler/air-compiler.h"
#include "components/air-operation.h"
#include "engine/air-instance.h"
#include "engine/air-member.h"
#include "model/air-pack-directory.h"

#define ORDER "#W1234567"
#define ANN   "airails://demo/people/ann"

typedef struct {
  AirPlan *plan;
  AirEgress *egress;
  GHashTable *connectors; /* id → AirConnector */
  GHashTable *operations; /* id → AirOperation */
} Product;

typedef struct {
  const char *status; /* of the order */
  gint64 amount;      /* it was paid */
  guint cancels;
  guint reinstates;
  guint notifications;
  GHashTable *refunds; /* key → amount */
  gboolean refuse_refund;
  guint drop_refunds; /* answers lost after acting */
} World;

static Product product;

/* --- the product ------------------------------------------------------------------------ */

static void
load_product (void)
{
  static const char *const destinations[] = { "shop.example.com:443", "api.stripe.com:443", NULL };
  const char *source = g_getenv ("AIRAILS_SOURCE");
  g_autofree char *packs_path = g_build_filename (source, "packs", NULL);
  g_autofree char *path = g_build_filename (packs_path, "customer-operations", "workflows",
                                            "refunds-and-cancellations.workflow.json", NULL);
  g_autoptr (GPtrArray) packs = NULL;
  g_autoptr (AirWorkflow) workflow = NULL;
  g_autoptr (AirCompileResult) result = NULL;
  g_autoptr (AirValue) secrets = air_map_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *documents;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  packs = air_packs_load_directory (packs_path, &error);
  g_assert_no_error (error);
  workflow = air_workflow_load (text, length, path, &error);
  g_assert_no_error (error);
  result = air_compile (workflow, packs, &error);
  g_assert_no_error (error);
  if (result->n_errors > 0)
    g_error ("%s", air_compile_result_to_text (result));
  product.plan = air_plan_load (result->plan, "sha256:aa", &error);
  g_assert_no_error (error);

  product.egress = air_egress_new (destinations, &error);
  air_map_set_string (secrets, "token", "t");
  product.connectors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) air_connector_free);
  product.operations = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) air_operation_free);
  documents = air_member (result->plan, "connectors");
  for (gsize i = 0; i < air_map_get_size (documents); i++)
    {
      AirConnector *connector = air_connector_new (air_map_get_value_at (documents, i), NULL, secrets, &error);

      g_assert_no_error (error);
      g_hash_table_insert (product.connectors,
                           (char *) g_intern_string (air_value_get_string (air_map_get_key_at (documents, i), NULL)),
                           connector);
    }
  documents = air_member (result->plan, "operations");
  for (gsize i = 0; i < air_map_get_size (documents); i++)
    {
      AirValue *document = air_map_get_value_at (documents, i);
      AirOperation *operation = air_operation_new (
          document, g_hash_table_lookup (product.connectors, air_map_get_string (document, "connector")), &error);

      g_assert_no_error (error);
      g_hash_table_insert (product.operations, (char *) air_operation_get_id (operation), operation);
    }
}

/* --- the world ------------------------------------------------------------------------------ */

static AirHttpResponse *reply (int status, const char *format, ...) G_GNUC_PRINTF (2, 3);

static AirHttpResponse *
reply (int status, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bytes = g_bytes_new (text, strlen (text));
  return air_http_response_new (status, bytes);
}

static const char *
field (GHashTable *form, const char *name)
{
  return g_hash_table_lookup (form, name);
}

static AirHttpResponse *
refund (World *world, const AirHttpRequest *request)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
  g_autoptr (GHashTable) form = g_uri_parse_params (text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  const char *key = air_http_request_get_header (request, "Idempotency-Key");

  g_assert_nonnull (form);
  if (world->refuse_refund)
    return reply (402, "{\"error\":{\"type\":\"card_error\",\"code\":\"expired\",\"message\":\"the card is closed\"}}");
  g_hash_table_replace (world->refunds, g_strdup (key), g_strdup (field (form, "amount")));
  if (world->drop_refunds > 0)
    {
      world->drop_refunds--;
      return NULL;
    }
  return reply (200,
                "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":%s,\"currency\":\"usd\",\"charge\":\"ch_1\","
                "\"payment_intent\":\"%s\",\"status\":\"succeeded\",\"metadata\":{}}",
                field (form, "amount"), field (form, "payment_intent"));
}

static AirHttpResponse *
perform (World *world, const AirHttpRequest *request)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL);
  const char *path = g_uri_get_path (uri);

  if (g_str_equal (path, "/v1/refunds"))
    return refund (world, request);
  if (g_str_equal (path, "/v1/customers/ana"))
    return reply (200, "{\"user_id\":\"ana\",\"email\":\"ana@example.com\",\"name\":\"Ana\",\"payment_methods\":"
                       "[{\"id\":\"card_1\",\"source\":\"credit_card\"}]}");
  if (g_str_equal (path, "/v1/notifications"))
    {
      world->notifications++;
      return reply (200, "{\"notification_id\":\"n\",\"status\":\"queued\",\"user_id\":\"ana\"}");
    }
  if (!g_str_has_prefix (path, "/v1/orders/%23W1234567") || world->status == NULL)
    return reply (404, "{\"error\":{\"code\":\"not_found\",\"message\":\"no such order\"}}");
  if (g_str_has_suffix (path, "/cancel"))
    {
      world->cancels++;
      world->status = "cancelled";
      return reply (200, "{\"order_id\":\"" ORDER "\",\"status\":\"cancelled\",\"version\":2}");
    }
  if (g_str_has_suffix (path, "/reinstate"))
    {
      world->reinstates++;
      world->status = "pending";
      return reply (200, "{\"order_id\":\"" ORDER "\",\"status\":\"pending\",\"version\":3}");
    }
  return reply (
      200,
      "{\"order_id\":\"" ORDER "\",\"user_id\":\"ana\",\"status\":\"%s\",\"currency\":\"usd\",\"items\":[{\"item_id\":"
      "\"i\",\"name\":\"Camera\",\"price_minor\":%" G_GINT64_FORMAT
      "}],\"payments\":[{\"payment_method_id\":\"card_1\","
      "\"source\":\"credit_card\",\"amount_minor\":%" G_GINT64_FORMAT ",\"payment_intent\":\"pi_1\"}],\"version\":1}",
      world->status, world->amount, world->amount);
}

/* --- one run --------------------------------------------------------------------------------- */

static AirOutcome *
call (World *world, const AirEffect *effect)
{
  const AirOperation *operation = g_hash_table_lookup (product.operations, effect->call.operation);
  g_autoptr (AirHttpRequest) request = NULL;
  g_autoptr (AirHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  request = air_operation_build_request (operation, effect->call.purpose, effect->call.input, effect->call.run,
                                         product.egress, &error);
  g_assert_no_error (error);
  response = perform (world, request);
  if (response == NULL)
    return air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer");
  return air_operation_interpret (operation, effect->call.purpose, effect->call.input, effect->call.run, request,
                                  response);
}

static void
collect (GPtrArray *todo, AirTransition *transition, GPtrArray *records, GArray *times, gint64 now_us)
{
  while (transition->records->len > 0)
    {
      g_ptr_array_add (records, g_ptr_array_steal_index (transition->records, 0));
      g_array_append_val (times, now_us);
    }
  while (transition->effects->len > 0)
    g_ptr_array_add (todo, g_ptr_array_steal_index (transition->effects, 0));
  air_transition_clear (transition);
}

static AirInstance *
run_request (World *world, const char *email)
{
  g_autofree char *text =
      g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"shop\",\"type\":\"shop.refund.requested\","
                       "\"data\":{\"request_id\":\"r-1\",\"customer\":{\"user_id\":\"ana\",\"email\":\"%s\"},"
                       "\"kind\":\"cancel\",\"order_id\":\"" ORDER "\",\"message\":\"please\","
                       "\"reason\":\"no longer needed\"}}",
                       email);
  g_autoptr (AirValue) cloud_event = air_json_parse (text, strlen (text), NULL);
  g_autoptr (AirSeededRandom) random = air_seeded_random_new (7);
  g_autoptr (GPtrArray) todo = g_ptr_array_new_with_free_func ((GDestroyNotify) air_effect_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) air_record_free);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (AirTriggerKeys) keys = { 0 };
  AirInstance *instance = air_instance_new (product.plan, "01JD9ZK3QW8Y7V6T5S4R3Q2P1N");
  gint64 now_us = G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC;
  AirTransition transition = { 0 };
  g_autoptr (GError) error = NULL;

  air_plan_read_trigger (product.plan, "request", cloud_event, &keys, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (keys.concurrency_key, ==, ORDER);
  air_instance_advance (instance,
                        &(AirEvent) { .kind = AIR_EVENT_TRIGGER,
                                      .trigger = { .data = keys.data,
                                                   .actor = "airails://demo/systems/shop",
                                                   .dedup_key = keys.dedup_key,
                                                   .concurrency_key = keys.concurrency_key,
                                                   .requester = keys.requester } },
                        now_us, air_seeded_random_get (random), &transition, &error);
  g_assert_no_error (error);
  collect (todo, &transition, records, times, now_us);

  while (todo->len > 0)
    {
      g_autoptr (AirEffect) effect = g_ptr_array_steal_index (todo, 0);
      g_autoptr (AirOutcome) outcome = NULL;
      AirEvent event = { 0 };

      now_us += G_USEC_PER_SEC;
      switch (effect->kind)
        {
        case AIR_EFFECT_CALL:
          outcome = call (world, effect);
          event.kind = AIR_EVENT_OUTCOME;
          event.outcome.node = effect->node;
          event.outcome.attempt = effect->call.attempt;
          event.outcome.purpose = effect->call.purpose;
          event.outcome.outcome = outcome;
          break;
        case AIR_EFFECT_TIMER:
          if (g_str_has_prefix (effect->timer.id, "deadline/"))
            continue;
          now_us = MAX (now_us, effect->timer.at_us);
          event.kind = AIR_EVENT_TIMER;
          event.timer.id = effect->timer.id;
          break;
        case AIR_EFFECT_GATE_OPENED:
          event.kind = AIR_EVENT_DECISION;
          event.decision.node = effect->node;
          event.decision.approve = TRUE;
          event.decision.actor = ANN;
          event.decision.key = "k";
          event.decision.role = "approver";
          event.decision.envelope = "{}";
          break;
        case AIR_EFFECT_TIMER_CANCEL:
        case AIR_EFFECT_GATE_CLOSED:
        case AIR_EFFECT_FINISHED:
          continue;
        }
      air_instance_advance (instance, &event, now_us, air_seeded_random_get (random), &transition, &error);
      g_assert_no_error (error);
      collect (todo, &transition, records, times, now_us);
    }
  g_assert_true (air_instance_is_finished (instance));
  air_instance_replay (product.plan, air_instance_get_id (instance), records, (const gint64 *) (gpointer) times->data,
                       NULL, &error);
  g_assert_no_error (error);
  return instance;
}

static void
assert_run (World *world, const char *email, AirInstanceState state, const char *outcome, const char *words)
{
  g_autoptr (AirInstance) instance = NULL;

  world->refunds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  instance = run_request (world, email);
  g_assert_cmpstr (air_instance_state_to_string (air_instance_get_state (instance)), ==,
                   air_instance_state_to_string (state));
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (instance), "outcome"), ==, outcome);
  g_assert_cmpstr (air_map_get_string (air_instance_get_output (instance), "error"), ==, words);
}

/* --- the stories ---------------------------------------------------------------------------------- */

static void
test_refunded (void)
{
  static const gint64 amounts[] = { 9900, 50351 };

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    for (guint drops = 0; drops < 3; drops++)
      {
        World world = { .status = "pending", .amount = amounts[i], .drop_refunds = drops };
        g_autofree char *amount = g_strdup_printf ("%" G_GINT64_FORMAT, amounts[i]);
        GHashTableIter iter;
        gpointer refunded;

        assert_run (&world, "ana@example.com", AIR_INSTANCE_COMPLETED, "refunded", NULL);
        g_assert_cmpuint (g_hash_table_size (world.refunds), ==, 1);
        g_hash_table_iter_init (&iter, world.refunds);
        g_assert_true (g_hash_table_iter_next (&iter, NULL, &refunded));
        g_assert_cmpstr (refunded, ==, amount);
        g_assert_cmpuint (world.cancels, ==, 1);
        g_assert_cmpuint (world.notifications, ==, 1);
        g_hash_table_unref (world.refunds);
      }
}

static void
test_rejected (void)
{
  World unknown = { .status = NULL };
  World delivered = { .status = "delivered", .amount = 100 };
  World other = { .status = "pending", .amount = 100 };

  assert_run (&unknown, "ana@example.com", AIR_INSTANCE_COMPLETED, "rejected", "order not found");
  assert_run (&delivered, "ana@example.com", AIR_INSTANCE_COMPLETED, "rejected",
              "non-pending order cannot be cancelled");
  assert_run (&other, "eve@example.com", AIR_INSTANCE_COMPLETED, "rejected", "identity not confirmed");
  g_assert_cmpuint (delivered.notifications, ==, 1);
  g_assert_cmpuint (other.notifications, ==, 0);
  g_assert_cmpuint (unknown.cancels + delivered.cancels + other.cancels, ==, 0);
  g_hash_table_unref (unknown.refunds);
  g_hash_table_unref (delivered.refunds);
  g_hash_table_unref (other.refunds);
}

/* The shop's cancellation is taken back when the money cannot be returned. */
static void
test_compensated (void)
{
  World world = { .status = "pending", .amount = 50351, .refuse_refund = TRUE };

  assert_run (&world, "ana@example.com", AIR_INSTANCE_FAILED, "failed",
              "the payment provider did not make the refund; the order stands as before");
  g_assert_cmpstr (world.status, ==, "pending");
  g_assert_cmpuint (world.cancels, ==, 1);
  g_assert_cmpuint (world.reinstates, ==, 1);
  g_hash_table_unref (world.refunds);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  load_product ();
  g_test_add_func ("/components/refunds/refunded", test_refunded);
  g_test_add_func ("/components/refunds/rejected", test_rejected);
  g_test_add_func ("/components/refunds/compensated", test_compensated);
  status = g_test_run ();
  air_plan_unref (product.plan);
  air_egress_free (product.egress);
  g_hash_table_unref (product.operations);
  g_hash_table_unref (product.connectors);
  return status;
}
