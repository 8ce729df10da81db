/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

#include <string.h>

#include "runtime/air-gate-summary.h"
#include "runtime/air-gatekeeper.h"

#define MAX_PAGE 200

static AirValue *
gate_item (AirApi *self, const AirIndexRow *row, AirInstance *instance, const char *gate)
{
  g_auto (AirGateFacts) facts = { 0 };
  AirPlan *plan = air_host_get_plan (self->host);
  AirValue *item;
  guint index;

  if (!air_instance_get_gate (instance, gate, &facts) || !air_plan_find_node (plan, gate, &index))
    return NULL;
  item = air_map_new ();
  air_map_set_string (item, "gate", facts.gate);
  air_map_set_string (item, "run", row->id);
  air_map_set_string (item, "node", gate);
  air_map_set_string (item, "title", air_plan_get_node_title (plan, index));
  air_map_set_string (item, "state", facts.outcome);
  air_map_set_int (item, "counted", facts.counted);
  air_map_set_int (item, "quorum", facts.quorum);
  air_map_set_nullable (item, "role", facts.role);
  air_map_set_time (item, "requested", facts.requested_us);
  if (facts.deadline_us > 0)
    air_map_set_time (item, "deadline", facts.deadline_us);
  air_gate_summarize (plan, facts.action, item);
  return item;
}

/* Every gate of one run that waits. */
static gboolean
append_gates (AirApi *self, const AirIndexRow *row, AirValue *items, GError **error)
{
  g_autoptr (AirRunView) view = air_host_view (self->host, row->id, TRUE, error);
  g_auto (GStrv) gates = view != NULL ? air_instance_dup_waiting_gates (view->instance) : NULL;

  for (guint i = 0; gates != NULL && gates[i] != NULL; i++)
    {
      AirValue *item = gate_item (self, row, view->instance, gates[i]);

      if (item != NULL)
        air_list_append (items, item);
    }
  return view != NULL || *error == NULL;
}

void
air_route_list_gates (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *state = air_request_get_query (request, "state");
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (AirValue) items = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  AirProblem *problem = NULL;
  guint limit;

  if (state != NULL && strcmp (state, "waiting") != 0)
    problem = air_problem_new (400, "bad-state", "ask for state=waiting, or for one gate by its name",
                               "gates are listed while they wait, not as \"%s\"", state);
  if (problem != NULL || !air_request_get_page (request, MAX_PAGE, &limit, &after, &problem))
    {
      air_request_respond_problem (request, problem);
      return;
    }
  rows = air_store_list_rows (air_host_get_store (self->host), "waiting-gate", after, limit + 1, &error);
  if (rows == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  items = air_list_new ();
  for (guint i = 0; i < MIN (rows->len, limit); i++)
    if (!append_gates (self, rows->pdata[i], items, &error))
      {
        air_api_not_readable (request, error);
        return;
      }
  air_request_respond_page (request, g_steal_pointer (&items),
                            rows->len > limit ? ((AirIndexRow *) rows->pdata[limit - 1])->id : NULL);
}

static AirValue *
decisions_of (const AirGateDossier *dossier, gint64 *ret_counted, const char **ret_outcome)
{
  AirValue *list = air_list_new ();

  *ret_counted = 0;
  *ret_outcome = "waiting";
  for (guint i = 0; i < dossier->decisions->len; i++)
    {
      const AirGateDecided *decided = dossier->decisions->pdata[i];
      AirValue *item = air_map_new ();

      air_map_set_nullable (item, "decision", decided->decision);
      air_map_set_nullable (item, "actor", decided->actor);
      air_map_set_nullable (item, "key", decided->key);
      air_map_set_nullable (item, "role", decided->role);
      air_map_set_nullable (item, "reason", decided->reason);
      air_map_set_int (item, "index", decided->index);
      air_map_set_time (item, "time", decided->time_us);
      air_list_append (list, item);
      *ret_counted += g_strcmp0 (decided->decision, "approve") == 0 || g_strcmp0 (decided->decision, "edit") == 0;
      *ret_outcome = decided->outcome;
    }
  return list;
}

static void
add_from (AirValue *answer, AirValue *map, const char *key)
{
  AirValue *value = air_map_get (map, key);

  air_map_set (answer, key, value != NULL ? air_value_ref (value) : air_value_new_null ());
}

static AirValue *
gate_document (AirApi *self, const AirGateDossier *dossier, const char *peer)
{
  static const char *const members[] = { "gate", "node",    "artifact", "policy",    "quorum",
                                         "role", "exclude", "deadline", "on_expiry", "action_digest" };
  /* Only some gates have these. */
  static const char *const more[] = { "iteration", "people", "escalation", "reminders", "edit", "edited_by" };
  AirValue *answer = air_map_new (), *requested = air_map_new (), *texts = air_list_new (), *may = air_map_new ();
  g_autofree char *reason = NULL, *role = NULL;
  const char *outcome;
  gint64 counted;
  gsize length;
  const char *leaf = g_bytes_get_data (dossier->leaf, &length);
  gboolean allowed;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    add_from (answer, dossier->members, members[i]);
  air_map_set (requested, "leaf", air_value_new_string_len (leaf, length));
  air_map_set_string (requested, "leaf_hash", dossier->leaf_hash);
  air_map_set_int (requested, "index", dossier->index);
  air_map_set (answer, "requested", requested);
  for (guint i = 0; i < G_N_ELEMENTS (more); i++)
    if (air_map_get (dossier->members, more[i]) != NULL)
      add_from (answer, dossier->members, more[i]);
  for (guint i = 0; dossier->disclosures != NULL && i < dossier->disclosures->len; i++)
    air_list_append (texts, air_value_new_string (dossier->disclosures->pdata[i]));
  air_map_set (answer, "disclosures", texts);
  add_from (answer, dossier->disclosed, "action");
  add_from (answer, dossier->disclosed, "why");
  air_map_set (answer, "decisions", decisions_of (dossier, &counted, &outcome));
  air_map_set_int (answer, "counted", counted);
  air_map_set_string (answer, "state", outcome);

  if (strcmp (outcome, "waiting") == 0)
    allowed = air_host_may_decide (self->host, dossier, peer, &role, &reason);
  else
    {
      allowed = FALSE;
      reason = g_strdup_printf ("the gate is %s", outcome);
    }
  air_map_set_bool (may, "allowed", allowed);
  air_map_set_nullable (may, "reason", reason);
  if (allowed && role != NULL)
    air_map_set_string (may, "role", role);
  air_map_set (answer, "may_decide", may);
  return answer;
}

static void
respond_no_gate (AirRequest *request, const GError *error)
{
  if (error != NULL)
    air_api_not_readable (request, error);
  else
    air_request_respond_problem (request, air_problem_new (404, "no-such-gate", "see GET /v1/gates?state=waiting",
                                                           "\"%s\" of run \"%s\" asked for no decision",
                                                           air_request_get_param (request, "node"),
                                                           air_request_get_param (request, "run")));
}

void
air_route_get_gate (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirGateDossier) dossier = air_host_read_dossier (self->host, air_request_get_param (request, "run"),
                                                              air_request_get_param (request, "node"), &error);
  g_autoptr (AirValue) answer = NULL;

  if (dossier == NULL)
    {
      respond_no_gate (request, error);
      return;
    }
  answer = gate_document (self, dossier, air_request_get_peer (request));
  air_request_respond_value (request, 200, answer);
}

