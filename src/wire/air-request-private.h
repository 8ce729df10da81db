/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "wire/air-idempotency.h"
#include "wire/air-request.h"
#include "wire/air-router.h"

G_BEGIN_DECLS

struct _AirRequest {
  gatomicrefcount    ref_count;
  SoupServerMessage *message;
  const AirRoute    *route;
  char              *peer;
  GHashTable        *params;
  GHashTable        *query;    /* nullable */
  AirValue          *json;     /* nullable */
  GBytes            *body;     /* nullable */
  AirProblem        *refused;  /* what the headers alone were refused for */
  AirIdempotency    *answers;  /* nullable: where the answer is kept for a repeated request */
  char              *answer_key;
  guint             *open;     /* the server's count of unanswered requests; NULL once answered */
  gboolean           answered;
  gboolean           gone;     /* the client is */
};

AirRequest     *air_request_new      (SoupServerMessage *message,
                                      const char        *peer);
AirEventSink *air_event_sink_new (SoupServerMessage *message, const char *peer);

G_END_DECLS
