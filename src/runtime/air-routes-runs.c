/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

#include "base/air-hash.h"
#include "base/air-json.h"
#include "ledger/air-entry.h"

#define MAX_PAGE 1000

static void
triggered_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  g_autoptr (AirRequest) request = user_data;
  g_autoptr (AirValue) answer = NULL;

  if (take_problem != NULL)
    {
      air_request_respond_problem (request, take_problem);
      return;
    }
  answer = air_map_new ();
  air_map_set_string (answer, "run", run);
  air_map_set_bool (answer, "duplicate", duplicate);
  air_request_respond_value (request, 202, answer);
}

void
air_route_trigger (AirRequest *request, gpointer api)
{
  AirApi *self = api;

  air_host_trigger (self->host, air_request_get_param (request, "node"), air_request_get_json (request),
                    air_request_get_peer (request), triggered_cb, air_request_ref (request));
}

/* What keeps it, where that is not in its entries: it is stopped, or what it calls is resting. */
static char *
find_obstacle (AirHost *host, const AirIndexRow *row)
{
  const char *fault = row->open ? air_host_get_fault (host, row->id) : NULL;

  if (fault != NULL)
    return g_strdup_printf ("a person: the run is stopped, its entries cannot be followed: %s", fault);
  return row->open ? air_effects_get_resting (air_host_get_effects (host), row->id) : NULL;
}

static AirValue *
run_item (AirHost *host, const AirIndexRow *row)
{
  g_autofree char *obstacle = find_obstacle (host, row);
  AirValue *item = air_map_new ();

  air_map_set_string (item, "id", row->id);
  air_map_set_string (item, "state", row->state);
  air_map_set_nullable (item, "waiting_on", obstacle != NULL ? obstacle : row->waiting);
  air_map_set_nullable (item, "outcome", row->outcome);
  air_map_set_time (item, "started", row->started_us);
  air_map_set_time (item, "updated", row->updated_us);
  return item;
}

void
air_route_list_runs (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *state = air_request_get_query (request, "state");
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  AirProblem *problem = NULL;
  AirInstanceState known;
  AirValue *items;
  guint limit;

  if (state != NULL && !air_instance_state_from_string (state, &known))
    problem = air_problem_new (400, "bad-state", "ask for a state as runs show it, such as waiting-gate",
                               "a run is never \"%s\"", state);
  if (problem != NULL || !air_request_get_page (request, MAX_PAGE, &limit, &after, &problem))
    {
      air_request_respond_problem (request, problem);
      return;
    }
  rows = air_store_list_rows (air_host_get_store (self->host), state, after, limit + 1, &error);
  if (rows == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  items = air_list_new ();
  for (guint i = 0; i < MIN (rows->len, limit); i++)
    air_list_append (items, run_item (self->host, rows->pdata[i]));
  air_request_respond_page (request, items, rows->len > limit ? ((AirIndexRow *) rows->pdata[limit - 1])->id : NULL);
}

static AirValue *
nodes_of (AirPlan *plan, AirInstance *instance)
{
  AirValue *nodes = air_map_new ();

  for (guint i = 0; i < air_plan_get_n_nodes (plan); i++)
    {
      AirValue *node = air_map_new ();
      guint attempts = 0;

      air_map_set_string (node, "state",
                          air_node_state_to_string (air_instance_get_node_state (instance, i, &attempts)));
      air_map_set_int (node, "attempts", attempts);
      air_map_set (nodes, air_plan_get_node_id (plan, i), node);
    }
  return nodes;
}

/* What is left to tell of a run whose disclosures were erased: its entries say what happened, not to whom. */
static AirValue *
redacted_run (AirApi *self, const char *id)
{
  g_autoptr (AirRunView) view = air_host_view (self->host, id, FALSE, NULL);
  AirValue *answer, *redacted;
  guint64 index;

  if (view == NULL || !air_host_get_redaction (self->host, id, &index))
    return NULL;
  answer = run_item (self->host, view->row);
  redacted = air_map_new ();
  air_map_set_int (redacted, "index", (gint64) index);
  air_map_set (answer, "redacted", redacted);
  air_map_set (answer, "output", air_value_new_null ());
  air_map_set (answer, "input", air_value_new_null ());
  air_map_set_int (answer, "entries", view->row->count);
  air_map_set (answer, "nodes", air_map_new ());
  return answer;
}

static void
set_retries (AirApi *self, const char *id, const AirInstance *instance, AirValue *answer)
{
  g_autofree char *retried_by = air_host_find_retry (self->host, id, NULL);

  air_map_set_nullable (answer, "retry_of", air_instance_get_retry_of (instance));
  air_map_set_nullable (answer, "retried_by", retried_by);
}

void
air_route_get_run (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *id = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRunView) view = air_host_view (self->host, id, TRUE, &error);
  g_autoptr (AirValue) answer = NULL;
  AirValue *output;

  if (view == NULL)
    {
      answer = error != NULL ? redacted_run (self, id) : NULL;
      if (answer != NULL)
        air_request_respond_value (request, 200, answer);
      else if (error != NULL)
        air_api_not_readable (request, error);
      else
        air_request_respond_problem (request, air_api_no_such_run (id));
      return;
    }
  answer = run_item (self->host, view->row);
  output = air_instance_get_output (view->instance);
  air_map_set (answer, "output", output != NULL ? air_value_ref (output) : air_value_new_null ());
  air_map_set (answer, "input", air_value_ref (air_instance_get_input (view->instance)));
  air_map_set_nullable (answer, "reason", air_instance_get_reason (view->instance));
  air_map_set_nullable (answer, "requester", air_instance_get_requester (view->instance));
  air_map_set_nullable (answer, "actor", air_instance_get_actor (view->instance));
  air_map_set_int (answer, "entries", air_instance_get_entries (view->instance));
  air_map_set (answer, "nodes", nodes_of (air_host_get_plan (self->host), view->instance));
  air_map_set (answer, "manual", air_instance_get_manual (view->instance));
  set_retries (self, id, view->instance, answer);
  air_request_respond_value (request, 200, answer);
}

