/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One seed: what happens to the process, and when it is over. */
#define G_LOG_DOMAIN "air-sim"

#include "config.h"

#include "sim/air-sim-plan.h"
#include "sim/air-sim-private.h"

#define MS         G_GINT64_CONSTANT (1000)
#define START_US   (G_GINT64_CONSTANT (1790000000) * G_USEC_PER_SEC)
#define MOST_STEPS 400000

static const char *const invariants[AIR_SIM_N_INVARIANTS] = {
  "no-entry-no-action",
  "one-effect",
  "not-silent",
  "nothing-lost",
  "compensation",
  "decided-once",
  "in-force",
  "heard",
  "reminded",
  "as-signed",
  "told-once",
  "retried-once",
  "paused",
  "skipped",
  "limit-held",
  "chain",
  "audited",
  "replay",
  "stranded",
  "ramp",
  "patient",
  "not-starved",
  "rests",
};

static const char *const faults[AIR_SIM_N_FAULTS] = {
  "none",           "send-early",      "new-key",       "forget-unknown", "drop-outcome",
  "lose-decision",  "double-decision", "lose-commit",   "skip-seq",       "skip-undo",
  "alter-record",   "lose-timer",      "no-ramp",       "lose-order",     "forget-order",
  "ignore-pause",   "act-skipped",     "forget-usage",  "release-early",  "begin-early",
  "apply-twice",    "unjudged",        "lose-reminder", "alter-edit",     "retry-twice",
  "retry-standing", "impatient",       "no-lanes",      "restless",       "lose-role",
};

/**
 * air_sim_invariant_to_string:
 * @invariant: what must hold
 *
 * Returns: (transfer none): "no-entry-no-action"; static
 */
const char *
air_sim_invariant_to_string (AirSimInvariant invariant)
{
  return invariants[invariant];
}

/**
 * air_sim_fault_to_string:
 * @fault: a fault put in on purpose
 *
 * Returns: (transfer none): "send-early"; static
 */
const char *
air_sim_fault_to_string (AirSimFault fault)
{
  return faults[fault];
}

static void
violation_free (AirSimViolation *violation)
{
  g_free (violation->message);
  g_free (violation);
}

void
air_sim_report_free (AirSimReport *self)
{
  g_ptr_array_unref (self->violations);
  g_free (self->root);
  g_free (self);
}

void
air_sim_trace (AirSim *self, const char *format, ...)
{
  g_autofree char *line = NULL, *text = NULL;
  va_list arguments;

  if (self->options->trace == NULL)
    return;
  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = g_strdup_printf ("%10.3f ms  %s", (double) air_sim_world_now (self->world) / 1000.0, line);
  self->options->trace (text, self->options->user_data);
}

gboolean
air_sim_has_fault (AirSim *self, AirSimFault fault)
{
  return self->options->fault == fault;
}

void
air_sim_violate (AirSim *self, AirSimInvariant invariant, const char *format, ...)
{
  AirSimViolation *violation = g_new (AirSimViolation, 1);
  va_list arguments;

  va_start (arguments, format);
  *violation = (AirSimViolation) { invariant, g_strdup_vprintf (format, arguments) };
  va_end (arguments);
  air_sim_trace (self, "VIOLATION %s: %s", invariants[invariant], violation->message);
  g_ptr_array_add (self->report->violations, violation);
}

/* --- the process and its end --- */

static void
boot_cb (gpointer user_data)
{
  AirSim *self = user_data;

  if (self->host != NULL)
    return;
  air_sim_trace (self, "start");
  air_sim_host_start (self);
}

static void
bury_cb (gpointer user_data)
{
  AirSim *self = user_data;
  AirSimRandom *random = &self->world_chance;

  if (self->host == NULL || !air_sim_host_is_dead (self->host))
    return;
  g_clear_pointer (&self->host, air_sim_host_free);
  air_sim_disk_crash (self->disk);
  air_sim_store_crash (self->store);
  if (air_sim_has_fault (self, AIR_SIM_FAULT_LOSE_COMMIT) && air_sim_random_chance (&self->chance, 500))
    air_sim_disk_lose_last (self->disk);
  air_sim_world_plan (self->world,
                      air_sim_random_chance (random, 100) ? 30000 * MS : air_sim_random_skewed (random, 400 * MS),
                      boot_cb, self, NULL);
}

static void
crash (AirSim *self, const char *where)
{
  air_sim_trace (self, "CRASH %s", where);
  self->report->crashes++;
  self->crashes_left--;
  air_sim_host_kill (self->host);
  air_sim_world_plan (self->world, 0, bury_cb, self, NULL);
}

