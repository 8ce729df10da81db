/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every route of the runtime against what is wrong with a request, whatever the route: taken from the route table, so
 * that a route added tomorrow is asked, too. */
#define G_LOG_DOMAIN "air-runtime-test"

#include "config.h"

#include <string.h>

#include "runtime/air-api.h"
#include "site.h"
#include "wire/air-router.h"

typedef struct {
  Site *site;
  char *run; /* waits at the gate "approval" */
} Place;

/* A path to that which is there, so that the request comes as far as it can. */
static char *
path_of (const Place *place, const AirRoute *route)
{
  g_autoptr (GString) path = g_string_new (route->pattern);

  g_string_replace (path, "/v1/triggers/{node}", "/v1/triggers/start", 0);
  g_string_replace (path, "{run}", place->run, 0);
  g_string_replace (path, "{node}", "approval", 0);
  g_string_replace (path, "{step}", "act", 0);
  g_string_replace (path, "{name}", "hello", 0);
  g_string_replace (path, "{id}", "none", 0);
  g_string_replace (path, "{path...}", "0/000", 0);
  g_assert_null (strchr (path->str, '{'));
  return g_strdup (path->str);
}

/* Somebody who may use it, as far as a role goes. */
static int
person_of (Site *site, const AirRoute *route)
{
  static const SitePerson people[] = { SITE_OLGA, SITE_ANA, SITE_AUDE, SITE_ADAM, SITE_DORA };

  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    if (air_permission_is_granted (route->permission, site_roles (people[i])))
      return people[i];
  g_error ("nobody here may use %s", route->pattern);
}

static void
refuse (const Place *place,
        const AirRoute *route,
        int person,
        const char *path,
        const char *type,
        const char *body,
        const char *what)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (AirValue) answer = NULL;
  guint status;

  answer = site_request (place->site, person, route->method, path, type, body, &status, &bytes);
  if (status < 400 || status >= 500)
    g_error ("%s %s with %s is answered %u", route->method, path, what, status);
  /* A zero byte and ".." in a path are refused by libsoup itself, with nothing but the status. */
  if (status == 400 && (strstr (path, "%00") != NULL || strstr (path, "..") != NULL))
    return;
  if (answer == NULL || air_map_get_string (answer, "detail") == NULL || air_map_get_string (answer, "title") == NULL
      || air_map_get_int (answer, "status", 0) != status)
    g_error ("%s %s with %s is answered %u without saying why", route->method, path, what, status);
}

