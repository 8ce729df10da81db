/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "runtime/air-api.h"
#include "runtime/air-exporter.h"
#include "runtime/air-glass-box.h"

G_BEGIN_DECLS

struct _AirApi {
  AirHost               *host;
  const AirArtifactView *artifact;
  GPtrArray             *watchers; /* AirEventSink */
  AirNotary             *notary;   /* nullable */
  AirGlassBox           *glass;
  AirExporter           *exporter;
};

/* air-routes-runs.c */
void      air_route_trigger         (AirRequest *request, gpointer api);
void      air_route_list_runs       (AirRequest *request, gpointer api);
void      air_route_get_run         (AirRequest *request, gpointer api);
void      air_route_get_run_entries (AirRequest *request, gpointer api);
void      air_route_cancel_run      (AirRequest *request, gpointer api);

/* air-routes-control.c */
void      air_route_control_run     (AirRequest *request, gpointer api);
void      air_route_control_runs    (AirRequest *request, gpointer api);
void      air_route_list_unknown    (AirRequest *request, gpointer api);
void      air_route_confirm_unknown (AirRequest *request, gpointer api);
void      air_route_signal_run      (AirRequest *request, gpointer api);

/* air-routes-bundle.c */
void      air_route_get_run_bundle  (AirRequest *request, gpointer api);

/* air-routes-redact.c */
void      air_route_redact_run      (AirRequest *request, gpointer api);
void      air_route_redact_subject  (AirRequest *request, gpointer api);

/* air-routes-gates.c */
void      air_route_list_gates      (AirRequest *request, gpointer api);
void      air_route_get_gate        (AirRequest *request, gpointer api);
void      air_route_decide_gate     (AirRequest *request, gpointer api);

/* air-routes-glass.c */
void      air_route_list_glass      (AirRequest *request, gpointer api);
void      air_route_request_glass   (AirRequest *request, gpointer api);
void      air_route_confirm_glass   (AirRequest *request, gpointer api);
void      air_route_close_glass     (AirRequest *request, gpointer api);

/* air-routes-ledger.c */
void      air_route_get_checkpoint  (AirRequest *request, gpointer api);
void      air_route_get_tile        (AirRequest *request, gpointer api);
void      air_route_get_proof       (AirRequest *request, gpointer api);
void      air_route_get_ledger_key  (AirRequest *request, gpointer api);

/* air-routes-observe.c */
void      air_route_get_workflow    (AirRequest *request, gpointer api);
void      air_route_get_health      (AirRequest *request, gpointer api);
void      air_route_get_stats       (AirRequest *request, gpointer api);
void      air_route_get_usage       (AirRequest *request, gpointer api);
void      air_route_get_metrics     (AirRequest *request, gpointer api);
void      air_route_watch           (AirRequest *request, gpointer api);

void      air_api_not_readable      (AirRequest   *request,
                                     const GError *error);
AirProblem *air_api_no_such_run     (const char   *run);
/* The open run that the request is about, or NULL and it is answered. */
AirRun     *air_api_open_run        (AirApi       *self,
                                     AirRequest   *request);
void      air_map_set_time          (AirValue     *map,
                                     const char   *key,
                                     gint64        us);
void      air_map_set_nullable      (AirValue     *map,
                                     const char   *key,
                                     const char   *text);

G_END_DECLS
