/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of gates: whoever counts signed this very request, in a role that may decide at that time; as many
 * as it takes agreed on what was done; those who wait were reminded; and a vendor did what the last of them saw. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "sim/air-sim-check-private.h"
#include "sim/air-sim-people-private.h"

typedef struct {
  const AirEntry *request; /* what is asked, or was */
  AirValue *members;       /* of it */
  GHashTable *voices;      /* set of those who decided on it */
  GHashTable *signers;     /* set of those who approved the action as it stands, over rounds */
  const char *editor;      /* whose change others are asked about */
  guint reminders, escalations;
  char *envelope; /* the last decision, of a gate that let pass */
  gboolean open;
} Gate;

typedef struct {
  AirSimChecker *checker;
  AirSimTold *told;
  GHashTable *gates; /* step → Gate */
} Gates;

static void
gate_free (gpointer data)
{
  Gate *gate = data;

  g_hash_table_unref (gate->voices);
  g_hash_table_unref (gate->signers);
  g_free (gate->envelope);
  g_free (gate);
}

AirDecision *
air_sim_check_open_signed (const char *envelope, const char *uri)
{
  g_autofree char *key_id = NULL;
  g_autoptr (AirDecision) peeked = air_decision_peek (envelope, strlen (envelope), &key_id, NULL);
  AirVoter voter;

  if (peeked == NULL || !air_sim_people_find_voter (key_id, &voter, NULL) || g_strcmp0 (voter.uri, uri) != 0)
    return NULL;
  return air_decision_open (envelope, strlen (envelope), voter.key, NULL);
}

/* --- being asked --- */

static void
read_requested (Gates *self, const AirEntry *entry, const char *step)
{
  AirSim *sim = self->checker->sim;
  Gate *gate = g_hash_table_lookup (self->gates, step);

  if (gate == NULL)
    {
      gate = g_new0 (Gate, 1);
      gate->voices = g_hash_table_new (g_str_hash, g_str_equal);
      gate->signers = g_hash_table_new (g_str_hash, g_str_equal);
      g_hash_table_insert (self->gates, (gpointer) step, gate);
    }
  if (gate->open)
    air_sim_violate (sim, AIR_SIM_IN_FORCE, "run %s: '%s' asks anew while it waits", self->told->id, step);
  gate->request = entry;
  gate->members = air_entry_get_members (entry);
  if (g_strcmp0 (air_map_get_string (gate->members, "edited_by"), gate->editor) != 0)
    air_sim_violate (sim, AIR_SIM_IN_FORCE, "run %s: '%s' does not say whose change it asks about", self->told->id,
                     step);
  g_hash_table_remove_all (gate->voices);
  if (gate->editor == NULL)
    g_hash_table_remove_all (gate->signers);
  gate->reminders = gate->escalations = 0;
  g_clear_pointer (&gate->envelope, g_free);
  gate->open = TRUE;
}

/* A reminder, or others who may decide from now on. */
static void
read_timer (Gates *self, const AirEntry *entry, const char *step)
{
  AirValue *members = air_entry_get_members (entry), *list;
  const char *timer = air_map_get_string (members, "timer"), *at = air_map_get_string (members, "at"), *due;
  gboolean reminds = g_strcmp0 (timer, "reminder") == 0;
  Gate *gate = step != NULL ? g_hash_table_lookup (self->gates, step) : NULL;
  guint *n;
  gint64 at_us = G_MAXINT64;

  if ((!reminds && g_strcmp0 (timer, "escalation") != 0)
      || g_strcmp0 (air_map_get_string (members, "state"), "set") == 0)
    return;
  list = gate != NULL ? air_map_get_list (gate->members, reminds ? "reminders" : "escalation") : NULL;
  n = gate != NULL ? (reminds ? &gate->reminders : &gate->escalations) : NULL;
  if (gate == NULL || !gate->open || list == NULL || *n >= air_list_get_size (list))
    {
      air_sim_violate (self->checker->sim, AIR_SIM_REMINDED, "run %s: '%s' of '%s' fired, and nobody was to be told",
                       self->told->id, timer, step);
      return;
    }
  due = reminds ? air_list_get_string (list, *n) : air_map_get_string (air_list_get (list, *n), "at");
  (*n)++;
  if (at != NULL)
    air_time_parse (at, &at_us);
  if (g_strcmp0 (due, at) != 0 || air_entry_get_time_us (entry) < at_us)
    air_sim_violate (self->checker->sim, AIR_SIM_REMINDED, "run %s: '%s' of '%s' is of %s, and was due at %s",
                     self->told->id, timer, step, at, due);
}

