/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/air-value.h"

G_BEGIN_DECLS

/* Trouble on demand, the same for the same seed and the same order of requests. Shares are in percent. */

typedef enum {
  PAYMENTS_FAULT_NONE,
  PAYMENTS_FAULT_DROP,   /* acts, then closes the connection without an answer */
  PAYMENTS_FAULT_REPEAT, /* the request arrives twice; the second answer is the one seen */
  PAYMENTS_FAULT_FAIL,   /* 500 or 429 with Retry-After, without acting */
  PAYMENTS_FAULT_DELAY,  /* acts, answers late */
} PaymentsFault;

typedef struct _PaymentsFaults PaymentsFaults;

PaymentsFaults *payments_faults_new         (guint64         seed);
void            payments_faults_free        (PaymentsFaults *self);
gboolean        payments_faults_set         (PaymentsFaults *self,
                                             const AirValue *settings,
                                             char          **ret_complaint);
AirValue       *payments_faults_show        (PaymentsFaults *self);
PaymentsFault   payments_faults_next        (PaymentsFaults *self);
guint           payments_faults_pick        (PaymentsFaults *self,
                                             guint           n);
guint           payments_faults_get_delay   (PaymentsFaults *self);
guint           payments_faults_get_retry_after (PaymentsFaults *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PaymentsFaults, payments_faults_free)

G_END_DECLS
