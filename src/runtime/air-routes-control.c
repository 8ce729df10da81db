/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People's hands on runs, and signals to them. */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"
#include "runtime/air-host-control.h"
#include "runtime/air-host-unknown.h"

#include <string.h>

#include "base/air-clock.h"
#include "base/air-json.h"

#define MAX_NAMED_RUNS 10000

static gboolean
read_action (AirRequest *request, AirValue *body, AirControl *ret_control)
{
  const char *action = air_map_get_string (body, "action");

  if (!air_control_from_string (action, ret_control))
    {
      air_request_respond_problem (
          request, air_problem_new (422, "bad-control",
                                    "send {\"action\": \"pause|resume|cancel|retry|skip\", \"node\"?, \"reason\"?}",
                                    "\"%s\" is nothing that can be done to a run", action));
      return FALSE;
    }
  if (*ret_control == AIR_CONTROL_CONFIRM)
    {
      air_request_respond_problem (
          request, air_problem_new (422, "bad-control", "sign it: POST /v1/runs/{run}/unknown/{step}/confirm",
                                    "what became of an unknown outcome is said with a signature"));
      return FALSE;
    }
  return TRUE;
}

static void
controlled_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
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
  air_map_set_nullable (answer, "waiting_on", run->row != NULL ? run->row->waiting : NULL);
  air_request_respond_value (request, 200, answer);
}

typedef struct {
  AirHost *host;
  AirRequest *request;
} Retrying;

static void
retried_cb (const char *run, gboolean duplicate, AirProblem *take_problem, gpointer user_data)
{
  g_autofree Retrying *retrying = user_data;
  g_autoptr (AirRequest) request = retrying->request;
  g_autoptr (AirRunView) view = run != NULL ? air_host_view (retrying->host, run, FALSE, NULL) : NULL;
  g_autoptr (AirValue) answer = NULL;

  if (take_problem != NULL)
    {
      air_request_respond_problem (request, take_problem);
      return;
    }
  answer = air_map_new ();
  air_map_set_string (answer, "id", run);
  air_map_set_string (answer, "state", view != NULL ? view->row->state : "running");
  air_map_set_nullable (answer, "waiting_on", view != NULL ? view->row->waiting : NULL);
  air_map_set_string (answer, "retry_of", air_request_get_param (request, "run"));
  air_map_set_bool (answer, "duplicate", duplicate);
  air_request_respond_value (request, 200, answer);
}

/* A run that has ended is done again by another. */
static gboolean
retry_ended (AirApi *self, AirRequest *request, AirValue *body)
{
  const char *id = air_request_get_param (request, "run");
  g_autoptr (AirRunView) view = air_host_view (self->host, id, FALSE, NULL);
  Retrying *retrying;

  if (view == NULL || view->row->open)
    return FALSE;
  if (air_map_get (body, "node") != NULL)
    air_request_respond_problem (
        request, air_problem_new (422, "bad-control", "leave \"node\" out",
                                  "run %s has ended: it is retried from its beginning, what it did was reversed", id));
  else
    {
      retrying = g_new (Retrying, 1);
      *retrying = (Retrying) { self->host, air_request_ref (request) };
      air_host_retry (self->host, id, air_request_get_peer (request), air_map_get_string (body, "reason"), NULL,
                      retried_cb, retrying);
    }
  return TRUE;
}

/* A request that is sent again, since its answer was lost, is the same order: after a restart too, which the answers that
 * are kept in memory do not outlive. NULL: it does not say. */
static char *
dup_order_id (AirRequest *request)
{
  const char *key = air_request_get_header (request, "Idempotency-Key");

  return key != NULL ? g_strconcat (air_request_get_peer (request), " ", key, NULL) : NULL;
}

void
air_route_control_run (AirRequest *request, gpointer api)
{
  AirValue *body = air_request_get_json (request), *output;
  AirMessage *message;
  AirControl control;
  AirRun *run;

  if (!read_action (request, body, &control) || (control == AIR_CONTROL_RETRY && retry_ended (api, request, body))
      || (run = air_api_open_run (api, request)) == NULL)
    return;
  message = air_message_new (AIR_EVENT_CONTROL);
  message->control = control;
  message->actor = g_strdup (air_request_get_peer (request));
  message->node = g_strdup (air_map_get_string (body, "node"));
  message->reason = g_strdup (air_map_get_string (body, "reason"));
  message->id = dup_order_id (request);
  output = air_map_get_map (body, "output");
  message->data = output != NULL ? air_value_ref (output) : NULL;
  air_message_set_sender (message, controlled_cb, air_request_ref (request));
  air_host_post (((AirApi *) api)->host, run, message);
}

