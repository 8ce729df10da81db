/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-vendor.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)

/* How one vendor behaves; permille where nothing else is said. */
typedef struct {
  gint64 latency_us; /* median */
  guint not_sent;
  guint lost_request;
  guint lost_answer;
  guint broken;      /* the connection breaks before the timeout, whatever becomes of the request */
  guint failed;      /* 503, nothing done */
  guint failed_done; /* 503, and it was done */
  guint limited;     /* 429 */
  guint repeated;    /* the network delivers the request twice */
  guint refused;     /* 422 */
  gint64 period_us;  /* of flapping; 0: steady */
  gint64 down_us;    /* of each period */
} Temper;

typedef struct {
  const char *connector;
  gboolean writes;
  gboolean honours;
  gint64 window_us;
} Operation;

typedef struct {
  AirOutcome *outcome;
  gint64 at_us;
} Answered;

struct _AirSimVendors {
  AirSimWorld *world;
  AirSimRandom *random;
  AirSimAnswer answer;
  gpointer user_data;
  guint64 seed;
  GHashTable *operations; /* id → Operation */
  GHashTable *tempers;    /* connector → Temper */
  GHashTable *by_key;     /* "operation key" → Answered */
  GPtrArray *effects;
  gint64 slept_us; /* requests sent before never arrive */
};

/* One request on its way. */
typedef struct {
  grefcount references;
  AirSimVendors *vendors;
  char *run;
  char *step;
  char *node;
  char *key;
  const char *operation;
  AirPurpose purpose;
  AirValue *input;
  AirValue *context;
  gint64 sent_us;
  gint64 deadline_us;
  AirSimAnswered answered; /* NULL once it was */
  gpointer user_data;
  GDestroyNotify destroy;
} Exchange;

typedef struct {
  Exchange *exchange;
  AirOutcome *outcome;
} Delivery;

static void
exchange_unref (gpointer data)
{
  Exchange *exchange = data;

  if (!g_ref_count_dec (&exchange->references))
    return;
  /* The world ended before an answer came. */
  if (exchange->answered != NULL && exchange->destroy != NULL)
    exchange->destroy (exchange->user_data);
  g_free (exchange->run);
  g_free (exchange->step);
  g_free (exchange->node);
  g_free (exchange->key);
  air_value_unref (exchange->input);
  air_value_unref (exchange->context);
  g_free (exchange);
}

static Exchange *
exchange_ref (Exchange *exchange)
{
  g_ref_count_inc (&exchange->references);
  return exchange;
}

static void
effect_free (AirSimEffect *effect)
{
  g_free (effect->operation);
  g_free (effect->run);
  g_free (effect->step);
  g_free (effect->node);
  g_free (effect->key);
  air_value_unref (effect->input);
  air_outcome_free (effect->outcome);
  g_free (effect);
}

static void
answered_free (gpointer data)
{
  Answered *answered = data;

  air_outcome_free (answered->outcome);
  g_free (answered);
}

static guint
permille (AirSimRandom *random, guint wildness, guint most)
{
  return air_sim_random_below (random, wildness * most / 10 + 1);
}

static void
make_temper (AirSimVendors *self, const char *connector, guint wildness)
{
  AirSimRandom *random = self->random;
  Temper *temper = g_new0 (Temper, 1);

  temper->latency_us = air_sim_random_between (random, 2, 120) * MS;
  if (wildness > 0)
    {
      if (air_sim_random_chance (random, 150))
        temper->latency_us = air_sim_random_between (random, 500, 6000) * MS;
      temper->not_sent = permille (random, wildness, 150);
      temper->lost_request = permille (random, wildness, 120);
      temper->lost_answer = permille (random, wildness, 200);
      temper->broken = permille (random, wildness, 100);
      temper->failed = permille (random, wildness, 150);
      temper->failed_done = permille (random, wildness, 120);
      temper->limited = permille (random, wildness, 100);
      temper->repeated = permille (random, wildness, 80);
      temper->refused = permille (random, wildness, 150);
      if (air_sim_random_chance (random, 300))
        {
          temper->period_us = air_sim_random_between (random, 500, 20000) * MS;
          temper->down_us = temper->period_us * air_sim_random_between (random, 10, 90) / 100;
        }
    }
  g_hash_table_insert (self->tempers, g_strdup (connector), temper);
}

