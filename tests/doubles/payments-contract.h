/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* Requests, and the provider's own answers, against its OpenAPI description. */

typedef struct _PaymentsContract PaymentsContract;

PaymentsContract *payments_contract_new          (void);
void              payments_contract_free         (PaymentsContract    *self);
AirValue         *payments_contract_read         (PaymentsContract    *self,
                                                  const VendorRequest *request,
                                                  VendorAnswer       **ret_refusal);
gboolean          payments_contract_check_answer (PaymentsContract    *self,
                                                  const VendorRequest *request,
                                                  guint                status,
                                                  const AirValue      *body,
                                                  char               **ret_complaint);

VendorAnswer     *payments_refusal               (guint                status,
                                                  const char          *type,
                                                  const char          *code,
                                                  const char          *param,
                                                  const char          *format,
                                                  ...) G_GNUC_PRINTF (5, 6);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PaymentsContract, payments_contract_free)

G_END_DECLS
