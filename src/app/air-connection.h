/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client-requests.h"
#include "client/air-gate-list.h"
#include "client/air-run-list.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

#define AIR_TYPE_CONNECTION_STATE (air_connection_state_get_type ())

typedef enum {
  AIR_CONNECTION_CLOSED,
  AIR_CONNECTION_OPENING,
  AIR_CONNECTION_OPEN,   /* may be unreachable for a while; see "reachable" */
  AIR_CONNECTION_FAILED, /* the first contact did not come about; see "error" */
} AirConnectionState;

GType air_connection_state_get_type (void);

#define AIR_TYPE_CONNECTION (air_connection_get_type ())
G_DECLARE_FINAL_TYPE (AirConnection, air_connection, AIR, CONNECTION, GObject)

/* What the decision's receipt tells: the decision's answer, and the proof of its entry, or why there is none. */
typedef struct {
  AirValue *answer;
  AirReceipt *receipt; /* nullable */
  char *error;         /* nullable */
} AirDecisionResult;

void                air_decision_result_free      (AirDecisionResult    *self);

AirConnection      *air_connection_new            (void);
void                air_connection_open           (AirConnection        *self,
                                                   const char           *profile_path);
void                air_connection_close          (AirConnection        *self);
void                air_connection_retry          (AirConnection        *self);

AirConnectionState  air_connection_get_state      (AirConnection        *self);
gboolean            air_connection_get_reachable  (AirConnection        *self);
const char         *air_connection_get_error      (AirConnection        *self); /* nullable */
const char         *air_connection_get_name       (AirConnection        *self); /* nullable */
const char         *air_connection_get_identity   (AirConnection        *self); /* nullable */
AirClient          *air_connection_get_client     (AirConnection        *self); /* nullable */
AirEventStream     *air_connection_get_stream     (AirConnection        *self); /* nullable */
AirRunList         *air_connection_get_runs       (AirConnection        *self); /* nullable */
AirGateList        *air_connection_get_gates      (AirConnection        *self); /* nullable */
AirWorkflow        *air_connection_get_workflow   (AirConnection        *self); /* nullable */
AirValue           *air_connection_get_plan       (AirConnection        *self); /* nullable */
gboolean            air_connection_can_sign       (AirConnection        *self);
/* "the key file ana.key", "a key of the token “Nitrokey”": where the decision key is kept. */
char               *air_connection_dup_key_words  (AirConnection        *self);

/* Reads the decision key, signs, sends, fetches and follows the proof. @patch goes with "edit" only. */
void                air_connection_decide_async   (AirConnection        *self,
                                                   AirGate              *gate,
                                                   const char           *decision,
                                                   AirValue             *patch, /* nullable */
                                                   const char           *reason,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
AirDecisionResult  *air_connection_decide_finish  (AirConnection        *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDecisionResult, air_decision_result_free)

G_END_DECLS