static void
read_operations (AirSimVendors *self, AirPlan *plan, guint wildness)
{
  static const char *const honouring[] = { "key-header", "key-query", "client-id", "natural", "conditional", NULL };
  AirValue *documents = air_map_get_map (air_plan_get_document (plan), "operations");

  for (gsize i = 0; documents != NULL && i < air_map_get_size (documents); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (documents, i), NULL);
      AirValue *document = air_map_get_value_at (documents, i);
      AirValue *idempotency = air_map_get_map (document, "idempotency");
      const char *kind = air_map_get_string (idempotency, "kind");
      Operation *operation = g_new0 (Operation, 1);
      gint64 window_s = air_map_get_int (idempotency, "window_s", 0);

      operation->connector = air_map_get_string (document, "connector");
      operation->writes = g_strcmp0 (air_map_get_string (air_map_get_map (document, "policy"), "effect"), "write") == 0;
      operation->honours = kind != NULL && g_strv_contains (honouring, kind);
      /* Nobody forgets to the second; what our clock may be off must not matter. */
      operation->window_us = window_s > 0 ? (window_s + 3600) * G_USEC_PER_SEC : G_MAXINT64;
      g_hash_table_insert (self->operations, g_strdup (id), operation);
      if (!g_hash_table_contains (self->tempers, operation->connector))
        make_temper (self, operation->connector, wildness);
    }
}

/**
 * air_sim_vendors_new:
 * @world: borrowed
 * @plan: whose connectors they are; borrowed
 * @random: borrowed
 * @wildness: 0: nothing goes wrong; 10: much
 * @answer: (nullable): what vendors know
 * @user_data: for @answer
 *
 * Returns: (transfer full): vendors with empty books
 */
AirSimVendors *
air_sim_vendors_new (AirSimWorld *world,
                     AirPlan *plan,
                     AirSimRandom *random,
                     guint wildness,
                     AirSimAnswer answer,
                     gpointer user_data)
{
  AirSimVendors *self = g_new0 (AirSimVendors, 1);

  self->world = world;
  self->random = random;
  self->answer = answer;
  self->user_data = user_data;
  self->seed = air_sim_random_next (random);
  self->operations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->tempers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, answered_free);
  self->effects = g_ptr_array_new_with_free_func ((GDestroyNotify) effect_free);
  read_operations (self, plan, wildness);
  return self;
}

void
air_sim_vendors_free (AirSimVendors *self)
{
  g_hash_table_unref (self->operations);
  g_hash_table_unref (self->tempers);
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->effects);
  g_free (self);
}

/**
 * air_sim_vendors_heal:
 * @self: vendors
 *
 * From now on nothing goes wrong any more.
 */
void
air_sim_vendors_heal (AirSimVendors *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->tempers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Temper *temper = value;

      *temper = (Temper) { .latency_us = MIN (temper->latency_us, 100 * MS), .refused = temper->refused };
    }
}

/**
 * air_sim_vendors_lose_transit:
 * @self: vendors
 *
 * What is on its way now never arrives: the machine slept, and its connections are dead.
 */
void
air_sim_vendors_lose_transit (AirSimVendors *self)
{
  self->slept_us = air_sim_world_now (self->world) + 1;
}

/**
 * air_sim_vendors_connector_of:
 * @self: vendors
 * @operation: an operation's id
 *
 * Returns: (transfer none) (nullable): the connector it goes to
 */
const char *
air_sim_vendors_connector_of (AirSimVendors *self, const char *operation)
{
  const Operation *found = g_hash_table_lookup (self->operations, operation);

  return found != NULL ? found->connector : NULL;
}

/**
 * air_sim_vendors_get_effects:
 * @self: vendors
 *
 * Returns: (transfer none) (element-type AirSimEffect): in the order in which they happened
 */
GPtrArray *
air_sim_vendors_get_effects (AirSimVendors *self)
{
  return self->effects;
}

/* --- the books --- */

static const AirSimEffect *
find_effect (AirSimVendors *self, const char *run, const char *step)
{
  for (guint i = 0; i < self->effects->len; i++)
    {
      const AirSimEffect *effect = self->effects->pdata[i];

      if (strcmp (effect->run, run) == 0 && strcmp (effect->step, step) == 0)
        return effect;
    }
  return NULL;
}

static guint64
chance_of (AirSimVendors *self, const Exchange *exchange)
{
  AirSimRandom random;
  g_autofree char *name = g_strconcat (exchange->operation, " ", exchange->run, " ", exchange->step, NULL);

  air_sim_random_init (&random, self->seed, name);
  return air_sim_random_next (&random);
}

