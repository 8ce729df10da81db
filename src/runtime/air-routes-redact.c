/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

typedef struct {
  AirApi *api;
  AirRequest *request;
} Redacting;

static void
logged_cb (const GError *failure, gpointer user_data)
{
  g_autofree Redacting *redacting = user_data;
  g_autoptr (AirRequest) request = redacting->request;
  const char *run = air_request_get_param (request, "run");
  g_autoptr (AirValue) answer = NULL;
  g_auto (GStrv) copies = NULL;
  g_autoptr (GError) error = NULL;
  AirValue *list;
  guint64 index;

  if (!air_host_is_erased (redacting->api->host, run) || !air_host_get_redaction (redacting->api->host, run, &index))
    {
      air_request_respond_problem (request,
                                   air_problem_new (503, "not-writable", "make space on the state directory's volume",
                                                    "the ledger cannot be written now; run %s is erased as soon as "
                                                    "it can",
                                                    run));
      return;
    }
  copies = air_host_list_copies (redacting->api->host, run, &error);
  if (copies == NULL)
    {
      air_api_not_readable (request, error);
      return;
    }
  answer = air_map_new ();
  air_map_set_string (answer, "run", run);
  air_map_set_int (answer, "index", (gint64) index);
  list = air_list_new ();
  for (guint i = 0; copies[i] != NULL; i++)
    air_list_append (list, air_value_new_string (copies[i]));
  air_map_set (answer, "copies", list);
  air_request_respond_value (request, 200, answer);
}

void
air_route_redact_run (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirValue *body = air_request_get_json (request);
  const char *subject = air_map_get_string (body, "subject"), *basis = air_map_get_string (body, "legal_basis");
  Redacting *redacting;
  AirProblem *problem;

  redacting = g_new (Redacting, 1);
  *redacting = (Redacting) { self, air_request_ref (request) };
  problem = air_host_redact (self->host, air_request_get_param (request, "run"), subject, basis,
                             air_request_get_peer (request), logged_cb, redacting);
  if (problem == NULL)
    return;
  air_request_unref (redacting->request);
  g_free (redacting);
  air_request_respond_problem (request, problem);
}

static void
subject_erased_cb (const char *const *runs, AirProblem *take_problem, gpointer user_data)
{
  g_autoptr (AirRequest) request = user_data;
  g_autoptr (AirValue) answer = NULL;
  AirValue *list;

  if (take_problem != NULL)
    {
      air_request_respond_problem (request, take_problem);
      return;
    }
  list = air_list_new ();
  for (guint i = 0; runs[i] != NULL; i++)
    air_list_append (list, air_value_new_string (runs[i]));
  answer = air_map_new ();
  air_map_set (answer, "runs", list);
  air_request_respond_value (request, 200, answer);
}

void
air_route_redact_subject (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  AirValue *body = air_request_get_json (request);
  const char *subject = air_map_get_string (body, "subject"), *basis = air_map_get_string (body, "legal_basis");

  air_host_redact_subject (self->host, subject, basis, air_request_get_peer (request), subject_erased_cb,
                           air_request_ref (request));
}
