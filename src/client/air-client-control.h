/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "client/air-client.h"

G_BEGIN_DECLS

/* A person's hand on runs. Each answer is the runtime's, once it is durable. */

AirValue *air_client_control_run        (AirClient            *self,
                                         const char           *run,
                                         const char           *action,
                                         const char           *node,
                                         const char           *reason,
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

AirValue *air_client_control_runs       (AirClient            *self,
                                         const char           *action,
                                         AirValue             *filter,
                                         const char           *node,
                                         const char           *reason,
                                         GCancellable         *cancellable,
                                         GError              **error);

AirValue *air_client_list_unknown       (AirClient            *self,
                                         const char           *run,
                                         GCancellable         *cancellable,
                                         GError              **error);
AirValue *air_client_confirm_unknown    (AirClient            *self,
                                         const char           *run,
                                         AirValue             *unknown,
                                         gboolean              happened,
                                         const char           *reason,
                                         AirValue             *output,
                                         AirPrivateKey        *key,
                                         const char           *role,
                                         GCancellable         *cancellable,
                                         GError              **error);

AirValue *air_client_signal_run         (AirClient            *self,
                                         const char           *run,
                                         const char           *name,
                                         const char           *id,
                                         const char           *iteration,
                                         AirValue             *data,
                                         GCancellable         *cancellable,
                                         GError              **error);

G_END_DECLS
