/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"

/* Streams of events one person may have open: who watches and never reads costs memory for each. */
#define MAX_WATCHED 16

static const char *const list_query[] = { "limit", "cursor", "state", NULL };
static const char *const head_query[] = { "cosigned", NULL };
static const char *const proof_query[] = { "index", NULL };

static const AirMember redact_members[] = { { "subject", AIR_MEMBER_TEXT, TRUE },
                                            { "legal_basis", AIR_MEMBER_TEXT, TRUE },
                                            { NULL } };
static const AirMember cancel_members[] = { { "reason", AIR_MEMBER_TEXT }, { NULL } };
static const AirMember control_members[] = { { "action", AIR_MEMBER_TEXT, TRUE },
                                             { "node", AIR_MEMBER_TEXT },
                                             { "reason", AIR_MEMBER_TEXT },
                                             { "output", AIR_MEMBER_OBJECT },
                                             { NULL } };
static const AirMember control_many_members[] = { { "action", AIR_MEMBER_TEXT, TRUE },
                                                  { "filter", AIR_MEMBER_OBJECT, TRUE },
                                                  { "node", AIR_MEMBER_TEXT },
                                                  { "reason", AIR_MEMBER_TEXT },
                                                  { NULL } };
static const AirMember confirm_members[] = { { "envelope", AIR_MEMBER_OBJECT, TRUE },
                                             { "output", AIR_MEMBER_OBJECT },
                                             { NULL } };
static const AirMember signal_members[] = { { "id", AIR_MEMBER_TEXT },
                                            { "data", AIR_MEMBER_ANY },
                                            { "iteration", AIR_MEMBER_TEXT },
                                            { NULL } };
static const AirMember glass_members[] = { { "role", AIR_MEMBER_TEXT, TRUE },
                                           { "minutes", AIR_MEMBER_WHOLE, TRUE },
                                           { "reason", AIR_MEMBER_TEXT, TRUE },
                                           { NULL } };

/* docs and data/openapi/runtime.yaml describe these; a test compares. */
static const AirRoute routes[] = {
  { "POST", "/v1/triggers/{node}", AIR_PERMISSION_RUN_TRIGGER, AIR_BODY_JSON, air_route_trigger },
  { "GET", "/v1/runs", AIR_PERMISSION_RUN_READ, AIR_BODY_NONE, air_route_list_runs, NULL, list_query },
  { "GET", "/v1/runs/{run}", AIR_PERMISSION_RUN_READ, AIR_BODY_NONE, air_route_get_run },
  { "GET", "/v1/runs/{run}/entries", AIR_PERMISSION_RUN_READ, AIR_BODY_NONE, air_route_get_run_entries },
  { "GET", "/v1/runs/{run}/bundle", AIR_PERMISSION_RUN_EXPORT, AIR_BODY_NONE, air_route_get_run_bundle },
  { "POST", "/v1/runs/{run}/redactions", AIR_PERMISSION_DATA_ERASE, AIR_BODY_JSON, air_route_redact_run,
    redact_members },
  { "POST", "/v1/redactions", AIR_PERMISSION_DATA_ERASE, AIR_BODY_JSON, air_route_redact_subject, redact_members },
  { "POST", "/v1/runs/{run}/cancel", AIR_PERMISSION_RUN_CONTROL, AIR_BODY_JSON, air_route_cancel_run, cancel_members },
  { "POST", "/v1/runs/{run}/control", AIR_PERMISSION_RUN_CONTROL, AIR_BODY_JSON, air_route_control_run,
    control_members },
  { "GET", "/v1/runs/{run}/unknown", AIR_PERMISSION_RUN_READ, AIR_BODY_NONE, air_route_list_unknown },
  { "POST", "/v1/runs/{run}/unknown/{step}/confirm", AIR_PERMISSION_RUN_CONFIRM, AIR_BODY_JSON,
    air_route_confirm_unknown, confirm_members },
  { "POST", "/v1/runs/{run}/signals/{name}", AIR_PERMISSION_RUN_SIGNAL, AIR_BODY_JSON, air_route_signal_run,
    signal_members },
  { "POST", "/v1/control", AIR_PERMISSION_RUN_CONTROL, AIR_BODY_JSON, air_route_control_runs, control_many_members },
  { "GET", "/v1/gates", AIR_PERMISSION_GATE_READ, AIR_BODY_NONE, air_route_list_gates, NULL, list_query },
  { "GET", "/v1/gates/{run}/{node}", AIR_PERMISSION_GATE_READ, AIR_BODY_NONE, air_route_get_gate },
  { "POST", "/v1/gates/{run}/{node}/decisions", AIR_PERMISSION_GATE_DECIDE, AIR_BODY_JSON, air_route_decide_gate },
  { "GET", "/v1/break-glass", AIR_PERMISSION_ACCESS_READ, AIR_BODY_NONE, air_route_list_glass },
  { "POST", "/v1/break-glass", AIR_PERMISSION_GLASS_REQUEST, AIR_BODY_JSON, air_route_request_glass, glass_members },
  { "POST", "/v1/break-glass/{id}/confirm", AIR_PERMISSION_GLASS_CONFIRM, AIR_BODY_NONE, air_route_confirm_glass },
  { "POST", "/v1/break-glass/{id}/close", AIR_PERMISSION_GLASS_CLOSE, AIR_BODY_NONE, air_route_close_glass },
  { "GET", "/v1/workflow", AIR_PERMISSION_WORKFLOW_READ, AIR_BODY_NONE, air_route_get_workflow },
  { "GET", "/v1/health", AIR_PERMISSION_HEALTH_READ, AIR_BODY_NONE, air_route_get_health },
  { "GET", "/v1/stats", AIR_PERMISSION_METRICS_READ, AIR_BODY_NONE, air_route_get_stats },
  { "GET", "/v1/usage", AIR_PERMISSION_USAGE_READ, AIR_BODY_NONE, air_route_get_usage },
  { "GET", "/metrics", AIR_PERMISSION_METRICS_READ, AIR_BODY_NONE, air_route_get_metrics },
  { "GET", "/v1/ledger/checkpoint", AIR_PERMISSION_LEDGER_READ, AIR_BODY_NONE, air_route_get_checkpoint, NULL,
    head_query },
  { "GET", "/v1/ledger/tile/{path...}", AIR_PERMISSION_LEDGER_READ, AIR_BODY_NONE, air_route_get_tile },
  { "GET", "/v1/ledger/proof", AIR_PERMISSION_LEDGER_READ, AIR_BODY_NONE, air_route_get_proof, NULL, proof_query },
  { "GET", "/v1/ledger/key", AIR_PERMISSION_LEDGER_READ, AIR_BODY_NONE, air_route_get_ledger_key },
  { "GET", "/v1/events", AIR_PERMISSION_EVENTS_READ, AIR_BODY_NONE, air_route_watch },
};