static AirOutcome *
make_answer (AirSimVendors *self, const Exchange *exchange, const Operation *operation)
{
  const Temper *temper = g_hash_table_lookup (self->tempers, operation->connector);
  guint64 chance = chance_of (self, exchange);
  AirValue *output;
  g_autofree char *reference = NULL;

  if (operation->writes && chance % 1000 < temper->refused)
    return air_outcome_new (AIR_OUTCOME_REJECTED, 422, "the vendor refuses it");
  if (self->answer != NULL)
    {
      AirOutcome *outcome =
          self->answer (exchange->operation, exchange->input, exchange->context, chance, self->user_data);

      if (outcome != NULL)
        return outcome;
    }
  output = air_map_new ();
  reference = g_strdup_printf ("r%" G_GUINT64_FORMAT, chance % 100000);
  air_map_set_string (output, "ref", reference);
  air_map_set_int (output, "amount", (gint64) (chance >> 20) % 2000);
  return air_outcome_new_ok (200, output, NULL);
}

static void
note_effect (AirSimVendors *self, const Exchange *exchange, const AirOutcome *outcome)
{
  AirSimEffect *effect = g_new0 (AirSimEffect, 1);

  effect->operation = g_strdup (exchange->operation);
  effect->run = g_strdup (exchange->run);
  effect->step = g_strdup (exchange->step);
  effect->node = g_strdup (exchange->node);
  effect->key = g_strdup (exchange->key);
  effect->purpose = exchange->purpose;
  effect->input = air_value_ref (exchange->input);
  effect->at_us = air_sim_world_now (self->world);
  effect->outcome = air_outcome_copy (outcome);
  g_ptr_array_add (self->effects, effect);
}

static AirOutcome *
act (AirSimVendors *self, const Exchange *exchange)
{
  const Operation *operation = g_hash_table_lookup (self->operations, exchange->operation);
  gint64 now = air_sim_world_now (self->world);
  g_autofree char *name = NULL;
  AirOutcome *outcome;
  Answered *answered;

  if (exchange->purpose == AIR_PURPOSE_RECONCILE)
    {
      const AirSimEffect *effect = find_effect (self, exchange->run, exchange->step);

      return effect != NULL ? air_outcome_copy (effect->outcome)
                            : air_outcome_new (AIR_OUTCOME_NOT_FOUND, 200, "it is not in the vendor's books");
    }
  if (!operation->writes)
    return make_answer (self, exchange, operation);

  name = g_strconcat (exchange->operation, " ", exchange->key, NULL);
  answered = operation->honours ? g_hash_table_lookup (self->by_key, name) : NULL;
  if (answered != NULL && now - answered->at_us < operation->window_us)
    return air_outcome_copy (answered->outcome);
  outcome = make_answer (self, exchange, operation);
  if (outcome->outcome_class == AIR_OUTCOME_OK)
    note_effect (self, exchange, outcome);
  if (operation->honours)
    {
      answered = g_new0 (Answered, 1);
      answered->outcome = air_outcome_copy (outcome);
      answered->at_us = now;
      g_hash_table_insert (self->by_key, g_steal_pointer (&name), answered);
    }
  return outcome;
}

/* --- the network --- */

static void
answer (Exchange *exchange, AirOutcome *take_outcome)
{
  AirSimAnswered answered = g_steal_pointer (&exchange->answered);

  if (answered != NULL)
    answered (take_outcome, exchange->user_data);
  else
    air_outcome_free (take_outcome);
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  air_outcome_free (delivery->outcome);
  exchange_unref (delivery->exchange);
  g_free (delivery);
}

static void
deliver_cb (gpointer user_data)
{
  Delivery *delivery = user_data;

  answer (delivery->exchange, g_steal_pointer (&delivery->outcome));
}

static void
plan_answer (Exchange *exchange, gint64 in_us, AirOutcome *take_outcome)
{
  Delivery *delivery = g_new (Delivery, 1);

  *delivery = (Delivery) { exchange_ref (exchange), take_outcome };
  air_sim_world_plan (exchange->vendors->world, in_us, deliver_cb, delivery, delivery_free);
}

static void
repeated_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  if (exchange->sent_us < exchange->vendors->slept_us)
    return;
  air_outcome_free (act (exchange->vendors, exchange));
}

