/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Approvers: they look at what a gate shows, sign over exactly that, approve, deny, ask or change it; repeat
 * themselves, come late, over what was asked before, and sometimes may not. What each of them has signed is kept, as
 * they saw it. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "policy/air-gate-edit.h"
#include "policy/air-gate-terms.h"
#include "sim/air-sim-people-private.h"

#define MS    G_GINT64_CONSTANT (1000)
#define TRIES 40

typedef struct {
  AirSim *sim;
  char *run;
  char *node;
  AirSimStored *request; /* what they were shown */
  char *envelope;        /* signed once, sent as often as it takes */
  guint person;
  guint tries;
  gboolean approve;
  gboolean asks;    /* for information, and decides nothing */
  gboolean edits;   /* where something may be changed */
  gboolean twisted; /* over another request than the one they were shown */
  gboolean stale;   /* not valid any more when it is signed */
} Decider;

struct _AirSimApprovers {
  AirSim *sim;
  GPtrArray *deciders; /* Decider */
  GHashTable *seen;    /* envelope → AirValue: the actions that it approves */
};

static void
decider_free (Decider *decider)
{
  g_free (decider->run);
  g_free (decider->node);
  g_free (decider->envelope);
  air_sim_stored_free (decider->request);
  g_free (decider);
}

AirSimApprovers *
air_sim_approvers_new (AirSim *sim)
{
  AirSimApprovers *self = g_new0 (AirSimApprovers, 1);

  self->sim = sim;
  self->deciders = g_ptr_array_new_with_free_func ((GDestroyNotify) decider_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_value_unref);
  return self;
}

void
air_sim_approvers_free (AirSimApprovers *self)
{
  g_ptr_array_unref (self->deciders);
  g_hash_table_unref (self->seen);
  g_free (self);
}

AirValue *
air_sim_approvers_get_seen (AirSimApprovers *self, const char *envelope)
{
  return g_hash_table_lookup (self->seen, envelope);
}

/* --- signing --- */

static gboolean
holds (const AirSimPerson *person, const char *role)
{
  return air_roles_hold (person->roles, role);
}

/* The one the gate asks for, else one that may decide later; they do not look at the clock. */
static const char *
choose_role (const AirSimPerson *person, AirValue *members)
{
  const char *role = air_map_get_string (members, "role");
  AirValue *levels = air_map_get_list (members, "escalation");

  for (gsize i = 0; !holds (person, role) && levels != NULL && i < air_list_get_size (levels); i++)
    {
      const char *later = air_map_get_string (air_list_get (levels, i), "role");

      if (holds (person, later))
        return later;
    }
  return role;
}

/* The @at-th number that the actions hold, and which action it is in; NULL: there are not so many. */
static const char *
find_number (AirValue *actions, guint at, gsize *ret_item)
{
  for (gsize i = 0; i < air_list_get_size (actions); i++)
    {
      AirValue *input = air_map_get_map (air_list_get (actions, i), "input");

      for (gsize k = 0; input != NULL && k < air_map_get_size (input); k++)
        if (air_value_get_kind (air_map_get_value_at (input, k)) == AIR_VALUE_INT && at-- == 0)
          {
            *ret_item = i;
            return air_value_get_string (air_map_get_key_at (input, k), NULL);
          }
    }
  return NULL;
}

/* Changes a number in one of the actions, by hand; a little less as a rule, so that it is mostly allowed. NULL: there
 * is none. */
static AirValue *
change (AirSimRandom *random, AirValue *actions, AirValue **ret_changed)
{
  gsize at = 0;
  guint n = 0;
  const char *field;
  g_autofree char *path = NULL;
  AirValue *patch, *edit, *after, *input;
  gint64 wanted;

  while (find_number (actions, n, &at) != NULL)
    n++;
  if (n == 0)
    return NULL;
  field = find_number (actions, air_sim_random_below (random, n), &at);
  input = air_map_copy (air_map_get_map (air_list_get (actions, at), "input"));
  wanted = air_map_get_int (input, field, 0) + air_sim_random_between (random, -4, 1);
  air_map_set_int (input, field, wanted);
  after = air_map_copy (air_list_get (actions, at));
  air_map_set (after, "input", input);
  *ret_changed = air_list_new ();
  for (gsize i = 0; i < air_list_get_size (actions); i++)
    air_list_append (*ret_changed, i == at ? after : air_value_ref (air_list_get (actions, i)));
  path = g_strdup_printf ("/%" G_GSIZE_FORMAT "/input/%s", at, field);
  edit = air_map_new ();
  air_map_set_string (edit, "op", "replace");
  air_map_set_string (edit, "path", path);
  air_map_set_int (edit, "value", wanted);
  patch = air_list_new ();
  air_list_append (patch, edit);
  return patch;
}

