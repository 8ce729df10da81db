/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "payments-faults.h"
#include "vendor-server.h"

G_BEGIN_DECLS

/* The stand-in payment provider, in the manner of Stripe. */

typedef struct _Payments Payments;

Payments     *payments_new           (const AirValue      *orders,
                                      const char          *token,
                                      guint64              seed);
void          payments_free          (Payments            *self);
void          payments_refuse_method (Payments            *self,
                                      const char          *payment_method_id);
gboolean      payments_set_faults    (Payments            *self,
                                      const AirValue      *settings,
                                      char               **ret_complaint);

/* A VendorHandler; @self is the Payments. */
VendorAnswer *payments_handle        (const VendorRequest *request,
                                      gpointer             self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Payments, payments_free)

G_END_DECLS