static void
arrive_cb (gpointer user_data)
{
  Exchange *exchange = user_data;
  AirSimVendors *self = exchange->vendors;
  const Operation *operation = g_hash_table_lookup (self->operations, exchange->operation);
  const Temper *temper = g_hash_table_lookup (self->tempers, operation->connector);
  gint64 left = exchange->deadline_us - air_sim_world_now (self->world);
  gint64 back = air_sim_random_skewed (self->random, temper->latency_us / 2);
  AirOutcome *outcome;

  if (exchange->sent_us < self->slept_us)
    return;
  if (air_sim_random_chance (self->random, temper->limited))
    {
      outcome = air_outcome_new (AIR_OUTCOME_RETRY, 429, "too many requests");
      outcome->retry_after_ms = air_sim_random_between (self->random, 0, 3000);
    }
  else if (air_sim_random_chance (self->random, temper->failed))
    outcome = air_outcome_new (AIR_OUTCOME_RETRY, 503, "not now");
  else
    {
      outcome = act (self, exchange);
      if (operation->honours && left > MS && air_sim_random_chance (self->random, temper->repeated))
        air_sim_world_plan (self->world, air_sim_random_between (self->random, 0, left - 1), repeated_cb,
                            exchange_ref (exchange), exchange_unref);
      if (air_sim_random_chance (self->random, temper->failed_done))
        {
          air_outcome_free (outcome);
          outcome = air_outcome_new (AIR_OUTCOME_RETRY, 503, "not now, though it was done");
        }
    }
  if (air_sim_random_chance (self->random, temper->lost_answer))
    air_outcome_free (outcome);
  else
    plan_answer (exchange, back, outcome);
}

static gboolean
is_down (AirSimVendors *self, const Temper *temper)
{
  return temper->period_us > 0 && air_sim_world_now (self->world) % temper->period_us < temper->down_us;
}

/**
 * air_sim_vendors_send:
 * @self: vendors
 * @run: the run
 * @call: an effect of kind CALL
 * @answered: comes once, at once or later, or else @destroy
 * @user_data: for @answered
 * @destroy: frees @user_data when no answer comes any more
 */
void
air_sim_vendors_send (AirSimVendors *self,
                      const char *run,
                      const AirEffect *call,
                      AirSimAnswered answered,
                      gpointer user_data,
                      GDestroyNotify destroy)
{
  const Operation *operation = g_hash_table_lookup (self->operations, call->call.operation);
  const Temper *temper = g_hash_table_lookup (self->tempers, operation->connector);
  AirSimRandom *random = self->random;
  gint64 timeout_us = call->call.timeout_ms * MS, there;
  Exchange *exchange = g_new0 (Exchange, 1);

  g_ref_count_init (&exchange->references);
  exchange->vendors = self;
  exchange->run = g_strdup (run);
  exchange->step = g_strdup (air_map_get_string (call->call.run, "step"));
  exchange->node = g_strdup (call->node);
  exchange->key = g_strdup (call->call.idempotency_key);
  exchange->operation = call->call.operation;
  exchange->purpose = call->call.purpose;
  exchange->input = air_value_ref (call->call.input);
  exchange->context = air_value_ref (call->call.run);
  exchange->sent_us = air_sim_world_now (self->world);
  exchange->deadline_us = air_sim_world_now (self->world) + timeout_us;
  exchange->answered = answered;
  exchange->user_data = user_data;
  exchange->destroy = destroy;

  if (air_sim_random_chance (random, temper->not_sent)
      || (is_down (self, temper) && air_sim_random_chance (random, 600)))
    {
      plan_answer (exchange, air_sim_random_between (random, 0, 20 * MS),
                   air_outcome_new (AIR_OUTCOME_RETRY, 0, "nothing was sent"));
      exchange_unref (exchange);
      return;
    }
  plan_answer (exchange, timeout_us, air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "no answer came in time"));
  if (air_sim_random_chance (random, temper->broken))
    plan_answer (exchange, air_sim_random_between (random, 0, timeout_us),
                 air_outcome_new (AIR_OUTCOME_UNKNOWN, 0, "the connection broke"));
  if (!is_down (self, temper) && !air_sim_random_chance (random, temper->lost_request))
    {
      there = air_sim_random_skewed (random, temper->latency_us / 2);
      air_sim_world_plan (self->world, CLAMP (there, 0, timeout_us - 1), arrive_cb, exchange_ref (exchange),
                          exchange_unref);
    }
  exchange_unref (exchange);
}
