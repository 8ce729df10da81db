/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of people's hands on runs: a paused run begins nothing, a step
 * that was left out has no effect, and whatever they said counts once. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-check-private.h"

typedef struct {
  AirSimChecker *checker;
  AirSimTold *told;
  GHashTable *doubts;  /* set of steps that may have happened, though nobody knows */
  GHashTable *skipped; /* set of steps that were left out */
  gboolean paused;
  GHashTable *undoing; /* set of steps whose reversal was sent */
} Hands;

/* What a run that goes on writes, and one that waits does not. */
static gboolean
is_progress (const char *type)
{
  static const char *const types[] = {
    AIR_ENTRY_TOOL_ACTION_STARTED,  AIR_ENTRY_STEP_DECIDED,
    AIR_ENTRY_HUMAN_GATE_REQUESTED, AIR_ENTRY_ROLLBACK_APPLIED,
    AIR_ENTRY_WORKFLOW_COMPLETED,   AIR_ENTRY_EVIDENCE_CAPTURED,
    AIR_ENTRY_POLICY_EVALUATED,     NULL,
  };

  return g_strv_contains (types, type);
}

static void
read_executed (Hands *self, const char *step, AirValue *members)
{
  const char *outcome = air_map_get_string (members, "outcome"), *purpose = air_map_get_string (members, "purpose");
  gint64 status = air_map_get_int (members, "status", 0);

  if (g_strcmp0 (purpose, "reconcile") == 0)
    {
      if (g_strcmp0 (outcome, "not_found") == 0)
        g_hash_table_remove (self->doubts, step);
    }
  else if (g_strcmp0 (outcome, "unknown") == 0
           || (g_strcmp0 (outcome, "retry") == 0 && status != 0 && status != 425 && status != 429))
    g_hash_table_add (self->doubts, (gpointer) step);
}

/* An order is known by its words, since its id may be what got lost; a signal by what it brings. */
static char *
name_order (const AirEntry *entry, const AirSimStored *stored)
{
  g_autoptr (AirValue) disclosed = air_entry_open (entry, stored->disclosures, NULL);
  gint64 n = disclosed != NULL ? air_map_get_int (air_map_get_map (disclosed, "data"), "n", -1) : -1;
  const char *reason = disclosed != NULL ? air_map_get_string (disclosed, "reason") : NULL;

  if (strcmp (air_entry_get_type_name (entry), AIR_ENTRY_RUN_CONTROLLED) == 0)
    return g_strdup (reason);
  return n >= 0              ? g_strdup_printf ("signal-%" G_GINT64_FORMAT, n)
         : disclosed != NULL ? g_strdup (air_map_get_string (disclosed, "id"))
                             : NULL;
}

/* A person's word on an unknown outcome is theirs, and says what the entry says. */
static void
check_word (Hands *self, const AirEntry *entry, const AirSimStored *stored, const char *step)
{
  AirValue *members = air_entry_get_members (entry);
  g_autoptr (AirValue) disclosed = air_entry_open (entry, stored->disclosures, NULL);
  const char *envelope = disclosed != NULL ? air_map_get_string (disclosed, "envelope") : NULL;
  g_autoptr (AirDecision) word =
      envelope != NULL ? air_sim_check_open_signed (envelope, air_map_get_string (members, "actor")) : NULL;
  const char *says = air_map_get_bool (members, "happened", FALSE) ? "happened" : "did-not-happen";

  if (word == NULL || strcmp (word->decision, says) != 0)
    air_sim_violate (self->checker->sim, AIR_SIM_DECIDED_ONCE, "run %s: nobody signed that '%s' %s", self->told->id,
                     step, says);
  if (envelope != NULL && !g_hash_table_add (self->told->said, g_strdup (envelope)))
    air_sim_violate (self->checker->sim, AIR_SIM_DECIDED_ONCE, "run %s: one word on '%s' counts twice", self->told->id,
                     step);
}