/* --- many --- */

static gboolean
refuse_filter (AirRequest *request, const char *mend, const char *words)
{
  air_request_respond_problem (request, air_problem_new (422, "bad-filter", mend, "%s", words));
  return FALSE;
}

static gboolean
bad_filter (AirRequest *request, const char *words)
{
  return refuse_filter (request,
                        "send \"filter\": {\"all\": true} for every open run, or some of \"runs\", \"state\", "
                        "\"started_from\", \"started_to\"",
                        words);
}

static gboolean
bad_state (AirRequest *request, const char *state)
{
  g_autoptr (GString) mend = g_string_new ("it is one of ");
  g_autofree char *words = g_strdup_printf ("a run is never in the state \"%s\"", state != NULL ? state : "");

  for (guint i = 0; i <= AIR_INSTANCE_PAUSED; i++)
    g_string_append_printf (mend, "%s%s", i > 0 ? ", " : "", air_instance_state_to_string (i));
  return refuse_filter (request, mend->str, words);
}

static gboolean
read_time (AirValue *filter, const char *key, gint64 *ret_us)
{
  const char *text = air_map_get_string (filter, key);

  return text == NULL ? air_map_get (filter, key) == NULL : air_time_parse (text, ret_us);
}

static gboolean
read_filter (AirRequest *request, AirValue *filter, AirSelection *selection)
{
  static const char *const known[] = { "all", "runs", "state", "started_from", "started_to", NULL };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  AirValue *runs = air_map_get_list (filter, "runs");
  const char *state = air_map_get_string (filter, "state");
  AirInstanceState known_state;
  const AirValue *all = air_map_get (filter, "all");

  /* Nothing but the word itself means every run: {"all": false} must not. */
  if (all != NULL && (air_value_get_kind (all) != AIR_VALUE_BOOL || !air_value_get_bool (all)))
    return bad_filter (request, "\"all\" is true, or left out");
  if (air_map_get_size (filter) == 0)
    return bad_filter (request, "nothing says which runs are meant");
  if (air_map_find_unknown (filter, known) != NULL)
    return bad_filter (request, "the filter has a member nobody knows; nothing was done");
  if (!read_time (filter, "started_from", &selection->started_from_us)
      || !read_time (filter, "started_to", &selection->started_to_us))
    return refuse_filter (request, "write it as 2026-11-29T08:30:00Z",
                          "started_from or started_to is no time of RFC 3339");
  /* 0 is "no bound" further on; nothing started before it. */
  if (air_map_get (filter, "started_to") != NULL)
    selection->started_to_us = MAX (selection->started_to_us, 1);
  if (air_map_get (filter, "state") != NULL && !air_instance_state_from_string (state, &known_state))
    return bad_state (request, state);
  selection->state = g_strdup (state);
  if (runs == NULL)
    return air_map_get (filter, "runs") == NULL || bad_filter (request, "\"runs\" is no list");
  if (air_list_get_size (runs) > MAX_NAMED_RUNS)
    return bad_filter (request, "more than 10000 runs are named");
  selection->runs = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < air_list_get_size (runs); i++)
    {
      const char *id = air_list_get_string (runs, i);

      if (id == NULL)
        return bad_filter (request, "\"runs\" holds something that is no id");
      if (g_hash_table_add (seen, (gpointer) id))
        g_ptr_array_add (selection->runs, g_strdup (id));
    }
  return TRUE;
}

