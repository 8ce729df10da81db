/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workflow as a step of another, in the daemon as it ships: people decide inside of it, the daemon is killed, time
 * runs out; and what is exported is checked and decided anew by the command line. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "site.h"

/* What the plan of the other tests does with people and money becomes the step `pay`. */
#define PAYMENT(timeout)                                                                                               \
  "\"edge\": \"e1\", \"to\": \"approval\"}}},",                                                                        \
      "\"edge\": \"e1\", \"to\": \"pay\"}}},"                                                                          \
      "\"pay\": {\"kind\": \"workflow\", \"title\": \"Pay\", \"workflow\": \"payment\"," timeout                       \
      "\"with\": {\"order\": \"${trigger.order}\", \"amount\": \"${trigger.amount}\"},"                                \
      "\"next\": {\"start\": {\"edge\": \"pay.e0\", \"to\": \"pay.approval\"},"                                        \
      "\"ok\": {\"edge\": \"e5\", \"to\": \"done\"}, \"error\": {\"edge\": \"e6\", \"to\": \"unpaid\"}}},"             \
      "\"unpaid\": {\"kind\": \"end\", \"outcome\": \"completed\","                                                    \
      "\"output\": {\"outcome\": \"unpaid\", \"why\": \"${steps.pay.error.message}\"}},"                               \
      "\"pay.paid\": {\"kind\": \"end\", \"outcome\": \"completed\", \"output\": {\"receipt\": "                       \
      "\"${steps.act.receipt}\"}},"                                                                                    \
      "\"pay.no\": {\"kind\": \"end\", \"outcome\": \"failed\", \"title\": \"Not approved\"},",                        \
      "\"approval\": {\"id\": \"approval\"", "\"pay.approval\": {\"id\": \"approval\"",                                \
      "\"guards\": [{\"node\": \"act\"}]", "\"guards\": [{\"node\": \"pay.act\"}]", "\"e2\", \"to\": \"act\"",         \
      "\"pay.e2\", \"to\": \"pay.act\"", "\"e3\", \"to\": \"no\"", "\"pay.e3\", \"to\": \"pay.no\"",                   \
      "\"e4\", \"to\": \"late\"", "\"pay.e4\", \"to\": \"pay.no\"", "\"act\": {\"id\": \"act\"",                       \
      "\"pay.act\": {\"id\": \"act\"",                                                                                 \
      "{\"ok\": {\"edge\": \"e5\", \"to\": \"done\"}, \"error\": {\"edge\": "                                          \
      "\"e6\", \"to\": \"failed\"}}},",                                                                                \
      "{\"ok\": {\"edge\": \"pay.e5\", \"to\": \"pay.paid\"}, \"error\": {\"edge\": \"pay.e6\", \"to\": "              \
      "\"pay.no\"}}},",                                                                                                \
      "\"receipt\": \"${steps.act.receipt}\"}},\n    \"no\"", "\"receipt\": \"${steps.pay.receipt}\"}},\n    \"no\"",  \
      "\"guards\": {\"act\": \"approval\"}",                                                                           \
      "\"guards\": {\"pay.act\": \"pay.approval\"}, \"workflows\": {\"payment\": {\"id\": \"payment\","                \
      "\"version\": \"3.1.0\", \"nodes\": [{\"id\": \"asked\", \"kind\": \"trigger\", \"trigger\": {\"input\": "       \
      "{\"type\": \"object\", \"required\": [\"order\", \"amount\"], \"properties\": {\"order\": {\"type\": "          \
      "\"string\"}, \"amount\": {\"type\": \"integer\", \"maximum\": 9000}}}}}]}}",                                    \
      NULL

static const char *const payment[] = { PAYMENT ("") };
static const char *const hurried[] = { PAYMENT ("\"timeout_ms\": 3000,") };

static char *
get_outcome (const AirValue *run)
{
  return g_strdup (air_map_get_string (air_map_get_map ((AirValue *) run, "output"), "outcome"));
}

static void
approve (Site *site, const char *run, const char *decision)
{
  g_autofree char *envelope = site_envelope (site, SITE_ANA, run, decision, "approver", SITE_RIGHT);
  guint status;
  g_autoptr (AirValue) answer = site_decide (site, SITE_ANA, run, envelope, &status);

  g_assert_cmpuint (status, ==, 200);
}

/* The step of this name among those the ledger says were decided, or NULL. */
static AirValue *
find_step (Site *site, const char *run, const char *node)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/entries", run);
  g_autoptr (AirValue) page = site_get (site, SITE_AUDE, path);
  AirValue *items = air_map_get_list (page, "items");

  for (gsize i = 0; i < air_list_get_size (items); i++)
    {
      const char *leaf = air_map_get_string (air_list_get (items, i), "leaf");
      g_autoptr (AirValue) entry = air_json_parse (leaf, strlen (leaf), NULL);
      AirValue *steps = air_map_get_list (entry, "steps");

      for (gsize k = 0; steps != NULL && k < air_list_get_size (steps); k++)
        if (g_strcmp0 (air_map_get_string (air_list_get (steps, k), "node"), node) == 0)
          return air_value_ref (air_list_get (steps, k));
    }
  return NULL;
}