/* As people's own programs do; where it is not allowed they sign what they want all the same. */
static void
sign_edits (AirDecision *decision, AirValue *members, AirValue *actions, AirValue *take_patch, const AirValue *changed)
{
  g_autoptr (AirValue) edited = air_gate_edit_apply (actions, air_map_get_map (members, "edit"), take_patch, NULL);

  decision->edits = take_patch;
  decision->edited_digest = air_gate_edit_digest (edited != NULL ? edited : changed);
}

static void
sign (Decider *decider)
{
  AirSim *sim = decider->sim;
  AirRandom chance = air_sim_random_source (&sim->world_chance);
  const AirSimPerson *person = &air_sim_people_get ()[decider->person];
  gint64 now = air_sim_world_wall (sim->world);
  g_autoptr (AirEntry) entry = air_entry_parse (decider->request->leaf, NULL);
  AirValue *members = air_entry_get_members (entry);
  g_autoptr (AirValue) disclosed = air_entry_open (entry, decider->request->disclosures, NULL), changed = NULL;
  AirValue *actions = air_map_get_list (disclosed, "action");
  AirValue *patch = decider->edits ? change (&sim->world_chance, actions, &changed) : NULL;
  g_autoptr (AirDecision) decision = NULL;
  g_autoptr (GError) error = NULL;
  AirDigest request = *air_entry_get_hash (entry);

  if (decider->twisted)
    request.bytes[7] ^= 1;
  decision = air_decision_new (patch != NULL      ? "edit"
                               : decider->asks    ? "request-info"
                               : decider->approve ? "approve"
                                                  : "deny",
                               air_map_get_string (members, "gate"), &request, air_map_get_string (members, "artifact"),
                               air_map_get_string (members, "action_digest"), "because", choose_role (person, members),
                               decider->stale ? now - 7200000 * MS : now,
                               decider->stale ? now - 3600000 * MS : now + 3600000 * MS, &chance);
  if (patch != NULL)
    sign_edits (decision, members, actions, patch, changed);
  decider->envelope = air_decision_sign (decision, person->key, &error);
  if (decider->envelope == NULL)
    g_error ("%s cannot sign: %s", person->uri, error->message);
  if (decider->approve || patch != NULL)
    g_hash_table_replace (sim->approvers->seen, g_strdup (decider->envelope),
                          air_value_ref (changed != NULL ? changed : actions));
}

/* --- sending --- */

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
send (Decider *decider)
{
  AirMessage *message = air_message_new (AIR_EVENT_DECISION);

  message->node = g_strdup (decider->node);
  message->envelope = g_strdup (decider->envelope);
  air_sim_message_set_sender (message, decider_replied, decider);
  air_sim_host_post (decider->sim->host, decider->run, message);
}

static void
decide_cb (gpointer user_data)
{
  Decider *decider = user_data;
  AirSim *sim = decider->sim;

  if (decider->tries++ >= TRIES && !air_sim_random_chance (&sim->world_chance, 150))
    return;
  if (decider->tries > TRIES + 3)
    return;
  air_sim_world_plan (sim->world, air_sim_random_between (&sim->world_chance, 500, 8000) * MS, decide_cb, decider,
                      NULL);
  if (sim->host == NULL || air_sim_host_is_dead (sim->host))
    return;
  if (decider->envelope == NULL)
    sign (decider);
  air_sim_trace (sim, "person %s decides %s/%s", air_sim_people_get ()[decider->person].uri, decider->run,
                 decider->node);
  send (decider);
  /* Some press the button twice. */
  if (air_sim_random_chance (&sim->world_chance, 100))
    send (decider);
}

