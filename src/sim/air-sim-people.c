/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those outside who want something: senders of events, who send again until
 * they are answered, and approvers, who sign, repeat themselves, come late, and
 * sometimes may not. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "ledger/air-decision.h"
#include "sim/air-sim-private.h"

#define MS         G_GINT64_CONSTANT (1000)
#define N_PEOPLE   8
#define N_DECIDERS 6
#define STRANGER   (N_DECIDERS - 1) /* has a key nobody enrolled */
#define TRIES      40

typedef struct {
  const char *uri;
  const char *const *roles;
  AirPrivateKey *key;
} Person;

typedef struct {
  AirSim *sim;
  AirValue *data;
  char *actor;
  guint tries;
  gboolean done;
  gint64 patience_us;
} Sender;

typedef struct {
  AirSim *sim;
  char *run;
  char *node;
  char *envelope; /* signed once, sent as often as it takes */
  guint person;
  guint tries;
  gboolean approve;
  gboolean asks;    /* for information, and decides nothing */
  gboolean twisted; /* over another request than the one that is open */
  gboolean stale;   /* not valid any more when it is signed */
} Decider;

struct _AirSimPeople {
  AirSim *sim;
  GPtrArray *senders;  /* Sender */
  GPtrArray *deciders; /* Decider */
};

static const char *const approver[] = { "approver", NULL };
static const char *const auditor[] = { "auditor", NULL };
static const char *const operator[] = { "operator", NULL };

/* Made once: keys are dear, and who they are does not matter. */
static Person *
get_people (void)
{
  static Person people[N_PEOPLE] = {
    { "airails://sim/people/ana", approver, NULL }, { "airails://sim/people/bo", approver, NULL },
    { "airails://sim/people/cleo", approver, NULL }, { "airails://sim/people/w1", approver, NULL },
    { "airails://sim/people/audrey", auditor, NULL }, { "airails://sim/people/nobody", approver, NULL },
    { "airails://sim/people/olga", operator, NULL },
      {
          "airails://sim/people/otto",
          operator,
          NULL },
    };
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < N_PEOPLE; i++)
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
  const Person *people = get_people ();

  for (guint i = 0; i < N_PEOPLE; i++)
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
  const Person *people = get_people ();
  guint i = N_DECIDERS;

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

static void
decider_free (Decider *decider)
{
  g_free (decider->run);
  g_free (decider->node);
  g_free (decider->envelope);
  g_free (decider);
}

AirSimPeople *
air_sim_people_new (AirSim *sim)
{
  AirSimPeople *self = g_new0 (AirSimPeople, 1);

  self->sim = sim;
  self->senders = g_ptr_array_new_with_free_func ((GDestroyNotify) sender_free);
  self->deciders = g_ptr_array_new_with_free_func ((GDestroyNotify) decider_free);
  return self;
}

void
air_sim_people_free (AirSimPeople *self)
{
  g_ptr_array_unref (self->senders);
  g_ptr_array_unref (self->deciders);
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
  if (!air_plan_read_trigger (sim->plan, air_plan_get_trigger (sim->plan), event, &keys, &error))
    g_error ("the scenario's event is not one of its plan: %s", error->message);
  message = air_message_new (AIR_EVENT_TRIGGER);
  message->data = g_steal_pointer (&keys.data);
  message->actor = g_strdup (sender->actor);
  message->dedup = g_steal_pointer (&keys.dedup_key);
  message->key = g_steal_pointer (&keys.concurrency_key);
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
      sender->patience_us = air_sim_random_between (random, 200, 4000) * MS;
      g_ptr_array_add (self->senders, sender);
      air_sim_world_plan (sim->world, air_sim_random_between (random, 0, over_us), send_cb, sender, NULL);
    }
  air_sim_operators_begin (sim->operators, air_sim_random_below (random, 2 + n_runs), 2 * over_us);
}

/* --- approvers --- */