static void
selected_cb (const AirSelection *selection, const GError *error, gpointer user_data)
{
  g_autoptr (AirRequest) request = user_data;
  g_autoptr (AirValue) answer = NULL;

  if (error != NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  answer = air_map_new ();
  air_map_set_string (answer, "selection", selection->id);
  air_map_set_int (answer, "matched", selection->n_matched);
  air_map_set_int (answer, "applied", selection->n_applied);
  air_map_set_int (answer, "refused", selection->n_refused);
  air_map_set (answer, "refusals", air_value_ref (selection->refusals));
  air_request_respond_value (request, 200, answer);
}

void
air_route_control_runs (AirRequest *request, gpointer api)
{
  g_auto (AirSelection) selection = { 0 };
  AirValue *body = air_request_get_json (request);

  if (!read_action (request, body, &selection.control)
      || !read_filter (request, air_map_get_map (body, "filter"), &selection))
    return;
  selection.key = dup_order_id (request);
  selection.actor = g_strdup (air_request_get_peer (request));
  selection.reason = g_strdup (air_map_get_string (body, "reason"));
  selection.node = g_strdup (air_map_get_string (body, "node"));
  air_host_control_runs (((AirApi *) api)->host, &selection, selected_cb, air_request_ref (request));
}

/* --- outcomes nobody knows --- */

static AirValue *
unknown_item (AirApi *self, const char *run, const AirUnknown *unknown)
{
  AirPlan *plan = air_host_get_plan (self->host);
  AirValue *item = air_map_new ();
  g_autofree char *name = g_strconcat (run, "/", unknown->step, NULL);
  guint index;

  air_map_set_string (item, "step", unknown->step);
  air_map_set_string (item, "subject", name);
  if (air_plan_find_node (plan, unknown->step, &index))
    air_map_set_string (item, "title", air_plan_get_node_title (plan, index));
  air_map_set_string (item, "artifact", air_plan_get_artifact (plan));
  air_map_set_string (item, "operation", unknown->operation);
  air_map_set_int (item, "attempts", unknown->attempts);
  air_map_set_time (item, "sent", unknown->time_us);
  air_map_set_int (item, "index", unknown->index);
  air_map_set_string (item, "leaf_hash", unknown->leaf_hash);
  air_map_set_string (item, "action_digest", unknown->action_digest);
  air_map_set (item, "input", unknown->input != NULL ? air_value_ref (unknown->input) : air_value_new_null ());
  return item;
}

void
air_route_list_unknown (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *id = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRunView) view = air_host_view (self->host, id, TRUE, &error);
  g_autoptr (AirValue) items = air_list_new ();
  g_auto (GStrv) steps = NULL;

  if (view == NULL)
    {
      if (error != NULL)
        air_api_not_readable (request, error);
      else
        air_request_respond_problem (request, air_api_no_such_run (id));
      return;
    }
  steps = air_instance_dup_unknown (view->instance);
  for (guint i = 0; steps[i] != NULL; i++)
    {
      g_autoptr (AirUnknown) unknown = air_host_read_unknown (self->host, id, steps[i], &error);

      if (unknown == NULL)
        {
          if (error == NULL)
            continue;
          air_api_not_readable (request, error);
          return;
        }
      air_list_append (items, unknown_item (self, id, unknown));
    }
  air_request_respond_page (request, g_steal_pointer (&items), NULL);
}

void
air_route_confirm_unknown (AirRequest *request, gpointer api)
{
  AirValue *body = air_request_get_json (request);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = air_jcs_write (air_map_get_map (body, "envelope"), NULL, &error);
  AirMessage *message;
  AirValue *output;
  AirRun *run;

  if (text == NULL)
    {
      air_request_respond_problem (request, air_problem_new_error (422, "bad-word", error));
      return;
    }
  run = air_api_open_run (api, request);
  if (run == NULL)
    return;
  message = air_message_new (AIR_EVENT_CONTROL);
  message->control = AIR_CONTROL_CONFIRM;
  message->actor = g_strdup (air_request_get_peer (request));
  message->node = g_strdup (air_request_get_param (request, "step"));
  message->envelope = g_steal_pointer (&text);
  output = air_map_get_map (body, "output");
  message->data = output != NULL ? air_value_ref (output) : NULL;
  air_message_set_sender (message, controlled_cb, air_request_ref (request));
  air_host_post (((AirApi *) api)->host, run, message);
}

/* --- signals --- */

void
air_route_signal_run (AirRequest *request, gpointer api)
{
  AirValue *body = air_request_get_json (request), *data;
  AirMessage *message;
  AirRun *run;

  run = air_api_open_run (api, request);
  if (run == NULL)
    return;
  message = air_message_new (AIR_EVENT_SIGNAL);
  message->signal = g_strdup (air_request_get_param (request, "name"));
  message->id = g_strdup (air_map_get_string (body, "id"));
  message->iteration = g_strdup (air_map_get_string (body, "iteration"));
  data = air_map_get (body, "data");
  message->data = data != NULL ? air_value_ref (data) : NULL;
  message->actor = g_strdup (air_request_get_peer (request));
  air_message_set_sender (message, controlled_cb, air_request_ref (request));
  air_host_post (((AirApi *) api)->host, run, message);
}
