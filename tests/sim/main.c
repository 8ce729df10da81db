/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ./dev sim: many seeds, in as many processes as there are processors. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim-refunds.h"
#include "sim/air-sim.h"

typedef struct {
  gint64 seeds, first, seed;
  gint jobs;
  gint64 crash_at;
  gboolean trace, verbose, sweep;
  char *fault;
} Options;

/* What one process tells the one that began it, whole, through a pipe. */
typedef struct {
  guint64 seeds, failing, runs, completed, failed, cancelled, unknown, paused, crashes, entries, effects, decisions,
      controls, skipped, retried, confirmed, limited, refused, reversals, full, recovered, blocked, large, jumps, steps;
} Totals;

static void
trace_cb (const char *line, gpointer user_data)
{
  puts (line);
}

static AirSimFault
find_fault (const char *name)
{
  for (guint i = 0; name != NULL && i < AIR_SIM_N_FAULTS; i++)
    if (strcmp (air_sim_fault_to_string (i), name) == 0)
      return i;
  if (name != NULL)
    {
      fprintf (stderr, "airails-sim: no fault \"%s\"; they are:", name);
      for (guint i = 1; i < AIR_SIM_N_FAULTS; i++)
        fprintf (stderr, " %s", air_sim_fault_to_string (i));
      fputc ('\n', stderr);
      exit (2);
    }
  return AIR_SIM_FAULT_NONE;
}

static void
add (Totals *totals, const AirSimReport *report)
{
  totals->seeds++;
  totals->failing += report->violations->len > 0;
  totals->runs += report->runs;
  totals->completed += report->completed;
  totals->failed += report->failed;
  totals->cancelled += report->cancelled;
  totals->unknown += report->unknown;
  totals->paused += report->paused;
  totals->controls += report->controls;
  totals->skipped += report->skipped;
  totals->confirmed += report->confirmed;
  totals->retried += report->retried;
  totals->limited += report->limited;
  totals->crashes += report->crashes;
  totals->entries += report->entries;
  totals->effects += report->effects;
  totals->decisions += report->decisions;
  totals->refused += report->refused;
  totals->reversals += report->reversals;
  totals->full += report->full;
  totals->recovered += report->recovered;
  totals->blocked += report->blocked;
  totals->large += report->large;
  totals->jumps += report->jumps;
  totals->steps += report->steps;
}

static void
add_totals (Totals *totals, const Totals *more)
{
  guint64 *to = (guint64 *) totals;
  const guint64 *from = (const guint64 *) more;

  for (guint i = 0; i < sizeof (Totals) / sizeof (guint64); i++)
    to[i] += from[i];
}

/* Every fourth seed runs the refund workflow, where it is at hand; which, is told by the seed alone. */
static const AirSimScenario *
scenario_of (guint64 seed, const AirSimScenario *refunds)
{
  return refunds != NULL && seed % 4 == 3 ? refunds : NULL;
}

/* Returns the number of places where it might have crashed. */
static guint64
run_once (const Options *options, guint64 seed, guint64 crash_at, const AirSimScenario *refunds, Totals *totals)
{
  AirSimOptions simulation = {
    .seed = seed,
    .scenario = scenario_of (seed, refunds),
    .fault = find_fault (options->fault),
    .crash_at = crash_at,
    .trace = options->trace ? trace_cb : NULL,
  };
  g_autofree char *place = crash_at != 0 ? g_strdup_printf (" --crash-at %" G_GUINT64_FORMAT, crash_at) : g_strdup ("");
  g_autoptr (AirSimReport) report = air_sim_run (&simulation);

  add (totals, report);
  if (options->verbose)
    printf ("seed %" G_GUINT64_FORMAT ": %u runs (%u completed, %u failed, %u cancelled, %u unknown), %u crashes, "
            "%u entries, %u effects, %" G_GUINT64_FORMAT " places, root %.16s\n",
            seed, report->runs, report->completed, report->failed, report->cancelled, report->unknown, report->crashes,
            report->entries, report->effects, report->places, report->root);
  for (guint i = 0; i < report->violations->len && i < 5; i++)
    {
      const AirSimViolation *violation = report->violations->pdata[i];

      printf ("seed %" G_GUINT64_FORMAT ": %s: %s\n", seed, air_sim_invariant_to_string (violation->invariant),
              violation->message);
    }
  if (report->violations->len > 0)
    printf ("  again: ./dev sim --seed %" G_GUINT64_FORMAT "%s --trace%s%s\n", seed, place,
            options->fault != NULL ? " --fault " : "", options->fault != NULL ? options->fault : "");
  fflush (stdout);
  return report->places;
}

/* By chance, at one place, or at every place there is, one after the other. */
static void
run_seed (const Options *options, guint64 seed, const AirSimScenario *refunds, Totals *totals)
{
  guint64 places;

  if (!options->sweep)
    {
      run_once (options, seed, options->crash_at, refunds, totals);
      return;
    }
  places = run_once (options, seed, G_MAXUINT64, refunds, totals);
  for (guint64 at = 1; at <= places; at++)
    run_once (options, seed, at, refunds, totals);
}

