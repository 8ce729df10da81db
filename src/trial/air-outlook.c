/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many runs of a plan, played and counted. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include <string.h>

#include "engine/air-member.h"
#include "schema/air-schema-sample.h"
#include "trial/air-outlook.h"

#define MOST_PATHS 20
#define N_MADE     16 /* of what may come with a signal */

typedef struct {
  guint n;
  GPtrArray *keys;    /* char *, in the order in which they first came */
  GHashTable *counts; /* key → guint */
} Tally;

typedef struct {
  const AirOutlookOptions *options;
  Tally outcomes, ends, paths, ways, calls, effects, reversed, refusals;
  GHashTable *gates; /* gate → Load */
  GPtrArray *gate_order;
  GHashTable *moved; /* currency → Money */
  GPtrArray *currencies;
  GArray *durations; /* gint64, ms */
  GArray *busy;      /* the same without the waits for people */
  AirValue *signals; /* as AirTrialOptions has them */
  guint64 n_calls, n_retries, n_unknown;
} Outlook;

typedef struct {
  char *gate;
  guint asked, decisions;
  Tally outcomes;
  GArray *waits;
} Load;

typedef struct {
  gint64 out, in, back;
  GArray *per_run;
} Money;

/* --- events --- */

static AirSchema *
input_schema (AirPlan *plan, GError **error)
{
  g_autofree char *pointer = g_strdup_printf ("/nodes/%s/trigger/input", air_plan_get_trigger (plan));
  AirValue *document = air_value_at (air_plan_get_document (plan), pointer);

  if (document == NULL)
    {
      g_set_error (error, AIR_TRIAL_ERROR, AIR_TRIAL_ERROR_CASE,
                   "the trigger says nothing of what it takes, so no event can be made up; give --data");
      return NULL;
    }
  return air_schema_compile (document, error);
}

/* @value, with scalars the fixtures know where they stand under the same name. */
static AirValue *
speak_of (const AirValue *value, const char *name, const AirMocks *mocks, AirSimRandom *random)
{
  AirValue *pool, *copy;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_MAP:
      copy = air_map_new ();
      for (gsize i = 0; i < air_map_get_size (value); i++)
        {
          const char *key = air_value_get_string (air_map_get_key_at (value, i), NULL);

          air_map_set (copy, key, speak_of (air_map_get_value_at (value, i), key, mocks, random));
        }
      return copy;
    case AIR_VALUE_LIST:
      copy = air_list_new ();
      for (gsize i = 0; i < air_list_get_size (value); i++)
        air_list_append (copy, speak_of (air_list_get (value, i), name, mocks, random));
      return copy;
    case AIR_VALUE_STRING:
    case AIR_VALUE_INT:
      pool = name != NULL ? air_mocks_get_pool (mocks, name) : NULL;
      if (pool != NULL && air_sim_random_chance (random, 900))
        return air_value_ref (air_list_get (pool, air_sim_random_below (random, air_list_get_size (pool))));
      return air_value_ref ((AirValue *) value);
    default:
      return air_value_ref ((AirValue *) value);
    }
}

static AirValue *
make_event (const AirSchema *schema, const AirMocks *mocks, guint64 seed, GError **error)
{
  g_autoptr (AirValue) plain = air_schema_sample (schema, seed, AIR_SAMPLE_USUAL, error);
  AirSimRandom random;

  if (plain == NULL)
    return NULL;
  air_sim_random_init (&random, seed, "event");
  /* What is put in must still be what the trigger takes; a few throws find something that is. */
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (AirValue) event = speak_of (plain, NULL, mocks, &random);

      if (air_schema_validate (schema, event, NULL, NULL))
        return g_steal_pointer (&event);
    }
  return g_steal_pointer (&plain);
}

/**
 * air_outlook_make_event:
 * @plan: whose trigger it is for
 * @mocks: what it speaks of
 * @seed: picks one of very many
 * @error: return location
 *
 * Returns: (transfer full): the data of one event, made up: valid against the trigger's schema; or %NULL with an
 *   %AIR_SCHEMA_ERROR or %AIR_TRIAL_ERROR
 */
