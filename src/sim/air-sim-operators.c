/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who have their hands on runs: they send signals, pause and resume,
 * cancel, retry, skip and say what became of what nobody knows; of one run, of
 * some, of all. They look at runs as an operator does and are sometimes wrong.
 * What is not answered they send again, under the same id. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-private.h"

#define MS    G_GINT64_CONSTANT (1000)
#define TRIES 30

typedef struct {
  AirSim *sim;
  AirSimMessage *message; /* to be copied */
  char *run;
  gint64 patience_us;
  guint tries;
  gboolean done;
} Order;

struct _AirSimOperators {
  AirSim *sim;
  AirSimRandom chance;
  GPtrArray *orders; /* Order */
  guint n_told;
};

static const char *const operators[] = { "airails://sim/people/olga", "airails://sim/people/otto" };

static void
order_free (Order *order)
{
  air_sim_message_free (order->message);
  g_free (order->run);
  g_free (order);
}

AirSimOperators *
air_sim_operators_new (AirSim *sim)
{
  AirSimOperators *self = g_new0 (AirSimOperators, 1);

  self->sim = sim;
  air_sim_random_init (&self->chance, sim->options->seed, "operators");
  self->orders = g_ptr_array_new_with_free_func ((GDestroyNotify) order_free);
  return self;
}

void
air_sim_operators_free (AirSimOperators *self)
{
  g_ptr_array_unref (self->orders);
  g_free (self);
}

/* --- sending --- */

static AirSimMessage *
copy (const AirSimMessage *message)
{
  AirSimMessage *self = air_sim_message_new (message->kind);

  self->control = message->control;
  self->actor = g_strdup (message->actor);
  self->node = g_strdup (message->node);
  self->reason = g_strdup (message->reason);
  self->signal = g_strdup (message->signal);
  self->id = g_strdup (message->id);
  self->selection = g_strdup (message->selection);
  self->envelope = g_strdup (message->envelope);
  self->data = message->data != NULL ? air_value_ref (message->data) : NULL;
  return self;
}

static void
replied_cb (AirSimAnswerKind kind, const char *run, gpointer user_data)
{
  Order *order = user_data;

  if (kind != AIR_SIM_TRY_AGAIN)
    order->done = TRUE;
  if (kind == AIR_SIM_ACCEPTED)
    order->sim->report->controls++;
}

static void
send_cb (gpointer user_data)
{
  Order *order = user_data;
  AirSim *sim = order->sim;
  AirSimRandom *chance = &sim->operators->chance;
  AirSimMessage *message;

  /* Some press the button once more. */
  if ((order->done && !air_sim_random_chance (chance, 150)) || order->tries++ >= TRIES)
    return;
  air_sim_world_plan (sim->world, order->patience_us, send_cb, order, NULL);
  if (sim->host == NULL || air_sim_host_is_dead (sim->host))
    return;
  message = copy (order->message);
  message->replied = replied_cb;
  message->user_data = order;
  air_sim_trace (sim, "order  %s %s %s %s", order->run, message->id,
                 message->kind == AIR_EVENT_SIGNAL ? message->signal : air_control_to_string (message->control),
                 message->node != NULL ? message->node : "");
  air_sim_host_post (sim->host, order->run, message);
}

/* Takes @take_message. */
static void
give (AirSimOperators *self, const char *run, AirSimMessage *take_message, gint64 in_us)
{
  Order *order = g_new0 (Order, 1);

  order->sim = self->sim;
  order->message = take_message;
  order->run = g_strdup (run);
  order->patience_us = air_sim_random_between (&self->chance, 300, 5000) * MS;
  g_ptr_array_add (self->orders, order);
  air_sim_world_plan (self->sim->world, in_us, send_cb, order, NULL);
}

static AirSimMessage *
new_control (AirSimOperators *self, AirControl control)
{
  AirSimMessage *message = air_sim_message_new (AIR_EVENT_CONTROL);

  message->control = control;
  message->actor = g_strdup (operators[air_sim_random_below (&self->chance, G_N_ELEMENTS (operators))]);
  message->id = g_strdup_printf ("order-%u", self->n_told++);
  message->reason = g_strdup (message->id);
  return message;
}

static AirSimMessage *
new_signal (AirSimOperators *self)
{
  AirSimMessage *message = air_sim_message_new (AIR_EVENT_SIGNAL);

  message->signal = g_strdup (air_sim_random_chance (&self->chance, 500) ? "go" : "ready");
  message->id = g_strdup_printf ("signal-%u", self->n_told);
  message->actor = g_strdup ("airails://sim/services/shop");
  if (!air_sim_random_chance (&self->chance, 80))
    {
      message->data = air_map_new ();
      air_map_set_int (message->data, "n", self->n_told);
    }
  self->n_told++;
  return message;
}

/* --- whom, and what --- */

