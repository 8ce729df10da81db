/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of permissions against the real daemon: every role at every route. */
#include "config.h"

#include <string.h>

#include "policy/air-permission.h"
#include "runtime/air-api.h"
#include "site.h"

static const struct {
  SitePerson person;
  guint role;
} roles[] = {
  { SITE_DORA, AIR_ROLE_DESIGNER }, { SITE_OLGA, AIR_ROLE_OPERATOR }, { SITE_ANA, AIR_ROLE_APPROVER },
  { SITE_AUDE, AIR_ROLE_AUDITOR },  { SITE_ADAM, AIR_ROLE_ADMIN },
};

/* A path that fits the pattern and names nothing there is. */
static char *
path_of (const char *pattern)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (const char *p = pattern; *p != '\0'; p++)
    {
      if (*p != '{')
        {
          g_string_append_c (path, *p);
          continue;
        }
      g_string_append (path, "none");
      p = strchr (p, '}');
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static gboolean
refused_for_role (const AirValue *answer, guint status)
{
  const char *rule =
      answer != NULL && air_value_get_kind (answer) == AIR_VALUE_MAP ? air_map_get_string (answer, "rule") : NULL;

  return status == 403 && g_strcmp0 (rule, "access.role-missing") == 0;
}

static void
test_matrix (void)
{
  g_autoptr (Site) site = site_new ("60000");
  const AirRoute *routes;
  gsize n_routes, n_refused = 0;

  site_start (site);
  routes = air_api_get_routes (&n_routes);
  for (gsize i = 0; i < n_routes; i++)
    {
      g_autofree char *path = path_of (routes[i].pattern);

      /* A route without a line in the table would let nobody in; that it is forgotten must show here. */
      if (air_permission_get_id (routes[i].permission) == NULL)
        g_error ("%s %s names no permission of the table", routes[i].method, routes[i].pattern);
      if (strcmp (routes[i].pattern, "/v1/events") == 0)
        continue; /* answers for as long as one listens: below */
      for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
        {
          gboolean granted = air_permission_is_granted (routes[i].permission, roles[r].role);
          g_autoptr (AirValue) answer = NULL;
          g_autoptr (GBytes) bytes = NULL;
          guint status;

          answer =
              site_request (site, roles[r].person, routes[i].method, path,
                            strcmp (routes[i].method, "POST") == 0 ? "application/json" : NULL, "{}", &status, &bytes);
          g_test_message ("%-9s %-5s %s: %u", air_role_to_string (roles[r].role), routes[i].method, path, status);
          if (refused_for_role (answer, status) == granted)
            g_error ("%s %s as %s: %u, where the table %s it", routes[i].method, path,
                     air_role_to_string (roles[r].role), status, granted ? "grants" : "refuses");
          n_refused += !granted;
        }
    }
  g_test_message ("%" G_GSIZE_FORMAT " routes, %" G_GSIZE_FORMAT " refusals", n_routes, n_refused);
  g_assert_cmpuint (n_refused, >, 10);
}

/* --- break-glass -------------------------------------------------------------------------------- */

static AirValue *
post (Site *site, SitePerson person, const char *path, const char *body, guint *ret_status)
{
  return site_request (site, person, "POST", path, body != NULL ? "application/json" : NULL, body, ret_status, NULL);
}

static void
test_break_glass (void)
{
  static const char ask[] = "{\"role\":\"operator\",\"minutes\":5,\"reason\":\"the shop sends nothing since noon\"}";
  g_autoptr (Site) site = site_new ("60000");
  g_autoptr (AirValue) asked = NULL, twice = NULL, health = NULL, opened = NULL, closed = NULL;
  g_autofree char *confirm = NULL, *close = NULL;
  const AirValue *open;
  guint status;

  site_start (site);
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);

  /* Not for auditors, not for approving, not without a reason. */
  air_value_unref (post (site, SITE_AUDE, "/v1/break-glass", ask, &status));
  g_assert_cmpuint (status, ==, 403);
  air_value_unref (post (site, SITE_DORA, "/v1/break-glass",
                         "{\"role\":\"approver\",\"minutes\":5,\"reason\":\"I want to approve it\"}", &status));
  g_assert_cmpuint (status, ==, 422);
  air_value_unref (
      post (site, SITE_DORA, "/v1/break-glass", "{\"role\":\"operator\",\"minutes\":5,\"reason\":\"x\"}", &status));
  g_assert_cmpuint (status, ==, 422);

  asked = post (site, SITE_DORA, "/v1/break-glass", ask, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (asked, "state"), ==, "requested");
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);

  /* Nobody else but a second person opens it. */
  confirm = g_strdup_printf ("/v1/break-glass/%s/confirm", air_map_get_string (asked, "id"));
  air_value_unref (post (site, SITE_DORA, confirm, NULL, &status));
  g_assert_cmpuint (status, ==, 403);
  opened = post (site, SITE_ANA, confirm, NULL, &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (air_map_get_string (opened, "state"), ==, "open");
  g_assert_cmpstr (air_map_get_string (opened, "second"), ==, site_uri (SITE_ANA));
  twice = post (site, SITE_ANA, confirm, NULL, &status);
  g_assert_cmpuint (status, ==, 409);

  /* It works, and everybody sees it. */
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 404);
  health = site_get (site, SITE_AUDE, "/v1/health");
  open = air_map_get_list (health, "break_glass");
  g_assert_cmpuint (air_list_get_size (open), ==, 1);
  g_assert_cmpstr (air_map_get_string (air_list_get (open, 0), "actor"), ==, site_uri (SITE_DORA));

  close = g_strdup_printf ("/v1/break-glass/%s/close", air_map_get_string (asked, "id"));
  air_value_unref (post (site, SITE_OLGA, close, NULL, &status));
  g_assert_cmpuint (status, ==, 403);
  closed = post (site, SITE_ADAM, close, NULL, &status);
  g_assert_cmpuint (status, ==, 200);
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);
  g_assert_cmpuint (site_count_refused (site, "glass.role"), ==, 1);
}

