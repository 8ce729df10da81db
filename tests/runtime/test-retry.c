/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that have ended and are retried, from outside, against the daemon. */
#include "config.h"

#include <string.h>

#include "base/air-json.h"
#include "site.h"

/* An operation that can neither be repeated nor asked about, and does not wait long. */
static const char *const in_doubt[] = {
  "\"idempotency\": {\"kind\": \"key-header\", \"header\": \"Idempotency-Key\", \"max_len\": 255, \"window_s\": 86400}",
  "\"idempotency\": {\"kind\": \"none\"}", "\"timeout_ms\": 4000", "\"timeout_ms\": 300", NULL
};

static AirValue *
post (Site *site, SitePerson person, const char *path, const char *body, guint expected)
{
  guint status;
  AirValue *answer = site_request (site, person, "POST", path, "application/json", body, &status, NULL);

  if (status != expected)
    g_error ("%s %s: %u and not %u: %s", path, body, status, expected, air_map_get_string (answer, "detail"));
  return answer;
}

static AirValue *
retry (Site *site, SitePerson person, const char *run, guint expected)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/control", run);

  return post (site, person, path, "{\"action\":\"retry\",\"reason\":\"the vendor is well again\"}", expected);
}

static void
assert_refused (Site *site, const char *run, const char *slug)
{
  g_autoptr (AirValue) problem = retry (site, SITE_ADAM, run, 409);
  const char *type = air_map_get_string (problem, "type");

  if (!g_str_has_suffix (type, slug))
    g_error ("it is refused as %s, not as %s: %s", type, slug, air_map_get_string (problem, "detail"));
}

static void
approve (Site *site, const char *run)
{
  g_autofree char *envelope = site_envelope (site, SITE_ANA, run, "approve", "approver", SITE_RIGHT);
  guint status;

  air_value_unref (site_decide (site, SITE_ANA, run, envelope, &status));
  g_assert_cmpuint (status, ==, 200);
}

/* One whose every attempt the vendor refuses. */
static char *
fail (Site *site, const char *id, gint64 amount)
{
  char *run;

  site->refuse = 100;
  site->refusal = 422;
  run = site_order (site, id, amount);
  if (amount > 100)
    {
      air_value_unref (site_wait (site, run, "waiting-gate"));
      approve (site, run);
    }
  air_value_unref (site_wait (site, run, "failed"));
  site->refuse = 0;
  return run;
}

static AirValue *
first_entry (Site *site, const char *run)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s/entries", run);
  g_autoptr (AirValue) page = site_get (site, SITE_AUDE, path);
  const char *leaf = air_map_get_string (air_list_get (air_map_get_list (page, "items"), 0), "leaf");

  return air_json_parse (leaf, strlen (leaf), NULL);
}

static gboolean
holds (const AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (list, i), NULL), text) == 0)
      return TRUE;
  return FALSE;
}

static char *
member (Site *site, const char *run, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/v1/runs/%s", run);
  g_autoptr (AirValue) answer = site_get (site, SITE_AUDE, path);

  return g_strdup (air_map_get_string (answer, name));
}

static void
test_retry (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *old = NULL, *other = NULL, *new = NULL, *path = NULL, *retried_by = NULL, *retry_of = NULL;
  g_autoptr (AirValue) answer = NULL, again = NULL, entry = NULL, gate = NULL, before = NULL, after = NULL;
  const AirValue *exclude;

  site_start (site);
  old = fail (site, "one", 500);
  before = first_entry (site, old);
  air_value_unref (retry (site, SITE_AUDE, old, 403)); /* who only looks */
  answer = retry (site, SITE_ADAM, old, 200);
  new = g_strdup (air_map_get_string (answer, "id"));
  g_assert_cmpstr (new, !=, old);
  g_assert_cmpstr (air_map_get_string (answer, "retry_of"), ==, old);
  g_assert_false (air_map_get_bool (answer, "duplicate", TRUE));

  /* Asked again, also after the power went out, it is the same run. */
  air_value_unref (site_wait (site, new, "waiting-gate"));
  site_kill (site);
  site_start (site);
  again = retry (site, SITE_ADAM, old, 200);
  g_assert_true (air_map_get_bool (again, "duplicate", FALSE));
  g_assert_cmpstr (air_map_get_string (again, "id"), ==, new);

  entry = first_entry (site, new);
  g_assert_cmpstr (air_map_get_string (entry, "type"), ==, "TRIGGER_RECEIVED");
  g_assert_cmpstr (air_map_get_string (entry, "retry_of"), ==, old);
  g_assert_cmpstr (air_map_get_string (entry, "actor"), ==, site_uri (SITE_ADAM));
  g_assert_true (holds (air_map_get_list (entry, "triggered_by"), site_uri (SITE_OLGA)));
  g_assert_null (air_map_get (entry, "reason"));
  retried_by = member (site, old, "retried_by");
  retry_of = member (site, new, "retry_of");
  g_assert_cmpstr (retried_by, ==, new);
  g_assert_cmpstr (retry_of, ==, old);

  /* Nobody who ever brought it decides on it; an approval of the old run counts for nothing. */
  path = g_strdup_printf ("/v1/gates/%s/approval", new);
  gate = site_get (site, SITE_AUDE, path);
  exclude = air_map_get_list (gate, "exclude");
  g_assert_true (holds (exclude, site_uri (SITE_OLGA)));
  g_assert_true (holds (exclude, site_uri (SITE_ADAM)));
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  approve (site, new);
  air_value_unref (site_wait (site, new, "completed"));
  g_assert_cmpuint (site_get_acted (site), ==, 1);

  /* The old chain stays closed, and the event that began it is known. */
  after = first_entry (site, old);
  g_assert_true (air_value_equal (before, after));
  other = site_order (site, "one", 500);
  g_assert_cmpstr (other, ==, old);
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  assert_refused (site, new, "run-completed");
  air_value_unref (retry (site, SITE_ADAM, "01NOBODY", 404));
  site_stop (site);
}

