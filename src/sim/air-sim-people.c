/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those outside: who they are, and senders of events, who send again until they are answered. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-people-private.h"

#define MS       G_GINT64_CONSTANT (1000)
#define STRANGER (AIR_SIM_N_DECIDERS - 1) /* has a key nobody enrolled */
#define TRIES    40

typedef struct {
  AirSim *sim;
  AirValue *data;
  char *actor;
  const char *latency; /* nullable */
  guint tries;
  gboolean done;
  gint64 patience_us;
} Sender;

struct _AirSimPeople {
  AirSim *sim;
  GPtrArray *senders; /* Sender */
};

static const char *const approver[] = { "approver", NULL };
static const char *const manager[] = { "manager", NULL };
static const char *const both[] = { "approver", "manager", NULL };
static const char *const auditor[] = { "auditor", NULL };
static const char *const operator[] = { "operator", NULL };

const AirSimPerson *
air_sim_people_get (void)
{
  static AirSimPerson people[AIR_SIM_N_PEOPLE] = {
    { "airails://sim/people/ana", approver, NULL, 550 },   { "airails://sim/people/bo", approver, NULL, 550 },
    { "airails://sim/people/cleo", approver, NULL, 550 },  { "airails://sim/people/w1", approver, NULL, 550 },
    { "airails://sim/people/mia", both, NULL, 300 },       { "airails://sim/people/max", manager, NULL, 150 },
    { "airails://sim/people/audrey", auditor, NULL, 100 }, { "airails://sim/people/nobody", approver, NULL, 100 },
    { "airails://sim/people/olga", operator, NULL, 0 },    { "airails://sim/people/otto", operator, NULL, 0 },
  };
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < AIR_SIM_N_PEOPLE; i++)
        {
          guint8 seed[32];

          memset (seed, 17 + i, sizeof seed);
          people[i].key = air_private_key_new_ed25519 (seed, NULL);
        }
      g_once_init_leave (&made, 1);
    }
  return people;
}

gboolean
air_sim_people_find_voter (const char *key_id, AirVoter *ret_voter, gpointer unused)
{
  const AirSimPerson *people = air_sim_people_get ();

  for (guint i = 0; i < AIR_SIM_N_PEOPLE; i++)
    if (i != STRANGER && strcmp (air_public_key_get_id (air_private_key_get_public (people[i].key)), key_id) == 0)
      {
        *ret_voter = (AirVoter) { people[i].uri, air_private_key_get_public (people[i].key), people[i].roles, 1 };
        return TRUE;
      }
  return FALSE;
}

AirPrivateKey *
air_sim_people_get_operator_key (const char *uri)
{
  const AirSimPerson *people = air_sim_people_get ();
  guint i = AIR_SIM_N_DECIDERS;

  while (strcmp (people[i].uri, uri) != 0)
    i++;
  return people[i].key;
}

static void
sender_free (Sender *sender)
{
  air_value_unref (sender->data);
  g_free (sender->actor);
  g_free (sender);
}

AirSimPeople *
air_sim_people_new (AirSim *sim)
{
  AirSimPeople *self = g_new0 (AirSimPeople, 1);

  self->sim = sim;
  self->senders = g_ptr_array_new_with_free_func ((GDestroyNotify) sender_free);
  return self;
}

void
air_sim_people_free (AirSimPeople *self)
{
  g_ptr_array_unref (self->senders);
  g_free (self);
}

/* --- senders --- */

static void
sender_replied (AirSimAnswerKind kind, const char *run, gpointer user_data)
{
  Sender *sender = user_data;

  if (kind == AIR_SIM_TRY_AGAIN)
    return;
  if (kind == AIR_SIM_DUPLICATE)
    air_sim_checker_triggered (sender->sim->checker, run);
  if (kind == AIR_SIM_REFUSED)
    air_sim_violate (sender->sim, AIR_SIM_NOTHING_LOST, "an event that may be taken was refused");
  sender->done = TRUE;
}