/* --- being asked --- */

/* What the gate shows, with its members. */
static const AirSimStored *
find_request (AirSim *sim, const char *id, const char *node, AirEntry **ret_entry)
{
  AirSimRun *run = air_sim_host_find (sim->host, id);

  for (guint i = run != NULL ? run->stored->len : 0; i > 0; i--)
    {
      const AirSimStored *stored = run->stored->pdata[i - 1];
      g_autoptr (AirEntry) entry = NULL;

      if (!air_sim_stored_is (stored, AIR_ENTRY_HUMAN_GATE_REQUESTED))
        continue;
      entry = air_entry_parse (stored->leaf, NULL);
      if (entry == NULL || !air_sim_journal_is_of (entry, node))
        continue;
      *ret_entry = g_steal_pointer (&entry);
      return stored;
    }
  return NULL;
}

static gboolean
was_asked (AirSimApprovers *self, const AirSimStored *request, guint person)
{
  for (guint i = 0; i < self->deciders->len; i++)
    {
      const Decider *decider = self->deciders->pdata[i];

      if (decider->person == person && g_bytes_equal (decider->request->leaf, request->leaf))
        return TRUE;
    }
  return FALSE;
}

/* From now on somebody else may decide, too. */
static gboolean
is_escalated (AirSim *sim, AirValue *members)
{
  AirValue *levels = air_map_get_list (members, "escalation");
  const char *at = levels != NULL ? air_map_get_string (air_list_get (levels, 0), "at") : NULL;
  gint64 at_us;

  return at != NULL && air_time_parse (at, &at_us) && at_us <= air_sim_world_wall (sim->world);
}

static void
add_decider (AirSimApprovers *self, const char *run, const char *node, const AirSimStored *request, guint person)
{
  AirSimRandom *random = &self->sim->world_chance;
  Decider *decider = g_new0 (Decider, 1);

  decider->sim = self->sim;
  decider->run = g_strdup (run);
  decider->node = g_strdup (node);
  decider->request = air_sim_stored_new (request->leaf, request->disclosures);
  decider->person = person;
  decider->approve = !air_sim_random_chance (random, 120);
  decider->asks = air_sim_random_chance (random, 60);
  decider->twisted = air_sim_random_chance (random, 40);
  decider->stale = air_sim_random_chance (random, 40);
  g_ptr_array_add (self->deciders, decider);
}

void
air_sim_approvers_ask (AirSimApprovers *self, const char *run, const char *node)
{
  AirSim *sim = self->sim;
  AirSimRandom *random = &sim->world_chance;
  const AirSimPerson *people = air_sim_people_get ();
  gboolean storm = air_sim_random_chance (random, 150);
  gint64 median = storm ? 20 * MS : 3000 * MS;
  g_autoptr (AirEntry) entry = NULL;
  const AirSimStored *request = find_request (sim, run, node, &entry);
  gboolean late, editable;

  g_return_if_fail (request != NULL);
  late = is_escalated (sim, air_entry_get_members (entry));
  editable = air_map_get_map (air_entry_get_members (entry), "edit") != NULL;
  for (guint i = 0; i < AIR_SIM_N_DECIDERS; i++)
    {
      guint asked = late && holds (&people[i], "manager")     ? 800
                    : storm && holds (&people[i], "approver") ? MAX (people[i].asked, 400) * 2
                                                              : people[i].asked;
      Decider *decider;

      /* A gate tells that it is open when it reminds, and after a restart; those who were told do not think twice. */
      if ((was_asked (self, request, i) && !air_sim_random_chance (random, 80))
          || !air_sim_random_chance (random, asked))
        continue;
      add_decider (self, run, node, request, i);
      decider = self->deciders->pdata[self->deciders->len - 1];
      decider->edits = !decider->asks && decider->approve && air_sim_random_chance (random, editable ? 350 : 15);
      air_sim_world_plan (sim->world,
                          air_sim_random_chance (random, 60) ? 500000 * MS : air_sim_random_skewed (random, median),
                          decide_cb, decider, NULL);
    }
}