/**
 * air_api_get_routes:
 * @ret_n_routes: (out): how many
 *
 * Returns: (transfer none) (array length=ret_n_routes): the routing table, as data/openapi/runtime.yaml describes it;
 *   static
 */
const AirRoute *
air_api_get_routes (gsize *ret_n_routes)
{
  *ret_n_routes = G_N_ELEMENTS (routes);
  return routes;
}

static void
host_event_cb (const char *event, AirValue *data, gpointer user_data)
{
  AirApi *self = user_data;
  g_autofree char *text = NULL;

  if (self->watchers->len == 0)
    return;
  text = air_jcs_write (data, NULL, NULL);
  /* A watcher that is let go leaves the list meanwhile. */
  for (guint i = self->watchers->len; text != NULL && i > 0; i--)
    air_event_sink_send (self->watchers->pdata[i - 1], event, text);
}

/**
 * air_api_new:
 * @host: what it translates for; outlives it
 * @artifact: borrowed; outlives it
 *
 * Returns: (transfer full): the API, for the routes of air_api_get_routes()
 */
AirApi *
air_api_new (AirHost *host, const AirArtifactView *artifact)
{
  AirApi *self = g_new0 (AirApi, 1);

  self->host = host;
  self->artifact = artifact;
  self->watchers = g_ptr_array_new ();
  self->glass = air_glass_box_new (host);
  self->exporter = air_exporter_new (host, artifact);
  return self;
}

/**
 * air_api_set_notary:
 * @self: an API
 * @notary: (nullable): who vouches for heads outside; borrowed, %NULL: nobody
 */
void
air_api_set_notary (AirApi *self, AirNotary *notary)
{
  self->notary = notary;
}

static void
watcher_closed_cb (AirEventSink *sink, gpointer user_data)
{
  AirApi *self = user_data;

  if (g_ptr_array_remove (self->watchers, sink))
    air_event_sink_unref (sink);
  if (self->watchers->len == 0)
    air_host_set_listener (self->host, NULL, NULL);
}

void
air_route_watch (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *peer = air_request_get_peer (request);
  AirEventSink *sink;
  guint n = 0;

  for (guint i = 0; i < self->watchers->len; i++)
    n += strcmp (air_event_sink_get_peer (self->watchers->pdata[i]), peer) == 0;
  if (n >= MAX_WATCHED)
    {
      AirProblem *problem = air_problem_new (429, "too-many-streams", "end one of the others",
                                             "%s watches with %u connections already", peer, n);

      problem->retry_after_s = 10;
      air_request_respond_problem (request, problem);
      return;
    }
  sink = air_request_respond_events (request);
  g_ptr_array_add (self->watchers, sink);
  air_host_set_listener (self->host, host_event_cb, self);
  air_event_sink_on_closed (sink, watcher_closed_cb, self);
}

