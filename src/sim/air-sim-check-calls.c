/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of calls while they are made: an intent comes first, few are in flight, vendors get the time they ask
 * for, and runs that somebody waits for are not overtaken by those that nobody does. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include <string.h>

#include "sim/air-sim-check-private.h"

/* Two turns in a row are never another's; one call may have been let go ahead before by a vendor's own line. */
#define MOST_OVERTAKING 3

typedef struct {
  guint in_flight;
  guint urgent; /* interactive calls that wait */
  gboolean ill; /* its last answer was none, so it may be left to rest */
} Vendor;

struct _AirSimCheckCalls {
  AirSim *sim;
  GHashTable *intents; /* set of "run node attempt purpose key": durable */
  GHashTable *waiting; /* the same → latency class + 1: may be sent */
  GHashTable *vendors; /* connector → Vendor */
  GHashTable *asked;   /* "run node", of a reversal with " undo" → gint64: not before, of the wall clock */
  guint in_flight;
  guint overtaking; /* others that were sent in a row while an interactive call could have been */
  gint64 booted_us;
};

AirSimCheckCalls *
air_sim_check_calls_new (AirSim *sim)
{
  AirSimCheckCalls *self = g_new0 (AirSimCheckCalls, 1);

  self->sim = sim;
  self->intents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->vendors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
air_sim_check_calls_free (AirSimCheckCalls *self)
{
  g_hash_table_unref (self->intents);
  g_hash_table_unref (self->waiting);
  g_hash_table_unref (self->vendors);
  g_hash_table_unref (self->asked);
  g_free (self);
}

static gboolean
is_of_run (gpointer key, gpointer value, gpointer run)
{
  return g_str_has_prefix (key, run);
}

void
air_sim_check_intent (AirSimCheckCalls *self, const AirSimStored *stored)
{
  gboolean may =
      air_sim_stored_is (stored, AIR_ENTRY_TOOL_ACTION_STARTED) || air_sim_stored_is (stored, AIR_ENTRY_RUN_CONTROLLED);
  g_autoptr (AirEntry) entry = may ? air_entry_parse (stored->leaf, NULL) : NULL;
  AirValue *members = entry != NULL ? air_entry_get_members (entry) : NULL;
  const char *type = entry != NULL ? air_entry_get_type_name (entry) : "";
  g_autofree char *step = NULL;

  /* A person who wants it now is patient for nobody. */
  if (strcmp (type, AIR_ENTRY_RUN_CONTROLLED) == 0 && g_strcmp0 (air_map_get_string (members, "action"), "retry") == 0)
    g_hash_table_foreach_remove (self->asked, is_of_run, (gpointer) air_entry_get_instance (entry));
  if (strcmp (type, AIR_ENTRY_TOOL_ACTION_STARTED) != 0)
    return;
  step = air_sim_journal_dup_step (entry);
  g_hash_table_add (self->intents,
                    g_strdup_printf ("%s %s %d %s %s", air_entry_get_instance (entry), step,
                                     (int) air_map_get_int (members, "attempt", 0),
                                     air_map_get_string (members, "purpose"), air_map_get_string (members, "idem")));
}

/* --- what is known of a call --- */

static char *
name_call (const char *run, const AirEffect *call)
{
  return g_strdup_printf ("%s %s %u %s %s", run, call->node, call->call.attempt,
                          air_purpose_to_string (call->call.purpose), call->call.idempotency_key);
}

static char *
name_asked (const char *run, const AirEffect *call)
{
  return g_strconcat (run, " ", call->node, call->call.purpose == AIR_PURPOSE_COMPENSATE ? " undo" : NULL, NULL);
}

static Vendor *
find_vendor (AirSimCheckCalls *self, const AirEffect *call)
{
  const char *connector = air_sim_vendors_connector_of (self->sim->vendors, call->call.operation);
  Vendor *vendor = g_hash_table_lookup (self->vendors, connector);

  if (vendor == NULL)
    {
      vendor = g_new0 (Vendor, 1);
      g_hash_table_insert (self->vendors, g_strdup (connector), vendor);
    }
  return vendor;
}

/* --- a process --- */

void
air_sim_checker_booted (AirSimChecker *checker)
{
  AirSimCheckCalls *self = checker->calls;

  self->in_flight = self->overtaking = 0;
  self->booted_us = air_sim_world_now (self->sim->world);
  g_hash_table_remove_all (self->waiting);
  g_hash_table_remove_all (self->vendors);
  /* What was answered and not written down is not known any more. */
  g_hash_table_remove_all (self->asked);
}

void
air_sim_checker_clock_set (AirSimChecker *checker)
{
  g_hash_table_remove_all (checker->calls->asked);
}

void
air_sim_checker_queued (AirSimChecker *checker, const char *run, AirLatencyClass latency, const AirEffect *call)
{
  AirSimCheckCalls *self = checker->calls;

  if (g_hash_table_insert (self->waiting, name_call (run, call), GUINT_TO_POINTER (latency + 1))
      && latency == AIR_LATENCY_INTERACTIVE)
    find_vendor (self, call)->urgent++;
}

static guint
most_in_flight (AirSimCheckCalls *self)
{
  gint64 up_us = air_sim_world_now (self->sim->world) - self->booted_us;
  guint most = self->sim->report->most_in_flight, allowed = 16;

  while (allowed < most && up_us >= 250000)
    {
      allowed *= 2;
      up_us -= 250000;
    }
  return MIN (allowed, most);
}

/* Whether some interactive call waits whose vendor is well and has room. */
static gboolean
could_be_sent (AirSimCheckCalls *self, guint most)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->vendors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Vendor *vendor = value;

      if (vendor->urgent > 0 && !vendor->ill && vendor->in_flight < MAX (most * 3 / 4, 1))
        return TRUE;
    }
  return FALSE;
}