/* Open runs, in an order that only the seed decides. */
static GPtrArray *
list_runs (AirSimOperators *self)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, air_sim_host_get_runs (self->sim->host));
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (ids, g_strdup (key));
  g_ptr_array_sort_values (ids, (GCompareFunc) strcmp);
  return ids;
}

/* A step of a run to be retried or skipped: what its ledger speaks of last is the most likely to stand still. */
static char *
choose_step (AirSimOperators *self, AirSimRun *run)
{
  guint back = air_sim_random_below (&self->chance, 3);

  for (guint i = run->stored->len; i > 0; i--)
    {
      const AirSimStored *stored = run->stored->pdata[i - 1];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, NULL);
      char *step = entry != NULL ? air_sim_journal_dup_step (entry) : NULL;

      if (step != NULL && back-- == 0)
        return step;
      g_free (step);
    }
  return NULL;
}

static void
control_one (AirSimOperators *self, const char *id)
{
  static const AirControl choice[] = {
    AIR_CONTROL_PAUSE, AIR_CONTROL_PAUSE, AIR_CONTROL_RESUME, AIR_CONTROL_CANCEL,
    AIR_CONTROL_RETRY, AIR_CONTROL_RETRY, AIR_CONTROL_SKIP,   AIR_CONTROL_SKIP,
  };
  AirSimRun *run = air_sim_host_find (self->sim->host, id);
  AirSimMessage *message = new_control (self, choice[air_sim_random_below (&self->chance, G_N_ELEMENTS (choice))]);
  gboolean pauses = message->control == AIR_CONTROL_PAUSE;

  if ((message->control == AIR_CONTROL_RETRY || message->control == AIR_CONTROL_SKIP)
      && air_sim_random_chance (&self->chance, 600))
    message->node = choose_step (self, run);
  give (self, id, message, 0);
  /* Who pauses mostly resumes. */
  if (pauses && air_sim_random_chance (&self->chance, 700))
    give (self, id, new_control (self, AIR_CONTROL_RESUME), air_sim_random_skewed (&self->chance, 3000 * MS));
}

/* One order for many runs: each is told of it under the id of the selection. */
static void
control_many (AirSimOperators *self, GPtrArray *ids, gboolean all)
{
  static const AirControl choice[] = { AIR_CONTROL_PAUSE, AIR_CONTROL_PAUSE, AIR_CONTROL_RETRY, AIR_CONTROL_SKIP,
                                       AIR_CONTROL_CANCEL };
  AirControl control = choice[air_sim_random_below (&self->chance, G_N_ELEMENTS (choice))];
  g_autoptr (AirSimMessage) first = new_control (self, control), second = new_control (self, AIR_CONTROL_RESUME);
  gint64 later_us = air_sim_random_skewed (&self->chance, 4000 * MS);

  first->selection = g_strconcat (all ? "all-" : "some-", first->id, NULL);
  second->selection = g_strconcat (all ? "all-" : "some-", second->id, NULL);
  for (guint i = 0; i < ids->len; i++)
    {
      if (!all && air_sim_random_chance (&self->chance, 500))
        continue;
      give (self, ids->pdata[i], copy (first), 0);
      if (control == AIR_CONTROL_PAUSE)
        give (self, ids->pdata[i], copy (second), later_us);
    }
}

static void
act_cb (gpointer user_data)
{
  AirSimOperators *self = user_data;
  g_autoptr (GPtrArray) ids = NULL;
  const char *id;
  guint what;

  if (self->sim->host == NULL || air_sim_host_is_dead (self->sim->host))
    return;
  ids = list_runs (self);
  if (ids->len == 0)
    return;
  id = ids->pdata[air_sim_random_below (&self->chance, ids->len)];
  what = air_sim_random_below (&self->chance, 100);
  if (what < 45)
    give (self, id, new_signal (self), 0);
  else if (what < 88)
    control_one (self, id);
  else
    control_many (self, ids, what >= 94);
}

void
air_sim_operators_begin (AirSimOperators *self, guint n_orders, gint64 over_us)
{
  for (guint i = 0; i < n_orders; i++)
    air_sim_world_plan (self->sim->world, air_sim_random_between (&self->chance, 0, over_us), act_cb, self, NULL);
}

/* --- at the end --- */

static void
tidy_cb (gpointer user_data)
{
  AirSimOperators *self = user_data;
  g_autoptr (GPtrArray) ids = NULL;

  if (self->sim->host == NULL || air_sim_host_is_dead (self->sim->host))
    {
      air_sim_world_plan (self->sim->world, 1000 * MS, tidy_cb, self, NULL);
      return;
    }
  ids = list_runs (self);
  for (guint i = 0; i < ids->len; i++)
    if (air_sim_random_chance (&self->chance, 850))
      give (self, ids->pdata[i], new_control (self, AIR_CONTROL_RESUME), 0);
}

void
air_sim_operators_heal (AirSimOperators *self)
{
  air_sim_world_plan (self->sim->world, air_sim_random_between (&self->chance, 0, 5000) * MS, tidy_cb, self, NULL);
}