/* What may have happened does not happen twice. */
static void
test_standing (void)
{
  g_autoptr (Site) site = site_new_edited (in_doubt);
  g_autofree char *run = NULL, *path = NULL;

  site_start (site);
  site->silent = TRUE;
  run = site_order (site, "one", 50);
  air_value_unref (site_wait (site, run, "unknown-outcome"));
  site->silent = FALSE;
  path = g_strdup_printf ("/v1/runs/%s/control", run);
  air_value_unref (post (site, SITE_OLGA, path, "{\"action\":\"cancel\"}", 200));
  air_value_unref (site_wait (site, run, "cancelled"));
  assert_refused (site, run, "effects-stand");
  g_assert_cmpuint (site_get_acted (site), ==, 1);
  site_stop (site);
}

static void
test_selection (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *named = NULL, *open = NULL, *new = NULL;
  g_autoptr (AirValue) all = NULL, rest = NULL, some = NULL, entry = NULL, step = NULL;
  char *runs[3];

  site_start (site);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *id = g_strdup_printf ("o-%u", i);

      runs[i] = fail (site, id, 50);
    }
  open = site_order (site, "open", 500);
  air_value_unref (retry (site, SITE_ADAM, runs[0], 200));
  step = post (site, SITE_ADAM, "/v1/control",
               "{\"action\":\"retry\",\"node\":\"act\",\"filter\":{\"state\":\"failed\"}}", 200);
  g_assert_cmpint (air_map_get_int (step, "refused", 0), ==, 2);
  all = post (site, SITE_ADAM, "/v1/control", "{\"action\":\"retry\",\"filter\":{\"state\":\"failed\"}}", 200);
  g_assert_cmpint (air_map_get_int (all, "matched", 0), ==, 2);
  g_assert_cmpint (air_map_get_int (all, "applied", 0), ==, 2);
  rest = post (site, SITE_ADAM, "/v1/control", "{\"action\":\"retry\",\"filter\":{\"state\":\"failed\"}}", 200);
  g_assert_cmpint (air_map_get_int (rest, "matched", 9), ==, 0);
  named = g_strdup_printf ("{\"action\":\"retry\",\"filter\":{\"runs\":[\"%s\",\"%s\"]}}", runs[1], open);
  some = post (site, SITE_ADAM, "/v1/control", named, 200);
  g_assert_cmpint (air_map_get_int (some, "matched", 0), ==, 2);
  g_assert_cmpint (air_map_get_int (some, "refused", 0), ==, 2);

  new = member (site, runs[2], "retried_by");
  air_value_unref (site_wait (site, new, "completed"));
  entry = first_entry (site, new);
  g_assert_cmpstr (air_map_get_string (entry, "selection"), ==, air_map_get_string (all, "selection"));
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *by = member (site, runs[i], "retried_by");

      air_value_unref (site_wait (site, by, "completed"));
      g_free (runs[i]);
    }
  g_assert_cmpuint (site_get_acted (site), ==, 3);
  site_stop (site);
}

/* No event takes the place that a retry would have. */
static void
test_reserved (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autofree char *run = NULL, *body = NULL;

  site_start (site);
  run = fail (site, "one", 50);
  body = g_strdup_printf ("{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"/t\",\"type\":\"test.order\","
                          "\"data\":{\"id\":\"airails:retry:%s\",\"order\":\"x\",\"who\":\"w\",\"amount\":50}}",
                          run);
  air_value_unref (post (site, SITE_OLGA, "/v1/triggers/start", body, 422));
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  air_value_unref (retry (site, SITE_ADAM, run, 200));
  site_stop (site);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/retry/run", test_retry);
  g_test_add_func ("/runtime/retry/standing", test_standing);
  g_test_add_func ("/runtime/retry/selection", test_selection);
  g_test_add_func ("/runtime/retry/reserved", test_reserved);
  return g_test_run ();
}
