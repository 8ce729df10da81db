/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator itself: it is the same every time, and it finds what it is there to find. */
#include "config.h"

#include <string.h>

#include "hosting/air-stored.h"
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

          g_assert_cmpuint (report->crashes, >=, 1);
          g_assert_cmpuint (report->crashes, <=, 2);
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
  { AIR_SIM_FAULT_RELEASE_EARLY, AIR_SIM_NOTHING_LOST, 100 },
  { AIR_SIM_FAULT_BEGIN_EARLY, AIR_SIM_NOTHING_LOST, 300 },
  { AIR_SIM_FAULT_APPLY_TWICE, AIR_SIM_NOTHING_LOST, 20 },
  { AIR_SIM_FAULT_UNJUDGED, AIR_SIM_IN_FORCE, 300 },
  { AIR_SIM_FAULT_UNJUDGED, AIR_SIM_AUDITED, 60 },
  { AIR_SIM_FAULT_ALTER_EDIT, AIR_SIM_AUDITED, 100 },
  { AIR_SIM_FAULT_RESTLESS, AIR_SIM_RESTS, 1 },
  { AIR_SIM_FAULT_LOSE_ROLE, AIR_SIM_HEARD, 20 },
  { AIR_SIM_FAULT_LOSE_REMINDER, AIR_SIM_REMINDED, 300 },
  { AIR_SIM_FAULT_ALTER_EDIT, AIR_SIM_AS_SIGNED, 300 },
  { AIR_SIM_FAULT_RETRY_TWICE, AIR_SIM_RETRIED_ONCE, 100 },
  { AIR_SIM_FAULT_RETRY_STANDING, AIR_SIM_RETRIED_ONCE, 100 },
  { AIR_SIM_FAULT_IMPATIENT, AIR_SIM_PATIENT, 60 },
  { AIR_SIM_FAULT_NO_LANES, AIR_SIM_NOT_STARVED, 900 },
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

static gboolean
never_cb (gpointer user_data, const char *where)
{
  return FALSE;
}

static void
fill (AirSimDisk *disk, guint64 at, guint8 byte, gboolean fits)
{
  const AirBlockFile *file = air_sim_disk_get_file (disk);
  guint8 block[2 * AIR_BLOCK_SIZE];
  g_autoptr (GError) error = NULL;

  memset (block, byte, sizeof block);
  g_assert_true (file->write (file->user_data, at, block, sizeof block, &error) == fits);
  if (!fits)
    g_assert_error (error, AIR_STORE_ERROR, AIR_STORE_ERROR_FULL);
}

/* How many bytes of two blocks are @byte; the others are @before. */
static guint
count (AirSimDisk *disk, guint64 at, guint8 byte, guint8 before)
{
  const AirBlockFile *file = air_sim_disk_get_file (disk);
  guint8 block[2 * AIR_BLOCK_SIZE];
  guint n = 0;

  g_assert_true (file->read (file->user_data, at, block, sizeof block, NULL));
  for (guint i = 0; i < sizeof block; i++)
    {
      g_assert_true (block[i] == byte || block[i] == before);
      n += block[i] == byte;
    }
  return n;
}

/* Whatever a crash does to a write under way: what was synced is there. */
static void
test_disk (void)
{
  guint lost = 0, torn = 0, kept = 0;

  for (guint64 seed = 0; seed < 200; seed++)
    {
      AirSimRandom random;
      g_autoptr (AirSimDisk) disk = NULL;
      const AirBlockFile *file;
      gboolean copies = seed % 2 == 0;
      guint n;

      air_sim_random_init (&random, seed, "disk");
      disk = air_sim_disk_new (&random, copies, never_cb, NULL);
      file = air_sim_disk_get_file (disk);
      air_sim_disk_set_full (disk, TRUE);
      g_assert_false (file->clear (file->user_data, 8 * AIR_BLOCK_SIZE, NULL));
      g_assert_cmpuint (file->get_size (file->user_data), <, 8 * AIR_BLOCK_SIZE);
      air_sim_disk_set_full (disk, FALSE);
      g_assert_true (file->clear (file->user_data, 8 * AIR_BLOCK_SIZE, NULL));
      fill (disk, 0, 'a', TRUE);
      air_sim_disk_sync (disk);
      fill (disk, AIR_BLOCK_SIZE, 'b', TRUE);
      air_sim_disk_sync (disk);
      fill (disk, 4 * AIR_BLOCK_SIZE, 'c', TRUE);
      air_sim_disk_crash (disk);
      g_assert_cmpuint (count (disk, 0, 'a', 'b'), ==, AIR_BLOCK_SIZE);
      n = count (disk, 4 * AIR_BLOCK_SIZE, 'c', 0);
      lost += n == 0;
      kept += n == 2 * AIR_BLOCK_SIZE;
      torn += n > 0 && n < 2 * AIR_BLOCK_SIZE;
      /* What is allocated can be written over; or not, where that means to write it elsewhere. */
      air_sim_disk_set_full (disk, TRUE);
      fill (disk, 4 * AIR_BLOCK_SIZE, 'd', !copies);
      if (!copies)
        g_assert_cmpuint (count (disk, 4 * AIR_BLOCK_SIZE, 'd', 0), ==, 2 * AIR_BLOCK_SIZE);
    }
  g_assert_cmpuint (lost, >, 20);
  g_assert_cmpuint (kept, >, 20);
  g_assert_cmpuint (torn, >, 80);
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