void
air_sim_end_start (AirSim *self, const char *why)
{
  air_sim_trace (self, "no start: %s", why);
  air_sim_host_kill (self->host);
  air_sim_world_plan (self->world, 0, bury_cb, self, NULL);
}

/* Every third time the start after the crash is cut off, too, at one place or another. */
static gboolean
is_chosen (guint64 crash_at, guint64 place)
{
  return place == crash_at || (crash_at % 3 == 0 && place > crash_at && place - crash_at == 1 + crash_at / 3 % 4);
}

gboolean
air_sim_may_crash (AirSim *self, const char *where)
{
  if (self->host == NULL)
    return FALSE; /* all is over */
  if (air_sim_host_is_dead (self->host))
    return TRUE;
  self->report->places++;
  if (self->options->crash_at != 0)
    {
      if (!is_chosen (self->options->crash_at, self->report->places))
        return FALSE;
      crash (self, where);
      return TRUE;
    }
  if (!self->chaos || self->crashes_left == 0 || !air_sim_random_chance (&self->chance, self->crash_permille))
    return FALSE;
  crash (self, where);
  return TRUE;
}

static gboolean
disk_crash_cb (gpointer user_data, const char *where)
{
  return air_sim_may_crash (user_data, where);
}

/* --- what else goes wrong --- */

static void
power_cut_cb (gpointer user_data)
{
  AirSim *self = user_data;

  if (self->chaos && self->crashes_left > 0 && self->options->crash_at == 0 && self->host != NULL
      && !air_sim_host_is_dead (self->host))
    crash (self, "for no reason");
}

/* In order, as soon as it comes to it. */
static void
stop_cb (gpointer user_data)
{
  AirSim *self = user_data;

  if (!self->chaos || self->host == NULL || air_sim_host_is_dead (self->host))
    return;
  if (!air_sim_host_stop (self->host))
    {
      air_sim_world_plan (self->world, 5 * MS, stop_cb, self, NULL);
      return;
    }
  air_sim_trace (self, "stop");
  air_sim_world_plan (self->world, 0, bury_cb, self, NULL);
}

static void
fill_cb (gpointer user_data)
{
  AirSim *self = user_data;

  if (self->chaos)
    air_sim_disk_set_full (self->disk, TRUE);
}

static void
free_cb (gpointer user_data)
{
  AirSim *self = user_data;

  air_sim_disk_set_full (self->disk, FALSE);
}

static void
jump_cb (gpointer user_data)
{
  AirSim *self = user_data;
  AirSimRandom *random = &self->world_chance;
  gint64 by_us = air_sim_random_chance (random, 300) ? air_sim_random_between (random, -600, 3600) * 1000 * MS
                                                     : air_sim_random_between (random, -5000, 5000) * MS;

  if (!self->chaos)
    return;
  air_sim_trace (self, "the clock jumps by %" G_GINT64_FORMAT " ms", by_us / MS);
  self->report->jumps++;
  air_sim_world_jump (self->world, by_us);
  air_sim_checker_clock_set (self->checker);
  /* A clock that is ahead of a sudden has slept; one that was set while requests are out would let us look too early,
   * and nothing in this machine could tell. */
  if (by_us > 0)
    air_sim_vendors_lose_transit (self->vendors);
  if (self->host != NULL && !air_sim_host_is_dead (self->host))
    air_sim_host_clock_set (self->host);
}

static void
heal_cb (gpointer user_data)
{
  AirSim *self = user_data;

  air_sim_trace (self, "from here on nothing goes wrong");
  self->chaos = FALSE;
  air_sim_disk_set_full (self->disk, FALSE);
  air_sim_vendors_heal (self->vendors);
  air_sim_operators_heal (self->operators);
}

