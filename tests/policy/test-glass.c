/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Emergency rights as a fold over entries: what the ledger says, and no more. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "policy/air-glass.h"

#define MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define NOW    (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC)

static gboolean
fold (AirGlass *glass, const char *state, const char *actor, const char *role, int minutes, gint64 time_us)
{
  g_autofree char *text = g_strdup_printf (
      "{\"glass\":\"G\",\"state\":\"%s\",\"actor\":\"%s\",\"holder\":\"dora\",\"role\":\"%s\",\"minutes\":%d,"
      "\"reason\":\"the shop is silent\"}",
      state, actor, role, minutes);
  g_autoptr (AirValue) members = air_json_parse (text, strlen (text), NULL);

  return air_glass_fold (glass, members, time_us);
}

static void
test_way (void)
{
  AirGlass glass = { 0 };

  g_assert_true (fold (&glass, "requested", "dora", "operator", 5, NOW));
  g_assert_cmpint (air_glass_get_state (&glass, NOW), ==, AIR_GLASS_REQUESTED);
  g_assert_true (fold (&glass, "open", "ana", "operator", 5, NOW + MINUTE));
  g_assert_cmpint (air_glass_get_state (&glass, NOW + 2 * MINUTE), ==, AIR_GLASS_OPEN);
  g_assert_cmpstr (glass.second, ==, "ana");
  g_assert_cmpint (air_glass_get_until (&glass), ==, NOW + 6 * MINUTE);
  g_assert_cmpint (air_glass_get_state (&glass, NOW + 6 * MINUTE), ==, AIR_GLASS_EXPIRED);
  /* Confirmed again, it lasts no longer. */
  g_assert_false (fold (&glass, "open", "bo", "operator", 5, NOW + 3 * MINUTE));
  g_assert_cmpint (air_glass_get_until (&glass), ==, NOW + 6 * MINUTE);
  g_assert_true (fold (&glass, "closed", "dora", "operator", 5, NOW + 4 * MINUTE));
  g_assert_cmpint (air_glass_get_state (&glass, NOW + 4 * MINUTE), ==, AIR_GLASS_CLOSED);
  g_assert_false (fold (&glass, "open", "ana", "operator", 5, NOW + 5 * MINUTE)
                  && air_glass_get_state (&glass, NOW + 5 * MINUTE) == AIR_GLASS_OPEN);
  air_glass_clear (&glass);
}

static void
test_nothing_opens (void)
{
  AirGlass glass = { 0 };

  g_assert_false (fold (&glass, "open", "ana", "operator", 5, NOW)); /* nobody asked */
  g_assert_false (fold (&glass, "requested", "dora", "approver", 5, NOW));
  g_assert_false (fold (&glass, "requested", "dora", "operator", 600, NOW));
  g_assert_false (fold (&glass, "requested", "dora", "operator", 0, NOW));
  g_assert_null (glass.id);
  g_assert_true (fold (&glass, "requested", "dora", "operator", 5, NOW));
  g_assert_false (fold (&glass, "open", "dora", "operator", 5, NOW + MINUTE)); /* by oneself */
  g_assert_false (fold (&glass, "open", "ana", "operator", 5, NOW + (AIR_GLASS_CONFIRM_MINUTES + 1) * MINUTE));
  g_assert_false (fold (&glass, "used", "dora", "operator", 5, NOW + MINUTE));
  g_assert_cmpint (glass.opened_us, ==, 0);
  air_glass_clear (&glass);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/glass/way", test_way);
  g_test_add_func ("/glass/nothing-opens", test_nothing_opens);
  return g_test_run ();
}