static void
bad_bodies (const Place *place, const AirRoute *route, int person, const char *path)
{
  static const char *const bodies[] = {
    "",  "{",    "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", "{}x",        "[]",
    "1", "null", "\"text\"",          "{\"\":1e999}",        "\xff\xfe{}", "{\"nobody knows this member\":1}",
  };
  g_autofree char *deep = NULL, *large = g_strnfill (2 * 1024 * 1024, ' ');
  g_autoptr (GString) nested = g_string_new ("{\"reason\":");

  for (guint i = 0; i < 100; i++)
    g_string_append (nested, "[");
  for (guint i = 0; i < 100; i++)
    g_string_append (nested, "]");
  deep = g_strconcat (nested->str, "}", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    refuse (place, route, person, path, "application/json", bodies[i], bodies[i]);
  refuse (place, route, person, path, "application/json", deep, "a body nested too deep");
  refuse (place, route, person, path, "application/json", large, "a body too large");
  refuse (place, route, person, path, "text/plain", "{}", "another type of body");
  for (const AirMember *member = route->members; member != NULL && member->name != NULL; member++)
    {
      g_autofree char *wrong =
          g_strdup_printf ("{\"%s\":%s}", member->name, member->kind == AIR_MEMBER_TEXT ? "5" : "\"some text\"");

      if (member->kind != AIR_MEMBER_ANY)
        refuse (place, route, person, path, "application/json", wrong, wrong);
    }
}

static void
bad_paths (const Place *place, const AirRoute *route, int person, const char *path, const char *body)
{
  static const char *const names[] = { "nobody", "%00", "%ff", "..%2f..%2fetc", "a%0d%0ab", "{run}" };
  g_autofree char *long_name = g_strnfill (3000, 'x');
  const char *at = strchr (route->pattern, '{');

  if (at == NULL)
    return;
  for (guint i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      const char *end = strchr (at, '}') + 1;
      g_autofree char *rest = g_strdup (end), *bad = NULL;
      g_autoptr (GString) tail = g_string_new (rest);

      g_string_replace (tail, "{node}", "approval", 0);
      g_string_replace (tail, "{step}", "act", 0);
      g_string_replace (tail, "{name}", "hello", 0);
      bad = g_strdup_printf ("%.*s%s%s", (int) (at - route->pattern), route->pattern,
                             i < G_N_ELEMENTS (names) ? names[i] : long_name, tail->str);
      refuse (place, route, person, bad, body != NULL ? "application/json" : NULL, body, "a name nobody has");
    }
}

static void
bad_queries (const Place *place, const AirRoute *route, int person, const char *path, const char *body)
{
  g_autofree char *unknown = g_strconcat (path, "?nobody=1", NULL);

  refuse (place, route, person, unknown, body != NULL ? "application/json" : NULL, body, "a query nobody knows");
  for (guint i = 0; route->query != NULL && route->query[i] != NULL; i++)
    {
      g_autofree char *junk = g_strdup_printf ("%s?%s=%%2B%%2B", path, route->query[i]);
      g_autofree char *bytes = g_strdup_printf ("%s?%s=a%%ff", path, route->query[i]);

      refuse (place, route, person, junk, NULL, NULL, "a query that makes no sense");
      refuse (place, route, person, bytes, NULL, NULL, "a query that is no text");
    }
}

/* What bodies of this kind look like when nothing is wrong with them; only for requests that are wrong elsewhere. */
static char *
good_body (const AirRoute *route)
{
  g_autoptr (GString) text = g_string_new ("{");

  if (route->body != AIR_BODY_JSON)
    return NULL;
  for (const AirMember *member = route->members; member != NULL && member->name != NULL; member++)
    if (member->required)
      g_string_append_printf (text, "%s\"%s\":%s", text->len > 1 ? "," : "", member->name,
                              member->kind == AIR_MEMBER_TEXT    ? "\"text\""
                              : member->kind == AIR_MEMBER_WHOLE ? "5"
                                                                 : "{}");
  return g_strdup (g_string_append_c (text, '}')->str);
}

static void
test_every_route (void)
{
  g_autoptr (Site) site = site_new (NULL);
  g_autoptr (AirValue) before = NULL, after = NULL, runs = NULL, waiting = NULL, health = NULL, run_before = NULL,
                       run_after = NULL;
  Place place = { site };
  g_autofree char *run = NULL, *run_path = NULL;
  const AirRoute *routes;
  guint refused;
  gsize n;

  site_start (site);
  place.run = run = site_order (site, "medium", 500);
  waiting = site_wait (site, run, "waiting-gate");
  run_path = g_strdup_printf ("/v1/runs/%s/entries", run);
  run_before = site_get (site, SITE_AUDE, run_path);
  before = site_get (site, SITE_AUDE, "/v1/stats");
  routes = air_api_get_routes (&n);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *path = path_of (&place, &routes[i]), *body = good_body (&routes[i]);
      int person = person_of (site, &routes[i]);

      g_test_message ("%s %s", routes[i].method, routes[i].pattern);
      if (routes[i].body == AIR_BODY_JSON)
        bad_bodies (&place, &routes[i], person, path);
      else
        refuse (&place, &routes[i], person, path, "application/json", "{}", "a body it does not take");
      bad_paths (&place, &routes[i], person, path, body);
      bad_queries (&place, &routes[i], person, path, body);
    }
  after = site_get (site, SITE_AUDE, "/v1/stats");
  run_after = site_get (site, SITE_AUDE, run_path);
  runs = site_get (site, SITE_AUDE, "/v1/runs");
  health = site_get (site, SITE_AUDE, "/v1/health");
  /* Nothing was written but that somebody was refused. */
  refused = site_count_entries (site, "\"type\":\"ACCESS_REFUSED\"");
  g_assert_cmpint (air_map_get_int (before, "entries", -1) + refused, ==, air_map_get_int (after, "entries", -2));
  g_assert_true (air_value_equal (run_before, run_after));
  g_assert_cmpuint (air_list_get_size (air_map_get_list (runs, "items")), ==, 1);
  g_assert_cmpuint (site_get_acted (site), ==, 0);
  g_assert_nonnull (health);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/runtime/routes/bad-input", test_every_route);
  return g_test_run ();
}
