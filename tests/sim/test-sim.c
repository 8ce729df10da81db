/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator itself: it is the same every time, and it finds what it is there to find. */
#include "config.h"

#include <string.h>

#include "sim/air-sim-disk.h"
#include "sim/air-sim.h"

static void
test_same_seed (void)
{
  for (guint64 seed = 1; seed < 12; seed++)
    {
      AirSimOptions options = { .seed = seed };
      g_autoptr (AirSimReport) one = air_sim_run (&options), two = air_sim_run (&options);

      g_assert_cmpuint (one->violations->len, ==, 0);
      g_assert_cmpstr (one->root, ==, two->root);
      g_assert_cmpuint (one->steps, ==, two->steps);
    }
}

/* A crash at every journal write and between any two effects, one after the other: not only where chance has it. */
static void
test_every_place (void)
{
  guint64 swept = 0;

  for (guint64 seed = 0; seed < 60 && swept < 500; seed++)
    {
      AirSimOptions options = { .seed = seed, .crash_at = G_MAXUINT64 };
      g_autoptr (AirSimReport) calm = air_sim_run (&options);

      g_assert_cmpuint (calm->crashes, ==, 0);
      for (options.crash_at = 1; options.crash_at <= calm->places && calm->places < 150; options.crash_at++, swept++)
        {
          g_autoptr (AirSimReport) report = air_sim_run (&options);

          g_assert_cmpuint (report->crashes, ==, 1);
          if (report->violations->len > 0)
            g_error ("seed %" G_GUINT64_FORMAT " crashed at %" G_GUINT64_FORMAT ": %s", seed, options.crash_at,
                     ((AirSimViolation *) report->violations->pdata[0])->message);
        }
    }
  g_assert_cmpuint (swept, >=, 500);
}

/* What a fault of the host must be seen as, within so many seeds. */
typedef struct {
  AirSimFault fault;
  AirSimInvariant invariant;
  guint seeds;
} Mutation;

static const Mutation mutations[] = {
  { AIR_SIM_FAULT_SEND_EARLY, AIR_SIM_NO_ENTRY_NO_ACTION, 20 },
  { AIR_SIM_FAULT_NEW_KEY, AIR_SIM_ONE_EFFECT, 120 },
  { AIR_SIM_FAULT_FORGET_UNKNOWN, AIR_SIM_ONE_EFFECT, 60 },
  { AIR_SIM_FAULT_FORGET_UNKNOWN, AIR_SIM_NOT_SILENT, 120 },
  { AIR_SIM_FAULT_DROP_OUTCOME, AIR_SIM_STRANDED, 20 },
  { AIR_SIM_FAULT_LOSE_DECISION, AIR_SIM_NOTHING_LOST, 40 },
  { AIR_SIM_FAULT_DOUBLE_DECISION, AIR_SIM_DECIDED_ONCE, 40 },
  { AIR_SIM_FAULT_LOSE_COMMIT, AIR_SIM_NOTHING_LOST, 40 },
  { AIR_SIM_FAULT_SKIP_SEQ, AIR_SIM_CHAIN, 20 },
  { AIR_SIM_FAULT_SKIP_UNDO, AIR_SIM_COMPENSATION, 40 },
  { AIR_SIM_FAULT_ALTER_RECORD, AIR_SIM_REPLAY, 20 },
  { AIR_SIM_FAULT_LOSE_TIMER, AIR_SIM_STRANDED, 40 },
  { AIR_SIM_FAULT_NO_RAMP, AIR_SIM_RAMP, 300 },
  { AIR_SIM_FAULT_LOSE_ORDER, AIR_SIM_NOTHING_LOST, 40 },
  { AIR_SIM_FAULT_FORGET_ORDER, AIR_SIM_TOLD_ONCE, 60 },
  { AIR_SIM_FAULT_IGNORE_PAUSE, AIR_SIM_PAUSED, 60 },
  { AIR_SIM_FAULT_ACT_SKIPPED, AIR_SIM_SKIPPED, 900 },
  { AIR_SIM_FAULT_FORGET_USAGE, AIR_SIM_LIMIT_HELD, 200 },
  { AIR_SIM_FAULT_UNJUDGED, AIR_SIM_IN_FORCE, 300 },
  { AIR_SIM_FAULT_LOSE_REMINDER, AIR_SIM_REMINDED, 300 },
  { AIR_SIM_FAULT_ALTER_EDIT, AIR_SIM_AS_SIGNED, 300 },
};

