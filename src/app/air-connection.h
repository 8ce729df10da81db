/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client/air-client-requests.h"
#include "client/air-gate-list.h"
#include "client/air-run-list.h"
#include "model/air-workflow.h"

G_BEGIN_DECLS

#define AIR_TYPE_CONNECTION_STATE (air_connection_state_get_type ())

/**
 * AirConnectionState:
 * @AIR_CONNECTION_CLOSED: there is none
 * @AIR_CONNECTION_OPENING: the first contact is under way
 * @AIR_CONNECTION_OPEN: may be unreachable for a while; see "reachable"
 * @AIR_CONNECTION_FAILED: the first contact did not come about; see "error"
 */
typedef enum {
  AIR_CONNECTION_CLOSED,
  AIR_CONNECTION_OPENING,
  AIR_CONNECTION_OPEN,
  AIR_CONNECTION_FAILED,
} AirConnectionState;

GType air_connection_state_get_type (void);

/**
 * AirConnection:
 *
 * What all pages look at: one runtime, its lists and its workflow. All properties notify; what it hands out is %NULL
 * while it is not open.
 */
#define AIR_TYPE_CONNECTION (air_connection_get_type ())
G_DECLARE_FINAL_TYPE (AirConnection, air_connection, AIR, CONNECTION, GObject)

/**
 * AirDecisionResult:
 * @answer: the decision's answer
 * @receipt: (nullable): the proof of its entry
 * @error: (nullable): why there is none
 *
 * What the decision's receipt tells. Freed with air_decision_result_free().
 */
typedef struct {
  AirValue *answer;
  AirReceipt *receipt;
  char *error;
} AirDecisionResult;

void                air_decision_result_free      (AirDecisionResult    *self);

AirConnection      *air_connection_new            (void);
void                air_connection_open           (AirConnection        *self,
                                                   const char           *profile_path);
void                air_connection_close          (AirConnection        *self);
void                air_connection_retry          (AirConnection        *self);

AirConnectionState  air_connection_get_state      (AirConnection        *self);
gboolean            air_connection_get_reachable  (AirConnection        *self);
const char         *air_connection_get_error      (AirConnection        *self);
const char         *air_connection_get_name       (AirConnection        *self);
const char         *air_connection_get_identity   (AirConnection        *self);
AirClient          *air_connection_get_client     (AirConnection        *self);
AirEventStream     *air_connection_get_stream     (AirConnection        *self);
AirRunList         *air_connection_get_runs       (AirConnection        *self);
AirGateList        *air_connection_get_gates      (AirConnection        *self);
AirWorkflow        *air_connection_get_workflow   (AirConnection        *self);
AirValue           *air_connection_get_plan       (AirConnection        *self);
gboolean            air_connection_can_sign       (AirConnection        *self);
char               *air_connection_dup_key_words  (AirConnection        *self);

void                air_connection_decide_async   (AirConnection        *self,
                                                   AirGate              *gate,
                                                   const char           *decision,
                                                   AirValue             *patch,
                                                   const char           *reason,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
AirDecisionResult  *air_connection_decide_finish  (AirConnection        *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirDecisionResult, air_decision_result_free)

G_END_DECLS