/* --- deciding --- */

static gboolean
in_people (AirValue *people, const char *uri)
{
  gboolean found = people == NULL;

  for (gsize i = 0; !found && i < air_list_get_size (people); i++)
    found = g_strcmp0 (air_list_get_string (people, i), uri) == 0;
  return found;
}

static gboolean
has_role (const char *uri, const char *role)
{
  const AirSimPerson *people = air_sim_people_get ();
  g_auto (GStrv) parts = g_strsplit (role != NULL ? role : "", "+", -1);

  for (guint i = 0; i < AIR_SIM_N_PEOPLE; i++)
    {
      guint held = 0;

      if (strcmp (people[i].uri, uri) != 0)
        continue;
      while (parts[held] != NULL && g_strv_contains (people[i].roles, parts[held]))
        held++;
      return held > 0 && parts[held] == NULL;
    }
  return FALSE;
}

/* The level, counted from 1, that is in force last at this time and, with @role, lets them decide; 0: none. */
static gsize
level_at (const Gate *gate, gint64 time_us, const char *role, const char *uri)
{
  AirValue *levels = air_map_get_list (gate->members, "escalation");
  gsize found = 0;

  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      AirValue *level = air_list_get (levels, i);
      const char *at = air_map_get_string (level, "at");
      gint64 at_us;

      if (at == NULL || !air_time_parse (at, &at_us) || at_us > time_us)
        continue;
      if (role == NULL
          || (g_strcmp0 (air_map_get_string (level, "role"), role) == 0
              && in_people (air_map_get_list (level, "people"), uri)))
        found = i + 1;
    }
  return found;
}

/* How many must agree on the action as it stands, who changed it counted in. */
static guint
needed (const Gate *gate, gint64 time_us)
{
  gsize level = level_at (gate, time_us, NULL, NULL);
  AirValue *terms =
      level > 0 ? air_list_get (air_map_get_list (gate->members, "escalation"), level - 1) : gate->members;

  return air_map_get_int (terms, "quorum", 1) + (air_map_get_string (gate->members, "edited_by") != NULL ? 1 : 0);
}

static gboolean
is_gate (Gates *self, const char *step)
{
  g_autofree char *node = g_strndup (step, strcspn (step, "@"));
  AirValue *nodes = air_map_get_map (air_plan_get_document (self->checker->sim->plan), "nodes");

  return g_strcmp0 (air_map_get_string (air_map_get_map (nodes, node), "kind"), "gate") == 0;
}

/* This run, or one whose work it does again. */
static gboolean
brought (const AirEntry *first, const char *actor)
{
  AirValue *members = air_entry_get_members (first), *before = air_map_get_list (members, "triggered_by");

  return g_strcmp0 (air_map_get_string (members, "actor"), actor) == 0 || (before != NULL && in_people (before, actor));
}

/* Why they may not, at that time; NULL: they may. */
static const char *
why_not (Gates *self,
         const Gate *gate,
         const char *step,
         const char *actor,
         const AirDecision *decision,
         gint64 time_us)
{
  const char *deadline = air_map_get_string (gate->members, "deadline");
  g_autoptr (AirValue) trigger = NULL;
  gint64 deadline_us;

  if (!air_digest_equal (&decision->request, air_entry_get_hash (gate->request)))
    return "signed another request";
  if (!has_role (actor, decision->role))
    return "does not have the role in which they signed";
  if (!(g_strcmp0 (air_map_get_string (gate->members, "role"), decision->role) == 0
        && in_people (air_map_get_list (gate->members, "people"), actor))
      && level_at (gate, time_us, decision->role, actor) == 0)
    return "signed in a role that may not decide yet";
  if (deadline == NULL || !air_time_parse (deadline, &deadline_us) || time_us >= deadline_us)
    return "signed when the time was over";
  if (g_strcmp0 (actor, gate->editor) == 0)
    return "made the change that others are asked about";
  if (in_people (air_map_get_list (gate->members, "exclude"), actor))
    return "is excluded";
  if (self->checker->sim->options->scenario != NULL)
    return NULL;
  /* Of made-up workflows every policy excludes who asked for the run. */
  trigger = air_entry_open (self->told->entries->pdata[0], ((AirSimStored *) self->told->stored->pdata[0])->disclosures,
                            NULL);
  if (g_strcmp0 (air_map_get_string (trigger, "requester"), actor) == 0)
    return "asked for the run";
  return is_gate (self, step) && brought (self->told->entries->pdata[0], actor) ? "brought the run" : NULL;
}