/**
 * air_api_close:
 * @self: an API
 *
 * Lets the watchers of /v1/events go, so that the server can stop.
 */
void
air_api_close (AirApi *self)
{
  while (self->watchers->len > 0)
    air_event_sink_close (self->watchers->pdata[self->watchers->len - 1]);
}

/**
 * air_api_trust_changed:
 * @self: an API
 *
 * Lets those watchers of /v1/events go who may watch no longer; everything else is asked anew with each request.
 */
void
air_api_trust_changed (AirApi *self)
{
  const AirTrust *trust = air_host_get_trust (self->host);

  for (guint i = self->watchers->len; i > 0; i--)
    {
      AirEventSink *sink = self->watchers->pdata[i - 1];
      const char *peer = air_event_sink_get_peer (sink);
      const AirPerson *person = air_trust_find_uri (trust, peer);
      guint roles = person != NULL ? person->mask | air_glass_box_get_roles (self->glass, peer) : 0;

      if (!air_permission_is_granted (AIR_PERMISSION_EVENTS_READ, roles))
        air_event_sink_close (sink);
    }
}

void
air_api_free (AirApi *self)
{
  air_api_close (self);
  g_ptr_array_unref (self->watchers);
  air_glass_box_free (self->glass);
  air_exporter_free (self->exporter);
  g_free (self);
}

/**
 * air_api_authorize:
 * @request: what is asked
 * @user_data: (type AirApi): the API
 *
 * An #AirAuthorize: the roles, as the trust roots and break-glass give them, must hold the route's permission.
 * Refusals go into the ledger.
 *
 * Returns: (transfer full) (nullable): %NULL, or a 403 that names the role that is missing
 */
AirProblem *
air_api_authorize (AirRequest *request, gpointer user_data)
{
  AirApi *self = user_data;
  const char *uri = air_request_get_peer (request);
  const AirPerson *person = air_trust_find_uri (air_host_get_trust (self->host), uri);
  const AirRoute *route = air_request_get_route (request);
  g_autofree char *what = NULL;
  AirProblem *problem;

  if (person != NULL && air_permission_is_granted (route->permission, person->mask))
    return NULL;
  if (person != NULL && air_permission_is_granted (route->permission, air_glass_box_get_roles (self->glass, uri)))
    {
      what = g_strconcat (route->method, " ", route->pattern, NULL);
      air_glass_box_note_use (self->glass, uri, what);
      return NULL;
    }
  if (person == NULL)
    problem =
        air_problem_new (403, "unknown-person", "ask for an entry in the trust roots", "%s is not known here", uri);
  else
    {
      g_autofree char *roles = air_roles_to_string (air_permission_get_roles (route->permission));

      problem =
          air_problem_new (403, "role-missing", "ask somebody who has the role",
                           "%s %s needs the role %s, which %s has not", route->method, route->pattern, roles, uri);
    }
  air_problem_set_rule (problem, person == NULL ? "access.unknown-person" : "access.role-missing");
  what = g_strconcat (route->method, " ", route->pattern, NULL);
  air_host_log_refusal (self->host, uri, what, problem->rule, problem->detail, NULL, NULL);
  return problem;
}

void
air_api_not_readable (AirRequest *request, const GError *error)
{
  air_request_respond_problem (
      request, error != NULL ? air_problem_new_error (503, "not-readable", error)
                             : air_problem_new (503, "not-readable", NULL, "the ledger cannot be read now"));
}

AirProblem *
air_api_no_such_run (const char *run)
{
  return air_problem_new (404, "no-such-run", "list the runs with GET /v1/runs", "there is no run \"%s\"", run);
}

AirRun *
air_api_open_run (AirApi *self, AirRequest *request)
{
  const char *id = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirIndexRow) row = NULL;
  AirRun *run = air_host_open_run (self->host, id, &error);

  if (run != NULL)
    return run;
  row = error == NULL ? air_store_find_row (air_host_get_store (self->host), id, &error) : NULL;
  if (error != NULL)
    air_api_not_readable (request, error);
  else if (row == NULL)
    air_request_respond_problem (request, air_api_no_such_run (id));
  else
    air_request_respond_problem (request,
                                 air_problem_new (409, "finished", "retry it, if it failed, or trigger it anew",
                                                  "run %s has come to its end (%s)", id, row->state));
  return NULL;
}

void
air_map_set_time (AirValue *map, const char *key, gint64 us)
{
  g_autofree char *text = air_time_format (us);

  air_map_set_string (map, key, text);
}

void
air_map_set_nullable (AirValue *map, const char *key, const char *text)
{
  if (text != NULL)
    air_map_set_string (map, key, text);
  else
    air_map_set (map, key, air_value_new_null ());
}