static void
plan_chaos (AirSim *self)
{
  AirSimRandom *random = &self->world_chance;
  gint64 over_us = air_sim_random_between (random, 5, 60) * 1000 * MS;

  self->chaos = TRUE;
  self->crashes_left = self->wildness == 0 ? 0 : air_sim_random_below (random, 8);
  self->crash_permille = air_sim_random_below (random, 3 * self->wildness + 1);
  for (guint i = air_sim_random_below (random, self->wildness / 2 + 1); i > 0; i--)
    air_sim_world_plan (self->world, air_sim_random_between (random, 0, over_us), power_cut_cb, self, NULL);
  for (guint i = air_sim_random_below (random, self->wildness / 4 + 1); i > 0; i--)
    air_sim_world_plan (self->world, air_sim_random_between (random, 0, over_us), stop_cb, self, NULL);
  for (guint i = air_sim_random_below (random, self->wildness / 4 + 1); i > 0; i--)
    {
      gint64 at_us = air_sim_random_between (random, 0, over_us);

      air_sim_world_plan (self->world, at_us, fill_cb, self, NULL);
      air_sim_world_plan (self->world, at_us + air_sim_random_skewed (random, 2000 * MS), free_cb, self, NULL);
    }
  for (guint i = air_sim_random_below (random, self->wildness / 3 + 1); i > 0; i--)
    air_sim_world_plan (self->world, air_sim_random_between (random, 0, over_us), jump_cb, self, NULL);
  air_sim_world_plan (self->world, over_us, heal_cb, self, NULL);
}

/* --- all of it --- */

static void
begin (AirSim *self)
{
  const AirSimScenario *scenario = self->options->scenario;
  guint64 seed = self->options->seed;
  AirSimRandom shape;

  air_sim_random_init (&self->chance, seed, "faults");
  air_sim_random_init (&self->salts, seed, "salts");
  air_sim_random_init (&self->world_chance, seed, "world");
  air_sim_random_init (&self->vendor_chance, seed, "vendors");
  air_sim_random_init (&self->disk_chance, seed, "disk");
  air_sim_random_init (&shape, seed, "plan");
  self->wildness = air_sim_random_below (&shape, 11);
  self->plan = scenario != NULL && scenario->plan != NULL ? air_plan_ref (scenario->plan) : air_sim_plan_new (&shape);
  self->report->most_in_flight = air_sim_random_chance (&shape, 500) ? 128 : air_sim_random_between (&shape, 1, 40);
  self->world = air_sim_world_new (START_US);
  self->disk =
      air_sim_disk_new (&self->disk_chance, air_sim_random_chance (&self->disk_chance, 300), disk_crash_cb, self);
  self->store = air_sim_store_new (self->disk, &self->disk_chance);
  /* Small, so that it is soon full; a batch may be larger than all of it. */
  self->half_size =
      AIR_BLOCK_SIZE
      * air_sim_random_between (&self->disk_chance, 1, air_sim_random_chance (&self->disk_chance, 600) ? 4 : 20);
  self->vendors =
      air_sim_vendors_new (self->world, self->plan, &self->vendor_chance, self->wildness,
                           scenario != NULL ? scenario->answer : NULL, scenario != NULL ? scenario->user_data : NULL);
  self->people = air_sim_people_new (self);
  self->approvers = air_sim_approvers_new (self);
  self->operators = air_sim_operators_new (self);
  self->checker = air_sim_checker_new (self);
  plan_chaos (self);
  air_sim_people_begin (self->people, air_sim_random_chance (&shape, 80) ? air_sim_random_between (&shape, 25, 60)
                                                                         : air_sim_random_between (&shape, 1, 9));
  boot_cb (self);
}

/**
 * air_sim_run:
 * @options: seed and scenario
 *
 * One seed, from nothing to rest. Pure: the same options give the same report, on any machine.
 *
 * Returns: (transfer full): what came of it
 */
AirSimReport *
air_sim_run (const AirSimOptions *options)
{
  AirSim self = { .options = options, .report = g_new0 (AirSimReport, 1) };

  self.report->seed = options->seed;
  self.report->violations = g_ptr_array_new_with_free_func ((GDestroyNotify) violation_free);
  begin (&self);
  while (!self.refused && air_sim_world_step (self.world) && self.report->violations->len < 20)
    if (air_sim_world_get_steps (self.world) > MOST_STEPS)
      {
        air_sim_violate (&self, AIR_SIM_RESTS, "after %d steps things still happen", MOST_STEPS);
        break;
      }
  self.report->steps = air_sim_world_get_steps (self.world);
  if (self.host != NULL && air_sim_host_is_dead (self.host) && self.report->violations->len == 0)
    air_sim_violate (&self, AIR_SIM_STRANDED, "the process ended and did not start again");
  air_sim_checker_finish (self.checker);

  g_clear_pointer (&self.host, air_sim_host_free);
  air_sim_world_free (self.world);
  air_sim_vendors_free (self.vendors);
  air_sim_store_free (self.store);
  air_sim_disk_free (self.disk);
  air_sim_people_free (self.people);
  air_sim_approvers_free (self.approvers);
  air_sim_operators_free (self.operators);
  air_sim_checker_free (self.checker);
  air_plan_unref (self.plan);
  return self.report;
}