static AirValue *
entry_item (const AirStoredEntry *stored, GError **error)
{
  g_autoptr (AirEntry) entry = air_entry_parse (stored->leaf, error);
  g_autoptr (AirValue) item = NULL;
  g_autofree char *hash = NULL;
  AirValue *texts;
  gsize length;
  const char *leaf;

  if (entry == NULL)
    return NULL;
  leaf = g_bytes_get_data (stored->leaf, &length);
  hash = air_digest_to_hex (air_entry_get_hash (entry));
  item = air_map_new ();
  air_map_set_int (item, "index", stored->index);
  air_map_set_string (item, "type", air_entry_get_type_name (entry));
  air_map_set_int (item, "seq", air_entry_get_seq (entry));
  air_map_set_string (item, "time", air_entry_get_time (entry));
  air_map_set (item, "leaf", air_value_new_string_len (leaf, length));
  air_map_set_string (item, "leaf_hash", hash);
  texts = air_list_new ();
  for (guint i = 0; stored->disclosures != NULL && i < stored->disclosures->len; i++)
    air_list_append (texts, air_value_new_string (stored->disclosures->pdata[i]));
  air_map_set (item, "disclosures", texts);
  return g_steal_pointer (&item);
}

void
air_route_get_run_entries (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *id = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = air_host_read_entries (self->host, id, &error);
  g_autoptr (AirValue) items = NULL;

  if (entries == NULL)
    {
      if (error != NULL)
        air_api_not_readable (request, error);
      else
        air_request_respond_problem (request, air_api_no_such_run (id));
      return;
    }
  items = air_list_new ();
  for (guint i = 0; i < entries->len; i++)
    {
      AirValue *item = entry_item (entries->pdata[i], &error);

      if (item == NULL)
        {
          air_api_not_readable (request, error);
          return;
        }
      air_list_append (items, item);
    }
  air_request_respond_page (request, g_steal_pointer (&items), NULL);
}

static void
cancelled_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  g_autoptr (AirRequest) request = user_data;
  g_autoptr (AirValue) answer = NULL;

  if (take_problem != NULL)
    {
      air_request_respond_problem (request, take_problem);
      return;
    }
  answer = air_map_new ();
  air_map_set_string (answer, "id", run->chain->id);
  air_map_set_string (answer, "state", run->row != NULL ? run->row->state : "running");
  air_request_respond_value (request, 200, answer);
}

void
air_route_cancel_run (AirRequest *request, gpointer api)
{
  AirValue *body = air_request_get_json (request);
  AirRun *run = air_api_open_run (api, request);
  AirMessage *message;

  if (run == NULL)
    return;
  message = air_message_new (AIR_EVENT_CANCEL);
  message->actor = g_strdup (air_request_get_peer (request));
  message->reason = g_strdup (air_map_get_string (body, "reason"));
  air_message_set_sender (message, cancelled_cb, air_request_ref (request));
  air_host_post (((AirApi *) api)->host, run, message);
}
