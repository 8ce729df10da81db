/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "client/air-client.h"

G_BEGIN_DECLS

/* A person's hand on runs. Each answer is the runtime's, once it is durable. */

/* @action: "pause", "resume", "cancel", "retry" or "skip"; {id, state, waiting_on} */
AirValue *air_client_control_run        (AirClient            *self,
                                         const char           *run,
                                         const char           *action,
                                         const char           *node,   /* nullable: the step */
                                         const char           *reason, /* nullable */
                                         GCancellable         *cancellable,
                                         GError              **error);
void      air_client_control_run_async  (AirClient            *self,
                                         const char           *run,
                                         const char           *action,
                                         const char           *node,
                                         const char           *reason,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
AirValue *air_client_control_run_finish (AirClient            *self,
                                         GAsyncResult         *result,
                                         GError              **error);

/* @filter: as the API takes it; {selection, matched, applied, refused, refusals} */
AirValue *air_client_control_runs       (AirClient            *self,
                                         const char           *action,
                                         AirValue             *filter,
                                         const char           *node,
                                         const char           *reason,
                                         GCancellable         *cancellable,
                                         GError              **error);

/* The actions of a run whose outcome nobody knows: a list of {step, subject, leaf_hash, …}. */
AirValue *air_client_list_unknown       (AirClient            *self,
                                         const char           *run,
                                         GCancellable         *cancellable,
                                         GError              **error);
/* Signs over one of them whether it happened, and sends it. @unknown: an item of that list */
AirValue *air_client_confirm_unknown    (AirClient            *self,
                                         const char           *run,
                                         AirValue             *unknown,
                                         gboolean              happened,
                                         const char           *reason,
                                         AirValue             *output, /* nullable */
                                         AirPrivateKey        *key,
                                         const char           *role,
                                         GCancellable         *cancellable,
                                         GError              **error);

AirValue *air_client_signal_run         (AirClient            *self,
                                         const char           *run,
                                         const char           *name,
                                         const char           *id,   /* nullable */
                                         AirValue             *data, /* nullable */
                                         GCancellable         *cancellable,
                                         GError              **error);

G_END_DECLS