AirValue *
air_outlook_make_event (AirPlan *plan, const AirMocks *mocks, guint64 seed, GError **error)
{
  g_autoptr (AirSchema) schema = input_schema (plan, error);

  return schema != NULL ? make_event (schema, mocks, seed, error) : NULL;
}

/* --- signals --- */

/* Some of what may come for this wait. */
static AirValue *
make_data (const AirValue *node, const AirOutlookOptions *options, GError **error)
{
  AirValue *input = air_map_get_map (node, "input");
  g_autoptr (AirSchema) schema = input != NULL ? air_schema_compile (input, error) : NULL;
  g_autoptr (AirValue) list = air_list_new ();

  if (input == NULL)
    air_list_append (list, air_map_new ());
  else if (schema == NULL)
    return NULL;
  for (guint i = 0; schema != NULL && i < N_MADE; i++)
    {
      AirValue *data = make_event (schema, options->mocks, options->seed + i, error);

      if (data == NULL)
        return NULL;
      air_list_append (list, data);
    }
  return g_steal_pointer (&list);
}

/* What is made up for every step that waits for a signal. */
static AirValue *
make_signals (const AirOutlookOptions *options, GError **error)
{
  AirValue *nodes = air_map_get_map (air_plan_get_document (options->plan), "nodes");
  g_autoptr (AirValue) signals = air_map_new ();

  for (gsize i = 0; i < air_map_get_size (nodes); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (nodes, i), NULL);
      const AirValue *node = air_map_get_value_at (nodes, i);
      const char *name = air_map_get_string (node, "signal");
      AirValue *data, *made;

      if (g_strcmp0 (air_map_get_string (node, "kind"), "wait") != 0 || name == NULL)
        continue;
      data = make_data (node, options, error);
      if (data == NULL)
        {
          g_prefix_error (error, "the signal '%s' for '%s': ", name, id);
          return NULL;
        }
      made = air_map_new ();
      air_map_set_string (made, "signal", name);
      air_map_set (made, "data", data);
      air_map_set (signals, id, made);
    }
  return g_steal_pointer (&signals);
}

/* --- counting --- */

static void
tally_init (Tally *self)
{
  self->n = 0;
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->counts = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
tally_clear (Tally *self)
{
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->counts);
}

static void
tally_add (Tally *self, const char *key)
{
  gpointer known, count;

  self->n++;
  if (g_hash_table_lookup_extended (self->counts, key, &known, &count))
    {
      g_hash_table_replace (self->counts, known, GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
      return;
    }
  g_ptr_array_add (self->keys, g_strdup (key));
  g_hash_table_insert (self->counts, self->keys->pdata[self->keys->len - 1], GUINT_TO_POINTER (1));
}

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Tally *self = user_data;
  const char *x = *(const char *const *) a, *y = *(const char *const *) b;
  guint m = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, x)),
        n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, y));

  return m != n ? (m < n ? 1 : -1) : strcmp (x, y);
}

/* The most frequent first: [{@name, "runs"}]. */
static AirValue *
tally_to_value (Tally *self, const char *name, guint most)
{
  AirValue *list = air_list_new ();

  g_ptr_array_sort_with_data (self->keys, compare_keys, self);
  for (guint i = 0; i < self->keys->len && i < most; i++)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, name, self->keys->pdata[i]);
      air_map_set_int (item, "runs", GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, self->keys->pdata[i])));
      air_list_append (list, item);
    }
  return list;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static AirValue *
