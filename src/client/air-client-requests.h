/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-key.h"
#include "client/air-client.h"
#include "client/air-gate.h"
#include "client/air-receipt.h"

G_BEGIN_DECLS

void           air_client_get_gate_async      (AirClient            *self,
                                               const char           *run,
                                               const char           *node,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirGate       *air_client_get_gate_finish     (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
AirGate       *air_client_get_gate            (AirClient            *self,
                                               const char           *run,
                                               const char           *node,
                                               GCancellable         *cancellable,
                                               GError              **error);

void           air_client_decide_async        (AirClient            *self,
                                               AirGate              *gate,
                                               const char           *decision,
                                               const char           *reason,
                                               AirPrivateKey        *key,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirValue      *air_client_decide_finish       (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
AirValue      *air_client_decide              (AirClient            *self,
                                               AirGate              *gate,
                                               const char           *decision,
                                               const char           *reason,
                                               AirPrivateKey        *key,
                                               GCancellable         *cancellable,
                                               GError              **error);

AirValue      *air_client_decide_edit         (AirClient            *self,
                                               AirGate              *gate,
                                               const char           *decision,
                                               AirValue             *patch,
                                               const char           *reason,
                                               AirPrivateKey        *key,
                                               GCancellable         *cancellable,
                                               GError              **error);

void           air_client_get_receipt_async   (AirClient            *self,
                                               guint64               index,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirReceipt    *air_client_get_receipt_finish  (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
AirReceipt    *air_client_get_receipt         (AirClient            *self,
                                               guint64               index,
                                               GCancellable         *cancellable,
                                               GError              **error);

void           air_client_get_head_async      (AirClient            *self,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
AirLedgerHead *air_client_get_head_finish     (AirClient            *self,
                                               GAsyncResult         *result,
                                               GError              **error);
AirLedgerHead *air_client_get_head            (AirClient            *self,
                                               GCancellable         *cancellable,
                                               GError              **error);

G_END_DECLS