static void
send_cb (gpointer user_data)
{
  Sender *sender = user_data;
  AirSim *sim = sender->sim;
  g_autoptr (AirValue) event = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (AirTriggerKeys) keys = { 0 };
  AirMessage *message;

  /* Some send the same event again although it was taken. */
  if (sender->done && !air_sim_random_chance (&sim->world_chance, 100))
    return;
  if (++sender->tries > TRIES)
    return;
  air_sim_world_plan (sim->world, sender->patience_us, send_cb, sender, NULL);
  if (sim->host == NULL || air_sim_host_is_dead (sim->host))
    return;
  event = air_map_new ();
  air_map_set_string (event, "specversion", "1.0");
  {
    g_autofree char *pointer = g_strdup_printf ("/nodes/%s/trigger/event_type", air_plan_get_trigger (sim->plan));

    air_map_set (event, "type", air_value_ref (air_value_at (air_plan_get_document (sim->plan), pointer)));
  }
  air_map_set (event, "data", air_value_ref (sender->data));
  if (sender->latency != NULL)
    air_map_set_string (event, "latencyclass", sender->latency);
  if (!air_plan_read_trigger (sim->plan, air_plan_get_trigger (sim->plan), event, &keys, &error))
    g_error ("the scenario's event is not one of its plan: %s", error->message);
  message = air_message_new (AIR_EVENT_TRIGGER);
  message->data = g_steal_pointer (&keys.data);
  message->actor = g_strdup (sender->actor);
  message->dedup = g_steal_pointer (&keys.dedup_key);
  message->key = g_steal_pointer (&keys.concurrency_key);
  message->latency = g_steal_pointer (&keys.latency_class);
  message->requester = g_steal_pointer (&keys.requester);
  air_sim_message_set_sender (message, sender_replied, sender);
  air_sim_host_trigger (sim->host, message);
}

static AirValue *
make_up (AirSim *sim, guint n)
{
  AirSimRandom *random = &sim->world_chance;
  AirValue *data = air_map_new (), *items = air_list_new ();
  g_autofree char *id = g_strdup_printf ("e%u", n);
  g_autofree char *order = g_strdup_printf ("o%u", (guint) air_sim_random_below (random, 6 + n));
  g_autofree char *who = g_strdup_printf ("w%u", (guint) air_sim_random_below (random, 3));

  air_map_set_string (data, "id", id);
  air_map_set_string (data, "order", order);
  air_map_set_string (data, "who", who);
  air_map_set_int (data, "amount", air_sim_random_between (random, 1, 1600));
  for (guint i = air_sim_random_below (random, 6); i > 0; i--)
    air_list_append (items, air_value_new_int (air_sim_random_below (random, 6)));
  air_map_set (data, "items", items);
  return data;
}

void
air_sim_people_begin (AirSimPeople *self, guint n_runs)
{
  static const char *const latencies[] = { NULL, "interactive", "normal", "batch", "batch" };
  AirSim *sim = self->sim;
  const AirSimScenario *scenario = sim->options->scenario;
  AirSimRandom *random = &sim->world_chance;
  /* Mostly one after the other, sometimes all at once. */
  gint64 over_us = air_sim_random_chance (random, 250) ? air_sim_random_between (random, 1, 300) * MS
                                                       : air_sim_random_between (random, 1, 20) * 1000 * MS;

  for (guint i = 0; i < n_runs; i++)
    {
      Sender *sender = g_new0 (Sender, 1);

      sender->sim = sim;
      sender->data = scenario != NULL && scenario->event != NULL ? scenario->event (random, i, scenario->user_data)
                                                                 : make_up (sim, i);
      sender->actor =
          g_strdup (air_sim_random_chance (random, 100) ? "airails://sim/people/ana" : "airails://sim/services/shop");
      sender->latency = latencies[air_sim_random_below (random, G_N_ELEMENTS (latencies))];
      sender->patience_us = air_sim_random_between (random, 200, 4000) * MS;
      g_ptr_array_add (self->senders, sender);
      air_sim_world_plan (sim->world, air_sim_random_between (random, 0, over_us), send_cb, sender, NULL);
    }
  air_sim_operators_begin (sim->operators, air_sim_random_below (random, 2 + n_runs), 2 * over_us);
}