distribution (GArray *numbers)
{
  static const struct {
    const char *name;
    guint permille;
  } marks[] = { { "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "most", 1000 } };
  AirValue *value = air_map_new ();

  g_array_sort (numbers, compare_numbers);
  air_map_set_int (value, "n", numbers->len);
  for (guint i = 0; numbers->len > 0 && i < G_N_ELEMENTS (marks); i++)
    {
      guint64 at = ((guint64) numbers->len * marks[i].permille + 999) / 1000;

      air_map_set_int (value, marks[i].name, g_array_index (numbers, gint64, at > 0 ? at - 1 : 0));
    }
  return value;
}

static void
load_free (Load *load)
{
  tally_clear (&load->outcomes);
  g_array_unref (load->waits);
  g_free (load->gate);
  g_free (load);
}

static void
money_free (Money *money)
{
  g_array_unref (money->per_run);
  g_free (money);
}

static char *
plain_of (const char *step)
{
  return g_strndup (step, strcspn (step, "@:"));
}

static void
count_gates (Outlook *self, const AirTrialResult *result)
{
  for (guint i = 0; i < result->gates->len; i++)
    {
      const AirTrialGate *gate = result->gates->pdata[i];
      g_autofree char *name = plain_of (gate->gate);
      Load *load = g_hash_table_lookup (self->gates, name);
      gint64 wait = gate->waited_us / 1000;

      if (load == NULL)
        {
          load = g_new0 (Load, 1);
          load->gate = g_strdup (name);
          tally_init (&load->outcomes);
          load->waits = g_array_new (FALSE, FALSE, sizeof (gint64));
          g_hash_table_insert (self->gates, load->gate, load);
          g_ptr_array_add (self->gate_order, load);
        }
      load->asked++;
      load->decisions += gate->decisions;
      tally_add (&load->outcomes, gate->outcome);
      g_array_append_val (load->waits, wait);
    }
}

static void
count_money (Outlook *self, const AirTrialResult *result)
{
  g_autoptr (GHashTable) here = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  GHashTableIter iter;
  gpointer currency, sum;

  for (guint i = 0; i < result->moves->len; i++)
    {
      const AirTrialMove *move = result->moves->pdata[i];
      Money *money = g_hash_table_lookup (self->moved, move->currency);
      gint64 *total;

      if (money == NULL)
        {
          money = g_new0 (Money, 1);
          money->per_run = g_array_new (FALSE, FALSE, sizeof (gint64));
          g_ptr_array_add (self->currencies, g_strdup (move->currency));
          g_hash_table_insert (self->moved, self->currencies->pdata[self->currencies->len - 1], money);
        }
      if (move->reversed)
        money->back += move->minor;
      else if (move->out)
        money->out += move->minor;
      else
        money->in += move->minor;
      if (move->reversed || !move->out)
        continue;
      total = g_hash_table_lookup (here, move->currency);
      if (total == NULL)
        {
          total = g_new0 (gint64, 1);
          g_hash_table_insert (here, move->currency, total);
        }
      *total += move->minor;
    }
  g_hash_table_iter_init (&iter, here);
  while (g_hash_table_iter_next (&iter, &currency, &sum))
    g_array_append_val (((Money *) g_hash_table_lookup (self->moved, currency))->per_run, *(gint64 *) sum);
}

static void
count_run (Outlook *self, const AirTrialResult *result)
{
  g_autoptr (GString) path = g_string_new (NULL);
  gint64 whole = result->duration_us / 1000, busy = (result->duration_us - result->gate_us) / 1000;

  for (guint i = 0; i < result->path->len; i++)
    {
      g_autofree char *plain = plain_of (result->path->pdata[i]);
      const char *port = strchr (result->ports->pdata[i], ':');
      g_autofree char *way = g_strdup_printf ("%s%s", plain, port != NULL ? port : "");

      g_string_append_printf (path, "%s%s", i > 0 ? " → " : "", (char *) result->path->pdata[i]);
      tally_add (&self->ways, way);
    }
  tally_add (&self->outcomes, result->outcome);
  tally_add (&self->paths, path->str);
  if (result->path->len > 0)
    tally_add (&self->ends, result->path->pdata[result->path->len - 1]);
  for (guint i = 0; i < result->effects->len; i++)
    tally_add (&self->effects, result->effects->pdata[i]);
  for (guint i = 0; i < result->reversed->len; i++)
    tally_add (&self->reversed, result->reversed->pdata[i]);
  for (guint i = 0; i < result->refusals->len; i++)
    tally_add (&self->refusals, result->refusals->pdata[i]);
  self->n_calls += result->calls;
  self->n_retries += result->retries;
  self->n_unknown += result->unknown;
  g_array_append_val (self->durations, whole);
  g_array_append_val (self->busy, busy);
  count_gates (self, result);
  count_money (self, result);
}

/* --- telling --- */

static AirValue *
gates_to_value (Outlook *self)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->gate_order->len; i++)
    {
      Load *load = self->gate_order->pdata[i];
      AirValue *item = air_map_new ();

      air_map_set_string (item, "gate", load->gate);
      air_map_set_int (item, "asked", load->asked);
      air_map_set_int (item, "decisions", load->decisions);
      air_map_set (item, "outcomes", tally_to_value (&load->outcomes, "outcome", G_MAXUINT));
      air_map_set (item, "wait_ms", distribution (load->waits));
      air_list_append (list, item);
    }
  return list;
}