static void
check_turn (AirSimCheckCalls *self, const char *name, Vendor *vendor, guint most)
{
  guint latency = GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, name));

  if (latency == AIR_LATENCY_INTERACTIVE + 1)
    {
      vendor->urgent--;
      self->overtaking = 0;
    }
  else if (!could_be_sent (self, most))
    self->overtaking = 0;
  else if (++self->overtaking > MOST_OVERTAKING)
    air_sim_violate (self->sim, AIR_SIM_NOT_STARVED, "%s is the %uth in a row that overtakes an interactive call", name,
                     self->overtaking);
  g_hash_table_remove (self->waiting, name);
}

void
air_sim_checker_started (AirSimChecker *checker, const char *run, const AirEffect *call)
{
  AirSimCheckCalls *self = checker->calls;
  g_autofree char *name = name_call (run, call), *asked = name_asked (run, call);
  const gint64 *until_us = g_hash_table_lookup (self->asked, asked);
  guint most = most_in_flight (self);
  Vendor *vendor = find_vendor (self, call);

  if (!g_hash_table_contains (self->intents, name))
    air_sim_violate (self->sim, AIR_SIM_NO_ENTRY_NO_ACTION, "sent without a durable intent: %s", name);
  /* Entries tell time to the millisecond. */
  if (until_us != NULL && air_sim_world_wall (self->sim->world) < *until_us - 1000)
    air_sim_violate (self->sim, AIR_SIM_PATIENT, "%s is sent %" G_GINT64_FORMAT " ms before the vendor wanted it", name,
                     (*until_us - air_sim_world_wall (self->sim->world)) / 1000);
  g_hash_table_remove (self->asked, asked);
  check_turn (self, name, vendor, most);
  vendor->in_flight++;
  if (++self->in_flight > most)
    air_sim_violate (self->sim, AIR_SIM_RAMP,
                     "%u calls in flight where %u may be, %" G_GINT64_FORMAT " ms after a start", self->in_flight, most,
                     (air_sim_world_now (self->sim->world) - self->booted_us) / 1000);
}

void
air_sim_checker_answered (AirSimChecker *checker, const char *run, const AirEffect *call, const AirOutcome *outcome)
{
  AirSimCheckCalls *self = checker->calls;
  Vendor *vendor = find_vendor (self, call);

  if (self->in_flight > 0)
    self->in_flight--;
  if (vendor->in_flight > 0)
    vendor->in_flight--;
  vendor->ill = outcome->outcome_class == AIR_OUTCOME_RETRY || outcome->outcome_class == AIR_OUTCOME_UNKNOWN;
  if (outcome->retry_after_ms > 0)
    {
      gint64 until_us = air_sim_world_wall (self->sim->world) + outcome->retry_after_ms * 1000;

      g_hash_table_replace (self->asked, name_asked (run, call), g_memdup2 (&until_us, sizeof until_us));
    }
}
