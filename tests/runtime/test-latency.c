/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon a run is wanted, and what happens when there are too many, from outside, against the daemon. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "site.h"

static guint
trigger (Site *site, const char *id, const char *latency)
{
  g_autofree char *attribute = latency != NULL ? g_strdup_printf ("\"latencyclass\":\"%s\",", latency) : g_strdup ("");
  g_autofree char *body = g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/t\","
                                           "\"type\":\"test.order\",%s\"data\":{\"id\":\"%s\",\"order\":\"%s\","
                                           "\"who\":\"airails://test/people/rita\",\"amount\":50}}",
                                           id, attribute, id, id);
  guint status;

  air_value_unref (site_request (site, SITE_OLGA, "POST", "/v1/triggers/start", "application/cloudevents+json", body,
                                 &status, NULL));
  return status;
}

/* Until it is refused: how many were taken. */
static guint
fill (Site *site, const char *name, const char *latency)
{
  for (guint n = 0;; n++)
    {
      g_autofree char *id = g_strdup_printf ("%s-%u", name, n);
      guint status = trigger (site, id, latency);

      if (status == 202)
        continue;
      g_assert_cmpuint (status, ==, 429);
      g_assert_cmpuint (site->retry_after_s, >, 0);
      return n;
    }
}

static void
settle (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  while (g_get_monotonic_time () < until)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (1000);
    }
}

/* Batches fill half of the room, what is interactive finds some when nobody else does; and all of it is told. */
static void
test_room (void)
{
  g_autoptr (Site) site = site_new (NULL);
  guint taken;

  site_configure (site, "\"max_open\": 16");
  site->silent = TRUE;
  site_start (site);
  g_assert_cmpuint (trigger (site, "odd", "soon"), ==, 422);
  g_assert_cmpuint (fill (site, "batch", "batch"), ==, 8);
  g_assert_cmpuint (fill (site, "plain", NULL), ==, 8);
  g_assert_cmpuint (fill (site, "urgent", "interactive"), ==, 2);
  /* One that was taken is known, whatever the room. */
  g_assert_cmpuint (trigger (site, "plain-0", NULL), ==, 202);

  /* As it was told: a little later there is room again. */
  site->silent = FALSE;
  for (taken = 0; taken < 3000 && trigger (site, "later", NULL) != 202; taken++)
    settle (10);
  g_assert_cmpuint (taken, <, 3000);
  site_stop (site);
}

/* What the signed artifact says holds for events that say nothing. */
static void
test_manifest (gconstpointer data)
{
  static const struct {
    const char *manifest;
    guint room;
  } classes[] = { { "{\"latency_class\":\"batch\"}", 8 },
                  { "{\"latency_class\":\"interactive\"}", 18 },
                  { "{\"latency_class\":\"normal\"}", 16 } };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autoptr (Site) site = site_new (NULL);

      site->manifest = classes[i].manifest;
      site_sign_artifact (site, site->designer);
      site_configure (site, "\"max_open\": 16");
      site->silent = TRUE;
      site_start (site);
      g_assert_cmpuint (fill (site, "o", NULL), ==, classes[i].room);
      site_kill (site);
    }
}

static void
test_bad_manifest (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *words = NULL;

  site->manifest = "{\"latency_class\":\"soon\"}";
  site_sign_artifact (site, site->designer);
  g_assert_cmpint (site_run_refused (site, &words), ==, 65);
  g_assert_nonnull (strstr (words, "latency class"));
  g_clear_pointer (&words, g_free);
  site->manifest = "{}";
  site_sign_artifact (site, site->designer);
  site_configure (site, "\"max_open\": 0");
  g_assert_cmpint (site_run_refused (site, &words), ==, 65);
  g_assert_nonnull (strstr (words, "max_open"));
}

static guint
place_of (Site *site, const char *order)
{
  for (guint i = 0; i < site->asked->len; i++)
    if (g_strcmp0 (site->asked->pdata[i], order) == 0)
      return i;
  g_error ("the vendor was never asked for %s", order);
}

/* While the vendor takes one call at a time, the interactive ones are next, and batches are not forgotten. */
static void
test_lanes (void)
{
  static const char *const edits[] = { "\"timeout_ms\": 4000", "\"timeout_ms\": 1500", NULL };
  g_autoptr (Site) site = site_new_edited (edits);
  guint between = 0;

  site_configure (site, "\"max_effects\": 1");
  site_start (site);
  site->silent = TRUE;
  g_assert_cmpuint (trigger (site, "first", NULL), ==, 202);
  while (site->asked->len == 0)
    settle (5);
  site->silent = FALSE;
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *batch = g_strdup_printf ("batch-%u", i), *plain = g_strdup_printf ("plain-%u", i);

      g_assert_cmpuint (trigger (site, batch, "batch"), ==, 202);
      g_assert_cmpuint (trigger (site, plain, NULL), ==, 202);
    }
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *urgent = g_strdup_printf ("urgent-%u", i);

      g_assert_cmpuint (trigger (site, urgent, "interactive"), ==, 202);
    }
  g_assert_cmpuint (site->asked->len, ==, 1);
  for (guint i = 0; site_get_acted (site) < 31; i++)
    {
      g_assert_cmpuint (i, <, 3000);
      settle (10);
    }
  /* Of twelve calls six are the interactive ones, though they came last. */
  g_assert_cmpuint (place_of (site, "urgent-5"), <=, 14);
  g_assert_cmpuint (place_of (site, "urgent-0"), <, place_of (site, "plain-1"));
  g_assert_cmpuint (place_of (site, "plain-11"), <, place_of (site, "batch-11"));
  /* One in eleven is a batch: it does not wait for ever. */
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *plain = g_strdup_printf ("plain-%u", i);

      between += place_of (site, plain) > place_of (site, "batch-0");
    }
  g_assert_cmpuint (between, >, 0);
  site_stop (site);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/latency/room", test_room);
  g_test_add_data_func ("/runtime/latency/manifest", NULL, test_manifest);
  g_test_add_func ("/runtime/latency/bad-manifest", test_bad_manifest);
  g_test_add_func ("/runtime/latency/lanes", test_lanes);
  return g_test_run ();
}