static AirValue *
money_to_value (Outlook *self)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < self->currencies->len; i++)
    {
      Money *money = g_hash_table_lookup (self->moved, self->currencies->pdata[i]);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "currency", self->currencies->pdata[i]);
      air_map_set_int (item, "out_minor", money->out);
      air_map_set_int (item, "in_minor", money->in);
      air_map_set_int (item, "moved_back_minor", money->back);
      air_map_set (item, "out_per_run_minor", distribution (money->per_run));
      air_list_append (list, item);
    }
  return list;
}

/* The ways out of nodes that no run took. */
static AirValue *
never_to_value (Outlook *self)
{
  AirValue *list = air_list_new ();
  AirValue *nodes = air_map_get_map (air_plan_get_document (self->options->plan), "nodes");

  for (gsize i = 0; i < air_map_get_size (nodes); i++)
    {
      const char *id = air_value_get_string (air_map_get_key_at (nodes, i), NULL);
      AirValue *node = air_map_get_value_at (nodes, i), *next = air_map_get_map (node, "next");

      /* Who comes to a parallel takes all its ways. */
      if (g_strcmp0 (air_map_get_string (node, "kind"), "parallel") == 0
          && g_hash_table_contains (self->ways.counts, id))
        continue;

      for (gsize j = 0; next != NULL && j < air_map_get_size (next); j++)
        {
          const char *port = air_value_get_string (air_map_get_key_at (next, j), NULL);
          g_autofree char *way = g_strdup_printf ("%s:%s", id, port);

          /* By "start" a workflow that is a step is gone into, and not left. */
          if (!g_str_equal (port, "start") && !g_hash_table_contains (self->ways.counts, way))
            air_list_append (list, air_value_new_string (way));
        }
    }
  return list;
}

static AirValue *
to_value (Outlook *self)
{
  AirValue *value = air_map_new (), *calls = air_map_new ();

  air_map_set_string (value, "workflow", air_plan_get_workflow (self->options->plan));
  air_map_set_string (value, "version", air_plan_get_version (self->options->plan));
  air_map_set_int (value, "runs", self->outcomes.n);
  air_map_set_int (value, "seed", self->options->seed);
  air_map_set (value, "outcomes", tally_to_value (&self->outcomes, "outcome", G_MAXUINT));
  air_map_set (value, "ends", tally_to_value (&self->ends, "end", G_MAXUINT));
  air_map_set_int (value, "n_paths", self->paths.keys->len);
  air_map_set (value, "paths", tally_to_value (&self->paths, "path", MOST_PATHS));
  air_map_set (value, "ways", tally_to_value (&self->ways, "way", G_MAXUINT));
  air_map_set (value, "never", never_to_value (self));
  air_map_set (value, "effects", tally_to_value (&self->effects, "node", G_MAXUINT));
  air_map_set (value, "reversed", tally_to_value (&self->reversed, "node", G_MAXUINT));
  air_map_set (value, "money", money_to_value (self));
  air_map_set (value, "gates", gates_to_value (self));
  air_map_set_int (calls, "sent", (gint64) self->n_calls);
  air_map_set_int (calls, "again", (gint64) self->n_retries);
  air_map_set_int (calls, "unknown", (gint64) self->n_unknown);
  air_map_set (value, "calls", calls);
  air_map_set (value, "duration_ms", distribution (self->durations));
  air_map_set (value, "duration_without_people_ms", distribution (self->busy));
  return value;
}