static void
test_mutation (gconstpointer data)
{
  const Mutation *mutation = data;

  for (guint64 seed = 0; seed < mutation->seeds; seed++)
    {
      AirSimOptions options = { .seed = seed, .fault = mutation->fault };
      g_autoptr (AirSimReport) report = air_sim_run (&options);

      for (guint i = 0; i < report->violations->len; i++)
        {
          const AirSimViolation *violation = report->violations->pdata[i];

          if (violation->invariant != mutation->invariant)
            continue;
          g_test_message ("seed %" G_GUINT64_FORMAT ": %s", seed, violation->message);
          return;
        }
    }
  g_test_fail_printf ("%u seeds and %s was not seen as %s", mutation->seeds, air_sim_fault_to_string (mutation->fault),
                      air_sim_invariant_to_string (mutation->invariant));
}

static void
write_text (AirSimDisk *disk, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  g_assert_true (air_sim_disk_write (disk, bytes, &error));
  g_assert_no_error (error);
}

/* Whatever a crash does to what was not synced: what was synced is there, and nothing half. */
static void
test_disk (void)
{
  g_autofree char *big = g_strnfill (2000, 'x');
  guint lost = 0, kept = 0;

  for (guint64 seed = 0; seed < 200; seed++)
    {
      AirSimRandom random;
      g_autoptr (AirSimDisk) disk = NULL;
      g_autoptr (GPtrArray) found = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new_static ("no room", 7);
      g_autoptr (GError) error = NULL;

      air_sim_random_init (&random, seed, "disk");
      disk = air_sim_disk_new (&random);
      write_text (disk, "one");
      air_sim_disk_sync (disk);
      write_text (disk, big);
      write_text (disk, "three");
      air_sim_disk_set_full (disk, TRUE);
      g_assert_false (air_sim_disk_write (disk, bytes, &error));
      g_assert_error (error, AIR_SIM_DISK_ERROR, AIR_SIM_DISK_ERROR_FULL);
      air_sim_disk_set_full (disk, FALSE);
      air_sim_disk_crash (disk);
      found = air_sim_disk_read (disk);
      g_assert_cmpuint (found->len, >=, 1);
      g_assert_cmpmem (g_bytes_get_data (found->pdata[0], NULL), g_bytes_get_size (found->pdata[0]), "one", 3);
      if (found->len > 1)
        g_assert_cmpmem (g_bytes_get_data (found->pdata[1], NULL), g_bytes_get_size (found->pdata[1]), big, 2000);
      lost += found->len == 1;
      kept += found->len == 3;
      /* It goes on from there. */
      write_text (disk, "four");
      air_sim_disk_sync (disk);
      g_ptr_array_unref (found);
      found = air_sim_disk_read (disk);
      g_assert_cmpmem (g_bytes_get_data (found->pdata[found->len - 1], NULL), 4, "four", 4);
    }
  g_assert_cmpuint (lost, >, 20);
  g_assert_cmpuint (kept, >, 20);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/sim/disk", test_disk);
  g_test_add_func ("/sim/same-seed", test_same_seed);
  g_test_add_func ("/sim/every-place", test_every_place);
  for (guint i = 0; i < G_N_ELEMENTS (mutations); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sim/finds/%s/%s", air_sim_fault_to_string (mutations[i].fault),
                                               air_sim_invariant_to_string (mutations[i].invariant));

      g_test_add_data_func (path, &mutations[i], test_mutation);
    }
  return g_test_run ();
}