static void
run_share (const Options *options, guint job, guint jobs, const AirSimScenario *refunds, int report_to)
{
  Totals totals = { 0 };

  for (gint64 i = job; i < options->seeds; i += jobs)
    run_seed (options, options->first + i, refunds, &totals);
  if (write (report_to, &totals, sizeof totals) != sizeof totals)
    exit (6);
}

static void
tell (const Totals *totals, double seconds)
{
  const struct {
    guint64 n;
    const char *what;
  } parts[] = {
    { totals->runs, "runs (" },
    { totals->completed, "completed, " },
    { totals->failed, "failed, " },
    { totals->cancelled, "cancelled, " },
    { totals->paused, "paused, " },
    { totals->unknown, "waiting for a person to say what happened), " },
    { totals->entries, "entries, " },
    { totals->effects, "effects, " },
    { totals->reversals, "reversals, " },
    { totals->limited, "counted by limits, " },
    { totals->decisions, "decisions counted, " },
    { totals->refused, "refused, " },
    { totals->controls, "orders and signals, " },
    { totals->skipped, "steps left out, " },
    { totals->retried, "ended runs done again, " },
    { totals->confirmed, "words on unknown outcomes, " },
    { totals->crashes, "crashes, " },
    { totals->full, "writes to a full disk, " },
    { totals->recovered, "commits that only the journal had, " },
    { totals->blocked, "that waited for its other half, " },
    { totals->large, "too large for it, " },
    { totals->jumps, "clock jumps, " },
    { totals->steps, "steps" },
  };

  printf ("%" G_GUINT64_FORMAT " seeds, %" G_GUINT64_FORMAT " failing, in %.1f s: ", totals->seeds, totals->failing,
          seconds);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    printf ("%" G_GUINT64_FORMAT " %s", parts[i].n, parts[i].what);
  putchar ('\n');
}

static gboolean
run_all (const Options *options, const AirSimScenario *refunds, Totals *totals)
{
  guint jobs = CLAMP (options->jobs, 1, 64);
  int pipes[2];
  gboolean whole = TRUE;

  if (pipe (pipes) != 0)
    g_error ("pipe: %s", g_strerror (errno));
  fflush (stdout);
  for (guint job = 0; job < jobs; job++)
    {
      pid_t child = fork ();

      if (child < 0)
        g_error ("fork: %s", g_strerror (errno));
      if (child == 0)
        {
          close (pipes[0]);
          run_share (options, job, jobs, refunds, pipes[1]);
          exit (0);
        }
    }
  close (pipes[1]);
  for (;;)
    {
      Totals share;
      ssize_t n = read (pipes[0], &share, sizeof share);

      if (n != sizeof share)
        break;
      add_totals (totals, &share);
    }
  close (pipes[0]);
  for (guint job = 0; job < jobs; job++)
    {
      int status;

      if (wait (&status) < 0 || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
        whole = FALSE;
    }
  return whole;
}

int
main (int argc, char *argv[])
{
  Options options = { .seeds = 500, .seed = -1, .jobs = g_get_num_processors () };
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_INT64, &options.seeds, "how many (500)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed, "this one only", "SEED" },
    { "from", 0, 0, G_OPTION_ARG_INT64, &options.first, "the first of them (0)", "SEED" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs, "processes at once", "N" },
    { "trace", 0, 0, G_OPTION_ARG_NONE, &options.trace, "what happens, line by line", NULL },
    { "sweep", 0, 0, G_OPTION_ARG_NONE, &options.sweep, "each seed crashes at every place, one after the other", NULL },
    { "crash-at", 0, 0, G_OPTION_ARG_INT64, &options.crash_at,
      "crash at this place, at every third in the start after it, too, and nowhere else", "PLACE" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "a line for each seed", NULL },
    { "fault", 0, 0, G_OPTION_ARG_STRING, &options.fault, "put a fault in, to see it found", "FAULT" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SimRefunds) refunds = NULL;
  Totals totals = { 0 };
  gint64 began = g_get_monotonic_time ();
  gboolean whole = TRUE;

  g_option_context_set_summary (context, "Runs the shipping engine, policy and ledger through seeded disasters.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      fprintf (stderr, "airails-sim: %s\n", error != NULL ? error->message : "too many arguments");
      return 2;
    }
  find_fault (options.fault);
  refunds = sim_refunds_new (&error);
  if (refunds == NULL)
    {
      fprintf (stderr, "airails-sim: %s\n", error->message);
      return 3;
    }
  if (options.seed >= 0)
    run_seed (&options, options.seed, sim_refunds_get_scenario (refunds), &totals);
  else
    whole = run_all (&options, sim_refunds_get_scenario (refunds), &totals);

  tell (&totals, (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  g_free (options.fault);
  if (!whole)
    puts ("a process ended before its seeds were done: see above");
  return whole && totals.failing == 0 ? 0 : 1;
}
