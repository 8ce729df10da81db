/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who have their hands on runs: they send signals, pause and resume,
 * cancel, retry, skip and say what became of what nobody knows; of one run, of
 * some, of all. They look at runs as an operator does and are sometimes wrong.
 * What is not answered they send again, under the same id. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "hosting/air-unknown.h"
#include "sim/air-sim-private.h"

#define MS    G_GINT64_CONSTANT (1000)
#define TRIES 30
/* Longer than any call of a made-up workflow may take. */
#define LOOK_AFTER_US (70000 * MS)

typedef struct {
  AirSim *sim;
  AirMessage *message; /* to be copied */
  char *run;
  gint64 patience_us;
  guint tries;
  gboolean done;
  gboolean again; /* the run has ended: its work is to be done by another */
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
  air_message_free (order->message);
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

static AirMessage *
copy (const AirMessage *message)
{
  AirMessage *self = air_message_new (message->kind);

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
  if (order->again && kind == AIR_SIM_DUPLICATE)
    air_sim_checker_triggered (order->sim->checker, run);
}

static void
send_cb (gpointer user_data)
{
  Order *order = user_data;
  AirSim *sim = order->sim;
  AirSimRandom *chance = &sim->operators->chance;
  AirMessage *message;

  /* Some press the button once more. */
  if ((order->done && !air_sim_random_chance (chance, 150)) || order->tries++ >= TRIES)
    return;
  air_sim_world_plan (sim->world, order->patience_us, send_cb, order, NULL);
  if (sim->host == NULL || air_sim_host_is_dead (sim->host))
    return;
  if (order->again)
    {
      air_sim_trace (sim, "order  %s %s again, as another run", order->run, order->message->id);
      air_sim_host_retry (sim->host, order->run, order->message, replied_cb, order);
      return;
    }
  message = copy (order->message);
  air_sim_message_set_sender (message, replied_cb, order);
  air_sim_trace (sim, "order  %s %s %s %s", order->run, message->id,
                 message->kind == AIR_EVENT_SIGNAL ? message->signal : air_control_to_string (message->control),
                 message->node != NULL ? message->node : "");
  air_sim_host_post (sim->host, order->run, message);
}

/* Takes @take_message. */
static Order *
give (AirSimOperators *self, const char *run, AirMessage *take_message, gint64 in_us)
{
  Order *order = g_new0 (Order, 1);

  order->sim = self->sim;
  order->message = take_message;
  order->run = g_strdup (run);
  order->patience_us = air_sim_random_between (&self->chance, 300, 5000) * MS;
  g_ptr_array_add (self->orders, order);
  air_sim_world_plan (self->sim->world, in_us, send_cb, order, NULL);
  return order;
}

static AirMessage *
new_control (AirSimOperators *self, AirControl control)
{
  AirMessage *message = air_message_new (AIR_EVENT_CONTROL);

  message->control = control;
  message->actor = g_strdup (operators[air_sim_random_below (&self->chance, G_N_ELEMENTS (operators))]);
  message->id = g_strdup_printf ("order-%u", self->n_told++);
  message->reason = g_strdup (message->id);
  return message;
}

static AirMessage *
new_signal (AirSimOperators *self)
{
  AirMessage *message = air_message_new (AIR_EVENT_SIGNAL);

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

/* --- what nobody knows --- */

typedef struct {
  AirSimOperators *operators;
  char *run;
  char *step;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->run);
  g_free (look->step);
  g_free (look);
}

static const AirSimEffect *
find_effect (AirSim *sim, const Look *look)
{
  GPtrArray *effects = air_sim_vendors_get_effects (sim->vendors);

  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];

      if (effect->purpose == AIR_PURPOSE_EXECUTE && strcmp (effect->run, look->run) == 0
          && strcmp (effect->node, look->step) == 0)
        return effect;
    }
  return NULL;
}