/* --- deciding --- */

typedef struct {
  AirApi *api;
  AirRequest *request;
} Deciding;

static void
decided_cb (AirRun *run, AirCommit *commit, AirProblem *take_problem, gpointer user_data)
{
  g_autofree Deciding *deciding = user_data;
  g_autoptr (AirRequest) request = deciding->request;
  g_autoptr (AirGateDossier) dossier = NULL;
  g_autoptr (AirValue) answer = NULL, list = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = NULL;
  const char *outcome;
  gint64 counted;
  AirDigest hash;
  gsize length;
  const char *body;

  if (take_problem != NULL)
    {
      air_request_respond_problem (request, take_problem);
      return;
    }
  dossier =
      air_host_read_dossier (deciding->api->host, run->chain->id, air_request_get_param (request, "node"), &error);
  if (dossier == NULL)
    {
      respond_no_gate (request, error);
      return;
    }
  answer = air_map_new ();
  list = decisions_of (dossier, &counted, &outcome);
  air_map_set_string (answer, "outcome", outcome);
  air_map_set_int (answer, "counted", counted);
  air_map_set_int (answer, "quorum", air_map_get_int (dossier->members, "quorum", 1));
  /* Sent twice, it is the same decision with the same place in the ledger. */
  body = g_bytes_get_data (air_request_get_body (request), &length);
  hash = air_sha256 (body, length);
  digest = air_digest_to_hex (&hash);
  for (guint i = 0; i < dossier->decisions->len; i++)
    {
      const AirGateDecided *decided = dossier->decisions->pdata[i];

      if (g_strcmp0 (decided->envelope, digest) == 0)
        air_map_set_int (answer, "index", decided->index);
    }
  air_request_respond_value (request, 200, answer);
}

void
air_route_decide_gate (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *id = air_request_get_param (request, "run"), *node = air_request_get_param (request, "node");
  g_autoptr (GError) error = NULL;
  AirRun *run = air_host_open_run (self->host, id, &error);
  AirMessage *message;
  Deciding *deciding;
  const char *body;
  gsize length;

  if (air_glass_box_get_roles (self->glass, air_request_get_peer (request)) != 0)
    {
      AirProblem *problem = air_problem_new (403, "decision-refused", "end the emergency rights, or ask someone else",
                                             "who holds emergency rights decides on nothing meanwhile");

      air_problem_set_rule (problem, "gate.break-glass");
      air_host_log_refusal (self->host, air_request_get_peer (request), "gate", problem->rule, problem->detail, NULL,
                            NULL);
      air_request_respond_problem (request, problem);
      return;
    }
  if (run == NULL)
    {
      g_autoptr (AirGateDossier) dossier = error == NULL ? air_host_read_dossier (self->host, id, node, &error) : NULL;
      g_autofree char *gate = NULL;

      if (dossier == NULL)
        {
          respond_no_gate (request, error);
          return;
        }
      gate = g_strdup_printf ("gate %s/%s", id, node);
      air_host_log_refusal (self->host, air_request_get_peer (request), gate, "gate.closed",
                            "the run has come to its end", NULL, NULL);
      {
        AirProblem *problem = air_problem_new (409, "decision-refused", NULL,
                                               "run %s has come to its end, nothing is left to decide", id);

        air_problem_set_rule (problem, "gate.closed");
        air_request_respond_problem (request, problem);
      }
      return;
    }
  body = g_bytes_get_data (air_request_get_body (request), &length);
  deciding = g_new0 (Deciding, 1);
  deciding->api = self;
  deciding->request = air_request_ref (request);
  message = air_message_new (AIR_EVENT_DECISION);
  message->node = g_strdup (node);
  message->actor = g_strdup (air_request_get_peer (request));
  message->envelope = g_strndup (body, length);
  air_message_set_sender (message, decided_cb, deciding);
  air_host_post (self->host, run, message);
}
