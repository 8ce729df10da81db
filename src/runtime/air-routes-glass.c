/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

static void
done_cb (AirValue *item, AirProblem *take_problem, gpointer user_data)
{
  g_autoptr (AirRequest) request = user_data;

  if (take_problem != NULL)
    air_request_respond_problem (request, take_problem);
  else
    air_request_respond_value (request, 200, item);
}

static guint
roles_of (AirApi *self, const char *uri)
{
  const AirPerson *person = air_trust_find_uri (air_host_get_trust (self->host), uri);

  return person != NULL ? person->mask : 0;
}

void
air_route_list_glass (AirRequest *request, gpointer api)
{
  AirApi *self = api;

  air_request_respond_page (request, air_glass_box_describe (self->glass, TRUE), NULL);
}

void
air_route_request_glass (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirValue *body = air_request_get_json (request);
  const char *peer = air_request_get_peer (request);

  air_glass_box_request (self->glass, peer, roles_of (self, peer), air_map_get_string (body, "role"),
                         air_map_get_int (body, "minutes", 0), air_map_get_string (body, "reason"), done_cb,
                         air_request_ref (request));
}

void
air_route_confirm_glass (AirRequest *request, gpointer api)
{
  AirApi *self = api;

  air_glass_box_confirm (self->glass, air_request_get_peer (request), air_request_get_param (request, "id"), done_cb,
                         air_request_ref (request));
}

void
air_route_close_glass (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *peer = air_request_get_peer (request);

  air_glass_box_close (self->glass, peer, roles_of (self, peer), air_request_get_param (request, "id"), done_cb,
                       air_request_ref (request));
}