static char *
glass_member (Site *site, const char *id, const char *name)
{
  g_autoptr (AirValue) page = site_get (site, SITE_AUDE, "/v1/break-glass");
  AirValue *items = air_map_get_list (page, "items");

  for (gsize i = 0; i < air_list_get_size (items); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (items, i), "id"), id) == 0)
      return g_strdup (air_map_get_string (air_list_get (items, i), name));
  return NULL;
}

static void
assert_glass (Site *site, const char *id, const char *state)
{
  g_autofree char *found = glass_member (site, id, "state");

  g_assert_cmpstr (found, ==, state);
}

/* Emergency rights are what the ledger says, also when the power goes in the middle of an emergency. */
static void
test_break_glass_killed (void)
{
  static const char ask[] = "{\"role\":\"operator\",\"minutes\":5,\"reason\":\"the shop sends nothing since noon\"}";
  g_autoptr (Site) site = site_new ("60000");
  g_autoptr (AirValue) asked = NULL;
  g_autofree char *confirm = NULL, *close = NULL, *until = NULL, *still = NULL, *second = NULL;
  const char *id;
  guint status;

  site_start (site);
  asked = post (site, SITE_DORA, "/v1/break-glass", ask, &status);
  g_assert_cmpuint (status, ==, 200);
  id = air_map_get_string (asked, "id");
  confirm = g_strdup_printf ("/v1/break-glass/%s/confirm", id);
  close = g_strdup_printf ("/v1/break-glass/%s/close", id);

  /* What was asked for can be confirmed, by nobody but a second person. */
  site_kill (site);
  site_start (site);
  assert_glass (site, id, "requested");
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);
  air_value_unref (post (site, SITE_ANA, confirm, NULL, &status));
  g_assert_cmpuint (status, ==, 200);
  until = glass_member (site, id, "until");

  /* What is open is open, exactly as long. */
  site_kill (site);
  site_start (site);
  assert_glass (site, id, "open");
  still = glass_member (site, id, "until");
  second = glass_member (site, id, "second");
  g_assert_cmpstr (still, ==, until);
  g_assert_cmpstr (second, ==, site_uri (SITE_ANA));
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 404);
  air_value_unref (post (site, SITE_AUDE, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);
  air_value_unref (post (site, SITE_ANA, confirm, NULL, &status));
  g_assert_cmpuint (status, ==, 409);
  air_value_unref (post (site, SITE_DORA, close, NULL, &status));
  g_assert_cmpuint (status, ==, 200);

  /* What was closed stays closed. */
  site_kill (site);
  site_start (site);
  assert_glass (site, id, "closed");
  air_value_unref (post (site, SITE_DORA, "/v1/triggers/none", "{}", &status));
  g_assert_cmpuint (status, ==, 403);
  site_stop (site);
}

/* --- limits: the same numbers after a restart ----------------------------------------------------- */

static gint64
used (Site *site)
{
  g_autoptr (AirValue) answer = site_get (site, SITE_AUDE, "/v1/usage");
  const AirValue *limit = air_list_get (air_map_get_list (answer, "items"), 0);
  const AirValue *window = air_list_get (air_map_get_list (limit, "windows"), 0);
  const AirValue *keys = air_map_get_list (window, "keys");

  return air_list_get_size (keys) == 0 ? 0 : air_map_get_int (air_list_get (keys, 0), "used", -1);
}

static void
order (Site *site, const char *id, const char *state)
{
  g_autofree char *run = site_order (site, id, 30);

  air_value_unref (site_wait (site, run, state));
}

static void
test_limit_survives (void)
{
  g_autoptr (Site) site = site_new ("60000");
  g_autofree char *path = site_file (site, "plan.json"), *text = NULL;
  g_autoptr (GString) plan = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  plan = g_string_new_len (text, length);
  g_assert_cmpuint (
      g_string_replace (plan, "\"timeout_ms\": 4000,", "\"timeout_ms\": 4000, \"limits\": [{\"policy\": \"cap\"}],", 1),
      ==, 1);
  g_assert_cmpuint (
      g_string_replace (
          plan, "\"policies\": {",
          "\"policies\": {\"cap\": {\"$schema\": \"airails:policy/1\", \"id\": \"cap\", \"version\": \"1.0.0\", "
          "\"kind\": \"limit\", \"title\": \"Cap\", \"inputs\": [{\"id\": \"amount\", \"type\": \"int\"}], "
          "\"key\": \"all\", \"measure\": \"sum\", \"amount\": \"${amount}\", "
          "\"windows\": [{\"id\": \"hour\", \"ms\": 3600000, \"max\": 70}]},",
          1),
      ==, 1);
  g_assert_true (g_file_set_contents (path, plan->str, plan->len, NULL));
  site_sign_artifact (site, site->designer);
  site_start (site);
  order (site, "a", "completed");
  order (site, "b", "completed");
  g_assert_cmpint (used (site), ==, 60);
  order (site, "c", "failed");
  g_assert_cmpint (used (site), ==, 60);
  site_kill (site);
  site_start (site);
  g_assert_cmpint (used (site), ==, 60);
  order (site, "d", "failed");
  g_assert_cmpuint (site_get_acted (site), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/permissions/matrix", test_matrix);
  g_test_add_func ("/runtime/permissions/break-glass", test_break_glass);
  g_test_add_func ("/runtime/permissions/break-glass-killed", test_break_glass_killed);
  g_test_add_func ("/runtime/limits/restart", test_limit_survives);
  return g_test_run ();
}
