/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What trials and the simulator stand on: time and what will happen. Trials themselves are tested through
 * airailsctl's commands (tests/cli/test-cli-sim.c). */
#include "config.h"

#include "trial/air-sim-world.h"

static void
note_cb (gpointer user_data)
{
  g_string_append_c (((gpointer *) user_data)[0], (char) GPOINTER_TO_INT (((gpointer *) user_data)[1]));
}

static void
test_world (void)
{
  g_autoptr (AirSimWorld) world = air_sim_world_new (1000000000);
  g_autoptr (GString) order = g_string_new (NULL);
  gpointer a[] = { order, GINT_TO_POINTER ('a') }, b[] = { order, GINT_TO_POINTER ('b') },
           c[] = { order, GINT_TO_POINTER ('c') }, d[] = { order, GINT_TO_POINTER ('d') };
  gint64 wall = air_sim_world_wall (world);

  air_sim_world_plan (world, 300, note_cb, c, NULL);
  air_sim_world_plan (world, 100, note_cb, a, NULL);
  air_sim_world_plan (world, 300, note_cb, d, NULL);
  air_sim_world_plan (world, 200, note_cb, b, NULL);
  while (air_sim_world_step (world))
    ;
  g_assert_cmpstr (order->str, ==, "abcd");
  g_assert_cmpint (air_sim_world_wall (world), ==, wall + 300);
  air_sim_world_jump (world, -5000);
  g_assert_cmpint (air_sim_world_wall (world), ==, wall - 4700);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/trial/world", test_world);
  return g_test_run ();
}
