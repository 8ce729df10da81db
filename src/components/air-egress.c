/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-components"
#include "config.h"

#include "air-operation-private.h"

struct _AirEgress {
  GHashTable *destinations; /* "host:port", the host in lower case */
};

static char *
make_destination (const char *host, guint port)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);
  gsize length = strlen (lower);

  /* "example.com." is "example.com". */
  if (length > 0 && lower[length - 1] == '.')
    lower[length - 1] = '\0';
  return g_strdup_printf ("%s:%u", lower, port);
}

/**
 * air_egress_new:
 * @destinations: "host:port" each; a host is a name or an address, never a pattern
 *
 * Returns: (transfer full): the list, or NULL with %AIR_OPERATION_ERROR_EGRESS
 */
AirEgress *
air_egress_new (const char *const *destinations, GError **error)
{
  g_autoptr (AirEgress) self = g_new0 (AirEgress, 1);

  self->destinations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; destinations != NULL && destinations[i] != NULL; i++)
    {
      const char *colon = strrchr (destinations[i], ':');
      g_autofree char *host = NULL;
      guint64 port;

      if (colon == NULL || colon == destinations[i] || strchr (destinations[i], '*') != NULL
          || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
        {
          g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_EGRESS,
                       "egress: '%s' is not host:port; write for example api.example.com:443", destinations[i]);
          return NULL;
        }
      if (destinations[i][0] == '[' && colon[-1] == ']')
        host = g_strndup (destinations[i] + 1, colon - destinations[i] - 2);
      else
        host = g_strndup (destinations[i], colon - destinations[i]);
      g_hash_table_add (self->destinations, make_destination (host, port));
    }
  return g_steal_pointer (&self);
}

/**
 * air_egress_allows:
 * @self: a list
 * @host: as in the URL
 * @port: of TCP
 *
 * Returns: whether the deployment allows going there
 */
gboolean
air_egress_allows (const AirEgress *self, const char *host, guint port)
{
  g_autofree char *destination = make_destination (host, port);

  return g_hash_table_contains (self->destinations, destination);
}

/**
 * air_egress_check:
 * @self: a list
 * @url: where a request goes
 * @error: return location
 *
 * Returns: %TRUE when the URL is http(s), carries no user information and its host and port are allowed; else %FALSE
 *   with %AIR_OPERATION_ERROR_EGRESS, naming the destination and nothing behind it
 */
gboolean
air_egress_check (const AirEgress *self, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  gboolean secure = g_strcmp0 (scheme, "https") == 0;
  int port;

  if (host == NULL || *host == '\0' || (!secure && g_strcmp0 (scheme, "http") != 0) || g_uri_get_userinfo (uri) != NULL)
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_EGRESS,
                   "egress: the address is not a plain http or https one; mend the connector's base_url");
      return FALSE;
    }
  port = g_uri_get_port (uri);
  if (port == -1)
    port = secure ? 443 : 80;
  if (!air_egress_allows (self, host, port))
    {
      g_set_error (error, AIR_OPERATION_ERROR, AIR_OPERATION_ERROR_EGRESS,
                   "egress: %s:%d is not on the allow-list; add it to the deployment's egress or mend the base_url",
                   host, port);
      return FALSE;
    }
  return TRUE;
}

/* For the transport, which keeps its own. */
AirEgress *
air_egress_copy (const AirEgress *self)
{
  AirEgress *copy = g_new0 (AirEgress, 1);

  copy->destinations = g_hash_table_ref (self->destinations);
  return copy;
}

void
air_egress_free (AirEgress *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->destinations, g_hash_table_unref);
  g_free (self);
}