/* --- playing --- */

static AirTrialResult *
play (Outlook *self, const AirSchema *schema, guint n, GError **error)
{
  const AirOutlookOptions *options = self->options;
  guint64 seed = options->seed + n;
  g_autoptr (AirMockScript) script = air_mock_script_new (options->mocks, NULL);
  g_autoptr (AirValue) event = NULL;
  AirSimRandom random;
  AirTrialOptions trial = {
    .plan = options->plan,
    .mocks = options->mocks,
    .script = script,
    .seed = seed,
    .people = TRUE,
    .made_signals = self->signals,
    .silent_permille = options->fail_permille,
    .approve_permille = options->approve_permille,
    .decide_us = options->decide_us,
    .read_us = 60 * 1000,
    .write_us = 180 * 1000,
  };

  event = options->events != NULL ? air_value_ref (options->events->pdata[n % options->events->len])
                                  : make_event (schema, options->mocks, seed, error);
  if (event == NULL)
    return NULL;
  air_sim_random_init (&random, seed, "mocks");
  air_mock_script_set_chance (script, &random, options->fail_permille);
  trial.data = event;
  return air_trial_run (&trial, error);
}

static void
clear (Outlook *self)
{
  Tally *const tallies[] = { &self->outcomes, &self->ends,    &self->paths,    &self->ways,
                             &self->calls,    &self->effects, &self->reversed, &self->refusals };

  for (guint i = 0; i < G_N_ELEMENTS (tallies); i++)
    tally_clear (tallies[i]);
  g_hash_table_unref (self->gates);
  g_ptr_array_unref (self->gate_order);
  g_hash_table_unref (self->moved);
  g_ptr_array_unref (self->currencies);
  g_array_unref (self->durations);
  g_array_unref (self->busy);
  g_clear_pointer (&self->signals, air_value_unref);
}

/**
 * air_outlook_run:
 * @options: what to play
 * @error: return location
 *
 * Plays many runs and counts: outcomes, ways, effects, money, what gates ask of people, times as distributions. Pure;
 * the same options give the same bytes. Durations are in milliseconds.
 *
 * Returns: (transfer full): the outlook, or %NULL with an %AIR_TRIAL_ERROR, %AIR_ENGINE_ERROR or %AIR_SCHEMA_ERROR
 */
AirValue *
air_outlook_run (const AirOutlookOptions *options, GError **error)
{
  Outlook self = { .options = options };
  Tally *const tallies[] = { &self.outcomes, &self.ends,    &self.paths,    &self.ways,
                             &self.calls,    &self.effects, &self.reversed, &self.refusals };
  g_autoptr (AirSchema) schema = NULL;
  AirValue *value = NULL;
  gboolean whole = TRUE;

  if ((options->events == NULL || options->events->len == 0) && (schema = input_schema (options->plan, error)) == NULL)
    return NULL;
  self.signals = make_signals (options, error);
  if (self.signals == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (tallies); i++)
    tally_init (tallies[i]);
  self.gates = g_hash_table_new (g_str_hash, g_str_equal);
  self.gate_order = g_ptr_array_new_with_free_func ((GDestroyNotify) load_free);
  self.moved = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) money_free);
  self.currencies = g_ptr_array_new_with_free_func (g_free);
  self.durations = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.busy = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint n = 0; whole && n < options->runs; n++)
    {
      g_autoptr (AirTrialResult) result = play (&self, schema, n, error);

      if (result == NULL)
        {
          g_prefix_error (error, "run %u (seed %" G_GUINT64_FORMAT "): ", n, options->seed + n);
          whole = FALSE;
          break;
        }
      count_run (&self, result);
      if (options->progress != NULL && !options->progress (n + 1, options->runs, options->user_data))
        break;
    }
  if (whole)
    value = to_value (&self);
  clear (&self);
  return value;
}
