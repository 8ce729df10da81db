/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-wire"

#include "config.h"

#include "wire/air-router.h"

#include <string.h>

struct _AirRouter {
  const AirRoute *routes;
  gsize n_routes;
  GStrv *segments; /* of each pattern */
};

/**
 * air_router_new:
 * @routes: (array length=n_routes): borrowed; outlives the router
 * @n_routes: how many; the first that matches wins
 *
 * Returns: (transfer full): a router
 */
AirRouter *
air_router_new (const AirRoute *routes, gsize n_routes)
{
  /* Routes are few and a request costs far more than comparing them all. */
  AirRouter *self = g_new0 (AirRouter, 1);

  self->routes = routes;
  self->n_routes = n_routes;
  self->segments = g_new0 (GStrv, n_routes);
  for (gsize i = 0; i < n_routes; i++)
    self->segments[i] = g_strsplit (routes[i].pattern, "/", -1);
  return self;
}

static gboolean
segments_match (GStrv pattern, GStrv path, GHashTable *params)
{
  for (gsize i = 0;; i++)
    {
      gsize length;

      if (pattern[i] == NULL || path[i] == NULL)
        return pattern[i] == path[i];
      if (pattern[i][0] != '{')
        {
          if (strcmp (pattern[i], path[i]) != 0)
            return FALSE;
          continue;
        }
      length = strlen (pattern[i]);
      if (g_str_has_suffix (pattern[i], "...}"))
        {
          g_hash_table_insert (params, g_strndup (pattern[i] + 1, length - 5), g_strjoinv ("/", path + i));
          return TRUE;
        }
      if (path[i][0] == '\0')
        return FALSE;
      g_hash_table_insert (params, g_strndup (pattern[i] + 1, length - 2), g_strdup (path[i]));
    }
}

/**
 * air_router_match:
 * @self: a router
 * @method: of HTTP
 * @path: as libsoup hands it out, with the percent-encoding undone
 * @ret_params: (out) (nullable) (transfer full) (element-type utf8 utf8): what the pattern's names stand for
 * @ret_allow: (out) (nullable) (transfer full): the methods allowed there ("GET, POST"; %NULL: nothing is there), when
 *   none matches
 *
 * Returns: (transfer none) (nullable): the route
 */
const AirRoute *
air_router_match (AirRouter *self, const char *method, const char *path, GHashTable **ret_params, char **ret_allow)
{
  g_auto (GStrv) split = g_strsplit (path, "/", -1);
  g_autoptr (GString) allow = g_string_new (NULL);

  for (gsize i = 0; i < self->n_routes; i++)
    {
      g_autoptr (GHashTable) params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

      if (!segments_match (self->segments[i], split, params))
        continue;
      if (strcmp (self->routes[i].method, method) == 0)
        {
          *ret_params = g_steal_pointer (&params);
          return &self->routes[i];
        }
      g_string_append_printf (allow, "%s%s", allow->len > 0 ? ", " : "", self->routes[i].method);
    }
  *ret_allow = allow->len > 0 ? g_string_free (g_steal_pointer (&allow), FALSE) : NULL;
  return NULL;
}

void
air_router_free (AirRouter *self)
{
  for (gsize i = 0; i < self->n_routes; i++)
    g_strfreev (self->segments[i]);
  g_free (self->segments);
  g_free (self);
}