static void
read_control (Hands *self, guint i, const char *step)
{
  const AirEntry *entry = self->told->entries->pdata[i];
  const char *action = air_map_get_string (air_entry_get_members (entry), "action");

  if (g_strcmp0 (action, "confirm") == 0)
    {
      self->checker->sim->report->confirmed++;
      check_word (self, entry, self->told->stored->pdata[i], step);
      g_hash_table_remove (self->doubts, step);
    }
  else if (g_strcmp0 (action, "pause") == 0)
    self->paused = TRUE;
  else if (g_strcmp0 (action, "resume") == 0 || g_strcmp0 (action, "cancel") == 0)
    self->paused = FALSE;
  else if (g_strcmp0 (action, "skip") == 0 && step != NULL && !g_hash_table_contains (self->undoing, step))
    {
      if (g_hash_table_contains (self->doubts, step))
        g_ptr_array_add (self->told->doubted, g_strdup (step));
      else
        g_hash_table_add (self->skipped, (gpointer) step);
    }
}

static void
read_entry (Hands *self, guint i)
{
  AirSim *sim = self->checker->sim;
  const AirEntry *entry = self->told->entries->pdata[i];
  AirValue *members = air_entry_get_members (entry);
  const char *type = air_entry_get_type_name (entry), *step = air_sim_check_intern_step (entry);
  gboolean compensates = g_strcmp0 (air_map_get_string (members, "purpose"), "compensate") == 0;

  if (self->paused && is_progress (type))
    air_sim_violate (sim, AIR_SIM_PAUSED, "run %s is paused, and entry %u is %s of '%s'", self->told->id, i, type,
                     step != NULL ? step : "the run");
  if (strcmp (type, AIR_ENTRY_RUN_CONTROLLED) == 0 || strcmp (type, AIR_ENTRY_SIGNAL) == 0)
    {
      char *order = name_order (entry, self->told->stored->pdata[i]);

      if (order != NULL && !g_hash_table_add (self->told->said, order))
        air_sim_violate (sim, AIR_SIM_TOLD_ONCE, "run %s: what was said once counts twice, at entry %u", self->told->id,
                         i);
    }
  if (strcmp (type, AIR_ENTRY_TOOL_ACTION_STARTED) == 0)
    {
      if (compensates)
        g_hash_table_add (self->undoing, (gpointer) step);
      if (!compensates && g_hash_table_contains (self->skipped, step))
        air_sim_violate (sim, AIR_SIM_SKIPPED, "run %s: '%s' was left out and is sent all the same", self->told->id,
                         step);
    }
  else if (strcmp (type, AIR_ENTRY_TOOL_ACTION_EXECUTED) == 0)
    read_executed (self, step, members);
  else if (strcmp (type, AIR_ENTRY_RUN_CONTROLLED) == 0)
    read_control (self, i, step);
}

void
air_sim_check_hands (AirSimChecker *self, AirSimTold *told)
{
  GPtrArray *effects = air_sim_vendors_get_effects (self->sim->vendors);
  g_autoptr (GHashTable) doubts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) skipped = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) undoing = g_hash_table_new (g_str_hash, g_str_equal);
  Hands hands = { self, told, doubts, skipped, FALSE, undoing };

  for (guint i = 0; i < told->entries->len; i++)
    read_entry (&hands, i);
  self->sim->report->skipped += g_hash_table_size (skipped) + told->doubted->len;
  for (guint i = 0; i < effects->len && g_hash_table_size (skipped) > 0; i++)
    {
      const AirSimEffect *effect = effects->pdata[i];

      if (effect->purpose == AIR_PURPOSE_EXECUTE && strcmp (effect->run, told->id) == 0
          && g_hash_table_contains (skipped, effect->node))
        air_sim_violate (self->sim, AIR_SIM_SKIPPED, "run %s: '%s' (%s) was left out, and happened", told->id,
                         effect->node, effect->operation);
    }
}

/* What was acknowledged stands in the ledger. */
void
air_sim_check_told (AirSimChecker *self, GPtrArray *all)
{
  for (guint i = 0; i < self->told->len; i++)
    {
      const AirSimAcknowledged *order = self->told->pdata[i];
      const AirSimTold *told = air_sim_check_find_told (all, order->run);

      if (order->envelope != NULL && (told == NULL || !g_hash_table_contains (told->said, order->envelope)))
        air_sim_violate (self->sim, AIR_SIM_NOTHING_LOST, "%s to run %s was acknowledged and is gone", order->envelope,
                         order->run);
    }
}