static char *
sign_word (AirSimOperators *self,
           const Look *look,
           const AirUnknown *unknown,
           gboolean happened,
           const AirMessage *message)
{
  AirSim *sim = self->sim;
  AirRandom chance = air_sim_random_source (&self->chance);
  g_autofree char *name = g_strconcat (look->run, "/", look->step, NULL);
  gint64 now = air_sim_world_wall (sim->world);
  g_autoptr (AirDecision) word = NULL;
  g_autoptr (GError) error = NULL;
  AirDigest subject;
  char *envelope;

  air_digest_from_hex (unknown->leaf_hash, &subject);
  if (air_sim_random_chance (&self->chance, 50))
    subject.bytes[3] ^= 1;
  word = air_decision_new (happened ? "happened" : "did-not-happen", name, &subject, air_plan_get_artifact (sim->plan),
                           unknown->action_digest, message->reason,
                           air_sim_random_chance (&self->chance, 60) ? "admin" : "operator", now, now + 3600000 * MS,
                           &chance);
  envelope = air_decision_sign (word, air_sim_people_get_operator_key (message->actor), &error);
  if (envelope == NULL)
    g_error ("%s cannot sign: %s", message->actor, error->message);
  return envelope;
}

/* By now no request can still be on its way: what stands in the vendor's books is what happened. */
static void
look_cb (gpointer user_data)
{
  Look *look = user_data;
  AirSimOperators *self = look->operators;
  AirSim *sim = self->sim;
  AirSimRun *run =
      sim->host != NULL && !air_sim_host_is_dead (sim->host) ? air_sim_host_find (sim->host, look->run) : NULL;
  g_autoptr (AirUnknown) unknown = air_unknown_new (look->step);
  const AirSimEffect *effect = find_effect (sim, look);
  AirMessage *message;

  for (guint i = 0; run != NULL && i < run->stored->len; i++)
    {
      const AirSimStored *stored = run->stored->pdata[i];

      if (!air_unknown_take (unknown, i, stored->leaf, stored->disclosures, NULL))
        return;
    }
  if (!air_unknown_is_sent (unknown) || air_sim_world_wall (sim->world) - unknown->time_us < LOOK_AFTER_US)
    return;
  message = new_control (self, AIR_CONTROL_CONFIRM);
  message->node = g_strdup (look->step);
  message->data = effect != NULL && effect->outcome->output != NULL ? air_value_ref (effect->outcome->output) : NULL;
  message->envelope = sign_word (self, look, unknown, effect != NULL, message);
  give (self, look->run, message, 0);
}

/* Of a run that waits for a person; FALSE when it does not. */
static gboolean
clear_up (AirSimOperators *self, const char *id)
{
  AirSimRun *run = air_sim_host_find (self->sim->host, id);
  g_auto (GStrv) steps = run != NULL && run->instance != NULL ? air_instance_dup_unknown (run->instance) : NULL;
  guint n = steps != NULL ? g_strv_length (steps) : 0, what = air_sim_random_below (&self->chance, 100);
  const char *step = n > 0 ? steps[air_sim_random_below (&self->chance, n)] : NULL;
  AirMessage *message;

  if (step == NULL)
    return FALSE;
  if (what < 70)
    {
      Look *look = g_new (Look, 1);

      *look = (Look) { self, g_strdup (id), g_strdup (step) };
      air_sim_world_plan (self->sim->world, LOOK_AFTER_US + MS, look_cb, look, look_free);
      return TRUE;
    }
  message = new_control (self, what < 85 ? AIR_CONTROL_SKIP : AIR_CONTROL_RETRY);
  message->node = g_strdup (step);
  give (self, id, message, 0);
  return TRUE;
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

static gboolean
is_set_timer (const AirEntry *entry, gboolean retry)
{
  AirValue *members = air_entry_get_members (entry);

  return strcmp (air_entry_get_type_name (entry), AIR_ENTRY_TIMER) == 0
         && g_strcmp0 (air_map_get_string (members, "state"), "set") == 0
         && (!retry || g_strcmp0 (air_map_get_string (members, "timer"), "retry") == 0);
}

/* A step to be retried or skipped: mostly one that waits for its time, else one its ledger speaks of. */
static char *
choose_step (AirSimOperators *self, AirSimRun *run)
{
  gboolean waits = air_sim_random_chance (&self->chance, 750), retry = air_sim_random_chance (&self->chance, 600);
  guint back = air_sim_random_below (&self->chance, waits ? 2 : 3);
  char *step = NULL;

  for (guint i = run->stored->len; i > 0; i--)
    {
      const AirSimStored *stored = run->stored->pdata[i - 1];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, NULL);

      if (entry == NULL || (waits && !is_set_timer (entry, retry)))
        continue;
      g_free (step);
      step = air_sim_journal_dup_step (entry);
      if (step != NULL && back-- == 0)
        break;
    }
  return step;
}