static void
check_voice (Gates *self, Gate *gate, const AirEntry *entry, const char *step, const char *envelope)
{
  AirSim *sim = self->checker->sim;
  AirValue *members = air_entry_get_members (entry);
  const char *actor = air_map_get_string (members, "actor"), *says = air_map_get_string (members, "decision"), *why;
  g_autoptr (AirDecision) decision = air_sim_check_open_signed (envelope, actor);

  if (decision == NULL || g_strcmp0 (decision->decision, says) != 0
      || g_strcmp0 (decision->role, air_map_get_string (members, "role")) != 0)
    {
      air_sim_violate (sim, AIR_SIM_DECIDED_ONCE, "run %s: what counts for %s at '%s' was not signed by them",
                       self->told->id, actor, step);
      return;
    }
  why = why_not (self, gate, step, actor, decision, air_entry_get_time_us (entry));
  if (why != NULL)
    air_sim_violate (sim, AIR_SIM_IN_FORCE, "run %s: %s counts at '%s', and %s", self->told->id, actor, step, why);
  /* Who asks for information has decided nothing yet. */
  if (strcmp (says, "request-info") != 0 && !g_hash_table_add (gate->voices, (gpointer) g_intern_string (actor)))
    air_sim_violate (sim, AIR_SIM_DECIDED_ONCE, "run %s: %s counts twice at '%s'", self->told->id, actor, step);
}

static void
close_gate (Gates *self, Gate *gate, const AirEntry *entry, const char *step, const char *envelope)
{
  AirValue *members = air_entry_get_members (entry);
  const char *outcome = air_map_get_string (members, "outcome");
  guint needs = needed (gate, air_entry_get_time_us (entry)), agree = g_hash_table_size (gate->signers);

  gate->open = FALSE;
  gate->editor = NULL;
  if (g_strcmp0 (outcome, "edited") == 0)
    gate->editor = air_map_get_string (members, "actor");
  else if (g_strcmp0 (outcome, "approved") == 0)
    {
      gate->envelope = g_strdup (envelope);
      if (agree < needs)
        air_sim_violate (self->checker->sim, AIR_SIM_DECIDED_ONCE, "run %s: '%s' is approved by %u of %u",
                         self->told->id, step, agree, needs);
    }
}

/* Whoever had to be told has been: at least the first, since after an outage all may come at once. */
static void
check_expired (Gates *self, const Gate *gate, const char *step)
{
  const char *deadline = air_map_get_string (gate->members, "deadline"), *first;
  AirValue *reminders = air_map_get_list (gate->members, "reminders");
  AirValue *levels = air_map_get_list (gate->members, "escalation");

  first = reminders != NULL ? air_list_get_string (reminders, 0) : NULL;
  if (first != NULL && strcmp (first, deadline) < 0 && gate->reminders == 0)
    air_sim_violate (self->checker->sim, AIR_SIM_REMINDED, "run %s: '%s' expired, and nobody was reminded",
                     self->told->id, step);
  first = levels != NULL ? air_map_get_string (air_list_get (levels, 0), "at") : NULL;
  if (first != NULL && strcmp (first, deadline) < 0 && gate->escalations == 0)
    air_sim_violate (self->checker->sim, AIR_SIM_REMINDED, "run %s: '%s' expired, and nobody else was asked",
                     self->told->id, step);
}

