/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-runtime"

#include "config.h"

#include "runtime/air-api-private.h"

typedef struct {
  AirApi *api;
  AirRequest *request;
  guint64 covers; /* entries a head must have to hold all of the run */
} Bundling;

static void
exported_cb (GBytes *zip, const GError *error, gpointer user_data)
{
  AirRequest *request = user_data;
  g_autofree char *name = NULL;

  if (zip == NULL)
    {
      if (g_error_matches (error, AIR_LEDGER_ERROR, AIR_LEDGER_ERROR_TOO_LARGE))
        air_request_respond_problem (request, air_problem_new_error (422, "too-large", error));
      else
        air_api_not_readable (request, error);
      return;
    }
  name = g_strdup_printf ("attachment; filename=\"%s.zip\"", air_request_get_param (request, "run"));
  air_request_set_header (request, "Content-Disposition", name);
  air_request_respond_bytes (request, 200, "application/zip", zip);
}

static void
notarized_cb (const char *note, GBytes *stamp, GPtrArray *witnesses, gpointer user_data)
{
  g_autofree Bundling *bundling = user_data;
  AirRequest *request = bundling->request;

  air_exporter_add (bundling->api->exporter, air_request_get_param (request, "run"), air_request_get_peer (request),
                    note, stamp, witnesses, exported_cb, request, (GDestroyNotify) air_request_unref);
}

static void
checkpoint_ready_cb (const char *note, const GError *failure, gpointer user_data)
{
  Bundling *bundling = user_data;
  AirNotary *notary = bundling->api->notary;
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();

  if (note == NULL)
    {
      air_api_not_readable (bundling->request, failure);
      air_request_unref (bundling->request);
      g_free (bundling);
    }
  else if (notary != NULL)
    air_notary_want (notary, note, bundling->covers, notarized_cb, bundling);
  else
    notarized_cb (note, NULL, nobody, bundling);
}

void
air_route_get_run_bundle (AirRequest *request, gpointer api)
{
  AirApi *self = api;
  const char *run = air_request_get_param (request, "run");
  g_autoptr (GError) error = NULL;
  g_autoptr (AirRunView) view = air_host_view (self->host, run, FALSE, &error);
  Bundling *bundling;
  guint64 redaction;

  if (view == NULL)
    {
      if (error != NULL)
        air_api_not_readable (request, error);
      else
        air_request_respond_problem (request, air_api_no_such_run (run));
      return;
    }
  bundling = g_new0 (Bundling, 1);
  bundling->api = self;
  bundling->request = air_request_ref (request);
  bundling->covers = (guint64) view->row->head + 1;
  if (air_host_get_redaction (self->host, run, &redaction))
    bundling->covers = MAX (bundling->covers, redaction + 1);
  air_host_checkpoint (self->host, checkpoint_ready_cb, bundling);
}