/* airailsctl's exit status, for a bundle of this run. */
static int
ask_about (Site *site, const char *run, const char *command)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/bundle", run), *file = site_file (site, "run.zip"), *out = NULL;
  g_autoptr (GBytes) bundle = NULL;
  g_autoptr (GError) error = NULL;
  const char *words[] = { AIRAILSCTL, command, file, NULL };
  AirValue *none;
  guint code;
  int status;

  none = site_request (site, SITE_AUDE, "GET", path, NULL, NULL, &code, &bundle);
  g_clear_pointer (&none, air_value_unref);
  g_assert_cmpuint (code, ==, 200);
  g_assert_true (
      g_file_set_contents (file, g_bytes_get_data (bundle, NULL), (gssize) g_bytes_get_size (bundle), &error));
  g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  if (g_str_equal (command, "replay"))
    g_assert_nonnull (strstr (out, "payment@3.1.0"));
  return WEXITSTATUS (status);
}

/* --- the tests --- */

static void
test_gate (void)
{
  g_autoptr (Site) site = site_new_edited (payment);
  g_autofree char *run = NULL, *small = NULL, *outcome = NULL;
  g_autoptr (AirValue) ended = NULL, step = NULL, page = NULL;

  site->gate = "pay.approval";
  site_start (site);
  run = site_order (site, "one", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  page = site_get (site, SITE_ANA, "/v1/gates");
  g_assert_cmpstr (air_map_get_string (air_list_get (air_map_get_list (page, "items"), 0), "node"), ==, "pay.approval");
  site_kill (site);
  site_start (site);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  approve (site, run, "approve");
  ended = site_wait (site, run, "completed");
  outcome = get_outcome (ended);
  g_assert_cmpstr (outcome, ==, "done");
  g_assert_cmpuint (site_get_acted (site), ==, 1);

  /* The chain says what ran. */
  step = find_step (site, run, "pay");
  g_assert_nonnull (step);
  g_assert_cmpstr (air_map_get_string (step, "workflow"), ==, "payment@3.1.0");
  g_assert_cmpuint (strlen (air_map_get_string (step, "digest")), ==, strlen ("sha256:") + 64);
  g_assert_cmpint (ask_about (site, run, "verify"), ==, 0);
  g_assert_cmpint (ask_about (site, run, "replay"), ==, 0);

  /* A small one asks nobody. */
  small = site_order (site, "two", 50);
  air_value_unref (site_wait (site, small, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 2);
  site_stop (site);
}

static void
test_denied (void)
{
  g_autoptr (Site) site = site_new_edited (payment);
  g_autofree char *run = NULL, *large = NULL, *outcome = NULL;
  g_autoptr (AirValue) ended = NULL, refused = NULL;

  site->gate = "pay.approval";
  site_start (site);
  run = site_order (site, "one", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  approve (site, run, "deny");
  ended = site_wait (site, run, "completed");
  outcome = get_outcome (ended);
  g_assert_cmpstr (outcome, ==, "unpaid");
  /* What it does not take does not begin. */
  large = site_order (site, "two", 9500);
  refused = site_wait (site, large, "completed");
  g_assert_nonnull (
      strstr (air_map_get_string (air_map_get_map (refused, "output"), "why"), "does not take this input"));
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  g_assert_cmpint (ask_about (site, run, "verify"), ==, 0);
  g_assert_cmpint (ask_about (site, run, "replay"), ==, 0);
  site_stop (site);
}

/* Its time runs out while nobody decides, and while the daemon is away. */
static void
test_time (void)
{
  g_autoptr (Site) site = site_new_edited (hurried);
  g_autofree char *run = NULL, *outcome = NULL, *late = NULL;
  g_autoptr (AirValue) ended = NULL, page = NULL;
  guint status;

  site->gate = "pay.approval";
  site_start (site);
  run = site_order (site, "one", 500);
  air_value_unref (site_wait (site, run, "waiting-gate"));
  late = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  site_kill (site);
  g_usleep (3500 * 1000);
  site_start (site);
  ended = site_wait (site, run, "completed");
  outcome = get_outcome (ended);
  g_assert_cmpstr (outcome, ==, "unpaid");
  g_assert_nonnull (strstr (air_map_get_string (air_map_get_map (ended, "output"), "why"), "after 3000 ms"));
  page = site_get (site, SITE_ANA, "/v1/gates");
  g_assert_cmpuint (air_list_get_size (air_map_get_list (page, "items")), ==, 0);
  {
    g_autoptr (AirValue) answer = site_decide (site, SITE_ANA, run, late, &status);

    g_assert_cmpuint (status, !=, 200);
  }
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  g_assert_cmpint (ask_about (site, run, "replay"), ==, 0);
  site_stop (site);
}

/* Killed again and again while runs are at work in it: one effect each. */
static void
test_kill (void)
{
  g_autoptr (Site) site = site_new_edited (payment);
  g_autofree char *runs[12] = { NULL };

  site->gate = "pay.approval";
  site->refuse = 10;
  site_start (site);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      runs[i] = site_order (site, id, 50);
      if (i % 3 == 2)
        {
          site_kill (site);
          site_start (site);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      air_value_unref (site_wait (site, runs[i], "completed"));
      g_assert_cmpint (ask_about (site, runs[i], "replay"), ==, 0);
      g_clear_pointer (&runs[i], g_free);
    }
  g_assert_cmpuint (site_get_acted (site), ==, G_N_ELEMENTS (runs));
  site_stop (site);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/sub-workflow/gate", test_gate);
  g_test_add_func ("/runtime/sub-workflow/denied", test_denied);
  g_test_add_func ("/runtime/sub-workflow/time", test_time);
  g_test_add_func ("/runtime/sub-workflow/kill", test_kill);
  return g_test_run ();
}