static char *
sign (Decider *decider)
{
  AirSim *sim = decider->sim;
  AirSimRun *run = air_sim_host_find (sim->host, decider->run);
  AirRandom chance = air_sim_random_source (&sim->world_chance);
  const Person *person = &get_people ()[decider->person];
  gint64 now = air_sim_world_wall (sim->world);

  for (guint i = run != NULL ? run->stored->len : 0; i > 0; i--)
    {
      const AirSimStored *stored = run->stored->pdata[i - 1];
      g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, NULL);
      AirValue *members = entry != NULL ? air_entry_get_members (entry) : NULL;
      g_autoptr (AirDecision) decision = NULL;
      g_autoptr (GError) error = NULL;
      AirDigest request;
      char *envelope;

      if (entry == NULL || strcmp (air_entry_get_type_name (entry), AIR_ENTRY_HUMAN_GATE_REQUESTED) != 0
          || !air_sim_journal_is_of (entry, decider->node))
        continue;
      request = *air_entry_get_hash (entry);
      if (decider->twisted)
        request.bytes[7] ^= 1;
      decision = air_decision_new (
          decider->asks      ? "request-info"
          : decider->approve ? "approve"
                             : "deny",
          air_map_get_string (members, "gate"), &request, air_map_get_string (members, "artifact"),
          air_map_get_string (members, "action_digest"), "because", air_map_get_string (members, "role"),
          decider->stale ? now - 7200000 * MS : now, decider->stale ? now - 3600000 * MS : now + 3600000 * MS, &chance);
      envelope = air_decision_sign (decision, person->key, &error);
      if (envelope == NULL)
        g_error ("%s cannot sign: %s", person->uri, error->message);
      return envelope;
    }
  return NULL;
}

static void
decider_replied (AirSimAnswerKind kind, const char *run, gpointer user_data)
{
  Decider *decider = user_data;

  if (kind == AIR_SIM_ACCEPTED)
    decider->sim->report->decisions++;
  if (kind != AIR_SIM_TRY_AGAIN)
    decider->tries = TRIES;
}

static void
decide_cb (gpointer user_data)
{
  Decider *decider = user_data;
  AirSim *sim = decider->sim;
  AirMessage *message;

  if (decider->tries++ >= TRIES && !air_sim_random_chance (&sim->world_chance, 150))
    return;
  if (decider->tries > TRIES + 3)
    return;
  air_sim_world_plan (sim->world, air_sim_random_between (&sim->world_chance, 500, 8000) * MS, decide_cb, decider,
                      NULL);
  if (sim->host == NULL || air_sim_host_is_dead (sim->host))
    return;
  if (decider->envelope == NULL && (decider->envelope = sign (decider)) == NULL)
    return;
  message = air_message_new (AIR_EVENT_DECISION);
  message->node = g_strdup (decider->node);
  message->envelope = g_strdup (decider->envelope);
  air_sim_message_set_sender (message, decider_replied, decider);
  air_sim_trace (sim, "person %s decides %s/%s", get_people ()[decider->person].uri, decider->run, decider->node);
  air_sim_host_post (sim->host, decider->run, message);
  /* Some press the button twice. */
  if (air_sim_random_chance (&sim->world_chance, 100))
    {
      message = air_message_new (AIR_EVENT_DECISION);
      message->node = g_strdup (decider->node);
      message->envelope = g_strdup (decider->envelope);
      air_sim_message_set_sender (message, decider_replied, decider);
      air_sim_host_post (sim->host, decider->run, message);
    }
}

static gboolean
was_asked (AirSimPeople *self, const char *run, const char *node)
{
  for (guint i = 0; i < self->deciders->len; i++)
    {
      const Decider *decider = self->deciders->pdata[i];

      if (strcmp (decider->run, run) == 0 && strcmp (decider->node, node) == 0)
        return TRUE;
    }
  return FALSE;
}

void
air_sim_people_ask (AirSimPeople *self, const char *run, const char *node)
{
  AirSim *sim = self->sim;
  AirSimRandom *random = &sim->world_chance;
  gboolean storm = air_sim_random_chance (random, 150);
  gint64 median = storm ? 20 * MS : 3000 * MS;

  /* After a restart a gate tells again that it is open; those who were told do not think twice. */
  if (was_asked (self, run, node) && !air_sim_random_chance (random, 200))
    return;
  for (guint i = 0; i < N_DECIDERS; i++)
    {
      Decider *decider;

      if (!air_sim_random_chance (random, i > 3 ? 100 : storm ? 1000 : 550))
        continue;
      decider = g_new0 (Decider, 1);
      decider->sim = sim;
      decider->run = g_strdup (run);
      decider->node = g_strdup (node);
      decider->person = i;
      decider->approve = !air_sim_random_chance (random, 120);
      decider->asks = air_sim_random_chance (random, 60);
      decider->twisted = air_sim_random_chance (random, 40);
      decider->stale = air_sim_random_chance (random, 40);
      g_ptr_array_add (self->deciders, decider);
      air_sim_world_plan (sim->world,
                          air_sim_random_chance (random, 60) ? 500000 * MS : air_sim_random_skewed (random, median),
                          decide_cb, decider, NULL);
    }
}