static void
read_decided (Gates *self, guint i, const char *step)
{
  const AirEntry *entry = self->told->entries->pdata[i];
  const AirSimStored *stored = self->told->stored->pdata[i];
  AirSim *sim = self->checker->sim;
  AirValue *members = air_entry_get_members (entry);
  const char *actor = air_map_get_string (members, "actor"), *says = air_map_get_string (members, "decision");
  Gate *gate = g_hash_table_lookup (self->gates, step);
  g_autoptr (AirValue) disclosed = air_entry_open (entry, stored->disclosures, NULL);
  const char *envelope = disclosed != NULL ? air_map_get_string (disclosed, "envelope") : NULL;

  if (gate == NULL || !gate->open)
    {
      air_sim_violate (sim, AIR_SIM_IN_FORCE, "run %s: '%s' is decided, and did not ask", self->told->id, step);
      return;
    }
  if (actor == NULL)
    check_expired (self, gate, step);
  else if (envelope == NULL || !g_hash_table_add (self->told->envelopes, g_strdup (envelope)))
    air_sim_violate (sim, AIR_SIM_DECIDED_ONCE, "run %s: one decision counts twice at '%s'", self->told->id, step);
  else
    check_voice (self, gate, entry, step, envelope);
  if (g_strcmp0 (says, "edit") == 0)
    g_hash_table_remove_all (gate->signers);
  if (g_strcmp0 (says, "edit") == 0 || g_strcmp0 (says, "approve") == 0)
    g_hash_table_add (gate->signers, (gpointer) g_intern_string (actor));
  if (g_strcmp0 (air_map_get_string (members, "outcome"), "waiting") != 0)
    close_gate (self, gate, entry, step, envelope);
}

/* --- what was done --- */

static gboolean
same_bytes (const AirValue *a, const AirValue *b)
{
  g_autofree char *one = air_jcs_write (a, NULL, NULL), *other = air_jcs_write (b, NULL, NULL);

  return g_strcmp0 (one, other) == 0;
}

static void
check_effect (Gates *self, const AirSimEffect *effect, const Gate *gate, const char *call)
{
  AirSim *sim = self->checker->sim;
  AirValue *seen = gate->envelope != NULL ? air_sim_approvers_get_seen (sim->approvers, gate->envelope) : NULL;

  for (gsize i = 0; seen != NULL && i < air_list_get_size (seen); i++)
    {
      AirValue *item = air_list_get (seen, i);

      if (g_strcmp0 (air_map_get_string (item, "node"), call) != 0)
        continue;
      if (!same_bytes (air_map_get_map (item, "input"), effect->input))
        air_sim_violate (sim, AIR_SIM_AS_SIGNED, "run %s: '%s' did something else than the last who approved it saw",
                         self->told->id, effect->node);
      return;
    }
  air_sim_violate (sim, AIR_SIM_AS_SIGNED, "run %s: '%s' happened, and nobody approved it", self->told->id,
                   effect->node);
}

/* The call itself may have asked, for a limit; and the gate that guards it. */
static void
check_effects (Gates *self)
{
  GPtrArray *effects = air_sim_vendors_get_effects (self->checker->sim->vendors);
  AirValue *guards = air_map_get_map (air_plan_get_document (self->checker->sim->plan), "guards");

  for (guint i = 0; i < effects->len; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];
      gsize length = strcspn (effect->node, "@");
      g_autofree char *call = g_strndup (effect->node, length), *around = NULL;
      const char *guard = guards != NULL ? air_map_get_string (guards, call) : NULL;
      const Gate *gate;

      if (effect->purpose != AIR_PURPOSE_EXECUTE || strcmp (effect->run, self->told->id) != 0)
        continue;
      if ((gate = g_hash_table_lookup (self->gates, effect->node)) != NULL)
        check_effect (self, effect, gate, call);
      around = guard != NULL ? g_strconcat (guard, effect->node + length, NULL) : NULL;
      if (around != NULL && (gate = g_hash_table_lookup (self->gates, around)) != NULL)
        check_effect (self, effect, gate, call);
    }
}

void
air_sim_check_gates (AirSimChecker *self, AirSimTold *told)
{
  g_autoptr (GHashTable) gates = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, gate_free);
  Gates state = { self, told, gates };

  for (guint i = 0; i < told->entries->len; i++)
    {
      const AirEntry *entry = told->entries->pdata[i];
      const char *type = air_entry_get_type_name (entry), *step = air_sim_check_intern_step (entry);

      if (strcmp (type, AIR_ENTRY_HUMAN_GATE_REQUESTED) == 0)
        read_requested (&state, entry, step);
      else if (strcmp (type, AIR_ENTRY_TIMER) == 0)
        read_timer (&state, entry, step);
      else if (strcmp (type, AIR_ENTRY_HUMAN_GATE_DECISIONED) == 0)
        read_decided (&state, i, step);
    }
  if (g_hash_table_size (gates) > 0)
    check_effects (&state);
}
