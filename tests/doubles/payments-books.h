/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "vendor-server.h"

G_BEGIN_DECLS

/* What the provider knows: payments taken, refunds given, and never more given back than taken. */

typedef struct _PaymentsBooks PaymentsBooks;

typedef enum {
  PAYMENTS_BOOKS_OK,
  PAYMENTS_BOOKS_NO_INTENT,
  PAYMENTS_BOOKS_REFUSED_METHOD, /* payments of this method cannot be refunded */
  PAYMENTS_BOOKS_ALL_REFUNDED,
  PAYMENTS_BOOKS_TOO_MUCH,
} PaymentsBooksResult;

PaymentsBooks      *payments_books_new           (const AirValue *orders);
void                payments_books_free          (PaymentsBooks  *self);
void                payments_books_refuse_method (PaymentsBooks  *self,
                                                  const char     *payment_method_id);
PaymentsBooksResult payments_books_refund        (PaymentsBooks  *self,
                                                  const AirValue *parameters,
                                                  const char     *idempotency_key,
                                                  gint64          now_s,
                                                  AirValue      **ret_refund);
gint64              payments_books_get_rest      (PaymentsBooks  *self,
                                                  const char     *payment_intent);
AirValue           *payments_books_list          (PaymentsBooks  *self,
                                                  const AirValue *parameters);
AirValue           *payments_books_show          (PaymentsBooks  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PaymentsBooks, payments_books_free)

G_END_DECLS