static void
control_one (AirSimOperators *self, const char *id)
{
  static const AirControl choice[] = {
    AIR_CONTROL_PAUSE, AIR_CONTROL_PAUSE, AIR_CONTROL_RESUME, AIR_CONTROL_CANCEL,
    AIR_CONTROL_RETRY, AIR_CONTROL_RETRY, AIR_CONTROL_SKIP,   AIR_CONTROL_SKIP,
  };
  AirSimRun *run = air_sim_host_find (self->sim->host, id);
  AirMessage *message = new_control (self, choice[air_sim_random_below (&self->chance, G_N_ELEMENTS (choice))]);
  gboolean pauses = message->control == AIR_CONTROL_PAUSE;

  if ((message->control == AIR_CONTROL_RETRY || message->control == AIR_CONTROL_SKIP)
      && air_sim_random_chance (&self->chance, 750))
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
  g_autoptr (AirMessage) first = new_control (self, control), second = new_control (self, AIR_CONTROL_RESUME);
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

/* Ended runs are to be done again: one, some, all that there are; by two operators at once, or twice by one. */
static void
retry_ended (AirSimOperators *self, GPtrArray *ids)
{
  guint what = air_sim_random_below (&self->chance, 100), times = air_sim_random_chance (&self->chance, 250) ? 2 : 1;
  const char *one = ids->pdata[air_sim_random_below (&self->chance, ids->len)];

  for (guint t = 0; t < times; t++)
    {
      g_autoptr (AirMessage) message = new_control (self, AIR_CONTROL_RETRY);
      gint64 in_us = air_sim_random_chance (&self->chance, 500) ? 0 : air_sim_random_skewed (&self->chance, 500 * MS);

      if (what >= 70)
        message->selection = g_strconcat (what >= 85 ? "all-" : "some-", message->id, NULL);
      for (guint i = 0; i < ids->len; i++)
        if (what >= 85 || (what >= 70 ? air_sim_random_chance (&self->chance, 500) : strcmp (ids->pdata[i], one) == 0))
          give (self, ids->pdata[i], copy (message), in_us)->again = TRUE;
    }
}

static gboolean
clear_up_any (AirSimOperators *self, GPtrArray *ids)
{
  for (guint i = 0; i < ids->len; i++)
    if (clear_up (self, ids->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
act_cb (gpointer user_data)
{
  AirSimOperators *self = user_data;
  g_autoptr (GPtrArray) ids = NULL, ended = NULL;
  const char *id;
  guint what;

  if (self->sim->host == NULL || air_sim_host_is_dead (self->sim->host))
    return;
  ended = air_sim_host_list_ended (self->sim->host);
  if (ended->len > 0 && air_sim_random_chance (&self->chance, 250))
    {
      retry_ended (self, ended);
      return;
    }
  ids = list_runs (self);
  if (ids->len == 0)
    return;
  id = ids->pdata[air_sim_random_below (&self->chance, ids->len)];
  what = air_sim_random_below (&self->chance, 100);
  if (air_sim_random_chance (&self->chance, 500) && clear_up_any (self, ids))
    return;
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
  for (guint i = 0; i < ids->len; i++)
    if (air_sim_random_chance (&self->chance, 600))
      clear_up (self, ids->pdata[i]);
}

void
air_sim_operators_heal (AirSimOperators *self)
{
  air_sim_world_plan (self->sim->world, air_sim_random_between (&self->chance, 0, 5000) * MS, tidy_cb, self, NULL);
}
